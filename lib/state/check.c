// SPDX-License-Identifier: BSD-3-Clause
#include "state/internal.h"

#include <stdlib.h>

// What is counted by walking, to be compared with the counters.
struct tally {
	struct err *err;
	uint32_t *bib_sessions;             // by BIB entry
	uint32_t *client_bindings;          // by client
	uint32_t *listed;                   // by session: how often the wheel has it
	struct subscriber *subscriber;      // by subscriber: clients, bindings, sessions
	uint32_t (*pool)[POOL4_PROTOS + 1]; // by pool address: ports by protocol, then clients
	uint32_t *bib_inbound;              // ... of these from the IPv4 side
	uint32_t *peers_want, *peers;       // by BIB entry: weights of the peers
	uint32_t sessions[POOL4_PROTOS], bibs[POOL4_PROTOS], clients, retired;
};

#define FAIL_UNLESS(t, cond, what, i) \
	do { \
		if (!(cond)) { \
			err_set((t)->err, -EINVAL, "%s %u: %s", what, i, #cond); \
			return false; \
		} \
	} while (0)

bool
session_timer_right(const struct session *s)
{
	switch (s->proto) {
	case IPPROTO_UDP:
		return s->timer == TIMEOUT_UDP && s->tcp == 0;
	case IPPROTO_ICMP:
		return s->timer == TIMEOUT_ICMP && s->tcp == 0;
	default:
		return s->timer >= TIMEOUT_TCP_TRANSITORY && s->timer <= TIMEOUT_TCP_SYN &&
		       s->tcp > TCP_CLOSED && s->tcp < TCP_STATE__N;
	}
}

static bool
session_check(const struct state *st, struct tally *t, uint32_t i)
{
	const struct session *s = &st->session[i];
	struct session_key6 k6 = session_key6_of(s);
	struct session_key4 k4 = session_key4_of(s);
	const struct bib *b = &st->bib[s->bib];

	FAIL_UNLESS(t, s->bib < st->bibs.top, "session", i);
	FAIL_UNLESS(t, memcmp(&s->src6, &b->src6, sizeof(s->src6)) == 0, "session", i);
	FAIL_UNLESS(t, s->sport6 == b->sport6 && s->sport4 == b->sport4, "session", i);
	FAIL_UNLESS(t, s->src4 == b->src4 && s->proto == b->proto, "session", i);
	FAIL_UNLESS(t, session_timer_right(s), "session", i);
	FAIL_UNLESS(t, table_find(&st->session6, &k6, session_key6_hash(&k6)) == i, "session", i);
	FAIL_UNLESS(t, table_find(&st->session4, &k4, session_key4_hash(&k4)) == i, "session", i);
	FAIL_UNLESS(t, t->listed[i] == 1, "session", i);
	if (!(b->flags & BIB_STATIC))
		t->peers_want[s->bib] += peer_weight(s->dst4, s->flags & SESSION_INBOUND);
	t->bib_inbound[s->bib] += (s->flags & SESSION_INBOUND) != 0;
	t->bib_sessions[s->bib]++;
	t->subscriber[b->subscriber].sessions++;
	t->sessions[state_proto_of(s->proto)]++;
	return true;
}

// The port of a static binding may be nobody's in the pool, and another worker's.
static bool
port_check(const struct state *st, const struct bib *b, enum state_proto proto)
{
	uint16_t port = rte_be_to_cpu_16(b->sport4);

	if (b->flags & BIB_STATIC)
		return !pool4_is_free(&st->pool, b->pool_addr, proto, port);
	return pool4_is_taken(&st->pool, b->pool_addr, proto, port);
}

static bool
bib_check(const struct state *st, struct tally *t, uint32_t i)
{
	const struct bib *b = &st->bib[i];
	enum state_proto proto = state_proto_of(b->proto);
	struct bib_key6 k6 = bib_key6_of(b);
	struct bib_key4 k4 = bib_key4_of(b);
	const struct client *c = &st->client[b->client];

	FAIL_UNLESS(t, b->sessions == t->bib_sessions[i], "bib", i);
	FAIL_UNLESS(t, b->client < st->clients.top, "bib", i);
	FAIL_UNLESS(t, memcmp(&b->src6, &c->src6, sizeof(b->src6)) == 0, "bib", i);
	FAIL_UNLESS(t, b->inbound == t->bib_inbound[i], "bib", i);
	FAIL_UNLESS(t, t->peers[i] == t->peers_want[i], "bib", i);
	FAIL_UNLESS(t,
		st->mixed_pairing || c->set == CLIENT_RETIRED || b->flags & BIB_STATIC ||
			b->src4 == st->pool.addr[c->pool_addr].addr.s_addr,
		"bib", i);
	FAIL_UNLESS(t, b->subscriber == c->subscriber, "bib", i);
	FAIL_UNLESS(t, (b->flags & BIB_GENERATION) == bib_generation(st), "bib", i);
	FAIL_UNLESS(t, b->pool_addr < st->pool.n_addr, "bib", i);
	FAIL_UNLESS(t, b->src4 == st->pool.addr[b->pool_addr].addr.s_addr, "bib", i);
	FAIL_UNLESS(t, port_check(st, b, proto), "bib", i);
	FAIL_UNLESS(t, table_find(&st->bib6, &k6, bib_key6_hash(&k6)) == i, "bib", i);
	FAIL_UNLESS(t, table_find(&st->bib4, &k4, bib_key4_hash(&k4)) == i, "bib", i);
	t->client_bindings[b->client]++;
	t->bibs[proto]++;
	if (b->flags & BIB_STATIC)
		return true;
	t->subscriber[b->subscriber].bindings++;
	t->pool[b->pool_addr][proto]++;
	return true;
}

static bool
client_check(const struct state *st, struct tally *t, uint32_t i)
{
	const struct client *c = &st->client[i];
	struct client_key key = client_key_of(c);

	FAIL_UNLESS(t, c->bindings == t->client_bindings[i], "client", i);
	t->subscriber[c->subscriber].clients++;
	t->clients++;
	t->retired += c->set == CLIENT_RETIRED;
	if (c->set == CLIENT_RETIRED)
		return true;
	FAIL_UNLESS(t, c->pool_addr < st->pool.n_addr, "client", i);
	FAIL_UNLESS(t, table_find(&st->client6, &key, client_key_hash(&key)) == i, "client", i);
	t->pool[c->pool_addr][POOL4_PROTOS]++;
	return true;
}

// The second at which a list is worked off: one of those before the wheel comes round.
static uint64_t
slot_sec(const struct expiry *e, uint32_t slot)
{
	if (slot == EXPIRY_DUE)
		return 0;
	return e->sec + (slot - e->sec) % EXPIRY_SLOTS;
}

static bool
list_check(const struct state *st, struct tally *t, uint32_t slot)
{
	const struct expiry *e = &st->expiry;
	uint32_t prev = EXPIRY_HEAD | slot;

	for (uint32_t i = e->head[slot]; i != INDEX_NONE; i = st->session[i].wheel_next) {
		const struct session *s = &st->session[i];

		FAIL_UNLESS(t, i < st->sessions.top && s->proto, "list", slot);
		FAIL_UNLESS(t, s->wheel_prev == prev, "list", slot);
		FAIL_UNLESS(t, t->listed[i]++ == 0, "list", slot);
		FAIL_UNLESS(t, slot_sec(e, slot) <= RTE_MAX(expiry_due_sec(st, s), e->sec), "list",
			slot);
		prev = i;
	}
	return true;
}

static bool
walk_all(const struct state *st, struct tally *t)
{
	peer_sum(st, t->peers);
	for (uint32_t i = 0; i <= EXPIRY_SLOTS; i++)
		if (!list_check(st, t, i))
			return false;
	for (uint32_t i = 0; i < st->sessions.top; i++)
		if (st->session[i].proto && !session_check(st, t, i))
			return false;
	for (uint32_t i = 0; i < st->bibs.top; i++)
		if ((bib_in_use(&st->bib[i]) || t->bib_sessions[i]) && !bib_check(st, t, i))
			return false;
	for (uint32_t i = 0; i < st->clients.top; i++)
		if ((st->client[i].bindings || t->client_bindings[i]) && !client_check(st, t, i))
			return false;
	return true;
}

static bool
subscribers_check(const struct state *st, struct tally *t)
{
	const struct subscribers *all = &st->subscribers;
	uint32_t idle = 0, n = 0, prev = INDEX_NONE;

	for (uint32_t i = 0; i < all->slots.top; i++) {
		const struct subscriber *s = &all->row[i], *want = &t->subscriber[i];

		FAIL_UNLESS(t, s->clients == want->clients, "subscriber", i);
		FAIL_UNLESS(t, subscriber_bindings(s) == want->bindings, "subscriber", i);
		FAIL_UNLESS(t, subscriber_sessions(s) == want->sessions, "subscriber", i);
		idle += s->clients == 0;
	}
	for (uint32_t i = all->idle_first; i != INDEX_NONE; i = all->row[i].idle_next, n++) {
		const struct subscriber *s = &all->row[i];

		FAIL_UNLESS(
			t, n < idle && s->clients == 0 && s->idle_prev == prev, "subscriber", i);
		FAIL_UNLESS(t, table_find(&all->index, &s->prefix, prefix_hash(&s->prefix)) == i,
			"subscriber", i);
		prev = i;
	}
	FAIL_UNLESS(t, n == all->n_idle && prev == all->idle_last, "idle subscribers", n);
	FAIL_UNLESS(t, idle == n + all->slots.n_freed, "free subscribers", idle);
	FAIL_UNLESS(
		t, all->index.n == slots_used(&all->slots), "subscribers", slots_used(&all->slots));
	return true;
}

static bool
tables_check(const struct state *st, struct tally *t)
{
	const struct table *all[] = {&st->session6, &st->session4, &st->bib6, &st->bib4,
		&st->client6, &st->subscribers.index};
	const struct slots *slots[] = {
		&st->sessions, &st->bibs, &st->clients, &st->peers, &st->subscribers.slots};
	uint32_t n;

	for (unsigned int i = 0; i < RTE_DIM(all); i++)
		FAIL_UNLESS(t, table_check(all[i], &n), "table", i);
	FAIL_UNLESS(t, table_check(&st->peer_index, &n), "peers", st->peer_index.n);
	FAIL_UNLESS(t, slots_used(&st->peers) == st->peer_index.n, "peers", st->peer_index.n);
	for (unsigned int i = 0; i < RTE_DIM(slots); i++)
		FAIL_UNLESS(t, slots_check(slots[i]), "free elements of array", i);
	return true;
}

// Nothing is in a table or marked as used that was not found by walking.
static bool
totals_check(const struct state *st, struct tally *t)
{
	uint32_t sessions = 0, bibs = 0;

	for (unsigned int p = 0; p < POOL4_PROTOS; p++) {
		const struct state_stats *s = &st->stats;

		FAIL_UNLESS(t, s->sessions[p] == t->sessions[p], "protocol", p);
		FAIL_UNLESS(t, s->bibs[p] == t->bibs[p], "protocol", p);
		FAIL_UNLESS(t, s->created[p] - s->ended[p] == t->sessions[p], "protocol", p);
		sessions += t->sessions[p];
		bibs += t->bibs[p];
	}
	FAIL_UNLESS(t, slots_used(&st->sessions) == sessions, "sessions", sessions);
	FAIL_UNLESS(t, slots_used(&st->bibs) == bibs, "bibs", bibs);
	FAIL_UNLESS(t, slots_used(&st->clients) == t->clients, "clients", t->clients);
	FAIL_UNLESS(t, st->session6.n == sessions, "sessions", sessions);
	FAIL_UNLESS(t, st->session4.n == sessions, "sessions", sessions);
	FAIL_UNLESS(t, st->bib6.n == bibs, "bibs", bibs);
	FAIL_UNLESS(t, st->bib4.n == bibs, "bibs", bibs);
	FAIL_UNLESS(t, st->client6.n == t->clients - t->retired, "clients", t->clients);
	FAIL_UNLESS(t, st->n_retired == t->retired, "retired clients", t->retired);
	return true;
}

static bool
pool_totals_check(const struct state *st, struct tally *t)
{
	for (uint32_t i = 0; i < st->pool.n_addr; i++) {
		const struct pool4_addr *a = &st->pool.addr[i];

		for (unsigned int p = 0; p < POOL4_PROTOS; p++)
			FAIL_UNLESS(t, a->used[p] == t->pool[i][p] && !a->pending[p],
				"pool address", i);
		FAIL_UNLESS(t, a->clients == t->pool[i][POOL4_PROTOS], "pool address", i);
	}
	FAIL_UNLESS(t, syns_check(&st->syns), "stored SYNs", st->syns.n);
	return pool4_check(&st->pool, t->err);
}

bool
state_check(const struct state *st, struct err *err)
{
	struct tally t = {
		.err = err,
		.bib_sessions = calloc(st->bibs.top + 1, sizeof(*t.bib_sessions)),
		.bib_inbound = calloc(st->bibs.top + 1, sizeof(*t.bib_inbound)),
		.peers_want = calloc(st->bibs.top + 1, sizeof(*t.peers_want)),
		.peers = calloc(st->bibs.top + 1, sizeof(*t.peers)),
		.client_bindings = calloc(st->clients.top + 1, sizeof(*t.client_bindings)),
		.listed = calloc(st->sessions.top + 1, sizeof(*t.listed)),
		.pool = calloc(st->pool.n_addr, sizeof(*t.pool)),
		.subscriber = calloc(st->subscribers.slots.top + 1, sizeof(*t.subscriber)),
	};
	bool ok = t.bib_sessions && t.bib_inbound && t.peers_want && t.peers && t.client_bindings &&
		  t.listed && t.pool && t.subscriber;

	if (!ok)
		err_set(err, -ENOMEM, "no memory to check");
	ok = ok && tables_check(st, &t) && walk_all(st, &t) && subscribers_check(st, &t) &&
	     totals_check(st, &t) && pool_totals_check(st, &t);
	free(t.bib_sessions);
	free(t.bib_inbound);
	free(t.peers_want);
	free(t.peers);
	free(t.client_bindings);
	free(t.listed);
	free(t.pool);
	free(t.subscriber);
	return ok;
}
