// SPDX-License-Identifier: BSD-3-Clause
// Packets for callgrind to count the instructions of: a function for each case, and nothing timed.
// tests/bench/count.py runs it. Prints "packets <n>", of each function alike.
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>

#define SESSIONS 1000
#define PACKETS  2048 // of each case; the first half of them warms caches, pools and next hops
#define BURST    32

struct bench_options bench_opt;

// Callgrind looks for their names. What leaves is freed within them. The empty asm keeps the call
// from becoming a jump, which would leave the function too early.
#define COUNTED(name, from) \
	__attribute__((noinline)) void count_##name(struct rte_mbuf **m, unsigned int n); \
	void count_##name(struct rte_mbuf **m, unsigned int n) \
	{ \
		bench_run(from, m, n); \
		__asm__ volatile(""); \
	}
COUNTED(6to4, BENCH_LAN)
COUNTED(4to6, BENCH_WAN)
COUNTED(6to4_burst1, BENCH_LAN)
COUNTED(new_udp, BENCH_LAN)
COUNTED(new_syn, BENCH_LAN)

static void
warm(struct rte_mbuf **m, unsigned int n)
{
	bool v4 = rte_pktmbuf_mtod(m[0], struct rte_ether_hdr *)->ether_type ==
		  RTE_BE16(RTE_ETHER_TYPE_IPV4);

	bench_run(v4 ? BENCH_WAN : BENCH_LAN, m, n);
}

static void
run(void (*make)(struct rte_mbuf *m, uint32_t flow), uint32_t first_flow, uint32_t flows,
	unsigned int burst, void (*counted)(struct rte_mbuf **m, unsigned int n))
{
	for (uint32_t i = 0; i < PACKETS; i += burst) {
		struct rte_mbuf *m[BURST];

		if (rte_pktmbuf_alloc_bulk(bench_f.gw.pool, m, burst))
			abort();
		for (unsigned int k = 0; k < burst; k++)
			make(m[k], (first_flow + (i + k) * 7) % flows);
		(i < PACKETS / 2 ? warm : counted)(m, burst);
	}
}

int
main(void)
{
	fixture_eal(160);
	bench_start(&(struct bench_setup){.sessions = SESSIONS, .room = 8 * PACKETS, .n_pool = 8});
	run(bench_make64, 0, SESSIONS, BURST, count_6to4);
	run(bench_make46, 0, SESSIONS, BURST, count_4to6);
	run(bench_make64, 0, SESSIONS, 1, count_6to4_burst1);
	run(bench_make64_new, 0, 8 * PACKETS, BURST, count_new_udp);
	run(bench_make64_syn, 0, 8 * PACKETS, BURST, count_new_syn);
	bench_stop();
	printf("packets %u\n", PACKETS / 2);
	return 0;
}
