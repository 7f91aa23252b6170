// SPDX-License-Identifier: BSD-3-Clause
#include "net/rss.h"
#include "state/internal.h"

void
address_mask(uint64_t mask[2], unsigned int len)
{
	uint8_t bytes[16] = {0};

	for (unsigned int i = 0; i < len; i++)
		bytes[i / 8] |= (uint8_t)(0x80 >> i % 8);
	memcpy(mask, bytes, sizeof(bytes));
}

void
state_steer_init(const struct config_quota *q, bool both)
{
	rss_init(q->steering == STEERING_SUBSCRIBER ? q->subscriber_len : 128, both);
}

unsigned int
state_owner_of_src6(const struct in6_addr *src6, unsigned int n_workers)
{
	return rss_bucket_src6(src6) % n_workers;
}
