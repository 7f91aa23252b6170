// SPDX-License-Identifier: BSD-3-Clause
// Which worker owns the ports of static bindings: that of their client, whatever block the port is
// in. Read-only once made: any lcore.
#ifndef STATE_STATIC_MAP_H
#define STATE_STATIC_MAP_H

#include "state/state.h"

#include <rte_branch_prediction.h>

#define STATIC_MAP_WORDS (65536 / 64)

struct static_range {
	uint32_t key[2]; // protocol and address, host order
	uint16_t first, last;
	uint16_t client_port; // that belongs to first
	uint16_t config;      // index in config_nat64.statics
	struct in6_addr client;
};

struct static_map {
	uint64_t ports[STATIC_MAP_WORDS]; // a bit for each that is in any range
	unsigned int n;
	struct static_range range[]; // in order, no two overlap
};

// NULL: no memory. For few bindings; none need no map.
struct static_map *static_map_create(const struct config_nat64 *c);
void static_map_free(struct static_map *m);

const struct static_range *static_map_find(
	const struct static_map *m, uint8_t proto, rte_be32_t addr, uint16_t port);

// As state_owner_of_port, where there are static bindings.
static inline unsigned int
static_map_owner(const struct static_map *m, uint8_t proto, rte_be32_t addr, uint16_t port,
	unsigned int n_workers)
{
	const struct static_range *r = NULL;

	if (unlikely(m->ports[port / 64] >> (port % 64) & 1))
		r = static_map_find(m, proto, addr, port);
	return r ? state_owner_of_src6(&r->client, n_workers)
		 : state_owner_of_port(port, n_workers);
}

#endif
