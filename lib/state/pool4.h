// SPDX-License-Identifier: BSD-3-Clause
// The IPv4 pool addresses with this worker's ports of each, for each protocol (RFC 6146 §3.5.1.1).
#ifndef STATE_POOL4_H
#define STATE_POOL4_H

#include "state/hold.h"
#include "state/poolset.h"
#include "state/ports.h"
#include "state/table.h"

#define POOL4_PROTOS     3
#define POOL4_NONE       UINT16_MAX          // no address of the pool
#define POOL4_GENERATION (UINT32_C(1) << 31) // of one pool and the next; of client.set as well

struct pool4_addr {
	struct in_addr addr;
	struct port_range range;
	uint32_t clients;
	uint32_t used[POOL4_PROTOS];
	uint32_t resting[POOL4_PROTOS]; // of the hold
	uint32_t pending[POOL4_PROTOS]; // in use in the pool before, by whom is yet to be seen
	uint32_t capacity[POOL4_PROTOS];
	bool alarmed[POOL4_PROTOS]; // so much is in use that it was counted
	uint64_t alarms;
};

// Addresses that are the same one, [first, first + n) of pool4_heritage.news or olds.
struct pool4_same {
	uint32_t first, n;
};

// What a pool has to know of the one whose place it takes, while there is anything from it.
struct pool4_heritage {
	struct pool4 *old;
	struct pool4_same *to_new, *to_old; // by address of the one, those of the other
	uint32_t *news, *olds;              // addresses in order
	const struct static_map *reserved;  // in the new one; NULL: nothing
	uint32_t known; // addresses, the first ones, of which it is known which ports are in use
};

struct pool4 {
	uint32_t n_addr;
	struct port_share share;
	size_t set_len; // bytes of one port set
	struct pool4_addr *addr;
	uint8_t *sets;                 // a port set for each address and protocol
	uint64_t *avail[POOL4_PROTOS]; // a bit for each address that has a free port
	uint64_t *room[POOL4_PROTOS];  // ... that should take new clients
	struct pool_sets client_sets;
	struct hold hold;
	struct pool4_heritage *heritage; // NULL: nothing is to be taken over
	struct pool4 *next;  // that is to take its place, and learns what is in use; or NULL
	uint32_t generation; // 0 or POOL4_GENERATION
	uint32_t now_sec;    // the latest time that was told
	uint32_t alarm;      // percent; 0: none
	struct rand_pool rand;
};

// Without a hold. 0, -EINVAL or -ENOMEM; pool4_fini also after a failure.
int pool4_init(struct pool4 *p, const struct state_params *params, struct err *err);
void pool4_fini(struct pool4 *p);

// An address of the set (of client_sets) with a free port, the same for the same hash while there
// is room on it. False: every port of every address is in use.
bool pool4_pick(struct pool4 *p, const struct pool_set *set, enum state_proto proto, uint32_t hash,
	uint32_t *addr);

// As port_set_draw and port_set_choose, on one address. What the next step looks at is fetched: by
// pool4_prefetch what pool4_draw does, by that what pool4_choose does; by pool4_prefetch_port what
// taking or giving the port does.
void pool4_prefetch(const struct pool4 *p, uint32_t addr, enum state_proto proto);
void pool4_prefetch_port(
	const struct pool4 *p, uint32_t addr, enum state_proto proto, uint16_t port);
bool pool4_draw(struct pool4 *p, uint32_t addr, enum state_proto proto, uint16_t sport,
	struct port_draw *d);
uint16_t pool4_choose(
	struct pool4 *p, uint32_t addr, enum state_proto proto, const struct port_draw *d);
// All of it, and takes the port.
bool pool4_take(
	struct pool4 *p, uint32_t addr, enum state_proto proto, uint16_t sport, uint16_t *port);
// As port_set_take_port, on one address.
bool pool4_take_port(struct pool4 *p, uint32_t addr, enum state_proto proto, uint16_t port);
// A free port rests until due_sec, or until those that rest already have ended, whatever is later.
// False: it is not free, or ports of the kind do not rest.
bool pool4_rest(
	struct pool4 *p, uint32_t addr, enum state_proto proto, uint16_t port, uint32_t due_sec);
// The port is free again, after its rest. TCP needs none: its sessions are followed to their end
// (RFC 6888 REQ-8A).
void pool4_give(struct pool4 *p, uint32_t addr, enum state_proto proto, uint16_t port);
// The time is now_sec; at most budget ports whose rest is over become free.
void pool4_tick(struct pool4 *p, uint32_t now_sec, unsigned int budget);

// Index of an address, or INDEX_NONE.
uint32_t pool4_find(const struct pool4 *p, struct in_addr addr);

bool pool4_is_free(const struct pool4 *p, uint32_t addr, enum state_proto proto, uint16_t port);
bool pool4_is_taken(const struct pool4 *p, uint32_t addr, enum state_proto proto, uint16_t port);

static inline struct port_set *
pool4_set(const struct pool4 *p, uint32_t addr, enum state_proto proto)
{
	return (struct port_set *)(p->sets + (addr * (size_t)POOL4_PROTOS + proto) * p->set_len);
}

// Keeps what is said of an address true after its counters changed.
void pool4_mark(struct pool4 *p, uint32_t addr, enum state_proto proto);

// ---- pool4_change.c: p takes the place of old

// Before it does, on any thread: -ENOMEM. Reads of old what never changes.
// reserved: must live as long as there is something to take over.
int pool4_succeed(struct pool4 *p, const struct pool4 *old, const struct static_map *reserved,
	int socket_id, struct err *err);
void pool4_heritage_fini(struct pool4 *p);
// Before it does as well, by p's owner: next learns which ports of one more of its addresses are in
// use in p, and is told of what changes there from now on. False: it knows them all.
bool pool4_survey(struct pool4 *p, struct pool4 *next);
// A port of p was taken, or is free again.
void pool4_tell_next(
	struct pool4 *p, uint32_t addr, enum state_proto proto, uint16_t port, bool taken);
// p and next, which knows all, change places; what was in p is taken over from now on.
void pool4_swap(struct pool4 *p, struct pool4 *next);
// All is taken over.
void pool4_part(struct pool4 *p);
// Whose they are: *addr is what the old pool's old_addr is now for the port, which is to be counted
// by the caller. False: the port is no longer in the pool.
bool pool4_inherit(
	struct pool4 *p, uint32_t old_addr, enum state_proto proto, uint16_t port, uint32_t *addr);
// A port that was reserved in the old pool, or not in it: before the swap, nobody gets it until
// pool4_release, from which on it is free unless it is reserved again.
void pool4_keep_back(struct pool4 *p, struct in_addr addr, enum state_proto proto, uint16_t port);
void pool4_release(struct pool4 *p, struct in_addr addr, enum state_proto proto, uint16_t port);
// The address of the set that old_addr is now.
bool pool4_successor(
	const struct pool4 *p, uint32_t old_addr, const struct pool_set *set, uint32_t *addr);
void pool4_inherit_rest(struct pool4 *p, struct hold_port *h);
// The resting ports, after hold_change, by slices; false when at the end.
bool pool4_step_hold(struct pool4 *p, unsigned int budget);

// The counters and summaries agree with the bitmaps.
bool pool4_check(const struct pool4 *p, struct err *err);

#endif
