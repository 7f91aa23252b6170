// SPDX-License-Identifier: BSD-3-Clause
// Checksums that a NIC computes. The translator changes checksums incrementally, in cache lines
// that it writes anyway, so a NIC could only spare it work that it does not have. What is computed
// in full is the UDP checksum of DNS messages, over some hundred bytes: that one, and only where
// the driver's file says that it comes out as in software.
#ifndef APP_OFFLOAD_H
#define APP_OFFLOAD_H

#include "app/gateway.h"

#include <rte_ethdev.h>

// What the driver's file, the device and the configuration of all ports of the NIC agree on: into
// conf and into its ports. Main thread, before the ports start.
void offload_configure(struct gateway *gw, struct port *nic, const struct rte_eth_dev_info *info,
	struct rte_eth_conf *conf);

// The NIC found the UDP checksum of a received packet right. False: look for yourself; what it
// calls wrong may be right, and what it did not look at as well.
static inline bool
offload_udp_is_good(const struct port *port, const struct rte_mbuf *m)
{
	return (port->offload_rx & 1u << DRIVER_OFFLOAD_UDP_CHECKSUM) &&
	       (m->ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK) == RTE_MBUF_F_RX_L4_CKSUM_GOOD;
}

// Puts the UDP checksum into a packet of our own (data pointer at the IP header, which has no
// options), or leaves it open if some NIC could do it: no port is chosen yet.
void offload_udp(const struct gateway *gw, struct rte_mbuf *m);
static inline bool
offload_is_open(const struct rte_mbuf *m)
{
	return (m->ol_flags & RTE_MBUF_F_TX_L4_MASK) != 0;
}
// The frame of such a packet, l2_len before the IP header, is about to go out by port: is told to
// its NIC, or done here.
void offload_settle(const struct port *port, struct rte_mbuf *m, uint16_t l2_len);

#endif
