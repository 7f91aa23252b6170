// SPDX-License-Identifier: BSD-3-Clause
// Neighbor Discovery messages for our own addresses (RFC 4861). Bytes only: no state, no clock.
// Builders write a whole IPv6 packet and return its length.
#ifndef NET_ND_H
#define NET_ND_H

#include "net/pkt.h"
#include "stats/drop.h"

#define ND_MAX_LEN 128 // longest message a builder writes

// A validated NS or NA (GW-ND-01, GW-ND-03).
struct nd_msg {
	uint8_t type; // 135 NS, 136 NA
	struct in6_addr src, dst, target;
	bool has_lla;                     // SLLA of an NS, TLLA of an NA
	struct rte_ether_addr lla;        // unicast
	bool router, solicited, override; // NA flags
};

// DROP_NONE, or DROP_ND_INVALID. m is parsed (ICMPv6, at the IPv6 header).
enum drop_reason nd_parse(struct rte_mbuf *m, const struct pkt *p, struct nd_msg *out);

// NS for target: to its solicited-node group, or to dst when unicast (not NULL). With SLLA, unless
// src is :: (RFC 4861 §4.3).
uint16_t nd_build_ns(uint8_t *buf, const struct in6_addr *src, const struct in6_addr *target,
	const struct in6_addr *unicast_dst, const struct rte_ether_addr *mac);
// NA: R=1, O=1, TLLA there. dst ff02::1 with solicited false when the NS came from ::.
uint16_t nd_build_na(uint8_t *buf, const struct in6_addr *src, const struct in6_addr *dst,
	const struct in6_addr *target, bool solicited, const struct rte_ether_addr *mac);

// MAC of an IPv6 multicast group (RFC 2464 §7).
void nd_group_mac(struct rte_ether_addr *out, const struct in6_addr *group);
// Link-local address from a MAC (RFC 4291 appendix A).
void nd_link_local(struct in6_addr *out, const struct rte_ether_addr *mac);

#endif
