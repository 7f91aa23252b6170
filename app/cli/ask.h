// SPDX-License-Identifier: BSD-3-Clause
// Mails to the lcores, with the error text for the one who asked.
#ifndef APP_CLI_ASK_H
#define APP_CLI_ASK_H

#include "app/gateway.h"

// Waits until m is done. 0, or -errno with err: the lcore has stopped, or is not there.
int ask_worker(struct gateway *gw, unsigned int worker, struct mail *m, struct err *err);
int ask_dns(struct gateway *gw, struct mail *m, struct err *err);

// A counter that its owner may be writing.
static inline uint64_t
ask_counter(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

#endif
