// SPDX-License-Identifier: BSD-3-Clause
// gate64-cli, the client of the socket that session.h describes. Exit status below.
#ifndef APP_CLI_CLIENT_H
#define APP_CLI_CLIENT_H

#include <stdbool.h>

enum client_exit {
	CLIENT_OK,
	CLIENT_FAILED,      // a command failed
	CLIENT_UNREACHABLE, // no daemon to ask, or gate64-cli was called in a wrong way
};

// Path of the socket of instance name, or of the only one there is if name is NULL. NULL after a
// message on stderr. Valid until the next call.
const char *client_find_socket(const char *name);

// A connection, or -1 after a message that says what to do.
int client_connect(const char *path);

bool client_send(int fd, const char *buf, unsigned long len);

// One command: its answer goes to stdout, an error to stderr.
enum client_exit client_exec(const char *path, const char *command);

// Interactive session on stdin and stdout, which is a terminal.
enum client_exit client_tty(const char *path);

#endif
