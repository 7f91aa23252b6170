// SPDX-License-Identifier: BSD-3-Clause
// Frames from a description. Shares no code with lib/net: what both got wrong would not be seen.
#ifndef TESTS_PACKETS_BUILD_H
#define TESTS_PACKETS_BUILD_H

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define FRAME_ROOM 9216
#define BUILD_TTL  64

struct frame {
	uint16_t len;
	uint8_t b[FRAME_ROOM];
};

// An IP packet. What is 0 takes the usual value.
struct spec {
	uint8_t family; // 4 or 6
	uint8_t proto;  // upper layer
	const char *src, *dst;
	uint16_t sport, dport; // TCP and UDP
	uint8_t type, code;    // ICMP
	uint16_t id, seq;      // ICMP echo
	uint32_t word;         // ICMP error: second word
	const struct spec *quote;
	uint16_t quote_l4;      // bytes of the quote behind its IP header; 0: all of it
	uint16_t quote_pad;     // RFC 4884: the quote is padded to this length, which is told,
	const uint8_t *objects; // and these bytes follow
	uint16_t objects_len;
	uint8_t tcp_flags; // 0: SYN
	uint8_t tos;
	uint8_t ttl; // 0: as the caller of build_ip says
	bool ttl0;   // TTL 0 is meant
	bool df, mf;
	uint16_t frag_off;   // 8-byte units
	uint16_t ip_id;      // IPv4 Identification
	uint16_t payload;    // bytes behind the transport header
	const uint8_t *data; // them; NULL: a pattern
	bool no_csum;        // UDP: 0
	bool bad_csum;       // transport checksum is off by one
	const uint8_t *ext;  // IPv6: extension headers, the first one's type and bytes
	uint8_t ext_type, ext_len;
	const uint8_t *opt; // IPv4 options, a multiple of 4 bytes
	uint8_t opt_len;
};

#define UDP6(s, sp, d, dp) .family = 6, .proto = 17, .src = s, .sport = sp, .dst = d, .dport = dp
#define UDP4(s, sp, d, dp) .family = 4, .proto = 17, .src = s, .sport = sp, .dst = d, .dport = dp
#define TCP6(s, sp, d, dp) .family = 6, .proto = 6, .src = s, .sport = sp, .dst = d, .dport = dp
#define TCP4(s, sp, d, dp) .family = 4, .proto = 6, .src = s, .sport = sp, .dst = d, .dport = dp
#define PING6(s, d, i)     .family = 6, .proto = 58, .src = s, .dst = d, .type = 128, .id = i
#define PONG6(s, d, i)     .family = 6, .proto = 58, .src = s, .dst = d, .type = 129, .id = i
#define PING4(s, d, i)     .family = 4, .proto = 1, .src = s, .dst = d, .type = 8, .id = i
#define PONG4(s, d, i)     .family = 4, .proto = 1, .src = s, .dst = d, .type = 0, .id = i
#define ERR6(s, d, t, c)   .family = 6, .proto = 58, .src = s, .dst = d, .type = t, .code = c
#define ERR4(s, d, t, c)   .family = 4, .proto = 1, .src = s, .dst = d, .type = t, .code = c
#define QUOTE(...) \
	.quote = &(const struct spec) \
	{ \
		__VA_ARGS__ \
	}

#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_PSH 0x08
#define TCP_ACK 0x10

// ---- checksums, word by word

static inline uint32_t
build_sum(const uint8_t *p, unsigned int n, uint32_t sum)
{
	for (unsigned int i = 0; i < n; i++)
		sum += i & 1 ? p[i] : (uint32_t)p[i] << 8;
	return sum;
}

static inline uint16_t
build_fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

static inline void
put16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void
put32(uint8_t *p, uint32_t v)
{
	put16(p, (uint16_t)(v >> 16));
	put16(p + 2, (uint16_t)v);
}

static inline uint16_t
get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

// Sum of the pseudo-header; addr: both addresses, n bytes together.
static inline uint32_t
build_pseudo(const uint8_t *addr, unsigned int n, uint8_t proto, uint16_t len)
{
	return build_sum(addr, n, 0) + proto + len;
}

static inline void
build_ip4_csum(uint8_t *ip)
{
	put16(ip + 10, 0);
	put16(ip + 10, (uint16_t)~build_fold(build_sum(ip, (ip[0] & 15) * 4u, 0)));
}

// ---- transports; each returns its length. l4 points at where it goes

static inline uint16_t build_ip(uint8_t *ip, const struct spec *s, uint8_t ttl);

static inline void
build_payload(uint8_t *p, const struct spec *s)
{
	for (uint16_t i = 0; i < s->payload; i++)
		p[i] = s->data ? s->data[i] : (uint8_t)(i * 7 + 1);
}

static inline uint16_t
build_udp(uint8_t *l4, const struct spec *s)
{
	put16(l4, s->sport);
	put16(l4 + 2, s->dport);
	put16(l4 + 4, (uint16_t)(8 + s->payload));
	put16(l4 + 6, 0);
	build_payload(l4 + 8, s);
	return (uint16_t)(8 + s->payload);
}

static inline uint16_t
build_tcp(uint8_t *l4, const struct spec *s)
{
	memset(l4, 0, 20);
	put16(l4, s->sport);
	put16(l4 + 2, s->dport);
	put32(l4 + 4, 0x01020304);
	l4[12] = 5 << 4;
	l4[13] = s->tcp_flags ? s->tcp_flags : TCP_SYN;
	put16(l4 + 14, 0xffff);
	build_payload(l4 + 20, s);
	return (uint16_t)(20 + s->payload);
}

// RFC 4884 §4: the length attribute, padding and objects behind a quote of len bytes; returns the
// length of all.
static inline uint16_t
build_objects(uint8_t *l4, const struct spec *s, uint16_t len)
{
	memset(l4 + 8 + len, 0, s->quote_pad - len);
	l4[s->family == 6 ? 4 : 5] = (uint8_t)(s->quote_pad / (s->family == 6 ? 8 : 4));
	memcpy(l4 + 8 + s->quote_pad, s->objects, s->objects_len);
	return (uint16_t)(s->quote_pad + s->objects_len);
}

static inline uint16_t
build_icmp(uint8_t *l4, const struct spec *s)
{
	uint16_t len, header;

	l4[0] = s->type;
	l4[1] = s->code;
	put16(l4 + 2, 0);
	if (!s->quote) {
		put16(l4 + 4, s->id);
		put16(l4 + 6, s->seq);
		build_payload(l4 + 8, s);
		return (uint16_t)(8 + s->payload);
	}
	put32(l4 + 4, s->word);
	// a quoted packet has one hop behind it, or what it says
	len = build_ip(l4 + 8, s->quote, BUILD_TTL - 1);
	header = s->quote->family == 6 ? 40 + s->quote->ext_len : 20 + s->quote->opt_len;
	if (s->quote_l4 && header + s->quote_l4 < len)
		len = (uint16_t)(header + s->quote_l4);
	if (s->objects)
		len = build_objects(l4, s, len);
	return (uint16_t)(8 + len);
}

static inline uint16_t
build_l4(uint8_t *l4, const struct spec *s)
{
	switch (s->proto) {
	case 17:
		return build_udp(l4, s);
	case 6:
		return build_tcp(l4, s);
	case 1:
	case 58:
		return build_icmp(l4, s);
	default:
		build_payload(l4, s);
		return s->payload;
	}
}

static inline void
build_l4_csum(uint8_t *l4, uint16_t len, const uint8_t *addr, const struct spec *s)
{
	uint8_t *at = s->proto == 17 ? l4 + 6 : s->proto == 6 ? l4 + 16 : l4 + 2;
	uint32_t sum =
		s->proto == 1 ? 0 : build_pseudo(addr, s->family == 6 ? 32 : 8, s->proto, len);
	uint16_t csum;

	if ((s->proto != 17 && s->proto != 6 && s->proto != 1 && s->proto != 58) ||
		(s->proto == 17 && s->no_csum))
		return;
	csum = (uint16_t)~build_fold(build_sum(l4, len, sum));
	if (s->proto == 17 && csum == 0)
		csum = 0xffff;
	put16(at, (uint16_t)(csum + s->bad_csum));
}

// ---- IP

// Text to bytes. Tests know addresses by name; env.c.
void build_addr(int family, const char *text, uint8_t *out);
uint16_t build_port(uint16_t port);

static inline uint16_t
build_ip6(uint8_t *ip, const struct spec *s, uint8_t ttl)
{
	uint16_t len;

	put32(ip, 6u << 28 | (uint32_t)s->tos << 20);
	ip[6] = s->ext ? s->ext_type : s->proto;
	ip[7] = ttl;
	build_addr(6, s->src, ip + 8);
	build_addr(6, s->dst, ip + 24);
	if (s->ext)
		memcpy(ip + 40, s->ext, s->ext_len);
	len = build_l4(ip + 40 + s->ext_len, s);
	build_l4_csum(ip + 40 + s->ext_len, len, ip + 8, s);
	put16(ip + 4, (uint16_t)(s->ext_len + len));
	return (uint16_t)(40 + s->ext_len + len);
}

static inline uint16_t
build_ip4(uint8_t *ip, const struct spec *s, uint8_t ttl)
{
	uint16_t hdr = 20 + s->opt_len, len;

	ip[0] = (uint8_t)(4 << 4 | hdr / 4);
	ip[1] = s->tos;
	put16(ip + 4, s->ip_id);
	put16(ip + 6, (uint16_t)(s->df << 14 | s->mf << 13 | s->frag_off));
	ip[8] = ttl;
	ip[9] = s->proto;
	build_addr(4, s->src, ip + 12);
	build_addr(4, s->dst, ip + 16);
	if (s->opt)
		memcpy(ip + 20, s->opt, s->opt_len);
	len = build_l4(ip + hdr, s);
	build_l4_csum(ip + hdr, len, ip + 12, s);
	put16(ip + 2, (uint16_t)(hdr + len));
	build_ip4_csum(ip);
	return (uint16_t)(hdr + len);
}

// An IP packet; ttl when the spec has none. Returns its length.
static inline uint16_t
build_ip(uint8_t *ip, const struct spec *given, uint8_t ttl)
{
	struct spec s = *given;

	s.sport = build_port(s.sport);
	s.dport = build_port(s.dport);
	s.id = build_port(s.id);
	if (s.ttl || s.ttl0)
		ttl = s.ttl;
	return s.family == 6 ? build_ip6(ip, &s, ttl) : build_ip4(ip, &s, ttl);
}

static inline uint16_t
build_ether(uint8_t *b, const uint8_t dst[6], const uint8_t src[6], uint16_t type)
{
	memcpy(b, dst, 6);
	memcpy(b + 6, src, 6);
	put16(b + 12, type);
	return 14;
}

// Checksums made right again: what is behind their check shall be reached too.
static inline void
build_repair(struct frame *f)
{
	uint8_t *ip = f->b + 14, *l4;
	uint16_t hdr, len;

	if (get16(f->b + 12) == 0x0800 && f->len >= 34) {
		hdr = (ip[0] & 15) * 4;
		len = get16(ip + 2);
		if (hdr < 20 || hdr > f->len - 14)
			return;
		build_ip4_csum(ip);
		if (ip[9] != 1 || len < hdr + 8 || len > f->len - 14)
			return;
		l4 = ip + hdr;
		put16(l4 + 2, 0);
		put16(l4 + 2, (uint16_t)~build_fold(build_sum(l4, len - hdr, 0)));
	} else if (get16(f->b + 12) == 0x86dd && f->len >= 62 && ip[6] == 58) {
		len = get16(ip + 4);
		if (len < 8 || len > f->len - 54)
			return;
		l4 = ip + 40;
		put16(l4 + 2, 0);
		put16(l4 + 2, (uint16_t)~build_fold(
				      build_sum(l4, len, build_pseudo(ip + 8, 32, 58, len))));
	}
}

#endif
