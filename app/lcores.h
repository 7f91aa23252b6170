// SPDX-License-Identifier: BSD-3-Clause
// Which CPU does what. Main thread, once, before EAL starts.
#ifndef APP_LCORES_H
#define APP_LCORES_H

#include "base/err.h"
#include "config/config.h"

// Chosen at most; lcores.workers may name up to CONFIG_WORKERS.
#define LCORES_AUTO_WORKERS 8

// Fills in what config.lcores leaves open, from the n CPUs that this process may use, ascending and
// at least one. CPUs that the configuration names are taken already. Of the others the first is
// control's, the second DNS's, the rest are workers', LCORES_AUTO_WORKERS at most; DNS64 that is
// off takes none:
//   1 CPU: all on it   2: control and DNS | worker   3: control | DNS | worker   4: + a worker ...
// Workers come first: when there is no CPU for DNS it shares control's.
// 0, or -EINVAL when the configuration names a CPU that is not among them.
int lcores_choose(struct config *c, const int *cpus, unsigned int n, struct err *err);

// The same from the CPUs that the scheduler lets this process use.
int lcores_choose_allowed(struct config *c, struct err *err);

// DNS64 is given the CPU of the first worker: that worker runs it, without a thread of its own.
bool lcores_dns_in_worker(const struct config *c);

// "control CPU 0, DNS CPU 1, workers CPU 2 3". DNS is left out where it is off.
void lcores_describe(const struct config *c, char *text, size_t size);

#endif
