// SPDX-License-Identifier: BSD-3-Clause
#include "net/route.h"

#include <assert.h>

#define MAPPED_LEN 96 // of ::ffff:0:0/96, which is the IPv4 default route

// Behind the routes that are as long: of two equal prefixes the one added first is used.
static void
add(struct route_table *t, struct prefix6 dst, const struct in6_addr *via, unsigned int port)
{
	unsigned int i = t->n++;

	assert(i < ROUTE_MAX);
	for (; i > 0 && t->route[i - 1].dst.len < dst.len; i--)
		t->route[i] = t->route[i - 1];
	t->route[i] = (struct route){.dst = dst, .via = *via, .port = (uint16_t)port};
	memcpy(t->route[i].net, &dst.addr, sizeof(t->route[i].net));
	prefix6_mask(t->route[i].mask, dst.len);
}

static void
add_onlink(struct route_table *t, const struct config_port *p, unsigned int port)
{
	for (unsigned int i = 0; i < p->n_addr6; i++)
		if (!IN6_IS_ADDR_LINKLOCAL(&p->addr6[i].addr))
			add(t, prefix6_network(&p->addr6[i]), &in6addr_any, port);
	for (unsigned int i = 0; i < p->n_addr4; i++) {
		struct prefix4 net = prefix4_network(&p->addr4[i]);
		struct prefix6 dst = {.len = MAPPED_LEN + net.len};

		addr_map4(&dst.addr, net.addr);
		add(t, dst, &in6addr_any, port);
	}
}

static void
add_defaults(struct route_table *t, const struct config_port *p, unsigned int port)
{
	struct prefix6 dst = {.len = MAPPED_LEN};
	struct in6_addr via;

	if (p->has_gateway4) {
		addr_map4(&dst.addr, (struct in_addr){INADDR_ANY});
		addr_map4(&via, p->gateway4);
		add(t, dst, &via, port);
	}
	if (p->has_gateway6)
		add(t, (struct prefix6){.len = 0}, &p->gateway6, port);
}

void
route_build(struct route_table *t, const struct config *c)
{
	t->n = 0;
	for (unsigned int i = 0; i < c->n_port; i++)
		add_onlink(t, &c->port[i], i);
	for (unsigned int i = 0; i < c->n_route; i++)
		add(t, c->route[i].dst, &c->route[i].via, c->route[i].port);
	for (unsigned int i = 0; i < c->n_port; i++)
		add_defaults(t, &c->port[i], i);
}

const struct route *
route_lookup(const struct route_table *t, const struct in6_addr *a)
{
	unsigned int min_len = addr_is_mapped4(a) ? MAPPED_LEN : 0;
	uint64_t w[2];

	memcpy(w, a, sizeof(w));
	for (unsigned int i = 0; i < t->n && t->route[i].dst.len >= min_len; i++) {
		const struct route *r = &t->route[i];

		if ((((w[0] ^ r->net[0]) & r->mask[0]) | ((w[1] ^ r->net[1]) & r->mask[1])) == 0)
			return r;
	}
	return NULL;
}
