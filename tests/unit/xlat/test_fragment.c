// SPDX-License-Identifier: BSD-3-Clause
// Cutting, and conformance appendix A, V6 and V8.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "xlat/fragment.h"

#include "session_util.h"

#define CLIENT  "2001:db8:1::10"
#define WKP_DNS "64:ff9b::8.8.8.8"

// clang-format off
static const uint8_t v6_in[] = {
	0x45, 0x00, 0x00, 0x2c, 0xbe, 0xef, 0x00, 0xb9, 0x3c, 0x11, 0x73, 0x07,
	0x08, 0x08, 0x08, 0x08, 0xcb, 0x00, 0x71, 0x01, 0x5a, 0x5a, 0x5a, 0x5a,
	0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a,
	0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a,
};

static const uint8_t v6_out[] = {
	0x60, 0x00, 0x00, 0x00, 0x00, 0x20, 0x2c, 0x3b, 0x00, 0x64, 0xff, 0x9b,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x08, 0x08, 0x08, 0x08,
	0x20, 0x01, 0x0d, 0xb8, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x10, 0x11, 0x00, 0x05, 0xc8, 0x00, 0x00, 0xbe, 0xef,
	0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a,
	0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a,
};
// clang-format on

static struct rte_mbuf *
parsed_fragment(const struct packet *p)
{
	struct rte_mbuf *m = mbuf_exact(p->b, (uint16_t)p->len, HEADROOM);
	struct pkt *k = pkt_of(m);

	assert_int_equal(p->b[0] >> 4 == 6 ? parse_ip6(m, k) : parse_ip4(m, k), DROP_NONE);
	assert_int_equal(parse_fragment(m, k), DROP_NONE);
	return m;
}

static void
v6_last_fragment_4to6(void **state)
{
	const struct session s = session_of(IPPROTO_UDP, CLIENT, WKP_DNS);
	const struct xlat_46 x = session_46(&s);
	struct packet in = {.len = 0}, out = {.len = 0};
	struct rte_mbuf *m;

	append(&in, v6_in, sizeof(v6_in));
	append(&out, v6_out, sizeof(v6_out));
	m = parsed_fragment(&in);
	assert_int_equal(xlat_len46(pkt_of(m)), out.len);
	xlat_4to6(m, pkt_of(m), &x);
	assert_packet(m, &out);
	rte_pktmbuf_free(m);
}

// The first fragment's header of the datagram of 1232 Q, of which 1224 are in the first fragment.
static void
v8_first_fragment_6to4(void **state)
{
	const struct session s = session_of(IPPROTO_UDP, CLIENT, WKP_DNS);
	const struct xlat_64 x = session_64(&s, 0x1111);
	const struct ends e = session_ends6(&s);
	struct packet in = {.len = 0};
	struct rte_mbuf *m;
	const uint8_t *ip;

	append_zero(&in, 48);
	in.b[0] = 0x60;
	put16(in.b + 4, 8 + 1232);
	in.b[6] = 44;
	in.b[7] = 64;
	memcpy(in.b + 8, e.src, 16);
	memcpy(in.b + 24, e.dst, 16);
	in.b[40] = 17;
	in.b[43] = 1;
	put32(in.b + 44, 0x12345678);
	append_zero(&in, 1232);
	memset(in.b + 56, 'Q', 1224);
	put16(in.b + 48, 40000);
	put16(in.b + 50, 53);
	put16(in.b + 52, 1240);
	put16(in.b + 54, 0x7043);
	m = parsed_fragment(&in);
	xlat_6to4(m, pkt_of(m), &x);
	ip = rte_pktmbuf_mtod(m, const uint8_t *);
	assert_int_equal(m->pkt_len, 20 + 1232);
	assert_int_equal(get16(ip + 2), 20 + 1232);
	assert_int_equal(get16(ip + 4), 0x5678);
	assert_int_equal(get16(ip + 6), 0x2000); // DF 0, MF 1
	assert_int_equal(ip[8], 63);
	assert_int_equal(get16(ip + 20 + 6), 0x620b);
	assert_memory_equal(ip + 28, in.b + 56, 1224);
	rte_pktmbuf_free(m);
}

// ---- cutting

struct cut_row {
	const char *id;
	bool is6;
	uint16_t len, max_len; // of the packet, of the pieces
	uint16_t off;          // of the packet, if it is a fragment
	bool more, is_fragment;
	unsigned int n;
	uint16_t last; // bytes of the last piece
};

static const struct cut_row cut_rows[] = {
	{"X46-11 1281", true, 1281, 1280, 0, false, false, 2, 48 + 9},
	{"X46-11 1500", true, 1500, 1280, 0, false, false, 2, 48 + 228},
	{"X46-14 of a first fragment", true, 1528, 1280, 0, true, true, 2, 48 + 248},
	{"X46-14 of a middle fragment", true, 1528, 1280, 1480, true, true, 2, 48 + 248},
	{"X46-14 of a last fragment", true, 1527, 1280, 2960, false, true, 2, 48 + 247},
	{"max_len that is no multiple of 8", true, 1528, 1287, 0, true, true, 2, 48 + 248},
	{"X64-F05 1260 over 1259", false, 1260, 1259, 0, false, false, 2, 20 + 8},
	{"X64-F05 1260 over 1000", false, 1260, 1000, 0, false, false, 2, 20 + 264},
	{"X64-F05 1260 over 68", false, 1260, 68, 0, false, false, 26, 20 + 40},
	{"fragment over 576", false, 1252, 576, 1232, true, true, 3, 20 + 128},
	{"last fragment over 576", false, 1251, 576, 1232, false, true, 3, 20 + 127},
	{"as many pieces as there may be", false, 20 + 48 * 32, 68, 0, false, false, 32, 68},
	{"one piece too many", false, 20 + 48 * 32 + 1, 68, 0, false, false, 0, 0},
};

static struct rte_mbuf *
make_packet(const struct cut_row *r)
{
	uint8_t b[2048];
	unsigned int hdr = r->is6 ? 40 + 8 * r->is_fragment : 20;
	uint32_t sum = 0;

	memset(b, 0, hdr);
	for (unsigned int i = hdr; i < r->len; i++)
		b[i] = (uint8_t)(i * 31);
	if (r->is6) {
		put32(b, 0x6b912345);
		put16(b + 4, r->len - 40u);
		b[6] = r->is_fragment ? 44 : 17;
		b[40 + 0] = r->is_fragment ? 17 : b[40];
		if (r->is_fragment) {
			put16(b + 42, r->off | r->more);
			put32(b + 44, 0xbeef);
		}
		return mbuf_pooled(b, r->len);
	}
	put16(b, 0x4512);
	put16(b + 2, r->len);
	put16(b + 4, 0xbeef);
	put16(b + 6, r->off / 8 | r->more << 13);
	b[8] = 63;
	b[9] = 17;
	for (unsigned int i = 0; i < 20; i += 2)
		sum += get16(b + i);
	put16(b + 10, (uint16_t) ~(sum % 0xffff));
	return mbuf_pooled(b, r->len);
}

static void
check_piece(const struct cut_row *r, const uint8_t *b, uint16_t len, uint16_t *off, bool last)
{
	unsigned int hdr = r->is6 ? 48 : 20;
	uint16_t field = (uint16_t)(r->is6 ? get16(b + 42) : get16(b + 6));
	uint16_t at = r->is6 ? field & 0xfff8 : (uint16_t)(field << 3);
	bool more = r->is6 ? field & 1 : field & 0x2000;
	uint32_t sum = 0;

	assert_true(len <= r->max_len);
	assert_int_equal(at, r->off + *off);
	assert_int_equal(more, !last || r->more);
	assert_int_equal(r->is6 ? get16(b + 4) + 40u : get16(b + 2), len);
	assert_int_equal(r->is6 ? get32(b + 44) : get16(b + 4), 0xbeef);
	if (!last)
		assert_int_equal((len - hdr) % 8, 0);
	for (unsigned int i = 0; i < 20 && !r->is6; i += 2)
		sum += get16(b + i);
	assert_int_equal(sum % 0xffff, 0);
	for (unsigned int i = hdr; i < len; i++) {
		unsigned int from = r->is6 ? 40 + 8 * r->is_fragment : 20;

		assert_int_equal(b[i], (uint8_t)((from + *off + i - hdr) * 31));
	}
	*off = (uint16_t)(*off + len - hdr);
}

static void
x46_14_x64_f05_cut(void **state)
{
	struct rte_mbuf *out[XLAT_FRAGMENTS_MAX];

	for (unsigned int i = 0; i < RTE_DIM(cut_rows); i++) {
		const struct cut_row *r = &cut_rows[i];
		struct rte_mbuf *m = make_packet(r);
		unsigned int n;
		uint16_t off = 0;

		n = r->is6 ? xlat_fragment6(m, r->max_len, 0xbeef, mbuf_util_pool, out)
			   : xlat_fragment4(m, r->max_len, mbuf_util_pool, out);
		if (n != r->n)
			fail_msg("%s: %u pieces", r->id, n);
		for (unsigned int k = 0; k < n; k++)
			check_piece(r, rte_pktmbuf_mtod(out[k], uint8_t *), out[k]->data_len, &off,
				k + 1 == n);
		if (n == 0) {
			rte_pktmbuf_free(m);
			continue;
		}
		assert_int_equal(out[n - 1]->data_len, r->last);
		assert_ptr_equal(out[0], m);
		rte_pktmbuf_free_bulk(out, n);
	}
}

// lowest_ipv6_mtu may be more than a buffer takes; and a pool may be empty.
static void
x46_12_no_buffers(void **state)
{
	struct rte_mempool *pool = rte_pktmbuf_pool_create(
		"small", 15, 0, PKT_PRIV_SIZE, RTE_PKTMBUF_HEADROOM + 1000, SOCKET_ID_ANY);
	const struct cut_row row6 = {"", true, 2040, 1280, 0, false, false, 0, 0};
	const struct cut_row row4 = {"", false, 2040, 1040, 0, false, false, 0, 0};
	struct rte_mbuf *out[XLAT_FRAGMENTS_MAX], *taken[15], *m;

	assert_non_null(pool);
	m = make_packet(&row6);
	assert_int_equal(xlat_fragment6(m, 1280, 1, pool, out), 2); // the second has 816 bytes
	rte_pktmbuf_free_bulk(out, 2);
	m = make_packet(&row4);
	assert_int_equal(xlat_fragment4(m, 1040, pool, out), 0); // 1020
	assert_int_equal(rte_mempool_avail_count(pool), 15);
	assert_int_equal(xlat_fragment4(m, 1000, pool, out), 3);
	rte_pktmbuf_free_bulk(out, 3);
	m = make_packet(&row4);
	assert_int_equal(rte_pktmbuf_alloc_bulk(pool, taken, 15), 0);
	assert_int_equal(xlat_fragment4(m, 600, pool, out), 0);
	rte_pktmbuf_free_bulk(taken, 15);
	rte_pktmbuf_free(m);
	rte_mempool_free(pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(v6_last_fragment_4to6),
		cmocka_unit_test(v8_first_fragment_6to4),
		cmocka_unit_test(x46_14_x64_f05_cut),
		cmocka_unit_test(x46_12_no_buffers),
	};
	int failed;

	mbuf_util_init();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	return failed + !mbuf_util_all_back();
}
