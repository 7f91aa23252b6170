// SPDX-License-Identifier: BSD-3-Clause
// TCP connections that both sides open, and those from outside that wait for the client (RFC 5382
// REQ-2, REQ-4).
#include "env.h"

#define WAIT    ENV_POOL "  tcp_incoming: wait\n"
#define SYN_ACK (TCP_SYN | TCP_ACK)

#define OUT6(f) \
	{ \
		TCP6("C", 40000, "@9.9.9.9", 7), .tcp_flags = f \
	}
#define OUT4(f) \
	{ \
		TCP4("T", A_PORT(0), "9.9.9.9", 7), .tcp_flags = f \
	}
#define IN4(f) \
	{ \
		TCP4("9.9.9.9", 7, "T", A_PORT(0)), .tcp_flags = f \
	}
#define IN6(f) \
	{ \
		TCP6("@9.9.9.9", 7, "C", 40000), .tcp_flags = f \
	}

// A binding to which the other side's SYN can come.
#define BINDING \
	{ \
		"binding", LAN, {TCP6("C", 40000, "@8.8.8.8", 80)}, WAN, \
		{ \
			TCP4("T", A_PORT(0), "8.8.8.8", 80) \
		} \
	}

static const struct step ours_first[] = {
	{"N64-TCP-08 our SYN", LAN, OUT6(TCP_SYN), WAN, OUT4(TCP_SYN)},
	{"N64-TCP-08 theirs", WAN, IN4(TCP_SYN), LAN, IN6(TCP_SYN)},
	{"their SYN+ACK", WAN, IN4(SYN_ACK), LAN, IN6(SYN_ACK)},
	{"our SYN+ACK", LAN, OUT6(SYN_ACK), WAN, OUT4(SYN_ACK)},
	{"established", WAN, IN4(TCP_ACK), LAN, IN6(TCP_ACK), .wait_ms = 7000000},
};

static const struct step theirs_first[] = {
	BINDING,
	{"N64-TCP-C6 N64-TCP-08 their SYN waits", WAN, IN4(TCP_SYN), NOWHERE},
	{"N64-TCP-16 again", WAN, IN4(TCP_SYN), NOWHERE, DROPS(SYN_WAITING), .wait_ms = 3000},
	{"N64-TCP-D4", WAN, IN4(TCP_ACK), NOWHERE, DROPS(TCP_NO_SESSION)},
	{"N64-TCP-D1 ours", LAN, OUT6(TCP_SYN), WAN, OUT4(TCP_SYN), DROPS(SYN_WAITING),
		.wait_ms = 2000},
	{"N64-TCP-08 theirs again", WAN, IN4(TCP_SYN), LAN, IN6(TCP_SYN)},
	{"our SYN+ACK", LAN, OUT6(SYN_ACK), WAN, OUT4(SYN_ACK)},
	{"N64-TCP-07 nothing more comes", WAN, IN4(TCP_ACK), LAN, IN6(TCP_ACK), .wait_ms = 10000},
	{"established", WAN, IN4(TCP_ACK), LAN, IN6(TCP_ACK), .wait_ms = 7000000},
};

static void
n64_tcp_08_both_open(void **state)
{
	RUN_ALL(WAIT, ours_first);
	RUN_ALL(WAIT "  filtering: address_port\n", theirs_first);
	RUN_ALL(WAIT, theirs_first);
}

// N64-TCP-07, N64-TCP-D2: nothing before 6 s, then port unreachable, about the SYN as it came.
static void
n64_tcp_07_told_after_6_s(void **state)
{
	static const struct spec syn = {TCP4("9.9.9.9", 7, "T", 4000), .payload = 3};
	const struct spec told = {ERR4("GW4", "9.9.9.9", 3, 3), .ttl = 64, .tos = 0xc0, .df = true,
		QUOTE(TCP4("9.9.9.9", 7, "T", 4000), .payload = 3, .ttl = 64)};

	for (unsigned int i = 0; i < 2; i++) {
		const struct env_setup setup = {
			.nat64 = i ? WAIT "  timeouts: {tcp_syn: 20}\n" : WAIT, .workers = "0, 1"};

		env_start(*state, &setup);
		env_send(WAN, &syn);
		env_expect_none("N64-TCP-C5");
		fixture_turn(&env.f, i ? 19900 : 5900);
		env_expect_none("N64-TCP-07 too early");
		fixture_turn(&env.f, 1200);
		env_expect("N64-TCP-D2", WAN, &told);
		env_expect_none("once");
		assert_int_equal(env_drops(DROP_SYN_TIMEOUT), 1);
		assert_int_equal(env_sessions() + env_bibs(), 0);
		env_stop();
	}
}

// N64-TCP-07: silent when policy says so.
static void
n64_tcp_07_silent(void **state)
{
	static const struct spec syn = {TCP4("9.9.9.9", 7, "T", 4000)};
	static const struct env_setup setup = {
		.nat64 = "  pool4: [{address: 5.6.7.64, ports: 1-65535}]\n"
			 "  tcp_incoming: wait_silent\n"};

	env_start(*state, &setup);
	env_send(WAN, &syn);
	fixture_turn(&env.f, 8000);
	env_expect_none("N64-TCP-07");
	assert_int_equal(env_drops(DROP_SYN_TIMEOUT), 1);
	env_stop();
}

// N64-TCP-09: the binding that the client makes is the one that the SYN came to, on one worker.
static void
n64_tcp_09_same_port(void **state)
{
	static const struct env_setup setup = {.nat64 = WAIT};
	static const struct step steps[] = {
		{"N64-TCP-C5", WAN, {TCP4("9.9.9.9", 7, "T", 4321)}, NOWHERE},
		{"N64-TCP-09", LAN, OUT6(TCP_SYN), WAN, {TCP4("T", 4321, "9.9.9.9", 7)},
			DROPS(SYN_WAITING)},
		{"theirs again", WAN, {TCP4("9.9.9.9", 7, "T", 4321)}, LAN, IN6(TCP_SYN)},
	};

	for (unsigned int i = 0; i < env_n_prefixes; i++) {
		env_start(env_prefixes[i], &setup);
		env_run(steps, RTE_DIM(steps));
		env_stop();
	}
}

// N64-TCP-10, N64-DOS-01: a flood takes no more than it may, and the buffers come back at the end.
static void
n64_tcp_10_flood(void **state)
{
	static const struct env_setup setup = {
		.nat64 = WAIT "  max_stored_syns: 10\n", .workers = "0, 1"};

	env_start(*state, &setup);
	for (uint16_t i = 0; i < 500; i++) {
		const struct spec syn = {TCP4("9.9.9.9", i + 1, "T", i + 1)};

		env_send(WAN, &syn);
	}
	env_expect_none("nothing");
	assert_int_equal(env_drops(DROP_SYN_LIMIT), 490);
	assert_int_equal(env_sessions() + env_bibs(), 0);
	env_stop(); // with ten that wait still
}

// Many that waited in vain hold no packet up: a turn answers some of them.
static void
due_together(void **state)
{
	static const struct env_setup setup = {.nat64 = WAIT};
	static const unsigned int dropped[] = {16, 32, 40, 40};
	struct worker *w;

	env_start(*state, &setup);
	for (uint16_t i = 0; i < 40; i++) {
		const struct spec syn = {TCP4("9.9.9.9", i + 1, "T", i + 1)};

		env_send(WAN, &syn);
	}
	assert_int_equal(env_drops(DROP_SYN_TIMEOUT), 0);
	w = env.f.gw.worker[0];
	worker_set_time(w, env.f.now_ns += UINT64_C(8000000000));
	for (unsigned int i = 0; i < RTE_DIM(dropped); i++) {
		worker_turn(w, 0);
		assert_int_equal(env_drops(DROP_SYN_TIMEOUT), dropped[i]);
	}
	env_stop();
}

// Our own address: ports that are not the pool's are not waited for, nor is what is no SYN.
static void
what_does_not_wait(void **state)
{
	static const struct env_setup setup = {
		.nat64 = "  tcp_incoming: wait\n  static: [{protocols: [tcp], ports: 80, client: "
			 "'2001:db8:1::10', allow: [1.0.0.0/8]}]\n"};
	static const struct step steps[] = {
		{"our own", WAN, {TCP4("9.9.9.9", 7, "GW4", 22)}, NOWHERE, DROPS(LOCAL_PROTO)},
		{"a port of the pool", WAN, {TCP4("9.9.9.9", 7, "GW4", 2222)}, NOWHERE},
		{"no SYN", WAN, {TCP4("9.9.9.9", 8, "GW4", 2222), .tcp_flags = TCP_ACK}, NOWHERE,
			DROPS(TCP_NO_SESSION)},
		{"a rule says no", WAN, {TCP4("9.9.9.9", 7, "GW4", 80)}, NOWHERE, DROPS(FILTERED)},
		{"UDP", WAN, {UDP4("9.9.9.9", 7, "GW4", 2222)}, NOWHERE, DROPS(NO_SESSION4)},
	};

	env_start(*state, &setup);
	env_run(steps, RTE_DIM(steps));
	env_stop();
}

// What a limit refuses does not wait either.
static void
limits_do_not_wait(void **state)
{
	static const struct env_setup setup = {
		.nat64 = WAIT "  filtering: endpoint\n  max_inbound: 1\n"};
	static const struct step steps[] = {
		BINDING,
		{"the first", WAN, IN4(TCP_SYN), LAN, IN6(TCP_SYN)},
		{"N64-DOS-03", WAN, {TCP4("9.9.9.8", 7, "T", A_PORT(0))}, NOWHERE,
			DROPS(INBOUND_LIMIT)},
	};

	env_start(*state, &setup);
	env_run(steps, RTE_DIM(steps));
	env_stop();
}

ENV_MAIN(cmocka_unit_test(n64_tcp_08_both_open), WITH_BOTH(n64_tcp_07_told_after_6_s),
	WITH_BOTH(n64_tcp_07_silent), cmocka_unit_test(n64_tcp_09_same_port),
	WITH_BOTH(n64_tcp_10_flood), WITH_BOTH(due_together), WITH_BOTH(what_does_not_wait),
	WITH_BOTH(limits_do_not_wait))
