// SPDX-License-Identifier: BSD-3-Clause
#include "base/rand.h"

#include <stdlib.h>
#include <sys/random.h>

void
rand_refill(struct rand_pool *r)
{
	size_t got = 0;

	while (got < sizeof(r->buf)) {
		ssize_t n = getrandom(r->buf + got, sizeof(r->buf) - got, 0);

		if (n <= 0)
			abort();
		got += (size_t)n;
	}
	r->left = sizeof(r->buf);
}
