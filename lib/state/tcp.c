// SPDX-License-Identifier: BSD-3-Clause
#include "state/tcp.h"

#include <rte_tcp.h>

// clang-format off
#define STAY(state)     {TCP_##state, TCP_TIMER_KEEP, false}
#define GO(state, time) {TCP_##state, TCP_TIMER_##time, false}
#define END             {TCP_CLOSED, TCP_TIMER_END, false}
#define PROBE           {TCP_TRANS, TCP_TIMER_TRANS, true}

// RFC 6146 §3.5.2.2, with two differences. An RST of a half-closed connection leads to TRANS as
// RFC 7857 §2.2 says (RFC 6146 would keep it for another two hours). Who may open at all is not
// decided here.
const struct tcp_step tcp_machine[TCP_STATE__N][TCP_EVENT__N] = {
	[TCP_CLOSED] = {
		[TCP_V6_SYN] = GO(V6_INIT, TRANS),
		[TCP_V6_FIN] = STAY(CLOSED),
		[TCP_V6_RST] = STAY(CLOSED),
		[TCP_V6_OTHER] = STAY(CLOSED),
		[TCP_V4_SYN] = GO(V4_INIT, TRANS),
		[TCP_V4_FIN] = STAY(CLOSED),
		[TCP_V4_RST] = STAY(CLOSED),
		[TCP_V4_OTHER] = STAY(CLOSED),
		[TCP_TIMEOUT] = END,
	},
	[TCP_V4_INIT] = {
		[TCP_V6_SYN] = GO(ESTABLISHED, EST),
		[TCP_V6_FIN] = STAY(V4_INIT),
		[TCP_V6_RST] = STAY(V4_INIT),
		[TCP_V6_OTHER] = STAY(V4_INIT),
		[TCP_V4_SYN] = STAY(V4_INIT),
		[TCP_V4_FIN] = STAY(V4_INIT),
		[TCP_V4_RST] = STAY(V4_INIT),
		[TCP_V4_OTHER] = STAY(V4_INIT),
		[TCP_TIMEOUT] = END,
	},
	[TCP_V6_INIT] = {
		[TCP_V6_SYN] = GO(V6_INIT, TRANS),
		[TCP_V6_FIN] = STAY(V6_INIT),
		[TCP_V6_RST] = STAY(V6_INIT),
		[TCP_V6_OTHER] = STAY(V6_INIT),
		[TCP_V4_SYN] = GO(ESTABLISHED, EST),
		[TCP_V4_FIN] = STAY(V6_INIT),
		[TCP_V4_RST] = STAY(V6_INIT),
		[TCP_V4_OTHER] = STAY(V6_INIT),
		[TCP_TIMEOUT] = END,
	},
	[TCP_ESTABLISHED] = {
		[TCP_V6_SYN] = GO(ESTABLISHED, EST),
		[TCP_V6_FIN] = STAY(V6_FIN_RCV),
		[TCP_V6_RST] = GO(TRANS, TRANS),
		[TCP_V6_OTHER] = GO(ESTABLISHED, EST),
		[TCP_V4_SYN] = GO(ESTABLISHED, EST),
		[TCP_V4_FIN] = STAY(V4_FIN_RCV),
		[TCP_V4_RST] = GO(TRANS, TRANS),
		[TCP_V4_OTHER] = GO(ESTABLISHED, EST),
		[TCP_TIMEOUT] = PROBE,
	},
	[TCP_V4_FIN_RCV] = {
		[TCP_V6_SYN] = GO(V4_FIN_RCV, EST),
		[TCP_V6_FIN] = GO(V6_FIN_V4_FIN_RCV, TRANS),
		[TCP_V6_RST] = GO(TRANS, TRANS),
		[TCP_V6_OTHER] = GO(V4_FIN_RCV, EST),
		[TCP_V4_SYN] = GO(V4_FIN_RCV, EST),
		[TCP_V4_FIN] = GO(V4_FIN_RCV, EST),
		[TCP_V4_RST] = GO(TRANS, TRANS),
		[TCP_V4_OTHER] = GO(V4_FIN_RCV, EST),
		[TCP_TIMEOUT] = END,
	},
	[TCP_V6_FIN_RCV] = {
		[TCP_V6_SYN] = GO(V6_FIN_RCV, EST),
		[TCP_V6_FIN] = GO(V6_FIN_RCV, EST),
		[TCP_V6_RST] = GO(TRANS, TRANS),
		[TCP_V6_OTHER] = GO(V6_FIN_RCV, EST),
		[TCP_V4_SYN] = GO(V6_FIN_RCV, EST),
		[TCP_V4_FIN] = GO(V6_FIN_V4_FIN_RCV, TRANS),
		[TCP_V4_RST] = GO(TRANS, TRANS),
		[TCP_V4_OTHER] = GO(V6_FIN_RCV, EST),
		[TCP_TIMEOUT] = END,
	},
	[TCP_V6_FIN_V4_FIN_RCV] = {
		[TCP_V6_SYN] = STAY(V6_FIN_V4_FIN_RCV),
		[TCP_V6_FIN] = STAY(V6_FIN_V4_FIN_RCV),
		[TCP_V6_RST] = STAY(V6_FIN_V4_FIN_RCV),
		[TCP_V6_OTHER] = STAY(V6_FIN_V4_FIN_RCV),
		[TCP_V4_SYN] = STAY(V6_FIN_V4_FIN_RCV),
		[TCP_V4_FIN] = STAY(V6_FIN_V4_FIN_RCV),
		[TCP_V4_RST] = STAY(V6_FIN_V4_FIN_RCV),
		[TCP_V4_OTHER] = STAY(V6_FIN_V4_FIN_RCV),
		[TCP_TIMEOUT] = END,
	},
	[TCP_TRANS] = {
		[TCP_V6_SYN] = GO(ESTABLISHED, EST),
		[TCP_V6_FIN] = GO(ESTABLISHED, EST),
		[TCP_V6_RST] = STAY(TRANS),
		[TCP_V6_OTHER] = GO(ESTABLISHED, EST),
		[TCP_V4_SYN] = GO(ESTABLISHED, EST),
		[TCP_V4_FIN] = GO(ESTABLISHED, EST),
		[TCP_V4_RST] = STAY(TRANS),
		[TCP_V4_OTHER] = GO(ESTABLISHED, EST),
		[TCP_TIMEOUT] = END,
	},
};
// clang-format on

const char *const tcp_state_name[TCP_STATE__N] = {
	[TCP_CLOSED] = "CLOSED",
	[TCP_V4_INIT] = "V4_INIT",
	[TCP_V6_INIT] = "V6_INIT",
	[TCP_ESTABLISHED] = "ESTABLISHED",
	[TCP_V4_FIN_RCV] = "V4_FIN_RCV",
	[TCP_V6_FIN_RCV] = "V6_FIN_RCV",
	[TCP_V6_FIN_V4_FIN_RCV] = "V6_FIN_V4_FIN_RCV",
	[TCP_TRANS] = "TRANS",
};

enum tcp_event
tcp_event_of(uint8_t tcp_flags, bool from6)
{
	if (tcp_flags & RTE_TCP_RST_FLAG)
		return from6 ? TCP_V6_RST : TCP_V4_RST;
	if (tcp_flags & RTE_TCP_SYN_FLAG)
		return from6 ? TCP_V6_SYN : TCP_V4_SYN;
	if (tcp_flags & RTE_TCP_FIN_FLAG)
		return from6 ? TCP_V6_FIN : TCP_V4_FIN;
	return from6 ? TCP_V6_OTHER : TCP_V4_OTHER;
}

#define CONTROL_FLAGS \
	(RTE_TCP_FIN_FLAG | RTE_TCP_SYN_FLAG | RTE_TCP_RST_FLAG | RTE_TCP_PSH_FLAG | \
		RTE_TCP_ACK_FLAG | RTE_TCP_URG_FLAG)

bool
tcp_flags_bad(uint8_t tcp_flags)
{
	bool syn = tcp_flags & RTE_TCP_SYN_FLAG;
	bool fin = tcp_flags & RTE_TCP_FIN_FLAG;

	if (!(tcp_flags & CONTROL_FLAGS))
		return true;
	if (syn && (tcp_flags & (RTE_TCP_FIN_FLAG | RTE_TCP_RST_FLAG)))
		return true;
	return fin && !(tcp_flags & RTE_TCP_ACK_FLAG);
}
