// SPDX-License-Identifier: BSD-3-Clause
// The life of a client's query (RFC 6147 §5.1): read, answered from the cache if possible; else it
// becomes a client that asks one thing after the other, each from the cache or upstream, until its
// answer is complete or the stub will have given up.
//
// An AAAA query goes AAAA -> (denied or failed) -> A -> synthesis:
//
//	AAAA \ A    data   no data   NXDOMAIN  SERVFAIL  time-out
//	data        AAAA   (A is not asked)
//	no data     synth  no data   NXDOMAIN  SERVFAIL  SERVFAIL
//	NXDOMAIN    NXDOMAIN (A is not asked)
//	SERVFAIL    synth  SERVFAIL  NXDOMAIN  SERVFAIL  SERVFAIL
//	time-out    synth  SERVFAIL  NXDOMAIN  SERVFAIL  SERVFAIL
#include "dns64/internal.h"

#define NO_SOA_TTL        600 // RFC 6147 §5.1.7
#define AFTER_FAILURE_TTL 60  // a name must not look IPv4-only for long after one lost answer

static void
release(struct dns64 *d, uint32_t client)
{
	d->client[client].lookup = d->client_free;
	d->client_free = client;
}

// Answered or given up.
static void
end(struct dns64 *d, uint32_t client)
{
	struct client *c = &d->client[client];

	if (c->waited) {
		LIST_REMOVE(&d->client_age, d->client, by_age, client);
		d->pending--;
	} else {
		d->stats.cache_hits++;
	}
	release(d, client);
}

static void
ask(struct client *c, enum stage stage, const struct name *name, uint16_t type)
{
	c->stage = stage;
	c->ask = *name;
	name_lower(&c->ask);
	c->ask_type = type;
}

// TC=1 over UDP from upstream: there is no TCP to ask again with, so that the client is told the
// same. What a cut answer holds must not be used (RFC 2181 §9), and a part of the addresses would
// look like all of them.
static bool
reply_truncated(struct dns64 *d, const struct client *c)
{
	const struct request *r = &c->request;

	msg_empty(&d->out, &r->lower, r->qtype, r->qclass, DNS_NOERROR);
	d->out.truncated = true;
	answer_send(d, r, &d->out);
	return true;
}

// What is asked as it is, the lookup has stored already.
static bool
reply_error(struct dns64 *d, const struct client *c, uint16_t rcode, uint64_t now_ms)
{
	const struct request *r = &c->request;
	struct cache_key k = {&r->lower, r->qtype, r->qclass, request_flags(r)};

	if (c->stage != STAGE_PASS)
		cache_insert_failure(d->cache, &k, rcode, now_ms);
	answer_error(d, r, rcode);
	return true;
}

static bool
reply(struct dns64 *d, const struct client *c, struct msg *m)
{
	answer_send(d, &c->request, m);
	return true;
}

// An answer that was put together is kept as one, no longer than its parts live, unless these do.
static bool
reply_composed(
	struct dns64 *d, const struct client *c, struct msg *m, uint32_t max_ttl, uint64_t now_ms)
{
	const struct request *r = &c->request;
	struct cache_key k = intake_key(r, KEY_ANSWER);
	struct verdict v;

	if (m->synthetic && intake_has_parts(d, r, now_ms))
		return reply(d, c, m);
	msg_judge(m, &v);
	if (!m->truncated && (v.finals || v.has_soa))
		cache_insert(d->cache, &k, m, v.min_ttl < max_ttl ? v.min_ttl : max_ttl, now_ms);
	return reply(d, c, m);
}

static bool
take_pass(struct dns64 *d, struct client *c, const struct msg *m)
{
	msg_copy(&d->out, m);
	return reply(d, c, &d->out);
}

// Chain so far and what m adds become the answer so far. False: the chain is too long.
static bool
lengthen(struct dns64 *d, struct client *c, const struct msg *m, const struct verdict *v)
{
	c->links += v->links;
	synth_append(c, m, &d->out);
	msg_copy(&c->acc, &d->out);
	return c->links <= SCRUB_MAX_LINKS;
}

// Some upstreams give an alias alone. No SOA and no record at its end: it goes on there.
static bool
goes_on(const struct msg *m, const struct verdict *v)
{
	return m->rcode == DNS_NOERROR && v->links && !v->finals && !v->has_soa && !m->excluded;
}

static bool
take_aaaa(struct dns64 *d, struct client *c, const struct msg *m, uint64_t now_ms)
{
	struct verdict v;

	if (msg_failed(m)) {
		c->failed_rcode = m->rcode;
		c->synth_ttl = AFTER_FAILURE_TTL;
		ask(c, STAGE_A, &c->ask, DNS_A);
		return false;
	}
	msg_judge(m, &v);
	if (!lengthen(d, c, m, &v))
		return reply_error(d, c, DNS_SERVFAIL, now_ms);
	if (v.finals || m->rcode == DNS_NXDOMAIN)
		return name_equal(&c->ask, &c->request.lower)
			       ? reply(d, c, &c->acc) // in the cache already
			       : reply_composed(d, c, &c->acc, UINT32_MAX, now_ms);
	c->synth_ttl = v.has_soa ? v.soa_ttl : NO_SOA_TTL;
	if (goes_on(m, &v))
		ask(c, STAGE_AAAA, &v.end, DNS_AAAA);
	else
		ask(c, STAGE_A, &v.end, DNS_A);
	return false;
}

// No A that could be used: the client gets what AAAA alone would have given.
static bool
deny_aaaa(struct dns64 *d, struct client *c, const struct verdict *a, uint64_t now_ms)
{
	if (c->failed_rcode)
		return reply_error(d, c, c->failed_rcode, now_ms);
	return reply_composed(d, c, &c->acc, a->finals || a->has_soa ? a->min_ttl : 0, now_ms);
}

static bool
take_a(struct dns64 *d, struct client *c, const struct msg *m, uint64_t now_ms)
{
	struct verdict v;

	if (msg_failed(m))
		return reply_error(d, c, m->rcode, now_ms);
	msg_judge(m, &v);
	if (c->links + v.links > SCRUB_MAX_LINKS)
		return reply_error(d, c, DNS_SERVFAIL, now_ms);
	if (v.finals && synth_aaaa(d, c, m, &d->out))
		return reply_composed(d, c, &d->out, UINT32_MAX, now_ms);
	if (m->rcode == DNS_NXDOMAIN) {
		synth_append(c, m, &d->out);
		return reply_composed(d, c, &d->out, UINT32_MAX, now_ms);
	}
	if (goes_on(m, &v)) {
		lengthen(d, c, m, &v);
		ask(c, STAGE_A, &v.end, DNS_A);
		return false;
	}
	return deny_aaaa(d, c, &v, now_ms);
}

static bool
deny_reverse(struct dns64 *d, const struct client *c, const struct msg *m, const struct verdict *v)
{
	uint32_t ttl =
		v->has_soa && v->soa_ttl < REVERSE_DENIAL_TTL ? v->soa_ttl : REVERSE_DENIAL_TTL;
	const struct pref64 *p;
	struct in_addr v4;
	struct name zone;

	local_reverse(d, &c->request.lower, &v4, &p);
	local_prefix_zone(p, &zone);
	local_denial(&c->request, m->rcode, &zone, ttl, &d->out);
	return reply(d, c, &d->out);
}

static bool
take_ptr(struct dns64 *d, struct client *c, const struct msg *m, uint64_t now_ms)
{
	struct verdict v;

	if (msg_failed(m))
		return reply_error(d, c, m->rcode, now_ms);
	msg_judge(m, &v);
	c->links += v.links;
	if (c->links > SCRUB_MAX_LINKS)
		return reply_error(d, c, DNS_SERVFAIL, now_ms);
	if (v.finals) {
		synth_ptr(d, c, m, &d->out);
		return reply_composed(d, c, &d->out, UINT32_MAX, now_ms);
	}
	if (goes_on(m, &v)) {
		ask(c, STAGE_PTR, &v.end, DNS_PTR);
		return false;
	}
	return deny_reverse(d, c, m, &v);
}

// What was asked last is answered by m. True: the client has its answer.
static bool
take(struct dns64 *d, struct client *c, const struct msg *m, uint64_t now_ms)
{
	if (m->truncated)
		return reply_truncated(d, c);
	switch (c->stage) {
	case STAGE_PASS:
		return take_pass(d, c, m);
	case STAGE_AAAA:
		return take_aaaa(d, c, m, now_ms);
	case STAGE_A:
		return take_a(d, c, m, now_ms);
	case STAGE_PTR:
		return take_ptr(d, c, m, now_ms);
	}
	return reply_error(d, c, DNS_SERVFAIL, now_ms);
}

// NXDOMAIN of the name itself or, with another question, of one above it.
static void
load_denial(struct dns64 *d, const struct client *c, const struct cache_entry *e, uint64_t now_ms)
{
	struct wire_out o;
	struct msg_iter it;
	struct wire_rr rr;

	cache_load(d->cache, e, now_ms, &d->out);
	msg_begin(&d->cached, &o, &c->ask, c->ask_type, c->request.qclass);
	d->cached.rcode = DNS_NXDOMAIN;
	msg_iter_begin(&d->out, &it);
	while (msg_next(&d->out, &it, &rr))
		msg_count(&d->cached, it.section,
			wire_copy_rr(&o, d->out.wire, d->out.len, &rr, rr.ttl));
	msg_end(&d->cached, &o);
}

// Fills d->cached with what is known about what the client asks now.
static bool
load_cached(struct dns64 *d, const struct client *c, uint64_t now_ms)
{
	struct cache_key k = {&c->ask, c->ask_type, c->request.qclass, request_flags(&c->request)};
	struct cache_entry *e = cache_find(d->cache, &k, now_ms);

	if (!e && c->stage == STAGE_AAAA) {
		k.flags |= CACHE_RAW;
		e = cache_find(d->cache, &k, now_ms);
		k.flags &= (uint8_t)~CACHE_RAW;
	}
	if (e) {
		cache_load(d->cache, e, now_ms, &d->cached);
		return true;
	}
	e = cache_find_nx(d->cache, &k, now_ms);
	if (e)
		load_denial(d, c, e, now_ms);
	return e != NULL;
}

static void
wait_upstream(struct dns64 *d, uint32_t client, uint64_t now_ms)
{
	struct client *c = &d->client[client];
	bool first = !c->waited;
	bool joined;

	if (first && d->pending == d->settings->config.max_pending) {
		d->stats.dropped_full++;
		release(d, client);
		return;
	}
	joined = upstream_wait(d, client, now_ms);
	if (!first)
		return;
	c->waited = true;
	d->pending++;
	LIST_PUSH(&d->client_age, d->client, by_age, client);
	if (joined)
		d->stats.coalesced++;
	else
		d->stats.cache_misses++;
}

// Each round ends with an answer, leaves the AAAA stage or lengthens the chain, which is bounded.
static void
run(struct dns64 *d, uint32_t client, uint64_t now_ms)
{
	struct client *c = &d->client[client];

	while (load_cached(d, c, now_ms))
		if (take(d, c, &d->cached, now_ms)) {
			end(d, client);
			return;
		}
	wait_upstream(d, client, now_ms);
}

static void
set_stage(struct dns64 *d, struct client *c)
{
	const struct request *r = &c->request;
	const struct pref64 *p;
	struct in_addr v4;
	struct name target;

	ask(c, STAGE_PASS, &r->lower, r->qtype);
	if (!synth_wanted(r))
		return;
	if (r->qtype == DNS_AAAA)
		c->stage = STAGE_AAAA;
	if (r->qtype != DNS_PTR || local_reverse(d, &r->lower, &v4, &p) != REVERSE_MAPPED)
		return;
	local_reverse_name(v4, &target);
	ask(c, STAGE_PTR, &target, DNS_PTR);
}

static void
begin(struct dns64 *d, struct client *c)
{
	const struct request *r = &c->request;

	c->links = 0;
	c->failed_rcode = 0;
	c->synth_ttl = NO_SOA_TTL;
	c->epoch = cache_epoch(d->cache);
	msg_empty(&c->acc, &r->lower, r->qtype, r->qclass, DNS_NOERROR);
	set_stage(d, c);
}

void
query_resume(struct dns64 *d, uint32_t client, const struct msg *m, uint8_t flags, uint64_t now_ms)
{
	struct client *c = &d->client[client];

	// What it found out so far holds no more, and what it wants to know may be something else.
	if (c->epoch != cache_epoch(d->cache))
		begin(d, c);
	// The same question with other DO or CD was held back behind this one, so that it is never
	// open twice (RFC 5452 §5).
	else if (flags == request_flags(&c->request) && take(d, c, m, now_ms)) {
		end(d, client);
		return;
	}
	run(d, client, now_ms);
}

bool
query_expire(struct dns64 *d, uint64_t now_ms)
{
	const uint32_t client = d->client_age.head;
	struct client *c = client == DNS64_NONE ? NULL : &d->client[client];

	if (!c || c->since_ms + d->settings->budget_ms > now_ms)
		return false;
	upstream_leave(d, client, now_ms);
	reply_error(d, c, DNS_SERVFAIL, now_ms);
	end(d, client);
	return true;
}

void
query_start(struct dns64 *d, const struct request *r, uint64_t now_ms)
{
	uint32_t client = d->client_free; // one more than may wait: there is a free one
	struct client *c = &d->client[client];

	d->client_free = c->lookup;
	c->request = *r;
	c->waited = false;
	c->since_ms = now_ms;
	c->lookup = DNS64_NONE;
	begin(d, c);
	run(d, client, now_ms);
}
