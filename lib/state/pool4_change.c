// SPDX-License-Identifier: BSD-3-Clause
// A pool that takes another's place: which ports of it are in use already.
#include "state/bits.h"
#include "state/pool4.h"
#include "state/static_map.h"

#include <errno.h>
#include <rte_malloc.h>

struct by_addr {
	rte_be32_t addr;
	uint32_t index;
};

static int
compare(const void *a, const void *b)
{
	const struct by_addr *p = a, *q = b;

	if (p->addr != q->addr)
		return p->addr < q->addr ? -1 : 1;
	return p->index < q->index ? -1 : p->index > q->index;
}

static struct by_addr *
sorted(const struct pool4 *p)
{
	struct by_addr *list = malloc(sizeof(*list) * p->n_addr);

	for (uint32_t i = 0; list && i < p->n_addr; i++)
		list[i] = (struct by_addr){p->addr[i].addr.s_addr, i};
	if (list)
		qsort(list, p->n_addr, sizeof(*list), compare);
	return list;
}

// The run in order, which is that of the addresses of p, of those that are addr.
static struct pool4_same
run_of(const struct pool4 *p, const uint32_t *order, struct in_addr addr)
{
	uint32_t lo = 0, hi = p->n_addr;
	struct pool4_same same = {0};

	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;

		if (p->addr[order[mid]].addr.s_addr < addr.s_addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	same.first = lo;
	while (lo < p->n_addr && p->addr[order[lo]].addr.s_addr == addr.s_addr)
		lo++;
	same.n = lo - same.first;
	return same;
}

// For each address of from, the run of those of to that are the same.
static void
match(const struct pool4 *from, const struct pool4 *to, const uint32_t *order,
	struct pool4_same *out)
{
	for (uint32_t i = 0; i < from->n_addr; i++)
		out[i] = run_of(to, order, from->addr[i].addr);
}

static void
keep_order(uint32_t *order, const struct by_addr *list, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		order[i] = list[i].index;
}

int
pool4_succeed(struct pool4 *p, const struct pool4 *old, const struct static_map *reserved,
	int socket_id, struct err *err)
{
	struct pool4_heritage *h = rte_zmalloc_socket("heritage", sizeof(*h), 0, socket_id);
	struct by_addr *news = sorted(p), *olds = sorted(old);
	int ret = 0;

	p->heritage = h;
	if (h) {
		h->reserved = reserved;
		h->to_new = rte_zmalloc("heritage", sizeof(*h->to_new) * old->n_addr, 0);
		h->to_old = rte_zmalloc("heritage", sizeof(*h->to_old) * p->n_addr, 0);
		h->news = rte_zmalloc("heritage", sizeof(*h->news) * p->n_addr, 0);
		h->olds = rte_zmalloc("heritage", sizeof(*h->olds) * old->n_addr, 0);
	}
	if (h && h->to_new && h->to_old && h->news && h->olds && news && olds) {
		keep_order(h->news, news, p->n_addr);
		keep_order(h->olds, olds, old->n_addr);
		match(old, p, h->news, h->to_new);
		match(p, old, h->olds, h->to_old);
	} else {
		ret = err_set(
			err, -ENOMEM, "pool4: no memory to take over %u addresses", old->n_addr);
	}
	free(news);
	free(olds);
	return ret;
}

void
pool4_heritage_fini(struct pool4 *p)
{
	struct pool4_heritage *h = p->heritage;

	if (!h)
		return;
	rte_free(h->to_new);
	rte_free(h->to_old);
	rte_free(h->news);
	rte_free(h->olds);
	rte_free(h);
	p->heritage = NULL;
}

void
pool4_swap(struct pool4 *p, struct pool4 *next)
{
	struct pool4 old = *p;

	*p = *next;
	*next = old;
	next->next = NULL;
	p->heritage->old = next;
	p->generation = old.generation ^ POOL4_GENERATION;
	p->now_sec = old.now_sec;
	if (old.hold.ring) {
		p->hold = old.hold;
		next->hold.ring = NULL;
	}
}

void
pool4_part(struct pool4 *p)
{
	p->heritage->old->heritage = p->heritage; // to be freed with the rest of it
	p->heritage = NULL;
}

static bool
is_reserved(const struct pool4 *p, uint32_t addr, enum state_proto proto, uint16_t port)
{
	static const uint8_t ip_proto[POOL4_PROTOS] = {
		[STATE_UDP] = IPPROTO_UDP, [STATE_TCP] = IPPROTO_TCP, [STATE_ICMP] = IPPROTO_ICMP};
	const struct static_map *m = p->heritage->reserved;

	return m && static_map_find(m, ip_proto[proto], p->addr[addr].addr.s_addr, port);
}

// Whether the port is one of the address's that clients get.
static bool
is_clients(const struct pool4 *p, uint32_t addr, enum state_proto proto, uint16_t port)
{
	const struct port_range *r = &p->addr[addr].range;

	return port >= r->first && port <= r->last && !is_reserved(p, addr, proto, port);
}

static void
learn(struct pool4 *p, uint32_t i)
{
	const struct pool4_heritage *h = p->heritage;

	for (uint32_t k = 0; k < h->to_old[i].n; k++) {
		uint32_t from = h->olds[h->to_old[i].first + k];
		const struct pool4_addr *a = &h->old->addr[from];

		for (unsigned int proto = 0; proto < POOL4_PROTOS; proto++)
			p->addr[i].pending[proto] += port_set_exclude(pool4_set(p, i, proto),
				pool4_set(h->old, from, proto), &p->share, a->range, proto);
	}
	for (unsigned int proto = 0; proto < POOL4_PROTOS; proto++)
		pool4_mark(p, i, proto);
}

bool
pool4_survey(struct pool4 *p, struct pool4 *next)
{
	struct pool4_heritage *h = next->heritage;

	h->old = p;
	p->next = next;
	if (h->known < next->n_addr)
		learn(next, h->known++);
	return h->known < next->n_addr;
}

void
pool4_tell_next(struct pool4 *p, uint32_t addr, enum state_proto proto, uint16_t port, bool taken)
{
	struct pool4 *next = p->next;
	const struct pool4_same *same = &next->heritage->to_new[addr];

	for (uint32_t k = 0; k < same->n; k++) {
		uint32_t i = next->heritage->news[same->first + k];

		if (i >= next->heritage->known || !is_clients(next, i, proto, port))
			continue;
		if (taken)
			port_set_take_port(pool4_set(next, i, proto), &next->share, port);
		else
			port_set_give(pool4_set(next, i, proto), &next->share, port);
		next->addr[i].pending[proto] += taken ? 1 : -1u;
		pool4_mark(next, i, proto);
	}
}

bool
pool4_inherit(
	struct pool4 *p, uint32_t old_addr, enum state_proto proto, uint16_t port, uint32_t *addr)
{
	const struct pool4_same *same = &p->heritage->to_new[old_addr];

	for (uint32_t k = 0; k < same->n; k++) {
		*addr = p->heritage->news[same->first + k];
		if (!is_clients(p, *addr, proto, port))
			continue;
		p->addr[*addr].pending[proto]--;
		return true;
	}
	return false;
}

void
pool4_keep_back(struct pool4 *p, struct in_addr addr, enum state_proto proto, uint16_t port)
{
	const struct pool4_same same = run_of(p, p->heritage->news, addr);

	for (uint32_t k = 0; k < same.n; k++) {
		uint32_t i = p->heritage->news[same.first + k];

		if (!port_set_take_port(pool4_set(p, i, proto), &p->share, port))
			continue; // not in there, or reserved again
		p->addr[i].pending[proto]++;
		pool4_mark(p, i, proto);
	}
}

void
pool4_release(struct pool4 *p, struct in_addr addr, enum state_proto proto, uint16_t port)
{
	const struct pool4_same same = run_of(p, p->heritage->news, addr);

	for (uint32_t k = 0; k < same.n; k++) {
		uint32_t i = p->heritage->news[same.first + k];

		if (!pool4_is_taken(p, i, proto, port) || is_reserved(p, i, proto, port))
			continue;
		port_set_give(pool4_set(p, i, proto), &p->share, port);
		p->addr[i].pending[proto]--;
		pool4_mark(p, i, proto);
	}
}

bool
pool4_successor(
	const struct pool4 *p, uint32_t old_addr, const struct pool_set *set, uint32_t *addr)
{
	const struct pool4_same *same = &p->heritage->to_new[old_addr];

	for (uint32_t k = 0; k < same->n; k++) {
		*addr = p->heritage->news[same->first + k];
		if (pool_set_has(set, *addr))
			return true;
	}
	return false;
}

void
pool4_inherit_rest(struct pool4 *p, struct hold_port *h)
{
	uint32_t addr;

	if (h->generation == (p->generation != 0) || !p->heritage)
		return;
	h->generation = p->generation != 0;
	if (h->addr != POOL4_NONE && pool4_inherit(p, h->addr, h->proto, h->port, &addr)) {
		h->addr = (uint16_t)addr;
		p->addr[addr].resting[h->proto]++;
	} else {
		h->addr = POOL4_NONE;
	}
}

// Between two calls the oldest may have left the hold, and others have come.
bool
pool4_step_hold(struct pool4 *p, unsigned int budget)
{
	struct hold_port *h;

	for (; budget; budget--) {
		h = hold_renew(&p->hold);
		if (!h)
			return false;
		pool4_inherit_rest(p, h);
	}
	return true;
}
