// SPDX-License-Identifier: BSD-3-Clause
// Packets for unit tests, written byte by byte, with checksums computed from scratch by the
// plainest reading of RFC 1071: nothing here is shared with the code under test.
#ifndef TESTS_PACKET_UTIL_H
#define TESTS_PACKET_UTIL_H

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define PACKET_MAX 4096

struct packet {
	uint8_t b[PACKET_MAX];
	unsigned int len;
};

// The addresses of a pseudo-header.
struct ends {
	bool is6;
	uint8_t src[16], dst[16]; // the first four bytes for IPv4
};

static inline void
put16(uint8_t *at, unsigned int v)
{
	at[0] = (uint8_t)(v >> 8);
	at[1] = (uint8_t)v;
}

static inline unsigned int
get16(const uint8_t *at)
{
	return (unsigned int)at[0] << 8 | at[1];
}

static inline void
put32(uint8_t *at, uint32_t v)
{
	put16(at, v >> 16);
	put16(at + 2, v & 0xffff);
}

static inline uint32_t
get32(const uint8_t *at)
{
	return (uint32_t)get16(at) << 16 | get16(at + 2);
}

static inline void
append(struct packet *p, const void *data, unsigned int len)
{
	if (p->len + len > PACKET_MAX)
		abort();
	if (len > 0)
		memcpy(p->b + p->len, data, len);
	p->len += len;
}

static inline void
append_zero(struct packet *p, unsigned int len)
{
	memset(p->b + p->len, 0, len);
	p->len += len;
}

static inline struct ends
ends_of(const char *src, const char *dst)
{
	struct ends e = {.is6 = strchr(src, ':') != NULL};

	if (inet_pton(e.is6 ? AF_INET6 : AF_INET, src, e.src) != 1 ||
		inet_pton(e.is6 ? AF_INET6 : AF_INET, dst, e.dst) != 1)
		abort();
	return e;
}

static inline struct ends
ends_swap(struct ends e)
{
	struct ends s = {.is6 = e.is6};

	memcpy(s.src, e.dst, 16);
	memcpy(s.dst, e.src, 16);
	return s;
}

// Big-endian words one after the other, the carry brought round each time.
static inline uint32_t
ref_sum(uint32_t sum, const uint8_t *b, unsigned int len)
{
	for (unsigned int i = 0; i < len; i++) {
		sum += i % 2 == 0 ? (uint32_t)b[i] << 8 : b[i];
		if (sum > 0xffff)
			sum -= 0xffff;
	}
	return sum;
}

static inline uint32_t
ref_pseudo(const struct ends *e, unsigned int len, uint8_t proto)
{
	uint8_t tail[8] = {0, 0, (uint8_t)(len >> 8), (uint8_t)len, 0, 0, 0, proto};
	uint32_t sum;

	if (!e->is6 && proto == IPPROTO_ICMP)
		return 0;
	sum = ref_sum(0, e->src, e->is6 ? 16 : 4);
	sum = ref_sum(sum, e->dst, e->is6 ? 16 : 4);
	return ref_sum(sum, tail, sizeof(tail));
}

static inline unsigned int
ref_csum_off(uint8_t proto)
{
	return proto == IPPROTO_TCP ? 16 : proto == IPPROTO_UDP ? 6 : 2;
}

// What the checksum of the transport message has to be; len: bytes it covers.
static inline uint16_t
ref_csum(const struct ends *e, const uint8_t *l4, unsigned int len, uint8_t proto)
{
	unsigned int off = ref_csum_off(proto);
	uint32_t sum = ref_pseudo(e, len, proto);
	uint16_t csum;

	sum = ref_sum(sum, l4, off);
	sum = ref_sum(sum, l4 + off + 2, len - off - 2);
	csum = (uint16_t)~sum;
	return csum == 0 && proto == IPPROTO_UDP ? 0xffff : csum;
}

// Writes it.
static inline void
ref_seal(const struct ends *e, uint8_t *l4, unsigned int len, uint8_t proto)
{
	put16(l4 + ref_csum_off(proto), ref_csum(e, l4, len, proto));
}

static inline void
ref_seal_ip4(uint8_t *ip)
{
	put16(ip + 10, 0);
	put16(ip + 10, (uint16_t)~ref_sum(0, ip, (ip[0] & 0xf) * 4u));
}

// Transport messages, checksum included. data may be NULL for zeros.
static inline struct packet
make_udp(const struct ends *e, unsigned int sport, unsigned int dport, const void *data,
	unsigned int len)
{
	struct packet p = {.len = 8};

	put16(p.b, sport);
	put16(p.b + 2, dport);
	put16(p.b + 4, 8 + len);
	if (data != NULL)
		append(&p, data, len);
	else
		append_zero(&p, len);
	ref_seal(e, p.b, p.len, IPPROTO_UDP);
	return p;
}

static inline struct packet
make_tcp(const struct ends *e, unsigned int sport, unsigned int dport, uint8_t flags,
	const void *data, unsigned int len)
{
	struct packet p = {.len = 20};

	put16(p.b, sport);
	put16(p.b + 2, dport);
	put32(p.b + 4, 0x01020304);
	p.b[12] = 5 << 4;
	p.b[13] = flags;
	put16(p.b + 14, 0xffff);
	append(&p, data, len);
	ref_seal(e, p.b, p.len, IPPROTO_TCP);
	return p;
}

// ICMP or ICMPv6 by the family of e; word: the second half of the header.
static inline struct packet
make_icmp(const struct ends *e, uint8_t type, uint8_t code, uint32_t word, const void *data,
	unsigned int len)
{
	struct packet p = {.b = {type, code}, .len = 8};

	put32(p.b + 4, word);
	append(&p, data, len);
	ref_seal(e, p.b, p.len, e->is6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
	return p;
}

static inline struct packet
make_ip6(const struct ends *e, uint8_t tc, uint8_t proto, uint8_t hop_limit,
	const struct packet *payload)
{
	struct packet p = {.len = 40};

	put32(p.b, 6u << 28 | (uint32_t)tc << 20);
	put16(p.b + 4, payload->len);
	p.b[6] = proto;
	p.b[7] = hop_limit;
	memcpy(p.b + 8, e->src, 16);
	memcpy(p.b + 24, e->dst, 16);
	append(&p, payload->b, payload->len);
	return p;
}

// options: n_opt bytes, a multiple of 4.
static inline struct packet
make_ip4_opt(const struct ends *e, uint8_t tos, uint16_t id, uint16_t frag, uint8_t proto,
	uint8_t ttl, const uint8_t *opt, unsigned int n_opt, const struct packet *payload)
{
	struct packet p = {.len = 20};

	append(&p, opt, n_opt);
	p.b[0] = (uint8_t)(0x40 | p.len / 4);
	p.b[1] = tos;
	put16(p.b + 2, p.len + payload->len);
	put16(p.b + 4, id);
	put16(p.b + 6, frag);
	p.b[8] = ttl;
	p.b[9] = proto;
	memcpy(p.b + 12, e->src, 4);
	memcpy(p.b + 16, e->dst, 4);
	ref_seal_ip4(p.b);
	append(&p, payload->b, payload->len);
	return p;
}

static inline struct packet
make_ip4(const struct ends *e, uint8_t tos, uint16_t id, uint16_t frag, uint8_t proto, uint8_t ttl,
	const struct packet *payload)
{
	return make_ip4_opt(e, tos, id, frag, proto, ttl, NULL, 0, payload);
}

// Reproducible noise (xorshift64).
static inline uint64_t
noise(uint64_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s;
}

static inline void
noise_fill(uint64_t *s, void *out, unsigned int len)
{
	uint8_t *b = out;

	for (unsigned int i = 0; i < len; i++)
		b[i] = (uint8_t)(noise(s) >> 24);
}

#endif
