// SPDX-License-Identifier: BSD-3-Clause
#include "base/rand.h"
#include "fixture.h"
#include "state/table.h"

// Elements are their keys; what the table is told of a key's hash is up to the test.
#define KEYS 40000

static uint32_t key[KEYS];
static bool in[KEYS];
static struct rand_pool rnd;
static uint32_t salt; // another one, other hashes

static bool
is(const void *array, uint32_t index, const void *k)
{
	return ((const uint32_t *)array)[index] == *(const uint32_t *)k;
}

static uint32_t
hash_of(uint32_t k)
{
	const uint64_t block[2] = {k, salt};

	return hash_keyed(block, sizeof(block), 0);
}

static void
start(struct table *t, uint32_t limit)
{
	memset(in, 0, sizeof(in));
	for (uint32_t i = 0; i < KEYS; i++)
		key[i] = i * 3 + 1;
	assert_int_equal(table_init(t, limit, is, key, SOCKET_ID_ANY), 0);
}

static void
assert_agrees(const struct table *t, uint32_t n_keys, uint32_t (*hash)(uint32_t))
{
	uint32_t n, n_in = 0;

	for (uint32_t i = 0; i < n_keys; i++) {
		assert_int_equal(table_find(t, &key[i], hash(key[i])), in[i] ? i : INDEX_NONE);
		n_in += in[i];
	}
	assert_true(table_check(t, &n));
	assert_int_equal(n, n_in);
}

static void
a_table_takes_what_it_has_room_for(void **state)
{
	static const uint32_t limits[] = {1, 2, 64, 100, 1000, 4096, KEYS};

	for (unsigned int l = 0; l < RTE_DIM(limits); l++) {
		struct table t;

		start(&t, limits[l]);
		for (uint32_t i = 0; i < limits[l]; i++) {
			assert_int_equal(table_add(&t, hash_of(key[i]), i), 0);
			in[i] = true;
		}
		assert_agrees(&t, KEYS, hash_of);
		for (uint32_t i = 0; i < limits[l]; i++)
			table_del(&t, hash_of(key[i]), i);
		memset(in, 0, sizeof(in));
		assert_agrees(&t, KEYS, hash_of);
		table_fini(&t);
	}
}

// One key goes and another one comes, long after each place was used: keys that had to go to their
// second bucket stay there, so a table that has been full for a while is less tidy than one that
// was just filled. For many hashes, with sizes from those that have few buckets on.
static void
a_full_table_takes_one_for_one(void **state)
{
	static const uint32_t limits[] = {1, 100, 320, 331, 400, 1000, 5000, KEYS / 2};
	static uint32_t hash[KEYS];

	for (unsigned int l = 0; l < RTE_DIM(limits) * 4; l++) {
		uint32_t limit = limits[l % RTE_DIM(limits)], next = limit;
		struct table t;

		salt = rand_u32(&rnd);
		start(&t, limit);
		for (uint32_t i = 0; i < limit; i++) {
			hash[i] = hash_of(rand_u32(&rnd));
			assert_int_equal(table_add(&t, hash[i], i), 0);
		}
		for (unsigned int step = 0; step < 20000 + 10 * limit; step++) {
			next = rand_below(&rnd, limit);
			table_del(&t, hash[next], next);
			hash[next] = hash_of(rand_u32(&rnd));
			assert_int_equal(table_add(&t, hash[next], next), 0);
		}
		assert_true(table_check(&t, &next));
		assert_int_equal(next, limit);
		table_fini(&t);
	}
	salt = 0;
}

// What a table costs: a cache line for ten places, and two places of seven spare.
static void
a_key_takes_nine_bytes(void **state)
{
	struct table t;

	start(&t, KEYS);
	assert_in_range(t.n_bucket * sizeof(*t.bucket), KEYS, KEYS * 9);
	table_fini(&t);
}

// Far more than what is spare: nearly every insertion has to move keys at last.
static void
keys_are_moved_to_make_room(void **state)
{
	struct table t;
	uint32_t places, i = 0;

	start(&t, KEYS / 2);
	places = t.n_bucket * TABLE_BUCKET;
	while (i < KEYS && table_add(&t, hash_of(key[i]), i) == 0)
		in[i++] = true;
	assert_in_range(i, places / 100 * 95, places);
	assert_agrees(&t, KEYS, hash_of);
	table_fini(&t);
}

// Against an array, about half full, with many keys on their way in and out.
static void
random_steps_agree_with_a_model(void **state)
{
	struct table t;

	start(&t, 1000);
	for (unsigned int step = 0; step < 200000; step++) {
		uint32_t i = rand_below(&rnd, 1400);

		assert_int_equal(table_find(&t, &key[i], hash_of(key[i])), in[i] ? i : INDEX_NONE);
		if (in[i])
			table_del(&t, hash_of(key[i]), i);
		else if (table_add(&t, hash_of(key[i]), i) < 0)
			continue;
		in[i] = !in[i];
	}
	assert_agrees(&t, 1400, hash_of);
	table_fini(&t);
}

static uint32_t
same_hash(uint32_t k)
{
	return 0x12345678;
}

static uint32_t
same_tag(uint32_t k)
{
	return hash_of(k) | 0xffff;
}

static uint32_t
same_buckets(uint32_t k)
{
	return (0x12340000u + k % 16) | 1;
}

// N64-DOS-08, if the hash key were known: both buckets of the keys are full, the next one is
// refused after a bounded search, and nothing else suffers.
static void
n64_dos_08_one_hash_for_all(void **state)
{
	struct table t;
	uint32_t n = 0;

	start(&t, KEYS);
	while (table_add(&t, same_hash(key[n]), n) == 0)
		in[n++] = true;
	assert_int_equal(n, 2 * TABLE_BUCKET);
	assert_agrees(&t, 100, same_hash);
	for (uint32_t i = 0; i < n; i += 2) {
		table_del(&t, same_hash(key[i]), i);
		in[i] = false;
	}
	assert_agrees(&t, 100, same_hash);
	for (uint32_t i = 0; i < n; i += 2)
		assert_int_equal(table_add(&t, same_hash(key[i]), i), 0);
	table_fini(&t);
}

// Tags tell nothing apart: the comparison has to.
static void
n64_dos_08_one_tag_for_all(void **state)
{
	struct table t;

	start(&t, 4 * 4096);
	for (uint32_t i = 0; i < 4096; i++)
		in[i] = table_add(&t, same_tag(key[i]), i) == 0;
	assert_int_equal(t.n, 4096);
	assert_agrees(&t, 8192, same_tag);
	table_fini(&t);
}

static void
n64_dos_08_one_first_bucket_for_all(void **state)
{
	struct table t;

	start(&t, 64);
	for (uint32_t i = 0; i < 64; i++)
		in[i] = table_add(&t, same_buckets(key[i]), i) == 0;
	assert_in_range(t.n, 2 * TABLE_BUCKET, 64);
	assert_agrees(&t, 200, same_buckets);
	for (uint32_t i = 0; i < 64; i++)
		if (in[i])
			table_del(&t, same_buckets(key[i]), i);
	memset(in, 0, sizeof(in));
	assert_agrees(&t, 200, same_buckets);
	table_fini(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_table_takes_what_it_has_room_for),
		cmocka_unit_test(a_full_table_takes_one_for_one),
		cmocka_unit_test(a_key_takes_nine_bytes),
		cmocka_unit_test(keys_are_moved_to_make_room),
		cmocka_unit_test(random_steps_agree_with_a_model),
		cmocka_unit_test(n64_dos_08_one_hash_for_all),
		cmocka_unit_test(n64_dos_08_one_tag_for_all),
		cmocka_unit_test(n64_dos_08_one_first_bucket_for_all),
	};

	fixture_eal("64");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
