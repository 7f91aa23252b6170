// SPDX-License-Identifier: BSD-3-Clause
#include "addr/prefix.h"

#include <arpa/inet.h>
#include <endian.h>

// IPv4 netmask in host order.
static uint32_t
mask4(unsigned int len)
{
	return len == 0 ? 0 : UINT32_MAX << (32 - len);
}

static bool
bits_equal(const uint8_t *a, const uint8_t *b, unsigned int len)
{
	unsigned int bytes = len / 8;
	unsigned int rest = len % 8;

	if (memcmp(a, b, bytes))
		return false;
	return rest == 0 || ((a[bytes] ^ b[bytes]) >> (8 - rest)) == 0;
}

bool
prefix6_match(const struct prefix6 *p, const struct in6_addr *a)
{
	return bits_equal(p->addr.s6_addr, a->s6_addr, p->len);
}

bool
prefix4_match(const struct prefix4 *p, struct in_addr a)
{
	return ((p->addr.s_addr ^ a.s_addr) & htonl(mask4(p->len))) == 0;
}

bool
prefix6_overlap(const struct prefix6 *p, const struct prefix6 *q)
{
	return p->len <= q->len ? prefix6_match(p, &q->addr) : prefix6_match(q, &p->addr);
}

bool
prefix4_overlap(const struct prefix4 *p, const struct prefix4 *q)
{
	return p->len <= q->len ? prefix4_match(p, q->addr) : prefix4_match(q, p->addr);
}

void
prefix6_mask(uint64_t mask[2], unsigned int len)
{
	uint8_t bytes[16] = {0};

	for (unsigned int i = 0; i < len; i++)
		bytes[i / 8] |= (uint8_t)(0x80 >> i % 8);
	memcpy(mask, bytes, sizeof(bytes));
}

struct prefix6
prefix6_network(const struct prefix6 *p)
{
	uint64_t mask[2];

	prefix6_mask(mask, p->len);
	return (struct prefix6){.addr = prefix6_masked(&p->addr, mask), .len = p->len};
}

struct prefix4
prefix4_network(const struct prefix4 *p)
{
	struct prefix4 n = {.len = p->len};

	n.addr.s_addr = p->addr.s_addr & htonl(mask4(p->len));
	return n;
}

struct in_addr
prefix4_broadcast(const struct prefix4 *p)
{
	struct in_addr a = {.s_addr = INADDR_BROADCAST};

	if (p->len < 31) // RFC 3021: a /31 has no broadcast address
		a.s_addr = p->addr.s_addr | htonl(~mask4(p->len));
	return a;
}

void
addr_map4(struct in6_addr *out, struct in_addr a)
{
	// in words, as it is read next
	const uint64_t w[2] = {0, htobe64(UINT64_C(0xffff) << 32 | ntohl(a.s_addr))};

	memcpy(out, w, sizeof(w));
}

struct in_addr
addr_unmap4(const struct in6_addr *a)
{
	struct in_addr v4;

	memcpy(&v4, a->s6_addr + 12, 4);
	return v4;
}

void
addr_solicited_node(struct in6_addr *out, const struct in6_addr *a)
{
	static const uint8_t head[13] = {0xff, 0x02, [11] = 0x01, [12] = 0xff};
	uint8_t tail[3]; // out may be a

	memcpy(tail, a->s6_addr + 13, sizeof(tail));
	memcpy(out->s6_addr, head, sizeof(head));
	memcpy(out->s6_addr + 13, tail, sizeof(tail));
}
