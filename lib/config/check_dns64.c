// SPDX-License-Identifier: BSD-3-Clause
// The DNS service: what it listens on, who may ask, whom it asks.
#include "config/load.h"

#include "addr/text.h"

#include <arpa/inet.h>
#include <string.h>

#define MIN_UPSTREAM_PORTS 256 // RFC 5452 §9.2: as large a range as possible
#define HEADERS            48  // IPv6, UDP
#define ALWAYS_FITS        1232

static void
fill_listen(struct draft *d)
{
	struct config *c = d->config;
	struct config_dns64 *n = &c->dns64;

	for (unsigned int i = 0; i < c->n_port; i++) {
		struct prefix6 q;

		if (c->port[i].role != PORT_LAN)
			continue;
		for (unsigned int k = 0; config_port_prefix(&c->port[i], k, &q); k++)
			n->listen[n->n_listen++] = q.addr;
	}
}

// The whole of IPv6 or IPv4.
static bool
is_default_route(const struct prefix6 *p)
{
	return p->len == 0 || (p->len == 96 && addr_is_mapped4(&p->addr));
}

static void
fill_allow(struct draft *d)
{
	static const struct prefix6 link_local = {.addr = {.s6_addr = {0xfe, 0x80}}, .len = 10};
	struct config *c = d->config;
	struct config_dns64 *n = &c->dns64;
	struct prefix6 q;

	for (unsigned int i = 0; i < c->n_port; i++) {
		if (c->port[i].role != PORT_LAN)
			continue;
		for (unsigned int k = 0; config_port_prefix(&c->port[i], k, &q); k++)
			n->allow[n->n_allow++] = prefix6_network(&q);
	}
	for (unsigned int i = 0; i < c->n_route; i++) {
		const struct config_route *r = &c->route[i];

		if (r->port < c->n_port && c->port[r->port].role == PORT_LAN &&
			!is_default_route(&r->dst))
			n->allow[n->n_allow++] = r->dst;
	}
	n->allow[n->n_allow++] = link_local;
}

void
config_fill_dns64(struct draft *d)
{
	struct config_dns64 *n = &d->config->dns64;

	if (!report_find(&d->report, &n->enabled))
		n->enabled = n->n_upstream > 0;
	if (!n->n_listen)
		fill_listen(d);
	if (!n->n_allow)
		fill_allow(d);
}

static void
check_listen(struct draft *d)
{
	const struct config *c = d->config;
	const struct config_dns64 *n = &c->dns64;
	char text[ADDR_TEXT_LEN];

	if (!n->n_listen)
		report_field(&d->report, NULL, "dns64.listen",
			"is empty, since no LAN port has an address, allowed: at least one "
			"address");
	for (unsigned int i = 0; i < n->n_listen; i++) {
		const struct in6_addr *a = &n->listen[i];
		const char *wrong = config_port_of_addr(c, a) ? NULL : "is no address of any port";

		for (unsigned int k = 0; k < i && !wrong; k++) {
			if (IN6_ARE_ADDR_EQUAL(a, &n->listen[k]))
				wrong = "is given twice";
		}
		if (wrong)
			report_field(&d->report, a, "dns64.listen",
				"%s %s, allowed: addresses of the ports, each once",
				addr6_text(a, text), wrong);
	}
}

static bool
has_family(const struct config *c, bool is_ipv4)
{
	for (unsigned int i = 0; i < c->n_port; i++) {
		if (is_ipv4 ? c->port[i].n_addr4 : c->port[i].n_addr6)
			return true;
	}
	return false;
}

static bool
is_translated(const struct config_nat64 *n, const struct in6_addr *a)
{
	for (unsigned int i = 0; i < n->n_prefix; i++) {
		if (pref64_match(&n->prefix[i], a))
			return true;
	}
	return false;
}

static bool
is_pool_addr(const struct config_nat64 *n, const struct in6_addr *a)
{
	uint32_t v4 = ntohl(addr_unmap4(a).s_addr);

	for (unsigned int i = 0; i < n->n_pool4 && addr_is_mapped4(a); i++) {
		if (ntohl(n->pool4[i].first.s_addr) <= v4 && v4 <= ntohl(n->pool4[i].last.s_addr))
			return true;
	}
	return false;
}

static const char *
wrong_upstream(const struct config *c, unsigned int i)
{
	const struct config_dns64 *n = &c->dns64;
	const struct in6_addr *a = &n->upstream[i].addr;

	if (!config_is_unicast(a))
		return "is no address of a host";
	if (IN6_IS_ADDR_LINKLOCAL(a))
		return "is link-local";
	if (config_port_of_addr(c, a))
		return "is the gateway's own address";
	if (is_pool_addr(&c->nat64, a))
		return "is an address of nat64.pool4";
	if (is_translated(&c->nat64, a))
		return "is inside a NAT64 prefix";
	if (!has_family(c, addr_is_mapped4(a)))
		return "cannot be asked, since no port has an address of its family";
	for (unsigned int k = 0; k < i; k++) {
		if (IN6_ARE_ADDR_EQUAL(a, &n->upstream[k].addr) &&
			n->upstream[i].port == n->upstream[k].port)
			return "is given twice";
	}
	return NULL;
}

static void
check_upstreams(struct draft *d)
{
	const struct config_dns64 *n = &d->config->dns64;
	char text[ADDR_TEXT_LEN];

	if (!n->n_upstream)
		report_field(&d->report, NULL, "dns64.upstreams",
			"is empty, allowed: at least one server, or enabled: false");
	for (unsigned int i = 0; i < n->n_upstream; i++) {
		const char *wrong = wrong_upstream(d->config, i);

		if (wrong)
			report_field(&d->report, &n->upstream[i], "dns64.upstreams",
				"%s %s, allowed: servers that the gateway can reach, each once",
				addr6_text(&n->upstream[i].addr, text), wrong);
	}
	if (n->tries > 3 * n->n_upstream && n->n_upstream)
		report_field(&d->report, &n->tries, "dns64.tries",
			"%u is more than 3 for each upstream (RFC 9520 3.1), allowed: 1 to %u",
			n->tries, 3 * n->n_upstream);
}

// Answers are sent whole, and those of upstreams are not put together.
static void
check_edns_size(struct draft *d)
{
	const struct config *c = d->config;
	uint32_t max = UINT16_MAX;
	const char *name = "";

	for (unsigned int i = 0; i < c->n_port; i++) {
		uint32_t fits = c->port[i].mtu < ALWAYS_FITS + HEADERS ? ALWAYS_FITS
								       : c->port[i].mtu - HEADERS;

		if (fits >= max)
			continue;
		max = fits;
		name = c->port[i].name;
	}
	if (c->dns64.edns_size > max)
		report_field(&d->report, &c->dns64.edns_size, "dns64.edns_size",
			"%u does not fit the MTU of port %s, allowed: 512 to %u",
			c->dns64.edns_size, name, max);
}

void
config_check_dns64(struct draft *d)
{
	const struct config_dns64 *n = &d->config->dns64;

	if (!n->enabled)
		return;
	check_listen(d);
	check_upstreams(d);
	check_edns_size(d);
	if (n->port_first < 1024 || n->port_last - n->port_first + 1 < MIN_UPSTREAM_PORTS)
		report_field(&d->report, &n->port_first, "dns64.upstream_ports",
			"%u-%u is too small a range or begins too low, allowed: at least %u ports "
			"from 1024 up",
			n->port_first, n->port_last, MIN_UPSTREAM_PORTS);
}
