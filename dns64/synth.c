// SPDX-License-Identifier: BSD-3-Clause
// The answers that DNS64 makes: synthetic AAAA (RFC 6147 §5.1.7, §5.4) and the CNAME from a
// translated address's reverse name to that of its IPv4 address (§5.3.1).
#include "dns64/internal.h"

#define PTR_CNAME_MAX_TTL 600

// Non-validating and security-aware (RFC 6147 §5.5): only who sets DO and CD validates for himself
// and is given the data as it is.
bool
synth_wanted(const struct request *r)
{
	return r->qclass == DNS_IN && request_flags(r) != (CACHE_DO | CACHE_CD);
}

static void
copy_record(struct msg *out, struct wire_out *o, const struct msg *m, enum msg_section s,
	const struct wire_rr *rr)
{
	msg_count(out, s, wire_copy_rr(o, m->wire, m->len, rr, rr->ttl));
}

static void
copy_section(struct msg *out, struct wire_out *o, const struct msg *m, enum msg_section s)
{
	struct msg_iter it;
	struct wire_rr rr;

	msg_iter_begin(m, &it);
	while (msg_next(m, &it, &rr))
		if (it.section == s)
			copy_record(out, o, m, s, &rr);
}

static void
begin_reply(const struct client *c, struct msg *out, struct wire_out *o)
{
	const struct request *r = &c->request;

	msg_begin(out, o, &r->lower, r->qtype, r->qclass);
	copy_section(out, o, &c->acc, MSG_ANSWER);
}

void
synth_append(const struct client *c, const struct msg *m, struct msg *out)
{
	struct wire_out o;

	begin_reply(c, out, &o);
	for (int s = 0; s < MSG__SECTIONS; s++)
		copy_section(out, &o, m, (enum msg_section)s);
	out->rcode = m->rcode;
	out->synthetic = m->synthetic;
	out->excluded = m->excluded;
	msg_end(out, &o);
}

// The chain of an answer without the records at its end and without their signatures.
static void
copy_chain(struct msg *out, struct wire_out *o, const struct msg *m, uint16_t final)
{
	struct msg_iter it;
	struct wire_rr rr;

	msg_iter_begin(m, &it);
	while (msg_next(m, &it, &rr) && it.section == MSG_ANSWER)
		if (rr.type != final && wire_covered(m->wire, &rr) != final)
			copy_record(out, o, m, MSG_ANSWER, &rr);
}

static void
put_aaaa(const struct pref64 *p, const struct name *owner, const struct wire_rr *rr,
	uint32_t max_ttl, struct in_addr v4, struct msg *out, struct wire_out *o)
{
	uint32_t ttl = rr->ttl < max_ttl ? rr->ttl : max_ttl;
	struct in6_addr v6;

	pref64_compose(p, v4, &v6);
	msg_count(out, MSG_ANSWER, wire_put_rr(o, owner, DNS_AAAA, ttl, &v6, sizeof(v6)));
}

// One AAAA for each A that this prefix may carry.
static void
put_prefix(const struct dns64 *d, const struct pref64 *p, const struct name *owner,
	const struct msg *a, uint32_t max_ttl, struct msg *out, struct wire_out *o)
{
	struct msg_iter it;
	struct wire_rr rr;
	struct in_addr v4;

	msg_iter_begin(a, &it);
	while (msg_next(a, &it, &rr) && it.section == MSG_ANSWER) {
		if (rr.type != DNS_A || rr.rdlen != sizeof(v4))
			continue;
		memcpy(&v4, a->wire + rr.rdata, sizeof(v4));
		if (v4_usable(p, d->settings->wkp_allow, v4) == V4_USABLE)
			put_aaaa(p, owner, &rr, max_ttl, v4, out, o);
	}
}

// A proof that there is no AAAA contradicts what stands in the answer.
static void
copy_authority(struct msg *out, struct wire_out *o, const struct msg *m)
{
	struct msg_iter it;
	struct wire_rr rr;

	msg_iter_begin(m, &it);
	while (msg_next(m, &it, &rr)) {
		uint16_t type = rr.type == DNS_RRSIG ? wire_covered(m->wire, &rr) : rr.type;

		if (it.section == MSG_AUTHORITY && type != DNS_NSEC && type != DNS_NSEC3)
			copy_record(out, o, m, MSG_AUTHORITY, &rr);
	}
}

bool
synth_aaaa(const struct dns64 *d, const struct client *c, const struct msg *a, struct msg *out)
{
	struct wire_out o;
	struct verdict v;
	uint16_t chain;

	msg_judge(a, &v);
	begin_reply(c, out, &o);
	copy_chain(out, &o, a, DNS_A);
	chain = out->count[MSG_ANSWER];
	for (unsigned int i = 0; i < d->settings->n_prefix; i++)
		put_prefix(d, &d->settings->prefix[i], &v.end, a, c->synth_ttl, out, &o);
	if (out->count[MSG_ANSWER] == chain && !out->truncated)
		return false;
	copy_authority(out, &o, a);
	copy_section(out, &o, a, MSG_ADDITIONAL);
	out->synthetic = true;
	msg_end(out, &o);
	return true;
}

bool
synth_plain(const struct dns64 *d, const struct request *r, const struct msg *a, uint32_t max_ttl,
	struct msg *out)
{
	struct wire_out o;

	msg_begin(out, &o, &r->lower, r->qtype, r->qclass);
	for (unsigned int i = 0; i < d->settings->n_prefix; i++)
		put_prefix(d, &d->settings->prefix[i], &r->lower, a, max_ttl, out, &o);
	out->synthetic = true;
	msg_end(out, &o);
	return out->count[MSG_ANSWER] > 0;
}

// The CNAME leads to where the PTR records are: when the name in in-addr.arpa is itself an alias
// (RFC 2317), to that alias's end (RFC 6147 §5.3.1 wants no CNAME to a CNAME).
void
synth_ptr(const struct dns64 *d, const struct client *c, const struct msg *ptr, struct msg *out)
{
	const struct request *r = &c->request;
	struct wire_out o;
	struct msg_iter it;
	struct wire_rr rr;
	struct verdict v;
	uint32_t ttl;

	msg_judge(ptr, &v);
	ttl = v.min_ttl < PTR_CNAME_MAX_TTL ? v.min_ttl : PTR_CNAME_MAX_TTL;
	msg_begin(out, &o, &r->lower, r->qtype, r->qclass);
	msg_count(out, MSG_ANSWER, wire_put_name_rr(&o, &r->lower, DNS_CNAME, ttl, &v.end));
	msg_iter_begin(ptr, &it);
	while (msg_next(ptr, &it, &rr) && it.section == MSG_ANSWER)
		if (rr.type == DNS_PTR || wire_covered(ptr->wire, &rr) == DNS_PTR)
			copy_record(out, &o, ptr, MSG_ANSWER, &rr);
	copy_section(out, &o, ptr, MSG_AUTHORITY);
	copy_section(out, &o, ptr, MSG_ADDITIONAL);
	msg_end(out, &o);
}
