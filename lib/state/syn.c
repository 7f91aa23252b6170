// SPDX-License-Identifier: BSD-3-Clause
#include "state/internal.h"

#include <rte_malloc.h>

int
syns_init(struct syns *s, const struct state_params *p)
{
	uint32_t max = state_share(p->nat64->max_stored_syns, p);

	s->open = p->nat64->tcp_incoming != TCP_INCOMING_DROP;
	if (max == 0)
		return 0;
	s->row = rte_zmalloc_socket("syn", sizeof(*s->row) * max, 0, p->socket_id);
	if (!s->row)
		return -ENOMEM;
	s->max = max;
	return 0;
}

void
syns_fini(struct syns *s)
{
	rte_free(s->row);
}

// The counter of a remote side. Where it is 0, which is nearly always, none of it waits, and there
// is nothing to look through.
static uint32_t
count_of(rte_be32_t dst4, rte_be16_t dport)
{
	return hash_words2(dst4 | (uint64_t)dport << 32, 0) % SYN_COUNTS;
}

static uint32_t
syn_find(const struct syns *s, const struct session_key4 *key)
{
	if (!s->count[count_of(key->dst4, key->dport)])
		return INDEX_NONE;
	for (uint32_t i = 0; i < s->n; i++)
		if (memcmp(&s->row[i].key, key, sizeof(*key)) == 0)
			return i;
	return INDEX_NONE;
}

static void *
syn_remove(struct syns *s, uint32_t i)
{
	const struct session_key4 *key = &s->row[i].key;
	void *packet = s->row[i].packet;

	s->count[count_of(key->dst4, key->dport)]--;
	s->n--;
	memmove(&s->row[i], &s->row[i + 1], (s->n - i) * sizeof(s->row[0]));
	return packet;
}

// C5: no binding; C6: one that does not know the sender. A static one is open by a rule of its own.
static bool
may_wait(struct state *st, const struct session_key4 *key, uint8_t tcp_flags)
{
	const struct bib *b;

	if (!st->syns.open || st->syns.max == 0 || key->proto != IPPROTO_TCP ||
		tcp_flags_bad(tcp_flags) || tcp_event_of(tcp_flags, false) != TCP_V4_SYN ||
		(tcp_flags & RTE_TCP_ACK_FLAG))
		return false;
	b = state_bib_find4(st, key->src4, key->sport, key->proto);
	return !b || !(b->flags & BIB_STATIC);
}

bool
state_syn_store(struct state *st, const struct session_key4 *key, uint8_t tcp_flags,
	uint32_t now_sec, void *packet, enum drop_reason *why)
{
	struct syns *s = &st->syns;

	if (!may_wait(st, key, tcp_flags))
		return false;
	if (syn_find(s, key) != INDEX_NONE) {
		*why = DROP_SYN_WAITING; // N64-TCP-16: the first one counts
		return false;
	}
	if (s->n == s->max) {
		*why = DROP_SYN_LIMIT; // N64-TCP-10
		return false;
	}
	s->count[count_of(key->dst4, key->dport)]++;
	s->row[s->n++] = (struct syn){
		.key = *key,
		.since_sec = now_sec,
		.packet = packet,
	};
	return true;
}

void *
state_syn_due(struct state *st, uint32_t now_sec)
{
	struct syns *s = &st->syns;

	// never early, by whole seconds
	return s->n && s->row[0].since_sec + st->timeout[TIMEOUT_TCP_SYN] < now_sec
		       ? syn_remove(s, 0)
		       : NULL;
}

void *
state_syn_claimed(struct state *st)
{
	void *packet = st->syns.claimed;

	st->syns.claimed = NULL;
	return packet;
}

void
syn_claim(struct state *st, struct session *s)
{
	const struct session_key4 key = session_key4_of(s);
	uint32_t i = syn_find(&st->syns, &key);

	if (i == INDEX_NONE)
		return;
	s->tcp = TCP_V4_INIT; // also where it has begun from the IPv4 side
	st->syns.claimed = syn_remove(&st->syns, i);
}

static bool
is_from(const struct syn *s, const struct session_key6 *key)
{
	return key->proto == IPPROTO_TCP && s->key.dst4 == key->dst4 && s->key.dport == key->dport;
}

// Something may wait for a connection to the remote side of key.
static inline bool
may_wait_for(const struct syns *s, const struct session_key6 *key)
{
	return unlikely(s->n) && s->count[count_of(key->dst4, key->dport)];
}

bool
syn_wanted_addr(const struct state *st, const struct session_key6 *key, const struct pool_set *set,
	uint32_t *addr)
{
	if (!may_wait_for(&st->syns, key))
		return false;
	for (uint32_t i = 0; i < st->syns.n; i++) {
		const struct syn *s = &st->syns.row[i];
		uint32_t found;

		if (!is_from(s, key))
			continue;
		found = pool4_find(&st->pool, (struct in_addr){s->key.src4});
		if (found == INDEX_NONE || !pool_set_has(set, found) ||
			!pool4_is_free(&st->pool, found, STATE_TCP, rte_be_to_cpu_16(s->key.sport)))
			continue;
		*addr = found;
		return true;
	}
	return false;
}

bool
syn_wanted_port(
	const struct state *st, const struct session_key6 *key, uint32_t pool_addr, uint16_t *port)
{
	rte_be32_t src4 = st->pool.addr[pool_addr].addr.s_addr;

	if (!may_wait_for(&st->syns, key))
		return false;
	for (uint32_t i = 0; i < st->syns.n; i++) {
		const struct syn *s = &st->syns.row[i];

		if (!is_from(s, key) || s->key.src4 != src4)
			continue;
		*port = rte_be_to_cpu_16(s->key.sport);
		if (pool4_is_free(&st->pool, pool_addr, STATE_TCP, *port))
			return true;
	}
	return false;
}

bool
syns_check(const struct syns *s)
{
	uint32_t counted = 0;

	for (uint32_t i = 0; i < SYN_COUNTS; i++)
		counted += s->count[i];
	for (uint32_t i = 0; i < s->n; i++)
		if (!s->row[i].packet || syn_find(s, &s->row[i].key) != i ||
			(i && s->row[i].since_sec < s->row[i - 1].since_sec))
			return false;
	return counted == s->n && s->n <= s->max;
}
