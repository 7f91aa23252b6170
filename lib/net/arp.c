// SPDX-License-Identifier: BSD-3-Clause
#include "net/arp.h"

#include <rte_arp.h>
#include <rte_byteorder.h>
#include <string.h>

_Static_assert(sizeof(struct rte_arp_hdr) == ARP_LEN, "RFC 826 over Ethernet");

static bool
is_header_ok(const struct rte_arp_hdr *h)
{
	return h->arp_hardware == RTE_BE16(RTE_ARP_HRD_ETHER) &&
	       h->arp_protocol == RTE_BE16(RTE_ETHER_TYPE_IPV4) &&
	       h->arp_hlen == RTE_ETHER_ADDR_LEN && h->arp_plen == sizeof(struct in_addr) &&
	       (h->arp_opcode == RTE_BE16(RTE_ARP_OP_REQUEST) ||
		       h->arp_opcode == RTE_BE16(RTE_ARP_OP_REPLY));
}

// A sender is a host, or 0.0.0.0 of a probe.
static bool
is_sender_ok(const struct rte_arp_ipv4 *d)
{
	return rte_is_valid_assigned_ether_addr(&d->arp_sha) &&
	       rte_be_to_cpu_32(d->arp_sip) < 0xe0000000;
}

enum drop_reason
arp_parse(const void *data, uint16_t len, struct arp_msg *out)
{
	struct rte_arp_hdr h;

	if (len < sizeof(h))
		return DROP_ARP_INVALID;
	memcpy(&h, data, sizeof(h));
	if (!is_header_ok(&h) || !is_sender_ok(&h.arp_data))
		return DROP_ARP_INVALID;
	*out = (struct arp_msg){
		.request = h.arp_opcode == RTE_BE16(RTE_ARP_OP_REQUEST),
		.sender_mac = h.arp_data.arp_sha,
		.sender.s_addr = h.arp_data.arp_sip,
		.target.s_addr = h.arp_data.arp_tip,
	};
	return DROP_NONE;
}

void
arp_build(uint8_t *buf, bool request, const struct rte_ether_addr *sender_mac,
	struct in_addr sender, const struct rte_ether_addr *target_mac, struct in_addr target)
{
	struct rte_arp_hdr h = {
		.arp_hardware = RTE_BE16(RTE_ARP_HRD_ETHER),
		.arp_protocol = RTE_BE16(RTE_ETHER_TYPE_IPV4),
		.arp_hlen = RTE_ETHER_ADDR_LEN,
		.arp_plen = sizeof(struct in_addr),
		.arp_opcode = request ? RTE_BE16(RTE_ARP_OP_REQUEST) : RTE_BE16(RTE_ARP_OP_REPLY),
		.arp_data.arp_sha = *sender_mac,
		.arp_data.arp_sip = sender.s_addr,
		.arp_data.arp_tha = *target_mac,
		.arp_data.arp_tip = target.s_addr,
	};

	memcpy(buf, &h, sizeof(h));
}
