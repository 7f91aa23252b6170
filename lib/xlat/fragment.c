// SPDX-License-Identifier: BSD-3-Clause
#include "xlat/fragment.h"

#include "net/pkt.h"

#include <rte_ip.h>
#include <string.h>

struct fragment_header {
	uint8_t next_header;
	uint8_t reserved;
	rte_be16_t offset; // in bytes, the three low bits are flags
	rte_be32_t id;
};

#define HEADERS (sizeof(struct rte_ipv6_hdr) + sizeof(struct fragment_header))

static void
write_headers(struct rte_mbuf *m, const struct rte_ipv6_hdr *ip, uint16_t offset, bool more,
	rte_be16_t id)
{
	struct rte_ipv6_hdr *h = rte_pktmbuf_mtod(m, struct rte_ipv6_hdr *);
	struct fragment_header *f = (struct fragment_header *)(h + 1);

	*h = *ip;
	h->proto = IPPROTO_FRAGMENT;
	h->payload_len = rte_cpu_to_be_16((uint16_t)(rte_pktmbuf_pkt_len(m) - sizeof(*h)));
	*f = (struct fragment_header){
		.next_header = ip->proto,
		.offset = rte_cpu_to_be_16((uint16_t)(offset | more)),
		.id = rte_cpu_to_be_32(rte_be_to_cpu_16(id)),
	};
}

// Buffers for all pieces but the first, or none.
static bool
alloc_rest(struct rte_mempool *pool, struct rte_mbuf **out, unsigned int n)
{
	if (n == 0)
		return true;
	if (rte_pktmbuf_alloc_bulk(pool, out, n))
		return false;
	for (unsigned int i = 0; i < n; i++)
		memset(pkt_of(out[i]), 0, PKT_PRIV_SIZE);
	return true;
}

unsigned int
xlat_fragment6(struct rte_mbuf *m, uint16_t max_len, rte_be16_t id, struct rte_mempool *pool,
	struct rte_mbuf *out[static XLAT_FRAGMENTS_MAX])
{
	const struct rte_ipv6_hdr ip = *rte_pktmbuf_mtod(m, const struct rte_ipv6_hdr *);
	const uint16_t piece = (uint16_t)((max_len - HEADERS) & ~7u);
	const uint16_t payload = (uint16_t)(rte_pktmbuf_pkt_len(m) - sizeof(ip));
	const unsigned int n = (payload + piece - 1u) / piece;
	const uint8_t *data = rte_pktmbuf_mtod_offset(m, const uint8_t *, sizeof(ip));

	if (n > XLAT_FRAGMENTS_MAX || !alloc_rest(pool, out + 1, n - 1))
		return 0;
	out[0] = m;
	for (unsigned int i = 1; i < n; i++) {
		uint16_t len = (uint16_t)RTE_MIN(piece, payload - i * piece);

		memcpy(rte_pktmbuf_append(out[i], (uint16_t)(HEADERS + len)) + HEADERS,
			data + i * piece, len);
		write_headers(out[i], &ip, (uint16_t)(i * piece), i + 1 < n, id);
	}
	rte_pktmbuf_trim(m, (uint16_t)(payload - RTE_MIN(piece, payload)));
	rte_pktmbuf_prepend(m, sizeof(struct fragment_header));
	write_headers(m, &ip, 0, n > 1, id);
	return n;
}
