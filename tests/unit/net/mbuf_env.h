// SPDX-License-Identifier: BSD-3-Clause
// EAL and one packet pool for the unit tests of lib/net, and packets in buffers of their exact
// size, so that the address sanitizer sees a read past the end (it does not inside a pool).
#ifndef TEST_MBUF_ENV_H
#define TEST_MBUF_ENV_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/hash.h"
#include "net/pkt.h"

#include <arpa/inet.h>
#include <rte_eal.h>
#include <stdlib.h>

#define ENV_MBUFS 2047

static struct rte_mempool *env_pool;

static inline int
env_start(void)
{
	char *argv[] = {"t", "--no-huge", "--no-shconf", "--no-pci", "--no-telemetry", "-m", "256",
		"--iova-mode=va", "--log-level=lib.*:4", "-l", "0", NULL};

	hash_key_init();
	if (rte_eal_init(11, argv) < 0)
		return -1;
	env_pool = rte_pktmbuf_pool_create("env", ENV_MBUFS, 0, PKT_PRIV_SIZE, 0, SOCKET_ID_ANY);
	return env_pool == NULL ? -1 : 0;
}

// Teardown of every test: all packets are back.
static inline int
env_pool_is_full(void **state)
{
	return rte_mempool_avail_count(env_pool) == ENV_MBUFS ? 0 : -1;
}

#define env_test(f) cmocka_unit_test_setup_teardown(f, NULL, env_pool_is_full)

static inline struct in6_addr
env_addr(const char *text)
{
	struct in6_addr a;
	struct in_addr a4;

	if (inet_pton(AF_INET6, text, &a) == 1)
		return a;
	assert_int_equal(inet_pton(AF_INET, text, &a4), 1);
	a = (struct in6_addr){.s6_addr = {[10] = 0xff, 0xff}};
	memcpy(a.s6_addr + 12, &a4, sizeof(a4));
	return a;
}

// Bytes of a hex string; returns their number.
static inline uint16_t
env_hex(uint8_t *out, const char *hex)
{
	uint16_t n = 0;
	unsigned int byte;

	for (; sscanf(hex, "%2x", &byte) == 1; hex += 2)
		out[n++] = (uint8_t)byte;
	return n;
}

static inline void
env_free_packet(void *buf, void *info)
{
	free(buf);
	free(info);
}

static inline struct rte_mbuf *
env_packet(const void *bytes, uint16_t len)
{
	struct rte_mbuf_ext_shared_info *info = calloc(1, sizeof(*info));
	struct rte_mbuf *m = rte_pktmbuf_alloc(env_pool);
	void *buf = malloc(len);

	assert_true(m != NULL && buf != NULL && info != NULL);
	memcpy(buf, bytes, len);
	info->free_cb = env_free_packet;
	info->fcb_opaque = info;
	rte_mbuf_ext_refcnt_set(info, 1);
	rte_pktmbuf_attach_extbuf(m, buf, RTE_BAD_IOVA, len, info);
	m->data_off = 0;
	m->data_len = len;
	m->pkt_len = len;
	memset(pkt_of(m), 0, sizeof(struct pkt));
	return m;
}

// The same sequence in every run.
static inline uint32_t
env_random(void)
{
	static uint64_t x = 0x9e3779b97f4a7c15ULL;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (uint32_t)(x >> 32);
}

#endif
