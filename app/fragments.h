// SPDX-License-Identifier: BSD-3-Clause
// Fragments between the lanes of a worker and its table of datagrams, and packets that are cut.
// Called by the worker that owns w only.
#ifndef APP_FRAGMENTS_H
#define APP_FRAGMENTS_H

#include "app/output.h"

int fragments_create(struct worker *w, int socket, struct err *err);
// The limits of the worker's plan, which has changed.
void fragments_limit(struct worker *w);

// N64-FRAG-09: fragments bear no ports. Those of IPv6 go to the owner of the flow at once, those
// of IPv4 meet on the worker that the hash of their datagram names, learn their ports there and go
// on to the owner of the flow.
unsigned int owner_of_fragment(const struct worker *w, const struct rte_mbuf *m);

// The lane of fragments joins the table.
void fragments_add(struct worker *w);
// The next burst of those that may go on joins the lanes v6 and v4, which must be empty. False:
// there are none.
bool fragments_take(struct worker *w);

// Once a millisecond.
void fragments_tick(struct worker *w);

// Sends what is too long in pieces (X46-11, X64-F05), to the limit given or that of the link. id:
// of the IPv4 packet it was.
void output_cut6(struct worker *w, struct rte_mbuf *m, uint16_t max_len, rte_be16_t id,
	const struct hop *hop);
void output_cut4(struct worker *w, struct rte_mbuf *m, const struct hop *hop);

#endif
