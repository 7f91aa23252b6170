// SPDX-License-Identifier: BSD-3-Clause
#include "xlat/fragment.h"

#include "net/pkt.h"
#include "xlat/header.h"

#include <string.h>

#define HEADERS6 (sizeof(struct rte_ipv6_hdr) + HEADER_FRAGMENT_LEN)
#define HEADERS4 sizeof(struct rte_ipv4_hdr)

static bool
fill(struct rte_mbuf *out, const struct rte_mbuf *m, uint16_t hdr_len, uint32_t from, uint32_t len)
{
	char *at = rte_pktmbuf_append(out, (uint16_t)(hdr_len + len));

	memset(pkt_of(out), 0, PKT_PRIV_SIZE);
	if (!at)
		return false;
	memcpy(at, rte_pktmbuf_mtod(m, const char *), hdr_len);
	memcpy(at + hdr_len, rte_pktmbuf_mtod_offset(m, const char *, hdr_len + from), len);
	return true;
}

// The pieces with the headers of m in front, as they are.
static unsigned int
cut(struct rte_mbuf *m, uint16_t hdr_len, uint16_t piece, struct rte_mempool *pool,
	struct rte_mbuf **out)
{
	const uint32_t payload = rte_pktmbuf_pkt_len(m) - hdr_len;
	const unsigned int n = (payload + piece - 1) / piece;

	if (n > XLAT_FRAGMENTS_MAX || rte_pktmbuf_alloc_bulk(pool, out + 1, n - 1))
		return 0;
	out[0] = m;
	for (unsigned int i = 1; i < n; i++) {
		uint32_t from = i * piece;

		if (!fill(out[i], m, hdr_len, from, RTE_MIN(piece, payload - from))) {
			rte_pktmbuf_free_bulk(out + 1, n - 1);
			return 0;
		}
	}
	rte_pktmbuf_trim(m, (uint16_t)(payload - piece));
	return n;
}

// A Fragment header of one that is all of the packet.
static void
insert_fragment_header(struct rte_mbuf *m, uint16_t id)
{
	struct rte_ipv6_hdr ip = *rte_pktmbuf_mtod(m, const struct rte_ipv6_hdr *);
	char *at = rte_pktmbuf_prepend(m, HEADER_FRAGMENT_LEN);

	header_write_fragment6((uint8_t *)at + sizeof(ip), ip.proto, 0, false, id);
	ip.proto = IPPROTO_FRAGMENT;
	memcpy(at, &ip, sizeof(ip));
}

unsigned int
xlat_fragment6(struct rte_mbuf *m, uint16_t max_len, uint16_t id, struct rte_mempool *pool,
	struct rte_mbuf *out[static XLAT_FRAGMENTS_MAX])
{
	const uint16_t piece = (uint16_t)((max_len - HEADERS6) & ~7u);
	struct rte_ipv6_fragment_ext f;
	unsigned int n;

	if (rte_pktmbuf_mtod(m, const struct rte_ipv6_hdr *)->proto != IPPROTO_FRAGMENT)
		insert_fragment_header(m, id);
	memcpy(&f, rte_pktmbuf_mtod_offset(m, void *, sizeof(struct rte_ipv6_hdr)), sizeof(f));
	n = cut(m, HEADERS6, piece, pool, out);
	for (unsigned int i = 0; i < n; i++) {
		struct rte_ipv6_hdr *h = rte_pktmbuf_mtod(out[i], struct rte_ipv6_hdr *);
		uint16_t data = rte_be_to_cpu_16(f.frag_data);

		h->payload_len =
			rte_cpu_to_be_16((uint16_t)(rte_pktmbuf_pkt_len(out[i]) - sizeof(*h)));
		header_write_fragment6((uint8_t *)(h + 1), f.next_header,
			(uint16_t)((data & RTE_IPV6_EHDR_FO_MASK) + i * piece),
			i + 1 < n || (data & RTE_IPV6_EHDR_MF_MASK),
			(uint16_t)rte_be_to_cpu_32(f.id));
	}
	return n;
}

unsigned int
xlat_fragment4(struct rte_mbuf *m, uint16_t max_len, struct rte_mempool *pool,
	struct rte_mbuf *out[static XLAT_FRAGMENTS_MAX])
{
	const uint16_t piece = (uint16_t)((max_len - HEADERS4) & ~7u);
	const uint16_t data =
		rte_be_to_cpu_16(rte_pktmbuf_mtod(m, const struct rte_ipv4_hdr *)->fragment_offset);
	const unsigned int n = cut(m, HEADERS4, piece, pool, out);

	for (unsigned int i = 0; i < n; i++) {
		struct rte_ipv4_hdr *h = rte_pktmbuf_mtod(out[i], struct rte_ipv4_hdr *);
		uint16_t more = i + 1 < n ? RTE_IPV4_HDR_MF_FLAG : 0;

		h->total_length = rte_cpu_to_be_16((uint16_t)rte_pktmbuf_pkt_len(out[i]));
		h->fragment_offset = rte_cpu_to_be_16((uint16_t)((data + i * piece / 8) | more));
		h->hdr_checksum = 0;
		h->hdr_checksum = (uint16_t)~csum_fold(csum_add_ip4(h));
	}
	return n;
}
