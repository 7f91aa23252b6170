// SPDX-License-Identifier: BSD-3-Clause
#include "app/reject.h"

#include "app/hairpin.h"
#include "app/output.h"
#include "app/own.h"
#include "app/pipeline.h"
#include "net/icmp.h"
#include "net/parse.h"

#include <rte_ip.h>
#include <rte_tcp.h>

// The view of a packet that is no longer as it was received.
static enum drop_reason
parse_again(struct rte_mbuf *m)
{
	bool is6 = *rte_pktmbuf_mtod(m, const uint8_t *) >> 4 == 6;

	memset(pkt_of(m), 0, sizeof(struct pkt));
	return is6 ? parse_ip6(m, pkt_of(m)) : parse_ip4(m, pkt_of(m));
}

static bool
take_token(struct worker *w, enum icmp_bucket b)
{
	if (w->icmp_tokens[b] < 1000) {
		w->stats.icmp_limited++;
		return false;
	}
	w->icmp_tokens[b] -= 1000; // thousandths, so that a millisecond's share is a whole number
	return true;
}

void
reject_refill(struct worker *w, uint64_t elapsed_ms)
{
	uint64_t rate = w->plan->config.nat64.icmp_error_rate;

	for (unsigned int b = 0; b < ICMP_BUCKET__N; b++)
		w->icmp_tokens[b] = RTE_MIN(w->icmp_tokens[b] + elapsed_ms * rate,
			rate * 1000); // a second's worth at most
}

static struct rte_mbuf *
build6(struct worker *w, struct rte_mbuf *m, uint16_t port, uint8_t type, uint8_t code,
	uint32_t arg)
{
	const struct rte_ipv6_hdr *ip = rte_pktmbuf_mtod(m, const struct rte_ipv6_hdr *);
	const struct in6_addr *to = (const struct in6_addr *)&ip->src_addr;
	struct rte_mbuf *e;

	if (!icmp_may_answer(m, pkt_of(m)) ||
		!take_token(
			w, type == ICMP6_PACKET_TOO_BIG ? ICMP_BUCKET_TOO_BIG : ICMP_BUCKET_ERROR))
		return NULL;
	e = output_alloc(w);
	if (e)
		rte_pktmbuf_append(e, icmp6_build_error(rte_pktmbuf_mtod(e, uint8_t *), m,
					      own_source6(w->plan, port, to), type, code, arg));
	return e;
}

static struct rte_mbuf *
build4(struct worker *w, struct rte_mbuf *m, uint16_t port, uint8_t type, uint8_t code,
	uint32_t arg)
{
	const struct rte_ipv4_hdr *ip = rte_pktmbuf_mtod(m, const struct rte_ipv4_hdr *);
	bool looped = pkt_of(m)->flags & PKT_HAIRPIN; // its port need not have an IPv4 address
	struct in_addr src = looped ? (struct in_addr){ip->dst_addr}
				    : own_source4(w->plan, port, (struct in_addr){ip->src_addr});
	bool too_big = type == ICMP4_UNREACH && code == ICMP4_UNREACH_FRAG;
	const uint16_t quote = w->gw->port[port].mtu - ICMP4_ERROR_HEADERS;
	struct rte_mbuf *e;

	if (!src.s_addr || !icmp_may_answer(m, pkt_of(m)) ||
		!take_token(w, too_big ? ICMP_BUCKET_TOO_BIG : ICMP_BUCKET_ERROR))
		return NULL;
	// m is dropped after this; an error has DF and must fit a link of less than 576 bytes
	if (m->data_len > quote)
		rte_pktmbuf_trim(m, m->data_len - quote);
	e = output_alloc(w);
	if (e)
		rte_pktmbuf_append(e, icmp4_build_error(rte_pktmbuf_mtod(e, uint8_t *), m,
					      src.s_addr, type, code, arg));
	return e;
}

// Who sends from the LAN with another's address must not make us send errors there (N64-IN-04).
static bool
is_spoofed6(const struct worker *w, uint16_t port, const struct in6_addr *src)
{
	const struct route *r = route_lookup(&w->plan->routes, src);

	if (w->gw->port[port].role != PORT_LAN || IN6_IS_ADDR_LINKLOCAL(src))
		return false;
	return !r || w->gw->port[r->port].role != PORT_LAN;
}

void
reject6(struct worker *w, struct rte_mbuf *m, enum drop_reason why, uint8_t type, uint8_t code,
	uint32_t arg)
{
	const struct rte_ipv6_hdr *ip = rte_pktmbuf_mtod(m, const struct rte_ipv6_hdr *);
	uint16_t port = pkt_of(m)->in_port;
	struct rte_mbuf *e = NULL;

	if (!is_spoofed6(w, port, (const struct in6_addr *)&ip->src_addr))
		e = build6(w, m, port, type, code, arg);
	if (e)
		output_own(w, e, port);
	drop(w, m, why);
}

void
reject4(struct worker *w, struct rte_mbuf *m, enum drop_reason why, uint8_t type, uint8_t code,
	uint32_t arg)
{
	uint16_t port = pkt_of(m)->in_port;
	struct rte_mbuf *e = build4(w, m, port, type, code, arg);

	if (e && (pkt_of(m)->flags & PKT_HAIRPIN))
		hairpin_add(w, e); // N64-HAIR-07: to the sender, through the translator
	else if (e)
		output_own(w, e, port);
	drop(w, m, why);
}

void
reject_prohibited(struct worker *w, struct rte_mbuf *m, enum drop_reason why)
{
	const enum config_tell tell = w->plan->config.nat64.icmp_prohibited;
	const struct pkt *p = pkt_of(m);

	if (p->family == 6 && p->proto != IPPROTO_ICMPV6 && (tell & TELL_LAN))
		reject6(w, m, why, ICMP6_UNREACH, ICMP6_UNREACH_ADMIN, 0);
	else if (p->family == 4 && (tell & TELL_WAN))
		reject4(w, m, why, ICMP4_UNREACH, ICMP4_UNREACH_ADMIN, 0);
	else
		drop(w, m, why);
}

// Was m made by the translator, so that its source is not the sender's real address?
static bool
is_translated(const struct plan *plan, struct rte_mbuf *m)
{
	if (pkt_of(m)->family == 6)
		return own_pref64(plan,
			       (const struct in6_addr *)&rte_pktmbuf_mtod(m, struct rte_ipv6_hdr *)
				       ->src_addr) >= 0;
	return own_pool4(
		plan, (struct in_addr){rte_pktmbuf_mtod(m, struct rte_ipv4_hdr *)->src_addr});
}

// Nobody to tell about a packet of our own. A translated one may bear our address as well: then it
// is the session that tells.
static bool
is_own(const struct plan *plan, struct rte_mbuf *m)
{
	if (pkt_of(m)->family == 6)
		return own_has6(
			plan, (const struct in6_addr *)&rte_pktmbuf_mtod(m, struct rte_ipv6_hdr *)
				      ->src_addr);
	return own_has4(
		plan, (struct in_addr){rte_pktmbuf_mtod(m, struct rte_ipv4_hdr *)->src_addr});
}

void
reject_unreachable(struct worker *w, struct rte_mbuf *m, uint16_t port)
{
	struct rte_mbuf *e = NULL;

	if (parse_again(m) != DROP_NONE || (is_own(w->plan, m) && !is_translated(w->plan, m)))
		e = NULL;
	else if (pkt_of(m)->family == 6)
		e = build6(w, m, port, ICMP6_UNREACH, ICMP6_UNREACH_ADDR, 0);
	else
		e = build4(w, m, port, ICMP4_UNREACH, ICMP4_UNREACH_HOST, 0);
	if (e && is_translated(w->plan, m))
		pipeline_loop_error(w, e);
	else if (e)
		output_own(w, e, -1);
	drop(w, m, DROP_NEIGH_UNREACHABLE);
}

void
probe_send(void *arg, const struct session *s)
{
	struct worker *w = arg;
	const struct config_nat64 *c = &w->plan->config.nat64;
	struct rte_mbuf *m = output_alloc(w);
	struct rte_ipv6_hdr *ip;
	struct rte_tcp_hdr *tcp;
	struct in6_addr src;

	if (!m)
		return;
	ip = (struct rte_ipv6_hdr *)rte_pktmbuf_append(m, sizeof(*ip) + sizeof(*tcp));
	tcp = (struct rte_tcp_hdr *)(ip + 1);
	pref64_compose(&c->prefix[s->pref64], (struct in_addr){s->dst4}, &src);
	*ip = (struct rte_ipv6_hdr){
		.vtc_flow = RTE_BE32(6u << 28),
		.payload_len = RTE_BE16(sizeof(*tcp)),
		.proto = IPPROTO_TCP,
		.hop_limits = 64,
	};
	memcpy(&ip->src_addr, &src, sizeof(src));
	memcpy(&ip->dst_addr, &s->src6, sizeof(s->src6));
	*tcp = (struct rte_tcp_hdr){
		.src_port = s->dport,
		.dst_port = s->sport6,
		.data_off = sizeof(*tcp) / 4 << 4,
		.tcp_flags = RTE_TCP_ACK_FLAG,
		.rx_win = RTE_BE16(1024),
	};
	tcp->cksum = rte_ipv6_udptcp_cksum(ip, tcp);
	w->stats.tcp_probes++;
	output_own(w, m, -1);
}

// ---- resets

#define RESET_SEC 60 // longer than hosts take to answer the probe

static void
build_reset(struct rte_mbuf *e, const struct rte_ipv6_hdr *ip, const struct rte_tcp_hdr *tcp,
	uint32_t seg_len)
{
	struct rte_ipv6_hdr *rip = (struct rte_ipv6_hdr *)rte_pktmbuf_append(
		e, sizeof(*rip) + sizeof(struct rte_tcp_hdr));
	struct rte_tcp_hdr *rst = (struct rte_tcp_hdr *)(rip + 1);
	bool ack = tcp->tcp_flags & RTE_TCP_ACK_FLAG;

	*rip = (struct rte_ipv6_hdr){
		.vtc_flow = RTE_BE32(6u << 28),
		.payload_len = RTE_BE16(sizeof(*rst)),
		.proto = IPPROTO_TCP,
		.hop_limits = 64,
	};
	memcpy(&rip->src_addr, &ip->dst_addr, sizeof(rip->src_addr));
	memcpy(&rip->dst_addr, &ip->src_addr, sizeof(rip->dst_addr));
	*rst = (struct rte_tcp_hdr){
		.src_port = tcp->dst_port,
		.dst_port = tcp->src_port,
		.sent_seq = ack ? tcp->recv_ack : 0,
		.recv_ack = ack ? 0 : rte_cpu_to_be_32(rte_be_to_cpu_32(tcp->sent_seq) + seg_len),
		.data_off = sizeof(*rst) / 4 << 4,
		.tcp_flags = ack ? RTE_TCP_RST_FLAG : RTE_TCP_RST_FLAG | RTE_TCP_ACK_FLAG,
	};
	rst->cksum = rte_ipv6_udptcp_cksum(rip, rst);
}

void
reject_reset6(struct worker *w, struct rte_mbuf *m, enum drop_reason why)
{
	const struct rte_ipv6_hdr *ip = rte_pktmbuf_mtod(m, const struct rte_ipv6_hdr *);
	const struct pkt *p = pkt_of(m);
	const struct rte_tcp_hdr *tcp =
		rte_pktmbuf_mtod_offset(m, const struct rte_tcp_hdr *, p->l4_off);
	struct rte_mbuf *e = NULL;

	if (p->proto == IPPROTO_TCP && !(p->flags & (PKT_FRAGMENT | PKT_L2_GROUP)) &&
		!is_spoofed6(w, p->in_port, (const struct in6_addr *)&ip->src_addr) &&
		m->data_len >= p->l4_off + sizeof(*tcp) && !(tcp->tcp_flags & RTE_TCP_RST_FLAG) &&
		take_token(w, ICMP_BUCKET_RESET))
		e = output_alloc(w);
	if (e) {
		bool counts = tcp->tcp_flags & (RTE_TCP_SYN_FLAG | RTE_TCP_FIN_FLAG);

		build_reset(
			e, ip, tcp, m->data_len - p->l4_off - (tcp->data_off >> 4) * 4u + counts);
		w->stats.tcp_resets++;
		output_own(w, e, p->in_port);
	}
	drop(w, m, why);
}

void
session_ended_soon(struct worker *w)
{
	w->reset_until_sec = w->now_sec + RESET_SEC;
}

void
session_ending(void *arg, const struct session *s)
{
	struct worker *w = arg;

	w->stats.reload_ended++;
	if (s->proto != IPPROTO_TCP)
		return;
	session_ended_soon(w);
	probe_send(w, s);
}
