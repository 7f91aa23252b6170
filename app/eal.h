// SPDX-License-Identifier: BSD-3-Clause
// EAL's arguments from the configuration; the user never types them. Main thread, once.
#ifndef APP_EAL_H
#define APP_EAL_H

#include "app/gateway.h"

// Starts EAL, once config.lcores has no gaps (app/lcores.h): lcore 0 is the main
// thread, 1..n_worker the workers, n_worker + 1 DNS, if it has a thread of
// its own. Sets gw->hugepages.
int eal_start(struct gateway *gw, struct err *err);

// Packet buffers the configuration needs.
uint32_t eal_mbufs(const struct config *c);
// Bytes of each, headroom included: a frame of any port in one buffer.
uint16_t eal_mbuf_room(const struct config *c);

#endif
