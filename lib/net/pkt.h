// SPDX-License-Identifier: BSD-3-Clause
// What is known of a packet after net/parse.h looked at it. Lives in the private area of the mbuf,
// so it travels with the packet from lcore to lcore. Owned by whoever owns the mbuf.
// The data pointer of a parsed mbuf is at its IP header: the link header is gone.
#ifndef NET_PKT_H
#define NET_PKT_H

#include <stdbool.h>
#include <netinet/in.h>
#include <rte_byteorder.h>
#include <rte_ether.h>
#include <rte_mbuf.h>

enum pkt_flag {
	PKT_FRAGMENT = 1 << 0,     // a fragment that is not atomic
	PKT_ATOMIC = 1 << 1,       // IPv6 atomic fragment (RFC 6946)
	PKT_ICMP_ERROR = 1 << 2,   // inner holds the tuple of the quoted packet
	PKT_ICMP_ECHO = 1 << 3,    // sport = dport = identifier
	PKT_L2_GROUP = 1 << 4,     // link-layer multicast or broadcast
	PKT_DF = 1 << 5,           // IPv4 don't fragment
	PKT_ROUTER_ALERT = 1 << 6, // IPv6 hop-by-hop router alert present (MLD)
	PKT_SRC_ROUTE = 1 << 7,    // IPv4 unexpired source route option
	PKT_WHOLE = 1 << 8,        // fragment that cannot be translated before all others are there
	PKT_SUFFIX = 1 << 9,       // dst6 is not what composing it from dst4 gives
	PKT_LOCAL = 1 << 10,       // fragment to the gateway itself
	PKT_HAIRPIN = 1 << 11,     // IPv4 that came out of our own translation from IPv6
};

// Where another lcore goes on with a packet it is handed.
enum pkt_resume {
	RESUME_LOOKUP,     // owner of the state: look up the session
	RESUME_ICMP_ERROR, // owner of the state: translate an ICMP error
	RESUME_FRAGMENT,   // worker that knows the datagram
	RESUME_OUTPUT,     // first worker: an IP packet without a resolved next hop
	RESUME_TX,         // worker with a transmit queue: a finished frame
	RESUME_LOCAL,      // first worker: a packet to the gateway itself
};

struct pkt {
	uint8_t family;   // 4 or 6
	uint8_t proto;    // upper-layer protocol behind all extension headers
	uint8_t ttl;      // hop limit or TTL as received
	uint8_t resume;   // enum pkt_resume
	uint16_t flags;   // enum pkt_flag
	uint16_t in_port; // index of the port it came in by
	uint16_t l3_len;  // bytes of the IP packet; the mbuf is trimmed to it
	uint16_t l4_off;  // from the IP header to the upper-layer header
	rte_be16_t sport; // ports, or the ICMP echo identifier in both
	rte_be16_t dport;
	uint8_t tcp_flags;
	uint8_t icmp_type; // outer type and code
	uint8_t icmp_code;
	uint8_t pref64;  // index of the matching prefix of dst6
	rte_be32_t dst4; // v6: address embedded in dst6
	union {
		struct {                 // PKT_ICMP_ERROR: the quoted packet
			uint16_t l3_off; // from the outer IP header
			uint16_t l4_off;
			uint16_t len; // quoted bytes, without RFC 4884 extensions and padding
			uint8_t proto;
			uint8_t flags;    // of the quote: PKT_FRAGMENT (the first one), PKT_ATOMIC
			rte_be16_t sport; // as in the quote; echo identifier in both
			rte_be16_t dport;
		} inner;
		struct {               // PKT_FRAGMENT; parse_fragment
			uint32_t id;   // Identification, host order; 16 bits for IPv4
			uint16_t off;  // of its first byte in the datagram's upper-layer packet
			uint16_t more; // 1: not the last one
			// PKT_WHOLE, in the first fragment, once all are there:
			uint16_t total; // length of the upper-layer packet
			uint16_t sum;   // its one's-complement sum, if its checksum was 0
		} frag;
		struct { // RESUME_OUTPUT, RESUME_TX: where it goes
			uint16_t port;
			uint16_t pad;
			uint32_t nexthop;
		} out;
	};
	struct in6_addr via; // RESUME_OUTPUT: next hop address, IPv4 mapped
};

_Static_assert(sizeof(struct pkt) <= 64, "struct pkt fills one cache line of private area");
#define PKT_PRIV_SIZE 64

// A fragment without transport header.
static inline bool
pkt_is_later_fragment(const struct pkt *p)
{
	return (p->flags & PKT_FRAGMENT) && p->frag.off != 0;
}

static inline struct pkt *
pkt_of(struct rte_mbuf *m)
{
	return rte_mbuf_to_priv(m);
}

#endif
