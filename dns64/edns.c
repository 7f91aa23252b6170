// SPDX-License-Identifier: BSD-3-Clause
#include "dns64/edns.h"

#define EDNS_DO 0x8000

static bool
options_good(const uint8_t *p, unsigned int len)
{
	unsigned int off = 0;

	while (off + 4 <= len)
		off += 4u + wire_u16(p + off + 2);
	return off == len;
}

bool
edns_read(const uint8_t *msg, const struct wire_rr *rr, struct edns *e)
{
	const uint8_t *ttl = msg + rr->ttl_at;

	e->present = true;
	e->size = rr->class < EDNS_MIN_SIZE ? EDNS_MIN_SIZE : rr->class;
	e->ext_rcode = ttl[0];
	e->version = ttl[1];
	e->dnssec_ok = wire_u16(ttl + 2) & EDNS_DO;
	return msg[rr->owner] == 0 && options_good(msg + rr->rdata, rr->rdlen);
}

void
edns_write(uint8_t *p, uint16_t size, uint8_t ext_rcode, bool dnssec_ok)
{
	memset(p, 0, EDNS_OPT_LEN);
	wire_set16(p + 1, DNS_OPT);
	wire_set16(p + 3, size);
	p[5] = ext_rcode;
	wire_set16(p + 7, dnssec_ok ? EDNS_DO : 0);
}
