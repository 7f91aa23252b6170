// SPDX-License-Identifier: BSD-3-Clause
#include "nd_util.h"

#include "base/rand.h"
#include "net/nd.h"

static const struct rte_ether_addr our_mac = {{2, 0, 0, 0, 0, 1}};

// fe80::ff:fe00:1 asks the group of 2001:db8:1::5 for it.
#define NS_GROUP \
	"6000000000203afffe80000000000000000000fffe000001ff02000000000000" \
	"00000001ff00000587004c580000000020010db8000100000000000000000005" \
	"0101020000000001"
// The same to 2001:db8:1::5 itself.
#define NS_UNICAST \
	"6000000000203afffe80000000000000000000fffe00000120010db800010000" \
	"000000000000000587001ca30000000020010db8000100000000000000000005" \
	"0101020000000001"
// Duplicate address detection for 2001:db8:1::1.
#define NS_DAD \
	"6000000000183aff00000000000000000000000000000000ff02000000000000" \
	"00000001ff00000187004cec0000000020010db8000100000000000000000001"
// 2001:db8:1::1 answers 2001:db8:1::5: R=1, S=1, O=1.
#define NA_SOLICITED \
	"6000000000203aff20010db800010000000000000000000120010db800010000" \
	"000000000000000588000a6de000000020010db8000100000000000000000001" \
	"0201020000000001"
// 2001:db8:1::1 tells all nodes: R=1, S=0, O=1.
#define NA_ALL \
	"6000000000203aff20010db8000100000000000000000001ff02000000000000" \
	"000000000000000188007928a000000020010db8000100000000000000000001" \
	"0201020000000001"

static void
check_bytes(const uint8_t *got, uint16_t len, const char *hex)
{
	struct message want = message_from(hex);

	assert_int_equal(len, want.len);
	assert_memory_equal(got, want.b, len);
}

static void
gw_nd_06_build_ns(void **state)
{
	struct in6_addr src = ip6("fe80::ff:fe00:1"), target = ip6("2001:db8:1::5"), own;
	uint8_t buf[ND_MAX_LEN];

	check_bytes(buf, nd_build_ns(buf, &src, &target, NULL, &our_mac), NS_GROUP);
	check_bytes(buf, nd_build_ns(buf, &src, &target, &target, &our_mac), NS_UNICAST);
	own = ip6("2001:db8:1::1");
	check_bytes(buf, nd_build_ns(buf, &in6addr_any, &own, NULL, &our_mac), NS_DAD);
}

static void
gw_nd_04_build_na(void **state)
{
	struct in6_addr own = ip6("2001:db8:1::1"), peer = ip6("2001:db8:1::5");
	struct in6_addr all = ip6("ff02::1");
	uint8_t buf[ND_MAX_LEN];

	check_bytes(buf, nd_build_na(buf, &own, &peer, &own, true, &our_mac), NA_SOLICITED);
	check_bytes(buf, nd_build_na(buf, &own, &all, &own, false, &our_mac), NA_ALL);
}

static enum drop_reason
parse_bytes(const uint8_t *bytes, uint16_t len, struct nd_msg *out)
{
	struct rte_mbuf *m = mbuf_exact(bytes, len, 0);
	enum drop_reason why = parse_ip6(m, pkt_of(m));

	if (why == DROP_NONE && pkt_of(m)->proto == IPPROTO_ICMPV6)
		why = nd_parse(m, pkt_of(m), out);
	rte_pktmbuf_free(m);
	return why;
}

static void
gw_nd_03_parse_ns(void **state)
{
	struct message msg = message_from(NS_GROUP);
	struct in6_addr src = ip6("fe80::ff:fe00:1"), target = ip6("2001:db8:1::5");
	struct in6_addr group = ip6("ff02::1:ff00:5");
	struct nd_msg n;

	assert_int_equal(parse_bytes(msg.b, msg.len, &n), DROP_NONE);
	assert_int_equal(n.type, 135);
	assert_memory_equal(&n.src, &src, sizeof(src));
	assert_memory_equal(&n.dst, &group, sizeof(group));
	assert_memory_equal(&n.target, &target, sizeof(target));
	assert_true(n.has_lla);
	assert_memory_equal(&n.lla, &our_mac, sizeof(our_mac));
	assert_false(n.router || n.solicited || n.override);
	msg = message_from(NS_DAD);
	assert_int_equal(parse_bytes(msg.b, msg.len, &n), DROP_NONE);
	assert_false(n.has_lla);
}

static void
gw_nd_03_parse_na(void **state)
{
	struct message msg = message_from(NA_SOLICITED);
	struct nd_msg n;

	assert_int_equal(parse_bytes(msg.b, msg.len, &n), DROP_NONE);
	assert_int_equal(n.type, 136);
	assert_true(n.router && n.solicited && n.override && n.has_lla);
	msg.b[44] = 0x40;
	message_finish(&msg);
	assert_int_equal(parse_bytes(msg.b, msg.len, &n), DROP_NONE);
	assert_true(!n.router && n.solicited && !n.override);
}

// Each a change to a good message, its checksum right again.
static const struct row {
	const char *id, *hex;
	struct change change;
	enum drop_reason want;
} rows[] = {
	{"GW-ND-01 hop limit", NS_GROUP, {7, "fe"}, DROP_ND_INVALID},
	{"GW-ND-01 hop limit NA", NA_SOLICITED, {7, "40"}, DROP_ND_INVALID},
	{"GW-ND-01 code", NS_GROUP, {41, "01"}, DROP_ND_INVALID},
	{"GW-ND-01 NS of 23", NS_DAD, {.grow = -1}, DROP_ND_INVALID},
	{"GW-ND-01 NA of 20", NA_SOLICITED, {.grow = -12}, DROP_ND_INVALID},
	{"GW-ND-01 option length 0", NS_GROUP, {64, "0100"}, DROP_ND_INVALID},
	{"GW-ND-01 unknown option, length 0", NS_GROUP, {64, "0e00"}, DROP_ND_INVALID},
	{"GW-ND-01 second option, length 0", NS_GROUP, {72, "0e00000000000000", 8},
		DROP_ND_INVALID},
	{"GW-ND-01 option past the end", NS_GROUP, {64, "0102"}, DROP_ND_INVALID},
	{"GW-ND-01 option cut", NS_GROUP, {.grow = -1}, DROP_ND_INVALID},
	{"GW-ND-01 one byte of an option", NS_DAD, {64, "01", 1}, DROP_ND_INVALID},
	{"GW-ND-03 target multicast NS", NS_GROUP, {48, "ff"}, DROP_ND_INVALID},
	{"GW-ND-03 target multicast NA", NA_SOLICITED, {48, "ff"}, DROP_ND_INVALID},
	{"GW-ND-03 :: to unicast", NS_DAD, {24, "20010db8000100000000000000000001"},
		DROP_ND_INVALID},
	{"GW-ND-03 :: to ff02::1", NS_DAD, {24, "ff020000000000000000000000000001"},
		DROP_ND_INVALID},
	{"GW-ND-03 :: with SLLA", NS_DAD, {64, "0101020000000001", 8}, DROP_ND_INVALID},
	{"GW-ND-03 S=1 to a group", NA_ALL, {44, "e0"}, DROP_ND_INVALID},
	{"GW-ND-03 no SLLA", NS_UNICAST, {.grow = -8}, DROP_NONE},
	{"GW-ND-03 no TLLA", NA_SOLICITED, {.grow = -8}, DROP_NONE},
	{"GW-ND-01 unknown option", NS_GROUP, {72, "0e01010203040506", 8}, DROP_NONE},
	{"GW-ND-01 unknown before SLLA", NS_GROUP, {64, "0e010102030405060101020000000001", 8},
		DROP_NONE},
	{"GW-ND-01 reserved bits mean nothing", NS_GROUP, {44, "ffffffff"}, DROP_NONE},
	{"ENG SLLA of length 2", NS_GROUP, {64, "01020200000000010000000000000000", 8},
		DROP_ND_INVALID},
	{"ENG multicast SLLA", NS_GROUP, {66, "01"}, DROP_ND_INVALID},
	{"ENG zero TLLA", NA_SOLICITED, {66, "000000000000"}, DROP_ND_INVALID},
	{"ENG RS is not ours", NS_GROUP, {40, "85"}, DROP_ND_INVALID},
	// Next header 44, and an atomic fragment header in front of the message.
	{"GW-ND-02 fragment header", NS_GROUP,
		{6,
			"2cff"
			"fe80000000000000000000fffe000001ff0200000000000000000001ff000005"
			"3a000000deadbeef"
			"8700000000000000"
			"20010db8000100000000000000000005"
			"0101020000000001",
			8},
		DROP_ND_INVALID},
};

static void
gw_nd_01_02_03_validation(void **state)
{
	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct message msg = message_from(rows[i].hex);
		struct nd_msg n;
		enum drop_reason got;

		if (rows[i].change.hex != NULL && rows[i].change.at == 6)
			msg.l4_off = 48;
		message_change(&msg, &rows[i].change);
		got = parse_bytes(msg.b, msg.len, &n);
		if (got != rows[i].want)
			fail_msg("%s: %d", rows[i].id, got);
	}
}

// Every bit of the message counts.
static void
gw_nd_01_checksum(void **state)
{
	struct nd_msg n;

	for (unsigned int bit = 8 * 8; bit < 72 * 8; bit++) {
		struct message msg = message_from(NS_GROUP);

		msg.b[bit / 8] ^= 1 << bit % 8;
		if (msg.b[40] == 135)
			assert_int_not_equal(parse_bytes(msg.b, msg.len, &n), DROP_NONE);
	}
}

static void
gw_nd_01_cut_anywhere(void **state)
{
	struct message whole = message_from(NA_SOLICITED);
	struct nd_msg n;

	for (uint16_t len = 48; len < whole.len; len++) {
		struct message msg = whole;

		msg.len = len;
		message_finish(&msg);
		assert_int_equal(
			parse_bytes(msg.b, msg.len, &n), len == 64 ? DROP_NONE : DROP_ND_INVALID);
	}
}

static void
gw_nd_14_group_mac(void **state)
{
	static const struct rte_ether_addr want = {{0x33, 0x33, 0xff, 0x12, 0x34, 0x56}};
	struct in6_addr group = ip6("ff02::1:ff12:3456");
	struct rte_ether_addr mac;

	nd_group_mac(&mac, &group);
	assert_memory_equal(&mac, &want, sizeof(want));
}

static void
link_local_from_mac(void **state)
{
	static const struct rte_ether_addr mac = {{0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde}};
	struct in6_addr want = ip6("fe80::3656:78ff:fe9a:bcde"), got; // RFC 2464 §4
	struct in6_addr local = ip6("fe80::ff:fe00:1");

	nd_link_local(&got, &mac);
	assert_memory_equal(&got, &want, sizeof(want));
	nd_link_local(&got, &our_mac);
	assert_memory_equal(&got, &local, sizeof(local));
}

// Random options, and random bytes, behind headers that get past the first checks.
static void
nd_random_bytes(void **state)
{
	struct rand_pool r = {.left = 0};
	struct nd_msg n;

	for (unsigned int i = 0; i < 50000; i++) {
		struct message msg = message_from(i % 2 ? NS_GROUP : NA_SOLICITED);
		unsigned int from = i % 3 ? 64 : 48;

		msg.len = (uint16_t)(from + rand_below(&r, 80));
		for (unsigned int k = from; k < msg.len; k++)
			msg.b[k] = rand_below(&r, 3) ? rand_below(&r, 4) : rand_u16(&r) & 0xff;
		message_finish(&msg);
		parse_bytes(msg.b, msg.len, &n);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		nd_test(gw_nd_06_build_ns),
		nd_test(gw_nd_04_build_na),
		nd_test(gw_nd_03_parse_ns),
		nd_test(gw_nd_03_parse_na),
		nd_test(gw_nd_01_02_03_validation),
		nd_test(gw_nd_01_checksum),
		nd_test(gw_nd_01_cut_anywhere),
		nd_test(gw_nd_14_group_mac),
		nd_test(link_local_from_mac),
		nd_test(nd_random_bytes),
	};

	mbuf_util_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
