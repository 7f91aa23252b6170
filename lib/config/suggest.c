// SPDX-License-Identifier: BSD-3-Clause
// What somebody may have meant by a key that there is not.
#include "config/load.h"
#include "config/schema.h"

#include <string.h>

// Number of letters to change, add or leave out; 3 stands for more than 2.
static unsigned int
distance(const char *a, const char *b)
{
	unsigned int row[32], la = (unsigned int)strlen(a), lb = (unsigned int)strlen(b);

	if (la > lb + 2 || lb > la + 2 || lb >= 32)
		return 3;
	for (unsigned int j = 0; j <= lb; j++)
		row[j] = j;
	for (unsigned int i = 1; i <= la; i++) {
		unsigned int diagonal = row[0];

		row[0] = i;
		for (unsigned int j = 1; j <= lb; j++) {
			unsigned int change = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			row[j] = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;
			row[j] = change < row[j] ? change : row[j];
		}
	}
	return row[lb] < 3 ? row[lb] : 3;
}

void
config_report_unknown(struct report *r, const struct schema *schema, const char *path,
	const struct tree_node *key, const char *section)
{
	const char *near = NULL;
	unsigned int best = 3;
	char all[512] = "";
	size_t n = 0;

	for (unsigned int i = 0; i < schema->n; i++) {
		const char *leaf = config_path_leaf(schema->key[i].path);
		unsigned int d;

		if (!config_path_is_in(schema->key[i].path, section))
			continue;
		d = distance(key->text, leaf);
		if (d < best) {
			best = d;
			near = leaf;
		}
		if (n < sizeof(all))
			n += (size_t)snprintf(
				all + n, sizeof(all) - n, "%s%s", n ? ", " : "", leaf);
	}
	if (near)
		report_at(r, key->line, key->col, path, "unknown key, did you mean %s? allowed: %s",
			near, all);
	else
		report_at(r, key->line, key->col, path, "unknown key, allowed: %s", all);
}
