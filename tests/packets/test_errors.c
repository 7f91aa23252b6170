// SPDX-License-Identifier: BSD-3-Clause
// ICMP errors about translated packets, both ways (RFC 7915 §4.2-4.3, §5.2-5.3, RFC 6146 §3.4).
#include "env.h"

// The packets that the errors are about: as the sender of the error saw them.
#define SENT4(n) UDP4("T", A_PORT(0), "8.8.8.8", 53), .payload = n
#define SENT6(n) UDP6("C", 40000, "@8.8.8.8", 53), .payload = n
#define CAME4(n) UDP4("8.8.8.8", 53, "T", A_PORT(0)), .payload = n
#define CAME6(n) UDP6("@8.8.8.8", 53, "C", 40000), .payload = n

static const struct step open_udp = {"open", LAN, {SENT6(4)}, WAN, {SENT4(4)}};

// From the router 9.9.9.1, to which C never sent (ERR-24), about what C sent; the quote is cut as
// most routers do.
#define V4(id, t4, c4, word4, t6, c6, word6) \
	{ \
		id, WAN, \
			{ERR4("9.9.9.1", "T", t4, c4), .word = word4, QUOTE(SENT4(4)), \
				.quote_l4 = 8}, \
			LAN, \
		{ \
			ERR6("@9.9.9.1", "C", t6, c6), .word = word6, QUOTE(SENT6(4)), \
						       .quote_l4 = 8 \
		} \
	}
#define V4_NOT(id, t4, c4, word4, why) \
	{ \
		id, WAN, {ERR4("9.9.9.1", "T", t4, c4), .word = word4, QUOTE(SENT4(4))}, NOWHERE, \
			DROPS(why) \
	}

static const struct step types4[] = {
	V4("I46-07 3/0", 3, 0, 0, 1, 0, 0),
	V4("I46-07 3/1", 3, 1, 0, 1, 0, 0),
	V4("I46-08", 3, 2, 0, 4, 1, 6),
	V4("I46-09", 3, 3, 0, 1, 4, 0),
	V4("I46-11", 3, 5, 0, 1, 0, 0),
	V4("I46-12", 3, 7, 0, 1, 0, 0),
	V4("I46-13", 3, 9, 0, 1, 1, 0),
	V4("I46-14", 3, 11, 0, 1, 0, 0),
	V4("I46-15", 3, 13, 0, 1, 1, 0),
	V4("I46-17", 3, 15, 0, 1, 1, 0),
	V4("I46-21 traceroute", 11, 0, 0, 3, 0, 0),
	V4("I46-21 reassembly", 11, 1, 0, 3, 1, 0),
	V4("I46-22 I46-P1 TTL", 12, 0, 8u << 24, 4, 0, 7),
	V4("I46-24 I46-P1 source", 12, 2, 12u << 24, 4, 0, 8),
	V4_NOT("I46-P2", 12, 0, 10u << 24, ICMP_POINTER),
	V4_NOT("I46-16", 3, 14, 0, ICMP_TYPE),
	V4_NOT("I46-18", 3, 16, 0, ICMP_TYPE),
	V4_NOT("I46-19", 4, 0, 0, ICMP_TYPE),
	V4_NOT("I46-20", 5, 1, 0x05060701, ICMP_TYPE),
	V4_NOT("I46-23", 12, 1, 0, ICMP_TYPE),
	V4_NOT("I46-25", 12, 3, 0, ICMP_TYPE),
};

// From C about what came for it (ERR-21: T speaks for everybody behind it).
#define V6(id, from, t6, c6, word6, t4, c4, word4) \
	{ \
		id, LAN, {ERR6(from, "@8.8.8.8", t6, c6), .word = word6, QUOTE(CAME6(9))}, WAN, \
		{ \
			ERR4("T", "8.8.8.8", t4, c4), .word = word4, QUOTE(CAME4(9)) \
		} \
	}
#define V6_NOT(id, t6, c6, word6, why) \
	{ \
		id, LAN, {ERR6("C", "@8.8.8.8", t6, c6), .word = word6, QUOTE(CAME6(9))}, NOWHERE, \
			DROPS(why) \
	}

static const struct step types6[] = {
	V6("I64-06", "C", 1, 0, 0, 3, 1, 0),
	V6("I64-07", "C", 1, 1, 0, 3, 10, 0),
	V6("I64-08", "C", 1, 2, 0, 3, 1, 0),
	V6("I64-09 ERR-21", "2001:db8:1::77", 1, 3, 0, 3, 1, 0),
	V6("I64-10", "C", 1, 4, 0, 3, 3, 0),
	V6("I64-13 ERR-21", "2001:db8:1::77", 3, 0, 0, 11, 0, 0),
	V6("I64-14 I64-P1 hop limit", "C", 4, 0, 7, 12, 0, 8u << 24),
	V6("I64-14 I64-P1 destination", "C", 4, 0, 24, 12, 0, 16u << 24),
	V6("I64-15", "C", 4, 1, 6, 3, 2, 0),
	V6_NOT("I64-P2", 4, 0, 40, ICMP_POINTER),
	V6_NOT("I64-11", 1, 5, 0, ICMP_TYPE),
	V6_NOT("I64-16", 4, 2, 0, ICMP_TYPE),
	V6_NOT("I64-17", 4, 3, 0, ICMP_TYPE),
	V6_NOT("I64-17 unknown error", 100, 0, 0, ICMP_TYPE),
};

static void
run_session(const struct step *rows, unsigned int n, const struct env_setup *setup)
{
	for (unsigned int i = 0; i < env_n_prefixes; i++) {
		env_start(env_prefixes[i], setup);
		env_run(&open_udp, 1);
		env_run(rows, n);
		assert_int_equal(env_sessions(), 1); // ERR-23
		assert_int_equal(env_bibs(), 1);
		env_run(&open_udp, 1);
		env_stop();
	}
}

static void
i46_types(void **state)
{
	run_session(types4, RTE_DIM(types4), NULL);
}

static void
i64_types(void **state)
{
	run_session(types6, RTE_DIM(types6), NULL);
}

// MTUs. The quoted packet has its whole length in its header though little of it is there.
#define FRAG_NEEDED(id, mtu, len, ptb) \
	{ \
		id, WAN, \
			{ERR4("9.9.9.1", "T", 3, 4), .word = mtu, \
				QUOTE(SENT4((len)-28), .df = true), .quote_l4 = 8}, \
			LAN, \
		{ \
			ERR6("@9.9.9.1", "C", 2, 0), .word = ptb, QUOTE(SENT6((len)-28)), \
						     .quote_l4 = 8 \
		} \
	}

static const struct step mtu46[] = {
	FRAG_NEEDED("MTU-01 1400", 1400, 1480, 1420),
	FRAG_NEEDED("MTU-01 1492", 1492, 1500, 1500),
	FRAG_NEEDED("MTU-01 1260", 1260, 1480, 1280),
	FRAG_NEEDED("MTU-01 576", 576, 1480, 1280),
	FRAG_NEEDED("MTU-03 MTU-05", 0, 1480, 1280),
	{"MTU-08 more than was sent", WAN,
		{ERR4("9.9.9.1", "T", 3, 4), .word = 1481, QUOTE(SENT4(1452)), .quote_l4 = 8},
		NOWHERE, DROPS(ICMP_MTU)},
	{"MTU-08 67", WAN,
		{ERR4("9.9.9.1", "T", 3, 4), .word = 67, QUOTE(SENT4(1452)), .quote_l4 = 8},
		NOWHERE, DROPS(ICMP_MTU)},
};

static void
mtu_01_fragmentation_needed(void **state)
{
	run_session(mtu46, RTE_DIM(mtu46), NULL);
}

#define TOO_BIG(id, mtu, len, m4) \
	{ \
		id, LAN, \
			{ERR6("C", "@8.8.8.8", 2, 0), .word = mtu, QUOTE(CAME6((len)-48)), \
				.quote_l4 = 100}, \
			WAN, \
		{ \
			ERR4("T", "8.8.8.8", 3, 4), \
				.word = m4, QUOTE(CAME4((len)-48), .df = true), .quote_l4 = 100 \
		} \
	}

static const uint8_t atomic[8] = {17, 0, 0, 0, 0x12, 0x34, 0x56, 0x78};
static const struct step mtu64[] = {
	TOO_BIG("MTU-02 1500", 1500, 1600, 1480),
	TOO_BIG("MTU-02 1400", 1400, 1500, 1380),
	TOO_BIG("MTU-02 1280", 1280, 1500, 1260),
	{"MTU-02 with a Fragment header", LAN,
		{ERR6("C", "@8.8.8.8", 2, 0), .word = 1400,
			QUOTE(CAME6(1400), .ext = atomic, .ext_type = 44, .ext_len = 8),
			.quote_l4 = 8},
		WAN, {ERR4("T", "8.8.8.8", 3, 4), .word = 1372, QUOTE(CAME4(1400)), .quote_l4 = 8}},
	{"MTU-08 1279", LAN, {ERR6("C", "@8.8.8.8", 2, 0), .word = 1279, QUOTE(CAME6(1400))},
		NOWHERE, DROPS(ICMP_MTU)},
};

static void
mtu_02_packet_too_big(void **state)
{
	run_session(mtu64, RTE_DIM(mtu64), NULL);
}

// Other MTUs on our ports.
static void
mtu_01_02_own_links(void **state)
{
	static const struct env_setup setup = {.lan_mtu = 1400, .wan_mtu = 1300};
	const struct step rows[] = {
		FRAG_NEEDED("MTU-01 of the WAN", 1350, 1400, 1320),
		TOO_BIG("MTU-02 of the WAN", 1500, 1600, 1300),
		TOO_BIG("MTU-02", 1310, 1400, 1290),
	};

	run_session(rows, RTE_DIM(rows), &setup);
}

// What is quoted can be cut, or have headers in between.
static const uint8_t opt4[8] = {7, 7, 4, 0, 0, 0, 0, 0}; // record route
static const uint8_t dstopt[8] = {17, 0, 1, 4, 0, 0, 0, 0};
static const struct step quotes[] = {
	{"ERR-06 4 bytes", WAN, {ERR4("9.9.9.1", "T", 3, 3), QUOTE(SENT4(4)), .quote_l4 = 4}, LAN,
		{ERR6("@9.9.9.1", "C", 1, 4), QUOTE(SENT6(4)), .quote_l4 = 4}},
	{"ERR-06 N64-TUP-02 3 bytes", WAN,
		{ERR4("9.9.9.1", "T", 3, 3), QUOTE(SENT4(4)), .quote_l4 = 3}, NOWHERE,
		DROPS(ICMP_INNER)},
	{"ERR-08 IPv4 options", WAN,
		{ERR4("9.9.9.1", "T", 3, 3), QUOTE(SENT4(4), .opt = opt4, .opt_len = 8)}, LAN,
		{ERR6("@9.9.9.1", "C", 1, 4), QUOTE(SENT6(4))}},
	{"ERR-08 IPv6 options", LAN,
		{ERR6("C", "@8.8.8.8", 1, 4),
			QUOTE(CAME6(4), .ext = dstopt, .ext_type = 60, .ext_len = 8)},
		WAN, {ERR4("T", "8.8.8.8", 3, 3), QUOTE(CAME4(4))}},
	{"ERR-09", WAN, {ERR4("9.9.9.1", "T", 3, 3), QUOTE(SENT4(4)), .bad_csum = true}, NOWHERE,
		DROPS(CHECKSUM_L4)},
	{"ERR-09 ICMPv6", LAN, {ERR6("C", "@8.8.8.8", 1, 4), QUOTE(CAME6(4)), .bad_csum = true},
		NOWHERE, DROPS(CHECKSUM_L4)},
	{"ERR-13", WAN, {ERR4("9.9.9.1", "T", 3, 3), QUOTE(SENT4(1452), .df = true)}, LAN,
		{ERR6("@9.9.9.1", "C", 1, 4), QUOTE(SENT6(1452)), .quote_l4 = 1280 - 48 - 40}},
	{"ERR-13 ICMPv4", LAN, {ERR6("C", "@8.8.8.8", 1, 4), QUOTE(CAME6(1100))}, WAN,
		{ERR4("T", "8.8.8.8", 3, 3), QUOTE(CAME4(1100)), .quote_l4 = 576 - 28 - 20}},
	{"ERR-05 N64-TUP-02", WAN,
		{ERR4("9.9.9.1", "T", 3, 3), QUOTE(ERR4("T", "8.8.8.8", 3, 3), QUOTE(CAME4(4)))},
		NOWHERE, DROPS(ICMP_INNER)},
	{"ERR-05 N64-TUP-02 ICMPv6", LAN,
		{ERR6("C", "@8.8.8.8", 1, 4), QUOTE(ERR6("@8.8.8.8", "C", 1, 4), QUOTE(SENT6(4)))},
		NOWHERE, DROPS(ICMP_INNER)},
	{"ERR-06 later fragment", WAN, {ERR4("9.9.9.1", "T", 3, 3), QUOTE(SENT4(4), .frag_off = 9)},
		NOWHERE, DROPS(ICMP_INNER)},
	{"ERR-25 no such port", WAN,
		{ERR4("9.9.9.1", "T", 3, 3), QUOTE(UDP4("T", 5, "8.8.8.8", 53))}, NOWHERE,
		DROPS(ICMP_NO_SESSION)},
	{"ERR-28 another remote", WAN,
		{ERR4("9.9.9.1", "T", 3, 3), QUOTE(UDP4("T", A_PORT(0), "8.8.4.4", 53))}, NOWHERE,
		DROPS(ICMP_NO_SESSION)},
	{"ERR-28 another remote port", WAN,
		{ERR4("9.9.9.1", "T", 3, 3), QUOTE(UDP4("T", A_PORT(0), "8.8.8.8", 54))}, NOWHERE,
		DROPS(ICMP_NO_SESSION)},
	{"ERR-28 another protocol", WAN,
		{ERR4("9.9.9.1", "T", 3, 3), QUOTE(TCP4("T", A_PORT(0), "8.8.8.8", 53))}, NOWHERE,
		DROPS(ICMP_NO_SESSION)},
	{"ERR-22 to another address than the quote's", WAN,
		{ERR4("9.9.9.1", "GW4", 3, 3), QUOTE(SENT4(4))}, NOWHERE, DROPS(ICMP_NO_SESSION)},
	{"ERR-25 from inside", LAN,
		{ERR6("C", "@8.8.8.8", 1, 4), QUOTE(UDP6("@8.8.4.4", 53, "C", 40000))}, NOWHERE,
		DROPS(ICMP_NO_SESSION)},
	{"quote of no NAT64 prefix", LAN,
		{ERR6("C", "@8.8.8.8", 1, 4), QUOTE(UDP6("2001:db8:7::1", 53, "C", 40000))},
		NOWHERE, DROPS(ICMP_INNER)},
	{"N64-IN-02 an error about the WAN's sessions does not come from the LAN", LAN,
		{ERR4("192.168.1.10", "T", 3, 3), QUOTE(SENT4(4))}, NOWHERE, DROPS(NO_SESSION4)},
	{"X64-07 hop limit 1", LAN, {ERR6("C", "@8.8.8.8", 1, 4), QUOTE(CAME6(4)), .ttl = 1},
		NOWHERE, DROPS(TTL)},
	{"X46-04 TTL 1", WAN, {ERR4("9.9.9.1", "T", 3, 3), QUOTE(SENT4(4)), .ttl = 1}, NOWHERE,
		DROPS(TTL)},
	{"ERR-20 an RFC 1918 router", WAN, {ERR4("10.1.1.1", "T", 11, 0), QUOTE(SENT4(4))}, LAN,
		{ERR6("@10.1.1.1", "C", 3, 0), QUOTE(SENT6(4))}},
};

static void
err_quotes(void **state)
{
	run_session(quotes, RTE_DIM(quotes), NULL);
}

static const struct step others[] = {
	{"open", LAN, {TCP6("C", 41000, "@1.2.3.4", 80)}, WAN,
		{TCP4("T", A_PORT(1), "1.2.3.4", 80)}},
	{"ERR-07 N64-TCP-18", WAN,
		{ERR4("9.9.9.1", "T", 3, 1), QUOTE(TCP4("T", A_PORT(1), "1.2.3.4", 80)),
			.quote_l4 = 8},
		LAN,
		{ERR6("@9.9.9.1", "C", 1, 0), QUOTE(TCP6("C", 41000, "@1.2.3.4", 80)),
			.quote_l4 = 8}},
	{"ERR-10 all of it", WAN,
		{ERR4("9.9.9.1", "T", 11, 0),
			QUOTE(TCP4("T", A_PORT(1), "1.2.3.4", 80), .payload = 40)},
		LAN,
		{ERR6("@9.9.9.1", "C", 3, 0),
			QUOTE(TCP6("C", 41000, "@1.2.3.4", 80), .payload = 40)}},
	{"TCP from inside", LAN,
		{ERR6("C", "@1.2.3.4", 1, 3), QUOTE(TCP6("@1.2.3.4", 80, "C", 41000))}, WAN,
		{ERR4("T", "1.2.3.4", 3, 1), QUOTE(TCP4("1.2.3.4", 80, "T", A_PORT(1)))}},
	{"open", LAN, {PING6("C", "@8.8.8.8", 7)}, WAN, {PING4("T", "8.8.8.8", A_PORT(2))}},
	{"ERR-12 traceroute", WAN,
		{ERR4("9.9.9.1", "T", 11, 0),
			QUOTE(PING4("T", "8.8.8.8", A_PORT(2)), .payload = 32)},
		LAN,
		{ERR6("@9.9.9.1", "C", 3, 0), QUOTE(PING6("C", "@8.8.8.8", 7), .payload = 32)}},
	{"ERR-12 from inside", LAN,
		{ERR6("C", "@8.8.8.8", 3, 1), QUOTE(PONG6("@8.8.8.8", "C", 7), .payload = 32)}, WAN,
		{ERR4("T", "8.8.8.8", 11, 1),
			QUOTE(PONG4("8.8.8.8", "T", A_PORT(2)), .payload = 32)}},
	{"ERR-28 echo to another", WAN,
		{ERR4("9.9.9.1", "T", 11, 0), QUOTE(PING4("T", "8.8.4.4", A_PORT(2)))}, NOWHERE,
		DROPS(ICMP_NO_SESSION)},
};

static void
err_tcp_and_echo(void **state)
{
	RUN(others);
}

// ERR-23: an error at 290 s does not keep the session, nor does a packet that is refused.
static void
err_23_n64_udp_04_no_refresh(void **state)
{
	const struct step useless[] = {
		V4("ERR-23", 11, 0, 0, 3, 0, 0),
		V6("N64-UDP-04 an error from inside", "C", 1, 4, 0, 3, 3, 0),
		{"N64-UDP-04 another host", WAN, {UDP4("8.8.4.4", 53, "T", A_PORT(0))}, NOWHERE,
			DROPS(FILTERED)},
	};
	static const struct step back = {
		"ERR-23 gone", WAN, {CAME4(4)}, NOWHERE, DROPS(NO_SESSION4)};

	env_start("2001:db8:64::/96", NULL);
	env_run(&open_udp, 1);
	fixture_turn(&env.f, 290000);
	fixture_neighbor(&env.f, LAN, "2001:db8:1::10", env_mac_client);
	fixture_neighbor(&env.f, WAN, "5.6.7.1", env_mac_router);
	env_run(useless, RTE_DIM(useless));
	fixture_turn(&env.f, 15000);
	env_run(&back, 1);
	assert_int_equal(env_sessions(), 0);
	env_stop();
}

#define SYN6  TCP6("C", 41000, "@1.2.3.4", 80)
#define SYN4  TCP4("T", A_PORT(0), "1.2.3.4", 80)
#define BACK4 TCP4("1.2.3.4", 80, "T", A_PORT(0))
#define BACK6 TCP6("@1.2.3.4", 80, "C", 41000)

#define TCP_ERROR4(t4, c4, t6, c6) \
	{ \
		"N64-TCP-17", WAN, {ERR4("9.9.9.1", "T", t4, c4), QUOTE(SYN4), .quote_l4 = 8}, \
			LAN, \
		{ \
			ERR6("@9.9.9.1", "C", t6, c6), QUOTE(SYN6), .quote_l4 = 8 \
		} \
	}

static const struct step tcp_errors[] = {
	TCP_ERROR4(3, 1, 1, 0),
	TCP_ERROR4(3, 3, 1, 4),
	TCP_ERROR4(3, 13, 1, 1),
	TCP_ERROR4(11, 0, 3, 0),
	{"N64-TCP-17 from inside", LAN, {ERR6("C", "@1.2.3.4", 1, 4), QUOTE(BACK6)}, WAN,
		{ERR4("T", "1.2.3.4", 3, 3), QUOTE(BACK4)}},
};

// A connection that opens is gone 4 min after its SYN whatever errors there were; an established
// one lives on.
static void
n64_tcp_17_errors_change_nothing(void **state)
{
	static const struct step open = {"open", LAN, {SYN6}, WAN, {SYN4}};
	static const struct step accept = {"open", WAN, {BACK4, .tcp_flags = TCP_SYN | TCP_ACK},
		LAN, {BACK6, .tcp_flags = TCP_SYN | TCP_ACK}};
	static const struct step gone = {
		"N64-TCP-17 not kept", WAN, {BACK4}, NOWHERE, DROPS(TCP_NO_SESSION)};
	static const struct step data = {"N64-TCP-17 still ESTABLISHED", WAN,
		{BACK4, .tcp_flags = TCP_ACK, .payload = 5}, LAN,
		{BACK6, .tcp_flags = TCP_ACK, .payload = 5}};

	for (unsigned int established = 0; established < 2; established++) {
		env_start("2001:db8:64::/96", NULL);
		env_run(&open, 1);
		if (established)
			env_run(&accept, 1);
		fixture_turn(&env.f, 230000);
		fixture_neighbor(&env.f, LAN, "2001:db8:1::10", env_mac_client);
		fixture_neighbor(&env.f, WAN, "5.6.7.1", env_mac_router);
		env_run(tcp_errors, RTE_DIM(tcp_errors));
		fixture_turn(&env.f, 15000);
		env_run(established ? &data : &gone, 1);
		assert_int_equal(env_sessions(), established);
		env_stop();
	}
}

ENV_MAIN(cmocka_unit_test(i46_types), cmocka_unit_test(i64_types),
	cmocka_unit_test(mtu_01_fragmentation_needed), cmocka_unit_test(mtu_02_packet_too_big),
	cmocka_unit_test(mtu_01_02_own_links), cmocka_unit_test(err_quotes),
	cmocka_unit_test(err_tcp_and_echo), cmocka_unit_test(err_23_n64_udp_04_no_refresh),
	cmocka_unit_test(n64_tcp_17_errors_change_nothing))
