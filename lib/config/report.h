// SPDX-License-Identifier: BSD-3-Clause
// Problems found in a file, printed in the order of the text, and where each setting was written.
// Internal to lib/config.
#ifndef CONFIG_REPORT_H
#define CONFIG_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#define REPORT_MAX  100 // problems printed
#define CONFIG_PATH 96  // longest key path, such as nat64.pool4[255].address

struct problem {
	unsigned int line, col;
	char text[768];
};

// Where a setting was written.
struct mark {
	const void *field; // in struct config; NULL for a section
	unsigned int line, col;
	char path[CONFIG_PATH];
};

struct report {
	struct problem *problem;
	unsigned int n_problem, cap_problem;
	unsigned int n_more; // found and not kept
	struct mark *mark;
	unsigned int n_mark, cap_mark;
};

void report_free(struct report *r);
void report_print(struct report *r, const char *file, FILE *out);

// Keeps "path: fmt".
void report_at(struct report *r, unsigned int line, unsigned int col, const char *path,
	const char *fmt, ...) __attribute__((format(printf, 5, 6)));

void report_mark(
	struct report *r, const void *field, unsigned int line, unsigned int col, const char *path);
// NULL: the file does not set the field.
const struct mark *report_find(const struct report *r, const void *field);

// A problem with a field. When the file does not set it, it is said of path, at the place of the
// innermost section around it that the file has.
void report_field(struct report *r, const void *field, const char *path, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#endif
