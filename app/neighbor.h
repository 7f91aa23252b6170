// SPDX-License-Identifier: BSD-3-Clause
// Neighbour resolution: the first worker owns the table (net/neigh.h) and tells the others; packets
// without a next hop wait there. Called by the worker that owns w only.
#ifndef APP_NEIGHBOR_H
#define APP_NEIGHBOR_H

#include "app/worker.h"

extern const struct neigh_ops neighbor_ops; // ctx: the first worker

// An IP packet to pkt.via on pkt.out.port that has no usable next hop: to the first worker, and
// there into the table's queue.
void neighbor_resolve(struct worker *w, struct rte_mbuf *m);

// A stale next hop was used. False when that could not be passed on.
bool neighbor_report_use(struct worker *w, uint32_t idx);

// Once a turn. First worker: timers, reports of use, workers that missed updates. Others: updates.
void neighbor_turn(struct worker *w);

#endif
