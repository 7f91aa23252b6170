// SPDX-License-Identifier: BSD-3-Clause
// A session that begins or ends touches a dozen cache lines or more all over the memory. One after
// the other would wait for each of them; here those of many are asked for, pass by pass, before the
// first one is looked at. What is found out on the way is a guess: state_admit6 and state_expire
// decide.
#include "state/internal.h"

#include <assert.h>

struct plan {
	struct client *client; // or NULL
	struct bib *bib;       // that there is already, or NULL
	uint32_t subscriber_hash;
	uint32_t pool_addr; // to draw a port on, or INDEX_NONE
	struct port_draw port;
};

void
prepare_key(const struct state *st, const struct session_key6 *key, struct prepared *p)
{
	const struct bib_key6 bib = {.src6 = key->src6, .sport = key->sport, .proto = key->proto};
	const struct client_key client = client_key_for(st, &key->src6, key->pref64);
	uint32_t session6 = session_key6_hash(key), bib6 = bib_key6_hash(&bib);

	p->client6_hash = client_key_hash(&client);
	p->session6_hash = session6;
	p->bib6_hash = bib6;
	p->key = *key;
	p->client_key = client;
	p->src4 = 0;
	p->pool_addr = INDEX_NONE;
}

void
prepare_mapping(struct prepared *p, rte_be32_t src4, rte_be16_t sport4)
{
	const struct bib_key4 b4 = {.src4 = src4, .sport = sport4, .proto = p->key.proto};
	const struct session_key4 s4 = {.dst4 = p->key.dst4,
		.src4 = src4,
		.dport = p->key.dport,
		.sport = sport4,
		.proto = p->key.proto};

	if (p->src4 == src4 && p->sport4 == sport4)
		return;
	p->src4 = src4;
	p->sport4 = sport4;
	p->bib4_hash = bib_key4_hash(&b4);
	p->session4_hash = session_key4_hash(&s4);
}

static void
ask_for_buckets(
	struct state *st, const struct session_key6 *key, struct prepared *p, unsigned int i)
{
	uint32_t session = slots_peek(&st->sessions, i), bib = slots_peek(&st->bibs, i);

	prepare_key(st, key, p);
	table_prefetch(&st->client6, p->client6_hash);
	table_prefetch(&st->bib6, p->bib6_hash);
	if (session != INDEX_NONE)
		rte_prefetch0(&st->session[session]);
	if (bib != INDEX_NONE)
		rte_prefetch0(&st->bib[bib]);
}

static void
ask_for_rows(struct state *st, const struct prepared *p, struct plan *plan)
{
	uint32_t client = table_guess(&st->client6, p->client6_hash);
	uint32_t bib = table_guess(&st->bib6, p->bib6_hash);

	table_prefetch_other(&st->session6, p->session6_hash);
	table_prefetch_other(&st->bib6, p->bib6_hash);
	plan->bib = bib == INDEX_NONE ? NULL : &st->bib[bib];
	if (plan->bib)
		rte_prefetch0(plan->bib);
	if (likely(client != INDEX_NONE)) {
		plan->client = &st->client[client];
		rte_prefetch0(plan->client);
	} else {
		struct in6_addr prefix = prefix6_masked(&p->key.src6, st->subscribers.mask);

		plan->client = NULL;
		plan->subscriber_hash = prefix_hash(&prefix);
		table_prefetch_other(&st->client6, p->client6_hash);
		table_prefetch(&st->subscribers.index, plan->subscriber_hash);
	}
}

static void
ask_for_subscriber(const struct state *st, uint32_t subscriber)
{
	rte_prefetch0(&st->subscribers.row[subscriber]);
	if (st->subscribers.quota.new_per_sec != UINT32_MAX)
		rte_prefetch0(&st->subscribers.limits[subscriber]);
}

// Which pool address it will be, if a port is needed.
static uint32_t
choose_addr(struct state *st, const struct prepared *p, const struct plan *plan)
{
	uint32_t addr, subscriber;

	if (plan->bib) {
		ask_for_subscriber(st, plan->bib->subscriber);
		return INDEX_NONE;
	}
	if (plan->client && plan->client->set == p->client_key.set &&
		IN6_ARE_ADDR_EQUAL(&plan->client->src6, &p->key.src6)) {
		ask_for_subscriber(st, plan->client->subscriber);
		return plan->client->pool_addr;
	}
	if (!plan->client) {
		subscriber = table_guess(&st->subscribers.index, plan->subscriber_hash);
		if (subscriber != INDEX_NONE)
			ask_for_subscriber(st, subscriber);
	}
	return client_pick_addr(st, &p->client_key, state_proto_of(p->key.proto), &addr)
		       ? addr
		       : INDEX_NONE;
}

static void
ask_for_pool(struct state *st, const struct prepared *p, struct plan *plan)
{
	plan->pool_addr = choose_addr(st, p, plan);
	if (plan->pool_addr != INDEX_NONE)
		pool4_prefetch(&st->pool, plan->pool_addr, state_proto_of(p->key.proto));
}

static void
draw_block(struct state *st, const struct prepared *p, struct plan *plan)
{
	if (plan->pool_addr != INDEX_NONE &&
		!pool4_draw(&st->pool, plan->pool_addr, state_proto_of(p->key.proto),
			rte_be_to_cpu_16(p->key.sport), &plan->port))
		plan->pool_addr = INDEX_NONE;
}

static void
choose_port(struct state *st, struct prepared *p, const struct plan *plan)
{
	if (plan->bib) {
		prepare_mapping(p, plan->bib->src4, plan->bib->sport4);
	} else if (plan->pool_addr != INDEX_NONE) {
		p->pool_addr = plan->pool_addr;
		p->port = pool4_choose(
			&st->pool, p->pool_addr, state_proto_of(p->key.proto), &plan->port);
		prepare_mapping(
			p, st->pool.addr[p->pool_addr].addr.s_addr, rte_cpu_to_be_16(p->port));
		table_prefetch(&st->bib4, p->bib4_hash);
	} else {
		return;
	}
	table_prefetch(&st->session4, p->session4_hash);
}

// What is full needs the second bucket.
static void
ask_for_others(struct state *st, const struct prepared *p)
{
	if (p->src4 == 0)
		return;
	table_prefetch_other(&st->session4, p->session4_hash);
	if (p->pool_addr != INDEX_NONE)
		table_prefetch_other(&st->bib4, p->bib4_hash);
}

void
state_prepare6(struct state *st, const struct session_key6 *keys, unsigned int n)
{
	struct plan plan[STATE_LOOKUP_MAX];
	struct prepared *p = st->prepared;

	assert(n <= STATE_LOOKUP_MAX);
	for (unsigned int i = 0; i < n; i++)
		ask_for_buckets(st, &keys[i], &p[i], i);
	for (unsigned int i = 0; i < n; i++)
		ask_for_rows(st, &p[i], &plan[i]);
	for (unsigned int i = 0; i < n; i++)
		ask_for_pool(st, &p[i], &plan[i]);
	for (unsigned int i = 0; i < n; i++)
		draw_block(st, &p[i], &plan[i]);
	for (unsigned int i = 0; i < n; i++)
		choose_port(st, &p[i], &plan[i]);
	for (unsigned int i = 0; i < n; i++)
		ask_for_others(st, &p[i]);
	st->prepared_keys = keys;
	st->n_prepared = n;
}

static bool
is_key(const struct session_key6 *a, const struct session_key6 *b)
{
	return (differ8(a, b, 0) | differ8(a, b, 8) | differ8(a, b, 16) | differ8(a, b, 24)) == 0;
}

struct prepared *
prepared_for(struct state *st, const struct session_key6 *key, struct prepared *own)
{
	size_t i = ((uintptr_t)key - (uintptr_t)st->prepared_keys) / sizeof(*key);

	if (likely(i < st->n_prepared && is_key(&st->prepared[i].key, key)))
		return &st->prepared[i];
	prepare_key(st, key, own);
	return own;
}

// ---- sessions that end

static void
ask_for_session_buckets(struct state *st, const struct session *s)
{
	struct session_key6 k6 = session_key6_of(s);
	struct session_key4 k4 = session_key4_of(s);

	table_prefetch(&st->session6, session_key6_hash(&k6));
	table_prefetch(&st->session4, session_key4_hash(&k4));
	rte_prefetch0(&st->bib[s->bib]);
}

// Of a binding that ends with its session.
static void
ask_for_binding(struct state *st, const struct bib *b)
{
	struct bib_key6 k6 = bib_key6_of(b);
	struct bib_key4 k4 = bib_key4_of(b);

	rte_prefetch0(&st->subscribers.row[b->subscriber]);
	if (b->sessions > 1)
		return;
	table_prefetch(&st->bib6, bib_key6_hash(&k6));
	table_prefetch(&st->bib4, bib_key4_hash(&k4));
	rte_prefetch0(&st->client[b->client]);
	if (b->pool_addr != POOL4_NONE)
		pool4_prefetch_port(&st->pool, b->pool_addr, state_proto_of(b->proto),
			rte_be_to_cpu_16(b->sport4));
}

void
prepare_ends(struct state *st, const uint32_t *session, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		ask_for_session_buckets(st, &st->session[session[i]]);
	for (unsigned int i = 0; i < n; i++)
		ask_for_binding(st, &st->bib[st->session[session[i]].bib]);
}
