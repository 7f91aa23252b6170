// SPDX-License-Identifier: BSD-3-Clause
// A gateway of two workers and DNS64 for each test, and its answers as JSON.
#ifndef TESTS_CLI_ANSWER_H
#define TESTS_CLI_ANSWER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "app/cli/command.h"
#include "app/state_file.h"
#include "fake.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

static struct gateway *gw;

static inline int
setup(void **state)
{
	gw = fake_gateway(2, true);
	return 0;
}

static inline int
teardown(void **state)
{
	fake_gateway_free(gw);
	return 0;
}

// The document of a command that must work.
static inline json_t *
ask(const char *line)
{
	char command[CLI_LINE_MAX + 1], *text;
	enum cli_after after;
	json_error_t where;
	json_t *doc;
	int rc;

	snprintf(command, sizeof(command), "%s json", line);
	rc = cli_execute(gw, command, &text, &after);
	if (rc != 0)
		fail_msg("%s: %s", line, text);
	doc = json_loads(text, JSON_REJECT_DUPLICATES, &where);
	if (!doc)
		fail_msg("%s: %s", line, where.text);
	free(text);
	return doc;
}

static inline void
assert_text(const char *line, int want_rc, const char *want)
{
	enum cli_after after;
	char *text;
	int rc = cli_execute(gw, line, &text, &after);

	if (rc != want_rc || !strstr(text, want))
		fail_msg("%s: %d, '%s' instead of '%s'", line, rc, text, want);
	free(text);
}

static inline json_int_t
number(const json_t *doc, const char *key)
{
	return json_integer_value(json_object_get(doc, key));
}

static inline const char *
string(const json_t *doc, const char *key)
{
	return json_string_value(json_object_get(doc, key));
}

static inline json_t *
row(const json_t *doc, const char *key, size_t i)
{
	return json_array_get(json_object_get(doc, key), i);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
