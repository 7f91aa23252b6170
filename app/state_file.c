// SPDX-License-Identifier: BSD-3-Clause
#include "app/state_file.h"

#include "state/change.h"

#include "app/pipeline.h"
#include "app/worker.h"
#include "xlat/xlat.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FILE_MAX   (UINT64_C(4) << 30) // more than all sessions that there may be
#define MAGIC_ROOM 64                  // enough to see what a file is

// What was read, until it is restored. There is one gateway in a process.
static struct saved {
	uint8_t *bytes; // NULL: nothing
	size_t len;
	struct snapshot snapshot;
} saved;
static struct restart restart;

struct snapshot_times
state_file_now(void)
{
	return (struct snapshot_times){
		.now_sec = (uint32_t)(worker_clock_ns() / 1000000000),
		.wall_sec = (uint64_t)time(NULL),
	};
}

static double
seconds_since(uint64_t start_ns)
{
	return (double)(worker_clock_ns() - start_ns) / 1e9;
}

// ---- files

static int
read_all(int fd, uint8_t *at, size_t len)
{
	while (len) {
		ssize_t n = read(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -ENODATA;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

static int
write_all(int fd, const uint8_t *at, size_t len)
{
	while (len) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

// What is wrong with a file before it is read.
static const char *
distrusted(const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		return "it is no file";
	if ((st->st_uid != 0 && st->st_uid != geteuid()) || (st->st_mode & (S_IWGRP | S_IWOTH)))
		return "others may write to it";
	if ((uint64_t)st->st_size > FILE_MAX)
		return "it is too long";
	return NULL;
}

// 0, or -errno with err; -ENOENT when there is no file.
static int
read_file(const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), ret = 0;
	const char *wrong;
	struct stat st;

	if (fd < 0 || fstat(fd, &st)) {
		ret = err_set(err, -errno, "%s", strerror(errno));
	} else if ((wrong = distrusted(&st)) != NULL) {
		ret = err_set(err, -EINVAL, "%s", wrong);
	} else {
		saved.len = (size_t)st.st_size;
		saved.bytes = malloc(saved.len + 1);
		ret = saved.bytes ? read_all(fd, saved.bytes, saved.len) : -ENOMEM;
		if (ret)
			err_set(err, ret, "%s", strerror(-ret));
	}
	if (fd >= 0)
		close(fd);
	return ret;
}

static int
sync_directory(const char *path)
{
	char copy[PATH_MAX];
	int fd, ret;

	snprintf(copy, sizeof(copy), "%s", path);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = fsync(fd) ? -errno : 0;
	close(fd);
	return ret;
}

static int
write_new(const char *path, const uint8_t *bytes, size_t len)
{
	int fd, ret;

	unlink(path); // of a run that was ended while it wrote
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	ret = write_all(fd, bytes, len);
	if (ret == 0 && fsync(fd))
		ret = -errno;
	if (close(fd) && ret == 0)
		ret = -errno;
	return ret;
}

// All of it or nothing is there afterwards, whenever the machine stops.
static int
replace_file(const char *path, const uint8_t *bytes, size_t len)
{
	char temporary[sizeof(((struct config *)0)->state_file) + 4];
	int ret;

	snprintf(temporary, sizeof(temporary), "%s.new", path);
	ret = write_new(temporary, bytes, len);
	if (ret == 0 && rename(temporary, path))
		ret = -errno;
	if (ret) {
		unlink(temporary);
		return ret;
	}
	return sync_directory(path);
}

// A file that somebody else keeps there is not ours to replace.
static bool
is_foreign(const char *path)
{
	uint8_t head[MAGIC_ROOM];
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool ours;

	if (fd < 0)
		return errno != ENOENT;
	ours = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	       (st.st_size == 0 ||
		       snapshot_is_one(head, (size_t)RTE_MAX(read(fd, head, sizeof(head)), 0)));
	close(fd);
	return !ours;
}

// ---- start

static void
check_directory(const char *path)
{
	char copy[PATH_MAX];
	const char *dir;

	snprintf(copy, sizeof(copy), "%s", path);
	dir = dirname(copy);
	if (mkdir(dir, 0700) == 0 || access(dir, W_OK) == 0)
		return;
	fprintf(stderr, "gate64: state_file: %s: %s; sessions will not outlive a restart\n", dir,
		strerror(errno));
}

// Nothing can be left after the longest lifetime.
static uint64_t
longest_sec(const struct config_nat64 *c)
{
	uint64_t longest = 0;

	for (unsigned int i = 0; i < TIMEOUT__N; i++)
		longest = RTE_MAX(longest, (uint64_t)c->timeout[i]);
	return longest + c->timeout[TIMEOUT_TCP_TRANSITORY] + 1;
}

static int
check_age(const struct gateway *gw, uint64_t wall_sec, struct err *err)
{
	uint64_t saved_sec = saved.snapshot.saved_sec;

	restart.saved_sec = saved_sec;
	restart.passed_sec = wall_sec > saved_sec ? wall_sec - saved_sec : 0;
	restart.set_back_sec = saved_sec > wall_sec ? saved_sec - wall_sec : 0;
	if (restart.passed_sec > longest_sec(&gw->boot.nat64))
		return err_set(err, -ESTALE, "it is %lu s old, and no session lives that long",
			(unsigned long)restart.passed_sec);
	return 0;
}

static void
forget(void)
{
	free(saved.bytes);
	saved.bytes = NULL;
}

void
state_file_read(struct gateway *gw, const struct snapshot_times *now)
{
	const char *path = gw->boot.state_file;
	struct err err;
	int ret;

	gw->restart = &restart;
	restart = (struct restart){.outcome = *path ? RESTART_NO_FILE : RESTART_OFF};
	if (!*path)
		return;
	check_directory(path);
	ret = read_file(path, &err);
	if (ret == 0)
		ret = snapshot_check(&saved.snapshot, saved.bytes, saved.len, &err);
	if (ret == 0)
		ret = check_age(gw, now->wall_sec, &err);
	if (ret == 0) {
		if (saved.snapshot.n_session) // else nobody needs it
			hash_key_restore(saved.snapshot.hash_key);
		return;
	}
	forget();
	if (ret == -ENOENT)
		return;
	restart.outcome = RESTART_REFUSED;
	snprintf(restart.why, sizeof(restart.why), "%s", err.text);
	fprintf(stderr, "gate64: %s is not used: %s; starting without sessions\n", path, err.text);
}

static void
say_restored(void)
{
	const struct restart *r = &restart;
	const char *sep = "; left out: ";

	printf("gate64: %lu sessions and %lu resting ports of %lu s ago are back, in %.2f s",
		(unsigned long)r->report.sessions, (unsigned long)r->report.resting,
		(unsigned long)r->passed_sec, r->took_sec);
	for (unsigned int i = 0; i < SNAPSHOT_LEFT__N; i++) {
		if (!r->report.left[i])
			continue;
		printf("%s%lu %s", sep, (unsigned long)r->report.left[i], snapshot_left_text[i]);
		sep = ", ";
	}
	printf("\n");
	if (r->set_back_sec)
		printf("gate64: the clock was set back by %lu s; no time counts as passed\n",
			(unsigned long)r->set_back_sec);
}

static bool
is_allowed(void *arg, const struct session_key6 *key)
{
	return admit_policy(arg, key) == DROP_NONE;
}

static void
complete(void *arg, struct session *s)
{
	admit_complete(arg, s);
}

void
state_file_restore(struct gateway *gw, const struct snapshot_times *now)
{
	uint64_t start_ns = worker_clock_ns();
	struct state *st[GATEWAY_MAX_WORKERS];
	const struct snapshot_target to = {
		.nat64 = &gw->plan->config.nat64,
		.st = st,
		.n_worker = gw->n_worker,
		.now_sec = now->now_sec,
		.passed_sec = restart.passed_sec,
		.allowed = is_allowed,
		.restored = complete,
		.arg = (void *)(uintptr_t)gw->plan,
	};

	if (!saved.bytes)
		return;
	for (unsigned int i = 0; i < gw->n_worker; i++)
		st[i] = worker_state(gw->worker[i]);
	snapshot_restore(&saved.snapshot, &to, &restart.report);
	restart.n_worker = saved.snapshot.n_worker;
	restart.outcome = RESTART_RESTORED;
	forget();
	restart.took_sec = seconds_since(start_ns);
	say_restored();
}

void
state_file_used(struct gateway *gw)
{
	const char *path = gw->boot.state_file;

	if (restart.outcome == RESTART_RESTORED && unlink(path) == 0)
		sync_directory(path);
}

// ---- stop

void
state_file_save(struct gateway *gw, const struct snapshot_times *now)
{
	const char *path = gw->boot.state_file;
	const struct plan *plan = gw->next_plan ? gw->next_plan : gw->plan;
	uint64_t start_ns = worker_clock_ns();
	struct state *st[GATEWAY_MAX_WORKERS];
	uint8_t *bytes = NULL;
	size_t len = 0;
	int ret;

	if (!*path)
		return;
	if (is_foreign(path)) {
		fprintf(stderr, "gate64: sessions are not saved: %s is something else\n", path);
		return;
	}
	for (unsigned int i = 0; i < gw->n_worker; i++) {
		st[i] = worker_state(gw->worker[i]);
		state_change_finish(st[i]);
	}
	ret = snapshot_encode(st, gw->n_worker, &plan->config.nat64, now, &bytes, &len);
	if (ret == 0)
		ret = replace_file(path, bytes, len);
	free(bytes);
	if (ret)
		fprintf(stderr, "gate64: sessions are not saved: %s: %s\n", path, strerror(-ret));
	else
		printf("gate64: sessions are saved in %s, %zu bytes in %.2f s\n", path, len,
			seconds_since(start_ns));
}
