// SPDX-License-Identifier: BSD-3-Clause
#include "dns64/request.h"

static int
read_question(const struct dns64_datagram *in, struct request *r)
{
	int off = name_read(in->data, in->len, DNS_HEADER_LEN, &r->qname);

	if (off < 0 || off + 4 > in->len)
		return -1;
	r->qtype = wire_u16(in->data + off);
	r->qclass = wire_u16(in->data + off + 2);
	name_copy(&r->lower, &r->qname);
	name_lower(&r->lower);
	r->has_question = true;
	return off + 4;
}

// An OPT is answered with an OPT even when it cannot be read (RFC 6891 §7).
static bool
begins_opt(const struct dns64_datagram *in, unsigned int off)
{
	return off + 3 <= in->len && in->data[off] == 0 && wire_u16(in->data + off + 1) == DNS_OPT;
}

static int
read_record(const struct dns64_datagram *in, struct request *r, enum dns_count section, int off)
{
	bool again = r->edns.present;
	struct wire_rr rr;
	int next;

	if (begins_opt(in, (unsigned int)off))
		r->edns.present = true;
	next = wire_read_rr(in->data, in->len, (unsigned int)off, &rr);
	if (next < 0 || rr.type != DNS_OPT)
		return next;
	if (!edns_read(in->data, &rr, &r->edns) || again || section != DNS_ARCOUNT)
		return -1;
	return next;
}

// Nothing but OPT has a meaning here; the rest must be well-formed and end with the message.
static bool
read_records(const struct dns64_datagram *in, struct request *r, int off)
{
	for (int section = DNS_ANCOUNT; section <= DNS_ARCOUNT; section += 2)
		for (unsigned int i = wire_u16(in->data + section); i > 0; i--) {
			off = read_record(in, r, (enum dns_count)section, off);
			if (off < 0)
				return false;
		}
	return off == in->len;
}

// Transfers need TCP and authority; OPT is no type to ask for.
static enum dns_rcode
judge_type(uint16_t qtype)
{
	if (qtype == DNS_AXFR || qtype == DNS_IXFR)
		return DNS_NOTIMP;
	return qtype == DNS_OPT || qtype == 0 ? DNS_FORMERR : DNS_NOERROR;
}

enum dns_rcode
request_read(const struct dns64_datagram *in, struct request *r)
{
	bool good;
	int off;

	r->src = in->src;
	r->dst = in->dst;
	r->sport = in->sport;
	r->in_port = in->in_port;
	r->id = wire_u16(in->data);
	r->flags = wire_u16(in->data + 2);
	r->has_question = false;
	memset(&r->edns, 0, sizeof(r->edns));
	r->edns.size = EDNS_MIN_SIZE;
	off = wire_u16(in->data + DNS_QDCOUNT) == 1 ? read_question(in, r) : -1; // RFC 9619 §4
	good = off >= 0 && read_records(in, r, off);
	if (DNS_OPCODE(r->flags) != DNS_OPCODE_QUERY)
		return DNS_NOTIMP;
	if (!good)
		return DNS_FORMERR;
	if (r->edns.version > 0)
		return DNS_BADVERS;
	return judge_type(r->qtype);
}
