// SPDX-License-Identifier: BSD-3-Clause
// What an upstream server says to any question, as cheaply as can be. Pure functions.
#ifndef BENCH_DNS_REPLY_H
#define BENCH_DNS_REPLY_H

#include "dns64/wire.h"

#define DNS_REPLY_MAX 512

enum dns_kind {
	KIND_REAL,    // each name has an AAAA record and no other
	KIND_SYNTH,   // an A record and no other
	KIND_MISSING, // does not exist
};

// The length of the reply, 0 if the query is none. out: DNS_REPLY_MAX.
unsigned int dns_reply(const uint8_t *query, unsigned int len, enum dns_kind kind, uint8_t *out);

#endif
