// SPDX-License-Identifier: BSD-3-Clause
#include "config/load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void
read_and_check(struct draft *d, const char *path, const char *text, size_t len)
{
	struct tree_error e;
	struct tree tree;
	int rc = tree_parse(&tree, text, len, &e);

	if (rc == -EINVAL)
		report_at(&d->report, e.line, e.col, "yaml", "%s", e.err.text);
	else if (rc)
		report_at(&d->report, 1, 1, "yaml", "%s", strerror(-rc));
	else
		config_read(d, tree.root);
	tree_free(&tree);
	if (!d->report.n_problem && !d->report.n_more)
		config_check(d, path);
}

int
config_load_text(const char *path, const char *text, size_t len, struct config *c, FILE *errors)
{
	struct draft d = {.config = c};
	int rc;

	memset(c, 0, sizeof(*c));
	read_and_check(&d, path, text, len);
	report_print(&d.report, path, errors);
	rc = d.report.n_problem || d.report.n_more ? -EINVAL : 0;
	report_free(&d.report);
	return rc;
}

int
config_load(const char *path, struct config *c, FILE *errors)
{
	char *text = malloc(TREE_BYTES + 1);
	FILE *f = text ? fopen(path, "re") : NULL;
	size_t len = f ? fread(text, 1, TREE_BYTES + 1, f) : 0;
	int rc = f && !ferror(f) ? 0 : -errno;

	if (rc)
		fprintf(errors, "%s: cannot be read: %s\n", path, strerror(-rc));
	else
		rc = config_load_text(path, text, len, c, errors);
	if (f)
		fclose(f);
	free(text);
	return rc;
}
