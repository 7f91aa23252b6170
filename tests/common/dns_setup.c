// SPDX-License-Identifier: BSD-3-Clause
#include "common/dns_setup.h"

#include "addr/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
check(int ret, const char *text)
{
	if (!ret)
		return;
	fprintf(stderr, "dns_setup: %s\n", text);
	abort();
}

struct in6_addr
dns_setup_address(const char *text)
{
	struct in6_addr a;

	check(addr_parse_any(text, &a), text);
	return a;
}

struct prefix6
dns_setup_network(const char *text)
{
	struct prefix6 p;

	check(prefix6_parse(text, &p), text);
	return p;
}

void
dns_setup_init(struct config_dns64 *c)
{
	memset(c, 0, sizeof(*c));
	c->enabled = true;
	c->listen[0] = dns_setup_address(DNS_SETUP_LISTEN);
	c->n_listen = 1;
	c->upstream[0].addr = dns_setup_address(DNS_SETUP_UPSTREAM1);
	c->upstream[0].port = 53;
	c->upstream[1].addr = dns_setup_address(DNS_SETUP_UPSTREAM2);
	c->upstream[1].port = 5353;
	c->n_upstream = 2;
	c->port_first = 49152;
	c->port_last = 65535;
	c->allow[0] = dns_setup_network("2001:db8:1::/64");
	c->n_allow = 1;
	c->exclude_aaaa[0] = dns_setup_network("::ffff:0:0/96");
	c->n_exclude_aaaa = 1;
	c->empty_zones = true;
	c->cache_entries = 1024;
	c->cache_max_ttl = 86400;
	c->cache_max_negative_ttl = 3600;
	c->timeout_ms = 1000;
	c->tries = 3;
	c->max_pending = 32;
	c->edns_size = 1232;
}

void
dns_setup_prefix(struct config_nat64 *c, const char *prefix)
{
	struct prefix6 p = dns_setup_network(prefix);

	check(pref64_init(&c->prefix[c->n_prefix++], &p), prefix);
}

struct dns64_datagram
dns_setup_back(const struct dns64_datagram *to, const uint8_t *data, uint16_t len)
{
	return (struct dns64_datagram){.src = to->dst,
		.dst = to->src,
		.sport = to->dport,
		.dport = to->sport,
		.data = data,
		.len = len};
}
