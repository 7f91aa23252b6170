// SPDX-License-Identifier: BSD-3-Clause
#include "xlat/transport.h"

#include <rte_udp.h>

void
transport_finish_udp(
	uint8_t *l4, const struct in6_addr *src, const struct in6_addr *dst, uint64_t sum)
{
	struct rte_udp_hdr *udp = (void *)l4;

	sum += csum_pseudo6(src, dst, rte_be_to_cpu_16(udp->dgram_len), IPPROTO_UDP);
	udp->dgram_cksum = (uint16_t)~csum_fold(sum);
	if (udp->dgram_cksum == 0) // CSUM-03
		udp->dgram_cksum = 0xffff;
}

void
transport_compute_udp(uint8_t *l4, const struct in6_addr *src, const struct in6_addr *dst)
{
	const struct rte_udp_hdr *udp = (const void *)l4;

	transport_finish_udp(l4, src, dst, csum_partial(l4, rte_be_to_cpu_16(udp->dgram_len)));
}

// Returns the checksum. left, entered: what else leaves and enters the sum.
static uint16_t
fix_echo(uint8_t *l4, uint8_t type, rte_be16_t id, uint64_t left, uint64_t entered, uint16_t delta)
{
	uint16_t csum = transport_load(l4 + TRANSPORT_ICMP_CSUM);

	left += transport_load(l4);
	l4[0] = type;
	entered += transport_load(l4);
	csum = csum_apply(csum_apply(csum, delta), csum_delta(left, entered));
	transport_store(l4 + TRANSPORT_ECHO_ID, id);
	transport_store(l4 + TRANSPORT_ICMP_CSUM, csum);
	return csum;
}

void
transport_echo_6to4(uint8_t *l4, uint16_t avail, uint16_t len, rte_be16_t id, uint16_t delta)
{
	uint8_t type = l4[0] == ICMP6_ECHO_REQUEST ? ICMP_ECHO : ICMP_ECHOREPLY;
	uint16_t csum = fix_echo(l4, type, id, transport_pseudo(len), 0, delta);

	transport_store(l4 + TRANSPORT_ICMP_CSUM, csum_settle_icmp4(csum, l4, avail));
}

void
transport_echo_4to6(uint8_t *l4, uint16_t len, rte_be16_t id, uint16_t delta)
{
	uint8_t type = l4[0] == ICMP_ECHO ? ICMP6_ECHO_REQUEST : ICMP6_ECHO_REPLY;

	fix_echo(l4, type, id, 0, transport_pseudo(len), delta);
}

void
transport_fix_quote(uint8_t *l4, uint16_t avail, uint8_t proto, uint16_t port_off, rte_be16_t port,
	uint16_t delta)
{
	uint16_t csum_off = transport_csum_off(proto);

	transport_store(l4 + port_off, port);
	if (avail < csum_off + sizeof(uint16_t))
		return;
	if (proto == IPPROTO_UDP && transport_load(l4 + csum_off) == 0)
		return;
	transport_fix_csum(l4, proto, delta);
}
