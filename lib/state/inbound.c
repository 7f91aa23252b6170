// SPDX-License-Identifier: BSD-3-Clause
// Sessions that begin on the IPv4 side (RFC 6146 §3.5.1-3.5.3).
#include "state/change_impl.h"

// Only a SYN alone opens (N64-TCP-C7): an unasked SYN+ACK answers a SYN that we did not send.
static enum drop_reason
tcp_admission(uint8_t tcp_flags)
{
	if (tcp_flags_bad(tcp_flags))
		return DROP_TCP_FLAGS;
	if (tcp_event_of(tcp_flags, false) != TCP_V4_SYN || (tcp_flags & RTE_TCP_ACK_FLAG))
		return DROP_TCP_NO_SESSION;
	return DROP_NONE;
}

static bool
rule_allows(const struct config_static *r, rte_be32_t from)
{
	for (unsigned int i = 0; i < r->n_allow; i++)
		if (prefix4_match(&r->allow[i], (struct in_addr){from}))
			return true;
	return r->n_allow == 0;
}

// While it becomes stricter, sessions that outsiders began tell nothing: they may be about to end.
bool
filter_allows(const struct state *st, uint32_t bib, rte_be32_t from)
{
	const struct bib *b = &st->bib[bib];

	if (b->flags & BIB_STATIC)
		return rule_allows(&st->statics.entry[b->config], from);
	switch (st->filtering) {
	case FILTERING_ENDPOINT:
		return true;
	case FILTERING_ADDRESS:
		return peer_has(st, bib, from, st->change && st->change->stricter);
	default:
		return false; // the port would have found its session
	}
}

static enum drop_reason
limits(struct state *st, const struct bib *b)
{
	if (b->inbound >= st->max_inbound)
		return DROP_INBOUND_LIMIT;
	if (slots_full(&st->sessions))
		return DROP_SESSION_LIMIT;
	return quota_allows_inbound(&st->subscribers, b->subscriber);
}

static enum drop_reason
may_begin(struct state *st, const struct session_key4 *key, uint8_t tcp_flags, uint16_t prefixes,
	uint32_t *bib)
{
	bool tcp = key->proto == IPPROTO_TCP;
	struct bib_key4 k4 = {.src4 = key->src4, .sport = key->sport, .proto = key->proto};
	enum drop_reason why = tcp ? tcp_admission(tcp_flags) : DROP_NONE;

	if (why != DROP_NONE)
		return why;
	*bib = table_find(&st->bib4, &k4, bib_key4_hash(&k4));
	if (*bib == INDEX_NONE)
		return tcp ? DROP_TCP_NO_SESSION : DROP_NO_SESSION4;
	if (unlikely(st->change) && !bib_may_stay(st, &st->bib[*bib]))
		return DROP_NO_POOL4;
	if (!filter_allows(st, *bib, key->dst4))
		return DROP_FILTERED;
	if (!(prefixes >> st->bib[*bib].pref64 & 1))
		return DROP_WKP_NON_GLOBAL;
	return limits(st, &st->bib[*bib]);
}

static struct session *
inbound_make(struct state *st, const struct session_key4 *key, uint32_t bib, uint32_t now_sec,
	enum drop_reason *why)
{
	const struct bib *b = &st->bib[bib];
	const struct session_key6 key6 = {
		.src6 = b->src6,
		.dst4 = key->dst4,
		.sport = b->sport6,
		.dport = key->dport,
		.proto = key->proto,
		.pref64 = b->pref64,
	};
	struct session s;

	session_fill(&s, &key6, bib, b, now_sec);
	s.flags = SESSION_INBOUND;
	if (key->proto == IPPROTO_TCP)
		s.tcp = TCP_V4_INIT;
	return session_add(st, &s, why);
}

struct session *
state_admit4(struct state *st, const struct session_key4 *key, uint8_t tcp_flags, uint16_t prefixes,
	uint32_t now_sec, bool *made, enum drop_reason *why)
{
	uint32_t i = table_find(&st->session4, key, session_key4_hash(key));
	struct session *s;
	uint32_t bib;

	*made = false;
	if (i != INDEX_NONE)
		return &st->session[i];
	*why = may_begin(st, key, tcp_flags, prefixes, &bib);
	if (*why != DROP_NONE)
		return NULL;
	st->pool.now_sec = now_sec;
	s = inbound_make(st, key, bib, now_sec, why);
	if (s && st->syns.n) // one that has waited since before a change
		syn_claim(st, s);
	*made = s != NULL;
	return s;
}
