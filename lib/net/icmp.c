// SPDX-License-Identifier: BSD-3-Clause
#include "net/icmp.h"

#include "net/checksum.h"

#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <rte_ip.h>

#define ICMP_HDR_LEN 8
#define OUR_TTL      64
#define TOS_CONTROL  0xc0 // RFC 1812 §4.3.2.5: precedence 6

// Sources no error can go to. Link-local ones can be answered on their link.
static bool
src6_answerable(const struct in6_addr *src)
{
	return !IN6_IS_ADDR_UNSPECIFIED(src) && !IN6_IS_ADDR_MULTICAST(src) &&
	       !IN6_IS_ADDR_LOOPBACK(src);
}

static bool
src4_answerable(rte_be32_t src)
{
	uint8_t net = rte_be_to_cpu_32(src) >> 24;

	return net != 0 && net != 127 && net < 224;
}

// Not known to be no ICMP error: the chain of headers could not be followed, or the message ends
// before its type counts.
static bool
is_obscure6(const struct pkt *p)
{
	switch (p->proto) {
	case IPPROTO_HOPOPTS:
	case IPPROTO_ROUTING:
	case IPPROTO_DSTOPTS:
	case IPPROTO_FRAGMENT:
		return true;
	case IPPROTO_ICMPV6:
		return p->l3_len - p->l4_off < ICMP_HDR_LEN;
	default:
		return false;
	}
}

static bool
may_answer6(const struct rte_ipv6_hdr *ip, const struct pkt *p)
{
	struct in6_addr src, dst;

	if (is_obscure6(p))
		return false;
	memcpy(&src, &ip->src_addr, sizeof(src));
	memcpy(&dst, &ip->dst_addr, sizeof(dst));
	if (p->proto == IPPROTO_ICMPV6 && p->icmp_type == ND_REDIRECT)
		return false;
	return src6_answerable(&src) && !IN6_IS_ADDR_MULTICAST(&dst);
}

static bool
may_answer4(const struct rte_ipv4_hdr *ip)
{
	uint8_t dst_net = rte_be_to_cpu_32(ip->dst_addr) >> 24;

	if (ip->fragment_offset & RTE_BE16(RTE_IPV4_HDR_OFFSET_MASK))
		return false;
	return src4_answerable(ip->src_addr) && dst_net < 224;
}

bool
icmp_may_answer(struct rte_mbuf *m, const struct pkt *p)
{
	const void *ip = rte_pktmbuf_mtod(m, const void *);

	if (p->flags & (PKT_ICMP_ERROR | PKT_L2_GROUP))
		return false;
	// a fragment of an ICMP message may be one of an error
	if ((p->flags & PKT_FRAGMENT) &&
		p->proto == (p->family == 6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP))
		return false;
	return p->family == 6 ? may_answer6(ip, p) : may_answer4(ip);
}

static uint8_t *
put_icmp(uint8_t *at, uint8_t type, uint8_t code, uint32_t arg)
{
	rte_be32_t arg_be = rte_cpu_to_be_32(arg);

	at[0] = type;
	at[1] = code;
	at[2] = 0;
	at[3] = 0;
	memcpy(at + 4, &arg_be, sizeof(arg_be));
	return at + ICMP_HDR_LEN;
}

static void
put_csum(uint8_t *icmp, uint64_t pseudo, uint16_t len)
{
	uint16_t csum = (uint16_t)~csum_fold(pseudo + csum_partial(icmp, len));

	memcpy(icmp + 2, &csum, sizeof(csum));
}

uint16_t
icmp6_build_error(uint8_t *buf, struct rte_mbuf *m, const struct in6_addr *src, uint8_t type,
	uint8_t code, uint32_t arg)
{
	const struct rte_ipv6_hdr *in = rte_pktmbuf_mtod(m, const struct rte_ipv6_hdr *);
	uint16_t quote = RTE_MIN(m->data_len, ICMP_ERROR_MAX6 - sizeof(*in) - ICMP_HDR_LEN);
	uint16_t len = ICMP_HDR_LEN + quote;
	struct rte_ipv6_hdr ip = {
		.vtc_flow = RTE_BE32(0x60000000),
		.payload_len = rte_cpu_to_be_16(len),
		.proto = IPPROTO_ICMPV6,
		.hop_limits = OUR_TTL,
	};
	uint8_t *icmp = buf + sizeof(ip);

	memcpy(&ip.src_addr, src, sizeof(ip.src_addr));
	memcpy(&ip.dst_addr, &in->src_addr, sizeof(ip.dst_addr));
	memcpy(buf, &ip, sizeof(ip));
	memcpy(put_icmp(icmp, type, code, arg), in, quote);
	put_csum(icmp, csum_pseudo6(&ip.src_addr, &ip.dst_addr, len, IPPROTO_ICMPV6), len);
	return sizeof(ip) + len;
}

static void
put_ip4(uint8_t *at, struct rte_ipv4_hdr *ip)
{
	ip->hdr_checksum = 0;
	ip->hdr_checksum = (uint16_t)~csum_fold(csum_add_ip4(ip));
	memcpy(at, ip, sizeof(*ip));
}

uint16_t
icmp4_build_error(
	uint8_t *buf, struct rte_mbuf *m, rte_be32_t src, uint8_t type, uint8_t code, uint32_t arg)
{
	const struct rte_ipv4_hdr *in = rte_pktmbuf_mtod(m, const struct rte_ipv4_hdr *);
	uint16_t quote = RTE_MIN(m->data_len, ICMP_ERROR_MAX4 - sizeof(*in) - ICMP_HDR_LEN);
	uint16_t len = ICMP_HDR_LEN + quote;
	// never fragmented, so any Identification will do (RFC 6864 §4.1)
	struct rte_ipv4_hdr ip = {
		.version_ihl = 0x45,
		.type_of_service = TOS_CONTROL,
		.total_length = rte_cpu_to_be_16(sizeof(ip) + len),
		.fragment_offset = RTE_BE16(RTE_IPV4_HDR_DF_FLAG),
		.time_to_live = OUR_TTL,
		.next_proto_id = IPPROTO_ICMP,
		.src_addr = src,
		.dst_addr = in->src_addr,
	};
	uint8_t *icmp = buf + sizeof(ip);

	if (type == ICMP_PARAMETERPROB)
		arg <<= 24; // the pointer is one octet, in front
	put_ip4(buf, &ip);
	memcpy(put_icmp(icmp, type, code, arg), in, quote);
	put_csum(icmp, 0, len);
	return sizeof(ip) + len;
}

// The header of the reply stands where the message begins; extension headers and options of the
// request are not sent back.
static uint8_t *
start_reply(struct rte_mbuf *m, const struct pkt *p, uint16_t hdr_len)
{
	return (uint8_t *)rte_pktmbuf_adj(m, p->l4_off - hdr_len);
}

// Incremental, so that a checksum that was wrong stays wrong.
static uint16_t
retype(uint8_t *icmp, uint8_t type, uint16_t delta)
{
	uint16_t was, is, csum;

	memcpy(&was, icmp, sizeof(was));
	icmp[0] = type;
	memcpy(&is, icmp, sizeof(is));
	memcpy(&csum, icmp + 2, sizeof(csum));
	return csum_apply(csum_apply(csum, csum_delta(was, is)), delta);
}

static void
reply6(struct rte_mbuf *m, const struct pkt *p, const struct in6_addr *src)
{
	struct rte_ipv6_hdr ip = *rte_pktmbuf_mtod(m, struct rte_ipv6_hdr *);
	uint8_t *at = start_reply(m, p, sizeof(ip));
	uint8_t *icmp = at + sizeof(ip);
	struct in6_addr asked;
	uint16_t csum;

	memcpy(&asked, &ip.dst_addr, sizeof(asked));
	if (src == NULL)
		src = &asked;
	csum = retype(icmp, ICMP6_ECHO_REPLY, csum_delta(csum_add6(&asked), csum_add6(src)));
	memcpy(icmp + 2, &csum, sizeof(csum));
	memcpy(&ip.dst_addr, &ip.src_addr, sizeof(ip.dst_addr));
	memcpy(&ip.src_addr, src, sizeof(ip.src_addr));
	ip.vtc_flow &= RTE_BE32(0xfff00000); // the flow label was the sender's
	ip.payload_len = rte_cpu_to_be_16(p->l3_len - p->l4_off);
	ip.proto = IPPROTO_ICMPV6;
	ip.hop_limits = OUR_TTL;
	memcpy(at, &ip, sizeof(ip));
}

static void
reply4(struct rte_mbuf *m, const struct pkt *p)
{
	struct rte_ipv4_hdr ip = *rte_pktmbuf_mtod(m, struct rte_ipv4_hdr *);
	uint8_t *at = start_reply(m, p, sizeof(ip));
	uint8_t *icmp = at + sizeof(ip);
	uint16_t len = p->l3_len - p->l4_off;
	uint16_t csum = csum_settle_icmp4(retype(icmp, ICMP_ECHOREPLY, 0), icmp, len);
	rte_be32_t asked = ip.dst_addr;

	memcpy(icmp + 2, &csum, sizeof(csum));
	ip.dst_addr = ip.src_addr;
	ip.src_addr = asked;
	ip.version_ihl = 0x45;
	ip.total_length = rte_cpu_to_be_16(sizeof(ip) + len);
	ip.time_to_live = OUR_TTL;
	put_ip4(at, &ip); // Identification and DF as the sender chose them
}

void
icmp_echo_reply(struct rte_mbuf *m, const struct pkt *p, const struct in6_addr *src)
{
	if (p->family == 6)
		reply6(m, p, src);
	else
		reply4(m, p);
}

static void
fragment6(struct rte_mbuf *m, const struct pkt *p)
{
	struct rte_ipv6_hdr ip = *rte_pktmbuf_mtod(m, struct rte_ipv6_hdr *);
	const uint16_t hdr_len = sizeof(ip) + sizeof(struct rte_ipv6_fragment_ext);
	struct rte_ipv6_hdr *at = (struct rte_ipv6_hdr *)start_reply(m, p, hdr_len);

	memcpy(&at->src_addr, &ip.dst_addr, sizeof(at->src_addr));
	memcpy(&at->dst_addr, &ip.src_addr, sizeof(at->dst_addr));
	at->vtc_flow = ip.vtc_flow & RTE_BE32(0xfff00000); // the flow label was the sender's
	at->payload_len = rte_cpu_to_be_16((uint16_t)(m->data_len - sizeof(ip)));
	at->proto = IPPROTO_FRAGMENT;
	at->hop_limits = OUR_TTL;
}

static void
fragment4(struct rte_mbuf *m, const struct pkt *p)
{
	struct rte_ipv4_hdr ip = *rte_pktmbuf_mtod(m, struct rte_ipv4_hdr *);
	uint8_t *at = start_reply(m, p, sizeof(ip));
	rte_be32_t asked = ip.dst_addr;

	ip.dst_addr = ip.src_addr;
	ip.src_addr = asked;
	ip.version_ihl = 0x45;
	ip.total_length = rte_cpu_to_be_16(m->data_len);
	ip.time_to_live = OUR_TTL;
	put_ip4(at, &ip); // Identification, flags and offset as they came
}

void
icmp_echo_reply_fragment(struct rte_mbuf *m, const struct pkt *p)
{
	uint8_t *icmp = rte_pktmbuf_mtod_offset(m, uint8_t *, p->l4_off);
	uint16_t len = p->l3_len - p->l4_off, csum;

	if (p->frag.off == 0) {
		csum = retype(icmp, p->family == 6 ? ICMP6_ECHO_REPLY : ICMP_ECHOREPLY, 0);
		if (p->family == 4)
			csum = csum_settle_icmp4(csum, icmp, len);
		memcpy(icmp + 2, &csum, sizeof(csum));
	}
	if (p->family == 6)
		fragment6(m, p);
	else
		fragment4(m, p);
}
