// SPDX-License-Identifier: BSD-3-Clause
// NAT64 state of one worker: BIBs, session tables, pool ports, lifetimes (RFC 6146 §3.1-3.5).
// Owned by one worker lcore: no function here may be called from any other. No packets in here.
// Memory is taken at creation; nothing is allocated later. Times are seconds of a clock that the
// caller hands in (now_sec, never going back).
#ifndef STATE_STATE_H
#define STATE_STATE_H

#include "config/config.h"
#include "state/tcp.h"
#include "stats/drop.h"

#include <rte_byteorder.h>
#include <rte_common.h>
#include <rte_tcp.h>

// Steering (N64-PORT-11, N64-MC-01): a worker owns the blocks of 64 ports whose number modulo the
// count of workers is its own, on every pool address and for all three protocols.
#define STATE_PORT_BLOCK 64

static inline unsigned int
state_owner_of_port(uint16_t port_host_order, unsigned int n_workers)
{
	return (port_host_order / STATE_PORT_BLOCK) % n_workers;
}

// What state_owner_of_src6 goes by: the whole address, or the subscriber (N64-MC-04). Both owners
// are such that a NIC finds them too (net/rss.h; both: as there). Once before the workers start.
void state_steer_init(const struct config_quota *q, bool both);

// Static bindings that a change may bring to a worker beyond those of the start.
#define STATE_STATICS_SPARE 4096

// Index of the worker that owns all bindings of an inside address.
unsigned int state_owner_of_src6(const struct in6_addr *src6, unsigned int n_workers);

// Laid out like the beginning of struct session, which it is compared with.
struct session_key6 {
	struct in6_addr src6; // X'
	rte_be32_t dst4;      // Z, embedded in Y'
	rte_be16_t sport;     // x; the identifier for ICMP
	rte_be16_t dport;     // z; 0 for ICMP
	uint8_t proto;        // IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP
	uint8_t pref64;       // index of the prefix of Y'
	uint8_t zero[6];
};
_Static_assert(sizeof(struct session_key6) == 32, "hashed in pieces of 16 bytes");

struct session_key4 {
	rte_be32_t dst4;  // Z
	rte_be32_t src4;  // T
	rte_be16_t dport; // z; 0 for ICMP
	rte_be16_t sport; // t; the identifier for ICMP
	uint8_t proto;
	uint8_t zero[3];
};
_Static_assert(sizeof(struct session_key4) == 16, "hashed in pieces of 16 bytes");

enum session_flag {
	SESSION_PROBED = 1 << 0,  // a keep-alive probe is out (N64-TCP-05)
	SESSION_INBOUND = 1 << 1, // begun from the IPv4 side
};

// One cache line: all that a hit needs.
struct session {
	struct in6_addr src6; // X'; up to pref64 as in struct session_key6
	rte_be32_t dst4;      // Z
	rte_be16_t sport6;    // x
	rte_be16_t dport;     // z
	uint8_t proto;
	uint8_t pref64;
	uint16_t delta;       // checksum delta 6 to 4; set by the caller at admission
	rte_be32_t src4;      // T
	rte_be16_t sport4;    // t
	uint8_t tcp;          // enum tcp_state
	uint8_t timer;        // enum config_timeout
	uint8_t flags;        // enum session_flag
	uint8_t nexthop6_gen; // of nexthop6; app/output.h
	uint8_t nexthop4_gen;
	uint8_t pad;
	uint32_t last_sec;               // when the lifetime was last restarted
	uint32_t nexthop6;               // where packets to X' go: a cache, owned by app/output.c
	uint32_t nexthop4;               // where packets to Z go
	uint32_t bib;                    // index of the BIB entry
	uint32_t wheel_next, wheel_prev; // expiry list
} __rte_cache_aligned;
_Static_assert(sizeof(struct session) == 64, "a session is one cache line");

enum bib_flag {
	BIB_STATIC = 1 << 0,  // configured: does not end (N64-BIB-07)
	BIB_SPILLED = 1 << 1, // its peers are in a table; lib/state/peer.c
	BIB_CLAIMED = 1 << 2, // its client port becomes a static binding's: it ends
};

#define BIB_PEERS 4

struct bib {
	struct in6_addr src6; // X'
	rte_be32_t src4;      // T
	rte_be16_t sport6;    // x
	rte_be16_t sport4;    // t
	uint8_t proto;
	uint8_t flags;      // enum bib_flag
	uint16_t pool_addr; // index of T in the pool
	uint32_t sessions;  // that use it; a dynamic entry ends with the last (N64-BIB-06)
	uint32_t inbound;   // of these, begun from the IPv4 side
	uint32_t client;
	uint32_t subscriber;
	rte_be32_t peer[BIB_PEERS]; // Z of each session, while there are no more
	uint16_t config;            // BIB_STATIC: index in config_nat64.statics
	uint8_t pref64;             // under which its client sees outsiders
	uint8_t peer_inbound;       // bits: of peer, begun from the IPv4 side
};
_Static_assert(sizeof(struct bib) == 64, "a binding is one cache line");

struct state_params {
	const struct config_nat64 *nat64; // copied from; need not outlive the state
	unsigned int worker, n_workers;   // limits are divided by n_workers (N64-MC-04)
	uint16_t prefixes_gone;           // bits: of nat64->prefix, there for the sessions that end
	int socket_id;                    // NUMA node, or SOCKET_ID_ANY
};

// A worker's part of a limit; the parts add up to it (N64-MC-04).
static inline uint32_t
state_share(uint32_t limit, const struct state_params *p)
{
	return limit / p->n_workers + (p->worker < limit % p->n_workers);
}

struct state; // opaque

// NULL with err filled: -ENOMEM, or a pool that leaves this worker no port.
struct state *state_create(const struct state_params *p, struct err *err);
void state_free(struct state *st);

#define STATE_LOOKUP_MAX 64

// Looks up n (<= STATE_LOOKUP_MAX) keys; out[i] is the session or NULL.
void state_lookup6(
	struct state *st, const struct session_key6 *keys, unsigned int n, struct session **out);
void state_lookup4(
	struct state *st, const struct session_key4 *keys, unsigned int n, struct session **out);

// n (<= STATE_LOOKUP_MAX) keys without a session are about to be given to state_admit6, from the
// same array: fetches what that will read and write, works out what it needs, and draws ports. Only
// makes it faster.
void state_prepare6(struct state *st, const struct session_key6 *keys, unsigned int n);

// IPv6 side, no session found: finds or makes the BIB entry and the session (RFC 6146 §3.5.1,
// §3.5.2, §3.5.3). If the session exists by now, it is the result. tcp_flags count for TCP only.
// NULL with *why: TCP_NO_SESSION, TCP_FLAGS, SESSION_CLASH, SESSION_LIMIT, BIB_LIMIT, NO_PORT,
// NO_POOL4, QUOTA_*.
// On failure nothing is left behind. *made tells whether it is new, and then
// session.delta is 0 and the nexthop fields are unset (nexthop*_gen = 0). The packet itself still
// has to be counted by state_touch.
struct session *state_admit6(struct state *st, const struct session_key6 *key, uint8_t tcp_flags,
	uint32_t now_sec, bool *made, enum drop_reason *why);

// IPv4 side, no session found: makes one if there is a binding and filtering lets the sender in
// (RFC 6146 §3.5.1-3.5.3, N64-UDP-05..07, N64-ICMP-03, N64-TCP-C7). Everything else as for
// state_admit6. prefixes: bit i: key->dst4 may appear under prefix i. Reasons: NO_SESSION4,
// TCP_NO_SESSION, FILTERED, TCP_FLAGS, INBOUND_LIMIT, WKP_NON_GLOBAL, SESSION_CLASH, SESSION_LIMIT,
// QUOTA_SESSIONS.
struct session *state_admit4(struct state *st, const struct session_key4 *key, uint8_t tcp_flags,
	uint16_t prefixes, uint32_t now_sec, bool *made, enum drop_reason *why);

// A TCP segment that state_admit4 refused for FILTERED or TCP_NO_SESSION (N64-TCP-C5, N64-TCP-C6).
// True: it is a SYN that waits for the client now; packet is the state's until one of the two
// functions below hands it back. Else *why may have become SYN_WAITING (N64-TCP-16: the same waits
// already) or SYN_LIMIT (N64-TCP-10).
bool state_syn_store(struct state *st, const struct session_key4 *key, uint8_t tcp_flags,
	uint32_t now_sec, void *packet, enum drop_reason *why);
// The packet of a SYN that waited TIMEOUT_TCP_SYN in vain (N64-TCP-D2), one a call; NULL: none.
void *state_syn_due(struct state *st, uint32_t now_sec);
// After state_admit6 or state_admit4 made a TCP session: the packet of the SYN that waited for it,
// or NULL (N64-TCP-D1).
void *state_syn_claimed(struct state *st);

// The part of state_touch for a TCP segment that may change more than the time.
void state_touch_tcp(
	struct state *st, struct session *s, uint8_t tcp_flags, bool from6, uint32_t now_sec);

// A packet of the session passed: TCP state and lifetime (RFC 6146 §3.5). from6: from the IPv6
// side. Inbound packets restart the lifetime as well (N64-UDP-03). Inlined is what nearly every
// packet needs; a session whose fields do not change is not written to.
static inline void
state_touch(struct state *st, struct session *s, uint8_t tcp_flags, bool from6, uint32_t now_sec)
{
	if (s->proto == IPPROTO_TCP &&
		(s->tcp != TCP_ESTABLISHED || (tcp_flags & (RTE_TCP_FIN_FLAG | RTE_TCP_RST_FLAG))))
		state_touch_tcp(st, s, tcp_flags, from6, now_sec);
	else if (s->last_sec != now_sec)
		s->last_sec = now_sec;
}

// Ends what is due, looking at no more than budget sessions; returns how many it looked at, less
// than budget when nothing more is due. Clocks are whole seconds, so that a session ends in the
// second after last_sec + lifetime: never early, and at most a second late if this is called often
// enough (N64-UDP-09). probe is called for an established TCP session that went idle (TRANS now),
// when not NULL; it may only look.
unsigned int state_expire(struct state *st, uint32_t now_sec, unsigned int budget,
	void (*probe)(void *arg, const struct session *s), void *arg);

// Ends one session, and its BIB entry with the last one.
void state_end(struct state *st, struct session *s);

// The binding of (X', x) or NULL.
const struct bib *state_bib_find6(
	struct state *st, const struct in6_addr *src6, rte_be16_t sport, uint8_t proto);
// The binding of (T, t) or NULL.
const struct bib *state_bib_find4(
	struct state *st, rte_be32_t src4, rte_be16_t sport, uint8_t proto);

// Walks. *cursor starts at 0; looks at no more than budget slots a call; false when at the end.
// fn may call state_end on the session it is given.
bool state_walk_sessions(struct state *st, uint32_t *cursor, unsigned int budget,
	void (*fn)(void *arg, struct session *s), void *arg);
bool state_walk_bib(struct state *st, uint32_t *cursor, unsigned int budget,
	void (*fn)(void *arg, const struct bib *b), void *arg);

// Seconds of lifetime that are left if nothing more comes.
uint32_t state_expires_in(const struct state *st, const struct session *s, uint32_t now_sec);

struct state_stats {
	uint32_t sessions[3], bibs[3]; // now, by enum state_proto
	uint32_t clients;
	uint64_t created[3], ended[3]; // sessions, ever
	uint64_t no_port[3];
	uint32_t subscribers;       // that have a client
	uint32_t ports_resting;     // N64-PORT-09
	uint64_t ports_rested_less; // rest ended early, to keep to port_hold_max
	uint32_t stored_syns;       // N64-TCP-C5
	uint32_t max_sessions, max_bib;
	uint64_t memory_bytes; // tables of this worker
};
enum state_proto {
	STATE_UDP,
	STATE_TCP,
	STATE_ICMP,
};
void state_stats(const struct state *st, struct state_stats *out);

// One row a pool address, for this worker's share. False when i is past the end.
struct state_pool_row {
	struct in_addr addr;
	uint16_t port_first, port_last;
	uint32_t capacity; // ports of this worker, for each protocol
	uint32_t used[3];  // by enum state_proto
	uint32_t resting[3];
	uint32_t clients;
	uint64_t alarms; // times that a protocol reached pool4_alarm
};
bool state_pool_row(const struct state *st, unsigned int i, struct state_pool_row *out);

// One row a subscriber that has something or was refused something.
struct state_subscriber_row {
	struct in6_addr prefix;
	uint32_t clients, bindings, sessions;
	uint64_t refused_bindings, refused_sessions, refused_rate;
};
// As state_walk_sessions.
bool state_walk_subscribers(struct state *st, uint32_t *cursor, unsigned int budget,
	void (*fn)(void *arg, const struct state_subscriber_row *row), void *arg);

// Everything consistent: BIB <-> session <-> port bitmap <-> client counts <-> expiry lists. For
// tests: walks all. False with err filled.
bool state_check(const struct state *st, struct err *err);

#endif
