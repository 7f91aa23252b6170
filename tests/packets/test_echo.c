// SPDX-License-Identifier: BSD-3-Clause
// ICMP echo through the whole pipeline (RFC 6146 §3.5.3).
#include "env.h"

static const struct step session[] = {
	{"N64-ICMP-01 I64-01", LAN, {PING6("C", "@8.8.8.8", 0x1111), .seq = 1, .payload = 56}, WAN,
		{PING4("T", "8.8.8.8", A_PORT(0)), .seq = 1, .payload = 56}},
	{"I46-02", WAN, {PONG4("8.8.8.8", "T", A_PORT(0)), .seq = 1, .payload = 56}, LAN,
		{PONG6("@8.8.8.8", "C", 0x1111), .seq = 1, .payload = 56}},
	{"odd length", LAN, {PING6("C", "@8.8.8.8", 0x1111), .seq = 2, .payload = 1}, WAN,
		{PING4("T", "8.8.8.8", A_PORT(0)), .seq = 2, .payload = 1}},
	{"no payload", WAN, {PONG4("8.8.8.8", "T", A_PORT(0)), .seq = 2}, LAN,
		{PONG6("@8.8.8.8", "C", 0x1111), .seq = 2}},
	{"large", LAN, {PING6("C", "@8.8.8.8", 0x1111), .seq = 3, .payload = 1452}, WAN,
		{PING4("T", "8.8.8.8", A_PORT(0)), .seq = 3, .payload = 1452, .df = true}},
	{"I46-01 to the same remote", WAN, {PING4("8.8.8.8", "T", A_PORT(0)), .seq = 9}, LAN,
		{PING6("@8.8.8.8", "C", 0x1111), .seq = 9}},
	{"I64-02", LAN, {PONG6("C", "@8.8.8.8", 0x1111), .seq = 9}, WAN,
		{PONG4("T", "8.8.8.8", A_PORT(0)), .seq = 9}},
	{"N64-BIB-03 another remote, one identifier", LAN, {PING6("C", "@8.8.4.4", 0x1111)}, WAN,
		{PING4("T", "8.8.4.4", A_PORT(0))}},
	{"another identifier, another binding", LAN, {PING6("C", "@8.8.4.4", 0x1112)}, WAN,
		{PING4("T", "8.8.4.4", A_PORT(1))}},
	{"N64-ICMP-03", WAN, {PONG4("8.8.9.9", "T", A_PORT(0))}, NOWHERE, DROPS(FILTERED)},
	{"N64-ICMP-04", WAN, {PING4("8.8.9.9", "T", A_PORT(0))}, NOWHERE, DROPS(FILTERED)},
	{"identifier 0", LAN, {PING6("C", "@8.8.8.8", 0)}, WAN, {PING4("T", "8.8.8.8", A_PORT(2))}},
	{"identifier 0 back", WAN, {PONG4("8.8.8.8", "T", A_PORT(2))}, LAN,
		{PONG6("@8.8.8.8", "C", 0)}},
};

static void
n64_icmp_session(void **state)
{
	RUN(session);
}

// N64-TUP-04: what is no echo never makes state.
static const struct step others[] = {
	{"I64-03 MLD query", LAN, {ERR6("C", "@8.8.8.8", 130, 0)}, NOWHERE, DROPS(ICMP_TYPE)},
	{"I64-03 MLD report", LAN, {ERR6("C", "@8.8.8.8", 143, 0)}, NOWHERE, DROPS(ICMP_TYPE)},
	{"I64-04 RS", LAN, {ERR6("C", "@8.8.8.8", 133, 0)}, NOWHERE, DROPS(ICMP_TYPE)},
	{"I64-04 NS", LAN, {ERR6("C", "@8.8.8.8", 135, 0), .payload = 16}, NOWHERE,
		DROPS(ICMP_TYPE)},
	{"I64-05", LAN, {ERR6("C", "@8.8.8.8", 139, 0)}, NOWHERE, DROPS(ICMP_TYPE)},
	{"echo with a code", LAN, {ERR6("C", "@8.8.8.8", 128, 1)}, NOWHERE, DROPS(ICMP_TYPE)},
	{"I46-03", WAN, {ERR4("8.8.8.8", "T", 13, 0), .payload = 12}, NOWHERE, DROPS(NO_SESSION4)},
	{"I46-04", WAN, {ERR4("8.8.8.8", "T", 9, 0), .payload = 12}, NOWHERE, DROPS(NO_SESSION4)},
	{"I46-05", WAN, {ERR4("8.8.8.8", "T", 99, 0), .payload = 12}, NOWHERE, DROPS(NO_SESSION4)},
};

static void
n64_tup_04_other_queries(void **state)
{
	RUN(others);
	env_start("64:ff9b::/96", NULL);
	env_run(others, RTE_DIM(others));
	assert_int_equal(env_sessions(), 0);
	assert_int_equal(env_bibs(), 0);
	env_stop();
}

static void
n64_icmp_02_lifetime(void **state)
{
	static const struct step ping = {
		"", LAN, {PING6("C", "@8.8.8.8", 7)}, WAN, {PING4("T", "8.8.8.8", A_PORT(0))}};
	static const struct step alive = {"N64-ICMP-02", WAN, {PONG4("8.8.8.8", "T", A_PORT(0))},
		LAN, {PONG6("@8.8.8.8", "C", 7)}, .wait_ms = 59000};
	static const struct step gone = {"N64-ICMP-02", WAN, {PONG4("8.8.8.8", "T", A_PORT(0))},
		NOWHERE, DROPS(NO_SESSION4), .wait_ms = 65000};

	env_start(*state, NULL);
	env_run(&ping, 1);
	env_run(&alive, 1);
	env_run(&gone, 1);
	env_stop();
}

ENV_MAIN(cmocka_unit_test(n64_icmp_session), cmocka_unit_test(n64_tup_04_other_queries),
	WITH_BOTH(n64_icmp_02_lifetime))
