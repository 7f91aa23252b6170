// SPDX-License-Identifier: BSD-3-Clause
// DNS-MISC-02: 100,000 random and 100,000 mutated messages from clients and as many from upstream.
// Whatever comes: no crash, only well-formed messages go out, and the books balance. Every datagram
// to port 53 ends as exactly one of answered, ignored, refused by the ACL, dropped because there is
// no room, or is still pending. Afterwards a good query is answered as ever.
#include "support.h"

#define ROUNDS 100000

static uint64_t seed;

static uint32_t
rnd(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)((seed >> 16) % n);
}

static const char *const names[] = {"www.ex.", "a.b.c.ex.", "ipv4only.arpa.", "x.ipv4only.arpa.",
	"4.0.3.0.2.0.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.b.9.f.f.4.6.0.0.ip6.arpa.", "ex.", ".",
	"alias.ex.", "loop.ex."};
static const char *const kinds[] = {"AAAA", "A", "PTR", "MX", "ANY", "DS", "TYPE4711"};
static const char *const replies[] = {
	"NOERROR; www.ex. 60 AAAA 2001:db8::1 | www.ex. 60 AAAA ::ffff:1.2.3.4;;",
	"NOERROR;; ex. 900 SOA 300;",
	"NXDOMAIN;; ex. 900 SOA 300 | ex. 900 NSEC b.ex. | ex. 900 RRSIG NSEC;",
	"NOERROR; www.ex. 60 CNAME a.ex. | a.ex. 60 A 8.8.8.8 | a.ex. 60 RRSIG A; ex. 9 NS ns.ex.;",
	"NOERROR; alias.ex. 1 CNAME www.ex. | www.ex. 0 A 10.0.0.1;;",
	"NOERROR; loop.ex. 60 CNAME loop.ex.;;",
	"NOERROR; ex. 60 DNAME net. | www.ex. 60 CNAME www.net.;; ",
	"SERVFAIL;;;",
	"NOERROR +tc; www.ex. 60 A 8.8.8.8;;",
	"NOERROR; ex. 60 MX m.ex. | ex. 60 SRV m.ex. | ex. 60 TXT hello;;m.ex. 60 A 8.8.8.8",
	"NOERROR; 4.3.2.1.in-addr.arpa. 60 PTR www.ex.;;",
};

// Bits, octets, lengths: what parsers trip over.
static void
mutate(struct wire *w, unsigned int from)
{
	for (uint32_t n = 1 + rnd(6); n > 0 && w->len > from; n--) {
		unsigned int at = from + rnd(w->len - from);

		switch (rnd(5)) {
		case 0:
			w->b[at] ^= (uint8_t)(1u << rnd(8));
			break;
		case 1:
			w->b[at] = (uint8_t)rnd(256);
			break;
		case 2:
			w->b[at] = (uint8_t)(0xc0 | rnd(2));
			break;
		case 3:
			w->len = at;
			break;
		default:
			memmove(w->b + at, w->b + from + rnd(w->len - from), (w->len - at) / 2);
		}
	}
}

static void
well_formed(const struct caught *c)
{
	unsigned int records = 0;
	struct wire_rr rr;
	struct name n;
	int off = DNS_HEADER_LEN;

	assert_true(c->d.len >= DNS_HEADER_LEN);
	for (unsigned int i = wire_u16(c->data + DNS_QDCOUNT); i > 0; i--)
		off = name_read(c->data, c->d.len, (unsigned int)off, &n) + 4;
	for (int s = DNS_ANCOUNT; s <= DNS_ARCOUNT; s += 2)
		records += wire_u16(c->data + s);
	for (; records > 0; records--) {
		off = wire_read_rr(c->data, c->d.len, (unsigned int)off, &rr);
		assert_true(off > 0);
		assert_true(name_read(c->data, c->d.len, rr.owner, &n) > 0);
		if (rr.type == DNS_CNAME || rr.type == DNS_PTR)
			assert_true(wire_target(c->data, c->d.len, &rr, &n));
	}
	assert_int_equal(off, c->d.len);
}

// Queries that went upstream and wait for the test's answer.
struct open {
	struct caught q[64];
	unsigned int n;
};

static void
collect(struct fixture *f, struct open *open)
{
	struct caught *c;

	while ((c = fixture_next(f))) {
		well_formed(c);
		if (c->d.sport == DNS64_PORT)
			continue;
		open->q[open->n % LEN(open->q)] = *c;
		open->q[open->n % LEN(open->q)].d.data = NULL;
		open->n++;
	}
}

static void
balance(const struct fixture *f, uint64_t sent)
{
	const struct dns64_stats *s = dns64_stats(f->d);
	struct dns64_gauges g;

	dns64_gauges(f->d, &g);
	assert_int_equal(
		s->answers + s->ignored + s->refused_acl + s->dropped_full + g.pending, sent);
	assert_int_equal(s->queries, s->answers + s->dropped_full + g.pending);
	assert_int_equal(f->answers, s->answers);
	assert_true(g.pending <= g.pending_max);
	assert_true(g.cache_entries <= g.cache_capacity);
}

static void
good_query(struct wire *w)
{
	build_query(w, names[rnd(LEN(names))], kinds[rnd(LEN(kinds))],
		(struct query_opts){.id = (uint16_t)(1 + rnd(65535)),
			.size = rnd(2) ? 1232 : 0,
			.dnssec_ok = rnd(4) == 0,
			.cd = rnd(8) == 0,
			.class = rnd(50) ? 1 : 3});
}

static void
random_message(struct wire *w)
{
	w->len = rnd(4) ? rnd(80) : rnd(1300);
	for (unsigned int i = 0; i < w->len; i++)
		w->b[i] = (uint8_t)rnd(256);
	if (w->len >= DNS_HEADER_LEN && rnd(2)) { // get past the first checks
		w->b[2] &= 0x07;
		memcpy(w->b + 4, "\0\1\0\0\0\0\0", 7);
		w->b[11] &= 1;
	}
}

static void
pass_time(struct fixture *f)
{
	f->now += rnd(20);
	if (dns64_next_ms(f->d) <= f->now)
		dns64_tick(f->d, f->now);
}

static struct fixture *
small(void)
{
	struct fixture *f = fixture_new();

	seed = 0x9e3779b97f4a7c15;
	f->dns64.cache_entries = 64;
	f->dns64.max_pending = 16;
	fixture_start(f);
	return f;
}

static void
still_answers(struct fixture *f, uint64_t sent)
{
	const struct step steps[STEPS] = {{"fresh.ex. AAAA", "NOERROR;; ex. 60 SOA 60;"},
		{"fresh.ex. A", "NOERROR; fresh.ex. 60 A 8.8.8.8;;"}};
	struct open open = {.n = 0};
	char answer[TEXT_LEN];
	struct wire q;

	while (dns64_next_ms(f->d) != UINT64_MAX) {
		fixture_wait(f);
		collect(f, &open);
		balance(f, sent);
	}
	dns64_clear_cache(f->d); // a random denial of the root would be right to deny it
	build_query(&q, "fresh.ex.", "AAAA", (struct query_opts){.size = 1232});
	fixture_play(f, &q, steps, answer, NULL);
	assert_string_equal(answer, "NOERROR; fresh.ex. 60 AAAA 64:ff9b::808:808;;");
	balance(f, sent + 1);
	fixture_free(f);
}

static void
client_messages(bool random)
{
	struct fixture *f = small();
	struct open open = {.n = 0};
	struct wire w;

	for (uint64_t i = 1; i <= ROUNDS; i++) {
		if (random) {
			random_message(&w);
		} else {
			good_query(&w);
			mutate(&w, rnd(4) ? DNS_HEADER_LEN : 0);
		}
		fixture_send(f, rnd(20) ? CLIENT_ADDR : "2001:db8:bad::1", (uint16_t)rnd(65536),
			LISTEN_ADDR, 53, w.b, w.len);
		collect(f, &open);
		balance(f, i);
		pass_time(f);
		collect(f, &open);
	}
	still_answers(f, ROUNDS);
}

static void
random_queries(void **state)
{
	client_messages(true);
}

static void
mutated_queries(void **state)
{
	client_messages(false);
}

static void
bad_response(const struct caught *q, bool random, struct wire *w)
{
	unsigned int question = (unsigned int)name_skip(q->data, q->d.len, DNS_HEADER_LEN) + 4;

	build_response(w, q->data, q->d.len, replies[rnd(LEN(replies))], rnd(2) ? 1232 : 0);
	if (!random) {
		mutate(w, rnd(8) ? question : 2);
		return;
	}
	w->len = question + rnd(400);
	for (unsigned int i = question; i < w->len; i++)
		w->b[i] = (uint8_t)(rnd(3) ? 0 : rnd(256));
	for (int i = DNS_ANCOUNT; i < DNS_HEADER_LEN; i += 2)
		wire_set16(w->b + i, (uint16_t)(rnd(8) ? rnd(4) : rnd(65536)));
}

static void
upstream_messages(bool random)
{
	struct fixture *f = small();
	struct open open = {.n = 0};
	uint64_t queries = 0;
	struct wire w;

	for (uint64_t i = 1; i <= ROUNDS;) {
		good_query(&w);
		fixture_query(f, &w);
		queries++;
		collect(f, &open);
		for (unsigned int n = rnd(4); n > 0 && open.n > 0; n--, i++) {
			struct caught *q = &open.q[rnd(open.n < 64 ? open.n : 64)];

			bad_response(q, random, &w);
			fixture_reply(f, q, &w);
			collect(f, &open);
			balance(f, queries);
		}
		if (open.n == 0)
			dns64_clear_cache(f->d);
		pass_time(f);
		collect(f, &open);
		if (rnd(50) == 0)
			dns64_clear_cache(f->d);
	}
	assert_true(dns64_stats(f->d)->upstream_malformed > ROUNDS / 100);
	assert_true(dns64_stats(f->d)->cache_inserts > ROUNDS / 100);
	still_answers(f, queries);
}

static void
random_responses(void **state)
{
	upstream_messages(true);
}

static void
mutated_responses(void **state)
{
	upstream_messages(false);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_queries),
		cmocka_unit_test(mutated_queries),
		cmocka_unit_test(random_responses),
		cmocka_unit_test(mutated_responses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
