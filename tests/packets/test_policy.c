// SPDX-License-Identifier: BSD-3-Clause
// What the operator decides about translation: TOS and traffic class (RFC 7915 §4.1, §5.1), and who
// is told that policy refused a packet (§4.4, §5.4).
#include "env.h"

#define A6 UDP6("C", 40000, "@8.8.8.8", 53)
#define A4 UDP4("T", A_PORT(0), "8.8.8.8", 53)
#define B4 UDP4("8.8.8.8", 53, "T", A_PORT(0))
#define B6 UDP6("@8.8.8.8", 53, "C", 40000)
#define R4 "9.9.9.1"
#define R6 "@9.9.9.1"

// in: of what comes; out: of what leaves; both for packets, errors and what these quote.
#define OCTETS(id, in64, out64, in46, out46) \
	{id " UDP from IPv6", LAN, {A6, .tos = in64}, WAN, {A4, .tos = out64}}, \
		{id " UDP from IPv4", WAN, {B4, .tos = in46}, LAN, {B6, .tos = out46}}, \
		{id " TCP from IPv6", LAN, {TCP6("C", 41000, "@8.8.8.8", 80), .tos = in64}, WAN, \
			{TCP4("T", A_PORT(1), "8.8.8.8", 80), .tos = out64}}, \
		{id " TCP from IPv4", WAN, \
			{TCP4("8.8.8.8", 80, "T", A_PORT(1)), .tcp_flags = TCP_ACK, .tos = in46}, \
			LAN, \
			{TCP6("@8.8.8.8", 80, "C", 41000), .tcp_flags = TCP_ACK, .tos = out46}}, \
		{id " echo from IPv6", LAN, {PING6("C", "@8.8.8.8", 7), .tos = in64}, WAN, \
			{PING4("T", "8.8.8.8", A_PORT(2)), .tos = out64}}, \
		{id " echo from IPv4", WAN, {PONG4("8.8.8.8", "T", A_PORT(2)), .tos = in46}, LAN, \
			{PONG6("@8.8.8.8", "C", 7), .tos = out46}}, \
		{id " error from IPv4", WAN, \
			{ERR4(R4, "T", 3, 3), .tos = in46, QUOTE(A4, .tos = in46)}, LAN, \
			{ERR6(R6, "C", 1, 4), .tos = out46, QUOTE(A6, .tos = out46)}}, \
	{ \
		id " error from IPv6", LAN, \
			{ERR6("C", "@8.8.8.8", 1, 4), .tos = in64, QUOTE(B6, .tos = in64)}, WAN, \
		{ \
			ERR4("T", "8.8.8.8", 3, 3), .tos = out64, QUOTE(B4, .tos = out64) \
		} \
	}

static const struct step copied[] = {
	OCTETS("X64-02 X46-01 copied", 0xb9, 0xb9, 0x2e, 0x2e),
	OCTETS("X64-02 X46-01 all bits", 0xff, 0xff, 0xff, 0xff),
	OCTETS("X64-02 X46-01 ECN", 0x03, 0x03, 0x01, 0x01),
};
static const struct step constant[] = {
	OCTETS("X64-02 X46-01 constant", 0xb9, 0x20, 0x2e, 0),
	OCTETS("X64-02 X46-01 constant for none", 0, 0x20, 0, 0),
};
static const struct step one_way[] = {
	OCTETS("X64-02 X46-01 one way only", 0xb9, 0xb9, 0x2e, 0xff),
};

static void
x64_02_x46_01_octets(void **state)
{
	RUN(copied);
	RUN_WITH("  tos: 32\n  traffic_class: 0\n", constant);
	RUN_WITH("  traffic_class: 255\n", one_way);
}

#define PROHIBITED6(id, z, ...) \
	{ \
		id, LAN, {UDP6("C", 40000, "@" z, 53), __VA_ARGS__}, LAN, \
			{ERR6("GW6", "C", 1, 1), .ttl = 64, \
				QUOTE(UDP6("C", 40000, "@" z, 53), .ttl = 64, __VA_ARGS__)}, \
			DROPS(DST4_UNUSABLE) \
	}
#define OWN4(c) ERR4("GW4", "8.8.8.8", 3, c), .ttl = 64, .tos = 0xc0, .df = true
#define STRAY   UDP4("8.8.8.8", 53, "T", 999)
#define SYN6    TCP6("C", 41000, "@127.0.0.1", 80)

// What is the same in all of them: nobody is told.
#define NEVER \
	{"XLT-05 not about echo", LAN, {PING6("C", "@127.0.0.1", 7)}, NOWHERE, \
		DROPS(DST4_UNUSABLE)}, \
		{"XLT-05 not about an ICMPv4 error", WAN, {ERR4(R4, "T", 3, 3), QUOTE(STRAY)}, \
			NOWHERE, DROPS(ICMP_NO_SESSION)}, \
		{"XLT-05 N64-TCP-07 not about a SYN", WAN, {TCP4("8.8.8.8", 80, "T", 999)}, \
			NOWHERE, DROPS(TCP_NO_SESSION)}, \
		{"XLT-05 N64-TCP-C9 nor another segment", WAN, \
			{TCP4("8.8.8.8", 80, "T", 999), .tcp_flags = TCP_ACK}, NOWHERE, \
			DROPS(TCP_NO_SESSION)}, \
		{"XLT-05 not about a timestamp", WAN, \
			{.family = 4, .proto = 1, .src = "8.8.8.8", .dst = "T", .type = 13}, \
			NOWHERE, DROPS(NO_SESSION4)}, \
	{ \
		"XLT-05 not to a source of no LAN", LAN, \
			{UDP6("2001:db8:99::1", 1, "@8.8.8.8", 2)}, NOWHERE, DROPS(SRC_NO_ROUTE) \
	}
#define SILENT6 \
	{ \
		"XLT-05 silent on the LAN", LAN, {UDP6("C", 40000, "@127.0.0.1", 53)}, NOWHERE, \
			DROPS(DST4_UNUSABLE) \
	}
#define SILENT4 \
	{"XLT-05 silent on the WAN", WAN, {STRAY}, NOWHERE, DROPS(NO_SESSION4)}, \
	{ \
		"XLT-05 silent about echo", WAN, {PING4("8.8.8.8", "T", 999)}, NOWHERE, \
			DROPS(NO_SESSION4) \
	}
#define TOLD6 \
	PROHIBITED6("XLT-05 loopback", "127.0.0.1", .payload = 20), \
		PROHIBITED6("XLT-05 with a long packet", "127.0.0.1", .payload = 1100), \
		PROHIBITED6("XLT-05 multicast", "224.0.0.1", .payload = 1), \
	{ \
		"XLT-05 TCP", LAN, {SYN6}, LAN, \
			{ERR6("GW6", "C", 1, 1), .ttl = 64, QUOTE(SYN6, .ttl = 64)}, \
			DROPS(DST4_UNUSABLE) \
	}
#define TOLD4 \
	{"XLT-05 UDP of no session", WAN, {STRAY}, WAN, {OWN4(13), QUOTE(STRAY, .ttl = 64)}, \
		DROPS(NO_SESSION4)}, \
		{"XLT-05 echo of no session", WAN, {PING4("8.8.8.8", "T", 999)}, WAN, \
			{OWN4(13), QUOTE(PING4("8.8.8.8", "T", 999), .ttl = 64)}, \
			DROPS(NO_SESSION4)}, \
	{ \
		"XLT-05 N64-DOS-12 not to 240/4", WAN, {UDP4("240.0.0.1", 53, "T", 999)}, NOWHERE, \
			DROPS(SRC4_ILLEGAL) \
	}

static const struct step told_none[] = {NEVER, SILENT6, SILENT4};
static const struct step told_lan[] = {NEVER, TOLD6, SILENT4};
static const struct step told_wan[] = {NEVER, SILENT6, TOLD4};
static const struct step told_both[] = {NEVER, TOLD6, TOLD4};

static void
xlt_05_who_is_told(void **state)
{
	RUN_WITH("  icmp_prohibited: none\n", told_none);
	RUN(told_lan); // the default
	RUN_WITH("  icmp_prohibited: wan\n", told_wan);
	RUN_WITH("  icmp_prohibited: both\n", told_both);
}

// XLT-05: at the rate of all errors, and no more.
static void
xlt_05_limited(void **state)
{
	static const struct env_setup setup = {
		.nat64 = "  pool4: [{address: 5.6.7.64}]\n  icmp_error_rate: 5\n"
			 "  icmp_prohibited: both\n  max_sessions: 1024\n  max_bib: 512\n"};
	static const struct spec refused[] = {{UDP6("C", 40000, "@127.0.0.1", 53)}, {STRAY}};

	for (unsigned int from = LAN; from <= WAN; from++) {
		unsigned int told = 0;

		env_start(*state, &setup);
		fixture_turn(&env.f, 1);
		for (unsigned int i = 0; i < 20; i++) {
			env_send(from, &refused[from]);
			told += env_take(from);
		}
		assert_int_equal(told, 5);
		assert_int_equal(fixture_stats(&env.f).icmp_limited, 15);
		env_stop();
	}
}

ENV_MAIN(cmocka_unit_test(x64_02_x46_01_octets), cmocka_unit_test(xlt_05_who_is_told),
	WITH_BOTH(xlt_05_limited))
