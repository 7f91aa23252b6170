// SPDX-License-Identifier: BSD-3-Clause
// The client's side of the socket, for tests.
#ifndef TESTS_CLI_DIAL_H
#define TESTS_CLI_DIAL_H

#include <stdbool.h>
#include <stddef.h>

int dial(const char *path);                        // a connection, or -1
void dial_send(int fd, const char *s, size_t len); // ignores that the other side has closed
void dial_puts(int fd, const char *s);

// Reads to the end of the stream, closes. The text without its trailer (free); *status is the
// trailer's digit, or -1 without one.
char *dial_finish(int fd, int *status);

// Reads until what came ends in want; fails the test when the stream ends first. What came (free).
char *dial_expect(int fd, const char *want);

// One command.
char *dial_exec(const char *path, const char *command, int *status);

#endif
