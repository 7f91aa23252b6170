// SPDX-License-Identifier: BSD-3-Clause
#include "dns64/scrub.h"

#include <errno.h>

#define SCRUB_MAX_RR 384 // 4096 octets hold 371 records of 11

struct scrub {
	const struct config_dns64 *config;
	const struct scrub_question *q;
	const uint8_t *in;
	unsigned int len;
	unsigned int n, first[MSG__SECTIONS + 1]; // records; where each section begins
	struct wire_rr rr[SCRUB_MAX_RR];
	struct wire_out o;
	struct msg *out;
	bool bad;
	bool final; // there are records of the type asked for
};

bool
scrub_question_is(const uint8_t *in, unsigned int len, const struct scrub_question *q)
{
	struct name n;
	int off;

	if (len < DNS_HEADER_LEN || wire_u16(in + DNS_QDCOUNT) != 1)
		return false;
	off = name_read(in, len, DNS_HEADER_LEN, &n);
	if (off < 0 || (unsigned int)off + 4 > len)
		return false;
	return wire_u16(in + off) == q->type && wire_u16(in + off + 2) == q->class &&
	       name_equal(&n, &q->name);
}

static int
read_section(struct scrub *s, enum msg_section section, unsigned int off)
{
	unsigned int count = wire_u16(s->in + DNS_ANCOUNT + 2 * section);
	int next = (int)off;

	s->first[section] = s->n;
	for (unsigned int i = 0; i < count; i++) {
		if (s->n == SCRUB_MAX_RR)
			return -1;
		next = wire_read_rr(s->in, s->len, (unsigned int)next, &s->rr[s->n++]);
		if (next < 0)
			return -1;
	}
	return next;
}

static bool
read_records(struct scrub *s)
{
	int off = name_skip(s->in, s->len, DNS_HEADER_LEN) + 4;

	s->n = 0;
	for (int i = 0; i < MSG__SECTIONS && off >= 0; i++)
		off = read_section(s, (enum msg_section)i, (unsigned int)off);
	s->first[MSG__SECTIONS] = s->n;
	return off >= 0;
}

// At most one OPT, in the additional section.
static bool
read_opt(struct scrub *s, struct edns *e)
{
	memset(e, 0, sizeof(*e));
	for (unsigned int i = 0; i < s->n; i++) {
		if (s->rr[i].type != DNS_OPT)
			continue;
		if (e->present || i < s->first[MSG_ADDITIONAL] || !edns_read(s->in, &s->rr[i], e))
			return false;
	}
	return true;
}

static void
copy(struct scrub *s, enum msg_section section, const struct wire_rr *rr, uint32_t max_ttl)
{
	uint32_t cap = s->config->cache_max_ttl < max_ttl ? s->config->cache_max_ttl : max_ttl;
	uint32_t ttl = rr->ttl < cap ? rr->ttl : cap;

	if (msg_count(s->out, section, wire_copy_rr(&s->o, s->in, s->len, rr, ttl)) == WIRE_BAD)
		s->bad = true;
}

static bool
is_excluded(const struct scrub *s, const struct wire_rr *rr)
{
	struct in6_addr a;

	if (rr->type != DNS_AAAA || rr->class != DNS_IN || rr->rdlen != sizeof(a))
		return false;
	memcpy(&a, s->in + rr->rdata, sizeof(a));
	for (unsigned int i = 0; i < s->config->n_exclude_aaaa; i++)
		if (prefix6_match(&s->config->exclude_aaaa[i], &a))
			return true;
	return false;
}

static bool
in_class(const struct scrub *s, const struct wire_rr *rr)
{
	return rr->class == s->q->class || s->q->class == DNS_CLASS_ANY;
}

static bool
owned(const struct scrub *s, const struct wire_rr *rr, const struct name *n)
{
	return in_class(s, rr) && wire_owner_is(s->in, s->len, rr, n);
}

// Signatures of the records of one name and type.
static void
copy_signatures(struct scrub *s, const struct name *owner, uint16_t type)
{
	if (!s->q->dnssec_ok || s->q->type == DNS_ANY || s->q->type == DNS_RRSIG)
		return;
	for (unsigned int i = 0; i < s->first[MSG_AUTHORITY]; i++)
		if (wire_covered(s->in, &s->rr[i]) == type && owned(s, &s->rr[i], owner))
			copy(s, MSG_ANSWER, &s->rr[i], UINT32_MAX);
}

// The records that were asked for, at the end of the chain. Returns whether there are any.
static bool
copy_final(struct scrub *s, const struct name *target)
{
	bool found = false;

	for (unsigned int i = 0; i < s->first[MSG_AUTHORITY]; i++) {
		const struct wire_rr *rr = &s->rr[i];

		if (rr->type != s->q->type && s->q->type != DNS_ANY)
			continue;
		if (!owned(s, rr, target))
			continue;
		if (s->q->type == DNS_AAAA && is_excluded(s, rr)) {
			s->out->excluded = true;
			continue;
		}
		copy(s, MSG_ANSWER, rr, UINT32_MAX);
		found = true;
	}
	// A set that lost members no longer fits its signature.
	if (found && !s->out->excluded)
		copy_signatures(s, target, s->q->type);
	return found;
}

static const struct wire_rr *
find_cname(const struct scrub *s, const struct name *owner)
{
	for (unsigned int i = 0; i < s->first[MSG_AUTHORITY]; i++)
		if (s->rr[i].type == DNS_CNAME && owned(s, &s->rr[i], owner))
			return &s->rr[i];
	return NULL;
}

// A DNAME above target, what it makes of target, and its owner.
static const struct wire_rr *
find_dname(const struct scrub *s, const struct name *target, struct name *owner, struct name *next)
{
	struct name to;

	for (unsigned int i = 0; i < s->first[MSG_AUTHORITY]; i++) {
		const struct wire_rr *rr = &s->rr[i];

		if (rr->type != DNS_DNAME || !in_class(s, rr))
			continue;
		if (name_read(s->in, s->len, rr->owner, owner) < 0 ||
			!wire_target(s->in, s->len, rr, &to))
			continue;
		if (name_substitute(target, owner, &to, next))
			return rr;
	}
	return NULL;
}

// The DNAME, and the CNAME that it implies when the server did not send that (RFC 6672 §3.1).
static bool
copy_dname(struct scrub *s, const struct name *target, bool has_cname, struct name *next)
{
	struct name owner;
	const struct wire_rr *rr = find_dname(s, target, &owner, next);
	enum wire_verdict v;

	if (!rr)
		return false;
	copy(s, MSG_ANSWER, rr, UINT32_MAX);
	copy_signatures(s, &owner, DNS_DNAME);
	if (has_cname)
		return true;
	v = wire_put_name_rr(&s->o, target, DNS_CNAME,
		rr->ttl < s->config->cache_max_ttl ? rr->ttl : s->config->cache_max_ttl, next);
	msg_count(s->out, MSG_ANSWER, v);
	return true;
}

// One step of the chain. False at its end.
static bool
copy_link(struct scrub *s, const struct name *target, struct name *next)
{
	const struct wire_rr *cname = find_cname(s, target);
	bool dname = copy_dname(s, target, cname != NULL, next);

	if (!cname)
		return dname;
	if (!wire_target(s->in, s->len, cname, next)) {
		s->bad = true;
		return false;
	}
	copy(s, MSG_ANSWER, cname, UINT32_MAX);
	copy_signatures(s, target, DNS_CNAME);
	return true;
}

static int
copy_answer(struct scrub *s, struct name *end)
{
	bool follow = s->q->type != DNS_CNAME && s->q->type != DNS_ANY;
	struct name next;

	*end = s->q->name;
	for (unsigned int links = 0; links <= SCRUB_MAX_LINKS; links++) {
		s->final = copy_final(s, end);
		if (s->final || s->out->excluded || !follow || !copy_link(s, end, &next))
			return 0;
		*end = next;
	}
	return -ELOOP;
}

static bool
is_dnssec(uint16_t type)
{
	return type == DNS_RRSIG || type == DNS_NSEC || type == DNS_NSEC3;
}

// The TTL of a denial is the lesser of the SOA's own and its MINIMUM field (RFC 2308 §5), which is
// the last of its data.
static uint32_t
negative_ttl(const struct scrub *s, const struct wire_rr *soa)
{
	uint32_t minimum = soa->rdlen < 22 ? 0 : wire_u32(s->in + soa->rdata + soa->rdlen - 4);
	uint32_t max = s->config->cache_max_negative_ttl;

	return minimum < max ? minimum : max;
}

static void
copy_authority(struct scrub *s, const struct name *end)
{
	struct name owner;

	for (unsigned int i = s->first[MSG_AUTHORITY]; i < s->first[MSG_ADDITIONAL]; i++) {
		const struct wire_rr *rr = &s->rr[i];

		if (is_dnssec(rr->type) && !s->q->dnssec_ok)
			continue;
		if (rr->type != DNS_SOA) {
			copy(s, MSG_AUTHORITY, rr, UINT32_MAX);
			continue;
		}
		if (name_read(s->in, s->len, rr->owner, &owner) >= 0 && name_within(end, &owner))
			copy(s, MSG_AUTHORITY, rr, s->final ? UINT32_MAX : negative_ttl(s, rr));
	}
}

static void
copy_additional(struct scrub *s)
{
	for (unsigned int i = s->first[MSG_ADDITIONAL]; i < s->n; i++) {
		const struct wire_rr *rr = &s->rr[i];

		if (rr->type == DNS_OPT || rr->type == DNS_TSIG || rr->type == DNS_SIG)
			continue; // hop by hop
		if (is_dnssec(rr->type) && !s->q->dnssec_ok)
			continue;
		copy(s, MSG_ADDITIONAL, rr, UINT32_MAX);
	}
}

static uint16_t
response_rcode(const uint8_t *in, const struct edns *e)
{
	return (uint16_t)(e->ext_rcode << 4 | (in[3] & 0xf));
}

int
scrub_response(const struct config_dns64 *c, const struct scrub_question *q, const uint8_t *in,
	unsigned int len, struct edns *e, struct msg *out)
{
	struct scrub s;
	struct name end;
	int rc;

	s.config = c;
	s.q = q;
	s.in = in;
	s.len = len;
	s.out = out;
	s.bad = s.final = false;
	msg_begin(out, &s.o, &q->name, q->type, q->class);
	// What a cut response holds is not used (RFC 2181 §9), and may well end within a record.
	out->truncated = wire_u16(in + 2) & DNS_TC;
	if (!read_records(&s))
		return out->truncated ? 0 : -EBADMSG;
	if (!read_opt(&s, e))
		return -EBADMSG;
	out->rcode = response_rcode(in, e);
	if (out->truncated || msg_failed(out))
		return 0;
	rc = copy_answer(&s, &end);
	if (rc < 0)
		return rc;
	copy_authority(&s, &end);
	copy_additional(&s);
	msg_end(out, &s.o);
	return s.bad ? -EBADMSG : 0;
}
