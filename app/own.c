// SPDX-License-Identifier: BSD-3-Clause
#include "app/own.h"

bool
own_port_has6(const struct plan_port *p, const struct in6_addr *a)
{
	for (unsigned int i = 0; i < p->n_addr6; i++)
		if (IN6_ARE_ADDR_EQUAL(&p->addr6[i].addr, a))
			return true;
	return false;
}

bool
own_port_has4(const struct plan_port *p, struct in_addr a)
{
	for (unsigned int i = 0; i < p->config->n_addr4; i++)
		if (p->config->addr4[i].addr.s_addr == a.s_addr)
			return true;
	return false;
}

bool
own_has6(const struct plan *plan, const struct in6_addr *a)
{
	for (unsigned int i = 0; i < plan->config.n_port; i++)
		if (own_port_has6(&plan->port[i], a))
			return true;
	return false;
}

bool
own_has4(const struct plan *plan, struct in_addr a)
{
	for (unsigned int i = 0; i < plan->config.n_port; i++)
		if (own_port_has4(&plan->port[i], a))
			return true;
	return false;
}

bool
own_port_on_link(const struct plan_port *p, const struct in6_addr *a)
{
	if (addr_is_mapped4(a)) {
		for (unsigned int i = 0; i < p->config->n_addr4; i++)
			if (prefix4_match(&p->config->addr4[i], addr_unmap4(a)))
				return true;
		return false;
	}
	for (unsigned int i = 0; i < p->n_addr6; i++)
		if (prefix6_match(&p->addr6[i], a))
			return true;
	return IN6_IS_ADDR_LINKLOCAL(a);
}

bool
own_port_in_group(const struct plan_port *p, const struct in6_addr *group)
{
	static const struct in6_addr all_nodes = {.s6_addr = {0xff, 2, [15] = 1}};
	static const struct in6_addr all_routers = {.s6_addr = {0xff, 2, [15] = 2}};
	struct in6_addr own;

	if (IN6_ARE_ADDR_EQUAL(group, &all_nodes) || IN6_ARE_ADDR_EQUAL(group, &all_routers))
		return true;
	for (unsigned int i = 0; i < p->n_addr6; i++) {
		addr_solicited_node(&own, &p->addr6[i].addr);
		if (IN6_ARE_ADDR_EQUAL(group, &own))
			return true;
	}
	return false;
}

static const struct config_pool4 *
pool4_next(const struct plan *plan, struct in_addr a, unsigned int *i)
{
	const struct config_nat64 *c = &plan->config.nat64;
	uint32_t h = ntohl(a.s_addr);

	for (; *i < c->n_pool4; (*i)++) {
		const struct config_pool4 *e = &c->pool4[*i];

		if (h >= ntohl(e->first.s_addr) && h <= ntohl(e->last.s_addr))
			return &c->pool4[(*i)++];
	}
	return NULL;
}

bool
own_pool4(const struct plan *plan, struct in_addr a)
{
	unsigned int i = 0;

	return pool4_next(plan, a, &i) != NULL;
}

bool
own_pool4_port(const struct plan *plan, struct in_addr a, rte_be16_t port)
{
	uint16_t h = rte_be_to_cpu_16(port);
	const struct config_pool4 *e;
	unsigned int i = 0;

	while ((e = pool4_next(plan, a, &i)) != NULL)
		if (h >= e->port_first && h <= e->port_last)
			return true;
	return false;
}

const struct in6_addr *
own_source6(const struct plan *plan, uint16_t port, const struct in6_addr *dst)
{
	const struct plan_port *p = &plan->port[port];

	for (unsigned int i = 0; i < p->n_addr6; i++)
		if (prefix6_match(&p->addr6[i], dst))
			return &p->addr6[i].addr;
	// addr6[0] is the link-local address
	return &p->addr6[p->n_addr6 > 1 ? 1 : 0].addr;
}

struct in_addr
own_source4(const struct plan *plan, uint16_t port, struct in_addr dst)
{
	const struct config_port *c = plan->port[port].config;

	for (unsigned int i = 0; i < c->n_addr4; i++)
		if (prefix4_match(&c->addr4[i], dst))
			return c->addr4[i].addr;
	return c->n_addr4 ? c->addr4[0].addr : (struct in_addr){0};
}
