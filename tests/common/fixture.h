// SPDX-License-Identifier: BSD-3-Clause
// A gateway in memory: the real workers and pipeline, ports whose transmit side is an array, a
// clock that the test moves. No threads: workers run inside fixture_input and fixture_turn.
#ifndef TESTS_COMMON_FIXTURE_H
#define TESTS_COMMON_FIXTURE_H

#include "app/dns_lcore.h"
#include "app/worker.h"

#define FIXTURE_FRAMES 4096

struct fixture {
	struct gateway gw;
	uint64_t now_ns;
	struct { // frames that the gateway sent by the port, oldest first
		struct rte_mbuf *m[FIXTURE_FRAMES];
		unsigned int n, taken;
	} out[CONFIG_PORTS];
	unsigned int sent_ports; // frames by all ports, ever
};

// EAL without hugepages, once a process. mb: memory.
void fixture_eal(unsigned int mb);
// The same on hugepages, which must be there.
void fixture_eal_hugepages(void);

// From a filled configuration, or YAML text (any error ends the test program with its text).
// Port i has MAC 02:00:00:00:00:<i>. n_worker as configured (1 when 0).
void fixture_start(struct fixture *f, const struct config *c, uint32_t mbufs);
void fixture_start_yaml(struct fixture *f, const char *yaml, uint32_t mbufs);
// Frees all. The number of packet buffers that did not come back.
unsigned int fixture_stop(struct fixture *f);

// A frame arrives at the port; what it causes is done, hand-overs between workers included.
void fixture_input(struct fixture *f, unsigned int port, const void *frame, uint16_t len);
// The same by an mbuf, and by the worker that the test chooses to receive it.
void fixture_input_mbuf(
	struct fixture *f, unsigned int worker, unsigned int port, struct rte_mbuf *m);
// Moves the clock, then turns every worker and the DNS lcore until nothing moves any more.
void fixture_turn(struct fixture *f, uint64_t advance_ms);

// Next frame that the gateway sent by the port: its length, bytes copied to buf; 0 when there is
// none.
uint16_t fixture_take(struct fixture *f, unsigned int port, uint8_t *buf, uint16_t size);
// Throws away what was sent so far.
void fixture_discard(struct fixture *f);

// The gateway knows this neighbour: addr IPv6, or IPv4 mapped.
void fixture_neighbor(struct fixture *f, unsigned int port, const char *addr, const uint8_t mac[6]);

// Sum over the workers.
struct worker_stats fixture_stats(const struct fixture *f);
// rx + originated == tx + consumed + drops + what waits for a next hop or for the rest of its
// datagram, exactly.
bool fixture_balanced(const struct fixture *f);

#endif
