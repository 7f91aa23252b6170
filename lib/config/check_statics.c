// SPDX-License-Identifier: BSD-3-Clause
// Static bindings: the word wan becomes an address, and no port is anybody else's.
#include "config/load.h"

#include "addr/text.h"

#include <arpa/inet.h>
#include <string.h>

static unsigned int
n_ports(const struct config_static *s)
{
	return s->port_last - s->port_first + 1u;
}

static bool
is_wan_address(const struct config *c, struct in_addr a)
{
	struct in6_addr mapped;
	const struct config_port *p;

	addr_map4(&mapped, a);
	p = config_port_of_addr(c, &mapped);
	return p && p->role == PORT_WAN;
}

static bool
is_pool_address(const struct config_nat64 *n, struct in_addr a)
{
	for (unsigned int i = 0; i < n->n_pool4; i++)
		if (ntohl(n->pool4[i].first.s_addr) <= ntohl(a.s_addr) &&
			ntohl(a.s_addr) <= ntohl(n->pool4[i].last.s_addr))
			return true;
	return false;
}

static void
resolve_wan(struct draft *d, struct config_static *s)
{
	const struct config *c = d->config;
	unsigned int found = 0;

	for (unsigned int i = 0; i < c->n_port; i++)
		for (unsigned int k = 0; k < c->port[i].n_addr4; k++)
			if (c->port[i].role == PORT_WAN) {
				s->address = c->port[i].addr4[k].addr;
				found++;
			}
	if (found != 1)
		report_field(&d->report, &s->address, "nat64.static",
			"wan stands for %u addresses, allowed: one of them by its own, where the "
			"WAN ports do not have a single one",
			found);
}

// The state knows addresses of the pool only: one of a WAN port joins it, without ports to give.
static void
join_pool(struct draft *d, const struct config_static *s)
{
	struct config_nat64 *n = &d->config->nat64;

	if (is_pool_address(n, s->address))
		return;
	if (!is_wan_address(d->config, s->address)) {
		char text[ADDR_TEXT_LEN];

		report_field(&d->report, &s->address, "nat64.static",
			"%s is not ours, allowed: an address of nat64.pool4 or of a WAN port",
			addr4_text(s->address, text));
	} else if (n->n_pool4 == CONFIG_POOL4) {
		report_field(&d->report, &s->address, "nat64.static",
			"has an address beside a full nat64.pool4, allowed: at most %u entries",
			CONFIG_POOL4 - 1);
	} else {
		n->pool4[n->n_pool4++] = (struct config_pool4){
			.first = s->address, .last = s->address, .port_first = 1, .port_last = 0};
	}
}

static bool
is_inside(const struct config *c, const struct in6_addr *a)
{
	for (unsigned int i = 0; i < c->n_port; i++) {
		const struct config_port *p = &c->port[i];

		if (p->role != PORT_LAN)
			continue;
		if (p->has_gateway6)
			return true;
		for (unsigned int k = 0; k < p->n_addr6; k++)
			if (prefix6_match(&p->addr6[k], a))
				return true;
	}
	for (unsigned int i = 0; i < c->n_route; i++) {
		const struct config_route *r = &c->route[i];

		if (r->port < c->n_port && c->port[r->port].role == PORT_LAN &&
			prefix6_match(&r->dst, a))
			return true;
	}
	return false;
}

static const char *
wrong_client(const struct config *c, const struct in6_addr *a)
{
	if (!config_is_unicast(a) || IN6_IS_ADDR_LINKLOCAL(a))
		return "is no address that packets are routed to";
	if (config_port_of_addr(c, a))
		return "is the gateway's own address";
	for (unsigned int i = 0; i < c->nat64.n_prefix; i++)
		if (pref64_match(&c->nat64.prefix[i], a))
			return "is inside a NAT64 prefix";
	return is_inside(c, a) ? NULL : "is not behind a LAN port";
}

static void
check_client(struct draft *d, struct config_static *s)
{
	const char *wrong = wrong_client(d->config, &s->client);
	char text[ADDR_TEXT_LEN];

	if (wrong)
		report_field(&d->report, &s->client, "nat64.static",
			"%s %s, allowed: a host on the link of a LAN port, or behind one",
			addr6_text(&s->client, text), wrong);
	if (s->client_port == 0)
		s->client_port = s->port_first;
	if (s->client_port + n_ports(s) - 1 > 65535)
		report_field(&d->report, &s->client_port, "nat64.static",
			"%u ports from client_port %u on run past 65535, allowed: ports that there "
			"are",
			n_ports(s), s->client_port);
}

static bool
ranges_meet(unsigned int first, unsigned int n, unsigned int other_first, unsigned int other_n)
{
	return first < other_first + other_n && other_first < first + n;
}

// The gateway's own DNS64: its queries leave from ports of its addresses, and it may answer there.
static void
check_dns64(struct draft *d, const struct config_static *s)
{
	const struct config_dns64 *dns = &d->config->dns64;
	struct in6_addr mapped;

	if (!dns->enabled || !(s->protocols & 1 << STATIC_UDP) ||
		!is_wan_address(d->config, s->address))
		return;
	if (s->port_first <= dns->port_last && dns->port_first <= s->port_last)
		report_field(&d->report, &s->port_first, "nat64.static",
			"ports %u-%u of the gateway's own address and dns64.upstream_ports %u-%u "
			"overlap, allowed: ranges that have no port in common",
			s->port_first, s->port_last, dns->port_first, dns->port_last);
	addr_map4(&mapped, s->address);
	for (unsigned int i = 0; i < dns->n_listen; i++)
		if (IN6_ARE_ADDR_EQUAL(&mapped, &dns->listen[i]) && s->port_first <= 53 &&
			s->port_last >= 53)
			report_field(&d->report, &s->port_first, "nat64.static",
				"holds port 53, where dns64 answers, allowed: other ports");
}

// Each side of a binding is unique (N64-BIB-02).
static void
check_pair(struct draft *d, const struct config_static *s, const struct config_static *o)
{
	char text[ADDR_TEXT_LEN];

	if (!(s->protocols & o->protocols))
		return;
	if (s->address.s_addr == o->address.s_addr &&
		ranges_meet(s->port_first, n_ports(s), o->port_first, n_ports(o)))
		report_field(&d->report, &s->port_first, "nat64.static",
			"ports %u-%u of %s overlap those of another entry, allowed: each port once "
			"for a protocol",
			s->port_first, s->port_last, addr4_text(s->address, text));
	if (IN6_ARE_ADDR_EQUAL(&s->client, &o->client) &&
		ranges_meet(s->client_port, n_ports(s), o->client_port, n_ports(o)))
		report_field(&d->report, &s->client, "nat64.static",
			"port %u of %s and those that follow belong to another entry too, allowed: "
			"each port of a client once for a protocol",
			s->client_port, addr6_text(&s->client, text));
}

static void
check_total(struct draft *d)
{
	const struct config_nat64 *n = &d->config->nat64;
	unsigned int total = 0;

	for (unsigned int i = 0; i < n->n_static; i++)
		total += n_ports(&n->statics[i]) *
			 (unsigned int)__builtin_popcount(n->statics[i].protocols);
	if (total > CONFIG_STATIC_PORTS)
		report_field(&d->report, NULL, "nat64.static",
			"has %u ports, allowed: at most %u, counted for each protocol", total,
			CONFIG_STATIC_PORTS);
}

void
config_check_statics(struct draft *d)
{
	struct config_nat64 *n = &d->config->nat64;

	for (unsigned int i = 0; i < n->n_static; i++) {
		struct config_static *s = &n->statics[i];

		if (s->address.s_addr == 0)
			resolve_wan(d, s);
		if (s->address.s_addr != 0)
			join_pool(d, s);
		check_client(d, s);
		check_dns64(d, s);
		for (unsigned int k = 0; k < i; k++)
			check_pair(d, s, &n->statics[k]);
	}
	check_total(d);
}
