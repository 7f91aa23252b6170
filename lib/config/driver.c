// SPDX-License-Identifier: BSD-3-Clause
#include "config/driver.h"

#include "config/load.h"
#include "config/schema.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool
has(char (*list)[32], unsigned int n, const char *name)
{
	for (unsigned int i = 0; i < n; i++)
		if (!strcmp(list[i], name))
			return true;
	return false;
}

// What no table can check.
static void
check(struct report *r, struct driver_cfg *d)
{
	for (unsigned int i = 1; i < d->n_names; i++)
		if (has(d->names, i, d->names[i]))
			report_field(r, d->names[i], "names",
				"\"%s\" is there twice, allowed: once", d->names[i]);
	if (d->rss.hash && !d->rss.reta_size)
		report_field(
			r, &d->rss.hash, "rss.hash", "needs rss.table, allowed: both, or neither");
	if (d->rss.key_len && !d->rss.hash)
		report_field(
			r, &d->rss.key_len, "rss.key", "needs rss.hash, allowed: both, or neither");
	if (d->rss.hash && d->rx_queues == 1)
		report_field(r, &d->rx_queues, "rx_queues",
			"is 1 and rss.hash is there, allowed: more queues, or no rss.hash");
}

static void
check_arguments(struct report *r, struct driver_cfg *d)
{
	for (unsigned int i = 0; i < d->n_arguments; i++) {
		const char *a = d->arguments[i];
		const size_t name = strcspn(a, "=");

		if (!name || !a[name] || !a[name + 1] || strpbrk(a, ", \t"))
			report_field(r, a, "arguments",
				"\"%s\" is not one argument with a value, allowed: NAME=VALUE", a);
		for (unsigned int k = 0; k < i; k++)
			if (!strncmp(a, d->arguments[k], name + 1))
				report_field(r, a, "arguments",
					"\"%.*s\" is there twice, allowed: once", (int)name, a);
	}
}

int
driver_load_text(const char *path, const char *text, size_t len, struct driver_cfg *d, FILE *errors)
{
	struct report r = {.n_problem = 0};
	int rc;

	memset(d, 0, sizeof(*d));
	config_read_text(&driver_schema, &r, NULL, text, len, d);
	if (!r.n_problem && !r.n_more) {
		check(&r, d);
		check_arguments(&r, d);
	}
	report_print(&r, path, errors);
	rc = r.n_problem || r.n_more ? -EINVAL : 0;
	report_free(&r);
	return rc;
}

// ---- the set

static int
index_of(const struct driver_set *s, const char *name)
{
	for (unsigned int i = 0; i < s->n; i++)
		for (unsigned int j = 0; j < s->driver[i].n_names; j++)
			if (!strcmp(s->driver[i].names[j], name))
				return (int)i;
	return -1;
}

const struct driver_cfg *
driver_set_find(const struct driver_set *s, const char *name)
{
	int i = index_of(s, name);

	return i < 0 ? &s->careful : &s->driver[i];
}

// The longest name that the device begins with.
static const struct driver_cfg *
driver_of_device(const struct driver_set *s, const char *device)
{
	const struct driver_cfg *best = &s->careful;
	size_t longest = 0;

	for (unsigned int i = 0; i < s->n; i++) {
		for (unsigned int j = 0; j < s->driver[i].n_names; j++) {
			size_t len = strlen(s->driver[i].names[j]);

			if (len > longest && !strncmp(device, s->driver[i].names[j], len)) {
				best = &s->driver[i];
				longest = len;
			}
		}
	}
	return best;
}

static bool
has_argument(const char *device, const char *argument)
{
	const size_t len = strcspn(argument, "=") + 1;

	while ((device = strchr(device, ',')))
		if (!strncmp(++device, argument, len))
			return true;
	return false;
}

void
driver_set_device(const struct driver_set *s, const char *device, char *out, size_t size)
{
	const struct driver_cfg *d = driver_of_device(s, device);
	size_t n = (size_t)snprintf(out, size, "%s", device);

	for (unsigned int i = 0; i < d->n_arguments && n < size; i++)
		if (!has_argument(device, d->arguments[i]))
			n += (size_t)snprintf(out + n, size - n, ",%s", d->arguments[i]);
}

// Earlier files go whole if they share a name with d.
static void
forget_replaced(struct driver_set *s, const struct driver_cfg *d)
{
	for (unsigned int i = 0; i < d->n_names; i++) {
		int old = index_of(s, d->names[i]);

		if (old < 0)
			continue;
		s->driver[old] = s->driver[--s->n];
	}
}

static int
set_add(struct driver_set *s, const char *path, const char *text, size_t len, FILE *errors)
{
	struct driver_cfg d;
	int rc = driver_load_text(path, text, len, &d, errors);

	if (rc)
		return rc;
	forget_replaced(s, &d);
	if (s->n == DRIVERS) {
		fprintf(errors, "%s: is one driver too many, allowed: %u\n", path, DRIVERS);
		return -ENOSPC;
	}
	s->driver[s->n++] = d;
	return 0;
}

static int
is_yaml(const struct dirent *e)
{
	size_t len = strlen(e->d_name);

	return len > 5 && e->d_name[0] != '.' && !strcmp(e->d_name + len - 5, ".yaml");
}

static int
add_file(struct driver_set *s, const char *dir, const char *name, FILE *errors)
{
	char path[512];
	char *text = NULL;
	size_t len;
	int rc;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	rc = config_read_file(path, &text, &len, errors);
	if (rc == 0)
		rc = set_add(s, path, text, len, errors);
	free(text);
	return rc;
}

static int
add_directory(struct driver_set *s, const char *dir, FILE *errors)
{
	struct dirent **entry;
	int n = scandir(dir, &entry, is_yaml, alphasort);
	int rc = 0;

	if (n < 0) {
		rc = -errno;
		fprintf(errors, "%s: cannot be read: %s\n", dir, strerror(-rc));
		return rc;
	}
	for (int i = 0; i < n; i++) {
		int failed = add_file(s, dir, entry[i]->d_name, errors);

		rc = rc ? rc : failed;
		free(entry[i]);
	}
	free(entry);
	return rc;
}

// The defaults of the table.
static int
set_careful(struct driver_set *s, FILE *errors)
{
	static const char text[] = "{names: [none], about: no file of drivers-cfg is about it}";
	int rc = driver_load_text("", text, sizeof(text) - 1, &s->careful, errors);

	s->careful.n_names = 0;
	return rc;
}

int
driver_set_load(struct driver_set *s, const char *dir, FILE *errors)
{
	int rc = set_careful(s, errors);

	s->n = 0;
	for (unsigned int i = 0; i < driver_n_file && rc == 0; i++)
		rc = set_add(
			s, driver_file[i].path, driver_file[i].text, driver_file[i].len, errors);
	return rc || !*dir ? rc : add_directory(s, dir, errors);
}
