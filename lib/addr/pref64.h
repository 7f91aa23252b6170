// SPDX-License-Identifier: BSD-3-Clause
// NAT64 prefixes and the algorithmic mapping of RFC 6052 §2.2. Pure functions, any thread.
// DNS64 and the translator both use these and nothing else (RFC 6147 §5.2).
#ifndef ADDR_PREF64_H
#define ADDR_PREF64_H

#include "addr/prefix.h"

#include <endian.h>
#include <string.h>

#define PREF64_U_OCTET 8 // bits 64-71, always zero (RFC 6052 §2.2)

struct pref64 {
	struct in6_addr prefix; // bits behind len are zero
	uint8_t len;            // 32, 40, 48, 56, 64 or 96
	bool is_wkp;            // 64:ff9b::/96, to which RFC 6052 §3.1 applies
};

// Which non-global IPv4 addresses may be composed with the well-known prefix.
enum wkp_allow {
	WKP_ALLOW_NONE,    // RFC 6052 §3.1
	WKP_ALLOW_PRIVATE, // RFC 1918 and 100.64.0.0/10 as well
	WKP_ALLOW_ALL,     // whatever is not ruled out for every prefix
};

// Verdict on an IPv4 address as the far end of a translated packet or as a synthesised record.
enum v4_usable {
	V4_USABLE,
	V4_NON_GLOBAL, // refused under the well-known prefix only (RFC 6052 §3.1)
	V4_UNUSABLE,   // refused under every prefix: 0/8, 127/8, 224/4, 240/4 (RFC 7915 §1.2)
};

// Fills out from a parsed prefix. -EINVAL: a length RFC 6052 does not have; -EDOM: bits 64-71 are
// not zero; -ERANGE: bits behind the length are set; -EADDRNOTAVAIL: not unicast, link-local, or
// the block of ::, ::1 and IPv4-mapped addresses.
int pref64_init(struct pref64 *out, const struct prefix6 *p);

// The lengths below 96, which have to step over the u octet.
void pref64_compose_short(const struct pref64 *p, struct in_addr v4, struct in6_addr *out);
struct in_addr pref64_extract_short(const struct pref64 *p, const struct in6_addr *a);
bool pref64_is_canonical_short(const struct pref64 *p, const struct in6_addr *a);

// RFC 6052 §2.2 composition; suffix and u octet are zero. Runs per packet, hence inline for /96.
static inline void
pref64_compose(const struct pref64 *p, struct in_addr v4, struct in6_addr *out)
{
	uint64_t w[2]; // as it is read next: a word in two pieces would wait for both stores

	if (p->len != 96) {
		pref64_compose_short(p, v4, out);
		return;
	}
	memcpy(w, &p->prefix, sizeof(w));
	w[1] |= htobe64(ntohl(v4.s_addr));
	memcpy(out, w, sizeof(w));
}

// The inverse; the suffix and the u octet are ignored.
static inline struct in_addr
pref64_extract(const struct pref64 *p, const struct in6_addr *a)
{
	struct in_addr v4;

	if (p->len != 96)
		return pref64_extract_short(p, a);
	memcpy(&v4, a->s6_addr + 12, 4);
	return v4;
}

// True when a has no bit set in the u octet and the suffix.
static inline bool
pref64_is_canonical(const struct pref64 *p, const struct in6_addr *a)
{
	return p->len == 96 ? a->s6_addr[PREF64_U_OCTET] == 0 : pref64_is_canonical_short(p, a);
}

// The first len bits agree.
static inline bool
pref64_match(const struct pref64 *p, const struct in6_addr *a)
{
	// The usual length without a call.
	return p->len == 96 ? memcmp(a, &p->prefix, 12) == 0
			    : memcmp(a, &p->prefix, p->len / 8) == 0;
}

static inline bool
pref64_equal(const struct pref64 *a, const struct pref64 *b)
{
	return a->len == b->len && IN6_ARE_ADDR_EQUAL(&a->prefix, &b->prefix);
}

// True when the one's-complement sum of the prefix is 0, so that composing an address with it does
// not change a checksum (RFC 6052 §4.1).
bool pref64_is_neutral(const struct pref64 *p);

// True when a client that looks for 192.0.0.170 and .171 in the answers for ipv4only.arpa can find
// only this prefix (RFC 7050 §3).
bool pref64_is_discoverable(const struct pref64 *p);

enum v4_usable v4_usable(const struct pref64 *p, enum wkp_allow allow, struct in_addr a);

// In the set that RFC 6052 §3.1 calls non-global (RFC 6890 §2.2.2).
bool v4_is_non_global(struct in_addr a);

#endif
