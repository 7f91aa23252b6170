// SPDX-License-Identifier: BSD-3-Clause
// What parse_fragment tells and refuses, in buffers that end where the fragment does.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "parse_util.h"

// A fragment whose upper-layer bytes are the first len of l4 (zeros behind them).
struct frag_row {
	const char *id;
	uint8_t proto;
	uint16_t off;
	bool more;
	unsigned int len;
	enum drop_reason why;
	uint16_t flags; // expected, when it passes
};

static uint8_t l4[65536];

static enum drop_reason
parse_frag(bool is6, const struct frag_row *r)
{
	uint8_t b[48 + 2048] = {0};
	unsigned int hdr = is6 ? 48 : 20;
	struct ends e = is6 ? ends_of(C6, S6) : ends_of(S4, P4);
	enum drop_reason why;
	struct rte_mbuf *m;

	if (is6) {
		b[0] = 0x60;
		put16(b + 4, 8 + r->len);
		b[6] = 44;
		b[7] = 64;
		memcpy(b + 8, e.src, 16);
		memcpy(b + 24, e.dst, 16);
		b[40] = r->proto;
		put16(b + 42, r->off | r->more);
		put32(b + 44, 0x12345678);
	} else {
		uint32_t sum = 0;

		b[0] = 0x45;
		put16(b + 2, 20 + r->len);
		put16(b + 4, 0x5678);
		put16(b + 6, r->off / 8 | r->more << 13);
		b[8] = 64;
		b[9] = r->proto;
		memcpy(b + 12, e.src, 4);
		memcpy(b + 16, e.dst, 4);
		for (unsigned int i = 0; i < 20; i += 2)
			sum += get16(b + i);
		put16(b + 10, (uint16_t) ~(sum % 0xffff));
	}
	memcpy(b + hdr, l4, r->len);
	m = mbuf_exact(b, (uint16_t)(hdr + r->len), 0);
	why = is6 ? parse_ip6(m, pkt_of(m)) : parse_ip4(m, pkt_of(m));
	assert_int_equal(why, DROP_NONE);
	assert_true(pkt_of(m)->flags & PKT_FRAGMENT);
	why = parse_fragment(m, pkt_of(m));
	view = *pkt_of(m);
	rte_pktmbuf_free(m);
	return why;
}

#define ICMP 1 // 58 in IPv6

static const struct frag_row rows[] = {
	{"UDP first", 17, 0, true, 1000, DROP_NONE, 0},
	{"UDP header only", 17, 0, true, 8, DROP_NONE, 0},
	{"UDP middle", 17, 800, true, 8, DROP_NONE, 0},
	{"UDP last of an odd length", 17, 800, false, 13, DROP_NONE, 0},
	{"TCP first", 6, 0, true, 24, DROP_NONE, 0},
	{"N64-FRAG-04 TCP without its end", 6, 0, true, 16, DROP_FRAG_TINY, 0},
	{"TCP later", 6, 8, true, 8, DROP_NONE, 0},
	{"ERR-27 echo first", ICMP, 0, true, 8, DROP_NONE, PKT_WHOLE | PKT_ICMP_ECHO},
	{"ERR-27 echo later", ICMP, 8, true, 8, DROP_NONE, PKT_WHOLE},
	{"X64-F08 M and 7 bytes", 17, 0, true, 7, DROP_FRAG_INVALID, 0},
	{"X64-F08 M and 1001 bytes", 17, 8, true, 1001, DROP_FRAG_INVALID, 0},
	{"X64-F08 empty", 17, 800, false, 0, DROP_FRAG_INVALID, 0},
	{"X64-F08 ends at 65515", 17, 65512, false, 3, DROP_NONE, 0},
	{"X64-F08 ends at 65516", 17, 65512, false, 4, DROP_FRAG_INVALID, 0},
	{"X64-F08 65528 + 8", 17, 65528, false, 8, DROP_FRAG_INVALID, 0},
};

static void
n64_frag_04_x64_f08_rows(void **state)
{
	for (unsigned int i = 0; i < RTE_DIM(rows) * 2; i++) {
		struct frag_row r = rows[i / 2];
		bool is6 = i % 2;

		memset(l4, 1, sizeof(l4)); // UDP length 257, checksum 257
		put16(l4, 40000);
		put16(l4 + 2, 53);
		l4[12] = 5 << 4;
		if (r.proto == ICMP) {
			l4[0] = is6 ? 128 : 8;
			l4[1] = 0;
			r.proto = is6 ? 58 : 1;
		}
		if (parse_frag(is6, &r) != r.why)
			fail_msg("%s, IPv%u", r.id, is6 ? 6 : 4);
		if (r.why != DROP_NONE)
			continue;
		assert_int_equal(view.frag.id, is6 ? 0x12345678 : 0x5678);
		assert_int_equal(view.frag.off, r.off);
		assert_int_equal(view.frag.more, r.more);
		assert_int_equal(view.flags, PKT_FRAGMENT | r.flags);
		assert_int_equal(pkt_is_later_fragment(&view), r.off != 0);
		if (r.off == 0 && r.proto == 17)
			assert_int_equal(view.sport, RTE_BE16(40000));
		if (r.off == 0 && r.proto == 6)
			assert_int_equal(view.tcp_flags, 1);
	}
}

// CSUM-05, CSUM-07: only IPv4 may do without.
static void
csum_05_no_checksum(void **state)
{
	const struct frag_row r = {"", 17, 0, true, 1000, DROP_NONE, 0};

	memset(l4, 1, sizeof(l4));
	put16(l4 + 6, 0);
	assert_int_equal(parse_frag(false, &r), DROP_NONE);
	assert_int_equal(view.flags, PKT_FRAGMENT | PKT_WHOLE);
	assert_int_equal(parse_frag(true, &r), DROP_UDP6_CHECKSUM_ZERO);
}

static void
x64_f03_extension_behind(void **state)
{
	static const uint8_t protos[] = {0, 43, 51, 60};

	for (unsigned int i = 0; i < RTE_DIM(protos) * 2; i++) {
		const struct frag_row r = {
			"", protos[i / 2], i % 2 ? 800 : 0, true, 64, DROP_EXT_CHAIN, 0};

		assert_int_equal(parse_frag(true, &r), DROP_EXT_CHAIN);
		assert_int_equal(parse_frag(false, &r), DROP_NONE);
	}
	assert_int_equal(parse_frag(true, &(struct frag_row){"ESP", 50, 0, true, 64, DROP_NONE, 0}),
		DROP_NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(n64_frag_04_x64_f08_rows),
		cmocka_unit_test(csum_05_no_checksum),
		cmocka_unit_test(x64_f03_extension_behind),
	};
	int failed;

	mbuf_util_init();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	return failed + !mbuf_util_all_back();
}
