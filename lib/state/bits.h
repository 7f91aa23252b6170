// SPDX-License-Identifier: BSD-3-Clause
// Bitmaps in 64-bit words.
#ifndef STATE_BITS_H
#define STATE_BITS_H

#include <rte_common.h>
#include <stdbool.h>
#include <stdint.h>

static inline void
bits_put(uint64_t *words, uint32_t i, bool on)
{
	uint64_t bit = UINT64_C(1) << (i % 64);

	if (on)
		words[i / 64] |= bit;
	else
		words[i / 64] &= ~bit;
}

static inline bool
bits_get(const uint64_t *words, uint32_t i)
{
	return words[i / 64] >> (i % 64) & 1;
}

// The first i in [from, to) whose bit is set in a or b, or to.
static inline uint32_t
bits_next(const uint64_t *a, const uint64_t *b, uint32_t from, uint32_t to)
{
	while (from < to) {
		uint64_t w = (a[from / 64] | b[from / 64]) >> (from % 64);

		if (w)
			return RTE_MIN(from + (uint32_t)__builtin_ctzll(w), to);
		from = (from / 64 + 1) * 64;
	}
	return to;
}

// The same, with [from, start) behind [start, to).
static inline uint32_t
bits_next_wrapped(const uint64_t *a, const uint64_t *b, uint32_t from, uint32_t start, uint32_t to)
{
	uint32_t i = bits_next(a, b, start, to);

	if (i < to)
		return i;
	i = bits_next(a, b, from, start);
	return i < start ? i : to;
}

#endif
