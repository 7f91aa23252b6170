// SPDX-License-Identifier: BSD-3-Clause
#include "net/nd.h"

#include "addr/prefix.h"
#include "net/nd_wire.h"
#include "net/parse.h"

#include <netinet/icmp6.h>
#include <string.h>

#define HOP_LIMIT 255

// NS and NA have one shape: flags (NA only), target, options (RFC 4861 §4.3, §4.4).
struct body {
	struct icmp6_hdr icmp;
	struct in6_addr target;
};
_Static_assert(sizeof(struct body) == sizeof(struct nd_neighbor_solicit), "RFC 4861 §4.3");
_Static_assert(sizeof(struct body) == sizeof(struct nd_neighbor_advert), "RFC 4861 §4.4");

// Source or target link-layer address option for Ethernet: length 1 (RFC 2464 §6).
struct lla_option {
	uint8_t type;
	uint8_t len; // in 8 bytes
	struct rte_ether_addr mac;
};
_Static_assert(sizeof(struct lla_option) == 8, "RFC 2464 §6");

static bool
take_lla(struct nd_msg *out, const uint8_t *opt)
{
	struct lla_option lla;

	memcpy(&lla, opt, sizeof(lla));
	if (lla.len != 1 || !rte_is_valid_assigned_ether_addr(&lla.mac))
		return false;
	out->has_lla = true;
	out->lla = lla.mac;
	return true;
}

// Options nobody knows are skipped, broken ones spoil the message (GW-ND-01).
static bool
parse_options(struct nd_msg *out, const uint8_t *opt, uint16_t len)
{
	uint8_t wanted =
		out->type == ND_NEIGHBOR_SOLICIT ? ND_OPT_SOURCE_LINKADDR : ND_OPT_TARGET_LINKADDR;

	while (len > 0) {
		uint16_t opt_len = len < 8 ? 0 : opt[1] * 8;

		if (opt_len == 0 || opt_len > len)
			return false;
		if (opt[0] == wanted && !take_lla(out, opt))
			return false;
		opt += opt_len;
		len -= opt_len;
	}
	return true;
}

static bool
is_solicited_node(const struct in6_addr *a)
{
	struct in6_addr group;

	addr_solicited_node(&group, a);
	return IN6_ARE_ADDR_EQUAL(&group, a);
}

// GW-ND-03
static bool
is_consistent(const struct nd_msg *n)
{
	if (IN6_IS_ADDR_MULTICAST(&n->target) || IN6_IS_ADDR_MULTICAST(&n->src))
		return false;
	if (IN6_IS_ADDR_V4MAPPED(&n->target)) // those neighbours are ARP's
		return false;
	if (n->type == ND_NEIGHBOR_ADVERT)
		return !(n->solicited && IN6_IS_ADDR_MULTICAST(&n->dst));
	if (IN6_IS_ADDR_UNSPECIFIED(&n->src))
		return is_solicited_node(&n->dst) && !n->has_lla;
	return true;
}

static bool
is_nd(struct rte_mbuf *m, const struct pkt *p)
{
	if (p->proto != IPPROTO_ICMPV6 || p->flags & (PKT_FRAGMENT | PKT_ATOMIC)) // GW-ND-02
		return false;
	if (p->icmp_type != ND_NEIGHBOR_SOLICIT && p->icmp_type != ND_NEIGHBOR_ADVERT)
		return false;
	return p->ttl == HOP_LIMIT && p->icmp_code == 0 &&
	       p->l3_len - p->l4_off >= (int)sizeof(struct body) && parse_l4_checksum_ok(m, p);
}

enum drop_reason
nd_parse(struct rte_mbuf *m, const struct pkt *p, struct nd_msg *out)
{
	const uint8_t *ip = rte_pktmbuf_mtod(m, const uint8_t *);
	struct body b;
	uint32_t flags;

	if (!is_nd(m, p))
		return DROP_ND_INVALID;
	memset(out, 0, sizeof(*out));
	memcpy(&b, ip + p->l4_off, sizeof(b));
	memcpy(&out->src, ip + 8, sizeof(out->src));
	memcpy(&out->dst, ip + 24, sizeof(out->dst));
	out->type = p->icmp_type;
	out->target = b.target;
	flags = out->type == ND_NEIGHBOR_ADVERT ? b.icmp.icmp6_data32[0] : 0;
	out->router = flags & ND_NA_FLAG_ROUTER;
	out->solicited = flags & ND_NA_FLAG_SOLICITED;
	out->override = flags & ND_NA_FLAG_OVERRIDE;
	if (!parse_options(out, ip + p->l4_off + sizeof(b), p->l3_len - p->l4_off - sizeof(b)))
		return DROP_ND_INVALID;
	return is_consistent(out) ? DROP_NONE : DROP_ND_INVALID;
}

static uint16_t
put_lla(uint8_t *buf, uint8_t type, const struct rte_ether_addr *mac)
{
	struct lla_option lla = {.type = type, .len = 1, .mac = *mac};

	memcpy(buf, &lla, sizeof(lla));
	return sizeof(lla);
}

uint16_t
nd_build_ns(uint8_t *buf, const struct in6_addr *src, const struct in6_addr *target,
	const struct in6_addr *unicast_dst, const struct rte_ether_addr *mac)
{
	struct body b = {.icmp.icmp6_type = ND_NEIGHBOR_SOLICIT, .target = *target};
	uint16_t len = ND_IP6_LEN + sizeof(b);
	struct in6_addr dst;

	if (unicast_dst != NULL)
		dst = *unicast_dst;
	else
		addr_solicited_node(&dst, target);
	memcpy(buf + ND_IP6_LEN, &b, sizeof(b));
	if (!IN6_IS_ADDR_UNSPECIFIED(src))
		len += put_lla(buf + len, ND_OPT_SOURCE_LINKADDR, mac);
	nd_wire_finish(buf, len, ND_IP6_LEN, IPPROTO_ICMPV6, HOP_LIMIT, src, &dst);
	return len;
}

uint16_t
nd_build_na(uint8_t *buf, const struct in6_addr *src, const struct in6_addr *dst,
	const struct in6_addr *target, bool solicited, const struct rte_ether_addr *mac)
{
	struct body b = {.icmp.icmp6_type = ND_NEIGHBOR_ADVERT, .target = *target};
	uint16_t len = ND_IP6_LEN + sizeof(b);

	b.icmp.icmp6_data32[0] = ND_NA_FLAG_ROUTER | ND_NA_FLAG_OVERRIDE;
	if (solicited)
		b.icmp.icmp6_data32[0] |= ND_NA_FLAG_SOLICITED;
	memcpy(buf + ND_IP6_LEN, &b, sizeof(b));
	len += put_lla(buf + len, ND_OPT_TARGET_LINKADDR, mac);
	nd_wire_finish(buf, len, ND_IP6_LEN, IPPROTO_ICMPV6, HOP_LIMIT, src, dst);
	return len;
}

void
nd_group_mac(struct rte_ether_addr *out, const struct in6_addr *group)
{
	out->addr_bytes[0] = 0x33;
	out->addr_bytes[1] = 0x33;
	memcpy(out->addr_bytes + 2, group->s6_addr + 12, 4);
}

void
nd_link_local(struct in6_addr *out, const struct rte_ether_addr *mac)
{
	const uint8_t *b = mac->addr_bytes;

	*out = (struct in6_addr){.s6_addr = {0xfe, 0x80, 0, 0, 0, 0, 0, 0, b[0] ^ 2, b[1], b[2],
					 0xff, 0xfe, b[3], b[4], b[5]}};
}
