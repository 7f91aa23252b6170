// SPDX-License-Identifier: BSD-3-Clause
// Where the quoted packet of an ICMP error ends (RFC 4884). Pure function.
#ifndef NET_PARSE_ICMP_H
#define NET_PARSE_ICMP_H

#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <stdint.h>

#define ICMP_QUOTE_MIN 128 // shortest quote in front of extensions (RFC 4884 §4)

// Bytes of the "original datagram" field as the length attribute says: 32-bit words in ICMPv4,
// 64-bit words in ICMPv6 (ERR-14). 0: none, everything is quote (ERR-18). icmp: 8 bytes.
static inline uint16_t
icmp_quote_attr(uint8_t family, const uint8_t *icmp)
{
	if (family == 6)
		return icmp[0] == ICMP6_DST_UNREACH || icmp[0] == ICMP6_TIME_EXCEEDED ? icmp[4] * 8
										      : 0;
	return icmp[0] == ICMP_DEST_UNREACH || icmp[0] == ICMP_TIME_EXCEEDED ||
			       icmp[0] == ICMP_PARAMETERPROB
		       ? icmp[5] * 4
		       : 0;
}

#endif
