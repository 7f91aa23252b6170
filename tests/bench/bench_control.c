// SPDX-License-Identifier: BSD-3-Clause
// What the control plane costs the data path: a dump of all sessions while packets pass. And what
// sessions take of memory.
#include "bench.h"

#include "app/cli/command.h"

#include <pthread.h>
#include <rte_cycles.h>
#include <rte_malloc.h>
#include <stdlib.h>

#define POOL  127
#define ALIVE 10000 // sessions whose packets come

// ---- memory

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

// ---- dump

struct dump {
	const char *command;
	double ms;
	volatile bool done;
};

static void *
run_dump(void *arg)
{
	struct dump *d = arg;
	uint64_t t = rte_rdtsc();
	enum cli_after after;
	char *text = NULL;

	sched_setaffinity(0, sizeof(cpu_set_t), bench_cpus()); // not the worker's alone
	if (cli_execute(&bench_f.gw, d->command, &text, &after))
		fprintf(stderr, "bench: %s: %s\n", d->command, text);
	free(text);
	d->ms = (double)(rte_rdtsc() - t) * 1e3 / (double)rte_get_tsc_hz();
	d->done = true;
	return NULL;
}

// Turns until the dump is done, or so many.
static void
print_turns(const char *what, uint32_t sessions, struct dump *d, unsigned int turns)
{
	static struct bench_turns t;

	t = (struct bench_turns){.n = 0};
	while (d ? !d->done : t.n < turns)
		bench_turn(&t);
	bench_print("dump",
		"sessions=%u order=%s turns=%u us_median=%.1f us_p99=%.1f us_max=%.1f "
		"interrupted=%u dump_ms=%.0f",
		sessions, what, t.n, bench_quantile(&t.us, 0.5), bench_quantile(&t.us, 0.99), t.max,
		t.interrupted, d ? d->ms : 0);
}

void
bench_dump(void)
{
	static const struct {
		const char *name, *command;
	} dumps[] = {
		{"list", "show nat64 sessions limit 100000 json"}, // as many as there may be
		{"filter", "show nat64 sessions proto tcp"},       // looks at all, shows none
	};
	const uint32_t n = bench_opt.quick ? 200000 : 1000000;

	if (!bench_wanted("dump"))
		return;
	bench_start(&(struct bench_setup){.sessions = n, .n_pool = POOL});
	bench_order_random(ALIVE);
	print_turns("none", n, NULL, 20000);
	for (unsigned int i = 0; i < RTE_DIM(dumps); i++) {
		struct dump d = {.command = dumps[i].command};
		pthread_t id;

		if (pthread_create(&id, NULL, run_dump, &d))
			abort();
		print_turns(dumps[i].name, n, &d, 0);
		pthread_join(id, NULL);
	}
	bench_stop();
}
