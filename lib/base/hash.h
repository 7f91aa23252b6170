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

// len: a multiple of 16, at most 64 bytes. Signature as rte_hash wants it (rte_hash_function).
static inline uint32_t
hash_keyed(const void *data, uint32_t len, uint32_t init)
{
	const uint8_t *p = data;
	uint64_t h = init ^ len;
	uint64_t w[2];

	for (uint32_t i = 0; i < len / 16; i++) {
		memcpy(w, p + i * 16, 16);
		h ^= hash_mix(w[0] ^ hash_key[2 * i % HASH_KEY_WORDS],
			w[1] ^ hash_key[(2 * i + 1) % HASH_KEY_WORDS]);
	}
	h = hash_mix(h ^ hash_key[0], 0x9e3779b97f4a7c15ULL);
	return (uint32_t)(h ^ (h >> 32));
}

#endif
