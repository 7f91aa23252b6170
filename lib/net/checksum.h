// SPDX-License-Identifier: BSD-3-Clause
// Internet checksum (RFC 1071) and its incremental update (RFC 1624 eqn. 3). Pure functions.
// A "delta" is the folded one's-complement sum ~m + m' of what leaves and what enters a checksum;
// csum_apply adds it. Sums are over 16-bit words as they lie in memory (no byte swaps).
#ifndef NET_CHECKSUM_H
#define NET_CHECKSUM_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint16_t
csum_fold(uint64_t sum)
{
	uint32_t half;

	// both halves add up in the upper one, with the carry out of the lower
	sum += sum << 32 | sum >> 32;
	half = (uint32_t)(sum >> 32);
	half += half << 16 | half >> 16;
	return (uint16_t)(half >> 16);
}

// Unfolded sum of len bytes (odd lengths are padded with a zero byte).
uint64_t csum_partial(const void *data, size_t len);

static inline uint64_t
csum_add6(const struct in6_addr *a)
{
	uint32_t w[4];

	memcpy(w, a, sizeof(w));
	return (uint64_t)w[0] + w[1] + w[2] + w[3];
}

// Sum of an IPv4 header without options.
static inline uint64_t
csum_add_ip4(const void *hdr)
{
	uint32_t w[5];

	memcpy(w, hdr, sizeof(w));
	return (uint64_t)w[0] + w[1] + w[2] + w[3] + w[4];
}

// Pseudo-headers (RFC 8200 §8.1, RFC 9293 §3.1). Addresses are in wire order, unaligned.
static inline uint64_t
csum_pseudo6(const void *src, const void *dst, uint16_t len, uint8_t proto)
{
	return csum_partial(src, 16) + csum_partial(dst, 16) + htons(len) + htons(proto);
}

static inline uint64_t
csum_pseudo4(const void *src, const void *dst, uint16_t len, uint8_t proto)
{
	uint32_t s, d;

	memcpy(&s, src, sizeof(s));
	memcpy(&d, dst, sizeof(d));
	return (uint64_t)s + d + htons(len) + htons(proto);
}

// Delta of replacing the words summed in was by those summed in is.
static inline uint16_t
csum_delta(uint64_t was, uint64_t is)
{
	return csum_fold((uint64_t)(uint16_t)~csum_fold(was) + csum_fold(is));
}

// HC' = ~(~HC + delta)
static inline uint16_t
csum_apply(uint16_t csum, uint16_t delta)
{
	uint32_t sum = (uint32_t)(uint16_t)~csum + delta;

	return (uint16_t) ~((sum & 0xffff) + (sum >> 16));
}

// The delta that undoes delta.
static inline uint16_t
csum_negate(uint16_t delta)
{
	return (uint16_t)~delta;
}

// Checksum of an ICMPv4 message after an incremental update. A result of 0 can stand for a sum of
// +0 or of -0: +0 is the sum of a message of zeros only, an echo reply, whose checksum is 0xffff.
uint16_t csum_settle_icmp4(uint16_t csum, const void *msg, size_t len);

#endif
