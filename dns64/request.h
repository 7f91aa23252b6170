// SPDX-License-Identifier: BSD-3-Clause
// A client's query as read, and all that is needed to answer it.
#ifndef DNS64_REQUEST_H
#define DNS64_REQUEST_H

#include "dns64/dns64.h"
#include "dns64/edns.h"

struct request {
	struct in6_addr src, dst;
	uint16_t sport, in_port;
	uint16_t id, flags; // header, as it came
	bool has_question;
	struct name qname; // as it came, case and all
	struct name lower;
	uint16_t qtype, qclass;
	struct edns edns;
};

// At least a header, and no response: a candidate at all.
static inline bool
request_is_query(const struct dns64_datagram *in)
{
	return in->len >= DNS_HEADER_LEN && !(in->data[2] & DNS_QR >> 8);
}

// The response code that the query deserves before anybody looks at its question: NOERROR,
// FORMERR, NOTIMP or BADVERS. in must have passed request_is_query.
enum dns_rcode request_read(const struct dns64_datagram *in, struct request *r);

#endif
