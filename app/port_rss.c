// SPDX-License-Identifier: BSD-3-Clause
#include "app/port_rss.h"

#include "net/rss.h"
#include "state/state.h"

// The driver's names of what it can hash.
static uint64_t
hash_types(const struct driver_cfg *d)
{
	static const uint64_t type[] = {
		[DRIVER_HASH_IPV4] =
			RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_FRAG_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_OTHER,
		[DRIVER_HASH_IPV4_TCP] = RTE_ETH_RSS_NONFRAG_IPV4_TCP,
		[DRIVER_HASH_IPV4_UDP] = RTE_ETH_RSS_NONFRAG_IPV4_UDP,
		[DRIVER_HASH_IPV6] = RTE_ETH_RSS_IPV6 | RTE_ETH_RSS_FRAG_IPV6 |
				     RTE_ETH_RSS_NONFRAG_IPV6_OTHER | RTE_ETH_RSS_IPV6_EX,
		[DRIVER_HASH_IPV6_TCP] = RTE_ETH_RSS_NONFRAG_IPV6_TCP | RTE_ETH_RSS_IPV6_TCP_EX,
		[DRIVER_HASH_IPV6_UDP] = RTE_ETH_RSS_NONFRAG_IPV6_UDP | RTE_ETH_RSS_IPV6_UDP_EX,
	};
	uint64_t types = 0;

	for (unsigned int i = 0; i < RTE_DIM(type); i++)
		if (d->rss.hash & 1u << i)
			types |= type[i];
	return types;
}

static bool
has_role(const struct port *nic, enum port_role role)
{
	for (const struct port *p = nic; p; p = p->next)
		if (p->role == role)
			return true;
	return false;
}

void
ports_steer_init(const struct gateway *gw)
{
	bool both = false;

	for (unsigned int i = 0; i < gw->n_port; i++)
		both |= has_role(gw->port[i].nic, PORT_LAN) && has_role(gw->port[i].nic, PORT_WAN);
	state_steer_init(&gw->boot.nat64.quota, both);
}

void
port_rss_configure(struct port *nic, const struct rte_eth_dev_info *info, struct rte_eth_conf *conf)
{
	const struct driver_cfg *d = nic->driver_cfg;
	struct rte_eth_rss_conf *rss = &conf->rx_adv_conf.rss_conf;
	// as long as the NIC wants it, zeros behind; the driver reads it when the port starts
	static uint8_t keys[CONFIG_PORTS][UINT8_MAX];
	uint8_t *key = keys[nic->index];

	nic->rss = PORT_RSS_NONE;
	rss->rss_hf = info->flow_type_rss_offloads & hash_types(d);
	if (nic->n_rxq < 2 || !rss->rss_hf)
		return;
	conf->rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
	nic->rss = PORT_RSS_ANY;
	if (d->rss.key_len < RSS_KEY_LEN || info->hash_key_size < RSS_KEY_LEN ||
		info->reta_size < RSS_BUCKETS)
		return;
	memcpy(key, rss_key(has_role(nic, PORT_LAN), has_role(nic, PORT_WAN)), RSS_KEY_LEN);
	rss->rss_key = key;
	rss->rss_key_len = info->hash_key_size;
	nic->rss = PORT_RSS_OWNER;
}

int
port_rss_start(struct port *nic, unsigned int n_worker)
{
	struct rte_eth_rss_reta_entry64 reta[UINT16_MAX / RTE_ETH_RETA_GROUP_SIZE + 1];
	struct rte_eth_dev_info info;
	int ret;

	if (nic->rss != PORT_RSS_OWNER)
		return 0;
	ret = rte_eth_dev_info_get(nic->ethdev, &info);
	if (ret)
		return ret;
	for (unsigned int i = 0; i < info.reta_size; i++) {
		unsigned int owner = rss_bucket_of_entry(i) % n_worker;

		reta[i / RTE_ETH_RETA_GROUP_SIZE].mask = UINT64_MAX;
		reta[i / RTE_ETH_RETA_GROUP_SIZE].reta[i % RTE_ETH_RETA_GROUP_SIZE] =
			(uint16_t)(owner % nic->n_rxq);
	}
	ret = rte_eth_dev_rss_reta_update(nic->ethdev, reta, info.reta_size);
	if (ret == -ENOTSUP) { // its own table then, which knows no owners
		nic->rss = PORT_RSS_ANY;
		return 0;
	}
	return ret;
}
