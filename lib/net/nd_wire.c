// SPDX-License-Identifier: BSD-3-Clause
#include "net/nd_wire.h"

#include "net/checksum.h"

#include <netinet/icmp6.h>
#include <netinet/ip6.h>
#include <string.h>

void
nd_wire_finish(uint8_t *buf, uint16_t len, uint16_t l4_off, uint8_t next, uint8_t hop_limit,
	const struct in6_addr *src, const struct in6_addr *dst)
{
	struct ip6_hdr ip = {
		.ip6_flow = RTE_BE32(6u << 28),
		.ip6_plen = rte_cpu_to_be_16(len - ND_IP6_LEN),
		.ip6_nxt = next,
		.ip6_hlim = hop_limit,
		.ip6_src = *src,
		.ip6_dst = *dst,
	};
	uint64_t sum = csum_add6(src) + csum_add6(dst) + rte_cpu_to_be_16(len - l4_off) +
		       RTE_BE16(IPPROTO_ICMPV6) + csum_partial(buf + l4_off, len - l4_off);
	uint16_t csum = (uint16_t)~csum_fold(sum);

	memcpy(buf, &ip, sizeof(ip));
	memcpy(buf + l4_off + offsetof(struct icmp6_hdr, icmp6_cksum), &csum, sizeof(csum));
}
