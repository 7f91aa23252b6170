// SPDX-License-Identifier: BSD-3-Clause
// A neighbour table with recording operations and a clock that the test moves.
#ifndef TEST_NEIGH_ENV_H
#define TEST_NEIGH_ENV_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/hash.h"
#include "mbuf_util.h"
#include "net/neigh.h"

#include <arpa/inet.h>

#define HOST 0xc0a80000 // addresses of the tests: 192.168.0.0 + i, mapped

struct bench {
	struct neigh_table *t;
	uint64_t now;
	unsigned int multicast, unicast, updates, removed, delivered, failed, displaced;
	uint32_t delivered_tag, failed_tag; // of the last packet
	struct rte_ether_addr delivered_mac;
	uint8_t updated_state;
	// Called at the end of solicit and fail, when set.
	void (*on_solicit)(struct bench *b, const struct neigh *n);
	void (*on_fail)(struct bench *b, const struct neigh *n);
};

static const struct rte_ether_addr mac_a = {{2, 0, 0, 0, 0, 0xa}};
static const struct rte_ether_addr mac_b = {{2, 0, 0, 0, 0, 0xb}};

// Teardown of every test: all packets are back.
static inline int
all_back(void **state)
{
	return mbuf_util_all_back() ? 0 : -1;
}

#define neigh_test(f) cmocka_unit_test_setup_teardown(f, NULL, all_back)

static inline struct in6_addr
host(uint32_t i)
{
	struct in6_addr a = {.s6_addr = {[10] = 0xff, 0xff}};
	uint32_t be = htonl(HOST + i);

	memcpy(a.s6_addr + 12, &be, sizeof(be));
	return a;
}

static inline uint32_t
host_number(const struct in6_addr *a)
{
	uint32_t be;

	memcpy(&be, a->s6_addr + 12, sizeof(be));
	return ntohl(be) - HOST;
}

static inline void
bench_solicit(void *ctx, const struct neigh *n, bool unicast)
{
	struct bench *b = ctx;

	assert_int_equal(unicast, n->state == NEIGH_PROBE);
	b->unicast += unicast;
	b->multicast += !unicast;
	if (b->on_solicit != NULL)
		b->on_solicit(b, n);
}

static inline void
bench_update(void *ctx, uint32_t idx, const struct neigh *n)
{
	struct bench *b = ctx;

	assert_ptr_equal(neigh_get(b->t, idx), n);
	assert_int_not_equal(n->state, NEIGH_INCOMPLETE);
	assert_false(rte_is_zero_ether_addr(&n->mac));
	b->updates++;
	b->updated_state = n->state;
}

static inline void
bench_removed(void *ctx, uint32_t idx, const struct neigh *n)
{
	struct bench *b = ctx;

	assert_ptr_equal(neigh_get(b->t, idx), n);
	b->removed++;
}

static inline void
bench_deliver(void *ctx, uint32_t idx, const struct neigh *n, struct rte_mbuf *m)
{
	struct bench *b = ctx;

	assert_ptr_equal(neigh_get(b->t, idx), n);
	assert_int_not_equal(n->state, NEIGH_INCOMPLETE);
	b->delivered++;
	b->delivered_tag = m->hash.usr;
	b->delivered_mac = n->mac;
	rte_pktmbuf_free(m);
}

static inline void
bench_fail(void *ctx, const struct neigh *n, struct rte_mbuf *m, bool queue_full)
{
	struct bench *b = ctx;

	b->failed += !queue_full;
	b->displaced += queue_full;
	b->failed_tag = m->hash.usr;
	rte_pktmbuf_free(m);
	if (b->on_fail != NULL)
		b->on_fail(b, n);
}

static const struct neigh_ops bench_ops = {
	.solicit = bench_solicit,
	.update = bench_update,
	.removed = bench_removed,
	.deliver = bench_deliver,
	.fail = bench_fail,
};

static inline void
bench_open(struct bench *b, const struct neigh_params *p)
{
	struct err err;

	memset(b, 0, sizeof(*b));
	b->now = 1000000;
	b->t = neigh_create(p, &bench_ops, b, &err);
	assert_non_null(b->t);
}

static inline void
bench_close(struct bench *b)
{
	neigh_free(b->t);
}

// A packet to a host on port 0, marked with tag.
static inline int
bench_send(struct bench *b, uint32_t i, uint32_t tag)
{
	struct in6_addr a = host(i);
	struct rte_mbuf *m = mbuf_util_alloc();
	int rc;

	m->hash.usr = tag;
	rc = neigh_output(b->t, 0, &a, m, b->now);
	if (rc != 0)
		rte_pktmbuf_free(m);
	return rc;
}

// Its answer to a solicitation.
static inline void
bench_answer(struct bench *b, uint32_t i, const struct rte_ether_addr *mac)
{
	struct in6_addr a = host(i);

	neigh_advert(b->t, 0, &a, mac, true, true, false, false, b->now);
}

static inline void
bench_hear(struct bench *b, uint32_t i, const struct rte_ether_addr *mac)
{
	struct in6_addr a = host(i);

	neigh_seen(b->t, 0, &a, mac, true, b->now);
}

static inline void
bench_advance(struct bench *b, uint64_t ms)
{
	b->now += ms;
	neigh_tick(b->t, b->now, UINT32_MAX);
}

static inline const struct neigh *
bench_get(struct bench *b, uint32_t i)
{
	struct in6_addr a = host(i);

	return neigh_get(b->t, neigh_find(b->t, 0, &a));
}

static inline enum neigh_state
bench_state(struct bench *b, uint32_t i)
{
	const struct neigh *n = bench_get(b, i);

	return n == NULL ? NEIGH_FREE : n->state;
}

// Makes host i reachable at mac.
static inline void
bench_resolve(struct bench *b, uint32_t i, const struct rte_ether_addr *mac)
{
	struct in6_addr a = host(i);

	assert_int_equal(neigh_output(b->t, 0, &a, NULL, b->now), 0);
	bench_answer(b, i, mac);
	assert_int_equal(bench_state(b, i), NEIGH_REACHABLE);
}

// Brings host i, unknown so far, to a state, with mac_a where there is one.
static inline void
bench_bring_to(struct bench *b, uint32_t i, enum neigh_state state)
{
	struct in6_addr a = host(i);

	if (state == NEIGH_FREE)
		return;
	assert_int_equal(neigh_output(b->t, 0, &a, NULL, b->now), 0);
	if (state == NEIGH_INCOMPLETE)
		return;
	bench_answer(b, i, &mac_a);
	if (state >= NEIGH_STALE)
		bench_advance(b, 45000);
	if (state >= NEIGH_DELAY)
		neigh_used(b->t, neigh_find(b->t, 0, &a), b->now);
	if (state >= NEIGH_PROBE)
		bench_advance(b, 5000);
	assert_int_equal(bench_state(b, i), state);
}

#endif
