// SPDX-License-Identifier: BSD-3-Clause
#include "app/worker.h"

#include "app/dns_lcore.h"
#include "app/fragments.h"
#include "app/local.h"
#include "app/neighbor.h"
#include "app/output.h"
#include "app/pipeline.h"
#include "app/receive.h"
#include "app/reject.h"

#include <rte_lcore.h>
#include <sys/prctl.h>
#include <time.h>

// Sessions that may end in a turn, beside one for each packet that may have made one: without
// these, a flood of short ones would keep the tables full of what is over. Few, since packets wait
// for them.
#define EXPIRE_BUDGET 16
// The clock when the machine starts: sessions from before that may have been idle for longer than
// it runs, and no time is negative.
#define CLOCK_START_SEC 2000000

static void
take_handed_over(struct worker *w, unsigned int *moved)
{
	struct rte_mbuf *pkts[WORKER_BURST];

	for (unsigned int i = 0; i < w->gw->n_worker; i++) {
		unsigned int n;

		if (i == w->index)
			continue;
		n = rte_ring_dequeue_burst(w->from[i], (void **)pkts, WORKER_BURST, NULL);
		if (n)
			pipeline_resume(w, pkts, n);
		*moved += n;
	}
}

static void
take_dns(struct worker *w, unsigned int *moved)
{
	struct rte_mbuf *pkts[WORKER_BURST];
	unsigned int n;

	if (!w->dns_out)
		return;
	n = rte_ring_dequeue_burst(w->dns_out, (void **)pkts, WORKER_BURST, NULL);
	for (unsigned int i = 0; i < n; i++) {
		uint16_t port = pkt_of(pkts[i])->in_port;

		w->stats.originated++;
		output_own(w, pkts[i], port == DNS64_NO_PORT ? -1 : port);
	}
	*moved += n;
}

static void
tick(struct worker *w)
{
	uint64_t elapsed = w->now_ms - w->last_tick_ms;

	if (!elapsed)
		return;
	w->last_tick_ms = w->now_ms;
	reject_refill(w, elapsed);
	fragments_tick(w);
	if (w->neigh)
		local_tick(w);
}

unsigned int
worker_turn(struct worker *w, unsigned int received)
{
	unsigned int moved = 0;

	if (w->gw->n_worker > 1)
		take_handed_over(w, &moved);
	take_dns(w, &moved);
	neighbor_turn(w);
	tick(w);
	moved += admit_tick(w);
	moved +=
		state_expire(w->state, w->now_sec, EXPIRE_BUDGET + received + moved, probe_send, w);
	moved += mailbox_poll(&w->mailbox, w);
	output_flush(w);
	return moved;
}

void
worker_set_time(struct worker *w, uint64_t now_ns)
{
	w->now_ms = now_ns / 1000000;
	w->now_sec = (uint32_t)(now_ns / 1000000000);
}

uint64_t
worker_clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((uint64_t)ts.tv_sec + CLOCK_START_SEC) * 1000000000 + (uint64_t)ts.tv_nsec;
}

int
worker_main(void *arg)
{
	struct worker *w = arg;

	prctl(PR_SET_TIMERSLACK, 1000);
	worker_set_time(w, worker_clock_ns());
	w->last_tick_ms = w->now_ms;
	if (w->neigh)
		local_announce(w);
	while (!w->gw->stop) {
		const uint64_t now_ns = worker_clock_ns();
		unsigned int n;

		worker_set_time(w, now_ns);
		n = receive(w);
		if (w->dns)
			n += dns_lcore_turn(w->dns, w->now_ms);
		n += worker_turn(w, n);
		w->stats.polls++;
		if (n) {
			idle_busy(&w->idle);
		} else {
			w->stats.polls_idle++;
			idle_rest(&w->idle, now_ns);
		}
	}
	mailbox_close(&w->mailbox);
	if (w->dns)
		mailbox_close(dns_lcore_mailbox(w->dns));
	return 0;
}

// ---- what others may ask (app/gateway.h)

struct mailbox *
worker_mailbox(struct worker *w)
{
	return &w->mailbox;
}

const struct worker_stats *
worker_stats(const struct worker *w)
{
	return &w->stats;
}

struct state *
worker_state(struct worker *w)
{
	return w->state;
}

struct neigh_table *
worker_neigh(struct worker *w)
{
	return w->neigh;
}

uint32_t
worker_now_sec(const struct worker *w)
{
	return w->now_sec;
}

uint64_t
worker_now_ms(const struct worker *w)
{
	return w->now_ms;
}

const uint64_t *
worker_rx_queue(const struct worker *w, const struct port *nic, uint16_t queue)
{
	for (unsigned int i = 0; i < w->n_rxq; i++)
		if (w->rxq[i].port == nic && w->rxq[i].queue == queue)
			return &w->rxq[i].packets;
	return NULL;
}

unsigned int
worker_lcore(const struct worker *w)
{
	return w->lcore;
}

unsigned int
worker_cpu(const struct worker *w)
{
	return (unsigned int)w->gw->boot.lcores.worker[w->index];
}

void
worker_clear_stats(struct worker *w)
{
	memset(&w->stats, 0, sizeof(w->stats));
	for (unsigned int i = 0; i < w->n_rxq; i++)
		w->rxq[i].packets = 0;
}
