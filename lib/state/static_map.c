// SPDX-License-Identifier: BSD-3-Clause
#include "state/static_map.h"

#include "state/bits.h"
#include "state/statics.h"

#include <rte_malloc.h>
#include <stdlib.h>

static int
compare(const void *a, const void *b)
{
	const struct static_range *x = a, *y = b;

	for (unsigned int i = 0; i < RTE_DIM(x->key); i++)
		if (x->key[i] != y->key[i])
			return x->key[i] < y->key[i] ? -1 : 1;
	return x->last < y->first ? -1 : x->first > y->last ? 1 : 0;
}

static void
add(struct static_map *m, const struct config_static *s, unsigned int config, uint8_t proto)
{
	for (uint32_t port = s->port_first; port <= s->port_last; port++)
		bits_put(m->ports, port, true);
	m->range[m->n++] = (struct static_range){
		.key = {proto, rte_be_to_cpu_32(s->address.s_addr)},
		.first = s->port_first,
		.last = s->port_last,
		.client_port = s->client_port,
		.config = (uint16_t)config,
		.client = s->client,
	};
}

struct static_map *
static_map_create(const struct config_nat64 *c)
{
	size_t ranges = (size_t)c->n_static * STATIC__N;
	struct static_map *m = rte_zmalloc(
		"static_map", sizeof(*m) + ranges * sizeof(m->range[0]), RTE_CACHE_LINE_SIZE);

	if (!m)
		return NULL;
	for (unsigned int i = 0; i < c->n_static; i++)
		for (unsigned int k = 0; k < STATIC__N; k++)
			if (c->statics[i].protocols >> k & 1)
				add(m, &c->statics[i], i, static_ip_proto[k]);
	qsort(m->range, m->n, sizeof(m->range[0]), compare);
	return m;
}

void
static_map_free(struct static_map *m)
{
	rte_free(m);
}

const struct static_range *
static_map_find(const struct static_map *m, uint8_t proto, rte_be32_t addr, uint16_t port)
{
	const struct static_range key = {
		.key = {proto, rte_be_to_cpu_32(addr)}, .first = port, .last = port};

	return bsearch(&key, m->range, m->n, sizeof(key), compare);
}
