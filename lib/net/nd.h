// SPDX-License-Identifier: BSD-3-Clause
// ND and MLD messages for our own addresses (RFC 4861, RFC 3810), ARP (RFC 826). Bytes only: no
// state, no clock. Builders write a whole IP packet (ARP: the ARP body) and return its length.
#ifndef NET_ND_H
#define NET_ND_H

#include "net/pkt.h"
#include "stats/drop.h"

#define ND_MAX_LEN 128 // longest message a builder writes (nd_mld_report excepted)

// A validated NS or NA (GW-ND-01, GW-ND-03).
struct nd_msg {
	uint8_t type; // 135 NS, 136 NA
	struct in6_addr src, dst, target;
	bool has_lla; // SLLA of an NS, TLLA of an NA
	struct rte_ether_addr lla;
	bool router, solicited, override; // NA flags
};

// DROP_NONE, or DROP_ND_INVALID. m is parsed (ICMPv6, at the IPv6 header).
enum drop_reason nd_parse(struct rte_mbuf *m, const struct pkt *p, struct nd_msg *out);

// NS for target: to its solicited-node group, or to dst when unicast (not NULL). SLLA always there.
uint16_t nd_build_ns(uint8_t *buf, const struct in6_addr *src, const struct in6_addr *target,
	const struct in6_addr *unicast_dst, const struct rte_ether_addr *mac);
// NA: R=1, O=1, TLLA there. dst ff02::1 with solicited false when the NS came from ::.
uint16_t nd_build_na(uint8_t *buf, const struct in6_addr *src, const struct in6_addr *dst,
	const struct in6_addr *target, bool solicited, const struct rte_ether_addr *mac);

// MLDv2 report (type 143, hop limit 1, router alert) with CHANGE_TO_EXCLUDE {} for each group, or
// MODE_IS_EXCLUDE when it answers a query. n <= 32. buf of 1280 bytes.
uint16_t nd_build_mld_report(uint8_t *buf, const struct in6_addr *src,
	const struct in6_addr *groups, unsigned int n, bool answers_query);
// MLD query (130) to us: true when valid (hop limit 1, link-local source, router alert); fills the
// group (:: for a general one) and the longest delay of the answer.
bool nd_parse_mld_query(
	struct rte_mbuf *m, const struct pkt *p, struct in6_addr *group, uint32_t *max_delay_ms);

// MAC of an IPv6 multicast group (RFC 2464 §7).
void nd_group_mac(struct rte_ether_addr *out, const struct in6_addr *group);
// Link-local address from a MAC (RFC 4291 appendix A).
void nd_link_local(struct in6_addr *out, const struct rte_ether_addr *mac);

struct arp_msg {
	bool request; // or reply
	struct rte_ether_addr sender_mac;
	struct in_addr sender, target;
};
#define ARP_LEN 28
// data: behind the Ethernet header. DROP_NONE, or DROP_ARP_INVALID.
enum drop_reason arp_parse(const void *data, uint16_t len, struct arp_msg *out);
void arp_build(uint8_t *buf, bool request, const struct rte_ether_addr *sender_mac,
	struct in_addr sender, const struct rte_ether_addr *target_mac, struct in_addr target);

#endif
