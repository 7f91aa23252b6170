// SPDX-License-Identifier: BSD-3-Clause
#include "rows.h"

#include "config/driver.h"

static char *
read_all(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = NULL;
	size_t len = 0;

	assert_non_null(f);
	assert_true(getdelim(&text, &len, '\0', f) > 0);
	fclose(f);
	return text;
}

static void
is_current(const char *path, void (*print)(FILE *out))
{
	char *have = read_all(path);
	char *want = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&want, &len);

	print(f);
	fclose(f);
	assert_string_equal(have, want);
	free(have);
	free(want);
}

// To make them current: see gen_config_docs.c.
static void
docs_are_current(void **state)
{
	is_current(SOURCE_ROOT "/docs/config.md", config_print_docs);
}

static void
driver_docs_are_current(void **state)
{
	is_current(SOURCE_ROOT "/docs/drivers.md", driver_print_docs);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(docs_are_current),
		cmocka_unit_test(driver_docs_are_current),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
