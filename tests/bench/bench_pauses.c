// SPDX-License-Identifier: BSD-3-Clause
// How long packets wait at most for what a worker does between two bursts. A single long turn says
// nothing where a hypervisor takes the CPU away, so the same turns are done several times over: all
// that is random is seeded, and a turn counts by the shortest time that it took. What is left of
// these times is the gateway's own.
#include "bench.h"

#include "app/cli/command.h"
#include "app/reload.h"

#include <pthread.h>
#include <rte_cycles.h>
#include <rte_ip.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#define POOL     127
#define ALIVE    10000 // sessions whose packets come
#define WARM     4     // turns that do not count: a worker that polls has its code in the cache
#define NEW      64    // turns of a reload at whose start all packets begin a session
#define SYNS     1024  // that may wait
#define STEP_NS  10000 // from a turn to the next
#define HOLD_SEC 120
#define SEC      UINT64_C(1000000000)
#define WORKS    16

// ---- the same numbers each time

static uint64_t seed;

// In place of libc's. What the kernel takes for it stays.
ssize_t
getrandom(void *buf, size_t len, unsigned int flags)
{
	ssize_t n = syscall(SYS_getrandom, buf, len, flags);

	for (ssize_t i = 0; seed && i < n; i++) {
		seed = seed * 6364136223846793005 + 1442695040888963407;
		((uint8_t *)buf)[i] = (uint8_t)(seed >> 56);
	}
	return n;
}

// ---- turns

struct worst {
	unsigned int n, len, room; // turns of this repetition, and of the first one
	float *us;                 // the least so far
	uint64_t *mark;            // what the turn did
	double max;                // of all times
};

struct frames {
	unsigned int in_port;
	void (*make)(struct rte_mbuf *m, uint32_t flow);
};

static const struct frames alive = {BENCH_LAN, bench_make64}, fresh = {BENCH_LAN, bench_make64_new},
			   fresh_tcp = {BENCH_LAN, bench_make64_syn},
			   outside = {BENCH_WAN, bench_make46_syn};

static double
turn(const struct frames *f)
{
	struct worker *w = bench_f.gw.worker[0];
	struct rte_mbuf *m[WORKER_BURST];
	uint64_t t;

	if (rte_pktmbuf_alloc_bulk(bench_f.gw.pool, m, WORKER_BURST))
		abort();
	for (unsigned int k = 0; k < WORKER_BURST; k++)
		f->make(m[k], bench_next_flow());
	t = rte_rdtsc_precise();
	worker_set_time(w, bench_f.now_ns += STEP_NS);
	bench_run(f->in_port, m, WORKER_BURST);
	worker_turn(w, WORKER_BURST);
	return (double)(rte_rdtsc_precise() - t) * 1e6 / (double)rte_get_tsc_hz();
}

static uint64_t
mark(void)
{
	struct worker *w = bench_f.gw.worker[0];
	struct state_stats s;

	state_stats(w->state, &s);
	const uint64_t of[] = {s.created[STATE_UDP], s.created[STATE_TCP], s.ended[STATE_UDP],
		s.ended[STATE_TCP], s.bibs[STATE_UDP], s.bibs[STATE_TCP], s.bibs[STATE_ICMP],
		s.ports_resting, s.clients, s.stored_syns, w->stats.tx, w->stats.originated,
		neigh_count(w->neigh)};
	uint64_t h = 0;

	for (unsigned int i = 0; i < RTE_DIM(of); i++)
		h = h * 0x9e3779b97f4a7c15 + of[i];
	return h;
}

static void
make_room(struct worst *w)
{
	if (w->n < w->room)
		return;
	w->room = RTE_MAX(2 * w->room, 4096u);
	w->us = realloc(w->us, w->room * sizeof(*w->us));
	w->mark = realloc(w->mark, w->room * sizeof(*w->mark));
	if (!w->us || !w->mark)
		abort();
}

static void
differs(const char *order, unsigned int at)
{
	fprintf(stderr, "bench: pauses: %s: turn %u was not the same again\n", order, at);
	exit(1);
}

static void
record(struct worst *w, const char *order, double us)
{
	const unsigned int i = w->n;

	w->max = RTE_MAX(w->max, us);
	if (w->len && (i >= w->len || w->mark[i] != mark()))
		differs(order, i);
	make_room(w);
	if (!w->len)
		w->mark[i] = mark();
	if (!w->len || us < w->us[i])
		w->us[i] = (float)us;
	w->n++;
}

// ---- what happens meanwhile

struct work {
	const char *order;
	const char *command;   // of the CLI, or
	void (*control)(void); // another thread's; a turn for each slice of theirs, or
	// a turn, while there is one more
	const struct frames *(*next)(unsigned int turn);
	unsigned int fresh;        // turns, the first ones, whose packets begin sessions
	const struct frames *warm; // in those that do not count; NULL: as in the first one
	void (*prepare)(void);
};

static atomic_bool done;

static void *
control_main(void *arg)
{
	const struct work *k = arg;
	cpu_set_t cpus = *bench_cpus();
	enum cli_after after;
	char *text = NULL;

	if (CPU_COUNT(&cpus) > 1) // not the worker's
		CPU_CLR(rte_lcore_to_cpu_id((int)rte_get_main_lcore()), &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	if (k->control)
		k->control();
	else if (cli_execute(&bench_f.gw, k->command, &text, &after))
		fprintf(stderr, "bench: %s: %s\n", k->command, text);
	free(text);
	atomic_store(&done, true);
	return NULL;
}

// False: there is none, and there will be none.
static bool
wait_for_slice(void)
{
	const struct mailbox *mb = worker_mailbox(bench_f.gw.worker[0]);

	for (;;) {
		bool ended = atomic_load(&done);

		if (mb->current || !rte_ring_empty(mb->ring))
			return true;
		if (ended)
			return false;
		usleep(10);
	}
}

static void
run_control(const struct work *k, struct worst *w)
{
	pthread_t id;

	atomic_store(&done, false);
	if (pthread_create(&id, NULL, control_main, (void *)(uintptr_t)k))
		abort();
	while (wait_for_slice())
		record(w, k->order, turn(w->n < k->fresh ? &fresh : &alive));
	pthread_join(id, NULL);
}

static void
run(const struct work *k, struct worst *w)
{
	const struct frames *f;

	w->n = 0;
	bench_order_random(ALIVE);
	if (k->prepare)
		k->prepare();
	for (unsigned int i = 0; i < WARM; i++)
		turn(k->warm ? k->warm : k->fresh ? &fresh : &alive);
	if (!k->next)
		run_control(k, w);
	else
		while ((f = k->next(w->n)))
			record(w, k->order, turn(f));
	if (w->len && w->n != w->len)
		differs(k->order, w->n);
	w->len = w->n;
}

// ---- nothing

static const struct frames *
next_idle(unsigned int n)
{
	return n < 20000 ? &alive : NULL;
}

// ---- reloads

static struct config changed;

static void
reload(void)
{
	struct reload_report report;

	if (gateway_change(&bench_f.gw, &changed, &report))
		fprintf(stderr, "bench: reload: %s\n", report.problems);
	reload_report_free(&report);
}

static struct config_nat64 *
to_change(void)
{
	changed = bench_f.gw.asked;
	return &changed.nat64;
}

// The sessions of an address end.
static void
reload_pool(void)
{
	struct in_addr *first = &to_change()->pool4[0].first;

	first->s_addr = htonl(ntohl(first->s_addr) + 1);
	reload();
}

// As many bindings as a change may bring, on ports that may be in use.
static void
reload_static(void)
{
	struct config_nat64 *n = to_change();
	const uint16_t ports = STATE_STATICS_SPARE / CONFIG_STATICS;

	for (unsigned int i = 0; i < CONFIG_STATICS; i++) {
		const uint16_t port = (uint16_t)(1024 + i * 64);
		struct config_static s = {.protocols = 1 << STATIC_UDP,
			.address = n->pool4[0].last,
			.port_first = port,
			.port_last = (uint16_t)(port + ports - 1),
			.client_port = 1024};

		s.client =
			(struct in6_addr){.s6_addr = {0x20, 0x01, 0x0d, 0xb8,
						  0x10, [13] = (uint8_t)(i >> 8), (uint8_t)i, 9}};
		n->statics[n->n_static++] = s;
	}
	reload();
}

// The flows that began by the reload before.
static void
skip_fresh(void)
{
	for (unsigned int i = 0; i < (WARM + NEW) * WORKER_BURST; i++)
		bench_next_flow();
}

// All sessions end.
static void
reload_prefix(void)
{
	pref64_init(&to_change()->prefix[0],
		&(struct prefix6){.addr.s6_addr = {0x20, 0x01, 0x0d, 0xb8, 0x64}, .len = 96});
	reload();
}

// ---- expiry: all but the sessions whose packets come end at once

#define EXPIRY_ALIVE 1024

static uint32_t
sessions_now(void)
{
	struct state_stats s;

	state_stats(bench_f.gw.worker[0]->state, &s);
	return s.sessions[STATE_UDP] + s.sessions[STATE_TCP];
}

static bool rested;

static void
prepare_expiry(void)
{
	bench_order_random(EXPIRY_ALIVE);
	bench_f.now_ns += 3000 * SEC;
	for (unsigned int i = 0; i < EXPIRY_ALIVE / WORKER_BURST; i++)
		turn(&alive);
	bench_f.now_ns += 601 * SEC;
	rested = false;
}

// Half way the ports of those before have rested, and both come together.
static const struct frames *
next_expiry(unsigned int n)
{
	uint32_t left = sessions_now();

	if (!rested && left < bench_f.gw.boot.nat64.max_sessions / 2) {
		bench_f.now_ns += (HOLD_SEC + 2) * SEC;
		rested = true;
	}
	return left > EXPIRY_ALIVE ? &alive : NULL;
}

// ---- sessions begin, until there is no more room; and SYNs from outside that wait in between

static const struct frames *
next_fill(unsigned int n)
{
	return sessions_now() + WORKER_BURST <= bench_f.gw.boot.nat64.max_sessions ? &fresh : NULL;
}

static void
prepare_fill(void)
{
	bench_order_random(bench_f.gw.boot.nat64.max_sessions);
}

static const struct frames *
next_syn(unsigned int n)
{
	const unsigned int stored = SYNS / WORKER_BURST;

	if (n == 2 * stored)
		bench_f.now_ns += 10 * SEC;
	// half as many end in a turn as are stored in one
	return n < stored ? &outside : n < 2 * stored ? &fresh_tcp : n < 4 * stored ? &fresh : NULL;
}

// ---- neighbours

static void
add_neighbors(void)
{
	const uint8_t mac[6] = {2, 9};
	char addr[40];

	for (unsigned int i = 16; i < bench_f.gw.boot.memory.neighbors; i++) {
		snprintf(addr, sizeof(addr), "2001:db8::1:%x", i);
		fixture_neighbor(&bench_f, BENCH_LAN, addr, mac);
	}
}

// ---- all of it

struct start {
	struct bench_setup setup;
	struct work work[WORKS];
};

static int
by_value(const void *a, const void *b)
{
	float d = *(const float *)a - *(const float *)b;

	return d < 0 ? -1 : d > 0;
}

static void
report(const struct start *s, const struct work *k, struct worst *w, unsigned int repeats)
{
	const unsigned int n = w->len;
	unsigned int at = 0;

	if (!n)
		abort();
	for (unsigned int i = 0; i < n; i++)
		at = w->us[i] > w->us[at] ? i : at;
	qsort(w->us, n, sizeof(*w->us), by_value);
	bench_print("pauses",
		"sessions=%u order=%s turns=%u us_median=%.1f us_p99=%.1f us_worst=%.1f "
		"us_max=%.1f "
		"worst_turn=%u repeats=%u",
		s->setup.sessions + s->setup.room, k->order, n, (double)w->us[n / 2],
		(double)w->us[n - 1 - n / 100], (double)w->us[n - 1], w->max, at, repeats);
	free(w->us);
	free(w->mark);
}

static void
measure(const struct start *s)
{
	const unsigned int repeats = bench_opt.quick ? 3 : 5;
	struct worst worst[WORKS] = {0};

	for (unsigned int r = 0; r < repeats; r++) {
		seed = 1;
		bench_start(&s->setup);
		for (unsigned int i = 0; s->work[i].order; i++)
			run(&s->work[i], &worst[i]);
		bench_stop();
		seed = 0;
	}
	for (unsigned int i = 0; s->work[i].order; i++)
		report(s, &s->work[i], &worst[i], repeats);
}

void
bench_pauses(void)
{
	const uint32_t n = bench_opt.quick ? 200000 : 1000000;
	const struct bench_setup full = {.sessions = n,
		.room = 2 * (WARM + NEW) * WORKER_BURST,
		.n_pool = POOL,
		.neighbors = 4096,
		.hold_sec = HOLD_SEC,
		.subscriber_len = 128};
	const struct bench_setup empty = {.room = n,
		.n_pool = POOL,
		.hold_sec = HOLD_SEC,
		.subscriber_len = 128,
		.syns = SYNS};
	const struct start starts[] = {
		{full,
			{
				{"none", .next = next_idle},
				// as many as there may be
				{"list", "show nat64 sessions limit 100000 json"},
				{"filter", "show nat64 sessions proto tcp"}, // looks at all
				{"bib", "show nat64 bib limit 100000 json"},
				{"subscribers", "show nat64 subscribers"},
				{"pool", "show nat64 pool"},
				{"reload_pool", .control = reload_pool, .fresh = NEW},
				{"reload_static", .control = reload_static, .fresh = NEW,
					.prepare = skip_fresh},
				{"reload_prefix", .control = reload_prefix},
			}},
		{full,
			{
				{"clear", "clear nat64 sessions"},
				{"neighbors", "show neighbors limit 100000",
					.prepare = add_neighbors},
				{"clear_neighbors", "clear neighbors"},
			}},
		{full, {{"expiry", .next = next_expiry, .prepare = prepare_expiry}}},
		{empty,
			{
				{"syn", .next = next_syn, .warm = &fresh},
				{"fill", .next = next_fill, .warm = &fresh,
					.prepare = prepare_fill},
			}},
	};

	if (!bench_wanted("pauses"))
		return;
	for (unsigned int i = 0; i < RTE_DIM(starts); i++)
		measure(&starts[i]);
}
