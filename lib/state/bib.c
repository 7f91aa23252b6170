// SPDX-License-Identifier: BSD-3-Clause
#include "state/change_impl.h"

#include <rte_prefetch.h>

static bool
bib_index(struct state *st, uint32_t i, uint32_t hash6, uint32_t hash4)
{
	if (table_add(&st->bib6, hash6, i) < 0)
		return false;
	if (table_add(&st->bib4, hash4, i) == 0)
		return true;
	table_del(&st->bib6, hash6, i);
	return false;
}

// The element is filled in. INDEX_NONE: no room, and it is given back.
static uint32_t
bib_begin(struct state *st, uint32_t i, uint32_t hash6, uint32_t hash4)
{
	struct bib *b = &st->bib[i];

	if (!bib_index(st, i, hash6, hash4)) {
		b->flags = 0;
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
bib_put(struct state *st, const struct bib *b)
{
	uint32_t i = slots_take(&st->bibs);
	struct bib_key6 k6 = bib_key6_of(b);
	struct bib_key4 k4 = bib_key4_of(b);

	if (i == INDEX_NONE)
		return INDEX_NONE;
	st->bib[i] = *b;
	return bib_begin(st, i, bib_key6_hash(&k6), bib_key4_hash(&k4));
}

// Filled in where it stands: a copy of what was just put together from small fields would be read
// in words, which waits for each of these stores.
uint32_t
bib_add(struct state *st, const struct prepared *p, uint32_t client, uint32_t pool_addr)
{
	uint32_t i = slots_take(&st->bibs);
	struct bib *b = &st->bib[i];

	if (i == INDEX_NONE)
		return INDEX_NONE;
	memset(b, 0, sizeof(*b));
	b->src6 = p->key.src6;
	b->src4 = p->src4;
	b->sport6 = p->key.sport;
	b->sport4 = p->sport4;
	b->proto = p->key.proto;
	b->flags = bib_generation(st);
	b->pool_addr = (uint16_t)pool_addr;
	b->client = client;
	b->subscriber = st->client[client].subscriber;
	b->pref64 = p->key.pref64;
	return bib_begin(st, i, p->bib6_hash, p->bib4_hash);
}

// A port for the client: the one that a SYN waits at (N64-TCP-09), the one that was drawn, or any.
static bool
take_port(struct state *st, const struct prepared *p, uint32_t pool_addr, uint16_t *port)
{
	enum state_proto proto = state_proto_of(p->key.proto);

	if (syn_wanted_port(st, &p->key, pool_addr, port) &&
		pool4_take_port(&st->pool, pool_addr, STATE_TCP, *port))
		return true;
	*port = p->port;
	return (p->pool_addr == pool_addr && pool4_take_port(&st->pool, pool_addr, proto, *port)) ||
	       pool4_take(&st->pool, pool_addr, proto, rte_be_to_cpu_16(p->key.sport), port);
}

static uint32_t
bib_make(struct state *st, struct prepared *p, uint32_t client, enum drop_reason *why)
{
	enum state_proto proto = state_proto_of(p->key.proto);
	uint32_t pool_addr, i;
	uint16_t port;

	*why = DROP_NO_PORT;
	if (!client_pool_addr(st, client, proto, &pool_addr) || !take_port(st, p, pool_addr, &port))
		return INDEX_NONE;
	*why = DROP_BIB_LIMIT;
	prepare_mapping(p, st->pool.addr[pool_addr].addr.s_addr, rte_cpu_to_be_16(port));
	i = bib_add(st, p, client, pool_addr);
	if (i == INDEX_NONE)
		pool4_give(&st->pool, pool_addr, proto, port);
	return i;
}

// One more session in an entry that there is.
static uint32_t
bib_reuse(struct state *st, struct prepared *p, uint32_t i, enum drop_reason *why)
{
	*why = DROP_NO_POOL4;
	if (unlikely(st->change) && !bib_may_stay(st, &st->bib[i]))
		return INDEX_NONE;
	*why = quota_allows_session(&st->subscribers, st->bib[i].subscriber, st->pool.now_sec);
	prepare_mapping(p, st->bib[i].src4, st->bib[i].sport4);
	return *why == DROP_NONE ? i : INDEX_NONE;
}

uint32_t
bib_admit(struct state *st, struct prepared *p, enum drop_reason *why)
{
	const struct session_key6 *key = &p->key;
	struct bib_key6 k6 = {.src6 = key->src6, .sport = key->sport, .proto = key->proto};
	enum state_proto proto = state_proto_of(key->proto);
	uint32_t i = table_find(&st->bib6, &k6, p->bib6_hash);
	uint32_t client;

	if (i != INDEX_NONE)
		return bib_reuse(st, p, i, why);
	*why = DROP_BIB_LIMIT;
	if (bibs_full(st))
		return INDEX_NONE;
	if (unlikely(st->change) && static_claims(st, &key->src6, key->sport, key->proto)) {
		*why = DROP_NO_POOL4;
		return INDEX_NONE;
	}
	client = client_admit(st, p, why);
	if (client != INDEX_NONE) {
		i = bib_make(st, p, client, why);
		if (i == INDEX_NONE)
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
