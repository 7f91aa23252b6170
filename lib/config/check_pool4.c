// SPDX-License-Identifier: BSD-3-Clause
// The IPv4 pool: the word wan becomes addresses, and nobody else may use any of them.
#include "config/load.h"

#include "addr/text.h"

#include <arpa/inet.h>
#include <string.h>

#define OWN_PORT_FIRST 1024 // of an address that is a port's own
#define OWN_PORT_LAST  49151

static bool
holds(const struct config_pool4 *e, struct in_addr a)
{
	return ntohl(e->first.s_addr) <= ntohl(a.s_addr) &&
	       ntohl(a.s_addr) <= ntohl(e->last.s_addr);
}

// The pool with real addresses in place of the word wan, and where each entry was written.
struct expansion {
	struct config_pool4 entry[CONFIG_POOL4];
	struct mark mark[CONFIG_POOL4]; // line 0: not written
	unsigned int n;
};

static void
expand_one(struct draft *d, struct expansion *x, const struct config_pool4 *e, struct in_addr first,
	struct in_addr last)
{
	const struct mark *m = report_find(&d->report, &e->first);

	if (x->n == CONFIG_POOL4) {
		report_field(&d->report, &e->first, "nat64.pool4",
			"is one entry too many, allowed: at most %u, where wan counts for each "
			"address",
			CONFIG_POOL4);
		return;
	}
	x->entry[x->n] = *e;
	x->entry[x->n].first = first;
	x->entry[x->n].last = last;
	x->mark[x->n] = m ? *m : (struct mark){.line = 0};
	x->n++;
}

static void
expand_wan(struct draft *d, struct expansion *x, const struct config_pool4 *e)
{
	const struct config *c = d->config;
	unsigned int found = 0, ports = 0;

	for (unsigned int i = 0; i < c->n_port; i++) {
		const struct config_port *p = &c->port[i];

		ports += p->role == PORT_WAN;
		for (unsigned int k = 0; k < p->n_addr4 && p->role == PORT_WAN; k++, found++)
			expand_one(d, x, e, p->addr4[k].addr, p->addr4[k].addr);
	}
	if (ports && !found) // else the lack of a WAN port is reported already
		report_field(&d->report, &e->first, "nat64.pool4",
			"is empty, since no WAN port has an IPv4 address, allowed: at least one "
			"address");
}

static void
expand_pool(struct draft *d)
{
	struct config_nat64 *n = &d->config->nat64;
	struct expansion x = {.n = 0};

	for (unsigned int i = 0; i < n->n_pool4; i++) {
		const struct config_pool4 *e = &n->pool4[i];

		if (e->first.s_addr == 0)
			expand_wan(d, &x, e);
		else
			expand_one(d, &x, e, e->first, e->last);
	}
	n->n_pool4 = x.n;
	memcpy(n->pool4, x.entry, x.n * sizeof(x.entry[0]));
	for (unsigned int i = 0; i < x.n; i++) {
		const struct mark *m = &x.mark[i];

		if (m->line)
			report_mark(&d->report, &n->pool4[i].first, m->line, m->col, m->path);
	}
}

static void
pool_error(struct draft *d, const struct config_pool4 *e, struct in_addr a, const char *wrong)
{
	char text[ADDR_TEXT_LEN];

	report_field(&d->report, &e->first, "nat64.pool4",
		"%s %s, allowed: unicast addresses that nobody else uses, and those of WAN ports",
		addr4_text(a, text), wrong);
}

static void
check_link(struct draft *d, const struct config_pool4 *e, const struct prefix4 *q)
{
	struct in_addr net = prefix4_network(q).addr, all = prefix4_broadcast(q);

	if (q->len < 31 && holds(e, net))
		pool_error(d, e, net, "is the network address of a port's link");
	if (q->len < 31 && holds(e, all))
		pool_error(d, e, all, "is the broadcast address of a port's link");
}

static void
check_beside_ports(struct draft *d, const struct config_pool4 *e)
{
	const struct config *c = d->config;

	for (unsigned int i = 0; i < c->n_port; i++) {
		const struct config_port *p = &c->port[i];

		if (p->has_gateway4 && holds(e, p->gateway4))
			pool_error(d, e, p->gateway4, "is a default next hop");
		for (unsigned int k = 0; k < p->n_addr4; k++) {
			check_link(d, e, &p->addr4[k]);
			if (p->role == PORT_LAN && holds(e, p->addr4[k].addr))
				pool_error(d, e, p->addr4[k].addr, "is an address of a LAN port");
		}
	}
}

// The entry has an address of a WAN port.
static bool
has_own(const struct config *c, const struct config_pool4 *e)
{
	for (unsigned int i = 0; i < c->n_port; i++) {
		const struct config_port *p = &c->port[i];

		for (unsigned int k = 0; k < p->n_addr4 && p->role == PORT_WAN; k++) {
			if (holds(e, p->addr4[k].addr))
				return true;
		}
	}
	return false;
}

static void
check_range(struct draft *d, const struct config_pool4 *e)
{
	struct in6_addr first, last;

	addr_map4(&first, e->first);
	addr_map4(&last, e->last);
	if (!config_is_unicast(&first))
		pool_error(d, e, e->first, "is no address of a host");
	else if (!config_is_unicast(&last))
		pool_error(d, e, e->last, "is no address of a host");
}

// Queries to the upstreams leave from the gateway's own addresses.
static void
check_dns_ports(struct draft *d, const struct config_pool4 *e)
{
	const struct config_dns64 *dns = &d->config->dns64;
	const void *field = &e->first;

	if (!dns->enabled || e->port_first > dns->port_last || dns->port_first > e->port_last)
		return;
	if (report_find(&d->report, &dns->port_first))
		field = &dns->port_first;
	report_field(&d->report, field, "nat64.pool4",
		"ports %u-%u of the gateway's own address and dns64.upstream_ports %u-%u overlap, "
		"allowed: ranges that have no port in common",
		e->port_first, e->port_last, dns->port_first, dns->port_last);
}

static void
check_listen_port(struct draft *d, const struct config_pool4 *e)
{
	const struct config_dns64 *dns = &d->config->dns64;

	for (unsigned int i = 0; i < dns->n_listen && dns->enabled; i++) {
		const struct in6_addr *a = &dns->listen[i];

		if (addr_is_mapped4(a) && holds(e, addr_unmap4(a)) && e->port_first <= 53 &&
			e->port_last >= 53)
			pool_error(d, e, addr_unmap4(a), "answers DNS queries on port 53");
	}
}

static void
check_entry(struct draft *d, struct config_pool4 *e)
{
	bool own = has_own(d->config, e);

	if (!own || e->first.s_addr != e->last.s_addr) { // else the port's address was checked
		check_beside_ports(d, e);
		check_range(d, e);
	}
	if (e->port_first == 0) {
		e->port_first = own ? OWN_PORT_FIRST : 1;
		e->port_last = own ? OWN_PORT_LAST : 65535;
	}
	if (own) {
		check_dns_ports(d, e);
		check_listen_port(d, e);
	}
}

static void
check_pairs(struct draft *d, unsigned int i)
{
	const struct config_nat64 *n = &d->config->nat64;

	for (unsigned int k = 0; k < i; k++) {
		if (holds(&n->pool4[i], n->pool4[k].first))
			pool_error(d, &n->pool4[i], n->pool4[k].first, "is in the pool already");
		else if (holds(&n->pool4[k], n->pool4[i].first))
			pool_error(d, &n->pool4[i], n->pool4[i].first, "is in the pool already");
	}
}

void
config_check_pool4(struct draft *d)
{
	struct config_nat64 *n = &d->config->nat64;
	uint64_t total = 0;

	expand_pool(d);
	for (unsigned int i = 0; i < n->n_pool4; i++) {
		struct config_pool4 *e = &n->pool4[i];

		total += (uint64_t)ntohl(e->last.s_addr) - ntohl(e->first.s_addr) + 1;
		check_entry(d, e);
		check_pairs(d, i);
	}
	if (total > CONFIG_POOL4_ADDR)
		report_field(&d->report, NULL, "nat64.pool4",
			"has %llu addresses, allowed: at most %u", (unsigned long long)total,
			CONFIG_POOL4_ADDR);
}
