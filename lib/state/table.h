// SPDX-License-Identifier: BSD-3-Clause
// From a key to the index of the array element that has it. The table does not hold keys: it holds
// 16 bits of each key's hash beside the index, and what the key is compared with is the element
// itself, which whoever looks it up reads next. So a look-up that finds costs two cache lines,
// both of which can be fetched in advance for a whole burst.
//
// Cuckoo hashing: a key is in one of two buckets of ten. Each bucket counts the keys whose first
// bucket it is but that had to go to their second one; while that is none, one line tells that a
// key is not there. Owned by one thread. Never grows; nothing is allocated after table_create.
#ifndef STATE_TABLE_H
#define STATE_TABLE_H

#include "base/hash.h"

#include <errno.h>
#include <rte_branch_prediction.h>
#include <rte_common.h>
#include <rte_prefetch.h>
#include <stdbool.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define INDEX_NONE   UINT32_MAX
#define TABLE_BUCKET 10

struct table_bucket {
	uint16_t tag[TABLE_BUCKET]; // of the hash; 0: free
	uint32_t index[TABLE_BUCKET];
	uint32_t guest : TABLE_BUCKET; // bits: places of keys whose first bucket is another
	uint32_t away : 22; // keys whose first bucket this is, but that are in their second one
} __rte_cache_aligned;
_Static_assert(sizeof(struct table_bucket) == 64, "a bucket is one cache line");
_Static_assert(UINT16_MAX *TABLE_BUCKET < 1 << 22, "a second bucket for each tag is all away");

// Element index of array has the key.
typedef bool table_match(const void *array, uint32_t index, const void *key);

struct table {
	struct table_bucket *bucket;
	uint32_t n_bucket;
	uint32_t n; // keys
	table_match *match;
	const void *array;
};

// Room for limit keys, with two places of seven spare: an insertion does not fail then unless the
// hash is known to who chooses the keys. Nine bytes a key. -ENOMEM.
int table_init(
	struct table *t, uint32_t limit, table_match *match, const void *array, int socket_id);
void table_fini(struct table *t);

// key must not be in the table; the element need not be filled yet. 0, or -ENOSPC when no place
// can be made within a bounded search.
int table_add(struct table *t, uint32_t hash, uint32_t index);
// index must be in the table with this hash.
void table_del(struct table *t, uint32_t hash, uint32_t index);

// Buckets, tags and counts agree. For tests: walks all; *n is the number of keys found.
bool table_check(const struct table *t, uint32_t *n);

static inline uint16_t
table_tag(uint32_t hash)
{
	return (uint16_t)hash ? (uint16_t)hash : 1;
}

// By the upper bits of the hash; the tag is the lower ones.
static inline uint32_t
table_first(const struct table *t, uint32_t hash)
{
	return (uint32_t)((uint64_t)hash * t->n_bucket >> 32);
}

// The other bucket of a key that is in bucket b: both add up to what the tag says, so that a key
// can be moved without being read.
static inline uint32_t
table_other(const struct table *t, uint32_t b, uint16_t tag)
{
	uint32_t sum = (uint32_t)((uint64_t)(tag * 0x9e3779b1u) * t->n_bucket >> 32);

	return sum >= b ? sum - b : sum + t->n_bucket - b;
}

// Bits: places with the tag.
static inline unsigned int
table_places(const struct table_bucket *b, uint16_t tag)
{
#ifdef __SSE2__
	// Not _mm_set1_epi16: compilers store 16 bits for it and load 32, which waits for the
	// store.
	__m128i low = _mm_shufflelo_epi16(_mm_cvtsi32_si128(tag), 0);
	__m128i all = _mm_unpacklo_epi64(low, low);
	const __m128i *v = (const __m128i *)b; // the second one has indexes as well
	__m128i same = _mm_packs_epi16(_mm_cmpeq_epi16(_mm_load_si128(v), all),
		_mm_cmpeq_epi16(_mm_load_si128(v + 1), all));

	return (unsigned int)_mm_movemask_epi8(same) & ((1 << TABLE_BUCKET) - 1);
#else
	unsigned int places = 0;

	for (unsigned int i = 0; i < TABLE_BUCKET; i++)
		places |= (unsigned int)(b->tag[i] == tag) << i;
	return places;
#endif
}

static inline void
table_prefetch(const struct table *t, uint32_t hash)
{
	rte_prefetch0(&t->bucket[table_first(t, hash)]);
}

// The second bucket, if a search for the key or its insertion looks at it. Reads the first one.
static inline void
table_prefetch_other(const struct table *t, uint32_t hash)
{
	uint32_t first = table_first(t, hash);
	const struct table_bucket *b = &t->bucket[first];

	if (unlikely(b->away || !table_places(b, 0)))
		rte_prefetch0(&t->bucket[table_other(t, first, table_tag(hash))]);
}

// The element that is worth fetching before table_find, or INDEX_NONE: one that the key's first
// bucket has with the key's tag.
static inline uint32_t
table_guess(const struct table *t, uint32_t hash)
{
	const struct table_bucket *b = &t->bucket[table_first(t, hash)];
	unsigned int places = table_places(b, table_tag(hash));

	return places ? b->index[__builtin_ctz(places)] : INDEX_NONE;
}

static inline uint32_t
table_find_in(const struct table *t, const struct table_bucket *b, uint16_t tag, const void *key)
{
	unsigned int places = table_places(b, tag);

	for (; places; places &= places - 1) {
		uint32_t index = b->index[__builtin_ctz(places)];

		if (t->match(t->array, index, key))
			return index;
	}
	return INDEX_NONE;
}

// The rest of table_find, when the first bucket has it not.
uint32_t table_find_away(const struct table *t, uint32_t first, uint16_t tag, const void *key);

// The index of the element with the key, or INDEX_NONE.
static inline uint32_t
table_find(const struct table *t, const void *key, uint32_t hash)
{
	uint16_t tag = table_tag(hash);
	uint32_t first = table_first(t, hash);
	uint32_t index = table_find_in(t, &t->bucket[first], tag, key);

	if (index != INDEX_NONE || t->bucket[first].away == 0)
		return index;
	return table_find_away(t, first, tag, key);
}

#endif
