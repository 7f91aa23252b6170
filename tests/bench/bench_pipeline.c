// SPDX-License-Identifier: BSD-3-Clause
// The pipeline in memory: mbufs from a pool in, mbufs out, no NIC. Beside it, on the same frames in
// the same run, a plain MAC-swap forward. One line a case:
//   bench <name> sessions=<n> mpps=<x> cycles=<y> vs_forward=<ratio>
// mpps and cycles are the median of the repetitions, vs_forward the median of the ratios of the
// pairs.
#include "app/pipeline.h"
#include "app/state_file.h"
#include "common/fixture.h"

#include <rte_cycles.h>
#include <rte_ip.h>
#include <rte_tcp.h>
#include <rte_udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define LAN          0
#define WAN          1
#define BURST        WORKER_BURST
#define RING         4096 // frames in flight: headers come from cache, as after DMA
#define REPEATS      9
#define MAX_SESSIONS (1000000 + RING)
#define NEW_REPEATS  5
#define NEW_SESSIONS (64 * RING)

static struct fixture f;
static uint32_t order[MAX_SESSIONS]; // random order of the flows
static struct {
	rte_be32_t src4;
	rte_be16_t sport4;
} mapped[MAX_SESSIONS];

struct bench_case {
	const char *name;
	unsigned int in_port;
	void (*make)(struct rte_mbuf *m, uint32_t flow);
};

// ---- the gateway

static void
configure(struct config *c, uint32_t sessions)
{
	memset(c, 0, sizeof(*c));
	c->n_port = 2;
	c->port[LAN] =
		(struct config_port){.name = "lan", .role = PORT_LAN, .mtu = 1500, .n_addr6 = 1};
	c->port[LAN].addr6[0].addr =
		(struct in6_addr){.s6_addr = {0x20, 0x01, 0x0d, 0xb8, [15] = 1}};
	c->port[LAN].addr6[0].len = 64;
	c->port[WAN] =
		(struct config_port){.name = "wan", .role = PORT_WAN, .mtu = 1500, .n_addr4 = 1};
	c->port[WAN].addr4[0] = (struct prefix4){{RTE_BE32(0x05060702)}, 24};
	c->port[WAN].has_gateway4 = true;
	c->port[WAN].gateway4.s_addr = RTE_BE32(0x05060701);
	c->nat64.n_prefix = 1;
	pref64_init(&c->nat64.prefix[0],
		&(struct prefix6){.addr.s6_addr = {0, 0x64, 0xff, 0x9b}, .len = 96});
	c->nat64.n_pool4 = 1;
	c->nat64.pool4[0] =
		(struct config_pool4){{RTE_BE32(0x05060740)}, {RTE_BE32(0x0506077f)}, 1, 65535};
	c->nat64.timeout[TIMEOUT_UDP] = 3600;
	c->nat64.timeout[TIMEOUT_ICMP] = 60;
	c->nat64.timeout[TIMEOUT_TCP_TRANSITORY] = 240;
	c->nat64.timeout[TIMEOUT_TCP_ESTABLISHED] = 7200;
	c->nat64.max_sessions = sessions + 1024;
	c->nat64.max_bib = sessions + 1024;
	c->nat64.lowest_ipv6_mtu = 1280;
	c->nat64.quota.subscriber_len = 64;
	c->nat64.icmp_error_rate = 100;
	// the clients are behind a router of the LAN
	c->n_route = 1;
	c->route[0].dst = (struct prefix6){{.s6_addr = {0x20, 0x01, 0x0d, 0xb8, 0x10}}, 36};
	c->route[0].via = (struct in6_addr){.s6_addr = {0x20, 0x01, 0x0d, 0xb8, [15] = 2}};
	c->route[0].port = LAN;
	c->memory.neighbors = 64;
	c->memory.neighbor_queue = 8;
}

// ---- frames

static void
ether(struct rte_mbuf *m, unsigned int port, rte_be16_t type)
{
	struct rte_ether_hdr *eth = (struct rte_ether_hdr *)rte_pktmbuf_append(m, sizeof(*eth));

	eth->dst_addr = f.gw.port[port].mac;
	eth->src_addr = (struct rte_ether_addr){.addr_bytes = {2, 9, [5] = (uint8_t)port}};
	eth->ether_type = type;
}

static void
udp(struct rte_mbuf *m, uint16_t sport, uint16_t dport)
{
	struct rte_udp_hdr *u = (struct rte_udp_hdr *)rte_pktmbuf_append(m, sizeof(*u) + 4);

	*u = (struct rte_udp_hdr){sport, dport, RTE_BE16(sizeof(*u) + 4), 0x1234};
}

static void
syn(struct rte_mbuf *m, uint16_t sport, uint16_t dport)
{
	struct rte_tcp_hdr *t = (struct rte_tcp_hdr *)rte_pktmbuf_append(m, sizeof(*t));

	*t = (struct rte_tcp_hdr){.src_port = sport,
		.dst_port = dport,
		.data_off = sizeof(*t) / 4 << 4,
		.tcp_flags = RTE_TCP_SYN_FLAG,
		.rx_win = 0xffff,
		.cksum = 0x1234};
}

// Flow i: 64 ports of each client, each to one of 65536 servers.
static void
make6(struct rte_mbuf *m, uint32_t flow, uint8_t proto, uint16_t len)
{
	struct rte_ipv6_hdr *ip;

	ether(m, LAN, RTE_BE16(RTE_ETHER_TYPE_IPV6));
	ip = (struct rte_ipv6_hdr *)rte_pktmbuf_append(m, sizeof(*ip));
	*ip = (struct rte_ipv6_hdr){.vtc_flow = RTE_BE32(6u << 28),
		.payload_len = rte_cpu_to_be_16(len),
		.proto = proto,
		.hop_limits = 64};
	memcpy(&ip->src_addr,
		&(struct in6_addr){
			.s6_addr = {0x20, 0x01, 0x0d, 0xb8, 0x10, [13] = (uint8_t)(flow >> 14),
				(uint8_t)(flow >> 6), 9}},
		sizeof(ip->src_addr));
	memcpy(&ip->dst_addr,
		&(struct in6_addr){.s6_addr = {0, 0x64, 0xff, 0x9b, [12] = 8, 8,
					   (uint8_t)(flow >> 8), (uint8_t)flow}},
		sizeof(ip->dst_addr));
}

static uint16_t
sport6(uint32_t flow)
{
	return rte_cpu_to_be_16((uint16_t)(1024 + (flow & 63)));
}

static void
make64(struct rte_mbuf *m, uint32_t flow)
{
	make6(m, flow, IPPROTO_UDP, 12);
	udp(m, sport6(flow), RTE_BE16(443));
}

static void
make64_syn(struct rte_mbuf *m, uint32_t flow)
{
	make6(m, flow, IPPROTO_TCP, sizeof(struct rte_tcp_hdr));
	syn(m, sport6(flow), RTE_BE16(443));
}

static void
make46(struct rte_mbuf *m, uint32_t flow)
{
	struct rte_ipv4_hdr *ip;

	ether(m, WAN, RTE_BE16(RTE_ETHER_TYPE_IPV4));
	ip = (struct rte_ipv4_hdr *)rte_pktmbuf_append(m, sizeof(*ip));
	*ip = (struct rte_ipv4_hdr){.version_ihl = RTE_IPV4_VHL_DEF,
		.total_length = RTE_BE16(20 + 12),
		.time_to_live = 57,
		.next_proto_id = IPPROTO_UDP,
		.src_addr = rte_cpu_to_be_32(0x08080000 | (flow & 0xffff)),
		.dst_addr = mapped[flow].src4};
	ip->hdr_checksum = rte_ipv4_cksum(ip);
	udp(m, RTE_BE16(443), mapped[flow].sport4);
}

// ---- sinks: what leaves goes back to the pool

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

// ---- measuring

static void
forward(struct worker *w, struct port *port, struct rte_mbuf **pkts, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		struct rte_ether_hdr *eth = rte_pktmbuf_mtod(pkts[i], struct rte_ether_hdr *);
		struct rte_ether_addr a = eth->dst_addr;

		eth->dst_addr = eth->src_addr;
		eth->src_addr = a;
	}
	port->tx(port, 0, pkts, (uint16_t)n);
}

// Cycles a packet of run over count packets. Making the frames is not counted.
static double
measure(const struct bench_case *bc, uint32_t sessions, uint32_t count, uint32_t *at,
	void (*run)(struct worker *, struct port *, struct rte_mbuf **, unsigned int))
{
	static struct rte_mbuf *pkts[RING];
	uint64_t cycles = 0;

	for (uint32_t done = 0; done < count; done += RING) {
		uint64_t t;

		if (rte_pktmbuf_alloc_bulk(f.gw.pool, pkts, RING))
			abort();
		for (unsigned int i = 0; i < RING; i++) {
			bc->make(pkts[i], order[*at]);
			*at = *at + 1 == sessions ? 0 : *at + 1;
		}
		t = rte_rdtsc_precise();
		for (unsigned int i = 0; i < RING; i += BURST)
			run(f.gw.worker[0], &f.gw.port[bc->in_port], pkts + i, BURST);
		cycles += rte_rdtsc_precise() - t;
	}
	return (double)cycles / RTE_ALIGN_CEIL(count, RING);
}

static int
by_value(const void *a, const void *b)
{
	double d = *(const double *)a - *(const double *)b;

	return d < 0 ? -1 : d > 0;
}

static void
shuffle(uint32_t n)
{
	struct rand_pool r = {.left = 0};

	for (uint32_t i = 0; i < n; i++)
		order[i] = i;
	for (uint32_t i = n - 1; i > 0; i--) {
		uint32_t j = rand_below(&r, i + 1), t = order[i];

		order[i] = order[j];
		order[j] = t;
	}
}

static void
report(const char *name, uint32_t sessions, double *nat, double *ratio, unsigned int n)
{
	qsort(nat, n, sizeof(*nat), by_value);
	qsort(ratio, n, sizeof(*ratio), by_value);
	printf("bench %s sessions=%u mpps=%.2f cycles=%.0f vs_forward=%.2f min=%.0f max=%.0f\n",
		name, sessions, (double)rte_get_tsc_hz() / nat[n / 2] / 1e6, nat[n / 2],
		ratio[n / 2], nat[0], nat[n - 1]);
	fflush(stdout);
}

static void
run_case(const struct bench_case *bc, uint32_t sessions, uint32_t count)
{
	double nat[REPEATS], ratio[REPEATS];
	uint32_t at = 0;

	shuffle(sessions);
	measure(bc, sessions, RTE_MAX(count, sessions), &at, pipeline_run); // warm
	for (unsigned int i = 0; i < REPEATS; i++) {
		double fwd = measure(bc, sessions, count, &at, forward);

		nat[i] = measure(bc, sessions, count, &at, pipeline_run);
		ratio[i] = nat[i] / fwd;
	}
	report(bc->name, sessions, nat, ratio, REPEATS);
}

// Every session is made by its first packet; the pool address and port that it got are learnt.
static void
make_sessions(uint32_t n)
{
	const struct bench_case make = {"make", LAN, make64};
	uint32_t flow = 0, at = 0;

	for (uint32_t i = 0; i < n; i++)
		order[i] = i;
	f.gw.port[WAN].tx = learn;
	f.gw.port[WAN].tx_arg = &flow;
	measure(&make, n, n, &at, pipeline_run);
	f.gw.port[WAN].tx = f.gw.port[LAN].tx = sink;
	if (flow < n) {
		fprintf(stderr, "bench: only %u of %u sessions could be made\n", flow, n);
		exit(1);
	}
}

static void
start(uint32_t sessions)
{
	const uint8_t mac[6] = {2, 9};
	struct config c;

	configure(&c, sessions);
	fixture_start(&f, &c, 4 * RING);
	fixture_neighbor(&f, WAN, "5.6.7.1", mac);
	fixture_neighbor(&f, LAN, "2001:db8::2", mac);
	fixture_discard(&f);
}

static void
stop(void)
{
	if (fixture_stop(&f)) {
		fprintf(stderr, "bench: packet buffers are missing\n");
		exit(1);
	}
}

static void
bench_sessions(uint32_t sessions, uint32_t count)
{
	static const struct bench_case cases[] = {
		{"6to4_udp64", LAN, make64},
		{"4to6_udp64", WAN, make46},
	};

	start(sessions);
	make_sessions(sessions);
	for (unsigned int i = 0; i < RTE_DIM(cases); i++)
		run_case(&cases[i], sessions, count);
	stop();
}

static void
end_session(void *arg, struct session *s)
{
	state_end(arg, s);
}

// Every packet makes a binding and a session. Ending them is not counted.
static void
run_new(const struct bench_case *bc)
{
	double nat[NEW_REPEATS], ratio[NEW_REPEATS];
	struct state *st = f.gw.worker[0]->state;

	shuffle(NEW_SESSIONS);
	for (unsigned int i = 0; i < NEW_REPEATS; i++) {
		uint32_t at = 0, cursor = 0;
		double fwd = measure(bc, NEW_SESSIONS, NEW_SESSIONS, &at, forward);

		nat[i] = measure(bc, NEW_SESSIONS, NEW_SESSIONS, &at, pipeline_run);
		ratio[i] = nat[i] / fwd;
		if (fixture_stats(&f).xlat64 != (i + 1) * NEW_SESSIONS) {
			fprintf(stderr, "bench: not every session could be made\n");
			exit(1);
		}
		while (state_walk_sessions(st, &cursor, 1024, end_session, st))
			;
	}
	report(bc->name, NEW_SESSIONS, nat, ratio, NEW_REPEATS);
}

static void
bench_new(void)
{
	static const struct bench_case cases[] = {
		{"new_udp", LAN, make64},
		{"new_tcp_syn", LAN, make64_syn},
	};

	for (unsigned int i = 0; i < RTE_DIM(cases); i++) {
		start(NEW_SESSIONS);
		f.gw.port[WAN].tx = f.gw.port[LAN].tx = sink;
		run_new(&cases[i]);
		stop();
	}
}

// What a restart takes: a million sessions to the disk and back. The processor's time is told too,
// since the other may hang on the disk.
struct bench_time {
	uint64_t tsc;
	clock_t cpu;
};

static struct bench_time
bench_time_now(void)
{
	return (struct bench_time){rte_rdtsc(), clock()};
}

static void
print_time_since(const char *what, const struct bench_time *start)
{
	const struct bench_time now = bench_time_now();

	printf(" %s_ms=%.0f %s_cpu_ms=%.0f", what,
		(double)(now.tsc - start->tsc) * 1e3 / (double)rte_get_tsc_hz(), what,
		(double)(now.cpu - start->cpu) * 1e3 / CLOCKS_PER_SEC);
}

static void
bench_restart(uint32_t sessions)
{
	struct config *c = &f.gw.boot;
	char path[] = "/tmp/gate64-bench-XXXXXX";
	struct snapshot_times now;
	struct bench_time t;
	int fd = mkstemp(path);

	if (fd < 0)
		abort();
	close(fd);
	start(sessions);
	make_sessions(sessions);
	now = (struct snapshot_times){.now_sec = (uint32_t)(f.now_ns / 1000000000)};
	snprintf(c->state_file, sizeof(c->state_file), "%s", path);
	t = bench_time_now();
	state_file_save(&f.gw, &now);
	printf("bench restart sessions=%u", sessions);
	print_time_since("save", &t);
	stop();
	start(sessions);
	snprintf(c->state_file, sizeof(c->state_file), "%s", path);
	puts("");
	t = bench_time_now();
	state_file_read(&f.gw, &now);
	state_file_restore(&f.gw, &now);
	printf("bench restart sessions=%lu", (unsigned long)f.gw.restart->report.sessions);
	print_time_since("restore", &t);
	puts("");
	stop();
	unlink(path);
}

static bool
has_option(int argc, char **argv, const char *name)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], name) == 0)
			return true;
	return false;
}

int
main(int argc, char **argv)
{
	static const uint32_t sessions[] = {1, 10000, 100000, 1000000};
	uint32_t count = (has_option(argc, argv, "--quick") ? 64 : 512) * RING;
	bool new = has_option(argc, argv, "--new"), restart = has_option(argc, argv, "--restart");

	if (has_option(argc, argv, "--hugepages"))
		fixture_eal_hugepages();
	else
		fixture_eal(2048);
	for (unsigned int i = 0; i < RTE_DIM(sessions) && !new && !restart; i++)
		bench_sessions(sessions[i], count);
	if (!restart)
		bench_new();
	if (!new)
		bench_restart(1000000);
	return 0;
}
