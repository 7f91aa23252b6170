// SPDX-License-Identifier: BSD-3-Clause
#include "xlat/mtu.h"

#include <rte_common.h>
#include <rte_ip.h>

#define FRAGMENT_HDR_LEN 8
#define HDR_GROWTH       20u // an IPv6 header less an IPv4 header

// RFC 1191 §7.1, those a packet can exceed and IPv6 can use (MTU-03)
static const uint16_t plateau[] = {32000, 17914, 8166, 4352, 2002, 1492};

// 20 is added to a plateau as to any MTU (MTU-04); none: the smallest there is.
static uint32_t
plateau_ptb(uint16_t quoted_len)
{
	for (unsigned int i = 0; i < RTE_DIM(plateau); i++)
		if (plateau[i] < quoted_len)
			return plateau[i] + HDR_GROWTH;
	return MTU_MIN6;
}

uint32_t
mtu_to_ptb(uint16_t mtu, uint16_t quoted_len, uint16_t mtu4, uint16_t mtu6)
{
	uint32_t ptb;

	if (mtu != 0 && (mtu < MTU_MIN4 || mtu > quoted_len))
		return 0;
	ptb = mtu != 0 ? mtu + HDR_GROWTH : plateau_ptb(quoted_len);
	ptb = RTE_MIN(ptb, mtu4 + HDR_GROWTH);
	ptb = RTE_MIN(ptb, (uint32_t)mtu6);
	// MTU-06: an MTU the packet had anyway would not make its sender shrink it
	if (ptb < MTU_MIN6 || ptb >= quoted_len + HDR_GROWTH)
		return MTU_MIN6;
	return ptb;
}

uint16_t
mtu_to_frag_needed(uint32_t mtu, bool fragment_hdr, uint16_t mtu4, uint16_t mtu6)
{
	uint32_t shrunk;

	if (mtu < MTU_MIN6)
		return 0;
	shrunk = mtu - HDR_GROWTH - (fragment_hdr ? FRAGMENT_HDR_LEN : 0);
	shrunk = RTE_MIN(shrunk, (uint32_t)mtu4);
	return RTE_MIN(shrunk, mtu6 - HDR_GROWTH);
}
