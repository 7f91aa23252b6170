// SPDX-License-Identifier: BSD-3-Clause
// ARP messages over Ethernet (RFC 826). Bytes only: no state, no clock.
#ifndef NET_ARP_H
#define NET_ARP_H

#include "stats/drop.h"

#include <netinet/in.h>
#include <rte_ether.h>
#include <stdbool.h>

#define ARP_LEN 28

struct arp_msg {
	bool request;                     // or reply
	struct rte_ether_addr sender_mac; // unicast
	struct in_addr sender;            // 0.0.0.0 in a probe (RFC 5227 §1.1)
	struct in_addr target;
};

// data: behind the Ethernet header. DROP_NONE, or DROP_ARP_INVALID (GW-ARP-01, GW-ARP-03).
enum drop_reason arp_parse(const void *data, uint16_t len, struct arp_msg *out);

// Writes ARP_LEN bytes. target_mac: whom a reply or a poll goes to; zero in a broadcast request.
void arp_build(uint8_t *buf, bool request, const struct rte_ether_addr *sender_mac,
	struct in_addr sender, const struct rte_ether_addr *target_mac, struct in_addr target);

#endif
