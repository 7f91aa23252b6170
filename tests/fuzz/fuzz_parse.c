// SPDX-License-Identifier: BSD-3-Clause
// The parser alone, over an IP packet in a buffer of exactly its length, so that a sanitizer sees
// every byte read behind it. What it lets pass has its offsets inside the packet.
#include "common/fixture.h"
#include "net/parse.h"

#include <stdlib.h>

#define PACKET_MAX 2048

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct rte_mempool *pool;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	fixture_eal(64);
	pool = rte_pktmbuf_pool_create("fuzz", 63, 0, PKT_PRIV_SIZE, 0, SOCKET_ID_ANY);
	return pool ? 0 : -1;
}

static void
unused(void *addr, void *arg)
{
}

static void
must(bool cond)
{
	if (!cond)
		abort();
}

static void
check(const struct rte_mbuf *m, const struct pkt *p, size_t size)
{
	must(p->l3_len <= size && rte_pktmbuf_pkt_len(m) == p->l3_len);
	must(p->l4_off <= p->l3_len);
}

static void
look_further(struct rte_mbuf *m, struct pkt *p)
{
	if (p->flags & PKT_FRAGMENT) {
		if (parse_fragment(m, p) == DROP_NONE)
			must(p->frag.off % 8 == 0 && p->l4_off <= p->l3_len);
	} else if (p->flags & PKT_ICMP_ERROR) {
		if (parse_icmp_error(m, p) == DROP_NONE)
			must(p->inner.l3_off < p->inner.l4_off &&
				p->inner.l3_off + p->inner.len <= p->l3_len);
	} else {
		parse_l4_checksum_ok(m, p);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rte_mbuf_ext_shared_info info = {.free_cb = unused};
	struct rte_mbuf *m;
	struct pkt *p;
	uint8_t *copy;
	enum drop_reason why;

	if (size == 0 || size > PACKET_MAX)
		return 0;
	copy = malloc(size);
	memcpy(copy, data, size);
	m = rte_pktmbuf_alloc(pool);
	rte_mbuf_ext_refcnt_set(&info, 1);
	rte_pktmbuf_attach_extbuf(m, copy, 0, (uint16_t)size, &info);
	m->data_off = 0;
	m->data_len = (uint16_t)size;
	m->pkt_len = (uint32_t)size;
	p = pkt_of(m);
	memset(p, 0, sizeof(*p));
	why = data[0] >> 4 == 6 ? parse_ip6(m, p) : parse_ip4(m, p);
	if (why == DROP_NONE) {
		check(m, p, size);
		look_further(m, p);
	}
	rte_pktmbuf_free(m);
	free(copy);
	return 0;
}
