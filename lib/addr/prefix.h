// SPDX-License-Identifier: BSD-3-Clause
// Address prefixes. Pure functions, any thread. Addresses are in wire order throughout.
#ifndef ADDR_PREFIX_H
#define ADDR_PREFIX_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

// As an interface address, addr keeps its host bits; as a route or filter they are zero.
struct prefix6 {
	struct in6_addr addr;
	uint8_t len; // 0..128
};

struct prefix4 {
	struct in_addr addr;
	uint8_t len; // 0..32
};

// True when the first p->len bits of a and p->addr agree.
bool prefix6_match(const struct prefix6 *p, const struct in6_addr *a);
bool prefix4_match(const struct prefix4 *p, struct in_addr a);

static inline bool
prefix6_equal(const struct prefix6 *p, const struct prefix6 *q)
{
	return p->len == q->len && IN6_ARE_ADDR_EQUAL(&p->addr, &q->addr);
}

// True when the two prefixes have an address in common.
bool prefix6_overlap(const struct prefix6 *p, const struct prefix6 *q);
bool prefix4_overlap(const struct prefix4 *p, const struct prefix4 *q);

// The first len bits as words in wire order, and an address with only the bits of such a mask.
void prefix6_mask(uint64_t mask[2], unsigned int len);
static inline struct in6_addr
prefix6_masked(const struct in6_addr *a, const uint64_t mask[2])
{
	struct in6_addr out;
	uint64_t w[2];

	memcpy(w, a, sizeof(w));
	w[0] &= mask[0];
	w[1] &= mask[1];
	memcpy(&out, w, sizeof(w));
	return out;
}

// The prefix with its host bits cleared.
struct prefix6 prefix6_network(const struct prefix6 *p);
struct prefix4 prefix4_network(const struct prefix4 *p);

// Directed broadcast address of an IPv4 network; 255.255.255.255 for lengths 31 and 32 (none).
struct in_addr prefix4_broadcast(const struct prefix4 *p);

// IPv4-mapped form ::ffff:a.b.c.d, for tables that hold both families (RFC 4291 §2.5.5.2).
void addr_map4(struct in6_addr *out, struct in_addr a);
static inline bool
addr_is_mapped4(const struct in6_addr *a)
{
	return IN6_IS_ADDR_V4MAPPED(a);
}
struct in_addr addr_unmap4(const struct in6_addr *a);

// Solicited-node multicast address ff02::1:ffXX:XXXX (RFC 4291 §2.7.1).
void addr_solicited_node(struct in6_addr *out, const struct in6_addr *a);

#endif
