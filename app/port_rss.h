// SPDX-License-Identifier: BSD-3-Clause
// Receive side scaling: packets arrive at the queue of the worker that owns their state, where the
// NIC takes our key and table (net/rss.h). Main thread.
#ifndef APP_PORT_RSS_H
#define APP_PORT_RSS_H

#include "app/gateway.h"

#include <rte_ethdev.h>

// The rule by which packets go to workers, for the NICs and for the workers themselves; same
// result each time. gw->port is there.
void ports_steer_init(const struct gateway *gw);

// Fills conf with what the NIC shall hash, and sets nic->rss.
void port_rss_configure(
	struct port *nic, const struct rte_eth_dev_info *info, struct rte_eth_conf *conf);

// The table of a NIC that is started; one that takes none gets nic->rss PORT_RSS_ANY. 0 or -errno.
int port_rss_start(struct port *nic, unsigned int n_worker);

#endif
