// SPDX-License-Identifier: BSD-3-Clause
// DNS messages (RFC 1035 §4): reading resource records, writing them with name compression. Every
// length is checked against the message. Pure functions.
#ifndef DNS64_WIRE_H
#define DNS64_WIRE_H

#include "dns64/name.h"

#include <string.h>

#define DNS_HEADER_LEN 12

enum dns_type {
	DNS_A = 1,
	DNS_NS = 2,
	DNS_CNAME = 5,
	DNS_SOA = 6,
	DNS_PTR = 12,
	DNS_SIG = 24,
	DNS_AAAA = 28,
	DNS_DNAME = 39,
	DNS_OPT = 41,
	DNS_DS = 43,
	DNS_RRSIG = 46,
	DNS_NSEC = 47,
	DNS_NSEC3 = 50,
	DNS_TSIG = 250,
	DNS_IXFR = 251,
	DNS_AXFR = 252,
	DNS_ANY = 255,
};

enum dns_class {
	DNS_IN = 1,
	DNS_CLASS_ANY = 255,
};

enum dns_rcode {
	DNS_NOERROR = 0,
	DNS_FORMERR = 1,
	DNS_SERVFAIL = 2,
	DNS_NXDOMAIN = 3,
	DNS_NOTIMP = 4,
	DNS_REFUSED = 5,
	DNS_BADVERS = 16, // RFC 6891 §9
};

// Second 16 bits of the header
#define DNS_QR           0x8000
#define DNS_AA           0x0400
#define DNS_TC           0x0200
#define DNS_RD           0x0100
#define DNS_RA           0x0080
#define DNS_CD           0x0010
#define DNS_OPCODE(f)    ((f) >> 11 & 0xf)
#define DNS_OPCODE_QUERY 0

// Offsets of the counts in the header
enum dns_count {
	DNS_QDCOUNT = 4,
	DNS_ANCOUNT = 6,
	DNS_NSCOUNT = 8,
	DNS_ARCOUNT = 10,
};

static inline uint16_t
wire_u16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t
wire_u32(const uint8_t *p)
{
	return (uint32_t)wire_u16(p) << 16 | wire_u16(p + 2);
}

static inline void
wire_set16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void
wire_set32(uint8_t *p, uint32_t v)
{
	wire_set16(p, (uint16_t)(v >> 16));
	wire_set16(p + 2, (uint16_t)v);
}

// One resource record; the offsets are into the message.
struct wire_rr {
	uint16_t owner, type, class, ttl_at, rdata, rdlen;
	uint32_t ttl; // with bit 31 set: 0 (RFC 2181 §8)
};

// Offset behind the record, or -1.
int wire_read_rr(const uint8_t *msg, unsigned int len, unsigned int off, struct wire_rr *rr);
// The owner is n, apart from case.
bool wire_owner_is(
	const uint8_t *msg, unsigned int len, const struct wire_rr *rr, const struct name *n);
// The type that an RRSIG covers; 0 for other types.
uint16_t wire_covered(const uint8_t *msg, const struct wire_rr *rr);
// The record's data is a single name (CNAME, DNAME, PTR); false when it is not.
bool wire_target(const uint8_t *msg, unsigned int len, const struct wire_rr *rr, struct name *out);

// A message being written. What does not fit is left out whole and sets full.
#define WIRE_SUFFIXES 64
struct wire_out {
	uint8_t *buf;
	uint16_t cap, len;
	bool full;
	uint16_t n_suffix; // names written so far, targets of compression
	struct {
		uint16_t off, hash;
	} suffix[WIRE_SUFFIXES];
};

enum wire_verdict {
	WIRE_OK,
	WIRE_FULL,
	WIRE_BAD, // the source record is malformed
};

// Starts behind the header with the question.
void wire_begin(struct wire_out *o, uint8_t *buf, uint16_t cap, const struct name *qname,
	uint16_t qtype, uint16_t qclass);
// Owner, type, class, TTL and data without names.
enum wire_verdict wire_put_rr(struct wire_out *o, const struct name *owner, uint16_t type,
	uint32_t ttl, const void *rdata, uint16_t rdlen);
// A record of class IN whose data is one name.
enum wire_verdict wire_put_name_rr(struct wire_out *o, const struct name *owner, uint16_t type,
	uint32_t ttl, const struct name *target);
// Copies a record from another message with a new TTL; names in its data are decompressed and, for
// the types of RFC 1035 only, compressed again (RFC 3597 §4).
enum wire_verdict wire_copy_rr(struct wire_out *o, const uint8_t *msg, unsigned int len,
	const struct wire_rr *rr, uint32_t ttl);

#endif
