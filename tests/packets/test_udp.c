// SPDX-License-Identifier: BSD-3-Clause
// UDP through the whole pipeline (RFC 6146 §3.5.1, RFC 7915 §4, §5).
#include "env.h"

// One binding, both ways, and what the header fields become: one hop less (XLT-03), all bytes of
// the payload as they were (XLT-04).
static const struct step session[] = {
	{"N64-UDP-01", LAN, {UDP6("C", 40000, "@8.8.8.8", 53), .payload = 4}, WAN,
		{UDP4("T", A_PORT(0), "8.8.8.8", 53), .payload = 4}},
	{"N64-UDP-07", WAN, {UDP4("8.8.8.8", 53, "T", A_PORT(0)), .payload = 9}, LAN,
		{UDP6("@8.8.8.8", 53, "C", 40000), .payload = 9}},
	{"X64-02", LAN, {UDP6("C", 40000, "@8.8.8.8", 53), .tos = 0xb9}, WAN,
		{UDP4("T", A_PORT(0), "8.8.8.8", 53), .tos = 0xb9}},
	{"X46-02", WAN, {UDP4("8.8.8.8", 53, "T", A_PORT(0)), .tos = 0x2e}, LAN,
		{UDP6("@8.8.8.8", 53, "C", 40000), .tos = 0x2e}},
	{"X64-07 hop limit 2 is enough", LAN, {UDP6("C", 40000, "@8.8.8.8", 53), .ttl = 2}, WAN,
		{UDP4("T", A_PORT(0), "8.8.8.8", 53), .ttl = 1}},
	{"X46-04 TTL 2 is enough", WAN, {UDP4("8.8.8.8", 53, "T", A_PORT(0)), .ttl = 2}, LAN,
		{UDP6("@8.8.8.8", 53, "C", 40000), .ttl = 1}},
	{"X64-04 1260 bytes of IPv4: DF 0", LAN,
		{UDP6("C", 40000, "@8.8.8.8", 53), .payload = 1232}, WAN,
		{UDP4("T", A_PORT(0), "8.8.8.8", 53), .payload = 1232}},
	{"X64-04 1261 bytes of IPv4: DF 1", LAN,
		{UDP6("C", 40000, "@8.8.8.8", 53), .payload = 1233}, WAN,
		{UDP4("T", A_PORT(0), "8.8.8.8", 53), .payload = 1233, .df = true}},
	{"the largest there is", LAN, {UDP6("C", 40000, "@8.8.8.8", 53), .payload = 1452}, WAN,
		{UDP4("T", A_PORT(0), "8.8.8.8", 53), .payload = 1452, .df = true}},
	{"CSUM-04", WAN,
		{UDP4("8.8.8.8", 53, "T", A_PORT(0)), .payload = 7, .no_csum = true, .df = true},
		LAN, {UDP6("@8.8.8.8", 53, "C", 40000), .payload = 7}},
	{"CSUM-07", LAN, {UDP6("C", 40000, "@8.8.8.8", 53), .payload = 7, .no_csum = true}, NOWHERE,
		DROPS(UDP6_CHECKSUM_ZERO)},
	{"N64-FILT-04 not the port that was asked", WAN, {UDP4("8.8.8.8", 54, "T", A_PORT(0))}, LAN,
		{UDP6("@8.8.8.8", 54, "C", 40000)}},
	{"N64-UDP-06", WAN, {UDP4("8.8.4.4", 53, "T", A_PORT(0))}, NOWHERE, DROPS(FILTERED)},
	{"N64-UDP-05", WAN, {UDP4("8.8.8.8", 53, "T", 7)}, NOWHERE, DROPS(NO_SESSION4)},
};

static void
n64_udp_session(void **state)
{
	RUN(session);
}

// XLT-07: a checksum that is wrong stays wrong by the same amount.
static void
xlt_07_wrong_checksum_stays_wrong(void **state)
{
	static const struct spec in6 = {UDP6("C", 40000, "@8.8.8.8", 53), .payload = 4};
	struct spec bad6 = in6;

	bad6.bad_csum = true;
	for (unsigned int i = 0; i < env_n_prefixes; i++) {
		uint8_t *udp;
		uint16_t len;

		env_start(env_prefixes[i], NULL);
		env_send(LAN, &bad6);
		assert_true(env_take(WAN));
		udp = env.last + 20;
		len = env.last_len - 20;
		// one more in the checksum field is one more in the sum
		assert_int_equal(
			build_fold(build_sum(udp, len, build_pseudo(env.last + 12, 8, 17, len))),
			1);
		env_stop();
	}
}

// X64-16: Ethernet padding is no payload.
static void
x64_16_padding_is_trimmed(void **state)
{
	static const struct spec in6 = {UDP6("C", 40000, "@8.8.8.8", 53)};
	static const struct spec out4 = {UDP4("T", A_PORT(0), "8.8.8.8", 53)};
	static const struct spec in4 = {UDP4("8.8.8.8", 53, "T", A_PORT(0)), .payload = 1};
	static const struct spec out6 = {UDP6("@8.8.8.8", 53, "C", 40000), .payload = 1};
	struct frame f;

	env_start(*state, NULL);
	memset(f.b, 0xee, sizeof(f.b));
	env_frame(&f, LAN, &in6);
	fixture_input(&env.f, LAN, f.b, f.len + 11);
	env_expect("X64-16", WAN, &out4);
	memset(f.b, 0xee, sizeof(f.b));
	env_frame(&f, WAN, &in4);
	fixture_input(&env.f, WAN, f.b, 60);
	env_expect("X46-17", LAN, &out6);
	env_stop();
}

// N64-UDP-02, N64-UDP-09: alive at the lifetime, gone a sweep later; inbound packets count too.
static void
n64_udp_lifetime(void **state)
{
	static const struct step rows[] = {
		{"made", LAN, {UDP6("C", 40000, "@8.8.8.8", 53)}, WAN,
			{UDP4("T", A_PORT(0), "8.8.8.8", 53)}},
		{"N64-UDP-03 refreshed from outside", WAN, {UDP4("8.8.8.8", 53, "T", A_PORT(0))},
			LAN, {UDP6("@8.8.8.8", 53, "C", 40000)}, .wait_ms = 299000},
		{"N64-UDP-09 alive", WAN, {UDP4("8.8.8.8", 53, "T", A_PORT(0))}, LAN,
			{UDP6("@8.8.8.8", 53, "C", 40000)}, .wait_ms = 299000},
		{"N64-UDP-09 gone", WAN, {UDP4("8.8.8.8", 53, "T", A_PORT(0))}, NOWHERE,
			DROPS(NO_SESSION4), .wait_ms = 305000},
	};

	env_start(*state, NULL);
	// the neighbours age on the way; static enough for this test
	for (unsigned int i = 0; i < RTE_DIM(rows); i++) {
		fixture_turn(&env.f, rows[i].wait_ms);
		fixture_neighbor(&env.f, LAN, "2001:db8:1::10", env_mac_client);
		fixture_discard(&env.f);
		env_run(&(struct step){rows[i].id, rows[i].in, rows[i].send, rows[i].out,
				rows[i].want, rows[i].dropped},
			1);
	}
	assert_int_equal(env_sessions(), 0);
	assert_int_equal(env_bibs(), 0);
	env_stop();
}

ENV_MAIN(cmocka_unit_test(n64_udp_session), cmocka_unit_test(xlt_07_wrong_checksum_stays_wrong),
	WITH_BOTH(x64_16_padding_is_trimmed), WITH_BOTH(n64_udp_lifetime))
