// SPDX-License-Identifier: BSD-3-Clause
#include "state/change_impl.h"

#include <rte_prefetch.h>

static int
bib_index(struct state *st, uint32_t i)
{
	struct bib_key6 k6 = bib_key6_of(&st->bib[i]);
	struct bib_key4 k4 = bib_key4_of(&st->bib[i]);

	if (table_add(&st->bib6, bib_key6_hash(&k6), i) < 0)
		return -ENOSPC;
	if (table_add(&st->bib4, bib_key4_hash(&k4), i) < 0) {
		table_del(&st->bib6, bib_key6_hash(&k6), i);
		return -ENOSPC;
	}
	return 0;
}

uint32_t
bib_put(struct state *st, const struct bib *b)
{
	uint32_t i = slots_take(&st->bibs);

	if (i == INDEX_NONE)
		return INDEX_NONE;
	st->bib[i] = *b;
	if (bib_index(st, i) < 0) {
		st->bib[i].flags = 0;
		slots_give(&st->bibs, i);
		return INDEX_NONE;
	}
	st->client[b->client].bindings++;
	if (b->flags & BIB_STATIC) // the operator's do not count for the quota
		st->n_static++;
	else
		st->subscribers.row[b->subscriber].bindings++;
	st->stats.bibs[state_proto_of(b->proto)]++;
	return i;
}

uint32_t
bib_add(struct state *st, const struct session_key6 *key, uint32_t client, uint32_t pool_addr,
	uint16_t port)
{
	return bib_put(st, &(struct bib){
				   .src6 = key->src6,
				   .src4 = st->pool.addr[pool_addr].addr.s_addr,
				   .sport6 = key->sport,
				   .sport4 = rte_cpu_to_be_16(port),
				   .proto = key->proto,
				   .flags = bib_generation(st),
				   .pool_addr = (uint16_t)pool_addr,
				   .client = client,
				   .subscriber = st->client[client].subscriber,
				   .pref64 = key->pref64,
			   });
}

// A port for the client: the one that a SYN waits at (N64-TCP-09), or any.
static bool
take_port(struct state *st, const struct session_key6 *key, uint32_t pool_addr, uint16_t *port)
{
	rte_be32_t src4 = st->pool.addr[pool_addr].addr.s_addr;

	if (syn_wanted_port(st, key, src4, port) &&
		pool4_take_port(&st->pool, pool_addr, STATE_TCP, *port))
		return true;
	return prepared_take(st, key, pool_addr, port) ||
	       pool4_take(&st->pool, pool_addr, state_proto_of(key->proto),
		       rte_be_to_cpu_16(key->sport), port);
}

static uint32_t
bib_make(struct state *st, const struct session_key6 *key, uint32_t client, enum drop_reason *why)
{
	enum state_proto proto = state_proto_of(key->proto);
	uint32_t pool_addr, i;
	uint16_t port;

	*why = DROP_NO_PORT;
	if (!client_pool_addr(st, client, proto, &pool_addr) ||
		!take_port(st, key, pool_addr, &port))
		return INDEX_NONE;
	*why = DROP_BIB_LIMIT;
	i = bib_add(st, key, client, pool_addr, port);
	if (i == INDEX_NONE)
		pool4_give(&st->pool, pool_addr, proto, port);
	return i;
}

// One more session in an entry that there is.
static uint32_t
bib_reuse(struct state *st, uint32_t i, enum drop_reason *why)
{
	*why = DROP_NO_POOL4;
	if (unlikely(st->change) && !bib_may_stay(st, &st->bib[i]))
		return INDEX_NONE;
	*why = quota_allows_session(&st->subscribers, st->bib[i].subscriber, st->pool.now_sec);
	return *why == DROP_NONE ? i : INDEX_NONE;
}

uint32_t
bib_admit(struct state *st, const struct session_key6 *key, enum drop_reason *why)
{
	struct bib_key6 k6 = {.src6 = key->src6, .sport = key->sport, .proto = key->proto};
	enum state_proto proto = state_proto_of(key->proto);
	uint32_t i = table_find(&st->bib6, &k6, bib_key6_hash(&k6));
	uint32_t client;

	if (i != INDEX_NONE)
		return bib_reuse(st, i, why);
	*why = DROP_BIB_LIMIT;
	if (bibs_full(st))
		return INDEX_NONE;
	if (unlikely(st->change) && static_claims(st, &key->src6, key->sport, key->proto)) {
		*why = DROP_NO_POOL4;
		return INDEX_NONE;
	}
	rte_prefetch0(&st->bib[slots_peek(&st->bibs, 0)]);
	client = client_admit(st, key, why);
	if (client != INDEX_NONE) {
		i = bib_make(st, key, client, why);
		client_end_if_idle(st, client);
	}
	if (i == INDEX_NONE && *why == DROP_NO_PORT)
		st->stats.no_port[proto]++;
	return i;
}

void
bib_remove(struct state *st, uint32_t index)
{
	struct bib *b = &st->bib[index];
	struct bib_key6 k6 = bib_key6_of(b);
	struct bib_key4 k4 = bib_key4_of(b);

	table_del(&st->bib6, bib_key6_hash(&k6), index);
	table_del(&st->bib4, bib_key4_hash(&k4), index);
	if (b->flags & BIB_STATIC)
		st->n_static--;
	else
		st->subscribers.row[b->subscriber].bindings--;
	b->flags = 0;
	st->stats.bibs[state_proto_of(b->proto)]--;
	st->client[b->client].bindings--;
	client_end_if_idle(st, b->client);
	slots_give(&st->bibs, index);
}

void
bib_end_if_idle(struct state *st, uint32_t index)
{
	struct bib *b = &st->bib[index];

	if (bib_in_use(b))
		return;
	bib_carry_over(st, b);
	if (b->pool_addr != POOL4_NONE)
		pool4_give(&st->pool, b->pool_addr, state_proto_of(b->proto),
			rte_be_to_cpu_16(b->sport4));
	bib_remove(st, index);
}

const struct bib *
state_bib_find6(struct state *st, const struct in6_addr *src6, rte_be16_t sport, uint8_t proto)
{
	struct bib_key6 k6 = {.src6 = *src6, .sport = sport, .proto = proto};
	uint32_t i = table_find(&st->bib6, &k6, bib_key6_hash(&k6));

	return i == INDEX_NONE ? NULL : &st->bib[i];
}

const struct bib *
state_bib_find4(struct state *st, rte_be32_t src4, rte_be16_t sport, uint8_t proto)
{
	struct bib_key4 k4 = {.src4 = src4, .sport = sport, .proto = proto};
	uint32_t i = table_find(&st->bib4, &k4, bib_key4_hash(&k4));

	return i == INDEX_NONE ? NULL : &st->bib[i];
}
