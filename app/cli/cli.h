// SPDX-License-Identifier: BSD-3-Clause
// The command line of a running gateway: a Unix socket that gate64-cli speaks to. Runs in threads
// of its own, which take the caller's CPU affinity; call from the control thread. What is said on
// the socket is in session.h.
#ifndef APP_CLI_CLI_H
#define APP_CLI_CLI_H

#include "app/gateway.h"

#define CLI_CLIENTS 8

struct cli;

// Listens on gw->boot.cli.socket. A socket nobody answers on any more is replaced. NULL with err
// filled: another daemon answers there, or the path cannot be used.
struct cli *cli_start(struct gateway *gw, struct err *err);

// Ends all sessions and removes the socket; cli may be NULL. The lcores either still run or have
// closed their mailboxes.
void cli_stop(struct cli *cli);

#endif
