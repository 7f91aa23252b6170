// SPDX-License-Identifier: BSD-3-Clause
// Queries as they arrive: read, looked up together, answered at once where that is possible: from
// our own knowledge, from the cache, by synthesis from the cache. query.c goes on with the others.
#include "dns64/internal.h"

struct cache_key
intake_key(const struct request *r, enum query_key which)
{
	struct cache_key k = {&r->lower, r->qtype, r->qclass, request_flags(r)};

	switch (which) {
	case KEY_NXDOMAIN:
		k.type = 0;
		k.flags |= CACHE_NX;
		break;
	case KEY_DENIAL:
		k.flags |= CACHE_RAW;
		break;
	case KEY_A:
		k.type = DNS_A;
		break;
	default:
		break;
	}
	return k;
}

static struct cache_entry *
find_key(struct dns64 *d, const struct query *q, enum query_key which, uint64_t now_ms)
{
	struct cache_key k = intake_key(&q->r, which);

	return cache_find_hashed(d->cache, &k, q->hash[which], now_ms);
}

// From these two a synthetic answer is made as quickly as it would be loaded.
static bool
are_plain(const struct cache_entry *denial, const struct cache_entry *a, uint64_t now_ms)
{
	return denial && a && cache_denial_ttl(denial, now_ms) > 0 && cache_is_plain(a);
}

bool
intake_has_parts(struct dns64 *d, const struct request *r, uint64_t now_ms)
{
	struct cache_key denial = intake_key(r, KEY_DENIAL), a = intake_key(r, KEY_A);

	return are_plain(
		cache_find(d->cache, &denial, now_ms), cache_find(d->cache, &a, now_ms), now_ms);
}

// The short way: an answer that stands in the cache as it goes out.
static bool
answer_cached(struct dns64 *d, const struct query *q, uint64_t now_ms)
{
	struct cache_entry *e = find_key(d, q, KEY_ANSWER, now_ms);

	if (!e)
		e = find_key(d, q, KEY_NXDOMAIN, now_ms);
	if (!e)
		return false;
	cache_load(d->cache, e, now_ms, &d->out);
	d->stats.cache_hits++;
	answer_send(d, &q->r, &d->out);
	return true;
}

// The same for what is made of two such answers.
static bool
answer_synthesised(struct dns64 *d, const struct query *q, uint64_t now_ms)
{
	struct cache_entry *denial, *a;

	if (q->n_key < KEY__COUNT)
		return false;
	denial = find_key(d, q, KEY_DENIAL, now_ms);
	a = find_key(d, q, KEY_A, now_ms);
	if (!are_plain(denial, a, now_ms))
		return false;
	cache_load(d->cache, a, now_ms, &d->cached);
	if (!synth_plain(d, &q->r, &d->cached, cache_denial_ttl(denial, now_ms), &d->out))
		return false;
	d->stats.cache_hits++;
	answer_send(d, &q->r, &d->out);
	return true;
}

// What we know ourselves. A reverse name below our prefix that is nobody's address is denied.
static bool
answer_local(struct dns64 *d, const struct request *r)
{
	const struct pref64 *p;
	struct in_addr v4;
	struct name zone;

	if (local_answer(d, r, &d->out)) {
		d->stats.ipv4only_arpa++;
		answer_send(d, r, &d->out);
		return true;
	}
	if (empty_zone_answer(d, r, &d->out)) {
		d->stats.empty_zone++;
		answer_send(d, r, &d->out);
		return true;
	}
	if (r->qtype != DNS_PTR || r->qclass != DNS_IN ||
		local_reverse(d, &r->lower, &v4, &p) != REVERSE_INVALID)
		return false;
	local_prefix_zone(p, &zone);
	local_denial(r, DNS_NXDOMAIN, &zone, REVERSE_DENIAL_TTL, &d->out);
	answer_send(d, r, &d->out);
	return true;
}

void
intake_read(struct dns64 *d, const struct dns64_datagram *in, struct query *q)
{
	uint32_t name;

	d->stats.queries++;
	q->n_key = 0;
	q->rcode = request_read(in, &q->r);
	if (q->rcode != DNS_NOERROR)
		return;
	name = name_hash(&q->r.lower, 0);
	q->n_key = q->r.qtype == DNS_AAAA && synth_wanted(&q->r) ? KEY__COUNT : KEY_DENIAL;
	for (unsigned int i = 0; i < q->n_key; i++) {
		struct cache_key k = intake_key(&q->r, (enum query_key)i);

		q->hash[i] = cache_hash(&k, name);
		cache_prefetch(d->cache, q->hash[i]);
	}
}

void
intake_prefetch(const struct dns64 *d, const struct query *q)
{
	for (unsigned int i = 0; i < q->n_key; i++)
		cache_prefetch_entry(d->cache, q->hash[i]);
}

void
intake_take(struct dns64 *d, const struct query *q, uint64_t now_ms)
{
	if (q->rcode != DNS_NOERROR)
		answer_error(d, &q->r, q->rcode);
	else if (!answer_local(d, &q->r) && !answer_cached(d, q, now_ms) &&
		 !answer_synthesised(d, q, now_ms))
		query_start(d, &q->r, now_ms);
}
