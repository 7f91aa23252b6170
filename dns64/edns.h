// SPDX-License-Identifier: BSD-3-Clause
// EDNS(0) (RFC 6891). The OPT record belongs to one hop: it is read and written here, never stored
// or passed on (§6.1.1).
#ifndef DNS64_EDNS_H
#define DNS64_EDNS_H

#include "dns64/wire.h"

#define EDNS_MIN_SIZE 512 // without OPT, and the least a size can mean (§6.2.3)
#define EDNS_OPT_LEN  11  // OPT without options

struct edns {
	bool present;
	bool dnssec_ok; // DO (RFC 3225)
	uint8_t version;
	uint8_t ext_rcode; // upper eight bits of the response code
	uint16_t size;     // at least EDNS_MIN_SIZE
};

// False for an OPT that is malformed: owner not the root, options that leave the record. Options
// themselves have no meaning here (§6.1.2); e->present is set in any case.
bool edns_read(const uint8_t *msg, const struct wire_rr *rr, struct edns *e);
// Writes EDNS_OPT_LEN octets: version 0, Z bits 0, no options.
void edns_write(uint8_t *p, uint16_t size, uint8_t ext_rcode, bool dnssec_ok);

#endif
