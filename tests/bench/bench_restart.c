// SPDX-License-Identifier: BSD-3-Clause
// What a restart takes: sessions to the disk and back.
#include "bench.h"

#include "app/state_file.h"

#include <rte_cycles.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

// The processor's time is told too, since the other may hang on the disk.
struct moment {
	uint64_t tsc;
	clock_t cpu;
};

static struct moment
moment_now(void)
{
	return (struct moment){rte_rdtsc(), clock()};
}

static void
print_since(const struct moment *start, const char *what, uint64_t sessions)
{
	const struct moment now = moment_now();

	bench_print("restart", "sessions=%lu %s_ms=%.0f %s_cpu_ms=%.0f", (unsigned long)sessions,
		what, (double)(now.tsc - start->tsc) * 1e3 / (double)rte_get_tsc_hz(), what,
		(double)(now.cpu - start->cpu) * 1e3 / CLOCKS_PER_SEC);
}

void
bench_restart(uint32_t sessions, unsigned int n_pool)
{
	char path[] = "/tmp/gate64-bench-XXXXXX";
	struct config *c = &bench_f.gw.boot;
	struct snapshot_times now;
	struct moment t;
	int fd;

	if (!bench_wanted("restart"))
		return;
	fd = mkstemp(path);
	if (fd < 0)
		abort();
	close(fd);
	bench_start(&(struct bench_setup){.sessions = sessions, .n_pool = n_pool});
	now = (struct snapshot_times){.now_sec = (uint32_t)(bench_f.now_ns / 1000000000)};
	snprintf(c->state_file, sizeof(c->state_file), "%s", path);
	t = moment_now();
	state_file_save(&bench_f.gw, &now);
	print_since(&t, "save", sessions);
	bench_stop();
	bench_start(&(struct bench_setup){.room = sessions, .n_pool = n_pool});
	snprintf(c->state_file, sizeof(c->state_file), "%s", path);
	t = moment_now();
	state_file_read(&bench_f.gw, &now);
	state_file_restore(&bench_f.gw, &now);
	print_since(&t, "restore", bench_f.gw.restart->report.sessions);
	if (bench_f.gw.restart->report.sessions != sessions)
		fprintf(stderr, "bench: not every session came back\n");
	bench_stop();
	unlink(path);
}
