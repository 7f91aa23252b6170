// SPDX-License-Identifier: BSD-3-Clause
#include "app/dns_lcore.h"

#include "app/lcores.h"
#include "app/offload.h"
#include "app/own.h"
#include "app/worker.h"
#include "net/pkt.h"

#include <rte_ip.h>
#include <rte_malloc.h>
#include <rte_ring.h>
#include <rte_udp.h>
#include <sys/prctl.h>

#define DNS_RING_SLOTS 4096
#define DNS_BURST      32

struct dns_lcore {
	struct gateway *gw;
	struct dns64 *dns64;
	struct rte_ring *in, *out;
	struct rte_mbuf *send[DNS_BURST]; // on their way to out
	unsigned int n_send;
	struct mailbox mailbox;
	struct idle idle;
	struct rand_pool rand;
	uint64_t now_ms;
	uint64_t not_sent; // datagrams that found no buffer or no room in the ring
};

static void
add_udp(struct rte_mbuf *m, const struct dns64_datagram *d)
{
	struct rte_udp_hdr *udp = (struct rte_udp_hdr *)rte_pktmbuf_append(m, sizeof(*udp));

	*udp = (struct rte_udp_hdr){
		.src_port = rte_cpu_to_be_16(d->sport),
		.dst_port = rte_cpu_to_be_16(d->dport),
		.dgram_len = rte_cpu_to_be_16((uint16_t)(sizeof(*udp) + d->len)),
	};
	memcpy(rte_pktmbuf_append(m, d->len), d->data, d->len);
}

static void
build6(struct rte_mbuf *m, const struct dns64_datagram *d)
{
	struct rte_ipv6_hdr *ip = (struct rte_ipv6_hdr *)rte_pktmbuf_append(m, sizeof(*ip));

	*ip = (struct rte_ipv6_hdr){
		.vtc_flow = RTE_BE32(6u << 28),
		.payload_len = rte_cpu_to_be_16((uint16_t)(sizeof(struct rte_udp_hdr) + d->len)),
		.proto = IPPROTO_UDP,
		.hop_limits = 64,
	};
	memcpy(&ip->src_addr, &d->src, sizeof(d->src));
	memcpy(&ip->dst_addr, &d->dst, sizeof(d->dst));
	add_udp(m, d);
}

static void
build4(struct dns_lcore *dns, struct rte_mbuf *m, const struct dns64_datagram *d)
{
	struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)rte_pktmbuf_append(m, sizeof(*ip));

	*ip = (struct rte_ipv4_hdr){
		.version_ihl = RTE_IPV4_VHL_DEF,
		.total_length = rte_cpu_to_be_16(
			(uint16_t)(sizeof(*ip) + sizeof(struct rte_udp_hdr) + d->len)),
		.packet_id = rand_u16(&dns->rand),
		.time_to_live = 64,
		.next_proto_id = IPPROTO_UDP,
		.src_addr = addr_unmap4(&d->src).s_addr,
		.dst_addr = addr_unmap4(&d->dst).s_addr,
	};
	ip->hdr_checksum = rte_ipv4_cksum(ip);
	add_udp(m, d);
}

static void
flush(struct dns_lcore *dns)
{
	unsigned int sent = rte_ring_enqueue_burst(dns->out, (void **)dns->send, dns->n_send, NULL);

	rte_pktmbuf_free_bulk(dns->send + sent, dns->n_send - sent);
	dns->not_sent += dns->n_send - sent;
	dns->n_send = 0;
	idle_ring(&dns->gw->worker[0]->idle);
}

// What dns64 sends leaves through the first worker.
static void
on_send(void *ctx, const struct dns64_datagram *d)
{
	struct dns_lcore *dns = ctx;
	struct rte_mbuf *m = rte_pktmbuf_alloc(dns->gw->pool);

	// dns64 retries, or the client does
	if (!m || d->len + sizeof(struct rte_ipv6_hdr) + sizeof(struct rte_udp_hdr) >
			  rte_pktmbuf_tailroom(m)) {
		rte_pktmbuf_free(m);
		dns->not_sent++;
		return;
	}
	memset(pkt_of(m), 0, PKT_PRIV_SIZE);
	pkt_of(m)->in_port = d->in_port;
	if (addr_is_mapped4(&d->dst))
		build4(dns, m, d);
	else
		build6(m, d);
	offload_udp(dns->gw, m);
	dns->send[dns->n_send++] = m;
	if (dns->n_send == DNS_BURST)
		flush(dns);
}

static void
read_datagram(struct rte_mbuf *m, struct dns64_datagram *d)
{
	const struct pkt *p = pkt_of(m);
	const struct rte_udp_hdr *udp =
		rte_pktmbuf_mtod_offset(m, const struct rte_udp_hdr *, p->l4_off);
	const struct rte_ipv6_hdr *ip6 = rte_pktmbuf_mtod(m, const struct rte_ipv6_hdr *);
	const struct rte_ipv4_hdr *ip4 = rte_pktmbuf_mtod(m, const struct rte_ipv4_hdr *);

	d->sport = rte_be_to_cpu_16(p->sport);
	d->dport = rte_be_to_cpu_16(p->dport);
	d->in_port = p->in_port;
	d->data = (const uint8_t *)(udp + 1);
	d->len = (uint16_t)(rte_be_to_cpu_16(udp->dgram_len) - sizeof(*udp));
	if (p->family == 6) {
		memcpy(&d->src, &ip6->src_addr, sizeof(d->src));
		memcpy(&d->dst, &ip6->dst_addr, sizeof(d->dst));
	} else {
		addr_map4(&d->src, (struct in_addr){ip4->src_addr});
		addr_map4(&d->dst, (struct in_addr){ip4->dst_addr});
	}
}

unsigned int
dns_lcore_turn(struct dns_lcore *d, uint64_t now_ms)
{
	struct rte_mbuf *pkts[DNS_BURST];
	struct dns64_datagram in[DNS_BURST];
	unsigned int n = rte_ring_dequeue_burst(d->in, (void **)pkts, DNS_BURST, NULL);

	d->now_ms = now_ms;
	for (unsigned int i = 0; i < n; i++)
		read_datagram(pkts[i], &in[i]);
	dns64_input_burst(d->dns64, in, n, now_ms);
	rte_pktmbuf_free_bulk(pkts, n);
	if (now_ms >= dns64_next_ms(d->dns64))
		n += dns64_tick(d->dns64, now_ms);
	if (d->n_send)
		flush(d);
	return n + mailbox_poll(&d->mailbox, d);
}

int
dns_lcore_main(void *arg)
{
	struct dns_lcore *d = arg;

	prctl(PR_SET_TIMERSLACK, 1000);
	while (!d->gw->stop) {
		const uint64_t now_ns = worker_clock_ns();

		if (dns_lcore_turn(d, now_ns / 1000000))
			idle_busy(&d->idle);
		else
			idle_rest(&d->idle, now_ns);
	}
	mailbox_close(&d->mailbox);
	return 0;
}

// Our own addresses towards the upstreams: those of the ports that lead there.
static void
choose_sources(const struct plan *plan, struct dns64_params *p)
{
	const struct config_dns64 *c = &plan->config.dns64;

	for (unsigned int i = c->n_upstream; i-- > 0;) {
		const struct in6_addr *a = &c->upstream[i].addr;
		const struct route *r = route_lookup(&plan->routes, a);

		if (!r)
			continue;
		if (addr_is_mapped4(a))
			addr_map4(&p->source4, own_source4(plan, r->port, addr_unmap4(a)));
		else
			p->source6 = *own_source6(plan, r->port, a);
	}
}

struct dns64_settings *
dns_lcore_prepare(const struct dns_lcore *d, const struct config_nat64 *nat64,
	const struct plan *plan, struct err *err)
{
	struct dns64_params p = {.dns64 = &plan->config.dns64, .nat64 = nat64};

	choose_sources(plan, &p);
	return dns64_change_prepare(d->dns64, &p, err);
}

static int
create_rings(struct dns_lcore *d, struct err *err)
{
	struct worker *w = d->gw->worker[0];

	d->in = rte_ring_create(
		"dns_in", DNS_RING_SLOTS, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
	d->out = rte_ring_create(
		"dns_out", DNS_RING_SLOTS, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
	if (!d->in || !d->out || mailbox_init(&d->mailbox, "mail_dns", SOCKET_ID_ANY))
		return err_set(err, -ENOMEM, "no memory for the DNS rings");
	if (lcores_dns_in_worker(&d->gw->boot))
		w->dns = d;
	w->dns_idle = d->mailbox.idle = w->dns ? &w->idle : &d->idle;
	w->dns_in = d->in;
	w->dns_out = d->out;
	return 0;
}

struct dns_lcore *
dns_lcore_create(struct gateway *gw, struct err *err)
{
	struct dns64_params p = {.dns64 = &gw->plan->config.dns64,
		.nat64 = &gw->plan->config.nat64,
		.send = on_send};
	struct dns_lcore *d = rte_zmalloc("dns_lcore", sizeof(*d), RTE_CACHE_LINE_SIZE);

	if (!d) {
		err_set(err, -ENOMEM, "no memory for the DNS lcore");
		return NULL;
	}
	d->gw = gw;
	if (idle_init(&d->idle, gw->boot.lcores.idle_sleep, err)) {
		rte_free(d);
		return NULL;
	}
	p.ctx = d;
	choose_sources(gw->plan, &p);
	d->dns64 = dns64_create(&p, err);
	if (!d->dns64 || create_rings(d, err)) {
		dns_lcore_free(d);
		return NULL;
	}
	return d;
}

static void
drain(struct rte_ring *r)
{
	struct rte_mbuf *m;

	while (r && rte_ring_dequeue(r, (void **)&m) == 0)
		rte_pktmbuf_free(m);
	rte_ring_free(r);
}

void
dns_lcore_free(struct dns_lcore *d)
{
	if (!d)
		return;
	drain(d->in);
	drain(d->out);
	mailbox_fini(&d->mailbox);
	idle_fini(&d->idle);
	dns64_free(d->dns64);
	rte_free(d);
}

struct mailbox *
dns_lcore_mailbox(struct dns_lcore *d)
{
	return &d->mailbox;
}

struct dns64 *
dns_lcore_dns64(struct dns_lcore *d)
{
	return d->dns64;
}

uint64_t
dns_lcore_now_ms(const struct dns_lcore *d)
{
	return d->now_ms;
}

uint64_t
dns_lcore_not_sent(const struct dns_lcore *d)
{
	return d->not_sent;
}
