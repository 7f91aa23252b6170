// SPDX-License-Identifier: BSD-3-Clause
// Static bindings (N64-BIB-07). Their ports are reserved in the pool of every worker (pool4.c); the
// bindings themselves are where their client's others are.
#include "state/internal.h"

static const uint8_t proto_of[STATIC__N] = {
	[STATIC_TCP] = IPPROTO_TCP, [STATIC_UDP] = IPPROTO_UDP, [STATIC_ICMP] = IPPROTO_ICMP};

static bool
is_own(const struct state_params *p, const struct config_static *s)
{
	return state_owner_of_src6(&s->client, p->n_workers) == p->worker;
}

void
statics_count(const struct state_params *p, uint32_t *n_bib, uint32_t *n_client)
{
	*n_bib = *n_client = 0;
	for (unsigned int i = 0; i < p->nat64->n_static; i++) {
		const struct config_static *s = &p->nat64->statics[i];

		if (!is_own(p, s))
			continue;
		*n_bib += (s->port_last - s->port_first + 1u) *
			  (uint32_t)__builtin_popcount(s->protocols);
		*n_client += 1;
	}
}

static int
add_ports(struct state *st, const struct config_static *s, uint16_t config, unsigned int proto)
{
	struct bib b = {
		.src6 = s->client,
		.src4 = s->address.s_addr,
		.proto = proto_of[proto],
		.flags = BIB_STATIC,
		.config = config,
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
	for (uint32_t k = 0; k <= (uint32_t)s->port_last - s->port_first; k++) {
		b.sport4 = rte_cpu_to_be_16((uint16_t)(s->port_first + k));
		b.sport6 = rte_cpu_to_be_16((uint16_t)(s->client_port + k));
		if (bib_put(st, &b) == INDEX_NONE)
			return -ENOSPC;
	}
	return 0;
}

static int
add_one(struct state *st, const struct config_static *s, uint16_t config)
{
	struct static_rule *r = &st->rule[config];

	r->n_allow = s->n_allow;
	memcpy(r->allow, s->allow, sizeof(r->allow));
	for (unsigned int proto = 0; proto < STATIC__N; proto++) {
		int ret = s->protocols >> proto & 1 ? add_ports(st, s, config, proto) : 0;

		if (ret)
			return ret;
	}
	return 0;
}

int
statics_init(struct state *st, const struct state_params *p, struct err *err)
{
	const struct config_nat64 *c = p->nat64;

	if (c->n_static == 0)
		return 0;
	st->rule = rte_zmalloc_socket("static", sizeof(*st->rule) * c->n_static, 0, p->socket_id);
	if (!st->rule)
		return err_set(err, -ENOMEM, "no memory for %u static bindings", c->n_static);
	for (unsigned int i = 0; i < c->n_static; i++) {
		int ret = is_own(p, &c->statics[i]) ? add_one(st, &c->statics[i], (uint16_t)i) : 0;

		if (ret)
			return err_set(err, ret, "static binding %u: %s", i, strerror(-ret));
	}
	return 0;
}
