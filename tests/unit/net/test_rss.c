// SPDX-License-Identifier: BSD-3-Clause
// The RSS keys against DPDK's own Toeplitz hash, over random packets.
#include "base/hash.h"
#include "base/rand.h"
#include "net/rss.h"

#include <rte_thash.h>

// cmocka wants these first
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on

#define ROUNDS 20000

// Input in the order of the wire; rte_softrss wants words in the host's order.
static unsigned int
entry_of(const uint8_t *input, unsigned int len, const uint8_t *key)
{
	uint32_t words[9];

	for (unsigned int i = 0; i < len / 4; i++)
		words[i] = (uint32_t)input[4 * i] << 24 | (uint32_t)input[4 * i + 1] << 16 |
			   (uint32_t)input[4 * i + 2] << 8 | input[4 * i + 3];
	return rte_softrss(words, len / 4, key) % RSS_BUCKETS;
}

static void
fill(uint8_t *p, unsigned int len)
{
	static struct rand_pool rand;

	for (unsigned int i = 0; i < len; i++)
		p[i] = (uint8_t)rand_u16(&rand);
}

// Whatever the destination and the ports are, and whether the NIC hashes these or not.
static void
check_inside(const uint8_t *key)
{
	struct in6_addr src;
	uint8_t in[36];

	for (unsigned int i = 0; i < ROUNDS; i++) {
		unsigned int bucket;

		fill(in, sizeof(in));
		memcpy(&src, in, sizeof(src));
		bucket = rss_bucket_src6(&src);
		assert_int_equal(rss_bucket_of_entry(entry_of(in, 36, key)), bucket);
		assert_int_equal(rss_bucket_of_entry(entry_of(in, 32, key)), bucket);
	}
}

static void
check_outside(const uint8_t *key)
{
	uint8_t in[12];

	for (unsigned int i = 0; i < ROUNDS; i++) {
		uint16_t port;

		fill(in, sizeof(in));
		port = (uint16_t)(in[10] << 8 | in[11]);
		assert_int_equal(rss_bucket_of_entry(entry_of(in, 12, key)), rss_bucket_port(port));
	}
}

static void
n64_mc_01_a_key_for_each_side(void **state)
{
	static const unsigned int len[] = {128, 127, 64, 56, 48};

	for (unsigned int i = 0; i < 5; i++) {
		rss_init(len[i], false);
		check_inside(rss_key(true, false));
		check_outside(rss_key(false, true));
	}
}

static void
n64_mc_01_one_key_for_both(void **state)
{
	rss_init(128, true);
	assert_memory_equal(rss_key(true, false), rss_key(false, true), RSS_KEY_LEN);
	check_inside(rss_key(true, true));
	check_outside(rss_key(true, true));
	// a subscriber's bits are not among those that one key leaves free: IPv6 goes first
	rss_init(64, true);
	check_inside(rss_key(true, true));
}

// Only the leading bits count (N64-MC-04).
static void
n64_mc_04_bits_that_count(void **state)
{
	static const unsigned int len[] = {128, 64, 48};

	for (unsigned int i = 0; i < 3; i++) {
		unsigned int counts = 0;

		rss_init(len[i], false);
		for (unsigned int bit = 0; bit < 128; bit++) {
			struct in6_addr a = {0}, b = {0};

			b.s6_addr[bit / 8] = (uint8_t)(0x80 >> bit % 8);
			if (rss_bucket_src6(&a) == rss_bucket_src6(&b))
				continue;
			assert_true(bit < len[i]);
			counts++;
		}
		assert_true(counts > len[i] / 2);
	}
}

// Neighbouring addresses, or networks, are spread evenly whatever the key is.
static void
neighbours_are_spread_evenly(void **state)
{
	static const unsigned int len[] = {128, 64};

	for (unsigned int i = 0; i < 4; i++) {
		unsigned int l = len[i / 2], count[RSS_BUCKETS] = {0};

		rss_init(l, i % 2);
		for (unsigned int n = 0; n < 1024; n++) {
			struct in6_addr a = {.s6_addr = {0x20, 1, 0xd, 0xb8}};

			a.s6_addr[l / 8 - 1] = (uint8_t)n;
			a.s6_addr[l / 8 - 2] = (uint8_t)(n >> 8);
			count[rss_bucket_src6(&a)]++;
		}
		for (unsigned int b = 0; b < RSS_BUCKETS; b++)
			assert_int_equal(count[b], 1024 / RSS_BUCKETS);
	}
}

// An outsider who knows the addresses does not know the bucket.
static void
keys_differ_from_boot_to_boot(void **state)
{
	uint8_t first[RSS_KEY_LEN];

	rss_init(128, false);
	memcpy(first, rss_key(true, false), sizeof(first));
	rss_init(128, false);
	assert_memory_equal(first, rss_key(true, false), sizeof(first));
	hash_key[1] ^= 0x5555555555555555;
	rss_init(128, false);
	assert_memory_not_equal(first, rss_key(true, false), sizeof(first));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(n64_mc_01_a_key_for_each_side),
		cmocka_unit_test(n64_mc_01_one_key_for_both),
		cmocka_unit_test(n64_mc_04_bits_that_count),
		cmocka_unit_test(neighbours_are_spread_evenly),
		cmocka_unit_test(keys_differ_from_boot_to_boot),
	};

	hash_key_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
