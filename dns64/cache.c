// SPDX-License-Identifier: BSD-3-Clause
#include "dns64/cache.h"

#include "base/hash.h"
#include "dns64/array.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#define NONE        UINT32_MAX
#define MIN_ENTRIES 64
// An answer with its TTL table begins in its entry, where most have room, and goes on in a chain of
// blocks. There are as many as entries, for those that need some.
#define HEAD_LEN  192
#define BLOCK_LEN 256
// A failure that comes this long after the last one expired starts at 1 s again.
#define BACKOFF_FORGET_MS 600000

struct cache_entry {
	uint32_t hash, next; // next in the bucket, or in the free list
	uint32_t block;      // what did not fit into head; NONE: nothing
	uint16_t len;        // of the message, header included; 0: the entry is free
	uint16_t type, class;
	uint16_t rcode;
	uint16_t count[MSG__SECTIONS];
	uint8_t flags, name_len;
	bool used; // since the clock's hand came by
	bool synthetic, excluded, failure, negative, plain;
	uint32_t ttl, soa_ttl;
	uint64_t since_ms;
	uint32_t epoch;
	_Alignas(64) uint8_t head[HEAD_LEN];
};

struct cache {
	uint32_t n, hand, mask;
	uint32_t epoch, used; // entries of another epoch are dead, and not counted as used
	uint32_t free_entry, free_block, blocks_free;
	uint32_t *bucket;
	struct cache_entry *entry;
	uint8_t (*block)[BLOCK_LEN];
	uint32_t *block_next;
	struct dns64_stats *stats;
};

static void
init_entries(struct cache *c)
{
	memset(c->bucket, 0xff, sizeof(c->bucket[0]) * ((size_t)c->mask + 1));
	for (uint32_t i = 0; i < c->n; i++) {
		c->entry[i].len = 0;
		c->entry[i].next = i + 1 < c->n ? i + 1 : NONE;
		c->block_next[i] = i + 1 < c->n ? i + 1 : NONE;
	}
	c->blocks_free = c->n;
}

struct cache *
cache_create(uint32_t entries, struct dns64_stats *stats, struct err *err)
{
	struct cache *c = calloc(1, sizeof(*c));
	uint32_t n = entries < MIN_ENTRIES ? MIN_ENTRIES : entries;

	if (!c)
		goto nomem;
	c->n = n;
	c->mask = UINT32_MAX >> __builtin_clz(n - 1);
	c->stats = stats;
	c->bucket = array_take((size_t)c->mask + 1, sizeof(c->bucket[0]));
	c->entry = array_take(n, sizeof(c->entry[0]));
	c->block = array_take(n, BLOCK_LEN);
	c->block_next = array_take(n, sizeof(c->block_next[0]));
	if (!c->bucket || !c->entry || !c->block || !c->block_next)
		goto nomem;
	init_entries(c);
	return c;
nomem:
	cache_free(c);
	err_set(err, -ENOMEM, "no memory for %u cache entries", n);
	return NULL;
}

void
cache_free(struct cache *c)
{
	if (!c)
		return;
	free(c->bucket);
	free(c->entry);
	free(c->block);
	free(c->block_next);
	free(c);
}

void
cache_outdate(struct cache *c)
{
	c->epoch++;
	c->used = 0;
}

uint32_t
cache_epoch(const struct cache *c)
{
	return c->epoch;
}

uint32_t
cache_used(const struct cache *c)
{
	return c->used;
}

uint32_t
cache_capacity(const struct cache *c)
{
	return c->n;
}

uint32_t
cache_hash(const struct cache_key *k, uint32_t name_hash)
{
	uint64_t rest = (uint64_t)k->type << 32 | (uint32_t)k->class << 8 | k->flags;
	uint64_t h = hash_mix(name_hash ^ hash_key[0], rest ^ hash_key[1]);

	return (uint32_t)(h ^ h >> 32);
}

static uint32_t
hash_key_of(const struct cache_key *k)
{
	return cache_hash(k, name_hash(k->name, 0));
}

void
cache_prefetch(const struct cache *c, uint32_t hash)
{
	__builtin_prefetch(&c->bucket[hash & c->mask]);
}

void
cache_prefetch_entry(const struct cache *c, uint32_t hash)
{
	uint32_t i = c->bucket[hash & c->mask];

	if (i == NONE)
		return;
	__builtin_prefetch(&c->entry[i]);
	__builtin_prefetch(c->entry[i].head);
	__builtin_prefetch(c->entry[i].head + 64);
}

static uint64_t
expires_ms(const struct cache_entry *e)
{
	return e->since_ms + (uint64_t)e->ttl * 1000;
}

static bool
is_alive(const struct cache *c, const struct cache_entry *e, uint64_t now_ms)
{
	return e->epoch == c->epoch && now_ms < expires_ms(e);
}

static bool
entry_is(const struct cache *c, const struct cache_entry *e, const struct cache_key *k)
{
	unsigned int len = k->name->len, head = len < HEAD_LEN ? len : HEAD_LEN;

	return e->type == k->type && e->class == k->class && e->flags == k->flags &&
	       e->name_len == len && memcmp(e->head, k->name->b, head) == 0 &&
	       (len == head || memcmp(c->block[e->block], k->name->b + head, len - head) == 0);
}

// Dead or alive.
static struct cache_entry *
find(const struct cache *c, const struct cache_key *k, uint32_t hash)
{
	for (uint32_t i = c->bucket[hash & c->mask]; i != NONE; i = c->entry[i].next)
		if (c->entry[i].hash == hash && entry_is(c, &c->entry[i], k))
			return &c->entry[i];
	return NULL;
}

struct cache_entry *
cache_find(struct cache *c, const struct cache_key *k, uint64_t now_ms)
{
	return cache_find_hashed(c, k, hash_key_of(k), now_ms);
}

struct cache_entry *
cache_find_hashed(struct cache *c, const struct cache_key *k, uint32_t hash, uint64_t now_ms)
{
	struct cache_entry *e = find(c, k, hash);

	if (!e || !is_alive(c, e, now_ms))
		return NULL;
	e->used = true;
	return e;
}

struct cache_entry *
cache_find_nx(struct cache *c, const struct cache_key *k, uint64_t now_ms)
{
	struct name n = *k->name;
	struct cache_key nx = {&n, 0, k->class, k->flags | CACHE_NX};

	do {
		struct cache_entry *e = cache_find(c, &nx, now_ms);

		if (e)
			return e;
	} while (name_parent(&n, &n));
	return NULL;
}

bool
cache_is_plain(const struct cache_entry *e)
{
	return e->plain;
}

static uint32_t
age_sec(const struct cache_entry *e, uint64_t now_ms)
{
	return (uint32_t)((now_ms - e->since_ms) / 1000);
}

uint32_t
cache_denial_ttl(const struct cache_entry *e, uint64_t now_ms)
{
	if (e->rcode != DNS_NOERROR || e->count[MSG_ANSWER] || !e->soa_ttl)
		return 0;
	return e->soa_ttl - age_sec(e, now_ms);
}

static void
gather(const struct cache *c, const struct cache_entry *e, uint8_t *out, unsigned int n)
{
	unsigned int part = n < HEAD_LEN ? n : HEAD_LEN;
	uint32_t block = e->block;

	memcpy(out, e->head, part);
	while (n > part) {
		out += part;
		n -= part;
		part = n < BLOCK_LEN ? n : BLOCK_LEN;
		memcpy(out, c->block[block], part);
		block = c->block_next[block];
	}
}

static unsigned int
records(const struct cache_entry *e)
{
	return (unsigned int)e->count[0] + e->count[1] + e->count[2];
}

// Behind the message stands a table of the offsets of its TTLs, in host order.
void
cache_load(const struct cache *c, const struct cache_entry *e, uint64_t now_ms, struct msg *m)
{
	uint32_t age = age_sec(e, now_ms);
	unsigned int n = records(e);
	const uint8_t *table = m->wire + e->len;

	gather(c, e, m->wire + DNS_HEADER_LEN, e->len - DNS_HEADER_LEN + 2 * n);
	for (unsigned int i = 0; i < n; i++) {
		uint16_t at;

		memcpy(&at, table + 2 * i, sizeof(at));
		wire_set32(m->wire + at, wire_u32(m->wire + at) - age);
	}
	m->len = e->len;
	memcpy(m->count, e->count, sizeof(m->count));
	m->rcode = e->rcode;
	m->synthetic = e->synthetic;
	m->excluded = e->excluded;
	m->truncated = m->authoritative = false;
}

static void
unlink_bucket(struct cache *c, uint32_t i)
{
	uint32_t *p = &c->bucket[c->entry[i].hash & c->mask];

	while (*p != i)
		p = &c->entry[*p].next;
	*p = c->entry[i].next;
}

static void
drop(struct cache *c, uint32_t i)
{
	struct cache_entry *e = &c->entry[i];
	uint32_t b = e->block;

	unlink_bucket(c, i);
	while (b != NONE) {
		uint32_t next = c->block_next[b];

		c->block_next[b] = c->free_block;
		c->free_block = b;
		c->blocks_free++;
		b = next;
	}
	e->len = 0;
	e->next = c->free_entry;
	c->free_entry = i;
	c->used -= e->epoch == c->epoch;
}

// Frees one entry; there is one. When there are free ones, it is for the blocks. The hand goes
// round at most twice.
static void
evict(struct cache *c, uint64_t now_ms)
{
	for (;;) {
		uint32_t i = c->hand;
		struct cache_entry *e = &c->entry[i];

		c->hand = i + 1 < c->n ? i + 1 : 0;
		if (e->len == 0 || (e->block == NONE && c->free_entry != NONE))
			continue;
		if (e->used && is_alive(c, e, now_ms)) {
			e->used = false;
			continue;
		}
		if (is_alive(c, e, now_ms))
			c->stats->cache_evictions++;
		drop(c, i);
		return;
	}
}

static void
scatter(struct cache *c, struct cache_entry *e, const uint8_t *p, unsigned int n)
{
	unsigned int part = n < HEAD_LEN ? n : HEAD_LEN;
	uint32_t *tail = &e->block;

	memcpy(e->head, p, part);
	while (n > part) {
		uint32_t b = c->free_block;

		p += part;
		n -= part;
		part = n < BLOCK_LEN ? n : BLOCK_LEN;
		c->free_block = c->block_next[b];
		c->blocks_free--;
		memcpy(c->block[b], p, part);
		*tail = b;
		tail = &c->block_next[b];
	}
	*tail = NONE;
}

// The question in lower case, the rest as it is, the table of TTLs. Returns the length.
static unsigned int
flatten(const struct cache_key *k, const struct msg *m, uint8_t out[MSG_BUF_LEN])
{
	unsigned int len = m->len - (unsigned int)DNS_HEADER_LEN;
	struct msg_iter it;
	struct wire_rr rr;

	memcpy(out, m->wire + DNS_HEADER_LEN, len);
	memcpy(out, k->name->b, k->name->len);
	msg_iter_begin(m, &it);
	while (msg_next(m, &it, &rr)) {
		memcpy(out + len, &rr.ttl_at, sizeof(rr.ttl_at));
		len += sizeof(rr.ttl_at);
	}
	return len;
}

static struct cache_entry *
take_entry(struct cache *c, uint32_t hash)
{
	uint32_t i = c->free_entry;
	struct cache_entry *e = &c->entry[i];

	c->free_entry = e->next;
	c->used++;
	memset(e, 0, offsetof(struct cache_entry, head));
	e->hash = hash;
	e->epoch = c->epoch;
	e->next = c->bucket[hash & c->mask];
	c->bucket[hash & c->mask] = i;
	return e;
}

// How many blocks an answer of this length needs.
static uint32_t
blocks(unsigned int len)
{
	return len <= HEAD_LEN ? 0 : (len - HEAD_LEN + BLOCK_LEN - 1) / BLOCK_LEN;
}

static struct cache_entry *
insert(struct cache *c, const struct cache_key *k, const struct msg *m, uint32_t ttl,
	uint64_t now_ms)
{
	uint32_t hash = hash_key_of(k);
	struct cache_entry *e = find(c, k, hash);
	uint8_t flat[MSG_BUF_LEN];
	unsigned int len = flatten(k, m, flat);

	if (e)
		drop(c, (uint32_t)(e - c->entry));
	while (c->free_entry == NONE || c->blocks_free < blocks(len))
		evict(c, now_ms);
	e = take_entry(c, hash);
	scatter(c, e, flat, len);
	e->len = m->len;
	e->type = k->type;
	e->class = k->class;
	e->flags = k->flags;
	e->name_len = k->name->len;
	e->rcode = m->rcode;
	memcpy(e->count, m->count, sizeof(e->count));
	e->synthetic = m->synthetic;
	e->excluded = m->excluded;
	e->ttl = ttl;
	e->since_ms = now_ms;
	c->stats->cache_inserts++;
	return e;
}

void
cache_insert(struct cache *c, const struct cache_key *k, const struct msg *m, uint32_t ttl,
	uint64_t now_ms)
{
	struct cache_entry *e;
	struct verdict v;

	if (ttl == 0)
		return;
	msg_judge(m, &v);
	e = insert(c, k, m, ttl, now_ms);
	e->negative = v.finals == 0;
	e->soa_ttl = v.has_soa ? v.soa_ttl : 0;
	e->plain = v.finals && m->rcode == DNS_NOERROR &&
		   v.finals == (unsigned int)m->count[MSG_ANSWER] && m->count[MSG_AUTHORITY] == 0 &&
		   m->count[MSG_ADDITIONAL] == 0;
}

static uint32_t
next_backoff(const struct cache *c, const struct cache_entry *old, uint64_t now_ms)
{
	if (!old || !old->failure || old->epoch != c->epoch ||
		now_ms >= expires_ms(old) + BACKOFF_FORGET_MS)
		return 1;
	return old->ttl * 2 < CACHE_FAILURE_MAX ? old->ttl * 2 : CACHE_FAILURE_MAX;
}

void
cache_insert_failure(struct cache *c, const struct cache_key *k, uint16_t rcode, uint64_t now_ms)
{
	uint8_t wire[DNS_HEADER_LEN + NAME_WIRE_MAX + 4];
	struct msg m = {.wire = wire, .cap = sizeof(wire)};
	uint32_t ttl = next_backoff(c, find(c, k, hash_key_of(k)), now_ms);
	struct cache_entry *e;

	msg_empty(&m, k->name, k->type, k->class, rcode);
	e = insert(c, k, &m, ttl, now_ms);
	e->failure = e->negative = true;
}

static void
fill_row(const struct cache *c, const struct cache_entry *e, uint64_t now_ms,
	struct dns64_cache_row *row)
{
	struct name n = {.len = e->name_len};

	gather(c, e, n.b, n.len);
	name_print(&n, row->name);
	row->qtype = e->type;
	row->rcode = (uint8_t)e->rcode;
	row->negative = e->negative;
	row->ttl = (uint32_t)((expires_ms(e) - now_ms + 999) / 1000);
	row->records = e->count[MSG_ANSWER];
}

bool
cache_walk(const struct cache *c, uint32_t *cursor, unsigned int budget, uint64_t now_ms,
	void (*fn)(void *arg, const struct dns64_cache_row *row), void *arg)
{
	struct dns64_cache_row row;

	for (; budget > 0 && *cursor < c->n; budget--, (*cursor)++) {
		const struct cache_entry *e = &c->entry[*cursor];

		if (e->len == 0 || !is_alive(c, e, now_ms))
			continue;
		fill_row(c, e, now_ms, &row);
		fn(arg, &row);
	}
	return *cursor < c->n;
}
