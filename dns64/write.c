// SPDX-License-Identifier: BSD-3-Clause
// Writing of messages: compression (RFC 1035 §4.1.4) and the types whose data holds names.
#include "dns64/wire.h"

// Data that begins with `fixed` octets and `strings` character strings, followed by `names` names
// and whatever else. Only RFC 1035's types may be compressed (RFC 3597 §4).
static const struct rdata_form {
	uint16_t type;
	uint8_t fixed, strings, names, rest;
	bool compress;
} rdata_forms[] = {
	{2, 0, 0, 1, 0, true},   // NS
	{3, 0, 0, 1, 0, true},   // MD
	{4, 0, 0, 1, 0, true},   // MF
	{5, 0, 0, 1, 0, true},   // CNAME
	{6, 0, 0, 2, 20, true},  // SOA
	{7, 0, 0, 1, 0, true},   // MB
	{8, 0, 0, 1, 0, true},   // MG
	{9, 0, 0, 1, 0, true},   // MR
	{12, 0, 0, 1, 0, true},  // PTR
	{14, 0, 0, 2, 0, true},  // MINFO
	{15, 2, 0, 1, 0, true},  // MX
	{17, 0, 0, 2, 0, false}, // RP
	{18, 2, 0, 1, 0, false}, // AFSDB
	{21, 2, 0, 1, 0, false}, // RT
	{26, 2, 0, 2, 0, false}, // PX
	{33, 6, 0, 1, 0, false}, // SRV
	{35, 4, 3, 1, 0, false}, // NAPTR
	{36, 2, 0, 1, 0, false}, // KX
	{39, 0, 0, 1, 0, false}, // DNAME
};

static const struct rdata_form form_raw;

static const struct rdata_form *
find_form(uint16_t type)
{
	for (unsigned int i = 0; i < sizeof(rdata_forms) / sizeof(rdata_forms[0]); i++)
		if (rdata_forms[i].type == type)
			return &rdata_forms[i];
	return &form_raw;
}

// The name written at off is, to its end, the labels at b. The buffer is our own: its pointers are
// good.
static bool
suffix_is(const uint8_t *buf, unsigned int off, const uint8_t *b)
{
	for (;;) {
		unsigned int l = buf[off];

		if (l >= 0xc0) {
			off = (l & 0x3f) << 8 | buf[off + 1];
			continue;
		}
		if (l != *b)
			return false;
		if (l == 0)
			return true;
		for (unsigned int i = 1; i <= l; i++)
			if (name_lower_table[buf[off + i]] != name_lower_table[b[i]])
				return false;
		off += 1 + l;
		b += 1 + l;
	}
}

static int
find_suffix(const struct wire_out *o, const uint8_t *b, uint16_t hash)
{
	for (unsigned int i = 0; i < o->n_suffix; i++)
		if (o->suffix[i].hash == hash && suffix_is(o->buf, o->suffix[i].off, b))
			return o->suffix[i].off;
	return -1;
}

// Offsets of the labels of n and a hash of what begins there. Returns how many, the root left out.
static unsigned int
hash_labels(const struct name *n, uint8_t at[128], uint16_t hash[128])
{
	unsigned int labels = 0;
	uint32_t h = 0;

	for (unsigned int off = 0; n->b[off] != 0; off += 1u + n->b[off])
		at[labels++] = (uint8_t)off;
	for (unsigned int i = labels; i-- > 0;) {
		for (unsigned int k = 0; k <= n->b[at[i]]; k++)
			h = h * 31 + name_lower_table[n->b[at[i] + k]];
		hash[i] = (uint16_t)(h ^ h >> 16);
	}
	return labels;
}

static bool
put_bytes(struct wire_out *o, const void *p, unsigned int n)
{
	if (o->len + n > o->cap)
		return false;
	memcpy(o->buf + o->len, p, n);
	o->len = (uint16_t)(o->len + n);
	return true;
}

static bool
put_u16(struct wire_out *o, uint16_t v)
{
	uint8_t b[2];

	wire_set16(b, v);
	return put_bytes(o, b, sizeof(b));
}

static void
remember_suffix(struct wire_out *o, unsigned int off, uint16_t hash)
{
	if (o->n_suffix == WIRE_SUFFIXES || off > 0x3fff)
		return;
	o->suffix[o->n_suffix].off = (uint16_t)off;
	o->suffix[o->n_suffix++].hash = hash;
}

// Its labels are remembered when all of it is there: a comparison follows them to the end.
static bool
put_name(struct wire_out *o, const struct name *n)
{
	uint8_t at[128];
	uint16_t hash[128];
	unsigned int labels = hash_labels(n, at, hash), begin = o->len, new;
	int known = -1;

	for (new = 0; new < labels; new ++) {
		known = find_suffix(o, n->b + at[new], hash[new]);
		if (known >= 0)
			break;
		if (!put_bytes(o, n->b + at[new], 1u + n->b[at[new]]))
			return false;
	}
	if (!(known >= 0 ? put_u16(o, (uint16_t)(0xc000 | known)) : put_bytes(o, "", 1)))
		return false;
	for (unsigned int i = 0; i < new; i++)
		remember_suffix(o, begin + at[i], hash[i]);
	return true;
}

void
wire_begin(struct wire_out *o, uint8_t *buf, uint16_t cap, const struct name *qname, uint16_t qtype,
	uint16_t qclass)
{
	o->buf = buf;
	o->cap = cap;
	o->len = DNS_HEADER_LEN;
	o->full = false;
	o->n_suffix = 0;
	put_name(o, qname);
	put_u16(o, qtype);
	put_u16(o, qclass);
}

// Up to the data, whose length is written by end_rr.
static bool
begin_rr(struct wire_out *o, const struct name *owner, uint16_t type, uint16_t class, uint32_t ttl)
{
	uint8_t fixed[10] = {0};

	wire_set16(fixed, type);
	wire_set16(fixed + 2, class);
	wire_set32(fixed + 4, ttl);
	return put_name(o, owner) && put_bytes(o, fixed, sizeof(fixed));
}

static enum wire_verdict
end_rr(struct wire_out *o, unsigned int rdata)
{
	wire_set16(o->buf + rdata - 2, (uint16_t)(o->len - rdata));
	return WIRE_OK;
}

// Takes back what was written of a record.
static enum wire_verdict
undo_rr(struct wire_out *o, uint16_t start, enum wire_verdict why)
{
	while (o->n_suffix && o->suffix[o->n_suffix - 1].off >= start)
		o->n_suffix--;
	o->len = start;
	if (why == WIRE_FULL)
		o->full = true;
	return why;
}

enum wire_verdict
wire_put_rr(struct wire_out *o, const struct name *owner, uint16_t type, uint32_t ttl,
	const void *rdata, uint16_t rdlen)
{
	uint16_t start = o->len;
	unsigned int at;

	if (!begin_rr(o, owner, type, DNS_IN, ttl))
		return undo_rr(o, start, WIRE_FULL);
	at = o->len;
	if (!put_bytes(o, rdata, rdlen))
		return undo_rr(o, start, WIRE_FULL);
	return end_rr(o, at);
}

enum wire_verdict
wire_put_name_rr(struct wire_out *o, const struct name *owner, uint16_t type, uint32_t ttl,
	const struct name *target)
{
	uint16_t start = o->len;
	unsigned int at;

	if (!begin_rr(o, owner, type, DNS_IN, ttl))
		return undo_rr(o, start, WIRE_FULL);
	at = o->len;
	if (!put_name(o, target))
		return undo_rr(o, start, WIRE_FULL);
	return end_rr(o, at);
}

// Length of the part before the names, or -1.
static int
form_head(const struct rdata_form *f, const uint8_t *rdata, unsigned int rdlen)
{
	unsigned int n = f->fixed;

	for (unsigned int i = 0; i < f->strings && n < rdlen; i++)
		n += 1u + rdata[n];
	return n <= rdlen ? (int)n : -1;
}

static bool
put_form_name(struct wire_out *o, const struct rdata_form *f, const struct name *n)
{
	return f->compress ? put_name(o, n) : put_bytes(o, n->b, n->len);
}

static enum wire_verdict
copy_rdata(struct wire_out *o, const struct rdata_form *f, const uint8_t *msg,
	const struct wire_rr *rr)
{
	unsigned int end = (unsigned int)rr->rdata + rr->rdlen;
	int head = form_head(f, msg + rr->rdata, rr->rdlen);
	unsigned int off;
	struct name n;

	if (head < 0)
		return WIRE_BAD;
	if (!put_bytes(o, msg + rr->rdata, (unsigned int)head))
		return WIRE_FULL;
	off = rr->rdata + (unsigned int)head;
	for (unsigned int i = 0; i < f->names; i++) {
		int next = name_read(msg, end, off, &n);

		if (next < 0)
			return WIRE_BAD;
		if (!put_form_name(o, f, &n))
			return WIRE_FULL;
		off = (unsigned int)next;
	}
	if (f->names && end - off != f->rest)
		return WIRE_BAD;
	return put_bytes(o, msg + off, end - off) ? WIRE_OK : WIRE_FULL;
}

// Addresses have one length; everything else is opaque or checked while it is copied.
static bool
length_good(const struct wire_rr *rr)
{
	if (rr->class != DNS_IN)
		return true;
	return rr->type == DNS_A ? rr->rdlen == 4 : rr->type != DNS_AAAA || rr->rdlen == 16;
}

enum wire_verdict
wire_copy_rr(struct wire_out *o, const uint8_t *msg, unsigned int len, const struct wire_rr *rr,
	uint32_t ttl)
{
	uint16_t start = o->len;
	enum wire_verdict v;
	struct name owner;
	unsigned int at;

	if (!length_good(rr) || name_read(msg, len, rr->owner, &owner) < 0)
		return WIRE_BAD;
	if (!begin_rr(o, &owner, rr->type, rr->class, ttl))
		return undo_rr(o, start, WIRE_FULL);
	at = o->len;
	v = copy_rdata(o, find_form(rr->type), msg, rr);
	return v == WIRE_OK ? end_rr(o, at) : undo_rr(o, start, v);
}
