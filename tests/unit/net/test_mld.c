// SPDX-License-Identifier: BSD-3-Clause
#include "nd_util.h"

#include "base/rand.h"
#include "net/mld.h"

// fe80::ff:fe00:1 joins ff02::1:ff00:1 and ff02::2.
#define JOIN_TWO \
	"6000000000380001fe80000000000000000000fffe000001ff02000000000000" \
	"00000000000000163a000502000001008f006eed0000000204000000ff020000" \
	"0000000000000001ff00000104000000ff020000000000000000000000000002"
// The first of them, asked for.
#define ANSWER_ONE \
	"6000000000240001fe80000000000000000000fffe000001ff02000000000000" \
	"00000000000000163a000502000001008f0074070000000102000000ff020000" \
	"0000000000000001ff000001"
// From ::, while the link-local address is tentative.
#define JOIN_TENTATIVE \
	"600000000024000100000000000000000000000000000000ff02000000000000" \
	"00000000000000163a000502000001008f006f890000000104000000ff020000" \
	"0000000000000001ff000001"
// General query of version 2, 10 s, from fe80::1.
#define QUERY_2 \
	"6000000000240001fe800000000000000000000000000001ff02000000000000" \
	"00000000000000013a0005020000010082005696271000000000000000000000" \
	"0000000000000000027d0000"
// Query of version 1 for ff02::1:ff00:1, 1 s.
#define QUERY_1 \
	"6000000000200001fe800000000000000000000000000001ff02000000000000" \
	"00000001ff0000013a0005020000010082007f3703e80000ff02000000000000" \
	"00000001ff000001"

static void
check_bytes(const uint8_t *got, uint16_t len, const char *hex)
{
	struct message want = message_from(hex);

	assert_int_equal(len, want.len);
	assert_memory_equal(got, want.b, len);
}

static void
gw_mld_02_build_report(void **state)
{
	struct in6_addr src = ip6("fe80::ff:fe00:1");
	struct in6_addr groups[] = {ip6("ff02::1:ff00:1"), ip6("ff02::2")};
	uint8_t buf[MLD_MAX_LEN];

	check_bytes(buf, mld_build_report(buf, &src, groups, 2, false), JOIN_TWO);
	check_bytes(buf, mld_build_report(buf, &src, groups, 1, true), ANSWER_ONE);
	check_bytes(buf, mld_build_report(buf, &in6addr_any, groups, 1, false), JOIN_TENTATIVE);
	assert_memory_equal(&mld_report_mac, "\x33\x33\0\0\0\x16", 6);
}

static void
gw_mld_01_groups_not_reported(void **state)
{
	struct in6_addr src = ip6("fe80::ff:fe00:1");
	struct in6_addr groups[] = {ip6("ff02::1"), ip6("ff01::2"), ip6("ff00::5"), ip6("ff11::5"),
		ip6("ff02::1:ff00:1"), ip6("ff02::2")};
	uint8_t buf[MLD_MAX_LEN];

	check_bytes(buf, mld_build_report(buf, &src, groups, 6, false), JOIN_TWO);
	assert_int_equal(mld_build_report(buf, &src, groups, 4, false), 0);
	assert_int_equal(mld_build_report(buf, &src, groups, 0, false), 0);
}

static void
gw_mld_02_most_groups_fit(void **state)
{
	struct in6_addr src = ip6("fe80::ff:fe00:1"), groups[MLD_MAX_GROUPS];
	uint8_t *buf = malloc(MLD_MAX_LEN);

	for (unsigned int i = 0; i < MLD_MAX_GROUPS; i++) {
		groups[i] = ip6("ff02::1:ff00:0");
		groups[i].s6_addr[15] = (uint8_t)i;
	}
	assert_int_equal(mld_build_report(buf, &src, groups, MLD_MAX_GROUPS, true),
		56 + 20 * MLD_MAX_GROUPS);
	assert_int_equal(buf[55], MLD_MAX_GROUPS);
	free(buf);
}

static bool
parse_bytes(const uint8_t *bytes, uint16_t len, struct in6_addr *group, uint32_t *ms)
{
	struct rte_mbuf *m = mbuf_exact(bytes, len, 0);
	bool ok = parse_ip6(m, pkt_of(m)) == DROP_NONE && pkt_of(m)->proto == IPPROTO_ICMPV6 &&
		  mld_parse_query(m, pkt_of(m), group, ms);

	rte_pktmbuf_free(m);
	return ok;
}

#define GENERAL "::"
#define ONE     "ff02::1:ff00:1"

// Each a change to a good query, its checksum right again. group NULL: refused.
static const struct row {
	const char *id, *hex;
	struct change change;
	const char *group;
	uint32_t ms;
} rows[] = {
	{"GW-MLD-03 v2 general", QUERY_2, {0}, GENERAL, 10000},
	{"GW-MLD-03 v1 group", QUERY_1, {0}, ONE, 1000},
	{"GW-MLD-03 v2 group", QUERY_2,
		{56, "ff02000000000000000000"
		     "01ff000001"},
		ONE, 10000},
	{"GW-MLD-03 v2 32767", QUERY_2, {52, "7fff"}, GENERAL, 32767},
	{"GW-MLD-03 v2 float, least", QUERY_2, {52, "8000"}, GENERAL, 32768},
	{"GW-MLD-03 v2 float", QUERY_2, {52, "9001"}, GENERAL, 0x1001 << 4},
	{"GW-MLD-03 v2 float, most", QUERY_2, {52, "ffff"}, GENERAL, 0x1fff << 10},
	{"GW-MLD-03 v1 no float", QUERY_1, {52, "ffff"}, ONE, 65535},
	{"GW-MLD-03 v2 one source", QUERY_2,
		{72,
			"027d0001"
			"20010db8000000000000000000000001",
			16},
		GENERAL, 10000},
	{"RFC 3810 8.1 length 25", QUERY_1, {.at = 72, .hex = "00", .grow = 1}, NULL, 0},
	{"RFC 3810 8.1 length 27", QUERY_2, {.grow = -1}, NULL, 0},
	{"RFC 3810 8.1 length 23", QUERY_1, {.grow = -1}, NULL, 0},
	{"ENG sources past the end", QUERY_2, {72, "027d0001"}, NULL, 0},
	{"ENG sources past the end", QUERY_2, {72, "027dffff"}, NULL, 0},
	{"ENG group is unicast", QUERY_1, {56, "20"}, NULL, 0},
	{"GW-MLD-05 source ::", QUERY_2, {8, "00000000000000000000000000000000"}, NULL, 0},
	{"RFC 3810 5.1.14 source global", QUERY_2, {8, "2001"}, NULL, 0},
	{"RFC 3810 6.2 hop limit", QUERY_2, {7, "ff"}, NULL, 0},
	{"RFC 3810 6.2 no router alert", QUERY_2,
		{42, "01040000"
		     "0000"},
		NULL, 0},
	{"ENG a report", QUERY_2, {48, "8f"}, NULL, 0},
};

static void
gw_mld_03_05_queries(void **state)
{
	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];
		struct message msg = message_from(r->hex);
		struct in6_addr group, want;
		uint32_t ms;
		bool ok;

		message_change(&msg, &r->change);
		ok = parse_bytes(msg.b, msg.len, &group, &ms);
		if (ok != (r->group != NULL))
			fail_msg("%s", r->id);
		if (!ok)
			continue;
		want = ip6(r->group);
		assert_memory_equal(&group, &want, sizeof(want));
		assert_int_equal(ms, r->ms);
	}
}

static void
mld_checksum(void **state)
{
	struct message msg = message_from(QUERY_2);
	struct in6_addr group;
	uint32_t ms;

	assert_true(parse_bytes(msg.b, msg.len, &group, &ms));
	msg.b[50] ^= 1;
	assert_false(parse_bytes(msg.b, msg.len, &group, &ms));
}

static void
mld_random_bytes(void **state)
{
	struct rand_pool r = {.left = 0};
	struct in6_addr group;
	uint32_t ms;

	for (unsigned int i = 0; i < 50000; i++) {
		struct message msg = message_from(QUERY_2);
		unsigned int from = 50 + rand_below(&r, 26);

		msg.len = (uint16_t)(from + rand_below(&r, 80));
		for (unsigned int k = from; k < msg.len; k++)
			msg.b[k] = rand_below(&r, 2) ? 0 : rand_u16(&r) & 0xff;
		message_finish(&msg);
		parse_bytes(msg.b, msg.len, &group, &ms);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		nd_test(gw_mld_02_build_report),
		nd_test(gw_mld_01_groups_not_reported),
		nd_test(gw_mld_02_most_groups_fit),
		nd_test(gw_mld_03_05_queries),
		nd_test(mld_checksum),
		nd_test(mld_random_bytes),
	};

	mbuf_util_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
