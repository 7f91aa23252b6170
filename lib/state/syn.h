// SPDX-License-Identifier: BSD-3-Clause
// TCP SYNs from the IPv4 side that filtering keeps out, kept for a while in case the client opens
// the same connection (RFC 5382 REQ-4): sessions in V4_INIT that have no IPv6 side yet, each with
// its packet (N64-TCP-C5, N64-TCP-C6). Few, and looked for only when a TCP session begins.
#ifndef STATE_SYN_H
#define STATE_SYN_H

#include "state/poolset.h"
#include "state/state.h"

struct syn {
	struct session_key4 key;
	uint32_t since_sec;
	void *packet;
};

#define SYN_COUNTS 4096

struct syns {
	bool open;       // new ones may wait
	uint32_t max, n; // max 0: none is kept
	struct syn *row; // oldest first; all wait equally long
	void *claimed;
	uint16_t count[SYN_COUNTS]; // of those that wait, by the hash of the remote side
};

// 0 or -ENOMEM; syns_fini also after a failure.
int syns_init(struct syns *s, const struct state_params *p);
void syns_fini(struct syns *s);

// N64-TCP-09: the pool address, one of the set, that a SYN is waiting at for a connection to the
// remote side of key; and on that address the port. Both only where the port is free.
bool syn_wanted_addr(const struct state *st, const struct session_key6 *key,
	const struct pool_set *set, uint32_t *addr);
bool syn_wanted_port(
	const struct state *st, const struct session_key6 *key, uint32_t pool_addr, uint16_t *port);

// A TCP session begins: the SYN that waited for it is over (N64-TCP-D1).
void syn_claim(struct state *st, struct session *s);

bool syns_check(const struct syns *s);

#endif
