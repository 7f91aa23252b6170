// SPDX-License-Identifier: BSD-3-Clause
// The network header of a translated packet, of the packet itself or of one quoted in an ICMP
// error (RFC 7915 §4.1, §5.1). Built in registers and written once. Inline: used per packet.
#ifndef XLAT_HEADER_H
#define XLAT_HEADER_H

#include "config/config.h"
#include "net/checksum.h"

#include <rte_branch_prediction.h>
#include <rte_ip.h>
#include <stdbool.h>

// RFC 7915 §5.1: what a 1280-byte IPv6 packet becomes may still be fragmented on its way (DF=0).
#define HEADER_DF0_MAX      1260

#define HEADER_FRAGMENT_LEN sizeof(struct rte_ipv6_fragment_ext)

// Words, whatever the fields' width: one that is put aside as 16 bits is loaded again as 32, which
// waits for the store.
struct header4 {
	uint32_t tos, ttl, proto;
	uint32_t len;  // total length
	uint32_t id;   // host order
	uint32_t frag; // flags and offset, host order
	rte_be32_t src, dst;
};

static inline void
header_store(uint8_t *at, uint32_t word)
{
	memcpy(at, &word, sizeof(word));
}

// Word by word: an array would be copied by wider loads than its stores, which stalls.
static inline void
header_write4(uint8_t *at, const struct header4 *h)
{
	uint32_t w0 = rte_cpu_to_be_32(0x45000000u | h->tos << 16 | h->len);
	uint32_t w1 = rte_cpu_to_be_32(h->id << 16 | h->frag);
	uint32_t w2 = rte_cpu_to_be_32(h->ttl << 24 | h->proto << 16);
	uint16_t csum = (uint16_t)~csum_fold((uint64_t)w0 + w1 + w2 + h->src + h->dst);

	header_store(at, w0);
	header_store(at + 4, w1);
	header_store(at + 8, w2);
	memcpy(at + offsetof(struct rte_ipv4_hdr, hdr_checksum), &csum, sizeof(csum));
	header_store(at + 12, h->src);
	header_store(at + 16, h->dst);
}

// X64-04
static inline uint16_t
header_df(uint16_t len4)
{
	return len4 > HEADER_DF0_MAX ? RTE_IPV4_HDR_DF_FLAG : 0;
}

struct header6 {
	uint8_t tc, hop_limit, proto;
	uint16_t len; // payload length
	const struct in6_addr *src, *dst;
};

static inline void
header_write6(uint8_t *at, const struct header6 *h)
{
	header_store(at, rte_cpu_to_be_32(0x60000000u | (uint32_t)h->tc << 20));
	header_store(at + 4,
		rte_cpu_to_be_32((uint32_t)h->len << 16 | (uint32_t)h->proto << 8 | h->hop_limit));
	memcpy(at + offsetof(struct rte_ipv6_hdr, src_addr), h->src, sizeof(*h->src));
	memcpy(at + offsetof(struct rte_ipv6_hdr, dst_addr), h->dst, sizeof(*h->dst));
}

// Traffic class of an IPv6 header.
static inline uint8_t
header_tc(const uint8_t *ip6)
{
	return (uint8_t)(ip6[0] << 4 | ip6[1] >> 4);
}

// X64-02, X46-01
static inline uint8_t
header_octet(struct config_octet rule, uint8_t was)
{
	return (uint8_t)((was & ~rule.lost) | rule.set);
}

// X64-08, X46-03
static inline uint8_t
header_proto4(uint8_t proto6)
{
	return proto6 == IPPROTO_ICMPV6 ? IPPROTO_ICMP : proto6;
}

static inline uint8_t
header_proto6(uint8_t proto4)
{
	return proto4 == IPPROTO_ICMP ? IPPROTO_ICMPV6 : proto4;
}

// Identification out of the Fragment header that ends where the transport begins (X64-F01).
static inline uint16_t
header_fragment_id(const uint8_t *l4)
{
	return (uint16_t)(l4[-2] << 8 | l4[-1]);
}

// Flags and offset for IPv4 out of the same header (X64-F01); 0 for an atomic fragment.
static inline uint16_t
header_fragment_off(const uint8_t *l4)
{
	uint16_t data = (uint16_t)(l4[-6] << 8 | l4[-5]);
	uint16_t more = data & RTE_IPV6_EHDR_MF_MASK ? RTE_IPV4_HDR_MF_FLAG : 0;

	return (uint16_t)(data >> RTE_IPV6_EHDR_FO_SHIFT | more);
}

// Fragment header; off in bytes.
static inline void
header_write_fragment6(uint8_t *at, uint8_t proto, uint16_t off, bool more, uint16_t id)
{
	struct rte_ipv6_fragment_ext f = {
		.next_header = proto,
		.frag_data = rte_cpu_to_be_16((uint16_t)(off | more)),
		.id = rte_cpu_to_be_32(id), // X46-14
	};

	memcpy(at, &f, sizeof(f));
}

#endif
