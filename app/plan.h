// SPDX-License-Identifier: BSD-3-Clause
// What the gateway is told to do, as far as that may change while it runs: the configuration and
// what follows from it. A plan never changes. Each worker holds a pointer to one, which a mail
// exchanges between two bursts; the control thread frees the old one when all have the new one.
#ifndef APP_PLAN_H
#define APP_PLAN_H

#include "config/config.h"
#include "net/route.h"

#include <rte_ether.h>

struct static_map;

// Our addresses on a port.
struct plan_port {
	const struct config_port *config;
	struct prefix6 addr6[CONFIG_PORT_ADDR + 1]; // with the link-local one first
	unsigned int n_addr6;
};

struct plan {
	// As the file says, but for nat64.prefix: there each prefix keeps the place that it had in
	// the plan before, since sessions and packets refer to it by that, and those that went stay
	// for the sessions that end. What names prefixes by number goes by these places.
	struct config config;
	uint16_t prefixes_gone; // bits
	struct plan_port port[CONFIG_PORTS];
	uint32_t own4_first, own4_last; // what own_may_be4 goes by; host order
	struct route_table routes;
	struct static_map *statics; // NULL: no static bindings
};

// From a checked configuration. mac: of each of its ports; old: the plan before, or NULL. NULL with
// err filled: no memory, or too many prefixes come and go at once.
struct plan *plan_create(const struct config *c, const struct rte_ether_addr mac[],
	const struct plan *old, struct err *err);
// Both send every packet to the same next hop, and have the same addresses of our own.
bool plan_same_hops(const struct plan *a, const struct plan *b);
void plan_free(const struct plan *p);

#endif
