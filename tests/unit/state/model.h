// SPDX-License-Identifier: BSD-3-Clause
// The model of test_model.c: an array of flows, and the SYNs that wait.
#ifndef TEST_STATE_MODEL_H
#define TEST_STATE_MODEL_H

#include "base/rand.h"
#include "fixture.h"

#define CLIENTS    6
#define SPORTS     5
#define SERVERS    3
#define DPORTS     2
#define PREFIXES   2
#define PROTOS     3
#define ENDPOINTS  (PROTOS * CLIENTS * SPORTS)
#define FLOWS      (ENDPOINTS * SERVERS * DPORTS * PREFIXES)
#define POOL_ADDRS 2
#define STATICS    2 // sports of client 0, for each protocol
#define SYNS       4

struct flow {
	struct session_key6 key;
	unsigned int client, endpoint; // endpoint: of (proto, client, sport)
	bool alive, inbound;
	enum tcp_state tcp;
	enum config_timeout timer;
	uint32_t last_sec;
	struct session *s;
};

// Its address stands for the packet.
struct waiting {
	struct session_key4 key;
	uint32_t due_sec;
};

struct model {
	struct state *st;
	const struct config_nat64 *config;
	unsigned int ports; // of each pool address
	struct flow flow[FLOWS];
	uint8_t pref64[ENDPOINTS]; // of its binding
	struct waiting *syn[SYNS]; // oldest first
	unsigned int n_syn;
	uint32_t now;
	unsigned int refused[DROP__N], made, made4, ended, probes, stored, claimed, wanted;
	struct rand_pool rand;
};

static const uint8_t protos[PROTOS] = {TCP, UDP, ICMP};

static inline void
model_init(struct model *m)
{
	static const uint16_t sports[SPORTS] = {0, 999, 1024, 1025, 50000};

	for (unsigned int i = 0; i < FLOWS; i++) {
		struct flow *f = &m->flow[i];
		unsigned int rest = i / PREFIXES / DPORTS / SERVERS;

		f->endpoint = rest;
		f->client = rest / SPORTS % CLIENTS;
		f->key = fixture_key(protos[rest / SPORTS / CLIENTS], f->client,
			sports[rest % SPORTS], i / PREFIXES / DPORTS % SERVERS,
			(uint16_t)(80 + i / PREFIXES % DPORTS));
		f->key.pref64 = i % PREFIXES;
	}
}

static inline struct flow *
some_flow(struct model *m)
{
	struct flow *f = &m->flow[rand_below(&m->rand, FLOWS)];

	// there is one port for echo
	return f->key.proto == ICMP ? f - (f - m->flow) / PREFIXES % DPORTS * PREFIXES : f;
}

static inline bool
is_static(const struct flow *f)
{
	return f->client == 0 && f->endpoint % SPORTS < STATICS;
}

static inline rte_be32_t
pool_addr(unsigned int i)
{
	return rte_cpu_to_be_32(FIXTURE_POOL + 1 + i);
}

// A living flow of the same endpoint or client, or NULL.
static inline const struct flow *
same_endpoint(const struct model *m, const struct flow *of)
{
	for (unsigned int i = 0; i < FLOWS; i++)
		if (m->flow[i].alive && m->flow[i].endpoint == of->endpoint)
			return &m->flow[i];
	return NULL;
}

static inline const struct flow *
same_client(const struct model *m, const struct flow *of)
{
	for (unsigned int i = 0; i < FLOWS; i++)
		if (m->flow[i].alive && m->flow[i].client == of->client)
			return &m->flow[i];
	return NULL;
}

static inline bool
clashes(const struct model *m, const struct flow *of)
{
	const struct flow *f = &m->flow[(unsigned int)(of - m->flow) ^ 1]; // the other prefix

	return f->alive;
}

static inline unsigned int
n_alive(const struct model *m)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < FLOWS; i++)
		n += m->flow[i].alive;
	return n;
}

// Bindings of the protocol (0: of all) on the address (0: on all).
static inline unsigned int
n_bindings(const struct model *m, uint8_t proto, rte_be32_t src4)
{
	bool seen[FLOWS] = {false};
	unsigned int n = 0;

	for (unsigned int i = 0; i < FLOWS; i++) {
		const struct flow *f = &m->flow[i];

		if (!f->alive || is_static(f) || seen[f->endpoint] ||
			(proto && f->key.proto != proto) || (src4 && f->s->src4 != src4))
			continue;
		seen[f->endpoint] = true;
		n++;
	}
	return n;
}

static inline enum drop_reason
port_verdict(const struct model *m, const struct flow *f)
{
	const struct flow *pair = same_client(m, f);
	rte_be32_t src4 = pair ? pair->s->src4 : f->client == 0 ? pool_addr(1) : 0;

	if (src4)
		return n_bindings(m, f->key.proto, src4) == m->ports ? DROP_NO_PORT : DROP_NONE;
	return n_bindings(m, f->key.proto, 0) == POOL_ADDRS * m->ports ? DROP_NO_PORT : DROP_NONE;
}

static inline enum drop_reason
verdict(const struct model *m, const struct flow *f, uint8_t flags)
{
	if (f->key.proto == TCP && tcp_flags_bad(flags))
		return DROP_TCP_FLAGS;
	if (f->key.proto == TCP && tcp_event_of(flags, true) != TCP_V6_SYN)
		return DROP_TCP_NO_SESSION;
	if (n_alive(m) == m->config->max_sessions)
		return DROP_SESSION_LIMIT;
	if (same_endpoint(m, f) || is_static(f))
		return clashes(m, f) ? DROP_SESSION_CLASH : DROP_NONE;
	if (n_bindings(m, 0, 0) == m->config->max_bib)
		return DROP_BIB_LIMIT;
	return port_verdict(m, f);
}

static inline void
model_restart(struct model *m, struct flow *f, enum config_timeout timer)
{
	f->timer = timer;
	f->last_sec = m->now;
}

static inline void
model_event(struct model *m, struct flow *f, enum tcp_event e)
{
	const struct tcp_step *step = &tcp_machine[f->tcp][e];

	f->tcp = step->next;
	if (step->timer == TCP_TIMER_TRANS)
		model_restart(m, f, TIMEOUT_TCP_TRANSITORY);
	if (step->timer == TCP_TIMER_EST)
		model_restart(m, f, TIMEOUT_TCP_ESTABLISHED);
	if (step->timer == TCP_TIMER_END) {
		f->alive = false;
		m->ended++;
	}
}

// ---- SYNs that wait

static inline struct waiting *
syn_remove(struct model *m, unsigned int i)
{
	struct waiting *w = m->syn[i];

	m->n_syn--;
	memmove(&m->syn[i], &m->syn[i + 1], (m->n_syn - i) * sizeof(m->syn[0]));
	return w;
}

static inline bool
is_bound(const struct model *m, rte_be32_t src4, rte_be16_t sport4)
{
	for (unsigned int i = 0; i < FLOWS; i++)
		if (m->flow[i].alive && m->flow[i].key.proto == TCP && m->flow[i].s->src4 == src4 &&
			m->flow[i].s->sport4 == sport4)
			return true;
	return false;
}

static inline bool
waits_for(const struct waiting *w, const struct flow *f, rte_be32_t src4)
{
	return f->key.proto == TCP && w->key.dst4 == f->key.dst4 && w->key.dport == f->key.dport &&
	       (!src4 || w->key.src4 == src4);
}

// The port that a new binding of flow f has to get on src4 (0: any address), or NULL.
static inline const struct session_key4 *
wanted(const struct model *m, const struct flow *f, rte_be32_t src4)
{
	for (unsigned int i = 0; i < m->n_syn && !src4; i++) {
		const struct session_key4 *k = &m->syn[i]->key;

		if (waits_for(m->syn[i], f, 0) && !is_bound(m, k->src4, k->sport))
			src4 = k->src4;
	}
	for (unsigned int i = 0; i < m->n_syn && src4; i++) {
		const struct session_key4 *k = &m->syn[i]->key;

		if (waits_for(m->syn[i], f, src4))
			return is_bound(m, k->src4, k->sport) ? NULL : k;
	}
	return NULL;
}

static inline void
model_claim(struct model *m, struct flow *f)
{
	void *packet = f->key.proto == TCP ? state_syn_claimed(m->st) : NULL, *want = NULL;

	for (unsigned int i = 0; i < m->n_syn && !want && f->key.proto == TCP; i++) {
		const struct session_key4 *k = &m->syn[i]->key;

		if (waits_for(m->syn[i], f, f->s->src4) && k->sport == f->s->sport4)
			want = syn_remove(m, i);
	}
	assert_ptr_equal(packet, want);
	if (want) {
		f->tcp = TCP_V4_INIT;
		m->claimed++;
	}
	free(want);
}

static inline void
begin(struct model *m, struct flow *f, struct session *s, bool inbound)
{
	f->alive = true;
	f->inbound = inbound;
	f->s = s;
	f->tcp = f->key.proto != TCP ? TCP_CLOSED : inbound ? TCP_V4_INIT : TCP_V6_INIT;
	f->timer = f->key.proto == UDP    ? TIMEOUT_UDP
		   : f->key.proto == ICMP ? TIMEOUT_ICMP
					  : TIMEOUT_TCP_TRANSITORY;
	f->last_sec = m->now;
}

static inline void
model_begin(struct model *m, struct flow *f, struct session *s)
{
	const struct flow *endpoint = same_endpoint(m, f), *client = same_client(m, f);
	rte_be32_t src4 = client ? client->s->src4 : f->client == 0 ? pool_addr(1) : 0;
	const struct session_key4 *want = NULL;

	if (is_static(f))
		assert_int_equal(rte_be_to_cpu_16(s->sport4), 2000 + f->endpoint % SPORTS);
	else if (endpoint)
		assert_int_equal(s->sport4, endpoint->s->sport4);
	else
		want = wanted(m, f, src4);
	if (src4)
		assert_int_equal(s->src4, src4);
	if (want) {
		assert_int_equal(s->src4, want->src4);
		assert_int_equal(s->sport4, want->sport);
		m->wanted++;
	}
	if (!endpoint && !is_static(f))
		m->pref64[f->endpoint] = f->key.pref64;
	begin(m, f, s, false);
	model_claim(m, f);
	m->made++;
}

static inline void
model_touch(struct model *m, struct flow *f, uint8_t flags, bool from6)
{
	state_touch(m->st, f->s, flags, from6, m->now);
	if (f->key.proto == TCP)
		model_event(m, f, tcp_event_of(flags, from6));
	else
		f->last_sec = m->now;
}

#endif
