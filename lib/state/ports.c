// SPDX-License-Identifier: BSD-3-Clause
#include "state/ports.h"

#include "state/bits.h"

#include <assert.h>
#include <rte_branch_prediction.h>

#define LOW_PORTS  1024 // the system ports
#define LOW_BLOCKS (LOW_PORTS / STATE_PORT_BLOCK)
#define DRAWS      4 // random blocks to look at before the next one with a free port is taken

_Static_assert(STATE_PORT_BLOCK == 64, "a block is a word");

// Sets of ranges, and sets of parities.
enum {
	FIRST = 1 << 0, // ports 0-1023; even ports
	SECOND = 1 << 1,
	BOTH = FIRST | SECOND,
};

static const uint64_t parity_mask[] = {
	[FIRST] = 0x5555555555555555,
	[SECOND] = 0xaaaaaaaaaaaaaaaa,
	[BOTH] = UINT64_MAX,
};

// What to look for, relative to the client's port, one after the other. The range goes before the
// parity: servers give low ports a meaning, and parity is of use only to pairs of RTP and RTCP
// ports.
enum relation {
	SAME,
	OTHER,
	EITHER,
};

static const struct {
	unsigned int n;
	struct {
		enum relation range, parity;
	} want[4];
} wants[] = {
	[STATE_UDP] = {4, {{SAME, SAME}, {SAME, OTHER}, {OTHER, SAME}, {OTHER, OTHER}}},
	[STATE_TCP] = {2, {{SAME, EITHER}, {OTHER, EITHER}}},
	[STATE_ICMP] = {1, {{EITHER, EITHER}}},
};

static unsigned int
related(enum relation r, unsigned int which)
{
	static const uint8_t sets[][2] = {
		[SAME] = {FIRST, SECOND},
		[OTHER] = {SECOND, FIRST},
		[EITHER] = {BOTH, BOTH},
	};

	return sets[r][which];
}

// Of n blocks dealt out in turn, those that the worker gets.
static uint32_t
dealt(uint32_t n, unsigned int worker, unsigned int n_workers)
{
	return worker < n ? (n - worker - 1) / n_workers + 1 : 0;
}

struct port_share
port_share_of(unsigned int worker, unsigned int n_workers)
{
	return (struct port_share){
		.worker = worker,
		.n_workers = n_workers,
		.n_blocks = dealt(PORTS_BLOCKS, worker, n_workers),
		.n_low = dealt(LOW_BLOCKS, worker, n_workers),
	};
}

size_t
port_set_len(const struct port_share *share)
{
	return RTE_CACHE_LINE_ROUNDUP(sizeof(struct port_set) + share->n_blocks * sizeof(uint64_t));
}

// The bits of global block b that lie in the range. Port 0 is none, but 0 is an ICMP identifier
// like any other (N64-PORT-08).
static uint64_t
block_mask(struct port_range range, enum state_proto proto, uint32_t b)
{
	uint32_t first = b * STATE_PORT_BLOCK, last = first + STATE_PORT_BLOCK - 1;
	uint32_t lo = RTE_MAX(first, range.first), hi = RTE_MIN(last, range.last);

	if (lo == 0 && proto != STATE_ICMP)
		lo = 1;
	if (lo > hi)
		return 0;
	return UINT64_MAX >> (63 - (hi - lo)) << (lo - first);
}

static void
span_grow(struct port_set *s, unsigned int range, uint32_t k)
{
	if (s->to[range] == 0)
		s->from[range] = (uint16_t)k;
	s->to[range] = (uint16_t)(k + 1);
}

uint32_t
port_set_fill(struct port_set *s, const struct port_share *share, struct port_range range,
	enum state_proto proto)
{
	uint32_t total = 0;

	for (uint32_t k = 0; k < share->n_blocks; k++) {
		s->free[k] = block_mask(range, proto, k * share->n_workers + share->worker);
		if (s->free[k])
			span_grow(s, k >= share->n_low, k);
		for (unsigned int odd = 0; odd < 2; odd++) {
			uint64_t w = s->free[k] & parity_mask[FIRST << odd];
			uint32_t n = (uint32_t)__builtin_popcountll(w);

			bits_put(s->any[odd], k, n);
			s->left[k >= share->n_low][odd] += n;
			total += n;
		}
	}
	return total;
}

static uint32_t
left_in(const struct port_set *s, unsigned int ranges, unsigned int parities)
{
	uint32_t n = 0;

	for (unsigned int i = 0; i < 4; i++)
		if ((ranges >> (i / 2) & 1) && (parities >> (i % 2) & 1))
			n += s->left[i / 2][i % 2];
	return n;
}

// The drawn block, or another one of the ranges, with a free port of the parities.
static uint32_t
find_block(const struct port_set *s, struct rand_pool *rand, const struct port_draw *d)
{
	const uint64_t *a = s->any[d->parities & FIRST ? 0 : 1];
	const uint64_t *b = s->any[d->parities & SECOND ? 1 : 0];
	uint32_t i = d->block;

	for (unsigned int n = 1; n < DRAWS; n++) {
		if (likely(s->free[i] & parity_mask[d->parities]))
			return i;
		i = d->from + rand_below(rand, d->to - d->from);
	}
	return s->free[i] & parity_mask[d->parities] ? i
						     : bits_next_wrapped(a, b, d->from, i, d->to);
}

// A random one of the bits of w, which has some.
static unsigned int
find_bit(uint64_t w, struct rand_pool *rand)
{
	unsigned int turn = rand_u16(rand) % 64;

	w = w >> turn | w << (-turn % 64);
	return ((unsigned int)__builtin_ctzll(w) + turn) % 64;
}

static void
set_put(struct port_set *s, const struct port_share *share, uint32_t k, unsigned int bit, bool on)
{
	unsigned int odd = bit & 1;

	uint64_t w;

	bits_put(&s->free[k], bit, on);
	s->left[k >= share->n_low][odd] += on ? 1 : -1;
	w = s->free[k] & parity_mask[FIRST << odd];
	if (unlikely((w & (w - on)) == 0)) // the last one went, or the first one came
		bits_put(s->any[odd], k, on);
}

static void
draw_block(const struct port_set *s, struct rand_pool *rand, unsigned int ranges,
	unsigned int parities, struct port_draw *d)
{
	d->from = s->from[ranges & FIRST && s->to[0] ? 0 : 1];
	d->to = s->to[ranges & SECOND && s->to[1] ? 1 : 0];
	d->parities = (uint16_t)parities;
	d->block = (uint16_t)(d->from + rand_below(rand, d->to - d->from));
}

bool
port_set_draw(const struct port_set *s, struct rand_pool *rand, enum state_proto proto,
	uint16_t sport, struct port_draw *d)
{
	for (unsigned int i = 0; i < wants[proto].n; i++) {
		unsigned int ranges = related(wants[proto].want[i].range, sport >= LOW_PORTS);
		unsigned int parities = related(wants[proto].want[i].parity, sport & 1);

		if (!left_in(s, ranges, parities))
			continue;
		draw_block(s, rand, ranges, parities, d);
		return true;
	}
	return false;
}

uint16_t
port_set_choose(const struct port_set *s, const struct port_share *share, struct rand_pool *rand,
	const struct port_draw *d)
{
	uint32_t k = find_block(s, rand, d);
	unsigned int bit = find_bit(s->free[k] & parity_mask[d->parities], rand);

	return (uint16_t)((k * share->n_workers + share->worker) * STATE_PORT_BLOCK + bit);
}

bool
port_set_take_port(struct port_set *s, const struct port_share *share, uint16_t port)
{
	uint32_t k = port / STATE_PORT_BLOCK / share->n_workers;

	if (state_owner_of_port(port, share->n_workers) != share->worker ||
		!bits_get(&s->free[k], port % STATE_PORT_BLOCK))
		return false;
	set_put(s, share, k, port % STATE_PORT_BLOCK, false);
	return true;
}

void
port_set_give(struct port_set *s, const struct port_share *share, uint16_t port)
{
	uint32_t k = port / STATE_PORT_BLOCK / share->n_workers;

	assert(!bits_get(&s->free[k], port % STATE_PORT_BLOCK));
	set_put(s, share, k, port % STATE_PORT_BLOCK, true);
}

uint32_t
port_set_exclude(struct port_set *s, const struct port_set *other, const struct port_share *share,
	struct port_range range, enum state_proto proto)
{
	uint32_t total = 0;

	for (uint32_t k = 0; k < share->n_blocks; k++) {
		uint64_t used = block_mask(range, proto, k * share->n_workers + share->worker) &
				~other->free[k] & s->free[k];

		if (!used)
			continue;
		s->free[k] &= ~used;
		for (unsigned int odd = 0; odd < 2; odd++) {
			uint64_t parity = parity_mask[FIRST << odd];
			uint32_t n = (uint32_t)__builtin_popcountll(used & parity);

			s->left[k >= share->n_low][odd] -= n;
			bits_put(s->any[odd], k, s->free[k] & parity);
			total += n;
		}
	}
	return total;
}

static bool
is_own(const struct port_share *share, struct port_range range, enum state_proto proto,
	uint16_t port)
{
	uint64_t mask = block_mask(range, proto, port / STATE_PORT_BLOCK);

	return state_owner_of_port(port, share->n_workers) == share->worker &&
	       bits_get(&mask, port % STATE_PORT_BLOCK);
}

static bool
is_marked_free(const struct port_set *s, const struct port_share *share, uint16_t port)
{
	return bits_get(
		&s->free[port / STATE_PORT_BLOCK / share->n_workers], port % STATE_PORT_BLOCK);
}

bool
port_set_is_free(const struct port_set *s, const struct port_share *share, struct port_range range,
	enum state_proto proto, uint16_t port)
{
	return is_own(share, range, proto, port) && is_marked_free(s, share, port);
}

bool
port_set_is_taken(const struct port_set *s, const struct port_share *share, struct port_range range,
	enum state_proto proto, uint16_t port)
{
	return is_own(share, range, proto, port) && !is_marked_free(s, share, port);
}

bool
port_set_check(const struct port_set *s, const struct port_share *share, uint32_t *n_free)
{
	uint32_t left[2][2] = {0};

	*n_free = 0;
	for (uint32_t k = 0; k < share->n_blocks; k++)
		for (unsigned int odd = 0; odd < 2; odd++) {
			uint64_t w = s->free[k] & parity_mask[FIRST << odd];

			left[k >= share->n_low][odd] += (uint32_t)__builtin_popcountll(w);
			*n_free += (uint32_t)__builtin_popcountll(w);
			if (bits_get(s->any[odd], k) != (w != 0))
				return false;
		}
	return memcmp(left, s->left, sizeof(left)) == 0;
}
