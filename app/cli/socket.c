// SPDX-License-Identifier: BSD-3-Clause
#include "app/cli/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define SOCKET_BACKLOG 16

static int
fail(struct err *err, const char *path, const char *what)
{
	int code = errno;

	return err_set(err, -code, "cli socket %s: %s: %s", path, what, strerror(code));
}

// Opens and locks the directory, so that two daemons that start together do not both replace.
static int
lock_directory(const char *path, struct err *err)
{
	char dir[108] = ".";
	const char *slash = strrchr(path, '/');
	int fd;

	if (slash)
		snprintf(dir, sizeof(dir), "%.*s", slash == path ? 1 : (int)(slash - path), path);
	if (mkdir(dir, 0755) == 0)
		chmod(dir, 0755); // whatever the umask is
	else if (errno != EEXIST)
		return fail(err, path, "its directory cannot be made");
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || flock(fd, LOCK_EX) != 0) {
		int rc = fail(err, path, "its directory cannot be opened");

		if (fd >= 0)
			close(fd);
		return rc;
	}
	return fd;
}

static int
remove_dead(const struct sockaddr_un *sun, struct err *err)
{
	const char *path = sun->sun_path;
	struct stat st;
	int fd, rc, code;

	if (lstat(path, &st) != 0)
		return errno == ENOENT ? 0 : fail(err, path, "cannot be looked at");
	if (!S_ISSOCK(st.st_mode))
		return err_set(
			err, -EEXIST, "cli socket %s: there is a file that is no socket", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return fail(err, path, "no socket");
	rc = connect(fd, (const struct sockaddr *)sun, sizeof(*sun));
	code = errno;
	close(fd);
	if (rc == 0 || code != ECONNREFUSED)
		return err_set(err, -EADDRINUSE,
			"cli socket %s: another gate64 answers there; stop it, or set "
			"'name:' or 'cli: socket:'",
			path);
	return unlink(path) == 0 ? 0 : fail(err, path, "cannot be removed");
}

static int
bind_and_listen(struct cli_socket *s, const struct sockaddr_un *sun, struct err *err)
{
	struct stat st;
	bool bound;
	int rc;

	s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->fd < 0)
		return fail(err, s->path, "no socket");
	// The mode of the inode that bind makes is that of the socket, less the umask.
	bound = fchmod(s->fd, 0660) == 0 &&
		bind(s->fd, (const struct sockaddr *)sun, sizeof(*sun)) == 0;
	if (bound && chmod(s->path, 0660) == 0 && lstat(s->path, &st) == 0 &&
		listen(s->fd, SOCKET_BACKLOG) == 0) {
		s->dev = st.st_dev;
		s->ino = st.st_ino;
		return 0;
	}
	rc = fail(err, s->path, "cannot listen");
	close(s->fd);
	if (bound)
		unlink(s->path);
	return rc;
}

int
cli_socket_open(struct cli_socket *s, const char *path, struct err *err)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	size_t len = strlen(path);
	int dir, rc;

	if (path[0] == '\0' || len >= sizeof(sun.sun_path))
		return err_set(err, -ENAMETOOLONG,
			"cli socket '%s': 1 to %zu characters are allowed", path,
			sizeof(sun.sun_path) - 1);
	memcpy(sun.sun_path, path, len + 1);
	memcpy(s->path, path, len + 1);
	dir = lock_directory(path, err);
	if (dir < 0)
		return dir;
	rc = remove_dead(&sun, err);
	if (rc == 0)
		rc = bind_and_listen(s, &sun, err);
	close(dir);
	return rc;
}

void
cli_socket_close(struct cli_socket *s)
{
	struct stat st;

	close(s->fd);
	if (lstat(s->path, &st) == 0 && st.st_dev == s->dev && st.st_ino == s->ino)
		unlink(s->path);
}
