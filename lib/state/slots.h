// SPDX-License-Identifier: BSD-3-Clause
// Which elements of an array are in use. Free ones are handed out from a stack of those that were
// in use, and from the untouched rest of the array when it is empty. The stack is a list through
// the free elements themselves: each begins with the index of the next one. The first ones stand in
// a ring as well, so that they can be fetched before they are handed out.
#ifndef STATE_SLOTS_H
#define STATE_SLOTS_H

#include "state/table.h"

#include <string.h>

#define SLOTS_AHEAD 64

struct slots {
	uint8_t *array;
	size_t size; // of an element
	uint32_t n_freed;
	uint32_t top; // indexes from here on have never been used
	uint32_t max;
	uint32_t first;             // of the ring; grows and falls, and is taken modulo SLOTS_AHEAD
	uint32_t ring[SLOTS_AHEAD]; // the first n_freed, if there are no more than places
};

static inline void
slots_init(struct slots *s, void *array, size_t size, uint32_t max)
{
	*s = (struct slots){.array = (uint8_t *)array, .size = size, .max = max};
}

static inline uint32_t *
slots_at(struct slots *s, uint32_t k)
{
	return &s->ring[(s->first + k) % SLOTS_AHEAD];
}

// The free element that comes after a free one.
static inline uint32_t
slots_after(const struct slots *s, uint32_t index)
{
	uint32_t next;

	memcpy(&next, s->array + index * s->size, sizeof(next));
	return next;
}

// The element has the bytes that it was given back with, but for its first word.
static inline uint32_t
slots_take(struct slots *s)
{
	uint32_t index;

	if (!s->n_freed)
		return s->top < s->max ? s->top++ : INDEX_NONE;
	index = *slots_at(s, 0);
	if (s->n_freed > SLOTS_AHEAD) { // one more comes into its place of the ring
		uint32_t more = slots_after(s, *slots_at(s, SLOTS_AHEAD - 1));

		rte_prefetch0(s->array + more * s->size);
		*slots_at(s, 0) = more;
	}
	s->first++;
	s->n_freed--;
	return index;
}

// The index that the call of slots_take after k (< SLOTS_AHEAD) others will return; INDEX_NONE when
// there will be none.
static inline uint32_t
slots_peek(const struct slots *s, uint32_t k)
{
	if (k < s->n_freed)
		return s->ring[(s->first + k) % SLOTS_AHEAD];
	k -= s->n_freed;
	return k < s->max - s->top ? s->top + k : INDEX_NONE;
}

// Overwrites the first word of the element, which must not be looked at until it is taken again.
static inline void
slots_give(struct slots *s, uint32_t index)
{
	uint32_t next = s->n_freed ? *slots_at(s, 0) : INDEX_NONE;

	memcpy(s->array + index * s->size, &next, sizeof(next));
	s->first--;
	*slots_at(s, 0) = index;
	s->n_freed++;
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

// The list has as many elements as are free, and begins like the ring. For tests: walks all.
static inline bool
slots_check(const struct slots *s)
{
	uint32_t i = s->n_freed ? slots_peek(s, 0) : INDEX_NONE, n = 0;

	for (; n < s->n_freed && i < s->top; i = slots_after(s, i), n++)
		if (n < SLOTS_AHEAD && slots_peek(s, n) != i)
			return false;
	return n == s->n_freed && i == INDEX_NONE;
}

#endif
