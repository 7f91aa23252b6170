// SPDX-License-Identifier: BSD-3-Clause
// ICMP errors about translated packets, both ways (RFC 7915 §4.2-4.3, §5.2-5.3, RFC 6146 §3.4).
// They make, extend and end no state (ERR-23).
#include "app/pipeline.h"

#include "app/fragments.h"
#include "xlat/xlat.h"

#include <rte_ip.h>

// The session that the quoted packet belongs to: it went from the IPv4 side to the inside host.
static struct session *
find_session6(struct worker *w, struct rte_mbuf *m)
{
	const struct pkt *p = pkt_of(m);
	const struct rte_ipv6_hdr *quote =
		rte_pktmbuf_mtod_offset(m, const struct rte_ipv6_hdr *, p->inner.l3_off);
	const struct pref64 *pref = &w->plan->config.nat64.prefix[p->pref64];
	bool echo = p->inner.proto == IPPROTO_ICMPV6;
	struct session_key6 key = {
		.sport = p->inner.dport,
		.dport = echo ? 0 : p->inner.sport,
		.proto = echo ? IPPROTO_ICMP : p->inner.proto,
		.pref64 = p->pref64,
	};
	struct session *s;

	memcpy(&key.src6, &quote->dst_addr, sizeof(key.src6));
	key.dst4 = pref64_extract(pref, (const struct in6_addr *)&quote->src_addr).s_addr;
	state_lookup6(w->state, &key, 1, &s);
	return s;
}

// The other way round: the quoted packet went from the pool address to the IPv4 side.
static struct session *
find_session4(struct worker *w, struct rte_mbuf *m)
{
	const struct pkt *p = pkt_of(m);
	const struct rte_ipv4_hdr *quote =
		rte_pktmbuf_mtod_offset(m, const struct rte_ipv4_hdr *, p->inner.l3_off);
	struct session_key4 key = {
		.dst4 = quote->dst_addr,
		.src4 = quote->src_addr,
		.dport = p->inner.proto == IPPROTO_ICMP ? 0 : p->inner.dport,
		.sport = p->inner.sport,
		.proto = p->inner.proto,
	};
	struct session *s;

	state_lookup4(w->state, &key, 1, &s);
	return s;
}

static enum drop_reason
error_6to4(struct worker *w, struct rte_mbuf *m, struct hop *hop)
{
	struct session *s = find_session6(w, m);
	struct hop hop6;

	if (!s)
		return DROP_ICMP_NO_SESSION;
	if (pkt_of(m)->ttl <= 1)
		return DROP_TTL;
	if (!output_hop4(w, s, hop) || !output_hop6(w, s, &hop6))
		return DROP_NO_ROUTE;
	return xlat_error_6to4(m, pkt_of(m),
		&(struct xlat_error_64){
			.src = s->src4, // ERR-21
			.dst = s->dst4,
			.inner_src = s->dst4,
			.inner_dst = s->src4,
			.inner_dport = s->sport4,
			.id = rand_u16(&w->rand),
			.mtu4 = hop->mtu,
			.mtu6 = hop6.mtu,
			.tos = w->plan->config.nat64.tos,
			.delta = s->delta,
		});
}

static enum drop_reason
error_4to6(struct worker *w, struct rte_mbuf *m, struct hop *hop)
{
	const struct rte_ipv4_hdr *ip = rte_pktmbuf_mtod(m, const struct rte_ipv4_hdr *);
	struct session *s = find_session4(w, m);
	struct xlat_error_46 x;
	const struct pref64 *pref;
	struct hop hop4;

	if (!s || s->src4 != ip->dst_addr)
		return DROP_ICMP_NO_SESSION;
	if (pkt_of(m)->ttl <= 1)
		return DROP_TTL;
	if (!output_hop6(w, s, hop) || !output_hop4(w, s, &hop4))
		return DROP_NO_ROUTE;
	pref = &w->plan->config.nat64.prefix[s->pref64];
	x = (struct xlat_error_46){
		.dst = s->src6,
		.inner_src = s->src6,
		.inner_sport = s->sport6,
		.mtu4 = hop4.mtu,
		.mtu6 = hop->mtu,
		.tc = w->plan->config.nat64.traffic_class,
		.delta = (uint16_t)~s->delta,
	};
	pref64_compose(pref, (struct in_addr){ip->src_addr}, &x.src); // ERR-20: the true sender
	pref64_compose(pref, (struct in_addr){s->dst4}, &x.inner_dst);
	return xlat_error_4to6(m, pkt_of(m), &x);
}

static void
translate_lane(struct worker *w, struct lane *l, uint64_t *counter,
	enum drop_reason (*translate)(struct worker *, struct rte_mbuf *, struct hop *))
{
	for (unsigned int i = 0; i < l->n; i++) {
		struct hop hop;
		enum drop_reason why = translate(w, l->m[i], &hop);

		if (why != DROP_NONE) {
			drop(w, l->m[i], why);
			continue;
		}
		(*counter)++;
		if (likely(rte_pktmbuf_pkt_len(l->m[i]) <= hop.mtu))
			output_ip(w, l->m[i], &hop);
		else // at most 576 bytes for IPv4, which may not fit, and 1280 for IPv6
			output_cut4(w, l->m[i], &hop);
	}
	l->n = 0;
}

void
translate_errors(struct worker *w)
{
	translate_lane(w, &w->error6, &w->stats.xlat64, error_6to4);
	translate_lane(w, &w->error4, &w->stats.xlat46, error_4to6);
}
