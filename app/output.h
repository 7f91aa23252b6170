// SPDX-License-Identifier: BSD-3-Clause
// From an IP packet to a frame in a transmit buffer: route, next hop, link header.
// Called by the worker that owns w only.
#ifndef APP_OUTPUT_H
#define APP_OUTPUT_H

#include "app/worker.h"

// Where a packet goes. idx NEXTHOP_NONE: not resolved yet, the first worker will see to it.
struct hop {
	uint32_t idx;
	uint16_t port;
	uint16_t mtu;
	struct in6_addr via;
};

// Next hop of dst by the route table (IPv4 mapped). False: no route.
bool output_route(struct worker *w, const struct in6_addr *dst, struct hop *hop);

// Next hops of a session by the route table, kept in it once resolved. False: no route.
bool output_find_hop6(struct worker *w, struct session *s, struct hop *hop);
bool output_find_hop4(struct worker *w, struct session *s, struct hop *hop);

static inline bool
output_hop_cached(const struct worker *w, uint32_t idx, uint8_t gen, struct hop *hop)
{
	const struct nexthop *nh = &w->nexthops.nh[idx];

	if (unlikely(!gen || nh->gen != gen))
		return false;
	hop->idx = idx;
	hop->port = nh->port;
	hop->mtu = nh->mtu;
	return true;
}

// Next hops of a session. False: no route.
static inline bool
output_hop6(struct worker *w, struct session *s, struct hop *hop)
{
	return likely(output_hop_cached(w, s->nexthop6, s->nexthop6_gen, hop)) ||
	       output_find_hop6(w, s, hop);
}

static inline bool
output_hop4(struct worker *w, struct session *s, struct hop *hop)
{
	return likely(output_hop_cached(w, s->nexthop4, s->nexthop4_gen, hop)) ||
	       output_find_hop4(w, s, hop);
}

// Sends an IP packet (data pointer at the IP header) there.
void output_ip(struct worker *w, struct rte_mbuf *m, const struct hop *hop);

// Sends a packet of our own: by the port when the destination is link-local or a group, else by
// route. port: index, or -1 when the route decides.
void output_own(struct worker *w, struct rte_mbuf *m, int port);

// Sends an IP packet by port to a MAC that is known already.
void output_to(
	struct worker *w, struct rte_mbuf *m, uint16_t port, const struct rte_ether_addr *mac);

// Puts a finished frame into the port's buffer, or hands it to the worker that can transmit there.
void output_frame(struct worker *w, struct rte_mbuf *m, uint16_t port);

// Hands a packet to worker to, which goes on as pkt.resume says.
void output_hand_over(struct worker *w, struct rte_mbuf *m, unsigned int to);

// Empties all buffers.
void output_flush(struct worker *w);

// An ARP message from our MAC.
void output_arp(struct worker *w, uint16_t port, bool request, struct in_addr sender,
	const struct rte_ether_addr *to, const struct rte_ether_addr *target_mac,
	struct in_addr target);

// A buffer for a packet of our own, with a zeroed struct pkt; counted as originated. NULL: the pool
// is empty, which is counted.
struct rte_mbuf *output_alloc(struct worker *w);

#endif
