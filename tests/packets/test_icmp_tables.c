// SPDX-License-Identifier: BSD-3-Clause
// The tables of RFC 7915 §4.2, §4.3, §5.2 and §5.3 row by row through the whole pipeline, both
// ways: types and codes, pointers, MTUs, and the forms a quote can have (RFC 4884, ERR-07, ERR-08).
#include "icmp_rows.h"

// ---- ICMPv4 to ICMPv6

// What is no error of RFC 6146 §3.4 at all.
#define V4_QUERY(id, t4) \
	{ \
		id, WAN, {.family = 4, .proto = 1, .src = "9.9.9.1", .dst = "T", .type = t4}, \
			NOWHERE, DROPS(NO_SESSION4) \
	}

static const struct step types4[] = {
	V4("I46-07 net", 3, 0, 0, 1, 0, 0),
	V4("I46-07 ERR-24 host, by a router that C never sent to", 3, 1, 0, 1, 0, 0),
	V4("I46-08 protocol", 3, 2, 0, 4, 1, 6),
	V4("I46-09 port", 3, 3, 0, 1, 4, 0),
	V4("I46-10 fragmentation needed", 3, 4, 0, 2, 0, 1280),
	V4("I46-11 source route failed", 3, 5, 0, 1, 0, 0),
	V4("I46-12 net unknown", 3, 6, 0, 1, 0, 0),
	V4("I46-12 host unknown", 3, 7, 0, 1, 0, 0),
	V4("I46-12 host isolated", 3, 8, 0, 1, 0, 0),
	V4("I46-13 net prohibited", 3, 9, 0, 1, 1, 0),
	V4("I46-13 host prohibited", 3, 10, 0, 1, 1, 0),
	V4("I46-14 net and TOS", 3, 11, 0, 1, 0, 0),
	V4("I46-14 host and TOS", 3, 12, 0, 1, 0, 0),
	V4("I46-15 prohibited", 3, 13, 0, 1, 1, 0),
	V4_NOT("I46-16 precedence violation", 3, 14, 0, ICMP_TYPE),
	V4("I46-17 precedence cutoff", 3, 15, 0, 1, 1, 0),
	V4_NOT("I46-18 3/16", 3, 16, 0, ICMP_TYPE),
	V4_NOT("I46-18 3/255", 3, 255, 0, ICMP_TYPE),
	V4_NOT("I46-19 source quench", 4, 0, 0, ICMP_TYPE),
	V4_NOT("I46-20 redirect for a net", 5, 0, 0x05060701, ICMP_TYPE),
	V4_NOT("I46-20 redirect for a host", 5, 1, 0x05060701, ICMP_TYPE),
	V4("I46-21 hops", 11, 0, 0, 3, 0, 0),
	V4("I46-21 reassembly", 11, 1, 0, 3, 1, 0),
	V4("I46-21 another code", 11, 7, 0, 3, 7, 0),
	V4_NOT("I46-23 missing option", 12, 1, 0, ICMP_TYPE),
	V4_NOT("I46-25 12/3", 12, 3, 0, ICMP_TYPE),
	V4_QUERY("I46-20 alternate host", 6),
	V4_QUERY("I46-04 router advertisement", 9),
	V4_QUERY("I46-04 router solicitation", 10),
	V4_QUERY("I46-03 timestamp", 13),
	V4_QUERY("I46-03 timestamp reply", 14),
	V4_QUERY("I46-03 information", 15),
	V4_QUERY("I46-03 information reply", 16),
	V4_QUERY("I46-03 address mask", 17),
	V4_QUERY("I46-03 address mask reply", 18),
	V4_QUERY("I46-05 type 1", 1),
	V4_QUERY("I46-05 type 7", 7),
	V4_QUERY("I46-05 type 255", 255),
};

#define P4(from, to) V4("I46-22 I46-P1 " #from, 12, 0, from##u << 24, 4, 0, to)
#define L4(from, to) V4("I46-24 I46-P1 " #from, 12, 2, from##u << 24, 4, 0, to)
#define N4(from) \
	V4_NOT("I46-22 I46-P2 " #from, 12, 0, from##u << 24, ICMP_POINTER), \
		V4_NOT("I46-24 I46-P2 " #from, 12, 2, from##u << 24, ICMP_POINTER)

static const struct step pointers4[] = {P4(0, 0), P4(1, 1), P4(2, 4), P4(3, 4), P4(8, 7), P4(9, 6),
	P4(12, 8), P4(13, 8), P4(14, 8), P4(15, 8), P4(16, 24), P4(17, 24), P4(18, 24), P4(19, 24),
	L4(0, 0), L4(1, 1), L4(2, 4), L4(3, 4), L4(8, 7), L4(9, 6), L4(12, 8), L4(13, 8), L4(14, 8),
	L4(15, 8), L4(16, 24), L4(17, 24), L4(18, 24), L4(19, 24), N4(4), N4(5), N4(6), N4(7),
	N4(10), N4(11), N4(20), N4(21), N4(255)};

static void
i46_types(void **state)
{
	ICMP_ROWS(types4);
}

static void
i46_p1_p2_pointers(void **state)
{
	ICMP_ROWS(pointers4);
}

// ---- ICMPv6 to ICMPv4

#define V6_QUERY(id, t6) \
	{ \
		id, LAN, {.family = 6, .proto = 58, .src = "C", .dst = "@8.8.8.8", .type = t6}, \
			NOWHERE, DROPS(ICMP_TYPE) \
	}

static const struct step types6[] = {
	V6("I64-06 no route", 1, 0, 0, 3, 1, 0),
	V6("I64-07 prohibited", 1, 1, 0, 3, 10, 0),
	V6("I64-08 beyond scope", 1, 2, 0, 3, 1, 0),
	V6("I64-09 address", 1, 3, 0, 3, 1, 0),
	V6_FROM("I64-09 ERR-21 by a router", "2001:db8:1::77", 1, 3, 0, 3, 1, 0),
	V6("I64-10 port", 1, 4, 0, 3, 3, 0),
	V6_NOT("I64-11 source failed policy", 1, 5, 0, ICMP_TYPE),
	V6_NOT("I64-11 reject route", 1, 6, 0, ICMP_TYPE),
	V6_NOT("I64-11 1/7", 1, 7, 0, ICMP_TYPE),
	V6_NOT("I64-11 1/255", 1, 255, 0, ICMP_TYPE),
	V6("I64-12 too big", 2, 0, 1400, 3, 4, 1380),
	V6("I64-12 any code", 2, 9, 1400, 3, 4, 1380),
	V6("I64-13 hops", 3, 0, 0, 11, 0, 0),
	V6_FROM("I64-13 ERR-21 by a router", "2001:db8:1::77", 3, 0, 0, 11, 0, 0),
	V6("I64-13 reassembly", 3, 1, 0, 11, 1, 0),
	V6("I64-13 another code", 3, 5, 0, 11, 5, 0),
	V6("I64-15 next header", 4, 1, 6, 3, 2, 0),
	V6_NOT("I64-16 option", 4, 2, 40, ICMP_TYPE),
	V6_NOT("I64-17 first fragment", 4, 3, 0, ICMP_TYPE),
	V6_NOT("I64-17 4/4", 4, 4, 0, ICMP_TYPE),
	V6_NOT("I64-17 type 0", 0, 0, 0, ICMP_TYPE),
	V6_NOT("I64-17 type 5", 5, 0, 0, ICMP_TYPE),
	V6_NOT("I64-17 type 100", 100, 0, 0, ICMP_TYPE),
	V6_NOT("I64-17 type 127", 127, 0, 0, ICMP_TYPE),
	V6_QUERY("I64-03 MLD query", 130),
	V6_QUERY("I64-03 MLD report", 131),
	V6_QUERY("I64-03 MLD done", 132),
	V6_QUERY("I64-03 MLDv2 report", 143),
	V6_QUERY("I64-04 router solicitation", 133),
	V6_QUERY("I64-04 router advertisement", 134),
	V6_QUERY("I64-04 neighbor solicitation", 135),
	V6_QUERY("I64-04 neighbor advertisement", 136),
	V6_QUERY("I64-04 redirect", 137),
	V6_QUERY("I64-05 router renumbering", 138),
	V6_QUERY("I64-05 node information", 139),
	V6_QUERY("I64-05 type 200", 200),
	V6_QUERY("I64-05 type 255", 255),
};

#define P6(from, to) V6("I64-14 I64-P1 " #from, 4, 0, from, 12, 0, to##u << 24)
#define N6(from)     V6_NOT("I64-14 I64-P2 " #from, 4, 0, from, ICMP_POINTER)

static const struct step pointers6[] = {P6(0, 0), P6(1, 1), P6(4, 2), P6(5, 2), P6(6, 9), P6(7, 8),
	P6(8, 12), P6(9, 12), P6(15, 12), P6(16, 12), P6(22, 12), P6(23, 12), P6(24, 16),
	P6(25, 16), P6(31, 16), P6(32, 16), P6(38, 16), P6(39, 16), N6(2), N6(3), N6(40), N6(41),
	N6(44), N6(255), N6(256), N6(0x01000000), N6(0xffffffff)};

static void
i64_types(void **state)
{
	ICMP_ROWS(types6);
}

static void
i64_p1_p2_pointers(void **state)
{
	ICMP_ROWS(pointers6);
}

// ---- MTUs

static const uint8_t atomic[8] = {17, 0, 0, 0, 0x12, 0x34, 0x56, 0x78};
static const struct step mtus[] = {
	NEEDED("MTU-01 68", 68, 1480, 1280),
	NEEDED("MTU-01 576", 576, 1480, 1280),
	NEEDED("MTU-01 1259", 1259, 1480, 1280),
	NEEDED("MTU-01 1260", 1260, 1480, 1280),
	NEEDED("MTU-01 1261", 1261, 1480, 1281),
	NEEDED("MTU-01 1400", 1400, 1480, 1420),
	NEEDED("MTU-01 1479", 1479, 1480, 1499),
	NEEDED("MTU-06 1480 of 1480", 1480, 1480, 1280),
	NEEDED("MTU-03 MTU-05 0 of 1480", 0, 1480, 1280),
	NEEDED("MTU-03 0 of 1492", 0, 1492, 1280),
	NEEDED("MTU-03 0 of 1300", 0, 1300, 1280),
	NEEDED_NOT("MTU-08 67", 67, 1480),
	NEEDED_NOT("MTU-08 1", 1, 1480),
	NEEDED_NOT("MTU-08 more than was sent", 1481, 1480),
	NEEDED_NOT("MTU-08 65535", 65535, 1480),
	TOO_BIG("MTU-02 1280", 1280, 1500, 1260),
	TOO_BIG("MTU-02 1281", 1281, 1500, 1261),
	TOO_BIG("MTU-02 1400", 1400, 1500, 1380),
	TOO_BIG("MTU-02 1500", 1500, 1600, 1480),
	TOO_BIG("MTU-02 of the link", 9000, 1600, 1480),
	TOO_BIG("MTU-02 32 bits", 0x10000, 1600, 1480),
	{"MTU-02 with a Fragment header", LAN,
		{ERR6("C", "@8.8.8.8", 2, 0), .word = 1400,
			QUOTE(CAME6(1400), .ext = atomic, .ext_type = 44, .ext_len = 8),
			.quote_l4 = 8},
		WAN, {ERR4("T", "8.8.8.8", 3, 4), .word = 1372, QUOTE(CAME4(1400)), .quote_l4 = 8}},
	TOO_BIG_NOT("MTU-08 1279", 1279),
	TOO_BIG_NOT("MTU-08 0", 0),
};
// A jumbo LAN and WAN, where plateaus matter.
static const struct step jumbo[] = {
	NEEDED("MTU-03 MTU-04 0 of 8980", 0, 8980, 8186),
	NEEDED("MTU-03 MTU-04 0 of 8166", 0, 8166, 4372),
	NEEDED("MTU-03 MTU-04 0 of 4352", 0, 4352, 2022),
	NEEDED("MTU-03 MTU-04 0 of 2002", 0, 2002, 1512),
	NEEDED("MTU-03 MTU-04 0 of 1493", 0, 1493, 1512),
	NEEDED("MTU-01 8000", 8000, 8980, 8020),
	TOO_BIG("MTU-02 8000", 8000, 8990, 7980),
};

static void
mtu_01_to_08_rows(void **state)
{
	static const struct env_setup large = {.lan_mtu = 9000, .wan_mtu = 9000};

	ICMP_ROWS(mtus);
	icmp_rows_run(jumbo, RTE_DIM(jumbo), &large);
}

// ---- what is quoted

static const uint8_t record[8] = {7, 7, 4, 0, 0, 0, 0, 0};
static const uint8_t longest[40] = {7, 39, 4};
static const uint8_t dst_hdr[8] = {17, 0, 1, 4, 0, 0, 0, 0};
static const uint8_t hop_dst[16] = {60, 0, 1, 4, 0, 0, 0, 0, 17, 0, 1, 4, 0, 0, 0, 0};
static const uint8_t route_hdr[8] = {17, 0, 4, 0, 0, 0, 0, 0};
// RFC 4884 §7: version 2, checksum left out, an object of 8 bytes
static const uint8_t objects[12] = {0x20, 0, 0, 0, 0, 8, 1, 1, 0xde, 0xad, 0xbe, 0xef};
#define EXTENDED(n) .objects = objects, .objects_len = 12, .quote_pad = n

static const struct step quotes[] = {
	{"ERR-07 8 bytes", WAN, {ERR4("9.9.9.1", "T", 3, 1), QUOTE(SENT4(40)), .quote_l4 = 8}, LAN,
		{ERR6("@9.9.9.1", "C", 1, 0), QUOTE(SENT6(40)), .quote_l4 = 8}},
	{"ERR-06 4 bytes", WAN, {ERR4("9.9.9.1", "T", 3, 1), QUOTE(SENT4(40)), .quote_l4 = 4}, LAN,
		{ERR6("@9.9.9.1", "C", 1, 0), QUOTE(SENT6(40)), .quote_l4 = 4}},
	{"ERR-06 3 bytes", WAN, {ERR4("9.9.9.1", "T", 3, 1), QUOTE(SENT4(40)), .quote_l4 = 3},
		NOWHERE, DROPS(ICMP_INNER)},
	{"ERR-06 4 bytes from inside", LAN,
		{ERR6("C", "@8.8.8.8", 1, 4), QUOTE(CAME6(40)), .quote_l4 = 4}, WAN,
		{ERR4("T", "8.8.8.8", 3, 3), QUOTE(CAME4(40)), .quote_l4 = 4}},
	{"ERR-06 3 bytes from inside", LAN,
		{ERR6("C", "@8.8.8.8", 1, 4), QUOTE(CAME6(40)), .quote_l4 = 3}, NOWHERE,
		DROPS(ICMP_INNER)},
	{"ERR-01 the TTL stays", WAN, {ERR4("9.9.9.1", "T", 11, 0), QUOTE(SENT4(40), .ttl = 1)},
		LAN, {ERR6("@9.9.9.1", "C", 3, 0), QUOTE(SENT6(40), .ttl = 1)}},
	{"ERR-01 TTL 0 as well", WAN, {ERR4("9.9.9.1", "T", 11, 0), QUOTE(SENT4(40), .ttl0 = true)},
		LAN, {ERR6("@9.9.9.1", "C", 3, 0), QUOTE(SENT6(40), .ttl0 = true)}},
	{"ERR-08 options", WAN,
		{ERR4("9.9.9.1", "T", 3, 1), QUOTE(SENT4(40), .opt = record, .opt_len = 8)}, LAN,
		{ERR6("@9.9.9.1", "C", 1, 0), QUOTE(SENT6(40))}},
	{"ERR-08 options, 8 bytes", WAN,
		{ERR4("9.9.9.1", "T", 3, 1), QUOTE(SENT4(40), .opt = record, .opt_len = 8),
			.quote_l4 = 8},
		LAN, {ERR6("@9.9.9.1", "C", 1, 0), QUOTE(SENT6(40)), .quote_l4 = 8}},
	{"ERR-08 all options there can be", WAN,
		{ERR4("9.9.9.1", "T", 3, 1), QUOTE(SENT4(40), .opt = longest, .opt_len = 40)}, LAN,
		{ERR6("@9.9.9.1", "C", 1, 0), QUOTE(SENT6(40))}},
	{"ERR-08 destination options", LAN,
		{ERR6("C", "@8.8.8.8", 1, 4),
			QUOTE(CAME6(40), .ext = dst_hdr, .ext_type = 60, .ext_len = 8)},
		WAN, {ERR4("T", "8.8.8.8", 3, 3), QUOTE(CAME4(40))}},
	{"ERR-08 two headers, 8 bytes", LAN,
		{ERR6("C", "@8.8.8.8", 1, 4),
			QUOTE(CAME6(40), .ext = hop_dst, .ext_type = 0, .ext_len = 16),
			.quote_l4 = 8},
		WAN, {ERR4("T", "8.8.8.8", 3, 3), QUOTE(CAME4(40)), .quote_l4 = 8}},
	{"ERR-08 a routing header", LAN,
		{ERR6("C", "@8.8.8.8", 1, 4),
			QUOTE(CAME6(40), .ext = route_hdr, .ext_type = 43, .ext_len = 8)},
		WAN, {ERR4("T", "8.8.8.8", 3, 3), QUOTE(CAME4(40))}},
	{"ERR-11 no checksum", WAN, {ERR4("9.9.9.1", "T", 3, 1), QUOTE(SENT4(40), .no_csum = true)},
		LAN, {ERR6("@9.9.9.1", "C", 1, 0), QUOTE(SENT6(40), .no_csum = true)}},
	{"ERR-14 ERR-15 extensions", WAN,
		{ERR4("9.9.9.1", "T", 11, 0), QUOTE(SENT4(72)), EXTENDED(128)}, LAN,
		{ERR6("@9.9.9.1", "C", 3, 0), QUOTE(SENT6(72)), EXTENDED(128)}},
	{"ERR-14 ERR-15 the quote is shorter than 128", WAN,
		{ERR4("9.9.9.1", "T", 3, 3), QUOTE(SENT4(4)), EXTENDED(128)}, LAN,
		{ERR6("@9.9.9.1", "C", 1, 4), QUOTE(SENT6(4)), EXTENDED(128)}},
	{"ERR-14 ERR-15 the quote grows beyond its padding", WAN,
		{ERR4("9.9.9.1", "T", 3, 3), QUOTE(SENT4(104)), EXTENDED(132)}, LAN,
		{ERR6("@9.9.9.1", "C", 1, 4), QUOTE(SENT6(104)), EXTENDED(152)}},
	{"ERR-16 stripped from 3/4", WAN,
		{ERR4("9.9.9.1", "T", 3, 4), .word = 1400, QUOTE(SENT4(1452)), .quote_l4 = 108,
			EXTENDED(128)},
		LAN,
		{ERR6("@9.9.9.1", "C", 2, 0), .word = 1420, QUOTE(SENT6(1452)), .quote_l4 = 108}},
	{"ERR-16 ERR-19 stripped from 3/2, with the padding", WAN,
		{ERR4("9.9.9.1", "T", 3, 2), QUOTE(SENT4(4)), EXTENDED(128)}, LAN,
		{ERR6("@9.9.9.1", "C", 4, 1), .word = 6, QUOTE(SENT6(4))}},
	{"ERR-16 stripped from 12/0", WAN,
		{ERR4("9.9.9.1", "T", 12, 0), .word = 8u << 24, QUOTE(SENT4(4)), EXTENDED(128)},
		LAN, {ERR6("@9.9.9.1", "C", 4, 0), .word = 7, QUOTE(SENT6(4))}},
	{"ERR-14 ERR-15 extensions from inside", LAN,
		{ERR6("C", "@8.8.8.8", 1, 4), QUOTE(CAME6(104)), EXTENDED(152)}, WAN,
		{ERR4("T", "8.8.8.8", 3, 3), QUOTE(CAME4(104)), EXTENDED(132)}},
	{"ERR-14 ERR-15 from inside, shorter than 128", LAN,
		{ERR6("C", "@8.8.8.8", 3, 0), QUOTE(CAME6(4)), EXTENDED(128)}, WAN,
		{ERR4("T", "8.8.8.8", 11, 0), QUOTE(CAME4(4)), EXTENDED(128)}},
	{"ERR-18 shorter than 128", WAN,
		{ERR4("9.9.9.1", "T", 3, 3), QUOTE(SENT4(4)), EXTENDED(124)}, NOWHERE,
		DROPS(ICMP_INNER)},
	{"ERR-18 shorter than 128 from inside", LAN,
		{ERR6("C", "@8.8.8.8", 1, 4), QUOTE(CAME6(4)), EXTENDED(120)}, NOWHERE,
		DROPS(ICMP_INNER)},
	{"ERR-18 longer than the message", WAN,
		{ERR4("9.9.9.1", "T", 3, 3), .word = 0x00400000, QUOTE(SENT4(40))}, NOWHERE,
		DROPS(ICMP_INNER)},
	{"ERR-18 longer than the message from inside", LAN,
		{ERR6("C", "@8.8.8.8", 1, 4), .word = 0x20000000, QUOTE(CAME6(40))}, NOWHERE,
		DROPS(ICMP_INNER)},
	{"ERR-17 the longest attribute", WAN,
		{ERR4("9.9.9.1", "T", 3, 3), QUOTE(SENT4(992), .df = true), EXTENDED(1020)}, LAN,
		{ERR6("@9.9.9.1", "C", 1, 4), QUOTE(SENT6(992)), EXTENDED(1040)}},
	{"ERR-17 both too long from inside: the quote gives way", LAN,
		{ERR6("C", "@8.8.8.8", 1, 4), QUOTE(CAME6(952)), EXTENDED(1000)}, WAN,
		{ERR4("T", "8.8.8.8", 3, 3), QUOTE(CAME4(952)), .quote_l4 = 516, EXTENDED(536)}},
};

static void
err_quotes(void **state)
{
	ICMP_ROWS(quotes);
}

ENV_MAIN(cmocka_unit_test(i46_types), cmocka_unit_test(i46_p1_p2_pointers),
	cmocka_unit_test(i64_types), cmocka_unit_test(i64_p1_p2_pointers),
	cmocka_unit_test(mtu_01_to_08_rows), cmocka_unit_test(err_quotes))
