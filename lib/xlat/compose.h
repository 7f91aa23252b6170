// SPDX-License-Identifier: BSD-3-Clause
// Lays out a translated ICMP error: IP header, ICMP header, quote, RFC 4884 extensions. Errors are
// rare and of bounded size, so the result is composed beside the packet and copied over it; that
// makes room for a quote that grows without moving things about.
#ifndef XLAT_COMPOSE_H
#define XLAT_COMPOSE_H

#include "net/icmp.h"

#define ICMP_HDR_LEN 8

struct composition {
	uint8_t buf[ICMP_ERROR_MAX6];
	uint16_t head;  // bytes in front of the quote
	uint16_t unit;  // of the length attribute, bytes
	uint16_t room;  // for the quote, a multiple of unit
	uint16_t quote; // its bytes
	const uint8_t *ext;
	uint16_t ext_len;
};

// max: bytes of the whole result. unit: of the length attribute in the result.
void compose_start(struct composition *c, uint16_t ip_len, uint16_t max, uint16_t unit);

// Takes over the extensions of the error at icmp. The quote gives way down to the 128 bytes that
// RFC 4884 wants, then the extensions do (ERR-17). Call it before compose_payload.
void compose_extensions(struct composition *c, const uint8_t *icmp, const struct pkt *p);

// The quoted bytes behind the quoted network header, which is hdr_len long in the result. Returns
// where they are and shortens *len to how many.
uint8_t *compose_payload(struct composition *c, uint16_t hdr_len, const uint8_t *l4, uint16_t *len);

// ICMP header without checksum; word: its second half, host order.
void compose_icmp(struct composition *c, uint8_t type, uint8_t code, uint32_t word);

// Padding and length attribute (ERR-14, ERR-15), then the extensions as they came. Returns the
// length of the ICMP message. attr_off: of the attribute in the ICMP header.
uint16_t compose_end(struct composition *c, unsigned int attr_off);

void compose_csum(struct composition *c, uint64_t pseudo, uint16_t len);

// Puts the result in the place of the packet; keeps the headroom if it can.
void compose_replace(struct rte_mbuf *m, const uint8_t *buf, uint16_t len);

#endif
