// SPDX-License-Identifier: BSD-3-Clause
// ICMP messages that we originate: errors (RFC 4443 §2.4, RFC 1812 §4.3) and echo replies.
// Bytes only. Whether an error may be sent at all is decided here too; the rate is the caller's.
#ifndef NET_ICMP_H
#define NET_ICMP_H

#include "net/pkt.h"

// False when no error may answer this packet: it is an ICMP error or redirect, went to a group, or
// has a source no error can go to (GW-IP6-03, N64-DOS-12). p as parsed.
bool icmp_may_answer(struct rte_mbuf *m, const struct pkt *p);

#define ICMP_ERROR_MAX6     1280
#define ICMP_ERROR_MAX4     576
#define ICMP4_ERROR_HEADERS 28 // in front of the quote

// A whole IPv6 packet with an ICMPv6 error quoting m; buf of ICMP_ERROR_MAX6 bytes. arg: the MTU of
// type 2, the pointer of type 4, else 0. Destination: the source of m. Returns its length.
uint16_t icmp6_build_error(uint8_t *buf, struct rte_mbuf *m, const struct in6_addr *src,
	uint8_t type, uint8_t code, uint32_t arg);
// The same for IPv4; buf of ICMP_ERROR_MAX4 bytes. arg: the MTU of 3/4, the pointer of type 12.
uint16_t icmp4_build_error(
	uint8_t *buf, struct rte_mbuf *m, rte_be32_t src, uint8_t type, uint8_t code, uint32_t arg);

// Turns an echo request to us into its reply, in place (addresses swapped, TTL 64, checksums).
// src: our address to answer from when the request went to a group, else NULL.
void icmp_echo_reply(struct rte_mbuf *m, const struct pkt *p, const struct in6_addr *src);
// The same of one fragment of a request; the reply has the same fragments.
void icmp_echo_reply_fragment(struct rte_mbuf *m, const struct pkt *p);

#endif
