// SPDX-License-Identifier: BSD-3-Clause
// From an upstream response to our own form: only what belongs to the question (RFC 5452 §6),
// in the order of the chain, TTLs capped, without excluded addresses and without OPT.
#ifndef DNS64_SCRUB_H
#define DNS64_SCRUB_H

#include "config/config.h"
#include "dns64/edns.h"
#include "dns64/msg.h"

#define SCRUB_MAX_LINKS 16 // of a CNAME chain

struct scrub_question {
	struct name name;
	uint16_t type, class;
	bool dnssec_ok;
};

// True when in is one question and it is this one, case aside.
bool scrub_question_is(const uint8_t *in, unsigned int len, const struct scrub_question *q);
// 0 with out filled; -EBADMSG when in is malformed, -ELOOP when its chain has no end. The question
// must have been checked. e tells about the upstream's OPT.
int scrub_response(const struct config_dns64 *c, const struct scrub_question *q, const uint8_t *in,
	unsigned int len, struct edns *e, struct msg *out);

#endif
