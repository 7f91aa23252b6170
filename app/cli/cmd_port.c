// SPDX-License-Identifier: BSD-3-Clause
// show port info, show port stats
#include "app/cli/ask.h"
#include "app/cli/commands.h"
#include "app/cli/doc.h"

#include "addr/text.h"

#include <rte_ethdev.h>

static json_t *
port_addresses(const struct plan_port *p)
{
	json_t *list = json_array();
	char buf[PREFIX_TEXT_LEN];
	int rc = 0;

	for (unsigned int i = 0; i < p->n_addr6 && rc == 0; i++)
		rc = doc_append(list, json_string(prefix6_text(&p->addr6[i], buf)), NULL);
	for (unsigned int i = 0; i < p->config->n_addr4 && rc == 0; i++)
		rc = doc_append(list, json_string(prefix4_text(&p->config->addr4[i], buf)), NULL);
	if (rc == 0)
		return list;
	json_decref(list);
	return NULL;
}

static int
port_put_link(json_t *row, const struct port *p, struct err *err)
{
	if (!p->link.known)
		return doc_set(row, "link", json_null(), err);
	if (!p->link.up)
		return doc_set(row, "link", json_string("down"), err);
	if (p->link.speed_mbps == RTE_ETH_SPEED_NUM_UNKNOWN)
		return doc_update(row, json_pack("{s:s, s:n}", "link", "up", "speed_mbps"), err);
	return doc_update(row,
		json_pack("{s:s, s:I, s:b}", "link", "up", "speed_mbps",
			(json_int_t)p->link.speed_mbps, "full_duplex", p->link.full_duplex),
		err);
}

static json_t *
port_offloads(const struct port *p)
{
	const uint32_t udp = 1u << DRIVER_OFFLOAD_UDP_CHECKSUM;
	json_t *list = json_array();

	if (p->offload_rx & udp)
		doc_append(list, json_string("rx-udp-checksum"), NULL);
	if (p->offload_tx & udp)
		doc_append(list, json_string("tx-udp-checksum"), NULL);
	return list;
}

static int
port_put_info(json_t *row, const struct gateway *gw, const struct port *p, struct err *err)
{
	const struct plan_port *own = &gw->plan->port[p->index];
	static const char *const rss[] = {
		[PORT_RSS_NONE] = "none", [PORT_RSS_ANY] = "any", [PORT_RSS_OWNER] = "owner"};
	static const char *const wake[] = {[DRIVER_WAKE_NONE] = "none",
		[DRIVER_WAKE_SOCKET] = "socket",
		[DRIVER_WAKE_INTERRUPT] = "interrupt"};
	char mac[RTE_ETHER_ADDR_FMT_SIZE];
	int rc = doc_update(row,
		json_pack("{s:o, s:s, s:o, s:o, s:i, s:i, s:i, s:i}", "port", doc_text(p->name),
			"role", p->role == PORT_LAN ? "lan" : "wan", "device", doc_text(p->device),
			"driver", doc_text(p->driver), "dpdk_port", p->ethdev, "rx_queues",
			p->n_rxq, "tx_queues", p->n_txq, "mtu", p->mtu),
		err);

	if (rc == 0)
		rc = doc_set(row, "promiscuous",
			json_boolean(rte_eth_promiscuous_get(p->ethdev) == 1), err);
	if (rc == 0)
		rc = doc_set(row, "rss", json_string(rss[p->nic->rss]), err);
	if (rc == 0)
		rc = doc_set(row, "wake", json_string(wake[p->nic->wake]), err);
	if (rc == 0)
		rc = doc_set(row, "offloads", port_offloads(p), err);
	rte_ether_format_addr(mac, sizeof(mac), &p->mac);
	if (rc == 0)
		rc = doc_set(row, "mac", json_string(mac), err);
	if (rc == 0 && p->vlan)
		rc = doc_update(row, json_pack("{s:i}", "vlan", p->vlan), err);
	if (rc == 0)
		rc = port_put_link(row, p, err);
	if (rc == 0)
		rc = doc_set(row, "addresses", port_addresses(own), err);
	if (rc == 0 && own->config->has_gateway4)
		rc = doc_set(row, "gateway4", doc_addr4(own->config->gateway4.s_addr), err);
	if (rc == 0 && own->config->has_gateway6)
		rc = doc_set(row, "gateway6", doc_addr6(&own->config->gateway6), err);
	return rc;
}

// What the workers took from each queue of the NIC.
static int
port_put_queues(json_t *row, const struct gateway *gw, const struct port *p, struct err *err)
{
	int rc = 0;

	for (uint16_t q = 0; q < p->n_rxq && rc == 0; q++) {
		for (unsigned int i = 0; i < gw->n_worker && rc == 0; i++) {
			const uint64_t *n = worker_rx_queue(gw->worker[i], p, q);
			char key[32];

			if (!n)
				continue;
			snprintf(key, sizeof(key), "rx_queue%u_worker%u", q, i);
			rc = doc_set_count(row, key, ask_counter(n), err);
		}
	}
	return rc;
}

static int
port_put_stats(json_t *row, const struct gateway *gw, const struct port *p, struct err *err)
{
	struct rte_eth_stats s = {.ipackets = 0};
	int rc = rte_eth_stats_get(p->ethdev, &s);

	if (p->nic != p) // the NIC counts all its VLANs together
		return doc_update(row,
			json_pack("{s:o, s:o}", "port", doc_text(p->name), "counted_with",
				doc_text(p->nic->name)),
			err);
	if (rc != 0)
		return err_set(err, rc, "port %s: no counters: %s", p->name, rte_strerror(-rc));
	rc = doc_update(row,
		json_pack("{s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "port",
			doc_text(p->name), "rx_packets", (json_int_t)s.ipackets, "rx_bytes",
			(json_int_t)s.ibytes, "rx_missed", (json_int_t)s.imissed, "rx_errors",
			(json_int_t)s.ierrors, "rx_no_mbuf", (json_int_t)s.rx_nombuf, "tx_packets",
			(json_int_t)s.opackets, "tx_bytes", (json_int_t)s.obytes, "tx_errors",
			(json_int_t)s.oerrors),
		err);
	return rc ? rc : port_put_queues(row, gw, p, err);
}

static int
put_ports(struct gateway *gw, const struct cli_args *args, json_t *doc,
	int (*put)(json_t *row, const struct gateway *gw, const struct port *p, struct err *err),
	struct err *err)
{
	json_t *rows = json_array();
	int rc = doc_set(doc, "ports", rows, err);

	for (unsigned int i = 0; i < gw->n_port && rc == 0; i++) {
		const struct port *p = &gw->port[i];
		json_t *row;

		if (args->port && args->port != p)
			continue;
		row = json_object();
		rc = doc_append(rows, row, err);
		if (rc == 0)
			rc = put(row, gw, p, err);
	}
	return rc;
}

CLI_HANDLER(cmd_show_port_info)
{
	return put_ports(gw, args, doc, port_put_info, err);
}

CLI_HANDLER(cmd_show_port_stats)
{
	return put_ports(gw, args, doc, port_put_stats, err);
}
