// SPDX-License-Identifier: BSD-3-Clause
// The pipeline in memory: mbufs from a pool in, mbufs out, no NIC, one thread. What is measured are
// batches of BENCH_RING frames, each right after a plain MAC-swap forward of the same frames. A
// batch during which the kernel took the CPU away is measured again, so that a busy machine makes
// the bench slow, not wrong. Neighbours on the same core and memory make all of it slower; batches
// whose forward ran at its best speed are calm, and are looked at apart as well.
#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

#include "app/pipeline.h"
#include "common/fixture.h"

#include <sched.h>

#define BENCH_LAN     0
#define BENCH_WAN     1
#define BENCH_RING    4096 // frames in flight: headers come from cache, as after DMA
#define BENCH_NEW     (32 * BENCH_RING)
#define BENCH_MAX     (4u << 20)
#define BENCH_SAMPLES 1024

struct bench_options {
	bool quick;
	const char *only; // part of a name; NULL: all
};

enum bench_queue {
	BENCH_CALL,       // no queue: run is called for each burst
	BENCH_QUEUE,      // worker 0 receives, and finds a burst whenever it looks
	BENCH_QUEUE_LONE, // the same, and nothing when it looks right after one
};

// How frames are run: burst frames at a time.
struct bench_case {
	const char *name;
	uint32_t sessions;         // that there are, and that the frames are of
	unsigned int batch, burst; // frames
	unsigned int in_port;
	void (*make)(struct rte_mbuf *m, uint32_t flow);
	void (*run)(const struct bench_case *c, struct rte_mbuf **pkts, unsigned int n);
	const char *note; // "key=value" for the line, or NULL
	enum bench_queue queue;
};

extern struct fixture bench_f;
extern struct bench_options bench_opt;

// ---- bench_gateway.c: a gateway with flows. Flow i: 64 ports of each client, each to one of 65536
// servers.

struct bench_setup {
	uint32_t sessions;   // made at once
	uint32_t room;       // for more
	uint32_t bindings;   // room for them, 0: one a session
	unsigned int n_pool; // addresses
	unsigned int workers;
	uint32_t hold_sec;      // that a port rests, an eighth of the bindings' at most
	uint8_t subscriber_len; // 0: all clients are one subscriber's
	uint32_t neighbors;     // room for them, 0: few
	uint32_t syns;          // that may wait
};

void bench_start(const struct bench_setup *s);
void bench_stop(void);
// Worker 0 runs frames that the port received.
void bench_run(unsigned int port, struct rte_mbuf **pkts, unsigned int n);
// The flow that the next frame is of: cyclic through a random order of all, or by Zipf's law.
void bench_order_random(uint32_t n);
void bench_order_zipf(uint32_t n);
uint32_t bench_next_flow(void);
// Of the first n flows those that a worker owns, in random order; and that order, max of it.
void bench_order_owner(uint32_t n, unsigned int worker);
uint32_t bench_order_copy(uint32_t *flow, uint32_t max);

void bench_make64(struct rte_mbuf *m, uint32_t flow);
void bench_make64_new(struct rte_mbuf *m, uint32_t flow); // of flows behind the setup's sessions
void bench_make64_syn(struct rte_mbuf *m, uint32_t flow);
void bench_make64_fragment(struct rte_mbuf *m, uint32_t flow); // first and last in turn
void bench_make46_syn(struct rte_mbuf *m, uint32_t flow);      // nobody has asked for it
void bench_make46(struct rte_mbuf *m, uint32_t flow);
void bench_make46_error(struct rte_mbuf *m, uint32_t flow);
void bench_make_imix(struct rte_mbuf *m, uint32_t flow); // bursts in both directions in turn

// bench_restart.c
void bench_restart(uint32_t sessions, unsigned int n_pool);

// bench_pauses.c
void bench_pauses(void);

// ---- bench_workers.c

// Before EAL takes the CPUs.
void bench_workers_init(void);
void bench_steer(void);
void bench_hand_over(void);
void bench_scaling(void);
const cpu_set_t *bench_cpus(void); // that the program was started with

// ---- bench_control.c

void bench_memory(void);

// ---- bench_measure.c

void bench_run_pipeline(const struct bench_case *c, struct rte_mbuf **pkts, unsigned int n);
// Measures the case and prints its line. The median cycles, 0 if the case is not wanted.
double bench_measure(const struct bench_case *c);

struct bench_samples {
	unsigned int n;
	double v[BENCH_SAMPLES];
};
void bench_sample(struct bench_samples *s, double v);
double bench_quantile(struct bench_samples *s, double q); // sorts

// Batches of a case: cycles a frame, and of the forward right before.
struct bench_batches {
	unsigned int n;
	double forward[BENCH_SAMPLES], cycles[BENCH_SAMPLES];
};

// One more batch. False: it was interrupted and does not count, unless it shall anyway.
bool bench_batch(const struct bench_case *c, struct bench_batches *b, bool anyway);
// Prints the line of the case, and returns the median cycles.
double bench_report(const struct bench_case *c, const struct bench_batches *b);
bool bench_wanted(const char *name);
// A line of the output: "key=value" fields behind the name.
void bench_print(const char *name, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
// Times that the kernel took this thread's CPU away so far.
uint64_t bench_interruptions(void);

#endif
