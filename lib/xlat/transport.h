// SPDX-License-Identifier: BSD-3-Clause
// The fix-up of the transport header, once for both directions and for quoted packets (RFC 7915
// §4.5, §5.5). Checksums change incrementally only: a wrong one stays wrong (XLT-07, CSUM-02).
#ifndef XLAT_TRANSPORT_H
#define XLAT_TRANSPORT_H

#include "net/checksum.h"

#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <rte_branch_prediction.h>
#include <rte_byteorder.h>

#define TRANSPORT_TCP_CSUM  16
#define TRANSPORT_UDP_CSUM  6
#define TRANSPORT_ICMP_CSUM 2
#define TRANSPORT_ECHO_ID   4
#define TRANSPORT_SPORT     0
#define TRANSPORT_DPORT     2

static inline uint16_t
transport_load(const uint8_t *at)
{
	uint16_t v;

	memcpy(&v, at, sizeof(v));
	return v;
}

static inline void
transport_store(uint8_t *at, uint16_t v)
{
	memcpy(at, &v, sizeof(v));
}

static inline uint16_t
transport_csum_off(uint8_t proto)
{
	return proto == IPPROTO_TCP ? TRANSPORT_TCP_CSUM : TRANSPORT_UDP_CSUM;
}

// TCP and UDP.
static inline void
transport_fix_csum(uint8_t *l4, uint8_t proto, uint16_t delta)
{
	uint8_t *at = l4 + transport_csum_off(proto);
	uint16_t csum = csum_apply(transport_load(at), delta);

	if (proto == IPPROTO_UDP && csum == 0) // CSUM-03
		csum = 0xffff;
	transport_store(at, csum);
}

// The checksum that an IPv4 sender left out (CSUM-04). src, dst: of the new header.
// The field is 0.
void transport_compute_udp(uint8_t *l4, const struct in6_addr *src, const struct in6_addr *dst);
// The same when the sum of header and data is known already, as of a fragmented datagram (CSUM-05).
void transport_finish_udp(
	uint8_t *l4, const struct in6_addr *src, const struct in6_addr *dst, uint64_t sum);

// What the ICMPv6 pseudo-header has beside the addresses (CSUM-08); len: of the ICMP message.
static inline uint64_t
transport_pseudo(uint16_t len)
{
	return rte_cpu_to_be_16(len) + (uint64_t)RTE_BE16(IPPROTO_ICMPV6);
}

// Echo type, identifier and checksum; addresses and identifier are in delta already.
// avail: bytes of the message that are there, at least 8; len: its whole length.
void transport_echo_6to4(uint8_t *l4, uint16_t avail, uint16_t len, rte_be16_t id, uint16_t delta);
void transport_echo_4to6(uint8_t *l4, uint16_t len, rte_be16_t id, uint16_t delta);

// A quoted TCP or UDP header of which avail bytes, at least 4, are there (ERR-07, ERR-10, ERR-11).
void transport_fix_quote(uint8_t *l4, uint16_t avail, uint8_t proto, uint16_t port_off,
	rte_be16_t port, uint16_t delta);

#endif
