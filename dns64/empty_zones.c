// SPDX-License-Identifier: BSD-3-Clause
// Reverse names of addresses that mean something on one network only (RFC 6303 §4, RFC 7793): what
// a resolver that nobody told otherwise answers as empty zones. Asked upstream, they would tell
// strangers of the hosts here, and load servers that have nothing to say.
#include "dns64/internal.h"

#define TTL_SEC 10800 // RFC 6303 §3

// The leading octets of the addresses; the last of them may be any up to last_max.
static const struct {
	uint8_t n, octet[4], last_max;
} zones4[] = {
	{1, {0}, 0},
	{1, {10}, 10},
	{2, {100, 64}, 127}, // RFC 7793: 100.64/10
	{1, {127}, 127},
	{2, {169, 254}, 254},
	{2, {172, 16}, 31},
	{3, {192, 0, 2}, 2},
	{2, {192, 168}, 168},
	{3, {198, 51, 100}, 100},
	{3, {203, 0, 113}, 113},
	{4, {255, 255, 255, 255}, 255},
};

// The leading nibbles.
static const char *const zones6[] = {
	"00000000000000000000000000000000", // ::
	"00000000000000000000000000000001", // ::1
	"fd",                               // locally assigned, RFC 4193
	"fe8",
	"fe9",
	"fea",
	"feb", // link-local
	"20010db8",
};

// Offsets of the labels below arpa, the nearest to it first.
struct labels {
	unsigned int n;
	uint8_t at[NAME_WIRE_MAX / 2];
};

static bool
read_labels(const struct name *lower, const char *tail, unsigned int tail_len, struct labels *l)
{
	unsigned int end = lower->len - tail_len, n = 0;

	if (lower->len < tail_len || memcmp(lower->b + end, tail, tail_len) != 0)
		return false;
	for (unsigned int off = 0; off < end; off += 1u + lower->b[off])
		l->at[n++] = (uint8_t)off;
	l->n = n;
	// the tail has to begin where a label does
	if (n && l->at[n - 1] + 1u + lower->b[l->at[n - 1]] != end)
		return false;
	for (unsigned int i = 0; i < n / 2; i++) {
		uint8_t t = l->at[i];

		l->at[i] = l->at[n - 1 - i];
		l->at[n - 1 - i] = t;
	}
	return true;
}

// An octet in decimal as it is written, without zeros in front; -1: something else.
static int
read_octet(const uint8_t *label)
{
	int v = 0;

	if (label[0] == 0 || label[0] > 3 || (label[0] > 1 && label[1] == '0'))
		return -1;
	for (unsigned int i = 1; i <= label[0]; i++) {
		if (label[i] < '0' || label[i] > '9')
			return -1;
		v = v * 10 + label[i] - '0';
	}
	return v <= 255 ? v : -1;
}

// How many labels the zone has below in-addr.arpa; 0: none has the name.
static unsigned int
find4(const struct name *lower, const struct labels *l)
{
	for (unsigned int z = 0; z < sizeof(zones4) / sizeof(*zones4); z++) {
		unsigned int n = zones4[z].n, i = 0;

		if (l->n < n)
			continue;
		while (i + 1 < n && read_octet(lower->b + l->at[i]) == zones4[z].octet[i])
			i++;
		if (i + 1 == n) {
			int last = read_octet(lower->b + l->at[i]);

			if (last >= zones4[z].octet[i] && last <= zones4[z].last_max)
				return n;
		}
	}
	return 0;
}

static unsigned int
find6(const struct name *lower, const struct labels *l)
{
	for (unsigned int z = 0; z < sizeof(zones6) / sizeof(*zones6); z++) {
		unsigned int n = (unsigned int)strlen(zones6[z]), i = 0;

		if (l->n < n)
			continue;
		while (i < n && lower->b[l->at[i]] == 1 &&
			lower->b[l->at[i] + 1] == (uint8_t)zones6[z][i])
			i++;
		if (i == n)
			return n;
	}
	return 0;
}

static bool
empty_zone_of(const struct name *lower, struct name *zone)
{
	static const char tail4[] = "\x07in-addr\x04"
				    "arpa";
	static const char tail6[] = "\x03ip6\x04"
				    "arpa";
	unsigned int n = 0, at;
	struct labels l;

	if (read_labels(lower, tail4, sizeof(tail4), &l))
		n = find4(lower, &l);
	else if (read_labels(lower, tail6, sizeof(tail6), &l))
		n = find6(lower, &l);
	if (n == 0)
		return false;
	at = l.at[n - 1];
	zone->len = (uint8_t)(lower->len - at);
	memcpy(zone->b, lower->b + at, zone->len);
	return true;
}

// A name that our own NAT64 prefixes hang below, or one below them that is no whole address: it
// exists, since the addresses of the prefix do.
static bool
leads_to_prefix(const struct dns64 *d, const struct name *lower)
{
	struct name zone;

	for (unsigned int i = 0; i < d->settings->n_reverse; i++) {
		local_prefix_zone(&d->settings->prefix[i], &zone);
		if (name_within(&zone, lower) || name_within(lower, &zone))
			return true;
	}
	return false;
}

// The reverse name of a whole address of a prefix; it has a PTR record, or may have one, unless
// the IPv4 address is one of the zones'. What else is asked for it is not there, and is none of an
// upstream's business if the prefix is in a zone.
static bool
answer_mapped(const struct request *r, const struct pref64 *p, struct in_addr v4, struct msg *out)
{
	struct name target, zone;
	bool is_empty;

	local_reverse_name(v4, &target);
	is_empty = empty_zone_of(&target, &zone);
	if (r->qtype == DNS_PTR ? !is_empty : !empty_zone_of(&r->lower, &zone))
		return false;
	local_prefix_zone(p, &zone);
	local_denial(r, is_empty ? DNS_NXDOMAIN : DNS_NOERROR, &zone, TTL_SEC, out);
	return true;
}

// The same where no address is mapped to it; PTR is denied in any case (intake.c).
static bool
answer_invalid(const struct request *r, const struct pref64 *p, struct msg *out)
{
	struct name zone;

	if (r->qtype == DNS_PTR || !empty_zone_of(&r->lower, &zone))
		return false;
	local_prefix_zone(p, &zone);
	local_denial(r, DNS_NXDOMAIN, &zone, TTL_SEC, out);
	return true;
}

bool
empty_zone_answer(const struct dns64 *d, const struct request *r, struct msg *out)
{
	const struct pref64 *p;
	struct in_addr v4;
	struct name zone;

	if (!d->settings->config.empty_zones || r->qclass != DNS_IN)
		return false;
	switch (local_reverse(d, &r->lower, &v4, &p)) {
	case REVERSE_MAPPED:
		return answer_mapped(r, p, v4, out);
	case REVERSE_INVALID:
		return answer_invalid(r, p, out);
	case REVERSE_OTHER:
		break;
	}
	if (!empty_zone_of(&r->lower, &zone))
		return false;
	if (r->lower.len == zone.len && r->qtype == DNS_DS)
		return false; // the parent's
	if (r->lower.len == zone.len)
		local_apex(r, TTL_SEC, out);
	else
		local_denial(r, leads_to_prefix(d, &r->lower) ? DNS_NOERROR : DNS_NXDOMAIN, &zone,
			TTL_SEC, out);
	return true;
}
