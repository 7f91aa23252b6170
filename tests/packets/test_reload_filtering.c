// SPDX-License-Identifier: BSD-3-Clause
// Who may come in, over a reload.
#include "reloading.h"

#define POOL(lines) \
	"  pool4: [{address: 5.6.7.64, ports: 1-65535}]\n" lines \
	"  max_sessions: 1024\n  max_bib: 512\n"

static const char *const workers[] = {"0", "0, 1, 2"};

static const struct step flow[] = {
	{"N64-FILT-04 out", LAN, {UDP6("C", 40000, "@8.8.8.8", 53)}, WAN,
		{UDP4("T", A_PORT(0), "8.8.8.8", 53)}},
	{"N64-FILT-04 back", WAN, {UDP4("8.8.8.8", 53, "T", A_PORT(0))}, LAN,
		{UDP6("@8.8.8.8", 53, "C", 40000)}},
};
static const struct step known[] = {
	{"N64-FILT-04 known", WAN, {UDP4("8.8.8.8", 99, "T", A_PORT(0))}, LAN,
		{UDP6("@8.8.8.8", 99, "C", 40000)}},
};
static const struct step let_in[] = {
	{"N64-FILT-05 a stranger", WAN, {UDP4("8.8.4.4", 99, "T", A_PORT(0))}, LAN,
		{UDP6("@8.8.4.4", 99, "C", 40000)}},
};
static const struct step kept_out[] = {
	{"N64-FILT-04 a stranger", WAN, {UDP4("8.8.4.4", 99, "T", A_PORT(0))}, NOWHERE, {0},
		DROPS(FILTERED)},
};

static void
n64_filt_04_reload_opens_and_closes(void **state)
{
	for (unsigned int i = 0; i < RTE_DIM(workers); i++) {
		struct reloading t = {.workers = workers[i]};

		reloading_start(*state, &t);
		env_run(flow, RTE_DIM(flow));
		env_run(kept_out, RTE_DIM(kept_out));
		t.nat64 = POOL("  filtering: endpoint\n");
		assert_int_equal(reload_to(&t, "nat64.port_hold\nnat64.filtering\n"), 0);
		env_run(let_in, RTE_DIM(let_in));
		env_run(known, RTE_DIM(known));
		assert_int_equal(env_sessions(), 3);
		t.nat64 = NULL;
		assert_int_equal(reload_to(&t, "nat64.port_hold\nnat64.filtering\n"), 1);
		assert_int_equal(env_sessions(), 2);
		env_run(kept_out, RTE_DIM(kept_out));
		env_run(known, RTE_DIM(known));
		env_run(flow, RTE_DIM(flow)); // by the same port
		t.nat64 = POOL("  filtering: address_port\n  max_inbound: 7\n");
		assert_int_equal(reload_to(&t, "nat64.filtering\nnat64.max_inbound\n"), 1);
		env_run(flow, RTE_DIM(flow));
		assert_int_equal(env_sessions(), 1);
		env_stop();
	}
}

// N64-TCP-C5, N64-TCP-07: with an error at the end as long as the file says so.
static void
n64_tcp_c5_reload_lets_syns_wait(void **state)
{
	const struct spec syn = {TCP4("8.8.4.4", 99, "T", 1000), .tcp_flags = 2};
	struct reloading t = {.workers = "0, 1"};

	reloading_start(*state, &t);
	env_send(WAN, &syn);
	assert_int_equal(env_drops(DROP_TCP_NO_SESSION), 1);
	t.nat64 = POOL("  tcp_incoming: wait\n");
	reload_to(&t, "nat64.tcp_incoming\n");
	env_send(WAN, &syn);
	assert_int_equal(env_drops(DROP_TCP_NO_SESSION), 1);
	fixture_turn(&env.f, 7000);
	assert_true(env_take(WAN));
	assert_int_equal(env.last[20], 3); // port unreachable
	assert_int_equal(env.last[21], 3);
	env_send(WAN, &syn);
	t.nat64 = NULL;
	reload_to(&t, "nat64.tcp_incoming\n");
	fixture_turn(&env.f, 7000);
	env_expect_none("silently");
	assert_int_equal(env_drops(DROP_SYN_TIMEOUT), 2);
	env_send(WAN, &syn);
	assert_int_equal(env_drops(DROP_TCP_NO_SESSION), 2);
	env_stop();
}

ENV_MAIN(
	WITH_BOTH(n64_filt_04_reload_opens_and_closes), WITH_BOTH(n64_tcp_c5_reload_lets_syns_wait))
