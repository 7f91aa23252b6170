// SPDX-License-Identifier: BSD-3-Clause
// The table of datagrams by itself: what passes, in which order, and who gives way.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/hash.h"
#include "net/fragment.h"

#include "mbuf_util.h"

#include <rte_ip.h>

#define SIZE    64 // payload of a fragment
#define BUF_LEN (RTE_PKTMBUF_HEADROOM + MBUF_UTIL_ROOM)

static struct fragment_table *table;
static uint64_t now = 1000;
static uint16_t passed[256]; // numbers of fragments
static unsigned int n_passed;
static unsigned int dropped[DROP__N];

static void
on_pass(void *ctx, struct rte_mbuf *m)
{
	assert_ptr_equal(ctx, &table);
	assert_int_equal(pkt_of(m)->sport, 1111);
	assert_int_equal(pkt_of(m)->dport, 2222);
	passed[n_passed++] = pkt_of(m)->frag.off / SIZE;
	rte_pktmbuf_free(m);
}

static void
on_drop(void *ctx, struct rte_mbuf *m, enum drop_reason why)
{
	dropped[why]++;
	rte_pktmbuf_free(m);
}

static const struct fragment_ops ops = {.pass = on_pass, .drop = on_drop};

static void
create(uint32_t max_datagrams, uint64_t max_bytes)
{
	struct err err;

	table = fragment_create(&(struct fragment_params){.max_datagrams = max_datagrams,
					.max_bytes = max_bytes,
					.timeout_ms = 2000,
					.socket_id = SOCKET_ID_ANY},
		&ops, &table, &err);
	assert_non_null(table);
	n_passed = 0;
	memset(dropped, 0, sizeof(dropped));
}

static void
finish(void)
{
	fragment_free(table);
	assert_true(mbuf_util_all_back());
}

static struct rte_mbuf *
make(uint8_t family, uint32_t id, uint16_t at, bool more)
{
	struct rte_mbuf *m = mbuf_util_alloc();
	struct pkt *p = pkt_of(m);
	uint16_t hdr = family == 6 ? 48 : 20;

	memset(rte_pktmbuf_append(m, hdr + SIZE), 0, hdr + SIZE);
	p->family = family;
	p->proto = IPPROTO_UDP;
	p->flags = PKT_FRAGMENT;
	p->l4_off = hdr;
	p->l3_len = hdr + SIZE;
	p->frag.id = id;
	p->frag.off = at * SIZE;
	p->frag.more = more;
	if (at == 0) {
		p->sport = 1111;
		p->dport = 2222;
	}
	return m;
}

static void
add(uint8_t family, uint32_t id, uint16_t at, bool more)
{
	fragment_add(table, make(family, id, at, more), now);
}

static void
expect_passed(const uint16_t *want, unsigned int n)
{
	assert_int_equal(n_passed, n);
	assert_memory_equal(passed, want, n * sizeof(*want));
	n_passed = 0;
}
#define PASSED(...) expect_passed((uint16_t[]){__VA_ARGS__}, sizeof((uint16_t[]){__VA_ARGS__}) / 2)

// N64-FRAG-06: what waits goes behind the first one, the rest at once; N64-FRAG-07: then the entry
// is gone.
static void
n64_frag_06_07_order(void **state)
{
	for (uint8_t family = 4; family <= 6; family += 2) {
		create(16, 100 * BUF_LEN);
		add(family, 7, 3, true);
		add(family, 7, 1, true);
		assert_int_equal(n_passed, 0);
		assert_int_equal(fragment_stats(table).waiting, 2);
		assert_int_equal(fragment_stats(table).bytes, 2 * BUF_LEN);
		add(family, 7, 0, true);
		PASSED(0, 1, 3);
		add(family, 7, 4, false);
		PASSED(4);
		assert_int_equal(fragment_stats(table).datagrams, 1);
		add(family, 7, 2, true);
		PASSED(2);
		assert_int_equal(fragment_stats(table).datagrams, 0);
		assert_int_equal(fragment_stats(table).bytes, 0);
		finish();
	}
}

// N64-FRAG-07: what tells datagrams apart, each field by itself.
static void
n64_frag_07_keys(void **state)
{
	struct rte_mbuf *m[8];
	uint32_t base;

	create(16, 100 * BUF_LEN);
	for (unsigned int i = 0; i < RTE_DIM(m); i++)
		m[i] = make(i == 7 ? 4 : 6, 7, 1, true);
	pkt_of(m[1])->frag.id = 0x10007;
	pkt_of(m[2])->proto = IPPROTO_TCP;
	pkt_of(m[3])->dst4 = 1;
	pkt_of(m[4])->pref64 = 1;
	*rte_pktmbuf_mtod_offset(m[5], uint8_t *, 23) = 1; // end of the source
	*rte_pktmbuf_mtod_offset(m[6], uint8_t *, 8) = 1;  // its begin
	base = fragment_hash(m[0]);
	for (unsigned int i = 0; i < RTE_DIM(m); i++) {
		if (i > 0)
			assert_int_not_equal(fragment_hash(m[i]), base);
		fragment_add(table, m[i], now);
		assert_int_equal(fragment_stats(table).datagrams, i + 1);
	}
	// ports, flags and place do not matter
	m[0] = make(6, 7, 0, true);
	assert_int_equal(fragment_hash(m[0]), base);
	fragment_add(table, m[0], now);
	PASSED(0, 1);
	finish();
}

// N64-FRAG-02: counted from the fragment that came first, whatever comes later.
static void
n64_frag_02_expiry(void **state)
{
	create(16, 100 * BUF_LEN);
	add(6, 1, 1, true);
	now += 1500;
	add(6, 1, 2, true);
	add(6, 2, 1, true);
	assert_int_equal(fragment_expire(table, now + 499, 10), 0);
	assert_int_equal(fragment_expire(table, now + 500, 10), 1);
	assert_int_equal(dropped[DROP_FRAG_TIMEOUT], 2);
	assert_int_equal(fragment_stats(table).waiting, 1);
	for (uint32_t i = 10; i < 20; i++)
		add(6, i, 1, true);
	assert_int_equal(fragment_expire(table, now + 5000, 4), 4); // its budget
	assert_int_equal(fragment_expire(table, now + 5000, 100), 7);
	now += 5000;
	finish();
}

// N64-FRAG-03: without room for one more datagram, the oldest goes.
static void
n64_frag_03_datagrams(void **state)
{
	create(4, 100 * BUF_LEN);
	for (uint32_t i = 0; i < 4; i++)
		add(6, i, 1, true);
	add(6, 9, 1, true);
	assert_int_equal(dropped[DROP_FRAG_LIMIT], 1);
	add(6, 1, 0, true);
	PASSED(0, 1);
	add(6, 0, 0, true); // forgotten: begins anew, and the oldest, 1, goes
	PASSED(0);
	assert_int_equal(dropped[DROP_FRAG_LIMIT], 1);
	assert_int_equal(fragment_stats(table).datagrams, 4);
	finish();
}

// Without room for one more buffer, the datagram goes that has waited longest; those that only
// pass stay.
static void
n64_frag_03_bytes(void **state)
{
	create(16, 4 * BUF_LEN);
	add(6, 1, 0, true); // passes, holds nothing
	PASSED(0);
	add(6, 2, 1, true);
	add(6, 2, 2, true);
	add(6, 3, 1, true);
	add(6, 4, 1, true);
	add(6, 5, 1, true);
	assert_int_equal(dropped[DROP_FRAG_LIMIT], 2);
	assert_int_equal(fragment_stats(table).bytes, 3 * BUF_LEN);
	add(6, 1, 1, true);
	PASSED(1);
	add(6, 3, 0, true);
	PASSED(0, 1);
	finish();
}

// One datagram alone never holds more.
static void
n64_frag_03_one_datagram(void **state)
{
	create(16, 4 * BUF_LEN);
	for (uint16_t i = 1; i < 5; i++)
		add(6, 1, i, true);
	assert_int_equal(fragment_stats(table).waiting, 4);
	add(6, 1, 5, true);
	assert_int_equal(dropped[DROP_FRAG_LIMIT], 5);
	add(6, 1, 0, true); // remembered
	assert_int_equal(dropped[DROP_FRAG_LIMIT], 6);
	assert_int_equal(n_passed, 0);
	finish();
}

// N64-FRAG-05: a second first fragment, without a checksum, cannot make a datagram wait for all its
// parts some of which have passed.
static void
n64_frag_05_second_first_fragment(void **state)
{
	struct rte_mbuf *again;

	create(16, 100 * BUF_LEN);
	add(4, 1, 0, true);
	PASSED(0);
	again = make(4, 1, 0, true);
	pkt_of(again)->flags |= PKT_WHOLE;
	fragment_add(table, again, now);
	assert_int_equal(n_passed, 0);
	add(4, 1, 1, false);
	PASSED(1);
	finish();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(n64_frag_05_second_first_fragment),
		cmocka_unit_test(n64_frag_06_07_order),
		cmocka_unit_test(n64_frag_07_keys),
		cmocka_unit_test(n64_frag_02_expiry),
		cmocka_unit_test(n64_frag_03_datagrams),
		cmocka_unit_test(n64_frag_03_bytes),
		cmocka_unit_test(n64_frag_03_one_datagram),
	};
	int failed;

	mbuf_util_init();
	hash_key_init();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	return failed + !mbuf_util_all_back();
}
