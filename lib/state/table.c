// SPDX-License-Identifier: BSD-3-Clause
#include "state/table.h"

#include <assert.h>
#include <rte_malloc.h>

#define MIN_BUCKETS 32  // few buckets are uneven; below this they are kept nearly empty
#define SEARCH      256 // buckets looked at to make room: bounds what an insertion takes

// A bucket that the search has come to, by moving the key in a place of an earlier one.
struct step {
	uint32_t bucket;
	uint16_t from;
	uint16_t place;
};

int
table_init(struct table *t, uint32_t limit, table_match *match, const void *array, int socket_id)
{
	uint64_t want = ((uint64_t)limit * 7 / 5 + TABLE_BUCKET - 1) / TABLE_BUCKET;

	t->n_bucket = (uint32_t)RTE_MAX(want, (uint64_t)MIN_BUCKETS);
	t->n = 0;
	t->match = match;
	t->array = array;
	t->bucket = rte_zmalloc_socket(
		"table", sizeof(*t->bucket) * (size_t)t->n_bucket, RTE_CACHE_LINE_SIZE, socket_id);
	return t->bucket ? 0 : -ENOMEM;
}

void
table_fini(struct table *t)
{
	rte_free(t->bucket);
	t->bucket = NULL;
}

static inline bool
is_guest(const struct table_bucket *b, unsigned int place)
{
	return (b->guest >> place) & 1;
}

static void
put(struct table *t, uint32_t b, unsigned int place, uint16_t tag, uint32_t index, bool guest)
{
	struct table_bucket *to = &t->bucket[b];

	to->tag[place] = tag;
	to->index[place] = index;
	if (!guest)
		return;
	to->guest |= 1u << place;
	t->bucket[table_other(t, b, tag)].away++;
}

static void
clear(struct table *t, uint32_t b, unsigned int place)
{
	struct table_bucket *from = &t->bucket[b];

	if (is_guest(from, place))
		t->bucket[table_other(t, b, from->tag[place])].away--;
	from->tag[place] = 0;
	from->guest &= ~(1u << place);
}

uint32_t
table_find_away(const struct table *t, uint32_t first, uint16_t tag, const void *key)
{
	return table_find_in(t, &t->bucket[table_other(t, first, tag)], tag, key);
}

// ---- making room

// Moves keys one step on each, the last one first, so that the first bucket of the path gets a free
// place; to: of the last bucket, free.
static void
move_along(struct table *t, const struct step *steps, unsigned int last, unsigned int to)
{
	while (steps[last].from != last) {
		const struct step *s = &steps[last];
		struct table_bucket *from = &t->bucket[steps[s->from].bucket];
		uint16_t tag = from->tag[s->place];
		uint32_t index = from->index[s->place];
		bool guest = !is_guest(from, s->place);

		clear(t, steps[s->from].bucket, s->place);
		put(t, s->bucket, to, tag, index, guest);
		to = s->place;
		last = s->from;
	}
}

// A path that meets itself would move a key that is not the one it saw.
static bool
on_path(const struct step *steps, unsigned int at, uint32_t bucket)
{
	for (; steps[at].bucket != bucket; at = steps[at].from)
		if (steps[at].from == at)
			return false;
	return true;
}

// Breadth first, from both buckets of a key that finds no place. False: none near enough.
static bool
make_room(struct table *t, uint32_t first, uint32_t second)
{
	struct step steps[SEARCH] = {{first, 0, 0}, {second, 1, 0}};
	unsigned int n = 2;

	for (unsigned int at = 0; at < n; at++) {
		const struct table_bucket *b = &t->bucket[steps[at].bucket];

		for (unsigned int i = 0; i < TABLE_BUCKET && n < SEARCH; i++) {
			uint32_t next = table_other(t, steps[at].bucket, b->tag[i]);
			unsigned int free;

			if (on_path(steps, at, next))
				continue;
			steps[n] = (struct step){next, (uint16_t)at, (uint16_t)i};
			free = table_places(&t->bucket[next], 0);
			if (free) {
				move_along(t, steps, n, (unsigned int)__builtin_ctz(free));
				return true;
			}
			n++;
		}
	}
	return false;
}

static bool
put_in(struct table *t, uint32_t b, uint32_t hash, uint32_t index, bool guest)
{
	unsigned int free = table_places(&t->bucket[b], 0);

	if (!free)
		return false;
	put(t, b, (unsigned int)__builtin_ctz(free), table_tag(hash), index, guest);
	t->n++;
	return true;
}

int
table_add(struct table *t, uint32_t hash, uint32_t index)
{
	uint32_t first = table_first(t, hash), second;

	if (likely(put_in(t, first, hash, index, false)))
		return 0;
	second = table_other(t, first, table_tag(hash));
	if (put_in(t, second, hash, index, second != first))
		return 0;
	if (!make_room(t, first, second))
		return -ENOSPC;
	return put_in(t, first, hash, index, false) ||
			       put_in(t, second, hash, index, second != first)
		       ? 0
		       : -ENOSPC;
}

static bool
del_in(struct table *t, uint32_t b, uint16_t tag, uint32_t index)
{
	unsigned int places = table_places(&t->bucket[b], tag);

	for (; places; places &= places - 1) {
		unsigned int place = (unsigned int)__builtin_ctz(places);

		if (t->bucket[b].index[place] != index)
			continue;
		clear(t, b, place);
		t->n--;
		return true;
	}
	return false;
}

void
table_del(struct table *t, uint32_t hash, uint32_t index)
{
	uint32_t first = table_first(t, hash);
	uint16_t tag = table_tag(hash);
	bool found =
		del_in(t, first, tag, index) || del_in(t, table_other(t, first, tag), tag, index);

	assert(found);
	RTE_SET_USED(found);
}

// ---- for tests

static uint32_t
count_away(const struct table *t, uint32_t b, const uint32_t *away)
{
	return t->bucket[b].away == away[b];
}

bool
table_check(const struct table *t, uint32_t *n)
{
	uint32_t *away = rte_calloc("table_check", t->n_bucket, sizeof(*away), 0);
	bool ok = away != NULL;

	*n = 0;
	for (uint32_t b = 0; ok && b < t->n_bucket; b++)
		for (unsigned int i = 0; i < TABLE_BUCKET; i++) {
			uint16_t tag = t->bucket[b].tag[i];

			*n += tag != 0;
			ok = ok && (tag || !is_guest(&t->bucket[b], i));
			if (is_guest(&t->bucket[b], i))
				away[table_other(t, b, tag)]++;
		}
	for (uint32_t b = 0; ok && b < t->n_bucket; b++)
		ok = count_away(t, b, away);
	rte_free(away);
	return ok && *n == t->n;
}
