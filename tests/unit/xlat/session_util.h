// SPDX-License-Identifier: BSD-3-Clause
// A mapping and what the pipeline would hand to xlat for it.
#ifndef TESTS_SESSION_UTIL_H
#define TESTS_SESSION_UTIL_H

#include "net/checksum.h"
#include "net/parse.h"
#include "xlat/xlat.h"

#include "../net/mbuf_util.h"
#include "../net/packet_util.h"

#define HEADROOM        28   // what xlat.h asks for
#define ICMP_ERROR_ROOM 1280 // and, for errors, of the whole buffer

struct session {
	uint8_t proto; // IPPROTO_ICMP for echo
	struct in6_addr src6, dst6;
	uint32_t src4, dst4;              // wire order
	unsigned int port6, port4, rport; // client's port or identifier, on both sides; remote port
};

// T 203.0.113.1, Z 8.8.8.8, client port kept.
static inline struct session
session_of(uint8_t proto, const char *src6, const char *dst6)
{
	struct session s = {.proto = proto, .port6 = 40000, .port4 = 40000, .rport = 53};

	if (inet_pton(AF_INET6, src6, &s.src6) != 1 || inet_pton(AF_INET6, dst6, &s.dst6) != 1 ||
		inet_pton(AF_INET, "203.0.113.1", &s.src4) != 1 ||
		inet_pton(AF_INET, "8.8.8.8", &s.dst4) != 1)
		abort();
	return s;
}

static inline uint16_t
session_delta(const struct session *s)
{
	return xlat_delta64(s->proto, &s->src6, &s->dst6, htons((uint16_t)s->port6), s->src4,
		s->dst4, htons((uint16_t)s->port4));
}

static inline struct xlat_64
session_64(const struct session *s, uint16_t id)
{
	return (struct xlat_64){
		.src = s->src4,
		.dst = s->dst4,
		.sport = htons((uint16_t)s->port4),
		.id = htons(id),
		.delta = session_delta(s),
	};
}

static inline struct xlat_46
session_46(const struct session *s)
{
	return (struct xlat_46){
		.src = s->dst6,
		.dst = s->src6,
		.dport = htons((uint16_t)s->port6),
		.delta = csum_negate(session_delta(s)),
	};
}

// The ends as the client's packet (6) and its translation (4) have them; swap them for answers.
static inline struct ends
session_ends6(const struct session *s)
{
	struct ends e = {.is6 = true};

	memcpy(e.src, &s->src6, 16);
	memcpy(e.dst, &s->dst6, 16);
	return e;
}

static inline struct ends
session_ends4(const struct session *s)
{
	struct ends e = {.is6 = false};

	memcpy(e.src, &s->src4, 4);
	memcpy(e.dst, &s->dst4, 4);
	return e;
}

static inline struct rte_mbuf *
parsed(const struct packet *p, uint16_t headroom)
{
	struct rte_mbuf *m = mbuf_exact(p->b, (uint16_t)p->len, headroom);
	struct pkt *k = pkt_of(m);
	enum drop_reason why = p->b[0] >> 4 == 6 ? parse_ip6(m, k) : parse_ip4(m, k);

	if (why == DROP_NONE && (k->flags & PKT_ICMP_ERROR))
		why = parse_icmp_error(m, k);
	assert_int_equal(why, DROP_NONE);
	return m;
}

static inline void
assert_packet(struct rte_mbuf *m, const struct packet *want)
{
	assert_int_equal(m->data_len, want->len);
	assert_int_equal(m->pkt_len, want->len);
	assert_memory_equal(rte_pktmbuf_mtod(m, void *), want->b, want->len);
}

static inline void
check_6to4(const struct session *s, uint16_t id, const struct packet *in, const struct packet *want)
{
	struct rte_mbuf *m = parsed(in, HEADROOM);
	struct xlat_64 x = session_64(s, id);

	assert_int_equal(xlat_len64(pkt_of(m)), want->len);
	xlat_6to4(m, pkt_of(m), &x);
	assert_packet(m, want);
	rte_pktmbuf_free(m);
}

static inline void
check_4to6(const struct session *s, const struct packet *in, const struct packet *want)
{
	struct rte_mbuf *m = parsed(in, HEADROOM);
	struct xlat_46 x = session_46(s);

	assert_int_equal(xlat_len46(pkt_of(m)), want->len);
	xlat_4to6(m, pkt_of(m), &x);
	assert_packet(m, want);
	rte_pktmbuf_free(m);
}

#endif
