// SPDX-License-Identifier: BSD-3-Clause
// How an lcore without work rests: until one of its receive queues has a packet, somebody rings
// because of what he put into one of its rings, or a few milliseconds are over. Where a queue has
// nothing to wait for, the lcore naps for IDLE_NAP_US at a time instead, or longer when it is
// quiet. Owned by its lcore; only idle_ring is for others.
#ifndef APP_IDLE_H
#define APP_IDLE_H

#include "base/err.h"

#include <rte_epoll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define IDLE_SPIN   64 // turns without work before the first rest
#define IDLE_NAP_US 50
// A nap costs some microseconds of CPU whatever its length, so naps become longer after so many in
// a row (more than a second): the first packet after a quiet time is later, those behind it are
// not.
#define IDLE_QUIET       20000
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
	uint16_t ethdev, queue;
	bool interrupt; // has to be enabled before each rest
};

struct idle {
	bool enabled;       // lcores.idle: sleep
	bool naps;          // something cannot be waited for
	bool resting;       // or about to
	atomic_bool asleep; // the same, until somebody rings
	unsigned int empty; // turns without work in a row
	int rest_ms;        // how long the next rest is
	int epoll, bell;    // -1: none
	struct rte_epoll_event ring;
	struct idle_queue queue[IDLE_QUEUES];
	unsigned int n_queue;
};

int idle_init(struct idle *i, bool enabled, struct err *err);
void idle_fini(struct idle *i);

// A receive queue of a started port that the lcore polls. Main thread, before the lcore starts.
void idle_watch(struct idle *i, const struct port *p, uint16_t queue);

// After a turn with work, and after one without. The latter may rest; true: something happened, or
// there was no rest.
void idle_busy(struct idle *i);
bool idle_rest(struct idle *i);
// How long the next nap is, of an lcore that naps.
unsigned int idle_nap_us(const struct idle *i);

// After something was put into a ring of the lcore. Costs a look at a flag while it is awake, or
// while somebody rang already.
void idle_wake(struct idle *i);

static inline void
idle_ring(struct idle *i)
{
	if (__builtin_expect(atomic_load_explicit(&i->asleep, memory_order_relaxed), false))
		idle_wake(i);
}

#endif
