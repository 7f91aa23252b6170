// SPDX-License-Identifier: BSD-3-Clause
#include "net/neigh_impl.h"

#define NO_TIMER UINT32_MAX

static uint64_t
due_at(const struct neigh_table *t, uint32_t pos)
{
	return t->entry[t->heap[pos]].n.due_ms;
}

static void
swap(struct neigh_table *t, uint32_t a, uint32_t b)
{
	uint32_t idx = t->heap[a];

	t->heap[a] = t->heap[b];
	t->heap[b] = idx;
	t->entry[t->heap[a]].heap_pos = a;
	t->entry[t->heap[b]].heap_pos = b;
}

static uint32_t
sift_up(struct neigh_table *t, uint32_t pos)
{
	while (pos > 0 && due_at(t, pos) < due_at(t, (pos - 1) / 2)) {
		swap(t, pos, (pos - 1) / 2);
		pos = (pos - 1) / 2;
	}
	return pos;
}

static void
sift_down(struct neigh_table *t, uint32_t pos)
{
	uint32_t child;

	while ((child = 2 * pos + 1) < t->n) {
		if (child + 1 < t->n && due_at(t, child + 1) < due_at(t, child))
			child++;
		if (due_at(t, pos) <= due_at(t, child))
			return;
		swap(t, pos, child);
		pos = child;
	}
}

void
neigh_timer_set(struct neigh_table *t, struct neigh_entry *e, uint64_t due_ms)
{
	e->n.due_ms = due_ms;
	if (e->heap_pos == NO_TIMER) {
		e->heap_pos = t->n++;
		t->heap[e->heap_pos] = neigh_idx(t, e);
	}
	sift_down(t, sift_up(t, e->heap_pos));
}

void
neigh_timer_stop(struct neigh_table *t, struct neigh_entry *e)
{
	uint32_t pos = e->heap_pos;

	if (pos == NO_TIMER)
		return;
	swap(t, pos, --t->n);
	e->heap_pos = NO_TIMER;
	if (pos < t->n)
		sift_down(t, sift_up(t, pos));
}

struct neigh_entry *
neigh_timer_due(struct neigh_table *t, uint64_t now_ms)
{
	if (t->n == 0 || due_at(t, 0) > now_ms)
		return NULL;
	return &t->entry[t->heap[0]];
}
