// SPDX-License-Identifier: BSD-3-Clause
// What DPDK's net_af_packet does not offer: its sockets, to wait for packets. Main thread.
#ifndef APP_AF_PACKET_H
#define APP_AF_PACKET_H

// The socket that receives for a queue of the port on this interface, or -1. The queues of an
// interface count in the order in which the driver made them.
int af_packet_socket(unsigned int ifindex, unsigned int queue);

#endif
