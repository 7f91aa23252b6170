// SPDX-License-Identifier: BSD-3-Clause
// Translation of TCP, UDP and ICMP echo packets: the per-packet path.
#include "xlat/header.h"

#include "xlat/transport.h"
#include "xlat/xlat.h"

// Makes the packet begin hdr_len bytes before its transport header.
static inline void
move_start(struct rte_mbuf *m, const struct pkt *p, uint16_t hdr_len)
{
	uint16_t cut = p->l4_off - hdr_len; // wraps when the header grows

	m->data_off += cut;
	m->data_len -= cut;
	m->pkt_len = m->data_len;
}

// Length of the upper-layer packet.
static inline uint16_t
transport_len(const struct pkt *p)
{
	return likely(!(p->flags & PKT_FRAGMENT)) ? p->l3_len - p->l4_off : p->frag.total;
}

// Of a packet, or of the first fragment of one: the pseudo-header of TCP and UDP contributes the
// same length in both families, so the others' bytes do not matter (CSUM-09).
static inline void
transport_6to4(uint8_t *l4, const struct pkt *p, const struct xlat_64 *x)
{
	if (likely(p->proto != IPPROTO_ICMPV6)) {
		transport_store(l4 + TRANSPORT_SPORT, x->sport);
		transport_fix_csum(l4, p->proto, x->delta);
	} else {
		transport_echo_6to4(
			l4, p->l3_len - p->l4_off, transport_len(p), x->sport, x->delta);
	}
}

static inline void
transport_4to6(uint8_t *l4, const struct pkt *p, const struct xlat_46 *x)
{
	if (unlikely(p->proto == IPPROTO_ICMP)) {
		transport_echo_4to6(l4, transport_len(p), x->dport, x->delta);
		return;
	}
	transport_store(l4 + TRANSPORT_DPORT, x->dport);
	if (likely(p->proto != IPPROTO_UDP || transport_load(l4 + TRANSPORT_UDP_CSUM) != 0))
		transport_fix_csum(l4, p->proto, x->delta);
	else if (!(p->flags & PKT_FRAGMENT))
		transport_compute_udp(l4, &x->src, &x->dst);
	else
		transport_finish_udp(l4, &x->src, &x->dst,
			(uint64_t)p->frag.sum + (uint16_t)~p->dport + x->dport);
}

void
xlat_6to4(struct rte_mbuf *m, const struct pkt *p, const struct xlat_64 *x)
{
	const uint8_t *ip6 = rte_pktmbuf_mtod(m, const uint8_t *);
	uint8_t *l4 = rte_pktmbuf_mtod_offset(m, uint8_t *, p->l4_off);
	uint16_t len = xlat_len64(p);
	struct header4 h = {
		.tos = header_octet(x->tos, header_tc(ip6)),
		.ttl = p->ttl - 1,
		.proto = header_proto4(p->proto),
		.len = len,
		.id = rte_be_to_cpu_16(x->id),
		.frag = header_df(len),
		.src = x->src,
		.dst = x->dst,
	};

	if (unlikely(p->flags & (PKT_ATOMIC | PKT_FRAGMENT))) {
		h.id = header_fragment_id(l4);
		h.frag = header_fragment_off(l4);
	}
	if (likely(!pkt_is_later_fragment(p)))
		transport_6to4(l4, p, x);
	header_write4(l4 - sizeof(struct rte_ipv4_hdr), &h);
	move_start(m, p, sizeof(struct rte_ipv4_hdr));
}

void
xlat_4to6(struct rte_mbuf *m, const struct pkt *p, const struct xlat_46 *x)
{
	const uint8_t *ip4 = rte_pktmbuf_mtod(m, const uint8_t *);
	uint8_t *l4 = rte_pktmbuf_mtod_offset(m, uint8_t *, p->l4_off);
	uint16_t hdr_len = sizeof(struct rte_ipv6_hdr);
	struct header6 h = {
		.tc = header_octet(x->tc, ip4[1]),
		.hop_limit = p->ttl - 1,
		.proto = header_proto6(p->proto),
		.len = p->l3_len - p->l4_off,
		.src = &x->src,
		.dst = &x->dst,
	};

	if (likely(!pkt_is_later_fragment(p)))
		transport_4to6(l4, p, x);
	if (unlikely(p->flags & PKT_FRAGMENT)) {
		header_write_fragment6(l4 - HEADER_FRAGMENT_LEN, h.proto, p->frag.off, p->frag.more,
			(uint16_t)p->frag.id);
		h.proto = IPPROTO_FRAGMENT;
		h.len += HEADER_FRAGMENT_LEN;
		hdr_len += HEADER_FRAGMENT_LEN;
	}
	header_write6(l4 - hdr_len, &h);
	move_start(m, p, hdr_len);
}

uint16_t
xlat_delta64(uint8_t proto, const struct in6_addr *src6, const struct in6_addr *dst6,
	rte_be16_t sport6, rte_be32_t src4, rte_be32_t dst4, rte_be16_t sport4)
{
	uint64_t was = csum_add6(src6) + csum_add6(dst6) + sport6;
	uint64_t is = sport4;

	if (proto == IPPROTO_TCP || proto == IPPROTO_UDP)
		is += (uint64_t)src4 + dst4; // ICMPv4 has no pseudo-header
	return csum_delta(was, is);
}
