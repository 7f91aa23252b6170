// SPDX-License-Identifier: BSD-3-Clause
// The DNS64 of tests, benchmarks and fuzz targets: what it is told, without its two sides.
#ifndef TESTS_COMMON_DNS_SETUP_H
#define TESTS_COMMON_DNS_SETUP_H

#include "dns64/dns64.h"

#define DNS_SETUP_LISTEN    "2001:db8:1::1"
#define DNS_SETUP_UPSTREAM1 "198.18.0.53"
#define DNS_SETUP_UPSTREAM2 "2001:db8:53::1"
#define DNS_SETUP_SOURCE4   "198.18.0.2"
#define DNS_SETUP_SOURCE6   "2001:db8:ffff::2"

// Texts that are none end the program.
struct in6_addr dns_setup_address(const char *text);
struct prefix6 dns_setup_network(const char *text);

// The defaults of the configuration with a small cache, for the clients of 2001:db8:1::/64, and no
// NAT64 prefix yet.
void dns_setup_init(struct config_dns64 *c);
void dns_setup_prefix(struct config_nat64 *c, const char *prefix);
// The answer to a datagram as it goes back: from where it was sent to.
struct dns64_datagram dns_setup_back(
	const struct dns64_datagram *to, const uint8_t *data, uint16_t len);

#endif
