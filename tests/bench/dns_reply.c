// SPDX-License-Identifier: BSD-3-Clause
#include "dns_reply.h"

#define TTL 3600

// owner: offset of its name in the message.
static unsigned int
put(uint8_t *p, unsigned int owner, uint16_t type, const void *data, uint16_t len)
{
	wire_set16(p, (uint16_t)(0xc000 | owner));
	wire_set16(p + 2, type);
	wire_set16(p + 4, DNS_IN);
	wire_set32(p + 6, TTL);
	wire_set16(p + 10, len);
	memcpy(p + 12, data, len);
	return 12u + len;
}

// The header with one record, and its section.
static void
write_header(uint8_t *out, uint16_t flags, enum dns_count section)
{
	wire_set16(out + 2, DNS_QR | DNS_RD | DNS_RA | flags);
	wire_set16(out + DNS_ANCOUNT, section == DNS_ANCOUNT);
	wire_set16(out + DNS_NSCOUNT, section == DNS_NSCOUNT);
	wire_set16(out + DNS_ARCOUNT, 0);
}

unsigned int
dns_reply(const uint8_t *query, unsigned int len, enum dns_kind kind, uint8_t *out)
{
	static const uint8_t v4[4] = {9, 9, 9, 9}, v6[16] = {0x20, 1, 0xd, 0xb8, [15] = 1};
	static const uint8_t soa[22] = {[20] = TTL >> 8, TTL & 0xff}; // root, root, zeros, MINIMUM
	int name = len < DNS_HEADER_LEN ? -1 : name_skip(query, len, DNS_HEADER_LEN);
	unsigned int end = (unsigned int)name + 4;
	uint16_t type;

	if (name <= DNS_HEADER_LEN + 1 || end > len || end > DNS_REPLY_MAX - 64)
		return 0;
	type = wire_u16(query + name);
	memcpy(out, query, end);
	if (type == DNS_A && kind == KIND_SYNTH) {
		write_header(out, 0, DNS_ANCOUNT);
		return end + put(out + end, DNS_HEADER_LEN, type, v4, sizeof(v4));
	}
	if (type == DNS_AAAA && kind == KIND_REAL) {
		write_header(out, 0, DNS_ANCOUNT);
		return end + put(out + end, DNS_HEADER_LEN, type, v6, sizeof(v6));
	}
	write_header(out, kind == KIND_MISSING ? DNS_NXDOMAIN : 0, DNS_NSCOUNT);
	return end + put(out + end, DNS_HEADER_LEN + 1u + out[DNS_HEADER_LEN], DNS_SOA, soa,
			     sizeof(soa)); // of the zone above the name
}
