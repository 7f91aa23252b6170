// SPDX-License-Identifier: BSD-3-Clause
// A gateway of the packet tests whose configuration changes while it runs.
#ifndef TESTS_PACKETS_RELOADING_H
#define TESTS_PACKETS_RELOADING_H

#include "env.h"

#include "app/reload.h"

// What the file says: the parts that the tests change.
struct reloading {
	const char *nat64;     // lines of "nat64:", with two spaces in front
	const char *gateway4;  // of the WAN
	const char *addresses; // of the WAN
	const char *prefixes;  // with "', '" between them
	const char *extra;     // lines of top level
	const char *workers;
};

// The file. To be freed.
char *reloading_yaml(const struct reloading *t);
// The gateway, whose neighbours are known. prefix: if t says none.
void reloading_start(const char *prefix, const struct reloading *t);

// A reload of this file, while the workers and the DNS lcore turn.
int reload_text(const char *yaml, struct reload_report *report);
// The same, while turn is called again and again.
int reload_by(const char *yaml, void (*turn)(void), struct reload_report *report);
// It must be done, and say that these keys changed, a line each. Returns how many sessions it
// ended.
unsigned int reload_to(const struct reloading *t, const char *changed);
// It must be refused with a text that has problem in it, and change nothing.
void reload_refused(const char *yaml, const char *problem);

#endif
