// SPDX-License-Identifier: BSD-3-Clause
// Several workers: what one of them has to know of the others' tables.
#include "env.h"

#include "app/nexthop.h"

#define NEIGHBORS 2000 // more than the usual updates between two turns

static const char yaml[] =
	"ports:\n"
	"  - {name: lan, device: net_null0, role: lan, addresses: ['2001:db8:1::1/64']}\n"
	"  - {name: wan, device: net_null1, role: wan, addresses: [5.6.7.2/24]}\n"
	"nat64: {max_sessions: 1024, max_bib: 512}\n"
	"lcores: {workers: [0, 1]}\n"
	"memory: {neighbors: 2048}\n";

static struct in6_addr
neighbor(unsigned int i)
{
	return (struct in6_addr){.s6_addr = {0x20, 1, 0xd, 0xb8, 0, 1, [14] = i >> 8, i & 0xff}};
}

// Neighbours that come while the second worker is away.
static void
make_neighbors(struct worker *first)
{
	const struct rte_ether_addr mac = {.addr_bytes = {2, 1}};

	for (unsigned int i = 2; i < NEIGHBORS + 2; i++) {
		struct in6_addr a = neighbor(i);

		neigh_seen(first->neigh, LAN, &a, &mac, true, first->now_ms);
	}
}

// A worker that missed updates gets the whole table again, and that comes to an end.
static void
all_neighbors_reach_a_worker_that_was_behind(void **state)
{
	struct worker *second;

	env_start_yaml("64:ff9b::/96", yaml);
	second = env.f.gw.worker[1];
	make_neighbors(env.f.gw.worker[0]);
	for (unsigned int i = 0; i < 300; i++)
		fixture_turn(&env.f, 1);
	for (unsigned int i = 2; i < NEIGHBORS + 2; i++) {
		struct in6_addr a = neighbor(i);

		if (nexthop_find(&second->nexthops, LAN, &a) == NEXTHOP_NONE)
			fail_msg("neighbour %u is not known to the second worker", i);
	}
	assert_false(env.f.gw.worker[0]->resync[1]);
	env_stop();
}

ENV_MAIN(cmocka_unit_test(all_neighbors_reach_a_worker_that_was_behind))
