// SPDX-License-Identifier: BSD-3-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/hash.h"
#include "base/rand.h"

// Keys that differ in one counter spread over the buckets: no bucket of 1024 gets more than four
// times its share of 64 k keys.
static void
hash_spreads_counters(void **state)
{
	static unsigned int bucket[1024];
	uint32_t key[8] = {0};

	for (unsigned int i = 0; i < 65536; i++) {
		key[4] = i;
		bucket[hash_keyed(key, sizeof(key), 0) % 1024]++;
	}
	for (unsigned int i = 0; i < 1024; i++)
		assert_in_range(bucket[i], 1, 4 * 64);
}

static void
hash_every_byte_counts(void **state)
{
	uint8_t key[32] = {0};
	uint32_t zero = hash_keyed(key, sizeof(key), 0);

	for (unsigned int i = 0; i < sizeof(key); i++) {
		key[i] = 1;
		assert_int_not_equal(hash_keyed(key, sizeof(key), 0), zero);
		key[i] = 0;
	}
	assert_int_equal(hash_keyed(key, sizeof(key), 0), zero);
}

// N64-DOS-08: 4096 keys that all meet in one bucket of 1024 under one key of the hash are spread
// under the next process' key.
static void
n64_dos_08_collisions_cannot_be_prepared(void **state)
{
	static const uint64_t known[HASH_KEY_WORDS] = {1, 2, 3, 4, 5, 6, 7, 8};
	static unsigned int bucket[1024];
	uint64_t own[HASH_KEY_WORDS];
	uint32_t key[8] = {0}, n = 0;

	memcpy(own, hash_key, sizeof(own));
	while (n < 4096) {
		uint32_t crafted;

		key[4]++;
		memcpy(hash_key, known, sizeof(known));
		crafted = hash_keyed(key, sizeof(key), 0) % 1024;
		memcpy(hash_key, own, sizeof(own));
		if (crafted != 0)
			continue;
		bucket[hash_keyed(key, sizeof(key), 0) % 1024]++;
		n++;
	}
	for (unsigned int i = 0; i < 1024; i++)
		assert_in_range(bucket[i], 0, 32); // 4 on average
}

// What an earlier run spread stays where it was.
static void
hash_key_restored(void **state)
{
	uint64_t key[HASH_KEY_WORDS], own[HASH_KEY_WORDS], data[2] = {1, 2};
	uint32_t hash = hash_keyed(data, sizeof(data), 0);

	memcpy(own, hash_key, sizeof(own));
	for (unsigned int i = 0; i < HASH_KEY_WORDS; i++)
		key[i] = i * 0x9e3779b97f4a7c15;
	hash_key_restore(key);
	hash_key_init();
	assert_memory_equal(hash_key, key, sizeof(key));
	hash_key_restore(own);
	assert_int_equal(hash_keyed(data, sizeof(data), 0), hash);
}

static void
rand_below_stays_below(void **state)
{
	struct rand_pool r = {.left = 0};

	for (unsigned int i = 0; i < 10000; i++)
		assert_in_range(rand_below(&r, 7), 0, 6);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hash_spreads_counters),
		cmocka_unit_test(hash_every_byte_counts),
		cmocka_unit_test(n64_dos_08_collisions_cannot_be_prepared),
		cmocka_unit_test(hash_key_restored),
		cmocka_unit_test(rand_below_stays_below),
	};

	hash_key_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
