// SPDX-License-Identifier: BSD-3-Clause
// Another configuration for a state that is in use. The control thread prepares what can fail; the
// worker learns, a slice at a time, which ports of the new pool are in use (state_change_survey),
// changes over at once (state_change_begin) and carries what there is over, again by slices
// (state_change_step): resting ports, clients, and sessions, of which those end that the new
// configuration has no place for. What is needed before its turn comes is carried over when it is
// needed.
#ifndef STATE_CHANGE_H
#define STATE_CHANGE_H

#include "state/state.h"

struct state_change; // opaque

// Which parts of the configuration are not the same.
struct state_change_params {
	struct state_params state; // as for state_create; what takes a restart must be the same
	bool pool;                 // pool4, prefixes, or static bindings
	bool all_sessions;         // keep has to be asked about each
};

// Any thread, while no other change of the state is under way. NULL with err filled: -ENOMEM, or
// a pool that leaves the worker no port, -ENOSPC: more static bindings than there is room for.
struct state_change *state_change_prepare(
	const struct state *st, const struct state_change_params *p, struct err *err);
// Any thread; after state_change_survey only when the worker has stopped, and before the state is
// freed; after state_change_begin only when state_change_step has returned false.
void state_change_free(struct state_change *c);

struct state_change_ops {
	// May the session go on, as far as the caller knows?
	bool (*keep)(void *arg, const struct session *s);
	// It may not, and ends after this.
	void (*end)(void *arg, const struct session *s);
	// A binding of this entry of nat64.statics found no place in a table: there is none. NULL:
	// nobody wants to know.
	void (*no_room)(void *arg, unsigned int config);
	void *arg;
};

// The worker: a slice, as state_change_step. False: all is known.
bool state_change_survey(struct state *st, struct state_change *c, unsigned int budget);
// When all is known: from here on the new configuration holds for all that begins.
void state_change_begin(struct state *st, struct state_change *c, uint32_t now_sec);
// A slice: looks at no more than budget entries of any table. False: all is done.
bool state_change_step(struct state *st, unsigned int budget, const struct state_change_ops *ops);

// Whether all that ends by the change has ended (also: there is none under way). What is left gives
// out ports, and makes bindings on ports, that may have been others' until then, another worker's
// among them.
bool state_change_has_ended(const struct state *st);

// For a stop in between: all that is left of it at once. The gateway is not in use any more.
void state_change_finish(struct state *st);

#endif
