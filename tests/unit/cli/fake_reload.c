// SPDX-License-Identifier: BSD-3-Clause
#include "app/reload.h"
#include "fake.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum fake_reload fake_reload;

int
gateway_reload(struct gateway *gw, struct reload_report *r)
{
	memset(r, 0, sizeof(*r));
	if (fake_reload == FAKE_RELOAD_REFUSED) {
		r->problems = strdup(
			"fake.yaml:3:5: name: is wrong\nfake.yaml: ports: needs a restart\n");
		return -EINVAL;
	}
	if (fake_reload == FAKE_RELOAD_DONE) {
		r->changed = strdup("routes\nnat64.timeouts.udp\n");
		r->n_changed = 2;
	}
	return 0;
}

void
reload_report_free(struct reload_report *r)
{
	free(r->changed);
	free(r->problems);
}
