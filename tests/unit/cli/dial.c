// SPDX-License-Identifier: BSD-3-Clause
#include "dial.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int
dial(const char *path)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0)
		return fd;
	close(fd);
	return -1;
}

void
dial_send(int fd, const char *s, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, s, len, MSG_NOSIGNAL);

		if (n <= 0)
			return;
		s += n;
		len -= (size_t)n;
	}
}

void
dial_puts(int fd, const char *s)
{
	dial_send(fd, s, strlen(s));
}

char *
dial_finish(int fd, int *status)
{
	size_t n = 0, size = 65536;
	char *buf = malloc(size + 1);
	ssize_t got;

	while ((got = recv(fd, buf + n, size - n, 0)) > 0) {
		n += (size_t)got;
		if (n == size)
			buf = realloc(buf, (size *= 2) + 1);
	}
	close(fd);
	buf[n] = '\0';
	*status = -1;
	if (n >= 2 && buf[n - 2] == '\0')
		*status = buf[n - 1] - '0';
	return buf;
}

char *
dial_expect(int fd, const char *want)
{
	size_t n = 0, size = 65536, len = strlen(want);
	char *buf = calloc(1, size);

	while (n < len || memcmp(buf + n - len, want, len) != 0) {
		if (n + 1 == size || recv(fd, buf + n, 1, 0) != 1)
			fail_msg("'%s' instead of '%s'", buf, want);
		n++;
	}
	return buf;
}

char *
dial_exec(const char *path, const char *command, int *status)
{
	int fd = dial(path);

	assert_true(fd >= 0);
	dial_puts(fd, "exec ");
	dial_puts(fd, command);
	dial_puts(fd, "\n");
	return dial_finish(fd, status);
}
