// SPDX-License-Identifier: BSD-3-Clause
// Rules that show over many packets: Identifications, order, limits; and sizes at other MTUs.
#include "env.h"

#include "app/pipeline.h"

#define A6 UDP6("C", 40000, "@8.8.8.8", 53)
#define A4 UDP4("T", A_PORT(0), "8.8.8.8", 53)
#define B4 UDP4("8.8.8.8", 53, "T", A_PORT(0))
#define B6 UDP6("@8.8.8.8", 53, "C", 40000)

// The Identification of what leaves for the packet, which may be fragmented downstream.
static uint16_t
identification(const struct spec *s)
{
	env_send(LAN, s);
	assert_true(env_take(WAN));
	assert_int_equal(get16(env.last + 6), 0);
	return get16(env.last + 4);
}

// X64-05: none comes again for a source, destination and protocol before most of them were used,
// whichever workers the clients belong to.
static void
x64_05_identifications_do_not_repeat(void **state)
{
	static const char *const workers[] = {"0", "0, 1", "0, 1, 2"};

	for (unsigned int i = 0; i < RTE_DIM(workers); i++) {
		const struct env_setup setup = {.workers = workers[i]};
		static bool seen[65536];

		memset(seen, 0, sizeof(seen));
		env_start(*state, &setup);
		for (unsigned int k = 0; k < 20000 / (i + 1) * (i + 1); k++) {
			static const char *const clients[] = {
				"C", "2001:db8:1::21", "2001:db8:1::22", "2001:db8:1::23"};
			const struct spec s = {UDP6(clients[k % 4], 40000, "@8.8.8.8", 53)};
			uint16_t id = identification(&s);

			if (seen[id])
				fail_msg("%s: %u once more after %u", workers[i], id, k);
			seen[id] = true;
		}
		env_stop();
	}
}

// X64-06: what one destination sees says little about what another gets.
static void
x64_06_identifications_of_others(void **state)
{
	unsigned int close = 0;
	uint16_t last = 0;

	env_start(*state, NULL);
	for (unsigned int i = 1; i <= 200; i++) {
		char dst[32];
		const struct spec s = {UDP6("C", 40000, dst, 53)};
		uint16_t id;

		snprintf(dst, sizeof(dst), "@9.9.9.%u", i);
		id = identification(&s);
		close += (uint16_t)(id - last) < 16;
		last = id;
	}
	assert_in_range(close, 0, 10);
	env_stop();
}

// XLT-02, N64-MC-02: a burst that a worker receives for another one leaves in its order. The first
// packets find no session, the others do.
static void
xlt_02_n64_mc_02_order(void **state)
{
	static const struct env_setup setup = {.workers = "0, 1, 2"};

	for (unsigned int w = 0; w < 3; w++) {
		struct rte_mbuf *m[WORKER_BURST];

		env_start(*state, &setup);
		for (unsigned int burst = 0; burst < 3; burst++) {
			for (uint16_t i = 0; i < WORKER_BURST; i++) {
				const struct spec s = {A6, .payload = i + 1};
				struct frame f;

				env_frame(&f, LAN, &s);
				m[i] = rte_pktmbuf_alloc(env.f.gw.pool);
				memcpy(rte_pktmbuf_append(m[i], f.len), f.b, f.len);
			}
			pipeline_run(env.f.gw.worker[w],
				&(struct rx_burst){&env.f.gw.port[LAN], m, WORKER_BURST}, 1);
			fixture_turn(&env.f, 0);
			for (uint16_t i = 0; i < WORKER_BURST; i++) {
				assert_true(env_take(WAN));
				assert_int_equal(env.last_len, 28 + i + 1);
			}
		}
		env_stop();
	}
}

// N64-DOS-06: no token is left for errors, and echo passes both ways.
static void
n64_dos_06_echo_is_not_limited(void **state)
{
	static const struct env_setup setup = {
		.nat64 = "  pool4: [{address: 5.6.7.64}]\n  icmp_error_rate: 5\n"
			 "  max_sessions: 1024\n  max_bib: 512\n"};
	static const struct spec one_hop = {A6, .ttl = 1};
	const struct step rows[] = {
		{"N64-DOS-06", LAN, {PING6("C", "@8.8.8.8", 7)}, WAN,
			{PING4("T", "8.8.8.8", A_PORT(0))}},
		{"N64-DOS-06", WAN, {PONG4("8.8.8.8", "T", A_PORT(0))}, LAN,
			{PONG6("@8.8.8.8", "C", 7)}},
	};

	env_start(*state, &setup);
	fixture_turn(&env.f, 1);
	for (unsigned int i = 0; i < 20; i++)
		env_send(LAN, &one_hop);
	assert_int_equal(fixture_stats(&env.f).icmp_limited, 15);
	for (unsigned int i = 0; i < 50; i++)
		env_run(rows, RTE_DIM(rows));
	assert_int_equal(fixture_stats(&env.f).icmp_limited, 15);
	env_stop();
}

// X46-12: up to 1480 bytes of IPv4 pass in one packet.
static void
x46_12_lowest_ipv6_mtu(void **state)
{
	static const struct env_setup setup = {
		.nat64 = "  pool4: [{address: 5.6.7.64}]\n  lowest_ipv6_mtu: 1500\n"
			 "  max_sessions: 1024\n  max_bib: 512\n"};
	static const struct step rows[] = {
		{"open", LAN, {A6}, WAN, {A4}},
		{"X46-12 1261", WAN, {B4, .payload = 1261 - 28}, LAN, {B6, .payload = 1261 - 28}},
		{"X46-12 1480", WAN, {B4, .payload = 1480 - 28}, LAN, {B6, .payload = 1480 - 28}},
	};
	static const struct spec more = {B4, .payload = 1481 - 28};
	uint16_t first;

	env_start(*state, &setup);
	env_run(rows, RTE_DIM(rows));
	env_send(WAN, &more);
	assert_true(env_take(LAN));
	assert_int_equal(env.last[6], 44);
	assert_in_range(env.last_len, 1281, 1500);
	first = env.last_len;
	assert_true(env_take(LAN));
	assert_int_equal(env.last[6], 44);
	assert_int_equal(first - 48 + env.last_len - 48, 1461);
	env_expect_none("X46-12");
	env_stop();
}

static const uint8_t atomic[8] = {17, 0, 0, 0, 0, 0, 0x12, 0x34};
#define ATOMIC .ext = atomic, .ext_type = 44, .ext_len = 8

// X64-F07: the Fragment header's 8 bytes are not counted on: 20 more is right for any packet.
static void
x64_f07_too_big_with_a_fragment_header(void **state)
{
	static const struct env_setup setup = {.wan_mtu = 1400};
	const struct step rows[] = {
		{"open", LAN, {A6}, WAN, {A4}},
		{"X64-F07 1401", LAN, {A6, .payload = 1401 - 28, ATOMIC}, LAN,
			{ERR6("GW6", "C", 2, 0), .ttl = 64, .word = 1420,
				QUOTE(A6, .payload = 1401 - 28, ATOMIC, .ttl = 64),
				.quote_l4 = 1280 - 48 - 48},
			DROPS(TOO_BIG)},
		{"X64-F07 1400", LAN, {A6, .payload = 1400 - 28, ATOMIC}, WAN,
			{A4, .payload = 1400 - 28}},
	};

	env_start(*state, &setup);
	env_run(rows, RTE_DIM(rows));
	env_stop();
}

#define OTHER6(p) .family = 6, .proto = p, .src = "C", .dst = "@8.8.8.8", .payload = 24
#define OTHER4(p) .family = 4, .proto = p, .src = "8.8.8.8", .dst = "T", .payload = 24
#define TOLD6(id, p) \
	{ \
		id, LAN, {OTHER6(p)}, LAN, \
			{ERR6("GW6", "C", 1, 4), .ttl = 64, QUOTE(OTHER6(p), .ttl = 64)}, \
			DROPS(PROTO) \
	}
#define TOLD4(id, p) \
	{ \
		id, WAN, {OTHER4(p)}, WAN, \
			{ERR4("GW4", "8.8.8.8", 3, 2), .ttl = 64, .tos = 0xc0, .df = true, \
				QUOTE(OTHER4(p), .ttl = 64)}, \
			DROPS(PROTO) \
	}

static const struct step transports[] = {
	TOLD6("N64-DOS-13 ESP", 50),
	TOLD6("N64-DOS-13 AH", 51),
	TOLD6("N64-TUP-03 no next header", 59),
	TOLD6("N64-TUP-03 IPv4 in IPv6", 4),
	TOLD4("N64-DOS-13 ESP", 50),
	TOLD4("N64-DOS-13 AH", 51),
	TOLD4("N64-TUP-03 6in4", 41),
	{"I46-06 X46-08 IGMP", WAN, {OTHER4(2)}, NOWHERE, DROPS(PROTO)},
	{"N64-DOS-13 IKE", LAN, {UDP6("C", 500, "@8.8.8.8", 500)}, WAN,
		{UDP4("T", A_PORT(0), "8.8.8.8", 500)}},
	{"N64-DOS-13 IKE", WAN, {UDP4("8.8.8.8", 500, "T", A_PORT(0))}, LAN,
		{UDP6("@8.8.8.8", 500, "C", 500)}},
	{"N64-DOS-13 ESP in UDP", LAN, {UDP6("C", 4500, "@8.8.8.8", 4500), .payload = 60}, WAN,
		{UDP4("T", A_PORT(1), "8.8.8.8", 4500), .payload = 60}},
	{"N64-DOS-13 ESP in UDP", WAN, {UDP4("8.8.8.8", 4500, "T", A_PORT(1)), .payload = 60}, LAN,
		{UDP6("@8.8.8.8", 4500, "C", 4500), .payload = 60}},
	{"N64-DOS-13 its keep-alive", LAN, {UDP6("C", 4500, "@8.8.8.8", 4500), .payload = 1}, WAN,
		{UDP4("T", A_PORT(1), "8.8.8.8", 4500), .payload = 1}},
};

static void
n64_dos_13_ipsec_and_other_transports(void **state)
{
	RUN(transports);
}

static const struct step sources[] = {
	{"open", LAN, {A6}, WAN, {A4}},
	{"X46-07 our own", WAN, {UDP4("GW4", 53, "T", A_PORT(0))}, NOWHERE, DROPS(SRC4_ILLEGAL)},
	{"X46-07 the pool's", WAN, {UDP4("T", 53, "T", A_PORT(0))}, NOWHERE, DROPS(SRC4_ILLEGAL)},
	{"X46-07 broadcast", WAN, {UDP4("5.6.7.255", 53, "T", A_PORT(0))}, NOWHERE,
		DROPS(SRC4_ILLEGAL)},
	{"X46-07 everybody", WAN, {UDP4("255.255.255.255", 53, "T", A_PORT(0))}, NOWHERE,
		DROPS(SRC4_ILLEGAL)},
};

static void
x46_07_sources(void **state)
{
	RUN(sources);
}

ENV_MAIN(WITH_BOTH(x64_05_identifications_do_not_repeat),
	WITH_BOTH(x64_06_identifications_of_others), WITH_BOTH(xlt_02_n64_mc_02_order),
	WITH_BOTH(n64_dos_06_echo_is_not_limited), WITH_BOTH(x46_12_lowest_ipv6_mtu),
	WITH_BOTH(x64_f07_too_big_with_a_fragment_header),
	cmocka_unit_test(n64_dos_13_ipsec_and_other_transports), cmocka_unit_test(x46_07_sources))
