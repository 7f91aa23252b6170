// SPDX-License-Identifier: BSD-3-Clause
#include "app/output.h"

#include "app/hairpin.h"
#include "app/neighbor.h"
#include "app/offload.h"
#include "app/own.h"
#include "app/vlan.h"
#include "net/arp.h"
#include "net/nd.h"

#include <rte_ip.h>
#include <rte_ring.h>

// ---- routes and next hops

static void
hop_resolve(struct worker *w, struct hop *hop)
{
	hop->mtu = w->gw->port[hop->port].mtu;
	hop->idx = nexthop_find(&w->nexthops, hop->port, &hop->via);
}

bool
output_route(struct worker *w, const struct in6_addr *dst, struct hop *hop)
{
	const struct route *r = route_lookup(&w->plan->routes, dst);

	if (!r)
		return false;
	hop->port = r->port;
	hop->via = IN6_IS_ADDR_UNSPECIFIED(&r->via) ? *dst : r->via;
	hop_resolve(w, hop);
	return true;
}

bool
output_find_hop6(struct worker *w, struct session *s, struct hop *hop)
{
	s->nexthop6_gen = 0;
	if (!output_route(w, &s->src6, hop))
		return false;
	if (hop->idx != NEXTHOP_NONE) {
		s->nexthop6 = hop->idx;
		s->nexthop6_gen = w->nexthops.nh[hop->idx].gen;
	}
	return true;
}

bool
output_find_hop4(struct worker *w, struct session *s, struct hop *hop)
{
	struct in6_addr dst;

	if (unlikely(own_pool4(w->plan, (struct in_addr){s->dst4})))
		return hairpin_hop(hop);
	s->nexthop4_gen = 0;
	addr_map4(&dst, (struct in_addr){s->dst4});
	if (!output_route(w, &dst, hop))
		return false;
	if (hop->idx != NEXTHOP_NONE) {
		s->nexthop4 = hop->idx;
		s->nexthop4_gen = w->nexthops.nh[hop->idx].gen;
	}
	return true;
}

// ---- frames

static rte_be16_t
ether_type_of(const struct rte_mbuf *m)
{
	uint8_t version = *rte_pktmbuf_mtod(m, const uint8_t *) >> 4;

	return version == 6 ? RTE_BE16(RTE_ETHER_TYPE_IPV6) : RTE_BE16(RTE_ETHER_TYPE_IPV4);
}

static inline void
add_ether(struct rte_mbuf *m, const struct rte_ether_addr *dst, const struct rte_ether_addr *src)
{
	rte_be16_t type = ether_type_of(m);
	struct rte_ether_hdr *eth =
		(struct rte_ether_hdr *)rte_pktmbuf_prepend(m, sizeof(struct rte_ether_hdr));

	eth->dst_addr = *dst;
	eth->src_addr = *src;
	eth->ether_type = type;
}

void
output_arp(struct worker *w, uint16_t port, bool request, struct in_addr sender,
	const struct rte_ether_addr *to, const struct rte_ether_addr *target_mac,
	struct in_addr target)
{
	const struct rte_ether_addr *mac = &w->gw->port[port].mac;
	struct rte_mbuf *m = output_alloc(w);
	struct rte_ether_hdr *eth;

	if (!m)
		return;
	eth = (struct rte_ether_hdr *)rte_pktmbuf_append(m, sizeof(*eth) + ARP_LEN);
	eth->dst_addr = *to;
	eth->src_addr = *mac;
	eth->ether_type = RTE_BE16(RTE_ETHER_TYPE_ARP);
	arp_build((uint8_t *)(eth + 1), request, mac, sender, target_mac, target);
	output_frame(w, m, port);
}

void
output_to(struct worker *w, struct rte_mbuf *m, uint16_t port, const struct rte_ether_addr *mac)
{
	add_ether(m, mac, &w->gw->port[port].mac);
	output_frame(w, m, port);
}

static void
report_use(struct worker *w, uint32_t idx)
{
	struct nexthop *nh = &w->nexthops.nh[idx];

	nh->stale = false;
	if (!neighbor_report_use(w, idx))
		nh->stale = true; // could not be told: the next packet tries again
}

void
output_ip(struct worker *w, struct rte_mbuf *m, const struct hop *hop)
{
	struct pkt *p = pkt_of(m);

	if (unlikely(hop->idx == NEXTHOP_NONE)) {
		if (hop->port == HOP_HAIRPIN) {
			hairpin_add(w, m);
			return;
		}
		p->out.port = hop->port;
		p->via = hop->via;
		neighbor_resolve(w, m);
		return;
	}
	if (unlikely(w->nexthops.nh[hop->idx].stale))
		report_use(w, hop->idx);
	add_ether(m, &w->nexthops.nh[hop->idx].mac, &w->nexthops.nh[hop->idx].src);
	output_frame(w, m, hop->port);
}

// Groups need no resolution; link-local destinations are on the port they came from.
static bool
own_direct(struct worker *w, struct rte_mbuf *m, const struct in6_addr *dst, int port)
{
	struct hop hop = {.port = (uint16_t)port, .via = *dst};
	struct rte_ether_addr mac;

	if (port < 0)
		return false;
	if (IN6_IS_ADDR_MULTICAST(dst)) {
		nd_group_mac(&mac, dst);
		output_to(w, m, (uint16_t)port, &mac);
		return true;
	}
	if (!IN6_IS_ADDR_LINKLOCAL(dst))
		return false;
	hop_resolve(w, &hop);
	output_ip(w, m, &hop);
	return true;
}

void
output_own(struct worker *w, struct rte_mbuf *m, int port)
{
	struct in6_addr dst;
	struct hop hop;

	if (ether_type_of(m) == RTE_BE16(RTE_ETHER_TYPE_IPV6)) {
		memcpy(&dst, &rte_pktmbuf_mtod(m, struct rte_ipv6_hdr *)->dst_addr, sizeof(dst));
		if (own_direct(w, m, &dst, port))
			return;
	} else {
		addr_map4(&dst,
			(struct in_addr){rte_pktmbuf_mtod(m, struct rte_ipv4_hdr *)->dst_addr});
	}
	if (!output_route(w, &dst, &hop))
		drop(w, m, DROP_NO_ROUTE);
	else if (rte_pktmbuf_pkt_len(m) > hop.mtu)
		drop(w, m, DROP_FRAG_NEEDED);
	else
		output_ip(w, m, &hop);
}

struct rte_mbuf *
output_alloc(struct worker *w)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(w->gw->pool);

	if (!m) {
		w->stats.no_mbuf++;
		return NULL;
	}
	memset(pkt_of(m), 0, PKT_PRIV_SIZE);
	w->stats.originated++;
	return m;
}

// ---- transmit buffers and hand-over

static void
flush_port(struct worker *w, uint16_t port)
{
	struct tx_buffer *b = &w->tx[port];
	struct port *p = &w->gw->port[port];
	const bool lost = p->link.lost;
	uint16_t sent = lost ? 0 : p->tx(p, p->tx_queue[w->index], b->m, (uint16_t)b->n);

	w->stats.tx += sent;
	while (sent < b->n)
		drop(w, b->m[sent++], lost ? DROP_LINK_DOWN : DROP_TX_FULL);
	b->n = 0;
}

static void
flush_worker(struct worker *w, unsigned int to)
{
	struct tx_buffer *b = &w->to[to];
	unsigned int sent = rte_ring_enqueue_burst(
		w->gw->worker[to]->from[w->index], (void **)b->m, b->n, NULL);

	idle_ring(&w->gw->worker[to]->idle);
	while (sent < b->n)
		drop(w, b->m[sent++], DROP_STEER_QUEUE);
	b->n = 0;
}

static enum handed_kind
kind_of(const struct pkt *p)
{
	static const uint8_t kind[] = {
		[RESUME_LOOKUP] = HANDED_SESSION,
		[RESUME_ICMP_ERROR] = HANDED_ICMP_ERROR,
		[RESUME_FRAGMENT] = HANDED_FRAGMENT,
		[RESUME_OUTPUT] = HANDED_NEXT_HOP,
		[RESUME_TX] = HANDED_TRANSMIT,
		[RESUME_LOCAL] = HANDED_LOCAL,
	};

	if (p->resume != RESUME_LOOKUP)
		return kind[p->resume];
	if (p->flags & PKT_HAIRPIN)
		return HANDED_HAIRPIN;
	if (p->flags & PKT_FRAGMENT)
		return HANDED_FRAGMENT;
	return p->family == 4 && (p->flags & PKT_ICMP_ECHO) ? HANDED_ECHO4 : HANDED_SESSION;
}

void
output_hand_over(struct worker *w, struct rte_mbuf *m, unsigned int to)
{
	struct tx_buffer *b = &w->to[to];

	w->stats.handed[kind_of(pkt_of(m))]++;
	b->m[b->n++] = m;
	if (b->n == WORKER_BURST)
		flush_worker(w, to);
}

void
output_frame(struct worker *w, struct rte_mbuf *m, uint16_t port)
{
	unsigned int by = w->gw->port[port].tx_worker[w->index];
	uint16_t l2_len = sizeof(struct rte_ether_hdr);
	struct tx_buffer *b = &w->tx[port];

	if (unlikely(by != w->index)) {
		pkt_of(m)->resume = RESUME_TX;
		pkt_of(m)->out.port = port;
		output_hand_over(w, m, by);
		return;
	}
	if (unlikely(w->gw->port[port].vlan)) {
		vlan_insert(&w->gw->port[port], m);
		l2_len += sizeof(struct rte_vlan_hdr);
	}
	if (unlikely(offload_is_open(m)))
		offload_settle(&w->gw->port[port], m, l2_len);
	b->m[b->n++] = m;
	if (b->n == WORKER_BURST)
		flush_port(w, port);
}

void
output_flush(struct worker *w)
{
	for (uint16_t i = 0; i < w->gw->n_port; i++)
		if (w->tx[i].n)
			flush_port(w, i);
	for (unsigned int i = 0; i < w->gw->n_worker; i++)
		if (w->to[i].n)
			flush_worker(w, i);
}
