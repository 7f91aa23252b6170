// SPDX-License-Identifier: BSD-3-Clause
// Packets to the gateway itself: ARP, ND, MLD, echo, and DNS on its way to the DNS lcore.
// Called by the worker that owns w only; all of it is done by the first worker.
#ifndef APP_LOCAL_H
#define APP_LOCAL_H

#include "app/worker.h"

// Reports the groups of a port (RFC 3810 §6.1) and announces our addresses there, by ARP and by
// unsolicited advertisements (RFC 4861 §7.2.6): twice within a second, soon. First worker.
void local_announce_port(struct worker *w, uint16_t port);
// The same for all ports.
void local_announce(struct worker *w);
// First worker, often: reports that are due.
void local_tick(struct worker *w);

#endif
