// SPDX-License-Identifier: BSD-3-Clause
// Everything that the running gateway consists of. Built by main.c before the lcores start; after
// that each part belongs to one lcore, as said beside it.
#ifndef APP_GATEWAY_H
#define APP_GATEWAY_H

#include "app/mailbox.h"
#include "app/plan.h"
#include "config/driver.h"
#include "net/neigh.h"
#include "stats/drop.h"

#include <rte_ether.h>
#include <rte_mempool.h>
#include <signal.h>

#define GATEWAY_MAX_WORKERS CONFIG_WORKERS

struct worker;
struct dns_lcore;
struct state;
struct dns64;
struct restart;

// By what a NIC spreads packets over its queues.
enum port_rss {
	PORT_RSS_NONE,  // one queue
	PORT_RSS_ANY,   // by a key of its own
	PORT_RSS_OWNER, // to the worker that owns the state (net/rss.h)
};

// What a port is from start to end; its addresses are in the plan.
struct port {
	char name[32]; // these three as struct config_port has them
	char device[256];
	enum port_role role;
	uint16_t index;  // into gateway.port, config.port and plan.port
	uint16_t ethdev; // DPDK port id
	uint16_t n_rxq, n_txq;
	uint16_t mtu;  // L3 bytes
	uint16_t vlan; // VID of its frames, 0: they have no tag
	// Ports that share a device, each with a VLAN: the first one stands for the device, and its
	// frames are told apart by their tag (app/vlan.h).
	struct port *nic;  // the first one, itself if it is alone
	struct port *next; // the next one of the device
	enum port_rss rss; // of the first one
	bool tagged;       // of the first one: the device has VLANs
	// Written by app/link.c in the main thread, for all ports of a NIC; anyone may read.
	struct {
		atomic_bool known; // the driver says something
		atomic_bool up;
		atomic_bool lost; // it was up, and is not: frames for it end in LINK_DOWN
		atomic_bool full_duplex;
		atomic_uint speed_mbps;
		bool untold; // the first worker does not know yet; of the first port, main thread's
	} link;
	struct rte_ether_addr mac;
	char driver[32];                     // as DPDK names it
	const struct driver_cfg *driver_cfg; // what it can do; NULL in tests without a device
	// What wakes a worker that sleeps, of the first one: the driver's way as long as it works.
	_Atomic enum driver_wake wake;
	atomic_bool interrupt_came;      // of a receive queue, ever
	uint32_t offload_rx, offload_tx; // of the NIC, bits of driver_offload (app/offload.h)
	// hooks: rte_eth_rx_burst and rte_eth_tx_burst in the daemon, arrays in tests
	uint16_t (*rx)(struct port *p, uint16_t queue, struct rte_mbuf **m, uint16_t n);
	uint16_t (*tx)(struct port *p, uint16_t queue, struct rte_mbuf **m, uint16_t n);
	void *tx_arg;
	uint16_t tx_worker[GATEWAY_MAX_WORKERS]; // worker that transmits for worker i (i itself if
						 // it can)
	uint16_t tx_queue[GATEWAY_MAX_WORKERS];
};

struct gateway {
	struct config boot;           // as started; read what cannot change while running only
	struct config asked;          // what the file says, as last applied
	const char *file;             // the configuration was read from
	const struct plan *plan;      // the control plane's; a worker has its own pointer
	const struct plan *next_plan; // workers were being given it when a stop came; else NULL
	struct driver_set drivers;    // read only after start
	struct port port[CONFIG_PORTS];
	unsigned int n_port;
	struct worker *worker[GATEWAY_MAX_WORKERS];
	unsigned int n_worker;
	struct dns_lcore *dns; // NULL: DNS64 is off
	struct rte_mempool *pool;
	bool udp_later;    // some NIC computes UDP checksums: DNS leaves them open (app/offload.h)
	bool hugepages;    // what the daemon got
	uint64_t start_ns; // CLOCK_MONOTONIC at start
	const struct restart *restart; // app/state_file.h; read only after start
	volatile sig_atomic_t stop;
};

// What the control plane may reach of an lcore: its mailbox, its counters, and, inside a mail only,
// its state.
struct mailbox *worker_mailbox(struct worker *w);
const struct worker_stats *worker_stats(const struct worker *w);
struct state *worker_state(struct worker *w);       // in a mail to w only
struct neigh_table *worker_neigh(struct worker *w); // in a mail to worker 0 only, NULL for others
uint32_t worker_now_sec(const struct worker *w);    // in a mail to w only
uint64_t worker_now_ms(const struct worker *w);     // in a mail to w only
// Packets that w took from a queue of the NIC; NULL: another worker takes from that queue.
const uint64_t *worker_rx_queue(const struct worker *w, const struct port *nic, uint16_t queue);
unsigned int worker_lcore(const struct worker *w);
unsigned int worker_cpu(const struct worker *w);
void worker_clear_stats(struct worker *w); // in a mail to w only
struct mailbox *dns_lcore_mailbox(struct dns_lcore *d);
struct dns64 *dns_lcore_dns64(struct dns_lcore *d);     // in a mail to d only
uint64_t dns_lcore_now_ms(const struct dns_lcore *d);   // in a mail to d only
uint64_t dns_lcore_not_sent(const struct dns_lcore *d); // datagrams lost for want of buffers

#endif
