// SPDX-License-Identifier: BSD-3-Clause
// Internal to lib/net/fragment*.c.
#ifndef NET_FRAGMENT_IMPL_H
#define NET_FRAGMENT_IMPL_H

#include "net/fragment.h"

#include <rte_hash.h>
#include <sys/queue.h>

// RFC 791 §3.2, RFC 8200 §4.5. IPv6 destinations are told apart by prefix and embedded address.
struct fragment_key {
	struct in6_addr src; // IPv4 mapped
	rte_be32_t dst4;
	uint32_t id;
	uint8_t family;
	uint8_t proto;
	uint8_t pref64;
	uint8_t zero[5];
};
_Static_assert(sizeof(struct fragment_key) == 32, "rte_hash has a fast compare for 32 bytes");

struct piece {
	uint16_t off, len;
	struct rte_mbuf *m; // it waits; NULL: it has passed
};

struct datagram {
	TAILQ_ENTRY(datagram) by_age;
	TAILQ_ENTRY(datagram) by_wait; // if held
	struct fragment_key key;
	uint32_t hash;
	uint64_t due_ms;
	uint64_t held;     // bytes of buffers
	uint32_t seen;     // bytes of the upper-layer packet that were there
	uint32_t total;    // all of them; 0: the last fragment has not come
	uint8_t refused;   // why all its fragments are dropped, or DROP_NONE
	bool has_first;    // what follows is known
	bool whole;        // PKT_WHOLE
	uint8_t icmp_type; // as in struct pkt
	uint16_t flags;    // PKT_ICMP_ECHO
	rte_be16_t sport, dport;
	uint16_t n;
	struct piece piece[FRAGMENT_PIECES]; // by offset
};
TAILQ_HEAD(datagram_list, datagram);

// Enters the fragment; *at is its place. DROP_NONE, or why it, or all of the datagram, is refused:
// FRAG_DUPLICATE (it alone), FRAG_OVERLAP, FRAG_LIMIT.
enum drop_reason datagram_enter(struct datagram *d, const struct pkt *p, unsigned int *at);

// All there?
static inline bool
datagram_is_complete(const struct datagram *d)
{
	return d->total != 0 && d->seen == d->total;
}

// What the first fragment tells. DROP_NONE, or why there is no use in the datagram.
enum drop_reason datagram_learn(struct datagram *d, const struct pkt *first);
void datagram_tell(const struct datagram *d, struct pkt *p);

// Of a whole datagram, all of whose pieces wait: tells the first one what the translation needs.
// DROP_NONE or DROP_L4_MALFORMED.
enum drop_reason datagram_sum_up(struct datagram *d);

#endif
