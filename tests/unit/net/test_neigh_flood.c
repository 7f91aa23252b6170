// SPDX-License-Identifier: BSD-3-Clause
// Bounds of the neighbour table, and what others can do to it (GW-ND-13, RFC 6583).
#include "neigh_env.h"

#include <errno.h>

static void
gw_nd_13_unresolved_are_bounded(void **state)
{
	const struct neigh_params p = {
		.max_entries = 64, .max_incomplete = 8, .queue_len = 1, .socket_id = SOCKET_ID_ANY};
	struct in6_addr a = host(100);
	struct bench b;

	bench_open(&b, &p);
	for (uint32_t i = 0; i < 6; i++)
		assert_int_equal(bench_send(&b, i, 0), 0);
	assert_int_equal(bench_send(&b, 6, 0), -ENOSPC); // one port's share
	assert_int_equal(neigh_output(b.t, 1, &a, NULL, b.now), 0);
	a = host(101);
	assert_int_equal(neigh_output(b.t, 1, &a, NULL, b.now), 0);
	a = host(102);
	assert_int_equal(neigh_output(b.t, 1, &a, NULL, b.now), -ENOSPC); // all
	bench_answer(&b, 3, &mac_a); // each one resolved makes room
	assert_int_equal(bench_send(&b, 6, 0), 0);
	bench_advance(&b, 1000);
	bench_advance(&b, 1000);
	bench_advance(&b, 1000); // each one that failed, too
	for (uint32_t i = 20; i < 26; i++)
		assert_int_equal(bench_send(&b, i, 0), 0);
	bench_close(&b);
}

static void
gw_arp_06_waiting_packets_are_bounded_in_all(void **state)
{
	const struct neigh_params p = {.max_entries = 64,
		.max_incomplete = 64,
		.queue_len = 4,
		.max_waiting = 10,
		.socket_id = SOCKET_ID_ANY};
	struct bench b;

	bench_open(&b, &p);
	for (uint32_t i = 0; i < 30; i++)
		assert_int_equal(bench_send(&b, i, i), 0);
	assert_int_equal(b.displaced, 20);
	assert_int_equal(b.failed_tag, 19); // the oldest of all
	assert_int_equal(rte_mempool_in_use_count(mbuf_util_pool), 10);
	assert_int_equal(bench_get(&b, 19)->n_waiting, 0);
	assert_int_equal(bench_get(&b, 20)->n_waiting, 1);
	bench_close(&b);
}

// Hearsay gives way before what was confirmed once; what is in use does not at all.
static void
gw_nd_13_who_gives_way(void **state)
{
	const struct neigh_params p = {
		.max_entries = 4, .max_incomplete = 4, .queue_len = 1, .socket_id = SOCKET_ID_ANY};
	struct bench b;

	bench_open(&b, &p);
	bench_resolve(&b, 1, &mac_a);
	bench_advance(&b, 45000);
	bench_resolve(&b, 2, &mac_a);
	bench_advance(&b, 45000);
	bench_resolve(&b, 3, &mac_a); // 1 and 2 are STALE, 3 REACHABLE
	bench_hear(&b, 4, &mac_a);
	bench_resolve(&b, 5, &mac_a);
	assert_int_equal(bench_state(&b, 4), NEIGH_FREE);
	bench_resolve(&b, 6, &mac_a);
	assert_int_equal(bench_state(&b, 1), NEIGH_FREE); // longest STALE
	assert_int_equal(bench_send(&b, 2, 0), 0);        // DELAY: in use
	assert_int_equal(bench_send(&b, 7, 0), -ENOSPC);
	bench_hear(&b, 7, &mac_a);
	assert_int_equal(bench_state(&b, 7), NEIGH_FREE);
	assert_int_equal(bench_state(&b, 2), NEIGH_DELAY);
	assert_int_equal(b.removed, 2);
	bench_close(&b);
}

// What was confirmed is the MAC: who takes over the address with another one starts anew.
static void
gw_nd_13_new_mac_is_hearsay(void **state)
{
	const struct neigh_params p = {
		.max_entries = 2, .max_incomplete = 2, .queue_len = 1, .socket_id = SOCKET_ID_ANY};
	struct bench b;

	bench_open(&b, &p);
	bench_resolve(&b, 1, &mac_a);
	bench_advance(&b, 45000);
	bench_resolve(&b, 2, &mac_a);
	bench_advance(&b, 45000);
	bench_hear(&b, 2, &mac_b);
	bench_resolve(&b, 3, &mac_a);
	assert_int_equal(bench_state(&b, 1), NEIGH_STALE);
	assert_int_equal(bench_state(&b, 2), NEIGH_FREE);
	bench_close(&b);
}

// Evicting a neighbour must not be a way to have it solicited twice in a second.
static void
gw_nd_10_just_solicited_stays(void **state)
{
	const struct neigh_params p = {
		.max_entries = 1, .max_incomplete = 1, .queue_len = 1, .socket_id = SOCKET_ID_ANY};
	struct in6_addr a = host(1);
	struct bench b;

	bench_open(&b, &p);
	assert_int_equal(bench_send(&b, 1, 0), 0);
	neigh_advert(b.t, 0, &a, &mac_a, false, false, false, false, b.now);
	bench_hear(&b, 2, &mac_a);
	assert_int_equal(bench_state(&b, 1), NEIGH_DELAY);
	b.now += 1000;
	bench_hear(&b, 2, &mac_a);
	assert_int_equal(bench_state(&b, 1), NEIGH_FREE);
	assert_int_equal(bench_state(&b, 2), NEIGH_STALE);
	bench_close(&b);
}

#define KNOWN 32 // hosts 0..31 exist and answer

static uint32_t asked[KNOWN];
static unsigned int n_asked;

static void
note_known(struct bench *b, const struct neigh *n)
{
	if (host_number(&n->addr) < KNOWN)
		asked[n_asked++] = host_number(&n->addr);
}

static void
answer_known(struct bench *b)
{
	for (; n_asked > 0; n_asked--)
		bench_answer(b, asked[n_asked - 1], &mac_a);
}

// A scan of 2^16 addresses in 80 s: hosts that talk keep every packet, memory stays bounded.
static void
gw_nd_13_scan_of_65536(void **state)
{
	const struct neigh_params p = {.max_entries = 512,
		.max_incomplete = 128,
		.queue_len = 16,
		.max_waiting = 128,
		.socket_id = SOCKET_ID_ANY};
	struct bench b;

	bench_open(&b, &p);
	b.on_solicit = note_known;
	for (uint32_t i = 0; i < KNOWN; i++)
		bench_resolve(&b, i, &mac_a);
	n_asked = 0;
	for (uint32_t target = 0x10000; target < 0x20000; target += 16) {
		unsigned int delivered = b.delivered;

		for (uint32_t i = 0; i < 16; i++)
			bench_send(&b, target + i, 0);
		for (uint32_t i = 0; i < KNOWN; i++)
			assert_int_equal(bench_send(&b, i, 0), 0);
		assert_int_equal(b.delivered, delivered + KNOWN);
		assert_true(rte_mempool_in_use_count(mbuf_util_pool) <= 128);
		assert_true(neigh_count(b.t) <= KNOWN + 128);
		b.now += 20;
		neigh_tick(b.t, b.now, 64);
		answer_known(&b);
	}
	assert_true(b.unicast >= KNOWN); // they were probed meanwhile
	assert_true(b.failed > 0);
	// At most its share of the unresolved ones is asked for each second.
	assert_true(b.multicast <= KNOWN + 96 * 84);
	bench_close(&b);
}

// 2^16 hosts announce themselves: those that answered our probes stay, in use or not.
static void
gw_nd_13_hearsay_of_65536(void **state)
{
	const struct neigh_params p = {.max_entries = 256,
		.max_incomplete = 64,
		.queue_len = 4,
		.socket_id = SOCKET_ID_ANY};
	struct bench b;

	bench_open(&b, &p);
	for (uint32_t i = 0; i < KNOWN; i++)
		bench_resolve(&b, i, &mac_a);
	bench_advance(&b, 45000);
	for (uint32_t i = KNOWN; i < 0x10000 + KNOWN; i++)
		bench_hear(&b, i, &mac_b);
	for (uint32_t i = 0; i < KNOWN; i++)
		assert_int_equal(bench_state(&b, i), NEIGH_STALE);
	assert_int_equal(neigh_count(b.t), 256);
	assert_int_equal(bench_send(&b, 0x20000, 0), 0); // and a new one can still be resolved
	bench_close(&b);
}

static void
ask_again(struct bench *b, const struct neigh *n)
{
	struct in6_addr other = host(host_number(&n->addr) + 1000);

	assert_int_equal(neigh_output(b->t, 0, &n->addr, NULL, b->now), 0);
	neigh_output(b->t, 0, &other, NULL, b->now);
	b->on_fail = NULL;
}

// The packet that reports the failure may need the table itself.
static void
fail_may_send(void **state)
{
	const struct neigh_params p = {
		.max_entries = 4, .max_incomplete = 4, .queue_len = 2, .socket_id = SOCKET_ID_ANY};
	struct bench b;

	bench_open(&b, &p);
	bench_send(&b, 1, 0);
	bench_send(&b, 1, 1);
	bench_advance(&b, 1000);
	bench_advance(&b, 1000);
	b.on_fail = ask_again;
	bench_advance(&b, 1000);
	assert_int_equal(b.failed, 2);
	assert_int_equal(bench_state(&b, 1), NEIGH_INCOMPLETE);
	assert_int_equal(bench_get(&b, 1)->n_waiting, 0);
	assert_int_equal(bench_state(&b, 1001), NEIGH_INCOMPLETE);
	bench_close(&b);
}

static void
ask_for_another(struct bench *b, const struct neigh *n)
{
	struct in6_addr other = host(1000);

	assert_int_equal(neigh_output(b->t, 0, &other, NULL, b->now), -ENOSPC);
}

// Nor does an entry give way meanwhile: the caller may hold its index.
static void
fail_does_not_evict(void **state)
{
	const struct neigh_params p = {
		.max_entries = 2, .max_incomplete = 2, .queue_len = 1, .socket_id = SOCKET_ID_ANY};
	struct bench b;

	bench_open(&b, &p);
	b.on_fail = ask_for_another;
	bench_hear(&b, 1, &mac_a);
	bench_send(&b, 2, 1);
	bench_send(&b, 2, 2);
	assert_int_equal(b.displaced, 1);
	assert_int_equal(bench_state(&b, 1), NEIGH_STALE);
	bench_close(&b);
}

static void
send_to_displaced(struct bench *b, const struct neigh *n)
{
	assert_int_equal(bench_send(b, host_number(&n->addr), 99), -ENOSPC);
}

// No packet displaces another while one is being displaced: the chain could be long.
static void
fail_does_not_displace(void **state)
{
	const struct neigh_params p = {
		.max_entries = 4, .max_incomplete = 4, .queue_len = 1, .socket_id = SOCKET_ID_ANY};
	struct bench b;

	bench_open(&b, &p);
	b.on_fail = send_to_displaced;
	bench_send(&b, 1, 1);
	bench_send(&b, 1, 2);
	assert_int_equal(b.displaced, 1);
	bench_close(&b);
}

#define HOSTS 48

// The same sequence in every run.
static uint32_t
random_u32(void)
{
	static uint64_t x = 0x9e3779b97f4a7c15ULL;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (uint32_t)(x >> 32);
}

static uint64_t last_asked[2][HOSTS];

static void
check_rate(struct bench *b, const struct neigh *n)
{
	uint64_t *last = &last_asked[n->port][host_number(&n->addr)];

	assert_true(b->now >= *last + 1000);
	*last = b->now;
}

struct sum {
	unsigned int entries, waiting, incomplete;
	uint64_t now;
};

static void
add_up(void *arg, uint32_t idx, const struct neigh *n)
{
	struct sum *s = arg;

	s->entries++;
	s->waiting += n->n_waiting;
	s->incomplete += n->state == NEIGH_INCOMPLETE;
	assert_true(n->n_waiting <= 3);
	assert_true(n->n_waiting == 0 || n->state == NEIGH_INCOMPLETE);
	assert_true(n->due_ms > s->now);
}

static void
check_table(struct bench *b)
{
	struct sum s = {.now = b->now};
	uint32_t cursor = 0;

	assert_false(neigh_walk(b->t, &cursor, UINT32_MAX, add_up, &s));
	assert_int_equal(s.entries, neigh_count(b->t));
	assert_int_equal(s.waiting, rte_mempool_in_use_count(mbuf_util_pool));
	assert_true(s.waiting <= 10 && s.incomplete <= 8);
}

static void
random_step(struct bench *b)
{
	struct in6_addr a = host(random_u32() % HOSTS);
	uint16_t port = random_u32() % 2;
	struct rte_ether_addr mac = random_u32() % 4 ? mac_a : mac_b;
	uint32_t bits = random_u32();
	struct rte_mbuf *m;

	switch (random_u32() % 5) {
	case 0:
	case 1:
		m = mbuf_util_alloc();
		if (neigh_output(b->t, port, &a, m, b->now) != 0)
			rte_pktmbuf_free(m);
		return;
	case 2:
		neigh_advert(b->t, port, &a, bits & 16 ? NULL : &mac, bits & 1, bits & 2, bits & 4,
			bits & 8, b->now);
		return;
	case 3:
		neigh_seen(b->t, port, &a, &mac, bits & 1, b->now);
		return;
	case 4:
		neigh_used(b->t, bits % 20, b->now);
		return;
	}
}

// Whatever happens in whatever order: no destination is solicited twice in a second, no packet is
// lost or kept, no bound is passed.
static void
gw_nd_10_random_events(void **state)
{
	const struct neigh_params p = {.max_entries = 16,
		.max_incomplete = 8,
		.queue_len = 3,
		.max_waiting = 10,
		.socket_id = SOCKET_ID_ANY};
	struct bench b;

	bench_open(&b, &p);
	b.on_solicit = check_rate;
	for (unsigned int i = 0; i < 100000; i++) {
		random_step(&b);
		bench_advance(&b, random_u32() % 8 ? random_u32() % 50 : random_u32() % 3000);
		check_table(&b);
	}
	assert_true(b.unicast > 100 && b.multicast > 100 && b.failed > 100 && b.displaced > 100);
	bench_close(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		neigh_test(gw_nd_13_unresolved_are_bounded),
		neigh_test(gw_arp_06_waiting_packets_are_bounded_in_all),
		neigh_test(gw_nd_13_who_gives_way),
		neigh_test(gw_nd_13_new_mac_is_hearsay),
		neigh_test(gw_nd_10_just_solicited_stays),
		neigh_test(gw_nd_13_scan_of_65536),
		neigh_test(gw_nd_13_hearsay_of_65536),
		neigh_test(fail_may_send),
		neigh_test(fail_does_not_displace),
		neigh_test(fail_does_not_evict),
		neigh_test(gw_nd_10_random_events),
	};

	hash_key_init();
	mbuf_util_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
