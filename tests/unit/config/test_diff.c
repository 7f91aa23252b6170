// SPDX-License-Identifier: BSD-3-Clause
// What a change of each key takes, and that every change is found and no other.
#include "config/config.h"
#include "config/schema.h"

#include <stdlib.h>
#include <string.h>

// cmocka wants these first
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on

static const char base[] =
	"ports:\n"
	"  - {name: lan, device: net_null0, role: lan, addresses: ['2001:db8:1::1/64', "
	"192.0.2.1/24]}\n"
	"  - {name: wan, device: net_null1, role: wan, addresses: [198.51.100.2/24], "
	"gateway4: 198.51.100.1}\n"
	"routes: [{prefix: '2001:db8:5::/48', via: '2001:db8:1::5'}]\n"
	"nat64:\n"
	"  prefixes: ['64:ff9b::/96', '2001:db8:64::/96']\n"
	"  pool4: [{address: 198.51.100.64/31, ports: 1024-65535, clients: ['2001:db8:1::/64']}]\n"
	"  pool4_gaps: true\n"
	"  mss_clamp: auto\n"
	"  timeouts: {udp: 300, icmp: 60}\n"
	"dns64:\n"
	"  upstreams: [198.51.100.53]\n"
	"  cache_entries: 64\n";

// A change of the text above, and the keys that it changes: + live, - with a restart.
static const struct {
	const char *from, *to, *want;
} rows[] = {
	{"", "", ""},
	{"udp: 300", "udp: 301", "+nat64.timeouts.udp "},
	{"udp: 300, icmp: 60", "udp: 120, icmp: 61", "+nat64.timeouts.udp +nat64.timeouts.icmp "},
	{"mss_clamp: auto", "mss_clamp: 1200", "+nat64.mss_clamp "},
	{"mss_clamp: auto", "mss_clamp: off", "+nat64.mss_clamp "},
	{"mss_clamp: auto", "filtering: endpoint", "+nat64.port_hold +nat64.filtering "},
	{"mss_clamp: auto", "max_inbound: 9", "+nat64.max_inbound "},
	{"mss_clamp: auto", "tcp_incoming: wait", "+nat64.tcp_incoming "},
	{"mss_clamp: auto", "max_stored_syns: 9", "-nat64.max_stored_syns "},
	{"gateway4: 198.51.100.1}", "gateway4: 198.51.100.9}", "+ports[1].gateway4 "},
	{"via: '2001:db8:1::5'", "via: '2001:db8:1::6'", "+routes[0].via "},
	{"routes: [{prefix: '2001:db8:5::/48', via: '2001:db8:1::5'}]\n", "",
		"+routes +dns64.allow "},
	{"192.0.2.1/24", "192.0.2.9/24", "+ports[0].addresses +dns64.listen "},
	{"192.0.2.1/24", "192.0.2.1/25", "+ports[0].addresses +dns64.allow "},
	{"'64:ff9b::/96', '2001:db8:64::/96'", "'2001:db8:64::/96'", "+nat64.prefixes "},
	{"'64:ff9b::/96', '2001:db8:64::/96'", "'2001:db8:64::/96', '64:ff9b::/96'",
		"+nat64.prefixes "},
	{"198.51.100.64/31", "198.51.100.64/30", "+nat64.pool4[0].address "},
	{"1024-65535", "1024-65534", "+nat64.pool4[0].ports "},
	{"clients: ['2001:db8:1::/64']", "clients: ['2001:db8:1::/65']",
		"+nat64.pool4[0].clients "},
	{"clients: ['2001:db8:1::/64']", "prefixes: ['64:ff9b::/96']",
		"+nat64.pool4[0].prefixes +nat64.pool4[0].clients "},
	{"198.51.100.53]", "'198.51.100.53:54']", "+dns64.upstreams "},
	{"198.51.100.53]", "198.51.100.53, 198.51.100.54]", "+dns64.upstreams "},
	{"  upstreams: [198.51.100.53]\n", "", "-dns64.enabled +dns64.upstreams "},
	{"cache_entries: 64", "cache_entries: 65", "-dns64.cache_entries "},
	{"device: net_null1", "device: net_null2", "-ports[1].device "},
	{"role: wan, addresses", "role: wan, mtu: 1400, addresses", "-ports[1].mtu "},
	{"routes:", "  - {name: lan2, device: net_null3, role: lan}\nroutes:", "-ports "},
	{"  mss_clamp: auto\n", "  max_sessions: 64000\n",
		"-nat64.port_hold_max -nat64.max_sessions -nat64.max_bib "},
};

static void
load(struct config *c, const char *text)
{
	assert_int_equal(config_load_text("test.yaml", text, strlen(text), c, stderr), 0);
}

static void
note(void *arg, const char *path, bool live)
{
	char *got = arg;
	size_t len = strlen(got);

	snprintf(got + len, 1024 - len, "%c%s ", live ? '+' : '-', path);
}

static void
differences_are_found(void **state)
{
	struct config *a = malloc(sizeof(*a)), *b = malloc(sizeof(*b));

	assert_true(a && b);
	load(a, base);
	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *at = strstr(base, rows[i].from);
		char text[4096], got[1024] = "", back[1024] = "";
		unsigned int n = 0;

		assert_non_null(at);
		snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - base), base, rows[i].to,
			at + strlen(rows[i].from));
		load(b, text);
		for (const char *p = rows[i].want; *p; p++)
			n += *p == ' ';
		assert_int_equal(config_diff(a, b, note, got), n);
		assert_string_equal(got, rows[i].want);
		config_diff(b, a, note, back);
		assert_string_equal(back, rows[i].want);
	}
	free(a);
	free(b);
}

// Sections have no value; what may be asked for has to say what it takes.
static void
every_key_says_what_a_change_takes(void **state)
{
	for (unsigned int i = 0; i < config_schema.n; i++) {
		const struct config_key *k = &config_schema.key[i];

		if ((k->kind == KEY_SECTION) != (k->change == CHANGE_UNSAID))
			fail_msg("%s", k->path);
		if (k->kind != KEY_SECTION && k->size == 0)
			fail_msg("%s: where is it kept?", k->path);
	}
}

// An entry of two sizes, every byte of which counts: what padding holds is no difference.
static void
padding_is_no_difference(void **state)
{
	struct config *a = malloc(sizeof(*a)), *b = malloc(sizeof(*b));
	char got[1024] = "";

	assert_true(a && b);
	load(a, base);
	load(b, base);
	memset((char *)&b->port[0].addr6[0] + 17, 0xaa, 3);
	memset((char *)&b->port[0].addr4[0] + 5, 0xaa, 3);
	memset((char *)&b->dns64.upstream[0] + 18, 0xaa, 2);
	memset((char *)&b->nat64.prefix[0] + 18, 0xaa, sizeof(b->nat64.prefix[0]) - 18);
	assert_int_equal(config_diff(a, b, note, got), 0);
	free(a);
	free(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(differences_are_found),
		cmocka_unit_test(every_key_says_what_a_change_takes),
		cmocka_unit_test(padding_is_no_difference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
