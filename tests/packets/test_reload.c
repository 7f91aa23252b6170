// SPDX-License-Identifier: BSD-3-Clause
// A changed configuration while packets flow: what goes on, what ends, and nothing by half.
#include "reloading.h"

#include <stdio.h>
#include <stdlib.h>

// ---- packets

#define FLOW6 UDP6("C", 40000, "@8.8.8.8", 53)
#define FLOW4 UDP4("T", A_PORT(0), "8.8.8.8", 53)
#define BACK4 UDP4("8.8.8.8", 53, "T", A_PORT(0))
#define BACK6 UDP6("@8.8.8.8", 53, "C", 40000)

static const struct step flow[] = {
	{"out", LAN, {FLOW6}, WAN, {FLOW4}},
	{"back", WAN, {BACK4}, LAN, {BACK6}},
};

static const char *const workers[] = {"0", "0, 1, 2"};

static void
n64_reload_keeps_sessions(void **state)
{
	for (unsigned int i = 0; i < RTE_DIM(workers); i++) {
		struct reloading t = {.workers = workers[i]};

		reloading_start(*state, &t);
		env_run(flow, RTE_DIM(flow));
		reload_to(&t, "");
		t.nat64 = "  pool4: [{address: 5.6.7.64, ports: 1-65535}]\n"
			  "  max_sessions: 1024\n  max_bib: 512\n  lowest_ipv6_mtu: 1400\n"
			  "  icmp_error_rate: 7\n  wkp_allow: all\n  mss_clamp: 1000\n"
			  "  fragments: {timeout_sec: 5, max_kbytes: 512}\n";
		reload_to(&t, "nat64.wkp_allow\nnat64.lowest_ipv6_mtu\nnat64.mss_clamp\n"
			      "nat64.fragments.max_kbytes\nnat64.fragments.timeout_sec\n"
			      "nat64.icmp_error_rate\n");
		env_run(flow, RTE_DIM(flow)); // by the same port
		assert_int_equal(env_sessions(), 1);
		for (unsigned int w = 0; w < env.f.gw.n_worker; w++)
			assert_int_equal(
				env.f.gw.worker[w]->plan->config.nat64.lowest_ipv6_mtu, 1400);
		env_stop();
	}
}

// The next hop that a session has cached is no longer the right one.
static void
reload_moves_the_default_gateway(void **state)
{
	for (unsigned int i = 0; i < RTE_DIM(workers); i++) {
		struct reloading t = {.workers = workers[i]};
		uint8_t frame[128];

		reloading_start(*state, &t);
		env_run(flow, RTE_DIM(flow));
		t.gateway4 = "5.6.7.9";
		reload_to(&t, "ports[1].gateway4\n");
		fixture_discard(&env.f);
		env_send(LAN, &(struct spec){FLOW6});
		assert_true(fixture_take(&env.f, WAN, frame, sizeof(frame)) > 14);
		assert_memory_equal(frame, env_mac_client2, 6);
		t.gateway4 = NULL;
		t.extra = "routes: [{prefix: 8.8.0.0/16, via: 5.6.7.9}]\n";
		reload_to(&t, "ports[1].gateway4\nroutes\n");
		fixture_discard(&env.f);
		env_send(LAN, &(struct spec){FLOW6});
		assert_true(fixture_take(&env.f, WAN, frame, sizeof(frame)) > 14);
		assert_memory_equal(frame, env_mac_client2, 6);
		env_stop();
	}
}

static void
reload_changes_our_addresses(void **state)
{
	static const struct step before[] = {
		{"old", WAN, {PING4("5.6.7.1", "5.6.7.2", 1)}, WAN,
			{PONG4("5.6.7.2", "5.6.7.1", 1), .ttl = 64}},
		{"new", WAN, {PING4("5.6.7.1", "5.6.7.3", 1)}, NOWHERE, {0}, DROPS(NOT_FORWARDED)},
	};
	static const struct step after[] = {
		{"old", WAN, {PING4("5.6.7.1", "5.6.7.2", 1)}, NOWHERE, {0}, DROPS(NOT_FORWARDED)},
		{"new", WAN, {PING4("5.6.7.1", "5.6.7.3", 1)}, WAN,
			{PONG4("5.6.7.3", "5.6.7.1", 1), .ttl = 64}},
	};
	struct reloading t = {.workers = "0, 1"};
	uint8_t frame[256];
	bool announced = false;

	reloading_start(*state, &t);
	env_run(flow, RTE_DIM(flow));
	env_run(before, RTE_DIM(before));
	t.addresses = "5.6.7.3/24";
	reload_to(&t, "ports[1].addresses\n");
	fixture_turn(&env.f, 1);
	while (fixture_take(&env.f, WAN, frame, sizeof(frame))) // gratuitous ARP
		announced |= get16(frame + 12) == 0x0806 && frame[31] == 3 && frame[41] == 3;
	assert_true(announced);
	fixture_discard(&env.f);
	env_run(after, RTE_DIM(after));
	env_run(flow, RTE_DIM(flow));
	env_stop();
}

static void
reload_refuses_as_a_whole(void **state)
{
	struct reloading t = {.workers = "0, 1"};
	char *yaml;

	reloading_start(*state, &t);
	env_run(flow, RTE_DIM(flow));
	reload_refused("ports: [", ":1:");
	reload_refused("nonsense: 1\n", ":1:1: nonsense: ");
	t.workers = "0, 1, 3";
	t.gateway4 = "5.6.7.9"; // which could change
	yaml = reloading_yaml(&t);
	reload_refused(yaml, ": lcores.workers: needs a restart\n");
	free(yaml);
	t.workers = "0, 1";
	t.nat64 = "  pool4: [{address: 5.6.7.64, ports: 1-65535}]\n"
		  "  max_sessions: 2048\n  max_bib: 512\n";
	yaml = reloading_yaml(&t);
	reload_refused(yaml, ": nat64.max_sessions: needs a restart\n");
	free(yaml);
	env_run(flow, RTE_DIM(flow));
	env_stop();
}

#define POOL(lines) lines "  max_sessions: 1024\n  max_bib: 512\n"

static struct spec
tcp_of(uint8_t flags)
{
	return (struct spec){TCP6("C", 41000, "@8.8.8.8", 80), .tcp_flags = flags};
}

// The session on an address that went is reset: the client is asked for a sign of life, and what it
// answers is answered by a reset that it accepts. The other address's session notices nothing.
static void
n64_reload_ends_what_lost_its_address(void **state)
{
	static const struct step kept[] = {
		{"kept", LAN2, {UDP6("D", 40000, "@8.8.8.8", 53)}, WAN,
			{UDP4("5.6.7.65", A_PORT(1), "8.8.8.8", 53)}},
	};

	for (unsigned int i = 0; i < RTE_DIM(workers); i++) {
		struct reloading t = {.workers = workers[i]};
		const uint8_t *tcp;
		struct spec syn = tcp_of(2), ack = tcp_of(16);

		t.nat64 = POOL("  pool4: [{address: 5.6.7.64, ports: 1-65535, clients: "
			       "['2001:db8:1::/64']}, 5.6.7.65]\n");
		reloading_start(*state, &t);
		env_run(kept, RTE_DIM(kept));
		env_send(LAN, &syn);
		env_run(flow, RTE_DIM(flow));
		assert_int_equal(env_sessions(), 3);
		fixture_discard(&env.f);
		t.nat64 = POOL("  pool4: [5.6.7.65]\n");
		assert_int_equal(reload_to(&t, "nat64.pool4\n"), 2);
		assert_int_equal(env_sessions(), 1);
		assert_true(env_take(LAN)); // the probe
		assert_int_equal(env.last[40 + 13], 16);
		env_expect_none("no more than the probe");
		env_send(LAN, &ack);
		assert_true(env_take(LAN));
		tcp = env.last + 40;
		assert_int_equal(tcp[13], 4); // RST, by the acknowledgement number of what came
		assert_int_equal(get16(tcp), 80);
		assert_int_equal(get16(tcp + 2), 41000);
		assert_int_equal(env_drops(DROP_TCP_NO_SESSION), 1);
		assert_int_equal(fixture_stats(&env.f).tcp_probes, 1);
		assert_int_equal(fixture_stats(&env.f).tcp_resets, 1);
		assert_int_equal(fixture_stats(&env.f).reload_ended, 2);
		fixture_discard(&env.f);
		env_run(kept, RTE_DIM(kept));         // by the same port
		env_send(LAN, &(struct spec){FLOW6}); // another address, at once
		assert_true(env_take(WAN));
		assert_int_equal(env.last[15], 65);
		fixture_turn(&env.f, 61000);
		fixture_discard(&env.f);
		env_send(LAN, &ack); // by then it is one like any other
		env_expect_none("silence");
		env_stop();
	}
}

static void
n64_reload_ends_what_lost_its_prefix(void **state)
{
	static const struct step other[] = {
		{"other", LAN, {UDP6("C", 40000, "2001:db8:65::808:808", 53)}, WAN,
			{UDP4("T", A_PORT(0), "8.8.8.8", 53)}},
		{"back", WAN, {BACK4}, LAN, {UDP6("2001:db8:65::808:808", 53, "C", 40000)}},
	};
	struct reloading t = {
		.workers = "0, 1", .prefixes = "2001:db8:66::/96', '2001:db8:65::/96"};
	char two[64];

	reloading_start(*state, &t);
	env_run(other, RTE_DIM(other));
	snprintf(two, sizeof(two), "2001:db8:65::/96', '%s", (const char *)*state);
	t.prefixes = two;
	assert_int_equal(reload_to(&t, "nat64.prefixes\n"), 0);
	env_run(other, RTE_DIM(other)); // by the same port
	t.prefixes = *state;
	assert_int_equal(reload_to(&t, "nat64.prefixes\n"), 1);
	fixture_discard(&env.f);
	env_send(LAN, &other[0].send);
	assert_true(env_take(LAN)); // no route
	assert_int_equal(env.last[40], 1);
	memset(env.port, 0, sizeof(env.port));
	env_run(flow, RTE_DIM(flow));
	env_stop();
}

static void
n64_reload_sets_lifetimes_and_policy(void **state)
{
	struct reloading t = {.workers = "0, 1"};

	reloading_start(*state, &t);
	env_run(flow, RTE_DIM(flow));
	t.nat64 = POOL("  pool4: [{address: 5.6.7.64, ports: 1-65535}]\n"
		       "  timeouts: {udp: 120}\n  quota: {sessions: 16}\n");
	assert_int_equal(reload_to(&t, "nat64.quota.sessions\nnat64.timeouts.udp\n"), 0);
	fixture_turn(&env.f, 119000);
	assert_int_equal(env_sessions(), 1);
	fixture_turn(&env.f, 3000);
	assert_int_equal(env_sessions(), 0);
	env_stop();
}

// A pool that leaves a worker without a port: found out before anything is changed.
static void
n64_reload_fails_as_a_whole(void **state)
{
	struct reloading t = {.workers = "0, 1"};
	struct reload_report r;
	char *yaml;

	reloading_start(*state, &t);
	env_run(flow, RTE_DIM(flow));
	t.nat64 = POOL("  pool4: [{address: 5.6.7.64, ports: 1024-1087}]\n"
		       "  timeouts: {udp: 120}\n");
	yaml = reloading_yaml(&t);
	assert_int_equal(reload_text(yaml, &r), -ENOMEM);
	assert_non_null(strstr(r.problems, "no port for worker 1"));
	reload_report_free(&r);
	free(yaml);
	env_check();
	assert_int_equal(env.f.gw.worker[0]->plan->config.nat64.timeout[TIMEOUT_UDP], 300);
	env_run(flow, RTE_DIM(flow));
	env_stop();
}

ENV_MAIN(WITH_BOTH(n64_reload_keeps_sessions), WITH_BOTH(reload_moves_the_default_gateway),
	WITH_BOTH(reload_changes_our_addresses), WITH_BOTH(reload_refuses_as_a_whole),
	WITH_BOTH(n64_reload_ends_what_lost_its_address),
	WITH_BOTH(n64_reload_ends_what_lost_its_prefix),
	WITH_BOTH(n64_reload_sets_lifetimes_and_policy), WITH_BOTH(n64_reload_fails_as_a_whole))
