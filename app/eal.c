// SPDX-License-Identifier: BSD-3-Clause
#include "app/eal.h"

#include "app/lcores.h"
#include "state/state.h"

#include <errno.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_log.h>
#include <rte_mbuf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EAL_MAX_ARGS (CONFIG_PORTS * 2 + 24)
// Link header, check sum and three VLAN tags: igb reckons with as much, and two bytes to spare
#define FRAME_OVERHEAD 32
// struct rte_mbuf, struct pkt, the header in the mempool, padding against bank conflicts
#define MBUF_OVERHEAD 448

// ---- memory

uint32_t
eal_mbufs(const struct config *c)
{
	uint32_t lcores = c->lcores.n_worker + 2;

	if (c->memory.mbufs)
		return c->memory.mbufs;
	// descriptors of every queue, bursts and caches of every lcore, the hand-over rings, and
	// fragments that wait in buffers of 2 kB or more
	return c->n_port * c->lcores.n_worker * 2 * DRIVER_MAX_DESC + lcores * 1024 + 8192 +
	       c->nat64.fragments.max_kbytes / 2 + c->nat64.max_stored_syns;
}

uint16_t
eal_mbuf_room(const struct config *c)
{
	uint32_t room = 2048;

	for (unsigned int i = 0; i < c->n_port; i++)
		room = RTE_MAX(room, c->port[i].mtu + FRAME_OVERHEAD);
	// em takes powers of two only and would spread a frame over two buffers otherwise
	return (uint16_t)(rte_align32pow2(room) + RTE_PKTMBUF_HEADROOM);
}

static uint32_t
memory_mb(const struct config *c)
{
	// lines and places in tables; a binding may need a client and a subscriber
	uint64_t bytes = (uint64_t)c->nat64.max_sessions * 116 + (uint64_t)c->nat64.max_bib * 208;
	uint64_t pool = 0;

	for (unsigned int i = 0; i < c->nat64.n_static; i++)
		bytes += (uint64_t)(c->nat64.statics[i].port_last - c->nat64.statics[i].port_first +
				    1) *
			 (uint64_t)__builtin_popcount(c->nat64.statics[i].protocols) * 384;
	bytes += (uint64_t)STATE_STATICS_SPARE * 384 * c->lcores.n_worker;
	for (unsigned int i = 0; i < c->nat64.n_pool4; i++)
		pool += ntohl(c->nat64.pool4[i].last.s_addr) -
			ntohl(c->nat64.pool4[i].first.s_addr) + 1;
	bytes += pool * 64 * 1024 * c->lcores.n_worker; // for two: a reload makes the next one
	bytes += (uint64_t)eal_mbufs(c) * (eal_mbuf_room(c) + MBUF_OVERHEAD);
	bytes += (uint64_t)c->nat64.fragments.max_datagrams * 2304;
	bytes += (uint64_t)c->memory.neighbors * 1024 * c->lcores.n_worker;
	return (uint32_t)(bytes >> 20) + 96;
}

// A line of /proc/meminfo, 0 when it is not there.
static uint64_t
meminfo(const char *key)
{
	FILE *f = fopen("/proc/meminfo", "r");
	size_t len = strlen(key);
	unsigned long value = 0;
	char line[128];

	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f))
		if (strncmp(line, key, len) == 0 && sscanf(line + len, ": %lu", &value) == 1)
			break;
	fclose(f);
	return value;
}

static int
choose_hugepages(struct gateway *gw, uint32_t need_mb, struct err *err)
{
	const uint64_t page_kb = meminfo("Hugepagesize");
	const uint64_t have_mb = meminfo("HugePages_Free") * page_kb / 1024;

	gw->hugepages = gw->boot.memory.hugepages != HUGEPAGES_NEVER && have_mb >= need_mb;
	if (gw->boot.memory.hugepages == HUGEPAGES_REQUIRE && !gw->hugepages)
		return err_set(err, -ENOMEM,
			"memory.hugepages: %u MB of hugepages are needed, %lu MB are free; reserve "
			"them with: gate64-setup hugepages %u",
			need_mb, (unsigned long)have_mb, need_mb + (uint32_t)(page_kb / 1024));
	return 0;
}

// Tables are touched when they fill up: without this look the kernel would end us much later.
static int
check_memory(const struct gateway *gw, uint32_t need_mb, struct err *err)
{
	const struct config *c = &gw->boot;
	const uint64_t have_mb = meminfo("MemAvailable") / 1024;

	if (gw->hugepages || need_mb <= have_mb)
		return 0;
	return err_set(err, -ENOMEM,
		"%u MB of memory are needed, %lu MB are available; lower nat64.max_sessions (%u), "
		"nat64.max_bib (%u), memory.mbufs (%u) or memory.neighbors (%u)",
		need_mb, (unsigned long)have_mb, c->nat64.max_sessions, c->nat64.max_bib,
		eal_mbufs(c), c->memory.neighbors);
}

// ---- arguments

struct args {
	char *v[EAL_MAX_ARGS + 1];
	int n;
	bool failed;
};

__attribute__((format(printf, 2, 3))) static void
add(struct args *a, const char *fmt, ...)
{
	va_list ap;

	if (a->n == EAL_MAX_ARGS) {
		a->failed = true;
		return;
	}
	va_start(ap, fmt);
	if (vasprintf(&a->v[a->n], fmt, ap) < 0)
		a->failed = true;
	else
		a->n++;
	va_end(ap);
}

static void
add_lcores(struct args *a, const struct config *c)
{
	char list[1024];
	size_t n = (size_t)snprintf(list, sizeof(list), "0@%d", c->lcores.control);

	for (unsigned int i = 0; i < c->lcores.n_worker; i++)
		n += (size_t)snprintf(
			list + n, sizeof(list) - n, ",%u@%d", i + 1, c->lcores.worker[i]);
	if (!lcores_dns_in_worker(c))
		snprintf(list + n, sizeof(list) - n, ",%u@%d", c->lcores.n_worker + 1,
			c->lcores.dns);
	add(a, "--lcores=%s", list);
	add(a, "--main-lcore=0");
}

// Ports may share a device, each with a VLAN.
static bool
is_first_of_device(const struct config *c, unsigned int i)
{
	for (unsigned int k = 0; k < i; k++)
		if (!strcmp(c->port[k].device, c->port[i].device))
			return false;
	return true;
}

static void
add_devices(struct args *a, const struct config *c, const struct driver_set *drivers)
{
	char device[sizeof(c->port[0].device) + sizeof(drivers->driver[0].arguments)];
	bool pci = false;

	for (unsigned int i = 0; i < c->n_port; i++) {
		pci |= c->port[i].is_pci;
		if (!is_first_of_device(c, i))
			continue;
		if (c->port[i].is_pci) {
			add(a, "--allow=%s", c->port[i].device);
			continue;
		}
		driver_set_device(drivers, c->port[i].device, device, sizeof(device));
		add(a, "--vdev=%s", device);
	}
	if (!pci)
		add(a, "--no-pci");
}

static void
add_memory(struct args *a, const struct gateway *gw, uint32_t need_mb)
{
	if (gw->hugepages) {
		add(a, "--in-memory");
		return;
	}
	add(a, "--no-huge");
	add(a, "--no-shconf");
	add(a, "-m%u", need_mb);
}

int
eal_start(struct gateway *gw, struct err *err)
{
	const struct config *c = &gw->boot;
	uint32_t need_mb = memory_mb(c);
	struct args a = {.n = 0};
	int ret = choose_hugepages(gw, need_mb, err);

	if (ret == 0)
		ret = check_memory(gw, need_mb, err);
	if (ret)
		return ret;
	add(&a, "gate64");
	add_lcores(&a, c);
	add_memory(&a, gw, need_mb);
	add(&a, "--file-prefix=gate64-%d", (int)getpid());
	add(&a, "--no-telemetry");
	add(&a, "--log-level=lib.*:warning");
	add(&a, "--log-level=lib.eal:error");
	add_devices(&a, c, &gw->drivers);
	if (a.failed)
		return err_set(err, -ENOMEM, "no memory for EAL's arguments");
	// EAL keeps the strings
	return rte_eal_init(a.n, a.v) < 0
		       ? err_set(err, -rte_errno,
				 "DPDK does not start: %s (its own messages stand above)",
				 rte_strerror(rte_errno))
		       : 0;
}
