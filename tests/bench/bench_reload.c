// SPDX-License-Identifier: BSD-3-Clause
// What a reload does to packets that pass: an address of the pool goes while others' packets are
// translated. Turns before it and during it, by their time.
#include "bench.h"

#include "app/reload.h"
#include "base/rand.h"

#include <pthread.h>
#include <rte_cycles.h>
#include <stdatomic.h>
#include <stdlib.h>

#define BEFORE 20000 // turns

struct turns {
	struct bench_samples us;
	double max;
	unsigned int n, interrupted;
	struct rand_pool rand;
};

static struct reload_report report;
static struct config next;
static double reload_ms;
static atomic_bool done;

static void *
reload_main(void *arg)
{
	uint64_t start = rte_rdtsc();

	if (gateway_change(&bench_f.gw, &next, &report))
		abort();
	reload_ms = (double)(rte_rdtsc() - start) * 1e3 / (double)rte_get_tsc_hz();
	atomic_store(&done, true);
	return NULL;
}

// A turn of the worker with a burst; one during which the kernel took the CPU away does not count.
static void
turn(struct turns *t)
{
	struct worker *w = bench_f.gw.worker[0];
	struct rte_mbuf *m[32];
	uint64_t was, start;
	double us;

	for (unsigned int k = 0; k < 32; k++)
		bench_make64(m[k] = rte_pktmbuf_alloc(bench_f.gw.pool), bench_next_flow());
	was = bench_interruptions();
	start = rte_rdtsc_precise();
	pipeline_run(w, &bench_f.gw.port[BENCH_LAN], m, 32);
	worker_turn(w, 32);
	us = (double)(rte_rdtsc_precise() - start) * 1e6 / (double)rte_get_tsc_hz();
	t->n++;
	if (bench_interruptions() != was) {
		t->interrupted++;
		return;
	}
	t->max = RTE_MAX(t->max, us);
	if (t->us.n < BENCH_SAMPLES)
		t->us.v[t->us.n++] = us;
	else if (rand_below(&t->rand, t->n) < BENCH_SAMPLES) // any turn is as likely kept
		t->us.v[rand_below(&t->rand, BENCH_SAMPLES)] = us;
}

void
bench_reload(uint32_t sessions, unsigned int n_pool)
{
	static struct turns before, during;
	pthread_t thread;

	if (!bench_wanted("reload"))
		return;
	bench_start(&(struct bench_setup){.sessions = sessions, .n_pool = n_pool});
	bench_order_random(1024);
	while (before.n < BEFORE)
		turn(&before);
	next = bench_f.gw.asked;
	next.nat64.pool4[0].first.s_addr = htonl(ntohl(next.nat64.pool4[0].first.s_addr) + 1);
	if (pthread_create(&thread, NULL, reload_main, NULL))
		abort();
	while (!atomic_load(&done))
		turn(&during);
	pthread_join(thread, NULL);
	bench_print("reload",
		"sessions=%u ended=%lu reload_ms=%.0f turns=%u us_before=%.1f us_median=%.1f "
		"us_p99=%.1f us_max=%.1f us_max_before=%.1f interrupted=%u",
		sessions, (unsigned long)report.ended, reload_ms, during.n,
		bench_quantile(&before.us, 0.5), bench_quantile(&during.us, 0.5),
		bench_quantile(&during.us, 0.99), during.max, before.max, during.interrupted);
	reload_report_free(&report);
	bench_stop();
}
