// SPDX-License-Identifier: BSD-3-Clause
// Tables of (text of a file, what config_load_text must say about it).
#ifndef TESTS_CONFIG_ROWS_H
#define TESTS_CONFIG_ROWS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "config/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define N(a) (sizeof(a) / sizeof((a)[0]))

// Three lines, so that what a row adds begins in line 4.
#define LAN "  - {name: lan, device: net_a, role: lan, addresses: [2001:db8:1::1/64]}\n"
#define WAN "  - {name: wan, device: net_b, role: wan, addresses: [198.51.100.2/24]}\n"
#define GW \
	"  - {name: wan, device: net_b, role: wan, addresses: [198.51.100.2/24], " \
	"gateway4: 198.51.100.1}\n"
#define PORTS       "ports:\n" LAN GW
#define LAN_WITH(s) "ports:\n  - {name: lan, device: net_a, role: lan" s "}\n" WAN
#define WAN_WITH(s) "ports:\n" LAN "  - {name: wan, device: net_b, role: wan" s "}\n"
#define LAN_DEV(s)  "ports:\n  - {name: lan, device: " s ", role: lan}\n" WAN
#define DNS         "dns64:\n  upstreams: [192.0.2.53]\n"

struct row {
	const char *name, *yaml;
	const char *says;  // the beginning of the first line, without the file's name
	unsigned int more; // lines that follow
};

// What is printed, to be freed.
static inline char *
load_row(const char *yaml, struct config *c, int *rc)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	*rc = config_load_text("t.yaml", yaml, strlen(yaml), c, f);
	fclose(f);
	return text;
}

static inline void
check_row(const struct row *r)
{
	static struct config c;
	unsigned int lines = 0;
	char want[512];
	int rc;
	char *got = load_row(r->yaml, &c, &rc);

	snprintf(want, sizeof(want), "t.yaml:%s", r->says);
	for (const char *p = got; *p; p++)
		lines += *p == '\n';
	if (rc != -EINVAL || strncmp(got, want, strlen(want)) || lines != r->more + 1)
		fail_msg("%s: wanted %s\ngot %s", r->name, want, got);
	free(got);
}

static inline void
check_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check_row(&rows[i]);
}

#endif
