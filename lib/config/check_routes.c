// SPDX-License-Identifier: BSD-3-Clause
// Static routes: their port, and what they may not say.
#include "config/load.h"

#include "addr/text.h"

#include <stdint.h>
#include <string.h>

static bool
is_ipv4(const struct prefix6 *p)
{
	return addr_is_mapped4(&p->addr) && p->len >= 96;
}

// The port whose link the next hop is on; UINT32_MAX: none.
static unsigned int
port_of_next_hop(const struct config *c, const struct in6_addr *via)
{
	for (unsigned int i = 0; i < c->n_port && !IN6_IS_ADDR_LINKLOCAL(via); i++) {
		if (config_is_on_link(&c->port[i], via))
			return i;
	}
	return UINT32_MAX;
}

static void
check_via(struct draft *d, struct config_route *r)
{
	const struct config *c = d->config;
	const char *wrong = NULL;
	char text[ADDR_TEXT_LEN];

	if (r->port == UINT32_MAX) {
		r->port = port_of_next_hop(c, &r->via);
		if (r->port == UINT32_MAX && IN6_IS_ADDR_LINKLOCAL(&r->via))
			wrong = "is link-local, which does not tell the port";
		else if (r->port == UINT32_MAX)
			wrong = "is not on a link of any port";
	}
	if (!wrong)
		wrong = config_wrong_next_hop(c, &c->port[r->port], &r->via);
	if (!wrong && is_ipv4(&r->dst) != addr_is_mapped4(&r->via))
		wrong = "is not of the prefix's family";
	if (wrong)
		report_field(&d->report, &r->via, "routes",
			"%s %s, allowed: the address of a neighbour on one of the ports; for a "
			"link-local one, port as well",
			addr6_text(&r->via, text), wrong);
}

// Sets of addresses that are not routed.
static bool
is_unroutable(const struct prefix6 *p)
{
	static const char *const never[] = {
		"ff00::/8", "fe80::/10", "::1/128", "::ffff:224.0.0.0/99", "::ffff:127.0.0.0/104"};

	for (unsigned int i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
		struct prefix6 q;

		if (!prefix6_parse(never[i], &q) && q.len <= p->len && prefix6_match(&q, &p->addr))
			return true;
	}
	return false;
}

static bool
same_prefix(const struct prefix6 *p, const struct prefix6 *q)
{
	return p->len == q->len && prefix6_match(p, &q->addr);
}

static void
check_dst_beside_ports(struct draft *d, const struct config_route *r)
{
	const struct config *c = d->config;
	bool is_default = r->dst.len == (is_ipv4(&r->dst) ? 96 : 0);
	char text[PREFIX_TEXT_LEN];
	struct prefix6 q;

	for (unsigned int i = 0; i < c->n_port; i++) {
		const struct config_port *p = &c->port[i];

		if (is_default && (is_ipv4(&r->dst) ? p->has_gateway4 : p->has_gateway6))
			report_field(&d->report, &r->dst, "routes",
				"%s is a second default route beside the gateway of port %s, "
				"allowed: one",
				prefix6_text(&r->dst, text), p->name);
		for (unsigned int k = 0; config_port_prefix(p, k, &q); k++) {
			if (same_prefix(&r->dst, &q))
				report_field(&d->report, &r->dst, "routes",
					"%s is on the link of port %s itself, allowed: networks "
					"behind another router",
					prefix6_text(&r->dst, text), p->name);
		}
	}
}

static void
check_dst(struct draft *d, unsigned int i)
{
	const struct config *c = d->config;
	const struct config_route *r = &c->route[i];
	char text[PREFIX_TEXT_LEN];
	const char *wrong = NULL;

	if (is_unroutable(&r->dst))
		wrong = "is never routed, allowed: unicast prefixes";
	for (unsigned int k = 0; k < i && !wrong; k++) {
		if (same_prefix(&r->dst, &c->route[k].dst))
			wrong = "has a route already, allowed: one for each prefix";
	}
	for (unsigned int k = 0; k < c->nat64.n_prefix && !wrong; k++) {
		const struct pref64 *p = &c->nat64.prefix[k];

		if (r->dst.len >= p->len && pref64_match(p, &r->dst.addr))
			wrong = "is inside a NAT64 prefix, allowed: prefixes outside";
	}
	if (wrong)
		report_field(
			&d->report, &r->dst, "routes", "%s %s", prefix6_text(&r->dst, text), wrong);
}

void
config_check_routes(struct draft *d)
{
	struct config *c = d->config;

	for (unsigned int i = 0; i < c->n_route; i++) {
		check_via(d, &c->route[i]);
		check_dst(d, i);
		check_dst_beside_ports(d, &c->route[i]);
	}
}
