// SPDX-License-Identifier: BSD-3-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "app/lcores.h"

#include <errno.h>
#include <string.h>

#define AUTO CONFIG_CPU_AUTO
#define N    ((int)(sizeof(rows) / sizeof(rows[0])))

static struct config *
open_choice(bool dns64)
{
	static struct config c;

	memset(&c, 0, sizeof(c));
	c.lcores.control = c.lcores.dns = AUTO;
	c.dns64.enabled = dns64;
	return &c;
}

// CPUs 0 to n - 1.
static void
choose(struct config *c, unsigned int n, const char *expect)
{
	int cpus[CONFIG_WORKERS * 2];
	struct err err = {.text = ""};
	char text[256];

	for (unsigned int i = 0; i < n; i++)
		cpus[i] = (int)i;
	assert_int_equal(lcores_choose(c, cpus, n, &err), 0);
	lcores_describe(c, text, sizeof(text));
	assert_string_equal(text, expect);
}

static void
all_by_itself(void **state)
{
	static const struct {
		unsigned int cpus;
		const char *with_dns, *without;
	} rows[] = {
		{1, "control CPU 0, DNS CPU 0, workers CPU 0", "control CPU 0, workers CPU 0"},
		{2, "control CPU 0, DNS CPU 0, workers CPU 1", "control CPU 0, workers CPU 1"},
		{3, "control CPU 0, DNS CPU 1, workers CPU 2", "control CPU 0, workers CPU 1 2"},
		{4, "control CPU 0, DNS CPU 1, workers CPU 2 3",
			"control CPU 0, workers CPU 1 2 3"},
		{8, "control CPU 0, DNS CPU 1, workers CPU 2 3 4 5 6 7",
			"control CPU 0, workers CPU 1 2 3 4 5 6 7"},
		{16, "control CPU 0, DNS CPU 1, workers CPU 2 3 4 5 6 7 8 9",
			"control CPU 0, workers CPU 1 2 3 4 5 6 7 8"},
	};

	for (int i = 0; i < N; i++) {
		choose(open_choice(true), rows[i].cpus, rows[i].with_dns);
		choose(open_choice(false), rows[i].cpus, rows[i].without);
	}
}

// What the configuration names is left to whom it names it for.
static void
around_what_is_named(void **state)
{
	static const struct {
		unsigned int cpus;
		int control, dns, worker[3];
		unsigned int workers;
		const char *expect;
	} rows[] = {
		{4, AUTO, AUTO, {0, 1}, 2, "control CPU 2, DNS CPU 3, workers CPU 0 1"},
		{4, AUTO, AUTO, {2, 3}, 2, "control CPU 0, DNS CPU 1, workers CPU 2 3"},
		{4, AUTO, AUTO, {0, 1, 2}, 3, "control CPU 3, DNS CPU 3, workers CPU 0 1 2"},
		{4, 3, AUTO, {0}, 0, "control CPU 3, DNS CPU 0, workers CPU 1 2"},
		{4, AUTO, 2, {0}, 0, "control CPU 0, DNS CPU 2, workers CPU 1 3"},
		{4, 0, 0, {0}, 0, "control CPU 0, DNS CPU 0, workers CPU 1 2 3"},
		{2, AUTO, AUTO, {0, 1}, 2, "control CPU 0, DNS CPU 0, workers CPU 0 1"},
		{2, 1, AUTO, {0}, 0, "control CPU 1, DNS CPU 1, workers CPU 0"},
		{2, 0, 1, {0}, 0, "control CPU 0, DNS CPU 1, workers CPU 1"},
		{1, 0, 0, {0}, 1, "control CPU 0, DNS CPU 0, workers CPU 0"},
	};

	for (int i = 0; i < N; i++) {
		struct config *c = open_choice(true);

		c->lcores.control = rows[i].control;
		c->lcores.dns = rows[i].dns;
		c->lcores.n_worker = rows[i].workers;
		memcpy(c->lcores.worker, rows[i].worker, sizeof(rows[i].worker));
		choose(c, rows[i].cpus, rows[i].expect);
	}
}

static void
the_worker_of_its_cpu_runs_dns64(void **state)
{
	static const struct {
		bool dns64;
		int dns, worker[2];
		bool by_worker;
	} rows[] = {
		{true, 1, {1, 2}, true},
		{true, 2, {1, 2}, false}, // its rings are the first worker's
		{true, 0, {1, 2}, false},
		{false, 1, {1, 2}, false},
	};

	for (int i = 0; i < N; i++) {
		struct config *c = open_choice(rows[i].dns64);

		c->lcores.dns = rows[i].dns;
		c->lcores.n_worker = 2;
		memcpy(c->lcores.worker, rows[i].worker, sizeof(rows[i].worker));
		assert_int_equal(lcores_dns_in_worker(c), rows[i].by_worker);
	}
}

static void
cpus_need_not_begin_at_0(void **state)
{
	static const int cpus[] = {2, 5, 7, 11};
	struct config *c = open_choice(true);
	struct err err = {.text = ""};
	char text[256];

	assert_int_equal(lcores_choose(c, cpus, 4, &err), 0);
	lcores_describe(c, text, sizeof(text));
	assert_string_equal(text, "control CPU 2, DNS CPU 5, workers CPU 7 11");
}

static void
a_cpu_that_is_not_there_is_named(void **state)
{
	static const int cpus[] = {0, 1};
	static const struct {
		int control, dns, worker;
		const char *key;
	} rows[] = {
		{2, AUTO, AUTO, "lcores.control: CPU 2 "},
		{AUTO, 2, AUTO, "lcores.dns: CPU 2 "},
		{AUTO, AUTO, 2, "lcores.workers: CPU 2 "},
	};

	for (int i = 0; i < N; i++) {
		struct config *c = open_choice(true);
		struct err err = {.text = ""};

		c->lcores.control = rows[i].control;
		c->lcores.dns = rows[i].dns;
		c->lcores.n_worker = rows[i].worker != AUTO;
		c->lcores.worker[0] = rows[i].worker;
		assert_int_equal(lcores_choose(c, cpus, 2, &err), -EINVAL);
		assert_memory_equal(err.text, rows[i].key, strlen(rows[i].key));
	}
}

static void
a_short_buffer_is_not_overrun(void **state)
{
	struct config *c = open_choice(true);
	char text[20 + 1] = "";
	int cpu = 0;
	struct err err;

	assert_int_equal(lcores_choose(c, &cpu, 1, &err), 0);
	text[20] = '!';
	lcores_describe(c, text, 20);
	assert_int_equal(strlen(text), 19);
	assert_int_equal(text[20], '!');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_by_itself),
		cmocka_unit_test(around_what_is_named),
		cmocka_unit_test(the_worker_of_its_cpu_runs_dns64),
		cmocka_unit_test(cpus_need_not_begin_at_0),
		cmocka_unit_test(a_cpu_that_is_not_there_is_named),
		cmocka_unit_test(a_short_buffer_is_not_overrun),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
