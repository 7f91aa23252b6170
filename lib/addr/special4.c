// SPDX-License-Identifier: BSD-3-Clause
// Special-purpose IPv4 addresses (RFC 6890 §2.2.2 and the IANA registry that follows it).
#include "addr/pref64.h"

#include <arpa/inet.h>

#define NET(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (d))
#define MASK(len)       (UINT32_MAX << (32 - (len)))

enum reach {
	NO_UNICAST, // no packet may come from or go to it across a router
	NON_GLOBAL,
	PRIVATE, // non-global, and an operator may route it
	GLOBAL,
};

static const struct special4 {
	uint32_t net, mask; // host order
	enum reach reach;
} special4[] = {
	// The first match counts: exceptions stand before what they are taken from.
	{NET(192, 0, 0, 9), MASK(32), GLOBAL},    // PCP anycast (RFC 7723)
	{NET(192, 0, 0, 10), MASK(32), GLOBAL},   // TURN anycast (RFC 8155)
	{NET(192, 31, 196, 0), MASK(24), GLOBAL}, // AS112 (RFC 7535)
	{NET(192, 52, 193, 0), MASK(24), GLOBAL}, // AMT (RFC 7450)
	{NET(192, 175, 48, 0), MASK(24), GLOBAL}, // AS112 (RFC 7534)
	{NET(0, 0, 0, 0), MASK(8), NO_UNICAST}, {NET(10, 0, 0, 0), MASK(8), PRIVATE},
	{NET(100, 64, 0, 0), MASK(10), PRIVATE}, {NET(127, 0, 0, 0), MASK(8), NO_UNICAST},
	{NET(169, 254, 0, 0), MASK(16), NON_GLOBAL}, {NET(172, 16, 0, 0), MASK(12), PRIVATE},
	{NET(192, 0, 0, 0), MASK(24), NON_GLOBAL}, {NET(192, 0, 2, 0), MASK(24), NON_GLOBAL},
	{NET(192, 88, 99, 0), MASK(24), NON_GLOBAL}, // 6to4 relays, withdrawn (RFC 7526)
	{NET(192, 168, 0, 0), MASK(16), PRIVATE}, {NET(198, 18, 0, 0), MASK(15), NON_GLOBAL},
	{NET(198, 51, 100, 0), MASK(24), NON_GLOBAL}, {NET(203, 0, 113, 0), MASK(24), NON_GLOBAL},
	{NET(224, 0, 0, 0), MASK(4), NO_UNICAST},
	{NET(240, 0, 0, 0), MASK(4), NO_UNICAST}, // with 255.255.255.255
};

// No entry begins with it: so do most addresses that packets go to.
static bool
is_ordinary(uint32_t v)
{
	switch (v >> 24) {
	case 0:
	case 10:
	case 100:
	case 127:
	case 169:
	case 172:
	case 192:
	case 198:
	case 203:
		return false;
	default:
		return v < NET(224, 0, 0, 0);
	}
}

static enum reach
reach_of(struct in_addr a)
{
	uint32_t v = ntohl(a.s_addr);

	if (is_ordinary(v))
		return GLOBAL;
	for (unsigned int i = 0; i < sizeof(special4) / sizeof(special4[0]); i++) {
		if ((v & special4[i].mask) == special4[i].net)
			return special4[i].reach;
	}
	return GLOBAL;
}

bool
v4_is_non_global(struct in_addr a)
{
	return reach_of(a) != GLOBAL;
}

enum v4_usable
v4_usable(const struct pref64 *p, enum wkp_allow allow, struct in_addr a)
{
	enum reach reach = reach_of(a);

	if (reach == NO_UNICAST)
		return V4_UNUSABLE;
	if (!p->is_wkp || allow == WKP_ALLOW_ALL || reach == GLOBAL)
		return V4_USABLE;
	return reach == PRIVATE && allow == WKP_ALLOW_PRIVATE ? V4_USABLE : V4_NON_GLOBAL;
}
