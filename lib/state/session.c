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

struct session
session_of(const struct session_key6 *key, uint32_t bib, const struct bib *b, uint32_t now_sec)
{
	struct session s = {
		.src6 = key->src6,
		.dst4 = key->dst4,
		.src4 = b->src4,
		.sport6 = key->sport,
		.sport4 = b->sport4,
		.dport = key->dport,
		.proto = key->proto,
		.pref64 = key->pref64,
		.last_sec = now_sec,
		.bib = bib,
	};

	session_begin(&s);
	return s;
}

static int
session_index(struct state *st, const struct session *s, uint32_t i)
{
	struct session_key6 k6 = session_key6_of(s);
	struct session_key4 k4 = session_key4_of(s);
	uint32_t hash4 = session_key4_hash(&k4);

	if (st->bib[s->bib].sessions && table_find(&st->session4, &k4, hash4) != INDEX_NONE)
		return -EEXIST;
	if (table_add(&st->session4, hash4, i) < 0)
		return -ENOSPC;
	if (table_add(&st->session6, session_key6_hash(&k6), i) < 0)
		goto undo4;
	if (!peer_add(st, s->bib, s->dst4, s->flags & SESSION_INBOUND))
		goto undo6;
	return 0;
undo6:
	table_del(&st->session6, session_key6_hash(&k6), i);
undo4:
	table_del(&st->session4, hash4, i);
	return -ENOSPC;
}

struct session *
session_add(struct state *st, const struct session *from, enum drop_reason *why)
{
	uint32_t i = slots_take(&st->sessions);
	enum state_proto proto = state_proto_of(from->proto);
	struct bib *b = &st->bib[from->bib];
	struct session *s;
	int rc;

	*why = DROP_SESSION_LIMIT;
	if (i == INDEX_NONE)
		return NULL;
	s = &st->session[i];
	*s = *from;
	rc = session_index(st, s, i);
	if (rc < 0) {
		*why = rc == -EEXIST ? DROP_SESSION_CLASH : DROP_SESSION_LIMIT;
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
	uint32_t i = table_find(&st->session6, key, session_key6_hash(key));
	struct session fresh, *s;
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
	rte_prefetch0(&st->session[slots_peek(&st->sessions, 0)]);
	bib = bib_admit(st, key, why);
	if (bib == INDEX_NONE)
		return NULL;
	fresh = session_of(key, bib, &st->bib[bib], now_sec);
	s = session_add(st, &fresh, why);
	if (s && st->syns.n)
		syn_claim(st, s);
	bib_end_if_idle(st, bib);
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
