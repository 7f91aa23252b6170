// SPDX-License-Identifier: BSD-3-Clause
#include "state/internal.h"

#define OWNER_HASH_INIT 0x6f776e72

static uint64_t steer_mask[2] = {UINT64_MAX, UINT64_MAX};

void
address_mask(uint64_t mask[2], unsigned int len)
{
	uint8_t bytes[16] = {0};

	for (unsigned int i = 0; i < len; i++)
		bytes[i / 8] |= (uint8_t)(0x80 >> i % 8);
	memcpy(mask, bytes, sizeof(bytes));
}

void
state_steer_init(const struct config_quota *q)
{
	address_mask(steer_mask, q->steering == STEERING_SUBSCRIBER ? q->subscriber_len : 128);
}

unsigned int
state_owner_of_src6(const struct in6_addr *src6, unsigned int n_workers)
{
	struct in6_addr prefix = address_masked(src6, steer_mask);
	uint64_t hash = hash_keyed(&prefix, sizeof(prefix), OWNER_HASH_INIT);

	return (unsigned int)(hash * n_workers >> 32);
}
