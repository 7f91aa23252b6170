// SPDX-License-Identifier: BSD-3-Clause
// How an lcore without work rests: until one of its receive queues has a packet, somebody rings
// because of what he put into one of its rings, or a few milliseconds are over. Where a queue has
// nothing to wait for, or its interrupts do not come, the lcore naps for IDLE_NAP_US at a time
// instead, or longer when it is quiet. Owned by its lcore; only idle_ring is for others.
#ifndef APP_IDLE_H
#define APP_IDLE_H

#include "base/err.h"

#include <rte_epoll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

// Time without work before the first rest. Packets that come closer together find the lcore awake,
// and others cost it so much more; a longer time was no better (docs/performance.md).
#define IDLE_SPIN_US 50
#define IDLE_NAP_US  50
// A NIC may hold an interrupt back for a while after the one before: DPDK's drivers of Intel's tell
// it up to 16.8 ms. So an lcore naps for longer than that before it relies on one.
#define IDLE_NAPS_MS 20
// Packets in a row that no interrupt told of, so none will. Some NICs never send one, and so they
// are only relied on once one came.
#define IDLE_UNHEARD 8
// A nap costs some microseconds of CPU whatever its length, so naps become longer after so much
// time without work: the first packet after a quiet time is later, those behind it are not.
#define IDLE_QUIET_MS    1000
#define IDLE_LONG_NAP_US 150
// Timers are looked at so often. The first rest is the shortest, and each one that nobody ends
// doubles. That is also how late a packet can be whose ring is not heard: who rings looks at
// `asleep` without a barrier, which the data path has none of, and may look a moment too early.
#define IDLE_MIN_MS 1
#define IDLE_MAX_MS 8

#define IDLE_QUEUES 64 // that one lcore waits for

struct port;

struct idle_queue {
	struct rte_epoll_event event;
	struct port *nic;
	uint16_t queue;
	int socket; // of the driver; -1: an interrupt, to be enabled before each rest
	unsigned int unheard;
};

struct idle {
	bool enabled;       // lcores.idle: sleep
	bool naps;          // something cannot be waited for
	bool interrupts;    // something is waited for by interrupt
	bool resting;       // or about to
	bool expired;       // the last rest was over by itself
	atomic_bool asleep; // the same, until somebody rings
	uint64_t since_ns;  // when the first turn without work began; 0: the last one had some
	int rest_ms;        // how long the next rest is
	int epoll, bell;    // -1: none
	struct rte_epoll_event ring;
	struct idle_queue queue[IDLE_QUEUES];
	unsigned int n_queue;
};

int idle_init(struct idle *i, bool enabled, struct err *err);
void idle_fini(struct idle *i);

// The next receive queue of those that the lcore polls, of a started NIC. Main thread, before the
// lcore starts.
void idle_watch(struct idle *i, struct port *nic, uint16_t queue);

// The NIC's workers nap, and the log says why. Once.
void idle_give_up(struct port *nic, const char *why);

// After a turn with work, and after one without, which began at now_ns of a clock that never goes
// back. The latter may rest; true: something happened, or there was no rest.
void idle_busy(struct idle *i);
bool idle_rest(struct idle *i, uint64_t now_ns);
// How long the next nap is, of an lcore that naps and has had no work for so long.
unsigned int idle_nap_us(uint64_t idle_ns);

// After something was put into a ring of the lcore. Costs a look at a flag while it is awake, or
// while somebody rang already.
void idle_wake(struct idle *i);
void idle_count_unheard(struct idle *i, unsigned int n);

// There are packets in the receive queue that was the n-th to be watched.
static inline void
idle_received(struct idle *i, unsigned int n)
{
	if (__builtin_expect(i->expired, false))
		idle_count_unheard(i, n);
}

static inline void
idle_ring(struct idle *i)
{
	if (__builtin_expect(atomic_load_explicit(&i->asleep, memory_order_relaxed), false))
		idle_wake(i);
}

#endif
