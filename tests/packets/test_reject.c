// SPDX-License-Identifier: BSD-3-Clause
// What is dropped and told to the sender (RFC 4443 §2.4, RFC 1812 §4.3.2), and what is not told.
#include "env.h"

// Errors of the gateway's own quote the packet as it was received.
#define OWN6(to, t, c) ERR6("GW6", to, t, c), .ttl = 64
#define OWN4(to, t, c) ERR4("GW4", to, t, c), .ttl = 64, .tos = 0xc0, .df = true
#define QUOTE6_MAX     (1280 - 48 - 40) // bytes behind the quoted IPv6 header
#define QUOTE4_MAX     (576 - 28 - 20)

#define A6             UDP6("C", 40000, "@8.8.8.8", 53)
#define A4             UDP4("T", A_PORT(0), "8.8.8.8", 53)
#define B4             UDP4("8.8.8.8", 53, "T", A_PORT(0))
#define B6             UDP6("@8.8.8.8", 53, "C", 40000)

static const uint8_t lsrr[8] = {131, 7, 4, 1, 2, 3, 4, 0};
static const uint8_t lsrr_done[8] = {131, 7, 8, 1, 2, 3, 4, 0};
static const uint8_t rh[8] = {17, 0, 4, 1, 0, 0, 0, 0};
static const uint8_t rh_done[8] = {17, 0, 4, 0, 0, 0, 0, 0};
static const uint8_t dst_rh[16] = {43, 0, 1, 4, 0, 0, 0, 0, 17, 0, 4, 2, 0, 0, 0, 0};

static const struct step told[] = {
	{"X64-07 hop limit 1", LAN, {A6, .ttl = 1}, LAN, {OWN6("C", 3, 0), QUOTE(A6, .ttl = 1)},
		DROPS(TTL)},
	{"X64-07 hop limit 0", LAN, {A6, .ttl0 = true}, LAN,
		{OWN6("C", 3, 0), QUOTE(A6, .ttl0 = true)}, DROPS(TTL)},
	{"XLT-06 echo", LAN, {PING6("C", "@8.8.8.8", 5), .ttl = 1}, LAN,
		{OWN6("C", 3, 0), QUOTE(PING6("C", "@8.8.8.8", 5), .ttl = 1)}, DROPS(TTL)},
	{"open", LAN, {A6}, WAN, {A4}},
	{"X64-07 of a session", LAN, {A6, .ttl = 1}, LAN, {OWN6("C", 3, 0), QUOTE(A6, .ttl = 1)},
		DROPS(TTL)},
	{"X46-04 TTL 1", WAN, {B4, .ttl = 1}, WAN, {OWN4("8.8.8.8", 11, 0), QUOTE(B4, .ttl = 1)},
		DROPS(TTL)},
	{"X46-04 TTL 0", WAN, {B4, .ttl0 = true}, WAN,
		{OWN4("8.8.8.8", 11, 0), QUOTE(B4, .ttl0 = true)}, DROPS(TTL)},
	{"X46-04 of no session", WAN, {UDP4("8.8.8.8", 54, "T", 9), .ttl = 1}, NOWHERE,
		DROPS(NO_SESSION4)},
	{"X64-14 N64-TUP-03", LAN,
		{.family = 6, .proto = 132, .src = "C", .dst = "@8.8.8.8", .payload = 40}, LAN,
		{OWN6("C", 1, 4), QUOTE(.family = 6, .proto = 132, .src = "C", .dst = "@8.8.8.8",
					  .payload = 40, .ttl = 64)},
		DROPS(PROTO)},
	{"X46-08 N64-TUP-03", WAN,
		{.family = 4, .proto = 132, .src = "8.8.8.8", .dst = "T", .payload = 40}, WAN,
		{OWN4("8.8.8.8", 3, 2), QUOTE(.family = 4, .proto = 132, .src = "8.8.8.8",
						.dst = "T", .payload = 40, .ttl = 64)},
		DROPS(PROTO)},
	{"X64-10", LAN, {A6, .ext = rh, .ext_type = 43, .ext_len = 8}, LAN,
		{OWN6("C", 4, 0), .word = 43,
			QUOTE(A6, .ext = rh, .ext_type = 43, .ext_len = 8, .ttl = 64)},
		DROPS(ROUTING_HEADER)},
	{"X64-10 behind another", LAN, {A6, .ext = dst_rh, .ext_type = 60, .ext_len = 16}, LAN,
		{OWN6("C", 4, 0), .word = 51,
			QUOTE(A6, .ext = dst_rh, .ext_type = 60, .ext_len = 16, .ttl = 64)},
		DROPS(ROUTING_HEADER)},
	{"X64-09", LAN, {A6, .ext = rh_done, .ext_type = 43, .ext_len = 8}, WAN, {A4}},
	{"X46-06", WAN, {B4, .opt = lsrr, .opt_len = 8}, WAN,
		{OWN4("8.8.8.8", 3, 5), QUOTE(B4, .opt = lsrr, .opt_len = 8, .ttl = 64)},
		DROPS(SOURCE_ROUTE)},
	{"X46-05", WAN, {B4, .opt = lsrr_done, .opt_len = 8}, LAN, {B6}},
};

static void
reject_told(void **state)
{
	RUN(told);
}

static const uint8_t late_rh[8] = {58, 0, 4, 1, 0, 0, 0, 0};
static const struct step untold[] = {
	{"N64-DOS-12 about an error", LAN, {ERR6("C", "@8.8.8.8", 1, 4), QUOTE(B6), .ttl = 1},
		NOWHERE, DROPS(TTL)},
	{"N64-DOS-12 about an error with a routing header", LAN,
		{ERR6("C", "@8.8.8.8", 1, 4), QUOTE(B6), .ext = late_rh, .ext_type = 43,
			.ext_len = 8},
		NOWHERE, DROPS(ROUTING_HEADER)},
	{"GW-IP6-03 X64-13 ::", LAN, {UDP6("::", 1, "@8.8.8.8", 2), .ttl = 1}, NOWHERE,
		DROPS(SRC6_ILLEGAL)},
	{"X64-13 ::1", LAN, {UDP6("::1", 1, "@8.8.8.8", 2), .ttl = 1}, NOWHERE,
		DROPS(SRC6_ILLEGAL)},
	{"X64-13 multicast", LAN, {UDP6("ff02::5", 1, "@8.8.8.8", 2), .ttl = 1}, NOWHERE,
		DROPS(SRC6_ILLEGAL)},
	{"X64-13 link-local", LAN, {UDP6("fe80::5", 1, "@8.8.8.8", 2), .ttl = 1}, NOWHERE,
		DROPS(SRC6_ILLEGAL)},
	{"N64-IN-04 no LAN's source, one hop", LAN,
		{UDP6("2001:db8:99::1", 1, "@8.8.8.8", 2), .ttl = 1}, NOWHERE, DROPS(TTL)},
	{"N64-IN-04 no LAN's source, unknown transport", LAN,
		{.family = 6,
			.proto = 132,
			.src = "2001:db8:99::1",
			.dst = "@8.8.8.8",
			.payload = 8},
		NOWHERE, DROPS(PROTO)},
	{"N64-IN-04 no LAN's source, routing header", LAN,
		{UDP6("2001:db8:99::1", 1, "@8.8.8.8", 2), .ext = rh, .ext_type = 43, .ext_len = 8},
		NOWHERE, DROPS(ROUTING_HEADER)},
	{"N64-IN-04 no LAN's source, a destination of nobody", LAN,
		{UDP6("2001:db8:99::1", 1, "@127.0.0.1", 2)}, NOWHERE, DROPS(DST4_UNUSABLE)},
	{"N64-IN-01 before the destination", LAN, {UDP6("@1.1.1.1", 1, "@127.0.0.1", 2)}, NOWHERE,
		DROPS(SRC_IN_PREF64)},
	{"N64-IN-04 the ports before the destination", LAN, {UDP6("C", 0, "@127.0.0.1", 2)},
		NOWHERE, DROPS(PORT_ZERO)},
	{"N64-IN-01 before the hop limit", LAN, {UDP6("@1.1.1.1", 1, "@8.8.8.8", 2), .ttl = 1},
		NOWHERE, DROPS(SRC_IN_PREF64)},
	{"N64-IN-01 before the routing header", LAN,
		{UDP6("@1.1.1.1", 1, "@8.8.8.8", 2), .ext = rh, .ext_type = 43, .ext_len = 8},
		NOWHERE, DROPS(SRC_IN_PREF64)},
	{"N64-DOS-12 from 224/4", WAN, {UDP4("224.0.0.5", 1, "T", 2), .ttl = 1}, NOWHERE,
		DROPS(SRC4_ILLEGAL)},
	{"N64-DOS-12 source route from 0/8", WAN,
		{UDP4("0.0.0.1", 1, "T", 2), .opt = lsrr, .opt_len = 8}, NOWHERE,
		DROPS(SRC4_ILLEGAL)},
	{"N64-DOS-12 an unknown transport's later fragment", WAN,
		{.family = 4,
			.proto = 132,
			.src = "8.8.8.8",
			.dst = "T",
			.frag_off = 3,
			.payload = 8},
		NOWHERE, DROPS(PROTO)},
	{"X46-07", WAN, {UDP4("127.0.0.1", 1, "T", 2)}, NOWHERE, DROPS(SRC4_ILLEGAL)},
};

static void
n64_dos_12_untold(void **state)
{
	RUN(untold);
}

// GW-IP6-03: a frame to a link-layer group is not answered and not translated.
static void
gw_ip6_03_link_layer_group(void **state)
{
	static const struct spec one_hop = {A6, .ttl = 1};
	static const struct spec transport = {
		.family = 6, .proto = 132, .src = "C", .dst = "@8.8.8.8", .payload = 4};
	const struct spec *const specs[] = {&one_hop, &transport};
	struct frame f;

	env_start(*state, NULL);
	for (unsigned int i = 0; i < RTE_DIM(specs); i++) {
		env_frame(&f, LAN, specs[i]);
		memset(f.b, 0xff, 6);
		fixture_input(&env.f, LAN, f.b, f.len);
		env_expect_none("GW-IP6-03");
	}
	assert_int_equal(env_drops(DROP_NOT_FORWARDED), 2);
	env_stop();
}

static void
run_with(const struct env_setup *setup, const struct step *rows, unsigned int n)
{
	for (unsigned int i = 0; i < env_n_prefixes; i++) {
		env_start(env_prefixes[i], setup);
		env_run(rows, n);
		env_stop();
	}
}

// XLT-03: a router tells what does not fit.
static void
x64_f06_too_big_for_the_wan(void **state)
{
	static const struct env_setup setup = {.wan_mtu = 1492};
	const struct step rows[] = {
		{"X64-F06 1500", LAN, {A6, .payload = 1452}, WAN,
			{A4, .payload = 1452, .df = true}},
		{"X64-F06 1513", LAN, {A6, .payload = 1513 - 48}, LAN,
			{OWN6("C", 2, 0), .word = 1512, QUOTE(A6, .payload = 1513 - 48, .ttl = 64),
				.quote_l4 = QUOTE6_MAX},
			DROPS(TOO_BIG)},
		{"X64-F06 1512", LAN, {A6, .payload = 1512 - 48}, WAN,
			{A4, .payload = 1512 - 48, .df = true}},
	};

	run_with(&setup, rows, RTE_DIM(rows));
}

static void
x64_f06_never_below_1280(void **state)
{
	static const struct env_setup setup = {.wan_mtu = 1000};
	const struct step rows[] = {
		{"MTU-07", LAN, {A6, .payload = 1281 - 48}, LAN,
			{OWN6("C", 2, 0), .word = 1280, QUOTE(A6, .payload = 1281 - 48, .ttl = 64),
				.quote_l4 = QUOTE6_MAX},
			DROPS(TOO_BIG)},
		{"1000 bytes", LAN, {A6, .payload = 1000 - 28}, WAN, {A4, .payload = 1000 - 28}},
	};

	run_with(&setup, rows, RTE_DIM(rows));
}

static void
x46_10_too_big_for_the_lan(void **state)
{
	static const struct env_setup setup = {.lan_mtu = 1400};
	const struct step rows[] = {
		{"open", LAN, {A6}, WAN, {A4}},
		{"X46-10 1381", WAN, {B4, .payload = 1381 - 28, .df = true}, WAN,
			{OWN4("8.8.8.8", 3, 4), .word = 1380,
				QUOTE(B4, .payload = 1381 - 28, .df = true, .ttl = 64),
				.quote_l4 = QUOTE4_MAX},
			DROPS(TOO_BIG)},
		{"X46-10 1380", WAN, {B4, .payload = 1380 - 28, .df = true}, LAN,
			{B6, .payload = 1380 - 28}},
		{"X46-11 1260", WAN, {B4, .payload = 1260 - 28}, LAN, {B6, .payload = 1260 - 28}},
	};

	run_with(&setup, rows, RTE_DIM(rows));
}

// The pieces that came out put together are this packet, none larger than max.
static void
expect_fragments(const struct spec *want, uint16_t max, uint16_t ip_id)
{
	uint8_t whole[FRAME_ROOM], got[FRAME_ROOM];
	uint16_t len = build_ip(whole, want, BUILD_TTL - 1), at = 0;
	bool more = true;

	while (more) {
		assert_true(env_take(LAN));
		assert_true(env.last_len <= max);
		assert_int_equal(get16(env.last + 4), env.last_len - 40);
		assert_int_equal(env.last[6], 44);
		assert_memory_equal(env.last + 7, whole + 7, 33); // hop limit, addresses
		assert_int_equal(env.last[40], want->proto);
		assert_int_equal(get16(env.last + 42) & ~7, at); // N64-FRAG-10: in order
		assert_int_equal(get16(env.last + 44), 0);
		assert_int_equal(get16(env.last + 46), ip_id); // X46-13
		more = get16(env.last + 42) & 1;
		memcpy(got + at, env.last + 48, env.last_len - 48);
		at = (uint16_t)(at + env.last_len - 48);
	}
	assert_int_equal(at, len - 40);
	assert_memory_equal(got, whole + 40, at);
}

static void
x46_11_fragments(void **state)
{
	static const struct env_setup setup = {.lan_mtu = 1400};
	static const uint16_t lens[] = {1261, 1262, 1379, 1380, 1381, 1473, 1499, 1500};
	const struct step open = {"open", LAN, {A6}, WAN, {A4}};

	for (unsigned int i = 0; i < env_n_prefixes; i++) {
		env_start(env_prefixes[i], &setup);
		env_run(&open, 1);
		for (unsigned int j = 0; j < RTE_DIM(lens); j++) {
			struct spec in = {B4, .payload = lens[j] - 28, .ip_id = 0xbeef};
			struct spec out = {B6, .payload = lens[j] - 28};

			env_send(WAN, &in);
			expect_fragments(&out, 1280, 0xbeef);
			env_expect_none("X46-11");
			in.no_csum = true; // CSUM-04 before it is cut
			env_send(WAN, &in);
			expect_fragments(&out, 1280, 0xbeef);
		}
		env_stop();
	}
}

static void
gw_ip6_04_no_route(void **state)
{
	static const struct env_setup setup = {.no_gateway4 = true};
	const struct step rows[] = {
		{"GW-IP6-04 no default route", LAN, {A6}, LAN,
			{OWN6("C", 1, 0), QUOTE(A6, .ttl = 64)}, DROPS(NO_ROUTE)},
	};

	run_with(&setup, rows, RTE_DIM(rows));
}

static void
n64_port_06_no_port_left(void **state)
{
	static const struct env_setup setup = {
		.nat64 = "  pool4: [{address: 5.6.7.64, ports: 2048-2111}]\n"
			 "  max_sessions: 1024\n  max_bib: 512\n"};
	struct spec s = {UDP6("C", 0, "@8.8.8.8", 53)};
	struct spec refusal = {OWN6("C", 1, 3)};

	env_start(*state, &setup);
	for (uint16_t i = 0; i < 64; i++) {
		s.sport = 3000 + i;
		env_send(LAN, &s);
		assert_true(env_take(WAN));
		assert_in_range(get16(env.last + 20), 2048, 2111);
	}
	s.sport = 4000;
	env_send(LAN, &s);
	s.ttl = 64;
	refusal.quote = &s;
	env_expect("N64-PORT-06 N64-DOS-04", LAN, &refusal);
	assert_int_equal(env_drops(DROP_NO_PORT), 1);
	assert_int_equal(env_bibs(), 64); // N64-BIB-11
	// N64-PORT-05: the other protocols have their own
	s = (struct spec){TCP6("C", 4000, "@8.8.8.8", 53)};
	env_send(LAN, &s);
	assert_true(env_take(WAN));
	env_stop();
}

static unsigned int
count_errors(const struct spec *s, unsigned int n)
{
	unsigned int sent = 0;

	for (unsigned int i = 0; i < n; i++)
		env_send(LAN, s);
	while (env_take(LAN))
		sent++;
	return sent;
}

// N64-DOS-05: a second's worth at once, then by the rate. MTU-10: packet too big has its own.
static void
n64_dos_05_rate(void **state)
{
	static const struct env_setup setup = {.wan_mtu = 1000,
		.nat64 = "  pool4: [{address: 5.6.7.64}]\n  icmp_error_rate: 10\n"
			 "  max_sessions: 1024\n  max_bib: 512\n"};
	static const struct spec one_hop = {A6, .ttl = 1};
	static const struct spec big = {A6, .payload = 1400};

	env_start(*state, &setup);
	fixture_turn(&env.f, 1);
	assert_int_equal(count_errors(&one_hop, 30), 10);
	assert_int_equal(fixture_stats(&env.f).icmp_limited, 20);
	assert_int_equal(env_drops(DROP_TTL), 30);
	assert_int_equal(count_errors(&big, 30), 10);
	fixture_turn(&env.f, 100);
	assert_int_equal(count_errors(&one_hop, 30), 1);
	fixture_turn(&env.f, 10000);
	assert_int_equal(count_errors(&one_hop, 30), 10);
	env_stop();
}

ENV_MAIN(cmocka_unit_test(reject_told), cmocka_unit_test(n64_dos_12_untold),
	WITH_BOTH(gw_ip6_03_link_layer_group), cmocka_unit_test(x64_f06_too_big_for_the_wan),
	cmocka_unit_test(x64_f06_never_below_1280), cmocka_unit_test(x46_10_too_big_for_the_lan),
	cmocka_unit_test(x46_11_fragments), cmocka_unit_test(gw_ip6_04_no_route),
	WITH_BOTH(n64_port_06_no_port_left), WITH_BOTH(n64_dos_05_rate))
