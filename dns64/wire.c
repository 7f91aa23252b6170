// SPDX-License-Identifier: BSD-3-Clause
#include "dns64/wire.h"

int
wire_read_rr(const uint8_t *msg, unsigned int len, unsigned int off, struct wire_rr *rr)
{
	int at = name_skip(msg, len, off);
	uint32_t ttl;

	if (at < 0 || (unsigned int)at + 10 > len)
		return -1;
	rr->owner = (uint16_t)off;
	rr->type = wire_u16(msg + at);
	rr->class = wire_u16(msg + at + 2);
	rr->ttl_at = (uint16_t)(at + 4);
	ttl = wire_u32(msg + at + 4);
	rr->ttl = ttl >> 31 ? 0 : ttl;
	rr->rdlen = wire_u16(msg + at + 8);
	rr->rdata = (uint16_t)(at + 10);
	if ((unsigned int)rr->rdata + rr->rdlen > len)
		return -1;
	return rr->rdata + rr->rdlen;
}

bool
wire_owner_is(const uint8_t *msg, unsigned int len, const struct wire_rr *rr, const struct name *n)
{
	struct name owner;

	return name_read(msg, len, rr->owner, &owner) >= 0 && name_equal(&owner, n);
}

uint16_t
wire_covered(const uint8_t *msg, const struct wire_rr *rr)
{
	return rr->type == DNS_RRSIG && rr->rdlen >= 2 ? wire_u16(msg + rr->rdata) : 0;
}

bool
wire_target(const uint8_t *msg, unsigned int len, const struct wire_rr *rr, struct name *out)
{
	return name_read(msg, len, rr->rdata, out) == rr->rdata + rr->rdlen;
}
