// SPDX-License-Identifier: BSD-3-Clause
#include "app/neighbor.h"

#include "app/output.h"
#include "app/own.h"
#include "app/pipeline.h"
#include "app/reject.h"
#include "net/nd.h"

#include <rte_ring.h>

#define NEIGH_TICK_BUDGET 32

// ---- solicitations

static void
send_arp(struct worker *w, const struct neigh *n, bool unicast)
{
	static const struct rte_ether_addr zero;
	const struct rte_ether_addr broadcast = {.addr_bytes = {255, 255, 255, 255, 255, 255}};
	struct in_addr target = addr_unmap4(&n->addr);

	output_arp(w, n->port, true, own_source4(w->plan, n->port, target),
		unicast ? &n->mac : &broadcast, unicast ? &n->mac : &zero, target);
}

static void
send_ns(struct worker *w, const struct neigh *n, bool unicast)
{
	const struct in6_addr *src = own_source6(w->plan, n->port, &n->addr);
	struct rte_mbuf *m = output_alloc(w);
	struct rte_ether_addr mac = n->mac;
	struct in6_addr group;

	if (!m)
		return;
	rte_pktmbuf_append(m, nd_build_ns(rte_pktmbuf_mtod(m, uint8_t *), src, &n->addr,
				      unicast ? &n->addr : NULL, &w->gw->port[n->port].mac));
	if (!unicast) {
		addr_solicited_node(&group, &n->addr);
		nd_group_mac(&mac, &group);
	}
	output_to(w, m, n->port, &mac);
}

static void
on_solicit(void *ctx, const struct neigh *n, bool unicast)
{
	if (addr_is_mapped4(&n->addr))
		send_arp(ctx, n, unicast);
	else
		send_ns(ctx, n, unicast);
}

// ---- next hops to all workers

static void
apply(struct worker *w, const struct nexthop_update *u)
{
	const struct port *p = &w->gw->port[u->port];

	nexthop_apply(&w->nexthops, u, &p->mac, p->mtu);
}

static void
spread(struct worker *w, const struct nexthop_update *u)
{
	struct gateway *gw = w->gw;

	apply(w, u);
	for (unsigned int i = 1; i < gw->n_worker; i++)
		if (!w->resync[i] && rte_ring_enqueue_elem(gw->worker[i]->updates,
					     (void *)(uintptr_t)u, sizeof(*u)))
			w->resync[i] = true;
}

static struct nexthop_update
update_of(uint32_t idx, const struct neigh *n)
{
	return (struct nexthop_update){
		.idx = idx,
		.port = n->port,
		.op = n->state == NEIGH_STALE ? NEXTHOP_SET_STALE : NEXTHOP_SET,
		.addr = n->addr,
		.mac = n->mac,
	};
}

static bool
is_usable(const struct neigh *n)
{
	return n->state == NEIGH_REACHABLE || n->state == NEIGH_STALE || n->state == NEIGH_DELAY ||
	       n->state == NEIGH_PROBE;
}

static void
on_update(void *ctx, uint32_t idx, const struct neigh *n)
{
	struct nexthop_update u = update_of(idx, n);

	if (is_usable(n))
		spread(ctx, &u);
}

static void
on_removed(void *ctx, uint32_t idx, const struct neigh *n)
{
	const struct nexthop_update u = {.idx = idx, .op = NEXTHOP_REMOVE, .port = n->port};

	spread(ctx, &u);
}

struct resync {
	struct rte_ring *ring;
	bool full;
};

static void
resync_one(void *arg, uint32_t idx, const struct neigh *n)
{
	struct resync *r = arg;
	struct nexthop_update u = update_of(idx, n);

	if (is_usable(n) && rte_ring_enqueue_elem(r->ring, &u, sizeof(u)))
		r->full = true;
}

// A worker whose ring ran full gets everything again, once it has emptied the ring.
static void
resync(struct worker *w, unsigned int to)
{
	struct resync r = {.ring = w->gw->worker[to]->updates};
	struct nexthop_update clear = {.op = NEXTHOP_REMOVE_ALL};
	uint32_t cursor = 0;

	if (!rte_ring_empty(r.ring))
		return;
	rte_ring_enqueue_elem(r.ring, &clear, sizeof(clear));
	while (neigh_walk(w->neigh, &cursor, UINT16_MAX, resync_one, &r))
		;
	w->resync[to] = r.full;
}

// ---- waiting packets

static void
on_deliver(void *ctx, uint32_t idx, const struct neigh *n, struct rte_mbuf *m)
{
	output_to(ctx, m, n->port, &n->mac);
}

// GW-ND-06, GW-ARP-06: the sender of a packet whose next hop is silent is told. Not from here: that
// could resolve a next hop while the table is at work.
static void
on_fail(void *ctx, const struct neigh *n, struct rte_mbuf *m, bool queue_full)
{
	struct worker *w = ctx;

	if (queue_full) {
		drop(w, m, DROP_NEIGH_QUEUE);
	} else if (w->failed.n == LANE_MAX) {
		drop(w, m, DROP_NEIGH_UNREACHABLE);
	} else {
		pkt_of(m)->out.port = n->port;
		lane_add(&w->failed, m);
	}
}

static void
tell_failed(struct worker *w)
{
	if (!w->failed.n)
		return;
	for (unsigned int i = 0; i < w->failed.n; i++)
		reject_unreachable(w, w->failed.m[i], pkt_of(w->failed.m[i])->out.port);
	w->failed.n = 0;
	pipeline_resume(w, NULL, 0); // what goes back through the translator
}

const struct neigh_ops neighbor_ops = {
	.solicit = on_solicit,
	.update = on_update,
	.removed = on_removed,
	.deliver = on_deliver,
	.fail = on_fail,
};

void
neighbor_resolve(struct worker *w, struct rte_mbuf *m)
{
	struct pkt *p = pkt_of(m);

	if (!w->neigh) {
		p->resume = RESUME_OUTPUT;
		output_hand_over(w, m, 0);
	} else if (neigh_output(w->neigh, p->out.port, &p->via, m, w->now_ms)) {
		drop(w, m, DROP_NEIGH_LIMIT);
	}
}

bool
neighbor_report_use(struct worker *w, uint32_t idx)
{
	if (w->neigh) {
		neigh_used(w->neigh, idx, w->now_ms);
		return true;
	}
	return !rte_ring_enqueue_elem(w->gw->worker[0]->used[w->index], &idx, sizeof(idx));
}

static void
first_turn(struct worker *w)
{
	uint32_t idx;

	neigh_tick(w->neigh, w->now_ms, NEIGH_TICK_BUDGET);
	tell_failed(w);
	for (unsigned int i = 1; i < w->gw->n_worker; i++) {
		if (!rte_ring_dequeue_elem(w->used[i], &idx, sizeof(idx)))
			neigh_used(w->neigh, idx, w->now_ms);
		if (unlikely(w->resync[i]))
			resync(w, i);
	}
}

void
neighbor_turn(struct worker *w)
{
	struct nexthop_update u;

	if (w->neigh) {
		first_turn(w);
		return;
	}
	for (unsigned int i = 0; i < NEIGH_TICK_BUDGET; i++) {
		if (rte_ring_dequeue_elem(w->updates, &u, sizeof(u)))
			break;
		apply(w, &u);
	}
}
