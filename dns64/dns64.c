// SPDX-License-Identifier: BSD-3-Clause
#include "dns64/dns64.h"

#include "base/hash.h"
#include "dns64/acl.h"
#include "dns64/internal.h"

#include <errno.h>
#include <stdlib.h>

// Stubs give up after 5 s (resolv.conf's default); an answer must be there before.
#define CLIENT_BUDGET_MS 4500

static uint32_t
client_budget(const struct config_dns64 *c)
{
	// All tries for AAAA, one for A, and a bit
	uint64_t want = (uint64_t)c->timeout_ms * (c->tries + 1) + c->timeout_ms / 2;

	if ((uint64_t)c->timeout_ms * (c->tries + 1) <= CLIENT_BUDGET_MS)
		return CLIENT_BUDGET_MS;
	return want > UINT32_MAX ? UINT32_MAX : (uint32_t)want;
}

static int
init_upstreams(struct dns64 *d, const struct dns64_params *p, struct err *err)
{
	const struct config_dns64 *c = &d->config;

	if (c->n_upstream == 0 || c->n_upstream > CONFIG_UPSTREAMS)
		return err_set(err, -EINVAL, "dns64 needs 1 to %d upstreams", CONFIG_UPSTREAMS);
	for (unsigned int i = 0; i < c->n_upstream; i++) {
		struct upstream *u = &d->upstream[i];
		bool v4 = addr_is_mapped4(&c->upstream[i].addr);

		u->addr = c->upstream[i].addr;
		u->port = c->upstream[i].port;
		u->source = v4 ? p->source4 : p->source6;
		if (IN6_IS_ADDR_UNSPECIFIED(&u->source))
			return err_set(err, -EADDRNOTAVAIL,
				"dns64 upstream %u has no source address for IPv%d", i, v4 ? 4 : 6);
	}
	return 0;
}

// The prefixes of the translator, the well-known one without any (RFC 6147 §5.2). For reverse names
// the well-known one counts in any case (§5.3.1).
static void
init_prefixes(struct dns64 *d, const struct config_nat64 *n)
{
	static const struct prefix6 wkp = {.addr.s6_addr = {0x00, 0x64, 0xff, 0x9b}, .len = 96};
	struct pref64 well_known;
	bool has_wkp = false;

	pref64_init(&well_known, &wkp);
	d->wkp_allow = n->wkp_allow;
	for (unsigned int i = 0; i < n->n_prefix; i++) {
		d->prefix[i] = n->prefix[i];
		has_wkp |= n->prefix[i].is_wkp;
	}
	d->n_prefix = d->n_reverse = n->n_prefix;
	if (!has_wkp)
		d->prefix[d->n_reverse++] = well_known;
	if (d->n_prefix == 0)
		d->n_prefix = 1;
}

static void
init_pools(struct dns64 *d)
{
	uint32_t n = d->config.max_pending;

	for (uint32_t i = 0; i <= n; i++) {
		d->client[i].lookup = i < n ? i + 1 : DNS64_NONE;
		d->client[i].acc.wire = d->client_wire + (size_t)i * d->config.edns_size;
		d->client[i].acc.cap = d->config.edns_size;
	}
	for (uint32_t i = 0; i < n; i++)
		d->lookup[i].bucket_next = i + 1 < n ? i + 1 : DNS64_NONE;
	memset(d->lookup_bucket, 0xff, sizeof(uint32_t) * ((size_t)d->lookup_mask + 1));
	memset(d->pair_bucket, 0xff, sizeof(uint32_t) * ((size_t)d->lookup_mask + 1));
	d->client_free = d->lookup_free = 0;
	d->client_age = d->lookup_age = LIST_EMPTY;
}

static int
take_memory(struct dns64 *d, struct err *err)
{
	size_t n = d->config.max_pending;
	struct msg *const scratch[] = {&d->result, &d->cached, &d->out};

	d->lookup_mask = 63;
	while (d->lookup_mask + 1 < 2 * n)
		d->lookup_mask = 2 * d->lookup_mask + 1;
	for (int i = 0; i < 3; i++) {
		scratch[i]->wire = d->scratch[i];
		scratch[i]->cap = d->config.edns_size;
	}
	d->client = calloc(n + 1, sizeof(d->client[0]));
	d->client_wire = calloc(n + 1, d->config.edns_size);
	d->lookup = calloc(n, sizeof(d->lookup[0]));
	d->lookup_bucket = calloc((size_t)d->lookup_mask + 1, sizeof(uint32_t));
	d->pair_bucket = calloc((size_t)d->lookup_mask + 1, sizeof(uint32_t));
	d->pair_next = calloc(n * CONFIG_UPSTREAMS, sizeof(uint32_t));
	d->port_used = calloc(65536, sizeof(uint16_t));
	if (!d->client || !d->client_wire || !d->lookup || !d->lookup_bucket || !d->pair_bucket ||
		!d->pair_next || !d->port_used)
		return err_set(err, -ENOMEM, "no memory for %zu pending DNS queries", n);
	init_pools(d);
	return 0;
}

// config_check has looked at the ranges; what would break the tables here is looked at again.
static int
check(const struct config_dns64 *c, struct err *err)
{
	if (c->edns_size < EDNS_MIN_SIZE || c->edns_size > DNS64_MSG_MAX)
		return err_set(err, -EINVAL, "dns64 edns_size %u is not 512 to 4096", c->edns_size);
	if (c->max_pending == 0 || c->max_pending > 1u << 24)
		return err_set(err, -EINVAL, "dns64 max_pending is 0 or above 2^24");
	if (c->port_first == 0 || c->port_last < c->port_first)
		return err_set(err, -EINVAL, "dns64 upstream_ports is no range");
	if (c->timeout_ms == 0 || c->tries == 0)
		return err_set(err, -EINVAL, "dns64 timeout_ms or tries is 0");
	return 0;
}

struct dns64 *
dns64_create(const struct dns64_params *p, struct err *err)
{
	struct dns64 *d = calloc(1, sizeof(*d));

	if (!d) {
		err_set(err, -ENOMEM, "no memory for dns64");
		return NULL;
	}
	hash_key_init();
	d->config = *p->dns64;
	d->send = p->send;
	d->ctx = p->ctx;
	d->budget_ms = client_budget(&d->config);
	if (check(&d->config, err) < 0 || init_upstreams(d, p, err) < 0)
		goto fail;
	init_prefixes(d, p->nat64);
	if (take_memory(d, err) < 0)
		goto fail;
	d->cache = cache_create(d->config.cache_entries, &d->stats, err);
	if (!d->cache)
		goto fail;
	return d;
fail:
	dns64_free(d);
	return NULL;
}

void
dns64_free(struct dns64 *d)
{
	if (!d)
		return;
	cache_free(d->cache);
	free(d->client);
	free(d->client_wire);
	free(d->lookup);
	free(d->lookup_bucket);
	free(d->pair_bucket);
	free(d->pair_next);
	free(d->port_used);
	free(d);
}

// Others are never to be answered, or not by us.
static bool
may_ask(struct dns64 *d, const struct dns64_datagram *in)
{
	if (!request_is_query(in) || !acl_can_answer(&in->src, in->sport))
		d->stats.ignored++;
	else if (!acl_allows(&d->config, &in->src))
		d->stats.refused_acl++;
	else
		return true;
	return false;
}

static void
input_group(struct dns64 *d, const struct dns64_datagram *in, unsigned int n, uint64_t now_ms)
{
	unsigned int queries = 0;

	for (unsigned int i = 0; i < n; i++) {
		if (in[i].dport == DNS64_PORT && acl_is_listen(&d->config, &in[i].dst)) {
			if (may_ask(d, &in[i]))
				intake_read(d, &in[i], &d->query[queries++]);
		} else if (upstream_is_ours(d, &in[i])) {
			upstream_input(d, &in[i], now_ms);
		} else {
			d->stats.ignored++;
		}
	}
	for (unsigned int i = 0; i < queries; i++)
		intake_prefetch(d, &d->query[i]);
	for (unsigned int i = 0; i < queries; i++)
		intake_take(d, &d->query[i], now_ms);
}

void
dns64_input_burst(struct dns64 *d, const struct dns64_datagram *in, unsigned int n, uint64_t now_ms)
{
	for (unsigned int i = 0; i < n; i += DNS64_GROUP)
		input_group(d, in + i, n - i < DNS64_GROUP ? n - i : DNS64_GROUP, now_ms);
}

void
dns64_input(struct dns64 *d, const struct dns64_datagram *in, uint64_t now_ms)
{
	dns64_input_burst(d, in, 1, now_ms);
}

void
dns64_tick(struct dns64 *d, uint64_t now_ms)
{
	upstream_expire(d, now_ms);
	query_expire(d, now_ms);
}

uint64_t
dns64_next_ms(const struct dns64 *d)
{
	uint64_t next = UINT64_MAX;

	if (d->lookup_age.head != DNS64_NONE)
		next = d->lookup[d->lookup_age.head].deadline_ms;
	if (d->client_age.head != DNS64_NONE && d->client[d->client_age.head].deadline_ms < next)
		next = d->client[d->client_age.head].deadline_ms;
	return next;
}

const struct dns64_stats *
dns64_stats(const struct dns64 *d)
{
	return &d->stats;
}

void
dns64_gauges(const struct dns64 *d, struct dns64_gauges *out)
{
	out->cache_entries = cache_used(d->cache);
	out->cache_capacity = cache_capacity(d->cache);
	out->pending = d->pending;
	out->pending_max = d->config.max_pending;
}

bool
dns64_upstream_row(const struct dns64 *d, unsigned int i, struct dns64_upstream_row *out)
{
	const struct upstream *u = &d->upstream[i];

	if (i >= d->config.n_upstream)
		return false;
	out->addr = u->addr;
	out->port = u->port;
	out->queries = u->queries;
	out->answers = u->answers;
	out->timeouts = u->timeouts;
	out->alive = !u->missed;
	return true;
}

bool
dns64_walk_cache(const struct dns64 *d, uint32_t *cursor, unsigned int budget, uint64_t now_ms,
	void (*fn)(void *arg, const struct dns64_cache_row *row), void *arg)
{
	return cache_walk(d->cache, cursor, budget, now_ms, fn, arg);
}

void
dns64_clear_cache(struct dns64 *d)
{
	cache_clear(d->cache);
}

void
dns64_clear_stats(struct dns64 *d)
{
	memset(&d->stats, 0, sizeof(d->stats));
	for (unsigned int i = 0; i < d->config.n_upstream; i++)
		d->upstream[i].queries = d->upstream[i].answers = d->upstream[i].timeouts = 0;
}
