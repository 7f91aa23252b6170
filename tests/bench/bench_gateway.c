// SPDX-License-Identifier: BSD-3-Clause
#include "bench.h"

#include "net/checksum.h"

#include <math.h>
#include <netinet/ip_icmp.h>
#include <rte_ip.h>
#include <rte_tcp.h>
#include <rte_udp.h>
#include <stdlib.h>

#define FLOWS (BENCH_MAX + BENCH_NEW)

struct fixture bench_f;

static uint32_t order[FLOWS], order_n, order_at;
static struct {
	rte_be32_t src4;
	rte_be16_t sport4;
} mapped[FLOWS];
static struct bench_setup setup;

// ---- the gateway

static void
configure(struct config *c)
{
	memset(c, 0, sizeof(*c));
	c->n_port = 2;
	c->port[BENCH_LAN] =
		(struct config_port){.name = "lan", .role = PORT_LAN, .mtu = 1500, .n_addr6 = 1};
	c->port[BENCH_LAN].addr6[0].addr =
		(struct in6_addr){.s6_addr = {0x20, 0x01, 0x0d, 0xb8, [15] = 1}};
	c->port[BENCH_LAN].addr6[0].len = 64;
	c->port[BENCH_WAN] =
		(struct config_port){.name = "wan", .role = PORT_WAN, .mtu = 1500, .n_addr4 = 1};
	c->port[BENCH_WAN].addr4[0] = (struct prefix4){{RTE_BE32(0x05060702)}, 24};
	c->port[BENCH_WAN].has_gateway4 = true;
	c->port[BENCH_WAN].gateway4.s_addr = RTE_BE32(0x05060701);
	c->nat64.n_prefix = 1;
	pref64_init(&c->nat64.prefix[0],
		&(struct prefix6){.addr.s6_addr = {0, 0x64, 0xff, 0x9b}, .len = 96});
	c->nat64.n_pool4 = 1;
	c->nat64.pool4[0] = (struct config_pool4){
		{RTE_BE32(0x05060801)}, {rte_cpu_to_be_32(0x05060800 + setup.n_pool)}, 1, 65535};
	c->nat64.timeout[TIMEOUT_UDP] = 3600;
	c->nat64.timeout[TIMEOUT_ICMP] = 60;
	c->nat64.timeout[TIMEOUT_TCP_TRANSITORY] = 240;
	c->nat64.timeout[TIMEOUT_TCP_ESTABLISHED] = 7200;
	c->nat64.timeout[TIMEOUT_TCP_SYN] = 6;
	c->nat64.max_sessions = setup.sessions + setup.room + 1024;
	c->nat64.max_bib = setup.bindings ? setup.bindings : c->nat64.max_sessions;
	c->nat64.lowest_ipv6_mtu = 1280;
	c->nat64.quota.subscriber_len = setup.subscriber_len ? setup.subscriber_len : 64;
	c->nat64.port_hold_sec = setup.hold_sec;
	c->nat64.port_hold_max = c->nat64.max_bib / 8;
	c->nat64.tcp_incoming = setup.syns ? TCP_INCOMING_WAIT : TCP_INCOMING_DROP;
	c->nat64.max_stored_syns = setup.syns;
	c->nat64.icmp_error_rate = 100;
	c->nat64.fragments.max_datagrams = 1024;
	c->nat64.fragments.max_kbytes = 4096;
	c->nat64.fragments.timeout_sec = 2;
	// the clients are behind a router of the LAN
	c->n_route = 1;
	c->route[0].dst = (struct prefix6){{.s6_addr = {0x20, 0x01, 0x0d, 0xb8, 0x10}}, 36};
	c->route[0].via = (struct in6_addr){.s6_addr = {0x20, 0x01, 0x0d, 0xb8, [15] = 2}};
	c->route[0].port = BENCH_LAN;
	c->memory.neighbors = setup.neighbors ? setup.neighbors : 64;
	c->memory.neighbor_queue = 8;
	c->lcores.n_worker = setup.workers;
}

// ---- order of the flows

static uint64_t x;

static uint64_t
xorshift(void)
{
	x ^= x << 13;
	x ^= x >> 7;
	return x ^= x << 17;
}

void
bench_order_random(uint32_t n)
{
	x = 88172645463325252; // the same each time
	for (uint32_t i = 0; i < n; i++)
		order[i] = i;
	for (uint32_t i = n - 1; i > 0; i--) {
		uint32_t k = (uint32_t)(xorshift() % (i + 1)), was = order[i];

		order[i] = order[k];
		order[k] = was;
	}
	order_n = n;
	order_at = 0;
}

// Flow of rank r with a frequency of 1/r. Neighbours in rank are not neighbours in memory.
void
bench_order_zipf(uint32_t n)
{
	uint32_t *flow = malloc(n * sizeof(*flow));

	if (!flow)
		abort();
	bench_order_random(n);
	memcpy(flow, order, n * sizeof(*flow));
	order_n = RTE_MAX(n, 64u * BENCH_RING);
	for (uint32_t i = 0; i < order_n; i++) {
		double u = (double)(xorshift() >> 11) / (double)(UINT64_C(1) << 53);
		uint32_t rank = (uint32_t)(exp(u * log((double)n + 1)) - 1);

		order[i] = flow[RTE_MIN(rank, n - 1)];
	}
	free(flow);
}

static struct in6_addr
client6(uint32_t flow)
{
	return (struct in6_addr){
		.s6_addr = {0x20, 0x01, 0x0d, 0xb8, 0x10, [12] = (uint8_t)(flow >> 22),
			(uint8_t)(flow >> 14), (uint8_t)(flow >> 6), 9}};
}

void
bench_order_owner(uint32_t n, unsigned int worker)
{
	uint32_t kept = 0;

	bench_order_random(n);
	for (uint32_t i = 0; i < n; i++) {
		struct in6_addr src = client6(order[i]);

		if (state_owner_of_src6(&src, setup.workers) == worker)
			order[kept++] = order[i];
	}
	if (!kept)
		abort();
	order_n = kept;
}

uint32_t
bench_order_copy(uint32_t *flow, uint32_t max)
{
	uint32_t n = RTE_MIN(max, order_n);

	memcpy(flow, order, n * sizeof(*flow));
	return n;
}

uint32_t
bench_next_flow(void)
{
	uint32_t flow = order[order_at];

	order_at = order_at + 1 == order_n ? 0 : order_at + 1;
	return flow;
}

// ---- frames

static void *
append(struct rte_mbuf *m, unsigned int len)
{
	void *at = rte_pktmbuf_append(m, (uint16_t)len);

	if (!at)
		abort();
	return at;
}

static void
ether(struct rte_mbuf *m, unsigned int port, rte_be16_t type)
{
	struct rte_ether_hdr *eth = append(m, sizeof(*eth));

	eth->dst_addr = bench_f.gw.port[port].mac;
	eth->src_addr = (struct rte_ether_addr){.addr_bytes = {2, 9, [5] = (uint8_t)port}};
	eth->ether_type = type;
}

static void
udp(struct rte_mbuf *m, uint16_t sport, uint16_t dport, uint16_t payload)
{
	struct rte_udp_hdr *u = append(m, sizeof(*u) + payload);

	*u = (struct rte_udp_hdr){
		sport, dport, rte_cpu_to_be_16((uint16_t)(sizeof(*u) + payload)), 0x1234};
}

static void
ip6(struct rte_mbuf *m, uint32_t flow, uint8_t proto, uint16_t len)
{
	struct rte_ipv6_hdr *ip = append(m, sizeof(*ip));

	*ip = (struct rte_ipv6_hdr){.vtc_flow = RTE_BE32(6u << 28),
		.payload_len = rte_cpu_to_be_16(len),
		.proto = proto,
		.hop_limits = 64};
	memcpy(&ip->src_addr, &(struct in6_addr[]){client6(flow)}, sizeof(ip->src_addr));
	memcpy(&ip->dst_addr,
		&(struct in6_addr){.s6_addr = {0, 0x64, 0xff, 0x9b, [12] = 8, 8,
					   (uint8_t)(flow >> 8), (uint8_t)flow}},
		sizeof(ip->dst_addr));
}

static void
ip4(struct rte_mbuf *m, uint32_t flow, uint8_t proto, uint16_t len)
{
	struct rte_ipv4_hdr *ip = append(m, sizeof(*ip));

	*ip = (struct rte_ipv4_hdr){.version_ihl = RTE_IPV4_VHL_DEF,
		.total_length = rte_cpu_to_be_16((uint16_t)(sizeof(*ip) + len)),
		.time_to_live = 57,
		.next_proto_id = proto,
		.src_addr = rte_cpu_to_be_32(0x08080000 | (flow & 0xffff)),
		.dst_addr = mapped[flow].src4};
	ip->hdr_checksum = rte_ipv4_cksum(ip);
}

static uint16_t
sport6(uint32_t flow)
{
	return rte_cpu_to_be_16((uint16_t)(1024 + (flow & 63)));
}

static void
udp6(struct rte_mbuf *m, uint32_t flow, uint16_t payload)
{
	ether(m, BENCH_LAN, RTE_BE16(RTE_ETHER_TYPE_IPV6));
	ip6(m, flow, IPPROTO_UDP, (uint16_t)(sizeof(struct rte_udp_hdr) + payload));
	udp(m, sport6(flow), RTE_BE16(443), payload);
}

static void
udp4(struct rte_mbuf *m, uint32_t flow, uint16_t payload)
{
	ether(m, BENCH_WAN, RTE_BE16(RTE_ETHER_TYPE_IPV4));
	ip4(m, flow, IPPROTO_UDP, (uint16_t)(sizeof(struct rte_udp_hdr) + payload));
	udp(m, RTE_BE16(443), mapped[flow].sport4, payload);
}

void
bench_make64(struct rte_mbuf *m, uint32_t flow)
{
	udp6(m, flow, 4);
}

void
bench_make64_new(struct rte_mbuf *m, uint32_t flow)
{
	udp6(m, setup.sessions + flow, 4);
}

static void
syn(struct rte_mbuf *m, uint16_t sport, uint16_t dport)
{
	struct rte_tcp_hdr *t = append(m, sizeof(*t));

	*t = (struct rte_tcp_hdr){.src_port = sport,
		.dst_port = dport,
		.data_off = sizeof(*t) / 4 << 4,
		.tcp_flags = RTE_TCP_SYN_FLAG,
		.rx_win = 0xffff,
		.cksum = 0x1234};
}

void
bench_make64_syn(struct rte_mbuf *m, uint32_t flow)
{
	flow += setup.sessions;
	ether(m, BENCH_LAN, RTE_BE16(RTE_ETHER_TYPE_IPV6));
	ip6(m, flow, IPPROTO_TCP, sizeof(struct rte_tcp_hdr));
	syn(m, sport6(flow), RTE_BE16(443));
}

void
bench_make46_syn(struct rte_mbuf *m, uint32_t flow)
{
	mapped[flow].src4 = rte_cpu_to_be_32(0x05060801 + flow % setup.n_pool);
	ether(m, BENCH_WAN, RTE_BE16(RTE_ETHER_TYPE_IPV4));
	ip4(m, flow, IPPROTO_TCP, sizeof(struct rte_tcp_hdr));
	syn(m, RTE_BE16(443), rte_cpu_to_be_16((uint16_t)(1024 + flow)));
}

void
bench_make46(struct rte_mbuf *m, uint32_t flow)
{
	udp4(m, flow, 18);
}

// Seven small, four middle and one large of twelve (the simple IMIX), by bursts from both sides.
void
bench_make_imix(struct rte_mbuf *m, uint32_t flow)
{
	static const uint16_t payload[12] = {4, 514, 4, 4, 514, 4, 1446, 4, 514, 4, 514, 4};
	static uint32_t n;
	uint32_t k = n++ % (2 * WORKER_BURST);

	if (k < WORKER_BURST)
		udp6(m, flow, payload[n % 12]);
	else
		udp4(m, flow, payload[n % 12]);
}

void
bench_make64_fragment(struct rte_mbuf *m, uint32_t flow)
{
	static uint32_t n, of;
	struct rte_ipv6_fragment_ext *f;
	bool last = n++ & 1;

	of = last ? of : flow;
	ether(m, BENCH_LAN, RTE_BE16(RTE_ETHER_TYPE_IPV6));
	ip6(m, of, IPPROTO_FRAGMENT, sizeof(*f) + 64);
	f = append(m, sizeof(*f));
	f->next_header = IPPROTO_UDP;
	f->reserved = 0;
	f->frag_data = last ? RTE_BE16(64) : RTE_BE16(1);
	f->id = rte_cpu_to_be_32((n - 1) >> 1);
	if (last) {
		memset(append(m, 64), 0, 64);
	} else {
		udp(m, sport6(of), RTE_BE16(443), 56);
		((struct rte_udp_hdr *)(f + 1))->dgram_len = RTE_BE16(128);
	}
}

// Destination unreachable of a router about the flow's last packet.
void
bench_make46_error(struct rte_mbuf *m, uint32_t flow)
{
	struct icmphdr *icmp;
	struct rte_ipv4_hdr *quote;
	struct rte_udp_hdr *u;

	ether(m, BENCH_WAN, RTE_BE16(RTE_ETHER_TYPE_IPV4));
	ip4(m, flow, IPPROTO_ICMP, sizeof(*icmp) + sizeof(*quote) + sizeof(*u) + 4);
	icmp = append(m, sizeof(*icmp));
	quote = append(m, sizeof(*quote));
	u = append(m, sizeof(*u) + 4);
	*icmp = (struct icmphdr){.type = ICMP_DEST_UNREACH, .code = ICMP_PORT_UNREACH};
	*quote = (struct rte_ipv4_hdr){.version_ihl = RTE_IPV4_VHL_DEF,
		.total_length = RTE_BE16(32),
		.time_to_live = 63,
		.next_proto_id = IPPROTO_UDP,
		.src_addr = mapped[flow].src4,
		.dst_addr = rte_cpu_to_be_32(0x08080000 | (flow & 0xffff))};
	quote->hdr_checksum = rte_ipv4_cksum(quote);
	*u = (struct rte_udp_hdr){mapped[flow].sport4, RTE_BE16(443), RTE_BE16(12), 0x1234};
	memset(u + 1, 0, 4);
	icmp->checksum = (uint16_t)~csum_fold(csum_partial(icmp, sizeof(*icmp) + 32));
}

// ---- start and stop

void
bench_run(unsigned int port, struct rte_mbuf **pkts, unsigned int n)
{
	pipeline_run(bench_f.gw.worker[0], &(struct rx_burst){&bench_f.gw.port[port], pkts, n}, 1);
}

// What leaves goes back to the pool.
static uint16_t
sink(struct port *p, uint16_t queue, struct rte_mbuf **m, uint16_t n)
{
	rte_pktmbuf_free_bulk(m, n);
	return n;
}

static uint16_t
learn(struct port *p, uint16_t queue, struct rte_mbuf **m, uint16_t n)
{
	for (uint16_t i = 0; i < n; i++) {
		const struct rte_ipv4_hdr *ip = rte_pktmbuf_mtod_offset(
			m[i], struct rte_ipv4_hdr *, sizeof(struct rte_ether_hdr));
		const struct rte_udp_hdr *u = (const struct rte_udp_hdr *)(ip + 1);
		uint32_t *flow = p->tx_arg;

		mapped[*flow].src4 = ip->src_addr;
		mapped[(*flow)++].sport4 = u->src_port;
	}
	return sink(p, queue, m, n);
}

// Every session is made by its first packet; the pool address and port that it got are learnt.
static void
make_sessions(void)
{
	uint32_t learnt = 0;

	bench_f.gw.port[BENCH_WAN].tx = learn;
	bench_f.gw.port[BENCH_WAN].tx_arg = &learnt;
	for (uint32_t flow = 0; flow < setup.sessions;) {
		struct rte_mbuf *m[WORKER_BURST];
		unsigned int n = setup.workers > 1 ? 1 : RTE_MIN(setup.sessions - flow, RTE_DIM(m));

		if (rte_pktmbuf_alloc_bulk(bench_f.gw.pool, m, n))
			abort();
		for (unsigned int i = 0; i < n; i++)
			bench_make64(m[i], flow++);
		bench_run(BENCH_LAN, m, n);
		if (setup.workers > 1)
			fixture_turn(&bench_f, 0);
	}
	if (learnt < setup.sessions) {
		fprintf(stderr, "bench: only %u of %u sessions could be made\n", learnt,
			setup.sessions);
		exit(1);
	}
}

void
bench_start(const struct bench_setup *s)
{
	const uint8_t mac[6] = {2, 9};
	struct config c;

	setup = *s;
	configure(&c);
	fixture_start(&bench_f, &c, 4 * BENCH_RING);
	fixture_neighbor(&bench_f, BENCH_WAN, "5.6.7.1", mac);
	fixture_neighbor(&bench_f, BENCH_LAN, "2001:db8::2", mac);
	fixture_discard(&bench_f);
	make_sessions();
	bench_f.gw.port[BENCH_WAN].tx = bench_f.gw.port[BENCH_LAN].tx = sink;
}

void
bench_stop(void)
{
	fixture_turn(&bench_f, 5000); // fragments that wait
	if (fixture_stop(&bench_f)) {
		fprintf(stderr, "bench: packet buffers are missing\n");
		exit(1);
	}
}
