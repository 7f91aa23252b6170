// SPDX-License-Identifier: BSD-3-Clause
// Mbufs for unit tests. The data of an "exact" one ends where its malloc ends, so that ASan sees an
// overrun; its private area holds a zeroed struct pkt.
#ifndef TESTS_MBUF_UTIL_H
#define TESTS_MBUF_UTIL_H

#include "net/pkt.h"

#include <rte_eal.h>
#include <rte_mbuf.h>
#include <stdlib.h>
#include <string.h>

#define MBUF_UTIL_N    256
#define MBUF_UTIL_ROOM 2048 // bytes of data that a pool mbuf takes

static struct rte_mempool *mbuf_util_pool;

// Call once, from main.
static inline void
mbuf_util_init(void)
{
	char *argv[] = {"t", "--no-huge", "--no-shconf", "--no-pci", "--no-telemetry", "-m", "64",
		"--iova-mode=va", "--log-level=lib.*:4", "-l", "0"};

	if (rte_eal_init((int)RTE_DIM(argv), argv) < 0)
		abort();
	mbuf_util_pool = rte_pktmbuf_pool_create("mbuf_util", MBUF_UTIL_N, 0, PKT_PRIV_SIZE,
		RTE_PKTMBUF_HEADROOM + MBUF_UTIL_ROOM, SOCKET_ID_ANY);
	if (mbuf_util_pool == NULL)
		abort();
}

static inline void
mbuf_util_ext_free(void *buf, void *shinfo)
{
	free(buf);
	free(shinfo);
}

static inline struct rte_mbuf *
mbuf_util_alloc(void)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(mbuf_util_pool);

	if (m == NULL)
		abort();
	memset(pkt_of(m), 0, PKT_PRIV_SIZE);
	return m;
}

// An mbuf with len bytes in a malloc of exactly headroom + len bytes.
static inline struct rte_mbuf *
mbuf_exact(const void *data, uint16_t len, uint16_t headroom)
{
	struct rte_mbuf_ext_shared_info *shinfo = malloc(sizeof(*shinfo));
	uint8_t *buf = malloc((size_t)headroom + len);
	struct rte_mbuf *m = mbuf_util_alloc();

	if (shinfo == NULL || buf == NULL)
		abort();
	shinfo->free_cb = mbuf_util_ext_free;
	shinfo->fcb_opaque = shinfo;
	rte_mbuf_ext_refcnt_set(shinfo, 1);
	rte_pktmbuf_attach_extbuf(m, buf, 0, headroom + len, shinfo);
	m->data_off = headroom;
	m->data_len = len;
	m->pkt_len = len;
	if (len > 0)
		memcpy(buf + headroom, data, len);
	return m;
}

// The same in a pool mbuf with its usual headroom, for MBUF_UTIL_ROOM bytes at most.
static inline struct rte_mbuf *
mbuf_pooled(const void *data, uint16_t len)
{
	struct rte_mbuf *m = mbuf_util_alloc();
	char *at = rte_pktmbuf_append(m, len);

	if (at == NULL)
		abort();
	memcpy(at, data, len);
	return m;
}

// Every mbuf is back: assert it at the end of a test program.
static inline bool
mbuf_util_all_back(void)
{
	return rte_mempool_avail_count(mbuf_util_pool) == MBUF_UTIL_N;
}

#endif
