// SPDX-License-Identifier: BSD-3-Clause
// One client on its connection. The client's first line is one of
//   exec COMMAND    the answer, a trailer, end of stream
//   tty             keystrokes in, terminal output back, until quit or ^D; then the trailer
// The trailer is a NUL byte and '0', or '1' when the command failed. Answers hold no NUL.
#ifndef APP_CLI_SESSION_H
#define APP_CLI_SESSION_H

#include "app/cli/command.h"

#define SESSION_PROMPT "gate64> "

struct session {
	struct gateway *gw;
	int fd;
	int send_ms; // longest wait for a client that does not read
	bool broken; // the client is gone or stuck: nothing is sent any more
};

// Serves the client until it leaves; the caller closes fd. Returns what to do next.
enum cli_after session_run(struct gateway *gw, int fd);

// All of buf, unless the session breaks.
void session_send(struct session *s, const char *buf, size_t len);
void session_trailer(struct session *s, bool failed);

// The interactive part, with the bytes that came behind the first line.
enum cli_after session_tty(struct session *s, const char *early, size_t n_early);

#endif
