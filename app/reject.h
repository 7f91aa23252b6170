// SPDX-License-Identifier: BSD-3-Clause
// Drops that are told to the sender: rate-limited ICMP errors of our own (RFC 4443 §2.4, RFC 1812
// §4.3.2). Called by the worker that owns w only.
#ifndef APP_REJECT_H
#define APP_REJECT_H

#include "app/worker.h"

// Drops m for why and sends its source an ICMPv6 error, if one may be sent (m still as received,
// from the IP header on). arg: MTU, pointer or 0.
void reject6(struct worker *w, struct rte_mbuf *m, enum drop_reason why, uint8_t type, uint8_t code,
	uint32_t arg);
void reject4(struct worker *w, struct rte_mbuf *m, enum drop_reason why, uint8_t type, uint8_t code,
	uint32_t arg);

// Drops m for why, which is a matter of policy: its source is told by an error of the kind
// administratively prohibited, if the configuration says so (XLT-05).
void reject_prohibited(struct worker *w, struct rte_mbuf *m, enum drop_reason why);

// Drops an IP packet whose next hop on port did not answer; its sender gets host or address
// unreachable, through the translator when m is a translated packet. Outside pipeline_run only.
void reject_unreachable(struct worker *w, struct rte_mbuf *m, uint16_t port);

// Drops a TCP segment over IPv6 (m as received) of a session that there is no more, and resets the
// connection of who sent it: the acknowledgement number makes the reset acceptable (RFC
// 9293 3.5.2).
void reject_reset6(struct worker *w, struct rte_mbuf *m, enum drop_reason why);

// A session is about to end while both sides use it. An inside TCP host is asked for a sign of
// life, which is answered by a reset; others learn it from the answer to their next packet. arg:
// struct worker.
void session_ending(void *arg, const struct session *s);
// Without the session: for a while, segments of connections that are no more are answered by
// resets.
void session_ended_soon(struct worker *w);

// Once a millisecond: new tokens.
void reject_refill(struct worker *w, uint64_t elapsed_ms);

// A TCP keep-alive probe to the IPv6 host of an idle session (N64-TCP-05, N64-TCP-06).
// arg: struct worker, as state_expire wants it.
void probe_send(void *arg, const struct session *s);

// ICMPv6 and ICMPv4 types and codes that we send.
#define ICMP6_UNREACH          1
#define ICMP6_UNREACH_NO_ROUTE 0
#define ICMP6_UNREACH_ADMIN    1
#define ICMP6_UNREACH_SCOPE    2
#define ICMP6_UNREACH_ADDR     3
#define ICMP6_UNREACH_PORT     4
#define ICMP6_PACKET_TOO_BIG   2
#define ICMP6_TIME_EXCEEDED    3
#define ICMP6_PARAM_PROBLEM    4
#define ICMP4_UNREACH          3
#define ICMP4_UNREACH_HOST     1
#define ICMP4_UNREACH_PROTO    2
#define ICMP4_UNREACH_PORT     3
#define ICMP4_UNREACH_FRAG     4
#define ICMP4_UNREACH_SRCFAIL  5
#define ICMP4_UNREACH_ADMIN    13
#define ICMP4_TIME_EXCEEDED    11

#endif
