// SPDX-License-Identifier: BSD-3-Clause
// Fragmenting the result of a translation (RFC 7915 §4.1, RFC 8200 §4.5). Any lcore that owns m.
#ifndef XLAT_FRAGMENT_H
#define XLAT_FRAGMENT_H

#include <rte_mbuf.h>
#include <rte_mempool.h>

// Most pieces of one packet: 9000 bytes at the smallest IPv6 MTU need 8.
#define XLAT_FRAGMENTS_MAX 8

// Cuts the IPv6 packet m, which has no extension headers, into pieces of at most max_len (>= 1280)
// bytes, Fragment header included. out[0] is m itself; the others come from pool. Returns their
// number, in order, or 0 when the pool is empty or there would be too many pieces: then m is
// unchanged. id: IPv4 Identification, which becomes the low half of the IPv6 one (X46-14).
unsigned int xlat_fragment6(struct rte_mbuf *m, uint16_t max_len, rte_be16_t id,
	struct rte_mempool *pool, struct rte_mbuf *out[static XLAT_FRAGMENTS_MAX]);

#endif
