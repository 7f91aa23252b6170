// SPDX-License-Identifier: BSD-3-Clause
// IP/ICMP translation of one packet (RFC 7915, with the stateful rules of RFC 6146 §3.6-3.7).
// No tables, no time: the caller says what the new header is. Works in place on a one-segment mbuf
// that net/parse.h has checked, with its data pointer at the IP header, before and after.
// Needs 28 bytes of headroom; the error functions a buffer of 1280 bytes, headroom included.
// Any lcore that owns the mbuf.
// The hop limit has been checked by the caller; it is decremented here (once).
#ifndef XLAT_XLAT_H
#define XLAT_XLAT_H

#include "config/config.h"
#include "net/pkt.h"
#include "stats/drop.h"

#include <rte_ip.h>

// IPv6 to IPv4. For ICMP errors src/sport name the outer source and inner_* the quoted packet.
struct xlat_64 {
	rte_be32_t src;   // T, pool address
	rte_be32_t dst;   // Z
	rte_be16_t sport; // t, or the ICMP identifier
	rte_be16_t id;    // IPv4 Identification for a packet without Fragment header
	struct config_octet tos;
	uint16_t delta; // TCP/UDP checksum delta 6 to 4 of addresses and source port; for echo,
			// of both IPv6 addresses leaving the sum and of the identifier
};

// IPv4 to IPv6.
struct xlat_46 {
	struct in6_addr src; // P6 + Z
	struct in6_addr dst; // X'
	rte_be16_t dport;    // x, or the ICMP identifier
	struct config_octet tc;
	uint16_t delta; // the negation of xlat_64.delta of the same session
};

// Delta of a session as xlat_64.delta wants it. proto: IPPROTO_TCP, IPPROTO_UDP or IPPROTO_ICMP.
uint16_t xlat_delta64(uint8_t proto, const struct in6_addr *src6, const struct in6_addr *dst6,
	rte_be16_t sport6, rte_be32_t src4, rte_be32_t dst4, rte_be16_t sport4);

// Length of the result in bytes, to hold against an MTU before translating.
static inline uint16_t
xlat_len64(const struct pkt *p)
{
	return (uint16_t)(p->l3_len - p->l4_off + sizeof(struct rte_ipv4_hdr));
}

// X46-15: a fragment keeps a Fragment header of 8 bytes.
static inline uint16_t
xlat_len46(const struct pkt *p)
{
	_Static_assert(
		PKT_FRAGMENT * 8 == sizeof(struct rte_ipv6_fragment_ext), "without a branch");
	return (uint16_t)(p->l3_len - p->l4_off + sizeof(struct rte_ipv6_hdr) +
			  (p->flags & PKT_FRAGMENT) * 8);
}

// TCP, UDP and ICMP echo, whole or in fragments. Only the first fragment's transport header is
// changed; ICMP, and UDP of IPv4 without a checksum, need its frag.total and frag.sum. UDP of IPv4
// with checksum 0 gets one (CSUM-04, CSUM-05). p stays as it was parsed.
void xlat_6to4(struct rte_mbuf *m, const struct pkt *p, const struct xlat_64 *x);
void xlat_4to6(struct rte_mbuf *m, const struct pkt *p, const struct xlat_46 *x);

// What the translation of an ICMP error needs (RFC 7915 §4.2, §4.3, §5.2, §5.3).
// The quoted packet travelled the other way: its source is the outer destination's side.
struct xlat_error_64 {
	rte_be32_t src, dst;             // outer: T or own, and Z
	rte_be32_t inner_src, inner_dst; // quote: Z and T
	rte_be16_t inner_dport;          // quote: t (was x), or identifier
	rte_be16_t id;
	uint16_t mtu4, mtu6; // next-hop MTUs, for MTU-02
	struct config_octet tos;
	uint16_t delta; // of the quoted transport checksum, IPv6 to IPv4
};

struct xlat_error_46 {
	struct in6_addr src, dst;             // outer: P6 + sender, and X'
	struct in6_addr inner_src, inner_dst; // quote: X' and P6 + Z
	rte_be16_t inner_sport;               // quote: x (was t), or identifier
	uint16_t mtu4, mtu6;                  // next-hop MTUs, for MTU-01
	struct config_octet tc;
	uint16_t delta; // of the quoted transport checksum, IPv4 to IPv6
};

// p as parse_icmp_error left it, which also verified the checksum that is computed anew here.
// DROP_NONE, or DROP_ICMP_TYPE, DROP_ICMP_POINTER, DROP_ICMP_MTU, DROP_ICMP_INNER; then m is
// unchanged. The result is at most 576 (IPv4) or 1280 (IPv6) bytes.
enum drop_reason xlat_error_6to4(
	struct rte_mbuf *m, const struct pkt *p, const struct xlat_error_64 *x);
enum drop_reason xlat_error_4to6(
	struct rte_mbuf *m, const struct pkt *p, const struct xlat_error_46 *x);

#endif
