// SPDX-License-Identifier: BSD-3-Clause
// Which worker a packet is for, said so that a NIC can say it as well: by the low bits of a
// Toeplitz hash (receive side scaling) whose key is ours. An input bit does not count where the key
// has zeros in all places that it meets, so IPv6 is told by inside source alone and returning IPv4
// by destination port alone, whatever of the packet the NIC puts into the hash. A *bucket* is these
// low bits, in reverse order; its worker is bucket % workers. rss_init() once before the lcores
// start, after hash_key_init(); the others from any thread.
#ifndef NET_RSS_H
#define NET_RSS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#define RSS_BITS       7 // tables of NICs have 128 entries or more
#define RSS_BUCKETS    (1u << RSS_BITS)
#define RSS_KEY_LEN    40
#define RSS_PORT_SHIFT 6 // bit of the port that is the lowest one of the bucket

// src6_len: leading bits of an inside source that count, 48..128.
// both: one NIC receives both families, so that one key must do for both. IPv6 sources are told by
// their last 32 bits then, and only if all bits count.
void rss_init(unsigned int src6_len, bool both);

// For a NIC that receives IPv6 from inside, IPv4 from outside, or both. RSS_KEY_LEN bytes.
const uint8_t *rss_key(bool inside, bool outside);

unsigned int rss_bucket_src6(const struct in6_addr *src6);

static inline unsigned int
rss_bucket_port(uint16_t port_host_order)
{
	return port_host_order >> RSS_PORT_SHIFT & (RSS_BUCKETS - 1);
}

// Bucket of an entry of the NIC's indirection table, that is of the low bits of its hash.
unsigned int rss_bucket_of_entry(unsigned int entry);

#endif
