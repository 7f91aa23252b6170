// SPDX-License-Identifier: BSD-3-Clause
// What a reload does to packets that pass: an address of the pool goes while others' packets are
// translated. Turns before it and during it, by their time.
#include "bench.h"

#include "app/reload.h"

#include <pthread.h>
#include <rte_cycles.h>
#include <stdatomic.h>
#include <stdlib.h>

#define BEFORE 20000 // turns

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

void
bench_reload(uint32_t sessions, unsigned int n_pool)
{
	static struct bench_turns before, during;
	pthread_t thread;

	if (!bench_wanted("reload"))
		return;
	bench_start(&(struct bench_setup){.sessions = sessions, .n_pool = n_pool});
	bench_order_random(1024);
	while (before.n < BEFORE)
		bench_turn(&before);
	next = bench_f.gw.asked;
	next.nat64.pool4[0].first.s_addr = htonl(ntohl(next.nat64.pool4[0].first.s_addr) + 1);
	if (pthread_create(&thread, NULL, reload_main, NULL))
		abort();
	while (!atomic_load(&done))
		bench_turn(&during);
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
