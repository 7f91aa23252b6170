// SPDX-License-Identifier: BSD-3-Clause
// What no single key can tell: defaults that follow from other settings, and what must agree.
#include "config/load.h"

#include "addr/text.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

bool
config_is_unicast(const struct in6_addr *a)
{
	if (addr_is_mapped4(a)) {
		uint8_t top = a->s6_addr[12];

		return top != 0 && top != 127 && top < 224;
	}
	return !IN6_IS_ADDR_UNSPECIFIED(a) && !IN6_IS_ADDR_LOOPBACK(a) && !IN6_IS_ADDR_MULTICAST(a);
}

bool
config_port_prefix(const struct config_port *p, unsigned int i, struct prefix6 *out)
{
	if (i < p->n_addr6) {
		*out = p->addr6[i];
		return true;
	}
	i -= p->n_addr6;
	if (i >= p->n_addr4)
		return false;
	addr_map4(&out->addr, p->addr4[i].addr);
	out->len = p->addr4[i].len + 96;
	return true;
}

const void *
config_port_prefix_field(const struct config_port *p, unsigned int i)
{
	return i < p->n_addr6 ? (const void *)&p->addr6[i] : &p->addr4[i - p->n_addr6];
}

const struct config_port *
config_port_of_addr(const struct config *c, const struct in6_addr *a)
{
	for (unsigned int i = 0; i < c->n_port; i++) {
		struct prefix6 q;

		for (unsigned int k = 0; config_port_prefix(&c->port[i], k, &q); k++) {
			if (IN6_ARE_ADDR_EQUAL(&q.addr, a))
				return &c->port[i];
		}
	}
	return NULL;
}

bool
config_is_on_link(const struct config_port *p, const struct in6_addr *a)
{
	struct prefix6 q;

	if (IN6_IS_ADDR_LINKLOCAL(a))
		return true;
	for (unsigned int k = 0; config_port_prefix(p, k, &q); k++) {
		if (prefix6_match(&q, a))
			return true;
	}
	return false;
}

const char *
config_wrong_next_hop(const struct config *c, const struct config_port *p, const struct in6_addr *a)
{
	if (!config_is_unicast(a))
		return "is no address of a host";
	if (config_port_of_addr(c, a))
		return "is the gateway's own address";
	if (!config_is_on_link(p, a))
		return "is not on a link of this port";
	for (unsigned int i = 0; i < p->n_addr4; i++) {
		struct in_addr v4 = addr_unmap4(a);
		const struct prefix4 *q = &p->addr4[i];

		if (addr_is_mapped4(a) && q->len < 31 &&
			(v4.s_addr == prefix4_network(q).addr.s_addr ||
				v4.s_addr == prefix4_broadcast(q).s_addr))
			return "is the network or broadcast address of the link";
	}
	return NULL;
}

// The file's name without folder and suffix, reduced to what a name may consist of.
static void
name_from_file(char *name, size_t size, const char *file)
{
	const char *slash = strrchr(file, '/');
	size_t len;

	file = slash ? slash + 1 : file;
	while (*file && !(isascii(*file) && isalnum(*file)))
		file++;
	len = strlen(file);
	for (size_t i = len; i-- > 1;) {
		if (file[i] == '.') {
			len = i;
			break;
		}
	}
	if (len >= size)
		len = size - 1;
	snprintf(name, size, "%.*s", (int)len, *file ? file : "gate64");
	if (!*file)
		snprintf(name, size, "gate64");
	for (char *p = name; *p; p++) {
		if (!isascii(*p) || (!isalnum(*p) && !strchr("._-", *p)))
			*p = '-';
	}
}

static void
fill_names(struct draft *d, const char *file)
{
	struct config *c = d->config;

	if (!c->name[0])
		name_from_file(c->name, sizeof(c->name), file);
	if (!c->cli.socket[0])
		snprintf(c->cli.socket, sizeof(c->cli.socket), "/run/gate64/%s.sock", c->name);
	if (!report_find(&d->report, c->state_file))
		snprintf(c->state_file, sizeof(c->state_file), "/var/lib/gate64/%s.state", c->name);
}

static void
fill_limits(struct draft *d)
{
	struct config_nat64 *n = &d->config->nat64;

	if (!report_find(&d->report, &n->max_bib))
		n->max_bib = n->max_sessions / 2 < 64 ? 64 : n->max_sessions / 2;
	if (!report_find(&d->report, &n->port_hold_max))
		n->port_hold_max = n->max_bib / 8 < 16 ? 16 : n->max_bib / 8;
	// What address-dependent filtering keeps out needs no rest (RFC 6888 REQ-8C).
	if (!report_find(&d->report, &n->port_hold_sec))
		n->port_hold_sec = n->filtering == FILTERING_ENDPOINT ? 120 : 0;
}

// Each worker has a share (N64-MC-04).
static void
check_quota(struct draft *d, const uint32_t *limit, const char *key)
{
	if (*limit && *limit < CONFIG_WORKERS)
		report_field(&d->report, limit, key,
			"%u is out of range, allowed: 0, or at least %u", *limit, CONFIG_WORKERS);
}

static void
check_quotas(struct draft *d)
{
	const struct config_quota *q = &d->config->nat64.quota;

	check_quota(d, &q->bindings, "nat64.quota.bindings");
	check_quota(d, &q->sessions, "nat64.quota.sessions");
	check_quota(d, &q->new_per_sec, "nat64.quota.new_per_sec");
}

static void
check_lcores(struct draft *d)
{
	const struct config *c = d->config;

	for (unsigned int i = 0; i < c->lcores.n_worker; i++) {
		for (unsigned int k = 0; k < i; k++) {
			if (c->lcores.worker[k] == c->lcores.worker[i])
				report_field(&d->report, &c->lcores.worker[i], "lcores.workers",
					"CPU %d is given twice, allowed: one worker on a CPU",
					c->lcores.worker[i]);
		}
	}
}

static void
check_memory(struct draft *d)
{
	const struct config *c = d->config;

	if (c->memory.mbufs && c->memory.mbufs < 1024)
		report_field(&d->report, &c->memory.mbufs, "memory.mbufs",
			"%u is out of range, allowed: 0, or at least 1024", c->memory.mbufs);
}

void
config_check(struct draft *d, const char *file)
{
	fill_names(d, file);
	fill_limits(d);
	check_quotas(d);
	config_check_ports(d);
	config_check_routes(d);
	config_check_pref64(d);
	config_fill_dns64(d);
	config_check_pool4(d);
	config_check_pool4_clients(d);
	config_check_statics(d); // may add addresses without ports to the pool
	config_check_dns64(d);
	check_lcores(d);
	check_memory(d);
}
