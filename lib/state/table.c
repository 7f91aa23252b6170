// SPDX-License-Identifier: BSD-3-Clause
#include "state/table.h"

#include <stdio.h>

#define MIN_SLOTS 256 // few buckets are uneven; below this they are kept half empty or more

// rte_hash has as many bucket slots as entries rounded up to a power of two. Cuckoo insertion with
// buckets of eight does not fail below about 95 % load; at most 80 % are used. That makes an
// extendable table, which reads one line more on a miss, unnecessary.
static uint32_t
bucket_slots(uint32_t limit)
{
	uint64_t want = (uint64_t)limit + limit / 4 + 1;

	return want < MIN_SLOTS ? MIN_SLOTS : (uint32_t)rte_align64pow2(want);
}

struct rte_hash *
table_create(const char *what, uint32_t limit, uint32_t key_len, int socket_id)
{
	static uint32_t serial; // names are unique in the process; several states may live in it
	char name[RTE_HASH_NAMESIZE];
	uint32_t slots = bucket_slots(limit);

	snprintf(name, sizeof(name), "g64_%s_%x", what,
		__atomic_fetch_add(&serial, 1, __ATOMIC_RELAXED));
	return rte_hash_create(&(struct rte_hash_parameters){
		.name = name,
		.entries = RTE_MAX(limit, slots / 2 + 1),
		.key_len = key_len,
		.hash_func = hash_keyed,
		.socket_id = socket_id,
	});
}
