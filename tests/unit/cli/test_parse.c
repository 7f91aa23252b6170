// SPDX-License-Identifier: BSD-3-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "app/cli/command.h"

#include <errno.h>
#include <rte_string_fns.h>
#include <stdio.h>

static struct gateway gw = {
	.port = {{.name = "lan"}, {.name = "wan"}},
	.n_port = 2,
};

static int
parse(const char *line, const struct cli_command **c, struct cli_args *args, struct err *err)
{
	static struct cli_line l;
	int rc = cli_line_split(&l, line, err);

	*c = NULL;
	return rc != 0 ? rc : cli_line_parse(&gw, &l, c, args, err);
}

static const struct {
	const char *line;
	const char *error; // part of the message; NULL: right
} lines[] = {
	{"show drops", NULL},
	{"  show\tdrops  all   json ", NULL},
	{"show drops # all the time", NULL},
	{"show nat64 sessions client 2001:db8::1 proto tcp limit 5 json", NULL},
	{"show nat64 sessions limit 5 proto icmp client 2001:db8::/32", NULL},
	{"show nat64 sessions limit 100000", NULL},
	{"show neighbors port wan", NULL},
	{"show dns64 cache name example.com.", NULL},
	{"help show nat64", NULL},
	{"foo", "unknown command 'foo'; allowed: show, clear, reload, help, quit, stop"},
	{"Show drops", "unknown command"},
	{"show", "'show' is incomplete; next: version, config, routes, port, nat64"},
	{"show nat64", "'show nat64' is incomplete; next: sessions, bib, pool, subscribers, stats"},
	{"show nat64 foo", "'foo' is not allowed after 'show nat64'; allowed: sessions, bib"},
	{"show nat64 sessions foo",
		"'foo' is not allowed after 'show nat64 sessions'; allowed: client ADDR, proto "
		"tcp|udp|icmp, limit N, json"},
	{"show nat64 sessions proto tcp foo", "allowed: client ADDR, limit N, json"},
	{"show nat64 sessions proto tcp proto udp", "'proto' is not allowed after"},
	{"show drops json all", "'all' is not allowed after 'show drops json': json ends a line"},
	{"show drops json json", "json ends a line"},
	{"show nat64 sessions client", "client: a value is missing: client ADDR"},
	{"show nat64 sessions client 198.51.100.1", "neither an IPv6 address nor a prefix"},
	{"show nat64 sessions client 2001:db8::/129", "neither an IPv6 address nor a prefix"},
	{"show nat64 sessions proto sctp", "not one of tcp, udp, icmp"},
	{"show nat64 sessions limit 0", "not a number from 1 to 100000"},
	{"show nat64 sessions limit 100001", "not a number"},
	{"show nat64 sessions limit -1", "not a number"},
	{"show nat64 sessions limit +1", "not a number"},
	{"show nat64 sessions limit 99999999999999999999", "not a number"},
	{"show nat64 sessions limit 5x", "not a number"},
	{"show neighbors port dmz", "there is no port 'dmz'"},
	{"quit now", "'now' is not allowed after 'quit'; allowed: json"},
	{"show \033[31m", "is not allowed after 'show'"},
};

static void
parse_lines(void **state)
{
	for (unsigned int i = 0; i < RTE_DIM(lines); i++) {
		const struct cli_command *c;
		struct err err = {""};
		struct cli_args args;
		int rc = parse(lines[i].line, &c, &args, &err);

		if (!lines[i].error && (rc != 0 || !c))
			fail_msg("%s: %s", lines[i].line, err.text);
		if (lines[i].error && (rc != -EINVAL || !strstr(err.text, lines[i].error)))
			fail_msg("%s: '%s' instead of '%s'", lines[i].line, err.text,
				lines[i].error);
	}
}

static void
parse_fills_args(void **state)
{
	const struct cli_command *c;
	struct cli_args a;

	assert_int_equal(
		parse("show nat64 bib proto udp client 2001:db8::5/32 json", &c, &a, NULL), 0);
	assert_string_equal(c->words, "show nat64 bib");
	assert_int_equal(a.proto, IPPROTO_UDP);
	assert_true(a.has_client && a.json);
	assert_int_equal(a.client.len, 32);
	assert_int_equal(a.client.addr.s6_addr[15], 0);
	assert_int_equal(a.limit, CLI_LIMIT_DEFAULT);
	assert_int_equal(parse("show neighbors limit 7 port wan", &c, &a, NULL), 0);
	assert_int_equal(a.limit, 7);
	assert_ptr_equal(a.port, &gw.port[1]);
	assert_false(a.json || a.has_client);
	assert_int_equal(parse("show dns64 cache name Example.COM.", &c, &a, NULL), 0);
	assert_string_equal(a.name, "Example.COM");
	assert_int_equal(parse("help show json", &c, &a, NULL), 0);
	assert_int_equal(a.n_words, 1);
	assert_true(a.json);
}

static void
split_is_bounded(void **state)
{
	char long_line[CLI_LINE_MAX + 2], many[2 * CLI_WORDS + 3];
	struct cli_line l;

	memset(long_line, 'x', sizeof(long_line));
	long_line[CLI_LINE_MAX + 1] = '\0';
	assert_int_equal(cli_line_split(&l, long_line, NULL), -E2BIG);
	long_line[CLI_LINE_MAX] = '\0';
	assert_int_equal(cli_line_split(&l, long_line, NULL), 0);
	assert_int_equal(l.n, 1);
	for (unsigned int i = 0; i <= CLI_WORDS; i++)
		memcpy(many + 2 * i, "a ", 3);
	assert_int_equal(cli_line_split(&l, many, NULL), -E2BIG);
	many[2 * CLI_WORDS] = '\0';
	assert_int_equal(cli_line_split(&l, many, NULL), 0);
	assert_int_equal(l.n, CLI_WORDS);
}

// No text is too long for a message either.
static void
parse_long_words(void **state)
{
	char line[CLI_LINE_MAX + 1];
	const struct cli_command *c;
	struct cli_args args;
	struct err err;

	for (unsigned int n = 1; n < 400; n += 7) {
		snprintf(line, sizeof(line), "show nat64 sessions %0*d", (int)n, 0);
		assert_int_equal(parse(line, &c, &args, &err), -EINVAL);
		snprintf(line, sizeof(line), "show dns64 cache name %0*d", (int)n, 0);
		assert_int_equal(parse(line, &c, &args, &err), n < 256 ? 0 : -EINVAL);
	}
}

static const struct {
	const char *line;
	const char *choices; // joined; "<X>": any text for X
} completions[] = {
	{"", "show clear reload help quit stop"},
	{"show port", "info stats"},
	{"show nat64", "sessions bib pool subscribers stats"},
	{"show nat64 pool", "limit json"},
	{"show neighbors", "port limit json"},
	{"show neighbors port", "lan wan"},
	{"show neighbors port lan", "limit json"},
	{"show nat64 sessions proto", "tcp udp icmp"},
	{"show nat64 sessions client", "<ADDR>"},
	{"show drops json", ""},
	{"clear", "drops counters nat64 neighbors dns64"},
	{"show nonsense", "-"},
	{"show nat64 pool nonsense", "-"},
	{"show nat64 pool limit 1 limit", "-"},
};

static void
completion_offers(void **state)
{
	for (unsigned int i = 0; i < RTE_DIM(completions); i++) {
		struct cli_choice choice[CLI_CHOICES];
		char got[256] = "";
		struct cli_line l;
		int n;

		assert_int_equal(cli_line_split(&l, completions[i].line, NULL), 0);
		n = cli_choices(&gw, l.word, l.n, choice);
		for (int c = 0; c < n; c++) {
			size_t used = strlen(got);

			assert_true(strlen(choice[c].help) > 0);
			snprintf(got + used, sizeof(got) - used,
				choice[c].word[0] ? "%s%s" : "%s<%s>", c > 0 ? " " : "",
				choice[c].word[0] ? choice[c].word : choice[c].kind);
		}
		if (n < 0)
			rte_strlcpy(got, "-", sizeof(got));
		if (strcmp(got, completions[i].choices) != 0)
			fail_msg("'%s': '%s'", completions[i].line, got);
	}
}

// The parser relies on it: no command is the beginning of another, all words are short.
static void
table_is_sound(void **state)
{
	for (unsigned int i = 0; i < cli_n_commands; i++) {
		const struct cli_command *c = &cli_commands[i];
		char syntax[128];

		assert_non_null(c->run);
		assert_true(strlen(c->help) > 0 && strlen(c->help) < 80);
		cli_command_syntax(c, syntax, sizeof(syntax));
		assert_true(strlen(syntax) < sizeof(syntax) - 1);
		for (unsigned int j = 0; j < cli_n_commands; j++) {
			size_t len = strlen(c->words);
			const char *other = cli_commands[j].words;

			assert_false(i != j && strncmp(c->words, other, len) == 0 &&
				     (other[len] == ' ' || other[len] == '\0'));
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parse_lines),
		cmocka_unit_test(parse_fills_args),
		cmocka_unit_test(split_is_bounded),
		cmocka_unit_test(parse_long_words),
		cmocka_unit_test(completion_offers),
		cmocka_unit_test(table_is_sound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
