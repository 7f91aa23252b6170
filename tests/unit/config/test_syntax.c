// SPDX-License-Identifier: BSD-3-Clause
#include "rows.h"

static const struct row yaml_rows[] = {
	{"empty file", "", "1:1: ports: is missing"},
	{"only a comment", "# nothing\n", "1:1: ports: is missing"},
	{"a list at the top", "- a\n", "1:1: yaml: holds no keys"},
	{"a word at the top", "hello\n", "1:1: yaml: holds no keys"},
	{"flow list not closed", "ports: [\n",
		"2:1: yaml: no valid YAML: while parsing a flow node, did not find expected node "
		"content"},
	{"tab as indentation", "ports:\n	- a\n",
		"2:1: yaml: no valid YAML: while scanning for the next token, found character that "
		"cannot start any token"},
	{"control character", "name: ab\n",
		"1:8: yaml: no valid YAML: control characters are not allowed"},
	{"bad indentation", "ports:\n  - name: a\n - name: b\n",
		"3:2: yaml: no valid YAML: while parsing a block mapping, did not find expected "
		"key"},
	{"colon ends an address in a list", PORTS "nat64: { prefixes: [2001:db8::] }\n",
		"4:30: yaml: no valid YAML: while scanning a plain scalar, found unexpected ':'; "
		"inside [] and {} put an address that begins or ends with : in quotes"},
	{"second document", PORTS "---\nname: b\n",
		"4:1: yaml: a second document, only one is allowed"},
	{"alias", PORTS "nat64: &a { max_bib: 100 }\ndns64: *a\n",
		"4:8: yaml: anchors (&name) are not supported"},
	{"alias alone", PORTS "dns64: *a\n",
		"4:8: yaml: aliases (*name) are not supported, write the value again"},
	{"anchor on a list", PORTS "routes: &a []\n",
		"4:9: yaml: anchors (&name) are not supported"},
	{"anchor on a value", "name: &a b\n", "1:7: yaml: anchors (&name) are not supported"},
	{"tag", PORTS "nat64: { max_bib: !!int 100 }\n",
		"4:19: yaml: tags (!name) are not supported"},
	{"list as a key", "? [a, b]\n: c\n", "1:3: yaml: a key is not a list or a mapping"},
	{"merge key", PORTS "nat64: { <<: 5 }\n", "4:10: nat64.<<: unknown key"},
	{"nested too deeply", "ports: [[[[[[[[[[]]]]]]]]]]\n", "1:15: yaml: nested too deeply"},
	{"line break in a value", "name: \"a\\nb\"\n",
		"1:7: yaml: a value is one line without control characters"},
	{"NUL written as an escape", "name: \"a\\0b\"\n",
		"1:7: yaml: a value is one line without control characters"},
	{"unfinished quote", "name: \"abc\n",
		"2:1: yaml: no valid YAML: while scanning a quoted scalar, found unexpected end of "
		"stream"},
};

static void
yaml_is_refused_where_it_is_wrong(void **state)
{
	check_rows(yaml_rows, N(yaml_rows));
}

static const struct row kind_rows[] = {
	{"unknown key", PORTS "natt64: {}\n",
		"4:1: natt64: unknown key, did you mean nat64? allowed: name, drivers, ports, "
		"routes, "
		"nat64, dns64, lcores, memory, state_file, cli"},
	{"unknown key far from any", PORTS "firewall: {}\n", "4:1: firewall: unknown key"},
	{"unknown key inside", PORTS "nat64:\n  timeouts: {udb: 300}\n",
		"5:14: nat64.timeouts.udb: unknown key, did you mean udp? allowed: udp, icmp, "
		"tcp_transitory, tcp_established, tcp_syn"},
	{"unknown key of a port", LAN_WITH(", adresses: []"),
		"2:43: ports[0].adresses: unknown key, did you mean addresses? allowed: name, "
		"device, role, vlan, mtu, offloads, addresses, gateway4, gateway6"},
	{"ports left empty, later", "name: a\nports:\n", "2:1: ports: is missing"},
	{"empty key", PORTS "\"\": 1\n", "4:1: \"\": unknown key"},
	{"key twice", PORTS "name: a\nname: b\n", "5:1: name: is there twice"},
	{"key twice inside", PORTS "nat64:\n  max_bib: 100\n  max_bib: 200\n",
		"6:3: nat64.max_bib: is there twice"},
	{"ports missing", "name: a\n", "1:1: ports: is missing"},
	{"ports without entries", "ports: []\n", "1:8: ports: is empty"},
	{"ports left empty", "ports:\nname: a\n", "1:1: ports: is missing"},
	{"ports as a mapping", "ports: {name: lan}\n", "1:8: ports: has keys"},
	{"a port as a word", "ports: [lan]\n", "1:9: ports[0]: is a single value"},
	{"a section as a word", PORTS "nat64: yes\n", "4:8: nat64: is a single value"},
	{"a section as a list", PORTS "nat64: [a]\n", "4:8: nat64: is a list"},
	{"a value as a list", PORTS "name: [a]\n", "4:7: name: is a list"},
	{"a value as a mapping", PORTS "name: {a: b}\n", "4:7: name: has keys"},
	{"a list as a word", PORTS "dns64: {upstreams: 192.0.2.53}\n",
		"4:20: dns64.upstreams: is a single value"},
	{"a list's entry as a list", PORTS "dns64: {upstreams: [[192.0.2.53]]}\n",
		"4:21: dns64.upstreams[0]: is a list"},
	{"no value", PORTS "name:\n", "4:1: name: has no value"},
	{"empty text", PORTS "name: \"\"\n", "4:7: name: \"\" says nothing"},
	{"list with an empty entry", PORTS "dns64: {upstreams: [192.0.2.53, ~]}\n",
		"4:33: dns64.upstreams[1]: has no value"},
	{"several problems at once",
		PORTS "name: a b\nnat64: {max_bib: x, pool: 1}\ncli: {socket: s}\n",
		"4:7: name: \"a b\" is no name", .more = 3},
	{"required keys of a port", "ports:\n  - {mtu: 1500}\n", "2:5: ports[0].device: is missing",
		.more = 2},
	{"required keys of a route", PORTS "routes: [{}]\n", "4:10: routes[0].prefix: is missing",
		.more = 1},
};

static void
keys_and_kinds(void **state)
{
	check_rows(kind_rows, N(kind_rows));
}

static void
bytes_that_are_no_text(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *says;
	} rows[] = {
		{"name: a\0b\n", 10, "t.yaml:1:8: yaml: no valid YAML: control characters"},
		{"name: \xff\n", 8, "t.yaml:1:7: yaml: no valid YAML: invalid leading UTF-8"},
		{"\n\xc3(", 3, "t.yaml:2:2: yaml: no valid YAML: invalid trailing UTF-8"},
		{"\xff\xfen\0", 4, "t.yaml:1:1: yaml: no valid YAML"}, // UTF-16
		{"\xed\xa0\x80", 3,
			"t.yaml:1:1: yaml: no valid YAML: invalid Unicode"}, // surrogate
	};
	static struct config c;

	for (size_t i = 0; i < N(rows); i++) {
		char *text = NULL;
		size_t len = 0;
		FILE *f = open_memstream(&text, &len);

		assert_int_equal(
			config_load_text("t.yaml", rows[i].bytes, rows[i].len, &c, f), -EINVAL);
		fclose(f);
		if (strncmp(text, rows[i].says, strlen(rows[i].says)))
			fail_msg("row %zu: %s", i, text);
		free(text);
	}
}

// A byte order mark and line ends of other systems are no reason to fail.
static void
text_of_other_systems(void **state)
{
	static struct config c;
	int rc;
	char *got = load_row("\xef\xbb\xbf"
			     "ports:\r\n" LAN "\r\n" WAN,
		&c, &rc);

	assert_string_equal(got, "");
	assert_int_equal(rc, 0);
	free(got);
}

static void
a_file_may_not_grow_without_bound(void **state)
{
	static struct config c;
	char *big = malloc(300001);
	char *got;
	int rc;

	assert_non_null(big);
	memset(big, '#', 300000);
	big[300000] = '\0';
	got = load_row(big, &c, &rc);
	assert_string_equal(got, "t.yaml:1:1: yaml: longer than 256 KiB\n");
	free(got);
	free(big);
}

// Only so many problems are printed, and the rest is counted.
static void
problems_are_bounded(void **state)
{
	static struct config c;
	unsigned int lines = 0;
	char *yaml = NULL, *got;
	size_t len = 0;
	FILE *f = open_memstream(&yaml, &len);
	int rc;

	fputs(PORTS "routes:\n", f);
	for (unsigned int i = 0; i < 256; i++)
		fputs("  - {prefix: a, via: b}\n", f);
	fclose(f);
	got = load_row(yaml, &c, &rc);
	for (const char *p = got; *p; p++)
		lines += *p == '\n';
	assert_int_equal(lines, 101);
	assert_non_null(strstr(got, "t.yaml: and 412 more problems\n"));
	free(got);
	free(yaml);
}

static void
files_that_cannot_be_read(void **state)
{
	static struct config c;
	char *got = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&got, &len);

	assert_int_equal(config_load("/nonexistent/g.yaml", &c, f), -ENOENT);
	assert_int_equal(config_load("/", &c, f), -EISDIR);
	fclose(f);
	assert_string_equal(got, "/nonexistent/g.yaml: cannot be read: No such file or directory\n"
				 "/: cannot be read: Is a directory\n");
	free(got);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(yaml_is_refused_where_it_is_wrong),
		cmocka_unit_test(keys_and_kinds),
		cmocka_unit_test(bytes_that_are_no_text),
		cmocka_unit_test(text_of_other_systems),
		cmocka_unit_test(a_file_may_not_grow_without_bound),
		cmocka_unit_test(problems_are_bounded),
		cmocka_unit_test(files_that_cannot_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
