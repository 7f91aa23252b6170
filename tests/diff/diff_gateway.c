// SPDX-License-Identifier: BSD-3-Clause
// The gateway of the differential test: packets by a pipe through the real pipeline, what it sends
// back by another. Arguments: the configuration, then "PORT=ADDRESS" for each neighbour.
//
// Numbers are of 32 bits in the byte order of the machine. In: length of a batch in bytes, then its
// cases: number of packets, and of each its port, length and bytes from the IP header on. Out: the
// same, of what the gateway sent in each case, and then the drops of the case.
#include "common/fixture.h"

#include <rte_ether.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MBUFS     16384
#define FRAME_MIN 60 // Ethernet pads to this; the padding must not matter (X64-16)
#define PADDING   0xa5

struct text {
	uint8_t *b;
	size_t len, at, room;
};

static struct fixture f;
static uint8_t frame[9216 + sizeof(struct rte_ether_hdr)]; // the largest MTU

static void
die(const char *what)
{
	fprintf(stderr, "gateway: %s\n", what);
	exit(2);
}

static uint32_t
get(struct text *t)
{
	uint32_t v;

	if (t->len - t->at < sizeof(v))
		die("the batch ends inside a case");
	memcpy(&v, t->b + t->at, sizeof(v));
	t->at += sizeof(v);
	return v;
}

static void
put(struct text *t, const void *data, size_t len)
{
	if (t->len + len > t->room) {
		t->room = (t->len + len) * 2;
		t->b = realloc(t->b, t->room);
		if (!t->b)
			die("no memory");
	}
	memcpy(t->b + t->len, data, len);
	t->len += len;
}

static void
put_number(struct text *t, uint32_t v)
{
	put(t, &v, sizeof(v));
}

static bool
read_batch(struct text *t)
{
	uint32_t len;

	if (fread(&len, sizeof(len), 1, stdin) != 1)
		return false;
	t->b = realloc(t->b, len);
	t->len = len;
	t->at = 0;
	if (!t->b || fread(t->b, 1, len, stdin) != len)
		die("a batch is cut off");
	return true;
}

static void
write_batch(struct text *t)
{
	uint32_t len = (uint32_t)t->len;

	if (fwrite(&len, sizeof(len), 1, stdout) != 1 ||
		fwrite(t->b, 1, t->len, stdout) != t->len || fflush(stdout))
		die("nobody reads");
	t->len = 0;
}

// A packet arrives at one worker after the other.
static void
input(uint32_t port, const uint8_t *ip, uint32_t len)
{
	static const struct rte_ether_addr peer = {.addr_bytes = {2, 0xaa, 0, 0, 0, 1}};
	static unsigned int received;
	struct rte_ether_hdr eth = {.dst_addr = f.gw.port[port].mac, .src_addr = peer};
	const unsigned int worker = received++ % f.gw.n_worker;
	struct rte_mbuf *m = rte_pktmbuf_alloc(f.gw.pool);
	const uint32_t all = RTE_MAX(len + sizeof(eth), (size_t)FRAME_MIN);
	uint8_t *at = m ? (uint8_t *)rte_pktmbuf_append(m, (uint16_t)all) : NULL;

	if (!at)
		die("no packet buffer");
	eth.ether_type =
		ip[0] >> 4 == 6 ? RTE_BE16(RTE_ETHER_TYPE_IPV6) : RTE_BE16(RTE_ETHER_TYPE_IPV4);
	memcpy(at, &eth, sizeof(eth));
	memcpy(at + sizeof(eth), ip, len);
	memset(at + sizeof(eth) + len, PADDING, all - sizeof(eth) - len);
	for (unsigned int i = 0; i < f.gw.n_worker; i++)
		for (unsigned int b = 0; b < ICMP_BUCKET__N; b++)
			f.gw.worker[i]->icmp_tokens[b] = 100 * 1000;
	fixture_input_mbuf(&f, worker, port, m);
}

static void
output(struct text *out)
{
	const size_t count_at = out->len;
	uint32_t n = 0;

	put_number(out, n);
	for (unsigned int i = 0; i < f.gw.n_port; i++) {
		uint16_t len;

		while ((len = fixture_take(&f, i, frame, sizeof(frame))) != 0) {
			put_number(out, i);
			put_number(out, len - (uint32_t)sizeof(struct rte_ether_hdr));
			put(out, frame + sizeof(struct rte_ether_hdr),
				len - sizeof(struct rte_ether_hdr));
			n++;
		}
	}
	memcpy(out->b + count_at, &n, sizeof(n));
}

// The reasons of the packets that were dropped, by name.
static void
output_drops(struct text *out, const struct worker_stats *before)
{
	const struct worker_stats now = fixture_stats(&f);
	char text[256] = "";

	for (unsigned int i = 0; i < DROP__N; i++)
		if (now.drop[i] != before->drop[i])
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s ",
				drop_name[i]);
	put_number(out, (uint32_t)strlen(text));
	put(out, text, strlen(text));
}

static void
run_case(struct text *in, struct text *out)
{
	const struct worker_stats before = fixture_stats(&f);

	for (uint32_t n = get(in); n > 0; n--) {
		uint32_t port = get(in), len = get(in);

		if (port >= f.gw.n_port || len > in->len - in->at ||
			len > sizeof(frame) - sizeof(struct rte_ether_hdr))
			die("impossible packet");
		input(port, in->b + in->at, len);
		in->at += len;
	}
	output(out);
	output_drops(out, &before);
}

static void
start(const char *path, char **neighbor, int n)
{
	static const uint8_t mac[6] = {2, 0xaa, 0, 0, 0, 1};
	static struct config c;

	if (config_load(path, &c, stderr))
		die("bad configuration");
	fixture_start(&f, &c, MBUFS);
	for (int i = 0; i < n; i++) {
		char *equals = strchr(neighbor[i], '=');

		if (!equals)
			die("a neighbour is PORT=ADDRESS");
		fixture_neighbor(&f, (unsigned int)strtoul(neighbor[i], NULL, 10), equals + 1, mac);
	}
	fixture_discard(&f);
}

int
main(int argc, char **argv)
{
	struct text in = {.b = NULL}, out = {.b = NULL};

	if (argc < 2)
		die("usage: gateway CONFIG [PORT=ADDRESS...]");
	fixture_eal(512);
	start(argv[1], argv + 2, argc - 2);
	while (read_batch(&in)) {
		while (in.at < in.len)
			run_case(&in, &out);
		write_batch(&out);
	}
	free(in.b);
	free(out.b);
	if (!fixture_balanced(&f))
		die("packets do not add up");
	if (fixture_stop(&f))
		die("packet buffers are lost");
	return 0;
}
