// SPDX-License-Identifier: BSD-3-Clause
// What a struct state consists of. Sessions, BIB entries and clients are arrays; tables map keys to
// indexes of them. A session holds its BIB entry, that its client, that its pool address.
#ifndef STATE_INTERNAL_H
#define STATE_INTERNAL_H

#include "state/expiry.h"
#include "state/pool4.h"
#include "state/slots.h"

struct bib_key6 {
	struct in6_addr src6;
	rte_be16_t sport;
	uint8_t proto;
	uint8_t zero[13];
};
_Static_assert(sizeof(struct bib_key6) == 32, "rte_hash has a fast compare for 32 bytes");

struct bib_key4 {
	rte_be32_t src4;
	rte_be16_t sport;
	uint8_t proto;
	uint8_t zero[9];
};
_Static_assert(sizeof(struct bib_key4) == 16, "rte_hash has a fast compare for 16 bytes");

// An inside address. All its bindings have the same pool address (N64-PORT-01, N64-ICMP-06).
struct client {
	struct in6_addr src6;
	uint32_t bindings; // of all protocols; the client ends with the last
	uint32_t pool_addr;
};

struct state {
	struct session *session;
	struct rte_hash *session6, *session4;
	uint32_t timeout[TIMEOUT__N];
	struct slots sessions;

	struct bib *bib;
	struct rte_hash *bib6, *bib4;
	struct slots bibs;

	struct client *client;
	struct rte_hash *client6;
	struct slots clients;

	struct pool4 pool;
	struct state_stats stats; // what is counted; the rest is filled in by state_stats()
	struct expiry expiry;
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

static inline uint32_t
key32_hash(const void *key)
{
	return hash_keyed(key, 32, 0);
}

static inline uint32_t
key16_hash(const void *key)
{
	return hash_keyed(key, 16, 0);
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

// client.c: finds or makes the client of src6; INDEX_NONE with *why. A client that is left without
// a binding has to be given to client_end_if_idle.
uint32_t client_admit(struct state *st, const struct in6_addr *src6, enum state_proto proto,
	enum drop_reason *why);
void client_end_if_idle(struct state *st, uint32_t index);

// bib.c: finds or makes the entry of (X', x), by the same rule.
uint32_t bib_admit(struct state *st, const struct session_key6 *key, enum drop_reason *why);
void bib_end_if_idle(struct state *st, uint32_t index);
struct bib_key6 bib_key6_of(const struct bib *b);
struct bib_key4 bib_key4_of(const struct bib *b);

#endif
