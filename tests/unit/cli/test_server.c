// SPDX-License-Identifier: BSD-3-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "app/cli/cli.h"
#include "app/cli/command.h"
#include "base/rand.h"
#include "dial.h"
#include "fake.h"

#include <errno.h>
#include <fcntl.h>
#include <rte_string_fns.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define HANG_SEC 120 // a test that waits for ever is ended by SIGALRM

static struct gateway *gw;
static struct cli *cli;
static const char *path;
static volatile sig_atomic_t terminated;

static int
setup(void **state)
{
	struct err err;

	gw = fake_gateway(1, true);
	path = gw->boot.cli.socket;
	cli = cli_start(gw, &err);
	return cli ? 0 : -1;
}

static int
teardown(void **state)
{
	cli_stop(cli);
	fake_gateway_free(gw);
	return 0;
}

static void
on_term(int sig)
{
	terminated = 1;
}

static void
assert_works(void)
{
	int status;
	char *text = dial_exec(path, "show version", &status);

	assert_int_equal(status, 0);
	assert_non_null(strstr(text, "gate64:"));
	free(text);
}

static const struct {
	const char *name;
	const char *send;
	size_t len; // 0: strlen
	int status;
	const char *text;
} requests[] = {
	{"a command", "exec show drops\n", 0, 0, "received:"},
	{"nothing", "exec \n", 0, 0, ""},
	{"a comment", "exec # show drops\n", 0, 0, ""},
	{"what follows the line is ignored", "exec show drops\nexec stop\n", 0, 0, "received:"},
	{"a wrong command", "exec show dropz\n", 0, 1,
		"error: 'dropz' is not allowed after 'show'"},
	{"an incomplete command", "exec show\n", 0, 1, "error: 'show' is incomplete"},
	{"an escape sequence comes back clean", "exec show \033[2J\n", 0, 1, "'?[2J'"},
	{"no verb", "show drops\n", 0, 1, "error: this socket is for gate64-cli"},
	{"an empty line", "\n", 0, 1, "error: this socket is for gate64-cli"},
	{"NUL", "exec show\0drops\n", 16, 1, "error: a NUL byte is in the line"},
	{"json", "exec show drops json\n", 0, 0, "\"received\": 0"},
};

static void
requests_are_answered(void **state)
{
	for (unsigned int i = 0; i < RTE_DIM(requests); i++) {
		int status, fd = dial(path);
		char *text;

		assert_true(fd >= 0);
		if (requests[i].len > 0)
			dial_send(fd, requests[i].send, requests[i].len);
		else
			dial_puts(fd, requests[i].send);
		text = dial_finish(fd, &status);
		if (status != requests[i].status || !strstr(text, requests[i].text))
			fail_msg("%s: %d '%s'", requests[i].name, status, text);
		free(text);
	}
}

static void
request_in_pieces(void **state)
{
	static const char line[] = "exec show version\n";
	int status, fd = dial(path);
	char *text;

	for (const char *c = line; *c != '\0'; c++)
		dial_send(fd, c, 1);
	text = dial_finish(fd, &status);
	assert_int_equal(status, 0);
	free(text);
}

static void
long_lines_are_refused(void **state)
{
	static char line[1 << 20];
	int status, fd;
	char *text;

	memset(line, 'x', sizeof(line));
	memcpy(line, "exec ", 5);
	for (size_t len = 490; len < 530; len++) {
		fd = dial(path);
		dial_send(fd, line, len + 5);
		dial_puts(fd, "\n");
		text = dial_finish(fd, &status);
		assert_int_equal(status, 1);
		if (len > CLI_LINE_MAX)
			assert_non_null(strstr(text, "long"));
		free(text);
	}
	fd = dial(path);
	dial_send(fd, line, sizeof(line));
	free(dial_finish(fd, &status));
	assert_works();
}

static void
client_that_says_nothing_goes(void **state)
{
	for (unsigned int i = 0; i < 3 * CLI_CLIENTS; i++) {
		int fd = dial(path);

		assert_true(fd >= 0);
		if (i % 3 == 0)
			dial_puts(fd, "exec show");
		if (i % 3 == 1)
			dial_puts(fd, "exec show nat64 sessions\n");
		close(fd);
	}
	for (int status = -1; status != 0;)
		free(dial_exec(path, "show version", &status));
}

static void
ninth_client_is_told(void **state)
{
	int fd[CLI_CLIENTS], status;
	char *text;

	for (unsigned int i = 0; i < CLI_CLIENTS; i++) {
		fd[i] = dial(path);
		dial_puts(fd[i], "tty\n");
		free(dial_expect(fd[i], "gate64> "));
	}
	text = dial_exec(path, "show version", &status);
	assert_int_equal(status, 1);
	assert_non_null(strstr(text, "error: all places at the command line are taken"));
	free(text);
	dial_puts(fd[3], "quit\r");
	free(dial_finish(fd[3], &status));
	assert_int_equal(status, 0);
	assert_works();
	for (unsigned int i = 0; i < CLI_CLIENTS; i++) {
		if (i != 3)
			close(fd[i]);
	}
}

// 7 clients ask for megabytes and do not read: the eighth is served, and stopping does not wait.
static void
stuck_clients_hold_up_nobody(void **state)
{
	int fd[CLI_CLIENTS - 1];

	fake_sessions(gw, 0, 1, 20000);
	for (unsigned int i = 0; i < RTE_DIM(fd); i++) {
		fd[i] = dial(path);
		dial_puts(fd[i], i % 2 ? "tty\n" : "exec show nat64 sessions limit 20000\n");
		if (i % 2)
			dial_puts(fd[i], "show nat64 sessions limit 20000\r");
	}
	for (unsigned int i = 0; i < 20; i++)
		assert_works();
	cli_stop(cli);
	cli = NULL;
	for (unsigned int i = 0; i < RTE_DIM(fd); i++)
		close(fd[i]);
}

static void
large_answer_is_whole(void **state)
{
	int status;
	char *text;

	fake_sessions(gw, 0, 1, 20000);
	text = dial_exec(path, "show nat64 sessions limit 20000 json", &status);
	assert_int_equal(status, 0);
	assert_true(strlen(text) > 2000000);
	assert_non_null(strstr(text, "\"shown\": 20000,\n  \"total\": 20000\n}\n"));
	free(text);
}

static void
many_at_once(void **state)
{
	int fd[CLI_CLIENTS], status;

	for (unsigned int round = 0; round < 20; round++) {
		for (unsigned int i = 0; i < CLI_CLIENTS; i++) {
			fd[i] = dial(path);
			dial_puts(fd[i], "exec show nat64 stats json\n");
		}
		for (unsigned int i = 0; i < CLI_CLIENTS; i++) {
			free(dial_finish(fd[i], &status));
			assert_int_equal(status, 0);
		}
	}
}

static void
garbage_is_refused(void **state)
{
	struct rand_pool r = {.left = 0};
	char line[64];

	for (unsigned int i = 0; i < 2000; i++) {
		int status, fd = dial(path);

		assert_true(fd >= 0);
		rand_bytes(&r, line, sizeof(line));
		if (i % 2)
			memcpy(line, "exec ", 5);
		line[sizeof(line) - 1] = '\n';
		dial_send(fd, line, sizeof(line));
		free(dial_finish(fd, &status));
		assert_in_range(status, 0, 1);
	}
	assert_works();
}

static void
stop_says_so_first(void **state)
{
	int status;
	char *text;

	terminated = 0;
	signal(SIGTERM, on_term);
	text = dial_exec(path, "stop", &status);
	assert_int_equal(status, 0);
	assert_string_equal(text, "result: stopping\n");
	free(text);
	cli_stop(cli);
	cli = NULL;
	assert_true(gw->stop);
	assert_true(terminated);
	signal(SIGTERM, SIG_DFL);
}

static void
socket_has_modes(void **state)
{
	char dir[108];
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 0777, 0660);
	rte_strlcpy(dir, path, sizeof(dir));
	*strrchr(dir, '/') = '\0';
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0755);
}

static void
second_daemon_is_refused(void **state)
{
	struct err err = {""};

	assert_null(cli_start(gw, &err));
	assert_non_null(strstr(err.text, "another gate64 answers there"));
	assert_works();
}

static void
dead_socket_is_replaced(void **state)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	cli_stop(cli);
	assert_int_equal(access(path, F_OK), -1);
	rte_strlcpy(sun.sun_path, path, sizeof(sun.sun_path));
	assert_int_equal(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	listen(fd, 1);
	close(fd);
	cli = cli_start(gw, NULL);
	assert_non_null(cli);
	assert_works();
}

static void
file_is_not_replaced(void **state)
{
	struct err err = {""};
	int fd;

	cli_stop(cli);
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	close(fd);
	cli = cli_start(gw, &err);
	assert_null(cli);
	assert_non_null(strstr(err.text, "no socket"));
	assert_int_equal(unlink(path), 0);
}

// The socket was replaced by somebody else's: it stays.
static void
stop_removes_own_socket_only(void **state)
{
	int fd;

	unlink(path);
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	close(fd);
	cli_stop(cli);
	cli = NULL;
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(unlink(path), 0);
}

static void
bad_paths_are_refused(void **state)
{
	struct gateway other = {.boot.cli.socket = "/proc/nowhere/x.sock"};
	struct err err = {""};

	assert_null(cli_start(&other, &err));
	assert_non_null(strstr(err.text, "/proc/nowhere/x.sock"));
	other.boot.cli.socket[0] = '\0';
	assert_null(cli_start(&other, &err));
	cli_stop(NULL);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(requests_are_answered),
		T(request_in_pieces),
		T(long_lines_are_refused),
		T(client_that_says_nothing_goes),
		T(ninth_client_is_told),
		T(stuck_clients_hold_up_nobody),
		T(large_answer_is_whole),
		T(many_at_once),
		T(garbage_is_refused),
		T(stop_says_so_first),
		T(socket_has_modes),
		T(second_daemon_is_refused),
		T(dead_socket_is_replaced),
		T(file_is_not_replaced),
		T(stop_removes_own_socket_only),
		T(bad_paths_are_refused),
	};

	alarm(HANG_SEC);
	fake_eal();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
