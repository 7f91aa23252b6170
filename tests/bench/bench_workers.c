// SPDX-License-Identifier: BSD-3-Clause
// Several workers: what handing a packet over costs, and what a second core brings.
#include "bench.h"

#include "app/pipeline.h"

#include <pthread.h>
#include <rte_cycles.h>
#include <sched.h>
#include <stdlib.h>

#define SESSIONS 10000
#define ROOM     40000
#define POOL     127
#define BATCH    1024
#define FREE_MAX 5 // percent of batches that the kernel may interrupt on CPUs that count as free

// ---- all workers in one thread: what a hand-over costs in work, without what two cores cost each
// other.

static void
run_with_others(const struct bench_case *c, struct rte_mbuf **pkts, unsigned int n)
{
	bench_run_pipeline(c, pkts, n);
	for (unsigned int i = 1; i < bench_f.gw.n_worker; i++)
		worker_turn(bench_f.gw.worker[i], 0);
}

void
bench_steer(void)
{
	for (unsigned int workers = 1; workers <= 3; workers++) {
		struct bench_setup setup = {
			.sessions = SESSIONS, .n_pool = POOL, .workers = workers, .room = ROOM};
		const struct bench_case c = {"steer", setup.sessions, BENCH_RING, 32, BENCH_LAN,
			bench_make64, run_with_others,
			(const char *[]){"workers=1", "workers=2", "workers=3"}[workers - 1]};

		if (!bench_wanted(c.name))
			return;
		bench_start(&setup);
		bench_order_random(setup.sessions);
		bench_measure(&c);
		bench_stop();
	}
}

// The same worker receives packets that it owns, then packets that the other one owns, which takes
// a turn after each burst both times.
void
bench_hand_over(void)
{
	const struct bench_setup setup = {
		.sessions = SESSIONS, .n_pool = POOL, .workers = 2, .room = ROOM};
	struct bench_case c = {"hand_over_own", SESSIONS, BENCH_RING, 32, BENCH_LAN, bench_make64,
		run_with_others, "workers=2"};
	double own, other;

	if (!bench_wanted("hand_over"))
		return;
	bench_start(&setup);
	bench_order_owner(SESSIONS, 0);
	own = bench_measure(&c);
	c.name = "hand_over_other";
	bench_order_owner(SESSIONS, 1);
	other = bench_measure(&c);
	bench_print("hand_over", "sessions=%u workers=2 extra_cycles=%.0f", SESSIONS, other - own);
	bench_stop();
}

// ---- a thread for each worker

struct thread {
	pthread_t id;
	unsigned int worker;
	int cpu;
	uint32_t flow[SESSIONS];
	uint32_t n_flow, next;
	struct rte_mbuf *m[BATCH], *back[BATCH]; // to receive, and what was sent
	unsigned int n_back;
	struct bench_samples cycles;
	unsigned int batches, interrupted;
};

static struct thread thread[2];
static volatile bool stop_threads;
static cpu_set_t cpus_at_start;

void
bench_workers_init(void)
{
	if (sched_getaffinity(0, sizeof(cpus_at_start), &cpus_at_start))
		CPU_ZERO(&cpus_at_start);
}

const cpu_set_t *
bench_cpus(void)
{
	return &cpus_at_start;
}

// What a worker sends is what it receives next: the packet pool is not what is measured.
static uint16_t
give_back(struct port *p, uint16_t queue, struct rte_mbuf **m, uint16_t n)
{
	struct thread *t = &thread[queue];

	memcpy(t->back + t->n_back, m, n * sizeof(*m));
	t->n_back += n;
	return n;
}

static void
run_batch(struct thread *t)
{
	uint64_t was, tsc;

	for (unsigned int i = 0; i < BATCH; i++) {
		rte_pktmbuf_reset(t->m[i]);
		bench_make64(t->m[i], t->flow[t->next]);
		t->next = t->next + 1 == t->n_flow ? 0 : t->next + 1;
	}
	t->n_back = 0;
	was = bench_interruptions();
	tsc = rte_rdtsc_precise();
	for (unsigned int i = 0; i < BATCH; i += WORKER_BURST) {
		pipeline_run(bench_f.gw.worker[t->worker],
			&(struct rx_burst){&bench_f.gw.port[BENCH_LAN], t->m + i, WORKER_BURST}, 1);
		worker_turn(bench_f.gw.worker[t->worker], WORKER_BURST);
	}
	tsc = rte_rdtsc_precise() - tsc;
	t->batches++;
	if (bench_interruptions() != was)
		t->interrupted++;
	else
		bench_sample(&t->cycles, (double)tsc / BATCH);
	if (t->n_back != BATCH)
		abort(); // dropped, or handed over
	memcpy(t->m, t->back, sizeof(t->m));
}

static void *
run_thread(void *arg)
{
	struct thread *t = arg;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(t->cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
	while (!stop_threads)
		run_batch(t);
	return NULL;
}

// Both threads, or the first one alone, for so long. The median cycles of the first.
static double
run_threads(unsigned int n, double seconds)
{
	stop_threads = false;
	for (unsigned int i = 0; i < n; i++) {
		thread[i].cycles.n = thread[i].batches = thread[i].interrupted = 0;
		if (pthread_create(&thread[i].id, NULL, run_thread, &thread[i]))
			abort();
	}
	rte_delay_us_sleep((unsigned int)(seconds * 1e6));
	stop_threads = true;
	for (unsigned int i = 0; i < n; i++)
		pthread_join(thread[i].id, NULL);
	return bench_quantile(&thread[0].cycles, 0.5);
}

static bool
choose_cpus(void)
{
	unsigned int n = 0;

	for (int i = 0; i < CPU_SETSIZE && n < RTE_DIM(thread); i++)
		if (CPU_ISSET(i, &cpus_at_start))
			thread[n++].cpu = i;
	return n == RTE_DIM(thread);
}

static void
prepare_thread(unsigned int i)
{
	struct thread *t = &thread[i];

	t->worker = i;
	t->next = 0;
	bench_order_owner(SESSIONS, i);
	t->n_flow = bench_order_copy(t->flow, SESSIONS);
	if (rte_pktmbuf_alloc_bulk(bench_f.gw.pool, t->m, BATCH))
		abort();
	for (unsigned int k = 0; k < bench_f.gw.n_port; k++) {
		bench_f.gw.port[k].tx = give_back;
		bench_f.gw.port[k].tx_queue[i] = (uint16_t)i;
	}
}

// scaling: what two workers do at once, as a multiple of what the first does alone, the median of
// pairs of runs one right after the other. free=no: a CPU was not, and the figure is too low.
void
bench_scaling(void)
{
	const struct bench_setup setup = {
		.sessions = SESSIONS, .n_pool = POOL, .workers = 2, .room = ROOM};
	static struct bench_samples scaling, single, both;
	unsigned int batches = 0, interrupted = 0, rounds = bench_opt.quick ? 5 : 15;

	if (!bench_wanted("scaling"))
		return;
	if (!choose_cpus()) {
		bench_print("scaling", "sessions=%u workers=2 free=no cpus=1", SESSIONS);
		return;
	}
	bench_start(&setup);
	for (unsigned int i = 0; i < RTE_DIM(thread); i++)
		prepare_thread(i);
	scaling.n = single.n = both.n = 0;
	for (unsigned int r = 0; r < rounds; r++) {
		double alone = run_threads(1, 0.2), first = run_threads(2, 0.2);
		double second = bench_quantile(&thread[1].cycles, 0.5);

		for (unsigned int i = 0; i < RTE_DIM(thread); i++) {
			batches += thread[i].batches;
			interrupted += thread[i].interrupted;
		}
		if (alone <= 0 || first <= 0 || second <= 0)
			continue; // not one batch in peace
		bench_sample(&single, alone);
		bench_sample(&both, (first + second) / 2);
		bench_sample(&scaling, alone / first + alone / second);
	}
	bench_print("scaling",
		"sessions=%u workers=2 scaling=%.2f min=%.2f max=%.2f cycles=%.0f "
		"cycles_both=%.0f interrupted_percent=%.0f free=%s",
		SESSIONS, bench_quantile(&scaling, 0.5), bench_quantile(&scaling, 0),
		bench_quantile(&scaling, 1), bench_quantile(&single, 0.5),
		bench_quantile(&both, 0.5), batches ? 100.0 * interrupted / batches : 100,
		interrupted * 100 <= batches * FREE_MAX ? "yes" : "no");
	for (unsigned int i = 0; i < RTE_DIM(thread); i++)
		rte_pktmbuf_free_bulk(thread[i].m, BATCH);
	bench_stop();
}
