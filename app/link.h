// SPDX-License-Identifier: BSD-3-Clause
// Whether the wires of the ports are there. The main thread looks twice a second, whatever the
// driver: one that watches by interrupt has the answer ready, others ask the NIC. Sessions do not
// care; neighbours are kept as they are while a link is down, and told of us when it is back.
#ifndef APP_LINK_H
#define APP_LINK_H

#include "app/gateway.h"

#define LINK_POLL_MS 500

// Looks at all links and writes gw->port[].link. Main thread, and no other thread may be in one of
// ethdev's control functions.
void links_read(struct gateway *gw);
// Tells the first worker of what changed, while it runs, and waits for it; where it has no room for
// mail, the next call does. Main thread.
void links_tell(struct gateway *gw);

// What that is to the first worker: on its lcore only.
void link_changed(struct worker *w, const struct port *nic);

#endif
