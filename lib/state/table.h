// SPDX-License-Identifier: BSD-3-Clause
// rte_hash from a key of 16 or 32 bytes to an index. The caller computes the hash, once a key.
#ifndef STATE_TABLE_H
#define STATE_TABLE_H

#include "base/hash.h"

#include <errno.h>
#include <rte_hash.h>

#define INDEX_NONE UINT32_MAX

// Room for limit keys. NULL: no memory.
struct rte_hash *table_create(const char *what, uint32_t limit, uint32_t key_len, int socket_id);

// The index stored under key, or INDEX_NONE.
static inline uint32_t
table_find(const struct rte_hash *h, const void *key, uint32_t hash)
{
	void *data;

	if (rte_hash_lookup_with_hash_data(h, key, hash, &data) < 0)
		return INDEX_NONE;
	return (uint32_t)(uintptr_t)data;
}

// key must not be in the table. 0, or -ENOSPC when the key's buckets cannot take it.
static inline int
table_add(struct rte_hash *h, const void *key, uint32_t hash, uint32_t index)
{
	return rte_hash_add_key_with_hash_data(h, key, hash, (void *)(uintptr_t)index);
}

static inline void
table_del(struct rte_hash *h, const void *key, uint32_t hash)
{
	rte_hash_del_key_with_hash(h, key, hash);
}

#endif
