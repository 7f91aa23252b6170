// SPDX-License-Identifier: BSD-3-Clause
// From our own form to a datagram for the client: header by role, the question as it was asked,
// what fits, OPT.
#include "dns64/internal.h"

static uint16_t
size_limit(const struct dns64 *d, const struct request *r)
{
	return r->edns.size < d->settings->config.edns_size ? r->edns.size
							    : d->settings->config.edns_size;
}

// Leaves out records from the end until limit. TC only when something of answer or authority is
// missing (RFC 2181 §9). What stays is whole: compression points backwards only.
static void
cut(struct msg *m, unsigned int limit)
{
	uint16_t kept[MSG__SECTIONS] = {0};
	struct msg_iter it;
	struct wire_rr rr;
	unsigned int end;

	msg_iter_begin(m, &it);
	end = it.off;
	while (msg_next(m, &it, &rr) && it.off <= limit) {
		kept[it.section]++;
		end = it.off;
	}
	if (kept[MSG_ANSWER] < m->count[MSG_ANSWER] ||
		kept[MSG_AUTHORITY] < m->count[MSG_AUTHORITY])
		m->truncated = true;
	memcpy(m->count, kept, sizeof(kept));
	m->len = (uint16_t)end;
}

// AD stays clear: nothing is validated here (RFC 6147 §5.5).
static void
write_header(const struct request *r, const struct msg *m, uint16_t qdcount)
{
	uint16_t flags = DNS_QR | DNS_RA | (r->flags & (0x7800 | DNS_RD | DNS_CD));

	if (m->truncated)
		flags |= DNS_TC;
	if (m->authoritative)
		flags |= DNS_AA;
	wire_set16(m->wire, r->id);
	wire_set16(m->wire + 2, flags | (m->rcode & 0xf));
	wire_set16(m->wire + DNS_QDCOUNT, qdcount);
	for (int s = 0; s < MSG__SECTIONS; s++)
		wire_set16(m->wire + DNS_ANCOUNT + 2 * s, m->count[s]);
}

static void
write_opt(const struct dns64 *d, const struct request *r, struct msg *m)
{
	if (!r->edns.present)
		return;
	edns_write(m->wire + m->len, d->settings->config.edns_size, (uint8_t)(m->rcode >> 4),
		r->edns.dnssec_ok);
	wire_set16(m->wire + DNS_ARCOUNT, (uint16_t)(m->count[MSG_ADDITIONAL] + 1));
	m->len += EDNS_OPT_LEN;
}

static void
count_answer(struct dns64_stats *s, const struct msg *m)
{
	s->answers++;
	s->truncated += m->truncated;
	switch (m->rcode) {
	case DNS_NOERROR:
		if (m->synthetic)
			s->synthesised++;
		else if (!m->authoritative)
			s->passed++;
		break;
	case DNS_FORMERR:
		s->formerr++;
		break;
	case DNS_SERVFAIL:
		s->servfail++;
		break;
	case DNS_NXDOMAIN:
		s->nxdomain++;
		break;
	case DNS_NOTIMP:
		s->notimp++;
		break;
	case DNS_BADVERS:
		s->badvers++;
		break;
	default:
		s->passed++;
	}
}

static void
transmit(struct dns64 *d, const struct request *r, const struct msg *m)
{
	struct dns64_datagram out = {
		.src = r->dst,
		.dst = r->src,
		.sport = DNS64_PORT,
		.dport = r->sport,
		.in_port = r->in_port,
		.data = m->wire,
		.len = m->len,
	};

	count_answer(&d->stats, m);
	d->send(d->ctx, &out);
}

void
answer_send(struct dns64 *d, const struct request *r, struct msg *m)
{
	unsigned int limit = size_limit(d, r) - (r->edns.present ? EDNS_OPT_LEN : 0u);

	// Codes above 15 cannot be said without OPT (RFC 6891 §6.1.3).
	if (m->rcode > 15 && !r->edns.present)
		m->rcode = DNS_SERVFAIL;
	memcpy(m->wire + DNS_HEADER_LEN, r->qname.b, r->qname.len);
	wire_set16(m->wire + DNS_HEADER_LEN + r->qname.len, r->qtype);
	if (m->len > limit)
		cut(m, limit);
	write_header(r, m, 1);
	write_opt(d, r, m);
	transmit(d, r, m);
}

void
answer_error(struct dns64 *d, const struct request *r, uint16_t rcode)
{
	struct msg *m = &d->out;

	if (r->has_question) {
		msg_empty(m, &r->qname, r->qtype, r->qclass, rcode);
		answer_send(d, r, m);
		return;
	}
	memset(m->count, 0, sizeof(m->count));
	m->truncated = m->authoritative = m->synthetic = false;
	m->rcode = rcode;
	m->len = DNS_HEADER_LEN;
	write_header(r, m, 0);
	write_opt(d, r, m);
	transmit(d, r, m);
}
