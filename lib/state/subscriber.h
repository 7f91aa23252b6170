// SPDX-License-Identifier: BSD-3-Clause
// Subscribers: inside addresses that have their first bits in common, with what they have and how
// often they were refused more (N64-DOS-02). One without a client stays, for its counters and its
// rate, until its place is needed: there are as many places as clients, so that one with a client
// always has its own.
#ifndef STATE_SUBSCRIBER_H
#define STATE_SUBSCRIBER_H

#include "state/slots.h"
#include "state/state.h"

// Index of struct subscriber.refused.
enum quota {
	QUOTA_BINDINGS,
	QUOTA_SESSIONS,
	QUOTA_RATE,
	QUOTA__N,
};

struct subscriber {
	struct in6_addr prefix;
	uint32_t clients;
	union {
		struct {
			uint32_t bindings, sessions; // of its clients
		};
		struct {
			uint32_t idle_next, idle_prev; // while there is no client
		};
	};
	uint8_t pad[4];
};
_Static_assert(sizeof(struct subscriber) == 32, "two subscribers are one cache line");

// What a session that begins needs with a rate or at a limit only. A place that was never used has
// zeros.
struct subscriber_limits {
	uint32_t tokens;            // sessions that may still begin in that second
	uint32_t token_sec;         // one more than the second; 0: none
	uint32_t refused[QUOTA__N]; // ever; stays at UINT32_MAX
};

// A worker's part of the quota. UINT32_MAX: no limit.
struct quota_share {
	uint32_t bindings, sessions, new_per_sec;
};

struct subscribers {
	struct subscriber *row;
	struct subscriber_limits *limits; // beside each row
	struct table index;               // by prefix
	struct slots slots;
	uint32_t n_idle;
	uint32_t idle_first, idle_last; // the one that has been idle longest is first
	uint64_t mask[2];               // of the prefix, in wire order
	struct quota_share quota;
};

struct quota_share quota_share_of(const struct state_params *p);
// Places for max subscribers. 0 or -ENOMEM; subscribers_fini also after a failure.
int subscribers_init(struct subscribers *s, const struct state_params *p, uint32_t max);
void subscribers_fini(struct subscribers *s);

// Finds or makes the one that src6 belongs to; INDEX_NONE when there is no place.
uint32_t subscriber_admit(struct subscribers *s, const struct in6_addr *src6);

static inline uint32_t
subscriber_bindings(const struct subscriber *s)
{
	return s->clients ? s->bindings : 0;
}

static inline uint32_t
subscriber_sessions(const struct subscriber *s)
{
	return s->clients ? s->sessions : 0;
}

// A client of it begins, ends; the last one when there is neither binding nor session.
void subscriber_client_begin(struct subscribers *s, uint32_t i);
void subscriber_client_end(struct subscribers *s, uint32_t i);

// May it have one more binding? A refusal is counted.
bool quota_allows_binding(struct subscribers *s, uint32_t i);
// ... and one more session, that an outsider begins?
enum drop_reason quota_allows_inbound(struct subscribers *s, uint32_t i);
// ... and one more session, that it begins itself? Takes from its rate.
enum drop_reason quota_allows_session(struct subscribers *s, uint32_t i, uint32_t now_sec);
#endif
