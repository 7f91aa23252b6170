// SPDX-License-Identifier: BSD-3-Clause
// What sessions take of memory.
#include "bench.h"

#include <rte_malloc.h>

#define POOL 127

static double
heap_mib(void)
{
	struct rte_malloc_socket_stats s;
	size_t sum = 0;

	for (int socket = 0; socket < RTE_MAX_NUMA_NODES; socket++)
		if (rte_malloc_get_socket_stats(socket, &s) == 0)
			sum += s.heap_allocsz_bytes;
	return (double)sum / (1 << 20);
}

// A line of /proc/self/status that is in kB.
static double
status_mib(const char *key)
{
	FILE *f = fopen("/proc/self/status", "r");
	size_t len = strlen(key);
	unsigned long kb = 0;
	char line[128];

	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, key, len) == 0 && sscanf(line + len, ": %lu", &kb) == 1)
			break;
	if (f)
		fclose(f);
	return (double)kb / 1024;
}

static void
print_memory(uint32_t sessions, uint32_t bindings, double base)
{
	double heap = heap_mib();

	bench_print("memory",
		"sessions=%u bindings=%u heap_mib=%.0f bytes_per_session=%.0f rss_mib=%.0f "
		"hugetlb_mib=%.0f",
		sessions, bindings, heap, (heap - base) * (1 << 20) / sessions, status_mib("VmRSS"),
		status_mib("HugetlbPages"));
}

// heap_mib: all that a gateway has in EAL's memory, packet buffers included, and bytes_per_session
// that without what a gateway of hardly any sessions has. Tables are taken at the start: with a
// binding for each session all are filled, with half as many, the default, none. rss_mib: what the
// process has touched, this program's own arrays of 12 bytes a session included.
void
bench_memory(void)
{
	const uint32_t many = bench_opt.quick ? 1000000 : 4000000;
	double base;

	if (!bench_wanted("memory"))
		return;
	bench_start(&(struct bench_setup){.sessions = 64, .n_pool = POOL});
	base = heap_mib();
	bench_stop();
	bench_start(&(struct bench_setup){.room = many, .bindings = many / 2, .n_pool = POOL});
	print_memory(many, many / 2, base);
	bench_stop();
	bench_start(&(struct bench_setup){.sessions = many, .n_pool = POOL});
	print_memory(many, many, base);
	bench_stop();
}
