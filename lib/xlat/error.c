// SPDX-License-Identifier: BSD-3-Clause
// Translation of ICMP errors: what becomes of each header. Where it is put is compose.h's.
#include "xlat/compose.h"
#include "xlat/header.h"
#include "xlat/icmp_map.h"
#include "xlat/mtu.h"
#include "xlat/transport.h"
#include "xlat/xlat.h"

#include "net/icmp.h"

#define POINTER6_NEXT_HDR 6 // I46-08

// The quote, which travelled IPv4 to IPv6 and now gets its IPv4 header back. Its TTL stays
// (ERR-01), its length is that of the original packet (ERR-04).
static enum drop_reason
quote_6to4(struct composition *c, const uint8_t *ip, const struct pkt *p,
	const struct xlat_error_64 *x)
{
	const uint8_t *ip6 = ip + p->inner.l3_off;
	const uint8_t *from = ip + p->inner.l4_off;
	uint16_t quoted = p->inner.l3_off + p->inner.len - p->inner.l4_off;
	uint16_t skipped = p->inner.l4_off - p->inner.l3_off - sizeof(struct rte_ipv6_hdr);
	uint16_t l4_len = rte_be_to_cpu_16(transport_load(ip6 + 4)) - skipped;
	struct header4 h = {
		.tos = header_octet(x->tos, header_tc(ip6)),
		.ttl = ip6[7],
		.proto = header_proto4(p->inner.proto),
		.id = rte_be_to_cpu_16(x->id),
		.src = x->inner_src,
		.dst = x->inner_dst,
	};
	uint8_t *l4;

	if (l4_len > UINT16_MAX - sizeof(struct rte_ipv4_hdr))
		return DROP_ICMP_INNER;
	h.len = sizeof(struct rte_ipv4_hdr) + l4_len;
	h.frag = header_df(h.len);
	if (p->inner.flags != 0) { // it had a Fragment header
		h.id = header_fragment_id(from);
		h.frag = p->inner.flags & PKT_FRAGMENT ? RTE_IPV4_HDR_MF_FLAG : 0;
	}
	l4 = compose_payload(c, sizeof(struct rte_ipv4_hdr), from, &quoted);
	header_write4(c->buf + c->head, &h);
	if (p->inner.proto == IPPROTO_ICMPV6)
		transport_echo_6to4(l4, quoted, l4_len, x->inner_dport, x->delta);
	else
		transport_fix_quote(
			l4, quoted, p->inner.proto, TRANSPORT_DPORT, x->inner_dport, x->delta);
	return DROP_NONE;
}

// The second word of the ICMPv4 header, or the reason why there is none.
static enum drop_reason
word_6to4(const struct icmp_rule *r, const uint8_t *icmp, const struct pkt *p,
	const struct xlat_error_64 *x, uint32_t *word)
{
	uint32_t arg;
	int pointer;

	memcpy(&arg, icmp + 4, sizeof(arg));
	arg = rte_be_to_cpu_32(arg);
	*word = 0;
	if (r->arg == ICMP_ARG_MTU) {
		*word = mtu_to_frag_needed(arg, p->inner.flags != 0, x->mtu4, x->mtu6);
		return *word != 0 ? DROP_NONE : DROP_ICMP_MTU;
	}
	if (r->arg == ICMP_ARG_POINTER) {
		pointer = icmp_pointer_6to4(arg);
		if (pointer < 0)
			return DROP_ICMP_POINTER;
		*word = (uint32_t)pointer << 24; // one octet, in front (I46-26)
	}
	return DROP_NONE;
}

enum drop_reason
xlat_error_6to4(struct rte_mbuf *m, const struct pkt *p, const struct xlat_error_64 *x)
{
	const uint8_t *ip = rte_pktmbuf_mtod(m, const uint8_t *);
	const uint8_t *icmp = ip + p->l4_off;
	const struct icmp_rule *r = icmp_map_6to4(p->icmp_type, p->icmp_code);
	enum drop_reason why;
	struct composition c;
	struct header4 h = {
		.tos = header_octet(x->tos, header_tc(ip)),
		.ttl = p->ttl - 1,
		.proto = IPPROTO_ICMP,
		.id = p->flags & PKT_ATOMIC ? header_fragment_id(icmp) : rte_be_to_cpu_16(x->id),
		.src = x->src,
		.dst = x->dst,
	};
	uint32_t word;
	uint16_t len;

	if (r == NULL)
		return DROP_ICMP_TYPE;
	why = word_6to4(r, icmp, p, x, &word);
	if (why != DROP_NONE)
		return why;
	compose_start(&c, sizeof(struct rte_ipv4_hdr), ICMP_ERROR_MAX4, 4);
	compose_extensions(&c, icmp, p);
	why = quote_6to4(&c, ip, p, x);
	if (why != DROP_NONE)
		return why;
	compose_icmp(&c, r->to_type, icmp_map_code(r, p->icmp_code), word);
	len = compose_end(&c, 5);
	compose_csum(&c, 0, len);
	h.len = sizeof(struct rte_ipv4_hdr) + len;
	header_write4(c.buf, &h);
	compose_replace(m, c.buf, h.len);
	return DROP_NONE;
}

static void
quote_4to6(struct composition *c, const uint8_t *ip, const struct pkt *p,
	const struct xlat_error_46 *x)
{
	const uint8_t *ip4 = ip + p->inner.l3_off;
	const uint8_t *from = ip + p->inner.l4_off;
	uint16_t quoted = p->inner.l3_off + p->inner.len - p->inner.l4_off;
	uint16_t ihl = p->inner.l4_off - p->inner.l3_off;
	uint16_t l4_len = rte_be_to_cpu_16(transport_load(ip4 + 2)) - ihl;
	uint16_t hdr_len = sizeof(struct rte_ipv6_hdr);
	struct header6 h = {
		.tc = header_octet(x->tc, ip4[1]),
		.hop_limit = ip4[8],
		.proto = header_proto6(p->inner.proto),
		.len = l4_len,
		.src = &x->inner_src,
		.dst = &x->inner_dst,
	};
	uint8_t *l4;

	if (p->inner.flags & PKT_FRAGMENT) {
		// of the first one, which is all that a usable quote can be of
		header_write_fragment6(c->buf + c->head + hdr_len, h.proto, 0, true,
			rte_be_to_cpu_16(transport_load(ip4 + 4)));
		hdr_len += HEADER_FRAGMENT_LEN;
		h.len += HEADER_FRAGMENT_LEN;
		h.proto = IPPROTO_FRAGMENT;
	}
	l4 = compose_payload(c, hdr_len, from, &quoted);
	header_write6(c->buf + c->head, &h);
	if (p->inner.proto == IPPROTO_ICMP)
		transport_echo_4to6(l4, l4_len, x->inner_sport, x->delta);
	else
		transport_fix_quote(
			l4, quoted, p->inner.proto, TRANSPORT_SPORT, x->inner_sport, x->delta);
}

// The second word of the ICMPv6 header, or the reason why there is none.
static enum drop_reason
word_4to6(const struct icmp_rule *r, const uint8_t *icmp, const uint8_t *quote,
	const struct xlat_error_46 *x, uint32_t *word)
{
	int pointer;

	*word = 0;
	if (r->arg == ICMP_ARG_MTU) {
		*word = mtu_to_ptb(rte_be_to_cpu_16(transport_load(icmp + 6)),
			rte_be_to_cpu_16(transport_load(quote + 2)), x->mtu4, x->mtu6);
		return *word != 0 ? DROP_NONE : DROP_ICMP_MTU;
	}
	if (r->arg == ICMP_ARG_NEXT_HEADER)
		*word = POINTER6_NEXT_HDR;
	if (r->arg == ICMP_ARG_POINTER) {
		pointer = icmp_pointer_4to6(icmp[4]);
		if (pointer < 0)
			return DROP_ICMP_POINTER;
		*word = (uint32_t)pointer;
	}
	return DROP_NONE;
}

enum drop_reason
xlat_error_4to6(struct rte_mbuf *m, const struct pkt *p, const struct xlat_error_46 *x)
{
	const uint8_t *ip = rte_pktmbuf_mtod(m, const uint8_t *);
	const uint8_t *icmp = ip + p->l4_off;
	const struct icmp_rule *r = icmp_map_4to6(p->icmp_type, p->icmp_code);
	enum drop_reason why;
	struct composition c;
	struct header6 h = {
		.tc = header_octet(x->tc, ip[1]),
		.hop_limit = p->ttl - 1,
		.proto = IPPROTO_ICMPV6,
		.src = &x->src,
		.dst = &x->dst,
	};
	uint32_t word;

	if (r == NULL)
		return DROP_ICMP_TYPE;
	why = word_4to6(r, icmp, ip + p->inner.l3_off, x, &word);
	if (why != DROP_NONE)
		return why;
	compose_start(&c, sizeof(struct rte_ipv6_hdr), ICMP_ERROR_MAX6, 8);
	// only these have a length attribute in ICMPv6 (ERR-16)
	if (r->to_type == ICMP6_DST_UNREACH || r->to_type == ICMP6_TIME_EXCEEDED)
		compose_extensions(&c, icmp, p);
	quote_4to6(&c, ip, p, x);
	compose_icmp(&c, r->to_type, icmp_map_code(r, p->icmp_code), word);
	h.len = compose_end(&c, 4);
	compose_csum(&c, csum_pseudo6(h.src, h.dst, h.len, h.proto), h.len);
	header_write6(c.buf, &h);
	compose_replace(m, c.buf, sizeof(struct rte_ipv6_hdr) + h.len);
	return DROP_NONE;
}
