// SPDX-License-Identifier: BSD-3-Clause
// A tester in the manner of RFC 8219, 4.1 (one device under test between two ports of the tester)
// and RFC 9693: sessions are made by their first packet from inside, and what the other side sends
// goes to the tuples that it learnt. One thread does it all.
//
//   inside 2001:2::2  --  2001:2::1 gateway 198.18.0.2  --  198.18.0.1 outside
//   clients 2001:2:0:1000::/52 behind it                    servers 198.19.0.0/16 behind it
//
// A frame carries its flow, its trial and the time when it was made; what comes back with another
// trial's number, or translated to other addresses or ports than its flow's, does not count.
#ifndef TESTS_BENCH_WIRE_H
#define TESTS_BENCH_WIRE_H

#include <netinet/in.h>
#include <rte_ether.h>
#include <rte_mbuf.h>
#include <stdbool.h>

#define WIRE_BURST     32
#define WIRE_FRAME_MIN 84 // IPv6 frame with its check sum (RFC 8219, 5.1.1)
#define WIRE_FRAME_MAX 1518
#define WIRE_FLOWS_MAX (1u << 22)

enum wire_side {
	WIRE_INSIDE,
	WIRE_OUTSIDE,
	WIRE_SIDES,
};

struct wire_flow {
	rte_be32_t pool4; // its address and port outside, 0: not learnt
	rte_be16_t port4;
};

struct wire {
	uint16_t port[WIRE_SIDES]; // DPDK's
	struct rte_ether_addr mac[WIRE_SIDES], gateway[WIRE_SIDES];
	bool resolved[WIRE_SIDES]; // gateway[] is known
	struct rte_mempool *pool;
	struct wire_flow *flow;
	uint32_t n_flow, n_learnt;
	uint32_t stride;      // from one frame's flow to the next one's
	unsigned int payload; // bytes of UDP
	bool mirror;          // the device under test does not translate
	uint32_t trial;
};

// What came: for which flow, and when it was made.
struct wire_seen {
	uint32_t flow, trial;
	uint64_t tsc;
};

// ---- wire_frames.c

// Fills an empty mbuf with a frame of the flow from that side. Outside, the flow must be learnt.
void wire_make(const struct wire *w, enum wire_side from, struct rte_mbuf *m, uint32_t flow);
// False: not a frame of ours, or not as it should be. learn: takes the tuple of a flow over.
bool wire_parse(struct wire *w, enum wire_side at, const struct rte_mbuf *m, bool learn,
	struct wire_seen *seen);
// Asks for the gateway's MAC address.
void wire_ask(struct wire *w, enum wire_side side);
// ARP and ND: answers for any address, and learns the gateway's. Keeps m.
void wire_neighbor(struct wire *w, enum wire_side at, const struct rte_mbuf *m);

// ---- wire_trial.c

struct wire_result {
	uint64_t sent, received;
	uint64_t timed; // of these, by a tester that was not paused
	double offered; // frames a second, both directions together
	double min_us, p50_us, p99_us, p999_us, max_us;
	bool behind; // the tester did not keep the rate
};

// Sends so many frames a second for so long, from both sides in turn, and waits for what is still
// under way. A frame that finds its ring full is lost, as it would be before a NIC that is full.
struct wire_result wire_trial(struct wire *w, double rate, double seconds);
// Phase 1 of RFC 9693: every flow's first packet, and what is missing again. Returns how many came.
uint32_t wire_learn(struct wire *w, double rate);
bool wire_resolve(struct wire *w, double seconds);

// ---- wire_mirror.c

// Forwards between both ports, each frame as it is, until it is ended by a signal.
void wire_mirror(const struct wire *w);

#endif
