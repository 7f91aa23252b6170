// SPDX-License-Identifier: BSD-3-Clause
// The stages of a burst. Called by the worker that owns w only.
#ifndef APP_PIPELINE_H
#define APP_PIPELINE_H

#include "app/worker.h"

#include <rte_ip.h>
#include <rte_prefetch.h>

// What one poll of a receive queue of port brought.
struct rx_burst {
	struct port *port;
	struct rte_mbuf **pkts;
	unsigned int n;
};

// n_burst bursts, oldest first, of PIPELINE_MAX frames together. They are the pipeline's from here
// on.
#define PIPELINE_MAX (2 * WORKER_BURST)
_Static_assert(PIPELINE_MAX <= LANE_MAX, "all may be of one kind");
void pipeline_run(struct worker *w, const struct rx_burst *burst, unsigned int n_burst);

#define PIPELINE_PREFETCH 4 // frames at the beginning of a burst that are expected to be fetched

// Fetches what the stages first read of a frame.
static inline void
pipeline_prefetch(struct rte_mbuf *m)
{
	rte_prefetch0(rte_pktmbuf_mtod(m, void *));
	rte_prefetch0(pkt_of(m));
}

// Packets handed over by other workers; pkt.resume says where they go on.
void pipeline_resume(struct worker *w, struct rte_mbuf **pkts, unsigned int n);

// An ICMP error of our own about a packet that was translated already: it is translated back to the
// sender with the next burst, like an error from outside. Outside pipeline_run only.
void pipeline_loop_error(struct worker *w, struct rte_mbuf *m);

// The key of a packet of the lane v6.
static inline void
pipeline_key6(struct rte_mbuf *m, struct session_key6 *key)
{
	const struct rte_ipv6_hdr *ip = rte_pktmbuf_mtod(m, const struct rte_ipv6_hdr *);
	const struct pkt *p = pkt_of(m);
	const bool echo = p->flags & PKT_ICMP_ECHO;

	*key = (struct session_key6){
		.dst4 = p->dst4,
		.sport = p->sport,
		.dport = echo ? 0 : p->dport,
		.proto = echo ? IPPROTO_ICMP : p->proto,
		.pref64 = p->pref64,
	};
	memcpy(&key->src6, &ip->src_addr, sizeof(key->src6));
}

// The stages, in their own files.
void classify(struct worker *w, const struct rx_burst *burst);
void classify_hairpin(struct worker *w, struct rte_mbuf *m);
void classify_own_error(struct worker *w, struct rte_mbuf *m);
void admit6(struct worker *w);
// DROP_NONE: the configuration allows such a session.
enum drop_reason admit_policy(const struct plan *plan, const struct session_key6 *key);
// Fills what belongs to app in a session that was made.
void admit_complete(const struct plan *plan, struct session *s);
// An IPv4 packet of no session: the one that it may make, or NULL and it is gone.
struct session *admit4(struct worker *w, struct rte_mbuf *m);
// Ends what waited too long for its client, and returns how many; and all that waits, at the end.
unsigned int admit_tick(struct worker *w);
void admit_drain(struct worker *w);
// One that can have none.
void unmatched4(struct worker *w, struct rte_mbuf *m);
void translate_errors(struct worker *w);
void local_deliver(struct worker *w);
void forward6(struct worker *w);

#endif
