// SPDX-License-Identifier: BSD-3-Clause
// The tester's program (wire.h). wire.sh calls it:
//   wire_tester --inside DEVICE --outside DEVICE [--cpu N] [--name TEXT] [--dut TEXT] [--mirror]
//     [--sessions N] [--frame BYTES] [--seconds S] [--repeat N] [--rate-first FPS]
//   wire_tester --check ...       only whether sessions are made and frames come back, both ways
//   wire_tester --forward --inside DEVICE --outside DEVICE [--cpu N]      the mirror itself
// It says "done" and stays until a signal ends it, for the other end of a memif has to leave first:
// DPDK (22.11) frees the rings when the peer is gone, also under a thread that polls them.
// DEVICE is a DPDK --vdev. Lines, rates in thousand frames a second, both directions together:
//   bench <name> dut=<dut> sessions=<n> frame=<bytes> loss=<percent> kpps=<median> min=<x> max=<x>
//         behind=<n>
//   bench <name> dut=<dut> ... load=<percent of the loss-free rate> us_p50= us_p99= us_p999=
//   us_max=
//         pdv_us=
#include "wire.h"

#include <getopt.h>
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MBUFS      16384
#define REPEAT_MAX 99
#define TRIES      3 // a rate has failed when so many trials lost frames
#define CLIMBS     4 // at most
#define STEPS      7 // of the search between the last rate that passed and the first that failed
#define RATE_MAX   2e8
#define LINK_S     5 // for a link to come up, then twice as long
#define LINK_MAX_S 40

static struct {
	const char *device[WIRE_SIDES], *name, *dut;
	unsigned int cpu, sessions, frame, repeat;
	double seconds, first;
	bool mirror, forward, check;
} opt = {.name = "wire",
	.dut = "gate64",
	.sessions = 1000,
	.frame = WIRE_FRAME_MIN,
	.repeat = 3,
	.seconds = 2,
	.first = 10000};

static struct wire wire;

static void __attribute__((noreturn)) die(const char *what, const char *why)
{
	fprintf(stderr, "wire_tester: %s: %s\n", what, why);
	exit(1);
}

// ---- options

static double
number(const char *option, const char *text, double min, double max)
{
	char *end, range[64];
	double v = strtod(text, &end);

	snprintf(range, sizeof(range), "allowed: %.10g to %.10g", min, max);
	if (*end || end == text || v < min || v > max)
		die(option, range);
	return v;
}

static void
parse_options(int argc, char **argv)
{
	static const struct option longopts[] = {{"inside", required_argument, NULL, 'i'},
		{"outside", required_argument, NULL, 'o'}, {"cpu", required_argument, NULL, 'c'},
		{"name", required_argument, NULL, 'n'}, {"dut", required_argument, NULL, 'd'},
		{"sessions", required_argument, NULL, 's'}, {"frame", required_argument, NULL, 'l'},
		{"seconds", required_argument, NULL, 't'}, {"repeat", required_argument, NULL, 'r'},
		{"rate-first", required_argument, NULL, 'f'}, {"mirror", no_argument, NULL, 'm'},
		{"forward", no_argument, NULL, 'F'}, {"check", no_argument, NULL, 'C'}, {0}};
	int o;

	while ((o = getopt_long(argc, argv, "", longopts, NULL)) != -1) {
		switch (o) {
		case 'i':
			opt.device[WIRE_INSIDE] = optarg;
			break;
		case 'o':
			opt.device[WIRE_OUTSIDE] = optarg;
			break;
		case 'c':
			opt.cpu = (unsigned int)number("--cpu", optarg, 0, 1023);
			break;
		case 'n':
			opt.name = optarg;
			break;
		case 'd':
			opt.dut = optarg;
			break;
		case 's':
			opt.sessions =
				(unsigned int)number("--sessions", optarg, 1, WIRE_FLOWS_MAX);
			break;
		case 'l':
			opt.frame = (unsigned int)number(
				"--frame", optarg, WIRE_FRAME_MIN, WIRE_FRAME_MAX);
			break;
		case 't':
			opt.seconds = number("--seconds", optarg, 0.1, 3600);
			break;
		case 'r':
			opt.repeat = (unsigned int)number("--repeat", optarg, 1, REPEAT_MAX);
			break;
		case 'f':
			opt.first = number("--rate-first", optarg, 100, RATE_MAX);
			break;
		case 'm':
			opt.mirror = true;
			break;
		case 'F':
			opt.forward = true;
			break;
		case 'C':
			opt.check = true;
			break;
		default:
			exit(2);
		}
	}
	if (!opt.device[WIRE_INSIDE] || !opt.device[WIRE_OUTSIDE] || optind != argc)
		die("usage", "--inside DEVICE --outside DEVICE are needed");
}

// ---- DPDK

// Ordinary pages: what is in flight is little, and hugepages are for the device under test.
static void
start_eal(void)
{
	char lcores[32], inside[512], outside[512];
	char *argv[] = {"wire_tester", lcores, inside, outside, "--no-pci", "--no-telemetry",
		"--log-level=lib.*:error", "--log-level=pmd.*:error", "--no-huge", "--no-shconf",
		"-m96", NULL};

	snprintf(lcores, sizeof(lcores), "--lcores=0@%u", opt.cpu);
	snprintf(inside, sizeof(inside), "--vdev=%s", opt.device[WIRE_INSIDE]);
	snprintf(outside, sizeof(outside), "--vdev=%s", opt.device[WIRE_OUTSIDE]);
	if (rte_eal_init(11, argv) < 0)
		die("EAL", rte_strerror(rte_errno));
	wire.pool = rte_pktmbuf_pool_create(
		"wire", MBUFS, 512, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	if (!wire.pool)
		die("packet buffers", rte_strerror(rte_errno));
}

static void
open_port(enum wire_side side)
{
	const struct rte_eth_conf conf = {0};
	uint16_t rxd = 1024, txd = 1024, *port = &wire.port[side];
	char name[RTE_ETH_NAME_MAX_LEN];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(opt.device[side], ","), opt.device[side]);
	if (rte_eth_dev_get_port_by_name(name, port) || rte_eth_dev_configure(*port, 1, 1, &conf) ||
		rte_eth_dev_adjust_nb_rx_tx_desc(*port, &rxd, &txd) ||
		rte_eth_rx_queue_setup(*port, 0, rxd, 0, NULL, wire.pool) ||
		rte_eth_tx_queue_setup(*port, 0, txd, 0, NULL) ||
		rte_eth_macaddr_get(*port, &wire.mac[side]) || rte_eth_dev_start(*port))
		die(name, "the port does not start");
	// frames to a group, and to whom the neighbour says we are
	rte_eth_promiscuous_enable(*port);
}

static bool
link_comes_up(enum wire_side side, unsigned int seconds)
{
	struct rte_eth_link link = {0};

	for (unsigned int i = 0; i < seconds * 100; i++) {
		rte_eth_link_get_nowait(wire.port[side], &link);
		if (link.link_status == RTE_ETH_LINK_UP)
			return true;
		rte_delay_us_sleep(10000);
	}
	return false;
}

// memif: until the other end is there. Who was turned away is never told, so the end that began
// tries anew; not soon, as the handshake goes to and fro six times between threads that may have to
// wait for a CPU each time.
static void
wait_for_link(enum wire_side side)
{
	for (unsigned int seconds = LINK_S; seconds <= LINK_MAX_S; seconds *= 2) {
		if (link_comes_up(side, seconds))
			return;
		if (opt.forward)
			continue;
		rte_eth_dev_stop(wire.port[side]);
		rte_eth_dev_start(wire.port[side]);
	}
	die(opt.device[side], "the link stays down");
}

// ---- the search

static bool
passes(double rate, double seconds, double loss, struct wire_result *r)
{
	for (unsigned int i = 0; i < TRIES; i++) {
		*r = wire_trial(&wire, rate, seconds);
		if (!r->behind && (double)(r->sent - r->received) <= loss / 100 * (double)r->sent)
			return true;
	}
	return false;
}

struct found {
	double rate;
	bool behind; // the tester was the limit
};

// Doubles *low until a rate fails, then halves the rest.
static void
climb(double *low, double high, double loss, struct found *f)
{
	const double step_s = RTE_MIN(0.2, opt.seconds);
	struct wire_result r = {0};

	while (high < RATE_MAX && passes(high, step_s, loss, &r)) {
		*low = high;
		high *= 2;
	}
	f->behind = r.behind;
	for (unsigned int i = 0; i < STEPS; i++) {
		double middle = (*low + high) / 2;

		if (passes(middle, step_s, loss, &r)) {
			*low = middle;
		} else {
			high = middle;
			f->behind = r.behind;
		}
	}
}

// The highest rate with no more loss than that: on a busy machine a rate may have failed for
// nothing, so it climbs again while the double passes. Then a trial of full length, which lowers
// the rate until it passes.
static struct found
search(double loss)
{
	const double step_s = RTE_MIN(0.2, opt.seconds);
	struct wire_result r;
	struct found f = {0};
	double low = 0, from = opt.first;

	for (unsigned int i = 0; i < CLIMBS; i++) {
		climb(&low, from, loss, &f);
		from = RTE_MAX(2 * low, opt.first);
		if (!passes(from, step_s, loss, &r))
			break;
		low = from;
		from *= 2;
	}
	for (unsigned int i = 0; i < 6 && low > 0; i++, low *= 0.8, f.behind = false) {
		if (passes(low, opt.seconds, loss, &r)) {
			f.rate = r.offered;
			return f;
		}
	}
	return f;
}

// ---- output

static int
by_value(const void *a, const void *b)
{
	double d = *(const double *)a - *(const double *)b;

	return d < 0 ? -1 : d > 0;
}

static void
print_begin(void)
{
	printf("bench %s dut=%s sessions=%u frame=%u", opt.name, opt.dut, opt.sessions, opt.frame);
}

static double
throughput(double loss)
{
	double rate[REPEAT_MAX];
	unsigned int behind = 0;

	for (unsigned int i = 0; i < opt.repeat; i++) {
		struct found f = search(loss);

		rate[i] = f.rate / 1e3;
		behind += f.behind;
	}
	qsort(rate, opt.repeat, sizeof(rate[0]), by_value);
	print_begin();
	printf(" loss=%.10g kpps=%.1f min=%.1f max=%.1f behind=%u\n", loss, rate[opt.repeat / 2],
		rate[0], rate[opt.repeat - 1], behind);
	fflush(stdout);
	return rate[opt.repeat / 2] * 1e3;
}

static int
by_median(const void *a, const void *b)
{
	const struct wire_result *x = a, *y = b;

	return by_value(&x->p50_us, &y->p50_us);
}

// Of the repetitions the one in the middle by its median.
static void
latency(double rate, unsigned int percent)
{
	static struct wire_result r[REPEAT_MAX];
	const struct wire_result *m = &r[opt.repeat / 2];

	for (unsigned int i = 0; i < opt.repeat; i++)
		r[i] = wire_trial(&wire, rate * percent / 100, opt.seconds);
	qsort(r, opt.repeat, sizeof(r[0]), by_median);
	print_begin();
	printf(" load=%u kpps=%.1f us_p50=%.1f us_p99=%.1f us_p999=%.1f us_max=%.1f pdv_us=%.1f "
	       "lost=%lu\n",
		percent, m->offered / 1e3, m->p50_us, m->p99_us, m->p999_us, m->max_us,
		m->p999_us - m->min_us, (unsigned long)(m->sent - m->received));
	fflush(stdout);
}

// ---- main

// Each flow once before any comes again, and neighbours far apart.
static uint32_t
stride_for(uint32_t n)
{
	for (uint32_t s = n - n * 3ull / 8; s > 1; s--) {
		uint32_t a = n, b = s;

		while (b) {
			uint32_t rest = a % b;

			a = b;
			b = rest;
		}
		if (a == 1)
			return s;
	}
	return 1;
}

static void
prepare(void)
{
	wire.n_flow = opt.sessions;
	wire.stride = stride_for(wire.n_flow);
	wire.payload = opt.frame - WIRE_FRAME_MIN + 18;
	wire.mirror = opt.mirror;
	wire.flow = calloc(wire.n_flow, sizeof(*wire.flow));
	if (!wire.flow)
		die("memory", "too many sessions");
	if (!wire_resolve(&wire, 20))
		die(opt.dut, "does not answer ARP or ND");
	if (!wire.mirror && wire_learn(&wire, 20000) < wire.n_flow) {
		fprintf(stderr, "wire_tester: %s: %u of %u sessions were made\n", opt.dut,
			wire.n_learnt, wire.n_flow);
		exit(1);
	}
}

static void
wait_for_signal(void)
{
	sigset_t set;
	int sig;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	puts("done");
	fflush(stdout);
	sigwait(&set, &sig);
}

static void
measure(void)
{
	static const unsigned int load[] = {10, 50, 90};
	double free_of_loss = throughput(0), rate = throughput(0.1);

	for (unsigned int i = 0; i < RTE_DIM(load); i++)
		latency(free_of_loss > 0 ? free_of_loss : rate, load[i]);
}

// Slow enough for any machine; the half may be lost on one that is busy.
static void
check(void)
{
	const struct wire_result r = wire_trial(&wire, 1000, 1);

	if (r.received < r.sent / 2)
		die(opt.dut, "frames do not come back");
	printf("ok: %u sessions, frames come back\n", wire.n_learnt);
}

int
main(int argc, char **argv)
{
	parse_options(argc, argv);
	start_eal();
	for (enum wire_side side = 0; side < WIRE_SIDES; side++)
		open_port(side);
	if (opt.forward) {
		puts("ready"); // memif: whoever connects before is turned away for good
		fflush(stdout);
	}
	for (enum wire_side side = 0; side < WIRE_SIDES; side++)
		wait_for_link(side);
	if (opt.forward) {
		wire_mirror(&wire);
	} else {
		prepare();
		if (opt.check)
			check();
		else
			measure();
		wait_for_signal();
	}
	for (enum wire_side side = 0; side < WIRE_SIDES; side++) {
		rte_eth_dev_stop(wire.port[side]);
		rte_eth_dev_close(wire.port[side]);
	}
	rte_eal_cleanup();
	return 0;
}
