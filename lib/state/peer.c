// SPDX-License-Identifier: BSD-3-Clause
// Most bindings have one session, and few more than some: their peers stand in the binding. Those
// of a binding that once had more are counted in a table, until its last session ends.
#include "state/internal.h"

#include <rte_malloc.h>

struct peer_key {
	uint32_t bib;
	rte_be32_t dst4;
	uint32_t zero[2];
};
_Static_assert(sizeof(struct peer_key) == 16, "hashed in pieces of 16 bytes");

static bool
peer_is(const void *peers, uint32_t i, const void *key)
{
	const struct peer *p = (const struct peer *)peers + i;
	const struct peer_key *k = key;

	return p->bib == k->bib && p->dst4 == k->dst4;
}

int
peers_init(struct state *st, uint32_t max, int socket_id)
{
	st->peer = rte_zmalloc_socket("peer", sizeof(*st->peer) * (size_t)max, 0, socket_id);
	if (!st->peer || table_init(&st->peer_index, max, peer_is, st->peer, socket_id) < 0)
		return -ENOMEM;
	slots_init(&st->peers, st->peer, sizeof(*st->peer), max);
	return 0;
}

void
peers_fini(struct state *st)
{
	table_fini(&st->peer_index);
	rte_free(st->peer);
}

static bool
is_kept(const struct bib *b)
{
	return !(b->flags & BIB_STATIC);
}

static uint32_t
peer_hash(uint32_t bib, rte_be32_t dst4)
{
	return hash_words2(bib | (uint64_t)dst4 << 32, 0);
}

static uint32_t
peer_find(const struct state *st, uint32_t bib, rte_be32_t dst4)
{
	struct peer_key k = {.bib = bib, .dst4 = dst4};

	return table_find(&st->peer_index, &k, peer_hash(bib, dst4));
}

static bool
count_up(struct state *st, uint32_t bib, rte_be32_t dst4, bool inbound)
{
	uint32_t i = peer_find(st, bib, dst4);

	if (i == INDEX_NONE) {
		i = slots_take(&st->peers);
		if (i == INDEX_NONE)
			return false;
		if (table_add(&st->peer_index, peer_hash(bib, dst4), i) < 0) {
			slots_give(&st->peers, i);
			return false;
		}
		st->peer[i] = (struct peer){.bib = bib, .dst4 = dst4};
	}
	st->peer[i].sessions++;
	st->peer[i].inbound += inbound;
	return true;
}

static void
count_down(struct state *st, uint32_t bib, rte_be32_t dst4, bool inbound)
{
	uint32_t i = peer_find(st, bib, dst4);

	st->peer[i].inbound -= inbound;
	if (--st->peer[i].sessions)
		return;
	table_del(&st->peer_index, peer_hash(bib, dst4), i);
	slots_give(&st->peers, i);
}

// ---- in the binding

static bool
is_inbound(const struct bib *b, uint32_t i)
{
	return b->peer_inbound >> i & 1;
}

static void
put(struct bib *b, uint32_t i, rte_be32_t dst4, bool inbound)
{
	b->peer[i] = dst4;
	b->peer_inbound &= (uint8_t) ~(1u << i);
	b->peer_inbound |= (uint8_t)(inbound << i);
}

static bool
spill(struct state *st, uint32_t bib)
{
	struct bib *b = &st->bib[bib];

	for (unsigned int i = 0; i < BIB_PEERS; i++) {
		if (count_up(st, bib, b->peer[i], is_inbound(b, i)))
			continue;
		while (i-- > 0)
			count_down(st, bib, b->peer[i], is_inbound(b, i));
		return false;
	}
	b->flags |= BIB_SPILLED;
	return true;
}

bool
peer_add(struct state *st, uint32_t bib, rte_be32_t dst4, bool inbound)
{
	struct bib *b = &st->bib[bib];

	if (!is_kept(b))
		return true;
	if (!(b->flags & BIB_SPILLED) && b->sessions < BIB_PEERS) {
		put(b, b->sessions, dst4, inbound);
		return true;
	}
	if (!(b->flags & BIB_SPILLED) && !spill(st, bib))
		return false;
	return count_up(st, bib, dst4, inbound);
}

void
peer_remove(struct state *st, uint32_t bib, rte_be32_t dst4, bool inbound)
{
	struct bib *b = &st->bib[bib];
	unsigned int i = 0;

	if (!is_kept(b))
		return;
	if (b->flags & BIB_SPILLED) {
		count_down(st, bib, dst4, inbound);
		if (b->sessions == 1)
			b->flags &= (uint8_t)~BIB_SPILLED;
		return;
	}
	while (b->peer[i] != dst4 || is_inbound(b, i) != inbound)
		i++;
	put(b, i, b->peer[b->sessions - 1], is_inbound(b, b->sessions - 1));
}

bool
peer_has(const struct state *st, uint32_t bib, rte_be32_t dst4, bool from_inside)
{
	const struct bib *b = &st->bib[bib];

	if (b->flags & BIB_SPILLED) {
		uint32_t i = peer_find(st, bib, dst4);

		return i != INDEX_NONE &&
		       (!from_inside || st->peer[i].sessions > st->peer[i].inbound);
	}
	for (uint32_t i = 0; i < b->sessions; i++)
		if (b->peer[i] == dst4 && !(from_inside && is_inbound(b, i)))
			return true;
	return false;
}

void
peer_sum(const struct state *st, uint32_t *sum)
{
	for (uint32_t i = 0; i < st->bibs.top; i++) {
		const struct bib *b = &st->bib[i];

		for (uint32_t j = 0; is_kept(b) && !(b->flags & BIB_SPILLED) && j < b->sessions;
			j++)
			sum[i] += peer_weight(b->peer[j], is_inbound(b, j));
	}
	for (uint32_t i = 0; i < st->peers.top; i++) {
		const struct peer *p = &st->peer[i];

		if (p->sessions)
			sum[p->bib] += p->inbound * peer_weight(p->dst4, true) +
				       (p->sessions - p->inbound) * peer_weight(p->dst4, false);
	}
}
