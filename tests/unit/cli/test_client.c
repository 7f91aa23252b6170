// SPDX-License-Identifier: BSD-3-Clause
// gate64-cli itself, as a process.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "app/cli/cli.h"
#include "dial.h"
#include "fake.h"

#include <fcntl.h>
#include <pty.h>
#include <rte_string_fns.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <termios.h>
#include <utmp.h>
#include <unistd.h>

#define HANG_SEC 120

static struct gateway *gw;
static struct cli *cli;
static char dir[64];

static int
setup(void **state)
{
	gw = fake_gateway(1, true);
	snprintf(dir, sizeof(dir), "%.60s", gw->boot.cli.socket);
	*strrchr(dir, '/') = '\0';
	setenv("GATE64_RUN_DIR", dir, 1);
	cli = cli_start(gw, NULL);
	return cli ? 0 : -1;
}

static int
teardown(void **state)
{
	cli_stop(cli);
	fake_gateway_free(gw);
	return 0;
}

// Runs a shell command line with gate64-cli as $CLI; what it printed on its output in out.
static int
shell(const char *command, char *out, size_t size)
{
	int fds[2], status;
	size_t n = 0;
	ssize_t got;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (pid == 0) {
		dup2(fds[1], STDOUT_FILENO);
		close(fds[0]);
		close(fds[1]);
		execl("/bin/sh", "sh", "-c", command, NULL);
		_exit(99);
	}
	close(fds[1]);
	while ((got = read(fds[0], out + n, size - 1 - n)) > 0)
		n += (size_t)got;
	out[n] = '\0';
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

static const struct {
	const char *command;
	int status;
	const char *out;
} runs[] = {
	{"$CLI -e 'show version'", 0, "gate64:"},
	{"$CLI -n fake -e 'show version json' 2>/dev/null", 0, "\"gate64\":"},
	{"$CLI -s $GATE64_RUN_DIR/fake.sock -e 'show drops'", 0, "received:"},
	{"$CLI -e 'show foo' 2>&1 >/dev/null", 1, "error: 'foo' is not allowed after 'show'"},
	{"$CLI -e 'show foo' 2>/dev/null", 1, ""},
	{"$CLI -e 'show foo' -e 'show version' 2>/dev/null", 1, "gate64:"},
	{"$CLI -n nobody -e 'show version' 2>&1", 2, "Start it with 'gate64 -c FILE'"},
	{"$CLI -s /nonexistent/x -e 'show version' 2>&1", 2, "No such file or directory"},
	{"GATE64_RUN_DIR=/nonexistent $CLI -e help 2>&1", 2, "no gate64 runs here"},
	{"printf 'show version\\n\\n# note\\nshow drops' | $CLI", 0, "received:"},
	{"printf 'show foo\\nshow drops\\n' | $CLI 2>/dev/null", 1, "received:"},
	{"printf 'show version\\n quit\\nshow foo\\n' | $CLI 2>&1", 0, "gate64:"},
	{"$CLI -e quit -e 'show foo' 2>&1", 0, ""},
	{"$CLI -e 'quit now' -e 'show foo' 2>&1", 1, "'foo' is not allowed"},
	{"$CLI </dev/null", 0, ""},
	{"$CLI show drops 2>&1", 2, "a command goes behind -e"},
	{"$CLI -n a -s b 2>&1", 2, "do not go together"},
	{"$CLI -x 2>&1", 2, "Usage:"},
	{"$CLI -h", 0, "Usage:"},
	{"$CLI --help", 0, "Usage:"},
	{"$CLI -V", 0, "gate64-cli "},
	{"$CLI --version", 0, "gate64-cli "},
	{"$CLI -e 'show nat64 sessions limit 20000 json' | tail -n 2", 0, "\"total\": 20000"},
	{"$CLI -e 'show version' >/dev/full 2>/dev/null", 1, ""},
	{"$CLI -e \"$(printf 'show version\\nstop')\" 2>&1", 1, "one command a line"},
	{"$CLI -e \"$(printf %0600d 0)\" 2>&1", 1, "too long"},
};

static void
one_shot(void **state)
{
	char out[8192];

	fake_sessions(gw, 0, 1, 20000);
	for (unsigned int i = 0; i < RTE_DIM(runs); i++) {
		int status = shell(runs[i].command, out, sizeof(out));

		if (status != runs[i].status || !strstr(out, runs[i].out))
			fail_msg("%s: %d, '%s'", runs[i].command, status, out);
	}
}

// The directory that mkdtemp made for a gateway that goes elsewhere.
static void
remove_parents(const char *socket)
{
	char parent[108];

	rte_strlcpy(parent, socket, sizeof(parent));
	for (unsigned int up = 0; up < 2; up++) {
		*strrchr(parent, '/') = '\0';
		rmdir(parent);
	}
}

// Two instances: it asks which. One that died does not count.
static void
several_instances(void **state)
{
	struct gateway *other = fake_gateway(0, false);
	struct cli *second;
	char out[1024];

	remove_parents(other->boot.cli.socket);
	snprintf(other->boot.cli.socket, sizeof(other->boot.cli.socket), "%s/other.sock", dir);
	second = cli_start(other, NULL);
	assert_non_null(second);
	assert_int_equal(shell("$CLI -e 'show version' 2>&1", out, sizeof(out)), 2);
	assert_non_null(strstr(out, "gate64-cli -n fake\n"));
	assert_non_null(strstr(out, "gate64-cli -n other\n"));
	assert_int_equal(shell("$CLI -n other -e 'show version'", out, sizeof(out)), 0);
	cli_stop(second);
	assert_int_equal(shell("$CLI -e 'show version'", out, sizeof(out)), 0);
	free(other);
}

static char *
pty_expect(int pty, const char *want)
{
	static char buf[65536];
	size_t n = 0;

	do {
		ssize_t got = read(pty, buf + n, sizeof(buf) - 1 - n);

		if (got <= 0)
			fail_msg("'%.*s' instead of '%s'", (int)n, buf, want);
		n += (size_t)got;
		buf[n] = '\0';
	} while (!strstr(buf, want));
	return buf;
}

static int
pty_start(pid_t *pid, struct termios *before)
{
	int pty, tty;

	assert_int_equal(openpty(&pty, &tty, NULL, NULL, NULL), 0);
	tcgetattr(tty, before);
	*pid = fork();
	if (*pid == 0) {
		login_tty(tty);
		execl(GATE64_CLI, "gate64-cli", NULL);
		_exit(99);
	}
	// The parent keeps tty open, to look at its state afterwards.
	fcntl(tty, F_SETFD, FD_CLOEXEC);
	return pty;
}

static void
assert_restored(int pty, const struct termios *before)
{
	struct termios now;

	assert_int_equal(tcgetattr(pty, &now), 0);
	assert_int_equal(now.c_lflag, before->c_lflag);
	assert_int_equal(now.c_iflag, before->c_iflag);
	assert_memory_equal(now.c_cc, before->c_cc, sizeof(now.c_cc));
}

static const struct {
	const char *name, *keys;
	int signal;
	int status; // of wait(): exit status, or the signal
} leaves[] = {
	{"quit", "quit\r", 0, 0},
	{"^D", "\004", 0, 0},
	{"^\\", "\034", 0, 0},
	{"SIGTERM", "", SIGTERM, SIGTERM},
	{"SIGHUP", "", SIGHUP, SIGHUP},
};

static void
terminal_is_restored(void **state)
{
	for (unsigned int i = 0; i < RTE_DIM(leaves); i++) {
		struct termios before;
		int status, pty;
		pid_t pid;

		pty = pty_start(&pid, &before);
		pty_expect(pty, "gate64> ");
		assert_int_equal(write(pty, "show ver\t\r", 10), 10);
		pty_expect(pty, "uptime_sec:");
		if (leaves[i].signal)
			kill(pid, leaves[i].signal);
		else
			assert_true(write(pty, leaves[i].keys, strlen(leaves[i].keys)) > 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (WIFEXITED(status))
			status = WEXITSTATUS(status);
		else
			status = WTERMSIG(status);
		if (status != leaves[i].status)
			fail_msg("%s: %d", leaves[i].name, status);
		assert_restored(pty, &before);
		close(pty);
	}
}

static void
daemon_that_ends_is_noticed(void **state)
{
	struct termios before;
	int status, pty;
	pid_t pid;

	pty = pty_start(&pid, &before);
	pty_expect(pty, "gate64> ");
	cli_stop(cli);
	cli = NULL;
	pty_expect(pty, "the daemon closed the connection");
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), 2);
	assert_restored(pty, &before);
	close(pty);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(one_shot),
		T(several_instances),
		T(terminal_is_restored),
		T(daemon_that_ends_is_noticed),
	};

	setenv("CLI", GATE64_CLI, 1);
	alarm(HANG_SEC);
	fake_eal();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
