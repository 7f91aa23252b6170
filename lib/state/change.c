// SPDX-License-Identifier: BSD-3-Clause
#include "state/change.h"

#include "state/change_impl.h"
#include "state/static_map.h"

#include <assert.h>
#include <rte_malloc.h>

#define ADDRESS_COST 64 // of a pool address, in entries: its ports are some thousand words
#define END_COST     8  // of a session that ends

// ---- prepare

static int
prepare_pool(struct state_change *c, const struct state *st, const struct state_params *p,
	struct err *err)
{
	int ret = pool4_init(&c->pool, p, err);

	if (!ret)
		ret = pool4_succeed(&c->pool, &st->pool, c->static_map, p->socket_id, err);
	if (!ret)
		statics_keep_back(st, c);
	return ret;
}

static int
prepare_statics(struct state_change *c, const struct state *st, const struct state_params *p,
	struct err *err)
{
	uint32_t n = statics_count(p);

	if (n > st->max_static)
		return err_set(err, -ENOSPC,
			"nat64.static: %u ports for clients of worker %u, and since the start room "
			"for %u: needs a restart",
			n, p->worker, st->max_static);
	if (p->nat64->n_static)
		c->static_map = static_map_create(p->nat64);
	if (statics_copy(&c->statics, p->nat64, p->socket_id) ||
		(p->nat64->n_static && !c->static_map))
		return err_set(
			err, -ENOMEM, "no memory for %u static bindings", p->nat64->n_static);
	return 0;
}

static int
prepare_hold(struct state_change *c, const struct state *st, const struct state_params *p,
	struct err *err)
{
	c->hold_sec = p->nat64->port_hold_sec;
	c->shorter_hold = c->hold_sec < st->pool.hold.sec;
	if (st->pool.hold.ring)
		return 0;
	if (hold_init(&c->hold, c->hold_sec, state_share(p->nat64->port_hold_max, p), p->socket_id))
		return err_set(err, -ENOMEM, "no memory for resting ports");
	return 0;
}

static bool
any_shorter(const uint32_t *was, const uint32_t *is)
{
	for (unsigned int i = 0; i < TIMEOUT__N; i++)
		if (is[i] < was[i])
			return true;
	return false;
}

static bool
is_stricter(enum config_filtering is, enum config_filtering was)
{
	static const unsigned int order[] = {
		[FILTERING_ENDPOINT] = 0, [FILTERING_ADDRESS] = 1, [FILTERING_ADDRESS_PORT] = 2};

	return order[is] > order[was];
}

static void
fill_policy(struct state_change *c, const struct state *st, const struct state_params *p)
{
	const struct config_nat64 *n = p->nat64;

	memcpy(c->timeout, n->timeout, sizeof(c->timeout));
	c->shorter = any_shorter(st->timeout, c->timeout);
	c->quota = quota_share_of(p);
	c->soft_pairing = n->pairing == PAIRING_SOFT;
	c->alarm = n->pool4_alarm;
	c->filtering = n->filtering;
	c->stricter = is_stricter(n->filtering, st->filtering);
	c->max_inbound = n->max_inbound;
	c->syns_open = n->tcp_incoming != TCP_INCOMING_DROP;
}

struct state_change *
state_change_prepare(
	const struct state *st, const struct state_change_params *params, struct err *err)
{
	const struct state_params *p = &params->state;
	struct state_change *c = rte_zmalloc_socket("change", sizeof(*c), 0, p->socket_id);

	if (!c) {
		err_set(err, -ENOMEM, "no memory for a change of the NAT64 state");
		return NULL;
	}
	c->has_pool = params->pool;
	c->prefixes_gone = p->prefixes_gone;
	fill_policy(c, st, p);
	c->all_sessions = params->all_sessions || c->shorter || c->stricter || c->has_pool;
	if ((c->has_pool && (prepare_statics(c, st, p, err) || prepare_pool(c, st, p, err))) ||
		prepare_hold(c, st, p, err)) {
		state_change_free(c);
		return NULL;
	}
	return c;
}

void
state_change_free(struct state_change *c)
{
	if (!c)
		return;
	if (c->surveyed)
		c->surveyed->pool.next = NULL;
	if (c->has_pool)
		pool4_fini(&c->pool);
	statics_fini(&c->statics);
	static_map_free(c->static_map);
	hold_fini(&c->hold);
	rte_free(c);
}

// ---- begin

bool
state_change_survey(struct state *st, struct state_change *c, unsigned int budget)
{
	bool more = c->has_pool;

	c->surveyed = st;
	for (unsigned int cost = 0; more && cost < budget; cost += ADDRESS_COST)
		more = pool4_survey(&st->pool, &c->pool);
	return more;
}

void
state_change_begin(struct state *st, struct state_change *c, uint32_t now_sec)
{
	assert(!c->has_pool || c->pool.heritage->known == c->pool.n_addr);
	c->surveyed = NULL;
	st->change = c;
	memcpy(st->timeout, c->timeout, sizeof(st->timeout));
	st->subscribers.quota = c->quota;
	st->soft_pairing = c->soft_pairing;
	st->mixed_pairing |= c->soft_pairing;
	st->filtering = c->filtering;
	st->max_inbound = c->max_inbound;
	st->syns.open = c->syns_open;
	if (c->has_pool) {
		struct statics old = st->statics;

		pool4_swap(&st->pool, &c->pool);
		st->n_prepared = 0;
		st->statics = c->statics;
		c->statics = old;
	}
	if (c->hold.ring) {
		st->pool.hold = c->hold;
		c->hold.ring = NULL;
	}
	hold_change(&st->pool.hold, c->hold_sec, now_sec);
	st->pool.alarm = c->alarm;
	st->pool.now_sec = now_sec;
	c->phase = c->has_pool ? CHANGE_CLIENTS : CHANGE_HOLD;
}

// ---- what is carried over

bool
client_is_old(const struct state *st, const struct client *c)
{
	return c->set != CLIENT_RETIRED && (c->set & CLIENT_GENERATION) != st->pool.generation;
}

// A set that the client may be in from now on, with the client's address in it; by the first
// prefix for which there is one.
static bool
new_set(const struct state *st, const struct client *c, struct client_key *key, uint32_t *addr)
{
	const struct pool_sets *sets = &st->pool.client_sets;

	for (unsigned int p = 0; p < sets->n_prefix; p++) {
		uint32_t i = pool_sets_find(sets, &c->src6, p);

		if (!pool4_successor(&st->pool, c->pool_addr, &sets->set[i], addr))
			continue;
		*key = (struct client_key){.src6 = c->src6, .set = i | st->pool.generation};
		return true;
	}
	return false;
}

// One whose address is not for it any more, or that is there already by another set, is retired:
// its bindings go on as far as they may, new ones are another client's.
void
client_carry_over(struct state *st, uint32_t index)
{
	struct client *c = &st->client[index];
	struct client_key key = client_key_of(c);
	uint32_t addr;

	table_del(&st->client6, client_key_hash(&key), index);
	c->set = CLIENT_RETIRED;
	st->n_retired++;
	if (!new_set(st, c, &key, &addr) ||
		table_find(&st->client6, &key, client_key_hash(&key)) != INDEX_NONE ||
		table_add(&st->client6, client_key_hash(&key), index) < 0)
		return;
	st->n_retired--;
	c->set = key.set;
	c->pool_addr = addr;
	st->pool.addr[addr].clients++;
}

uint32_t
client_find_old(struct state *st, const struct in6_addr *src6, unsigned int pref64)
{
	const struct pool4 *old = st->change && st->change->has_pool ? &st->change->pool : NULL;
	struct client_key key = {.src6 = *src6};

	if (!old || pref64 >= old->client_sets.n_prefix)
		return INDEX_NONE;
	key.set = pool_sets_find(&old->client_sets, src6, pref64) | old->generation;
	return table_find(&st->client6, &key, client_key_hash(&key));
}

static bool
bib_is_old(const struct state *st, const struct bib *b)
{
	return st->change && st->change->has_pool &&
	       (b->flags & BIB_GENERATION) != bib_generation(st);
}

void
bib_carry_over(struct state *st, struct bib *b)
{
	enum state_proto proto = state_proto_of(b->proto);
	uint32_t addr;

	if (!bib_is_old(st, b))
		return;
	b->flags ^= BIB_GENERATION;
	if (b->flags & BIB_STATIC) {
		static_carry_over(st, b);
	} else if (pool4_inherit(
			   &st->pool, b->pool_addr, proto, rte_be_to_cpu_16(b->sport4), &addr)) {
		st->pool.addr[addr].used[proto]++;
		b->pool_addr = (uint16_t)addr;
	} else {
		b->pool_addr = POOL4_NONE;
	}
}

// May the binding go on: does its address serve the client under any prefix that there still is?
// That one is also where outsiders appear, if the prefix it began with went.
bool
bib_may_stay(struct state *st, struct bib *b)
{
	const struct pool_sets *sets = &st->pool.client_sets;

	if (!st->change || !st->change->has_pool)
		return true;
	bib_carry_over(st, b);
	if (b->pool_addr == POOL4_NONE || (b->flags & (BIB_STATIC | BIB_CLAIMED)))
		return b->pool_addr != POOL4_NONE && (b->flags & BIB_STATIC);
	for (unsigned int p = 0; p < sets->n_prefix; p++) {
		if (!pool_set_has(&sets->set[pool_sets_find(sets, &b->src6, p)], b->pool_addr))
			continue;
		if (st->change->prefixes_gone >> b->pref64 & 1)
			b->pref64 = (uint8_t)p;
		return true;
	}
	return false;
}

// ---- the slices

static bool
step_clients(struct state *st, struct state_change *c, unsigned int budget)
{
	for (; budget && c->cursor < st->clients.top; budget--) {
		uint32_t i = c->cursor++;

		if (st->client[i].bindings && client_is_old(st, &st->client[i]))
			client_carry_over(st, i);
	}
	return c->cursor < st->clients.top;
}

// Those that have no session would not be met by way of one.
static bool
step_bibs(struct state *st, struct state_change *c, unsigned int budget)
{
	for (; budget && c->cursor < st->bibs.top; budget--) {
		struct bib *b = &st->bib[c->cursor++];

		if (bib_in_use(b))
			bib_carry_over(st, b);
	}
	return c->cursor < st->bibs.top;
}

// What outsiders began stays if it could begin now.
static bool
filter_lets_stay(const struct state *st, const struct state_change *c, const struct session *s)
{
	bool asked = st->bib[s->bib].flags & BIB_STATIC ? c->has_pool : c->stricter;

	return !asked || !(s->flags & SESSION_INBOUND) || filter_allows(st, s->bib, s->dst4);
}

static bool
session_may_stay(struct state *st, const struct state_change *c, const struct session *s,
	const struct state_change_ops *ops)
{
	return bib_may_stay(st, &st->bib[s->bib]) && !(c->prefixes_gone >> s->pref64 & 1) &&
	       filter_lets_stay(st, c, s) && ops->keep(ops->arg, s);
}

static bool
step_sessions(struct state *st, struct state_change *c, unsigned int budget,
	const struct state_change_ops *ops)
{
	for (unsigned int cost = 0; cost < budget && c->cursor < st->sessions.top; cost++) {
		struct session *s = &st->session[c->cursor++];

		if (!s->proto)
			continue;
		if (session_may_stay(st, c, s, ops)) {
			if (c->shorter)
				expiry_renew(st, s);
			continue;
		}
		ops->end(ops->arg, s);
		state_end(st, s);
		cost += END_COST;
	}
	return c->cursor < st->sessions.top;
}

static bool
step(struct state *st, struct state_change *c, unsigned int budget,
	const struct state_change_ops *ops)
{
	switch (c->phase) {
	case CHANGE_CLIENTS:
		return step_clients(st, c, budget);
	case CHANGE_BIBS:
		return step_bibs(st, c, budget);
	case CHANGE_CLAIM:
		return statics_claim(st, c, budget);
	case CHANGE_HOLD:
		return (c->has_pool || c->shorter_hold) && pool4_step_hold(&st->pool, budget);
	case CHANGE_SESSIONS:
		return c->all_sessions && step_sessions(st, c, budget, ops);
	case CHANGE_END_STATICS:
		return statics_end(st, c, budget);
	case CHANGE_RELEASE:
		return statics_release(st, c, budget);
	default:
		return statics_put(st, c, budget, ops);
	}
}

bool
state_change_step(struct state *st, unsigned int budget, const struct state_change_ops *ops)
{
	struct state_change *c = st->change;

	if (step(st, c, budget, ops))
		return true;
	c->cursor = 0;
	c->walk = (struct static_walk){0};
	c->phase++;
	if (c->phase < (c->has_pool ? CHANGE__N : CHANGE_END_STATICS))
		return true;
	if (c->has_pool)
		pool4_part(&st->pool);
	st->change = NULL;
	return false;
}

bool
state_change_has_ended(const struct state *st)
{
	return !st->change || st->change->phase >= CHANGE_RELEASE;
}

static bool
keep_all(void *arg, const struct session *s)
{
	return true;
}

static void
end_silently(void *arg, const struct session *s)
{
}

void
state_change_finish(struct state *st)
{
	const struct state_change_ops ops = {.keep = keep_all, .end = end_silently};
	struct state_change *c = st->change;

	while (c && state_change_step(st, UINT16_MAX, &ops))
		;
	state_change_free(c);
}
