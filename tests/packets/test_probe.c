// SPDX-License-Identifier: BSD-3-Clause
// An established connection that goes idle is asked after two hours (N64-TCP-05).
#include "env.h"

#define SYN6 \
	{ \
		TCP6("C", 41000, "@1.2.3.4", 80) \
	}
#define SYN4 \
	{ \
		TCP4("T", A_PORT(0), "1.2.3.4", 80) \
	}
#define IN4(f) \
	{ \
		TCP4("1.2.3.4", 80, "T", A_PORT(0)), .tcp_flags = f \
	}
#define IN6(f) \
	{ \
		TCP6("@1.2.3.4", 80, "C", 41000), .tcp_flags = f \
	}

static const struct step open[] = {
	{"open", LAN, SYN6, WAN, SYN4},
	{"open", WAN, IN4(TCP_SYN | TCP_ACK), LAN, IN6(TCP_SYN | TCP_ACK)},
};

// The neighbours are confirmed again, so that only the session counts.
static void
wait_for(uint32_t ms)
{
	fixture_discard(&env.f);
	fixture_turn(&env.f, ms);
	fixture_neighbor(&env.f, LAN, "2001:db8:1::10", env_mac_client);
	fixture_neighbor(&env.f, WAN, "5.6.7.1", env_mac_router);
}

static void
expect_probe(void)
{
	struct spec want = IN6(TCP_ACK);
	uint8_t ip[64];
	uint16_t len = build_ip(ip, &want, 64); // N64-TCP-06: hop limit 64

	memset(ip + 44, 0, 8); // sequence 0, acknowledgement 0
	put16(ip + 54, 1024);
	put16(ip + 56, 0);
	put16(ip + 56,
		(uint16_t)~build_fold(build_sum(ip + 40, 20, build_pseudo(ip + 8, 32, 6, 20))));
	assert_true(env_take(LAN));
	assert_int_equal(env.last_len, len);
	assert_memory_equal(env.last, ip, len);
	env_expect_none("N64-TCP-05 one probe");
}

static void
start(const char *prefix)
{
	env_start(prefix, NULL);
	env_run(open, RTE_DIM(open));
	wait_for(7199000);
	env_expect_none("N64-TCP-F5 not yet");
	wait_for(6000);
	expect_probe();
	assert_int_equal(env_sessions(), 1);
}

static void
n64_tcp_05_silent_client(void **state)
{
	const struct step dead = {"N64-TCP-J3", WAN, IN4(TCP_ACK), NOWHERE, DROPS(TCP_NO_SESSION)};

	for (unsigned int i = 0; i < env_n_prefixes; i++) {
		start(env_prefixes[i]);
		wait_for(234000);
		assert_int_equal(env_sessions(), 1);
		wait_for(12000);
		env_expect_none("N64-TCP-06");
		env_run(&dead, 1);
		assert_int_equal(env_sessions(), 0);
		assert_int_equal(env_bibs(), 0);
		env_stop();
	}
}

static void
n64_tcp_j1_client_answers(void **state)
{
	const struct step answer = {"N64-TCP-J1", LAN,
		{TCP6("C", 41000, "@1.2.3.4", 80), .tcp_flags = TCP_ACK}, WAN,
		{TCP4("T", A_PORT(0), "1.2.3.4", 80), .tcp_flags = TCP_ACK}};
	const struct step alive = {"N64-TCP-F4", WAN, IN4(TCP_ACK), LAN, IN6(TCP_ACK)};

	start(*state);
	env_run(&answer, 1);
	wait_for(7199000);
	env_run(&alive, 1);
	wait_for(7206000);
	expect_probe(); // once more
	env_stop();
}

ENV_MAIN(cmocka_unit_test(n64_tcp_05_silent_client), WITH_BOTH(n64_tcp_j1_client_answers))
