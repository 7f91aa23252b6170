// SPDX-License-Identifier: BSD-3-Clause
// A packet of each kind and a parser run over it.
#ifndef TESTS_PARSE_UTIL_H
#define TESTS_PARSE_UTIL_H

#include "net/parse.h"

#include "mbuf_util.h"
#include "packet_util.h"

#define C6 "2001:db8:1::10"
#define S6 "2001:db8:64::8.8.8.8"
#define P4 "203.0.113.1"
#define S4 "8.8.8.8"

static const uint8_t DATA[] = "some payload of odd length";
static struct pkt view; // of the last packet

// Parses a frame in a buffer of its exact size; leaves the view in view.
static inline enum drop_reason
parse(const struct packet *p)
{
	struct rte_mbuf *m = mbuf_exact(p->b, (uint16_t)p->len, 0);
	enum drop_reason why =
		p->b[0] >> 4 == 6 ? parse_ip6(m, pkt_of(m)) : parse_ip4(m, pkt_of(m));

	if (why == DROP_NONE && (pkt_of(m)->flags & PKT_ICMP_ERROR))
		why = parse_icmp_error(m, pkt_of(m));
	if (why == DROP_NONE) {
		assert_int_equal(m->data_len, pkt_of(m)->l3_len);
		assert_int_equal(m->pkt_len, pkt_of(m)->l3_len);
	}
	view = *pkt_of(m);
	rte_pktmbuf_free(m);
	return why;
}

static inline struct packet
udp6(void)
{
	struct ends e = ends_of(C6, S6);
	struct packet l4 = make_udp(&e, 40000, 53, DATA, sizeof(DATA));

	return make_ip6(&e, 0, IPPROTO_UDP, 64, &l4);
}

static inline struct packet
udp4(void)
{
	struct ends e = ends_of(S4, P4);
	struct packet l4 = make_udp(&e, 53, 40000, DATA, sizeof(DATA));

	return make_ip4(&e, 0, 1, 0x4000, IPPROTO_UDP, 57, &l4);
}

static inline struct packet
tcp6(void)
{
	struct ends e = ends_of(C6, S6);
	struct packet l4 = make_tcp(&e, 40000, 443, 0x12, DATA, sizeof(DATA));

	return make_ip6(&e, 0, IPPROTO_TCP, 64, &l4);
}

static inline struct packet
tcp4(void)
{
	struct ends e = ends_of(S4, P4);
	struct packet l4 = make_tcp(&e, 443, 40000, 0x12, DATA, sizeof(DATA));

	return make_ip4(&e, 0, 1, 0, IPPROTO_TCP, 57, &l4);
}

static inline struct packet
icmp6(uint8_t type, uint8_t code)
{
	struct ends e = ends_of(C6, S6);
	struct packet l4 = make_icmp(&e, type, code, 0x11110001, DATA, sizeof(DATA));

	return make_ip6(&e, 0, IPPROTO_ICMPV6, 64, &l4);
}

static inline struct packet
icmp4(uint8_t type, uint8_t code)
{
	struct ends e = ends_of(S4, P4);
	struct packet l4 = make_icmp(&e, type, code, 0x22220001, DATA, sizeof(DATA));

	return make_ip4(&e, 0, 1, 0, IPPROTO_ICMP, 57, &l4);
}

#endif
