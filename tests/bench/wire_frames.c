// SPDX-License-Identifier: BSD-3-Clause
#include "wire.h"

#include <netinet/icmp6.h>
#include <rte_arp.h>
#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_ip.h>
#include <rte_udp.h>
#include <string.h>

#define SERVER_PORT RTE_BE16(40443)
#define CLIENTS     64 // ports of each
#define MAGIC       RTE_BE16(0x6464)

// Behind the UDP header.
struct tag {
	rte_be16_t magic;
	uint32_t flow, trial;
	uint64_t tsc;
} __rte_packed;

struct frame6 {
	struct rte_ether_hdr eth;
	struct rte_ipv6_hdr ip;
	struct rte_udp_hdr udp;
	struct tag tag;
} __rte_packed __rte_aligned(2);

struct frame4 {
	struct rte_ether_hdr eth;
	struct rte_ipv4_hdr ip;
	struct rte_udp_hdr udp;
	struct tag tag;
} __rte_packed __rte_aligned(2);

_Static_assert(sizeof(struct frame6) + RTE_ETHER_CRC_LEN == WIRE_FRAME_MIN, "the smallest frame");

// ---- what a flow is

static struct in6_addr
client_of(uint32_t flow)
{
	uint32_t n = flow / CLIENTS + 1;

	return (struct in6_addr){.s6_addr = {0x20, 1, 0, 2, [6] = 0x10, [13] = (uint8_t)(n >> 16),
					 (uint8_t)(n >> 8), (uint8_t)n}};
}

static rte_be16_t
client_port(uint32_t flow)
{
	return rte_cpu_to_be_16((uint16_t)(20000 + flow % CLIENTS * 613));
}

static rte_be32_t
server_of(uint32_t flow)
{
	return rte_cpu_to_be_32(0xc6130000 | (flow & 0xffff));
}

static struct in6_addr
server6_of(uint32_t flow)
{
	struct in6_addr a = {.s6_addr = {0x20, 1, 0, 2, [7] = 0x64}};
	rte_be32_t v4 = server_of(flow);

	memcpy(&a.s6_addr[12], &v4, sizeof(v4));
	return a;
}

// ---- frames of trials

static void
fill_tag(const struct wire *w, struct tag *t, uint32_t flow)
{
	*t = (struct tag){MAGIC, flow, w->trial, rte_rdtsc()};
	memset(t + 1, 0, w->payload - sizeof(*t));
}

static void
make6(const struct wire *w, struct rte_mbuf *m, uint32_t flow)
{
	struct frame6 *f = rte_pktmbuf_mtod(m, struct frame6 *);
	const struct in6_addr src = client_of(flow), dst = server6_of(flow);
	const uint16_t len = (uint16_t)(sizeof(f->udp) + w->payload);

	f->eth = (struct rte_ether_hdr){
		w->gateway[WIRE_INSIDE], w->mac[WIRE_INSIDE], RTE_BE16(RTE_ETHER_TYPE_IPV6)};
	f->ip = (struct rte_ipv6_hdr){.vtc_flow = RTE_BE32(6u << 28),
		.payload_len = rte_cpu_to_be_16(len),
		.proto = IPPROTO_UDP,
		.hop_limits = 64};
	memcpy(&f->ip.src_addr, &src, sizeof(src));
	memcpy(&f->ip.dst_addr, &dst, sizeof(dst));
	f->udp = (struct rte_udp_hdr){client_port(flow), SERVER_PORT, rte_cpu_to_be_16(len), 0};
	fill_tag(w, &f->tag, flow);
	f->udp.dgram_cksum = rte_ipv6_udptcp_cksum(&f->ip, &f->udp);
	m->data_len = (uint16_t)(offsetof(struct frame6, tag) + w->payload);
	m->pkt_len = m->data_len;
}

static void
make4(const struct wire *w, struct rte_mbuf *m, uint32_t flow)
{
	struct frame4 *f = rte_pktmbuf_mtod(m, struct frame4 *);
	const uint16_t len = (uint16_t)(sizeof(f->udp) + w->payload);

	f->eth = (struct rte_ether_hdr){
		w->gateway[WIRE_OUTSIDE], w->mac[WIRE_OUTSIDE], RTE_BE16(RTE_ETHER_TYPE_IPV4)};
	f->ip = (struct rte_ipv4_hdr){.version_ihl = RTE_IPV4_VHL_DEF,
		.total_length = rte_cpu_to_be_16((uint16_t)(sizeof(f->ip) + len)),
		.fragment_offset = RTE_BE16(RTE_IPV4_HDR_DF_FLAG),
		.time_to_live = 64,
		.next_proto_id = IPPROTO_UDP,
		.src_addr = server_of(flow),
		.dst_addr = w->flow[flow].pool4};
	f->ip.hdr_checksum = rte_ipv4_cksum(&f->ip);
	f->udp = (struct rte_udp_hdr){SERVER_PORT, w->flow[flow].port4, rte_cpu_to_be_16(len), 0};
	fill_tag(w, &f->tag, flow);
	f->udp.dgram_cksum = rte_ipv4_udptcp_cksum(&f->ip, &f->udp);
	m->data_len = (uint16_t)(offsetof(struct frame4, tag) + w->payload);
	m->pkt_len = m->data_len;
}

void
wire_make(const struct wire *w, enum wire_side from, struct rte_mbuf *m, uint32_t flow)
{
	if (from == WIRE_INSIDE)
		make6(w, m, flow);
	else
		make4(w, m, flow);
}

static bool
is_client(const struct frame6 *f, uint32_t flow)
{
	const struct in6_addr src = server6_of(flow), dst = client_of(flow);

	return memcmp(&f->ip.src_addr, &src, sizeof(src)) == 0 &&
	       memcmp(&f->ip.dst_addr, &dst, sizeof(dst)) == 0 && f->udp.src_port == SERVER_PORT &&
	       f->udp.dst_port == client_port(flow);
}

static bool
is_server(struct wire *w, const struct frame4 *f, uint32_t flow, bool learn)
{
	struct wire_flow *of = &w->flow[flow];

	if (f->ip.dst_addr != server_of(flow) || f->udp.dst_port != SERVER_PORT)
		return false;
	if (learn && !of->pool4) {
		*of = (struct wire_flow){f->ip.src_addr, f->udp.src_port};
		w->n_learnt++;
	}
	return f->ip.src_addr == of->pool4 && f->udp.src_port == of->port4;
}

static bool
read_tag(const struct wire *w, const struct tag *t, struct wire_seen *seen)
{
	*seen = (struct wire_seen){t->flow, t->trial, t->tsc};
	return t->magic == MAGIC && t->flow < w->n_flow;
}

bool
wire_parse(struct wire *w, enum wire_side at, const struct rte_mbuf *m, bool learn,
	struct wire_seen *seen)
{
	const struct frame6 *f6 = rte_pktmbuf_mtod(m, const struct frame6 *);
	const struct frame4 *f4 = rte_pktmbuf_mtod(m, const struct frame4 *);
	const bool v6 = f6->eth.ether_type == RTE_BE16(RTE_ETHER_TYPE_IPV6);

	if (m->data_len < (v6 ? sizeof(*f6) : sizeof(*f4)))
		return false;
	if (v6 && f6->ip.proto == IPPROTO_UDP)
		return read_tag(w, &f6->tag, seen) &&
		       (w->mirror || (at == WIRE_INSIDE && is_client(f6, seen->flow)));
	if (f4->eth.ether_type != RTE_BE16(RTE_ETHER_TYPE_IPV4) ||
		f4->ip.version_ihl != RTE_IPV4_VHL_DEF || f4->ip.next_proto_id != IPPROTO_UDP)
		return false;
	return read_tag(w, &f4->tag, seen) &&
	       (w->mirror || (at == WIRE_OUTSIDE && is_server(w, f4, seen->flow, learn)));
}

// ---- neighbours

static void *
append(struct rte_mbuf *m, unsigned int len)
{
	return memset(rte_pktmbuf_append(m, (uint16_t)len), 0, len);
}

static struct rte_mbuf *
neighbor_frame(struct wire *w, enum wire_side side, const struct rte_ether_addr *to, uint16_t type)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(w->pool);

	if (m)
		*(struct rte_ether_hdr *)append(m, sizeof(struct rte_ether_hdr)) =
			(struct rte_ether_hdr){*to, w->mac[side], rte_cpu_to_be_16(type)};
	return m;
}

static void
send_one(struct wire *w, enum wire_side side, struct rte_mbuf *m)
{
	if (rte_eth_tx_burst(w->port[side], 0, &m, 1) == 0)
		rte_pktmbuf_free(m);
}

static void
send_arp(struct wire *w, enum wire_side side, uint16_t op, const struct rte_ether_addr *to,
	rte_be32_t sender, rte_be32_t target)
{
	struct rte_mbuf *m = neighbor_frame(w, side, to, RTE_ETHER_TYPE_ARP);
	struct rte_arp_hdr *a;

	if (!m)
		return;
	a = append(m, sizeof(*a));
	*a = (struct rte_arp_hdr){.arp_hardware = RTE_BE16(RTE_ARP_HRD_ETHER),
		.arp_protocol = RTE_BE16(RTE_ETHER_TYPE_IPV4),
		.arp_hlen = RTE_ETHER_ADDR_LEN,
		.arp_plen = sizeof(rte_be32_t),
		.arp_opcode = rte_cpu_to_be_16(op),
		.arp_data = {.arp_sha = w->mac[side],
			.arp_sip = sender,
			.arp_tha = *to,
			.arp_tip = target}};
	send_one(w, side, m);
}

// A solicitation or an advertisement with the link-layer address of this side.
static void
send_nd(struct wire *w, enum wire_side side, uint8_t type, const struct rte_ether_addr *to,
	const struct in6_addr *src, const struct in6_addr *dst, const struct in6_addr *target)
{
	struct rte_mbuf *m = neighbor_frame(w, side, to, RTE_ETHER_TYPE_IPV6);
	struct rte_ipv6_hdr *ip;
	struct nd_neighbor_advert *n;
	struct nd_opt_hdr *o;

	if (!m)
		return;
	ip = append(m, sizeof(*ip));
	n = append(m, sizeof(*n));
	o = append(m, sizeof(*o) + RTE_ETHER_ADDR_LEN);
	*ip = (struct rte_ipv6_hdr){.vtc_flow = RTE_BE32(6u << 28),
		.payload_len = RTE_BE16(sizeof(*n) + sizeof(*o) + RTE_ETHER_ADDR_LEN),
		.proto = IPPROTO_ICMPV6,
		.hop_limits = 255};
	memcpy(&ip->src_addr, src, sizeof(*src));
	memcpy(&ip->dst_addr, dst, sizeof(*dst));
	n->nd_na_type = type;
	if (type == ND_NEIGHBOR_ADVERT)
		n->nd_na_flags_reserved = ND_NA_FLAG_SOLICITED | ND_NA_FLAG_OVERRIDE;
	n->nd_na_target = *target;
	o->nd_opt_type =
		type == ND_NEIGHBOR_ADVERT ? ND_OPT_TARGET_LINKADDR : ND_OPT_SOURCE_LINKADDR;
	o->nd_opt_len = 1;
	memcpy(o + 1, &w->mac[side], RTE_ETHER_ADDR_LEN);
	n->nd_na_cksum = rte_ipv6_udptcp_cksum(ip, n);
	send_one(w, side, m);
}

void
wire_ask(struct wire *w, enum wire_side side)
{
	static const struct rte_ether_addr all = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
	static const struct rte_ether_addr group_mac = {{0x33, 0x33, 0xff, 0, 0, 1}};
	static const struct in6_addr group = {.s6_addr = {0xff, 2, [11] = 1, 0xff, [15] = 1}};
	static const struct in6_addr us = {.s6_addr = {0x20, 1, 0, 2, [15] = 2}};
	static const struct in6_addr gateway = {.s6_addr = {0x20, 1, 0, 2, [15] = 1}};

	if (side == WIRE_INSIDE)
		send_nd(w, side, ND_NEIGHBOR_SOLICIT, &group_mac, &us, &group, &gateway);
	else
		send_arp(w, side, RTE_ARP_OP_REQUEST, &all, RTE_BE32(0xc6120001),
			RTE_BE32(0xc6120002));
}

static void
arp(struct wire *w, enum wire_side at, const struct rte_mbuf *m)
{
	const struct rte_arp_hdr *a = rte_pktmbuf_mtod_offset(
		m, const struct rte_arp_hdr *, sizeof(struct rte_ether_hdr));

	if (m->data_len < sizeof(struct rte_ether_hdr) + sizeof(*a))
		return;
	w->gateway[at] = a->arp_data.arp_sha;
	w->resolved[at] = true;
	if (a->arp_opcode == RTE_BE16(RTE_ARP_OP_REQUEST))
		send_arp(w, at, RTE_ARP_OP_REPLY, &a->arp_data.arp_sha, a->arp_data.arp_tip,
			a->arp_data.arp_sip);
}

static void
nd(struct wire *w, enum wire_side at, const struct rte_mbuf *m)
{
	const struct rte_ether_hdr *eth = rte_pktmbuf_mtod(m, const struct rte_ether_hdr *);
	const struct rte_ipv6_hdr *ip = (const struct rte_ipv6_hdr *)(eth + 1);
	const struct nd_neighbor_solicit *n = (const struct nd_neighbor_solicit *)(ip + 1);
	struct in6_addr to;

	if (m->data_len < sizeof(*eth) + sizeof(*ip) + sizeof(*n) || ip->proto != IPPROTO_ICMPV6)
		return;
	memcpy(&to, &ip->src_addr, sizeof(to));
	if (n->nd_ns_type != ND_NEIGHBOR_SOLICIT && n->nd_ns_type != ND_NEIGHBOR_ADVERT)
		return;
	if (n->nd_ns_type == ND_NEIGHBOR_SOLICIT && !IN6_IS_ADDR_UNSPECIFIED(&to))
		send_nd(w, at, ND_NEIGHBOR_ADVERT, &eth->src_addr, &n->nd_ns_target, &to,
			&n->nd_ns_target);
	w->gateway[at] = eth->src_addr;
	w->resolved[at] = true;
}

void
wire_neighbor(struct wire *w, enum wire_side at, const struct rte_mbuf *m)
{
	const struct rte_ether_hdr *eth = rte_pktmbuf_mtod(m, const struct rte_ether_hdr *);

	if (eth->ether_type == RTE_BE16(RTE_ETHER_TYPE_ARP))
		arp(w, at, m);
	else if (eth->ether_type == RTE_BE16(RTE_ETHER_TYPE_IPV6))
		nd(w, at, m);
}
