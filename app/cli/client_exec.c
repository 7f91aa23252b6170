// SPDX-License-Identifier: BSD-3-Clause
#include "app/cli/client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

// A daemon that hangs must not take a monitoring job with it. Long answers come in far less.
#define ANSWER_SEC 30

struct reply {
	char *buf;
	size_t n, size;
	bool late;
};

static bool
reply_grow(struct reply *r)
{
	size_t size = r->size > 0 ? 2 * r->size : 65536;
	char *buf = realloc(r->buf, size);

	if (!buf)
		return false;
	r->buf = buf;
	r->size = size;
	return true;
}

// All of it, before anything is printed: a pager that is not read on must not hold up the daemon,
// and the status at the end says where the text goes.
static bool
reply_read(struct reply *r, int fd)
{
	ssize_t n;

	for (;;) {
		if (r->n == r->size && !reply_grow(r))
			return false;
		n = recv(fd, r->buf + r->n, r->size - r->n, 0);
		if (n > 0)
			r->n += (size_t)n;
		else if (n == 0 || errno != EINTR)
			break;
	}
	r->late = n < 0 && errno == EAGAIN;
	// The daemon may have closed without reading what we sent: the answer is whole all the
	// same.
	return r->n >= 2 && r->buf[r->n - 2] == '\0';
}

static enum client_exit
reply_print(const struct reply *r)
{
	bool failed = r->buf[r->n - 1] != '0';
	FILE *out = failed ? stderr : stdout;

	if (fwrite(r->buf, 1, r->n - 2, out) != r->n - 2 || fflush(out) != 0) {
		fprintf(stderr, "gate64-cli: cannot write the answer: %s\n", strerror(errno));
		return CLIENT_FAILED;
	}
	return failed ? CLIENT_FAILED : CLIENT_OK;
}

enum client_exit
client_exec(const char *path, const char *command)
{
	enum client_exit status = CLIENT_UNREACHABLE;
	struct reply r = {.n = 0};
	int fd;

	if (strchr(command, '\n')) {
		fprintf(stderr, "gate64-cli: one command a line\n");
		return CLIENT_FAILED;
	}
	fd = client_connect(path);
	if (fd < 0)
		return CLIENT_UNREACHABLE;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){.tv_sec = ANSWER_SEC},
		sizeof(struct timeval));
	// What the daemon says counts, even if it did not want to hear all.
	(void)(client_send(fd, "exec ", 5) && client_send(fd, command, strlen(command)) &&
		client_send(fd, "\n", 1));
	if (reply_read(&r, fd))
		status = reply_print(&r);
	else
		fprintf(stderr, "gate64-cli: the daemon %s\n",
			r.late ? "does not answer" : "closed the connection");
	free(r.buf);
	close(fd);
	return status;
}
