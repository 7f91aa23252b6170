// SPDX-License-Identifier: BSD-3-Clause
// Who may send from the IPv4 side, and static bindings (port forwarding).
#include "env.h"

#include "state/static_map.h"

static const struct step open_udp[] = {
	{"out", LAN, {UDP6("C", 40000, "@8.8.8.8", 53)}, WAN,
		{UDP4("T", A_PORT(0), "8.8.8.8", 53)}},
	{"N64-FILT-05 N64-UDP-07", WAN, {UDP4("9.9.9.9", 7, "T", A_PORT(0)), .payload = 5}, LAN,
		{UDP6("@9.9.9.9", 7, "C", 40000), .payload = 5}},
	{"N64-UDP-07 the same again", WAN, {UDP4("9.9.9.9", 7, "T", A_PORT(0)), .payload = 7}, LAN,
		{UDP6("@9.9.9.9", 7, "C", 40000), .payload = 7}},
	{"CSUM-04 no checksum", WAN,
		{UDP4("9.9.9.9", 8, "T", A_PORT(0)), .no_csum = true, .payload = 3}, LAN,
		{UDP6("@9.9.9.9", 8, "C", 40000), .payload = 3}},
	{"the answer", LAN, {UDP6("C", 40000, "@9.9.9.9", 7), .payload = 1}, WAN,
		{UDP4("T", A_PORT(0), "9.9.9.9", 7), .payload = 1}},
	{"N64-UDP-05", WAN, {UDP4("9.9.9.9", 7, "T", 5), .payload = 5}, NOWHERE,
		DROPS(NO_SESSION4)},
	{"N64-BIB-04", WAN, {TCP4("9.9.9.9", 7, "T", A_PORT(0))}, NOWHERE, DROPS(TCP_NO_SESSION)},
	{"X46-07", WAN, {UDP4("T", 7, "T", A_PORT(0))}, NOWHERE, DROPS(SRC4_ILLEGAL)},
	{"X46-07 a LAN port's", WAN, {UDP4("192.168.1.1", 7, "T", A_PORT(0))}, NOWHERE,
		DROPS(SRC4_ILLEGAL)},
	{"TTL", WAN, {UDP4("9.9.9.9", 9, "T", A_PORT(0)), .ttl = 1}, WAN,
		{ERR4("GW4", "9.9.9.9", 11, 0), .ttl = 64, .tos = 0xc0, .df = true,
			QUOTE(UDP4("9.9.9.9", 9, "T", A_PORT(0)), .ttl = 1)},
		DROPS(TTL)},
};

static const struct step open_echo[] = {
	{"out", LAN, {PING6("C", "@8.8.8.8", 77)}, WAN, {PING4("T", "8.8.8.8", A_PORT(0))}},
	{"N64-ICMP-04", WAN, {PING4("9.9.9.9", "T", A_PORT(0)), .payload = 5}, LAN,
		{PING6("@9.9.9.9", "C", 77), .payload = 5}},
	{"N64-ICMP-03", WAN, {PONG4("9.9.9.8", "T", A_PORT(0)), .payload = 5}, LAN,
		{PONG6("@9.9.9.8", "C", 77), .payload = 5}},
	{"the answer", LAN, {PONG6("C", "@9.9.9.9", 77), .payload = 5}, WAN,
		{PONG4("T", "9.9.9.9", A_PORT(0)), .payload = 5}},
};

#define SYN_ACK (TCP_SYN | TCP_ACK)

static const struct step open_tcp[] = {
	{"out", LAN, {TCP6("C", 40000, "@8.8.8.8", 53)}, WAN,
		{TCP4("T", A_PORT(0), "8.8.8.8", 53)}},
	{"N64-TCP-C7", WAN, {TCP4("9.9.9.9", 7, "T", A_PORT(0))}, LAN,
		{TCP6("@9.9.9.9", 7, "C", 40000)}},
	{"N64-TCP-D4 again", WAN, {TCP4("9.9.9.9", 7, "T", A_PORT(0))}, LAN,
		{TCP6("@9.9.9.9", 7, "C", 40000)}},
	{"N64-TCP-D1", LAN, {TCP6("C", 40000, "@9.9.9.9", 7), .tcp_flags = SYN_ACK}, WAN,
		{TCP4("T", A_PORT(0), "9.9.9.9", 7), .tcp_flags = SYN_ACK}},
	{"data", WAN, {TCP4("9.9.9.9", 7, "T", A_PORT(0)), .tcp_flags = TCP_ACK, .payload = 9}, LAN,
		{TCP6("@9.9.9.9", 7, "C", 40000), .tcp_flags = TCP_ACK, .payload = 9}},
	{"kept for two hours", WAN,
		{TCP4("9.9.9.9", 7, "T", A_PORT(0)), .tcp_flags = TCP_ACK, .payload = 9}, LAN,
		{TCP6("@9.9.9.9", 7, "C", 40000), .tcp_flags = TCP_ACK, .payload = 9},
		.wait_ms = 240000},
	{"N64-TCP-C8", WAN, {TCP4("9.9.9.8", 7, "T", A_PORT(0)), .tcp_flags = TCP_ACK}, NOWHERE,
		DROPS(TCP_NO_SESSION)},
	{"N64-TCP-14", WAN, {TCP4("9.9.9.8", 7, "T", A_PORT(0)), .tcp_flags = TCP_SYN | TCP_FIN},
		NOWHERE, DROPS(TCP_FLAGS)},
};

static void
n64_filt_05_endpoint(void **state)
{
	RUN_ALL(ENV_POOL "  filtering: endpoint\n", open_udp);
	RUN_ALL(ENV_POOL "  filtering: endpoint\n", open_echo);
	RUN_ALL(ENV_POOL "  filtering: endpoint\n", open_tcp);
}

static const struct step address[] = {
	{"out", LAN, {UDP6("C", 40000, "@8.8.8.8", 53)}, WAN,
		{UDP4("T", A_PORT(0), "8.8.8.8", 53)}},
	{"N64-FILT-04", WAN, {UDP4("8.8.8.8", 54, "T", A_PORT(0))}, LAN,
		{UDP6("@8.8.8.8", 54, "C", 40000)}},
	{"N64-UDP-06", WAN, {UDP4("8.8.8.9", 53, "T", A_PORT(0))}, NOWHERE, DROPS(FILTERED)},
	{"out", LAN, {TCP6("C", 40000, "@8.8.8.8", 80)}, WAN,
		{TCP4("T", A_PORT(1), "8.8.8.8", 80)}},
	{"N64-TCP-12", WAN, {TCP4("8.8.8.8", 81, "T", A_PORT(1))}, LAN,
		{TCP6("@8.8.8.8", 81, "C", 40000)}},
	{"N64-TCP-C4", WAN, {TCP4("8.8.8.9", 81, "T", A_PORT(1))}, NOWHERE, DROPS(FILTERED)},
};

static const struct step address_port[] = {
	{"out", LAN, {UDP6("C", 40000, "@8.8.8.8", 53)}, WAN,
		{UDP4("T", A_PORT(0), "8.8.8.8", 53)}},
	{"N64-FILT-01 the port", WAN, {UDP4("8.8.8.8", 54, "T", A_PORT(0))}, NOWHERE,
		DROPS(FILTERED)},
	{"N64-FILT-01 the address", WAN, {UDP4("8.8.8.9", 53, "T", A_PORT(0))}, NOWHERE,
		DROPS(FILTERED)},
	{"N64-FILT-01 both", WAN, {UDP4("8.8.8.8", 53, "T", A_PORT(0))}, LAN,
		{UDP6("@8.8.8.8", 53, "C", 40000)}},
};

// GW-FW-09: the WAN is closed but for what a binding lets in.
static void
n64_filt_01_by_address(void **state)
{
	RUN_ALL(ENV_POOL "  filtering: address\n", address);
	RUN_ALL(ENV_POOL, address); // the default
	RUN_ALL(ENV_POOL "  filtering: address_port\n", address_port);
}

// N64-UDP-04: what is refused keeps nothing alive.
static void
n64_udp_04_refused_does_not_refresh(void **state)
{
	static const struct step keep[] = {
		{"out", LAN, {UDP6("C", 40000, "@8.8.8.8", 53)}, WAN,
			{UDP4("T", A_PORT(0), "8.8.8.8", 53)}},
		{"N64-UDP-04", WAN, {UDP4("8.8.8.9", 53, "T", A_PORT(0))}, NOWHERE, DROPS(FILTERED),
			.wait_ms = 290000},
		{"gone", WAN, {UDP4("8.8.8.8", 53, "T", A_PORT(0))}, NOWHERE, DROPS(NO_SESSION4),
			.wait_ms = 15000},
	};

	env_start(*state, NULL);
	env_run(keep, RTE_DIM(keep));
	env_stop();
}

static void
n64_dos_03_bound(void **state)
{
	static const struct env_setup setup = {
		.nat64 = ENV_POOL "  filtering: endpoint\n  max_inbound: 3\n"};
	static const struct spec out = {UDP6("C", 40000, "@8.8.8.8", 53)};

	env_start(*state, &setup);
	env_send(LAN, &out);
	assert_true(env_take(WAN));
	for (uint16_t i = 0; i < 10; i++) {
		const struct spec in = {UDP4("9.9.9.9", i + 1, "T", get16(env.last + 20))};
		uint16_t port = in.dport;

		env_send(WAN, &in);
		assert_int_equal(env_take(LAN), i < 3);
		put16(env.last + 20, port);
	}
	assert_int_equal(env_drops(DROP_INBOUND_LIMIT), 7);
	assert_int_equal(env_sessions(), 4);
	env_stop();
}

// An outsider that could not be answered under the well-known prefix (ADR-12).
static void
adr_12_private_outsiders(void **state)
{
	static const struct step out = {"out", LAN, {UDP6("C", 40000, "@8.8.8.8", 53)}, WAN,
		{UDP4("T", A_PORT(0), "8.8.8.8", 53)}};
	static const struct step refused = {"ADR-12", WAN, {UDP4("10.0.0.1", 53, "T", A_PORT(0))},
		NOWHERE, DROPS(WKP_NON_GLOBAL),
		ONE_PREFIX("RFC 6052 3.1 forbids it with this one")};
	static const struct step passed = {"ADR-12", WAN, {UDP4("10.0.0.1", 53, "T", A_PORT(0))},
		LAN, {UDP6("@10.0.0.1", 53, "C", 40000)},
		ONE_PREFIX("RFC 6052 3.1 forbids it with the other")};

	for (unsigned int i = 0; i < 2; i++) {
		static const struct env_setup setup = {.nat64 = ENV_POOL "  filtering: endpoint\n"};

		env_start(env_prefixes[i], &setup);
		env_run(&out, 1);
		env_run(i == 0 ? &refused : &passed, 1);
		env_stop();
	}
}

// ---- static bindings

#define STATIC \
	ENV_POOL "  static:\n" \
		 "    - {protocols: [tcp, udp, icmp], address: 5.6.7.64, ports: 2000-2100, " \
		 "client: '2001:db8:1::10', client_port: 3000}\n" \
		 "    - {protocols: [tcp], ports: 443, client: '2001:db8:2::10'}\n" \
		 "    - {protocols: [udp], address: wan, ports: 4500, client: '2001:db8:2::10', " \
		 "allow: [9.9.0.0/16]}\n"

static const struct step forwarded[] = {
	{"N64-BIB-07 udp", WAN, {UDP4("9.9.9.9", 7, "T", 2000), .payload = 5}, LAN,
		{UDP6("@9.9.9.9", 7, "C", 3000), .payload = 5}},
	{"N64-BIB-07 the answer", LAN, {UDP6("C", 3000, "@9.9.9.9", 7), .payload = 6}, WAN,
		{UDP4("T", 2000, "9.9.9.9", 7), .payload = 6}},
	{"N64-BIB-07 in another block of ports", WAN, {UDP4("9.9.9.9", 7, "T", 2063)}, LAN,
		{UDP6("@9.9.9.9", 7, "C", 3063)}},
	{"N64-BIB-07 the last", WAN, {UDP4("9.9.9.9", 7, "T", 2100)}, LAN,
		{UDP6("@9.9.9.9", 7, "C", 3100)}},
	{"N64-BIB-07 one behind", WAN, {UDP4("9.9.9.9", 7, "T", 2101)}, NOWHERE,
		DROPS(NO_SESSION4)},
	{"N64-BIB-07 echo by identifier", WAN, {PING4("9.9.9.9", "T", 2010), .seq = 4}, LAN,
		{PING6("@9.9.9.9", "C", 3010), .seq = 4}},
	{"the answer", LAN, {PONG6("C", "@9.9.9.9", 3010), .seq = 4}, WAN,
		{PONG4("T", "9.9.9.9", 2010), .seq = 4}},
	{"N64-TCP-C7", WAN, {TCP4("9.9.9.9", 7, "T", 2001)}, LAN, {TCP6("@9.9.9.9", 7, "C", 3001)}},
	{"N64-TCP-D1", LAN, {TCP6("C", 3001, "@9.9.9.9", 7), .tcp_flags = SYN_ACK}, WAN,
		{TCP4("T", 2001, "9.9.9.9", 7), .tcp_flags = SYN_ACK}},
	{"port of our own address", WAN, {TCP4("9.9.9.9", 7, "GW4", 443)}, LAN2,
		{TCP6("@9.9.9.9", 7, "D", 443)}},
	{"its answer", LAN2, {TCP6("D", 443, "@9.9.9.9", 7), .tcp_flags = SYN_ACK}, WAN,
		{TCP4("GW4", 443, "9.9.9.9", 7), .tcp_flags = SYN_ACK}},
	{"the client's error", LAN,
		{ERR6("C", "@9.9.9.9", 1, 4), QUOTE(UDP6("@9.9.9.9", 7, "C", 3063))}, WAN,
		{ERR4("T", "9.9.9.9", 3, 3), QUOTE(UDP4("9.9.9.9", 7, "T", 2063))}},
	{"outbound first", LAN, {UDP6("C", 3050, "@8.8.8.8", 53)}, WAN,
		{UDP4("T", 2050, "8.8.8.8", 53)}},
	{"error from the WAN", WAN,
		{ERR4("8.8.4.4", "T", 3, 1), QUOTE(UDP4("T", 2050, "8.8.8.8", 53))}, LAN,
		{ERR6("@8.8.4.4", "C", 1, 0), QUOTE(UDP6("C", 3050, "@8.8.8.8", 53))}},
	{"open to some", WAN, {UDP4("9.9.1.1", 5, "GW4", 4500)}, LAN2,
		{UDP6("@9.9.1.1", 5, "D", 4500)}},
	{"not to others", WAN, {UDP4("9.8.1.1", 5, "GW4", 4500)}, NOWHERE, DROPS(FILTERED)},
	{"not the other protocol", WAN, {UDP4("9.9.9.9", 7, "GW4", 443)}, NOWHERE,
		DROPS(LOCAL_PROTO)},
	{"our own address otherwise", WAN, {PING4("9.9.9.9", "GW4", 9)}, WAN,
		{PONG4("GW4", "9.9.9.9", 9), .ttl = 64}},
	{"still there after all sessions", WAN, {UDP4("9.9.9.9", 7, "T", 2001), .payload = 5}, LAN,
		{UDP6("@9.9.9.9", 7, "C", 3001), .payload = 5}, .wait_ms = 20000000},
};

static void
n64_bib_07_port_forwarding(void **state)
{
	RUN_ALL(STATIC, forwarded);
}

// The map agrees with where the client's state is, and with the blocks for everything else.
static void
static_map_owners(void **state)
{
	static const struct env_setup setup = {.nat64 = STATIC, .workers = "0, 1, 2, 3"};
	const struct static_map *m;
	struct in6_addr c;
	uint8_t t[4];
	rte_be32_t addr;
	unsigned int owner, moved = 0;

	env_start(*state, &setup);
	m = env.f.gw.plan->statics;
	build_addr(6, "C", c.s6_addr);
	build_addr(4, "T", t);
	memcpy(&addr, t, sizeof(addr));
	owner = state_owner_of_src6(&c, 4);
	for (unsigned int port = 0; port < 65536; port++) {
		unsigned int block = state_owner_of_port((uint16_t)port, 4);
		bool is_static = port >= 2000 && port <= 2100;

		assert_int_equal(static_map_owner(m, IPPROTO_UDP, addr, (uint16_t)port, 4),
			is_static ? owner : block);
		assert_int_equal(
			static_map_owner(m, IPPROTO_UDP, addr + 1, (uint16_t)port, 4), block);
		assert_int_equal(static_map_owner(m, 47, addr, (uint16_t)port, 4), block);
		moved += is_static && block != owner;
	}
	assert_true(moved);
	env_stop();
}

ENV_MAIN(cmocka_unit_test(n64_filt_05_endpoint), cmocka_unit_test(n64_filt_01_by_address),
	WITH_BOTH(n64_udp_04_refused_does_not_refresh), WITH_BOTH(n64_dos_03_bound),
	cmocka_unit_test(adr_12_private_outsiders), cmocka_unit_test(n64_bib_07_port_forwarding),
	WITH_BOTH(static_map_owners))
