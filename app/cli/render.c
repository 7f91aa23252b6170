// SPDX-License-Identifier: BSD-3-Clause
#include "app/cli/render.h"

#include <ctype.h>
#include <rte_common.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define RENDER_COLUMNS 32
#define RENDER_INDENT  2

struct table {
	const char *key[RENDER_COLUMNS];
	int width[RENDER_COLUMNS];
	bool numeric[RENDER_COLUMNS];
	unsigned int n;
};

static void render_object(const json_t *o, FILE *out, int indent);

static bool
is_scalar(const json_t *v)
{
	return !json_is_object(v) && !json_is_array(v);
}

// An array of scalars, which goes on one line.
static bool
is_flat(const json_t *v)
{
	return json_is_array(v) && (json_array_size(v) > 0 && is_scalar(json_array_get(v, 0)));
}

static bool
is_line(const json_t *v)
{
	return is_scalar(v) || is_flat(v);
}

// buf holds what is not a string already
static const char *
scalar_text(const json_t *v, char buf[static 32])
{
	if (json_is_string(v))
		return json_string_value(v);
	if (json_is_integer(v))
		snprintf(buf, 32, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
	else if (json_is_real(v))
		snprintf(buf, 32, "%.1f", json_real_value(v));
	else if (json_is_boolean(v))
		return json_is_true(v) ? "yes" : "no";
	else
		return "-";
	return buf;
}

static void
render_line(const char *key, const json_t *v, FILE *out, int indent, int width)
{
	const json_t *item;
	char buf[32];
	size_t i;

	fprintf(out, "%*s%s:%*s", indent, "", key, width - (int)strlen(key) + 1, "");
	if (is_scalar(v))
		fputs(scalar_text(v, buf), out);
	json_array_foreach((json_t *)(uintptr_t)v, i, item)
		fprintf(out, "%s%s", i > 0 ? ", " : "", scalar_text(item, buf));
	fputc('\n', out);
}

static bool
is_closing(const char *key)
{
	return strcmp(key, "shown") == 0 || strcmp(key, "total") == 0;
}

static void
table_measure(struct table *t, const json_t *rows)
{
	json_t *first = json_array_get(rows, 0), *row, *v;
	bool words[RENDER_COLUMNS] = {false};
	const char *key;
	char buf[32];
	size_t i;

	json_object_foreach(first, key, v)
	{
		if (t->n == RENDER_COLUMNS)
			break;
		t->key[t->n] = key;
		t->width[t->n] = (int)strlen(key);
		t->n++;
	}
	json_array_foreach((json_t *)(uintptr_t)rows, i, row)
	{
		for (unsigned int c = 0; c < t->n; c++) {
			v = json_object_get(row, t->key[c]);
			words[c] |= json_is_string(v) || json_is_boolean(v);
			t->numeric[c] = !words[c] && (t->numeric[c] || json_is_number(v));
			t->width[c] = RTE_MAX(t->width[c], (int)strlen(scalar_text(v, buf)));
		}
	}
}

// The last column is not padded.
static void
table_cell(const struct table *t, unsigned int c, const char *text, FILE *out)
{
	const char *gap = c > 0 ? "  " : "";

	if (t->numeric[c])
		fprintf(out, "%s%*s", gap, t->width[c], text);
	else if (c + 1 == t->n)
		fprintf(out, "%s%s", gap, text);
	else
		fprintf(out, "%s%-*s", gap, t->width[c], text);
}

static void
table_heading(const struct table *t, FILE *out, int indent)
{
	char upper[64];

	fprintf(out, "%*s", indent, "");
	for (unsigned int c = 0; c < t->n; c++) {
		size_t len = 0;

		for (; t->key[c][len] != '\0' && len < sizeof(upper) - 1; len++)
			upper[len] = (char)toupper((unsigned char)t->key[c][len]);
		upper[len] = '\0';
		table_cell(t, c, upper, out);
	}
	fputc('\n', out);
}

static void
render_table(const json_t *rows, FILE *out, int indent)
{
	struct table t = {.n = 0};
	json_t *row;
	char buf[32];
	size_t i;

	table_measure(&t, rows);
	table_heading(&t, out, indent);
	json_array_foreach((json_t *)(uintptr_t)rows, i, row)
	{
		fprintf(out, "%*s", indent, "");
		for (unsigned int c = 0; c < t.n; c++)
			table_cell(&t, c, scalar_text(json_object_get(row, t.key[c]), buf), out);
		fputc('\n', out);
	}
}

static bool
has_nested(const json_t *rows)
{
	json_t *v;
	const char *key;

	json_object_foreach(json_array_get(rows, 0), key, v)
	{
		if (!is_scalar(v))
			return true;
	}
	return false;
}

static void
render_array(const json_t *rows, FILE *out, int indent)
{
	json_t *row;
	size_t i;

	if (!has_nested(rows)) {
		render_table(rows, out, indent);
		return;
	}
	json_array_foreach((json_t *)(uintptr_t)rows, i, row)
	{
		if (i > 0)
			fputc('\n', out);
		render_object(row, out, indent);
	}
}

static void
render_lines(const json_t *o, FILE *out, int indent, bool closing)
{
	const char *key;
	int width = 0;
	json_t *v;

	json_object_foreach((json_t *)(uintptr_t)o, key, v)
	{
		if (is_line(v) && !(closing && is_closing(key)))
			width = RTE_MAX(width, (int)strlen(key));
	}
	json_object_foreach((json_t *)(uintptr_t)o, key, v)
	{
		if (is_line(v) && !(closing && is_closing(key)))
			render_line(key, v, out, indent, width);
	}
}

static unsigned int
count_sections(const json_t *o, unsigned int *lines)
{
	unsigned int n = 0;
	const char *key;
	json_t *v;

	*lines = 0;
	json_object_foreach((json_t *)(uintptr_t)o, key, v)
	{
		n += !is_line(v);
		*lines += is_line(v) && !is_closing(key);
	}
	return n;
}

static void
render_section(const char *key, const json_t *v, FILE *out, int indent, bool heading)
{
	if (json_is_array(v) && json_array_size(v) == 0) {
		fprintf(out, "%*s%s: none\n", indent, "", key);
		return;
	}
	if (heading) {
		fprintf(out, "%*s%s:\n", indent, "", key);
		indent += RENDER_INDENT;
	}
	if (json_is_array(v))
		render_array(v, out, indent);
	else
		render_object(v, out, indent);
}

static void
render_closing(json_int_t shown, json_int_t total, FILE *out, int indent)
{
	if (shown < total)
		fprintf(out,
			"%*s%" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT
			" shown; limit N shows more\n",
			indent, "", shown, total);
}

static void
render_object(const json_t *o, FILE *out, int indent)
{
	const json_t *shown = json_object_get(o, "shown"), *total = json_object_get(o, "total");
	bool closing = json_is_integer(shown) && json_is_integer(total);
	unsigned int lines, sections = count_sections(o, &lines);
	bool gap = lines > 0;
	const char *key;
	json_t *v;

	render_lines(o, out, indent, closing);
	json_object_foreach((json_t *)(uintptr_t)o, key, v)
	{
		if (is_line(v))
			continue;
		if (gap)
			fputc('\n', out);
		render_section(key, v, out, indent, sections > 1);
		gap = true;
	}
	if (closing)
		render_closing(json_integer_value(shown), json_integer_value(total), out, indent);
}

void
render_text(const json_t *doc, FILE *out)
{
	render_object(doc, out, 0);
}

void
render_json(const json_t *doc, FILE *out)
{
	json_dumpf(doc, out, JSON_INDENT(2));
	fputc('\n', out);
}
