// SPDX-License-Identifier: BSD-3-Clause
#include "state/internal.h"
#include "state/snapshot_format.h"

#define RESTORED SNAPSHOT_LEFT__N

const char *const snapshot_left_text[SNAPSHOT_LEFT__N] = {
	[SNAPSHOT_EXPIRED] = "expired",
	[SNAPSHOT_PREFIX] = "prefix gone",
	[SNAPSHOT_POLICY] = "not allowed any more",
	[SNAPSHOT_POOL] = "address or port not in the pool any more",
	[SNAPSHOT_WORKER] = "of another worker now",
	[SNAPSHOT_ROOM] = "no room",
};

struct restore {
	const struct snapshot *from;
	const struct snapshot_target *to;
	int prefix[CONFIG_PREF64]; // what the saved ones are now; -1: gone
};

static void
map_prefixes(struct restore *x)
{
	const struct config_nat64 *c = x->to->nat64;

	for (unsigned int i = 0; i < x->from->n_prefix; i++) {
		x->prefix[i] = -1;
		for (unsigned int k = 0; k < c->n_prefix; k++)
			if (c->prefix[k].len == x->from->prefix[i].len &&
				IN6_ARE_ADDR_EQUAL(
					&c->prefix[k].prefix, &x->from->prefix[i].prefix))
				x->prefix[i] = (int)k;
	}
}

// The index of a pool address, of the entry that has the port.
static uint32_t
pool_addr_of(const struct config_nat64 *c, rte_be32_t src4, uint16_t port)
{
	uint32_t a = rte_be_to_cpu_32(src4), at = 0;

	for (unsigned int i = 0; i < c->n_pool4; i++) {
		const struct config_pool4 *e = &c->pool4[i];
		uint32_t first = rte_be_to_cpu_32(e->first.s_addr);
		uint32_t last = rte_be_to_cpu_32(e->last.s_addr);

		if (a >= first && a <= last && port >= e->port_first && port <= e->port_last)
			return at + (a - first);
		at += last - first + 1;
	}
	return INDEX_NONE;
}

// ---- a session

// How long it has been idle; last_sec is this before now, as far as the clock goes back.
static uint64_t
idle_sec(const struct restore *x, const struct snapshot_session *r)
{
	return rte_le_to_cpu_32(r->idle_sec) + x->to->passed_sec;
}

// How long it may be idle before it ends. What is probed first (N64-TCP-05) still is.
static uint64_t
lifetime_sec(const struct restore *x, const struct snapshot_session *r)
{
	const uint32_t *timeout = x->to->nat64->timeout;
	uint64_t end = (uint64_t)timeout[r->timer] + 1;

	if (r->proto == IPPROTO_TCP && tcp_machine[r->tcp][TCP_TIMEOUT].probe)
		end += timeout[TIMEOUT_TCP_TRANSITORY];
	return end;
}

static struct session
session_of_record(const struct restore *x, const struct snapshot_session *r)
{
	struct session s = {
		.dst4 = r->dst4,
		.src4 = r->src4,
		.sport6 = r->sport6,
		.sport4 = r->sport4,
		.dport = r->dport,
		.proto = r->proto,
		.pref64 = (uint8_t)x->prefix[r->pref64],
		.tcp = r->tcp,
		.timer = r->timer,
		.flags = r->flags,
		.last_sec = x->to->now_sec -
			    (uint32_t)RTE_MIN(idle_sec(x, r), (uint64_t)x->to->now_sec),
	};

	memcpy(&s.src6, r->src6, sizeof(s.src6));
	return s;
}

// The set with the pool address that serves the client: under the prefix by which it got the
// address, or else under another one. INDEX_NONE: it may not have the address.
static uint32_t
set_with(const struct restore *x, const struct pool_sets *sets, const struct snapshot_session *r,
	const struct in6_addr *src6, uint32_t addr)
{
	int first = x->prefix[r->client_pref64];

	for (int i = first < 0 ? 0 : -1; i < (int)x->to->nat64->n_prefix; i++) {
		uint32_t set = pool_sets_find(sets, src6, (unsigned int)(i < 0 ? first : i));

		if (pool_set_has(&sets->set[set], addr))
			return set;
	}
	return INDEX_NONE;
}

// The client that has pool address addr, or that may have it.
static uint32_t
restore_client(const struct restore *x, struct state *st, const struct snapshot_session *r,
	const struct in6_addr *src6, uint32_t addr, enum snapshot_left *why)
{
	const struct pool_sets *sets = &st->pool.client_sets;
	struct client_key key = {.src6 = *src6, .set = set_with(x, sets, r, src6, addr)};
	uint32_t paired = r->client4 == r->src4 ? addr
						: pool_addr_of(x->to->nat64, r->client4,
							  rte_be_to_cpu_16(r->sport4));
	uint32_t i, sub;

	*why = SNAPSHOT_POOL;
	if (key.set == INDEX_NONE || (paired != addr && !st->soft_pairing))
		return INDEX_NONE;
	i = table_find(&st->client6, &key, client_key_hash(&key));
	if (i != INDEX_NONE)
		return st->soft_pairing || st->client[i].pool_addr == addr ? i : INDEX_NONE;
	if (!pool_set_has(&sets->set[key.set], paired))
		paired = addr;
	*why = SNAPSHOT_ROOM;
	sub = subscriber_admit(&st->subscribers, src6);
	return sub == INDEX_NONE ? INDEX_NONE : client_add(st, &key, paired, sub);
}

static uint32_t
restore_bib(const struct restore *x, struct state *st, const struct snapshot_session *r,
	const struct session_key6 *key, enum snapshot_left *why)
{
	uint16_t port = rte_be_to_cpu_16(r->sport4);
	uint32_t addr = pool_addr_of(x->to->nat64, r->src4, port), client, i = INDEX_NONE;
	enum state_proto proto = state_proto_of(r->proto);
	struct prepared p;

	*why = SNAPSHOT_POOL;
	if (addr == INDEX_NONE)
		return INDEX_NONE;
	*why = SNAPSHOT_WORKER;
	if (x->to->st[state_owner_of_port(port, x->to->n_worker)] != st)
		return INDEX_NONE;
	*why = SNAPSHOT_ROOM;
	if (bibs_full(st))
		return INDEX_NONE;
	client = restore_client(x, st, r, &key->src6, addr, why);
	if (client == INDEX_NONE)
		return INDEX_NONE;
	*why = SNAPSHOT_POOL;
	if (pool4_take_port(&st->pool, addr, proto, port)) {
		*why = SNAPSHOT_ROOM;
		prepare_key(st, key, &p);
		prepare_mapping(&p, r->src4, r->sport4);
		i = bib_add(st, &p, client, addr);
		if (i == INDEX_NONE)
			pool4_give(&st->pool, addr, proto, port);
		else if (x->prefix[r->bib_pref64] >= 0)
			st->bib[i].pref64 = (uint8_t)x->prefix[r->bib_pref64];
	}
	client_end_if_idle(st, client);
	return i;
}

static enum snapshot_left
restore_in(const struct restore *x, struct state *st, const struct snapshot_session *r,
	struct session *s)
{
	struct session_key6 key = session_key6_of(s);
	struct bib_key6 bib = {.src6 = s->src6, .sport = s->sport6, .proto = s->proto};
	enum snapshot_left why = SNAPSHOT_POOL;
	enum drop_reason full;
	struct session *made;

	if (slots_full(&st->sessions) ||
		table_find(&st->session6, &key, session_key6_hash(&key)) != INDEX_NONE)
		return SNAPSHOT_ROOM;
	s->bib = table_find(&st->bib6, &bib, bib_key6_hash(&bib));
	if (s->bib == INDEX_NONE)
		s->bib = restore_bib(x, st, r, &key, &why);
	else if (st->bib[s->bib].src4 != s->src4 || st->bib[s->bib].sport4 != s->sport4)
		return SNAPSHOT_POOL;
	if (s->bib == INDEX_NONE)
		return why;
	made = session_add(st, s, &full);
	bib_end_if_idle(st, s->bib);
	if (made && x->to->restored)
		x->to->restored(x->to->arg, made);
	return made ? RESTORED : SNAPSHOT_ROOM;
}

static enum snapshot_left
restore_session(const struct restore *x, const struct snapshot_session *r)
{
	struct session_key6 key;
	struct session s;
	unsigned int owner;

	if (idle_sec(x, r) >= lifetime_sec(x, r))
		return SNAPSHOT_EXPIRED;
	if (x->prefix[r->pref64] < 0)
		return SNAPSHOT_PREFIX;
	s = session_of_record(x, r);
	key = session_key6_of(&s);
	if (x->to->allowed && !x->to->allowed(x->to->arg, &key))
		return SNAPSHOT_POLICY;
	owner = state_owner_of_src6(&s.src6, x->to->n_worker);
	return restore_in(x, x->to->st[owner], r, &s);
}

// ---- ports at rest

static void
rest(const struct restore *x, rte_be32_t src4, rte_be16_t port_be, uint8_t proto, uint64_t left_sec)
{
	uint16_t port = rte_be_to_cpu_16(port_be);
	struct pool4 *p = &x->to->st[state_owner_of_port(port, x->to->n_worker)]->pool;
	uint32_t addr = pool_addr_of(x->to->nat64, src4, port);
	uint32_t left = (uint32_t)RTE_MIN(left_sec, p->hold.sec + UINT64_C(1));

	if (addr != INDEX_NONE && left)
		pool4_rest(p, addr, state_proto_of(proto), port, x->to->now_sec + left);
}

static void
restore_resting(const struct restore *x, const struct snapshot_resting *r)
{
	uint32_t left_sec = rte_le_to_cpu_32(r->left_sec);

	if (left_sec > x->to->passed_sec)
		rest(x, r->src4, r->port, r->proto, left_sec - x->to->passed_sec);
}

// The port of a session that is not there any more rests from the session's end on, unless another
// one has it.
static void
rest_left_out(const struct restore *x, const struct snapshot_session *r)
{
	uint64_t idle = idle_sec(x, r), lifetime = lifetime_sec(x, r);
	uint64_t ended = idle > lifetime ? idle - lifetime : 0; // so long ago
	uint64_t hold = x->to->nat64->port_hold_sec + UINT64_C(1);

	if (r->proto != IPPROTO_TCP && ended < hold)
		rest(x, r->src4, r->sport4, r->proto, hold - ended);
}

void
snapshot_restore(
	const struct snapshot *s, const struct snapshot_target *to, struct snapshot_report *report)
{
	struct restore x = {.from = s, .to = to};

	*report = (struct snapshot_report){.sessions = 0};
	map_prefixes(&x);
	for (unsigned int i = 0; i < to->n_worker; i++) {
		to->st[i]->expiry.sec = to->now_sec; // the wheel is empty and need not come round
		to->st[i]->pool.now_sec = to->now_sec;
	}
	for (uint64_t i = 0; i < s->n_session; i++) {
		enum snapshot_left left = restore_session(&x, snapshot_session_at(s, i));

		if (left == RESTORED)
			report->sessions++;
		else
			report->left[left]++;
	}
	for (uint64_t i = 0; i < s->n_resting; i++)
		restore_resting(&x, snapshot_resting_at(s, i));
	for (uint64_t i = 0; i < s->n_session && to->nat64->port_hold_sec; i++)
		rest_left_out(&x, snapshot_session_at(s, i));
	for (unsigned int i = 0; i < to->n_worker; i++)
		report->resting += to->st[i]->pool.hold.n;
}
