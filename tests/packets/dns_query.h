// SPDX-License-Identifier: BSD-3-Clause
// Questions for a.example.org to the gateway of the packet tests, and what it asks upstream.
#ifndef TESTS_PACKETS_DNS_QUERY_H
#define TESTS_PACKETS_DNS_QUERY_H

#include "env.h"

#define DNS_UPSTREAM  "5.6.7.53"
#define DNS_TYPE_A    1
#define DNS_TYPE_AAAA 28

uint16_t dns_make_query(uint16_t id, uint16_t type);
extern uint8_t dns_message[512];

// From port 5353 of src.
void dns_ask(unsigned int port, const char *src, const char *dst, uint16_t id, uint16_t type);
// The gateway asked upstream: for which type? 0: it did not.
uint16_t dns_take_upstream_query(void);
// Answers it, from port: with one address, or none.
void dns_answer_upstream(unsigned int port, const char *addr4);
// The answer to a client is these address records, n of len.
void dns_expect_answer(
	unsigned int port, uint16_t id, const uint8_t *addr, uint16_t len, unsigned int n);

#endif
