// SPDX-License-Identifier: BSD-3-Clause
// Static bindings (N64-BIB-07). Their ports are reserved in the pool of every worker (pool4.c); the
// bindings themselves are where their client's others are.
#include "state/statics.h"

#include "state/internal.h"

#include <rte_malloc.h>

const uint8_t static_ip_proto[STATIC__N] = {
	[STATIC_TCP] = IPPROTO_TCP, [STATIC_UDP] = IPPROTO_UDP, [STATIC_ICMP] = IPPROTO_ICMP};

// ---- the list

int
statics_copy(struct statics *s, const struct config_nat64 *c, int socket_id)
{
	s->n = 0;
	s->entry = NULL;
	if (c->n_static == 0)
		return 0;
	s->entry = rte_malloc_socket("static", sizeof(*s->entry) * c->n_static, 0, socket_id);
	if (!s->entry)
		return -ENOMEM;
	memcpy(s->entry, c->statics, sizeof(*s->entry) * c->n_static);
	s->n = c->n_static;
	return 0;
}

void
statics_fini(struct statics *s)
{
	rte_free(s->entry);
	s->entry = NULL;
}

static uint32_t
n_ports(const struct config_static *s)
{
	return s->port_last - s->port_first + 1u;
}

bool
static_next(const struct statics *all, struct static_walk *w, struct static_port *out)
{
	for (; w->entry < all->n; w->entry++, w->proto = w->port = 0) {
		const struct config_static *s = &all->entry[w->entry];

		for (; w->proto < STATIC__N; w->proto++, w->port = 0) {
			if (!(s->protocols >> w->proto & 1) || w->port == n_ports(s))
				continue;
			*out = (struct static_port){
				.entry = s,
				.config = (uint16_t)w->entry,
				.proto = static_ip_proto[w->proto],
				.port4 = (uint16_t)(s->port_first + w->port),
				.port6 = (uint16_t)(s->client_port + w->port),
			};
			w->port++;
			return true;
		}
	}
	return false;
}

// ---- making them

static bool
is_own(const struct state_params *p, const struct config_static *s)
{
	return state_owner_of_src6(&s->client, p->n_workers) == p->worker;
}

uint32_t
statics_count(const struct state_params *p)
{
	uint32_t n = 0;

	for (unsigned int i = 0; i < p->nat64->n_static; i++) {
		const struct config_static *s = &p->nat64->statics[i];

		if (is_own(p, s))
			n += n_ports(s) * (uint32_t)__builtin_popcount(s->protocols);
	}
	return n;
}

bool
static_is_own(const struct state *st, const struct config_static *s)
{
	return state_owner_of_src6(&s->client, st->pool.share.n_workers) == st->pool.share.worker;
}

int
static_make(struct state *st, const struct static_port *p)
{
	const struct config_static *s = p->entry;
	struct bib b = {
		.src6 = s->client,
		.src4 = s->address.s_addr,
		.sport6 = rte_cpu_to_be_16(p->port6),
		.sport4 = rte_cpu_to_be_16(p->port4),
		.proto = p->proto,
		.flags = BIB_STATIC | bib_generation(st),
		.config = p->config,
		.pref64 = s->pref64,
	};
	uint32_t pool_addr = pool4_find(&st->pool, s->address);

	if (pool_addr == INDEX_NONE)
		return -EINVAL;
	b.pool_addr = (uint16_t)pool_addr;
	b.client = client_admit_static(st, &s->client, s->pref64, pool_addr);
	if (b.client == INDEX_NONE)
		return -ENOMEM;
	b.subscriber = st->client[b.client].subscriber;
	if (bib_put(st, &b) != INDEX_NONE)
		return 0;
	client_end_if_idle(st, b.client);
	return -ENOSPC;
}

int
statics_init(struct state *st, const struct state_params *p, struct err *err)
{
	struct static_walk w = {0};
	struct static_port port;

	if (statics_copy(&st->statics, p->nat64, p->socket_id))
		return err_set(
			err, -ENOMEM, "no memory for %u static bindings", p->nat64->n_static);
	while (static_next(&st->statics, &w, &port)) {
		int ret = static_is_own(st, port.entry) ? static_make(st, &port) : 0;

		if (ret)
			return err_set(
				err, ret, "static binding %u: %s", port.config, strerror(-ret));
	}
	return 0;
}
