// SPDX-License-Identifier: BSD-3-Clause
// A session that begins or ends touches about fifteen cache lines all over the memory. One after
// the other would wait for each of them; here those of many are asked for, pass by pass, before the
// first one is looked at. What is found out on the way is a guess: state_admit6 and state_expire
// decide.
#include "state/internal.h"

#include <assert.h>

struct plan {
	struct client_key client_key;
	struct client *client; // or NULL
	struct bib *bib;       // that there is already, or NULL
	uint32_t client_hash, bib_hash, subscriber_hash;
	bool wants_port;
	struct port_draw port;
};

static void
ask_for_buckets(struct state *st, const struct session_key6 *key, struct plan *p, unsigned int i)
{
	struct bib_key6 bib = {.src6 = key->src6, .sport = key->sport, .proto = key->proto};
	struct in6_addr prefix = prefix6_masked(&key->src6, st->subscribers.mask);
	uint32_t session = slots_peek(&st->sessions, i), free_bib = slots_peek(&st->bibs, i);

	p->client_key = client_key_for(st, &key->src6, key->pref64);
	p->client_hash = client_key_hash(&p->client_key);
	p->bib_hash = bib_key6_hash(&bib);
	p->subscriber_hash = prefix_hash(&prefix);
	table_prefetch(&st->client6, p->client_hash);
	table_prefetch(&st->bib6, p->bib_hash);
	table_prefetch(&st->subscribers.index, p->subscriber_hash);
	if (session != INDEX_NONE)
		rte_prefetch0(&st->session[session]);
	if (free_bib != INDEX_NONE)
		rte_prefetch0(&st->bib[free_bib]);
}

static void
ask_for_rows(struct state *st, struct plan *p)
{
	uint32_t client = table_guess(&st->client6, p->client_hash);
	uint32_t bib = table_guess(&st->bib6, p->bib_hash);
	uint32_t subscriber = table_guess(&st->subscribers.index, p->subscriber_hash);

	p->client = client == INDEX_NONE ? NULL : &st->client[client];
	p->bib = bib == INDEX_NONE ? NULL : &st->bib[bib];
	if (p->client)
		rte_prefetch0(p->client);
	if (p->bib)
		rte_prefetch0(p->bib);
	if (subscriber == INDEX_NONE)
		return;
	rte_prefetch0(&st->subscribers.row[subscriber]);
	if (st->subscribers.quota.new_per_sec != UINT32_MAX)
		rte_prefetch0(&st->subscribers.limits[subscriber]);
}

// Which pool address it will be, if a port is needed.
static void
choose_addr(struct state *st, const struct session_key6 *key, struct plan *p, struct prepared *out)
{
	enum state_proto proto = state_proto_of(key->proto);

	*out = (struct prepared){.sport = key->sport};
	p->wants_port = false;
	if (p->bib)
		return;
	if (p->client && p->client->set == p->client_key.set &&
		IN6_ARE_ADDR_EQUAL(&p->client->src6, &key->src6))
		out->pool_addr = p->client->pool_addr;
	else if (!client_pick_addr(st, &p->client_key, proto, &out->pool_addr))
		return;
	p->wants_port = true;
	pool4_prefetch(&st->pool, out->pool_addr, proto);
}

static void
draw_port(struct state *st, const struct session_key6 *key, struct plan *p,
	const struct prepared *out)
{
	if (p->wants_port)
		p->wants_port = pool4_draw(&st->pool, out->pool_addr, state_proto_of(key->proto),
			rte_be_to_cpu_16(key->sport), &p->port);
}

static void
choose_port(struct state *st, const struct session_key6 *key, const struct plan *p,
	struct prepared *out)
{
	rte_be32_t src4;
	rte_be16_t sport4;

	if (p->bib) {
		src4 = p->bib->src4;
		sport4 = p->bib->sport4;
	} else if (p->wants_port) {
		out->proto = key->proto;
		out->port = pool4_choose(
			&st->pool, out->pool_addr, state_proto_of(key->proto), &p->port);
		src4 = st->pool.addr[out->pool_addr].addr.s_addr;
		sport4 = rte_cpu_to_be_16(out->port);
	} else {
		return;
	}
	const struct bib_key4 b4 = {.src4 = src4, .sport = sport4, .proto = key->proto};
	const struct session_key4 s4 = {.dst4 = key->dst4,
		.src4 = src4,
		.dport = key->dport,
		.sport = sport4,
		.proto = key->proto};

	table_prefetch(&st->bib4, bib_key4_hash(&b4));
	table_prefetch(&st->session4, session_key4_hash(&s4));
}

void
state_prepare6(struct state *st, const struct session_key6 *keys, unsigned int n)
{
	struct plan plan[STATE_LOOKUP_MAX];

	assert(n <= STATE_LOOKUP_MAX);
	for (unsigned int i = 0; i < n; i++)
		ask_for_buckets(st, &keys[i], &plan[i], i);
	for (unsigned int i = 0; i < n; i++)
		ask_for_rows(st, &plan[i]);
	for (unsigned int i = 0; i < n; i++)
		choose_addr(st, &keys[i], &plan[i], &st->prepared[i]);
	for (unsigned int i = 0; i < n; i++)
		draw_port(st, &keys[i], &plan[i], &st->prepared[i]);
	for (unsigned int i = 0; i < n; i++)
		choose_port(st, &keys[i], &plan[i], &st->prepared[i]);
	st->prepared_keys = keys;
	st->n_prepared = n;
}

bool
prepared_take(struct state *st, const struct session_key6 *key, uint32_t pool_addr, uint16_t *port)
{
	size_t i = ((uintptr_t)key - (uintptr_t)st->prepared_keys) / sizeof(*key);
	struct prepared *p;

	if (i >= st->n_prepared)
		return false;
	p = &st->prepared[i];
	if (p->proto != key->proto || p->sport != key->sport || p->pool_addr != pool_addr)
		return false;
	p->proto = 0;
	*port = p->port;
	return pool4_take_port(&st->pool, pool_addr, state_proto_of(key->proto), p->port);
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
