// SPDX-License-Identifier: BSD-3-Clause
#include "app/lcores.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>

static int
check_cpu(const char *key, int wanted, const int *cpus, unsigned int n, struct err *err)
{
	for (unsigned int i = 0; i < n; i++)
		if (cpus[i] == wanted)
			return 0;
	return err_set(err, -EINVAL,
		"lcores.%s: CPU %d is not there or not allowed; this process may use %u CPUs, the "
		"last is %d",
		key, wanted, n, cpus[n - 1]);
}

static bool
is_named(const struct config *c, int cpu)
{
	for (unsigned int i = 0; i < c->lcores.n_worker; i++)
		if (c->lcores.worker[i] == cpu)
			return true;
	return c->lcores.control == cpu || c->lcores.dns == cpu;
}

static void
fill_auto(struct config *c, const int *cpus, unsigned int n)
{
	int rest[CPU_SETSIZE];
	unsigned int n_rest = 0, at = 0, workers = c->lcores.n_worker ? 0 : 1;

	for (unsigned int i = 0; i < n; i++)
		if (!is_named(c, cpus[i]))
			rest[n_rest++] = cpus[i];
	if (c->lcores.control == CONFIG_CPU_AUTO)
		// one CPU left is the worker's, unless there is no other
		c->lcores.control = n_rest > workers ? rest[at++] : cpus[0];
	if (c->lcores.dns == CONFIG_CPU_AUTO)
		c->lcores.dns =
			c->dns64.enabled && n_rest > at + workers ? rest[at++] : c->lcores.control;
	if (c->lcores.n_worker)
		return;
	while (at < n_rest && c->lcores.n_worker < LCORES_AUTO_WORKERS)
		c->lcores.worker[c->lcores.n_worker++] = rest[at++];
	if (!c->lcores.n_worker)
		c->lcores.worker[c->lcores.n_worker++] = cpus[n - 1];
}

int
lcores_choose(struct config *c, const int *cpus, unsigned int n, struct err *err)
{
	int ret = 0;

	fill_auto(c, cpus, n);
	for (unsigned int i = 0; i < c->lcores.n_worker && ret == 0; i++)
		ret = check_cpu("workers", c->lcores.worker[i], cpus, n, err);
	if (ret == 0)
		ret = check_cpu("control", c->lcores.control, cpus, n, err);
	return ret ? ret : check_cpu("dns", c->lcores.dns, cpus, n, err);
}

int
lcores_choose_allowed(struct config *c, struct err *err)
{
	int cpus[CPU_SETSIZE];
	unsigned int n = 0;
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set))
		CPU_ZERO(&set);
	for (int i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &set))
			cpus[n++] = i;
	if (!n)
		cpus[n++] = 0;
	return lcores_choose(c, cpus, n, err);
}

bool
lcores_dns_in_worker(const struct config *c)
{
	return c->dns64.enabled && c->lcores.dns == c->lcores.worker[0];
}

void
lcores_describe(const struct config *c, char *text, size_t size)
{
	size_t n = (size_t)snprintf(text, size, "control CPU %d", c->lcores.control);

	if (c->dns64.enabled && n < size)
		n += (size_t)snprintf(text + n, size - n, ", DNS CPU %d", c->lcores.dns);
	if (n < size)
		n += (size_t)snprintf(text + n, size - n, ", workers CPU");
	for (unsigned int i = 0; i < c->lcores.n_worker && n < size; i++)
		n += (size_t)snprintf(text + n, size - n, " %d", c->lcores.worker[i]);
}
