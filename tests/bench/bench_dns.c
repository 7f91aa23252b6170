// SPDX-License-Identifier: BSD-3-Clause
// DNS64 in memory: UDP payloads in, UDP payloads out, no NIC and no ring. One line a case:
//   bench <name> names=<n> maps=<x> min=<x> max=<x> cycles=<y>
// maps: million answers a second of the thread's own time, the median of the repetitions, and their
// extremes; cycles: of the time stamp counter, for one answer. Every query carries an OPT, and the
// names come in random order.
#include "dns_reply.h"
#include "common/dns_setup.h"
#include "dns64/edns.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <x86intrin.h>

#define MAX_NAMES 100000
#define QUERIES   200000 // of one repetition
#define BURST     32
#define REPEATS   9
#define QUERY_LEN 64
#define START_MS  1000000

static struct {
	struct dns64 *d;
	enum dns_kind kind;
	uint64_t answers, upstream, sum; // sum: of the answer records and codes, to check
	struct dns64_datagram query;     // the one that went upstream last
	uint8_t data[QUERY_LEN + 64];
	bool asked;
} b;

static uint8_t query[MAX_NAMES][QUERY_LEN];
static uint16_t query_len[MAX_NAMES];
static uint32_t order[QUERIES];
static uint8_t sent[QUERIES][QUERY_LEN]; // in that order: what arrives is in the CPU's cache

static void
die(const char *what)
{
	fprintf(stderr, "bench_dns: %s\n", what);
	exit(1);
}

// ---- the other side

static void
on_send(void *ctx, const struct dns64_datagram *d)
{
	if (d->sport == DNS64_PORT) {
		b.answers++;
		b.sum += wire_u16(d->data + DNS_ANCOUNT) + (d->data[3] & 0xfu);
		return;
	}
	if (d->len > sizeof(b.data))
		die("a long query upstream");
	b.upstream++;
	b.query = *d;
	memcpy(b.data, d->data, d->len);
	b.asked = true;
}

static void
reply(void)
{
	uint8_t out[DNS_REPLY_MAX];
	struct dns64_datagram in = dns_setup_back(
		&b.query, out, (uint16_t)dns_reply(b.data, b.query.len, b.kind, out));

	b.asked = false;
	dns64_input(b.d, &in, START_MS);
}

// ---- the clients

static void
make_query(uint32_t i)
{
	uint8_t *q = query[i];
	struct wire_out o;
	struct name n;
	char text[32];

	snprintf(text, sizeof(text),
		"\x08n%07u\x07"
		"example\x03net",
		i);
	name_set(&n, text);
	wire_begin(&o, q, QUERY_LEN, &n, DNS_AAAA, DNS_IN);
	memset(q, 0, DNS_HEADER_LEN);
	wire_set16(q, (uint16_t)i);
	wire_set16(q + 2, DNS_RD);
	wire_set16(q + DNS_QDCOUNT, 1);
	wire_set16(q + DNS_ARCOUNT, 1);
	edns_write(q + o.len, 1232, 0, false);
	query_len[i] = (uint16_t)(o.len + EDNS_OPT_LEN);
}

static struct dns64_datagram
from_client(uint32_t i, const uint8_t *data)
{
	return (struct dns64_datagram){
		.src = {.s6_addr = {0x20, 1, 0xd, 0xb8, 0, 1, [14] = (uint8_t)(i >> 8),
				(uint8_t)i}},
		.dst = {.s6_addr = {0x20, 1, 0xd, 0xb8, 0, 1, [15] = 1}},
		.sport = (uint16_t)(1024 + (i & 0x3fff)),
		.dport = DNS64_PORT,
		.data = data,
		.len = query_len[i],
	};
}

static void
ask_burst(uint32_t first)
{
	struct dns64_datagram in[BURST];

	for (uint32_t i = 0; i < BURST; i++)
		in[i] = from_client(order[first + i], sent[first + i]);
	dns64_input_burst(b.d, in, BURST, START_MS + 1000);
}

static void
ask_and_reply(uint32_t i)
{
	struct dns64_datagram in = from_client(i, query[i]);

	dns64_input(b.d, &in, START_MS);
	while (b.asked)
		reply();
}

// ---- cases

static void
create(enum dns_kind kind, uint32_t names)
{
	struct config_nat64 nat64 = {.n_prefix = 0};
	struct config_dns64 c;
	struct dns64_params p = {.dns64 = &c,
		.nat64 = &nat64,
		.source4 = dns_setup_address(DNS_SETUP_SOURCE4),
		.send = on_send};
	struct err err = {{0}};

	dns_setup_init(&c);
	c.n_upstream = 1;
	c.cache_entries = 4 * names;
	c.max_pending = 64;
	dns_setup_prefix(&nat64, "64:ff9b::/96");
	memset(&b, 0, sizeof(b));
	b.kind = kind;
	b.d = dns64_create(&p, &err);
	if (!b.d)
		die(err.text);
}

static void
shuffle(uint32_t names)
{
	uint64_t x = 88172645463325252u;

	for (uint32_t i = 0; i < QUERIES; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		order[i] = (uint32_t)(x >> 32) % names;
		memcpy(sent[i], query[order[i]], QUERY_LEN);
	}
}

static double
own_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static double
cycles_per_ns(void)
{
	struct timespec a, z;
	uint64_t t = __rdtsc();

	clock_gettime(CLOCK_MONOTONIC, &a);
	do
		clock_gettime(CLOCK_MONOTONIC, &z);
	while ((z.tv_sec - a.tv_sec) * 1000000000 + z.tv_nsec - a.tv_nsec < 50000000);
	return (double)(__rdtsc() - t) /
	       (double)((z.tv_sec - a.tv_sec) * 1000000000 + z.tv_nsec - a.tv_nsec);
}

static int
compare(const void *x, const void *y)
{
	double a = *(const double *)x, c = *(const double *)y;

	return (a > c) - (a < c);
}

static void
print_case(const char *name, uint32_t names, double *ns)
{
	qsort(ns, REPEATS, sizeof(ns[0]), compare);
	printf("bench %s names=%u maps=%.2f min=%.2f max=%.2f cycles=%.0f\n", name, names,
		1e3 / ns[REPEATS / 2], 1e3 / ns[REPEATS - 1], 1e3 / ns[0],
		ns[REPEATS / 2] * cycles_per_ns());
	fflush(stdout);
}

// expect: what each answer adds to the sum.
static void
cached(const char *name, enum dns_kind kind, uint32_t names, uint64_t expect)
{
	double ns[REPEATS];
	uint64_t upstream;

	create(kind, names);
	shuffle(names);
	for (uint32_t i = 0; i < names; i++)
		ask_and_reply(i);
	upstream = b.upstream;
	for (int r = 0; r < REPEATS; r++) {
		b.answers = b.sum = 0;
		ns[r] = own_ns();
		for (uint32_t i = 0; i < QUERIES; i += BURST)
			ask_burst(i);
		ns[r] = (own_ns() - ns[r]) / QUERIES;
		if (b.answers != QUERIES || b.sum != expect * QUERIES || b.upstream != upstream)
			die("answers are missing, wrong or not from the cache");
	}
	print_case(name, names, ns);
	dns64_free(b.d);
}

// Each name once after a clear: two questions upstream and their answers, then the client's.
static void
uncached(const char *name, enum dns_kind kind, uint32_t names, uint64_t expect)
{
	double ns[REPEATS];

	create(kind, names);
	for (int r = 0; r < REPEATS; r++) {
		dns64_clear_cache(b.d);
		b.answers = b.sum = 0;
		ns[r] = own_ns();
		for (uint32_t i = 0; i < names; i++)
			ask_and_reply(i);
		ns[r] = (own_ns() - ns[r]) / names;
		if (b.answers != names || b.sum != expect * names)
			die("answers are missing or wrong");
	}
	print_case(name, names, ns);
	dns64_free(b.d);
}

int
main(void)
{
	static const uint32_t names[] = {1, 10000, MAX_NAMES};

	for (uint32_t i = 0; i < MAX_NAMES; i++)
		make_query(i);
	for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		cached("dns_cached", KIND_REAL, names[i], 1);
		cached("dns_synthesised", KIND_SYNTH, names[i], 1);
		cached("dns_nxdomain", KIND_MISSING, names[i], DNS_NXDOMAIN);
	}
	uncached("dns_uncached", KIND_REAL, 10000, 1);
	uncached("dns_uncached_synthesised", KIND_SYNTH, 10000, 1);
	return 0;
}
