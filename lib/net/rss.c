// SPDX-License-Identifier: BSD-3-Clause
// Toeplitz: bit i of the input, if set, adds the 32 bits of the key from i on; so bit b of the hash
// (0: the lowest) meets bit i of the input in bit i + 31 - b of the key. The input is source,
// destination, source port, destination port.
#include "net/rss.h"

#include "base/hash.h"

#define KEY_BITS (8 * RSS_KEY_LEN)
#define KEY_HASH 0x72737331
// IPv4: bit k of the destination port is bit 95 - k of the input. This one bit of the key makes bit
// b of the hash bit (12 - b) of the port.
#define PORT_BIT (95 - RSS_PORT_SHIFT + 31 - RSS_BITS + 1)
// Behind all bits that IPv4 packets meet with the low bits of the hash.
#define IPV4_END (95 + 31 + 1)

struct mask {
	uint64_t w[2];
};

static uint8_t key_inside[RSS_KEY_LEN], key_outside[RSS_KEY_LEN];
static struct mask mask[RSS_BITS]; // of the source, for each bit of the bucket

static bool
bit_get(const uint8_t *bits, unsigned int i)
{
	return bits[i / 8] >> (7 - i % 8) & 1;
}

static void
bit_set(uint8_t *bits, unsigned int i)
{
	bits[i / 8] |= (uint8_t)(0x80 >> i % 8);
}

// Bits first to last - 1 by chance, which no outsider knows; the last one set: it makes the last
// RSS_BITS bits of the source that count tell the buckets apart, so that neighbouring addresses are
// spread evenly.
static void
fill_inside(unsigned int first, unsigned int last)
{
	memset(key_inside, 0, sizeof(key_inside));
	for (unsigned int i = first; i < last; i++) {
		const uint64_t nth[2] = {i / 32, KEY_HASH};

		if (hash_keyed(nth, sizeof(nth), KEY_HASH) >> i % 32 & 1)
			bit_set(key_inside, i);
	}
	bit_set(key_inside, last);
}

static void
fill_masks(void)
{
	for (unsigned int bit = 0; bit < RSS_BITS; bit++) {
		uint8_t bytes[16] = {0};

		// bit b of the hash is bit RSS_BITS - 1 - b of the bucket
		for (unsigned int i = 0; i < 128; i++)
			if (bit_get(key_inside, i + 31 - (RSS_BITS - 1 - bit)))
				bit_set(bytes, i);
		memcpy(&mask[bit], bytes, sizeof(bytes));
	}
}

void
rss_init(unsigned int src6_len, bool both)
{
	// beyond it, bits of the source that do not count and of the destination would meet the key
	const unsigned int last = src6_len + 31 - RSS_BITS;

	memset(key_outside, 0, sizeof(key_outside));
	bit_set(key_outside, PORT_BIT);
	if (!both || src6_len < 128) {
		fill_inside(0, last);
	} else {
		fill_inside(IPV4_END, last);
		bit_set(key_inside, PORT_BIT);
		memcpy(key_outside, key_inside, sizeof(key_outside));
	}
	fill_masks();
}

const uint8_t *
rss_key(bool inside, bool outside)
{
	return inside ? key_inside : key_outside;
}

unsigned int
rss_bucket_src6(const struct in6_addr *src6)
{
	unsigned int bucket = 0;
	uint64_t w[2];

	memcpy(w, src6, sizeof(w));
	for (unsigned int bit = 0; bit < RSS_BITS; bit++) {
		uint64_t x = (w[0] & mask[bit].w[0]) ^ (w[1] & mask[bit].w[1]);

		bucket |= (unsigned int)(__builtin_popcountll(x) & 1) << bit;
	}
	return bucket;
}

unsigned int
rss_bucket_of_entry(unsigned int entry)
{
	unsigned int bucket = 0;

	for (unsigned int bit = 0; bit < RSS_BITS; bit++)
		bucket |= (entry >> bit & 1) << (RSS_BITS - 1 - bit);
	return bucket;
}
