// SPDX-License-Identifier: BSD-3-Clause
// Unpredictable numbers for ports, identifiers and keys (RFC 6056 §3.1, RFC 5452 §9.2).
// The kernel's generator, read in blocks. One struct per thread; not shared.
#ifndef BASE_RAND_H
#define BASE_RAND_H

#include <stdint.h>
#include <string.h>

struct rand_pool {
	uint8_t buf[1024];
	unsigned int left; // unread bytes, at the end of buf
};

// Aborts when the kernel cannot give random bytes: there is no safe way to go on.
void rand_refill(struct rand_pool *r);

static inline void
rand_bytes(struct rand_pool *r, void *out, unsigned int n) // n <= 64
{
	if (r->left < n)
		rand_refill(r);
	memcpy(out, r->buf + sizeof(r->buf) - r->left, n);
	r->left -= n;
}

static inline uint16_t
rand_u16(struct rand_pool *r)
{
	uint16_t v;

	rand_bytes(r, &v, sizeof(v));
	return v;
}

static inline uint32_t
rand_u32(struct rand_pool *r)
{
	uint32_t v;

	rand_bytes(r, &v, sizeof(v));
	return v;
}

// 0..n-1, n > 0. The bias is below n / 2^32.
static inline uint32_t
rand_below(struct rand_pool *r, uint32_t n)
{
	return (uint32_t)(((uint64_t)rand_u32(r) * n) >> 32);
}

#endif
