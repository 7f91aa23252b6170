// SPDX-License-Identifier: BSD-3-Clause
#include "app/plan.h"

#include "net/nd.h"
#include "state/static_map.h"

#include <errno.h>
#include <rte_malloc.h>

static void
fill_port(struct plan_port *p, const struct config_port *c, const struct rte_ether_addr *mac)
{
	p->config = c;
	p->n_addr6 = 1;
	p->addr6[0].len = 64;
	nd_link_local(&p->addr6[0].addr, mac);
	for (unsigned int i = 0; i < c->n_addr6; i++) {
		if (IN6_IS_ADDR_LINKLOCAL(&c->addr6[i].addr))
			p->addr6[0] = c->addr6[i];
		else
			p->addr6[p->n_addr6++] = c->addr6[i];
	}
}

struct plan *
plan_create(const struct config *c, const struct rte_ether_addr mac[], struct err *err)
{
	struct plan *p = rte_zmalloc("plan", sizeof(*p), RTE_CACHE_LINE_SIZE);

	if (!p) {
		err_set(err, -ENOMEM, "no memory for the configuration");
		return NULL;
	}
	p->config = *c;
	for (unsigned int i = 0; i < c->n_port; i++)
		fill_port(&p->port[i], &p->config.port[i], &mac[i]);
	route_build(&p->routes, &p->config);
	if (c->nat64.n_static == 0)
		return p;
	p->statics = static_map_create(&c->nat64);
	if (!p->statics) {
		err_set(err, -ENOMEM, "no memory for %u static bindings", c->nat64.n_static);
		plan_free(p);
		return NULL;
	}
	return p;
}

static bool
same_port(const struct config_port *a, const struct config_port *b)
{
	if (a->n_addr6 != b->n_addr6 || a->n_addr4 != b->n_addr4)
		return false;
	for (unsigned int i = 0; i < a->n_addr6; i++)
		if (!IN6_ARE_ADDR_EQUAL(&a->addr6[i].addr, &b->addr6[i].addr) ||
			a->addr6[i].len != b->addr6[i].len)
			return false;
	for (unsigned int i = 0; i < a->n_addr4; i++)
		if (a->addr4[i].addr.s_addr != b->addr4[i].addr.s_addr ||
			a->addr4[i].len != b->addr4[i].len)
			return false;
	return true;
}

static bool
same_route(const struct route *a, const struct route *b)
{
	return IN6_ARE_ADDR_EQUAL(&a->dst.addr, &b->dst.addr) && a->dst.len == b->dst.len &&
	       IN6_ARE_ADDR_EQUAL(&a->via, &b->via) && a->port == b->port;
}

bool
plan_same_hops(const struct plan *a, const struct plan *b)
{
	if (a->routes.n != b->routes.n)
		return false;
	for (unsigned int i = 0; i < a->routes.n; i++)
		if (!same_route(&a->routes.route[i], &b->routes.route[i]))
			return false;
	for (unsigned int i = 0; i < a->config.n_port; i++)
		if (!same_port(a->port[i].config, b->port[i].config))
			return false;
	return true;
}

void
plan_free(const struct plan *p)
{
	if (p)
		static_map_free(p->statics);
	rte_free((void *)(uintptr_t)p);
}
