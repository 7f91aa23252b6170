// SPDX-License-Identifier: BSD-3-Clause
// What a change consists of, and what the rest of lib/state does while one is under way. Internal
// to lib/state.
#ifndef STATE_CHANGE_IMPL_H
#define STATE_CHANGE_IMPL_H

#include "state/change.h"
#include "state/internal.h"

enum change_phase {
	CHANGE_CLIENTS,
	CHANGE_BIBS,
	CHANGE_CLAIM, // client ports that become those of static bindings
	CHANGE_HOLD,  // from here on also when the pool stays
	CHANGE_SESSIONS,
	CHANGE_END_STATICS,
	CHANGE_RELEASE, // their ports, which nothing else may have before
	CHANGE_PUT_STATICS,
	CHANGE__N,
};

struct state_change {
	struct pool4 pool;      // the one to come; from state_change_begin on the one that goes
	struct state *surveyed; // until it begins: by whom; or NULL
	bool has_pool;
	bool soft_pairing;
	bool shorter; // some lifetimes are
	bool all_sessions;
	bool stricter; // filtering is
	bool syns_open;
	enum config_filtering filtering;
	uint32_t max_inbound;
	uint32_t prefixes_gone; // bits
	uint32_t timeout[TIMEOUT__N];
	struct quota_share quota;
	struct hold hold; // when the state has none yet
	uint32_t hold_sec;
	bool shorter_hold;
	uint32_t alarm;
	struct statics statics;        // those to come; from state_change_begin on those that were
	struct static_map *static_map; // of those to come; NULL: there are none
	enum change_phase phase;
	uint32_t cursor;
	struct static_walk walk;
};

bool client_is_old(const struct state *st, const struct client *c);
void client_carry_over(struct state *st, uint32_t index);
// The client as it was known before the change, or INDEX_NONE.
uint32_t client_find_old(struct state *st, const struct in6_addr *src6, unsigned int pref64);
// Gives the binding its address in the new pool, if it is from before the change; POOL4_NONE: the
// port is not in there.
void bib_carry_over(struct state *st, struct bib *b);
bool bib_may_stay(struct state *st, struct bib *b);

// statics_change.c
void static_carry_over(struct state *st, struct bib *b);
void statics_keep_back(const struct state *st, struct state_change *c);
bool statics_claim(struct state *st, struct state_change *c, unsigned int budget);
bool statics_end(struct state *st, struct state_change *c, unsigned int budget);
bool statics_release(struct state *st, struct state_change *c, unsigned int budget);
bool statics_put(struct state *st, struct state_change *c, unsigned int budget,
	const struct state_change_ops *ops);
// A static binding that is to come has the client's port.
bool static_claims(
	const struct state *st, const struct in6_addr *src6, rte_be16_t sport, uint8_t proto);

#endif
