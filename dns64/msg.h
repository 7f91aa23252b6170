// SPDX-License-Identifier: BSD-3-Clause
// An answer in our own form: question, answer section in the order of its chain, authority,
// additional; no OPT, no TSIG; the header is filled when it is sent. Made from an upstream
// response (scrub.c), by synthesis (synth.c) or locally (local.c).
#ifndef DNS64_MSG_H
#define DNS64_MSG_H

#include "dns64/wire.h"

#define MSG_BUF_LEN (4096 + 1024) // longest message, and the TTL table behind it (cache.c)

enum msg_section {
	MSG_ANSWER,
	MSG_AUTHORITY,
	MSG_ADDITIONAL,
	MSG__SECTIONS,
};

struct msg {
	uint8_t *wire;
	uint16_t cap, len;
	uint16_t count[MSG__SECTIONS];
	uint16_t rcode;
	bool truncated;     // something of answer or authority is missing
	bool authoritative; // AA
	bool synthetic;     // holds synthesised records
	bool excluded;      // AAAA records were taken out (RFC 6147 §5.1.4)
};

struct msg_iter {
	unsigned int off, index;
	enum msg_section section;
};

// Resets m and starts it with the question.
void msg_begin(struct msg *m, struct wire_out *o, const struct name *qname, uint16_t qtype,
	uint16_t qclass);
// Accounts for a record that was, or was not, written to the section.
enum wire_verdict msg_count(struct msg *m, enum msg_section s, enum wire_verdict v);
void msg_end(struct msg *m, const struct wire_out *o);
// Question only, with a response code.
void msg_empty(
	struct msg *m, const struct name *qname, uint16_t qtype, uint16_t qclass, uint16_t rcode);
void msg_copy(struct msg *to, const struct msg *from);

void msg_iter_begin(const struct msg *m, struct msg_iter *it);
// Next record and its section; false at the end.
bool msg_next(const struct msg *m, struct msg_iter *it, struct wire_rr *rr);

// Neither an answer nor a denial (RFC 6147 §5.1.2: treated as if there were no AAAA).
static inline bool
msg_failed(const struct msg *m)
{
	return m->rcode != DNS_NOERROR && m->rcode != DNS_NXDOMAIN;
}

// What a message says about its question.
struct verdict {
	unsigned int links;  // CNAMEs in the answer section
	unsigned int finals; // records of the type asked for
	struct name end;     // name at the end of the chain
	bool has_soa;
	uint32_t soa_ttl; // negative TTL (RFC 2308 §5)
	uint32_t min_ttl; // over all records; UINT32_MAX without any
};
void msg_judge(const struct msg *m, struct verdict *v);

#endif
