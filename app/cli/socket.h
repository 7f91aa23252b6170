// SPDX-License-Identifier: BSD-3-Clause
// The Unix socket the command line listens on.
#ifndef APP_CLI_SOCKET_H
#define APP_CLI_SOCKET_H

#include "base/err.h"

#include <sys/types.h>

struct cli_socket {
	int fd;
	char path[108];
	dev_t dev; // of the path, to remove nobody else's socket
	ino_t ino;
};

// Makes the directory (0755) if it is missing and the socket (0660); one that a dead daemon left is
// replaced. 0, or -errno with err: -EADDRINUSE when somebody answers there.
int cli_socket_open(struct cli_socket *s, const char *path, struct err *err);
void cli_socket_close(struct cli_socket *s);

#endif
