// SPDX-License-Identifier: BSD-3-Clause
// Keyed hash of 8-byte multiples for tables an outsider can write into: without the key, colliding
// addresses and ports cannot be chosen (rte_hash's CRC is linear, a seed does not help it).
// hash_key_init() once per process before any table is made; hash_keyed() from any thread after.
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdint.h>
#include <string.h>

#define HASH_KEY_WORDS 8

extern uint64_t hash_key[HASH_KEY_WORDS];

// Fills the key from the kernel's generator; later calls change nothing.
void hash_key_init(void);
// Takes a key of an earlier run in place of hash_key_init, so that what was spread by it stays
// where it was.
void hash_key_restore(const uint64_t key[HASH_KEY_WORDS]);

static inline uint64_t
hash_mix(uint64_t a, uint64_t b)
{
	__uint128_t p = (__uint128_t)a * b;

	return (uint64_t)p ^ (uint64_t)(p >> 64);
}

// Words 2 * i and 2 * i + 1.
static inline uint64_t
hash_pair(uint32_t i, uint64_t a, uint64_t b)
{
	return hash_mix(
		a ^ hash_key[2 * i % HASH_KEY_WORDS], b ^ hash_key[(2 * i + 1) % HASH_KEY_WORDS]);
}

static inline uint32_t
hash_end(uint64_t h)
{
	h = hash_mix(h ^ hash_key[0], 0x9e3779b97f4a7c15ULL);
	return (uint32_t)(h ^ (h >> 32));
}

// len: a multiple of 16, at most 64 bytes. Signature as rte_hash wants it (rte_hash_function).
static inline uint32_t
hash_keyed(const void *data, uint32_t len, uint32_t init)
{
	const uint8_t *p = data;
	uint64_t h = init ^ len;
	uint64_t w[2];

	for (uint32_t i = 0; i < len / 16; i++) {
		memcpy(w, p + i * 16, 16);
		h ^= hash_pair(i, w[0], w[1]);
	}
	return hash_end(h);
}

// The same of 16 and of 32 bytes, as words. A key that was just put together from small fields is
// hashed from registers this way: reading it back in words would wait for each of these stores.
static inline uint32_t
hash_words2(uint64_t a, uint64_t b)
{
	return hash_end(16 ^ hash_pair(0, a, b));
}

static inline uint32_t
hash_words4(uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	return hash_end(32 ^ hash_pair(0, a, b) ^ hash_pair(1, c, d));
}

#endif
