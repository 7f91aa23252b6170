// SPDX-License-Identifier: BSD-3-Clause
// Who gets which pool address, how ports rest, and what a subscriber may have.
#include "rows.h"

#define TWO  "nat64:\n  prefixes: ['64:ff9b::/96', '2001:db8:64::/96']\n"
#define LAN2 "  - {name: lan2, device: net_c, role: lan, addresses: [2001:db8:2::1/64]}\n"
#define UP   "routes: [{prefix: 2001:db8:8000::/36, via: 2001:db8:1::99}]\n"

static const struct row rows[] = {
	{"pool prefix unknown",
		PORTS TWO "  pool4: [{address: wan, prefixes: ['2001:db8:64::/64']}]\n",
		"6:37: nat64.pool4[0].prefixes[0]: \"2001:db8:64::/64\" is none of them, allowed: "
		"an entry of nat64.prefixes"},
	{"pool prefix is none", PORTS TWO "  pool4: [{address: wan, prefixes: [first]}]\n",
		"6:37: nat64.pool4[0].prefixes[0]: \"first\" is no IPv6 prefix"},
	{"pool prefixes empty", PORTS TWO "  pool4: [{address: wan, prefixes: []}]\n",
		"6:36: nat64.pool4[0].prefixes: is empty"},
	{"pool clients with host bits",
		PORTS "nat64: {pool4: [{address: wan, clients: ['2001:db8::1/64']}]}\n",
		"4:42: nat64.pool4[0].clients[0]: \"2001:db8::1/64\" has bits set behind its "
		"length"},
	{"a prefix without addresses",
		PORTS TWO "  pool4: [{address: wan, prefixes: ['64:ff9b::/96']}]\n",
		"6:3: nat64.pool4: no entry serves clients of 2001:db8:1::/64 under "
		"2001:db8:64::/96"},
	{"clients without addresses",
		PORTS "nat64: {pool4: [{address: wan, clients: ['2001:db8:2::/48']}]}\n",
		"4:9: nat64.pool4: no entry serves clients of 2001:db8:1::/64 under 64:ff9b::/96"},
	{"half of the clients without addresses",
		PORTS "nat64: {pool4: [{address: wan, clients: ['2001:db8:1::/65']}]}\n",
		"4:9: nat64.pool4: no entry serves clients of 2001:db8:1::/64"},
	{"clients behind a router without addresses",
		PORTS UP "nat64: {pool4: [{address: wan, clients: ['2001:db8:1::/64']}]}\n",
		"5:9: nat64.pool4: no entry serves clients of 2001:db8:8000::/36"},
	{"clients under one of two prefixes",
		PORTS LAN2 TWO "  pool4:\n"
			       "  - {address: 203.0.113.1, clients: ['2001:db8:1::/64']}\n"
			       "  - {address: 203.0.113.2, clients: ['2001:db8:2::/64'],\n"
			       "     prefixes: ['64:ff9b::/96']}\n",
		"7:3: nat64.pool4: no entry serves clients of 2001:db8:2::/64 under "
		"2001:db8:64::/96"},
	{"pairing", PORTS "nat64: {pairing: lax}\n",
		"4:18: nat64.pairing: \"lax\" is not known here, allowed: strict, soft"},
	{"N64-PORT-12 alarm", PORTS "nat64: {pool4_alarm: 101}\n",
		"4:22: nat64.pool4_alarm: \"101\" is out of range"},
	{"N64-PORT-09 hold", PORTS "nat64: {port_hold: 3601}\n",
		"4:20: nat64.port_hold: \"3601\" is out of range"},
	{"N64-DOS-02 subscriber", PORTS "nat64: {quota: {subscriber_len: 47}}\n",
		"4:33: nat64.quota.subscriber_len: \"47\" is out of range"},
	{"N64-MC-04 too few to be divided", PORTS "nat64: {quota: {sessions: 15}}\n",
		"4:27: nat64.quota.sessions: 15 is out of range, allowed: 0, or at least 16"},
	{"steering", PORTS "nat64: {quota: {steering: port}}\n",
		"4:27: nat64.quota.steering: \"port\" is not known here, allowed: address, "
		"subscriber"},
};

static void
wrong_rows(void **state)
{
	check_rows(rows, N(rows));
}

static const struct config_nat64 *
load(const char *yaml)
{
	static struct config c;
	int rc;
	char *text = load_row(yaml, &c, &rc);

	assert_string_equal(text, "");
	assert_int_equal(rc, 0);
	free(text);
	return &c.nat64;
}

static void
n64_dos_02_port_09_12_defaults(void **state)
{
	const struct config_nat64 *n = load(PORTS "nat64: {max_sessions: 160000}\n");

	assert_int_equal(n->pairing, PAIRING_STRICT);
	assert_int_equal(n->pool4_alarm, 80);
	assert_int_equal(n->port_hold_sec, 0); // filtering is address-dependent
	assert_int_equal(n->port_hold_max, 10000);
	assert_int_equal(n->quota.subscriber_len, 64);
	assert_int_equal(n->quota.bindings, 16384);
	assert_int_equal(n->quota.sessions, 65536);
	assert_int_equal(n->quota.new_per_sec, 0);
	assert_int_equal(n->quota.steering, STEERING_ADDRESS);
}

// The entries, also those that the word wan stands for, have what was said of them.
static void
adr_24_pool_of_prefixes_and_clients(void **state)
{
	const struct config_nat64 *n = load(
		WAN_WITH(", addresses: [198.51.100.2/24, 198.51.100.3/24]") TWO
		"  pool4:\n"
		"  - {address: wan, prefixes: ['2001:db8:64::/96']}\n"
		"  - {address: 203.0.113.0/28, prefixes: ['64:ff9b::/96', '2001:db8:64::/96']}\n"
		"  - {address: 203.0.113.16, clients: ['2001:db8:1::/64', '2001:db8:8000::/40']}\n"
		"  - 203.0.113.17\n");
	static const struct {
		uint16_t prefixes;
		unsigned int n_clients;
	} want[] = {{2, 0}, {2, 0}, {3, 0}, {0, 2}, {0, 0}};

	assert_int_equal(n->n_pool4, N(want));
	for (unsigned int i = 0; i < N(want); i++) {
		assert_int_equal(n->pool4[i].prefixes, want[i].prefixes);
		assert_int_equal(n->pool4[i].n_clients, want[i].n_clients);
	}
	assert_int_equal(n->pool4[3].clients[0].len, 64);
	assert_int_equal(n->pool4[3].clients[1].len, 40);
}

static void
gaps_may_be_wanted(void **state)
{
	load(PORTS TWO "  pool4_gaps: true\n"
		       "  pool4: [{address: wan, clients: ['2001:db8:7::/64'],\n"
		       "           prefixes: ['64:ff9b::/96']}]\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_rows),
		cmocka_unit_test(n64_dos_02_port_09_12_defaults),
		cmocka_unit_test(adr_24_pool_of_prefixes_and_clients),
		cmocka_unit_test(gaps_may_be_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
