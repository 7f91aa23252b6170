// SPDX-License-Identifier: BSD-3-Clause
// docs/drivers.md from the schema table and the files in the binary.
#include "config/driver.h"
#include "config/schema.h"

#include <stdbool.h>
#include <string.h>

static const char head[] =
	"<!-- Generated from lib/config/schema_driver.c and drivers-cfg/. Do not edit. -->\n"
	"# Drivers\n"
	"\n"
	"What gate64 knows of DPDK's drivers stands in `drivers-cfg/`, a file for each. They are\n"
	"a part of the binary, so they are never missing. A driver without a file works with\n"
	"careful settings, the defaults below: one queue and no offloads; gate64 says so when it\n"
	"starts. Queues and MTU are never more than the device itself reports.\n"
	"\n"
	"A file of your own goes into a directory that `drivers:` of the configuration names. Its\n"
	"name ends in `.yaml`, and one that names a driver of the table replaces what is said\n"
	"here. `gate64 --check` reads the directory, too.\n";

static void
print_names(FILE *out, const char (*name)[32], unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		fprintf(out, "%s%s", i ? ", " : "", name[i]);
	fprintf(out, "%s | ", n ? "" : "-");
}

static void
print_rss(FILE *out, const struct driver_cfg *d)
{
	if (!d->rss.hash)
		fprintf(out, "no |");
	else if (d->rss.key_len)
		fprintf(out, "%u-byte key, %u entries |", d->rss.key_len, d->rss.reta_size);
	else
		fprintf(out, "fixed key, %u entries |", d->rss.reta_size);
}

static void
print_row(FILE *out, const struct driver_cfg *d)
{
	static const char *const wake[] = {[DRIVER_WAKE_NONE] = "-",
		[DRIVER_WAKE_SOCKET] = "socket",
		[DRIVER_WAKE_INTERRUPT] = "interrupt"};

	fprintf(out, "| ");
	print_names(out, d->names, d->n_names);
	fprintf(out, "%s | ", d->about);
	print_names(out, d->bind, d->n_bind);
	fprintf(out, "%u | ", d->rx_queues);
	print_rss(out, d);
	fprintf(out, " %s | %u | %s | %s |\n", d->offloads.rx | d->offloads.tx ? "checksums" : "-",
		d->mtu_max, d->link == DRIVER_LINK_POLL ? "polled" : "interrupt", wake[d->wake]);
}

static void
print_avoided(FILE *out, const struct driver_cfg *d)
{
	for (unsigned int i = 0; i < d->offloads.n_avoid; i++)
		fprintf(out, "| %s | %s | %s |\n", d->names[0], d->offloads.avoid[i].what,
			d->offloads.avoid[i].why);
}

static void
print_arguments(FILE *out, const struct driver_cfg *d)
{
	for (unsigned int i = 0; i < d->n_arguments; i++)
		fprintf(out, "%s`%s` (%s)", i ? ", " : "- ", d->arguments[i], d->names[0]);
	fputs(d->n_arguments ? "\n" : "", out);
}

void
driver_print_docs(FILE *out)
{
	static struct driver_set s;

	if (driver_set_load(&s, "", out))
		return;
	fputs(head, out);
	fputs("\n| driver | NICs | bound to | queues | RSS | offloads | MTU | link | wake |\n"
	      "|---|---|---|---|---|---|---|---|---|\n",
		out);
	for (unsigned int i = 0; i < s.n; i++)
		print_row(out, &s.driver[i]);
	fputs("\nAdded to a virtual device that does not give them itself:\n\n", out);
	for (unsigned int i = 0; i < s.n; i++)
		print_arguments(out, &s.driver[i]);
	fputs("\n## Offloads that are left alone\n\n| driver | offload | why |\n|---|---|---|\n",
		out);
	for (unsigned int i = 0; i < s.n; i++)
		print_avoided(out, &s.driver[i]);
	fputs("\n## The keys of a file\n", out);
	config_print_keys(&driver_schema, out);
}
