// SPDX-License-Identifier: BSD-3-Clause
// Ports: names, devices, addresses, default next hops.
#include "config/load.h"

#include "addr/text.h"

#include <string.h>

#define MIN_MTU6 1280 // RFC 8200 §5

// What tells two virtual devices apart: the name, or what they are tied to.
static bool
same_vdev(const char *a, const char *b)
{
	size_t name = strcspn(a, ",");
	const char *ia = strstr(a, ",iface="), *ib = strstr(b, ",iface=");

	if (name == strcspn(b, ",") && !strncmp(a, b, name))
		return true;
	if (!ia || !ib)
		return false;
	ia += 7;
	ib += 7;
	return strcspn(ia, ",") == strcspn(ib, ",") && !strncmp(ia, ib, strcspn(ia, ","));
}

static bool
same_device(const struct config_port *p, const struct config_port *q)
{
	if (p->is_pci || q->is_pci)
		return !strcmp(p->device, q->device);
	return same_vdev(p->device, q->device);
}

static void
check_twins(struct draft *d, const struct config_port *p, const struct config_port *q)
{
	if (!strcmp(p->name, q->name))
		report_field(&d->report, p->name, "ports",
			"\"%s\" is the name of another port as well, allowed: one that is free",
			p->name);
	if (!same_device(p, q))
		return;
	if (p->vlan == q->vlan)
		report_field(&d->report, p->device, "ports",
			"\"%.60s\" is the device of port %s as well, allowed: a device for each "
			"port, or a vlan for each port of a device",
			p->device, q->name);
	else if (strcmp(p->device, q->device))
		report_field(&d->report, p->device, "ports",
			"\"%.60s\" is the device of port %s with other arguments, allowed: the "
			"same for all ports of a device",
			p->device, q->name);
}

static void
check_roles(struct draft *d)
{
	static const char *const name[] = {[PORT_LAN] = "lan", [PORT_WAN] = "wan"};
	const struct config *c = d->config;
	unsigned int n[2] = {0};

	for (unsigned int i = 0; i < c->n_port; i++)
		n[c->port[i].role]++;
	for (unsigned int role = PORT_LAN; role <= PORT_WAN; role++) {
		if (!n[role])
			report_field(&d->report, NULL, "ports",
				"has no port with role %s, allowed: at least one of each role",
				name[role]);
	}
}

static void
check_mtu(struct draft *d, const struct config_port *p)
{
	if (p->mtu < MIN_MTU6 && p->role == PORT_LAN)
		report_field(&d->report, &p->mtu, "ports",
			"%u is too small for a LAN port, allowed: 1280 to 9000 bytes", p->mtu);
	else if (p->mtu < MIN_MTU6 && p->n_addr6)
		report_field(&d->report, &p->mtu, "ports",
			"%u is too small for a port with IPv6 addresses, allowed: 1280 to 9000 "
			"bytes",
			p->mtu);
}

static const char *
wrong_host4(const struct prefix4 *q)
{
	if (q->len < 31 && q->addr.s_addr == prefix4_network(q).addr.s_addr)
		return "is the network's address, allowed: an address of a host in it";
	if (q->len < 31 && q->addr.s_addr == prefix4_broadcast(q).s_addr)
		return "is the broadcast address, allowed: an address of a host";
	return NULL;
}

static const char *
wrong_host6(const struct prefix6 *q)
{
	struct prefix6 net = prefix6_network(q);

	if (IN6_IS_ADDR_LINKLOCAL(&q->addr))
		return "is link-local, allowed: others, a link-local one is added by itself";
	if (addr_is_mapped4(&q->addr))
		return "is an IPv4 address in IPv6 form, allowed: as in 198.51.100.2/24";
	if (q->len < 127 && IN6_ARE_ADDR_EQUAL(&q->addr, &net.addr))
		return "is the address of all routers on the link (RFC 4291 2.6.1), allowed: an "
		       "address with host bits, such as one that ends with ::1";
	return NULL;
}

static void
check_address(struct draft *d, const struct config_port *p, unsigned int i)
{
	char text[PREFIX_TEXT_LEN];
	struct prefix6 q, r;
	const char *wrong;

	config_port_prefix(p, i, &q);
	if (i < p->n_addr6)
		wrong = wrong_host6(&p->addr6[i]);
	else
		wrong = wrong_host4(&p->addr4[i - p->n_addr6]);
	if (!wrong && !config_is_unicast(&q.addr))
		wrong = "is no address of a host, allowed: unicast addresses";
	for (unsigned int k = 0; k < i && !wrong; k++) {
		if (config_port_prefix(p, k, &r) && IN6_ARE_ADDR_EQUAL(&q.addr, &r.addr))
			wrong = "is given twice, allowed: each address once";
	}
	if (wrong)
		report_field(&d->report, config_port_prefix_field(p, i), "ports", "%s %s",
			prefix6_text(&q, text), wrong);
}

static void
check_overlap(struct draft *d, const struct config_port *p, const struct config_port *q)
{
	char text[2][PREFIX_TEXT_LEN];
	struct prefix6 a, b;

	for (unsigned int i = 0; config_port_prefix(p, i, &a); i++) {
		for (unsigned int k = 0; config_port_prefix(q, k, &b); k++) {
			if (prefix6_overlap(&a, &b))
				report_field(&d->report, config_port_prefix_field(p, i), "ports",
					"%s overlaps %s of port %s, allowed: a prefix of its own "
					"for each port",
					prefix6_text(&a, text[0]), prefix6_text(&b, text[1]),
					q->name);
		}
	}
}

static void
check_gateway(
	struct draft *d, const struct config_port *p, const void *field, const struct in6_addr *a)
{
	const char *wrong = config_wrong_next_hop(d->config, p, a);
	char text[ADDR_TEXT_LEN];

	if (wrong)
		report_field(&d->report, field, "ports",
			"%s %s, allowed: the address of a neighbour in a prefix of port %s",
			addr6_text(a, text), wrong, p->name);
}

static void
check_gateways(struct draft *d, struct config_port *p)
{
	struct in6_addr mapped;

	p->has_gateway4 = report_find(&d->report, &p->gateway4) != NULL;
	p->has_gateway6 = report_find(&d->report, &p->gateway6) != NULL;
	addr_map4(&mapped, p->gateway4);
	if (p->has_gateway4)
		check_gateway(d, p, &p->gateway4, &mapped);
	if (p->has_gateway6)
		check_gateway(d, p, &p->gateway6, &p->gateway6);
}

static void
check_second_gateway(struct draft *d, const struct config_port *p, const struct config_port *q)
{
	if (p->has_gateway4 && q->has_gateway4)
		report_field(&d->report, &p->gateway4, "ports",
			"is a second default next hop beside that of port %s, allowed: one",
			q->name);
	if (p->has_gateway6 && q->has_gateway6)
		report_field(&d->report, &p->gateway6, "ports",
			"is a second default next hop beside that of port %s, allowed: one",
			q->name);
}

void
config_check_ports(struct draft *d)
{
	struct config *c = d->config;

	check_roles(d);
	for (unsigned int i = 0; i < c->n_port; i++) {
		struct config_port *p = &c->port[i];

		check_mtu(d, p);
		check_gateways(d, p);
		for (unsigned int k = 0; k < p->n_addr6 + p->n_addr4; k++)
			check_address(d, p, k);
		for (unsigned int k = 0; k < i; k++) {
			check_twins(d, p, &c->port[k]);
			check_overlap(d, p, &c->port[k]);
			check_second_gateway(d, p, &c->port[k]);
		}
	}
}
