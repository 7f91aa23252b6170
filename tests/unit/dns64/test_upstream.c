// SPDX-License-Identifier: BSD-3-Clause
// Retries, failover and what counts as an answer (RFC 5452, RFC 9520 §3.1).
#include "support.h"

#define ANSWER "NOERROR; www.ex. 60 A 8.8.8.8;;"

static void
ask(struct fixture *f, const char *name, const char *type, struct query_opts o)
{
	struct wire q;

	o.size = o.size ? o.size : 1232;
	build_query(&q, name, type, o);
	fixture_query(f, &q);
}

static const struct caught *
expect_upstream(struct fixture *f, const char *server)
{
	struct caught *c = fixture_next(f);
	char text[ADDR_TEXT_LEN];

	assert_non_null(c);
	assert_string_equal(addr6_text(&c->d.dst, text), server);
	assert_int_equal(c->d.in_port, DNS64_NO_PORT);
	return c;
}

// Form of what goes upstream: RD, one question, an OPT of our own (DNS-EDNS-06), DO and CD of the
// client; source address of the server's family.
static void
upstream_query_form(void **state)
{
	struct fixture *f = fixture_started();
	const struct caught *c;
	struct edns e;
	char question[QUESTION_LEN], text[ADDR_TEXT_LEN];

	ask(f, "www.ex.", "A", (struct query_opts){.size = 4000, .dnssec_ok = true, .cd = true});
	c = expect_upstream(f, UPSTREAM1);
	assert_string_equal(addr6_text(&c->d.src, text), SOURCE4);
	assert_memory_equal(c->data + 2, "\x01\x10\0\1\0\0\0\0\0\1", 10);
	question_text(c->data, c->d.len, question);
	assert_string_equal(question, "www.ex. A");
	assert_true(message_opt(c->data, c->d.len, &e));
	assert_true(e.dnssec_ok);
	assert_int_equal(e.size, 1232);
	assert_in_range(c->d.sport, 49152, 65535);
	fixture_wait(f);
	c = expect_upstream(f, UPSTREAM2);
	assert_int_equal(c->d.dport, 5353);
	assert_string_equal(addr6_text(&c->d.src, text), SOURCE6);
	fixture_free(f);
}

// Nobody answers: 1, 2, 1 and the end; a server never gets more than three (DNS-CACHE-05).
static void
dns_cache_05_tries(void **state)
{
	struct fixture *f = fixture_started();
	uint64_t begin = f->now;

	ask(f, "www.ex.", "A", (struct query_opts){0});
	expect_upstream(f, UPSTREAM1);
	fixture_wait(f);
	expect_upstream(f, UPSTREAM2);
	fixture_wait(f);
	expect_upstream(f, UPSTREAM1);
	fixture_wait(f);
	expect_answer(f, "SERVFAIL;;;");
	assert_int_equal(f->now - begin, 3000);
	assert_int_equal(dns64_stats(f->d)->upstream_timeouts, 3);
	assert_int_equal(dns64_stats(f->d)->upstream_retries, 2);
	assert_true(dns64_next_ms(f->d) == UINT64_MAX);
	fixture_free(f);
}

static void
dns_cache_05_three_to_one_server(void **state)
{
	struct fixture *f = fixture_new();
	const struct caught *c;
	uint16_t port = 0, id = 0;

	f->dns64.n_upstream = 1;
	f->dns64.tries = 9;
	f->dns64.timeout_ms = 100;
	fixture_start(f);
	ask(f, "www.ex.", "A", (struct query_opts){0});
	for (int i = 0; i < 3; i++) {
		c = expect_upstream(f, UPSTREAM1);
		// The same query again, so that an answer to the first still counts.
		assert_true(i == 0 || (port == c->d.sport && id == wire_u16(c->data)));
		port = c->d.sport;
		id = wire_u16(c->data);
		fixture_wait(f);
	}
	expect_answer(f, "SERVFAIL;;;");
	fixture_free(f);
}

// A slow server: its answer counts although the next one has been asked.
static void
late_answer_counts(void **state)
{
	struct fixture *f = fixture_started();
	struct caught first;

	ask(f, "www.ex.", "A", (struct query_opts){0});
	first = *expect_upstream(f, UPSTREAM1);
	first.d.data = first.data;
	fixture_wait(f);
	expect_upstream(f, UPSTREAM2);
	fixture_reply_text(f, &first, ANSWER);
	expect_answer(f, ANSWER);
	assert_true(dns64_next_ms(f->d) == UINT64_MAX);
	fixture_free(f);
}

// An error is an answer, but the other server may know better; the last error is the client's.
static void
failover_on_errors(void **state)
{
	struct fixture *f = fixture_started();

	ask(f, "www.ex.", "A", (struct query_opts){0});
	fixture_reply_text(f, expect_upstream(f, UPSTREAM1), "SERVFAIL;;;");
	fixture_reply_text(f, expect_upstream(f, UPSTREAM2), ANSWER);
	expect_answer(f, ANSWER);
	ask(f, "no.ex.", "A", (struct query_opts){0});
	fixture_reply_text(f, expect_upstream(f, UPSTREAM1), "SERVFAIL;;;");
	fixture_reply_text(f, expect_upstream(f, UPSTREAM2), "REFUSED;;;");
	expect_answer(f, "REFUSED;;;");
	fixture_free(f);
}

// A server that knows no EDNS is asked again without (RFC 6891 §7).
static void
edns_refused(void **state)
{
	struct fixture *f = fixture_started();
	const struct caught *c;
	struct edns e;
	struct wire w;

	ask(f, "www.ex.", "A", (struct query_opts){0});
	c = expect_upstream(f, UPSTREAM1);
	build_response(&w, c->data, c->d.len, "FORMERR;;;", 0);
	fixture_reply(f, c, &w);
	c = expect_upstream(f, UPSTREAM1);
	assert_false(message_opt(c->data, c->d.len, &e));
	fixture_reply_text(f, c, ANSWER);
	expect_answer(f, ANSWER);
	fixture_free(f);
}

// A try without an answer and the others come first; the dead one is tried now and then
// beside them, and used again once it answers.
static void
dead_server_gives_way(void **state)
{
	struct fixture *f = fixture_started();
	struct dns64_upstream_row row;
	struct caught probe;

	ask(f, "n0.ex.", "A", (struct query_opts){0});
	expect_upstream(f, UPSTREAM1);
	fixture_wait(f);
	fixture_reply_text(f, expect_upstream(f, UPSTREAM2), "NOERROR;;;");
	expect_answer(f, "NOERROR;;;");
	assert_true(dns64_upstream_row(f->d, 0, &row));
	assert_false(row.alive);
	assert_int_equal(row.timeouts, 1);
	assert_true(dns64_upstream_row(f->d, 1, &row));
	assert_true(row.alive);
	assert_false(dns64_upstream_row(f->d, 2, &row));
	ask(f, "n3.ex.", "A", (struct query_opts){0});
	fixture_reply_text(f, expect_upstream(f, UPSTREAM2), "NOERROR;;;");
	expect_answer(f, "NOERROR;;;");
	f->now += 5000;
	ask(f, "n4.ex.", "A", (struct query_opts){0});
	fixture_reply_text(f, expect_upstream(f, UPSTREAM2), "NOERROR;;;");
	probe = *expect_upstream(f, UPSTREAM1);
	expect_answer(f, "NOERROR;;;");
	f->now += 5000;
	ask(f, "n5.ex.", "A", (struct query_opts){0});
	expect_upstream(f, UPSTREAM2);
	probe = *expect_upstream(f, UPSTREAM1);
	probe.d.data = probe.data;
	fixture_reply_text(f, &probe, "NOERROR;;;");
	expect_answer(f, "NOERROR;;;");
	ask(f, "n6.ex.", "A", (struct query_opts){0});
	expect_upstream(f, UPSTREAM1);
	fixture_free(f);
}

// DNS-FORGE-01 (5452 §9.1): one thing wrong at a time, and the query goes on waiting.
static void
dns_forge_01_mismatch(void **state)
{
	static const struct {
		const char *what, *src, *dst;
		int sport, dport;        // added
		const char *question;    // instead
		unsigned int flip, mask; // octet of the message
	} rows[] = {
		{"source address", UPSTREAM2, SOURCE4, 0, 0, NULL, 0, 0},
		{"source port", UPSTREAM1, SOURCE4, 1, 0, NULL, 0, 0},
		{"destination address", UPSTREAM1, SOURCE6, 0, 0, NULL, 0, 0},
		{"destination port", UPSTREAM1, SOURCE4, 0, -1, NULL, 0, 0},
		{"ID", UPSTREAM1, SOURCE4, 0, 0, NULL, 1, 0x01},
		{"ID", UPSTREAM1, SOURCE4, 0, 0, NULL, 0, 0x80},
		{"QR", UPSTREAM1, SOURCE4, 0, 0, NULL, 2, 0x80},
		{"opcode", UPSTREAM1, SOURCE4, 0, 0, NULL, 2, 0x08},
		{"QNAME", UPSTREAM1, SOURCE4, 0, 0, NULL, 13, 0x01},
		{"QTYPE", UPSTREAM1, SOURCE4, 0, 0, NULL, 21, 0x1d},
		{"QCLASS", UPSTREAM1, SOURCE4, 0, 0, NULL, 23, 0x02},
		{"QDCOUNT", UPSTREAM1, SOURCE4, 0, 0, NULL, 5, 0x01},
	};
	struct fixture *f = fixture_started();
	const struct caught *c;
	struct wire w;

	ask(f, "www.ex.", "A", (struct query_opts){0});
	c = expect_upstream(f, UPSTREAM1);
	for (unsigned int i = 0; i < LEN(rows); i++) {
		uint64_t ignored =
			dns64_stats(f->d)->upstream_mismatch + dns64_stats(f->d)->ignored;

		build_response(&w, c->data, c->d.len, "NOERROR; www.ex. 60 A 6.6.6.6;;", 1232);
		w.b[rows[i].flip] ^= (uint8_t)rows[i].mask;
		fixture_send(f, rows[i].src, (uint16_t)(53 + rows[i].sport), rows[i].dst,
			(uint16_t)(c->d.sport + rows[i].dport), w.b, w.len);
		if (fixture_next(f))
			fail_msg("accepted with a wrong %s", rows[i].what);
		assert_int_equal(dns64_stats(f->d)->upstream_mismatch + dns64_stats(f->d)->ignored,
			ignored + 1);
	}
	fixture_send(f, UPSTREAM1, 53, SOURCE4, c->d.sport, w.b, 11);
	assert_null(fixture_next(f));
	// DNS-FORGE-06: case does not count.
	build_response(&w, c->data, c->d.len, "NOERROR; www.ex. 60 A 8.8.8.8;;", 1232);
	w.b[13] ^= 0x20;
	fixture_reply(f, c, &w);
	expect_answer(f, ANSWER);
	// The query is closed now.
	fixture_reply(f, c, &w);
	assert_null(fixture_next(f));
	fixture_free(f);
}

// DNS-FORGE-02: no port twice among those that are open, IDs over the whole range.
static void
dns_forge_02_ports_and_ids(void **state)
{
	static uint8_t seen[65536];
	unsigned int high = 0, ports_high = 0;
	struct fixture *f = fixture_new();
	char name[32];

	f->dns64.max_pending = 512;
	fixture_start(f);
	for (unsigned int i = 0; i < 512; i++) {
		const struct caught *c;

		snprintf(name, sizeof(name), "n%u.ex.", i);
		ask(f, name, "A", (struct query_opts){0});
		c = expect_upstream(f, UPSTREAM1);
		assert_int_equal(seen[c->d.sport]++, 0);
		high += wire_u16(c->data) >> 15;
		ports_high += c->d.sport >= 57344;
	}
	assert_in_range(high, 150, 362); // 256 +- 9 sigma
	assert_in_range(ports_high, 150, 362);
	fixture_free(f);
}

// DNS-FORGE-04: one query upstream for all who ask the same, each answered in its own way.
static void
dns_forge_04_coalesce(void **state)
{
	struct fixture *f = fixture_started();
	const struct caught *c;

	ask(f, "www.ex.", "A", (struct query_opts){.id = 1});
	ask(f, "WWW.ex.", "A", (struct query_opts){.id = 2});
	c = expect_upstream(f, UPSTREAM1);
	assert_null(fixture_next(f));
	fixture_reply_text(f, c, ANSWER);
	expect_answer(f, ANSWER);
	expect_answer(f, "NOERROR; WWW.ex. 60 A 8.8.8.8;;");
	assert_int_equal(dns64_stats(f->d)->coalesced, 1);
	assert_int_equal(dns64_stats(f->d)->cache_misses, 1);
	fixture_free(f);
}

// DNS-FORGE-04: with DO or CD it is another query, but the same question: one after the other.
static void
dns_forge_04_flags_in_turn(void **state)
{
	struct fixture *f = fixture_started();
	const struct caught *c;
	struct edns e;

	ask(f, "www.ex.", "A", (struct query_opts){.id = 1});
	ask(f, "www.ex.", "A", (struct query_opts){.id = 2, .dnssec_ok = true});
	ask(f, "www.ex.", "A", (struct query_opts){.id = 3, .dnssec_ok = true});
	ask(f, "www.ex.", "A", (struct query_opts){.id = 4});
	c = expect_upstream(f, UPSTREAM1);
	assert_null(fixture_next(f));
	fixture_reply_text(f, c, ANSWER);
	expect_answer(f, ANSWER);
	c = expect_upstream(f, UPSTREAM1);
	assert_true(message_opt(c->data, c->d.len, &e) && e.dnssec_ok);
	expect_answer(f, ANSWER);
	assert_null(fixture_next(f));
	fixture_reply_text(f, c, "NOERROR; www.ex. 60 A 8.8.8.8 | www.ex. 60 RRSIG A;;");
	expect_answer(f, "NOERROR; www.ex. 60 A 8.8.8.8 | www.ex. 60 RRSIG A;;");
	expect_answer(f, "NOERROR; www.ex. 60 A 8.8.8.8 | www.ex. 60 RRSIG A;;");
	assert_null(fixture_next(f));
	fixture_free(f);
}

// Malformed in any part: the next server, then SERVFAIL.
static void
malformed_response(void **state)
{
	struct fixture *f = fixture_started();
	const struct caught *c;
	struct wire w;

	ask(f, "www.ex.", "A", (struct query_opts){0});
	for (int i = 0; i < 2; i++) {
		c = expect_upstream(f, i ? UPSTREAM2 : UPSTREAM1);
		build_response(&w, c->data, c->d.len, ANSWER, 0);
		if (i)
			w.len -= 1;
		else
			wire_set16(w.b + DNS_ARCOUNT, 3);
		fixture_reply(f, c, &w);
	}
	expect_answer(f, "SERVFAIL;;;");
	assert_int_equal(dns64_stats(f->d)->upstream_malformed, 2);
	fixture_free(f);
}

// max_pending bounds the clients; the one too many is dropped and counted, cached answers still go.
static void
pending_is_bounded(void **state)
{
	struct fixture *f = fixture_new();
	struct dns64_gauges g;

	f->dns64.max_pending = 2;
	fixture_start(f);
	ask(f, "hit.ex.", "A", (struct query_opts){0});
	fixture_reply_text(f, expect_upstream(f, UPSTREAM1), "NOERROR; hit.ex. 60 A 8.8.8.8;;");
	expect_answer(f, "NOERROR; hit.ex. 60 A 8.8.8.8;;");
	ask(f, "a.ex.", "AAAA", (struct query_opts){0});
	ask(f, "b.ex.", "A", (struct query_opts){0});
	ask(f, "c.ex.", "A", (struct query_opts){0});
	dns64_gauges(f->d, &g);
	assert_int_equal(g.pending, 2);
	assert_int_equal(g.pending_max, 2);
	assert_int_equal(dns64_stats(f->d)->dropped_full, 1);
	// Who is inside goes on to his second question, and who hits the cache needs no place.
	fixture_reply_text(f, expect_upstream(f, UPSTREAM1), "NOERROR;;;");
	expect_upstream(f, UPSTREAM1);
	expect_upstream(f, UPSTREAM1);
	ask(f, "hit.ex.", "A", (struct query_opts){0});
	expect_answer(f, "NOERROR; hit.ex. 60 A 8.8.8.8;;");
	fixture_free(f);
}

// However much is due at once, a tick does a bounded part of it, and says that there is more.
static void
ticks_are_bounded(void **state)
{
	struct fixture *f = fixture_new();
	struct dns64_gauges g;
	unsigned int n, servfail = 0;
	char name[32];

	f->dns64.max_pending = 512;
	fixture_start(f);
	for (unsigned int i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "n%u.ex.", i);
		ask(f, name, "A", (struct query_opts){0});
		expect_upstream(f, UPSTREAM1);
	}
	f->now = dns64_next_ms(f->d);
	for (n = 0; n < 300; n += DNS64_TICK_BUDGET) {
		assert_true(dns64_next_ms(f->d) <= f->now);
		assert_int_equal(dns64_tick(f->d, f->now),
			n + DNS64_TICK_BUDGET < 300 ? DNS64_TICK_BUDGET : 300 - n);
		while (fixture_next(f))
			;
	}
	assert_true(dns64_next_ms(f->d) > f->now);
	f->now += 60000; // now tries and clients are over
	for (n = 1; n > 0;) {
		bool due = dns64_next_ms(f->d) <= f->now;

		n = dns64_tick(f->d, f->now);
		assert_int_equal(due, n > 0);
		assert_in_range(n, 0, 2 * DNS64_TICK_BUDGET);
		while (fixture_next(f))
			servfail += f->q[(f->head - 1) % CAUGHT_MAX].d.sport == DNS64_PORT;
	}
	assert_int_equal(servfail, 300);
	dns64_gauges(f->d, &g);
	assert_int_equal(g.pending, 0);
	fixture_free(f);
}

// With long time-outs the client's own limit ends it; nothing stays behind.
static void
client_deadline(void **state)
{
	struct fixture *f = fixture_new();
	char answer[TEXT_LEN];
	const struct step steps[STEPS] = {{"a.ex. AAAA", "NOERROR; a.ex. 60 CNAME b.ex.;;"},
		{"b.ex. AAAA", NULL}, {"b.ex. A", NULL}};
	struct dns64_gauges g;
	struct wire q;
	uint64_t begin = f->now;

	f->dns64.timeout_ms = 3000;
	fixture_start(f);
	build_query(&q, "a.ex.", "AAAA", (struct query_opts){0});
	fixture_play(f, &q, steps, answer, NULL);
	assert_string_equal(answer, "SERVFAIL;;;");
	assert_true(f->now - begin <= 13500);
	dns64_gauges(f->d, &g);
	assert_int_equal(g.pending, 0);
	assert_true(dns64_next_ms(f->d) == UINT64_MAX);
	fixture_free(f);
}

static void
create_errors(void **state)
{
	struct fixture *f = fixture_new();
	struct dns64_params p = {.dns64 = &f->dns64, .nat64 = &f->nat64};
	struct err err = {{0}};

	assert_null(dns64_create(&p, &err));
	assert_string_equal(err.text, "dns64 upstream 0 has no source address for IPv4");
	f->dns64.n_upstream = 0;
	assert_null(dns64_create(&p, &err));
	assert_string_equal(err.text, "dns64 needs 1 to 8 upstreams");
	fixture_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(upstream_query_form),
		cmocka_unit_test(dns_cache_05_tries),
		cmocka_unit_test(dns_cache_05_three_to_one_server),
		cmocka_unit_test(late_answer_counts),
		cmocka_unit_test(failover_on_errors),
		cmocka_unit_test(edns_refused),
		cmocka_unit_test(dead_server_gives_way),
		cmocka_unit_test(dns_forge_01_mismatch),
		cmocka_unit_test(dns_forge_02_ports_and_ids),
		cmocka_unit_test(dns_forge_04_coalesce),
		cmocka_unit_test(dns_forge_04_flags_in_turn),
		cmocka_unit_test(malformed_response),
		cmocka_unit_test(pending_is_bounded),
		cmocka_unit_test(ticks_are_bounded),
		cmocka_unit_test(client_deadline),
		cmocka_unit_test(create_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
