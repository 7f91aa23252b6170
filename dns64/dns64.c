// SPDX-License-Identifier: BSD-3-Clause
#include "dns64/dns64.h"

#include "base/hash.h"
#include "dns64/acl.h"
#include "dns64/internal.h"

#include <errno.h>
#include <stdlib.h>

static void
init_pools(struct dns64 *d)
{
	uint32_t n = d->settings->config.max_pending;

	for (uint32_t i = 0; i <= n; i++) {
		d->client[i].lookup = i < n ? i + 1 : DNS64_NONE;
		d->client[i].acc.wire = d->client_wire + (size_t)i * d->settings->config.edns_size;
		d->client[i].acc.cap = d->settings->config.edns_size;
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
	size_t n = d->settings->config.max_pending;
	struct msg *const scratch[] = {&d->result, &d->cached, &d->out};

	d->lookup_mask = 63;
	while (d->lookup_mask + 1 < 2 * n)
		d->lookup_mask = 2 * d->lookup_mask + 1;
	for (int i = 0; i < 3; i++) {
		scratch[i]->wire = d->scratch[i];
		scratch[i]->cap = d->settings->config.edns_size;
	}
	d->client = calloc(n + 1, sizeof(d->client[0]));
	d->client_wire = calloc(n + 1, d->settings->config.edns_size);
	d->lookup = calloc(n, sizeof(d->lookup[0]));
	d->lookup_bucket = calloc((size_t)d->lookup_mask + 1, sizeof(uint32_t));
	d->pair_bucket = calloc((size_t)d->lookup_mask + 1, sizeof(uint32_t));
	d->pair_next = calloc(n * DNS64_SERVERS, sizeof(uint32_t));
	d->port_used = calloc(65536, sizeof(uint16_t));
	if (!d->client || !d->client_wire || !d->lookup || !d->lookup_bucket || !d->pair_bucket ||
		!d->pair_next || !d->port_used)
		return err_set(err, -ENOMEM, "no memory for %zu pending DNS queries", n);
	init_pools(d);
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
	d->send = p->send;
	d->ctx = p->ctx;
	d->settings = settings_first(p, err);
	if (!d->settings)
		goto fail;
	settings_seat(d, NULL);
	if (take_memory(d, err) < 0)
		goto fail;
	d->cache = cache_create(d->settings->config.cache_entries, &d->stats, err);
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
	dns64_settings_free(d->settings);
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
	else if (!acl_allows(&d->settings->config, &in->src))
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
		if (in[i].dport == DNS64_PORT && acl_is_listen(&d->settings->config, &in[i].dst)) {
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

unsigned int
dns64_tick(struct dns64 *d, uint64_t now_ms)
{
	unsigned int tries = 0, clients = 0;

	while (tries < DNS64_TICK_BUDGET && upstream_expire(d, now_ms))
		tries++;
	while (clients < DNS64_TICK_BUDGET && query_expire(d, now_ms))
		clients++;
	return tries + clients;
}

uint64_t
dns64_next_ms(const struct dns64 *d)
{
	const struct dns64_settings *s = d->settings;
	uint64_t lookup = UINT64_MAX, client = UINT64_MAX;

	if (d->lookup_age.head != DNS64_NONE)
		lookup = d->lookup[d->lookup_age.head].since_ms + s->config.timeout_ms;
	if (d->client_age.head != DNS64_NONE)
		client = d->client[d->client_age.head].since_ms + s->budget_ms;
	return lookup < client ? lookup : client;
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
	out->pending_max = d->settings->config.max_pending;
}

bool
dns64_upstream_row(const struct dns64 *d, unsigned int i, struct dns64_upstream_row *out)
{
	const struct upstream *u;

	if (i >= d->settings->config.n_upstream)
		return false;
	u = &d->upstream[d->settings->place[i]];
	out->addr = u->server.addr;
	out->port = u->server.port;
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
	cache_outdate(d->cache);
}

void
dns64_clear_stats(struct dns64 *d)
{
	memset(&d->stats, 0, sizeof(d->stats));
	for (unsigned int i = 0; i < DNS64_SERVERS; i++)
		d->upstream[i].queries = d->upstream[i].answers = d->upstream[i].timeouts = 0;
}
