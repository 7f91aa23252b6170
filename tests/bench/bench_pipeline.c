// SPDX-License-Identifier: BSD-3-Clause
// The cases, one line each:
//   bench <name> sessions=<n> mpps=<x> cycles=<y> vs_forward=<ratio> ...
// cycles is the median over the batches, vs_forward its ratio to the median of the forward.
#include "bench.h"

#include <rte_cycles.h>
#include <rte_ip.h>
#include <stdlib.h>

#define NEW_BATCH 512 // short, as it takes long
#define POOL      127 // addresses of the pool, where its size is not what is looked at

struct bench_options bench_opt;

// ---- packets of sessions that there are

static void
hits(uint32_t sessions)
{
	const struct bench_case cases[] = {
		{"6to4", sessions, BENCH_RING, 32, BENCH_LAN, bench_make64, bench_run_pipeline,
			"order=random"},
		{"4to6", sessions, BENCH_RING, 32, BENCH_WAN, bench_make46, bench_run_pipeline,
			"order=random"},
	};
	const struct bench_case zipf[] = {
		{"6to4_zipf", sessions, BENCH_RING, 32, BENCH_LAN, bench_make64, bench_run_pipeline,
			"order=zipf"},
		{"4to6_zipf", sessions, BENCH_RING, 32, BENCH_WAN, bench_make46, bench_run_pipeline,
			"order=zipf"},
	};

	bench_order_random(sessions);
	for (unsigned int i = 0; i < RTE_DIM(cases); i++)
		bench_measure(&cases[i]);
	if (sessions == 1)
		return;
	bench_order_zipf(sessions);
	for (unsigned int i = 0; i < RTE_DIM(zipf); i++)
		bench_measure(&zipf[i]);
}

static void
run_both_sides(const struct bench_case *c, struct rte_mbuf **pkts, unsigned int n)
{
	bool v6 = rte_pktmbuf_mtod(pkts[0], struct rte_ether_hdr *)->ether_type ==
		  RTE_BE16(RTE_ETHER_TYPE_IPV6);

	bench_run(v6 ? BENCH_LAN : BENCH_WAN, pkts, n);
}

static void
imix(uint32_t sessions)
{
	const struct bench_case c = {"imix", sessions, BENCH_RING, 32, BENCH_LAN, bench_make_imix,
		run_both_sides, "burst=32"};

	bench_order_random(sessions);
	bench_measure(&c);
}

// What a worker does for a burst beside the pipeline.
static void
run_turn(const struct bench_case *c, struct rte_mbuf **pkts, unsigned int n)
{
	bench_run_pipeline(c, pkts, n);
	worker_turn(bench_f.gw.worker[0], n);
}

static void
kinds(uint32_t sessions)
{
	const struct bench_case cases[] = {
		{"burst1", sessions, BENCH_RING, 1, BENCH_LAN, bench_make64, NULL, "burst=1",
			BENCH_QUEUE},
		{"burst4", sessions, BENCH_RING, 4, BENCH_LAN, bench_make64, NULL, "burst=4",
			BENCH_QUEUE},
		{"burst32", sessions, BENCH_RING, 32, BENCH_LAN, bench_make64, NULL, "burst=32",
			BENCH_QUEUE},
		{"burst64", sessions, BENCH_RING, 64, BENCH_LAN, bench_make64, NULL, "burst=64",
			BENCH_QUEUE},
		{"lone1", sessions, BENCH_RING, 1, BENCH_LAN, bench_make64, NULL, "burst=1",
			BENCH_QUEUE_LONE},
		{"lone4", sessions, BENCH_RING, 4, BENCH_LAN, bench_make64, NULL, "burst=4",
			BENCH_QUEUE_LONE},
		{"turn", sessions, BENCH_RING, 32, BENCH_LAN, bench_make64, run_turn, "burst=32"},
		{"fragments", sessions, BENCH_RING, 32, BENCH_LAN, bench_make64_fragment,
			bench_run_pipeline, NULL},
		{"icmp_error", sessions, BENCH_RING, 32, BENCH_WAN, bench_make46_error,
			bench_run_pipeline, NULL},
	};

	bench_order_random(sessions);
	for (unsigned int i = 0; i < RTE_DIM(cases); i++)
		bench_measure(&cases[i]);
}

static void
bench_hits(void)
{
	static const uint32_t full[] = {1, 1000, 10000, 100000, 1000000, 4000000};
	static const uint32_t quick[] = {1, 10000, 1000000};
	const uint32_t *sessions = bench_opt.quick ? quick : full;
	unsigned int n = bench_opt.quick ? RTE_DIM(quick) : RTE_DIM(full);

	for (unsigned int i = 0; i < n; i++) {
		bench_start(&(struct bench_setup){.sessions = sessions[i], .n_pool = POOL});
		hits(sessions[i]);
		imix(sessions[i]);
		if (sessions[i] == 10000 || sessions[i] == 1000000)
			kinds(sessions[i]);
		bench_stop();
	}
}

// ---- new sessions: every packet makes a binding and a session. Ending them is not counted.

static void
end_behind(void *arg, struct session *s)
{
	const struct bench_setup *setup = arg;
	uint32_t i = (uint32_t)s->src6.s6_addr[12] << 16 | (uint32_t)s->src6.s6_addr[13] << 8 |
		     s->src6.s6_addr[14];

	if (i >= setup->sessions / 64)
		state_end(bench_f.gw.worker[0]->state, s);
}

static void
end_new(struct bench_setup *setup)
{
	uint32_t cursor = 0;

	while (state_walk_sessions(bench_f.gw.worker[0]->state, &cursor, 1024, end_behind, setup))
		;
}

static void
measure_new(const struct bench_case *c, struct bench_setup *setup)
{
	static struct bench_batches b;
	unsigned int rounds = bench_opt.quick ? 3 : 8;

	if (!bench_wanted(c->name))
		return;
	bench_order_random(BENCH_NEW);
	for (unsigned int r = 0; r < rounds; r++) {
		if (r <= 1) // the first touches the pages
			b.n = 0;
		for (unsigned int i = 0; i < BENCH_NEW / NEW_BATCH / 2; i++)
			bench_batch(c, &b, false);
		end_new(setup);
	}
	if (b.n)
		bench_report(c, &b);
}

static void
bench_new(void)
{
	static const struct {
		uint32_t sessions;
		unsigned int n_pool;
		const char *note;
	} tables[] = {{0, 8, "pool=8"}, {1000000, 127, "pool=127"}, {1000000, 254, "pool=254"},
		{4000000, 254, "pool=254"}};

	for (unsigned int i = 0; i < RTE_DIM(tables) - bench_opt.quick; i++) {
		struct bench_setup setup = {.sessions = tables[i].sessions / 64 * 64,
			.room = BENCH_NEW,
			.n_pool = tables[i].n_pool};
		const struct bench_case cases[] = {
			{"new_udp", setup.sessions, NEW_BATCH, 32, BENCH_LAN, bench_make64_new,
				bench_run_pipeline, tables[i].note},
			{"new_syn", setup.sessions, NEW_BATCH, 32, BENCH_LAN, bench_make64_syn,
				bench_run_pipeline, tables[i].note},
		};

		bench_start(&setup);
		for (unsigned int k = 0; k < RTE_DIM(cases); k++)
			measure_new(&cases[k], &setup);
		bench_stop();
	}
}

// ---- main

static const char *
option(int argc, char **argv, const char *name)
{
	for (int i = 1; i + 1 < argc; i++)
		if (strcmp(argv[i], name) == 0)
			return argv[i + 1];
	return NULL;
}

static bool
has_option(int argc, char **argv, const char *name)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], name) == 0)
			return true;
	return false;
}

// Cases whose sessions take a while to make.
static bool
bench_wanted_hits(void)
{
	static const char *const others[] = {
		"new", "pauses", "steer", "restart", "hand_over", "scaling", "memory"};

	for (unsigned int i = 0; i < RTE_DIM(others) && bench_opt.only; i++)
		if (strncmp(others[i], bench_opt.only, strlen(others[i])) == 0)
			return false;
	return true;
}

int
main(int argc, char **argv)
{
	bench_workers_init();
	bench_opt.quick = has_option(argc, argv, "--quick");
	bench_opt.only = option(argc, argv, "--only");
	if (has_option(argc, argv, "--hugepages"))
		fixture_eal_hugepages();
	else
		fixture_eal(bench_opt.quick ? 1024 : 3072);
	if (bench_wanted_hits())
		bench_hits();
	if (!bench_opt.only || !strncmp(bench_opt.only, "new", 3))
		bench_new();
	bench_pauses();
	bench_restart(bench_opt.quick ? 100000 : 1000000, POOL);
	bench_steer();
	bench_hand_over();
	bench_scaling();
	bench_memory();
	return 0;
}
