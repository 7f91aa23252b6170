// SPDX-License-Identifier: BSD-3-Clause
// The TCP session state machine of RFC 6146 §3.5.2.2, as a table. Pure function.
#ifndef STATE_TCP_H
#define STATE_TCP_H

#include <stdbool.h>
#include <stdint.h>

enum tcp_state {
	TCP_CLOSED,
	TCP_V4_INIT,
	TCP_V6_INIT,
	TCP_ESTABLISHED,
	TCP_V4_FIN_RCV,
	TCP_V6_FIN_RCV,
	TCP_V6_FIN_V4_FIN_RCV,
	TCP_TRANS,
	TCP_STATE__N,
};

enum tcp_event {
	TCP_V6_SYN,
	TCP_V6_FIN,
	TCP_V6_RST,
	TCP_V6_OTHER,
	TCP_V4_SYN,
	TCP_V4_FIN,
	TCP_V4_RST,
	TCP_V4_OTHER,
	TCP_TIMEOUT,
	TCP_EVENT__N,
};

// What becomes of the lifetime.
enum tcp_timer {
	TCP_TIMER_KEEP,  // runs on unchanged
	TCP_TIMER_TRANS, // restarts with TCP_TRANS
	TCP_TIMER_EST,   // restarts with TCP_EST
	TCP_TIMER_SYN,   // restarts with TCP_INCOMING_SYN
	TCP_TIMER_END,   // session is deleted
};

struct tcp_step {
	uint8_t next;  // enum tcp_state
	uint8_t timer; // enum tcp_timer
	bool probe;    // N64-TCP-05: send a probe to the IPv6 host
};

extern const struct tcp_step tcp_machine[TCP_STATE__N][TCP_EVENT__N];
extern const char *const tcp_state_name[TCP_STATE__N]; // as in RFC 6146: "V6 INIT" is "V6_INIT"

// Event of a segment: RST before SYN before FIN (N64-TCP-14). from6: it came from the IPv6 side.
enum tcp_event tcp_event_of(uint8_t tcp_flags, bool from6);

// True for flag combinations no segment carries (SYN+FIN, SYN+RST, none, FIN without ACK).
bool tcp_flags_bad(uint8_t tcp_flags);

#endif
