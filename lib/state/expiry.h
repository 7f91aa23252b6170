// SPDX-License-Identifier: BSD-3-Clause
// Lifetimes: a wheel of lists of sessions, one list a second, linked by index through the sessions.
// A packet only writes session.last_sec. When the second of a list comes, each of its sessions is
// looked at, and one that was used meanwhile moves on to the list of its real end. So a session
// may be in a list that comes too early, never in one that comes too late.
#ifndef STATE_EXPIRY_H
#define STATE_EXPIRY_H

#include "state/state.h"

// More than the longest usual lifetime (2 h), so that few sessions need to be looked at early.
#define EXPIRY_SLOTS 8192
// The list of the seconds that have come: being worked off.
#define EXPIRY_DUE EXPIRY_SLOTS
// In wheel_prev: not a session but the list that it is the first of.
#define EXPIRY_HEAD (UINT32_C(1) << 31)

struct expiry {
	uint32_t sec; // the first second whose list is not in EXPIRY_DUE yet
	uint32_t head[EXPIRY_SLOTS + 1];
};

void expiry_init(struct expiry *e);

// The second at which session s ends if nothing more comes. Clocks are whole seconds, so this is
// the first one by which the lifetime has passed for certain.
uint64_t expiry_due_sec(const struct state *st, const struct session *s);

void expiry_insert(struct state *st, struct session *s);
void expiry_remove(struct state *st, struct session *s);

// The length of its class is another.
void expiry_renew(struct state *st, struct session *s);

// The lifetime starts again, as one of class timer.
void expiry_restart(
	struct state *st, struct session *s, enum config_timeout timer, uint32_t now_sec);

#endif
