// SPDX-License-Identifier: BSD-3-Clause
#include "addr/pref64.h"

#include <errno.h>

static bool
len_is_allowed(unsigned int len)
{
	return len == 96 || (len >= 32 && len <= 64 && len % 8 == 0);
}

// Neither multicast nor link-local, and not ::/64, which holds ::, ::1 and IPv4-mapped addresses.
static bool
is_routable_unicast(const struct in6_addr *a)
{
	static const uint8_t zero[8];

	return a->s6_addr[0] != 0xff && !IN6_IS_ADDR_LINKLOCAL(a) &&
	       memcmp(a->s6_addr, zero, sizeof(zero)) != 0;
}

int
pref64_init(struct pref64 *out, const struct prefix6 *p)
{
	static const struct in6_addr wkp = {.s6_addr = {0x00, 0x64, 0xff, 0x9b}};
	struct prefix6 net;

	if (!len_is_allowed(p->len))
		return -EINVAL;
	if (p->addr.s6_addr[PREF64_U_OCTET] != 0)
		return -EDOM;
	net = prefix6_network(p);
	if (memcmp(&net.addr, &p->addr, sizeof(net.addr)))
		return -ERANGE;
	if (!is_routable_unicast(&p->addr))
		return -EADDRNOTAVAIL;
	memset(out, 0, sizeof(*out));
	out->prefix = p->addr;
	out->len = p->len;
	out->is_wkp = p->len == 96 && !memcmp(&p->addr, &wkp, sizeof(wkp));
	return 0;
}

// Position of octet i of the IPv4 address (RFC 6052 §2.2, figure 1).
static unsigned int
v4_octet_at(unsigned int len, unsigned int i)
{
	unsigned int at = len / 8 + i;

	return at >= PREF64_U_OCTET && len != 96 ? at + 1 : at;
}

void
pref64_compose_short(const struct pref64 *p, struct in_addr v4, struct in6_addr *out)
{
	uint8_t octet[4];

	memcpy(octet, &v4, sizeof(octet));
	*out = p->prefix;
	for (unsigned int i = 0; i < 4; i++)
		out->s6_addr[v4_octet_at(p->len, i)] = octet[i];
}

struct in_addr
pref64_extract_short(const struct pref64 *p, const struct in6_addr *a)
{
	struct in_addr v4;
	uint8_t octet[4];

	for (unsigned int i = 0; i < 4; i++)
		octet[i] = a->s6_addr[v4_octet_at(p->len, i)];
	memcpy(&v4, octet, sizeof(v4));
	return v4;
}

bool
pref64_is_canonical_short(const struct pref64 *p, const struct in6_addr *a)
{
	struct in6_addr c;

	pref64_compose_short(p, pref64_extract_short(p, a), &c);
	return !memcmp(c.s6_addr + p->len / 8, a->s6_addr + p->len / 8, 16 - p->len / 8);
}

bool
pref64_is_neutral(const struct pref64 *p)
{
	uint32_t sum = 0;

	// With the other lengths, octets of the IPv4 address change place within a 16-bit word.
	if (p->len != 32 && p->len != 96)
		return false;
	for (unsigned int i = 0; i < 16; i += 2)
		sum += (uint32_t)(p->prefix.s6_addr[i] << 8 | p->prefix.s6_addr[i + 1]);
	return sum % 0xffff == 0;
}

bool
pref64_is_discoverable(const struct pref64 *p)
{
	static const struct {
		uint8_t octet[4];
	} wka[] = {{{192, 0, 0, 170}}, {{192, 0, 0, 171}}};
	static const uint8_t lens[] = {32, 40, 48, 56, 64, 96};
	unsigned int found = 0;

	for (unsigned int i = 0; i < 2 * 2 * sizeof(lens); i++) {
		const struct pref64 at = {.len = lens[i / 4]};
		struct in6_addr a;
		struct in_addr v4, v;

		memcpy(&v4, wka[i % 2].octet, 4);
		pref64_compose(p, v4, &a);
		v = pref64_extract(&at, &a);
		found += !memcmp(&v, wka[i / 2 % 2].octet, 4);
	}
	return found == 2; // each at its own place
}
