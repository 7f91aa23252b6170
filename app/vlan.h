// SPDX-License-Identifier: BSD-3-Clause
// VLAN tags (IEEE 802.1Q): which port of a NIC a frame is for, and the tag of what a port sends. In
// software on every driver alike: the tag is in the cache line that is read and written anyway.
#ifndef APP_VLAN_H
#define APP_VLAN_H

#include "app/gateway.h"

#include <rte_mbuf.h>
#include <string.h>

#define VLAN_VID_MASK 0x0fff

// VID of a frame, its tag being taken off; 0 if it has none, or only a priority.
static inline uint16_t
vlan_strip(struct rte_mbuf *m)
{
	const struct rte_ether_hdr *eth = rte_pktmbuf_mtod(m, const struct rte_ether_hdr *);
	uint8_t *at = rte_pktmbuf_mtod(m, uint8_t *);
	rte_be16_t tci;

	if (m->data_len < sizeof(*eth) + sizeof(struct rte_vlan_hdr) ||
		eth->ether_type != RTE_BE16(RTE_ETHER_TYPE_VLAN))
		return 0;
	memcpy(&tci, eth + 1, sizeof(tci));
	memmove(at + sizeof(struct rte_vlan_hdr), at, 2 * RTE_ETHER_ADDR_LEN);
	rte_pktmbuf_adj(m, sizeof(struct rte_vlan_hdr));
	return rte_be_to_cpu_16(tci) & VLAN_VID_MASK;
}

// The port that a frame which the NIC received is for; its tag is off then. NULL: none.
static inline struct port *
vlan_port(struct port *nic, struct rte_mbuf *m)
{
	uint16_t vid = vlan_strip(m);
	struct port *p = nic;

	while (p && p->vlan != vid)
		p = p->next;
	return p;
}

// Puts the port's tag behind the MAC addresses of a frame; there is headroom.
static inline void
vlan_insert(const struct port *p, struct rte_mbuf *m)
{
	const rte_be16_t tag[2] = {RTE_BE16(RTE_ETHER_TYPE_VLAN), rte_cpu_to_be_16(p->vlan)};
	uint8_t mac[2 * RTE_ETHER_ADDR_LEN];
	uint8_t *at;

	memcpy(mac, rte_pktmbuf_mtod(m, const uint8_t *), sizeof(mac));
	at = (uint8_t *)rte_pktmbuf_prepend(m, sizeof(tag));
	memcpy(at, mac, sizeof(mac));
	memcpy(at + sizeof(mac), tag, sizeof(tag));
}

#endif
