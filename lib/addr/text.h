// SPDX-License-Identifier: BSD-3-Clause
// Text to address and back. Pure functions, any thread. 0, or -EINVAL for text that is no such
// thing.
#ifndef ADDR_TEXT_H
#define ADDR_TEXT_H

#include "addr/prefix.h"

#define ADDR_TEXT_LEN   48 // longest address, with its terminator
#define PREFIX_TEXT_LEN 52 // longest "address/len"

int addr6_parse(const char *s, struct in6_addr *out);  // RFC 4291 §2.2, dotted tail allowed
int addr4_parse(const char *s, struct in_addr *out);   // four decimal octets, no octal, no spaces
int prefix6_parse(const char *s, struct prefix6 *out); // "address/len"; keeps host bits
int prefix4_parse(const char *s, struct prefix4 *out);
// Either family; IPv4 comes back mapped (addr_map4).
int addr_parse_any(const char *s, struct in6_addr *out);

// RFC 5952 text into buf, which is returned. IPv4-mapped addresses print as dotted quads.
const char *addr6_text(const struct in6_addr *a, char buf[static ADDR_TEXT_LEN]);
const char *addr4_text(struct in_addr a, char buf[static ADDR_TEXT_LEN]);
const char *prefix6_text(const struct prefix6 *p, char buf[static PREFIX_TEXT_LEN]);
const char *prefix4_text(const struct prefix4 *p, char buf[static PREFIX_TEXT_LEN]);

#endif
