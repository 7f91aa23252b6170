// SPDX-License-Identifier: BSD-3-Clause
#include "app/plan.h"

#include "net/nd.h"
#include "state/static_map.h"

#include <errno.h>
#include <rte_malloc.h>
#include <string.h>

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

// ---- places of prefixes

_Static_assert(CONFIG_PREF64 <= 16, "prefixes_gone has a bit for each");

static int
find_prefix(const struct config_nat64 *n, const struct pref64 *p)
{
	for (unsigned int i = 0; i < n->n_prefix; i++)
		if (pref64_equal(&n->prefix[i], p))
			return (int)i;
	return -1;
}

// A place for a prefix that is new: one whose prefix went before the last plan, or one more.
static int
new_place(struct config_nat64 *n, uint16_t *free_places)
{
	unsigned int i = *free_places ? (unsigned int)__builtin_ctz(*free_places) : n->n_prefix++;

	*free_places &= (uint16_t) ~(1u << i);
	return i < CONFIG_PREF64 ? (int)i : -1;
}

static uint16_t
move_bits(uint16_t bits, const uint8_t *place, unsigned int n)
{
	uint16_t out = 0;

	for (unsigned int i = 0; i < n; i++)
		if (bits >> i & 1)
			out |= (uint16_t)(1u << place[i]);
	return out;
}

static void
move_refs(struct config_nat64 *n, const uint8_t *place, unsigned int n_place)
{
	for (unsigned int i = 0; i < n->n_pool4; i++)
		n->pool4[i].prefixes = move_bits(n->pool4[i].prefixes, place, n_place);
	for (unsigned int i = 0; i < n->n_static; i++)
		n->statics[i].pref64 = place[n->statics[i].pref64];
}

static int
place_prefixes(struct plan *p, const struct config_nat64 *c, const struct plan *old)
{
	struct config_nat64 *n = &p->config.nat64;
	uint16_t free_places = old->prefixes_gone;
	uint8_t place[CONFIG_PREF64];

	memcpy(n->prefix, old->config.nat64.prefix, sizeof(n->prefix));
	n->n_prefix = old->config.nat64.n_prefix;
	p->prefixes_gone = (uint16_t)((1u << n->n_prefix) - 1);
	for (unsigned int i = 0; i < c->n_prefix; i++) { // before any place is given away
		int at = find_prefix(&old->config.nat64, &c->prefix[i]);

		if (at >= 0)
			free_places &= (uint16_t) ~(1u << at);
	}
	for (unsigned int i = 0; i < c->n_prefix; i++) {
		int at = find_prefix(&old->config.nat64, &c->prefix[i]);

		if (at < 0 && (at = new_place(n, &free_places)) < 0)
			return -E2BIG;
		n->prefix[at] = c->prefix[i];
		p->prefixes_gone &= (uint16_t) ~(1u << at);
		place[i] = (uint8_t)at;
	}
	move_refs(n, place, c->n_prefix);
	return 0;
}

static void
own4_add(struct plan *p, struct in_addr first, struct in_addr last)
{
	p->own4_first = RTE_MIN(p->own4_first, rte_be_to_cpu_32(first.s_addr));
	p->own4_last = RTE_MAX(p->own4_last, rte_be_to_cpu_32(last.s_addr));
}

static void
own4_add_port(struct plan *p, const struct prefix4 *a)
{
	own4_add(p, a->addr, a->len < 31 ? prefix4_broadcast(a) : a->addr);
}

static void
fill_own4(struct plan *p)
{
	const struct config *c = &p->config;

	p->own4_first = UINT32_MAX;
	for (unsigned int i = 0; i < c->nat64.n_pool4; i++)
		own4_add(p, c->nat64.pool4[i].first, c->nat64.pool4[i].last);
	for (unsigned int i = 0; i < c->n_port; i++)
		for (unsigned int k = 0; k < c->port[i].n_addr4; k++)
			own4_add_port(p, &c->port[i].addr4[k]);
}

struct plan *
plan_create(const struct config *c, const struct rte_ether_addr mac[], const struct plan *old,
	struct err *err)
{
	struct plan *p = rte_zmalloc("plan", sizeof(*p), RTE_CACHE_LINE_SIZE);

	if (!p) {
		err_set(err, -ENOMEM, "no memory for the configuration");
		return NULL;
	}
	p->config = *c;
	if (old && place_prefixes(p, &c->nat64, old)) {
		err_set(err, -E2BIG,
			"nat64.prefixes: too many come and go at once, allowed: %u old and new "
			"ones in one step",
			CONFIG_PREF64);
		plan_free(p);
		return NULL;
	}
	for (unsigned int i = 0; i < c->n_port; i++)
		fill_port(&p->port[i], &p->config.port[i], &mac[i]);
	fill_own4(p);
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
		if (!prefix6_equal(&a->addr6[i], &b->addr6[i]))
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
	return prefix6_equal(&a->dst, &b->dst) && IN6_ARE_ADDR_EQUAL(&a->via, &b->via) &&
	       a->port == b->port;
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
