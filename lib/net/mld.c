// SPDX-License-Identifier: BSD-3-Clause
#include "net/mld.h"

#include "net/nd_wire.h"
#include "net/parse.h"

#include <assert.h>
#include <netinet/icmp6.h>
#include <string.h>

#define MLD_V2_REPORT     143
#define HBH_LEN           8
#define HOP_LIMIT         1
#define V1_QUERY_LEN      24
#define V2_QUERY_LEN      28 // without sources
#define MODE_IS_EXCLUDE   2  // RFC 3810 §5.2.12
#define CHANGE_TO_EXCLUDE 4

struct record {
	uint8_t type;
	uint8_t aux_len;
	rte_be16_t n_sources;
	struct in6_addr group;
};
_Static_assert(sizeof(struct record) == 20, "RFC 3810 §5.2");
_Static_assert(ND_IP6_LEN + HBH_LEN + 8 + MLD_MAX_GROUPS * sizeof(struct record) <= MLD_MAX_LEN,
	"a report fits");

// ff02::16, the MLDv2-capable routers (RFC 3810 §5.2.14)
static const struct in6_addr all_mld_routers = {
	.s6_addr = {0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x16}};
const struct rte_ether_addr mld_report_mac = {{0x33, 0x33, 0, 0, 0, 0x16}};

// GW-MLD-01
static bool
is_reported(const struct in6_addr *group)
{
	static const struct in6_addr all_nodes = {
		.s6_addr = {0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};

	return (group->s6_addr[1] & 0x0f) > 1 && !IN6_ARE_ADDR_EQUAL(group, &all_nodes);
}

static uint16_t
put_records(uint8_t *buf, const struct in6_addr *groups, unsigned int n, uint8_t type)
{
	uint16_t count = 0;

	for (unsigned int i = 0; i < n; i++) {
		struct record r = {.type = type, .group = groups[i]};

		if (!is_reported(&groups[i]))
			continue;
		memcpy(buf + count * sizeof(r), &r, sizeof(r));
		count++;
	}
	return count;
}

uint16_t
mld_build_report(uint8_t *buf, const struct in6_addr *src, const struct in6_addr *groups,
	unsigned int n, bool answers_query)
{
	// Router alert, value 0: MLD (RFC 2711 §2.1); PadN of 2.
	static const uint8_t hbh[HBH_LEN] = {IPPROTO_ICMPV6, 0, 5, 2, 0, 0, 1, 0};
	struct icmp6_hdr icmp = {.icmp6_type = MLD_V2_REPORT};
	const uint16_t l4_off = ND_IP6_LEN + HBH_LEN;
	uint16_t count, len;

	assert(n <= MLD_MAX_GROUPS);
	count = put_records(buf + l4_off + sizeof(icmp), groups, n,
		answers_query ? MODE_IS_EXCLUDE : CHANGE_TO_EXCLUDE);
	if (count == 0)
		return 0;
	icmp.icmp6_data16[1] = rte_cpu_to_be_16(count);
	memcpy(buf + ND_IP6_LEN, hbh, sizeof(hbh));
	memcpy(buf + l4_off, &icmp, sizeof(icmp));
	len = (uint16_t)(l4_off + sizeof(icmp) + count * sizeof(struct record));
	nd_wire_finish(buf, len, l4_off, IPPROTO_HOPOPTS, HOP_LIMIT, src, &all_mld_routers);
	return len;
}

// Maximum response code of version 2: a float from 32768 on (RFC 3810 §5.1.3). The largest is
// 0x1fff << 10 ms, more than two hours.
static uint32_t
response_ms(uint16_t code)
{
	if (code < 0x8000)
		return code;
	return ((code & 0x0fffu) | 0x1000) << (((code >> 12) & 7) + 3);
}

static bool
is_query(struct rte_mbuf *m, const struct pkt *p)
{
	struct in6_addr src;

	if (p->proto != IPPROTO_ICMPV6 || p->flags & (PKT_FRAGMENT | PKT_ATOMIC))
		return false;
	if (p->icmp_type != MLD_LISTENER_QUERY || p->ttl != HOP_LIMIT ||
		!(p->flags & PKT_ROUTER_ALERT))
		return false;
	memcpy(&src, rte_pktmbuf_mtod_offset(m, const uint8_t *, 8), sizeof(src));
	return IN6_IS_ADDR_LINKLOCAL(&src) && parse_l4_checksum_ok(m, p); // GW-MLD-05
}

// Version by length (RFC 3810 §8.1); lengths between the two are neither.
static bool
parse_body(const uint8_t *icmp, uint32_t len, uint32_t *max_delay_ms)
{
	uint16_t code = (uint16_t)(icmp[4] << 8 | icmp[5]);

	if (len == V1_QUERY_LEN) {
		*max_delay_ms = code;
		return true;
	}
	*max_delay_ms = response_ms(code);
	return len >= V2_QUERY_LEN &&
	       len >= V2_QUERY_LEN + (icmp[26] << 8 | icmp[27]) * sizeof(struct in6_addr);
}

bool
mld_parse_query(
	struct rte_mbuf *m, const struct pkt *p, struct in6_addr *group, uint32_t *max_delay_ms)
{
	const uint8_t *icmp = rte_pktmbuf_mtod_offset(m, const uint8_t *, p->l4_off);

	if (p->l3_len - p->l4_off < V1_QUERY_LEN || !is_query(m, p))
		return false;
	if (!parse_body(icmp, p->l3_len - p->l4_off, max_delay_ms))
		return false;
	memcpy(group, icmp + 8, sizeof(*group));
	return IN6_IS_ADDR_UNSPECIFIED(group) || IN6_IS_ADDR_MULTICAST(group);
}
