// SPDX-License-Identifier: BSD-3-Clause
// Datagrams that need fragments: cut and put together again, with nothing of lib.
#ifndef TESTS_PACKETS_DATAGRAM_H
#define TESTS_PACKETS_DATAGRAM_H

#include "env.h"

struct datagram_text {
	uint32_t len;
	uint8_t b[66000];
};

// One fragment as it came out.
struct cut {
	uint16_t off, len; // of what is behind the headers
	uint16_t ip_len;
	uint32_t id;
	uint8_t ttl;
	bool more, is_fragment;
};

#define CUTS_MAX 256
struct collected {
	struct datagram_text d; // without Fragment header, Identification 0
	struct cut cut[CUTS_MAX];
	unsigned int n;
};

// The whole packet as its sender would send it if no link were too small.
static inline void
datagram_build(struct datagram_text *d, const struct spec *s, uint8_t ttl)
{
	build_ip(d->b, s, ttl);
	// an IPv6 packet may be longer than what build_ip can return
	d->len = s->family == 6 ? 40u + get16(d->b + 4) : get16(d->b + 2);
}

static inline unsigned int
datagram_header(const struct datagram_text *d)
{
	return d->b[0] >> 4 == 6 ? 40 : 20;
}

static inline uint32_t
datagram_payload(const struct datagram_text *d)
{
	return d->len - datagram_header(d);
}

// The frame of bytes off .. off + len of the payload.
static inline void
fragment_frame(struct frame *f, unsigned int port, const struct datagram_text *d, uint32_t id,
	uint32_t off, uint16_t len, bool more)
{
	const bool is6 = d->b[0] >> 4 == 6;
	const unsigned int hdr = datagram_header(d);
	uint8_t *ip = f->b + 14, *at = ip + hdr;

	build_ether(
		f->b, env.f.gw.port[port].mac.addr_bytes, env_mac_of(port), is6 ? 0x86dd : 0x0800);
	memcpy(ip, d->b, hdr);
	if (is6) {
		at[0] = ip[6];
		at[1] = 0;
		put16(at + 2, (uint16_t)(off | more));
		put32(at + 4, id);
		at += 8;
		ip[6] = 44;
		put16(ip + 4, (uint16_t)(8 + len));
	} else {
		put16(ip + 2, (uint16_t)(20 + len));
		put16(ip + 4, (uint16_t)id);
		put16(ip + 6, (uint16_t)(off / 8 | more << 13));
		build_ip4_csum(ip);
	}
	memcpy(at, d->b + hdr + off, len);
	f->len = (uint16_t)(at + len - f->b);
}

static inline void
fragment_send(unsigned int port, const struct datagram_text *d, uint32_t id, uint32_t off,
	uint16_t len, bool more)
{
	struct frame f;

	fragment_frame(&f, port, d, id, off, len, more);
	fixture_input(&env.f, port, f.b, f.len);
}

// The i-th fragment of size bytes (a multiple of 8).
static inline void
fragment_send_nth(unsigned int port, const struct datagram_text *d, uint32_t id, uint16_t size,
	unsigned int i)
{
	uint32_t off = (uint32_t)i * size, left = datagram_payload(d) - off;

	fragment_send(port, d, id, off, (uint16_t)(left > size ? size : left), left > size);
}

static inline unsigned int
fragment_count(const struct datagram_text *d, uint16_t size)
{
	return (datagram_payload(d) + size - 1) / size;
}

static inline void
datagram_send(unsigned int port, const struct datagram_text *d, uint32_t id, uint16_t size)
{
	for (unsigned int i = 0; i < fragment_count(d, size); i++)
		fragment_send_nth(port, d, id, size, i);
}

// Puts what left by the port together.
void datagram_collect(unsigned int port, struct collected *c);

// It is this packet, hop limit 63 unless it says otherwise; in pieces of at most max_len bytes that
// share one Identification, and in order. Returns the Identification.
uint32_t datagram_expect(
	const char *id, unsigned int port, const struct spec *want, uint16_t max_len);

// The same in any order, as a receiver takes it.
uint32_t datagram_expect_any(const char *id, unsigned int port, const struct spec *want);

#endif
