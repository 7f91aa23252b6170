// SPDX-License-Identifier: BSD-3-Clause
#include "config/report.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void
report_free(struct report *r)
{
	free(r->problem);
	free(r->mark);
	memset(r, 0, sizeof(*r));
}

static int
by_place(const void *a, const void *b)
{
	const struct problem *p = a, *q = b;

	if (p->line != q->line)
		return p->line < q->line ? -1 : 1;
	if (p->col != q->col)
		return p->col < q->col ? -1 : 1;
	return strcmp(p->text, q->text);
}

void
report_print(struct report *r, const char *file, FILE *out)
{
	if (r->n_problem)
		qsort(r->problem, r->n_problem, sizeof(r->problem[0]), by_place);
	for (unsigned int i = 0; i < r->n_problem; i++) {
		const struct problem *p = &r->problem[i];

		fprintf(out, "%s:%u:%u: %s\n", file, p->line, p->col, p->text);
	}
	if (r->n_more)
		fprintf(out, "%s: and %u more problems\n", file, r->n_more);
}

// NULL: enough, or no memory.
static struct problem *
problem_new(struct report *r)
{
	struct problem *p;

	if (r->n_problem == REPORT_MAX)
		return NULL;
	if (r->n_problem == r->cap_problem) {
		unsigned int cap = r->cap_problem ? 4 * r->cap_problem : 4;

		p = realloc(r->problem, cap * sizeof(*p));
		if (!p)
			return NULL;
		r->problem = p;
		r->cap_problem = cap;
	}
	return &r->problem[r->n_problem++];
}

static void
report_v(struct report *r, unsigned int line, unsigned int col, const char *path, const char *fmt,
	va_list ap)
{
	struct problem *p = problem_new(r);
	int n;

	if (!p) {
		r->n_more++;
		return;
	}
	p->line = line;
	p->col = col;
	n = snprintf(p->text, sizeof(p->text), "%s: ", path);
	vsnprintf(p->text + n, sizeof(p->text) - (size_t)n, fmt, ap);
}

void
report_at(struct report *r, unsigned int line, unsigned int col, const char *path, const char *fmt,
	...)
{
	va_list ap;

	va_start(ap, fmt);
	report_v(r, line, col, path, fmt, ap);
	va_end(ap);
}

void
report_mark(
	struct report *r, const void *field, unsigned int line, unsigned int col, const char *path)
{
	struct mark *m;

	if (r->n_mark == r->cap_mark) {
		unsigned int cap = r->cap_mark ? 2 * r->cap_mark : 128;

		m = realloc(r->mark, cap * sizeof(*m));
		if (!m)
			return; // messages get less exact
		r->mark = m;
		r->cap_mark = cap;
	}
	m = &r->mark[r->n_mark++];
	m->field = field;
	m->line = line;
	m->col = col;
	snprintf(m->path, sizeof(m->path), "%s", path);
}

const struct mark *
report_find(const struct report *r, const void *field)
{
	for (unsigned int i = r->n_mark; field && i > 0; i--) {
		if (r->mark[i - 1].field == field)
			return &r->mark[i - 1];
	}
	return NULL;
}

static const struct mark *
find_path(const struct report *r, const char *path, size_t len)
{
	for (unsigned int i = 0; i < r->n_mark; i++) {
		if (strlen(r->mark[i].path) == len && !strncmp(r->mark[i].path, path, len))
			return &r->mark[i];
	}
	return NULL;
}

// The mark of path, or of the innermost key around it.
static const struct mark *
find_around(const struct report *r, const char *path)
{
	size_t len = strlen(path);

	for (; len > 0; len--) {
		const struct mark *m;

		if (path[len] != '\0' && path[len] != '.' && path[len] != '[')
			continue;
		m = find_path(r, path, len);
		if (m)
			return m;
	}
	return NULL;
}

void
report_field(struct report *r, const void *field, const char *path, const char *fmt, ...)
{
	static const struct mark start = {.line = 1, .col = 1};
	const struct mark *m = report_find(r, field);
	va_list ap;

	if (m)
		path = m->path;
	else
		m = find_around(r, path);
	if (!m)
		m = &start;
	va_start(ap, fmt);
	report_v(r, m->line, m->col, path, fmt, ap);
	va_end(ap);
}
