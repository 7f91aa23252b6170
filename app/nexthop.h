// SPDX-License-Identifier: BSD-3-Clause
// Resolved next hops as a worker sees them: a copy of the neighbour table that the first worker
// keeps (net/neigh.h), fed by nexthop_update records. Owned by one worker.
#ifndef APP_NEXTHOP_H
#define APP_NEXTHOP_H

#include "base/err.h"

#include <netinet/in.h>
#include <rte_ether.h>
#include <rte_hash.h>

#define NEXTHOP_NONE UINT32_MAX

struct nexthop {
	struct rte_ether_addr mac; // of the next hop
	struct rte_ether_addr src; // of our port
	uint16_t port;
	uint16_t mtu;
	uint8_t gen; // bumped when the entry goes; never 0. What caches an index keeps gen with it
	bool usable;
	bool stale; // the first packet has to be reported (RFC 4861 §7.3.3)
} __rte_aligned(32);

// One change, as the first worker sends it to the others.
struct nexthop_update {
	uint32_t idx;
	uint16_t port;
	uint8_t op; // enum nexthop_op
	uint8_t pad;
	struct in6_addr addr;
	struct rte_ether_addr mac;
	uint16_t pad2;
};
_Static_assert(
	sizeof(struct nexthop_update) % 4 == 0, "rte_ring elements are multiples of 4 bytes");

enum nexthop_op {
	NEXTHOP_SET,
	NEXTHOP_SET_STALE,
	NEXTHOP_REMOVE,
	NEXTHOP_REMOVE_ALL,
};

struct nexthop_table {
	struct rte_hash *hash; // (port, address) to index
	struct nexthop *nh;
	struct nexthop_update *key; // what stands at each index
	uint32_t size;
	uint32_t found; // the last one, which is often the next one: a gateway
};

// name: unique in the process.
int nexthop_table_init(
	struct nexthop_table *t, const char *name, uint32_t size, int socket_id, struct err *err);
void nexthop_table_fini(struct nexthop_table *t);

// port_mac and mtu are those of u->port.
void nexthop_apply(struct nexthop_table *t, const struct nexthop_update *u,
	const struct rte_ether_addr *port_mac, uint16_t mtu);

// Whatever caches an index has to look it up again. In slices of at most budget entries from
// *cursor on, which starts at 0; false when at the end.
bool nexthop_renew(struct nexthop_table *t, uint32_t *cursor, unsigned int budget);

// Index of a usable entry, or NEXTHOP_NONE.
uint32_t nexthop_find(struct nexthop_table *t, uint16_t port, const struct in6_addr *addr);

#endif
