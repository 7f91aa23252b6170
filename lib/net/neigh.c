// SPDX-License-Identifier: BSD-3-Clause
#include "net/neigh_impl.h"

#include "base/hash.h"

#include <assert.h>
#include <errno.h>
#include <rte_errno.h>
#include <stdio.h>
#include <stdlib.h>

static struct rte_hash *
create_hash(const struct neigh_table *t)
{
	char name[RTE_HASH_NAMESIZE];
	struct rte_hash_parameters hp = {
		.name = name,
		// A cuckoo table that may be half empty does not refuse a key.
		.entries = t->p.max_entries < 32 ? 64 : 2 * t->p.max_entries,
		.key_len = 32,
		.hash_func = hash_keyed,
		.socket_id = t->p.socket_id,
	};

	snprintf(name, sizeof(name), "neigh_%p", (const void *)t);
	return rte_hash_create(&hp);
}

static int
check_params(const struct neigh_params *p, struct err *err)
{
	if (p->max_entries == 0 || p->max_entries > NEIGH_ENTRIES_MAX)
		return err_set(err, -EINVAL, "neighbour table of %u entries", p->max_entries);
	if (p->max_incomplete == 0)
		return err_set(err, -EINVAL, "neighbour table that resolves nothing");
	if (p->queue_len == 0 || p->queue_len > NEIGH_QUEUE_MAX)
		return err_set(err, -EINVAL, "neighbour queue of %u packets, not 1 to %u",
			p->queue_len, NEIGH_QUEUE_MAX);
	return 0;
}

static void
init_lists(struct neigh_table *t)
{
	TAILQ_INIT(&t->waiting);
	TAILQ_INIT(&t->free_waiting);
	for (int i = 0; i < NEIGH_LIST__N; i++)
		TAILQ_INIT(&t->list[i]);
	for (uint32_t i = 0; i < t->p.max_waiting; i++)
		TAILQ_INSERT_TAIL(&t->free_waiting, &t->slot[i], of_table);
	for (uint32_t i = 0; i < t->p.max_entries; i++) {
		struct neigh_entry *e = &t->entry[i];

		TAILQ_INIT(&e->waiting);
		e->heap_pos = UINT32_MAX;
		e->list = NEIGH_LIST_FREE;
		TAILQ_INSERT_TAIL(&t->list[NEIGH_LIST_FREE], e, of_list);
	}
}

struct neigh_table *
neigh_create(const struct neigh_params *p, const struct neigh_ops *ops, void *ctx, struct err *err)
{
	struct neigh_table *t;

	if (check_params(p, err) < 0)
		return NULL;
	t = calloc(1, sizeof(*t));
	if (t == NULL)
		goto nomem;
	t->p = *p;
	t->ops = ops;
	t->ctx = ctx;
	if (t->p.max_waiting == 0)
		t->p.max_waiting = NEIGH_WAITING_DEFAULT;
	t->entry = calloc(p->max_entries, sizeof(*t->entry));
	t->heap = calloc(p->max_entries, sizeof(*t->heap));
	t->slot = calloc(t->p.max_waiting, sizeof(*t->slot));
	if (t->entry == NULL || t->heap == NULL || t->slot == NULL)
		goto nomem;
	init_lists(t);
	t->hash = create_hash(t);
	if (t->hash == NULL)
		goto nomem;
	return t;
nomem:
	err_set(err, -ENOMEM, "no memory for a neighbour table of %u entries", p->max_entries);
	neigh_free(t);
	return NULL;
}

void
neigh_free(struct neigh_table *t)
{
	struct neigh_waiting *w;

	if (t == NULL)
		return;
	TAILQ_FOREACH(w, &t->waiting, of_table)
	rte_pktmbuf_free(w->m);
	rte_hash_free(t->hash);
	free(t->slot);
	free(t->heap);
	free(t->entry);
	free(t);
}

uint32_t
neigh_find(struct neigh_table *t, uint16_t port, const struct in6_addr *addr)
{
	struct neigh_entry *e = neigh_slot_find(t, port, addr);

	return e == NULL ? NEIGH_NONE : neigh_idx(t, e);
}

const struct neigh *
neigh_get(struct neigh_table *t, uint32_t idx)
{
	if (idx >= t->p.max_entries || t->entry[idx].n.state == NEIGH_FREE)
		return NULL;
	return &t->entry[idx].n;
}

static bool
may_resolve(const struct neigh_table *t, uint16_t port)
{
	uint32_t max = t->p.max_incomplete;

	return t->n_incomplete < max && t->port_incomplete[port] < max - max / 4;
}

static struct neigh_entry *
resolve(struct neigh_table *t, uint16_t port, const struct in6_addr *addr, uint64_t now_ms)
{
	struct neigh_entry *e;

	assert(port < CONFIG_PORTS);
	if (!may_resolve(t, port))
		return NULL;
	e = neigh_slot_take(t, port, addr, now_ms);
	if (e == NULL)
		return NULL;
	neigh_enter(t, e, NEIGH_INCOMPLETE, NULL, now_ms);
	neigh_solicit(t, e, now_ms);
	return e;
}

int
neigh_output(struct neigh_table *t, uint16_t port, const struct in6_addr *addr, struct rte_mbuf *m,
	uint64_t now_ms)
{
	struct neigh_entry *e = neigh_slot_find(t, port, addr);

	if (e == NULL)
		e = resolve(t, port, addr, now_ms);
	if (e == NULL)
		return -ENOSPC;
	if (m == NULL)
		return 0;
	if (e->n.state == NEIGH_INCOMPLETE)
		return neigh_queue_add(t, e, m);
	neigh_used(t, neigh_idx(t, e), now_ms);
	neigh_op_deliver(t, e, m);
	return 0;
}

bool
neigh_walk(struct neigh_table *t, uint32_t *cursor, unsigned int budget,
	void (*fn)(void *arg, uint32_t idx, const struct neigh *n), void *arg)
{
	for (; budget > 0 && *cursor < t->p.max_entries; budget--, (*cursor)++) {
		const struct neigh *n = neigh_get(t, *cursor);

		if (n != NULL)
			fn(arg, *cursor, n);
	}
	return *cursor < t->p.max_entries;
}

// One that is being resolved is let be: neighbours in use come back while the slices go on, in
// places that lie ahead.
bool
neigh_flush(struct neigh_table *t, uint32_t *cursor, unsigned int budget, uint32_t *removed)
{
	for (; budget > 0 && *cursor < t->p.max_entries; budget--, (*cursor)++) {
		struct neigh_entry *e = &t->entry[*cursor];

		if (e->n.state == NEIGH_FREE || e->n.state == NEIGH_INCOMPLETE)
			continue;
		neigh_slot_release(t, e);
		(*removed)++;
	}
	return *cursor < t->p.max_entries;
}

uint32_t
neigh_count(const struct neigh_table *t)
{
	return t->n;
}
