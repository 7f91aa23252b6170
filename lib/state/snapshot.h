// SPDX-License-Identifier: BSD-3-Clause
// What outlives a restart, as bytes of a fixed format: the sessions of all workers with their
// bindings, and the ports at rest (N64-PORT-09). Static bindings come from the configuration;
// what a subscriber was refused, and packets that wait for something, are not kept.
// Control thread, while no worker runs. Files and clocks are the caller's.
#ifndef STATE_SNAPSHOT_H
#define STATE_SNAPSHOT_H

#include "base/hash.h"
#include "state/state.h"

// Bytes that snapshot_check found right, all of them. They must stay while this is used.
struct snapshot {
	const uint8_t *bytes;
	uint64_t saved_sec; // wall clock
	uint64_t n_session, n_resting;
	unsigned int n_worker;
	unsigned int n_prefix;
	struct pref64 prefix[CONFIG_PREF64]; // that pref64 of a saved session refers to
	uint64_t hash_key[HASH_KEY_WORDS];   // steers as before when it is taken over
};

struct snapshot_times {
	uint32_t now_sec;  // of the clock of the states
	uint64_t wall_sec; // since 1970
};

// *bytes is malloced, for the caller to free. 0 or -ENOMEM.
int snapshot_encode(struct state *const *st, unsigned int n_worker, const struct config_nat64 *c,
	const struct snapshot_times *t, uint8_t **bytes, size_t *len);

// True when bytes that begin like this are a snapshot of whatever version, maybe a broken one.
bool snapshot_is_one(const void *bytes, size_t len);

// Fills s if every one of the bytes is as encoded. -EINVAL with err: not a snapshot, of another
// version, cut short, or changed somewhere.
int snapshot_check(struct snapshot *s, const void *bytes, size_t len, struct err *err);

// Why a saved session is left out.
enum snapshot_left {
	SNAPSHOT_EXPIRED, // its lifetime ended meanwhile
	SNAPSHOT_PREFIX,  // its NAT64 prefix is gone
	SNAPSHOT_POLICY,  // the caller says that there is no such session any more
	SNAPSHOT_POOL,    // nothing of the pool gives its client that address and port now
	SNAPSHOT_WORKER,  // client and port belong to different workers now
	SNAPSHOT_ROOM,    // the tables are full
	SNAPSHOT_LEFT__N,
};
extern const char *const snapshot_left_text[SNAPSHOT_LEFT__N];

struct snapshot_report {
	uint64_t sessions, resting; // restored
	uint64_t left[SNAPSHOT_LEFT__N];
};

// Into what a snapshot is restored: states without sessions.
struct snapshot_target {
	const struct config_nat64 *nat64;
	struct state *const *st;
	unsigned int n_worker;
	uint32_t now_sec;    // of the clock of the states
	uint64_t passed_sec; // since the snapshot was made
	// May there be such a session now? NULL: yes.
	bool (*allowed)(void *arg, const struct session_key6 *key);
	// The session was restored: what the caller keeps in it has to be filled in. NULL: nothing.
	void (*restored)(void *arg, struct session *s);
	void *arg;
};

// Quotas refuse nobody here: they are for what is new.
void snapshot_restore(
	const struct snapshot *s, const struct snapshot_target *to, struct snapshot_report *report);

#endif
