// SPDX-License-Identifier: BSD-3-Clause
// Every client has a pool address under every prefix, unless gaps are wanted.
#include "config/load.h"

#include "addr/text.h"

static bool
serves(const struct config_pool4 *e, unsigned int prefix, const struct prefix6 *network)
{
	if (e->prefixes && !(e->prefixes >> prefix & 1))
		return false;
	for (unsigned int i = 0; i < e->n_clients; i++) {
		if (e->clients[i].len <= network->len && prefix6_overlap(&e->clients[i], network))
			return true;
	}
	return e->n_clients == 0;
}

static void
check_network(struct draft *d, const struct prefix6 *network)
{
	const struct config_nat64 *n = &d->config->nat64;
	char text[2][PREFIX_TEXT_LEN];

	for (unsigned int i = 0; i < n->n_prefix; i++) {
		struct prefix6 p = {.addr = n->prefix[i].prefix, .len = n->prefix[i].len};
		bool served = false;

		for (unsigned int k = 0; k < n->n_pool4 && !served; k++)
			served = serves(&n->pool4[k], i, network);
		if (!served)
			report_field(&d->report, NULL, "nat64.pool4",
				"no entry serves clients of %s under %s, allowed: one that does, "
				"or pool4_gaps: true",
				prefix6_text(network, text[0]), prefix6_text(&p, text[1]));
	}
}

static void
check_port(struct draft *d, const struct config_port *p)
{
	const struct prefix6 all = {.len = 0};

	for (unsigned int i = 0; i < p->n_addr6; i++) {
		struct prefix6 network = prefix6_network(&p->addr6[i]);

		check_network(d, &network);
	}
	if (p->has_gateway6)
		check_network(d, &all);
}

void
config_check_pool4_clients(struct draft *d)
{
	const struct config *c = d->config;

	if (c->nat64.pool4_gaps || !c->nat64.n_pool4)
		return;
	for (unsigned int i = 0; i < c->n_port; i++) {
		if (c->port[i].role == PORT_LAN)
			check_port(d, &c->port[i]);
	}
	for (unsigned int i = 0; i < c->n_route; i++) {
		const struct config_route *r = &c->route[i];

		if (r->port < c->n_port && c->port[r->port].role == PORT_LAN &&
			!(addr_is_mapped4(&r->dst.addr) && r->dst.len >= 96))
			check_network(d, &r->dst);
	}
}
