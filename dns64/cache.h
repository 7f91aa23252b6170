// SPDX-License-Identifier: BSD-3-Clause
// Whole answers in our own form (msg.h), without OPT, each with one lifetime: the least TTL in it.
// TTLs count down. Bounded in entries and in memory; what gives way is what was not asked for since
// the hand of the clock came by last. One thread.
#ifndef DNS64_CACHE_H
#define DNS64_CACHE_H

#include "dns64/dns64.h"
#include "dns64/msg.h"

// Part of the key. A denial or failure of AAAA is CACHE_RAW where the client gets something else in
// its place; NXDOMAIN holds for all types (RFC 2308 §5) and is kept under type 0.
enum cache_flags {
	CACHE_DO = 1,
	CACHE_CD = 2,
	CACHE_RAW = 4,
	CACHE_NX = 8,
};

struct cache_key {
	const struct name *name; // in lower case
	uint16_t type, class;
	uint8_t flags;
};

struct cache;
struct cache_entry;

// The hash of a key from that of its name (name_hash with 0), which is the dear part of it.
uint32_t cache_hash(const struct cache_key *k, uint32_t name_hash);
// For who looks up many keys: bring in the memory, first what leads to the entries, then these.
void cache_prefetch(const struct cache *c, uint32_t hash);
void cache_prefetch_entry(const struct cache *c, uint32_t hash);
// cache_find with the key's hash.
struct cache_entry *cache_find_hashed(
	struct cache *c, const struct cache_key *k, uint32_t hash, uint64_t now_ms);
// An answer of nothing but records of the type asked for: no aliases, no other sections.
bool cache_is_plain(const struct cache_entry *e);
// Seconds until a denial ends that has a SOA (RFC 2308 §5) and no alias. 0 for anything else.
uint32_t cache_denial_ttl(const struct cache_entry *e, uint64_t now_ms);

struct cache *cache_create(uint32_t entries, struct dns64_stats *stats, struct err *err);
void cache_free(struct cache *c);
// Nothing of what there is now is found any more; its room is used again like that of what expired.
void cache_outdate(struct cache *c);
// How often that was done.
uint32_t cache_epoch(const struct cache *c);
// Entries that were put in since, those included whose time is over and whose room nobody took.
uint32_t cache_used(const struct cache *c);
uint32_t cache_capacity(const struct cache *c);

// A live entry, or NULL.
struct cache_entry *cache_find(struct cache *c, const struct cache_key *k, uint64_t now_ms);
// NXDOMAIN of the name or of one above it (RFC 8020); k's type and flag NX are ignored.
struct cache_entry *cache_find_nx(struct cache *c, const struct cache_key *k, uint64_t now_ms);
// m->wire must hold MSG_BUF_LEN. The question is the key's, in lower case.
void cache_load(const struct cache *c, const struct cache_entry *e, uint64_t now_ms, struct msg *m);

// Takes the place of what is there under the key. Nothing happens with ttl 0.
void cache_insert(struct cache *c, const struct cache_key *k, const struct msg *m, uint32_t ttl,
	uint64_t now_ms);
// A resolution failure (RFC 9520 §3.2): 1 s, twice as long each time it comes again at once, up to
// CACHE_FAILURE_MAX.
#define CACHE_FAILURE_MAX 60
void cache_insert_failure(
	struct cache *c, const struct cache_key *k, uint16_t rcode, uint64_t now_ms);

bool cache_walk(const struct cache *c, uint32_t *cursor, unsigned int budget, uint64_t now_ms,
	void (*fn)(void *arg, const struct dns64_cache_row *row), void *arg);

#endif
