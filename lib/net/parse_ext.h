// SPDX-License-Identifier: BSD-3-Clause
// Walk over IPv6 extension headers (RFC 8200 §4), of a packet or of one quoted in an ICMP error.
// Pure function.
#ifndef NET_PARSE_EXT_H
#define NET_PARSE_EXT_H

#include "net/pkt.h"
#include "stats/drop.h"

struct ext_chain {
	uint8_t proto;       // first header that is not skipped
	uint16_t off;        // where it starts, from the IPv6 header
	uint16_t flags;      // PKT_FRAGMENT, PKT_ATOMIC, PKT_ROUTER_ALERT
	uint16_t segleft;    // offset of a Segments Left byte that is not zero, or 0
	uint16_t frag_start; // PKT_FRAGMENT: offset of the fragment, in bytes
};

// len: bytes that are there from the IPv6 header on, at least 40. Stops behind a Fragment header.
// DROP_NONE or DROP_EXT_CHAIN.
enum drop_reason parse_ext_chain(const uint8_t *ip, uint16_t len, struct ext_chain *c);

// Extension headers, AH among them, which may not follow a Fragment header (X64-F03).
bool parse_ext_is_header(uint8_t proto);

#endif
