// SPDX-License-Identifier: BSD-3-Clause
// Port forwarding that comes, goes and changes by a reload.
#include "reloading.h"

#include "state/internal.h"

#include <stdio.h>

#define LINES(statics) \
	"  pool4: [{address: 5.6.7.64, ports: 1-65535}]\n" statics \
	"  max_sessions: 1024\n  max_bib: 512\n"
#define FORWARD(client) \
	"  static: [{protocols: [tcp, udp], address: 5.6.7.64, ports: 8080-8089, " \
	"client_port: 80, client: '" client "'}]\n"

static const char *const workers[] = {"0", "0, 1, 2"};

static struct reloading
begin(const char *prefix, const char *lcores, const char *nat64)
{
	struct reloading t = {.workers = lcores, .nat64 = nat64};

	reloading_start(prefix, &t);
	return t;
}

static const struct step in_c[] = {
	{"N64-BIB-07 to C", WAN, {UDP4("8.8.8.8", 99, "T", 8085)}, LAN,
		{UDP6("@8.8.8.8", 99, "C", 85)}},
	{"N64-BIB-07 from C", LAN, {UDP6("C", 85, "@8.8.4.4", 53)}, WAN,
		{UDP4("T", 8085, "8.8.4.4", 53)}},
};
static const struct step in_d[] = {
	{"N64-BIB-07 to D", WAN, {UDP4("8.8.8.8", 99, "T", 8085)}, LAN2,
		{UDP6("@8.8.8.8", 99, "D", 85)}},
};
static const struct step out[] = {
	{"N64-BIB-07 nobody's", WAN, {UDP4("8.8.8.8", 99, "T", 8085)}, NOWHERE, {0},
		DROPS(NO_SESSION4)},
};

static void
n64_bib_07_reload_forwards_a_port(void **state)
{
	for (unsigned int i = 0; i < RTE_DIM(workers); i++) {
		struct reloading t = begin(*state, workers[i], NULL);

		env_run(out, RTE_DIM(out));
		t.nat64 = LINES(FORWARD("2001:db8:1::10"));
		assert_int_equal(reload_to(&t, "nat64.static\n"), 0);
		assert_int_equal(env_bibs(), 20);
		env_run(in_c, RTE_DIM(in_c));
		// to another host: what the first one had ends
		t.nat64 = LINES(FORWARD("2001:db8:2::10"));
		assert_int_equal(reload_to(&t, "nat64.static[0].client\n"), 2);
		assert_int_equal(env_bibs(), 20);
		env_run(in_d, RTE_DIM(in_d));
		t.nat64 = NULL;
		assert_int_equal(reload_to(&t, "nat64.static\n"), 1);
		assert_int_equal(env_bibs(), 0);
		env_run(out, RTE_DIM(out));
		env_stop();
	}
}

// A TCP session of a binding that goes: the client is asked for a sign of life, and reset.
static void
n64_bib_07_reload_resets_what_was_forwarded(void **state)
{
	const struct spec syn = {TCP4("8.8.8.8", 99, "T", 8080), .tcp_flags = 2};
	const struct spec ack = {TCP6("C", 80, "@8.8.8.8", 99), .tcp_flags = 16};

	for (unsigned int i = 0; i < RTE_DIM(workers); i++) {
		struct reloading t = begin(*state, workers[i], LINES(FORWARD("2001:db8:1::10")));

		env_send(WAN, &syn);
		assert_true(env_take(LAN));
		t.nat64 = NULL;
		assert_int_equal(reload_to(&t, "nat64.static\n"), 1);
		assert_true(env_take(LAN)); // the probe
		assert_int_equal(env.last[40 + 13], 16);
		assert_int_equal(get16(env.last + 40 + 2), 80);
		env_send(LAN, &ack);
		assert_true(env_take(LAN));
		assert_int_equal(env.last[40 + 13], 4); // RST
		env_expect_none("no more");
		env_stop();
	}
}

// The port that a client was given is forwarded to another one: the static binding gets it, the
// client another one with its next packet.
static void
n64_bib_07_reload_takes_a_port_over(void **state)
{
	static const struct step flow[] = {
		{"given", LAN, {UDP6("C", 40000, "@8.8.8.8", 53)}, WAN,
			{UDP4("T", A_PORT(0), "8.8.8.8", 53)}},
		{"kept", LAN, {UDP6("C", 40001, "@8.8.8.8", 53)}, WAN,
			{UDP4("T", A_PORT(1), "8.8.8.8", 53)}},
	};
	static const struct step after[] = {
		{"the static one", WAN, {UDP4("8.8.8.8", 53, "T", A_PORT(0))}, LAN2,
			{UDP6("@8.8.8.8", 53, "D", 7000)}},
		{"another one", LAN, {UDP6("C", 40000, "@8.8.8.8", 53)}, WAN,
			{UDP4("T", A_PORT(2), "8.8.8.8", 53)}},
		{"kept", LAN, {UDP6("C", 40001, "@8.8.8.8", 53)}, WAN,
			{UDP4("T", A_PORT(1), "8.8.8.8", 53)}},
	};

	for (unsigned int i = 0; i < RTE_DIM(workers); i++) {
		struct reloading t = begin(*state, workers[i], NULL);
		char lines[256];

		env_run(flow, RTE_DIM(flow));
		snprintf(lines, sizeof(lines),
			LINES("  static: [{protocols: [udp], address: 5.6.7.64, ports: %u, "
			      "client_port: 7000, client: '2001:db8:2::10'}]\n"),
			env.port[0]);
		t.nat64 = lines;
		assert_int_equal(reload_to(&t, "nat64.static\n"), 1);
		env_run(after, RTE_DIM(after));
		assert_int_not_equal(env.port[2], env.port[0]);
		env_stop();
	}
}

// What the client sends from a port that is forwarded now leaves by the static binding.
static void
n64_bib_07_reload_takes_a_client_port_over(void **state)
{
	static const struct step before[] = {
		{"given", LAN, {UDP6("C", 85, "@8.8.4.4", 53)}, WAN,
			{UDP4("T", A_PORT(0), "8.8.4.4", 53)}},
	};

	for (unsigned int i = 0; i < RTE_DIM(workers); i++) {
		struct reloading t = begin(*state, workers[i], NULL);

		env_run(before, RTE_DIM(before));
		t.nat64 = LINES(FORWARD("2001:db8:1::10"));
		assert_int_equal(reload_to(&t, "nat64.static\n"), 1);
		env_run(in_c, RTE_DIM(in_c));
		env_stop();
	}
}

// Another order, a neighbour, and a list of who may send: what is still allowed goes on.
static void
n64_bib_07_reload_keeps_what_is_forwarded(void **state)
{
	static const struct step two[] = {
		{"the first", WAN, {UDP4("8.8.8.8", 99, "T", 8085)}, LAN,
			{UDP6("@8.8.8.8", 99, "C", 85)}},
		{"the second", WAN, {UDP4("9.8.8.8", 99, "T", 8085)}, LAN,
			{UDP6("@9.8.8.8", 99, "C", 85)}},
	};
	static const struct step refused[] = {
		{"not any more", WAN, {UDP4("9.8.8.8", 99, "T", 8085)}, NOWHERE, {0},
			DROPS(FILTERED)},
	};

	for (unsigned int i = 0; i < RTE_DIM(workers); i++) {
		struct reloading t = begin(*state, workers[i], LINES(FORWARD("2001:db8:1::10")));

		env_run(two, RTE_DIM(two));
		t.nat64 = LINES("  static: [{protocols: [icmp], address: 5.6.7.64, ports: 7, "
				"client: '2001:db8:2::10'}, {protocols: [udp], address: 5.6.7.64, "
				"ports: 8085, client_port: 85, client: '2001:db8:1::10', "
				"allow: [8.0.0.0/8]}]\n");
		assert_int_equal(reload_to(&t, "nat64.static\n"), 1);
		env_run(two, 1);
		env_run(refused, RTE_DIM(refused));
		assert_int_equal(env_sessions(), 1);
		env_stop();
	}
}

// The WAN has another address: the pool and what is forwarded follow it.
static void
n64_bib_07_reload_follows_the_wan(void **state)
{
	static const struct step before[] = {
		{"before", WAN, {UDP4("8.8.8.8", 99, "5.6.7.2", 8085)}, LAN,
			{UDP6("@8.8.8.8", 99, "C", 85)}},
	};
	static const struct step after[] = {
		{"after", WAN, {UDP4("8.8.8.8", 99, "5.6.7.3", 8085)}, LAN,
			{UDP6("@8.8.8.8", 99, "C", 85)}},
	};
	struct reloading t = begin(*state, "0, 1",
		"  pool4: [wan]\n  max_sessions: 1024\n  max_bib: 512\n"
		"  static: [{protocols: [udp], ports: 8080-8089, client_port: 80, "
		"client: '2001:db8:1::10'}]\n");

	env_run(before, RTE_DIM(before));
	t.addresses = "5.6.7.3/24";
	assert_int_equal(reload_to(&t, "ports[1].addresses\nnat64.pool4[0].address\n"
				       "nat64.static[0].address\n"),
		1);
	fixture_discard(&env.f);
	env_run(after, RTE_DIM(after));
	env_stop();
}

// Four blocks of ports, one of each of four workers; the clients are of one.
#define FORWARD_BLOCKS(client) \
	"  static: [{protocols: [udp], address: 5.6.7.64, ports: 8000-8255, client_port: 1000, " \
	"client: '" client "'}]\n"

// No worker may give a port out that a session of another one has.
static void
turn_and_look(void)
{
	const struct gateway *gw = &env.f.gw;

	fixture_turn(&env.f, 0);
	for (uint16_t port = 8000; port <= 8255; port++)
		for (unsigned int i = 0; i < gw->n_worker; i++) {
			const struct bib *b = state_bib_find4(gw->worker[i]->state,
				inet_addr("5.6.7.64"), rte_cpu_to_be_16(port), IPPROTO_UDP);
			unsigned int owner = state_owner_of_port(port, gw->n_worker);

			assert_false(
				b && b->sessions &&
				pool4_is_free(&gw->worker[owner]->state->pool, 0, STATE_UDP, port));
		}
}

static void
reload_and_look(const struct reloading *t, unsigned int ended)
{
	struct reload_report r;
	char *yaml = reloading_yaml(t);

	assert_int_equal(reload_by(yaml, turn_and_look, &r), 0);
	assert_int_equal(r.ended, ended);
	reload_report_free(&r);
	free(yaml);
	env_check();
}

// A port is of one worker and its client of another, which may be asked before or after.
static void
n64_port_05_reload_between_workers(void **state)
{
	static const struct step in_c4[] = {
		{"to C, 1", WAN, {UDP4("8.8.8.8", 99, "T", 8010)}, LAN,
			{UDP6("@8.8.8.8", 99, "C", 1010)}},
		{"to C, 2", WAN, {UDP4("8.8.8.8", 99, "T", 8074)}, LAN,
			{UDP6("@8.8.8.8", 99, "C", 1074)}},
		{"to C, 3", WAN, {UDP4("8.8.8.8", 99, "T", 8138)}, LAN,
			{UDP6("@8.8.8.8", 99, "C", 1138)}},
		{"to C, 4", WAN, {UDP4("8.8.8.8", 99, "T", 8202)}, LAN,
			{UDP6("@8.8.8.8", 99, "C", 1202)}},
	};
	static const struct step in_d4[] = {
		{"to D, 1", WAN, {UDP4("8.8.8.8", 99, "T", 8010)}, LAN2,
			{UDP6("@8.8.8.8", 99, "D", 1010)}},
		{"to D, 2", WAN, {UDP4("8.8.8.8", 99, "T", 8074)}, LAN2,
			{UDP6("@8.8.8.8", 99, "D", 1074)}},
		{"to D, 3", WAN, {UDP4("8.8.8.8", 99, "T", 8138)}, LAN2,
			{UDP6("@8.8.8.8", 99, "D", 1138)}},
		{"to D, 4", WAN, {UDP4("8.8.8.8", 99, "T", 8202)}, LAN2,
			{UDP6("@8.8.8.8", 99, "D", 1202)}},
	};
	struct reloading t = begin(*state, "0, 1, 2, 3", LINES(FORWARD_BLOCKS("2001:db8:1::10")));

	env_run(in_c4, RTE_DIM(in_c4));
	t.nat64 = LINES(FORWARD_BLOCKS("2001:db8:2::10"));
	reload_and_look(&t, RTE_DIM(in_c4));
	env_run(in_d4, RTE_DIM(in_d4));
	t.nat64 = LINES("");
	reload_and_look(&t, RTE_DIM(in_d4));
	t.nat64 = LINES(FORWARD_BLOCKS("2001:db8:1::10"));
	reload_and_look(&t, 0);
	env_run(in_c4, RTE_DIM(in_c4));
	t.nat64 = LINES("");
	reload_and_look(&t, RTE_DIM(in_c4));
	env_stop();
}

ENV_MAIN(WITH_BOTH(n64_bib_07_reload_forwards_a_port),
	WITH_BOTH(n64_bib_07_reload_resets_what_was_forwarded),
	WITH_BOTH(n64_bib_07_reload_takes_a_port_over),
	WITH_BOTH(n64_bib_07_reload_takes_a_client_port_over),
	WITH_BOTH(n64_bib_07_reload_keeps_what_is_forwarded),
	WITH_BOTH(n64_bib_07_reload_follows_the_wan), WITH_BOTH(n64_port_05_reload_between_workers))
