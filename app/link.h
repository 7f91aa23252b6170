// SPDX-License-Identifier: BSD-3-Clause
// Whether the wires of the ports are there. The main thread looks twice a second, whatever the
// driver: one that watches by interrupt has the answer ready, others ask the NIC. Sessions do not
// care; neighbours are kept as they are while a link is down, and told of us when it is back.
#ifndef APP_LINK_H
#define APP_LINK_H

#include "app/gateway.h"

#define LINK_POLL_MS 500

// Looks at all links, writes gw->port[].link, and tells the first worker of what changed. Main
// thread, while the workers run.
void links_poll(struct gateway *gw);

// What that is to the first worker: on its lcore only.
void link_changed(struct worker *w, const struct port *nic, bool up);

#endif
