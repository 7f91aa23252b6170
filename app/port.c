// SPDX-License-Identifier: BSD-3-Clause
#include "app/port.h"

#include "app/offload.h"
#include "app/port_rss.h"
#include "app/worker.h"
#include "net/nd.h"

#include <rte_ethdev.h>
#include <stdio.h>
#include <unistd.h>

#define PORT_GROUPS (CONFIG_PORT_ADDR + 3)

// Behind the ports that have the same device.
static void
join_nic(struct gateway *gw, struct port *p)
{
	struct port *last = NULL;

	p->nic = p;
	for (unsigned int i = 0; i < p->index; i++)
		if (!strcmp(gw->port[i].device, p->device))
			last = &gw->port[i];
	if (last) {
		last->next = p;
		p->nic = last->nic;
	}
	p->nic->tagged |= p->vlan != 0;
}

void
port_init(struct gateway *gw, unsigned int i, const struct rte_ether_addr *mac)
{
	const struct config_port *c = &gw->boot.port[i];
	struct port *p = &gw->port[i];

	memcpy(p->name, c->name, sizeof(p->name));
	memcpy(p->device, c->device, sizeof(p->device));
	p->role = c->role;
	p->vlan = c->vlan;
	p->index = (uint16_t)i;
	join_nic(gw, p);
	p->mtu = c->mtu;
	p->mac = *mac;
}

static uint16_t
rx_ethdev(struct port *p, uint16_t queue, struct rte_mbuf **m, uint16_t n)
{
	return rte_eth_rx_burst(p->ethdev, queue, m, n);
}

static uint16_t
tx_ethdev(struct port *p, uint16_t queue, struct rte_mbuf **m, uint16_t n)
{
	return rte_eth_tx_burst(p->ethdev, queue, m, n);
}

// Workers without a transmit queue of their own hand their frames to one that has.
static void
assign_tx(struct gateway *gw, struct port *p)
{
	for (unsigned int i = 0; i < gw->n_worker; i++) {
		p->tx_worker[i] = (uint16_t)(i % p->n_txq);
		p->tx_queue[i] = (uint16_t)(i % p->n_txq);
	}
}

static void
add_rxq(struct worker *w, struct port *p, uint16_t queue)
{
	w->rxq[w->n_rxq++] = (struct rx_queue){.port = p, .queue = queue};
}

// The queues of a NIC go round; NICs with one queue each spread over the workers.
static void
assign_rx(struct gateway *gw, struct port *p)
{
	for (uint16_t q = 0; q < p->n_rxq; q++) {
		unsigned int by = (p->n_rxq == 1 ? p->index : q) % gw->n_worker;

		add_rxq(gw->worker[by], p, q);
	}
}

static int
find_device(struct port *p, const struct config_port *c, struct err *err)
{
	char name[RTE_ETH_NAME_MAX_LEN];
	int ret;

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(c->device, ","), c->device);
	ret = rte_eth_dev_get_port_by_name(name, &p->ethdev);
	if (ret)
		return err_set(err, ret,
			"port %s: DPDK has no device %s: %s, and does gate64 run as root?", c->name,
			name,
			c->is_pci ? "is the NIC there and bound (gate64-setup status)"
				  : "is its interface there");
	return 0;
}

static int
setup_queues(struct gateway *gw, struct port *p, struct err *err)
{
	int socket = rte_eth_dev_socket_id(p->ethdev);
	uint16_t rxd = p->driver_cfg->rx_desc, txd = p->driver_cfg->tx_desc;
	int ret = rte_eth_dev_adjust_nb_rx_tx_desc(p->ethdev, &rxd, &txd);

	for (uint16_t q = 0; ret == 0 && q < p->n_rxq; q++)
		ret = rte_eth_rx_queue_setup(
			p->ethdev, q, rxd, (unsigned int)socket, NULL, gw->pool);
	for (uint16_t q = 0; ret == 0 && q < p->n_txq; q++)
		ret = rte_eth_tx_queue_setup(p->ethdev, q, txd, (unsigned int)socket, NULL);
	return ret ? err_set(err, ret, "port %s: queues cannot be set up: %s", p->name,
			     rte_strerror(-ret))
		   : 0;
}

// The device has the largest MTU of its ports.
static int
set_mtu(struct port *p, struct err *err)
{
	uint16_t now = 0, mtu = 0;
	int ret;

	for (const struct port *q = p; q; q = q->next)
		mtu = RTE_MAX(mtu, q->mtu);
	if (mtu > p->driver_cfg->mtu_max)
		return err_set(err, -EINVAL, "port %s: mtu: %s takes at most %u, not %u", p->name,
			p->driver, p->driver_cfg->mtu_max, mtu);
	// told even what it says to have already: for af_packet and tap that is a mere guess
	ret = rte_eth_dev_set_mtu(p->ethdev, mtu);
	rte_eth_dev_get_mtu(p->ethdev, &now);
	// a device that cannot be told is taken at its word when the MTU is below its own
	if (ret == -ENOTSUP && mtu <= now)
		return 0;
	return ret ? err_set(err, ret, "port %s: mtu: the device does not take %u: %s", p->name,
			     mtu, rte_strerror(-ret))
		   : 0;
}

static uint16_t
least(uint32_t a, uint32_t b, uint32_t c)
{
	return (uint16_t)RTE_MIN(RTE_MIN(a, b), c);
}

// What the driver's file says about it, and the device of itself: the lower of both.
static void
choose_driver(struct gateway *gw, struct port *p, const struct rte_eth_dev_info *info)
{
	const struct driver_cfg *d = driver_set_find(&gw->drivers, info->driver_name);

	p->driver_cfg = d;
	snprintf(p->driver, sizeof(p->driver), "%s", info->driver_name);
	if (!d->n_names && p->nic == p)
		fprintf(stderr,
			"gate64: port %s: no file is about driver %s; it gets one queue and no "
			"offloads (docs/drivers.md tells how to write one)\n",
			p->name, p->driver);
	p->wake = gw->boot.lcores.idle_sleep ? d->wake : DRIVER_WAKE_NONE;
	p->n_rxq = least(info->max_rx_queues, d->rx_queues, gw->n_worker);
	p->n_txq = least(info->max_tx_queues, d->tx_queues, gw->n_worker);
}

static int
find_one(struct gateway *gw, unsigned int i, struct rte_eth_dev_info *info, struct err *err)
{
	const struct config_port *c = &gw->boot.port[i];
	struct port *p = &gw->port[i];
	struct rte_ether_addr mac;
	int ret = find_device(p, c, err);

	if (ret)
		return ret;
	ret = rte_eth_dev_info_get(p->ethdev, info);
	if (ret == 0)
		ret = rte_eth_macaddr_get(p->ethdev, &mac);
	if (ret)
		return err_set(err, ret, "port %s: no information from the driver: %s", c->name,
			rte_strerror(-ret));
	port_init(gw, i, &mac);
	choose_driver(gw, p, info);
	p->rx = rx_ethdev;
	p->tx = tx_ethdev;
	assign_tx(gw, p);
	return 0;
}

// With uio_pci_generic there is one interrupt, if any, for links and all queues together.
static bool
has_queue_interrupts(const struct rte_eth_dev_info *info)
{
	char path[128], driver[128] = "";

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver", rte_dev_name(info->device));
	return readlink(path, driver, sizeof(driver) - 1) < 0 || !strstr(driver, "uio");
}

static int
configure(struct gateway *gw, struct port *p, const struct rte_eth_dev_info *info, struct err *err)
{
	struct rte_eth_conf conf = {.rxmode.mq_mode = RTE_ETH_MQ_RX_NONE};
	int ret;

	conf.intr_conf.lsc = p->driver_cfg->link == DRIVER_LINK_INTERRUPT &&
			     (*info->dev_flags & RTE_ETH_DEV_INTR_LSC);
	if (p->wake == DRIVER_WAKE_INTERRUPT && !has_queue_interrupts(info))
		idle_give_up(p, "a card bound to uio does not interrupt for packets");
	conf.intr_conf.rxq = p->wake == DRIVER_WAKE_INTERRUPT;
	port_rss_configure(p, info, &conf);
	offload_configure(gw, p, info, &conf);
	ret = rte_eth_dev_configure(p->ethdev, p->n_rxq, p->n_txq, &conf);
	if (ret)
		return err_set(
			err, ret, "port %s: cannot be configured: %s", p->name, rte_strerror(-ret));
	ret = set_mtu(p, err);
	return ret ? ret : setup_queues(gw, p, err);
}

int
ports_open(struct gateway *gw, struct err *err)
{
	struct rte_eth_dev_info info[CONFIG_PORTS];
	int ret = 0;

	gw->n_port = gw->boot.n_port;
	for (unsigned int i = 0; i < gw->n_port && ret == 0; i++)
		ret = find_one(gw, i, &info[i], err);
	ports_steer_init(gw);
	for (unsigned int i = 0; i < gw->n_port && ret == 0; i++)
		if (gw->port[i].nic == &gw->port[i])
			ret = configure(gw, &gw->port[i], &info[i], err);
	return ret;
}

// The groups of own_port_in_group.
static unsigned int
groups_of(const struct plan_port *addrs, struct rte_ether_addr *mac)
{
	struct in6_addr group = {.s6_addr = {0xff, 2}};
	unsigned int n = 0;

	for (uint8_t i = 1; i <= 2; i++) {
		group.s6_addr[15] = i;
		nd_group_mac(&mac[n++], &group);
	}
	for (unsigned int i = 0; i < addrs->n_addr6; i++) {
		addr_solicited_node(&group, &addrs->addr6[i].addr);
		nd_group_mac(&mac[n++], &group);
	}
	return n;
}

// The groups of all ports of the NIC: by filter if it has one, else all groups, else all frames.
static int
join_groups(const struct plan *plan, const struct port *nic)
{
	struct rte_ether_addr mac[CONFIG_PORTS * PORT_GROUPS];
	unsigned int n = 0;

	for (const struct port *p = nic; p; p = p->next)
		n += groups_of(&plan->port[p->index], mac + n);
	if (rte_eth_dev_set_mc_addr_list(nic->ethdev, mac, n) == 0)
		return 0;
	if (rte_eth_allmulticast_enable(nic->ethdev) == 0)
		return 0;
	return rte_eth_promiscuous_enable(nic->ethdev);
}

// What the workers wait for when there is nothing to do. Interrupts are there after the start only.
static void
watch_queues(struct gateway *gw)
{
	for (unsigned int i = 0; i < gw->n_worker; i++) {
		struct worker *w = gw->worker[i];

		for (unsigned int j = 0; j < w->n_rxq; j++)
			idle_watch(&w->idle, w->rxq[j].port, w->rxq[j].queue);
	}
}

// A driver without a filter for groups gives all frames: that is well.
static int
listen_to_groups(const struct plan *plan, const struct port *nic)
{
	int ret = join_groups(plan, nic);

	return ret == -ENOTSUP ? 0 : ret;
}

static int
start_one(const struct gateway *gw, struct port *p)
{
	int ret = rte_eth_dev_start(p->ethdev);

	if (ret == 0)
		ret = port_rss_start(p, gw->n_worker);
	return ret ? ret : listen_to_groups(gw->plan, p);
}

int
ports_start(struct gateway *gw, struct err *err)
{
	for (unsigned int i = 0; i < gw->n_port; i++) {
		struct port *p = &gw->port[i];
		int ret;

		if (p->nic != p)
			continue;
		assign_rx(gw, p);
		ret = start_one(gw, p);
		if (ret)
			return err_set(err, ret, "port %s: does not start: %s", p->name,
				rte_strerror(-ret));
	}
	watch_queues(gw);
	return 0;
}

int
ports_set_groups(struct gateway *gw, const struct plan *plan, struct err *err)
{
	for (unsigned int i = 0; i < gw->n_port; i++) {
		const struct port *p = &gw->port[i];
		int ret = p->driver_cfg && p->nic == p ? listen_to_groups(plan, p) : 0;

		if (ret)
			return err_set(err, ret, "port %s: cannot listen to its groups: %s",
				p->name, rte_strerror(-ret));
	}
	return 0;
}

void
ports_stop(struct gateway *gw)
{
	for (unsigned int i = 0; i < gw->n_port; i++) {
		if (!gw->port[i].name[0] || gw->port[i].nic != &gw->port[i])
			continue;
		rte_eth_dev_stop(gw->port[i].ethdev);
		rte_eth_dev_close(gw->port[i].ethdev);
	}
}
