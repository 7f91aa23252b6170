// SPDX-License-Identifier: BSD-3-Clause
// The free ports of one pool address and protocol, as far as they are this worker's.
#ifndef STATE_PORTS_H
#define STATE_PORTS_H

#include "base/rand.h"
#include "state/state.h"

#define PORTS_BLOCKS      (65536 / STATE_PORT_BLOCK)
#define PORTS_BLOCK_WORDS (PORTS_BLOCKS / 64) // to have a bit for each block

// Which blocks are a worker's own: the k-th is block k * n_workers + worker.
struct port_share {
	uint32_t worker, n_workers;
	uint32_t n_blocks;
	uint32_t n_low; // of these in ports 0-1023; they come first
};

struct port_range {
	uint16_t first, last; // inclusive
};

// left and any tell without a search whether, and where, there is a free port. Begins at a cache
// line.
struct port_set {
	uint32_t left[2][2];                // free ports, by range (0-1023, others) and parity
	uint16_t from[2], to[2];            // by range: own blocks [from, to) have any port at all
	uint64_t any[2][PORTS_BLOCK_WORDS]; // by parity: blocks with a free port
	uint64_t free[];                    // a word for each own block, a bit for each free port
};

struct port_share port_share_of(unsigned int worker, unsigned int n_workers);
size_t port_set_len(const struct port_share *share); // bytes of a struct port_set

// Makes every port of the range free; s is all zero. Returns how many there are.
uint32_t port_set_fill(struct port_set *s, const struct port_share *share, struct port_range range,
	enum state_proto proto);

// The block that a port is to be of, and where else it may be from: own blocks [from, to).
struct port_draw {
	uint16_t block, from, to;
	uint16_t parities;
};

// A port for a client's sport: random (RFC 6056), of its range and, for UDP, its parity while there
// is one (N64-PORT-03, N64-PORT-04). In two steps, so that free[d->block] can be fetched between
// them. The first one reads the first line of s only; false: no port is left.
bool port_set_draw(const struct port_set *s, struct rand_pool *rand, enum state_proto proto,
	uint16_t sport, struct port_draw *d);
// The second one, before any port is taken: the port, in host order.
uint16_t port_set_choose(const struct port_set *s, const struct port_share *share,
	struct rand_pool *rand, const struct port_draw *d);
// Takes this one. False: it is not of the share or the range, or in use.
bool port_set_take_port(struct port_set *s, const struct port_share *share, uint16_t port);
void port_set_give(struct port_set *s, const struct port_share *share, uint16_t port);

// Takes out of s every port that other, made for range, has in use. Returns how many.
uint32_t port_set_exclude(struct port_set *s, const struct port_set *other,
	const struct port_share *share, struct port_range range, enum state_proto proto);

// The port belongs to the share and the range, and is free.
bool port_set_is_free(const struct port_set *s, const struct port_share *share,
	struct port_range range, enum state_proto proto, uint16_t port);
// ... and is in use, or reserved.
bool port_set_is_taken(const struct port_set *s, const struct port_share *share,
	struct port_range range, enum state_proto proto, uint16_t port);

// left and any agree with free; *n_free is the number of free ports.
bool port_set_check(const struct port_set *s, const struct port_share *share, uint32_t *n_free);

#endif
