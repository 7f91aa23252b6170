// SPDX-License-Identifier: BSD-3-Clause
// Walks the tree along the schema table.
#include "config/load.h"
#include "config/schema.h"

#include <string.h>

struct walk {
	const struct schema *schema;
	const struct config *config; // for types that refer to it, may be NULL
	struct report *report;
	char path[CONFIG_PATH]; // of the setting at hand
};

// Append to the path; pop takes it off again.
static size_t
push_name(struct walk *w, const char *name)
{
	size_t len = strlen(w->path);

	snprintf(w->path + len, sizeof(w->path) - len, "%s%.48s", len ? "." : "",
		*name ? name : "\"\"");
	return len;
}

static size_t
push_index(struct walk *w, unsigned int index)
{
	size_t len = strlen(w->path);

	snprintf(w->path + len, sizeof(w->path) - len, "[%u]", index);
	return len;
}

static void
pop(struct walk *w, size_t len)
{
	w->path[len] = '\0';
}

static void
wrong_value(
	struct walk *w, const struct config_key *k, const struct tree_node *n, const char *wrong)
{
	char allowed[256];

	config_describe(k, allowed, sizeof(allowed));
	if (n->is_null)
		report_at(w->report, n->key ? n->key->line : n->line, n->key ? n->key->col : n->col,
			w->path, "has no value, allowed: %s", allowed);
	else
		report_at(w->report, n->line, n->col, w->path, "\"%.60s\" %s, allowed: %s", n->text,
			wrong, allowed);
}

static void
wrong_kind(struct walk *w, const struct tree_node *n, const char *want)
{
	static const char *const is[] = {[TREE_SCALAR] = "is a single value",
		[TREE_LIST] = "is a list",
		[TREE_MAP] = "has keys"};

	report_at(w->report, n->line, n->col, w->path, "%s, allowed: %s", is[n->kind], want);
}

static bool
read_text(struct walk *w, const struct config_key *k, const struct tree_node *n, void *base,
	void *field)
{
	struct setting s = {.config = w->config, .key = k, .base = base, .field = field};
	const char *wrong = n->is_null ? "" : k->type->parse(&s, n->text);

	if (!wrong && n->text[0] == '\0')
		wrong = "says nothing";
	if (wrong)
		wrong_value(w, k, n, wrong);
	else
		report_mark(w->report, s.field, n->line, n->col, w->path);
	return !wrong;
}

static void
set_default(struct walk *w, const struct config_key *k, void *base, void *field)
{
	struct setting s = {.config = w->config, .key = k, .base = base, .field = field};

	if (k->def)
		k->type->parse(&s, k->def);
}

static const struct config_key *
key_of_path(const struct walk *w, const char *path)
{
	const struct config_key *k = w->schema->key;

	while (strcmp(k->path, path))
		k++;
	return k;
}

static void read_map(struct walk *w, const struct tree_node *n, const char *section, void *base);

static unsigned int *
count_of(const struct config_key *k, void *base)
{
	return (unsigned int *)((char *)base + k->n_offset);
}

static void
read_entry(struct walk *w, const struct config_key *k, const struct tree_node *n, void *base,
	void *field)
{
	char section[CONFIG_PATH];
	const struct config_key *sole = k->shorthand ? key_of_path(w, k->shorthand) : NULL;

	if (k->kind == KEY_VALUES) {
		if (n->kind == TREE_SCALAR)
			read_text(w, k, n, base, field);
		else
			wrong_kind(w, n, "a single value");
		return;
	}
	snprintf(section, sizeof(section), "%s[]", k->path);
	if (n->kind == TREE_MAP)
		read_map(w, n, section, field);
	else if (sole && n->kind == TREE_SCALAR)
		read_text(w, sole, n, field, (char *)field + sole->offset);
	else
		wrong_kind(w, n, sole ? "a single value, or keys" : "keys with values");
}

static void
read_list(struct walk *w, const struct config_key *k, const struct tree_node *n, void *base)
{
	unsigned int i = 0;

	for (const struct tree_node *e = n->child; e; e = e->next, i++) {
		size_t len = push_index(w, i);
		void *field = base;

		if (!k->self_placed && i >= k->max) {
			report_at(w->report, e->line, e->col, w->path,
				"is one entry too many, allowed: at most %zu", k->max);
			pop(w, len);
			return;
		}
		if (!k->self_placed) {
			field = (char *)base + k->offset + i * k->size;
			*count_of(k, base) = i + 1;
		}
		read_entry(w, k, e, base, field);
		pop(w, len);
	}
}

static void
default_list(struct walk *w, const struct config_key *k, void *base)
{
	const struct config_key *sole;
	struct setting s;
	char *entry;

	if (!k->def)
		return;
	*count_of(k, base) = 1;
	if (k->kind == KEY_VALUES) {
		set_default(w, k, base, (char *)base + k->offset);
		return;
	}
	sole = key_of_path(w, k->shorthand);
	entry = (char *)base + k->offset;
	s = (struct setting){
		.config = w->config, .key = sole, .base = entry, .field = entry + sole->offset};
	sole->type->parse(&s, k->def);
}

static void
read_some_list(struct walk *w, const struct config_key *k, const struct tree_node *n, void *base)
{
	if (n->kind == TREE_SCALAR && k->word && !strcmp(n->text, k->word))
		return;
	if (n->kind != TREE_LIST) {
		wrong_kind(w, n, "a list, as in [one, two]");
		return;
	}
	if (!n->child && !k->may_be_empty)
		report_at(w->report, n->line, n->col, w->path,
			"is empty, allowed: at least one entry");
	read_list(w, k, n, base);
}

static void
read_key(struct walk *w, const struct config_key *k, const struct tree_node *n, void *base)
{
	switch (k->kind) {
	case KEY_SECTION:
		if (n->kind == TREE_MAP || n->is_null)
			read_map(w, n, k->path, base);
		else
			wrong_kind(w, n, "keys with values");
		break;
	case KEY_VALUE:
		if (n->kind == TREE_SCALAR)
			read_text(w, k, n, base, (char *)base + k->offset);
		else
			wrong_kind(w, n, "a single value");
		break;
	default:
		read_some_list(w, k, n, base);
		break;
	}
}

static void
missing(struct walk *w, const struct config_key *k, const struct tree_node *at)
{
	char allowed[256] = "at least one entry";

	if (k->type)
		config_describe(k, allowed, sizeof(allowed));
	report_at(w->report, at->line, at->col, w->path, "is missing, allowed: %s", allowed);
}

static void
default_key(struct walk *w, const struct config_key *k, const struct tree_node *at, void *base)
{
	static const struct tree_node nothing = {.kind = TREE_MAP, .line = 1, .col = 1};

	if (k->required) {
		missing(w, k, at);
		return;
	}
	switch (k->kind) {
	case KEY_SECTION:
		read_map(w, &nothing, k->path, base);
		break;
	case KEY_VALUE:
		set_default(w, k, base, (char *)base + k->offset);
		break;
	default:
		default_list(w, k, base);
		break;
	}
}

static const struct config_key *
find_key(const struct walk *w, const char *section, const char *leaf)
{
	for (unsigned int i = 0; i < w->schema->n; i++) {
		const struct config_key *k = &w->schema->key[i];

		if (config_path_is_in(k->path, section) && !strcmp(config_path_leaf(k->path), leaf))
			return k;
	}
	return NULL;
}

static const struct tree_node *
find_entry(const struct tree_node *map, const char *key)
{
	for (const struct tree_node *n = map->child; n; n = n->next) {
		if (!strcmp(n->key->text, key))
			return n;
	}
	return NULL;
}

static void
check_keys(struct walk *w, const struct tree_node *map, const char *section)
{
	for (const struct tree_node *n = map->child; n; n = n->next) {
		size_t len = push_name(w, n->key->text);

		if (!find_key(w, section, n->key->text))
			config_report_unknown(w->report, w->schema, w->path, n->key, section);
		else if (find_entry(map, n->key->text) != n)
			report_at(w->report, n->key->line, n->key->col, w->path,
				"is there twice, allowed: once; the first one is in line %u",
				find_entry(map, n->key->text)->key->line);
		pop(w, len);
	}
}

static void
read_map(struct walk *w, const struct tree_node *map, const char *section, void *base)
{
	check_keys(w, map, section);
	for (unsigned int i = 0; i < w->schema->n; i++) {
		const struct config_key *k = &w->schema->key[i];
		const struct tree_node *n;
		size_t len;

		if (!config_path_is_in(k->path, section))
			continue;
		n = find_entry(map, config_path_leaf(k->path));
		len = push_name(w, config_path_leaf(k->path));
		// A section or list with nothing behind it counts as left out.
		if (n && (k->kind == KEY_VALUE || !n->is_null)) {
			report_mark(w->report, NULL, n->key->line, n->key->col, w->path);
			read_key(w, k, n, base);
		} else {
			default_key(w, k, n ? n->key : map, base);
		}
		pop(w, len);
	}
}

void
config_read(const struct schema *schema, struct report *r, const struct config *c,
	const struct tree_node *root, void *base)
{
	static const struct tree_node nothing = {.kind = TREE_MAP, .line = 1, .col = 1};
	struct walk w = {.schema = schema, .config = c, .report = r};

	if (!root || root->is_null)
		root = &nothing;
	if (root->kind == TREE_MAP)
		read_map(&w, root, "", base);
	else
		report_at(r, root->line, root->col, "yaml",
			"holds no keys, allowed: keys with values");
}
