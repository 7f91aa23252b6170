// SPDX-License-Identifier: BSD-3-Clause
#include "bench.h"

#include "app/receive.h"

#include <rte_cycles.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/resource.h>

#define TRIES 200 // batches lost by interruptions, before interrupted ones count as well
#define CALM  1.1 // times the best forward: how slow that of a calm batch may be
#define FEW   10  // calm batches, too few for a figure
#define CASES 32  // names of them, or more than there are

uint64_t
bench_interruptions(void)
{
	struct rusage u;

	getrusage(RUSAGE_THREAD, &u);
	return (uint64_t)u.ru_nivcsw + (uint64_t)u.ru_nvcsw;
}

bool
bench_wanted(const char *name)
{
	return !bench_opt.only || strstr(name, bench_opt.only);
}

// ---- samples

void
bench_sample(struct bench_samples *s, double v)
{
	if (s->n < BENCH_SAMPLES)
		s->v[s->n++] = v;
}

static int
by_value(const void *a, const void *b)
{
	double d = *(const double *)a - *(const double *)b;

	return d < 0 ? -1 : d > 0;
}

double
bench_quantile(struct bench_samples *s, double q)
{
	if (s->n == 0)
		return 0;
	qsort(s->v, s->n, sizeof(*s->v), by_value);
	return s->v[(unsigned int)(q * (s->n - 1) + 0.5)];
}

// ---- output

void
bench_print(const char *name, const char *fmt, ...)
{
	va_list ap;

	printf("bench %s ", name);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
}

// ---- batches

// The yardstick.
static void
forward(struct rte_mbuf **pkts, unsigned int n, struct port *port)
{
	for (unsigned int i = 0; i < n; i++) {
		struct rte_ether_hdr *eth = rte_pktmbuf_mtod(pkts[i], struct rte_ether_hdr *);
		struct rte_ether_addr a = eth->dst_addr;

		eth->dst_addr = eth->src_addr;
		eth->src_addr = a;
	}
	port->tx(port, 0, pkts, (uint16_t)n);
}

void
bench_run_pipeline(const struct bench_case *c, struct rte_mbuf **pkts, unsigned int n)
{
	bench_run(c->in_port, pkts, n);
}

// ---- a receive queue

static struct {
	struct rte_mbuf **pkts;
	unsigned int left;  // frames of the batch
	unsigned int burst; // so many come at once
	unsigned int ready; // of these that are not taken yet
	bool lone;          // nothing more is there when the worker looks again at once
} feed;

static uint16_t
take_fed(struct port *p, uint16_t queue, struct rte_mbuf **m, uint16_t n)
{
	uint16_t k = (uint16_t)RTE_MIN(n, feed.ready);

	memcpy(m, feed.pkts, k * sizeof(*m));
	feed.pkts += k;
	feed.left -= k;
	feed.ready -= k;
	if (!feed.ready && !(feed.lone && k))
		feed.ready = RTE_MIN(feed.burst, feed.left);
	return k;
}

static void
run_queue(const struct bench_case *c, struct rte_mbuf **pkts)
{
	struct worker *w = bench_f.gw.worker[0];
	struct port *p = &bench_f.gw.port[c->in_port];

	p->rx = take_fed;
	w->n_rxq = (c->burst + WORKER_BURST - 1) / WORKER_BURST;
	for (unsigned int i = 0; i < w->n_rxq; i++)
		w->rxq[i] = (struct rx_queue){.port = p};
	feed.pkts = pkts;
	feed.left = c->batch;
	feed.burst = c->burst;
	feed.lone = c->queue == BENCH_QUEUE_LONE;
	feed.ready = c->burst;
	while (feed.left)
		receive(w);
	w->n_rxq = 0;
}

static void
fill(const struct bench_case *c, struct rte_mbuf **pkts)
{
	if (rte_pktmbuf_alloc_bulk(bench_f.gw.pool, pkts, c->batch))
		abort();
	for (unsigned int i = 0; i < c->batch; i++)
		c->make(pkts[i], bench_next_flow());
}

static double
run_forward(const struct bench_case *c, struct rte_mbuf **pkts)
{
	uint64_t t = rte_rdtsc_precise();

	for (unsigned int i = 0; i < c->batch; i += c->burst)
		forward(pkts + i, c->burst, &bench_f.gw.port[c->in_port]);
	return (double)(rte_rdtsc_precise() - t) / c->batch;
}

static double
run_case(const struct bench_case *c, struct rte_mbuf **pkts)
{
	uint64_t t = rte_rdtsc_precise();

	for (unsigned int i = 0; i < c->batch && !c->queue; i += c->burst)
		c->run(c, pkts + i, c->burst);
	if (c->queue)
		run_queue(c, pkts);
	return (double)(rte_rdtsc_precise() - t) / c->batch;
}

bool
bench_batch(const struct bench_case *c, struct bench_batches *b, bool anyway)
{
	static struct rte_mbuf *pkts[BENCH_RING];
	uint64_t was = bench_interruptions();
	bool counts;

	fill(c, pkts);
	b->forward[b->n] = run_forward(c, pkts);
	fill(c, pkts);
	b->cycles[b->n] = run_case(c, pkts);
	counts = anyway || bench_interruptions() == was;
	b->n += counts && b->n < BENCH_SAMPLES - 1;
	return counts;
}

// The best of the yardstick so far, with whatever number of sessions.
static double
best_forward(const struct bench_case *c, const struct bench_batches *b)
{
	static struct {
		const char *name;
		double forward;
	} best[CASES];
	unsigned int k = 0;

	while (best[k].name && strcmp(best[k].name, c->name) != 0 && k < CASES - 1)
		k++;
	if (!best[k].name) {
		best[k].name = c->name;
		best[k].forward = b->forward[0];
	}
	for (unsigned int i = 0; i < b->n; i++)
		best[k].forward = RTE_MIN(best[k].forward, b->forward[i]);
	return best[k].forward;
}

static void
calm_of(const struct bench_case *c, const struct bench_batches *b, struct bench_samples *calm)
{
	double limit = best_forward(c, b) * CALM;

	calm->n = 0;
	for (unsigned int i = 0; i < b->n; i++)
		if (b->forward[i] <= limit)
			bench_sample(calm, b->cycles[i]);
}

double
bench_report(const struct bench_case *c, const struct bench_batches *b)
{
	static struct bench_samples cycles, forward, ratio, calm;
	char calm_field[32] = "";
	double median;

	cycles.n = forward.n = ratio.n = 0;
	for (unsigned int i = 0; i < b->n; i++) {
		bench_sample(&cycles, b->cycles[i]);
		bench_sample(&forward, b->forward[i]);
		bench_sample(&ratio, b->cycles[i] / b->forward[i]);
	}
	calm_of(c, b, &calm);
	if (calm.n >= FEW)
		snprintf(calm_field, sizeof(calm_field), " calm=%.0f", bench_quantile(&calm, 0.5));
	median = bench_quantile(&cycles, 0.5);
	bench_print(c->name,
		"sessions=%u mpps=%.2f cycles=%.0f%s vs_forward=%.2f min=%.0f q1=%.0f q3=%.0f "
		"max=%.0f forward=%.0f batches=%u calm_batches=%u%s%s",
		c->sessions, (double)rte_get_tsc_hz() / median / 1e6, median, calm_field,
		bench_quantile(&ratio, 0.5), bench_quantile(&cycles, 0),
		bench_quantile(&cycles, 0.25), bench_quantile(&cycles, 0.75),
		bench_quantile(&cycles, 1), bench_quantile(&forward, 0.5), b->n, calm.n,
		c->note ? " " : "", c->note ? c->note : "");
	return median;
}

double
bench_measure(const struct bench_case *c)
{
	static struct bench_batches b;
	static struct bench_samples calm;
	const unsigned int batches = bench_opt.quick ? 60 : 300;
	unsigned int warm = RTE_MIN(c->sessions / BENCH_RING + 1, 64u), lost = 0;

	if (!bench_wanted(c->name))
		return 0;
	for (b.n = 0; b.n < warm;)
		bench_batch(c, &b, true);
	b.n = 0;
	do {
		lost += !bench_batch(c, &b, lost > TRIES);
		calm_of(c, &b, &calm);
	} while (b.n < batches || (calm.n < batches / 4 && b.n < 2 * batches));
	return bench_report(c, &b);
}
