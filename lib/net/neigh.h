// SPDX-License-Identifier: BSD-3-Clause
// Neighbour table for both families: resolution and neighbour unreachability detection (RFC 4861
// §7.2-7.3, RFC 826, RFC 1122 §2.3.2). ARP entries are v4-mapped and follow the same states.
// Owned by one lcore (the first worker). A clock in milliseconds is handed in. Packets that wait
// for resolution belong to the table until deliver or fail is called for them.
// No destination is solicited more than once a second (GW-ND-10, GW-ARP-05), whatever happens to
// its entry, neigh_flush excepted. There is no upper-layer confirmation: forwarding proves nothing
// about the next hop (GW-ND-11).
#ifndef NET_NEIGH_H
#define NET_NEIGH_H

#include "base/err.h"

#include <netinet/in.h>
#include <rte_ether.h>
#include <rte_mbuf.h>

#define NEIGH_ENTRIES_MAX     (1u << 20)
#define NEIGH_QUEUE_MAX       64
#define NEIGH_WAITING_DEFAULT 1024
#define NEIGH_NONE            UINT32_MAX

enum neigh_state {
	NEIGH_FREE,
	NEIGH_INCOMPLETE,
	NEIGH_REACHABLE,
	NEIGH_STALE,
	NEIGH_DELAY,
	NEIGH_PROBE,
};
extern const char *const neigh_state_name[];

struct neigh {
	struct in6_addr addr;
	uint16_t port;
	uint8_t state; // enum neigh_state
	bool is_router;
	uint8_t tries;             // solicitations sent in this state
	struct rte_ether_addr mac; // valid unless INCOMPLETE
	uint64_t due_ms;           // when the state's timer fires
	uint64_t since_ms;         // last confirmation; 0: never
	unsigned int n_waiting;
};

// deliver and fail own the packet they are given; they may call neigh_find, neigh_get, neigh_used
// and neigh_output (which makes no room then: it returns -ENOSPC where it would have to displace
// something). The others may only read.
struct neigh_ops {
	// Send a solicitation now: to the group (or broadcast), or to n->mac.
	void (*solicit)(void *ctx, const struct neigh *n, bool unicast);
	// The entry's MAC became usable or changed, or its state did; never INCOMPLETE, so n->mac
	// is valid. idx (< max_entries) stays the entry's until removed.
	void (*update)(void *ctx, uint32_t idx, const struct neigh *n);
	// The entry is about to go; also for one that never was usable.
	void (*removed)(void *ctx, uint32_t idx, const struct neigh *n);
	// A waiting packet can go out to n->mac.
	void (*deliver)(void *ctx, uint32_t idx, const struct neigh *n, struct rte_mbuf *m);
	// A waiting packet's next hop did not answer; or a newer packet displaced it (queue_full).
	void (*fail)(void *ctx, const struct neigh *n, struct rte_mbuf *m, bool queue_full);
};

struct neigh_params {
	uint32_t max_entries; // 1..NEIGH_ENTRIES_MAX
	// GW-ND-13: unresolved ones may not crowd out the rest. One port gets three quarters of it,
	// so that a scan of one link does not keep another link's next hop from being resolved.
	uint32_t max_incomplete;
	uint32_t queue_len;   // 1..NEIGH_QUEUE_MAX, packets that wait for one entry
	uint32_t max_waiting; // packets that wait in all; 0: NEIGH_WAITING_DEFAULT
	int socket_id;
};

struct neigh_table;

// NULL with err filled. hash_key_init was called before.
struct neigh_table *neigh_create(
	const struct neigh_params *p, const struct neigh_ops *ops, void *ctx, struct err *err);
// Waiting packets are freed.
void neigh_free(struct neigh_table *t);

// Index of the entry or NEIGH_NONE.
uint32_t neigh_find(struct neigh_table *t, uint16_t port, const struct in6_addr *addr);
// NULL for an index that is no entry's.
const struct neigh *neigh_get(struct neigh_table *t, uint32_t idx);

// A packet wants to go to addr: makes an INCOMPLETE entry and solicits if there is none, queues m
// while it is unresolved (the newest displaces the oldest), delivers it at once otherwise. 0, or
// -ENOSPC (table or incomplete limit): then m still is the caller's. m may be NULL (resolve ahead).
// In a full table the least recently used entry that was never confirmed, then the one longest
// STALE, gives way; what is REACHABLE, being resolved or being probed stays. port < CONFIG_PORTS.
int neigh_output(struct neigh_table *t, uint16_t port, const struct in6_addr *addr,
	struct rte_mbuf *m, uint64_t now_ms);

// A packet was sent by a STALE entry: STALE -> DELAY (RFC 4861 §7.3.3).
void neigh_used(struct neigh_table *t, uint32_t idx, uint64_t now_ms);

// NA or ARP reply to us (RFC 4861 §7.2.5). Ignored when addr or mac is no unicast address. mac
// NULL: no TLLA option. create: make a STALE entry when there is none (RFC 9131 §6.1).
void neigh_advert(struct neigh_table *t, uint16_t port, const struct in6_addr *addr,
	const struct rte_ether_addr *mac, bool solicited, bool override, bool router, bool create,
	uint64_t now_ms);

// Sender of an NS, RS or ARP request (RFC 4861 §7.2.3, RFC 826): updates an entry, or creates a
// STALE one when create is set. Ignored when addr (:: of DAD, 0.0.0.0 of an ARP probe) or mac is no
// unicast address. Whether addr is on-link, and not ours, is the caller's to know.
void neigh_seen(struct neigh_table *t, uint16_t port, const struct in6_addr *addr,
	const struct rte_ether_addr *mac, bool create, uint64_t now_ms);

// The link of a port is there or not (at first it is). Without it nobody can answer: what is known
// becomes STALE at worst, and is neither probed nor removed; what is being resolved fails as ever.
void neigh_set_link(struct neigh_table *t, uint16_t port, bool up);

// Timers, in the order they are due; looks at no more than budget entries. Call often.
void neigh_tick(struct neigh_table *t, uint64_t now_ms, unsigned int budget);

// Walk as in state.h.
bool neigh_walk(struct neigh_table *t, uint32_t *cursor, unsigned int budget,
	void (*fn)(void *arg, uint32_t idx, const struct neigh *n), void *arg);
// Forgets every address that was learnt, by slices as a walk, and adds how many to *removed. What
// is being resolved goes on.
bool neigh_flush(struct neigh_table *t, uint32_t *cursor, unsigned int budget, uint32_t *removed);
uint32_t neigh_count(const struct neigh_table *t);

#endif
