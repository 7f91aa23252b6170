// SPDX-License-Identifier: BSD-3-Clause
// Entries come and go: the hash, the free list, and who gives way in a full table (GW-ND-13).
#include "net/neigh_impl.h"

#include <string.h>

struct key {
	struct in6_addr addr;
	uint16_t port;
	uint8_t zero[14];
};
_Static_assert(sizeof(struct key) == 32, "rte_hash has a fast compare for 32 bytes");

static struct key
make_key(uint16_t port, const struct in6_addr *addr)
{
	return (struct key){.addr = *addr, .port = port};
}

struct neigh_entry *
neigh_slot_find(struct neigh_table *t, uint16_t port, const struct in6_addr *addr)
{
	struct key key = make_key(port, addr);
	void *data;

	if (rte_hash_lookup_data(t->hash, &key, &data) < 0)
		return NULL;
	return &t->entry[(uintptr_t)data];
}

static void
move_to(struct neigh_table *t, struct neigh_entry *e, enum neigh_list list)
{
	if (e->list != NEIGH_LIST__N)
		TAILQ_REMOVE(&t->list[e->list], e, of_list);
	if (list != NEIGH_LIST__N)
		TAILQ_INSERT_TAIL(&t->list[list], e, of_list);
	e->list = list;
}

void
neigh_slot_relist(struct neigh_table *t, struct neigh_entry *e)
{
	switch ((enum neigh_state)e->n.state) {
	case NEIGH_FREE:
		move_to(t, e, NEIGH_LIST_FREE);
		return;
	case NEIGH_STALE:
		move_to(t, e, e->confirmed ? NEIGH_LIST_IDLE : NEIGH_LIST_UNCONFIRMED);
		return;
	case NEIGH_DELAY:
		move_to(t, e, e->confirmed ? NEIGH_LIST__N : NEIGH_LIST_UNCONFIRMED);
		return;
	case NEIGH_INCOMPLETE:
	case NEIGH_REACHABLE:
	case NEIGH_PROBE:
		move_to(t, e, NEIGH_LIST__N);
		return;
	}
}

// One that was solicited within the second stays: its next solicitation would come too early.
static bool
may_give_way(const struct neigh_table *t, const struct neigh_entry *e, uint64_t now_ms)
{
	if (t->busy)
		return false;
	return e->solicited_ms == 0 || now_ms >= e->solicited_ms + NEIGH_RETRANS_MS;
}

static struct neigh_entry *
find_room(struct neigh_table *t, uint64_t now_ms)
{
	struct neigh_entry *e = TAILQ_FIRST(&t->list[NEIGH_LIST_FREE]);

	if (e != NULL)
		return e;
	for (int i = NEIGH_LIST_UNCONFIRMED; i < NEIGH_LIST__N; i++) {
		e = TAILQ_FIRST(&t->list[i]);
		if (e != NULL && may_give_way(t, e, now_ms)) {
			neigh_slot_release(t, e);
			return e;
		}
	}
	return NULL;
}

struct neigh_entry *
neigh_slot_take(struct neigh_table *t, uint16_t port, const struct in6_addr *addr, uint64_t now_ms)
{
	struct key key = make_key(port, addr);
	struct neigh_entry *e = find_room(t, now_ms);

	if (e == NULL ||
		rte_hash_add_key_data(t->hash, &key, (void *)(uintptr_t)neigh_idx(t, e)) < 0)
		return NULL;
	e->n.addr = *addr;
	e->n.port = port;
	return e;
}

void
neigh_slot_release(struct neigh_table *t, struct neigh_entry *e)
{
	struct key key = make_key(e->n.port, &e->n.addr);
	struct neigh_waiting_list waiting = TAILQ_HEAD_INITIALIZER(waiting);
	struct neigh gone = e->n;

	t->ops->removed(t->ctx, neigh_idx(t, e), &e->n);
	if (e->n.state == NEIGH_INCOMPLETE) {
		t->n_incomplete--;
		t->port_incomplete[e->n.port]--;
	}
	rte_hash_del_key(t->hash, &key);
	neigh_timer_stop(t, e);
	TAILQ_CONCAT(&waiting, &e->waiting, of_entry);
	memset(&e->n, 0, sizeof(e->n));
	e->confirmed = false;
	e->solicited_ms = 0;
	neigh_slot_relist(t, e);
	// Last: fail may ask for the same neighbour again.
	neigh_queue_fail(t, &waiting, &gone);
}
