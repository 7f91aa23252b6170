// SPDX-License-Identifier: BSD-3-Clause
// What a struct state consists of. Sessions, BIB entries and clients are arrays; tables map keys to
// indexes of them. A session holds its BIB entry, that its client, that its pool address.
#ifndef STATE_INTERNAL_H
#define STATE_INTERNAL_H

#include "state/expiry.h"
#include "state/pool4.h"
#include "state/slots.h"
#include "state/statics.h"
#include "state/subscriber.h"
#include "state/syn.h"

struct bib_key6 {
	struct in6_addr src6;
	rte_be16_t sport;
	uint8_t proto;
	uint8_t zero[13];
};
_Static_assert(sizeof(struct bib_key6) == 32, "hashed in pieces of 16 bytes");

struct bib_key4 {
	rte_be32_t src4;
	rte_be16_t sport;
	uint8_t proto;
	uint8_t zero[9];
};
_Static_assert(sizeof(struct bib_key4) == 16, "hashed in pieces of 16 bytes");

struct client_key {
	struct in6_addr src6;
	uint32_t set; // of pool.client_sets, with pool.generation
	uint32_t zero[3];
};
_Static_assert(sizeof(struct client_key) == 32, "hashed in pieces of 16 bytes");

// An inside address with a set of pool addresses that serves it; with one pool for all prefixes, an
// inside address. All its bindings have the same pool address (N64-PORT-01, N64-ICMP-06), unless
// that is full and pairing soft (N64-PORT-02).
#define CLIENT_RETIRED    UINT32_MAX // in set
#define CLIENT_GENERATION POOL4_GENERATION

struct client {
	struct in6_addr src6;
	uint32_t bindings; // of all protocols; the client ends with the last
	uint32_t set;
	uint32_t pool_addr;
	uint32_t subscriber;
};

// An address that a binding has sessions with.
struct peer {
	uint32_t bib;
	rte_be32_t dst4;
	uint32_t sessions;
	uint32_t inbound; // of these, begun from the IPv4 side
};

// What state_prepare6 worked out for a key, and what state_admit6 goes on with.
struct prepared {
	struct session_key6 key;
	struct client_key client_key;
	uint32_t session6_hash, bib6_hash, client6_hash;
	// of a binding with (src4, sport4), as a guess; src4 0: nothing yet
	uint32_t session4_hash, bib4_hash;
	rte_be32_t src4;
	rte_be16_t sport4;
	uint16_t port;      // that was drawn, on pool_addr
	uint32_t pool_addr; // INDEX_NONE: no port was drawn
};

struct state {
	struct session *session;
	struct table session6, session4;
	uint32_t timeout[TIMEOUT__N];
	struct slots sessions;

	struct bib *bib;
	struct table bib6, bib4;
	struct slots bibs;
	uint32_t max_bib;              // dynamic ones
	uint32_t n_static, max_static; // bindings

	struct client *client;
	struct table client6;
	struct slots clients;

	struct subscribers subscribers;

	struct syns syns;

	struct pool4 pool;
	bool soft_pairing;
	bool mixed_pairing;          // it is or was soft
	struct state_change *change; // under way, or NULL
	uint32_t n_retired;          // clients that no table has; change.c
	enum config_filtering filtering;
	uint32_t max_inbound; // N64-DOS-03
	struct peer *peer;
	struct table peer_index;
	struct slots peers;
	struct statics statics;   // by bib.config
	struct state_stats stats; // what is counted; the rest is filled in by state_stats()
	struct expiry expiry;

	const struct session_key6 *prepared_keys; // of state_prepare6
	unsigned int n_prepared;
	struct prepared prepared[STATE_LOOKUP_MAX];
};

static inline enum state_proto
state_proto_of(uint8_t proto)
{
	switch (proto) {
	case IPPROTO_TCP:
		return STATE_TCP;
	case IPPROTO_UDP:
		return STATE_UDP;
	default:
		return STATE_ICMP;
	}
}

static inline bool
bib_in_use(const struct bib *b)
{
	return b->sessions || (b->flags & BIB_STATIC);
}

static inline bool
bibs_full(const struct state *st)
{
	return slots_used(&st->bibs) - st->n_static >= st->max_bib;
}

// An address and up to 16 bytes more.
static inline uint32_t
hash_with6(const struct in6_addr *a, uint64_t c, uint64_t d)
{
	uint64_t w[2];

	memcpy(w, a, sizeof(w));
	return hash_words4(w[0], w[1], c, d);
}

static inline uint32_t
session_key6_hash(const struct session_key6 *k)
{
	return hash_with6(&k->src6, k->dst4 | (uint64_t)k->sport << 32 | (uint64_t)k->dport << 48,
		k->proto | (uint64_t)k->pref64 << 8);
}

static inline uint32_t
session_key4_hash(const struct session_key4 *k)
{
	return hash_words2(k->dst4 | (uint64_t)k->src4 << 32,
		k->dport | (uint64_t)k->sport << 16 | (uint64_t)k->proto << 32);
}

static inline uint32_t
bib_key6_hash(const struct bib_key6 *k)
{
	return hash_with6(&k->src6, k->sport | (uint64_t)k->proto << 16, 0);
}

static inline uint32_t
bib_key4_hash(const struct bib_key4 *k)
{
	return hash_words2(k->src4 | (uint64_t)k->sport << 32 | (uint64_t)k->proto << 48, 0);
}

static inline uint32_t
client_key_hash(const struct client_key *k)
{
	return hash_with6(&k->src6, k->set, 0);
}

static inline uint32_t
prefix_hash(const struct in6_addr *prefix)
{
	return hash_keyed(prefix, sizeof(*prefix), 0);
}

static inline struct bib_key6
bib_key6_of(const struct bib *b)
{
	return (struct bib_key6){.src6 = b->src6, .sport = b->sport6, .proto = b->proto};
}

static inline struct bib_key4
bib_key4_of(const struct bib *b)
{
	return (struct bib_key4){.src4 = b->src4, .sport = b->sport4, .proto = b->proto};
}

static inline struct session_key6
session_key6_of(const struct session *s)
{
	return (struct session_key6){
		.src6 = s->src6,
		.dst4 = s->dst4,
		.sport = s->sport6,
		.dport = s->dport,
		.proto = s->proto,
		.pref64 = s->pref64,
	};
}

static inline struct session_key4
session_key4_of(const struct session *s)
{
	return (struct session_key4){
		.dst4 = s->dst4,
		.src4 = s->src4,
		.dport = s->dport,
		.sport = s->sport4,
		.proto = s->proto,
	};
}

// 0 if the 8 bytes at an offset are alike. Word by word: compilers copy arrays by way of the stack.
static inline uint64_t
differ8(const void *a, const void *b, size_t at)
{
	uint64_t x, y;

	memcpy(&x, (const uint8_t *)a + at, sizeof(x));
	memcpy(&y, (const uint8_t *)b + at, sizeof(y));
	return x ^ y;
}

// Without a branch on what is alike nearly always.
static inline bool
session_has_key6(const struct session *s, const struct session_key6 *key)
{
	_Static_assert(offsetof(struct session, pref64) == offsetof(struct session_key6, pref64) &&
			       offsetof(struct session, pref64) == 25,
		"a session begins like its key");
	return (differ8(s, key, 0) | differ8(s, key, 8) | differ8(s, key, 16) |
		       (uint64_t)(s->proto ^ key->proto) | (uint64_t)(s->pref64 ^ key->pref64)) ==
	       0;
}

static inline bool
session_has_key4(const struct session *s, const struct session_key4 *key)
{
	return ((s->dst4 ^ key->dst4) | (s->src4 ^ key->src4) | (uint32_t)(s->dport ^ key->dport) |
		       (uint32_t)(s->sport4 ^ key->sport) | (uint32_t)(s->proto ^ key->proto)) == 0;
}

// In bib.flags: which generation of the pool pool_addr is of.
#define BIB_GENERATION 0x80

static inline uint8_t
bib_generation(const struct state *st)
{
	return st->pool.generation ? BIB_GENERATION : 0;
}

static inline const struct pool_set *
client_set(const struct state *st, uint32_t set)
{
	return &st->pool.client_sets.set[set & ~CLIENT_GENERATION];
}

// client.c: finds or makes the client that the key is about, if it may have one more binding;
// INDEX_NONE with *why. A client that is left without a binding has to be given to
// client_end_if_idle.
uint32_t client_admit(struct state *st, const struct prepared *p, enum drop_reason *why);
void client_end_if_idle(struct state *st, uint32_t index);
// Makes one that is not there, on a pool address of its set. INDEX_NONE: no room.
uint32_t client_add(
	struct state *st, const struct client_key *key, uint32_t pool_addr, uint32_t subscriber);
// The same for a static binding on a pool address, whatever the client has.
uint32_t client_admit_static(
	struct state *st, const struct in6_addr *src6, unsigned int pref64, uint32_t pool_addr);
// The pool address for a new binding of the client.
bool client_pool_addr(struct state *st, uint32_t index, enum state_proto proto, uint32_t *addr);
struct client_key client_key_of(const struct client *c);

// Of the client that src6 is under a prefix.
struct client_key client_key_for(
	const struct state *st, const struct in6_addr *src6, unsigned int pref64);
// The pool address for a client that is new.
bool client_pick_addr(
	struct state *st, const struct client_key *key, enum state_proto proto, uint32_t *addr);

// prepare.c: what was prepared for the key, or else *own, filled in without a port.
struct prepared *prepared_for(
	struct state *st, const struct session_key6 *key, struct prepared *own);
void prepare_key(const struct state *st, const struct session_key6 *key, struct prepared *p);
// From here on the binding is (src4, sport4).
void prepare_mapping(struct prepared *p, rte_be32_t src4, rte_be16_t sport4);

// prepare.c: n sessions may be about to end. Only makes it faster.
void prepare_ends(struct state *st, const uint32_t *session, unsigned int n);

// bib.c: finds or makes the entry of (X', x), if its subscriber may have one more session in it; by
// the same rule.
uint32_t bib_admit(struct state *st, struct prepared *p, enum drop_reason *why);
void bib_end_if_idle(struct state *st, uint32_t index);
// Makes one that is not there, without a session yet, on the mapping of *p, whose port the caller
// took. INDEX_NONE: no room.
uint32_t bib_add(struct state *st, const struct prepared *p, uint32_t client, uint32_t pool_addr);
// The same as filled in *b.
uint32_t bib_put(struct state *st, const struct bib *b);
// Takes one without sessions out of the tables; its port is the caller's.
void bib_remove(struct state *st, uint32_t index);

// session.c: one more session as filled in *s, with its BIB entry and times. NULL with *why.
struct session *session_add(struct state *st, const struct session *s, enum drop_reason *why);
// Fills one in to begin now, from the IPv6 side.
void session_fill(struct session *s, const struct session_key6 *key, uint32_t bib,
	const struct bib *b, uint32_t now_sec);

// peer.c: 0 or -ENOMEM; peers_fini also after a failure.
int peers_init(struct state *st, uint32_t max, int socket_id);
void peers_fini(struct state *st);
// With which remote addresses a binding has sessions (N64-UDP-06, N64-FILT-04). Kept for dynamic
// bindings, whatever the filtering, since that may change. To be called while bib.sessions does not
// count the session yet, or still does. False: no room.
bool peer_add(struct state *st, uint32_t bib, rte_be32_t dst4, bool inbound);
void peer_remove(struct state *st, uint32_t bib, rte_be32_t dst4, bool inbound);
// from_inside: one that the client began.
bool peer_has(const struct state *st, uint32_t bib, rte_be32_t dst4, bool from_inside);
// For tests: adds up the weights of the peers of each binding, by index.
void peer_sum(const struct state *st, uint32_t *sum);
static inline uint32_t
peer_weight(rte_be32_t dst4, bool inbound)
{
	return (dst4 * 0x9e3779b1u | 1) + inbound * 0x85ebca6bu;
}

// inbound.c: what filtering says.
bool filter_allows(const struct state *st, uint32_t bib, rte_be32_t from);

// check.c: its TCP state and class of lifetime are those of its protocol.
bool session_timer_right(const struct session *s);

#endif
