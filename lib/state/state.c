// SPDX-License-Identifier: BSD-3-Clause
#include "state/change.h"
#include "state/internal.h"

#include <rte_malloc.h>

// Bytes allocated from DPDK's heaps.
static uint64_t
heap_bytes(void)
{
	struct rte_malloc_socket_stats s;
	uint64_t sum = 0;

	for (unsigned int i = 0; i < rte_socket_count(); i++)
		if (rte_malloc_get_socket_stats(rte_socket_id_by_idx(i), &s) == 0)
			sum += s.heap_allocsz_bytes;
	return sum;
}

// ---- what the tables compare keys with

static bool
session_is6(const void *sessions, uint32_t i, const void *key)
{
	return session_has_key6((const struct session *)sessions + i, key);
}

static bool
session_is4(const void *sessions, uint32_t i, const void *key)
{
	return session_has_key4((const struct session *)sessions + i, key);
}

static bool
bib_is6(const void *bibs, uint32_t i, const void *key)
{
	const struct bib *b = (const struct bib *)bibs + i;
	const struct bib_key6 *k = key;

	return b->sport6 == k->sport && b->proto == k->proto &&
	       IN6_ARE_ADDR_EQUAL(&b->src6, &k->src6);
}

static bool
bib_is4(const void *bibs, uint32_t i, const void *key)
{
	const struct bib *b = (const struct bib *)bibs + i;
	const struct bib_key4 *k = key;

	return b->src4 == k->src4 && b->sport4 == k->sport && b->proto == k->proto;
}

static bool
client_is(const void *clients, uint32_t i, const void *key)
{
	const struct client *c = (const struct client *)clients + i;
	const struct client_key *k = key;

	return c->set == k->set && IN6_ARE_ADDR_EQUAL(&c->src6, &k->src6);
}

// ---- making and freeing

static int
init_sessions(struct state *st, uint32_t max, int socket_id)
{
	st->session = rte_zmalloc_socket(
		"session", sizeof(*st->session) * (size_t)max, RTE_CACHE_LINE_SIZE, socket_id);
	if (!st->session ||
		table_init(&st->session6, max, session_is6, st->session, socket_id) < 0 ||
		table_init(&st->session4, max, session_is4, st->session, socket_id) < 0)
		return -ENOMEM;
	slots_init(&st->sessions, st->session, sizeof(*st->session), max);
	return 0;
}

static int
init_bibs(struct state *st, uint32_t max, int socket_id)
{
	st->bib = rte_zmalloc_socket(
		"bib", sizeof(*st->bib) * (size_t)max, RTE_CACHE_LINE_SIZE, socket_id);
	if (!st->bib || table_init(&st->bib6, max, bib_is6, st->bib, socket_id) < 0 ||
		table_init(&st->bib4, max, bib_is4, st->bib, socket_id) < 0)
		return -ENOMEM;
	slots_init(&st->bibs, st->bib, sizeof(*st->bib), max);
	return 0;
}

static int
init_clients(struct state *st, uint32_t max, int socket_id)
{
	st->client = rte_zmalloc_socket(
		"client", sizeof(*st->client) * (size_t)max, RTE_CACHE_LINE_SIZE, socket_id);
	if (!st->client || table_init(&st->client6, max, client_is, st->client, socket_id) < 0)
		return -ENOMEM;
	slots_init(&st->clients, st->client, sizeof(*st->client), max);
	return 0;
}

static int
init_tables(struct state *st, const struct state_params *p, struct err *err)
{
	uint32_t max_sessions = state_share(p->nat64->max_sessions, p);
	uint32_t max_bib = state_share(p->nat64->max_bib, p);

	if (max_sessions == 0 || max_bib == 0)
		return err_set(err, -EINVAL, "max_sessions, max_bib: none for worker %u of %u",
			p->worker, p->n_workers);
	st->max_bib = max_bib;
	st->max_static = statics_count(p) + STATE_STATICS_SPARE; // these have room of their own
	if (init_sessions(st, max_sessions, p->socket_id) < 0 ||
		init_bibs(st, max_bib + st->max_static, p->socket_id) < 0 ||
		init_clients(st, max_bib + CONFIG_STATICS, p->socket_id) < 0 ||
		subscribers_init(&st->subscribers, p, max_bib + CONFIG_STATICS) < 0 ||
		peers_init(st, max_sessions, p->socket_id) < 0 || syns_init(&st->syns, p) < 0)
		return err_set(err, -ENOMEM, "no memory for %u sessions and %u bindings",
			max_sessions, max_bib);
	return 0;
}

static int
init_hold(struct state *st, const struct state_params *p, struct err *err)
{
	if (hold_init(&st->pool.hold, p->nat64->port_hold_sec,
		    state_share(p->nat64->port_hold_max, p), p->socket_id))
		return err_set(
			err, -ENOMEM, "no memory for %u resting ports", p->nat64->port_hold_max);
	return 0;
}

struct state *
state_create(const struct state_params *p, struct err *err)
{
	uint64_t before = heap_bytes();
	struct state *st =
		rte_zmalloc_socket("state", sizeof(*st), RTE_CACHE_LINE_SIZE, p->socket_id);

	if (!st) {
		err_set(err, -ENOMEM, "no memory for NAT64 state");
		return NULL;
	}
	hash_key_init();
	expiry_init(&st->expiry);
	st->soft_pairing = p->nat64->pairing == PAIRING_SOFT;
	st->filtering = p->nat64->filtering;
	st->max_inbound = p->nat64->max_inbound;
	memcpy(st->timeout, p->nat64->timeout, sizeof(st->timeout));
	st->mixed_pairing = st->soft_pairing;
	if (pool4_init(&st->pool, p, err) < 0 || init_hold(st, p, err) < 0 ||
		init_tables(st, p, err) < 0 || statics_init(st, p, err) < 0) {
		state_free(st);
		return NULL;
	}
	st->stats.max_sessions = st->sessions.max;
	st->stats.memory_bytes = heap_bytes() - before;
	return st;
}

void
state_free(struct state *st)
{
	if (!st)
		return;
	state_change_free(st->change); // a stop came first
	pool4_fini(&st->pool);
	subscribers_fini(&st->subscribers);
	syns_fini(&st->syns);
	table_fini(&st->session6);
	table_fini(&st->session4);
	table_fini(&st->bib6);
	table_fini(&st->bib4);
	table_fini(&st->client6);
	peers_fini(st);
	statics_fini(&st->statics);
	rte_free(st->session);
	rte_free(st->bib);
	rte_free(st->client);
	rte_free(st);
}

void
state_stats(const struct state *st, struct state_stats *out)
{
	*out = st->stats;
	out->max_bib = st->max_bib + st->n_static;
	out->clients = slots_used(&st->clients);
	out->subscribers = slots_used(&st->subscribers.slots) - st->subscribers.n_idle;
	out->stored_syns = st->syns.n;
	out->ports_resting = st->pool.hold.n;
	out->ports_rested_less = st->pool.hold.early;
}

bool
state_pool_row(const struct state *st, unsigned int i, struct state_pool_row *out)
{
	const struct pool4_addr *a = &st->pool.addr[i];

	if (i >= st->pool.n_addr)
		return false;
	*out = (struct state_pool_row){
		.addr = a->addr,
		.port_first = a->range.first,
		.port_last = a->range.last,
		.capacity = a->capacity[STATE_UDP],
		.clients = a->clients,
		.alarms = a->alarms,
	};
	memcpy(out->used, a->used, sizeof(out->used));
	memcpy(out->resting, a->resting, sizeof(out->resting));
	return true;
}
