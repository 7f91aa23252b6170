// SPDX-License-Identifier: BSD-3-Clause
// Making and freeing workers; the loop is in worker.c.
#include "app/worker.h"

#include "app/fragments.h"
#include "app/neighbor.h"
#include "app/output.h"
#include "app/pipeline.h"
#include "app/port_rss.h"

#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_ring.h>

#define HANDOVER_SLOTS 4096
#define UPDATE_SLOTS   1024

static int
create_tables(struct worker *w, int socket, struct err *err)
{
	const struct config *c = &w->plan->config;
	const struct state_params sp = {
		.nat64 = &c->nat64,
		.worker = w->index,
		.n_workers = w->gw->n_worker,
		.socket_id = socket,
	};
	const struct neigh_params np = {
		.max_entries = c->memory.neighbors,
		.max_incomplete = RTE_MAX(c->memory.neighbors / 4, 8u),
		.queue_len = c->memory.neighbor_queue,
		.socket_id = socket,
	};
	char name[RTE_MEMZONE_NAMESIZE];
	int ret;

	snprintf(name, sizeof(name), "nexthop_%u", w->index);
	ret = nexthop_table_init(&w->nexthops, name, c->memory.neighbors, socket, err);
	if (ret)
		return ret;
	w->state = state_create(&sp, err);
	if (!w->state)
		return -ENOMEM;
	ret = fragments_create(w, socket, err);
	if (ret)
		return ret;
	if (w->index == 0) {
		w->neigh = neigh_create(&np, &neighbor_ops, w, err);
		if (!w->neigh)
			return -ENOMEM;
	}
	snprintf(name, sizeof(name), "mail_%u", w->index);
	ret = mailbox_init(&w->mailbox, name, socket);
	w->mailbox.idle = &w->idle;
	return ret ? err_set(err, ret, "worker %u: no memory for its mailbox", w->index) : 0;
}

static int
create_one(struct gateway *gw, unsigned int index, unsigned int lcore, struct err *err)
{
	int socket = (int)rte_lcore_to_socket_id(lcore);
	struct worker *w = rte_zmalloc_socket("worker", sizeof(*w), RTE_CACHE_LINE_SIZE, socket);
	int ret;

	if (!w)
		return err_set(err, -ENOMEM, "no memory for worker %u", index);
	gw->worker[index] = w;
	w->gw = gw;
	w->plan = gw->plan;
	w->index = index;
	w->lcore = lcore;
	w->ipid_last = (uint16_t)(65536 / gw->n_worker - 1);
	for (unsigned int i = 0; i < IPID_COUNTERS; i++)
		w->ipid[i] = (uint16_t)rand_below(&w->rand, w->ipid_last + 1u);
	ret = idle_init(&w->idle, gw->boot.lcores.idle_sleep, err);
	return ret ? ret : create_tables(w, socket, err);
}

// Ring of pointers (esize 0) or of records, from worker i to worker j.
static struct rte_ring *
make_ring(const char *what, unsigned int i, unsigned int j, unsigned int esize, unsigned int slots)
{
	char name[RTE_MEMZONE_NAMESIZE];

	snprintf(name, sizeof(name), "%s_%u_%u", what, i, j);
	if (!esize)
		return rte_ring_create(name, slots, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
	return rte_ring_create_elem(
		name, esize, slots, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
}

static int
connect_one(struct gateway *gw, struct worker *w, struct err *err)
{
	// a worker that missed updates gets all neighbours at once
	const uint32_t updates = rte_align32pow2(gw->boot.memory.neighbors + UPDATE_SLOTS);

	for (unsigned int i = 0; i < gw->n_worker; i++) {
		if (i == w->index)
			continue;
		w->from[i] = make_ring("pkts", i, w->index, 0, HANDOVER_SLOTS);
		if (!w->from[i])
			return err_set(err, -ENOMEM, "no memory for the rings between workers");
	}
	if (w->index == 0)
		return 0;
	w->updates = make_ring("nh", 0, w->index, sizeof(struct nexthop_update), updates);
	gw->worker[0]->used[w->index] =
		make_ring("used", w->index, 0, sizeof(uint32_t), UPDATE_SLOTS);
	if (!w->updates || !gw->worker[0]->used[w->index])
		return err_set(err, -ENOMEM, "no memory for the rings between workers");
	return 0;
}

int
workers_create(struct gateway *gw, unsigned int first_lcore, struct err *err)
{
	int ret;

	ports_steer_init(gw);
	for (unsigned int i = 0; i < gw->n_worker; i++) {
		ret = create_one(gw, i, first_lcore + i, err);
		if (ret)
			return ret;
	}
	for (unsigned int i = 0; i < gw->n_worker; i++) {
		ret = connect_one(gw, gw->worker[i], err);
		if (ret)
			return ret;
	}
	return 0;
}

static void
drain(struct worker *w, struct rte_ring *r)
{
	struct rte_mbuf *m;

	while (r && rte_ring_dequeue(r, (void **)&m) == 0)
		drop(w, m, DROP_STEER_QUEUE);
	rte_ring_free(r);
}

static void
free_one(struct worker *w)
{
	if (w->neigh) {
		for (unsigned int i = 0; i < w->failed.n; i++)
			drop(w, w->failed.m[i], DROP_NEIGH_UNREACHABLE);
		neigh_free(w->neigh);
	}
	for (unsigned int i = 0; i < GATEWAY_MAX_WORKERS; i++) {
		drain(w, w->from[i]);
		rte_ring_free(w->used[i]);
	}
	rte_ring_free(w->updates);
	fragment_free(w->fragments);
	if (w->state)
		admit_drain(w);
	state_free(w->state);
	nexthop_table_fini(&w->nexthops);
	mailbox_fini(&w->mailbox);
	idle_fini(&w->idle);
	rte_free(w);
}

void
workers_free(struct gateway *gw)
{
	// the first one, whose neighbours go, still tells the others
	for (unsigned int i = 0; i < gw->n_worker; i++) {
		if (gw->worker[i])
			free_one(gw->worker[i]);
		gw->worker[i] = NULL;
	}
}
