// SPDX-License-Identifier: BSD-3-Clause
// Which addresses are the gateway's, by a plan. Any lcore.
#ifndef APP_OWN_H
#define APP_OWN_H

#include "app/plan.h"

#include <rte_branch_prediction.h>
#include <rte_byteorder.h>

// An address of one of our ports.
bool own_has6(const struct plan *plan, const struct in6_addr *a);
bool own_has4(const struct plan *plan, struct in_addr a);
// The same for one port. has6 includes the port's link-local address.
bool own_port_has6(const struct plan_port *p, const struct in6_addr *a);
bool own_port_has4(const struct plan_port *p, struct in_addr a);

// An address of a network that the port is on, link-local ones included. IPv4 mapped.
bool own_port_on_link(const struct plan_port *p, const struct in6_addr *a);

// A group that the port listens to: all nodes, all routers, solicited-node groups of its addresses.
bool own_port_in_group(const struct plan_port *p, const struct in6_addr *group);

// The place (app/plan.h) of the NAT64 prefix that a is in, or -1.
static inline int
own_pref64(const struct plan *plan, const struct in6_addr *a)
{
	const struct config_nat64 *c = &plan->config.nat64;

	for (unsigned int i = 0; i < c->n_prefix; i++)
		if (pref64_match(&c->prefix[i], a) && !(plan->prefixes_gone >> i & 1))
			return (int)i;
	return -1;
}

// A pool address; with port: and NAT64 may use that port (or ICMP identifier) of it.
bool own_pool4(const struct plan *plan, struct in_addr a);
bool own_pool4_port(const struct plan *plan, struct in_addr a, rte_be16_t port);

// False: neither a pool address, nor one of a port or of its network's broadcasts. Tells nearly all
// others apart at once.
static inline bool
own_may_be4(const struct plan *plan, struct in_addr a)
{
	uint32_t h = rte_be_to_cpu_32(a.s_addr);

	return unlikely(h - plan->own4_first <= plan->own4_last - plan->own4_first);
}

// A pool address, or one of a port, whatever its role.
static inline bool
own_outside4(const struct plan *plan, struct in_addr a)
{
	return own_may_be4(plan, a) && (own_pool4(plan, a) || own_has4(plan, a));
}

// The port's address to send from towards dst: one of the same network if there is, else the first
// one that is not link-local, else the link-local one.
const struct in6_addr *own_source6(
	const struct plan *plan, uint16_t port, const struct in6_addr *dst);
// 0.0.0.0 when the port has no IPv4 address.
struct in_addr own_source4(const struct plan *plan, uint16_t port, struct in_addr dst);

#endif
