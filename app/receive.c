// SPDX-License-Identifier: BSD-3-Clause
// The stages wait for memory once a run, so that a run over few packets is dear. Bursts that are
// small are therefore gathered: over all queues, and then over those that packets have come into
// meanwhile. Nothing waits for a packet that is not there: an empty round ends it.
#include "app/receive.h"

#include "app/pipeline.h"

#define ROUNDS 8 // at most; also bounds how many bursts there can be

struct gathered {
	struct rte_mbuf *m[PIPELINE_MAX];
	struct rx_burst burst[PIPELINE_MAX]; // each has a packet
	unsigned int n, n_burst;
};

static void
run(struct worker *w, struct gathered *g)
{
	pipeline_run(w, g->burst, g->n_burst);
	g->n = g->n_burst = 0;
}

static unsigned int
poll_queue(struct worker *w, unsigned int i, struct gathered *g)
{
	struct rx_queue *q = &w->rxq[i];
	struct rte_mbuf **m = &g->m[g->n];
	unsigned int n = q->port->rx(q->port, q->queue, m, WORKER_BURST);

	if (!n)
		return 0;
	for (unsigned int k = 0; k < RTE_MIN(n, (unsigned int)PIPELINE_PREFETCH); k++)
		pipeline_prefetch(m[k]);
	g->burst[g->n_burst++] = (struct rx_burst){q->port, m, n};
	g->n += n;
	q->packets += n;
	if (g->n > PIPELINE_MAX - WORKER_BURST) // no room for another full one
		run(w, g);
	return n;
}

unsigned int
receive(struct worker *w)
{
	unsigned int total = 0, round = 0, n;
	struct gathered g;

	g.n = g.n_burst = 0;
	do {
		n = 0;
		for (unsigned int i = 0; i < w->n_rxq; i++) {
			unsigned int got = poll_queue(w, i, &g);

			if (got && round == 0) // what comes later, nothing had to tell of
				idle_received(&w->idle, i);
			n += got;
		}
		total += n;
	} while (n && total < WORKER_BURST && ++round < ROUNDS);
	if (g.n)
		run(w, &g);
	return total;
}
