// SPDX-License-Identifier: BSD-3-Clause
#include "net/parse_ext.h"

#include "net/parse.h"

#include <rte_ip.h>

#define EXT_MIN_LEN      8

#define OPT_PAD1         0
#define OPT_ROUTER_ALERT 5 // RFC 2711 §2.1

// What RFC 7915 §5.1 skips. AH and ESP are upper-layer protocols to us.
static bool
is_skipped(uint8_t proto)
{
	return proto == IPPROTO_HOPOPTS || proto == IPPROTO_ROUTING || proto == IPPROTO_DSTOPTS ||
	       proto == IPPROTO_FRAGMENT;
}

bool
parse_ext_is_header(uint8_t proto)
{
	return is_skipped(proto) || proto == IPPROTO_AH;
}

// Hop-by-hop options: only the router alert with value 0, MLD, matters to us.
static enum drop_reason
walk_options(const uint8_t *opt, uint16_t len, struct ext_chain *c)
{
	for (uint16_t i = 0; i < len;) {
		if (opt[i] == OPT_PAD1) {
			i++;
			continue;
		}
		if (len - i < 2 || opt[i + 1] > len - i - 2)
			return DROP_EXT_CHAIN;
		if (opt[i] == OPT_ROUTER_ALERT && opt[i + 1] == 2 && opt[i + 2] == 0 &&
			opt[i + 3] == 0)
			c->flags |= PKT_ROUTER_ALERT;
		i += 2 + opt[i + 1];
	}
	return DROP_NONE;
}

// An atomic fragment is a whole packet (RFC 6946 §4); its transport has to follow at once
// (RFC 7915 §5.1.1).
static enum drop_reason
enter_fragment(const uint8_t *hdr, struct ext_chain *c)
{
	const struct rte_ipv6_fragment_ext *f = (const void *)hdr;
	uint16_t data = rte_be_to_cpu_16(f->frag_data) & RTE_IPV6_FRAG_USED_MASK;

	c->proto = f->next_header;
	c->off += sizeof(*f);
	if (data != 0) {
		c->flags |= PKT_FRAGMENT;
		c->frag_start = data & RTE_IPV6_EHDR_FO_MASK;
		return DROP_NONE;
	}
	c->flags |= PKT_ATOMIC;
	return parse_ext_is_header(c->proto) ? DROP_EXT_CHAIN : DROP_NONE;
}

static enum drop_reason
enter_header(const uint8_t *hdr, uint16_t size, struct ext_chain *c)
{
	enum drop_reason why = DROP_NONE;

	if (c->proto == IPPROTO_HOPOPTS)
		why = walk_options(hdr + 2, size - 2, c);
	else if (c->proto == IPPROTO_ROUTING && hdr[3] != 0 && c->segleft == 0)
		c->segleft = c->off + 3;
	c->proto = hdr[0];
	c->off += size;
	return why;
}

enum drop_reason
parse_ext_chain(const uint8_t *ip, uint16_t len, struct ext_chain *c)
{
	const uint16_t limit =
		RTE_MIN(len, (uint16_t)(sizeof(struct rte_ipv6_hdr) + PARSE_MAX_EXT_BYTES));
	enum drop_reason why;
	uint16_t size;

	*c = (struct ext_chain){.proto = ip[6], .off = sizeof(struct rte_ipv6_hdr)};
	for (unsigned int n = 0; is_skipped(c->proto); n++) {
		if (n == PARSE_MAX_EXT_HEADERS || limit - c->off < EXT_MIN_LEN)
			return DROP_EXT_CHAIN;
		if (c->proto == IPPROTO_FRAGMENT)
			return enter_fragment(ip + c->off, c);
		if (c->proto == IPPROTO_HOPOPTS && n > 0) // RFC 8200 §4.1
			return DROP_EXT_CHAIN;
		size = (ip[c->off + 1] + 1) * 8;
		if (size > limit - c->off)
			return DROP_EXT_CHAIN;
		why = enter_header(ip + c->off, size, c);
		if (why != DROP_NONE)
			return why;
	}
	return DROP_NONE;
}
