// SPDX-License-Identifier: BSD-3-Clause
// The DNS lcore: UDP payloads from the first worker's ring into dns64, its answers and queries back
// as IP packets. app/gateway.h lists what other threads may call.
#ifndef APP_DNS_LCORE_H
#define APP_DNS_LCORE_H

#include "app/gateway.h"
#include "dns64/dns64.h"

// Connects to worker 0, which must exist. NULL with err filled.
struct dns_lcore *dns_lcore_create(struct gateway *gw, struct err *err);
void dns_lcore_free(struct dns_lcore *d);

// For dns64_change_begin in a mail to d. nat64: with the prefixes in the order of the file. NULL
// with err filled. Control thread.
struct dns64_settings *dns_lcore_prepare(const struct dns_lcore *d,
	const struct config_nat64 *nat64, const struct plan *plan, struct err *err);

// The lcore function; arg: struct dns_lcore. Runs until gw->stop. Where lcores_dns_in_worker says
// so there is none: the first worker takes its turns.
int dns_lcore_main(void *arg);
// One turn at now_ms; returns the datagrams it took. Tests drive it without a thread.
unsigned int dns_lcore_turn(struct dns_lcore *d, uint64_t now_ms);

#endif
