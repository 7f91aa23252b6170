// SPDX-License-Identifier: BSD-3-Clause
// Which pool addresses serve a client under a NAT64 prefix. Entries of pool4 name prefixes and
// networks of clients; those that name the client by the longest network go first, among these
// those that name the prefix. What comes of that is worked out at start, for every network named
// anywhere and every prefix, so that a client only has to find the network it is in.
#ifndef STATE_POOLSET_H
#define STATE_POOLSET_H

#include "config/config.h"

#define POOL_SET_WORDS (CONFIG_POOL4 / 64)

// Pool addresses [first, first + n), by index.
struct pool_run {
	uint32_t first, n;
};

struct pool_set {
	uint64_t entries[POOL_SET_WORDS]; // bits: entries of pool4 that it is made from
	uint32_t n_addr;                  // 0: nobody may have an address
	uint32_t n_run;
	struct pool_run *run; // in order, with gaps between them
};

// Networks of one length: [first, first + n).
struct pool_len {
	uint64_t mask[2]; // of that length
	uint32_t first, n;
	uint8_t len;
};

struct pool_sets {
	uint32_t n_client;
	struct prefix6 *client; // networks that entries name, longest first, then by address
	uint32_t n_len;
	struct pool_len len[129];
	uint32_t n_prefix;
	uint16_t *set_of; // by network (n_client: none of them), then prefix
	uint32_t n_set;
	struct pool_set *set;
};

// 0, -E2BIG or -ENOMEM; pool_sets_fini also after a failure.
// gone: bits, prefixes that serve nobody.
int pool_sets_init(struct pool_sets *s, const struct config_nat64 *c, uint32_t gone);
void pool_sets_fini(struct pool_sets *s);

// Index of the set for a client under a prefix.
uint32_t pool_sets_find(
	const struct pool_sets *s, const struct in6_addr *src6, unsigned int pref64);

// Whether pool address addr is one of the set.
bool pool_set_has(const struct pool_set *s, uint32_t addr);

// The run that holds address k of n_addr, with its place there in *at.
uint32_t pool_set_locate(const struct pool_set *s, uint32_t k, uint32_t *at);

#endif
