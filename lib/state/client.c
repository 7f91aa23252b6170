// SPDX-License-Identifier: BSD-3-Clause
#include "state/internal.h"

// Not the hash of the table: which pool address a client gets says nothing about its bucket.
#define POOL_HASH_INIT 0x706f6f6c

static uint32_t
client_make(struct state *st, const struct in6_addr *src6, uint32_t hash, enum state_proto proto,
	enum drop_reason *why)
{
	uint32_t pool_addr, i;

	*why = DROP_NO_PORT;
	if (!pool4_pick(
		    &st->pool, proto, hash_keyed(src6, sizeof(*src6), POOL_HASH_INIT), &pool_addr))
		return INDEX_NONE;
	*why = DROP_BIB_LIMIT;
	i = slots_take(&st->clients);
	if (i == INDEX_NONE)
		return INDEX_NONE;
	if (table_add(st->client6, src6, hash, i) < 0) {
		slots_give(&st->clients, i);
		return INDEX_NONE;
	}
	st->client[i] = (struct client){.src6 = *src6, .pool_addr = pool_addr};
	st->pool.addr[pool_addr].clients++;
	return i;
}

uint32_t
client_admit(struct state *st, const struct in6_addr *src6, enum state_proto proto,
	enum drop_reason *why)
{
	uint32_t hash = key16_hash(src6);
	uint32_t i = table_find(st->client6, src6, hash);

	return i != INDEX_NONE ? i : client_make(st, src6, hash, proto, why);
}

void
client_end_if_idle(struct state *st, uint32_t index)
{
	struct client *c = &st->client[index];

	if (c->bindings)
		return;
	table_del(st->client6, &c->src6, key16_hash(&c->src6));
	st->pool.addr[c->pool_addr].clients--;
	slots_give(&st->clients, index);
}
