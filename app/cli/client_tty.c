// SPDX-License-Identifier: BSD-3-Clause
// Keystrokes to the daemon and its output to the terminal, which is put back as it was on every way
// out. The daemon does the editing; only ^\ is ours: it leaves even when the daemon hangs.
#include "app/cli/client.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

struct keys {
	char buf[1024];
	size_t n; // typed, not yet taken by the daemon
	bool eof;
};

static struct termios saved;
static volatile sig_atomic_t is_raw;

static void
terminal_restore(void)
{
	if (is_raw)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &saved);
	is_raw = 0;
}

static void
on_signal(int sig)
{
	terminal_restore();
	signal(sig, SIG_DFL);
	raise(sig);
}

static void
on_quit_key(int sig)
{
	terminal_restore();
	_exit(CLIENT_OK);
}

static void
terminal_raw(void)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGSEGV, SIGABRT, SIGBUS};
	struct termios t;

	if (tcgetattr(STDIN_FILENO, &saved) != 0)
		return;
	atexit(terminal_restore);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		signal(signals[i], on_signal);
	signal(SIGQUIT, on_quit_key);
	t = saved;
	t.c_lflag &= ~(tcflag_t)(ICANON | ECHO | IEXTEN);
	t.c_iflag &= ~(tcflag_t)(ICRNL | INLCR);
	t.c_cc[VINTR] = _POSIX_VDISABLE; // ^C clears the line, over there
	t.c_cc[VSUSP] = _POSIX_VDISABLE;
	t.c_cc[VMIN] = 1;
	t.c_cc[VTIME] = 0;
	is_raw = 1;
	tcsetattr(STDIN_FILENO, TCSADRAIN, &t);
}

static void
keys_read(struct keys *k)
{
	ssize_t n = read(STDIN_FILENO, k->buf, sizeof(k->buf));

	if (n > 0)
		k->n = (size_t)n;
	else if (n == 0 || errno != EINTR)
		k->eof = true;
}

static void
keys_send(struct keys *k, int fd)
{
	ssize_t n = send(fd, k->buf, k->n, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0 && errno != EAGAIN && errno != EINTR)
		k->n = 0; // the daemon has closed: its last words are still to be read
	if (n <= 0)
		return;
	k->n -= (size_t)n;
	memmove(k->buf, k->buf + n, k->n);
}

static bool
write_all(const char *buf, size_t len)
{
	while (len > 0) {
		ssize_t n = write(STDOUT_FILENO, buf, len);

		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0) {
			buf += n;
			len -= (size_t)n;
		}
	}
	return true;
}

enum progress {
	GO_ON,
	DONE,   // trailer seen
	FAILED, // trailer seen, with failure
	LOST,
};

// What the daemon sent, up to the trailer. *seen: its NUL has come.
static enum progress
show(int fd, bool *seen)
{
	char buf[4096], *nul;
	ssize_t n = recv(fd, buf, sizeof(buf), 0);
	size_t len, text;

	if (n < 0 && errno == EINTR)
		return GO_ON;
	if (n <= 0)
		return LOST;
	len = (size_t)n;
	if (*seen)
		return buf[0] == '0' ? DONE : FAILED;
	nul = memchr(buf, '\0', len);
	text = nul ? (size_t)(nul - buf) : len;
	if (!write_all(buf, text))
		return LOST;
	*seen = nul != NULL;
	if (nul && text + 1 < len)
		return nul[1] == '0' ? DONE : FAILED;
	return GO_ON;
}

static enum progress
relay(int fd)
{
	enum progress progress = GO_ON;
	struct keys k = {.n = 0};
	bool seen = false;

	while (progress == GO_ON) {
		// No more keys are read while the daemon has not taken the last ones.
		struct pollfd p[] = {
			{.fd = fd, .events = POLLIN | (k.n > 0 ? POLLOUT : 0)},
			{.fd = k.n > 0 || k.eof ? -1 : STDIN_FILENO, .events = POLLIN},
		};

		if (poll(p, 2, -1) < 0)
			continue;
		if (p[1].revents != 0)
			keys_read(&k);
		if (k.n > 0)
			keys_send(&k, fd);
		if (k.eof && k.n == 0)
			shutdown(fd, SHUT_WR);
		if (p[0].revents & (POLLIN | POLLHUP | POLLERR))
			progress = show(fd, &seen);
	}
	return progress;
}

enum client_exit
client_tty(const char *path)
{
	int fd = client_connect(path);
	enum progress end;

	if (fd < 0)
		return CLIENT_UNREACHABLE;
	client_send(fd, "tty\n", 4);
	terminal_raw();
	end = relay(fd);
	terminal_restore();
	close(fd);
	if (end != LOST)
		return end == DONE ? CLIENT_OK : CLIENT_FAILED;
	fprintf(stderr, "\ngate64-cli: the daemon closed the connection\n");
	return CLIENT_UNREACHABLE;
}
