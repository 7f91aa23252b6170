// SPDX-License-Identifier: BSD-3-Clause
// A changed configuration while the gateway runs: all of it, or nothing. One at a time: callers are
// serialised by cli_execute. Control plane.
#ifndef APP_RELOAD_H
#define APP_RELOAD_H

#include "app/gateway.h"

struct reload_report {
	char *changed;  // keys, a line each
	char *problems; // why nothing was changed, a line each
	unsigned int n_changed;
	uint64_t ended; // sessions
};

// Reads gw->file again and applies what changed. What happened is also written to the log.
// 0; -EINVAL when the file is wrong or asks for what needs a restart, -ENOMEM, -ESHUTDOWN (the
// gateway is stopping): nothing is changed then. reload_report_free in any case.
int gateway_reload(struct gateway *gw, struct reload_report *r);
// The same with a configuration that was loaded already, and without a word to the log.
int gateway_change(struct gateway *gw, const struct config *c, struct reload_report *r);
void reload_report_free(struct reload_report *r);

#endif
