// SPDX-License-Identifier: BSD-3-Clause
// Which elements of an array are in use: indexes are handed out from a stack of freed ones, and
// from the untouched rest of the array when it is empty.
#ifndef STATE_SLOTS_H
#define STATE_SLOTS_H

#include "state/table.h"

#include <rte_malloc.h>

struct slots {
	uint32_t *freed;
	uint32_t n_freed;
	uint32_t top; // indexes from here on have never been used
	uint32_t max;
};

static inline int
slots_init(struct slots *s, uint32_t max, int socket_id)
{
	s->max = max;
	s->freed = rte_malloc_socket("slots", sizeof(*s->freed) * max, 0, socket_id);
	return s->freed ? 0 : -ENOMEM;
}

static inline uint32_t
slots_take(struct slots *s)
{
	if (s->n_freed)
		return s->freed[--s->n_freed];
	return s->top < s->max ? s->top++ : INDEX_NONE;
}

// The index that slots_take would return; s must not be full.
static inline uint32_t
slots_next(const struct slots *s)
{
	return s->n_freed ? s->freed[s->n_freed - 1] : s->top;
}

// The same, of the call after k others; INDEX_NONE when there will be none.
static inline uint32_t
slots_peek(const struct slots *s, uint32_t k)
{
	if (k < s->n_freed)
		return s->freed[s->n_freed - 1 - k];
	k -= s->n_freed;
	return k < s->max - s->top ? s->top + k : INDEX_NONE;
}

static inline void
slots_give(struct slots *s, uint32_t index)
{
	s->freed[s->n_freed++] = index;
}

static inline bool
slots_full(const struct slots *s)
{
	return s->n_freed == 0 && s->top == s->max;
}

static inline uint32_t
slots_used(const struct slots *s)
{
	return s->top - s->n_freed;
}

#endif
