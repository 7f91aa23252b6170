// SPDX-License-Identifier: BSD-3-Clause
// show drops, show workers
#include "answer.h"

static void
drops_show_what_is_not_zero(void **state)
{
	json_t *doc, *d;

	fake_stats(gw, 0)->rx = 10;
	fake_stats(gw, 1)->rx = 5;
	fake_stats(gw, 0)->tx = 9;
	fake_stats(gw, 1)->drop[DROP_TTL] = 4;
	fake_stats(gw, 0)->drop[DROP_TTL] = 2;
	doc = ask("show drops");
	assert_int_equal(number(doc, "received"), 15);
	assert_int_equal(number(doc, "sent"), 9);
	assert_int_equal(number(doc, "dropped"), 6);
	assert_int_equal(json_array_size(json_object_get(doc, "drops")), 1);
	d = row(doc, "drops", 0);
	assert_string_equal(string(d, "reason"), "ttl");
	assert_int_equal(number(d, "count"), 6);
	assert_int_equal(number(d, "worker1"), 4);
	assert_string_equal(string(d, "explanation"), drop_text[DROP_TTL]);
	json_decref(doc);
	doc = ask("show drops all");
	assert_int_equal(json_array_size(json_object_get(doc, "drops")), DROP__N);
	json_decref(doc);
	assert_text("clear drops", 0, "");
	assert_text("show drops", 0, "drops: none\n");
}

static void
workers_show_idle_share(void **state)
{
	json_t *doc;

	fake_stats(gw, 1)->polls = 200;
	fake_stats(gw, 1)->polls_idle = 50;
	fake_sessions(gw, 1, 2, 3);
	doc = ask("show workers");
	assert_true(json_real_value(json_object_get(row(doc, "workers", 1), "idle_percent")) == 25);
	assert_int_equal(number(row(doc, "workers", 1), "sessions"), 3);
	assert_int_equal(number(row(doc, "workers", 1), "lcore"), 2);
	assert_int_equal(number(row(doc, "workers", 1), "cpu"), 3);
	json_decref(doc);
}

static void
workers_show_what_they_hand_over(void **state)
{
	json_t *doc;

	for (unsigned int k = 0; k < HANDED__N; k++)
		fake_stats(gw, 1)->handed[k] = k + 1;
	doc = ask("show workers");
	assert_int_equal(number(row(doc, "workers", 0), "handed_over"), 0);
	assert_int_equal(number(row(doc, "workers", 1), "handed_over"), 36);
	for (unsigned int k = 0; k < HANDED__N; k++) {
		assert_string_equal(string(row(doc, "handed_over", k), "kind"), handed_name[k]);
		assert_int_equal(number(row(doc, "handed_over", k), "by_worker1"), k + 1);
	}
	json_decref(doc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(drops_show_what_is_not_zero),
		T(workers_show_idle_share),
		T(workers_show_what_they_hand_over),
	};

	fake_eal();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
