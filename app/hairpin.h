// SPDX-License-Identifier: BSD-3-Clause
// From one client to another by a pool address (RFC 6146 §3.8): what was translated to IPv4 goes on
// as if it had come in on the IPv4 side. A packet is looped once (PKT_HAIRPIN), so that none can
// circle whatever the tables say (N64-HAIR-05). Called by the worker that owns w only.
#ifndef APP_HAIRPIN_H
#define APP_HAIRPIN_H

#include "app/output.h"

// In struct hop.port with idx NEXTHOP_NONE: the packet is looped. No link, so no MTU of its own.
#define HOP_HAIRPIN UINT16_MAX

// dst4 is a pool address, and hop says so.
static inline bool
hairpin_hop(struct hop *hop)
{
	*hop = (struct hop){.idx = NEXTHOP_NONE, .port = HOP_HAIRPIN, .mtu = UINT16_MAX};
	return true;
}

// An IPv4 packet to a pool address, data pointer at its IP header: waits for hairpin_take.
void hairpin_add(struct worker *w, struct rte_mbuf *m);

// Up to a burst of them join the lanes, which must be empty.
void hairpin_take(struct worker *w);

#endif
