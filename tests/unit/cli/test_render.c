// SPDX-License-Identifier: BSD-3-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "app/cli/doc.h"
#include "app/cli/render.h"

#include <stdlib.h>

static const struct {
	const char *name, *json, *text;
} rows[] = {
	{"scalars are aligned", "{'a':1,'long_key':'x','b':true,'n':null,'r':12.345}",
		"a:        1\nlong_key: x\nb:        yes\nn:        -\nr:        12.3\n"},
	{"an array of objects is a table, numbers to the right",
		"{'rows':[{'name':'a','count':5,'text':'one "
		"two'},{'name':'bcdef','count':12345,'text':'x'}]}",
		"NAME   COUNT  TEXT\na          5  one two\nbcdef  12345  x\n"},
	{"a missing or empty cell is a dash", "{'rows':[{'a':'x','b':null},{'a':'yy'}]}",
		"A   B\nx   -\nyy  -\n"},
	{"a column that begins with a dash goes by the rest of it",
		"{'rows':[{'a':null,'bb':null,'c':1},{'a':'xxx','bb':5,'c':null}]}",
		"A    BB  C\n-     -  1\nxxx   5  -\n"},
	{"an empty array", "{'rows':[]}", "rows: none\n"},
	{"an array of scalars is one line", "{'list':['a','b',3]}", "list: a, b, 3\n"},
	{"scalars before a section, a gap between", "{'rows':[{'a':1}],'total_size':3}",
		"total_size: 3\n\nA\n1\n"},
	{"several sections get headings", "{'x':{'a':1},'y':[{'b':2}]}",
		"x:\n  a: 1\n\ny:\n  B\n  2\n"},
	{"rows that hold lists are sections",
		"{'ports':[{'p':'lan','l':['a','b']},{'p':'wan','l':['c']}]}",
		"p: lan\nl: a, b\n\np: wan\nl: c\n"},
	{"what is left out is said", "{'rows':[{'a':1}],'shown':1,'total':12345}",
		"A\n1\n1 of 12345 shown; limit N shows more\n"},
	{"nothing is left out", "{'rows':[{'a':1}],'shown':1,'total':1}", "A\n1\n"},
	{"shown alone is a scalar", "{'shown':1}", "shown: 1\n"},
	{"nothing to say", "{}", ""},
	{"deeply nested", "{'a':{'b':{'c':1},'d':2}}", "d: 2\n\nc: 1\n"},
};

static void
render_texts(void **state)
{
	for (unsigned int i = 0; i < RTE_DIM(rows); i++) {
		char *json = strdup(rows[i].json), *text = NULL;
		size_t len;
		FILE *f = open_memstream(&text, &len);
		json_t *doc;

		for (char *c = json; *c != '\0'; c++) {
			if (*c == '\'')
				*c = '"';
		}
		doc = json_loads(json, 0, NULL);
		assert_non_null(doc);
		render_text(doc, f);
		fclose(f);
		if (strcmp(text, rows[i].text) != 0)
			fail_msg("%s:\n%s\ninstead of\n%s", rows[i].name, text, rows[i].text);
		free(text);
		free(json);
		json_decref(doc);
	}
}

// What comes from the network must not reach a terminal as an escape sequence.
static void
doc_text_cleans(void **state)
{
	json_t *j = doc_text("a\033[31mb\n\x80\xff ~\x7f");

	assert_string_equal(json_string_value(j), "a?[31mb??? ~?");
	json_decref(j);
}

static void
doc_list_counts_beyond_limit(void **state)
{
	struct doc_list l;

	assert_int_equal(doc_list_init(&l, 8, 2, NULL), 0);
	assert_non_null(doc_list_push(&l));
	assert_non_null(doc_list_push(&l));
	assert_null(doc_list_push(&l));
	assert_int_equal(l.n, 2);
	assert_int_equal(l.total, 3);
	doc_list_fini(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(render_texts),
		cmocka_unit_test(doc_text_cleans),
		cmocka_unit_test(doc_list_counts_beyond_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
