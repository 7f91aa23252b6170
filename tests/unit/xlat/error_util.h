// SPDX-License-Identifier: BSD-3-Clause
// ICMP errors about the packets of a session, as they arrive and as they have to leave.
#ifndef TESTS_ERROR_UTIL_H
#define TESTS_ERROR_UTIL_H

#include "net/icmp.h"

#include "session_util.h"

#define CLIENT  "2001:db8:1::10"
#define ROUTER6 "2001:db8:1::1"
#define ROUTER4 "5.6.7.8"
#define NSP_DNS "2001:db8:64::8.8.8.8"
#define NSP_RTR "2001:db8:64::5.6.7.8"

static inline struct session
session_nsp(uint8_t proto)
{
	struct session s = session_of(proto, CLIENT, NSP_DNS);

	s.port4 = 1025; // so that a port that is not translated shows
	return s;
}

static inline struct xlat_error_46
error_46(const struct session *s)
{
	struct xlat_error_46 x = {
		.dst = s->src6,
		.inner_src = s->src6,
		.inner_dst = s->dst6,
		.inner_sport = htons((uint16_t)s->port6),
		.mtu4 = 1500,
		.mtu6 = 1500,
		.delta = csum_negate(session_delta(s)),
	};

	if (inet_pton(AF_INET6, NSP_RTR, &x.src) != 1)
		abort();
	return x;
}

static inline struct xlat_error_64
error_64(const struct session *s, uint16_t id)
{
	return (struct xlat_error_64){
		.src = s->src4,
		.dst = s->dst4,
		.inner_src = s->dst4,
		.inner_dst = s->src4,
		.inner_dport = htons((uint16_t)s->port4),
		.id = htons(id),
		.mtu4 = 1500,
		.mtu6 = 1500,
		.delta = session_delta(s),
	};
}

static inline struct packet
message_of(const struct session *s, const struct ends *e, bool back, const void *data,
	unsigned int len)
{
	unsigned int port = e->is6 ? s->port6 : s->port4;
	uint8_t request = e->is6 ? 128 : 8, reply = e->is6 ? 129 : 0;
	unsigned int from = back ? s->rport : port, to = back ? port : s->rport;

	if (s->proto == IPPROTO_ICMP)
		return make_icmp(e, back ? reply : request, 0, port << 16 | 77, data, len);
	if (s->proto == IPPROTO_UDP)
		return make_udp(e, from, to, data, len);
	return make_tcp(e, from, to, 0x10, data, len);
}

// What client sent, as IPv4 routers (quoted in 4 to 6) and the client know it.
static inline struct packet
sent4(const struct session *s, const void *data, unsigned int len)
{
	struct ends e = session_ends4(s);
	struct packet l4 = message_of(s, &e, false, data, len);

	return make_ip4(&e, 0x12, 0x7777, 0x4000, s->proto, 58, &l4);
}

static inline struct packet
sent6(const struct session *s, const void *data, unsigned int len)
{
	struct ends e = session_ends6(s);
	struct packet l4 = message_of(s, &e, false, data, len);

	return make_ip6(&e, 0x12, s->proto == IPPROTO_ICMP ? IPPROTO_ICMPV6 : s->proto, 58, &l4);
}

// What the remote sent, as the client (quoted in 6 to 4) and the remote know it. id and DF are
// those that 6 to 4 gives.
static inline struct packet
back6(const struct session *s, const void *data, unsigned int len)
{
	struct ends e = session_ends6(s);
	struct packet l4;

	e = ends_swap(e);
	l4 = message_of(s, &e, true, data, len);
	return make_ip6(&e, 0x34, s->proto == IPPROTO_ICMP ? IPPROTO_ICMPV6 : s->proto, 55, &l4);
}

static inline struct packet
back4(const struct session *s, const void *data, unsigned int len, uint16_t id)
{
	struct ends e = session_ends4(s);
	struct packet l4;

	e = ends_swap(e);
	l4 = message_of(s, &e, true, data, len);
	return make_ip4(&e, 0x34, id, l4.len + 20 > 1260 ? 0x4000 : 0, s->proto, 55, &l4);
}

// Cuts a packet to what is quoted of it.
static inline struct packet
cut(struct packet p, unsigned int len)
{
	if (len < p.len)
		p.len = len;
	return p;
}

// A quote padded to room bytes, with extensions behind it (RFC 4884).
static inline struct packet
with_ext(struct packet quote, unsigned int room, const void *ext, unsigned int len)
{
	append_zero(&quote, room - quote.len);
	append(&quote, ext, len);
	return quote;
}

static inline struct packet
error4(const char *src, const char *dst, uint8_t type, uint8_t code, uint32_t word,
	const struct packet *quote)
{
	struct ends e = ends_of(src, dst);
	struct packet l4 = make_icmp(&e, type, code, word, quote->b, quote->len);

	return make_ip4(&e, 0xc0, 0x5555, 0, IPPROTO_ICMP, 250, &l4);
}

static inline struct packet
error6(const char *src, const char *dst, uint8_t type, uint8_t code, uint32_t word,
	const struct packet *quote)
{
	struct ends e = ends_of(src, dst);
	struct packet l4 = make_icmp(&e, type, code, word, quote->b, quote->len);

	return make_ip6(&e, 0xc0, IPPROTO_ICMPV6, 64, &l4);
}

// From a router behind the remote side about sent4; and what the client gets.
static inline struct packet
error4_in(uint8_t type, uint8_t code, uint32_t word, const struct packet *quote)
{
	return error4(ROUTER4, "203.0.113.1", type, code, word, quote);
}

static inline struct packet
error6_out(uint8_t type, uint8_t code, uint32_t word, const struct packet *quote)
{
	struct packet p = error6(NSP_RTR, CLIENT, type, code, word, quote);

	p.b[7] = 249;
	return p;
}

// From the client or a router there about back6; and what the remote gets.
static inline struct packet
error6_in(uint8_t type, uint8_t code, uint32_t word, const struct packet *quote)
{
	return error6(ROUTER6, NSP_DNS, type, code, word, quote);
}

static inline struct packet
error4_out(uint8_t type, uint8_t code, uint32_t word, uint16_t id, const struct packet *quote)
{
	struct packet p = error4("203.0.113.1", "8.8.8.8", type, code, word, quote);

	put16(p.b + 4, id);
	p.b[8] = 63;
	ref_seal_ip4(p.b);
	return p;
}

static inline void
check_error_4to6(const struct session *s, const struct packet *in, enum drop_reason why,
	const struct packet *want)
{
	struct rte_mbuf *m = parsed(in, ICMP_ERROR_ROOM);
	struct xlat_error_46 x = error_46(s);

	assert_int_equal(xlat_error_4to6(m, pkt_of(m), &x), why);
	assert_packet(m, why == DROP_NONE ? want : in); // a drop leaves it alone
	rte_pktmbuf_free(m);
}

static inline void
check_error_6to4(const struct session *s, const struct packet *in, enum drop_reason why,
	const struct packet *want)
{
	struct rte_mbuf *m = parsed(in, ICMP_ERROR_ROOM);
	struct xlat_error_64 x = error_64(s, 0x1234);

	assert_int_equal(xlat_error_6to4(m, pkt_of(m), &x), why);
	assert_packet(m, why == DROP_NONE ? want : in);
	rte_pktmbuf_free(m);
}

static inline enum drop_reason
parse_error(const struct packet *p)
{
	struct rte_mbuf *m = mbuf_exact(p->b, (uint16_t)p->len, 0);
	struct pkt *k = pkt_of(m);
	enum drop_reason why = p->b[0] >> 4 == 6 ? parse_ip6(m, k) : parse_ip4(m, k);

	assert_int_equal(why, DROP_NONE);
	assert_true(k->flags & PKT_ICMP_ERROR);
	why = parse_icmp_error(m, k);
	rte_pktmbuf_free(m);
	return why;
}

#endif
