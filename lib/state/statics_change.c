// SPDX-License-Identifier: BSD-3-Clause
// Other static bindings for a state in use. One that is configured as before goes on; the sessions
// of the others end, and so do those of dynamic bindings that have what a static one gets: its
// address and port, or its client's port.
#include "state/change_impl.h"
#include "state/static_map.h"

#include <assert.h>

// The entry under which the binding goes on, or NULL.
static const struct static_range *
kept_as(const struct state_change *c, const struct bib *b)
{
	uint16_t port4 = rte_be_to_cpu_16(b->sport4), port6 = rte_be_to_cpu_16(b->sport6);
	const struct static_range *r =
		c->static_map ? static_map_find(c->static_map, b->proto, b->src4, port4) : NULL;

	if (!r || !IN6_ARE_ADDR_EQUAL(&r->client, &b->src6) ||
		r->client_port + (port4 - r->first) != port6)
		return NULL;
	return r;
}

void
static_carry_over(struct state *st, struct bib *b)
{
	const struct pool4_same *same = &st->pool.heritage->to_new[b->pool_addr];
	const struct static_range *r = kept_as(st->change, b);

	b->pool_addr = POOL4_NONE;
	if (!r || same->n == 0)
		return;
	b->pool_addr = (uint16_t)st->pool.heritage->news[same->first];
	b->config = r->config;
	b->pref64 = st->statics.entry[r->config].pref64;
}

bool
static_claims(const struct state *st, const struct in6_addr *src6, rte_be16_t sport, uint8_t proto)
{
	uint16_t port = rte_be_to_cpu_16(sport);

	for (unsigned int i = 0; i < st->statics.n; i++) {
		const struct config_static *s = &st->statics.entry[i];
		uint32_t k = (uint32_t)port - s->client_port;

		if (!IN6_ARE_ADDR_EQUAL(&s->client, src6) ||
			k > (uint32_t)(s->port_last - s->port_first))
			continue;
		for (unsigned int p = 0; p < STATIC__N; p++)
			if ((s->protocols >> p & 1) && static_ip_proto[p] == proto)
				return true;
	}
	return false;
}

// What static bindings have, they have until they end, also where the pool to come begins to have
// it. Before the change begins.
void
statics_keep_back(const struct state *st, struct state_change *c)
{
	struct static_walk w = {0};
	struct static_port p;

	while (static_next(&st->statics, &w, &p))
		pool4_keep_back(&c->pool, p.entry->address, state_proto_of(p.proto), p.port4);
}

// Dynamic bindings of client ports that become static.
bool
statics_claim(struct state *st, struct state_change *c, unsigned int budget)
{
	struct static_port p;

	while (budget && static_next(&st->statics, &c->walk, &p)) {
		struct bib_key6 k6 = {.src6 = p.entry->client,
			.sport = rte_cpu_to_be_16(p.port6),
			.proto = p.proto};
		uint32_t i;

		budget--;
		if (!static_is_own(st, p.entry))
			continue;
		i = table_find(&st->bib6, &k6, bib_key6_hash(&k6));
		if (i != INDEX_NONE && !(st->bib[i].flags & BIB_STATIC))
			st->bib[i].flags |= BIB_CLAIMED;
	}
	return budget == 0;
}

// Their sessions have ended by now.
bool
statics_end(struct state *st, struct state_change *c, unsigned int budget)
{
	for (; budget && c->cursor < st->bibs.top; budget--) {
		uint32_t i = c->cursor++;
		struct bib *b = &st->bib[i];

		if (!(b->flags & BIB_STATIC) || b->pool_addr != POOL4_NONE)
			continue;
		assert(b->sessions == 0);
		bib_remove(st, i);
	}
	return c->cursor < st->bibs.top;
}

// Ports that were reserved and are not any more; every worker has its own of them.
bool
statics_release(struct state *st, struct state_change *c, unsigned int budget)
{
	struct static_port p;

	while (budget && static_next(&c->statics, &c->walk, &p)) {
		budget--;
		if (state_owner_of_port(p.port4, st->pool.share.n_workers) != st->pool.share.worker)
			continue;
		pool4_release(&st->pool, p.entry->address, state_proto_of(p.proto), p.port4);
	}
	return budget == 0;
}

// The client may have no address in the new pool by what it was before: then it is another now.
static void
renew_client(struct state *st, struct bib *b)
{
	uint32_t was = b->client, is;

	if (st->client[was].set != CLIENT_RETIRED)
		return;
	is = client_admit_static(st, &b->src6, b->pref64, b->pool_addr);
	if (is == INDEX_NONE)
		return;
	b->client = is;
	st->client[is].bindings++;
	st->client[was].bindings--;
	client_end_if_idle(st, was);
}

static bool
put(struct state *st, const struct static_port *p)
{
	struct bib_key4 k4 = {.src4 = p->entry->address.s_addr,
		.sport = rte_cpu_to_be_16(p->port4),
		.proto = p->proto};
	uint32_t i = table_find(&st->bib4, &k4, bib_key4_hash(&k4));

	if (i == INDEX_NONE)
		return static_make(st, p) == 0;
	renew_client(st, &st->bib[i]);
	return true;
}

bool
statics_put(struct state *st, struct state_change *c, unsigned int budget,
	const struct state_change_ops *ops)
{
	struct static_port p;

	while (budget && static_next(&st->statics, &c->walk, &p)) {
		budget--;
		if (static_is_own(st, p.entry) && !put(st, &p) && ops->no_room)
			ops->no_room(ops->arg, p.config);
	}
	return budget == 0;
}
