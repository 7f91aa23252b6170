// SPDX-License-Identifier: BSD-3-Clause
// From one client to another by a pool address (RFC 6146 §3.8).
#include "datagram.h"

#define T_ "@5.6.7.64"
#define SERVER \
	ENV_POOL "  static: [{protocols: [tcp, udp], address: 5.6.7.64, ports: 8080, client: " \
		 "'2001:db8:2::10', client_port: 80}]\n"
#define ENDPOINT ENV_POOL "  filtering: endpoint\n"
#define SYN_ACK  (TCP_SYN | TCP_ACK)

static const uint8_t lsrr[8] = {131, 7, 4, 1, 1, 1, 1, 0};

// N64-HAIR-02: D sees the address and port that C has outside, and answers there. The hop limit
// falls twice.
static const struct step udp[] = {
	{"N64-HAIR-01", LAN, {UDP6("C", 40000, T_, 8080), .payload = 5}, LAN2,
		{UDP6(T_, A_PORT(0), "D", 80), .payload = 5, .ttl = 62}},
	{"N64-HAIR-02", LAN2, {UDP6("D", 80, T_, A_PORT(0)), .payload = 7}, LAN,
		{UDP6(T_, 8080, "C", 40000), .payload = 7, .ttl = 62}},
	{"again", LAN, {UDP6("C", 40000, T_, 8080), .payload = 5}, LAN2,
		{UDP6(T_, A_PORT(0), "D", 80), .payload = 5, .ttl = 62}},
	{"N64-BIB-03", LAN, {UDP6("C", 40000, "@8.8.8.8", 53)}, WAN,
		{UDP4("T", A_PORT(0), "8.8.8.8", 53)}},
	{"N64-HAIR-03 ERR-26 an error of D", LAN2,
		{ERR6("D", T_, 1, 4), QUOTE(UDP6(T_, A_PORT(0), "D", 80), .payload = 5)}, LAN,
		{ERR6(T_, "C", 1, 4), .ttl = 62, QUOTE(UDP6("C", 40000, T_, 8080), .payload = 5)}},
	{"N64-HAIR-03 ERR-26 an error of C", LAN,
		{ERR6("C", T_, 3, 1), QUOTE(UDP6(T_, 8080, "C", 40000), .payload = 5)}, LAN2,
		{ERR6(T_, "D", 3, 1), .ttl = 62,
			QUOTE(UDP6("D", 80, T_, A_PORT(0)), .payload = 5)}},
	{"N64-HAIR-05 the first pass", LAN, {UDP6("C", 40000, T_, 8080), .ttl = 1}, LAN,
		{ERR6("GW6", "C", 3, 0), .ttl = 64, QUOTE(UDP6("C", 40000, T_, 8080), .ttl = 1)},
		DROPS(TTL)},
	{"N64-HAIR-05 the second", LAN, {UDP6("C", 40000, T_, 8080), .ttl = 2}, LAN,
		{ERR6(T_, "C", 3, 0), .tos = 0xc0, QUOTE(UDP6("C", 40000, T_, 8080), .ttl = 1)},
		DROPS(TTL)},
	{"N64-HAIR-05 enough", LAN, {UDP6("C", 40000, T_, 8080), .ttl = 3}, LAN2,
		{UDP6(T_, A_PORT(0), "D", 80), .ttl = 1}},
	{"N64-HAIR-07 nobody", LAN, {UDP6("C", 40000, T_, 9)}, NOWHERE, DROPS(NO_SESSION4)},
	{"N64-HAIR-07 nobody, TCP", LAN, {TCP6("C", 40000, T_, 9)}, NOWHERE, DROPS(TCP_NO_SESSION)},
	{"X46-07 spoofed from outside", WAN, {UDP4("T", 999, "T", 8080)}, NOWHERE,
		DROPS(SRC4_ILLEGAL)},
	{"X46-07 as C, which has a session with D", WAN, {UDP4("T", A_PORT(0), "T", 8080)}, NOWHERE,
		DROPS(SRC4_ILLEGAL)},
	{"X46-07 in fragments", WAN, {UDP4("T", A_PORT(0), "T", 8080), .mf = true, .payload = 8},
		NOWHERE, DROPS(SRC4_ILLEGAL)},
	{"X46-07 with a source route", WAN,
		{UDP4("T", A_PORT(0), "T", 8080), .opt = lsrr, .opt_len = 8}, NOWHERE,
		DROPS(SRC4_ILLEGAL)},
	{"X46-07 as D", WAN, {UDP4("T", 8080, "T", A_PORT(0))}, NOWHERE, DROPS(SRC4_ILLEGAL)},
	{"X46-07 as ourselves", WAN, {UDP4("GW4", 53, "T", A_PORT(0))}, NOWHERE,
		DROPS(SRC4_ILLEGAL)},
	{"X46-07 to ourselves", WAN, {PING4("T", "GW4", 1)}, NOWHERE, DROPS(SRC4_ILLEGAL)},
	{"X46-07 an error may bear any source", WAN,
		{ERR4("T", "T", 3, 1), QUOTE(UDP4("T", A_PORT(0), "8.8.8.8", 53))}, LAN,
		{ERR6(T_, "C", 1, 0), QUOTE(UDP6("C", 40000, "@8.8.8.8", 53))}},
	{"C and D go on", LAN, {UDP6("C", 40000, T_, 8080), .payload = 5}, LAN2,
		{UDP6(T_, A_PORT(0), "D", 80), .payload = 5, .ttl = 62}},
};

static const struct step tcp[] = {
	{"N64-HAIR-03 SYN", LAN, {TCP6("C", 40000, T_, 8080)}, LAN2,
		{TCP6(T_, A_PORT(0), "D", 80), .ttl = 62}},
	{"SYN+ACK", LAN2, {TCP6("D", 80, T_, A_PORT(0)), .tcp_flags = SYN_ACK}, LAN,
		{TCP6(T_, 8080, "C", 40000), .tcp_flags = SYN_ACK, .ttl = 62}},
	{"ACK", LAN, {TCP6("C", 40000, T_, 8080), .tcp_flags = TCP_ACK, .payload = 9}, LAN2,
		{TCP6(T_, A_PORT(0), "D", 80), .tcp_flags = TCP_ACK, .payload = 9, .ttl = 62}},
	{"both sessions are established", LAN2,
		{TCP6("D", 80, T_, A_PORT(0)), .tcp_flags = TCP_ACK, .payload = 9}, LAN,
		{TCP6(T_, 8080, "C", 40000), .tcp_flags = TCP_ACK, .payload = 9, .ttl = 62},
		.wait_ms = 7000000},
	{"X46-07 a reset as C", WAN, {TCP4("T", A_PORT(0), "T", 8080), .tcp_flags = TCP_RST},
		NOWHERE, DROPS(SRC4_ILLEGAL)},
	{"RST", LAN2, {TCP6("D", 80, T_, A_PORT(0)), .tcp_flags = TCP_RST}, LAN,
		{TCP6(T_, 8080, "C", 40000), .tcp_flags = TCP_RST, .ttl = 62}},
};

static void
n64_hair_01_02_03_server(void **state)
{
	RUN_ALL(SERVER, udp);
	RUN_ALL(SERVER, tcp);
}

// Two clients with bindings of their own, which neighbours know of each other by a server.
static const struct step peers[] = {
	{"C's", LAN, {UDP6("C", 40000, "@8.8.8.8", 53)}, WAN,
		{UDP4("T", A_PORT(0), "8.8.8.8", 53)}},
	{"D's", LAN2, {UDP6("D", 50000, "@8.8.8.8", 53)}, WAN,
		{UDP4("T", A_PORT(1), "8.8.8.8", 53)}},
	{"N64-HAIR-01 C to D", LAN, {UDP6("C", 40000, T_, A_PORT(1))}, LAN2,
		{UDP6(T_, A_PORT(0), "D", 50000), .ttl = 62}},
	{"D to C", LAN2, {UDP6("D", 50000, T_, A_PORT(0))}, LAN,
		{UDP6(T_, A_PORT(1), "C", 40000), .ttl = 62}},
	{"C to itself", LAN, {UDP6("C", 40000, T_, A_PORT(0))}, LAN,
		{UDP6(T_, A_PORT(0), "C", 40000), .ttl = 62}},
};

// N64-HAIR-04: D hears of nobody that it did not write to.
static const struct step filtered[] = {
	{"C's", LAN, {UDP6("C", 40000, "@8.8.8.8", 53)}, WAN,
		{UDP4("T", A_PORT(0), "8.8.8.8", 53)}},
	{"D's", LAN2, {UDP6("D", 50000, "@8.8.8.8", 53)}, WAN,
		{UDP4("T", A_PORT(1), "8.8.8.8", 53)}},
	{"N64-HAIR-04", LAN, {UDP6("C", 40000, T_, A_PORT(1))}, NOWHERE, DROPS(FILTERED)},
	{"N64-HAIR-04 C has sent to D", LAN2, {UDP6("D", 50000, T_, A_PORT(0))}, LAN,
		{UDP6(T_, A_PORT(1), "C", 40000), .ttl = 62}},
	{"N64-HAIR-04 and now D to C", LAN, {UDP6("C", 40000, T_, A_PORT(1))}, LAN2,
		{UDP6(T_, A_PORT(0), "D", 50000), .ttl = 62}},
};

static void
n64_hair_04_filtering(void **state)
{
	RUN_ALL(ENDPOINT, peers);
	RUN_ALL(ENV_POOL, filtered);
	RUN_ALL(ENV_POOL "  filtering: address_port\n", filtered);
}

// N64-HAIR-03: an identifier is the same on both sides, so that echo reaches a client with the
// same one on another address.
static const struct step echo[] = {
	{"N64-HAIR-03 echo", LAN, {PING6("C", "@5.6.7.65", 7), .seq = 3, .payload = 9}, LAN2,
		{PING6(T_, "D", A_PORT(0)), .seq = 3, .payload = 9, .ttl = 62}},
	{"N64-HAIR-03 reply", LAN2, {PONG6("D", T_, A_PORT(0)), .seq = 3, .payload = 9}, LAN,
		{PONG6("@5.6.7.65", "C", 7), .seq = 3, .payload = 9, .ttl = 62}},
	{"to itself", LAN, {PING6("C", T_, 7), .seq = 4}, LAN,
		{PING6(T_, "C", 7), .seq = 4, .ttl = 62}},
};

static void
n64_hair_03_echo(void **state)
{
	RUN_ALL("  pool4: [{address: 5.6.7.64, ports: 1-65535}, {address: 5.6.7.65, ports: "
		"1-65535, "
		"clients: ['2001:db8:2::10/128']}]\n  max_sessions: 1024\n"
		"  static: [{protocols: [icmp], address: 5.6.7.65, ports: 1-65535, client: "
		"'2001:db8:2::10'}]\n",
		echo);
}

// N64-HAIR-06: behind another NAT the pool is not global.
static void
n64_hair_06_not_global(void **state)
{
	const struct step steps[] = {
		{"N64-HAIR-06", LAN, {UDP6("C", 40000, "@100.64.0.1", 8080)}, LAN2,
			{UDP6("@100.64.0.1", A_PORT(0), "D", 80), .ttl = 62}},
		{"N64-HAIR-06", LAN2, {UDP6("D", 80, "@100.64.0.1", A_PORT(0))}, LAN,
			{UDP6("@100.64.0.1", 8080, "C", 40000), .ttl = 62}},
	};
	const struct step beside[] = {
		{"ADR-12 the next address", LAN, {UDP6("C", 40000, "@100.64.0.2", 8080)}, LAN,
			{ERR6("GW6", "C", 1, 1), .ttl = 64,
				QUOTE(UDP6("C", 40000, "@100.64.0.2", 8080), .ttl = 64)},
			DROPS(WKP_NON_GLOBAL),
			ONE_PREFIX("RFC 6052 3.1 is about the well-known one")},
	};
	static const struct env_setup setup = {
		.nat64 = "  pool4: [{address: 100.64.0.1, ports: 1-65535}]\n"
			 "  static: [{protocols: [udp], address: 100.64.0.1, ports: 8080, client: "
			 "'2001:db8:2::10', client_port: 80}]\n",
		.workers = "0, 1"};

	env_start(*state, &setup);
	env_run(steps, RTE_DIM(steps));
	if (strcmp(*state, WKP) == 0)
		env_run(beside, RTE_DIM(beside));
	env_stop();
}

// N64-HAIR-08: our own address, where the gateway itself is.
static void
n64_hair_08_local(void **state)
{
	static const struct step steps[] = {
		{"N64-HAIR-08 ping", LAN, {PING6("C", "@5.6.7.2", 7)}, LAN,
			{PING6("@5.6.7.2", "C", 7), .ttl = 62}},
		{"N64-HAIR-08 DNS", LAN, {UDP6("C", 40000, "@5.6.7.2", 53)}, NOWHERE,
			DROPS(NO_SESSION4)},
		{"N64-HAIR-08 a port of the pool", LAN, {UDP6("C", 40000, "@5.6.7.2", 2000)},
			NOWHERE, DROPS(NO_SESSION4)},
		{"N64-HAIR-08 ssh", LAN, {TCP6("C", 40000, "@5.6.7.2", 22)}, NOWHERE,
			DROPS(TCP_NO_SESSION)},
	};
	static const struct env_setup setup = {.nat64 = "  pool4: [wan]\n"};

	env_start(*state, &setup);
	env_run(steps, RTE_DIM(steps));
	env_stop();
}

static void
switched_off(void **state)
{
	const struct step steps[] = {{"off", LAN, {UDP6("C", 40000, T_, 8080)}, LAN,
		{ERR6("GW6", "C", 1, 1), .ttl = 64, QUOTE(UDP6("C", 40000, T_, 8080), .ttl = 64)},
		DROPS(HAIRPIN)}};

	RUN_ALL(SERVER "  hairpinning: false\n", steps);
}

// A datagram in fragments, both ways.
static void
fragments(void **state)
{
	for (unsigned int i = 0; i < env_n_prefixes; i++)
		for (unsigned int k = 0; k < RTE_DIM(env_workers); k++) {
			static struct datagram_text d;
			const struct env_setup setup = {.nat64 = SERVER, .workers = env_workers[k]};
			const struct spec out = {UDP6("C", 40000, T_, 8080), .payload = 5000};
			const struct spec want = {
				UDP6(T_, A_PORT(0), "D", 80), .payload = 5000, .ttl = 62};
			const struct spec back = {UDP6("D", 80, T_, A_PORT(0)), .payload = 4000};
			const struct spec wback = {
				UDP6(T_, 8080, "C", 40000), .payload = 4000, .ttl = 62};

			env_start(env_prefixes[i], &setup);
			datagram_build(&d, &out, BUILD_TTL);
			datagram_send(LAN, &d, 0x77, 1232);
			datagram_expect_any("N64-HAIR-01 fragments", LAN2, &want);
			datagram_build(&d, &back, BUILD_TTL);
			datagram_send(LAN2, &d, 0x78, 1232);
			datagram_expect_any("N64-HAIR-02 fragments", LAN, &wback);
			env_stop();
		}
}

// C's link takes more than D's: C is told.
static void
too_big(void **state)
{
	const struct step steps[] = {
		{"too big for D", LAN, {UDP6("C", 40000, T_, 8080), .payload = 3000}, LAN,
			{ERR6(T_, "C", 2, 0), .tos = 0xc0, .word = 1500, .quote_l4 = 528,
				QUOTE(UDP6("C", 40000, T_, 8080), .payload = 3000)},
			DROPS(TOO_BIG)},
	};

	for (unsigned int i = 0; i < env_n_prefixes; i++) {
		static const struct env_setup setup = {
			.nat64 = SERVER, .lan_mtu = 9000, .workers = "0, 1"};

		env_start(env_prefixes[i], &setup);
		env_run(steps, RTE_DIM(steps));
		env_stop();
	}
}

// N64-HAIR-07, N64-TCP-D2: a SYN that waited is told of through the translator too.
static void
n64_hair_07_stored_syn(void **state)
{
	static const struct spec syn = {TCP6("C", 40000, T_, 4000)};
	const struct spec told = {
		ERR6(T_, "C", 1, 4), .tos = 0xc0, QUOTE(TCP6("C", 40000, T_, 4000), .ttl = 63)};

	for (unsigned int k = 0; k < RTE_DIM(env_workers); k++) {
		const struct env_setup setup = {
			.nat64 = ENV_POOL "  tcp_incoming: wait\n", .workers = env_workers[k]};

		env_start(*state, &setup);
		env_send(LAN, &syn);
		env_expect_none("N64-HAIR-07 waits");
		fixture_turn(&env.f, 7100);
		env_expect("N64-HAIR-07", LAN, &told);
		assert_int_equal(env_drops(DROP_SYN_TIMEOUT), 1);
		env_stop();
	}
}

// N64-HAIR-07: what policy refuses is told through the translator.
static void
n64_hair_07_prohibited(void **state)
{
	const struct step steps[] = {
		{"N64-HAIR-07", LAN, {UDP6("C", 40000, T_, 9)}, LAN,
			{ERR6(T_, "C", 1, 1), .tos = 0xc0,
				QUOTE(UDP6("C", 40000, T_, 9), .ttl = 63)},
			DROPS(NO_SESSION4)},
	};

	RUN_ALL(ENV_POOL "  icmp_prohibited: both\n", steps);
}

// D does not answer neighbour discovery: C hears of it.
static void
unreachable(void **state)
{
	static const struct env_setup setup = {
		.nat64 = ENV_POOL
		"  static: [{protocols: [udp], address: 5.6.7.64, ports: 8080, client: "
		"'2001:db8:2::99', client_port: 80}]\n",
		.workers = "0, 1"};
	static const struct spec out = {UDP6("C", 40000, T_, 8080), .payload = 5};
	const struct spec told = {ERR6(T_, "C", 1, 0), .ttl = 62,
		QUOTE(UDP6("C", 40000, T_, 8080), .payload = 5, .ttl = 62)};

	env_start(*state, &setup);
	env_send(LAN, &out);
	for (unsigned int i = 0; i < 5; i++)
		fixture_turn(&env.f, 1000);
	env_expect("ERR-26 unreachable", LAN, &told);
	env_stop();
}

ENV_MAIN(cmocka_unit_test(n64_hair_01_02_03_server), cmocka_unit_test(n64_hair_04_filtering),
	cmocka_unit_test(n64_hair_03_echo), WITH_BOTH(n64_hair_06_not_global),
	WITH_BOTH(n64_hair_08_local), cmocka_unit_test(switched_off), cmocka_unit_test(fragments),
	cmocka_unit_test(too_big), WITH_BOTH(n64_hair_07_stored_syn),
	cmocka_unit_test(n64_hair_07_prohibited), WITH_BOTH(unreachable))
