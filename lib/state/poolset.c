// SPDX-License-Identifier: BSD-3-Clause
#include "state/poolset.h"

#include "state/bits.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <rte_malloc.h>
#include <stdlib.h>
#include <string.h>

static uint32_t
entry_len(const struct config_pool4 *e)
{
	return ntohl(e->last.s_addr) - ntohl(e->first.s_addr) + 1;
}

// How well an entry suits clients in network (NULL: in none that is named); 0: not at all.
static unsigned int
entry_rank(const struct config_pool4 *e, const struct prefix6 *network, unsigned int pref64)
{
	unsigned int rank = 0;

	if (e->port_first > e->port_last) // for static bindings only
		return 0;
	if (e->prefixes && !(e->prefixes >> pref64 & 1))
		return 0;
	for (unsigned int i = 0; i < e->n_clients && network; i++) {
		const struct prefix6 *p = &e->clients[i];

		if (p->len <= network->len && prefix6_match(p, &network->addr))
			rank = RTE_MAX(rank, p->len + 1u);
	}
	if (e->n_clients && rank == 0)
		return 0;
	return 1 + 2 * rank + (e->prefixes != 0);
}

static void
add_run(struct pool_set *s, struct pool_run run)
{
	struct pool_run *last = s->n_run ? &s->run[s->n_run - 1] : NULL;

	s->n_addr += run.n;
	if (last && last->first + last->n == run.first)
		last->n += run.n;
	else
		s->run[s->n_run++] = run;
}

static int
fill_runs(struct pool_set *s, const struct config_nat64 *c)
{
	uint32_t first = 0, n = 0;

	for (unsigned int i = 0; i < POOL_SET_WORDS; i++)
		n += (uint32_t)__builtin_popcountll(s->entries[i]);
	s->run = rte_zmalloc("pool_run", sizeof(*s->run) * RTE_MAX(n, 1u), 0);
	if (!s->run)
		return -ENOMEM;
	for (unsigned int i = 0; i < c->n_pool4; i++) {
		uint32_t len = entry_len(&c->pool4[i]);

		if (bits_get(s->entries, i))
			add_run(s, (struct pool_run){first, len});
		first += len;
	}
	return 0;
}

// The set made from these entries, which may be there already.
static int
set_index(struct pool_sets *s, const struct config_nat64 *c, const uint64_t *entries)
{
	struct pool_set *more;

	for (uint32_t i = 0; i < s->n_set; i++)
		if (memcmp(s->set[i].entries, entries, sizeof(s->set[i].entries)) == 0)
			return (int)i;
	if (s->n_set == UINT16_MAX)
		return -E2BIG;
	more = rte_realloc(s->set, sizeof(*more) * (s->n_set + 1), 0);
	if (!more)
		return -ENOMEM;
	s->set = more;
	more = &s->set[s->n_set++];
	*more = (struct pool_set){.n_addr = 0};
	memcpy(more->entries, entries, sizeof(more->entries));
	return fill_runs(more, c) < 0 ? -ENOMEM : (int)s->n_set - 1;
}

static int
choose_set(struct pool_sets *s, const struct config_nat64 *c, const struct prefix6 *network,
	unsigned int pref64, bool nobody)
{
	uint64_t entries[POOL_SET_WORDS] = {0};
	unsigned int best = 1;

	for (unsigned int i = 0; i < c->n_pool4 && !nobody; i++) {
		unsigned int rank = entry_rank(&c->pool4[i], network, pref64);

		if (rank > best)
			memset(entries, 0, sizeof(entries));
		if (rank >= best)
			bits_put(entries, i, true);
		best = RTE_MAX(best, rank);
	}
	return set_index(s, c, entries);
}

static bool
is_listed(const struct pool_sets *s, const struct prefix6 *p)
{
	for (uint32_t i = 0; i < s->n_client; i++)
		if (prefix6_equal(&s->client[i], p))
			return true;
	return false;
}

static int
by_addr(const void *a, const void *b)
{
	return memcmp(&((const struct prefix6 *)a)->addr, &((const struct prefix6 *)b)->addr,
		sizeof(struct in6_addr));
}

static int
longer_first(const void *a, const void *b)
{
	int longer = ((const struct prefix6 *)b)->len - ((const struct prefix6 *)a)->len;

	return longer ? longer : by_addr(a, b);
}

static void
group_clients(struct pool_sets *s)
{
	qsort(s->client, s->n_client, sizeof(*s->client), longer_first);
	for (uint32_t i = 0; i < s->n_client; i++) {
		uint8_t len = s->client[i].len;

		if (s->n_len == 0 || s->len[s->n_len - 1].len != len) {
			s->len[s->n_len] = (struct pool_len){.first = i, .len = len};
			prefix6_mask(s->len[s->n_len++].mask, len);
		}
		s->len[s->n_len - 1].n++;
	}
}

static int
list_clients(struct pool_sets *s, const struct config_nat64 *c)
{
	uint32_t n = 0;

	for (unsigned int i = 0; i < c->n_pool4; i++)
		n += c->pool4[i].n_clients;
	s->client = rte_zmalloc("pool_client", sizeof(*s->client) * RTE_MAX(n, 1u), 0);
	s->set_of = rte_zmalloc("pool_set", sizeof(*s->set_of) * (n + 1) * s->n_prefix, 0);
	if (!s->client || !s->set_of)
		return -ENOMEM;
	for (unsigned int i = 0; i < c->n_pool4; i++) {
		const struct config_pool4 *e = &c->pool4[i];

		for (unsigned int k = 0; k < e->n_clients; k++)
			if (!is_listed(s, &e->clients[k]))
				s->client[s->n_client++] = e->clients[k];
	}
	group_clients(s);
	return 0;
}

int
pool_sets_init(struct pool_sets *s, const struct config_nat64 *c, uint32_t gone)
{
	s->n_prefix = RTE_MAX(c->n_prefix, 1u);
	if (list_clients(s, c) < 0)
		return -ENOMEM;
	for (uint32_t i = 0; i <= s->n_client; i++) {
		const struct prefix6 *network = i < s->n_client ? &s->client[i] : NULL;

		for (unsigned int p = 0; p < s->n_prefix; p++) {
			int set = choose_set(s, c, network, p, gone >> p & 1);

			if (set < 0)
				return set;
			s->set_of[i * s->n_prefix + p] = (uint16_t)set;
		}
	}
	return 0;
}

void
pool_sets_fini(struct pool_sets *s)
{
	for (uint32_t i = 0; i < s->n_set; i++)
		rte_free(s->set[i].run);
	rte_free(s->set);
	rte_free(s->set_of);
	rte_free(s->client);
}

// The longest network named that src6 is in, or n_client.
static uint32_t
find_client(const struct pool_sets *s, const struct in6_addr *src6)
{
	for (uint32_t i = 0; i < s->n_len; i++) {
		const struct pool_len *l = &s->len[i];
		const struct prefix6 net = {.addr = prefix6_masked(src6, l->mask)},
				     *at = bsearch(&net, s->client + l->first, l->n, sizeof(net),
					     by_addr);

		if (at)
			return (uint32_t)(at - s->client);
	}
	return s->n_client;
}

uint32_t
pool_sets_find(const struct pool_sets *s, const struct in6_addr *src6, unsigned int pref64)
{
	assert(pref64 < s->n_prefix);
	return s->set_of[find_client(s, src6) * s->n_prefix + pref64];
}

bool
pool_set_has(const struct pool_set *s, uint32_t addr)
{
	for (uint32_t i = 0; i < s->n_run; i++)
		if (addr - s->run[i].first < s->run[i].n)
			return true;
	return false;
}

uint32_t
pool_set_locate(const struct pool_set *s, uint32_t k, uint32_t *at)
{
	uint32_t i = 0;

	for (; k >= s->run[i].n; i++)
		k -= s->run[i].n;
	*at = s->run[i].first + k;
	return i;
}
