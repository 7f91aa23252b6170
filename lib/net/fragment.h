// SPDX-License-Identifier: BSD-3-Clause
// Fragments of both families on their way through the translator (RFC 6146 §3.4). Nothing is
// copied: the first fragment tells the ports to the others, which go on as they are (virtual
// reassembly); what can only be translated as a whole (PKT_WHOLE) is kept until nothing is missing
// and then goes on in its pieces.
// Owned by one worker. A clock in milliseconds is handed in. Fragments that wait belong to the
// table until pass or drop is called for them. Bounded in datagrams, bytes and time; where there is
// no room, the oldest gives way (N64-FRAG-03).
#ifndef NET_FRAGMENT_H
#define NET_FRAGMENT_H

#include "base/err.h"
#include "net/pkt.h"
#include "stats/drop.h"

// Most fragments of one datagram: 64 kB over a link of 576 bytes take 119.
#define FRAGMENT_PIECES 128

// Both own the packet, and may not call into the table.
struct fragment_ops {
	// It goes on, with the ports or the identifier of its datagram in struct pkt. Fragments of
	// one datagram pass in order as far as they were there.
	void (*pass)(void *ctx, struct rte_mbuf *m);
	void (*drop)(void *ctx, struct rte_mbuf *m, enum drop_reason why);
};

struct fragment_params {
	uint32_t max_datagrams; // incomplete ones, and those remembered for an overlap
	uint64_t max_bytes;     // of buffers that wait
	uint32_t timeout_ms;    // from the first fragment that came (N64-FRAG-02)
	int socket_id;
};

struct fragment_table; // opaque

// NULL with err: no memory.
struct fragment_table *fragment_create(const struct fragment_params *p,
	const struct fragment_ops *ops, void *ctx, struct err *err);
// Other limits from now on; what is there already keeps its time.
void fragment_limit(struct fragment_table *t, uint64_t max_bytes, uint32_t timeout_ms);
// Drops what waits.
void fragment_free(struct fragment_table *t);

// A fragment that parse_fragment let pass; of IPv6 with dst4 and pref64 set.
void fragment_add(struct fragment_table *t, struct rte_mbuf *m, uint64_t now_ms);

// Ends what is due, at most budget datagrams; returns how many.
unsigned int fragment_expire(struct fragment_table *t, uint64_t now_ms, unsigned int budget);

// The same for all fragments of a datagram, on every worker.
uint32_t fragment_hash(const struct rte_mbuf *m);

struct fragment_stats {
	uint32_t datagrams;
	uint32_t waiting; // fragments
	uint64_t bytes;   // of their buffers
};
struct fragment_stats fragment_stats(const struct fragment_table *t);

#endif
