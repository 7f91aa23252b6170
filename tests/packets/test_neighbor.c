// SPDX-License-Identifier: BSD-3-Clause
// The gateway on its links: ARP, ND, MLD, echo to itself, and packets that wait for a next hop.
#include "env.h"

#include "app/link.h"
#include "app/local.h"

#include <stdio.h>

static const uint8_t all_ones[6] = {255, 255, 255, 255, 255, 255};
static const uint8_t mac_new[6] = {2, 0xdd, 0, 0, 0, 1};

static void
start_quiet(const char *prefix)
{
	char yaml[1024];

	snprintf(yaml, sizeof(yaml),
		"ports:\n"
		"  - {name: lan, device: net_null0, role: lan, addresses: ['2001:db8:1::1/64']}\n"
		"  - {name: wan, device: net_null1, role: wan, addresses: [5.6.7.2/24], "
		"gateway4: 5.6.7.1}\n"
		"nat64:\n  prefixes: ['%s']\n"
		"  pool4: [{address: 5.6.7.64, ports: 1-65535}]\n"
		"  max_sessions: 1024\n  max_bib: 512\n"
		"memory: {neighbors: 64, neighbor_queue: 4}\n",
		prefix);
	env_start_yaml(prefix, yaml);
}

#define A6 UDP6("C", 40000, "@8.8.8.8", 53)
#define A4 UDP4("T", A_PORT(0), "8.8.8.8", 53)
#define B4 UDP4("8.8.8.8", 53, "T", A_PORT(0))
#define B6 UDP6("@8.8.8.8", 53, "C", 40000)

// ---- messages

static void
send_arp(unsigned int port, uint16_t op, const uint8_t sha[6], const char *spa, const char *tpa)
{
	uint8_t b[60] = {0};

	build_ether(b, all_ones, sha, 0x0806);
	put16(b + 14, 1);
	put16(b + 16, 0x0800);
	b[18] = 6;
	b[19] = 4;
	put16(b + 20, op);
	memcpy(b + 22, sha, 6);
	build_addr(4, spa, b + 28);
	build_addr(4, tpa, b + 38);
	fixture_input(&env.f, port, b, sizeof(b));
}

static void
expect_arp(unsigned int port, uint16_t op, const char *spa, const uint8_t tha[6], const char *tpa)
{
	uint8_t b[64], want[42] = {0};
	bool request = op == 1;

	assert_int_equal(fixture_take(&env.f, port, b, sizeof(b)), 42);
	build_ether(
		want, request && !tha ? all_ones : tha, env.f.gw.port[port].mac.addr_bytes, 0x0806);
	memcpy(want + 14, (const uint8_t[]){0, 1, 8, 0, 6, 4, 0, (uint8_t)op}, 8);
	memcpy(want + 22, env.f.gw.port[port].mac.addr_bytes, 6);
	build_addr(4, spa, want + 28);
	if (tha)
		memcpy(want + 32, tha, 6);
	build_addr(4, tpa, want + 38);
	assert_memory_equal(b, want, 42);
}

// An NS or NA: flags, target, and a link-layer address option unless lla is NULL.
static void
send_nd(unsigned int port, uint8_t type, uint16_t flags, const char *src, const char *dst,
	const char *target, const uint8_t *lla)
{
	uint8_t data[24];
	struct spec s = {ERR6(src, dst, type, 0), .id = flags, .ttl = 255, .data = data,
		.payload = lla ? 24 : 16};

	build_addr(6, target, data);
	data[16] = type == 135 ? 1 : 2;
	data[17] = 1;
	if (lla)
		memcpy(data + 18, lla, 6);
	env_send(port, &s);
}

static void
expect_nd(unsigned int port, uint8_t type, uint16_t flags, const char *src, const char *dst,
	const char *target, const uint8_t to[6])
{
	const uint8_t *own = env.f.gw.port[port].mac.addr_bytes;
	uint8_t data[24], want[128], b[128];
	struct spec s = {
		ERR6(src, dst, type, 0), .id = flags, .ttl = 255, .data = data, .payload = 24};
	uint16_t len;

	build_addr(6, target, data);
	data[16] = type == 135 ? 1 : 2;
	data[17] = 1;
	memcpy(data + 18, own, 6);
	len = build_ether(want, to, own, 0x86dd);
	len = (uint16_t)(len + build_ip(want + len, &s, 255));
	assert_int_equal(fixture_take(&env.f, port, b, sizeof(b)), len);
	assert_memory_equal(b, want, len);
}

#define NA_RSO      0xe000
#define NA_SO       0x6000
#define NA_O        0x2000
#define C_SOLICITED "ff02::1:ff00:10"
static const uint8_t c_group[6] = {0x33, 0x33, 0xff, 0, 0, 0x10};

// ---- questions to us

static void
gw_arp_answers(void **state)
{
	start_quiet(*state);
	send_arp(WAN, 1, env_mac_router, "5.6.7.1", "5.6.7.2");
	expect_arp(WAN, 2, "5.6.7.2", env_mac_router, "5.6.7.1");
	send_arp(WAN, 1, env_mac_router, "5.6.7.1", "5.6.7.64");
	expect_arp(WAN, 2, "5.6.7.64", env_mac_router, "5.6.7.1"); // GW-ARP-10
	send_arp(WAN, 1, env_mac_router, "5.6.7.1", "5.6.7.65");
	env_expect_none("not ours");
	send_arp(LAN, 1, env_mac_client, "5.6.7.1", "5.6.7.64");
	env_expect_none("GW-ARP-10 not on the LAN");
	send_arp(WAN, 1, env_mac_router, "0.0.0.0", "5.6.7.2");
	expect_arp(WAN, 2, "5.6.7.2", env_mac_router, "0.0.0.0"); // GW-ARP-03: a probe
	assert_int_equal(neigh_count(env.f.gw.worker[0]->neigh), 1);
	env_stop();
}

static void
gw_nd_answers(void **state)
{
	static const uint8_t all_nodes[6] = {0x33, 0x33, 0, 0, 0, 1};

	start_quiet(*state);
	send_nd(LAN, 135, 0, "C", "ff02::1:ff00:1", "GW6", env_mac_client);
	expect_nd(LAN, 136, NA_RSO, "GW6", "C", "GW6", env_mac_client); // GW-ND-04
	send_nd(LAN, 135, 0, "C", "GW6", "GW6", NULL);
	expect_nd(LAN, 136, NA_RSO, "GW6", "C", "GW6", env_mac_client);
	send_nd(LAN, 135, 0, "::", "ff02::1:ff00:1", "GW6", NULL); // DAD
	expect_nd(LAN, 136, 0xa000, "GW6", "ff02::1", "GW6", all_nodes);
	send_nd(LAN, 135, 0, "fe80::5", "ff02::1:ff00:0", "fe80::ff:fe00:0", env_mac_client);
	expect_nd(
		LAN, 136, NA_RSO, "fe80::ff:fe00:0", "fe80::5", "fe80::ff:fe00:0", env_mac_client);
	send_nd(LAN, 135, 0, "C", "ff02::1:ff00:1", "@0.0.0.1", env_mac_client);
	env_expect_none("GW-ND-15");
	send_nd(LAN, 135, 0, "C", "ff02::1:ff00:1", "2001:db8:1::ff00:1", env_mac_client);
	env_expect_none("not ours");
	env_stop();
}

static const struct step echoes[] = {
	{"GW-IP6-01", LAN, {PING6("C", "GW6", 5), .payload = 100}, LAN,
		{PONG6("GW6", "C", 5), .payload = 100, .ttl = 64}},
	{"GW-IP6-01 group", LAN, {PING6("C", "ff02::1", 5), .payload = 1}, LAN,
		{PONG6("GW6", "C", 5), .payload = 1, .ttl = 64}},
	{"another LAN's address", LAN2, {PING6("D", "GW6", 5)}, LAN2,
		{PONG6("GW6", "D", 5), .ttl = 64}},
	{"IPv4 on the WAN", WAN, {PING4("8.8.8.8", "GW4", 5), .payload = 99}, WAN,
		{PONG4("GW4", "8.8.8.8", 5), .payload = 99, .ttl = 64}},
	{"IPv4 on the LAN", LAN, {PING4("192.168.1.10", "192.168.1.1", 5)}, LAN,
		{PONG4("192.168.1.1", "192.168.1.10", 5), .ttl = 64}},
	{"N64-ICMP-05 the pool address is not the gateway", WAN, {PING4("8.8.8.8", "T", 5)},
		NOWHERE, DROPS(NO_SESSION4)},
	{"GW-IP6-08", LAN, {ERR6("C", "GW6", 200, 0)}, NOWHERE},
	{"a wrong checksum", LAN, {PING6("C", "GW6", 5), .bad_csum = true}, NOWHERE,
		DROPS(CHECKSUM_L4)},
	{"from ::", LAN, {PING6("::", "GW6", 5)}, NOWHERE, DROPS(SRC6_ILLEGAL)},
	{"from ourselves", LAN, {PING6("GW6", "GW6", 5)}, NOWHERE, DROPS(SRC6_ILLEGAL)},
	{"nothing listens", LAN, {UDP6("C", 9, "GW6", 9)}, LAN,
		{ERR6("GW6", "C", 1, 4), .ttl = 64, QUOTE(UDP6("C", 9, "GW6", 9), .ttl = 64)},
		DROPS(LOCAL_PROTO)},
	{"the WAN is told nothing", WAN, {UDP4("8.8.8.8", 9, "GW4", 9)}, NOWHERE,
		DROPS(LOCAL_PROTO)},
};

static void
gw_ip6_01_echo(void **state)
{
	RUN(echoes);
}

// ---- waiting for a next hop

static void
gw_arp_06_packets_wait(void **state)
{
	struct spec s = {A6}, want = {A4};

	start_quiet(*state);
	fixture_neighbor(&env.f, LAN, "2001:db8:1::10", env_mac_client);
	for (uint16_t i = 0; i < 4; i++) {
		s.payload = i;
		env_send(LAN, &s);
	}
	expect_arp(WAN, 1, "5.6.7.2", NULL, "5.6.7.1");
	env_expect_none("GW-ARP-05");
	env_check();
	send_arp(WAN, 2, env_mac_router, "5.6.7.1", "5.6.7.2");
	for (uint16_t i = 0; i < 4; i++) {
		want.payload = i;
		env_expect("GW-ARP-06", WAN, &want);
	}
	env_expect_none("GW-ARP-06");
	env_stop();
}

static void
gw_nd_06_packets_wait(void **state)
{
	const struct spec out = {A6}, out4 = {A4}, in = {B4}, in6 = {B6};

	start_quiet(*state);
	fixture_neighbor(&env.f, WAN, "5.6.7.1", env_mac_router);
	env_send(LAN, &out);
	env_expect("open", WAN, &out4);
	for (unsigned int i = 0; i < 5; i++)
		env_send(WAN, &in);
	expect_nd(LAN, 135, 0, "GW6", C_SOLICITED, "C", c_group);
	env_expect_none("GW-ND-10");
	assert_int_equal(env_drops(DROP_NEIGH_QUEUE), 1);
	send_nd(LAN, 136, NA_SO, "C", "GW6", "C", env_mac_client);
	for (unsigned int i = 0; i < 4; i++)
		env_expect("GW-ND-06", LAN, &in6);
	env_expect_none("GW-ND-06");
	env_stop();
}

// The client is told through the translator that the IPv4 next hop is dead.
static void
gw_arp_06_failure_reaches_the_client(void **state)
{
	const struct spec out = {A6, .payload = 3};
	const struct spec told = {
		ERR6("@5.6.7.2", "C", 1, 0), .tos = 0xc0, QUOTE(A6, .payload = 3)};

	start_quiet(*state);
	fixture_neighbor(&env.f, LAN, "2001:db8:1::10", env_mac_client);
	env_send(LAN, &out);
	for (unsigned int i = 0; i < 3; i++) {
		expect_arp(WAN, 1, "5.6.7.2", NULL, "5.6.7.1");
		env_expect_none("GW-ARP-05");
		fixture_turn(&env.f, 1000);
	}
	env_expect("GW-ARP-06", LAN, &told);
	env_expect_none("GW-ARP-06");
	assert_int_equal(env_drops(DROP_NEIGH_UNREACHABLE), 1);
	env_stop();
}

// And the IPv4 sender that the client is.
static void
gw_nd_06_failure_reaches_the_server(void **state)
{
	const struct spec out = {A6}, out4 = {A4}, in = {B4, .payload = 3};
	const struct spec told = {ERR4("T", "8.8.8.8", 3, 1), QUOTE(B4, .payload = 3)};

	start_quiet(*state);
	fixture_neighbor(&env.f, WAN, "5.6.7.1", env_mac_router);
	env_send(LAN, &out);
	env_expect("open", WAN, &out4);
	env_send(WAN, &in);
	for (unsigned int i = 0; i < 3; i++) {
		expect_nd(LAN, 135, 0, "GW6", C_SOLICITED, "C", c_group);
		fixture_turn(&env.f, 1000);
	}
	env_expect("GW-ND-06", WAN, &told);
	env_expect_none("GW-ND-06");
	env_stop();
}

// What we say ourselves to a silent neighbour is not reported to ourselves.
static void
own_packets_fail_silently(void **state)
{
	const struct spec ping = {PING6("2001:db8:1::55", "GW6", 5)};
	static const uint8_t group[6] = {0x33, 0x33, 0xff, 0, 0, 0x55};

	start_quiet(*state);
	env_send(LAN, &ping);
	for (unsigned int i = 0; i < 3; i++) {
		expect_nd(LAN, 135, 0, "GW6", "ff02::1:ff00:55", "2001:db8:1::55", group);
		fixture_turn(&env.f, 1000);
	}
	for (unsigned int i = 0; i < 5; i++) {
		fixture_turn(&env.f, 1000);
		env_expect_none("GW-IP6-03");
	}
	assert_int_equal(neigh_count(env.f.gw.worker[0]->neigh), 0);
	env_stop();
}

// ---- neighbours that move

static void
gw_nd_08_unreachability(void **state)
{
	const struct spec out = {A6}, out4 = {A4}, in = {B4}, in6 = {B6};
	uint8_t b[128];

	env_start(*state, NULL);
	env_send(LAN, &out);
	env_expect("open", WAN, &out4);
	fixture_turn(&env.f, 46000); // STALE
	env_send(WAN, &in);
	env_expect("GW-ND-08 by the old MAC", LAN, &in6); // DELAY
	fixture_turn(&env.f, 4999);
	env_expect_none("GW-ND-08 not yet");
	fixture_turn(&env.f, 1);
	expect_nd(LAN, 135, 0, "GW6", "C", "C", env_mac_client); // PROBE
	send_nd(LAN, 136, NA_SO, "C", "GW6", "C", mac_new);
	env_send(WAN, &in);
	assert_true(fixture_take(&env.f, LAN, b, sizeof(b)) > 14);
	assert_memory_equal(b, mac_new, 6);
	env_stop();
}

static void
gw_nd_07_unasked_adverts(void **state)
{
	const struct spec out = {A6}, out4 = {A4}, in = {B4}, in6 = {B6};
	uint32_t known;
	uint8_t b[128];

	env_start(*state, NULL);
	known = neigh_count(env.f.gw.worker[0]->neigh);
	env_send(LAN, &out);
	env_expect("open", WAN, &out4);
	send_nd(LAN, 136, 0, "C", "ff02::1", "C", mac_new); // without override
	env_send(WAN, &in);
	env_expect("GW-ND-07 O=0 is ignored", LAN, &in6);
	send_nd(LAN, 136, NA_O, "C", "ff02::1", "2001:db8:1::99", mac_new); // GW-ND-12
	send_nd(LAN, 136, NA_O, "C", "ff02::1", "2001:db8:77::99", mac_new);
	assert_int_equal(neigh_count(env.f.gw.worker[0]->neigh), known + 1);
	send_nd(LAN, 136, NA_SO, "C", "GW6", "GW6", mac_new);
	send_nd(LAN, 136, NA_SO, "C", "GW6", "@8.8.8.8", mac_new); // GW-ND-15
	send_arp(WAN, 2, mac_new, "5.6.7.2", "5.6.7.2");           // GW-ARP-08
	send_arp(WAN, 1, mac_new, "9.9.9.9", "9.9.9.9");           // off-link
	env_expect_none("ignored");
	send_arp(WAN, 1, mac_new, "5.6.7.1", "5.6.7.1"); // gratuitous: merged (GW-ARP-02)
	env_send(LAN, &out);
	assert_true(fixture_take(&env.f, WAN, b, sizeof(b)) > 14);
	assert_memory_equal(b, mac_new, 6);
	env_stop();
}

// ---- MLD

static unsigned int
take_report(unsigned int port, uint8_t record_type)
{
	unsigned int n;

	if (!env_take(port))
		return 0;
	assert_int_equal(env.last[6], 0);
	assert_int_equal(env.last[7], 1);
	assert_memory_equal(env.last + 40, ((const uint8_t[]){58, 0, 5, 2, 0, 0, 1, 0}), 8);
	assert_int_equal(env.last[48], 143);
	n = get16(env.last + 54);
	for (unsigned int i = 0; i < n; i++)
		assert_int_equal(env.last[56 + 20 * i], record_type);
	assert_int_equal(env.last_len, 56 + 20 * n);
	assert_int_equal(build_fold(build_sum(env.last + 48, env.last_len - 48,
				 build_pseudo(env.last + 8, 32, 58, env.last_len - 48))),
		0xffff);
	return n;
}

// Of our addresses: the LAN port's two, the WAN port's link-local one and its IPv4 address.
static void
take_announcements(void)
{
	static const struct {
		unsigned int port, n;
	} adverts[] = {{LAN, 2}, {WAN, 1}};
	uint8_t b[128];

	for (unsigned int i = 0; i < RTE_DIM(adverts); i++)
		for (unsigned int j = 0; j < adverts[i].n; j++) {
			assert_int_equal(
				fixture_take(&env.f, adverts[i].port, b, sizeof(b)), 14 + 72);
			assert_int_equal(b[54], 136);
			assert_int_equal(b[58], 0xa0);           // R and O, not S
			assert_memory_equal(b + 22, b + 62, 16); // by the address itself
			assert_memory_equal(b, "\x33\x33\0\0\0\1", 6);
			assert_memory_equal(b + 80, b + 6, 6);
		}
	assert_int_equal(fixture_take(&env.f, WAN, b, sizeof(b)), 42);
	assert_memory_equal(b, all_ones, 6);
	assert_memory_equal(b + 28, b + 38, 4);
}

// A link that goes and comes: sessions and neighbours are there as before, and others hear of us.
static void
link_away(void **state)
{
	const struct spec out = {UDP6("C", 40000, "@8.8.8.8", 53)};
	const struct spec out4 = {UDP4("T", A_PORT(0), "8.8.8.8", 53)};
	struct worker *w;
	struct port *wan;

	env_start(*state, NULL);
	w = env.f.gw.worker[0];
	wan = &env.f.gw.port[WAN];
	env_send(LAN, &out);
	env_expect("open", WAN, &out4);
	wan->link.lost = true;
	link_changed(w, wan);
	env_send(LAN, &out);
	env_expect_none("no wire");
	assert_int_equal(fixture_stats(&env.f).drop[DROP_LINK_DOWN], 1);
	for (unsigned int i = 0; i < 120; i++) {
		fixture_turn(&env.f, 1000);
		env_send(LAN, &out);
	}
	fixture_discard(&env.f); // probes of the LAN's neighbour
	wan->link.lost = false;
	wan->link.up = true;
	link_changed(w, wan);
	fixture_turn(&env.f, 1);
	assert_int_equal(take_report(WAN, 4), 2);
	fixture_turn(&env.f, 1000);
	fixture_discard(&env.f);
	env_send(LAN, &out);
	env_expect("as before", WAN, &out4);
	assert_int_equal(env_sessions(), 1);
	env_stop();
}

static void
gw_mld_02_03_reports(void **state)
{
	static const uint8_t alert[8] = {58, 0, 5, 2, 0, 0, 1, 0};
	static const uint8_t any[20];
	const struct spec query = {ERR6("fe80::1", "ff02::1", 130, 0), .id = 1000, .ttl = 1,
		.payload = 20, .data = any, .ext = alert, .ext_len = 8};
	struct spec from_nobody = query;

	start_quiet(*state);
	local_announce(env.f.gw.worker[0]);
	for (unsigned int i = 0; i < 2; i++) {
		fixture_turn(&env.f, i ? 1000 : 1);
		assert_int_equal(take_report(LAN, 4), 3); // all routers, link-local, global
		assert_int_equal(take_report(WAN, 4), 2);
		take_announcements();
	}
	fixture_turn(&env.f, 5000);
	env_expect_none("GW-MLD-02 twice");
	env_send(LAN, &query);
	fixture_turn(&env.f, 1000);
	assert_int_equal(take_report(LAN, 2), 3); // GW-MLD-03
	fixture_turn(&env.f, 5000);
	env_expect_none("GW-MLD-03 once");
	from_nobody.src = "::";
	env_send(LAN, &from_nobody);
	fixture_turn(&env.f, 5000);
	env_expect_none("GW-MLD-05");
	env_stop();
}

ENV_MAIN(WITH_BOTH(gw_arp_answers), WITH_BOTH(gw_nd_answers), cmocka_unit_test(gw_ip6_01_echo),
	WITH_BOTH(gw_arp_06_packets_wait), WITH_BOTH(gw_nd_06_packets_wait),
	WITH_BOTH(gw_arp_06_failure_reaches_the_client),
	WITH_BOTH(gw_nd_06_failure_reaches_the_server), WITH_BOTH(own_packets_fail_silently),
	WITH_BOTH(gw_nd_08_unreachability), WITH_BOTH(gw_nd_07_unasked_adverts),
	WITH_BOTH(gw_mld_02_03_reports), WITH_BOTH(link_away))
