// SPDX-License-Identifier: BSD-3-Clause
#include "app/cli/session.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#define SESSION_FIRST_LINE_MS 10000
#define SESSION_EXEC_SEND_MS  30000
#define SESSION_TTY_SEND_MS   600000 // somebody may have stopped the terminal's output

struct first_line {
	char buf[CLI_LINE_MAX + 16]; // holds the verb as well
	size_t n;
	char *end; // of the line; NULL: there is none
};

static int64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void
session_send(struct session *s, const char *buf, size_t len)
{
	while (len > 0 && !s->broken) {
		ssize_t n = send(s->fd, buf, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		struct pollfd p = {.fd = s->fd, .events = POLLOUT};

		if (n >= 0) {
			buf += n;
			len -= (size_t)n;
		} else if (errno == EAGAIN) {
			s->broken = poll(&p, 1, s->send_ms) == 0;
		} else {
			s->broken = errno != EINTR;
		}
	}
}

void
session_trailer(struct session *s, bool failed)
{
	session_send(s, failed ? "\0001" : "\0000", 2);
}

// A client that is slow with its first line does not hold its place for long.
static void
read_first_line(int fd, struct first_line *l)
{
	int64_t left, deadline = now_ms() + SESSION_FIRST_LINE_MS;
	struct pollfd p = {.fd = fd, .events = POLLIN};

	while (!l->end && l->n < sizeof(l->buf) && (left = deadline - now_ms()) > 0) {
		ssize_t n;

		if (poll(&p, 1, (int)left) < 0 && errno != EINTR)
			return;
		n = recv(fd, l->buf + l->n, sizeof(l->buf) - l->n, MSG_DONTWAIT);
		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
			return;
		if (n > 0)
			l->n += (size_t)n;
		l->end = memchr(l->buf, '\n', l->n);
	}
}

static void
say_and_fail(struct session *s, const char *text)
{
	session_send(s, text, strlen(text));
	session_trailer(s, true);
}

static enum cli_after
session_exec(struct session *s, const char *command)
{
	enum cli_after after;
	char *text;
	int rc = cli_execute(s->gw, command, &text, &after);

	if (text)
		session_send(s, text, strlen(text));
	session_trailer(s, rc != 0);
	free(text);
	return after;
}

enum cli_after
session_run(struct gateway *gw, int fd)
{
	struct session s = {.gw = gw, .fd = fd, .send_ms = SESSION_EXEC_SEND_MS};
	struct first_line l = {.n = 0};

	read_first_line(fd, &l);
	if (!l.end) {
		if (l.n == sizeof(l.buf))
			say_and_fail(&s, "error: the line is too long\n");
		return CLI_GO_ON;
	}
	*l.end = '\0';
	if (memchr(l.buf, '\0', (size_t)(l.end - l.buf))) {
		say_and_fail(&s, "error: a NUL byte is in the line\n");
		return CLI_GO_ON;
	}
	if (strncmp(l.buf, "exec ", 5) == 0)
		return session_exec(&s, l.buf + 5);
	if (strcmp(l.buf, "tty") == 0) {
		s.send_ms = SESSION_TTY_SEND_MS;
		return session_tty(&s, l.end + 1, l.n - (size_t)(l.end + 1 - l.buf));
	}
	say_and_fail(&s, "error: this socket is for gate64-cli\n");
	return CLI_GO_ON;
}
