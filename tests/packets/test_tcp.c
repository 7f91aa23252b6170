// SPDX-License-Identifier: BSD-3-Clause
// TCP through the whole pipeline (RFC 6146 §3.5.2).
#include "env.h"

#define OUT(f) \
	{ \
		TCP6("C", 41000, "@1.2.3.4", 80), .tcp_flags = f \
	}
#define OUT4(f) \
	{ \
		TCP4("T", A_PORT(0), "1.2.3.4", 80), .tcp_flags = f \
	}
#define IN(f) \
	{ \
		TCP4("1.2.3.4", 80, "T", A_PORT(0)), .tcp_flags = f \
	}
#define IN6(f) \
	{ \
		TCP6("@1.2.3.4", 80, "C", 41000), .tcp_flags = f \
	}

#define FROM6(id, f) \
	{ \
		id, LAN, OUT(f), WAN, OUT4(f) \
	}
#define FROM4(id, f) \
	{ \
		id, WAN, IN(f), LAN, IN6(f) \
	}

static const struct step connection[] = {
	FROM6("N64-TCP-C1", TCP_SYN),
	FROM6("N64-TCP-E2", TCP_SYN),
	FROM4("N64-TCP-E1", TCP_SYN | TCP_ACK),
	FROM6("N64-TCP-F4 ack", TCP_ACK),
	{"N64-TCP-F4 data out", LAN,
		{TCP6("C", 41000, "@1.2.3.4", 80), .tcp_flags = TCP_ACK | TCP_PSH, .payload = 1440},
		WAN,
		{TCP4("T", A_PORT(0), "1.2.3.4", 80), .tcp_flags = TCP_ACK | TCP_PSH,
			.payload = 1440, .df = true}},
	{"N64-TCP-F4 data in", WAN,
		{TCP4("1.2.3.4", 80, "T", A_PORT(0)), .tcp_flags = TCP_ACK, .payload = 1440,
			.df = true},
		LAN, {TCP6("@1.2.3.4", 80, "C", 41000), .tcp_flags = TCP_ACK, .payload = 1440}},
	FROM6("N64-TCP-F2", TCP_FIN | TCP_ACK),
	FROM4("N64-TCP-H2", TCP_ACK),
	FROM4("N64-TCP-H1", TCP_FIN | TCP_ACK),
	FROM6("N64-TCP-I1", TCP_ACK),
};

static void
n64_tcp_connection(void **state)
{
	RUN(connection);
}

static const struct step refused[] = {
	FROM6("N64-TCP-C1", TCP_SYN),
	FROM4("N64-TCP-E3 RST in V6 INIT", TCP_RST | TCP_ACK),
	FROM6("N64-TCP-E2 once more", TCP_SYN),
	FROM4("N64-TCP-E1 simultaneous open", TCP_SYN),
	FROM4("N64-TCP-F3 RST from outside", TCP_RST),
	FROM6("N64-TCP-J1", TCP_ACK),
	FROM6("N64-TCP-F3 RST from inside", TCP_RST),
	FROM4("N64-TCP-J2", TCP_RST),
	FROM4("N64-TCP-J1 data again", TCP_ACK),
};

static void
n64_tcp_reset(void **state)
{
	RUN(refused);
}

#define NOT6(id, f, why) \
	{ \
		id, LAN, OUT(f), NOWHERE, DROPS(why) \
	}
#define NOT4(id, src, sp, dp, f, why) \
	{ \
		id, WAN, {TCP4(src, sp, "T", dp), .tcp_flags = f}, NOWHERE, DROPS(why) \
	}

static const struct step unsolicited[] = {
	NOT4("N64-TCP-C4", "1.2.3.4", 80, 2000, TCP_SYN, TCP_NO_SESSION),
	NOT4("N64-TCP-C9 from outside", "1.2.3.4", 80, 2000, TCP_ACK, TCP_NO_SESSION),
	NOT6("N64-TCP-C9 N64-TCP-15 ack", TCP_ACK, TCP_NO_SESSION),
	NOT6("N64-TCP-C9 syn-ack", TCP_RST | TCP_ACK, TCP_NO_SESSION),
	NOT6("N64-TCP-C9 fin", TCP_FIN | TCP_ACK, TCP_NO_SESSION),
	NOT6("N64-TCP-14 SYN+FIN", TCP_SYN | TCP_FIN, TCP_FLAGS),
	NOT6("N64-TCP-14 SYN+RST", TCP_SYN | TCP_RST, TCP_FLAGS),
	NOT6("N64-TCP-14 none", 0x40, TCP_FLAGS),
	FROM6("N64-TCP-C1", TCP_SYN),
	NOT4("N64-FILT-03 another host", "1.2.3.5", 80, A_PORT(0), TCP_SYN, FILTERED),
	NOT4("N64-FILT-03 another port", "1.2.3.4", 81, A_PORT(0), TCP_SYN | TCP_ACK,
		TCP_NO_SESSION),
	NOT4("N64-BIB-04", "1.2.3.4", 80, 40000, TCP_SYN | TCP_ACK, TCP_NO_SESSION),
	{"N64-TCP-C8 no session without SYN", LAN,
		{TCP6("C", 41000, "@9.9.9.9", 80), .tcp_flags = TCP_ACK}, NOWHERE,
		DROPS(TCP_NO_SESSION)},
	{"N64-TCP-C2", LAN, {TCP6("C", 41000, "@9.9.9.9", 80)}, WAN,
		{TCP4("T", A_PORT(0), "9.9.9.9", 80)}},
};

static void
n64_tcp_unsolicited(void **state)
{
	RUN(unsolicited);
}

// Lifetimes as they are seen from outside. The neighbours are told again after each wait, so that
// only the session decides.
static void
step_after(uint32_t wait_ms, const struct step *s)
{
	fixture_turn(&env.f, wait_ms);
	fixture_neighbor(&env.f, LAN, "2001:db8:1::10", env_mac_client);
	fixture_neighbor(&env.f, WAN, "5.6.7.1", env_mac_router);
	env_run(s, 1);
}

static void
n64_tcp_03_a_reset_leaves_four_minutes(void **state)
{
	static const struct step open[] = {
		FROM6("open", TCP_SYN), FROM4("", TCP_SYN | TCP_ACK), FROM6("", TCP_RST)};
	static const struct step alive = FROM4("N64-TCP-J2 at 239 s", TCP_RST);
	static const struct step gone =
		NOT4("N64-TCP-J3", "1.2.3.4", 80, A_PORT(0), TCP_RST, TCP_NO_SESSION);

	env_start(*state, NULL);
	env_run(open, RTE_DIM(open));
	step_after(239000, &alive);
	step_after(6000, &gone); // J2 did not restart it
	assert_int_equal(env_sessions(), 0);
	env_stop();
}

static void
n64_tcp_02_half_closed_lives_on(void **state)
{
	static const struct step open[] = {FROM6("open", TCP_SYN), FROM4("", TCP_SYN | TCP_ACK),
		FROM6("", TCP_FIN | TCP_ACK), FROM4("", TCP_ACK)};
	static const struct step alive = FROM4("N64-TCP-H2 at 7199 s", TCP_ACK);
	static const struct step gone =
		NOT4("N64-TCP-H3", "1.2.3.4", 80, A_PORT(0), TCP_ACK, TCP_NO_SESSION);

	env_start(*state, NULL);
	env_run(open, RTE_DIM(open));
	step_after(7199000, &alive);
	step_after(7206000, &gone);
	env_stop();
}

static void
n64_tcp_e4_opening_lives_four_minutes(void **state)
{
	static const struct step open = FROM6("N64-TCP-C1", TCP_SYN);
	static const struct step alive = FROM4("N64-TCP-E3 at 239 s", TCP_ACK);
	static const struct step gone =
		NOT4("N64-TCP-E4", "1.2.3.4", 80, A_PORT(0), TCP_SYN | TCP_ACK, TCP_NO_SESSION);

	env_start(*state, NULL);
	env_run(&open, 1);
	step_after(239000, &alive);
	step_after(6000, &gone);
	assert_int_equal(env_bibs(), 0);
	env_stop();
}

ENV_MAIN(cmocka_unit_test(n64_tcp_connection), cmocka_unit_test(n64_tcp_reset),
	cmocka_unit_test(n64_tcp_unsolicited), WITH_BOTH(n64_tcp_03_a_reset_leaves_four_minutes),
	WITH_BOTH(n64_tcp_02_half_closed_lives_on),
	WITH_BOTH(n64_tcp_e4_opening_lives_four_minutes))
