// SPDX-License-Identifier: BSD-3-Clause
// One worker: what belongs to its lcore and nobody else (app/gateway.h lists what others may call).
#ifndef APP_WORKER_H
#define APP_WORKER_H

#include "app/gateway.h"
#include "app/idle.h"
#include "app/nexthop.h"
#include "base/rand.h"
#include "net/fragment.h"
#include "net/pkt.h"
#include "state/state.h"

#include <rte_cycles.h>

#define WORKER_BURST 32
#define LANE_MAX     64 // the packets of one run, PIPELINE_MAX

// Packets of one kind inside a run, at most all of it. session[i] belongs to m[i] after the
// lookup stage.
struct lane {
	unsigned int n;
	struct rte_mbuf *m[LANE_MAX];
	struct session *session[LANE_MAX];
};

struct tx_buffer {
	unsigned int n;
	struct rte_mbuf *m[LANE_MAX];
};

struct rx_queue {
	struct port *port;
	uint16_t queue;
	uint64_t packets; // since start or "clear counters"
};

// Tokens of ICMP errors (RFC 4443 §2.4(f)). Packet too big has a bucket of its own (MTU-10).
enum icmp_bucket {
	ICMP_BUCKET_ERROR,
	ICMP_BUCKET_TOO_BIG,
	ICMP_BUCKET_RESET, // TCP resets after a reload
	ICMP_BUCKET__N,
};

#define IPID_COUNTERS 4096

struct worker {
	struct gateway *gw;
	const struct plan *plan; // exchanged between two bursts
	unsigned int index;
	unsigned int lcore;
	struct worker_stats stats;
	struct mailbox mailbox;
	struct idle idle;

	// time, refreshed once a turn of the loop
	uint64_t now_ms;
	uint32_t now_sec;
	uint64_t last_tick_ms;

	struct lane v6, v4;         // to translate
	struct lane miss6;          // IPv6 without a session yet
	struct lane error6, error4; // ICMP errors
	struct lane fragment;       // both families
	struct lane local;          // to the gateway itself
	struct lane forward;        // native IPv6
	struct lane failed;         // first worker: packets whose next hop did not answer
	struct session_key6 key6[LANE_MAX];
	struct session_key4 key4[LANE_MAX];

	struct state *state;
	struct fragment_table *fragments;
	struct rte_mbuf *passed, *passed_last; // fragments that the table let pass
	struct rte_mbuf *looped, *looped_last; // hairpinned packets between their two passes
	struct nexthop_table nexthops;
	struct rand_pool rand;
	uint16_t ipid[IPID_COUNTERS];         // IPv4 Identification by flow hash (X64-05, X64-06)
	uint16_t ipid_last;                   // largest of these, so that workers never meet
	uint64_t icmp_tokens[ICMP_BUCKET__N]; // in thousandths
	uint32_t reset_until_sec; // so long inside hosts are told of TCP sessions that are no more

	struct rx_queue rxq[CONFIG_PORTS * GATEWAY_MAX_WORKERS]; // that this worker polls
	unsigned int n_rxq;
	struct tx_buffer tx[CONFIG_PORTS];
	// handed to worker i, and what worker i handed to us (single producer, single consumer)
	struct tx_buffer to[GATEWAY_MAX_WORKERS];
	struct rte_ring *from[GATEWAY_MAX_WORKERS];
	struct rte_ring *updates; // struct nexthop_update from the first worker; NULL on it
	struct rte_ring *used[GATEWAY_MAX_WORKERS]; // first worker: next hops in use, by worker

	// first worker only
	struct neigh_table *neigh;
	bool resync[GATEWAY_MAX_WORKERS]; // worker i missed updates: send it everything
	uint64_t mld_due_ms[CONFIG_PORTS];
	uint8_t mld_left[CONFIG_PORTS]; // reports still to send unasked
	bool mld_answer[CONFIG_PORTS];  // the next report answers a query

	struct rte_ring *dns_in;  // to the DNS lcore; NULL: DNS64 is off
	struct rte_ring *dns_out; // from it; first worker only
	struct idle *dns_idle;    // of who runs DNS64, to ring
	struct dns_lcore *dns;    // that this worker runs itself; first worker only, else NULL
};

// Makes gw->n_worker workers on lcores first_lcore and up, with their rings. gw->port and gw->plan
// must be complete.
int workers_create(struct gateway *gw, unsigned int first_lcore, struct err *err);
// Frees all, with the packets that wait somewhere.
void workers_free(struct gateway *gw);

// The lcore function (rte_eal_remote_launch); arg: struct worker. Runs until gw->stop.
int worker_main(void *arg);

// One turn after received packets: hand-overs, timers, mailbox, transmit. Tests drive it without a
// thread. Returns the packets it moved.
unsigned int worker_turn(struct worker *w, unsigned int received);
void worker_set_time(struct worker *w, uint64_t now_ns);
// What worker_main goes by. Any thread.
uint64_t worker_clock_ns(void);

// The only ways for a packet to end here.
static inline void
drop(struct worker *w, struct rte_mbuf *m, enum drop_reason why)
{
	w->stats.drop[why]++;
	rte_pktmbuf_free(m);
}

static inline void
consume(struct worker *w, struct rte_mbuf *m)
{
	w->stats.consumed++;
	rte_pktmbuf_free(m);
}

static inline void
lane_add(struct lane *l, struct rte_mbuf *m)
{
	l->m[l->n++] = m;
}

#endif
