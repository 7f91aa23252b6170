// SPDX-License-Identifier: BSD-3-Clause
// Fragmenting the result of a translation (RFC 7915 §4.1, §5.1.1, RFC 8200 §4.5, RFC 791 §3.2). Any
// lcore that owns m.
#ifndef XLAT_FRAGMENT_H
#define XLAT_FRAGMENT_H

#include <rte_mbuf.h>
#include <rte_mempool.h>

// Most pieces of one packet: 1260 bytes over an IPv4 link of 68 make 26, 9000 at the smallest IPv6
// MTU 8.
#define XLAT_FRAGMENTS_MAX 32

// Cuts the packet m, which is longer than max_len and may be a fragment itself, into pieces of at
// most max_len bytes. out[0] is m; the others come from pool. Returns their number, in order
// (N64-FRAG-10), or 0 when the pool is empty or its buffers are too small, or there would be too
// many pieces: then m is only good for being freed.

// IPv6 without other extension headers, max_len >= 1280 with the Fragment header. id: what a packet
// that is no fragment yet gets; X46-14.
unsigned int xlat_fragment6(struct rte_mbuf *m, uint16_t max_len, uint16_t id,
	struct rte_mempool *pool, struct rte_mbuf *out[static XLAT_FRAGMENTS_MAX]);

// IPv4 without options and with DF 0, max_len >= 68.
unsigned int xlat_fragment4(struct rte_mbuf *m, uint16_t max_len, struct rte_mempool *pool,
	struct rte_mbuf *out[static XLAT_FRAGMENTS_MAX]);

#endif
