// SPDX-License-Identifier: BSD-3-Clause
// Inside of the neighbour table: for net/neigh*.c only. One lcore, like net/neigh.h.
#ifndef NET_NEIGH_IMPL_H
#define NET_NEIGH_IMPL_H

#include "base/rand.h"
#include "config/config.h"
#include "net/neigh.h"

#include <rte_hash.h>
#include <sys/queue.h>

// RFC 4861 §10
#define NEIGH_MAX_SOLICIT  3 // MAX_MULTICAST_SOLICIT and MAX_UNICAST_SOLICIT
#define NEIGH_RETRANS_MS   1000
#define NEIGH_REACHABLE_MS 30000 // times 0.5..1.5
#define NEIGH_DELAY_MS     5000
// Out-of-date entries go (RFC 1122 §2.3.2.1): STALE and not used for 20 minutes.
#define NEIGH_STALE_MS 1200000

// Where the slot of a new entry comes from, in this order.
enum neigh_list {
	NEIGH_LIST_FREE,
	NEIGH_LIST_UNCONFIRMED, // STALE or DELAY, and the MAC is hearsay
	NEIGH_LIST_IDLE,        // STALE, the MAC was confirmed once
	NEIGH_LIST__N,          // on no list: REACHABLE, being resolved, being probed
};

struct neigh_waiting {
	TAILQ_ENTRY(neigh_waiting) of_entry;
	TAILQ_ENTRY(neigh_waiting) of_table; // oldest first; or free
	struct rte_mbuf *m;
	uint32_t idx;
};
TAILQ_HEAD(neigh_waiting_list, neigh_waiting);

struct neigh_entry {
	struct neigh n;
	bool confirmed; // this MAC answered a solicitation
	uint8_t list;   // enum neigh_list
	uint32_t heap_pos;
	uint64_t solicited_ms; // last solicitation; 0: none
	TAILQ_ENTRY(neigh_entry) of_list;
	struct neigh_waiting_list waiting; // oldest first
};
TAILQ_HEAD(neigh_entry_list, neigh_entry);

struct neigh_table {
	struct neigh_params p;
	const struct neigh_ops *ops;
	void *ctx;
	struct rte_hash *hash; // address and port to index
	struct neigh_entry *entry;
	struct neigh_entry_list list[NEIGH_LIST__N];
	uint32_t *heap; // indices, by due_ms
	uint32_t n;     // entries, and length of the heap
	uint32_t n_incomplete;
	uint32_t port_incomplete[CONFIG_PORTS];
	bool port_down[CONFIG_PORTS];
	struct neigh_waiting *slot;
	struct neigh_waiting_list free_waiting, waiting;
	unsigned int busy; // inside deliver or fail: nothing may be displaced
	struct rand_pool rand;
};

static inline uint32_t
neigh_idx(const struct neigh_table *t, const struct neigh_entry *e)
{
	return (uint32_t)(e - t->entry);
}

// neigh_timer.c: a binary heap, one timer an entry.
void neigh_timer_set(struct neigh_table *t, struct neigh_entry *e, uint64_t due_ms);
void neigh_timer_stop(struct neigh_table *t, struct neigh_entry *e);
struct neigh_entry *neigh_timer_due(struct neigh_table *t, uint64_t now_ms);

// neigh_queue.c: packets that wait.
int neigh_queue_add(struct neigh_table *t, struct neigh_entry *e, struct rte_mbuf *m);
void neigh_queue_deliver(struct neigh_table *t, struct neigh_entry *e);
void neigh_queue_fail(
	struct neigh_table *t, struct neigh_waiting_list *list, const struct neigh *gone);

static inline void
neigh_op_deliver(struct neigh_table *t, struct neigh_entry *e, struct rte_mbuf *m)
{
	t->busy++;
	t->ops->deliver(t->ctx, neigh_idx(t, e), &e->n, m);
	t->busy--;
}

static inline void
neigh_op_fail(struct neigh_table *t, const struct neigh *n, struct rte_mbuf *m, bool queue_full)
{
	t->busy++;
	t->ops->fail(t->ctx, n, m, queue_full);
	t->busy--;
}

// neigh_slot.c: entries come and go.
struct neigh_entry *neigh_slot_find(
	struct neigh_table *t, uint16_t port, const struct in6_addr *addr);
// A new entry, still in state FREE: neigh_enter comes next. NULL when none can give way.
struct neigh_entry *neigh_slot_take(
	struct neigh_table *t, uint16_t port, const struct in6_addr *addr, uint64_t now_ms);
// Puts the entry at the end of the list its state asks for.
void neigh_slot_relist(struct neigh_table *t, struct neigh_entry *e);
// Waiting packets fail.
void neigh_slot_release(struct neigh_table *t, struct neigh_entry *e);

// neigh_fsm.c: RFC 4861 §7.3.2. mac: the new one, or NULL to keep what there is.
void neigh_enter(struct neigh_table *t, struct neigh_entry *e, enum neigh_state state,
	const struct rte_ether_addr *mac, uint64_t now_ms);
void neigh_solicit(struct neigh_table *t, struct neigh_entry *e, uint64_t now_ms);

#endif
