// SPDX-License-Identifier: BSD-3-Clause
// Questions under way upstream: one for all who ask the same (RFC 5452 §5), each from a random port
// with a random ID (§9.2), tried again and with other servers, matched by everything that they
// carry (§9.1). Over UDP only: an answer with TC=1 is passed on as that.
#include "dns64/internal.h"

#define MAX_SENDS_PER_SERVER 3    // RFC 9520 §3.1
#define PROBE_MS             5000 // between tries of a dead server
#define QUERY_MAX            (DNS_HEADER_LEN + NAME_WIRE_MAX + 4 + EDNS_OPT_LEN)

static uint32_t
question_hash(const struct scrub_question *q)
{
	return name_hash(&q->name, q->type ^ (uint32_t)q->class << 16);
}

static struct lookup *
find_lookup(const struct dns64 *d, const struct scrub_question *q, uint32_t hash)
{
	uint32_t i = d->lookup_bucket[hash & d->lookup_mask];

	for (; i != DNS64_NONE; i = d->lookup[i].bucket_next) {
		struct lookup *l = &d->lookup[i];

		if (l->hash == hash && l->q.type == q->type && l->q.class == q->class &&
			name_equal(&l->q.name, &q->name))
			return l;
	}
	return NULL;
}

static uint32_t *
pair_head(const struct dns64 *d, uint16_t port, uint16_t id)
{
	return &d->pair_bucket[(id ^ (uint32_t)port * 40503u) & d->lookup_mask];
}

static uint32_t
find_pair(const struct dns64 *d, uint16_t port, uint16_t id, uint32_t node)
{
	for (; node != DNS64_NONE; node = d->pair_next[node]) {
		const struct lookup *l = &d->lookup[node / DNS64_SERVERS];
		unsigned int s = node % DNS64_SERVERS;

		if (l->port[s] == port && l->id[s] == id)
			return node;
	}
	return DNS64_NONE;
}

// A pair that nobody uses, on a port that nobody uses as long as there are such.
static void
choose_pair(struct dns64 *d, uint16_t *port, uint16_t *id)
{
	uint32_t ports =
		(uint32_t)d->settings->config.port_last - d->settings->config.port_first + 1;

	for (int i = 0; i < 64; i++) {
		*port = (uint16_t)(d->settings->config.port_first + rand_below(&d->rand, ports));
		*id = rand_u16(&d->rand);
		if (d->port_used[*port] && i < 16)
			continue;
		if (find_pair(d, *port, *id, *pair_head(d, *port, *id)) == DNS64_NONE)
			return;
	}
}

static void
open_pair(struct dns64 *d, struct lookup *l, unsigned int s)
{
	uint32_t node = (uint32_t)(l - d->lookup) * DNS64_SERVERS + s;
	uint32_t *head;

	choose_pair(d, &l->port[s], &l->id[s]);
	head = pair_head(d, l->port[s], l->id[s]);
	d->pair_next[node] = *head;
	*head = node;
	d->port_used[l->port[s]]++;
	l->open |= (uint16_t)(1u << s);
}

static void
close_pair(struct dns64 *d, struct lookup *l, unsigned int s)
{
	uint32_t node = (uint32_t)(l - d->lookup) * DNS64_SERVERS + s;
	uint32_t *p = pair_head(d, l->port[s], l->id[s]);

	if (!(l->open & 1u << s))
		return;
	while (*p != node)
		p = &d->pair_next[*p];
	*p = d->pair_next[node];
	d->port_used[l->port[s]]--;
	l->open &= (uint16_t) ~(1u << s);
}

static unsigned int
write_query(const struct dns64 *d, const struct lookup *l, unsigned int s, uint8_t *buf)
{
	struct wire_out o;

	memset(buf, 0, DNS_HEADER_LEN);
	wire_begin(&o, buf, QUERY_MAX, &l->q.name, l->q.type, l->q.class);
	wire_set16(buf, l->id[s]);
	wire_set16(buf + 2, DNS_RD | (l->flags & CACHE_CD ? DNS_CD : 0));
	wire_set16(buf + DNS_QDCOUNT, 1);
	if (l->plain)
		return o.len;
	wire_set16(buf + DNS_ARCOUNT, 1);
	edns_write(buf + o.len, d->settings->config.edns_size, 0, l->flags & CACHE_DO);
	return o.len + EDNS_OPT_LEN;
}

// A retransmission keeps its port and ID: it is the same query (RFC 5452 §5).
static void
transmit(struct dns64 *d, struct lookup *l, unsigned int s)
{
	struct upstream *u = &d->upstream[s];
	uint8_t buf[QUERY_MAX];
	struct dns64_datagram out = {
		.src = u->server.source,
		.dst = u->server.addr,
		.dport = u->server.port,
		.in_port = DNS64_NO_PORT,
		.data = buf,
	};

	if (!(l->open & 1u << s))
		open_pair(d, l, s);
	out.sport = l->port[s];
	out.len = (uint16_t)write_query(d, l, s, buf);
	l->sent[s]++;
	u->queries++;
	d->stats.upstream_queries++;
	d->send(d->ctx, &out);
}

// Its last try got no answer: one that does answer is asked first, or a client behind two dead
// servers would wait for them again with the A query and get nothing in its time.
static bool
is_dead(const struct upstream *u)
{
	return u->missed;
}

// Least tried, living, first in the configuration; -1: all have had their share.
static int
pick_server(const struct dns64 *d, const struct lookup *l)
{
	unsigned int best_cost = UINT32_MAX;
	int best = -1;

	for (unsigned int i = 0; i < d->settings->config.n_upstream; i++) {
		unsigned int s = d->settings->place[i];
		bool dead = is_dead(&d->upstream[s]);
		unsigned int cost = 2u * (l->sent[s] + dead) + dead;

		if (l->sent[s] == MAX_SENDS_PER_SERVER || l->gave_up & 1u << s)
			continue;
		if (cost < best_cost) {
			best_cost = cost;
			best = (int)s;
		}
	}
	return best;
}

static void
start_try(struct dns64 *d, struct lookup *l, unsigned int s, uint64_t now_ms)
{
	uint32_t i = (uint32_t)(l - d->lookup);

	if (l->tries > 0) {
		d->stats.upstream_retries++;
		LIST_REMOVE(&d->lookup_age, d->lookup, by_age, i);
	}
	l->tries++;
	l->server = (uint8_t)s;
	l->since_ms = now_ms;
	LIST_PUSH(&d->lookup_age, d->lookup, by_age, i);
	transmit(d, l, s);
}

// False: no try is left.
static bool
try_again(struct dns64 *d, struct lookup *l, uint64_t now_ms)
{
	int s = l->tries < l->tries_max ? pick_server(d, l) : -1;

	if (s < 0)
		return false;
	start_try(d, l, (unsigned int)s, now_ms);
	return true;
}

// Now and then a dead server gets a question beside the one that is used, so that its return is
// noticed and nobody waits for it.
static void
probe_dead(struct dns64 *d, struct lookup *l, uint64_t now_ms)
{
	for (unsigned int i = 0; i < d->settings->config.n_upstream; i++) {
		unsigned int s = d->settings->place[i];
		struct upstream *u = &d->upstream[s];

		if (s == l->server || !is_dead(u) || now_ms < u->probe_ms)
			continue;
		u->probe_ms = now_ms + PROBE_MS;
		transmit(d, l, s);
		return;
	}
}

static uint8_t
affordable_tries(const struct dns64 *d, const struct client *c, uint64_t now_ms)
{
	uint64_t end_ms = c->since_ms + d->settings->budget_ms;
	uint64_t left = end_ms > now_ms ? end_ms - now_ms : 0;
	uint64_t n = left / d->settings->config.timeout_ms;

	if (n > d->settings->config.tries)
		n = d->settings->config.tries;
	return n == 0 ? 1 : n > UINT8_MAX ? UINT8_MAX : (uint8_t)n;
}

static struct lookup *
start_lookup(struct dns64 *d, const struct client *c, const struct scrub_question *q, uint32_t hash,
	uint64_t now_ms)
{
	uint32_t i = d->lookup_free; // each has a client that waits for it: there is a free one
	struct lookup *l = &d->lookup[i];

	d->lookup_free = l->bucket_next;
	memset(l, 0, sizeof(*l));
	l->q = *q;
	l->flags = request_flags(&c->request);
	l->hash = hash;
	l->bucket_next = d->lookup_bucket[hash & d->lookup_mask];
	d->lookup_bucket[hash & d->lookup_mask] = i;
	l->waiters = LIST_EMPTY;
	l->tries_max = affordable_tries(d, c, now_ms);
	start_try(d, l, (unsigned int)pick_server(d, l), now_ms);
	probe_dead(d, l, now_ms);
	return l;
}

bool
upstream_wait(struct dns64 *d, uint32_t client, uint64_t now_ms)
{
	struct client *c = &d->client[client];
	struct scrub_question q = {
		c->ask, c->ask_type, c->request.qclass, c->request.edns.dnssec_ok};
	uint32_t hash = question_hash(&q);
	struct lookup *l = find_lookup(d, &q, hash);
	bool joined = l != NULL;

	if (!l)
		l = start_lookup(d, c, &q, hash, now_ms);
	c->lookup = (uint32_t)(l - d->lookup);
	LIST_PUSH(&l->waiters, d->client, waiter, client);
	return joined;
}

static bool
is_raw(const struct lookup *l)
{
	return l->q.type == DNS_AAAA && l->q.class == DNS_IN && l->flags != (CACHE_DO | CACHE_CD);
}

static void
store(struct dns64 *d, const struct lookup *l, const struct msg *m, uint64_t now_ms)
{
	struct cache_key k = {&l->q.name, l->q.type, l->q.class, l->flags};
	struct verdict v;

	if (m->truncated)
		return;
	msg_judge(m, &v);
	if (is_raw(l) && v.finals == 0 && m->rcode != DNS_NXDOMAIN)
		k.flags |= CACHE_RAW;
	if (msg_failed(m)) {
		cache_insert_failure(d->cache, &k, m->rcode, now_ms);
		return;
	}
	if (v.finals == 0 && !v.has_soa) // RFC 2308 §5
		return;
	if (m->rcode == DNS_NXDOMAIN && m->count[MSG_ANSWER] == 0) {
		k.type = 0;
		k.flags |= CACHE_NX;
	}
	cache_insert(d->cache, &k, m, v.min_ttl, now_ms);
}

static void
release(struct dns64 *d, struct lookup *l)
{
	uint32_t i = (uint32_t)(l - d->lookup);
	uint32_t *p = &d->lookup_bucket[l->hash & d->lookup_mask];

	for (unsigned int s = 0; s < DNS64_SERVERS; s++)
		close_pair(d, l, s);
	LIST_REMOVE(&d->lookup_age, d->lookup, by_age, i);
	while (*p != i)
		p = &d->lookup[*p].bucket_next;
	*p = l->bucket_next;
	l->bucket_next = d->lookup_free;
	d->lookup_free = i;
}

// m: d->result. The clients go on, some of them with a new lookup in the place of this one.
static void
finish(struct dns64 *d, struct lookup *l, const struct msg *m, uint64_t now_ms)
{
	uint32_t client = l->waiters.head;
	uint8_t flags = l->flags;

	store(d, l, m, now_ms);
	release(d, l);
	while (client != DNS64_NONE) {
		uint32_t next = d->client[client].waiter.next;

		d->client[client].lookup = DNS64_NONE;
		query_resume(d, client, m, flags, now_ms);
		client = next;
	}
}

static void
finish_failed(struct dns64 *d, struct lookup *l, uint16_t rcode, uint64_t now_ms)
{
	msg_empty(&d->result, &l->q.name, l->q.type, l->q.class, rcode);
	finish(d, l, &d->result, now_ms);
}

void
upstream_leave(struct dns64 *d, uint32_t client, uint64_t now_ms)
{
	struct lookup *l = &d->lookup[d->client[client].lookup];

	LIST_REMOVE(&l->waiters, d->client, waiter, client);
	d->client[client].lookup = DNS64_NONE;
	if (l->waiters.head == DNS64_NONE)
		finish_failed(d, l, DNS_SERVFAIL, now_ms);
}

bool
upstream_expire(struct dns64 *d, uint64_t now_ms)
{
	const uint32_t first = d->lookup_age.head;
	struct lookup *l = first == DNS64_NONE ? NULL : &d->lookup[first];
	struct upstream *u;

	if (!l || l->since_ms + d->settings->config.timeout_ms > now_ms)
		return false;
	u = &d->upstream[l->server];
	u->timeouts++;
	d->stats.upstream_timeouts++;
	u->probe_ms = u->missed ? u->probe_ms : now_ms + PROBE_MS;
	u->missed = true;
	if (!try_again(d, l, now_ms))
		finish_failed(d, l, DNS_SERVFAIL, now_ms);
	return true;
}

bool
upstream_is_ours(const struct dns64 *d, const struct dns64_datagram *in)
{
	if (in->dport < d->settings->config.port_first || in->dport > d->settings->config.port_last)
		return false;
	for (unsigned int i = 0; i < d->settings->config.n_upstream; i++)
		if (IN6_ARE_ADDR_EQUAL(&d->settings->server[i].source, &in->dst))
			return true;
	return false;
}

// The open query that this answers by addresses, ports, ID and question, or DNS64_NONE.
static uint32_t
match(const struct dns64 *d, const struct dns64_datagram *in)
{
	uint16_t id = wire_u16(in->data);
	uint32_t node = *pair_head(d, in->dport, id);

	while ((node = find_pair(d, in->dport, id, node)) != DNS64_NONE) {
		const unsigned int place = node % DNS64_SERVERS;
		const struct server *s = &d->upstream[place].server;
		const struct lookup *l = &d->lookup[node / DNS64_SERVERS];

		if (!(d->gone >> place & 1) && IN6_ARE_ADDR_EQUAL(&s->addr, &in->src) &&
			s->port == in->sport && IN6_ARE_ADDR_EQUAL(&s->source, &in->dst) &&
			scrub_question_is(in->data, in->len, &l->q))
			return node;
		node = d->pair_next[node];
	}
	return DNS64_NONE;
}

static bool
is_response(const struct dns64_datagram *in)
{
	return in->len >= DNS_HEADER_LEN && in->data[2] & DNS_QR >> 8 &&
	       DNS_OPCODE(wire_u16(in->data + 2)) == DNS_OPCODE_QUERY;
}

// A server that knows no EDNS says FORMERR or NOTIMP without OPT, one of another version BADVERS
// (RFC 6891 §7).
static bool
refuses_edns(const struct lookup *l, const struct msg *m, const struct edns *e)
{
	if (l->plain)
		return false;
	return m->rcode == DNS_BADVERS ||
	       (!e->present && (m->rcode == DNS_FORMERR || m->rcode == DNS_NOTIMP));
}

// The server has answered and that is no answer to the question: the others are asked as well.
static void
take_failure(
	struct dns64 *d, struct lookup *l, unsigned int s, const struct edns *e, uint64_t now_ms)
{
	uint16_t rcode = d->result.rcode > 15 ? DNS_SERVFAIL : d->result.rcode;

	if (s != l->server) { // late, or a probe: the try under way counts
		l->gave_up |= (uint16_t)(1u << s);
		return;
	}
	if (refuses_edns(l, &d->result, e) && l->tries < l->tries_max &&
		l->sent[s] < MAX_SENDS_PER_SERVER) {
		l->plain = true;
		start_try(d, l, s, now_ms);
		return;
	}
	l->gave_up |= (uint16_t)(1u << s);
	if (!try_again(d, l, now_ms))
		finish_failed(d, l, rcode, now_ms);
}

void
upstream_input(struct dns64 *d, const struct dns64_datagram *in, uint64_t now_ms)
{
	uint32_t node = is_response(in) ? match(d, in) : DNS64_NONE;
	unsigned int s = node % DNS64_SERVERS;
	struct edns e = {.present = false};
	struct lookup *l;

	if (node == DNS64_NONE) {
		d->stats.upstream_mismatch++;
		return;
	}
	l = &d->lookup[node / DNS64_SERVERS];
	d->upstream[s].answers++;
	d->upstream[s].missed = false;
	close_pair(d, l, s);
	if (in->len > d->settings->config.edns_size ||
		scrub_response(&d->settings->config, &l->q, in->data, in->len, &e, &d->result) <
			0) {
		d->stats.upstream_malformed++;
		msg_empty(&d->result, &l->q.name, l->q.type, l->q.class, DNS_SERVFAIL);
		e.present = true;
	}
	d->stats.upstream_truncated += d->result.truncated;
	if (msg_failed(&d->result))
		take_failure(d, l, s, &e, now_ms);
	else
		finish(d, l, &d->result, now_ms);
}

// What was asked of a server that is gone counts for nothing, so that its place can be another's.
static void
leave_gone(struct dns64 *d, struct lookup *l, uint64_t now_ms)
{
	bool asks_another = !(d->gone >> l->server & 1);
	unsigned int tries;

	for (unsigned int s = 0; s < DNS64_SERVERS; s++) {
		if (!(d->gone >> s & 1))
			continue;
		close_pair(d, l, s);
		l->sent[s] = 0;
		l->gave_up &= (uint16_t) ~(1u << s);
	}
	if (asks_another)
		return;
	l->plain = false; // another server may know EDNS
	tries = affordable_tries(d, &d->client[l->waiters.head], now_ms);
	l->tries = 1; // begun, and the rest is still to come
	l->tries_max = (uint8_t)(tries < UINT8_MAX ? tries + 1 : tries);
	if (!try_again(d, l, now_ms))
		finish_failed(d, l, DNS_SERVFAIL, now_ms);
}

bool
upstream_leave_gone(struct dns64 *d, uint32_t *cursor, unsigned int budget, uint64_t now_ms)
{
	for (; budget > 0 && *cursor < d->settings->config.max_pending; budget--) {
		struct lookup *l = &d->lookup[(*cursor)++];

		if (l->open) // it is under way
			leave_gone(d, l, now_ms);
	}
	return *cursor < d->settings->config.max_pending;
}
