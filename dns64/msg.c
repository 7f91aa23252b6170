// SPDX-License-Identifier: BSD-3-Clause
#include "dns64/msg.h"

void
msg_begin(struct msg *m, struct wire_out *o, const struct name *qname, uint16_t qtype,
	uint16_t qclass)
{
	m->rcode = DNS_NOERROR;
	m->truncated = m->authoritative = m->synthetic = m->excluded = false;
	memset(m->count, 0, sizeof(m->count));
	wire_begin(o, m->wire, m->cap, qname, qtype, qclass);
	m->len = o->len;
}

enum wire_verdict
msg_count(struct msg *m, enum msg_section s, enum wire_verdict v)
{
	if (v == WIRE_OK)
		m->count[s]++;
	else if (v == WIRE_FULL && s != MSG_ADDITIONAL)
		m->truncated = true;
	return v;
}

void
msg_end(struct msg *m, const struct wire_out *o)
{
	m->len = o->len;
}

void
msg_empty(struct msg *m, const struct name *qname, uint16_t qtype, uint16_t qclass, uint16_t rcode)
{
	struct wire_out o;

	msg_begin(m, &o, qname, qtype, qclass);
	m->rcode = rcode;
}

void
msg_copy(struct msg *to, const struct msg *from)
{
	uint8_t *wire = to->wire;
	uint16_t cap = to->cap;

	*to = *from;
	to->wire = wire;
	to->cap = cap;
	memcpy(wire + DNS_HEADER_LEN, from->wire + DNS_HEADER_LEN,
		(size_t)from->len - DNS_HEADER_LEN);
}

void
msg_iter_begin(const struct msg *m, struct msg_iter *it)
{
	it->off = (unsigned int)name_skip(m->wire, m->len, DNS_HEADER_LEN) + 4;
	it->index = 0;
	it->section = MSG_ANSWER;
}

bool
msg_next(const struct msg *m, struct msg_iter *it, struct wire_rr *rr)
{
	int next;

	while (it->section < MSG__SECTIONS && it->index == m->count[it->section]) {
		it->section++;
		it->index = 0;
	}
	if (it->section == MSG__SECTIONS)
		return false;
	next = wire_read_rr(m->wire, m->len, it->off, rr);
	if (next < 0)
		return false;
	it->off = (unsigned int)next;
	it->index++;
	return true;
}

// The chain stands in order, so that the last CNAME leads to its end.
static void
judge_answer(const struct msg *m, const struct wire_rr *rr, uint16_t qtype, struct verdict *v)
{
	if (rr->type == qtype || qtype == DNS_ANY) {
		v->finals++;
	} else if (rr->type == DNS_CNAME) {
		v->links++;
		wire_target(m->wire, m->len, rr, &v->end);
	}
}

void
msg_judge(const struct msg *m, struct verdict *v)
{
	struct msg_iter it;
	struct wire_rr rr;
	uint16_t qtype;

	v->links = v->finals = 0;
	v->has_soa = false;
	v->soa_ttl = 0;
	v->min_ttl = UINT32_MAX;
	name_read(m->wire, m->len, DNS_HEADER_LEN, &v->end);
	msg_iter_begin(m, &it);
	qtype = wire_u16(m->wire + it.off - 4);
	while (msg_next(m, &it, &rr)) {
		if (rr.ttl < v->min_ttl)
			v->min_ttl = rr.ttl;
		if (it.section == MSG_ANSWER)
			judge_answer(m, &rr, qtype, v);
		if (it.section == MSG_AUTHORITY && rr.type == DNS_SOA) {
			v->has_soa = true;
			v->soa_ttl = rr.ttl;
		}
	}
}
