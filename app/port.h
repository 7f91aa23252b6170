// SPDX-License-Identifier: BSD-3-Clause
// Ethernet ports: from configuration to a started ethdev. Main thread.
#ifndef APP_PORT_H
#define APP_PORT_H

#include "app/gateway.h"

// Fills what needs no device: names, MTU, MAC.
void port_init(struct gateway *gw, unsigned int i, const struct rte_ether_addr *mac);

// Opens and configures all ports of the configuration; which worker polls which queue is decided
// here. The plan and the workers come after, then ports_start.
int ports_open(struct gateway *gw, struct err *err);
int ports_start(struct gateway *gw, struct err *err);
// Listens to the multicast groups of a plan that is about to be used.
int ports_set_groups(struct gateway *gw, const struct plan *plan, struct err *err);
void ports_stop(struct gateway *gw);

#endif
