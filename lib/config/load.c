// SPDX-License-Identifier: BSD-3-Clause
#include "config/load.h"
#include "config/schema.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void
config_read_text(const struct schema *schema, struct report *r, const struct config *c,
	const char *text, size_t len, void *base)
{
	struct tree_error e;
	struct tree tree;
	int rc = tree_parse(&tree, text, len, &e);

	if (rc == -EINVAL)
		report_at(r, e.line, e.col, "yaml", "%s", e.err.text);
	else if (rc)
		report_at(r, 1, 1, "yaml", "%s", strerror(-rc));
	else
		config_read(schema, r, c, tree.root, base);
	tree_free(&tree);
}

int
config_load_text(const char *path, const char *text, size_t len, struct config *c, FILE *errors)
{
	struct draft d = {.config = c};
	int rc;

	memset(c, 0, sizeof(*c));
	config_read_text(&config_schema, &d.report, c, text, len, c);
	if (!d.report.n_problem && !d.report.n_more)
		config_check(&d, path);
	report_print(&d.report, path, errors);
	rc = d.report.n_problem || d.report.n_more ? -EINVAL : 0;
	report_free(&d.report);
	return rc;
}

int
config_read_file(const char *path, char **text, size_t *len, FILE *errors)
{
	FILE *f = fopen(path, "re");
	int rc = f ? 0 : -errno;

	*text = malloc(TREE_BYTES + 1);
	if (rc == 0 && !*text)
		rc = -ENOMEM;
	if (rc == 0)
		*len = fread(*text, 1, TREE_BYTES + 1, f);
	if (rc == 0 && ferror(f))
		rc = -errno;
	if (rc)
		fprintf(errors, "%s: cannot be read: %s\n", path, strerror(-rc));
	if (f)
		fclose(f);
	return rc;
}

int
config_load(const char *path, struct config *c, FILE *errors)
{
	char *text;
	size_t len;
	int rc = config_read_file(path, &text, &len, errors);

	if (rc == 0)
		rc = config_load_text(path, text, len, c, errors);
	free(text);
	return rc;
}
