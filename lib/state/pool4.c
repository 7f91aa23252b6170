// SPDX-License-Identifier: BSD-3-Clause
#include "state/pool4.h"

#include "state/bits.h"

#include <errno.h>
#include <rte_malloc.h>

static struct port_set *
set_of(const struct pool4 *p, uint32_t addr, enum state_proto proto)
{
	return (struct port_set *)(p->sets + (addr * (size_t)POOL4_PROTOS + proto) * p->set_len);
}

// Keeps avail and room of an address true. The last eighth of its ports is for the clients that
// are on it already, since they can have no other address (N64-PORT-02).
static void
mark_addr(struct pool4 *p, uint32_t i, enum state_proto proto)
{
	uint32_t used = p->addr[i].used[proto], capacity = p->addr[i].capacity[proto];

	bits_put(p->avail[proto], i, used < capacity);
	bits_put(p->room[proto], i, used < capacity - capacity / 8);
}

bool
pool4_pick(const struct pool4 *p, enum state_proto proto, uint32_t hash, uint32_t *addr)
{
	uint32_t start = (uint32_t)(((uint64_t)hash * p->n_addr) >> 32);
	const uint64_t *room = p->room[proto], *avail = p->avail[proto];

	*addr = bits_next_wrapped(room, room, 0, start, p->n_addr);
	if (*addr == p->n_addr)
		*addr = bits_next_wrapped(avail, avail, 0, start, p->n_addr);
	return *addr < p->n_addr;
}

bool
pool4_take(struct pool4 *p, uint32_t addr, enum state_proto proto, uint16_t sport, uint16_t *port)
{
	if (!port_set_take(set_of(p, addr, proto), &p->share, &p->rand, proto, sport, port))
		return false;
	p->addr[addr].used[proto]++;
	mark_addr(p, addr, proto);
	return true;
}

void
pool4_give(struct pool4 *p, uint32_t addr, enum state_proto proto, uint16_t port)
{
	port_set_give(set_of(p, addr, proto), &p->share, port);
	p->addr[addr].used[proto]--;
	mark_addr(p, addr, proto);
}

bool
pool4_is_taken(const struct pool4 *p, uint32_t addr, enum state_proto proto, uint16_t port)
{
	return port_set_is_taken(
		set_of(p, addr, proto), &p->share, p->addr[addr].range, proto, port);
}

static uint64_t
count_addrs(const struct config_nat64 *c)
{
	uint64_t n = 0;

	for (unsigned int i = 0; i < c->n_pool4; i++)
		n += ntohl(c->pool4[i].last.s_addr) - ntohl(c->pool4[i].first.s_addr) + 1ULL;
	return n;
}

static void
fill_entry(struct pool4 *p, uint32_t at, const struct config_pool4 *e)
{
	uint32_t first = ntohl(e->first.s_addr), last = ntohl(e->last.s_addr);

	for (uint32_t k = 0; k <= last - first; k++) {
		struct pool4_addr *a = &p->addr[at + k];

		a->addr.s_addr = htonl(first + k);
		a->range = (struct port_range){e->port_first, e->port_last};
		for (unsigned int proto = 0; proto < POOL4_PROTOS; proto++) {
			a->capacity[proto] =
				port_set_fill(set_of(p, at + k, proto), &p->share, a->range, proto);
			mark_addr(p, at + k, proto);
		}
	}
}

static void
fill_all(struct pool4 *p, const struct config_nat64 *c)
{
	uint32_t at = 0;

	for (unsigned int i = 0; i < c->n_pool4; i++) {
		fill_entry(p, at, &c->pool4[i]);
		at += ntohl(c->pool4[i].last.s_addr) - ntohl(c->pool4[i].first.s_addr) + 1;
	}
}

static bool
entries_overlap(const struct config_pool4 *a, const struct config_pool4 *b)
{
	return ntohl(a->first.s_addr) <= ntohl(b->last.s_addr) &&
	       ntohl(b->first.s_addr) <= ntohl(a->last.s_addr) && a->port_first <= b->port_last &&
	       b->port_first <= a->port_last;
}

// No (T, t) may be in the pool twice (N64-PORT-05).
static bool
entries_sane(const struct config_nat64 *c)
{
	for (unsigned int i = 0; i < c->n_pool4; i++) {
		const struct config_pool4 *e = &c->pool4[i];

		if (ntohl(e->first.s_addr) > ntohl(e->last.s_addr) || e->port_first > e->port_last)
			return false;
		for (unsigned int k = 0; k < i; k++)
			if (entries_overlap(e, &c->pool4[k]))
				return false;
	}
	return true;
}

static int
alloc_all(struct pool4 *p, int socket_id)
{
	size_t words_len = (p->n_addr + 63) / 64 * sizeof(uint64_t);
	size_t sets_len = p->n_addr * (size_t)POOL4_PROTOS * p->set_len;
	bool ok;

	p->addr = rte_zmalloc_socket("pool4", p->n_addr * sizeof(*p->addr), 64, socket_id);
	p->sets = rte_zmalloc_socket("pool4", sets_len, 64, socket_id);
	ok = p->addr && p->sets;
	for (unsigned int i = 0; i < POOL4_PROTOS; i++) {
		p->avail[i] = rte_zmalloc_socket("pool4", words_len, 64, socket_id);
		p->room[i] = rte_zmalloc_socket("pool4", words_len, 64, socket_id);
		ok = ok && p->avail[i] && p->room[i];
	}
	return ok ? 0 : -ENOMEM;
}

void
pool4_fini(struct pool4 *p)
{
	for (unsigned int i = 0; i < POOL4_PROTOS; i++) {
		rte_free(p->avail[i]);
		rte_free(p->room[i]);
	}
	rte_free(p->sets);
	rte_free(p->addr);
}

static bool
has_port(const struct pool4 *p)
{
	for (uint32_t i = 0; i < p->n_addr; i++)
		if (p->addr[i].capacity[STATE_UDP])
			return true;
	return false;
}

int
pool4_init(struct pool4 *p, const struct state_params *params, struct err *err)
{
	uint64_t n_addr = count_addrs(params->nat64);

	if (!entries_sane(params->nat64) || n_addr == 0 || n_addr > UINT16_MAX)
		return err_set(err, -EINVAL, "pool4: overlapping, no, or too many addresses");
	p->n_addr = (uint32_t)n_addr;
	p->share = port_share_of(params->worker, params->n_workers);
	p->set_len = port_set_len(&p->share);
	if (alloc_all(p, params->socket_id) < 0)
		return err_set(err, -ENOMEM, "pool4: no memory for %u addresses", p->n_addr);
	fill_all(p, params->nat64);
	if (!has_port(p))
		return err_set(err, -EINVAL, "pool4: no port for worker %u of %u", params->worker,
			params->n_workers);
	return 0;
}

static bool
set_check(const struct pool4 *p, uint32_t addr, enum state_proto proto)
{
	const struct pool4_addr *a = &p->addr[addr];
	uint32_t n_free;

	return port_set_check(set_of(p, addr, proto), &p->share, &n_free) &&
	       n_free + a->used[proto] == a->capacity[proto] &&
	       bits_get(p->avail[proto], addr) == (n_free > 0);
}

bool
pool4_check(const struct pool4 *p, struct err *err)
{
	for (uint32_t i = 0; i < p->n_addr; i++)
		for (unsigned int proto = 0; proto < POOL4_PROTOS; proto++)
			if (!set_check(p, i, proto)) {
				err_set(err, -EINVAL, "pool4: address %u, protocol %u", i, proto);
				return false;
			}
	return true;
}
