// SPDX-License-Identifier: BSD-3-Clause
#include "net/rss.h"
#include "state/internal.h"

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
