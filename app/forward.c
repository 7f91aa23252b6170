// SPDX-License-Identifier: BSD-3-Clause
// Native IPv6 between LAN ports, by route (RFC 8200, GW-IP6-04..06). The translator is not
// involved.
#include "app/pipeline.h"

#include "app/output.h"
#include "app/reject.h"

#include <rte_ip.h>

static bool
may_forward(const struct in6_addr *src, const struct in6_addr *dst)
{
	return !IN6_IS_ADDR_UNSPECIFIED(src) && !IN6_IS_ADDR_LOOPBACK(src) &&
	       !IN6_IS_ADDR_UNSPECIFIED(dst) && !IN6_IS_ADDR_LOOPBACK(dst) &&
	       !IN6_IS_ADDR_LINKLOCAL(dst) &&
	       !IN6_IS_ADDR_V4MAPPED(dst); // the route table means IPv4 by these
}

static bool
is_lan(const struct worker *w, uint16_t port)
{
	return w->gw->port[port].role == PORT_LAN;
}

static bool
is_of_gone_prefix(const struct plan *p, const struct in6_addr *dst)
{
	for (unsigned int i = 0; i < p->config.nat64.n_prefix; i++)
		if ((p->prefixes_gone >> i & 1) && pref64_match(&p->config.nat64.prefix[i], dst))
			return true;
	return false;
}

static void
forward_one(struct worker *w, struct rte_mbuf *m)
{
	struct rte_ipv6_hdr *ip = rte_pktmbuf_mtod(m, struct rte_ipv6_hdr *);
	const struct in6_addr *src = (const struct in6_addr *)&ip->src_addr;
	const struct in6_addr *dst = (const struct in6_addr *)&ip->dst_addr;
	const struct pkt *p = pkt_of(m);
	struct hop hop;

	if (!may_forward(src, dst) || (p->flags & PKT_L2_GROUP) || !is_lan(w, p->in_port)) {
		drop(w, m, DROP_NOT_FORWARDED);
	} else if (IN6_IS_ADDR_LINKLOCAL(src)) { // RFC 4443 §3.1
		reject6(w, m, DROP_NOT_FORWARDED, ICMP6_UNREACH, ICMP6_UNREACH_SCOPE, 0);
	} else if (p->ttl <= 1) {
		reject6(w, m, DROP_TTL, ICMP6_TIME_EXCEEDED, 0, 0);
	} else if (!output_route(w, dst, &hop) || !is_lan(w, hop.port)) {
		if (p->proto == IPPROTO_TCP && w->now_sec < w->reset_until_sec &&
			is_of_gone_prefix(w->plan, dst))
			reject_reset6(w, m, DROP_NO_ROUTE);
		else
			reject6(w, m, DROP_NO_ROUTE, ICMP6_UNREACH, ICMP6_UNREACH_NO_ROUTE, 0);
	} else if (p->l3_len > hop.mtu) {
		reject6(w, m, DROP_TOO_BIG, ICMP6_PACKET_TOO_BIG, 0, hop.mtu); // GW-IP6-05
	} else {
		ip->hop_limits--;
		w->stats.forward6++;
		output_ip(w, m, &hop);
	}
}

void
forward6(struct worker *w)
{
	for (unsigned int i = 0; i < w->forward.n; i++)
		forward_one(w, w->forward.m[i]);
	w->forward.n = 0;
}
