// SPDX-License-Identifier: BSD-3-Clause
#include "xlat/icmp_map.h"

#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <rte_common.h>

#define NA (-1)

static const struct icmp_rule rule_6to4[] = {
	{ICMP6_DST_UNREACH, 0, 0, ICMP_DEST_UNREACH, 1, ICMP_ARG_NONE},
	{ICMP6_DST_UNREACH, 1, 1, ICMP_DEST_UNREACH, 10, ICMP_ARG_NONE},
	{ICMP6_DST_UNREACH, 2, 3, ICMP_DEST_UNREACH, 1, ICMP_ARG_NONE},
	{ICMP6_DST_UNREACH, 4, 4, ICMP_DEST_UNREACH, 3, ICMP_ARG_NONE},
	{ICMP6_PACKET_TOO_BIG, 0, 255, ICMP_DEST_UNREACH, 4, ICMP_ARG_MTU},
	{ICMP6_TIME_EXCEEDED, 0, 255, ICMP_TIME_EXCEEDED, ICMP_CODE_KEEP, ICMP_ARG_NONE},
	{ICMP6_PARAM_PROB, 0, 0, ICMP_PARAMETERPROB, 0, ICMP_ARG_POINTER},
	{ICMP6_PARAM_PROB, 1, 1, ICMP_DEST_UNREACH, 2, ICMP_ARG_NONE},
};

static const struct icmp_rule rule_4to6[] = {
	{ICMP_DEST_UNREACH, 0, 1, ICMP6_DST_UNREACH, 0, ICMP_ARG_NONE},
	{ICMP_DEST_UNREACH, 2, 2, ICMP6_PARAM_PROB, 1, ICMP_ARG_NEXT_HEADER},
	{ICMP_DEST_UNREACH, 3, 3, ICMP6_DST_UNREACH, 4, ICMP_ARG_NONE},
	{ICMP_DEST_UNREACH, 4, 4, ICMP6_PACKET_TOO_BIG, 0, ICMP_ARG_MTU},
	{ICMP_DEST_UNREACH, 5, 8, ICMP6_DST_UNREACH, 0, ICMP_ARG_NONE},
	{ICMP_DEST_UNREACH, 9, 10, ICMP6_DST_UNREACH, 1, ICMP_ARG_NONE},
	{ICMP_DEST_UNREACH, 11, 12, ICMP6_DST_UNREACH, 0, ICMP_ARG_NONE},
	{ICMP_DEST_UNREACH, 13, 13, ICMP6_DST_UNREACH, 1, ICMP_ARG_NONE},
	{ICMP_DEST_UNREACH, 15, 15, ICMP6_DST_UNREACH, 1, ICMP_ARG_NONE},
	{ICMP_TIME_EXCEEDED, 0, 255, ICMP6_TIME_EXCEEDED, ICMP_CODE_KEEP, ICMP_ARG_NONE},
	{ICMP_PARAMETERPROB, 0, 0, ICMP6_PARAM_PROB, 0, ICMP_ARG_POINTER},
	{ICMP_PARAMETERPROB, 2, 2, ICMP6_PARAM_PROB, 0, ICMP_ARG_POINTER},
};

// RFC 7915 figure 6: by offset in the IPv6 header
static const int8_t pointer_6to4[40] = {
	0, 1, NA, NA, 2, 2, 9, 8,                                       // up to the hop limit
	12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, // source
	16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, // destination
};

// RFC 7915 figure 3: by offset in the IPv4 header
static const int8_t pointer_4to6[20] = {
	0, 1, 4, 4, NA, NA, NA, NA, 7, 6, NA, NA, // up to the header checksum
	8, 8, 8, 8,                               // source
	24, 24, 24, 24,                           // destination
};

static const struct icmp_rule *
find(const struct icmp_rule *r, unsigned int n, uint8_t type, uint8_t code)
{
	for (unsigned int i = 0; i < n; i++)
		if (r[i].type == type && r[i].code_first <= code && code <= r[i].code_last)
			return &r[i];
	return NULL;
}

const struct icmp_rule *
icmp_map_6to4(uint8_t type, uint8_t code)
{
	return find(rule_6to4, RTE_DIM(rule_6to4), type, code);
}

const struct icmp_rule *
icmp_map_4to6(uint8_t type, uint8_t code)
{
	return find(rule_4to6, RTE_DIM(rule_4to6), type, code);
}

int
icmp_pointer_6to4(uint32_t pointer)
{
	return pointer < RTE_DIM(pointer_6to4) ? pointer_6to4[pointer] : NA;
}

int
icmp_pointer_4to6(uint8_t pointer)
{
	return pointer < RTE_DIM(pointer_4to6) ? pointer_4to6[pointer] : NA;
}
