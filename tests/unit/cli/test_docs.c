// SPDX-License-Identifier: BSD-3-Clause
// docs/cli.md is what the table of commands says. "test_cli_docs --print > docs/cli.md" makes it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "app/cli/command.h"
#include "app/cli/docs.h"

#include <stdio.h>
#include <stdlib.h>

static char *
read_all(FILE *f)
{
	char *text = NULL;
	size_t size = 0;

	if (getdelim(&text, &size, '\0', f) < 0) {
		free(text);
		return NULL;
	}
	return text;
}

static void
docs_are_current(void **state)
{
	FILE *file = fopen(CLI_DOCS, "r"), *now;
	char *want, *text = NULL;
	size_t len;

	assert_non_null(file);
	want = read_all(file);
	now = open_memstream(&text, &len);
	cli_print_docs(now);
	fclose(now);
	if (!want || strcmp(text, want) != 0)
		fail_msg("docs/cli.md is old; make it with: %s", "test_cli_docs --print");
	fclose(file);
	free(want);
	free(text);
}

static void
docs_name_every_command(void **state)
{
	char *text = NULL, syntax[128], heading[160];
	size_t len;
	FILE *f = open_memstream(&text, &len);

	cli_print_docs(f);
	fclose(f);
	for (unsigned int i = 0; i < cli_n_commands; i++) {
		cli_command_syntax(&cli_commands[i], syntax, sizeof(syntax));
		snprintf(heading, sizeof(heading), "\n`%s`\n", syntax);
		assert_non_null(strstr(text, heading));
		assert_non_null(strstr(text, cli_commands[i].help + 1));
	}
	free(text);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(docs_are_current),
		cmocka_unit_test(docs_name_every_command),
	};

	if (argc == 2 && strcmp(argv[1], "--print") == 0) {
		cli_print_docs(stdout);
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
