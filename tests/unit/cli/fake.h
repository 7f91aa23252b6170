// SPDX-License-Identifier: BSD-3-Clause
// A gateway without packets for tests of the command line: real state, neighbours and mailboxes on
// threads in place of lcores, and a DNS64 whose cache and counters the test writes.
#ifndef TESTS_CLI_FAKE_H
#define TESTS_CLI_FAKE_H

#include "app/gateway.h"
#include "dns64/dns64.h"

#define FAKE_CACHE_ROWS     300
#define FAKE_QUOTA_BINDINGS 200 // of a /120

struct dns64 {
	struct dns64_stats stats;
	struct dns64_cache_row row[FAKE_CACHE_ROWS];
	uint32_t n_row;
};

// What reload comes to.
enum fake_reload {
	FAKE_RELOAD_NOTHING,
	FAKE_RELOAD_DONE,
	FAKE_RELOAD_REFUSED,
};
extern enum fake_reload fake_reload;

void fake_eal(void);

// Two ports, n_workers workers, DNS64 if dns is set. cli.socket is in a directory of its own.
struct gateway *fake_gateway(unsigned int n_workers, bool dns);
void fake_gateway_free(struct gateway *gw);

// Closes the mailboxes, as lcores do when they leave.
void fake_lcores_stop(struct gateway *gw);

// n UDP sessions of one client at worker i, before anything else asks the worker;
// 2001:db8:1::CLIENT.
void fake_sessions(struct gateway *gw, unsigned int i, uint16_t client, unsigned int n);
// As many bindings as the worker may give the client, and n more.
void fake_refused(struct gateway *gw, unsigned int i, uint16_t client, unsigned int n);
void fake_tcp_session(struct gateway *gw, unsigned int i, uint16_t client);
struct worker_stats *fake_stats(struct gateway *gw, unsigned int i);
struct dns64 *fake_dns64(struct gateway *gw);
// What the gateway says of its last run.
struct restart *fake_restart(void);

#endif
