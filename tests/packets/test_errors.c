// SPDX-License-Identifier: BSD-3-Clause
// ICMP errors about translated packets, both ways (RFC 7915 §4.2-4.3, §5.2-5.3, RFC 6146 §3.4).
#include "icmp_rows.h"

static const struct step open_udp = {"open", LAN, {SENT6(4)}, WAN, {SENT4(4)}};

// Other MTUs on our ports.
static void
mtu_01_02_own_links(void **state)
{
	static const struct env_setup setup = {.lan_mtu = 1400, .wan_mtu = 1300};
	const struct step rows[] = {
		NEEDED("MTU-01 of the WAN", 1350, 1400, 1320),
		TOO_BIG("MTU-02 of the WAN", 1500, 1600, 1300),
		TOO_BIG("MTU-02", 1310, 1400, 1290),
	};

	icmp_rows_run(rows, RTE_DIM(rows), &setup);
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
	icmp_rows_run(quotes, RTE_DIM(quotes), NULL);
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
		V6("N64-UDP-04 an error from inside", 1, 4, 0, 3, 3, 0),
		{"N64-UDP-04 another host", WAN, {UDP4("8.8.4.4", 53, "T", A_PORT(0))}, NOWHERE,
			DROPS(FILTERED)},
	};
	static const struct step back = {
		"ERR-23 gone", WAN, {CAME4(4)}, NOWHERE, DROPS(NO_SESSION4)};

	env_start(*state, NULL);
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
		env_start(*state, NULL);
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

ENV_MAIN(

	cmocka_unit_test(mtu_01_02_own_links), cmocka_unit_test(err_quotes),
	cmocka_unit_test(err_tcp_and_echo), WITH_BOTH(err_23_n64_udp_04_no_refresh),
	WITH_BOTH(n64_tcp_17_errors_change_nothing))
