// SPDX-License-Identifier: BSD-3-Clause
#include "net/parse_icmp.h"

#include "net/checksum.h"
#include "net/parse.h"
#include "net/parse_ext.h"

#include <rte_ip.h>

#define ICMP_HDR_LEN 8

// RFC 6146 §3.4: what of a transport header has to be quoted to know the tuple (ERR-06, ERR-07).
#define QUOTE_PORTS_LEN 4
#define QUOTE_ECHO_LEN  8

static bool
is_echo(uint8_t family, uint8_t type)
{
	if (family == 6)
		return type == ICMP6_ECHO_REQUEST || type == ICMP6_ECHO_REPLY;
	return type == ICMP_ECHO || type == ICMP_ECHOREPLY;
}

static enum drop_reason
quote_tuple(const uint8_t *l4, uint16_t len, struct pkt *p)
{
	uint8_t icmp = p->family == 6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;

	if (p->inner.proto == IPPROTO_TCP || p->inner.proto == IPPROTO_UDP) {
		if (len < QUOTE_PORTS_LEN)
			return DROP_ICMP_INNER;
		memcpy(&p->inner.sport, l4, sizeof(p->inner.sport));
		memcpy(&p->inner.dport, l4 + 2, sizeof(p->inner.dport));
		return DROP_NONE;
	}
	if (p->inner.proto != icmp || len < QUOTE_ECHO_LEN || !is_echo(p->family, l4[0]))
		return DROP_ICMP_INNER; // ERR-05
	memcpy(&p->inner.sport, l4 + 4, sizeof(p->inner.sport));
	p->inner.dport = p->inner.sport;
	return DROP_NONE;
}

// room: bytes of the quote, padding included; inner.len is without (ERR-19).
static enum drop_reason
parse_quote4(const uint8_t *ip, uint16_t room, struct pkt *p)
{
	const struct rte_ipv4_hdr *h = (const void *)ip;
	uint16_t ihl, len;

	if (room < sizeof(*h))
		return DROP_ICMP_INNER;
	ihl = (h->version_ihl & RTE_IPV4_HDR_IHL_MASK) * RTE_IPV4_IHL_MULTIPLIER;
	len = RTE_MIN(room, rte_be_to_cpu_16(h->total_length));
	if (h->version_ihl >> 4 != 4 || ihl < sizeof(*h) || len < ihl)
		return DROP_ICMP_INNER;
	if (csum_fold(csum_partial(ip, ihl)) != 0xffff) // ERR-09
		return DROP_ICMP_INNER;
	if (h->fragment_offset & RTE_BE16(RTE_IPV4_HDR_OFFSET_MASK))
		return DROP_ICMP_INNER;
	if (h->fragment_offset & RTE_BE16(RTE_IPV4_HDR_MF_FLAG))
		p->inner.flags = PKT_FRAGMENT;
	p->inner.l4_off = p->inner.l3_off + ihl;
	p->inner.len = len;
	p->inner.proto = h->next_proto_id;
	return quote_tuple(ip + ihl, len - ihl, p);
}

static enum drop_reason
parse_quote6(const uint8_t *ip, uint16_t room, struct pkt *p)
{
	const struct rte_ipv6_hdr *h = (const void *)ip;
	struct ext_chain c;
	uint32_t len;

	if (room < sizeof(*h) || ip[0] >> 4 != 6)
		return DROP_ICMP_INNER;
	len = sizeof(*h) + rte_be_to_cpu_16(h->payload_len);
	len = RTE_MIN(len, room);
	if (parse_ext_chain(ip, len, &c) != DROP_NONE || c.frag_start != 0)
		return DROP_ICMP_INNER;
	p->inner.flags = c.flags & (PKT_FRAGMENT | PKT_ATOMIC);
	p->inner.l4_off = p->inner.l3_off + c.off;
	p->inner.len = len;
	p->inner.proto = c.proto;
	return quote_tuple(ip + c.off, len - c.off, p);
}

enum drop_reason
parse_icmp_error(struct rte_mbuf *m, struct pkt *p)
{
	const uint8_t *icmp = rte_pktmbuf_mtod_offset(m, const uint8_t *, p->l4_off);
	uint16_t room = p->l3_len - p->l4_off - ICMP_HDR_LEN;
	uint16_t attr;

	if (!parse_l4_checksum_ok(m, p))
		return DROP_CHECKSUM_L4;
	attr = icmp_quote_attr(p->family, icmp);
	if (attr != 0 && (attr > room || attr < ICMP_QUOTE_MIN))
		return DROP_ICMP_INNER;
	if (attr != 0)
		room = attr;
	memset(&p->inner, 0, sizeof(p->inner));
	p->inner.l3_off = p->l4_off + ICMP_HDR_LEN;
	icmp += ICMP_HDR_LEN;
	return p->family == 6 ? parse_quote6(icmp, room, p) : parse_quote4(icmp, room, p);
}
