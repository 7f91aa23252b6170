// SPDX-License-Identifier: BSD-3-Clause
// Addresses and prefixes.
#include "config/schema.h"

#include "addr/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *
parse_addr4(struct setting *s, const char *text)
{
	return addr4_parse(text, s->field) ? "is no IPv4 address" : NULL;
}

static const char *
parse_addr6(struct setting *s, const char *text)
{
	struct in6_addr a;

	if (addr6_parse(text, &a) || addr_is_mapped4(&a))
		return "is no IPv6 address";
	memcpy(s->field, &a, sizeof(a));
	return NULL;
}

static const char *
parse_addr(struct setting *s, const char *text)
{
	return addr_parse_any(text, s->field) ? "is no IP address" : NULL;
}

// 0.0.0.0 for the word wan: config_check puts the real one there.
static const char *
parse_static_addr(struct setting *s, const char *text)
{
	struct in_addr a = {0};

	if (strcmp(text, "wan") && (addr4_parse(text, &a) || a.s_addr == 0))
		return "is no IPv4 address";
	memcpy(s->field, &a, sizeof(a));
	return NULL;
}

const struct config_type config_type_static_addr = {
	.what = "wan, or an IPv4 address", .parse = parse_static_addr};
const struct config_type config_type_addr4 = {
	.what = "an IPv4 address such as 203.0.113.1", .parse = parse_addr4};
const struct config_type config_type_addr6 = {
	.what = "an IPv6 address such as 2001:db8::1", .parse = parse_addr6};
const struct config_type config_type_addr = {
	.what = "an IPv6 or IPv4 address", .parse = parse_addr};

static const char *
parse_port_addr(struct setting *s, const char *text)
{
	static const char full[] = "is one too many of its family";
	struct config_port *p = s->base;
	struct prefix6 p6 = {0};
	struct prefix4 p4 = {0};

	if (!prefix4_parse(text, &p4) && p4.len > 0) {
		if (p->n_addr4 == CONFIG_PORT_ADDR)
			return full;
		s->field = &p->addr4[p->n_addr4++];
		memcpy(s->field, &p4, sizeof(p4));
		return NULL;
	}
	if (prefix6_parse(text, &p6) || p6.len == 0)
		return "is no address with the length of its prefix";
	if (p->n_addr6 == CONFIG_PORT_ADDR)
		return full;
	s->field = &p->addr6[p->n_addr6++];
	memcpy(s->field, &p6, sizeof(p6));
	return NULL;
}

const struct config_type config_type_port_addr = {
	.what = "address/length such as 2001:db8:1::1/64 or 198.51.100.2/24, at most 8 of a family",
	.parse = parse_port_addr,
	.used = offsetof(struct prefix6, len) + 1};

static const char *
check_network(const struct prefix6 *p)
{
	struct prefix6 n = prefix6_network(p);

	return memcmp(&n.addr, &p->addr, sizeof(n.addr)) ? "has bits set behind its length" : NULL;
}

static const char *
parse_prefix6(struct setting *s, const char *text)
{
	struct prefix6 p = {0};

	if (prefix6_parse(text, &p))
		return "is no IPv6 prefix";
	memcpy(s->field, &p, sizeof(p));
	return check_network(&p);
}

static const char *
parse_prefix4(struct setting *s, const char *text)
{
	struct prefix4 p = {0};

	if (prefix4_parse(text, &p))
		return "is no IPv4 prefix";
	memcpy(s->field, &p, sizeof(p));
	return prefix4_network(&p).addr.s_addr != p.addr.s_addr ? "has bits set behind its length"
								: NULL;
}

static const char *
parse_prefix(struct setting *s, const char *text)
{
	struct prefix6 p6 = {0};
	struct prefix4 p4 = {0};

	if (prefix4_parse(text, &p4)) {
		if (prefix6_parse(text, &p6))
			return "is no IP prefix";
	} else {
		addr_map4(&p6.addr, p4.addr);
		p6.len = p4.len + 96;
	}
	memcpy(s->field, &p6, sizeof(p6));
	return check_network(&p6);
}

const struct config_type config_type_prefix6 = {.what = "an IPv6 prefix such as 2001:db8:1::/48",
	.parse = parse_prefix6,
	.used = offsetof(struct prefix6, len) + 1};
const struct config_type config_type_prefix4 = {.what = "an IPv4 prefix such as 198.51.100.0/24",
	.parse = parse_prefix4,
	.used = offsetof(struct prefix4, len) + 1};
const struct config_type config_type_prefix = {
	.what = "a prefix such as 2001:db8:1::/48 or 198.51.100.0/24",
	.parse = parse_prefix,
	.used = offsetof(struct prefix6, len) + 1};

static const char *
parse_pref64(struct setting *s, const char *text)
{
	struct prefix6 p;
	struct pref64 out;

	if (prefix6_parse(text, &p))
		return "is no IPv6 prefix";
	switch (pref64_init(&out, &p)) {
	case 0:
		break;
	case -EDOM:
		return "has bits 64 to 71 set (RFC 6052 2.2)";
	case -ERANGE:
		return "has bits set behind its length";
	case -EADDRNOTAVAIL:
		return "holds no addresses that a router forwards to";
	default:
		return "has a length that RFC 6052 does not have";
	}
	if (!pref64_is_discoverable(&out))
		return "holds 192.0.0.170 or 192.0.0.171, which clients search for (RFC 7050 3)";
	memcpy(s->field, &out, sizeof(out));
	return NULL;
}

const struct config_type config_type_pref64 = {
	.what = "an IPv6 prefix of length 32, 40, 48, 56, 64 or 96 such as 64:ff9b::/96",
	.parse = parse_pref64,
	.used = offsetof(struct pref64, is_wkp) + 1};

// Finds the entry of nat64.prefixes. NULL, or what is wrong with text.
static const char *
find_pref64(const struct setting *s, const char *text, unsigned int *index)
{
	const struct config_nat64 *n = &s->config->nat64;
	struct prefix6 p;

	if (prefix6_parse(text, &p))
		return "is no IPv6 prefix";
	for (*index = 0; *index < n->n_prefix; (*index)++) {
		const struct pref64 *q = &n->prefix[*index];

		if (q->len == p.len && IN6_ARE_ADDR_EQUAL(&q->prefix, &p.addr))
			return NULL;
	}
	return "is none of them";
}

// A bit of struct config_pool4.prefixes.
static const char *
parse_pref64_ref(struct setting *s, const char *text)
{
	struct config_pool4 *e = s->base;
	unsigned int i;
	const char *wrong = find_pref64(s, text, &i);

	if (!wrong)
		e->prefixes |= (uint16_t)(1 << i);
	s->field = &e->prefixes;
	return wrong;
}

static const char *
parse_pref64_index(struct setting *s, const char *text)
{
	unsigned int i;
	const char *wrong = find_pref64(s, text, &i);

	if (!wrong)
		*(uint8_t *)s->field = (uint8_t)i;
	return wrong;
}

_Static_assert(sizeof(((struct config_pool4 *)0)->prefixes) * 8 >= CONFIG_PREF64, "a bit for each");

const struct config_type config_type_pref64_ref = {
	.what = "an entry of nat64.prefixes", .parse = parse_pref64_ref};
const struct config_type config_type_pref64_index = {
	.what = "an entry of nat64.prefixes", .parse = parse_pref64_index};

static const char *
read_pool_range(const char *text, const char *dash, struct in_addr run[2])
{
	char first[ADDR_TEXT_LEN];

	snprintf(first, sizeof(first), "%.*s", (int)(dash - text), text);
	if (addr4_parse(first, &run[0]) || addr4_parse(dash + 1, &run[1]))
		return "is no range of IPv4 addresses";
	return ntohl(run[0].s_addr) > ntohl(run[1].s_addr) ? "begins after its end" : NULL;
}

static const char *
read_pool_prefix(const char *text, struct in_addr run[2])
{
	struct prefix4 p;

	if (prefix4_parse(text, &p))
		return "is no IPv4 prefix";
	if (prefix4_network(&p).addr.s_addr != p.addr.s_addr)
		return "has bits set behind its length";
	run[0] = p.addr;
	run[1].s_addr = p.addr.s_addr | htonl(p.len == 32 ? 0 : UINT32_MAX >> p.len);
	return NULL;
}

// Two addresses in a row, both 0.0.0.0 for the word wan: config_check puts real ones there.
static const char *
parse_pool_addr(struct setting *s, const char *text)
{
	const char *dash = strchr(text, '-');
	struct in_addr run[2] = {{0}, {0}};
	const char *wrong = NULL;

	if (dash && dash - text < ADDR_TEXT_LEN)
		wrong = read_pool_range(text, dash, run);
	else if (strchr(text, '/'))
		wrong = read_pool_prefix(text, run);
	else if (addr4_parse(text, &run[0]) && strcmp(text, "wan"))
		wrong = "is no IPv4 address";
	else
		run[1] = run[0];
	if (!wrong && strcmp(text, "wan") && run[0].s_addr == 0)
		wrong = "holds 0.0.0.0";
	memcpy(s->field, run, sizeof(run));
	return wrong;
}

_Static_assert(offsetof(struct config_pool4, last) ==
		       offsetof(struct config_pool4, first) + sizeof(struct in_addr),
	"parse_pool_addr");

const struct config_type config_type_pool_addr = {
	.what = "wan, an IPv4 address, a range such as 203.0.113.8-203.0.113.15, or a prefix such "
		"as 203.0.113.16/28",
	.parse = parse_pool_addr};

static int
read_port(const char *text, uint16_t *out)
{
	size_t len = strlen(text);
	unsigned long v = strtoul(text, NULL, 10);

	if (len == 0 || len > 5 || strspn(text, "0123456789") != len || v == 0 || v > 65535)
		return -EINVAL;
	*out = (uint16_t)v;
	return 0;
}

// Copies the address of text into addr and returns what follows a colon behind it, "" when there
// is nothing, NULL when text is something else.
static const char *
split_upstream(const char *text, char addr[static ADDR_TEXT_LEN])
{
	const char *begin = text + (*text == '[');
	size_t len = strcspn(begin, "]");
	const char *end = begin + len;

	if (*text != '[') {
		const char *colon = strchr(text, ':');

		// More than one colon: an IPv6 address, which has no port without brackets.
		len = colon && !strchr(colon + 1, ':') ? (size_t)(colon - text) : strlen(text);
		end = text + len;
	} else if (*end++ != ']') {
		return NULL;
	}
	if (len >= ADDR_TEXT_LEN || (*end != ':' && *end != '\0'))
		return NULL;
	memcpy(addr, begin, len);
	addr[len] = '\0';
	return *end && end[1] ? end + 1 : *end ? NULL : "";
}

static const char *
parse_upstream(struct setting *s, const char *text)
{
	__typeof__(((struct config_dns64 *)0)->upstream[0]) up;
	char addr[ADDR_TEXT_LEN];
	const char *port = split_upstream(text, addr);

	memset(&up, 0, sizeof(up));
	up.port = 53;
	if (!port || addr_parse_any(addr, &up.addr))
		return "is no server address";
	if (*text == '[' && addr_is_mapped4(&up.addr))
		return "is no server address";
	if (*port && read_port(port, &up.port))
		return "has a bad port";
	memcpy(s->field, &up, sizeof(up));
	return NULL;
}

const struct config_type config_type_upstream = {
	.what = "an address, or with a port as 198.51.100.53:5353 or [2001:db8::53]:5353",
	.parse = parse_upstream,
	.used = sizeof(struct in6_addr) + sizeof(uint16_t)};
