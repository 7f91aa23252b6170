// SPDX-License-Identifier: BSD-3-Clause
#include "app/local.h"

#include "app/neighbor.h"
#include "app/offload.h"
#include "app/output.h"
#include "app/own.h"
#include "app/pipeline.h"
#include "app/reject.h"
#include "net/arp.h"
#include "net/icmp.h"
#include "net/mld.h"
#include "net/nd.h"
#include "net/parse.h"

#include <rte_ip.h>
#include <rte_ring.h>

#define ND_NS          135
#define ND_NA          136
#define MLD_QUERY      130
#define MLD_REPEAT_MS  1000
#define MLD_ROBUSTNESS 2

// ---- ARP (RFC 826)

// GW-ARP-10: besides the port's own addresses, pool addresses on a WAN port.
static bool
answers_arp(const struct worker *w, const struct port *port, struct in_addr a)
{
	return own_port_has4(&w->plan->port[port->index], a) ||
	       (port->role == PORT_WAN && own_pool4(w->plan, a));
}

static void
local_arp(struct worker *w, struct rte_mbuf *m)
{
	const struct port *port = &w->gw->port[pkt_of(m)->in_port];
	struct in6_addr sender;
	struct arp_msg a;
	bool to_us;

	if (arp_parse(rte_pktmbuf_mtod(m, void *), rte_pktmbuf_data_len(m), &a) != DROP_NONE) {
		drop(w, m, DROP_ARP_INVALID);
		return;
	}
	to_us = answers_arp(w, port, a.target);
	addr_map4(&sender, a.sender);
	if (own_port_on_link(&w->plan->port[port->index], &sender) &&
		!own_has4(w->plan, a.sender)) {
		if (a.request)
			neigh_seen(w->neigh, port->index, &sender, &a.sender_mac, to_us, w->now_ms);
		else
			neigh_advert(w->neigh, port->index, &sender, &a.sender_mac, to_us, true,
				false, false, w->now_ms);
	}
	if (a.request && to_us)
		output_arp(w, port->index, false, a.target, &a.sender_mac, &a.sender_mac, a.sender);
	consume(w, m);
}

// ---- ND (RFC 4861 §7.2)

static void
answer_ns(struct worker *w, const struct port *port, const struct nd_msg *ns)
{
	static const struct in6_addr all_nodes = {.s6_addr = {0xff, 2, [15] = 1}};
	bool dad = IN6_IS_ADDR_UNSPECIFIED(&ns->src);
	struct rte_mbuf *m = output_alloc(w);

	if (!m)
		return;
	rte_pktmbuf_append(m, nd_build_na(rte_pktmbuf_mtod(m, uint8_t *), &ns->target,
				      dad ? &all_nodes : &ns->src, &ns->target, !dad, &port->mac));
	if (!dad && ns->has_lla)
		output_to(w, m, port->index, &ns->lla);
	else if (dad || IN6_IS_ADDR_LINKLOCAL(&ns->src))
		output_own(w, m, port->index);
	else
		output_own(w, m, -1);
}

static void
local_nd(struct worker *w, struct rte_mbuf *m)
{
	const struct port *port = &w->gw->port[pkt_of(m)->in_port];
	const struct plan_port *own = &w->plan->port[port->index];
	struct nd_msg nd;

	if (nd_parse(m, pkt_of(m), &nd) != DROP_NONE) {
		drop(w, m, DROP_ND_INVALID);
		return;
	}
	// own addresses and NAT64 prefixes are nobody's else to claim (GW-ND-15)
	if (nd.type == ND_NA) {
		if (!own_has6(w->plan, &nd.target) && own_pref64(w->plan, &nd.target) < 0)
			neigh_advert(w->neigh, port->index, &nd.target, nd.has_lla ? &nd.lla : NULL,
				nd.solicited, nd.override, nd.router,
				own_port_on_link(own, &nd.target), w->now_ms); // GW-ND-12
	} else if (own_port_has6(own, &nd.target)) {
		if (nd.has_lla && own_port_on_link(own, &nd.src) && !own_has6(w->plan, &nd.src))
			neigh_seen(w->neigh, port->index, &nd.src, &nd.lla, true, w->now_ms);
		answer_ns(w, port, &nd);
	}
	consume(w, m);
}

// ---- MLD (RFC 3810)

static void
local_mld_query(struct worker *w, struct rte_mbuf *m)
{
	uint16_t port = pkt_of(m)->in_port;
	struct in6_addr group;
	uint32_t max_ms;

	if (!mld_parse_query(m, pkt_of(m), &group, &max_ms)) {
		drop(w, m, DROP_ND_INVALID);
		return;
	}
	if (!w->mld_answer[port] && (IN6_IS_ADDR_UNSPECIFIED(&group) ||
					    own_port_in_group(&w->plan->port[port], &group))) {
		w->mld_answer[port] = true;
		w->mld_due_ms[port] = w->now_ms + rand_below(&w->rand, RTE_MAX(max_ms, 1u));
	}
	consume(w, m);
}

static void
send_mld_report(struct worker *w, uint16_t port, bool answer)
{
	static const struct in6_addr all_routers = {.s6_addr = {0xff, 2, [15] = 2}};
	const struct plan_port *own = &w->plan->port[port];
	struct in6_addr groups[CONFIG_PORT_ADDR + 2];
	struct rte_mbuf *m = output_alloc(w);
	unsigned int n = 0;

	if (!m)
		return;
	groups[n++] = all_routers;
	for (unsigned int i = 0; i < own->n_addr6; i++)
		addr_solicited_node(&groups[n++], &own->addr6[i].addr);
	rte_pktmbuf_append(m, mld_build_report(rte_pktmbuf_mtod(m, uint8_t *), &own->addr6[0].addr,
				      groups, n, answer));
	output_own(w, m, port);
}

// ---- announcements

static void
send_adverts(struct worker *w, uint16_t port)
{
	static const struct in6_addr all_nodes = {.s6_addr = {0xff, 2, [15] = 1}};
	const struct plan_port *own = &w->plan->port[port];

	for (unsigned int i = 0; i < own->n_addr6; i++) {
		const struct in6_addr *a = &own->addr6[i].addr;
		struct rte_mbuf *m = output_alloc(w);

		if (!m)
			return;
		rte_pktmbuf_append(m, nd_build_na(rte_pktmbuf_mtod(m, uint8_t *), a, &all_nodes, a,
					      false, &w->gw->port[port].mac));
		output_own(w, m, port);
	}
}

static void
send_gratuitous_arp(struct worker *w, uint16_t port)
{
	const struct rte_ether_addr broadcast = {.addr_bytes = {255, 255, 255, 255, 255, 255}};
	const struct config_port *c = w->plan->port[port].config;
	const struct rte_ether_addr *mac = &w->gw->port[port].mac;

	for (unsigned int i = 0; i < c->n_addr4; i++)
		output_arp(w, port, true, c->addr4[i].addr, &broadcast, mac, c->addr4[i].addr);
}

void
local_announce_port(struct worker *w, uint16_t port)
{
	w->mld_left[port] = MLD_ROBUSTNESS;
	w->mld_due_ms[port] = w->now_ms + 1;
}

void
local_announce(struct worker *w)
{
	for (uint16_t i = 0; i < w->gw->n_port; i++)
		local_announce_port(w, i);
}

void
local_tick(struct worker *w)
{
	for (uint16_t i = 0; i < w->gw->n_port; i++) {
		if (!w->mld_due_ms[i] || w->now_ms < w->mld_due_ms[i])
			continue;
		send_mld_report(w, i, w->mld_answer[i]);
		w->mld_answer[i] = false;
		if (w->mld_left[i]) {
			send_adverts(w, i);
			send_gratuitous_arp(w, i);
			w->mld_left[i]--;
		}
		w->mld_due_ms[i] = w->mld_left[i] ? w->now_ms + MLD_REPEAT_MS : 0;
	}
}

// ---- ICMP and UDP to our addresses

// Whom no answer would reach: ::, and our own addresses, which nobody else may have. Says so.
static bool
drop_unanswerable(struct worker *w, struct rte_mbuf *m)
{
	const struct rte_ipv4_hdr *ip4 = rte_pktmbuf_mtod(m, const struct rte_ipv4_hdr *);
	const struct rte_ipv6_hdr *ip6 = rte_pktmbuf_mtod(m, const struct rte_ipv6_hdr *);
	const struct in6_addr *src6 = (const struct in6_addr *)&ip6->src_addr;

	if (pkt_of(m)->family == 6 && (IN6_IS_ADDR_UNSPECIFIED(src6) || own_has6(w->plan, src6)))
		drop(w, m, DROP_SRC6_ILLEGAL);
	else if (pkt_of(m)->family == 4 && own_has4(w->plan, (struct in_addr){ip4->src_addr}))
		drop(w, m, DROP_SRC4_ILLEGAL);
	else
		return false;
	return true;
}

static void
local_echo(struct worker *w, struct rte_mbuf *m)
{
	const struct pkt *p = pkt_of(m);
	const struct rte_ipv6_hdr *ip = rte_pktmbuf_mtod(m, const struct rte_ipv6_hdr *);
	uint16_t port = p->in_port;
	bool group =
		p->family == 6 && IN6_IS_ADDR_MULTICAST((const struct in6_addr *)&ip->dst_addr);
	const struct in6_addr *from = (const struct in6_addr *)&ip->src_addr;

	if (drop_unanswerable(w, m))
		return;
	if (group && w->gw->port[port].role == PORT_WAN) { // GW-IP6-01
		drop(w, m, DROP_LOCAL_PROTO);
		return;
	}
	if (p->l3_len > w->gw->port[port].mtu) {
		drop(w, m, DROP_FRAG_NEEDED);
		return;
	}
	icmp_echo_reply(m, p, group ? own_source6(w->plan, port, from) : NULL);
	w->stats.consumed++;
	w->stats.originated++;
	output_own(w, m, port);
}

// The first fragment bears the checksum, which is not verified: if it is wrong it stays wrong.
static void
local_echo_fragment(struct worker *w, struct rte_mbuf *m)
{
	const struct pkt *p = pkt_of(m);
	uint16_t port = p->in_port;

	if (drop_unanswerable(w, m))
		return;
	if (p->icmp_type != (p->family == 6 ? 128 : 8)) {
		drop(w, m, DROP_FRAG_LOCAL);
		return;
	}
	icmp_echo_reply_fragment(m, p);
	w->stats.consumed++;
	w->stats.originated++;
	output_own(w, m, port);
}

static void
local_icmp6(struct worker *w, struct rte_mbuf *m)
{
	const struct pkt *p = pkt_of(m);

	if (p->icmp_type == ND_NS || p->icmp_type == ND_NA) {
		local_nd(w, m);
	} else if (p->icmp_type == MLD_QUERY) {
		local_mld_query(w, m);
	} else if (!parse_l4_checksum_ok(m, p)) {
		drop(w, m, DROP_CHECKSUM_L4);
	} else if (p->icmp_type == 128) {
		local_echo(w, m);
	} else {
		consume(w, m); // errors about our own packets, replies, reports, RS and RA
	}
}

static void
local_icmp4(struct worker *w, struct rte_mbuf *m)
{
	const struct pkt *p = pkt_of(m);

	if (!parse_l4_checksum_ok(m, p))
		drop(w, m, DROP_CHECKSUM_L4);
	else if (p->icmp_type == 8)
		local_echo(w, m);
	else
		consume(w, m);
}

// Queries to port 53 from a LAN port, and answers to our upstream ports from anywhere.
static bool
is_dns(const struct worker *w, const struct pkt *p)
{
	const struct config_dns64 *c = &w->plan->config.dns64;
	uint16_t dport = rte_be_to_cpu_16(p->dport);

	if (!w->dns_in || p->proto != IPPROTO_UDP)
		return false;
	if (dport == 53)
		return w->gw->port[p->in_port].role == PORT_LAN; // DNS-MISC-01
	return dport >= c->port_first && dport <= c->port_last;
}

static void
consumed_by_dns(struct worker *w)
{
	w->stats.consumed++;
	if (w->dns_idle)
		idle_ring(w->dns_idle);
}

static void
local_transport(struct worker *w, struct rte_mbuf *m)
{
	const struct pkt *p = pkt_of(m);

	if (drop_unanswerable(w, m))
		return;
	if (is_dns(w, p)) {
		if (!offload_udp_is_good(&w->gw->port[p->in_port], m) &&
			!parse_l4_checksum_ok(m, p))
			drop(w, m, DROP_CHECKSUM_L4);
		else if (rte_ring_enqueue(w->dns_in, m))
			drop(w, m, DROP_DNS_QUEUE);
		else
			consumed_by_dns(w);
	} else if (w->gw->port[p->in_port].role != PORT_LAN) {
		drop(w, m, DROP_LOCAL_PROTO); // the WAN gets no answers
	} else if (p->family == 6) {
		reject6(w, m, DROP_LOCAL_PROTO, ICMP6_UNREACH, ICMP6_UNREACH_PORT, 0);
	} else {
		reject4(w, m, DROP_LOCAL_PROTO, ICMP4_UNREACH, ICMP4_UNREACH_PORT, 0);
	}
}

static bool
is_for_us(const struct worker *w, struct rte_mbuf *m)
{
	const struct pkt *p = pkt_of(m);
	const struct rte_ipv6_hdr *ip = rte_pktmbuf_mtod(m, const struct rte_ipv6_hdr *);
	const struct in6_addr *dst = (const struct in6_addr *)&ip->dst_addr;

	if (p->family == 4 || !IN6_IS_ADDR_MULTICAST(dst))
		return true; // looked up by classify
	return own_port_in_group(&w->plan->port[p->in_port], dst);
}

static void
local_one(struct worker *w, struct rte_mbuf *m)
{
	const struct pkt *p = pkt_of(m);

	if (p->family == 0)
		local_arp(w, m);
	else if (!is_for_us(w, m))
		drop(w, m, DROP_NOT_FORWARDED);
	else if (p->flags & PKT_FRAGMENT) // of an echo request that is complete
		local_echo_fragment(w, m);
	else if (p->proto == IPPROTO_ICMPV6 && p->family == 6)
		local_icmp6(w, m);
	else if (p->proto == IPPROTO_ICMP && p->family == 4)
		local_icmp4(w, m);
	else
		local_transport(w, m);
}

void
local_deliver(struct worker *w)
{
	struct lane *l = &w->local;

	for (unsigned int i = 0; i < l->n; i++) {
		if (w->index == 0) {
			local_one(w, l->m[i]);
			continue;
		}
		pkt_of(l->m[i])->resume = RESUME_LOCAL;
		output_hand_over(w, l->m[i], 0);
	}
	l->n = 0;
}
