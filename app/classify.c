// SPDX-License-Identifier: BSD-3-Clause
// First stage: looks at each frame once and puts it into the lane of what it needs.
#include "app/pipeline.h"

#include "app/own.h"
#include "app/reject.h"
#include "app/vlan.h"
#include "net/parse.h"

#include <rte_ip.h>

static void
classify_error6(struct worker *w, struct rte_mbuf *m, struct pkt *p)
{
	enum drop_reason why = parse_icmp_error(m, p);
	const struct rte_ipv6_hdr *quote;
	int pref;

	if (why != DROP_NONE) {
		drop(w, m, why);
		return;
	}
	quote = rte_pktmbuf_mtod_offset(m, const struct rte_ipv6_hdr *, p->inner.l3_off);
	pref = own_pref64(w->plan, (const struct in6_addr *)&quote->src_addr);
	if (pref < 0) {
		drop(w, m, DROP_ICMP_INNER);
		return;
	}
	p->pref64 = (uint8_t)pref;
	lane_add(&w->error6, m);
}

// The transports NAT64 knows (RFC 6146 §3.4).
static void
classify_transport6(struct worker *w, struct rte_mbuf *m, struct pkt *p)
{
	if (p->proto == IPPROTO_TCP || p->proto == IPPROTO_UDP) {
		if (unlikely(p->sport == 0 || p->dport == 0))
			drop(w, m, DROP_PORT_ZERO);
		else
			lane_add(&w->v6, m);
	} else if (p->proto != IPPROTO_ICMPV6) {
		reject6(w, m, DROP_PROTO, ICMP6_UNREACH, ICMP6_UNREACH_PORT, 0);
	} else if (p->flags & PKT_ICMP_ECHO) {
		lane_add(&w->v6, m);
	} else if (p->flags & PKT_ICMP_ERROR) {
		classify_error6(w, m, p);
	} else {
		drop(w, m, DROP_ICMP_TYPE);
	}
}

static void
classify_fragment6(struct worker *w, struct rte_mbuf *m, struct pkt *p)
{
	enum drop_reason why = parse_fragment(m, p);
	bool ports = p->proto == IPPROTO_TCP || p->proto == IPPROTO_UDP;

	if (why != DROP_NONE) {
		drop(w, m, why);
	} else if (!ports && p->proto != IPPROTO_ICMPV6) {
		reject6(w, m, DROP_PROTO, ICMP6_UNREACH, ICMP6_UNREACH_PORT, 0);
	} else if (ports && p->frag.off == 0 && (p->sport == 0 || p->dport == 0)) {
		drop(w, m, DROP_PORT_ZERO);
	} else {
		lane_add(&w->fragment, m);
	}
}

// Echo requests to ourselves may need fragments; the reply goes back in the same ones. Nothing else
// that we answer does.
static void
classify_fragment_local(struct worker *w, struct rte_mbuf *m, struct pkt *p)
{
	const uint8_t *ip = rte_pktmbuf_mtod(m, const uint8_t *);
	const bool group = (p->flags & PKT_L2_GROUP) || (p->family == 6 && ip[24] == 0xff);
	enum drop_reason why = DROP_FRAG_LOCAL;

	if (!group && p->proto == (p->family == 6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP))
		why = parse_fragment(m, p);
	if (why != DROP_NONE) {
		drop(w, m, why);
		return;
	}
	p->flags |= PKT_LOCAL;
	if (p->family == 6) // tells datagrams to several addresses of ours apart
		memcpy(&p->dst4, ip + 36, sizeof(p->dst4));
	lane_add(&w->fragment, m);
}

// Destination inside a NAT64 prefix: the checks of N64-IN-04 up to the tuple.
static void
classify_pref64(struct worker *w, struct port *port, struct rte_mbuf *m, struct pkt *p, int pref)
{
	const struct config_nat64 *c = &w->plan->config.nat64;
	const struct rte_ipv6_hdr *ip = rte_pktmbuf_mtod(m, const struct rte_ipv6_hdr *);
	const struct in6_addr *src = (const struct in6_addr *)&ip->src_addr;
	const struct in6_addr *dst = (const struct in6_addr *)&ip->dst_addr;

	p->pref64 = (uint8_t)pref;
	p->dst4 = pref64_extract(&c->prefix[pref], dst).s_addr;
	if (unlikely(!pref64_is_canonical(&c->prefix[pref], dst))) {
		p->flags |= PKT_SUFFIX;
		w->stats.suffix_nonzero++;
	}
	if (unlikely(port->role != PORT_LAN || (p->flags & PKT_L2_GROUP)))
		drop(w, m, DROP_NOT_FORWARDED);
	else if (unlikely(IN6_IS_ADDR_LINKLOCAL(src) || IN6_IS_ADDR_UNSPECIFIED(src)))
		drop(w, m, DROP_SRC6_ILLEGAL);
	else if (unlikely(p->ttl <= 1))
		reject6(w, m, DROP_TTL, ICMP6_TIME_EXCEEDED, 0, 0);
	else if (unlikely(p->flags & PKT_FRAGMENT))
		classify_fragment6(w, m, p);
	else
		classify_transport6(w, m, p);
}

// parse_ip6 left p->l4_off at the Segments Left byte, which the type stands before (RFC 5095).
static bool
is_rh0(const struct rte_mbuf *m, const struct pkt *p)
{
	return *rte_pktmbuf_mtod_offset(m, const uint8_t *, p->l4_off - 1) == 0;
}

static void
classify6(struct worker *w, struct port *port, struct rte_mbuf *m, struct pkt *p)
{
	enum drop_reason why = parse_ip6(m, p);
	const struct rte_ipv6_hdr *ip = rte_pktmbuf_mtod(m, const struct rte_ipv6_hdr *);
	const struct in6_addr *dst = (const struct in6_addr *)&ip->dst_addr;
	bool transit;
	int pref;

	if (unlikely(why == DROP_MALFORMED || why == DROP_SRC6_ILLEGAL)) {
		drop(w, m, why);
		return;
	}
	if (unlikely(own_pref64(w->plan, (const struct in6_addr *)&ip->src_addr) >= 0)) {
		drop(w, m, DROP_SRC_IN_PREF64); // N64-IN-01
		return;
	}
	pref = own_pref64(w->plan, dst);
	transit = pref < 0 && !IN6_IS_ADDR_MULTICAST(dst) && !own_has6(w->plan, dst);
	if (unlikely(why == DROP_ROUTING_HEADER && (!transit || is_rh0(m, p))))
		// X64-10, GW-IP6-07: the pointer is the Segments Left byte
		reject6(w, m, why, ICMP6_PARAM_PROBLEM, 0, p->l4_off);
	else if (transit)
		lane_add(&w->forward, m); // what is behind the header is not for us to judge
	else if (unlikely(why != DROP_NONE))
		drop(w, m, why);
	else if (likely(pref >= 0))
		classify_pref64(w, port, m, p, pref);
	else if (unlikely(p->flags & PKT_FRAGMENT))
		classify_fragment_local(w, m, p);
	else
		lane_add(&w->local, m);
}

static void
classify_error4(struct worker *w, struct rte_mbuf *m, struct pkt *p)
{
	enum drop_reason why = parse_icmp_error(m, p);

	if (why != DROP_NONE)
		drop(w, m, why);
	else
		lane_add(&w->error4, m);
}

// From the IPv4 side, or as if.
static bool
came_outside(const struct port *port, const struct pkt *p)
{
	return port->role == PORT_WAN || (p->flags & PKT_HAIRPIN);
}

// X46-07, BCP 38: our own address from the IPv4 side, which nobody there has. An outer source of an
// ICMP error may be any: it changes nothing and says where trouble is.
static bool
is_spoofed4(const struct worker *w, const struct port *port, const struct rte_mbuf *m,
	const struct pkt *p)
{
	struct in_addr src = {rte_pktmbuf_mtod(m, const struct rte_ipv4_hdr *)->src_addr};

	return own_outside4(w->plan, src) && port->role == PORT_WAN &&
	       !(p->flags & (PKT_HAIRPIN | PKT_ICMP_ERROR));
}

static void
classify_fragment4(struct worker *w, struct port *port, struct rte_mbuf *m, struct pkt *p)
{
	struct in_addr dst = {rte_pktmbuf_mtod(m, const struct rte_ipv4_hdr *)->dst_addr};
	enum drop_reason why;

	if (!came_outside(port, p) || !own_pool4(w->plan, dst)) {
		if (own_has4(w->plan, dst))
			classify_fragment_local(w, m, p);
		else
			drop(w, m, DROP_NOT_FORWARDED);
	} else if (p->proto != IPPROTO_TCP && p->proto != IPPROTO_UDP && p->proto != IPPROTO_ICMP) {
		unmatched4(w, m);
	} else if ((why = parse_fragment(m, p)) != DROP_NONE) {
		drop(w, m, why);
	} else {
		lane_add(&w->fragment, m);
	}
}

// Everything that could belong to a session goes to the lookup; unmatched4 tells the rest apart.
static void
classify4(struct worker *w, struct port *port, struct rte_mbuf *m, struct pkt *p)
{
	enum drop_reason why = parse_ip4(m, p);

	if (unlikely(why == DROP_NONE && is_spoofed4(w, port, m, p)))
		why = DROP_SRC4_ILLEGAL;
	if (unlikely(why == DROP_NONE && (p->flags & PKT_SRC_ROUTE))) {
		reject4(w, m, DROP_SOURCE_ROUTE, ICMP4_UNREACH, ICMP4_UNREACH_SRCFAIL, 0); // X46-06
		return;
	}
	if (unlikely(why != DROP_NONE))
		drop(w, m, why);
	else if (unlikely(p->flags & PKT_L2_GROUP))
		drop(w, m, DROP_NOT_FORWARDED);
	else if (unlikely(p->flags & PKT_FRAGMENT))
		classify_fragment4(w, port, m, p);
	else if (likely(p->proto == IPPROTO_TCP || p->proto == IPPROTO_UDP ||
			 (p->flags & PKT_ICMP_ECHO)))
		lane_add(&w->v4, m);
	else if ((p->flags & PKT_ICMP_ERROR) && came_outside(port, p))
		classify_error4(w, m, p);
	else
		unmatched4(w, m);
}

// The second pass of a packet; it is parsed as any other.
void
classify_hairpin(struct worker *w, struct rte_mbuf *m)
{
	struct pkt *p = pkt_of(m);
	uint16_t port = p->in_port;

	memset(p, 0, sizeof(*p));
	p->in_port = port;
	p->flags = PKT_HAIRPIN;
	classify4(w, &w->gw->port[port], m, p);
}

void
classify_own_error(struct worker *w, struct rte_mbuf *m)
{
	struct pkt *p = pkt_of(m);
	bool is6 = *rte_pktmbuf_mtod(m, const uint8_t *) >> 4 == 6;
	enum drop_reason why = is6 ? parse_ip6(m, p) : parse_ip4(m, p);

	if (why != DROP_NONE)
		drop(w, m, why);
	else if (is6)
		classify_error6(w, m, p);
	else
		classify_error4(w, m, p);
}

static void classify_one(struct worker *w, struct port *port, struct rte_mbuf *m);

// A tag where the port is known: VID 0 is a priority and no VLAN.
static void
classify_tagged(struct worker *w, struct port *port, struct rte_mbuf *m)
{
	const struct rte_ether_hdr *eth;
	uint16_t vid;

	rte_pktmbuf_prepend(m, sizeof(*eth));
	vid = vlan_strip(m);
	eth = rte_pktmbuf_mtod(m, const struct rte_ether_hdr *);
	if (vid || eth->ether_type == RTE_BE16(RTE_ETHER_TYPE_VLAN))
		drop(w, m, DROP_VLAN); // or two tags
	else
		classify_one(w, port, m);
}

static void
classify_one(struct worker *w, struct port *port, struct rte_mbuf *m)
{
	const struct rte_ether_hdr *eth = rte_pktmbuf_mtod(m, const struct rte_ether_hdr *);
	struct pkt *p = pkt_of(m);
	uint16_t type;

	if (unlikely(m->nb_segs != 1 || m->data_len < sizeof(*eth))) {
		drop(w, m, DROP_MALFORMED);
		return;
	}
	memset(p, 0, sizeof(*p));
	p->in_port = port->index;
	if (unlikely(!rte_is_same_ether_addr(&eth->dst_addr, &port->mac))) {
		if (!rte_is_multicast_ether_addr(&eth->dst_addr)) {
			drop(w, m, DROP_L2_NOT_OURS);
			return;
		}
		p->flags = PKT_L2_GROUP;
	}
	type = eth->ether_type;
	rte_pktmbuf_adj(m, sizeof(*eth));
	if (type == RTE_BE16(RTE_ETHER_TYPE_IPV6))
		classify6(w, port, m, p);
	else if (type == RTE_BE16(RTE_ETHER_TYPE_IPV4))
		classify4(w, port, m, p);
	else if (type == RTE_BE16(RTE_ETHER_TYPE_ARP))
		lane_add(&w->local, m); // pkt.family 0
	else if (type == RTE_BE16(RTE_ETHER_TYPE_VLAN))
		classify_tagged(w, port, m);
	else
		drop(w, m, DROP_L2_ETHERTYPE);
}

// A frame is fetched so many packets ahead, and its mbuf as far again.
void
classify(struct worker *w, const struct rx_burst *burst)
{
	const bool tagged = burst->port->tagged;
	struct rte_mbuf **pkts = burst->pkts;
	const unsigned int n = burst->n;

	w->stats.rx += n;
	for (unsigned int i = 0; i < n; i++) {
		struct port *port = burst->port;

		if (i + 2 * PIPELINE_PREFETCH < n)
			rte_prefetch0(pkts[i + 2 * PIPELINE_PREFETCH]);
		if (i + PIPELINE_PREFETCH < n)
			pipeline_prefetch(pkts[i + PIPELINE_PREFETCH]);
		if (unlikely(tagged) && !(port = vlan_port(burst->port, pkts[i])))
			drop(w, pkts[i], DROP_VLAN);
		else
			classify_one(w, port, pkts[i]);
	}
}
