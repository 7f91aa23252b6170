// SPDX-License-Identifier: BSD-3-Clause
#include "state/internal.h"

#include <assert.h>
#include <rte_prefetch.h>

// In three passes over the keys, so that the lines that a pass reads are on their way since the one
// before: buckets, then the sessions that they name, then the comparison.
void
state_lookup6(
	struct state *st, const struct session_key6 *keys, unsigned int n, struct session **out)
{
	uint32_t hash[STATE_LOOKUP_MAX], guess[STATE_LOOKUP_MAX];

	assert(n <= STATE_LOOKUP_MAX);
	for (unsigned int i = 0; i < n; i++) {
		hash[i] = session_key6_hash(&keys[i]);
		table_prefetch(&st->session6, hash[i]);
	}
	for (unsigned int i = 0; i < n; i++) {
		guess[i] = table_guess(&st->session6, hash[i]);
		if (likely(guess[i] != INDEX_NONE))
			rte_prefetch0(&st->session[guess[i]]);
	}
	for (unsigned int i = 0; i < n; i++) {
		uint32_t k = guess[i];

		if (unlikely(k == INDEX_NONE || !session_has_key6(&st->session[k], &keys[i])))
			k = table_find(&st->session6, &keys[i], hash[i]);
		out[i] = k == INDEX_NONE ? NULL : &st->session[k];
	}
}

void
state_lookup4(
	struct state *st, const struct session_key4 *keys, unsigned int n, struct session **out)
{
	uint32_t hash[STATE_LOOKUP_MAX], guess[STATE_LOOKUP_MAX];

	assert(n <= STATE_LOOKUP_MAX);
	for (unsigned int i = 0; i < n; i++) {
		hash[i] = session_key4_hash(&keys[i]);
		table_prefetch(&st->session4, hash[i]);
	}
	for (unsigned int i = 0; i < n; i++) {
		guess[i] = table_guess(&st->session4, hash[i]);
		if (likely(guess[i] != INDEX_NONE))
			rte_prefetch0(&st->session[guess[i]]);
	}
	for (unsigned int i = 0; i < n; i++) {
		uint32_t k = guess[i];

		if (unlikely(k == INDEX_NONE || !session_has_key4(&st->session[k], &keys[i])))
			k = table_find(&st->session4, &keys[i], hash[i]);
		out[i] = k == INDEX_NONE ? NULL : &st->session[k];
	}
}

// State and lifetime of a session that begins now.
static void
session_begin(struct session *s)
{
	switch (s->proto) {
	case IPPROTO_TCP:
		s->tcp = TCP_V6_INIT;
		s->timer = TIMEOUT_TCP_TRANSITORY;
		break;
	case IPPROTO_UDP:
		s->timer = TIMEOUT_UDP;
		break;
	default:
		s->timer = TIMEOUT_ICMP;
	}
}

// Field by field: see bib_add.
void
session_fill(struct session *s, const struct session_key6 *key, uint32_t bib, const struct bib *b,
	uint32_t now_sec)
{
	memset(s, 0, sizeof(*s));
	s->src6 = key->src6;
	s->dst4 = key->dst4;
	s->src4 = b->src4;
	s->sport6 = key->sport;
	s->sport4 = b->sport4;
	s->dport = key->dport;
	s->proto = key->proto;
	s->pref64 = key->pref64;
	s->last_sec = now_sec;
	s->bib = bib;
	session_begin(s);
}

// Another one of its binding may stand for the same packets from the IPv4 side.
static bool
clashes(const struct state *st, const struct session *s, uint32_t hash4)
{
	struct session_key4 k4;

	if (st->bib[s->bib].sessions == 0)
		return false;
	k4 = session_key4_of(s);
	return table_find(&st->session4, &k4, hash4) != INDEX_NONE;
}

static enum drop_reason
session_index(struct state *st, const struct session *s, uint32_t i, uint32_t hash6, uint32_t hash4)
{
	if (clashes(st, s, hash4))
		return DROP_SESSION_CLASH;
	if (table_add(&st->session4, hash4, i) < 0)
		return DROP_SESSION_LIMIT;
	if (table_add(&st->session6, hash6, i) < 0)
		goto undo4;
	if (!peer_add(st, s->bib, s->dst4, s->flags & SESSION_INBOUND))
		goto undo6;
	return DROP_NONE;
undo6:
	table_del(&st->session6, hash6, i);
undo4:
	table_del(&st->session4, hash4, i);
	return DROP_SESSION_LIMIT;
}

// The element is filled in. NULL: it is given back.
static struct session *
session_enter(struct state *st, uint32_t i, uint32_t hash6, uint32_t hash4, enum drop_reason *why)
{
	struct session *s = &st->session[i];
	enum state_proto proto = state_proto_of(s->proto);
	struct bib *b = &st->bib[s->bib];

	*why = session_index(st, s, i, hash6, hash4);
	if (*why != DROP_NONE) {
		s->proto = 0;
		slots_give(&st->sessions, i);
		return NULL;
	}
	expiry_insert(st, s);
	b->inbound += (s->flags & SESSION_INBOUND) != 0;
	b->sessions++;
	st->subscribers.row[b->subscriber].sessions++;
	st->stats.sessions[proto]++;
	st->stats.created[proto]++;
	return s;
}

struct session *
session_add(struct state *st, const struct session *from, enum drop_reason *why)
{
	uint32_t i = slots_take(&st->sessions);
	struct session_key6 k6 = session_key6_of(from);
	struct session_key4 k4 = session_key4_of(from);

	*why = DROP_SESSION_LIMIT;
	if (i == INDEX_NONE)
		return NULL;
	st->session[i] = *from;
	return session_enter(st, i, session_key6_hash(&k6), session_key4_hash(&k4), why);
}

// The CLOSED row of the TCP machine: only a SYN opens. A segment of no session is dropped even if
// its binding exists (N64-TCP-C8 leaves that to policy).
static enum drop_reason
tcp_admission(uint8_t tcp_flags)
{
	const struct tcp_step *step = &tcp_machine[TCP_CLOSED][tcp_event_of(tcp_flags, true)];

	if (tcp_flags_bad(tcp_flags))
		return DROP_TCP_FLAGS;
	return step->next == TCP_CLOSED ? DROP_TCP_NO_SESSION : DROP_NONE;
}

struct session *
state_admit6(struct state *st, const struct session_key6 *key, uint8_t tcp_flags, uint32_t now_sec,
	bool *made, enum drop_reason *why)
{
	struct prepared own, *p = prepared_for(st, key, &own);
	uint32_t i = table_find(&st->session6, &p->key, p->session6_hash);
	struct session *s;
	uint32_t bib;

	*made = false;
	if (i != INDEX_NONE)
		return &st->session[i];
	*why = key->proto == IPPROTO_TCP ? tcp_admission(tcp_flags) : DROP_NONE;
	if (*why != DROP_NONE)
		return NULL;
	*why = DROP_SESSION_LIMIT;
	if (slots_full(&st->sessions))
		return NULL;
	st->pool.now_sec = now_sec;
	bib = bib_admit(st, p, why);
	if (bib == INDEX_NONE)
		return NULL;
	i = slots_take(&st->sessions);
	session_fill(&st->session[i], &p->key, bib, &st->bib[bib], now_sec);
	s = session_enter(st, i, p->session6_hash, p->session4_hash, why);
	if (!s)
		bib_end_if_idle(st, bib);
	else if (st->syns.n)
		syn_claim(st, s);
	*made = s != NULL;
	return s;
}

void
state_touch_tcp(
	struct state *st, struct session *s, uint8_t tcp_flags, bool from6, uint32_t now_sec)
{
	static const uint8_t class[] = {
		[TCP_TIMER_TRANS] = TIMEOUT_TCP_TRANSITORY,
		[TCP_TIMER_EST] = TIMEOUT_TCP_ESTABLISHED,
		[TCP_TIMER_SYN] = TIMEOUT_TCP_SYN,
	};
	const struct tcp_step *step = &tcp_machine[s->tcp][tcp_event_of(tcp_flags, from6)];

	if (s->tcp != step->next) {
		s->tcp = step->next;
		s->flags &= (uint8_t)~SESSION_PROBED;
	}
	if (step->timer != TCP_TIMER_KEEP)
		expiry_restart(st, s, class[step->timer], now_sec);
}

void
state_end(struct state *st, struct session *s)
{
	struct session_key6 k6 = session_key6_of(s);
	struct session_key4 k4 = session_key4_of(s);
	enum state_proto proto = state_proto_of(s->proto);
	uint32_t index = (uint32_t)(s - st->session);

	expiry_remove(st, s);
	table_del(&st->session6, session_key6_hash(&k6), index);
	table_del(&st->session4, session_key4_hash(&k4), index);
	st->subscribers.row[st->bib[s->bib].subscriber].sessions--;
	peer_remove(st, s->bib, s->dst4, s->flags & SESSION_INBOUND);
	if (s->flags & SESSION_INBOUND)
		st->bib[s->bib].inbound--;
	st->bib[s->bib].sessions--;
	bib_end_if_idle(st, s->bib);
	s->proto = 0;
	slots_give(&st->sessions, index);
	st->stats.sessions[proto]--;
	st->stats.ended[proto]++;
}
