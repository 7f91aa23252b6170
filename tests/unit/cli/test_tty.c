// SPDX-License-Identifier: BSD-3-Clause
// The interactive session: librte_cmdline on the table of commands.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "app/cli/cli.h"
#include "base/rand.h"
#include "dial.h"
#include "fake.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define HANG_SEC 120
#define PROMPT   "gate64> "
#define UP       "\033[A"

static struct gateway *gw;
static struct cli *cli;
static int fd;

static int
setup(void **state)
{
	gw = fake_gateway(1, true);
	cli = cli_start(gw, NULL);
	fd = dial(gw->boot.cli.socket);
	dial_puts(fd, "tty\n");
	free(dial_expect(fd, PROMPT));
	return cli ? 0 : -1;
}

static int
teardown(void **state)
{
	if (fd >= 0)
		close(fd);
	cli_stop(cli);
	fake_gateway_free(gw);
	return 0;
}

static const struct {
	const char *name;
	const char *keys; // the reply is awaited up to the next prompt
	const char *want;
} keys[] = {
	{"a command", "show drops\r", "received:"},
	{"options in any order", "show nat64 sessions limit 5 proto udp\r", "sessions: none"},
	{"json", "show version json\r", "\"gate64\":"},
	{"an empty line", "\r", "\r\n"},
	{"blanks and a comment", "  # nothing\r", "\r\n"},
	{"a wrong command says what is allowed", "show foo\r",
		"error: 'foo' is not allowed after 'show'; allowed: version, config"},
	{"an incomplete one too", "show nat64\r",
		"error: 'show nat64' is incomplete; next: sessions, bib, pool, subscribers, stats"},
	{"only one word", "foo\r", "error: unknown command 'foo'; allowed: show"},
	{"help", "help clear\r", "clear nat64 sessions [client ADDR]"},
	{"^C drops the line", "sto\003", "\r\n"},
	{"UP repeats", "show workers\r", "IDLE_PERCENT"},
	{"UP repeats, now", UP "\r", "IDLE_PERCENT"},
	{"DEL", "show dropz\177s\r", "received:"},
	{"TAB completes a word", "sh\tneigh\t\r", "198.18.0.1"},
	{"TAB completes a value", "show neighbors port w\t\r", "198.18.0.1"},
	{"a word too much", "quit now\r", "error: 'now' is not allowed after 'quit'"},
};

static void
lines_are_answered(void **state)
{
	for (unsigned int i = 0; i < RTE_DIM(keys); i++) {
		char *text;

		dial_puts(fd, keys[i].keys);
		// completion and history redraw the prompt without a new line: that of the next
		// line comes at its beginning
		text = dial_expect(fd, "\n" PROMPT);
		if (!strstr(text, keys[i].want))
			fail_msg("%s: '%s'", keys[i].name, text);
		free(text);
	}
}

static const struct {
	const char *keys;
	const char *want[6];
	const char *not_want;
} completions[] = {
	{"show \t",
		{" port [word]: ports and their counters", " nat64 [word]: ", " drops [word]: "},
		" nat64 [word]: sessions, bindings, pool and counters of NAT64\r\n nat64"},
	{"show nat64 sessions \t",
		{" client [option]: ", " proto [option]: ", " limit [option]: ",
			" json [option]: "},
		NULL},
	{"show nat64 sessions proto tcp limit 5 \t", {" client [option]: ", " json [option]: "},
		" proto [option]"},
	{"show nat64 sessions proto \t", {" tcp [tcp|udp|icmp]: ", " icmp "}, NULL},
	{"show neighbors port \t", {" lan [NAME]: ", " wan [NAME]: "}, NULL},
	{"show nat64 sessions client \t", {" [ADDR]: only of this IPv6 address"}, NULL},
	{"show drops json \t", {" [RETURN]: the command is complete"}, NULL},
	{"show nonsense \t", {" [?]: there is no such command"}, NULL},
	{"show p?", {" port [word]: ports and their counters"}, NULL},
};

static void
tab_lists_each_choice_once(void **state)
{
	for (unsigned int i = 0; i < RTE_DIM(completions); i++) {
		char *text;

		dial_puts(fd, completions[i].keys);
		dial_puts(fd, "\003");
		text = dial_expect(fd, "\n" PROMPT);
		for (unsigned int w = 0; w < 6 && completions[i].want[w]; w++) {
			if (!strstr(text, completions[i].want[w]))
				fail_msg("'%s': '%s'", completions[i].keys, text);
		}
		if (completions[i].not_want && strstr(text, completions[i].not_want))
			fail_msg("'%s' twice: '%s'", completions[i].keys, text);
		free(text);
	}
}

static void
quit_leaves(void **state)
{
	int status;

	dial_puts(fd, "quit\rshow drops\r");
	free(dial_finish(fd, &status));
	fd = -1;
	assert_int_equal(status, 0);
}

static void
ctrl_d_leaves(void **state)
{
	int status;

	dial_puts(fd, "\004");
	free(dial_finish(fd, &status));
	fd = -1;
	assert_int_equal(status, 0);
}

static void
end_of_stream_leaves(void **state)
{
	int status;

	dial_puts(fd, "show drops\r");
	shutdown(fd, SHUT_WR);
	free(dial_finish(fd, &status));
	fd = -1;
	assert_int_equal(status, 0);
}

// librte_cmdline cuts a line at 512 bytes. What is left of it must not be run.
static void
long_line_is_not_cut_and_run(void **state)
{
	char line[2000], *text;

	fake_sessions(gw, 0, 1, 1);
	memset(line, ' ', sizeof(line));
	memcpy(line, "clear nat64 sessions", 20);
	memcpy(line + sizeof(line) - 32, " client 2001:db8:ffff::1        ", 32);
	dial_send(fd, line, sizeof(line));
	dial_puts(fd, "\r");
	text = dial_expect(fd, "\n" PROMPT);
	assert_non_null(strstr(text, "error: the line is too long"));
	free(text);
	memset(line, ' ', 492);
	memcpy(line + 492, "clear nat64 sessions client 2001:db8:ffff::1", 44);
	dial_send(fd, line, 492 + 44);
	dial_puts(fd, "\r");
	free(dial_expect(fd, "\n" PROMPT));
	dial_puts(fd, "show nat64 sessions\r");
	text = dial_expect(fd, "\n" PROMPT);
	assert_non_null(strstr(text, "udp    [2001:db8:1::1]:40000"));
	free(text);
}

// Sends and reads at once, as gate64-cli does; connects again where the bytes ended the session.
static void
feed(const char *buf, size_t len)
{
	char sink[4096];

	while (len > 0) {
		struct pollfd p = {.fd = fd, .events = POLLIN | POLLOUT};
		ssize_t n;

		poll(&p, 1, -1);
		if ((p.revents & POLLIN) && recv(fd, sink, sizeof(sink), MSG_DONTWAIT) == 0) {
			close(fd);
			fd = dial(gw->boot.cli.socket);
			dial_puts(fd, "tty\n");
			return;
		}
		if (!(p.revents & POLLOUT))
			continue;
		n = send(fd, buf, len, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n > 0) {
			buf += n;
			len -= (size_t)n;
		}
	}
}

static void
garbage_does_no_harm(void **state)
{
	static const char *const words[] = {"show ", "nat64 ", "sessions ", "client ", "proto ",
		"limit ", "\t", "?", UP, "\033[B", "\033[D", "\001", "\005", "\013", "\031",
		"json "};
	struct rand_pool r = {.left = 0};
	char line[64];
	int status;

	for (unsigned int i = 0; i < 10000; i++) {
		unsigned int len = rand_below(&r, sizeof(line));

		rand_bytes(&r, line, len);
		line[len] = '\r';
		if (rand_below(&r, 2))
			feed(words[i % RTE_DIM(words)], strlen(words[i % RTE_DIM(words)]));
		feed(line, len + 1);
	}
	close(fd);
	fd = -1;
	do {
		free(dial_exec(gw->boot.cli.socket, "show version", &status));
	} while (status != 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(lines_are_answered),
		T(tab_lists_each_choice_once),
		T(quit_leaves),
		T(ctrl_d_leaves),
		T(end_of_stream_leaves),
		T(long_line_is_not_cut_and_run),
		T(garbage_does_no_harm),
	};

	alarm(HANG_SEC);
	fake_eal();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
