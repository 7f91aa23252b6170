// SPDX-License-Identifier: BSD-3-Clause
#include "base/hash.h"

#include "base/rand.h"

#include <stdbool.h>

uint64_t hash_key[HASH_KEY_WORDS];

static bool done;

void
hash_key_init(void)
{
	struct rand_pool r = {.left = 0};

	if (done)
		return;
	rand_bytes(&r, hash_key, sizeof(hash_key));
	done = true;
}

void
hash_key_restore(const uint64_t key[HASH_KEY_WORDS])
{
	memcpy(hash_key, key, sizeof(hash_key));
	done = true;
}
