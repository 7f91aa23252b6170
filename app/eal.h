// SPDX-License-Identifier: BSD-3-Clause
// EAL's arguments from the configuration; the user never types them. Main thread, once.
#ifndef APP_EAL_H
#define APP_EAL_H

#include "app/gateway.h"

// CPU numbers for what is left to us (config.lcores), from the CPUs this process may use:
//   1 CPU:  everything on it           2 CPUs: control and DNS | one worker
//   3 CPUs: control | worker | DNS     more:   control | DNS | workers on the rest, at most 8
int eal_choose_lcores(struct config *c, struct err *err);

// Starts EAL: lcore 0 is the main thread, 1..n_worker the workers, n_worker + 1 DNS.
// Sets gw->hugepages.
int eal_start(struct gateway *gw, struct err *err);

// Packet buffers the configuration needs.
uint32_t eal_mbufs(const struct config *c);
// Room in each for the largest frame there is, headroom included.
uint16_t eal_mbuf_room(const struct config *c);

#endif
