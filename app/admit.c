// SPDX-License-Identifier: BSD-3-Clause
// Packets without a session (RFC 6146 §3.5): may this flow be, and if so make its state.
#include "app/pipeline.h"

#include "app/own.h"
#include "app/output.h"
#include "app/reject.h"
#include "xlat/xlat.h"

#include <rte_ip.h>

#define SYN_BUDGET 16 // SYNs that waited in vain, answered in a turn

static bool
is_broadcast4(const struct plan *plan, struct in_addr a)
{
	for (unsigned int i = 0; i < plan->config.n_port; i++) {
		const struct config_port *c = &plan->config.port[i];

		for (unsigned int j = 0; j < c->n_addr4; j++)
			if (prefix4_broadcast(&c->addr4[j]).s_addr == a.s_addr)
				return true;
	}
	return false;
}

// Where the packet wants to go (ADR-12, ADR-15, ADR-16).
static enum drop_reason
check_destination(const struct plan *plan, unsigned int pref64, struct in_addr dst)
{
	const struct config_nat64 *c = &plan->config.nat64;
	const bool may_be_own = own_may_be4(plan, dst);
	struct in6_addr mapped;
	const struct route *r;

	if (may_be_own && own_pool4(plan, dst)) // before ADR-12: N64-HAIR-06
		return c->hairpinning ? DROP_NONE : DROP_HAIRPIN;
	switch (v4_usable(&c->prefix[pref64], c->wkp_allow, dst)) {
	case V4_NON_GLOBAL:
		return DROP_WKP_NON_GLOBAL;
	case V4_UNUSABLE:
		return DROP_DST4_UNUSABLE;
	default:
		break;
	}
	if (may_be_own && (is_broadcast4(plan, dst) || own_has4(plan, dst)))
		return DROP_DST4_UNUSABLE;
	addr_map4(&mapped, dst);
	r = route_lookup(&plan->routes, &mapped);
	return r && plan->config.port[r->port].role == PORT_WAN ? DROP_NONE : DROP_NO_ROUTE;
}

// Only hosts behind a LAN port get translated (N64-IN-04, GW-CE-10).
static bool
source_is_inside(const struct plan *plan, const struct in6_addr *src)
{
	const struct route *r = route_lookup(&plan->routes, src);

	return r && plan->config.port[r->port].role == PORT_LAN;
}

enum drop_reason
admit_policy(const struct plan *plan, const struct session_key6 *key)
{
	enum drop_reason why = check_destination(plan, key->pref64, (struct in_addr){key->dst4});

	if (why == DROP_NONE && !source_is_inside(plan, &key->src6))
		why = DROP_SRC_NO_ROUTE;
	return why;
}

void
admit_complete(const struct plan *plan, struct session *s)
{
	struct in6_addr dst6;

	pref64_compose(&plan->config.nat64.prefix[s->pref64], (struct in_addr){s->dst4}, &dst6);
	s->delta = xlat_delta64(s->proto, &s->src6, &dst6, s->sport6, s->src4, s->dst4, s->sport4);
}

static void
refuse(struct worker *w, struct rte_mbuf *m, enum drop_reason why)
{
	switch (why) {
	case DROP_NO_ROUTE:
		reject6(w, m, why, ICMP6_UNREACH, ICMP6_UNREACH_NO_ROUTE, 0);
		break;
	case DROP_HAIRPIN:
	case DROP_WKP_NON_GLOBAL:
	case DROP_DST4_UNUSABLE:
		reject_prohibited(w, m, why);
		break;
	case DROP_NO_PORT:
	case DROP_NO_POOL4:
	case DROP_SESSION_LIMIT:
	case DROP_BIB_LIMIT:
	case DROP_QUOTA_BINDINGS:
	case DROP_QUOTA_SESSIONS:
	case DROP_QUOTA_RATE:
		reject6(w, m, why, ICMP6_UNREACH, ICMP6_UNREACH_ADDR, 0); // N64-PORT-06, N64-DOS-04
		break;
	case DROP_TCP_NO_SESSION:
		if (unlikely(w->now_sec < w->reset_until_sec)) {
			reject_reset6(w, m, why);
			break;
		}
		// fall through
	default:
		drop(w, m, why);
	}
}

// N64-TCP-D1: the SYN that waited for this connection is not needed; its sender sends it again.
static void
drop_claimed(struct worker *w)
{
	struct rte_mbuf *m = state_syn_claimed(w->state);

	if (m)
		drop(w, m, DROP_SYN_WAITING);
}

static struct session *
admit_one(
	struct worker *w, struct rte_mbuf *m, const struct session_key6 *key, enum drop_reason *why)
{
	const struct pkt *p = pkt_of(m);
	struct session *s;
	bool made;

	if (pkt_is_later_fragment(p)) { // the first one may have opened it in this burst
		state_lookup6(w->state, key, 1, &s);
		*why = DROP_FRAG_NO_SESSION;
		return s;
	}
	*why = admit_policy(w->plan, key);
	if (*why != DROP_NONE)
		return NULL;
	s = state_admit6(w->state, key, p->tcp_flags, w->now_sec, &made, why);
	if (s && made) {
		admit_complete(w->plan, s);
		drop_claimed(w);
	}
	return s;
}

// Another worker may have classified the packet by another plan.
static bool
has_prefix(const struct plan *p, unsigned int pref64)
{
	return pref64 < p->config.nat64.n_prefix && !(p->prefixes_gone >> pref64 & 1);
}

static void
make_keys(struct worker *w, struct lane *l)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < l->n; i++) {
		if (unlikely(!has_prefix(w->plan, pkt_of(l->m[i])->pref64))) {
			drop(w, l->m[i], DROP_NO_ROUTE);
			continue;
		}
		l->m[n] = l->m[i];
		pipeline_key6(l->m[n], &w->key6[n]);
		n++;
	}
	l->n = n;
}

void
admit6(struct worker *w)
{
	struct lane *l = &w->miss6;

	make_keys(w, l);
	state_prepare6(w->state, w->key6, l->n);
	for (unsigned int i = 0; i < l->n; i++) {
		enum drop_reason why;
		struct session *s = admit_one(w, l->m[i], &w->key6[i], &why);

		if (!s) {
			refuse(w, l->m[i], why);
			continue;
		}
		w->v6.session[w->v6.n] = s;
		lane_add(&w->v6, l->m[i]);
	}
	l->n = 0;
}

// ---- from the IPv4 side

// For ourselves, or gone for why (RFC 6146 §3.5.1: silent by default).
static void
refuse4(struct worker *w, struct rte_mbuf *m, enum drop_reason why)
{
	const struct rte_ipv4_hdr *ip = rte_pktmbuf_mtod(m, const struct rte_ipv4_hdr *);
	const struct pkt *p = pkt_of(m);
	struct in_addr dst = {ip->dst_addr};
	bool no_binding = why == DROP_NO_SESSION4 || why == DROP_TCP_NO_SESSION;
	bool ping = (p->flags & PKT_ICMP_ECHO) && p->icmp_type == 8;

	if (own_has4(w->plan, dst) && !(p->flags & PKT_HAIRPIN) && // N64-HAIR-08
		(ping || (no_binding && !own_pool4_port(w->plan, dst, p->dport)))) {
		lane_add(&w->local, m);
	} else if (!own_pool4(w->plan, dst)) {
		drop(w, m, DROP_NOT_FORWARDED);
	} else if (p->proto == IPPROTO_UDP || (p->flags & PKT_ICMP_ECHO)) {
		reject_prohibited(w, m, why);
	} else if (p->proto == IPPROTO_TCP || p->proto == IPPROTO_ICMP) {
		drop(w, m, why); // C4, C9: silent
	} else if (p->proto == IPPROTO_IGMP) {
		drop(w, m, DROP_PROTO); // I46-06
	} else {
		reject4(w, m, DROP_PROTO, ICMP4_UNREACH, ICMP4_UNREACH_PROTO, 0); // X46-08
	}
}

void
unmatched4(struct worker *w, struct rte_mbuf *m)
{
	refuse4(w, m, DROP_NO_SESSION4);
}

// Bit i: the address may appear under prefix i (ADR-12).
static uint16_t
usable_prefixes(const struct worker *w, struct in_addr a)
{
	const struct config_nat64 *c = &w->plan->config.nat64;
	uint16_t bits = 0;

	for (unsigned int i = 0; i < c->n_prefix; i++)
		if (v4_usable(&c->prefix[i], c->wkp_allow, a) == V4_USABLE)
			bits |= (uint16_t)(1 << i);
	return bits & (uint16_t)~w->plan->prefixes_gone;
}

// May the packet open a session at all?
static enum drop_reason
check_inbound(struct worker *w, struct rte_mbuf *m)
{
	const struct rte_ipv4_hdr *ip = rte_pktmbuf_mtod(m, const struct rte_ipv4_hdr *);
	const struct pkt *p = pkt_of(m);
	const struct in_addr src = {ip->src_addr}, dst = {ip->dst_addr};
	bool looped = p->flags & PKT_HAIRPIN;

	if ((w->gw->port[p->in_port].role != PORT_WAN && !looped) || !own_pool4(w->plan, dst))
		return p->proto == IPPROTO_TCP ? DROP_TCP_NO_SESSION : DROP_NO_SESSION4;
	if (!looped && is_broadcast4(w->plan, src))
		return DROP_SRC4_ILLEGAL;
	return DROP_NONE;
}

// NULL with *why; DROP_NONE: the packet is kept (RFC 5382 REQ-4).
static struct session *
admit4_one(struct worker *w, struct rte_mbuf *m, enum drop_reason *why)
{
	const struct rte_ipv4_hdr *ip = rte_pktmbuf_mtod(m, const struct rte_ipv4_hdr *);
	const struct pkt *p = pkt_of(m);
	const struct in_addr src = {ip->src_addr};
	const struct session_key4 key = {
		.dst4 = ip->src_addr,
		.src4 = ip->dst_addr,
		.dport = p->flags & PKT_ICMP_ECHO ? 0 : p->sport,
		.sport = p->dport,
		.proto = p->proto,
	};
	// N64-HAIR-06: our own are beyond ADR-12
	uint16_t prefixes = p->flags & PKT_HAIRPIN ? UINT16_MAX : usable_prefixes(w, src);
	struct session *s;
	bool made;

	if (pkt_is_later_fragment(p)) { // the first one may have opened it in this burst
		state_lookup4(w->state, &key, 1, &s);
		*why = p->proto == IPPROTO_TCP ? DROP_TCP_NO_SESSION : DROP_NO_SESSION4;
		return s;
	}
	*why = check_inbound(w, m);
	if (*why != DROP_NONE)
		return NULL;
	s = state_admit4(w->state, &key, p->tcp_flags, prefixes, w->now_sec, &made, why);
	if (s && made) {
		admit_complete(w->plan, s);
		drop_claimed(w);
	} else if (!s && (*why == DROP_FILTERED || *why == DROP_TCP_NO_SESSION) &&
		   own_pool4_port(w->plan, (struct in_addr){key.src4}, key.sport) &&
		   state_syn_store(w->state, &key, p->tcp_flags, w->now_sec, m, why)) {
		*why = DROP_NONE;
	}
	return s;
}

struct session *
admit4(struct worker *w, struct rte_mbuf *m)
{
	enum drop_reason why;
	struct session *s = admit4_one(w, m, &why);

	if (!s && why != DROP_NONE)
		refuse4(w, m, why);
	return s;
}

// N64-TCP-07, N64-TCP-D2
unsigned int
admit_tick(struct worker *w)
{
	bool silent = w->plan->config.nat64.tcp_incoming != TCP_INCOMING_WAIT;
	unsigned int n = 0;
	struct rte_mbuf *m;

	for (; n < SYN_BUDGET && (m = state_syn_due(w->state, w->now_sec)); n++) {
		if (silent)
			drop(w, m, DROP_SYN_TIMEOUT);
		else
			reject4(w, m, DROP_SYN_TIMEOUT, ICMP4_UNREACH, ICMP4_UNREACH_PORT, 0);
	}
	if (w->looped)
		pipeline_resume(w, NULL, 0); // errors about hairpinned ones
	return n;
}

void
admit_drain(struct worker *w)
{
	struct rte_mbuf *m;

	while ((m = state_syn_due(w->state, UINT32_MAX)))
		drop(w, m, DROP_SYN_TIMEOUT);
}
