// SPDX-License-Identifier: BSD-3-Clause
// Where a packet goes next: on-link prefixes, static routes and default next hops in one list for
// both families (IPv4 mapped), longest first. Built by the control thread, then read only.
#ifndef NET_ROUTE_H
#define NET_ROUTE_H

#include "config/config.h"

// on-link prefixes + static routes + two defaults a port
#define ROUTE_MAX (CONFIG_PORTS * (2 * CONFIG_PORT_ADDR + 2) + CONFIG_ROUTES)

struct route {
	struct prefix6 dst;
	struct in6_addr via; // unspecified: on-link, the next hop is the destination
	uint16_t port;
	uint64_t net[2], mask[2]; // dst again, as words in wire order: what route_lookup compares
};

struct route_table {
	struct route route[ROUTE_MAX];
	unsigned int n;
};

// Link-local prefixes are not in the table: their port is the packet's.
void route_build(struct route_table *t, const struct config *c);

// The longest match, or NULL. a: IPv6, or IPv4 mapped. An IPv6 default route never matches a mapped
// address and the other way round.
const struct route *route_lookup(const struct route_table *t, const struct in6_addr *a);

#endif
