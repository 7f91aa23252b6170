// SPDX-License-Identifier: BSD-3-Clause
#include "base/rand.h"
#include "fixture.h"
#include "state/slots.h"

#define MAX 500

struct element {
	uint32_t word; // the slots' own while it is free
	uint32_t owner;
};

static struct element element[MAX];
static bool used[MAX];
static struct rand_pool rnd;

static void
start(struct slots *s)
{
	memset(used, 0, sizeof(used));
	slots_init(s, element, sizeof(element[0]), MAX);
}

static void
take(struct slots *s)
{
	uint32_t i = slots_take(s);

	assert_in_range(i, 0, MAX - 1);
	assert_false(used[i]);
	used[i] = true;
	element[i] = (struct element){UINT32_MAX - i, i};
}

static void
give(struct slots *s, uint32_t i)
{
	assert_int_equal(element[i].word, UINT32_MAX - i);
	assert_int_equal(element[i].owner, i);
	used[i] = false;
	slots_give(s, i);
	assert_int_equal(element[i].owner, i);
}

// None twice, all of them, and none is written to while it is in use.
static void
each_is_handed_out_once(void **state)
{
	struct slots s;
	uint32_t n = 0;

	start(&s);
	for (unsigned int step = 0; step < 200000; step++) {
		uint32_t i = rand_below(&rnd, MAX);
		bool fills = step / 2000 % 2; // nearly empty and nearly full in turn

		if (used[i] && rand_below(&rnd, fills ? 8 : 1) == 0) {
			give(&s, i);
			n--;
		} else if (n < MAX && (fills || rand_below(&rnd, 8) == 0)) {
			take(&s);
			n++;
		}
		assert_int_equal(slots_used(&s), n);
		assert_int_equal(slots_full(&s), n == MAX);
		if (step % 64 == 0)
			assert_true(slots_check(&s));
	}
	while (n < MAX) {
		take(&s);
		n++;
	}
	assert_true(slots_full(&s));
	assert_int_equal(slots_take(&s), INDEX_NONE);
}

// With none, some, as many as the ring has and more free ones, and then untouched ones.
static void
peek_tells_what_take_returns(void **state)
{
	static const uint32_t freed[] = {
		0, 1, 32, SLOTS_AHEAD - 1, SLOTS_AHEAD, SLOTS_AHEAD + 1, 2 * SLOTS_AHEAD, 400};

	for (unsigned int f = 0; f < RTE_DIM(freed); f++) {
		uint32_t next[SLOTS_AHEAD];
		struct slots s;

		start(&s);
		for (uint32_t i = 0; i < 450; i++)
			take(&s);
		for (uint32_t i = 0; i < freed[f]; i++)
			give(&s, i * 7 % 450);
		for (uint32_t k = 0; k < SLOTS_AHEAD; k++)
			next[k] = slots_peek(&s, k);
		for (uint32_t k = 0; k < SLOTS_AHEAD; k++)
			assert_int_equal(slots_take(&s), next[k]);
		assert_true(slots_check(&s));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_handed_out_once),
		cmocka_unit_test(peek_tells_what_take_returns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
