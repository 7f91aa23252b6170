// SPDX-License-Identifier: BSD-3-Clause
// nat64.static, and who may come in otherwise.
#include "rows.h"

#define C       "client: '2001:db8:1::9'"
#define S(rest) PORTS "nat64: {static: [{protocols: [tcp], " rest "}]}\n"
#define S2(rest) \
	PORTS "nat64: {static: [{protocols: [tcp, udp], ports: 80-89, " C "}, {" rest "}]}\n"

static const struct row rows[] = {
	{"filtering", PORTS "nat64: {filtering: open}\n",
		"4:20: nat64.filtering: \"open\" is not known here, allowed: address, endpoint, "
		"address_port"},
	{"N64-TCP-10", PORTS "nat64: {max_stored_syns: 0}\n",
		"4:26: nat64.max_stored_syns: \"0\" is out of range, allowed: 1 to 1024 packets"},
	{"N64-DOS-03", PORTS "nat64: {max_inbound: 0}\n",
		"4:22: nat64.max_inbound: \"0\" is out of range"},
	{"protocol", PORTS "nat64: {static: [{protocols: [sctp], ports: 80, " C "}]}\n",
		"4:31: nat64.static[0].protocols[0]: \"sctp\" is not known here, allowed: tcp, "
		"udp, "
		"icmp"},
	{"no protocol", PORTS "nat64: {static: [{ports: 80, " C "}]}\n",
		"4:18: nat64.static[0].protocols: is missing"},
	{"no ports", S(C), "4:18: nat64.static[0].ports: is missing"},
	{"no client", S("ports: 80"), "4:18: nat64.static[0].client: is missing"},
	{"port 0", S("ports: 0-5, " C), "4:44: nat64.static[0].ports: \"0-5\" is out of range"},
	{"client is IPv4", S("ports: 80, client: 192.0.2.1"),
		"4:56: nat64.static[0].client: \"192.0.2.1\" is no IPv6 address"},
	{"client outside", S("ports: 80, client: '2001:db8:2::1'"),
		"4:56: nat64.static[0].client: 2001:db8:2::1 is not behind a LAN port"},
	{"client is the gateway", S("ports: 80, client: '2001:db8:1::1'"),
		"4:56: nat64.static[0].client: 2001:db8:1::1 is the gateway's own address"},
	{"client is link-local", S("ports: 80, client: 'fe80::1'"),
		"4:56: nat64.static[0].client: fe80::1 is no address that packets are routed to"},
	{"client inside a prefix", S("ports: 80, client: '64:ff9b::1'"),
		"4:56: nat64.static[0].client: 64:ff9b::1 is inside a NAT64 prefix"},
	{"client ports past the end", S("ports: 80-89, client_port: 65530, " C),
		"4:64: nat64.static[0].client_port: 10 ports from client_port 65530 on run past "
		"65535"},
	{"address of somebody", S("ports: 80, address: 203.0.113.1, " C),
		"4:57: nat64.static[0].address: 203.0.113.1 is not ours, allowed: an address of "
		"nat64.pool4 or of a WAN port"},
	{"address of the LAN", S("ports: 80, address: lan, " C),
		"4:57: nat64.static[0].address: \"lan\" is no IPv4 address"},
	{"prefix unknown", S("ports: 80, prefix: '2001:db8:64::/96', " C),
		"4:56: nat64.static[0].prefix: \"2001:db8:64::/96\" is none of them"},
	{"allow with host bits", S("ports: 80, allow: [9.9.9.9/24], " C),
		"4:56: nat64.static[0].allow[0]: \"9.9.9.9/24\" has bits set behind its length"},
	{"wan is several",
		"ports:\n" LAN "  - {name: wan, device: net_b, role: wan, addresses: "
		"[198.51.100.2/24, 198.51.100.3/24]}\n"
		"nat64: {static: [{protocols: [tcp], ports: 80, " C "}]}\n",
		"4:9: nat64.static: wan stands for 2 addresses"},
	{"overlap", S2("protocols: [udp], ports: 89-95, client: '2001:db8:1::8'"),
		"4:108: nat64.static[1].ports: ports 89-95 of 198.51.100.2 overlap those of "
		"another "
		"entry"},
	{"twice for a client", S2("protocols: [tcp], ports: 8080, client_port: 85, " C),
		"4:139: nat64.static[1].client: port 85 of 2001:db8:1::9 and those that follow "
		"belong "
		"to another entry too"},
	{"DNS64's ports", PORTS DNS "nat64: {static: [{protocols: [udp], ports: 50000, " C "}]}\n",
		"6:44: nat64.static[0].ports: ports 50000-50000 of the gateway's own address and "
		"dns64.upstream_ports 49152-65535 overlap"},
	{"DNS64's service",
		PORTS DNS "  listen: [198.51.100.2]\n"
			  "nat64: {static: [{protocols: [udp], ports: 53, " C "}]}\n",
		"7:44: nat64.static[0].ports: holds port 53, where dns64 answers"},
	{"too many ports",
		PORTS "nat64: {static: [{protocols: [tcp, udp, icmp], ports: 1-65535, " C "}, "
		      "{address: 198.51.100.9, protocols: [tcp], ports: 1-65535, client: "
		      "'2001:db8:1::8'}], pool4: [wan, 198.51.100.9]}\n",
		"4:9: nat64.static: has 262140 ports, allowed: at most 196608"},
};

static void
what_is_wrong(void **state)
{
	check_rows(rows, N(rows));
}

static void
load(const char *yaml, struct config *c)
{
	int rc;
	char *text = load_row(yaml, c, &rc);

	if (rc)
		fail_msg("%s", text);
	free(text);
}

static void
what_is_meant(void **state)
{
	static struct config c;
	const struct config_nat64 *n = &c.nat64;

	load(PORTS, &c);
	assert_int_equal(n->n_static, 0);
	assert_int_equal(n->filtering, FILTERING_ADDRESS);
	assert_int_equal(n->max_inbound, 4096);
	assert_true(n->hairpinning);
	assert_int_equal(n->tcp_incoming, TCP_INCOMING_DROP);
	assert_int_equal(n->max_stored_syns, 64);
	load(PORTS DNS "nat64:\n  prefixes: ['64:ff9b::/96', '2001:db8:64::/96']\n  static:\n"
		       "    - {protocols: [udp, icmp], ports: 80-81, " C "}\n"
		       "    - {protocols: [tcp], ports: 50000, client_port: 22, prefix: "
		       "'2001:db8:64::/96', "
		       "allow: [9.9.9.0/24, 192.0.2.0/25], " C "}\n",
		&c);
	assert_int_equal(n->n_static, 2);
	assert_int_equal(n->statics[0].protocols, 1 << STATIC_UDP | 1 << STATIC_ICMP);
	assert_int_equal(n->statics[0].client_port, 80);
	assert_int_equal(ntohl(n->statics[0].address.s_addr), 0xc6336402);
	assert_int_equal(n->statics[0].port_last, 81);
	assert_int_equal(n->statics[1].client_port, 22);
	assert_int_equal(n->statics[1].pref64, 1);
	assert_int_equal(n->statics[1].n_allow, 2);
	assert_int_equal(n->statics[1].allow[1].len, 25);
	assert_int_equal(n->n_pool4, 1);
}

// An address of a WAN port that gives no ports to clients joins the pool without any.
static void
address_beside_the_pool(void **state)
{
	static struct config c;
	const struct config_nat64 *n = &c.nat64;

	load(PORTS "nat64: {pool4: [198.51.100.8/29], static: [{protocols: [tcp], ports: 80, " C
		   "}, {protocols: [tcp], ports: 81, " C "}]}\n",
		&c);
	assert_int_equal(n->n_pool4, 2);
	assert_int_equal(n->pool4[1].first.s_addr, n->statics[0].address.s_addr);
	assert_true(n->pool4[1].port_first > n->pool4[1].port_last);
}

// RFC 6888 REQ-8: where everybody may send, ports rest.
static void
n64_port_09_ports_rest(void **state)
{
	static struct config c;

	load(PORTS "nat64: {filtering: endpoint}\n", &c);
	assert_int_equal(c.nat64.port_hold_sec, 120);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_wrong),
		cmocka_unit_test(what_is_meant),
		cmocka_unit_test(address_beside_the_pool),
		cmocka_unit_test(n64_port_09_ports_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
