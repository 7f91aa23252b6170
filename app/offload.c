// SPDX-License-Identifier: BSD-3-Clause
#include "app/offload.h"

#include <rte_ip.h>
#include <rte_udp.h>

static bool
wanted(const struct gateway *gw, const struct port *nic)
{
	for (const struct port *p = nic; p; p = p->next)
		if (!gw->boot.port[p->index].offloads)
			return false;
	return true;
}

void
offload_configure(struct gateway *gw, struct port *nic, const struct rte_eth_dev_info *info,
	struct rte_eth_conf *conf)
{
	const uint32_t udp = 1u << DRIVER_OFFLOAD_UDP_CHECKSUM;
	const bool on = wanted(gw, nic);
	const bool rx = on && (nic->driver_cfg->offloads.rx & udp) &&
			(info->rx_offload_capa & RTE_ETH_RX_OFFLOAD_UDP_CKSUM);
	const bool tx = on && (nic->driver_cfg->offloads.tx & udp) &&
			(info->tx_offload_capa & RTE_ETH_TX_OFFLOAD_UDP_CKSUM);

	if (rx)
		conf->rxmode.offloads |= RTE_ETH_RX_OFFLOAD_UDP_CKSUM;
	if (tx)
		conf->txmode.offloads |= RTE_ETH_TX_OFFLOAD_UDP_CKSUM;
	for (struct port *p = nic; p; p = p->next) {
		p->offload_rx = rx ? udp : 0;
		p->offload_tx = tx ? udp : 0;
	}
	gw->udp_later |= tx;
}

static void
compute(uint8_t *ip)
{
	struct rte_ipv4_hdr *ip4 = (struct rte_ipv4_hdr *)ip;
	struct rte_ipv6_hdr *ip6 = (struct rte_ipv6_hdr *)ip;
	struct rte_udp_hdr *udp;

	if (ip[0] >> 4 == 6) {
		udp = (struct rte_udp_hdr *)(ip6 + 1);
		udp->dgram_cksum = 0;
		udp->dgram_cksum = rte_ipv6_udptcp_cksum(ip6, udp);
	} else {
		udp = (struct rte_udp_hdr *)(ip4 + 1);
		udp->dgram_cksum = 0;
		udp->dgram_cksum = rte_ipv4_udptcp_cksum(ip4, udp);
	}
}

void
offload_udp(const struct gateway *gw, struct rte_mbuf *m)
{
	if (gw->udp_later)
		m->ol_flags |= RTE_MBUF_F_TX_UDP_CKSUM;
	else
		compute(rte_pktmbuf_mtod(m, uint8_t *));
}

// As DPDK wants it: the sum of the pseudo-header where the checksum will be.
static void
tell(struct rte_mbuf *m, uint8_t *ip, uint16_t l2_len)
{
	struct rte_ipv4_hdr *ip4 = (struct rte_ipv4_hdr *)ip;
	struct rte_ipv6_hdr *ip6 = (struct rte_ipv6_hdr *)ip;
	const bool is6 = ip[0] >> 4 == 6;
	struct rte_udp_hdr *udp = is6 ? (void *)(ip6 + 1) : (void *)(ip4 + 1);

	m->l2_len = l2_len;
	m->l3_len = is6 ? sizeof(*ip6) : sizeof(*ip4);
	m->ol_flags |= is6 ? RTE_MBUF_F_TX_IPV6 : RTE_MBUF_F_TX_IPV4;
	udp->dgram_cksum =
		is6 ? rte_ipv6_phdr_cksum(ip6, m->ol_flags) : rte_ipv4_phdr_cksum(ip4, m->ol_flags);
}

void
offload_settle(const struct port *port, struct rte_mbuf *m, uint16_t l2_len)
{
	uint8_t *ip = rte_pktmbuf_mtod_offset(m, uint8_t *, l2_len);

	if (port->offload_tx & 1u << DRIVER_OFFLOAD_UDP_CHECKSUM) {
		tell(m, ip, l2_len);
		return;
	}
	m->ol_flags &= ~RTE_MBUF_F_TX_L4_MASK;
	compute(ip);
}
