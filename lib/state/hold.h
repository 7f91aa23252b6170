// SPDX-License-Identifier: BSD-3-Clause
// Ports and identifiers at rest: freed, and not to be used again for a while (N64-PORT-09). All
// rest equally long, so that a ring holds them in the order in which they end.
#ifndef STATE_HOLD_H
#define STATE_HOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hold_port {
	uint32_t due_sec; // the first second in which it may be used
	uint16_t addr;    // index in the pool
	uint16_t port;
	uint8_t proto;      // enum state_proto
	uint8_t generation; // of the pool that addr is of; pool4_change.c
};

struct hold {
	uint32_t sec; // how long they rest; 0: not at all
	uint32_t max, first, n;
	uint32_t old;     // of those, from the oldest on, that rested before the last change
	uint32_t done;    // ... and that it has taken over
	uint32_t cap_sec; // when the rest of old ones ends at the latest
	uint64_t early;   // ended before their time, since there was no room
	struct hold_port *ring;
};

// 0 or -ENOMEM. Nothing is taken when sec or max is 0.
int hold_init(struct hold *h, uint32_t sec, uint32_t max, int socket_id);
void hold_fini(struct hold *h);

static inline bool
hold_is_full(const struct hold *h)
{
	return h->n == h->max;
}

// There must be room.
static inline void
hold_push(struct hold *h, struct hold_port port)
{
	uint64_t at = (uint64_t)h->first + h->n++;

	h->ring[at < h->max ? at : at - h->max] = port;
}

// A change begins, from which on ports rest for sec: those that rest already rest no longer than
// that from now on, so that the order stays. Whoever changes it has to see to them by hold_renew.
static inline void
hold_change(struct hold *h, uint32_t sec, uint32_t now_sec)
{
	h->old = h->n;
	h->done = 0;
	h->sec = sec;
	h->cap_sec = now_sec + sec + 1;
}

// The oldest one that is still to be seen to, its time cut; NULL: none.
static inline struct hold_port *
hold_renew(struct hold *h)
{
	uint64_t at = (uint64_t)h->first + h->done;
	struct hold_port *port;

	if (h->done == h->old)
		return NULL;
	h->done++;
	port = &h->ring[at < h->max ? at : at - h->max];
	if (port->due_sec > h->cap_sec)
		port->due_sec = h->cap_sec;
	return port;
}

// The one that has rested longest; there must be one.
static inline const struct hold_port *
hold_oldest(const struct hold *h)
{
	return &h->ring[h->first];
}

// The one that came last; there must be one.
static inline const struct hold_port *
hold_newest(const struct hold *h)
{
	uint64_t at = (uint64_t)h->first + h->n - 1;

	return &h->ring[at < h->max ? at : at - h->max];
}

static inline struct hold_port
hold_pop(struct hold *h)
{
	struct hold_port port = h->ring[h->first];

	h->first = h->first + 1 == h->max ? 0 : h->first + 1;
	h->n--;
	h->old -= h->old > 0;
	h->done -= h->done > 0;
	return port;
}

#endif
