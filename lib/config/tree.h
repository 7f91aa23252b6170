// SPDX-License-Identifier: BSD-3-Clause
// YAML text as a tree of nodes which know their place in the text. Internal to lib/config.
// A subset of YAML: one document, no anchors, aliases and tags, nothing nested deeper than needed.
#ifndef CONFIG_TREE_H
#define CONFIG_TREE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

#define TREE_BYTES 262144 // longest text
#define TREE_DEPTH 8
#define TREE_KEYS  64 // of one mapping

enum tree_kind {
	TREE_SCALAR,
	TREE_LIST,
	TREE_MAP,
};

struct tree_node {
	enum tree_kind kind;
	unsigned int line, col;      // from 1
	const struct tree_node *key; // of an entry of a mapping, else NULL
	struct tree_node *child;     // first entry of a list or mapping, in the order of the text
	struct tree_node *next;      // next entry of the same list or mapping
	struct tree_node *last;      // entry
	unsigned int n;              // entries
	bool is_null;                // nothing written, ~ or null
	struct tree_node *all;       // chain for tree_free
	char text[];                 // of a scalar; printable
};

struct tree {
	const struct tree_node *root; // NULL: the text is empty
	struct tree_node *all;
};

struct tree_error {
	unsigned int line, col;
	struct err err;
};

// -EINVAL with e filled, or -ENOMEM. tree_free in any case.
int tree_parse(struct tree *t, const char *text, size_t len, struct tree_error *e);
void tree_free(struct tree *t);

#endif
