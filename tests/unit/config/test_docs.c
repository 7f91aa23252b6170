// SPDX-License-Identifier: BSD-3-Clause
#include "rows.h"

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

// To make it current: build/tests/unit/config/gen_config_docs > docs/config.md
static void
docs_are_current(void **state)
{
	char *have = read_all(SOURCE_ROOT "/docs/config.md");
	char *want = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&want, &len);

	config_print_docs(f);
	fclose(f);
	assert_string_equal(have, want);
	free(have);
	free(want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(docs_are_current),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
