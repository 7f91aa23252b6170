// SPDX-License-Identifier: BSD-3-Clause
// Which keys of two configurations have another value.
#include "config/report.h"
#include "config/schema.h"

#include <string.h>

struct diff {
	config_diff_fn fn;
	void *arg;
	unsigned int n;
};

static unsigned int
entries(const struct config_place *p, const void *base)
{
	return p->n_offset ? *(const unsigned int *)((const char *)base + p->n_offset) : 1;
}

static bool
same_place(const struct config_place *p, const void *a, const void *b)
{
	unsigned int n = entries(p, a);

	if (n != entries(p, b))
		return false;
	for (unsigned int i = 0; i < n; i++) {
		size_t at = p->offset + i * p->size;

		if (memcmp((const char *)a + at, (const char *)b + at, p->used ? p->used : p->size))
			return false;
	}
	return true;
}

static struct config_place
place_of(const struct config_key *k)
{
	return (struct config_place){k->offset, k->size, k->n_offset, k->type ? k->type->used : 0};
}

static void
differs(struct diff *d, const struct config_key *k, const char *path)
{
	d->n++;
	d->fn(d->arg, path, k->change == CHANGE_LIVE);
}

static void
diff_value(
	struct diff *d, const struct config_key *k, const char *path, const void *a, const void *b)
{
	struct config_place p = place_of(k);

	if (!same_place(&p, a, b) || !same_place(&k->also, a, b))
		differs(d, k, path);
}

// One key of the entries that both lists have.
static void
diff_entries(struct diff *d, const struct config_key *list, const struct config_key *k,
	const struct config *a, const struct config *b)
{
	struct config_place p = place_of(list);

	for (unsigned int i = 0; i < entries(&p, a); i++) {
		size_t at = p.offset + i * p.size;
		char path[CONFIG_PATH];

		snprintf(path, sizeof(path), "%s[%u].%s", list->path, i, config_path_leaf(k->path));
		diff_value(d, k, path, (const char *)a + at, (const char *)b + at);
	}
}

// A list of mappings of another length is said once.
static void
diff_items(struct diff *d, const struct config_key *list, const struct config *a,
	const struct config *b)
{
	struct config_place p = place_of(list);
	char section[CONFIG_PATH];

	if (entries(&p, a) != entries(&p, b)) {
		differs(d, list, list->path);
		return;
	}
	snprintf(section, sizeof(section), "%s[]", list->path);
	for (unsigned int i = 0; i < config_schema.n; i++)
		if (config_path_is_in(config_schema.key[i].path, section))
			diff_entries(d, list, &config_schema.key[i], a, b);
}

unsigned int
config_diff(const struct config *a, const struct config *b, config_diff_fn fn, void *arg)
{
	struct diff d = {.fn = fn, .arg = arg};

	for (unsigned int i = 0; i < config_schema.n; i++) {
		const struct config_key *k = &config_schema.key[i];

		if (k->kind == KEY_ITEMS)
			diff_items(&d, k, a, b);
		else if (k->kind != KEY_SECTION && !strchr(k->path, '['))
			diff_value(&d, k, k->path, a, b);
	}
	return d.n;
}
