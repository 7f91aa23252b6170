// SPDX-License-Identifier: BSD-3-Clause
// Which packets get in (RFC 6146 §3.5, RFC 6052 §3.1) and which binding they get.
#include "env.h"

#define TRY(id, z, why) \
	{ \
		id, LAN, {UDP6("C", 40000, "@" z, 53)}, NOWHERE, DROPS(why) \
	}
// Its sender is told (XLT-05). What else there may be is about the row.
#define REFUSED(id, z, why, ...) \
	{ \
		id, LAN, {UDP6("C", 40000, "@" z, 53)}, LAN, \
			{ERR6("GW6", "C", 1, 1), .ttl = 64, \
				QUOTE(UDP6("C", 40000, "@" z, 53), .ttl = 64)}, \
			DROPS(why), ##__VA_ARGS__ \
	}
#define PASS(id, z) \
	{ \
		id, LAN, {UDP6("C", 40000, "@" z, 53)}, WAN, \
		{ \
			UDP4("T", A_PORT(0), z, 53) \
		} \
	}

// ADR-15, ADR-16: whatever the prefix.
static const struct step never[] = {
	REFUSED("ADR-16 0/8", "0.1.2.3", DST4_UNUSABLE),
	REFUSED("ADR-16 127/8", "127.0.0.1", DST4_UNUSABLE),
	REFUSED("ADR-16 240/4", "240.1.2.3", DST4_UNUSABLE),
	REFUSED("ADR-16 255.255.255.255", "255.255.255.255", DST4_UNUSABLE),
	REFUSED("ADR-15", "224.0.0.1", DST4_UNUSABLE),
	REFUSED("ADR-16 broadcast of the WAN", "5.6.7.255", DST4_UNUSABLE),
	REFUSED("our own address", "5.6.7.2", DST4_UNUSABLE),
	TRY("N64-HAIR-07 no binding there", "5.6.7.64", NO_SESSION4),
	PASS("and others", "8.8.8.8"),
};

static void
adr_16_never(void **state)
{
	RUN(never);
}

#define NON_GLOBAL(id, z) \
	REFUSED(id, z, WKP_NON_GLOBAL, ONE_PREFIX("RFC 6052 3.1 is about the well-known one"))

static const struct step none[] = {
	NON_GLOBAL("ADR-12 10/8", "10.1.2.3"),
	NON_GLOBAL("ADR-12 100.64/10", "100.64.0.1"),
	NON_GLOBAL("ADR-12 169.254/16", "169.254.1.1"),
	NON_GLOBAL("ADR-12 172.16/12", "172.31.255.255"),
	NON_GLOBAL("ADR-12 192.168/16", "192.168.7.1"),
	NON_GLOBAL("ADR-12 192.0.2/24", "192.0.2.33"),
	NON_GLOBAL("ADR-12 198.18/15", "198.19.0.2"),
	NON_GLOBAL("ADR-12 203.0.113/24", "203.0.113.9"),
};
static const struct step private[] = {
	PASS("ADR-13 10/8", "10.1.2.3"),
	PASS("ADR-13 100.64/10", "100.64.0.1"),
	PASS("ADR-13 172.16/12", "172.31.255.255"),
	PASS("ADR-13 192.168/16", "192.168.7.1"),
	PASS("global", "1.1.1.1"),
};
static const struct step not_private[] = {
	NON_GLOBAL("ADR-13 198.18/15", "198.19.0.2"),
	NON_GLOBAL("ADR-13 169.254/16", "169.254.1.1"),
};
// What "all" lets through the well-known prefix, other prefixes always do.
static const struct step all[] = {
	PASS("ADR-13 10/8", "10.1.2.3"),
	PASS("ADR-13 100.64/10", "100.64.0.1"),
	PASS("ADR-13 169.254/16", "169.254.1.1"),
	PASS("ADR-13 192.0.2/24", "192.0.2.33"),
	PASS("ADR-13 198.18/15", "198.19.0.2"),
	PASS("ADR-13 203.0.113/24", "203.0.113.9"),
	REFUSED("ADR-16 still", "127.0.0.1", DST4_UNUSABLE),
};

static void
run_knob(const char *prefix, const char *knob, const struct step *rows, unsigned int n)
{
	char nat64[256];
	const struct env_setup setup = {.nat64 = nat64};

	snprintf(nat64, sizeof(nat64),
		"  pool4: [{address: 5.6.7.64, ports: 1-65535}]\n  wkp_allow: %s\n"
		"  max_sessions: 1024\n  max_bib: 512\n",
		knob);
	env_start(prefix, &setup);
	env_run(rows, n);
	env_stop();
}

static void
adr_13_wkp_allow(void **state)
{
	run_knob(WKP, "none", none, RTE_DIM(none));
	run_knob(WKP, "private", private, RTE_DIM(private));
	run_knob(WKP, "private", not_private, RTE_DIM(not_private));
	run_knob(WKP, "all", all, RTE_DIM(all));
	for (unsigned int i = 1; i < env_n_prefixes; i++) { // ADR-13: no matter to other prefixes
		run_knob(env_prefixes[i], "none", private, RTE_DIM(private));
		run_knob(env_prefixes[i], "none", all, RTE_DIM(all));
	}
}

static const struct step sources[] = {
	{"N64-IN-01 ADR-22", LAN, {UDP6("@9.9.9.9", 1, "@8.8.8.8", 2)}, NOWHERE,
		DROPS(SRC_IN_PREF64)},
	{"N64-IN-01 to the gateway", LAN, {PING6("@9.9.9.9", "GW6", 2)}, NOWHERE,
		DROPS(SRC_IN_PREF64)},
	{"N64-IN-04 GW-CE-10 not a LAN's", LAN, {UDP6("2001:db8:99::1", 1, "@8.8.8.8", 2)}, NOWHERE,
		DROPS(SRC_NO_ROUTE)},
	{"N64-IN-02 IPv6 from the WAN to the prefix", WAN,
		{UDP6("2001:db8:99::1", 1, "@8.8.8.8", 2)}, NOWHERE, DROPS(NOT_FORWARDED)},
	{"with an address of the LAN", WAN, {UDP6("C", 1, "@8.8.8.8", 2)}, NOWHERE,
		DROPS(NOT_FORWARDED)},
	{"ADR-09 beside the prefix", LAN, {UDP6("C", 1, "2001:dba::8.8.8.8", 2)}, LAN,
		{ERR6("GW6", "C", 1, 0), .ttl = 64,
			QUOTE(UDP6("C", 1, "2001:dba::8.8.8.8", 2), .ttl = 64)},
		DROPS(NO_ROUTE)},
	{"N64-IN-02 not of the pool", WAN, {UDP4("8.8.8.8", 1, "5.6.7.65", 2)}, NOWHERE,
		DROPS(NOT_FORWARDED)},
	{"GW-IP6-12 through us", WAN, {UDP4("8.8.8.8", 1, "192.168.1.10", 2)}, NOWHERE,
		DROPS(NOT_FORWARDED)},
	{"GW-IP6-12 from the LAN", LAN, {UDP4("192.168.1.10", 1, "8.8.8.8", 2)}, NOWHERE,
		DROPS(NOT_FORWARDED)},
	{"N64-TUP-06 source", LAN, {UDP6("C", 0, "@8.8.8.8", 2)}, NOWHERE, DROPS(PORT_ZERO)},
	{"N64-TUP-06 destination", LAN, {UDP6("C", 1, "@8.8.8.8", 0)}, NOWHERE, DROPS(PORT_ZERO)},
	{"a fragment of no session", WAN, {UDP4("8.8.8.8", 1, "T", 2), .mf = true, .payload = 8},
		NOWHERE, DROPS(NO_SESSION4)},
	{"fragment to ourselves", WAN, {UDP4("8.8.8.8", 1, "GW4", 2), .mf = true, .payload = 8},
		NOWHERE, DROPS(FRAG_LOCAL)},
	{"fragment to nobody", WAN, {UDP4("8.8.8.8", 1, "5.6.7.3", 2), .mf = true, .payload = 8},
		NOWHERE, DROPS(NOT_FORWARDED)},
	{"GW-IP6-12 fragment from the LAN", LAN,
		{UDP4("192.168.1.10", 1, "T", 2), .mf = true, .payload = 8}, NOWHERE,
		DROPS(NOT_FORWARDED)},
};

static const uint8_t first_frag[8] = {17, 0, 0, 1, 0, 0, 0, 1};
static const uint8_t atomic_frag[8] = {17, 0, 0, 0, 0, 0, 0x12, 0x34};
static const struct step fragments[] = {
	{"X64-F08 not a multiple of 8", LAN,
		{UDP6("C", 1, "@8.8.8.8", 2), .payload = 7, .ext = first_frag, .ext_type = 44,
			.ext_len = 8},
		NOWHERE, DROPS(FRAG_INVALID)},
	{"fragment to ourselves", LAN,
		{UDP6("C", 1, "GW6", 2), .payload = 8, .ext = first_frag, .ext_type = 44,
			.ext_len = 8},
		NOWHERE, DROPS(FRAG_LOCAL)},
	{"X64-F04 atomic", LAN,
		{UDP6("C", 1, "@8.8.8.8", 2), .ext = atomic_frag, .ext_type = 44, .ext_len = 8},
		WAN, {UDP4("T", A_PORT(0), "8.8.8.8", 2)}},
};

// RFC 8200 §4: a router looks at no more than the header of what passes between LANs.
static const uint8_t routing[8] = {17, 0, 4, 1, 0, 0, 0, 0};
static const uint8_t endless[80] = {60, 0, [8] = 60, [16] = 60, [24] = 60, [32] = 60, [40] = 60,
	[48] = 60, [56] = 60, [64] = 60, [72] = 58};
static const struct step native[] = {
	{"UDP without a checksum", LAN, {UDP6("C", 1, "D", 2), .no_csum = true}, LAN2,
		{UDP6("C", 1, "D", 2), .no_csum = true}},
	{"port 0", LAN, {UDP6("C", 0, "D", 0)}, LAN2, {UDP6("C", 0, "D", 0)}},
	{"another's routing header", LAN,
		{UDP6("C", 1, "D", 2), .ext = routing, .ext_type = 43, .ext_len = 8}, LAN2,
		{UDP6("C", 1, "D", 2), .ext = routing, .ext_type = 43, .ext_len = 8}},
	{"a long chain of headers", LAN,
		{PING6("C", "D", 2), .ext = endless, .ext_type = 60, .ext_len = 80}, LAN2,
		{PING6("C", "D", 2), .ext = endless, .ext_type = 60, .ext_len = 80}},
	{"no error about what may be one", LAN,
		{PING6("C", "D", 2), .ext = endless, .ext_type = 60, .ext_len = 80, .ttl = 1},
		NOWHERE, DROPS(TTL)},
	{"an IPv4-mapped destination", LAN, {UDP6("C", 1, "::ffff:192.168.1.10", 2)}, NOWHERE,
		DROPS(NOT_FORWARDED)},
	{"an IPv4-mapped source", LAN, {UDP6("::ffff:192.168.1.10", 1, "@8.8.8.8", 2)}, NOWHERE,
		DROPS(SRC6_ILLEGAL)},
};

static void
gw_ip6_native(void **state)
{
	RUN(native);
}

static void
n64_in_sources(void **state)
{
	RUN(sources);
	RUN(fragments);
}

static void
n64_in_nothing_left_behind(void **state)
{
	env_start(*state, NULL);
	env_run(sources, RTE_DIM(sources));
	assert_int_equal(env_sessions(), 0);
	assert_int_equal(env_bibs(), 0);
	env_stop();
}

// ADR-06, ADR-08: suffixes and the u octet make no other destination.
static void
adr_06_suffix_is_ignored(void **state)
{
#define SHORT ONE_PREFIX("a /96 leaves no room for a suffix")
	static const struct step rows[] = {
		{"plain", LAN, {UDP6("C", 40000, "2001:db9:122:344:8:808:800:0", 53), .payload = 5},
			WAN, {UDP4("T", A_PORT(0), "8.8.8.8", 53), .payload = 5}, SHORT},
		{"ADR-06", LAN,
			{UDP6("C", 40000, "2001:db9:122:344:8:808:812:3456", 53), .payload = 5},
			WAN, {UDP4("T", A_PORT(0), "8.8.8.8", 53), .payload = 5}, SHORT},
		{"ADR-07 u", LAN, {UDP6("C", 40000, "2001:db9:122:344:ff08:808:800:0", 53)}, WAN,
			{UDP4("T", A_PORT(0), "8.8.8.8", 53)}, SHORT},
		{"ADR-08 return", WAN, {UDP4("8.8.8.8", 53, "T", A_PORT(0))}, LAN,
			{UDP6("2001:db9:122:344:8:808:800:0", 53, "C", 40000)}, SHORT},
		{"ADR-06 TCP", LAN, {TCP6("C", 41000, "2001:db9:122:344:8:808:800:77", 80)}, WAN,
			{TCP4("T", A_PORT(1), "8.8.8.8", 80)}, SHORT},
		{"ADR-06 echo", LAN, {PING6("C", "2001:db9:122:344:8:808:800:77", 3)}, WAN,
			{PING4("T", "8.8.8.8", A_PORT(2))}, SHORT},
	};

	static const struct env_setup small = {.wan_mtu = 1280};
#define LONG_SUFFIX UDP6("C", 40000, "2001:db9:122:344:8:808:812:3456", 53), .payload = 1300
	const struct step quoted[] = {
		{"ADR-06 quoted as it was sent", LAN, {LONG_SUFFIX}, LAN,
			{ERR6("GW6", "C", 2, 0), .ttl = 64, .word = 1300,
				QUOTE(LONG_SUFFIX, .ttl = 64), .quote_l4 = 1280 - 48 - 40},
			DROPS(TOO_BIG), SHORT},
		{"ADR-06 quoted as it was sent, echo with one hop", LAN,
			{PING6("C", "2001:db9:122:344:ff08:808:800:1", 3), .ttl = 1}, LAN,
			{ERR6("GW6", "C", 3, 0), .ttl = 64,
				QUOTE(PING6("C", "2001:db9:122:344:ff08:808:800:1", 3), .ttl = 1)},
			DROPS(TTL), SHORT},
	};

	env_start("2001:db9:122:344::/64", &small);
	env_run(quoted, RTE_DIM(quoted));
	env_stop();
	env_start("2001:db9:122:344::/64", NULL);
	env_run(rows, RTE_DIM(rows));
	assert_int_equal(env_sessions(), 3);
	assert_int_equal(fixture_stats(&env.f).suffix_nonzero, 4);
	env_stop();
}

static const struct step eim[] = {
	{"N64-BIB-03", LAN, {UDP6("C", 40000, "@8.8.8.8", 53)}, WAN,
		{UDP4("T", A_PORT(0), "8.8.8.8", 53)}},
	{"N64-BIB-03 another port", LAN, {UDP6("C", 40000, "@8.8.8.8", 54)}, WAN,
		{UDP4("T", A_PORT(0), "8.8.8.8", 54)}},
	{"N64-BIB-03 another host", LAN, {UDP6("C", 40000, "@9.9.9.9", 53)}, WAN,
		{UDP4("T", A_PORT(0), "9.9.9.9", 53)}},
	{"another source port", LAN, {UDP6("C", 40001, "@9.9.9.9", 53)}, WAN,
		{UDP4("T", A_PORT(1), "9.9.9.9", 53)}},
	{"another client", LAN2, {UDP6("D", 40000, "@9.9.9.9", 53)}, WAN,
		{UDP4("T", A_PORT(2), "9.9.9.9", 53)}},
	{"back to the second LAN", WAN, {UDP4("9.9.9.9", 53, "T", A_PORT(2))}, LAN2,
		{UDP6("@9.9.9.9", 53, "D", 40000)}},
	{"N64-PORT-03 a low port", LAN, {UDP6("C", 500, "@9.9.9.9", 500)}, WAN,
		{UDP4("T", A_PORT(3), "9.9.9.9", 500)}},
};

static void
n64_bib_03_mapping(void **state)
{
	for (unsigned int i = 0; i < env_n_prefixes; i++) {
		env_start(env_prefixes[i], NULL);
		env_run(eim, RTE_DIM(eim));
		assert_int_equal(env_bibs(), 4);
		assert_int_equal(env_sessions(), 6);
		assert_int_not_equal(env.port[0], env.port[1]);
		assert_int_not_equal(env.port[0], env.port[2]);
		assert_in_range(env.port[3], 1, 1023);
		assert_in_range(env.port[0], 1024, 65535);
		assert_int_equal(env.port[0] % 2, 0); // N64-PORT-04
		assert_int_equal(env.port[1] % 2, 1);
		env_stop();
	}
}

// N64-PORT-01, N64-ICMP-06: one pool address for all that a client has. N64-IN-06: clients are
// whoever has an address, as the CLATs of one host have several.
static void
n64_port_01_pairing(void **state)
{
	static const struct env_setup setup = {.nat64 = "  pool4: [{address: 5.6.7.64-5.6.7.79}]\n"
							"  max_sessions: 1024\n  max_bib: 512\n"};
	unsigned int seen = 0;

	env_start(*state, &setup);
	for (uint8_t i = 0; i < 32; i++) {
		char client[64];
		const struct spec s[] = {
			{UDP6(client, 1000, "@8.8.8.8", 1)},
			{TCP6(client, 2000, "@8.8.4.4", 2)},
			{PING6(client, "@1.1.1.1", 3)},
			{UDP6(client, 3000, "@1.1.1.1", 3)},
		};
		uint8_t last = 0;

		snprintf(client, sizeof(client), "2001:db8:1::1:%x", i);
		for (unsigned int j = 0; j < RTE_DIM(s); j++) {
			env_send(LAN, &s[j]);
			assert_true(env_take(WAN));
			assert_in_range(env.last[15], 64, 79);
			assert_true(j == 0 || env.last[15] == last);
			last = env.last[15];
		}
		seen |= 1u << (last - 64);
	}
	assert_true(__builtin_popcount(seen) > 4); // clients spread
	env_stop();
}

// N64-DOS-01, N64-DOS-04, N64-BIB-11
static void
n64_dos_04_session_limit(void **state)
{
	static const struct env_setup setup = {.nat64 = "  pool4: [{address: 5.6.7.64}]\n"
							"  max_sessions: 64\n  max_bib: 64\n"};
	struct spec s = {UDP6("C", 40000, "@8.8.8.8", 0), .ttl = 64};
	struct spec refusal = {ERR6("GW6", "C", 1, 3), .ttl = 64, .quote = &s};

	env_start(*state, &setup);
	for (uint16_t i = 1; i <= 64; i++) {
		s.dport = i;
		env_send(LAN, &s);
		assert_true(env_take(WAN));
	}
	s.dport = 65;
	env_send(LAN, &s);
	env_expect("N64-DOS-04", LAN, &refusal);
	env_expect_none("N64-DOS-04");
	assert_int_equal(env_drops(DROP_SESSION_LIMIT), 1);
	s.dport = 1;
	env_send(LAN, &s);
	assert_true(env_take(WAN));
	env_stop();
}

ENV_MAIN(cmocka_unit_test(gw_ip6_native), cmocka_unit_test(adr_16_never),
	cmocka_unit_test(adr_13_wkp_allow), cmocka_unit_test(n64_in_sources),
	WITH_BOTH(n64_in_nothing_left_behind), cmocka_unit_test(adr_06_suffix_is_ignored),
	cmocka_unit_test(n64_bib_03_mapping), WITH_BOTH(n64_port_01_pairing),
	WITH_BOTH(n64_dos_04_session_limit))
