// SPDX-License-Identifier: BSD-3-Clause
#include "state/hold.h"

#include <errno.h>
#include <rte_malloc.h>

int
hold_init(struct hold *h, uint32_t sec, uint32_t max, int socket_id)
{
	if (sec == 0 || max == 0)
		return 0;
	h->ring = rte_malloc_socket("hold", sizeof(*h->ring) * (size_t)max, 0, socket_id);
	if (!h->ring)
		return -ENOMEM;
	h->sec = sec;
	h->max = max;
	return 0;
}

void
hold_fini(struct hold *h)
{
	rte_free(h->ring);
}
