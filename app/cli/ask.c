// SPDX-License-Identifier: BSD-3-Clause
#include "app/cli/ask.h"

#include <errno.h>

static int
ask(struct mailbox *mb, struct mail *m, const char *who, struct err *err)
{
	int rc = mailbox_call(mb, m);

	if (rc == -ESHUTDOWN)
		return err_set(err, rc, "%s has stopped", who);
	if (rc != 0)
		return err_set(err, rc, "%s has too much to answer, try again", who);
	return 0;
}

int
ask_worker(struct gateway *gw, unsigned int worker, struct mail *m, struct err *err)
{
	char who[32];

	snprintf(who, sizeof(who), "worker %u", worker);
	return ask(worker_mailbox(gw->worker[worker]), m, who, err);
}

int
ask_dns(struct gateway *gw, struct mail *m, struct err *err)
{
	if (!gw->dns)
		return err_set(err, -ENOENT,
			"DNS64 is off; 'dns64: upstreams:' in the configuration turns it on");
	return ask(dns_lcore_mailbox(gw->dns), m, "the DNS64 lcore", err);
}
