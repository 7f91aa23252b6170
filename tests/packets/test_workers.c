// SPDX-License-Identifier: BSD-3-Clause
// Several workers: whichever of them receives a frame, the outcome is that of one (N64-MC-01).
#include "env.h"

#include <stdio.h>

static const char *const counts[] = {"0, 1", "0, 1, 2, 3"};

#define A6 UDP6("C", 40000, "@8.8.8.8", 53)
#define A4 UDP4("T", A_PORT(0), "8.8.8.8", 53)
#define B4 UDP4("8.8.8.8", 53, "T", A_PORT(0))
#define B6 UDP6("@8.8.8.8", 53, "C", 40000)

static const struct step rows[] = {
	{"N64-UDP-01", LAN, {A6, .payload = 4}, WAN, {A4, .payload = 4}},
	{"N64-BIB-12 the same flow", LAN, {A6}, WAN, {A4}},
	{"N64-BIB-12 another remote", LAN, {UDP6("C", 40000, "@9.9.9.9", 53)}, WAN,
		{UDP4("T", A_PORT(0), "9.9.9.9", 53)}},
	{"N64-BIB-12", LAN, {UDP6("C", 40000, "@9.9.9.10", 53)}, WAN,
		{UDP4("T", A_PORT(0), "9.9.9.10", 53)}},
	{"N64-BIB-12", LAN, {UDP6("C", 40000, "@9.9.9.11", 53)}, WAN,
		{UDP4("T", A_PORT(0), "9.9.9.11", 53)}},
	{"N64-BIB-12", LAN, {UDP6("C", 40000, "@9.9.9.12", 53)}, WAN,
		{UDP4("T", A_PORT(0), "9.9.9.12", 53)}},
	{"N64-MC-01", WAN, {B4, .payload = 5}, LAN, {B6, .payload = 5}},
	{"N64-MC-01", WAN, {B4}, LAN, {B6}},
	{"N64-MC-01", WAN, {B4}, LAN, {B6}},
	{"N64-MC-01", WAN, {B4}, LAN, {B6}},
	{"TCP", LAN, {TCP6("D", 41000, "@1.2.3.4", 80)}, WAN,
		{TCP4("T", A_PORT(1), "1.2.3.4", 80)}},
	{"TCP", WAN, {TCP4("1.2.3.4", 80, "T", A_PORT(1)), .tcp_flags = TCP_SYN | TCP_ACK}, LAN2,
		{TCP6("@1.2.3.4", 80, "D", 41000), .tcp_flags = TCP_SYN | TCP_ACK}},
	{"TCP", LAN2, {TCP6("D", 41000, "@1.2.3.4", 80), .tcp_flags = TCP_ACK}, WAN,
		{TCP4("T", A_PORT(1), "1.2.3.4", 80), .tcp_flags = TCP_ACK}},
	{"echo", LAN, {PING6("C", "@8.8.8.8", 7)}, WAN, {PING4("T", "8.8.8.8", A_PORT(2))}},
	{"echo", WAN, {PONG4("8.8.8.8", "T", A_PORT(2))}, LAN, {PONG6("@8.8.8.8", "C", 7)}},
	{"error from the WAN", WAN, {ERR4("9.9.9.1", "T", 3, 3), QUOTE(A4)}, LAN,
		{ERR6("@9.9.9.1", "C", 1, 4), QUOTE(A6)}},
	{"error from the WAN", WAN, {ERR4("9.9.9.1", "T", 3, 3), QUOTE(A4)}, LAN,
		{ERR6("@9.9.9.1", "C", 1, 4), QUOTE(A6)}},
	{"error from the LAN", LAN, {ERR6("C", "@8.8.8.8", 1, 4), QUOTE(B6)}, WAN,
		{ERR4("T", "8.8.8.8", 3, 3), QUOTE(B4)}},
	{"error from the LAN", LAN, {ERR6("C", "@8.8.8.8", 1, 4), QUOTE(B6)}, WAN,
		{ERR4("T", "8.8.8.8", 3, 3), QUOTE(B4)}},
	{"error from another than the client", LAN,
		{ERR6("2001:db8:1::77", "@8.8.8.8", 3, 0), QUOTE(B6)}, WAN,
		{ERR4("T", "8.8.8.8", 11, 0), QUOTE(B4)}},
	{"unsolicited", WAN, {UDP4("8.8.8.8", 1, "T", 5000)}, NOWHERE, DROPS(NO_SESSION4)},
	{"our own answers", LAN, {PING6("C", "GW6", 5)}, LAN, {PONG6("GW6", "C", 5), .ttl = 64}},
	{"our own answers", LAN, {PING6("C", "GW6", 5)}, LAN, {PONG6("GW6", "C", 5), .ttl = 64}},
	{"our own answers", WAN, {PING4("8.8.8.8", "GW4", 5)}, WAN,
		{PONG4("GW4", "8.8.8.8", 5), .ttl = 64}},
	{"our own answers", WAN, {PING4("8.8.8.8", "GW4", 5)}, WAN,
		{PONG4("GW4", "8.8.8.8", 5), .ttl = 64}},
	{"native", LAN, {UDP6("C", 1, "D", 2)}, LAN2, {UDP6("C", 1, "D", 2)}},
	{"native", LAN, {UDP6("C", 1, "D", 2)}, LAN2, {UDP6("C", 1, "D", 2)}},
	{"hop limit", LAN, {A6, .ttl = 1}, LAN,
		{ERR6("GW6", "C", 3, 0), .ttl = 64, QUOTE(A6, .ttl = 1)}, DROPS(TTL)},
};

static void
n64_mc_01_any_worker(void **state)
{
	for (unsigned int i = 0; i < RTE_DIM(counts); i++)
		for (unsigned int first = 0; first < 4; first++) {
			const struct env_setup setup = {.workers = counts[i]};

			env_start(env_prefixes[first], &setup);
			env.received = first;
			env_run(rows, RTE_DIM(rows));
			assert_int_equal(env_bibs(), 3);
			assert_true(fixture_stats(&env.f).handed[HANDED_SESSION] > 0);
			env_stop();
		}
}

// What a worker that owns nothing of it does with a packet of each kind, and how it is counted.
static const struct {
	const char *what;
	unsigned int in;
	struct spec s;
	enum handed_kind kind;
} handed[] = {
	{"UDP", LAN, {A6}, HANDED_SESSION},
	{"TCP", LAN, {TCP6("C", 41000, "@1.2.3.4", 80)}, HANDED_SESSION},
	{"echo", LAN, {PING6("C", "@8.8.8.8", 7)}, HANDED_SESSION},
	{"UDP", WAN, {UDP4("8.8.8.8", 53, "T", 40000)}, HANDED_SESSION},
	{"TCP", WAN, {TCP4("8.8.8.8", 80, "T", 40000)}, HANDED_SESSION},
	{"echo", WAN, {PONG4("8.8.8.8", "T", 40000)}, HANDED_ECHO4},
	{"error", WAN, {ERR4("9.9.9.1", "T", 3, 3), QUOTE(UDP4("T", 40000, "8.8.8.8", 53))},
		HANDED_ICMP_ERROR},
	{"error", LAN, {ERR6("C", "@8.8.8.8", 1, 4), QUOTE(B6)}, HANDED_ICMP_ERROR},
};

static void
handed_over_by_kind(void **state)
{
	const struct env_setup setup = {.workers = "0, 1"};

	for (unsigned int i = 0; i < RTE_DIM(handed); i++) {
		uint64_t n[HANDED__N] = {0};

		for (unsigned int by = 0; by < 2; by++) {
			env_start(*state, &setup);
			env.received = by;
			env_send(handed[i].in, &handed[i].s);
			for (unsigned int k = 0; k < HANDED__N; k++)
				n[k] += fixture_stats(&env.f).handed[k];
			fixture_discard(&env.f);
			env_stop();
		}
		// one of the two owns it
		print_message("%s from port %u\n", handed[i].what, handed[i].in);
		assert_int_equal(n[handed[i].kind], 1);
		for (unsigned int k = 0; k < HANDED_LOCAL; k++)
			assert_int_equal(n[k], k == handed[i].kind);
	}
}

// The first worker's; and where it owns nothing, only it.
static void
handed_over_to_the_first(void **state)
{
	const struct env_setup setup = {.workers = "0, 1"};
	static const struct spec echo = {PING6("C", "GW6", 5)};

	for (unsigned int by = 0; by < 2; by++) {
		env_start(*state, &setup);
		env.received = by;
		env_send(LAN, &echo);
		assert_int_equal(fixture_stats(&env.f).handed[HANDED_LOCAL], by);
		fixture_discard(&env.f);
		env_stop();
	}
}

// A NIC with one transmit queue: frames go through the worker that has it.
static void
one_worker_transmits(void **state)
{
	const struct env_setup setup = {.workers = "0, 1, 2"};

	for (unsigned int by = 0; by < 3; by++) {
		env_start(*state, &setup);
		for (unsigned int p = 0; p < 3; p++)
			for (unsigned int w = 0; w < 3; w++)
				env.f.gw.port[p].tx_worker[w] = (uint16_t)by;
		env_run(rows, RTE_DIM(rows));
		for (unsigned int w = 0; w < 3; w++)
			assert_int_equal(env.f.gw.worker[w]->stats.tx > 0, w == by);
		env_stop();
	}
}

// N64-PORT-11: the port that a client gets belongs to the worker that has the client.
static void
n64_port_11_ports_belong_to_the_owner(void **state)
{
	const struct env_setup setup = {.workers = "0, 1, 2, 3"};
	unsigned int owners = 0;

	env_start(*state, &setup);
	for (unsigned int i = 0; i < 64; i++) {
		char client[64];
		const struct spec s = {UDP6(client, 1000, "@8.8.8.8", 53)};
		struct in6_addr a;
		unsigned int owner;

		snprintf(client, sizeof(client), "2001:db8:1::2:%x", i);
		build_addr(6, client, a.s6_addr);
		env_send(LAN, &s);
		assert_true(env_take(WAN));
		owner = state_owner_of_src6(&a, 4);
		assert_int_equal(state_owner_of_port(get16(env.last + 20), 4), owner);
		assert_non_null(state_bib_find6(
			env.f.gw.worker[owner]->state, &a, RTE_BE16(1000), IPPROTO_UDP));
		owners |= 1u << owner;
	}
	assert_int_equal(owners, 15);
	env_stop();
}

// N64-MC-04
static void
n64_mc_04_limits_add_up(void **state)
{
	static const struct env_setup setup = {.workers = "0, 1, 2, 3",
		.nat64 = "  pool4: [{address: 5.6.7.64}]\n  max_sessions: 128\n  max_bib: 128\n"};
	unsigned int passed = 0;

	env_start(*state, &setup);
	for (unsigned int i = 0; i < 512; i++) {
		char client[64];
		const struct spec s = {UDP6(client, 1000, "@8.8.8.8", 53)};

		snprintf(client, sizeof(client), "2001:db8:1::3:%x", i);
		env_send(LAN, &s);
		passed += env_take(WAN);
		fixture_discard(&env.f);
	}
	assert_int_equal(passed, 128);
	assert_int_equal(env_sessions(), 128);
	env_stop();
}

static bool
known(unsigned int worker, unsigned int port, const char *addr)
{
	struct in6_addr a = {.s6_addr = {[10] = 0xff, 0xff}};

	if (strchr(addr, ':') || addr[0] == 'C')
		build_addr(6, addr, a.s6_addr);
	else
		build_addr(4, addr, a.s6_addr + 12);
	return nexthop_find(&env.f.gw.worker[worker]->nexthops, (uint16_t)port, &a) != NEXTHOP_NONE;
}

static void
next_hops_are_known_everywhere(void **state)
{
	const struct env_setup setup = {.workers = "0, 1, 2, 3"};
	const struct spec out = {A6}, out4 = {A4};

	env_start(*state, &setup);
	for (unsigned int w = 0; w < 4; w++) {
		assert_true(known(w, LAN, "C"));
		assert_true(known(w, WAN, "5.6.7.1"));
		assert_false(known(w, LAN, "5.6.7.1"));
	}
	// nobody answers when it is used again: it goes, everywhere
	fixture_turn(&env.f, 46000);
	env_send(LAN, &out);
	env_expect("still used", WAN, &out4);
	for (unsigned int i = 0; i < 12; i++)
		fixture_turn(&env.f, 1000);
	for (unsigned int w = 0; w < 4; w++)
		assert_false(known(w, WAN, "5.6.7.1"));
	fixture_discard(&env.f);
	// a packet by a worker that is not the first waits and goes out in the end
	for (unsigned int i = 0; i < 4; i++)
		env_send(LAN, &out);
	fixture_discard(&env.f);
	fixture_neighbor(&env.f, WAN, "5.6.7.1", env_mac_router);
	for (unsigned int i = 0; i < 4; i++)
		env_expect("waited", WAN, &out4);
	env_expect_none("all of them");
	env_stop();
}

// A worker that missed updates gets everything again, however much that is.
static void
next_hops_after_a_full_ring(void **state)
{
	enum { HOSTS = 3000 };
	static const char yaml[] =
		"ports:\n  - {name: lan, device: net_null0, role: lan, "
		"addresses: ['2001:db8:1::1/64']}\n"
		"  - {name: wan, device: net_null1, role: wan, addresses: [5.6.7.2/24]}\n"
		"nat64: {pool4: [{address: 5.6.7.64}], max_sessions: 64, max_bib: 64}\n"
		"lcores: {workers: [0, 1]}\nmemory: {neighbors: 4096}\n";
	struct rte_ether_addr mac = {.addr_bytes = {2, 1}};
	struct in6_addr a;
	char text[64];

	env_start_yaml(WKP, yaml);
	build_addr(6, "2001:db8:1::", a.s6_addr);
	for (unsigned int i = 0; i < 3 * HOSTS; i++) { // each moves twice
		put16(a.s6_addr + 14, (uint16_t)(i % HOSTS + 0x100));
		mac.addr_bytes[5] = (uint8_t)(i / HOSTS);
		neigh_seen(env.f.gw.worker[0]->neigh, LAN, &a, &mac, true, env.f.now_ns / 1000000);
	}
	assert_true(env.f.gw.worker[0]->resync[1]);
	for (unsigned int i = 0; i < 20 * HOSTS / 32; i++)
		fixture_turn(&env.f, 0);
	for (unsigned int i = 0; i < HOSTS; i++) {
		snprintf(text, sizeof(text), "2001:db8:1::%x", i + 0x100);
		assert_true(known(0, LAN, text));
		assert_true(known(1, LAN, text));
	}
	assert_false(env.f.gw.worker[0]->resync[1]);
	env_stop();
}

ENV_MAIN(cmocka_unit_test(n64_mc_01_any_worker), WITH_BOTH(handed_over_by_kind),
	WITH_BOTH(handed_over_to_the_first), WITH_BOTH(one_worker_transmits),
	WITH_BOTH(n64_port_11_ports_belong_to_the_owner), WITH_BOTH(n64_mc_04_limits_add_up),
	WITH_BOTH(next_hops_are_known_everywhere), cmocka_unit_test(next_hops_after_a_full_ring))
