// SPDX-License-Identifier: BSD-3-Clause
#include "state/bits.h"
#include "state/change_impl.h"

// Not the hash of the table: which pool address a client gets says nothing about its bucket.
#define POOL_HASH_INIT 0x706f6f6c

bool
client_pick_addr(
	struct state *st, const struct client_key *key, enum state_proto proto, uint32_t *addr)
{
	return pool4_pick(&st->pool, client_set(st, key->set), proto,
		hash_keyed(&key->src6, sizeof(key->src6), POOL_HASH_INIT), addr);
}

uint32_t
client_add(struct state *st, const struct client_key *key, uint32_t pool_addr, uint32_t subscriber)
{
	uint32_t i = slots_take(&st->clients);

	if (i == INDEX_NONE)
		return INDEX_NONE;
	if (table_add(&st->client6, client_key_hash(key), i) < 0) {
		slots_give(&st->clients, i);
		return INDEX_NONE;
	}
	st->client[i] = (struct client){
		.src6 = key->src6,
		.set = key->set,
		.pool_addr = pool_addr,
		.subscriber = subscriber,
	};
	st->pool.addr[pool_addr].clients++;
	subscriber_client_begin(&st->subscribers, subscriber);
	return i;
}

static uint32_t
client_make(struct state *st, const struct client_key *key, const struct session_key6 *first,
	uint32_t subscriber, enum drop_reason *why)
{
	const struct pool_set *set = client_set(st, key->set);
	uint32_t pool_addr;

	*why = set->n_addr ? DROP_NO_PORT : DROP_NO_POOL4;
	if (!syn_wanted_addr(st, first, set, &pool_addr) &&
		!client_pick_addr(st, key, state_proto_of(first->proto), &pool_addr))
		return INDEX_NONE;
	*why = DROP_BIB_LIMIT;
	return client_add(st, key, pool_addr, subscriber);
}

static uint32_t
client_find(struct state *st, const struct client_key *k, uint32_t hash, unsigned int pref64)
{
	uint32_t i = table_find(&st->client6, k, hash), old;

	if (likely(i != INDEX_NONE || !st->change))
		return i;
	old = client_find_old(st, &k->src6, pref64);
	if (old == INDEX_NONE)
		return INDEX_NONE;
	client_carry_over(st, old);
	return table_find(&st->client6, k, hash);
}

struct client_key
client_key_for(const struct state *st, const struct in6_addr *src6, unsigned int pref64)
{
	return (struct client_key){
		.src6 = *src6,
		.set = pool_sets_find(&st->pool.client_sets, src6, pref64) | st->pool.generation,
	};
}

uint32_t
client_admit(struct state *st, const struct prepared *p, enum drop_reason *why)
{
	const struct client_key *k = &p->client_key;
	uint32_t i = client_find(st, k, p->client6_hash, p->key.pref64);
	uint32_t sub = i != INDEX_NONE ? st->client[i].subscriber
				       : subscriber_admit(&st->subscribers, &k->src6);

	*why = DROP_BIB_LIMIT;
	if (sub == INDEX_NONE)
		return INDEX_NONE;
	*why = DROP_QUOTA_BINDINGS;
	if (!quota_allows_binding(&st->subscribers, sub))
		return INDEX_NONE;
	*why = quota_allows_session(&st->subscribers, sub, st->pool.now_sec);
	if (*why != DROP_NONE || i != INDEX_NONE)
		return *why == DROP_NONE ? i : INDEX_NONE;
	return client_make(st, k, &p->key, sub, why);
}

// The client's other bindings have the same address, if it serves the client (N64-PORT-01).
uint32_t
client_admit_static(
	struct state *st, const struct in6_addr *src6, unsigned int pref64, uint32_t pool_addr)
{
	struct client_key k = client_key_for(st, src6, pref64);
	uint32_t i = client_find(st, &k, client_key_hash(&k), pref64), sub;

	if (i != INDEX_NONE)
		return i;
	sub = subscriber_admit(&st->subscribers, src6);
	if (sub == INDEX_NONE)
		return INDEX_NONE;
	if (!pool_set_has(client_set(st, k.set), pool_addr))
		client_pick_addr(st, &k, STATE_UDP, &pool_addr);
	return client_add(st, &k, pool_addr, sub);
}

struct client_key
client_key_of(const struct client *c)
{
	return (struct client_key){.src6 = c->src6, .set = c->set};
}

bool
client_pool_addr(struct state *st, uint32_t index, enum state_proto proto, uint32_t *addr)
{
	const struct client *c = &st->client[index];
	struct client_key key;

	if (client_set(st, c->set)->n_addr == 0) // it has static bindings only
		return false;
	*addr = c->pool_addr;
	if (bits_get(st->pool.avail[proto], c->pool_addr))
		return true;
	key = client_key_of(c);
	return st->soft_pairing && client_pick_addr(st, &key, proto, addr);
}

void
client_end_if_idle(struct state *st, uint32_t index)
{
	struct client *c = &st->client[index];
	struct client_key key = client_key_of(c);

	if (c->bindings)
		return;
	if (c->set == CLIENT_RETIRED)
		st->n_retired--;
	else
		table_del(&st->client6, client_key_hash(&key), index);
	if (c->set != CLIENT_RETIRED && !client_is_old(st, c))
		st->pool.addr[c->pool_addr].clients--;
	subscriber_client_end(&st->subscribers, c->subscriber);
	slots_give(&st->clients, index);
}
