// SPDX-License-Identifier: BSD-3-Clause
// Bytes to a checked view: the only place that checks lengths; later stages trust struct pkt.
// Pure functions over one mbuf (one segment); any lcore that owns it.
#ifndef NET_PARSE_H
#define NET_PARSE_H

#include "net/pkt.h"
#include "stats/drop.h"

#define PARSE_MAX_EXT_HEADERS 8 // RFC 7112; X64-15
#define PARSE_MAX_EXT_BYTES   256

// IPv6 (X64-08..10, X64-15..16). The mbuf starts at the IPv6 header; trailing padding is trimmed.
// Fills everything of p but in_port, resume, pref64, dst4 and via; keeps PKT_L2_GROUP and
// PKT_HAIRPIN. inner stays for parse_icmp_error, frag for parse_fragment. For fragments (not atomic
// ones) stops behind the Fragment header with PKT_FRAGMENT set and the transport not looked at.
// DROP_NONE, or the reason. DROP_ROUTING_HEADER: p->l4_off is the offset of the Segments Left byte,
// the rest of p is as for a packet that may pass. Left to the caller: hop limit, ports of 0,
// protocols, sources :: and fe80::/10.
enum drop_reason parse_ip6(struct rte_mbuf *m, struct pkt *p);

// IPv4 (X46-05..07, X46-17, XLT-07): header checksum verified, options skipped. Fragments stop at
// the IP header, with PKT_FRAGMENT set. A source route is told by PKT_SRC_ROUTE only.
enum drop_reason parse_ip4(struct rte_mbuf *m, struct pkt *p);

// A packet with PKT_FRAGMENT (N64-FRAG-04, X64-F03, X64-F08): fills p->frag, and of a first
// fragment, which has to hold the whole transport header, what parse_ip6 and parse_ip4 fill of a
// whole packet. Sets PKT_WHOLE on ICMP and on UDP over IPv4 without a checksum. DROP_NONE, or
// DROP_FRAG_INVALID, DROP_FRAG_TINY, DROP_EXT_CHAIN, DROP_UDP6_CHECKSUM_ZERO.
enum drop_reason parse_fragment(struct rte_mbuf *m, struct pkt *p);

// The quoted packet of an ICMP error whose outer headers are parsed (PKT_ICMP_ERROR set by
// parse_ip6 or parse_ip4): fills p->inner, verifies the outer ICMP checksum (ERR-05..09, ERR-18,
// ERR-19). DROP_NONE, or DROP_ICMP_INNER or DROP_CHECKSUM_L4.
enum drop_reason parse_icmp_error(struct rte_mbuf *m, struct pkt *p);

// Transport checksum of a packet to ourselves, over the whole message. True when right
// (UDP over IPv4 with checksum 0 is right); false for a fragment, which cannot be judged.
bool parse_l4_checksum_ok(struct rte_mbuf *m, const struct pkt *p);

#endif
