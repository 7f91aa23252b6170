// SPDX-License-Identifier: BSD-3-Clause
#include "wire.h"

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <string.h>
#include <sys/resource.h>

#define QUIET_MS    50     // nothing came for so long: what is missing is lost
#define DRAIN_MS    500    // at most
#define PAUSE_US    100    // from one turn to the next: the kernel may have taken the CPU away
#define CATCH_UP_S  200e-6 // of the schedule: more that is due is left out
#define WALL_MAX    3      // times its length, that a trial takes with the tester's pauses
#define LEARN_TIMES 20     // that a flow's first packet is sent at most

// Delays by their order of magnitude and the six bits behind it: 1.6 % exact, in cycles.
#define FINE      64
#define HISTOGRAM (64 * FINE)

struct trial {
	struct wire *w;
	struct wire_result r;
	bool learn;
	uint32_t next[WIRE_SIDES]; // flow
	uint64_t last_tsc;         // something came
	uint64_t turn_tsc;         // the last turn began
	uint64_t switches;         // of this thread by then
	bool paused;               // before this turn
	uint64_t min, max;
	uint64_t count[HISTOGRAM];
};

static unsigned int
bucket_of(uint64_t cycles)
{
	unsigned int log = 63 - (unsigned int)__builtin_clzll(cycles | FINE), shift = log - 6;

	return (shift + 1) * FINE + (unsigned int)(cycles >> shift) % FINE;
}

// The lower end of a bucket.
static double
cycles_of(unsigned int bucket)
{
	return (double)((uint64_t)(FINE + bucket % FINE) << (bucket / FINE - 1));
}

static double
percentile(const struct trial *t, double q)
{
	uint64_t want = (uint64_t)((double)t->r.timed * q), n = 0;

	for (unsigned int i = FINE; i < HISTOGRAM; i++)
		if ((n += t->count[i]) > want)
			return cycles_of(i);
	return (double)t->max;
}

// ---- receiving

static void
take(struct trial *t, enum wire_side at, const struct rte_mbuf *m, uint64_t now)
{
	struct wire_seen seen;
	uint64_t delay;

	if (!wire_parse(t->w, at, m, t->learn, &seen)) {
		wire_neighbor(t->w, at, m);
		return;
	}
	if (seen.trial != t->w->trial)
		return;
	delay = now > seen.tsc ? now - seen.tsc : 1;
	t->r.received++;
	t->last_tsc = now;
	if (t->paused)
		return; // it may have waited for the tester
	t->r.timed++;
	t->count[bucket_of(delay)]++;
	t->min = RTE_MIN(t->min, delay);
	t->max = RTE_MAX(t->max, delay);
}

static void
receive(struct trial *t)
{
	struct rte_mbuf *m[WIRE_BURST];

	for (enum wire_side side = 0; side < WIRE_SIDES; side++) {
		uint16_t n = rte_eth_rx_burst(t->w->port[side], 0, m, WIRE_BURST);
		uint64_t now = rte_rdtsc();

		for (uint16_t i = 0; i < n; i++)
			take(t, side, m[i], now);
		if (n)
			rte_pktmbuf_free_bulk(m, n);
	}
}

static void
drain(struct trial *t, double ms)
{
	const double hz = (double)rte_get_tsc_hz();
	const uint64_t end = rte_rdtsc() + (uint64_t)(ms * hz / 1e3);
	const uint64_t quiet = (uint64_t)(QUIET_MS * hz / 1e3);

	t->last_tsc = rte_rdtsc();
	while (rte_rdtsc() < end && rte_rdtsc() - t->last_tsc < quiet && t->r.received < t->r.sent)
		receive(t);
}

// ---- sending

static void
send_burst(struct trial *t, enum wire_side from, const uint32_t *flow, unsigned int n)
{
	struct rte_mbuf *m[WIRE_BURST];
	uint16_t sent;

	t->r.sent += n;
	if (rte_pktmbuf_alloc_bulk(t->w->pool, m, n))
		return; // all of them wait in rings
	for (unsigned int i = 0; i < n; i++)
		wire_make(t->w, from, m[i], flow[i]);
	sent = rte_eth_tx_burst(t->w->port[from], 0, m, (uint16_t)n);
	rte_pktmbuf_free_bulk(m + sent, n - sent);
}

static void
send_next(struct trial *t, enum wire_side from, unsigned int n)
{
	uint32_t flow[WIRE_BURST];

	for (unsigned int i = 0; i < n; i++) {
		flow[i] = t->next[from];
		t->next[from] += t->w->stride;
		if (t->next[from] >= t->w->n_flow)
			t->next[from] -= t->w->n_flow;
	}
	send_burst(t, from, flow, n);
}

static void
begin(struct trial *t, struct wire *w, bool learn)
{
	memset(t, 0, sizeof(*t));
	t->w = w;
	t->learn = learn;
	t->min = UINT64_MAX;
	w->trial++;
}

static void
evaluate(struct trial *t, double seconds, double rate)
{
	const double us = 1e6 / (double)rte_get_tsc_hz();

	t->r.offered = (double)t->r.sent / seconds;
	t->r.behind = t->r.offered < 0.97 * rate;
	if (!t->r.timed)
		return;
	t->r.min_us = (double)t->min * us;
	t->r.p50_us = percentile(t, 0.5) * us;
	t->r.p99_us = percentile(t, 0.99) * us;
	t->r.p999_us = percentile(t, 0.999) * us;
	t->r.max_us = (double)t->max * us;
}

static uint64_t
switches(void)
{
	struct rusage u;

	getrusage(RUSAGE_THREAD, &u);
	return (uint64_t)u.ru_nivcsw;
}

// Cycles since the last turn, if the kernel took the CPU away in between.
static uint64_t
pause_before(struct trial *t, uint64_t now)
{
	const uint64_t gap = now - t->turn_tsc;
	uint64_t n;

	t->turn_tsc = now;
	t->paused = false;
	if (gap < PAUSE_US * rte_get_tsc_hz() / 1000000)
		return 0;
	n = switches();
	t->paused = n != t->switches;
	t->switches = n;
	return t->paused ? gap : 0;
}

// The schedule stands still while the tester does.
struct wire_result
wire_trial(struct wire *w, double rate, double seconds)
{
	static struct trial t;
	const double hz = (double)rte_get_tsc_hz();
	const double slack = RTE_MAX(2.0 * WIRE_BURST, rate * CATCH_UP_S);
	uint64_t start = rte_rdtsc(), now;
	const uint64_t wall_end = start + (uint64_t)(WALL_MAX * seconds * hz);
	enum wire_side from = WIRE_INSIDE;
	double skipped = 0;

	begin(&t, w, false);
	t.turn_tsc = start;
	t.switches = switches();
	for (;;) {
		double due;

		now = rte_rdtsc();
		start += pause_before(&t, now);
		if (now >= start + (uint64_t)(seconds * hz) || now >= wall_end)
			break;
		due = (double)(now - start) / hz * rate - skipped - (double)t.r.sent;
		if (due > slack) {
			skipped += due - slack;
			due = slack;
		}
		if (due >= 1) {
			send_next(&t, from, RTE_MIN((unsigned int)due, (unsigned int)WIRE_BURST));
			from = !from;
		}
		receive(&t);
	}
	drain(&t, DRAIN_MS);
	evaluate(&t, (double)(now - start) / hz, rate);
	return t.r;
}

// ---- before the trials

uint32_t
wire_learn(struct wire *w, double rate)
{
	static struct trial t;
	const uint64_t gap = (uint64_t)((double)rte_get_tsc_hz() / rate);

	begin(&t, w, true);
	for (unsigned int round = 0; round < LEARN_TIMES && w->n_learnt < w->n_flow; round++) {
		uint64_t next = rte_rdtsc();

		for (uint32_t flow = 0; flow < w->n_flow; flow++) {
			if (w->flow[flow].pool4)
				continue;
			while (rte_rdtsc() < next)
				receive(&t);
			next = rte_rdtsc() + gap;
			send_burst(&t, WIRE_INSIDE, &flow, 1);
			receive(&t);
		}
		drain(&t, DRAIN_MS);
	}
	return w->n_learnt;
}

bool
wire_resolve(struct wire *w, double seconds)
{
	static struct trial t;
	const uint64_t hz = rte_get_tsc_hz(), end = rte_rdtsc() + (uint64_t)(seconds * (double)hz);
	uint64_t again = 0;

	begin(&t, w, false);
	while (rte_rdtsc() < end && !(w->resolved[WIRE_INSIDE] && w->resolved[WIRE_OUTSIDE])) {
		if (rte_rdtsc() >= again) {
			for (enum wire_side side = 0; side < WIRE_SIDES; side++)
				wire_ask(w, side);
			again = rte_rdtsc() + hz / 5;
		}
		receive(&t);
	}
	return w->resolved[WIRE_INSIDE] && w->resolved[WIRE_OUTSIDE];
}
