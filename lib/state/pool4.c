// SPDX-License-Identifier: BSD-3-Clause
#include "state/pool4.h"

#include "state/bits.h"

#include <assert.h>
#include <errno.h>
#include <rte_malloc.h>
#include <rte_prefetch.h>

// Counts once when the alarm's part of the ports is reached, and again after it went an eighth
// below (N64-PORT-12).
static void
check_alarm(struct pool4 *p, struct pool4_addr *a, enum state_proto proto, uint32_t used)
{
	uint64_t part = (uint64_t)a->capacity[proto] * p->alarm;

	if (!a->alarmed[proto] && used && used * UINT64_C(100) >= part) {
		a->alarmed[proto] = true;
		a->alarms++;
	} else if (a->alarmed[proto] && used * UINT64_C(100) < part - part / 8) {
		a->alarmed[proto] = false;
	}
}

// The last eighth of an address's ports is for the clients that are on it already, since they can
// have no other address (N64-PORT-02).
void
pool4_mark(struct pool4 *p, uint32_t i, enum state_proto proto)
{
	struct pool4_addr *a = &p->addr[i];
	uint32_t used = a->used[proto] + a->resting[proto] + a->pending[proto];
	uint32_t capacity = a->capacity[proto];

	bits_put(p->avail[proto], i, used < capacity);
	bits_put(p->room[proto], i, used < capacity - capacity / 8);
	if (p->alarm)
		check_alarm(p, a, proto, used);
	else
		a->alarmed[proto] = false;
}

// The first address with its bit set, from place at in run i of the set on and round to it.
static bool
pick(const struct pool_set *s, const uint64_t *bits, uint32_t i, uint32_t at, uint32_t *addr)
{
	for (uint32_t n = 0; n <= s->n_run; n++) {
		const struct pool_run *r = &s->run[i];
		uint32_t from = n == 0 ? at : r->first;
		uint32_t to = n == s->n_run ? at : r->first + r->n;

		*addr = bits_next(bits, bits, from, to);
		if (*addr < to)
			return true;
		i = i + 1 == s->n_run ? 0 : i + 1;
	}
	return false;
}

bool
pool4_pick(struct pool4 *p, const struct pool_set *set, enum state_proto proto, uint32_t hash,
	uint32_t *addr)
{
	uint32_t at, run;

	if (set->n_addr == 0)
		return false;
	run = pool_set_locate(set, (uint32_t)(((uint64_t)hash * set->n_addr) >> 32), &at);
	return pick(set, p->room[proto], run, at, addr) ||
	       pick(set, p->avail[proto], run, at, addr);
}

void
pool4_prefetch(const struct pool4 *p, uint32_t addr, enum state_proto proto)
{
	rte_prefetch0(pool4_set(p, addr, proto));
}

void
pool4_prefetch_port(const struct pool4 *p, uint32_t addr, enum state_proto proto, uint16_t port)
{
	const struct port_set *s = pool4_set(p, addr, proto);

	rte_prefetch0(s);
	rte_prefetch0(&s->free[port / STATE_PORT_BLOCK / p->share.n_workers]);
}

bool
pool4_draw(
	struct pool4 *p, uint32_t addr, enum state_proto proto, uint16_t sport, struct port_draw *d)
{
	const struct port_set *s = pool4_set(p, addr, proto);

	if (!port_set_draw(s, &p->rand, proto, sport, d))
		return false;
	rte_prefetch0(&s->free[d->block]);
	return true;
}

uint16_t
pool4_choose(struct pool4 *p, uint32_t addr, enum state_proto proto, const struct port_draw *d)
{
	return port_set_choose(pool4_set(p, addr, proto), &p->share, &p->rand, d);
}

bool
pool4_take(struct pool4 *p, uint32_t addr, enum state_proto proto, uint16_t sport, uint16_t *port)
{
	struct port_draw d;

	if (!pool4_draw(p, addr, proto, sport, &d))
		return false;
	*port = pool4_choose(p, addr, proto, &d);
	return pool4_take_port(p, addr, proto, *port);
}

bool
pool4_take_port(struct pool4 *p, uint32_t addr, enum state_proto proto, uint16_t port)
{
	if (!port_set_take_port(pool4_set(p, addr, proto), &p->share, port))
		return false;
	if (unlikely(p->next))
		pool4_tell_next(p, addr, proto, port, true);
	p->addr[addr].used[proto]++;
	pool4_mark(p, addr, proto);
	return true;
}

static void
set_free(struct pool4 *p, uint32_t addr, enum state_proto proto, uint16_t port)
{
	port_set_give(pool4_set(p, addr, proto), &p->share, port);
	if (unlikely(p->next))
		pool4_tell_next(p, addr, proto, port, false);
}

static void
end_rest(struct pool4 *p)
{
	struct hold_port h = hold_pop(&p->hold);

	pool4_inherit_rest(p, &h);
	if (h.addr == POOL4_NONE)
		return;
	set_free(p, h.addr, h.proto, h.port);
	p->addr[h.addr].resting[h.proto]--;
	pool4_mark(p, h.addr, h.proto);
}

static void
begin_rest(struct pool4 *p, uint32_t addr, enum state_proto proto, uint16_t port, uint32_t due_sec)
{
	if (hold_is_full(&p->hold)) {
		end_rest(p);
		p->hold.early++;
	}
	hold_push(&p->hold, (struct hold_port){
				    .due_sec = due_sec,
				    .addr = (uint16_t)addr,
				    .port = port,
				    .proto = proto,
				    .generation = p->generation != 0,
			    });
	p->addr[addr].resting[proto]++;
}

static bool
rests(const struct pool4 *p, enum state_proto proto)
{
	return p->hold.sec && p->hold.max && proto != STATE_TCP;
}

bool
pool4_rest(struct pool4 *p, uint32_t addr, enum state_proto proto, uint16_t port, uint32_t due_sec)
{
	assert(!p->next); // which would have to be told
	if (!rests(p, proto) || !port_set_take_port(pool4_set(p, addr, proto), &p->share, port))
		return false;
	if (p->hold.n)
		due_sec = RTE_MAX(due_sec, hold_newest(&p->hold)->due_sec);
	begin_rest(p, addr, proto, port, due_sec);
	pool4_mark(p, addr, proto);
	return true;
}

void
pool4_give(struct pool4 *p, uint32_t addr, enum state_proto proto, uint16_t port)
{
	p->addr[addr].used[proto]--;
	if (rests(p, proto)) // never early, by whole seconds
		begin_rest(p, addr, proto, port, p->now_sec + p->hold.sec + 1);
	else
		set_free(p, addr, proto, port);
	pool4_mark(p, addr, proto);
}

void
pool4_tick(struct pool4 *p, uint32_t now_sec, unsigned int budget)
{
	p->now_sec = now_sec;
	for (; budget && p->hold.n && hold_oldest(&p->hold)->due_sec <= now_sec; budget--)
		end_rest(p);
}

bool
pool4_is_taken(const struct pool4 *p, uint32_t addr, enum state_proto proto, uint16_t port)
{
	return port_set_is_taken(
		pool4_set(p, addr, proto), &p->share, p->addr[addr].range, proto, port);
}

bool
pool4_is_free(const struct pool4 *p, uint32_t addr, enum state_proto proto, uint16_t port)
{
	return port_set_is_free(
		pool4_set(p, addr, proto), &p->share, p->addr[addr].range, proto, port);
}

uint32_t
pool4_find(const struct pool4 *p, struct in_addr addr)
{
	for (uint32_t i = 0; i < p->n_addr; i++)
		if (p->addr[i].addr.s_addr == addr.s_addr)
			return i;
	return INDEX_NONE;
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
			a->capacity[proto] = port_set_fill(
				pool4_set(p, at + k, proto), &p->share, a->range, proto);
			pool4_mark(p, at + k, proto);
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

// Takes the ports that are static bindings', this worker's or another's, out of what there is.
static void
reserve_range(struct pool4 *p, uint32_t addr, enum state_proto proto, const struct config_static *s)
{
	for (uint32_t port = s->port_first; port <= s->port_last; port++) {
		if (port_set_take_port(pool4_set(p, addr, proto), &p->share, (uint16_t)port))
			p->addr[addr].capacity[proto]--;
	}
	pool4_mark(p, addr, proto);
}

static void
reserve_statics(struct pool4 *p, const struct config_nat64 *c)
{
	static const enum state_proto proto_of[STATIC__N] = {
		[STATIC_TCP] = STATE_TCP, [STATIC_UDP] = STATE_UDP, [STATIC_ICMP] = STATE_ICMP};

	for (unsigned int i = 0; i < c->n_static; i++)
		for (uint32_t addr = 0; addr < p->n_addr; addr++) {
			const struct config_static *s = &c->statics[i];

			if (p->addr[addr].addr.s_addr != s->address.s_addr)
				continue;
			for (unsigned int k = 0; k < STATIC__N; k++)
				if (s->protocols >> k & 1)
					reserve_range(p, addr, proto_of[k], s);
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

		if (ntohl(e->first.s_addr) > ntohl(e->last.s_addr))
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
	pool_sets_fini(&p->client_sets);
	hold_fini(&p->hold);
	pool4_heritage_fini(p);
	rte_free(p->sets);
	rte_free(p->addr);
}

// A set of addresses without a port would refuse its clients for ever.
static bool
sets_have_ports(struct pool4 *p)
{
	for (uint32_t i = 0; i < p->client_sets.n_set; i++) {
		const struct pool_set *set = &p->client_sets.set[i];
		uint32_t addr;

		if (set->n_addr && !pool4_pick(p, set, STATE_UDP, 0, &addr))
			return false;
	}
	return true;
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
	p->alarm = params->nat64->pool4_alarm;
	if (alloc_all(p, params->socket_id) < 0 ||
		pool_sets_init(&p->client_sets, params->nat64, params->prefixes_gone))
		return err_set(err, -ENOMEM, "pool4: no memory for %u addresses", p->n_addr);
	fill_all(p, params->nat64);
	reserve_statics(p, params->nat64);
	if (!sets_have_ports(p))
		return err_set(err, -EINVAL,
			"pool4: an entry has no port for worker %u of %u, which own blocks of %u "
			"in turn",
			params->worker, params->n_workers, STATE_PORT_BLOCK);
	return 0;
}

static bool
set_check(const struct pool4 *p, uint32_t addr, enum state_proto proto)
{
	const struct pool4_addr *a = &p->addr[addr];
	uint32_t n_free;

	return port_set_check(pool4_set(p, addr, proto), &p->share, &n_free) &&
	       n_free + a->used[proto] + a->resting[proto] + a->pending[proto] ==
		       a->capacity[proto] &&
	       bits_get(p->avail[proto], addr) == (n_free > 0);
}

static bool
hold_check(const struct pool4 *p)
{
	const struct hold *h = &p->hold;
	uint32_t resting = 0, gone = 0, last = 0;

	for (uint32_t i = 0; i < h->n; i++) {
		const struct hold_port *port = &h->ring[((uint64_t)h->first + i) % h->max];

		if (port->due_sec < last || port->proto == STATE_TCP ||
			(port->addr != POOL4_NONE &&
				!pool4_is_taken(p, port->addr, port->proto, port->port)))
			return false;
		gone += port->addr == POOL4_NONE;
		last = port->due_sec;
	}
	for (uint32_t i = 0; i < p->n_addr; i++)
		resting += p->addr[i].resting[STATE_UDP] + p->addr[i].resting[STATE_ICMP];
	return resting + gone == h->n;
}

bool
pool4_check(const struct pool4 *p, struct err *err)
{
	if (!hold_check(p)) {
		err_set(err, -EINVAL, "pool4: resting ports");
		return false;
	}
	for (uint32_t i = 0; i < p->n_addr; i++)
		for (unsigned int proto = 0; proto < POOL4_PROTOS; proto++)
			if (!set_check(p, i, proto)) {
				err_set(err, -EINVAL, "pool4: address %u, protocol %u", i, proto);
				return false;
			}
	return true;
}
