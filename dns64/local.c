// SPDX-License-Identifier: BSD-3-Clause
// What is answered without asking anybody: ipv4only.arpa and what is below it (RFC 8880 §7.1),
// reverse names of its addresses (§7.2.1).
#include "dns64/internal.h"

#define ZONE \
	"\x08ipv4only\x04" \
	"arpa"
#define REVERSE_TAIL \
	"\x03ip6\x04" \
	"arpa"
#define NIBBLES 32
#define TTL_SEC 3600 // RFC 7050 §4 wants no less

static const uint8_t well_known[2][4] = {{192, 0, 0, 170}, {192, 0, 0, 171}};

static void
begin(const struct request *r, struct msg *out, struct wire_out *o)
{
	msg_begin(out, o, &r->lower, r->qtype, r->qclass);
	out->authoritative = true;
}

// Nobody else has the zone (RFC 6303 §3).
static void
put_soa(struct msg *out, struct wire_out *o, enum msg_section section, const struct name *zone,
	uint32_t ttl)
{
	// nobody.invalid., serial 1, refresh 1 h, retry 20 min, expire 1 week, minimum
	static const uint8_t rest[] = "\x06nobody\x07invalid\0"
				      "\0\0\0\1"
				      "\0\0\x0e\x10"
				      "\0\0\x04\xb0"
				      "\0\x09\x3a\x80";
	uint8_t soa[NAME_WIRE_MAX + sizeof(rest) - 1 + 4];
	unsigned int len = zone->len;

	memcpy(soa, zone->b, len);
	memcpy(soa + len, rest, sizeof(rest) - 1);
	len += sizeof(rest) - 1;
	wire_set32(soa + len, ttl);
	msg_count(out, section, wire_put_rr(o, zone, DNS_SOA, ttl, soa, (uint16_t)(len + 4)));
}

void
local_denial(const struct request *r, uint16_t rcode, const struct name *zone, uint32_t ttl,
	struct msg *out)
{
	struct wire_out o;

	begin(r, out, &o);
	out->rcode = rcode;
	put_soa(out, &o, MSG_AUTHORITY, zone, ttl);
	msg_end(out, &o);
}

void
local_apex(const struct request *r, uint32_t ttl, struct msg *out)
{
	struct wire_out o;

	if (r->qtype != DNS_SOA && r->qtype != DNS_NS && r->qtype != DNS_ANY) {
		local_denial(r, DNS_NOERROR, &r->lower, ttl, out);
		return;
	}
	begin(r, out, &o);
	if (r->qtype != DNS_NS) // of ANY, one of the two is enough (RFC 8482 §4.1)
		put_soa(out, &o, MSG_ANSWER, &r->lower, ttl);
	else
		msg_count(out, MSG_ANSWER, wire_put_name_rr(&o, &r->lower, DNS_NS, ttl, &r->lower));
	msg_end(out, &o);
}

static void
answer_a(const struct request *r, struct msg *out)
{
	struct wire_out o;

	begin(r, out, &o);
	for (int i = 0; i < 2; i++)
		msg_count(out, MSG_ANSWER,
			wire_put_rr(&o, &r->lower, DNS_A, TTL_SEC, well_known[i], 4));
	msg_end(out, &o);
}

// Under every prefix, the well-known one too, although 192.0.0.0/24 is not global (RFC 8880 §7.1).
// The order of the prefixes is the order of preference (RFC 7050 §3).
static void
answer_aaaa(const struct dns64 *d, const struct request *r, struct msg *out)
{
	struct wire_out o;

	begin(r, out, &o);
	out->synthetic = true;
	for (unsigned int i = 0; i < 2 * d->settings->n_prefix; i++) {
		struct in_addr v4;
		struct in6_addr v6;

		memcpy(&v4, well_known[i % 2], sizeof(v4));
		pref64_compose(&d->settings->prefix[i / 2], v4, &v6);
		msg_count(out, MSG_ANSWER,
			wire_put_rr(&o, &r->lower, DNS_AAAA, TTL_SEC, &v6, sizeof(v6)));
	}
	msg_end(out, &o);
}

static bool
answer_zone(
	const struct dns64 *d, const struct request *r, const struct name *zone, struct msg *out)
{
	if (r->lower.len > zone->len)
		local_denial(r, DNS_NXDOMAIN, zone, TTL_SEC, out);
	else if (r->qtype == DNS_DS)
		return false; // the parent's
	else if (r->qtype == DNS_A)
		answer_a(r, out);
	else if (r->qtype == DNS_AAAA)
		answer_aaaa(d, r, out);
	else
		local_denial(r, DNS_NOERROR, zone, TTL_SEC, out);
	return true;
}

static bool
is_well_known(struct in_addr v4)
{
	return memcmp(&v4, well_known[0], 4) == 0 || memcmp(&v4, well_known[1], 4) == 0;
}

static bool
answer_reverse(
	const struct dns64 *d, const struct request *r, const struct name *zone, struct msg *out)
{
	const struct pref64 *p;
	struct in_addr v4;
	struct wire_out o;

	if (local_reverse(d, &r->lower, &v4, &p) != REVERSE_MAPPED || !is_well_known(v4))
		return false;
	begin(r, out, &o);
	msg_count(out, MSG_ANSWER, wire_put_name_rr(&o, &r->lower, DNS_PTR, TTL_SEC, zone));
	msg_end(out, &o);
	return true;
}

bool
local_answer(const struct dns64 *d, const struct request *r, struct msg *out)
{
	struct name zone;

	if (r->qclass != DNS_IN)
		return false;
	name_set(&zone, ZONE);
	if (name_within(&r->lower, &zone))
		return answer_zone(d, r, &zone, out);
	return r->qtype == DNS_PTR && answer_reverse(d, r, &zone, out);
}

static int
hex_value(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// The address whose reverse name this is (RFC 3596 §2.5): 32 labels of one nibble, lowest first.
static bool
read_nibbles(const struct name *lower, struct in6_addr *a)
{
	if (lower->len != 2 * NIBBLES + sizeof(REVERSE_TAIL) ||
		memcmp(lower->b + 2 * NIBBLES, REVERSE_TAIL, sizeof(REVERSE_TAIL)) != 0)
		return false;
	memset(a, 0, sizeof(*a));
	for (unsigned int i = 0; i < NIBBLES; i++) {
		int v = lower->b[2 * i] == 1 ? hex_value(lower->b[2 * i + 1]) : -1;

		if (v < 0)
			return false;
		a->s6_addr[15 - i / 2] |= (uint8_t)(i % 2 ? v << 4 : v);
	}
	return true;
}

enum local_reverse
local_reverse(const struct dns64 *d, const struct name *lower, struct in_addr *v4,
	const struct pref64 **prefix)
{
	struct in6_addr a;

	if (!read_nibbles(lower, &a))
		return REVERSE_OTHER;
	for (unsigned int i = 0; i < d->settings->n_reverse; i++) {
		const struct pref64 *p = &d->settings->prefix[i];

		if (!pref64_match(p, &a))
			continue;
		*prefix = p;
		*v4 = pref64_extract(p, &a);
		return pref64_is_canonical(p, &a) ? REVERSE_MAPPED : REVERSE_INVALID;
	}
	return REVERSE_OTHER;
}

void
local_prefix_zone(const struct pref64 *p, struct name *out)
{
	static const char hex[] = "0123456789abcdef";
	unsigned int n = 0;

	for (unsigned int i = p->len / 4; i-- > 0;) {
		uint8_t b = p->prefix.s6_addr[i / 2];

		out->b[n++] = 1;
		out->b[n++] = (uint8_t)hex[i % 2 ? b & 15 : b >> 4];
	}
	memcpy(out->b + n, REVERSE_TAIL, sizeof(REVERSE_TAIL));
	out->len = (uint8_t)(n + sizeof(REVERSE_TAIL));
}

static unsigned int
put_decimal(uint8_t v, uint8_t *out)
{
	unsigned int n = v >= 100 ? 3 : v >= 10 ? 2 : 1;

	out[0] = (uint8_t)n;
	for (unsigned int i = n; i > 0; i--, v /= 10)
		out[i] = (uint8_t)('0' + v % 10);
	return n + 1;
}

void
local_reverse_name(struct in_addr v4, struct name *out)
{
	static const uint8_t tail[] = "\x07in-addr\x04"
				      "arpa";
	uint8_t octet[4];
	unsigned int n = 0;

	memcpy(octet, &v4, sizeof(octet));
	for (int i = 3; i >= 0; i--)
		n += put_decimal(octet[i], out->b + n);
	memcpy(out->b + n, tail, sizeof(tail));
	out->len = (uint8_t)(n + sizeof(tail));
}
