// SPDX-License-Identifier: BSD-3-Clause
// Rows about ICMP errors of one UDP session: from the router 9.9.9.1, to which C never sent
// (ERR-24), about what C sent; and from C about what came for it.
#ifndef TESTS_PACKETS_ICMP_ROWS_H
#define TESTS_PACKETS_ICMP_ROWS_H

#include "env.h"

// The packets that the errors are about, as the sender of the error saw them.
#define SENT4(n) UDP4("T", A_PORT(0), "8.8.8.8", 53), .payload = n
#define SENT6(n) UDP6("C", 40000, "@8.8.8.8", 53), .payload = n
#define CAME4(n) UDP4("8.8.8.8", 53, "T", A_PORT(0)), .payload = n
#define CAME6(n) UDP6("@8.8.8.8", 53, "C", 40000), .payload = n

// The quote has 8 bytes behind its header, as most routers cut it.
#define V4(id, t4, c4, word4, t6, c6, word6) \
	{ \
		id, WAN, \
			{ERR4("9.9.9.1", "T", t4, c4), .word = word4, QUOTE(SENT4(4)), \
				.quote_l4 = 8}, \
			LAN, \
		{ \
			ERR6("@9.9.9.1", "C", t6, c6), .word = word6, QUOTE(SENT6(4)), \
						       .quote_l4 = 8 \
		} \
	}
#define V4_NOT(id, t4, c4, word4, why) \
	{ \
		id, WAN, {ERR4("9.9.9.1", "T", t4, c4), .word = word4, QUOTE(SENT4(4))}, NOWHERE, \
			DROPS(why) \
	}
#define V6(id, ...) V6_FROM(id, "C", __VA_ARGS__)
#define V6_FROM(id, from, t6, c6, word6, t4, c4, word4) \
	{ \
		id, LAN, {ERR6(from, "@8.8.8.8", t6, c6), .word = word6, QUOTE(CAME6(9))}, WAN, \
		{ \
			ERR4("T", "8.8.8.8", t4, c4), .word = word4, QUOTE(CAME4(9)) \
		} \
	}
#define V6_NOT(id, t6, c6, word6, why) \
	{ \
		id, LAN, {ERR6("C", "@8.8.8.8", t6, c6), .word = word6, QUOTE(CAME6(9))}, NOWHERE, \
			DROPS(why) \
	}

// The quoted packet has its whole length in its header though little of it is there.
#define NEEDED(id, mtu, len, ptb) \
	{ \
		id, WAN, \
			{ERR4("9.9.9.1", "T", 3, 4), .word = mtu, \
				QUOTE(SENT4((len)-28), .df = true), .quote_l4 = 8}, \
			LAN, \
		{ \
			ERR6("@9.9.9.1", "C", 2, 0), .word = ptb, QUOTE(SENT6((len)-28)), \
						     .quote_l4 = 8 \
		} \
	}
#define NEEDED_NOT(id, mtu, len) \
	{ \
		id, WAN, \
			{ERR4("9.9.9.1", "T", 3, 4), .word = mtu, QUOTE(SENT4((len)-28)), \
				.quote_l4 = 8}, \
			NOWHERE, DROPS(ICMP_MTU) \
	}
#define TOO_BIG(id, mtu, len, m4) \
	{ \
		id, LAN, \
			{ERR6("C", "@8.8.8.8", 2, 0), .word = mtu, QUOTE(CAME6((len)-48)), \
				.quote_l4 = 100}, \
			WAN, \
		{ \
			ERR4("T", "8.8.8.8", 3, 4), \
				.word = m4, QUOTE(CAME4((len)-48), .df = true), .quote_l4 = 100 \
		} \
	}
#define TOO_BIG_NOT(id, mtu) \
	{ \
		id, LAN, {ERR6("C", "@8.8.8.8", 2, 0), .word = mtu, QUOTE(CAME6(9))}, NOWHERE, \
			DROPS(ICMP_MTU) \
	}

// Runs them behind the packet that opens the session, for each prefix; they make, extend and end no
// state (ERR-23).
void icmp_rows_run(const struct step *rows, unsigned int n, const struct env_setup *setup);
#define ICMP_ROWS(rows) icmp_rows_run(rows, sizeof(rows) / sizeof(*(rows)), NULL)

#endif
