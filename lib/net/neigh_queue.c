// SPDX-License-Identifier: BSD-3-Clause
// Packets that wait for resolution, bounded per entry and in all (GW-ND-06, GW-ARP-06).
#include "net/neigh_impl.h"

#include <errno.h>

static struct rte_mbuf *
pop(struct neigh_table *t, struct neigh_waiting_list *list)
{
	struct neigh_waiting *w = TAILQ_FIRST(list);

	TAILQ_REMOVE(list, w, of_entry);
	TAILQ_REMOVE(&t->waiting, w, of_table);
	TAILQ_INSERT_HEAD(&t->free_waiting, w, of_table);
	return w->m;
}

static void
push(struct neigh_table *t, struct neigh_entry *e, struct rte_mbuf *m)
{
	struct neigh_waiting *w = TAILQ_FIRST(&t->free_waiting);

	TAILQ_REMOVE(&t->free_waiting, w, of_table);
	w->m = m;
	w->idx = neigh_idx(t, e);
	TAILQ_INSERT_TAIL(&e->waiting, w, of_entry);
	TAILQ_INSERT_TAIL(&t->waiting, w, of_table);
	e->n.n_waiting++;
}

// Whose oldest packet has to go before e can queue one more. The oldest of all is the oldest of its
// entry too.
static struct neigh_entry *
find_loser(struct neigh_table *t, struct neigh_entry *e)
{
	if (e->n.n_waiting == t->p.queue_len)
		return e;
	if (TAILQ_EMPTY(&t->free_waiting))
		return &t->entry[TAILQ_FIRST(&t->waiting)->idx];
	return NULL;
}

int
neigh_queue_add(struct neigh_table *t, struct neigh_entry *e, struct rte_mbuf *m)
{
	struct neigh_entry *loser = find_loser(t, e);
	struct rte_mbuf *displaced;

	if (loser == NULL) {
		push(t, e, m);
		return 0;
	}
	if (t->busy)
		return -ENOSPC;
	displaced = pop(t, &loser->waiting);
	loser->n.n_waiting--;
	push(t, e, m);
	neigh_op_fail(t, &loser->n, displaced, true);
	return 0;
}

void
neigh_queue_deliver(struct neigh_table *t, struct neigh_entry *e)
{
	while (!TAILQ_EMPTY(&e->waiting)) {
		e->n.n_waiting--;
		neigh_op_deliver(t, e, pop(t, &e->waiting));
	}
}

void
neigh_queue_fail(struct neigh_table *t, struct neigh_waiting_list *list, const struct neigh *gone)
{
	while (!TAILQ_EMPTY(list))
		neigh_op_fail(t, gone, pop(t, list), false);
}
