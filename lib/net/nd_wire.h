// SPDX-License-Identifier: BSD-3-Clause
// What ND and MLD messages have in common on the wire: for net/nd.c and net/mld.c only.
#ifndef NET_ND_WIRE_H
#define NET_ND_WIRE_H

#include "net/pkt.h"

#define ND_IP6_LEN 40

// Writes the IPv6 header of the len bytes at buf and the checksum of the ICMPv6 message at l4_off,
// which is written already, its checksum field zero. next: the header behind the IPv6 header.
void nd_wire_finish(uint8_t *buf, uint16_t len, uint16_t l4_off, uint8_t next, uint8_t hop_limit,
	const struct in6_addr *src, const struct in6_addr *dst);

#endif
