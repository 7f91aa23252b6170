// SPDX-License-Identifier: BSD-3-Clause
#include "app/cli/client.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define CLIENT_RUN_DIR "/run/gate64"

static char found[108];

// GATE64_RUN_DIR is for daemons that do not run as root.
static const char *
run_dir(void)
{
	const char *dir = getenv("GATE64_RUN_DIR");

	return dir && dir[0] != '\0' ? dir : CLIENT_RUN_DIR;
}

static int
try_connect(const char *path)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int code;

	if (fd < 0)
		return -1;
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0)
		return fd;
	code = errno;
	close(fd);
	errno = code;
	return -1;
}

int
client_connect(const char *path)
{
	int fd = try_connect(path);

	if (fd >= 0)
		return fd;
	fprintf(stderr, "gate64-cli: %s: %s\n", path, strerror(errno));
	if (errno == EACCES)
		fprintf(stderr, "Run gate64-cli as root or as the daemon's user.\n");
	else if (errno == ENOENT || errno == ECONNREFUSED)
		fprintf(stderr, "gate64 does not run. Start it with 'gate64 -c FILE' or "
				"'systemctl start gate64', or name its socket with -s.\n");
	return -1;
}

bool
client_send(int fd, const char *buf, unsigned long len)
{
	while (len > 0) {
		ssize_t n = send(fd, buf, len, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0) {
			buf += n;
			len -= (unsigned long)n;
		}
	}
	return true;
}

// False for what a daemon that died has left.
static bool
answers(const char *path)
{
	int fd = try_connect(path);

	if (fd >= 0)
		close(fd);
	return fd >= 0 || errno != ECONNREFUSED;
}

static void
print_name(const char *path)
{
	const char *base = strrchr(path, '/') + 1;

	fprintf(stderr, "  gate64-cli -n %.*s\n", (int)(strlen(base) - strlen(".sock")), base);
}

static const char *
choose_one(char **paths, size_t n)
{
	const char *only = NULL;
	size_t n_alive = 0;

	for (size_t i = 0; i < n; i++) {
		if (!answers(paths[i]))
			continue;
		n_alive++;
		only = paths[i];
	}
	if (n_alive == 1 && strlen(only) < sizeof(found))
		return memcpy(found, only, strlen(only) + 1);
	if (n_alive == 0) {
		fprintf(stderr,
			"gate64-cli: no gate64 runs here (no socket in %s answers). Start it with "
			"'gate64 -c FILE' or 'systemctl start gate64', or name its socket with "
			"-s.\n",
			run_dir());
		return NULL;
	}
	fprintf(stderr, "gate64-cli: several gate64 run here, say which:\n");
	for (size_t i = 0; i < n; i++) {
		if (answers(paths[i]))
			print_name(paths[i]);
	}
	return NULL;
}

const char *
client_find_socket(const char *name)
{
	const char *path;
	char pattern[108];
	glob_t g = {.gl_pathc = 0};
	int n;

	if (name) {
		n = snprintf(found, sizeof(found), "%s/%s.sock", run_dir(), name);
		if (n < (int)sizeof(found))
			return found;
		fprintf(stderr, "gate64-cli: the name '%s' is too long\n", name);
		return NULL;
	}
	snprintf(pattern, sizeof(pattern), "%s/*.sock", run_dir());
	if (glob(pattern, 0, NULL, &g) != 0)
		g.gl_pathc = 0;
	path = choose_one(g.gl_pathv, g.gl_pathc);
	globfree(&g);
	return path;
}
