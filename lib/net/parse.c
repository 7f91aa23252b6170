// SPDX-License-Identifier: BSD-3-Clause
#include "net/parse.h"

#include "net/checksum.h"
#include "net/parse_ext.h"

#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <rte_branch_prediction.h>
#include <rte_ip.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#define ICMP_HDR_LEN 8

// The longest upper-layer packet that has an IPv4 header in front (X64-F08).
#define FRAGMENT_END_MAX (UINT16_MAX - sizeof(struct rte_ipv4_hdr))

// RFC 791 §3.1
#define OPT4_END  0
#define OPT4_NOP  1
#define OPT4_LSRR 131
#define OPT4_SSRR 137

static inline void
start(struct pkt *p, uint8_t family, uint8_t proto, uint8_t ttl, uint16_t l3_len, uint16_t l4_off)
{
	p->family = family;
	p->proto = proto;
	p->ttl = ttl;
	p->flags &= PKT_L2_GROUP | PKT_HAIRPIN;
	p->l3_len = l3_len;
	p->l4_off = l4_off;
	p->sport = 0;
	p->dport = 0;
	p->tcp_flags = 0;
	p->icmp_type = 0;
	p->icmp_code = 0;
}

// Short Ethernet frames carry padding behind the packet.
static inline void
trim_to(struct rte_mbuf *m, uint16_t len)
{
	uint16_t padding = m->data_len - len;

	m->data_len = len;
	m->pkt_len -= padding;
}

static inline enum drop_reason
parse_tcp(const uint8_t *l4, uint16_t len, struct pkt *p)
{
	const struct rte_tcp_hdr *tcp = (const void *)l4;
	unsigned int hdr_len;

	if (unlikely(len < sizeof(*tcp)))
		return DROP_L4_MALFORMED;
	hdr_len = (tcp->data_off >> 4) * 4u;
	if (unlikely(hdr_len < sizeof(*tcp) || hdr_len > len))
		return DROP_L4_MALFORMED;
	p->sport = tcp->src_port;
	p->dport = tcp->dst_port;
	p->tcp_flags = tcp->tcp_flags;
	return DROP_NONE;
}

static inline enum drop_reason
parse_udp(const uint8_t *l4, uint16_t len, struct pkt *p)
{
	const struct rte_udp_hdr *udp = (const void *)l4;
	uint16_t udp_len;

	if (unlikely(len < sizeof(*udp)))
		return DROP_L4_MALFORMED;
	udp_len = rte_be_to_cpu_16(udp->dgram_len);
	if (unlikely(udp_len < sizeof(*udp) || (udp_len > len && !(p->flags & PKT_FRAGMENT))))
		return DROP_L4_MALFORMED;
	p->sport = udp->src_port;
	p->dport = udp->dst_port;
	if (likely(udp->dgram_cksum != 0))
		return DROP_NONE;
	if (p->family == 6)
		return DROP_UDP6_CHECKSUM_ZERO;
	if (p->flags & PKT_FRAGMENT) {
		p->flags |= PKT_WHOLE; // CSUM-05
		return DROP_NONE;
	}
	return udp_len == len ? DROP_NONE : DROP_L4_MALFORMED; // CSUM-04
}

static void
parse_echo(const uint8_t *l4, struct pkt *p)
{
	memcpy(&p->sport, l4 + 4, sizeof(p->sport));
	p->dport = p->sport;
	p->flags |= PKT_ICMP_ECHO;
}

static bool
is_error4(uint8_t type)
{
	return type == ICMP_DEST_UNREACH || type == ICMP_SOURCE_QUENCH || type == ICMP_REDIRECT ||
	       type == ICMP_TIME_EXCEEDED || type == ICMP_PARAMETERPROB;
}

static enum drop_reason
parse_icmp(const uint8_t *l4, uint16_t len, struct pkt *p)
{
	uint8_t request = p->family == 6 ? ICMP6_ECHO_REQUEST : ICMP_ECHO;
	uint8_t reply = p->family == 6 ? ICMP6_ECHO_REPLY : ICMP_ECHOREPLY;

	if (unlikely(len < ICMP_HDR_LEN))
		return DROP_L4_MALFORMED;
	p->icmp_type = l4[0];
	p->icmp_code = l4[1];
	if ((l4[0] == request || l4[0] == reply) && l4[1] == 0)
		parse_echo(l4, p);
	else if (p->family == 6 ? !(l4[0] & ICMP6_INFOMSG_MASK) : is_error4(l4[0]))
		p->flags |= PKT_ICMP_ERROR;
	return DROP_NONE;
}

static inline enum drop_reason
parse_transport(const uint8_t *ip, struct pkt *p)
{
	const uint8_t *l4 = ip + p->l4_off;
	uint16_t len = p->l3_len - p->l4_off;

	if (p->proto == IPPROTO_TCP)
		return parse_tcp(l4, len, p);
	if (p->proto == IPPROTO_UDP)
		return parse_udp(l4, len, p);
	if (p->proto == (p->family == 6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP))
		return parse_icmp(l4, len, p);
	return DROP_NONE;
}

// ff00::/8 and all of ::/64 but :: itself, which are ::1, IPv4-mapped and -compatible addresses:
// the route and neighbour tables take these for IPv4. :: and link-local sources are the pipeline's
// to judge.
static inline bool
src6_illegal(const struct rte_ipv6_hdr *ip)
{
	uint64_t w[2];

	memcpy(w, &ip->src_addr, sizeof(w));
	return *(const uint8_t *)w == 0xff || (w[0] == 0 && w[1] != 0);
}

// 0/8, 127/8, 224/4 and 240/4 (RFC 1812 §5.3.7)
static inline bool
src4_illegal(rte_be32_t src)
{
	uint8_t net = rte_be_to_cpu_32(src) >> 24;

	return net == 0 || net == 127 || net >= 224;
}

static __rte_noinline enum drop_reason
parse_chain6(const uint8_t *ip, struct pkt *p)
{
	enum drop_reason why;
	struct ext_chain c;

	why = parse_ext_chain(ip, p->l3_len, &c);
	if (why != DROP_NONE)
		return why;
	p->proto = c.proto;
	p->l4_off = c.off;
	p->flags |= c.flags;
	if (!(c.flags & PKT_FRAGMENT))
		why = parse_transport(ip, p);
	if (c.segleft == 0)
		return why;
	p->l4_off = c.segleft;
	return DROP_ROUTING_HEADER;
}

enum drop_reason
parse_ip6(struct rte_mbuf *m, struct pkt *p)
{
	const struct rte_ipv6_hdr *ip = rte_pktmbuf_mtod(m, const struct rte_ipv6_hdr *);
	uint32_t len;

	if (unlikely(m->nb_segs != 1 || m->data_len < sizeof(*ip)))
		return DROP_MALFORMED;
	len = sizeof(*ip) + rte_be_to_cpu_16(ip->payload_len);
	if (unlikely((ip->vtc_flow & RTE_BE32(0xf0000000)) != RTE_BE32(0x60000000) ||
		     len > m->data_len))
		return DROP_MALFORMED;
	if (unlikely(src6_illegal(ip)))
		return DROP_SRC6_ILLEGAL;
	trim_to(m, len);
	start(p, 6, ip->proto, ip->hop_limits, len, sizeof(*ip));
	if (likely(ip->proto == IPPROTO_TCP))
		return parse_tcp((const uint8_t *)(ip + 1), len - sizeof(*ip), p);
	if (likely(ip->proto == IPPROTO_UDP))
		return parse_udp((const uint8_t *)(ip + 1), len - sizeof(*ip), p);
	return parse_chain6((const uint8_t *)ip, p);
}

// X46-05, X46-06: options are skipped, but an unexpired source route is told.
static enum drop_reason
parse_options4(const uint8_t *opt, uint16_t len, struct pkt *p)
{
	for (uint16_t i = 0; i < len && opt[i] != OPT4_END;) {
		if (opt[i] == OPT4_NOP) {
			i++;
			continue;
		}
		if (len - i < 2 || opt[i + 1] < 2 || opt[i + 1] > len - i)
			return DROP_MALFORMED;
		if (opt[i] == OPT4_LSRR || opt[i] == OPT4_SSRR) {
			if (opt[i + 1] < 3)
				return DROP_MALFORMED;
			if (opt[i + 2] <= opt[i + 1])
				p->flags |= PKT_SRC_ROUTE;
		}
		i += opt[i + 1];
	}
	return DROP_NONE;
}

static __rte_noinline enum drop_reason
parse_long4(const uint8_t *ip, uint16_t data_len, struct pkt *p)
{
	uint16_t ihl = (ip[0] & RTE_IPV4_HDR_IHL_MASK) * RTE_IPV4_IHL_MULTIPLIER;

	if (ip[0] >> 4 != 4 || ihl < sizeof(struct rte_ipv4_hdr) || ihl > data_len)
		return DROP_MALFORMED;
	if (csum_fold(csum_partial(ip, ihl)) != 0xffff)
		return DROP_CHECKSUM4;
	p->l4_off = ihl;
	return parse_options4(
		ip + sizeof(struct rte_ipv4_hdr), ihl - sizeof(struct rte_ipv4_hdr), p);
}

static inline enum drop_reason
parse_header4(const struct rte_ipv4_hdr *ip, uint16_t data_len, struct pkt *p)
{
	if (unlikely(ip->version_ihl != 0x45))
		return parse_long4((const uint8_t *)ip, data_len, p);
	return likely(csum_fold(csum_add_ip4(ip)) == 0xffff) ? DROP_NONE : DROP_CHECKSUM4;
}

enum drop_reason
parse_ip4(struct rte_mbuf *m, struct pkt *p)
{
	const struct rte_ipv4_hdr *ip = rte_pktmbuf_mtod(m, const struct rte_ipv4_hdr *);
	enum drop_reason why;

	if (unlikely(m->nb_segs != 1 || m->data_len < sizeof(*ip)))
		return DROP_MALFORMED;
	start(p, 4, ip->next_proto_id, ip->time_to_live, rte_be_to_cpu_16(ip->total_length),
		sizeof(*ip));
	why = parse_header4(ip, m->data_len, p);
	if (unlikely(why != DROP_NONE))
		return why;
	if (unlikely(p->l3_len < p->l4_off || p->l3_len > m->data_len))
		return DROP_MALFORMED;
	trim_to(m, p->l3_len);
	if (ip->fragment_offset & RTE_BE16(RTE_IPV4_HDR_DF_FLAG))
		p->flags |= PKT_DF;
	if (unlikely(ip->fragment_offset &
		     RTE_BE16(RTE_IPV4_HDR_MF_FLAG | RTE_IPV4_HDR_OFFSET_MASK)))
		p->flags |= PKT_FRAGMENT;
	else
		why = parse_transport((const uint8_t *)ip, p);
	// X46-07: the routers that ICMP errors come from use any address
	if (unlikely(src4_illegal(ip->src_addr) && !(p->flags & PKT_ICMP_ERROR)))
		return DROP_SRC4_ILLEGAL;
	return why;
}

static void
read_fragment6(const uint8_t *l4, struct pkt *p)
{
	struct rte_ipv6_fragment_ext f;
	uint16_t data;

	memcpy(&f, l4 - sizeof(f), sizeof(f));
	data = rte_be_to_cpu_16(f.frag_data);
	p->frag.id = rte_be_to_cpu_32(f.id);
	p->frag.off = data & RTE_IPV6_EHDR_FO_MASK;
	p->frag.more = data & RTE_IPV6_EHDR_MF_MASK;
}

static void
read_fragment4(const struct rte_ipv4_hdr *ip, struct pkt *p)
{
	uint16_t data = rte_be_to_cpu_16(ip->fragment_offset);

	p->frag.id = rte_be_to_cpu_16(ip->packet_id);
	p->frag.off = (uint16_t)(data << 3);
	p->frag.more = (data & RTE_IPV4_HDR_MF_FLAG) != 0;
}

enum drop_reason
parse_fragment(struct rte_mbuf *m, struct pkt *p)
{
	const uint8_t *ip = rte_pktmbuf_mtod(m, const uint8_t *);
	uint16_t len = p->l3_len - p->l4_off;
	enum drop_reason why;

	if (p->family == 6)
		read_fragment6(ip + p->l4_off, p);
	else
		read_fragment4((const struct rte_ipv4_hdr *)ip, p);
	if (p->family == 6 && parse_ext_is_header(p->proto)) // X64-F03
		return DROP_EXT_CHAIN;
	if (len == 0 || (p->frag.more && len % 8 != 0) || p->frag.off + len > FRAGMENT_END_MAX)
		return DROP_FRAG_INVALID;
	if (p->proto == (p->family == 6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP))
		p->flags |= PKT_WHOLE; // ERR-27
	if (p->frag.off != 0)
		return DROP_NONE;
	why = parse_transport(ip, p);
	return why == DROP_L4_MALFORMED ? DROP_FRAG_TINY : why;
}

static uint64_t
pseudo_sum(const uint8_t *ip, const struct pkt *p, uint16_t len)
{
	if (p->family == 6)
		return csum_pseudo6(ip + 8, ip + 24, len, p->proto);
	return p->proto == IPPROTO_ICMP ? 0 : csum_pseudo4(ip + 12, ip + 16, len, p->proto);
}

bool
parse_l4_checksum_ok(struct rte_mbuf *m, const struct pkt *p)
{
	const uint8_t *ip = rte_pktmbuf_mtod(m, const uint8_t *);
	const struct rte_udp_hdr *udp = (const void *)(ip + p->l4_off);
	uint16_t len = p->l3_len - p->l4_off;

	if (p->flags & PKT_FRAGMENT)
		return false;
	if (p->proto == IPPROTO_UDP) {
		if (p->family == 4 && udp->dgram_cksum == 0)
			return true;
		len = rte_be_to_cpu_16(udp->dgram_len);
	} else if (p->proto != IPPROTO_TCP &&
		   p->proto != (p->family == 6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP)) {
		return true;
	}
	return csum_fold(pseudo_sum(ip, p, len) + csum_partial(ip + p->l4_off, len)) == 0xffff;
}
