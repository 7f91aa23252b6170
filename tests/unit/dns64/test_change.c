// SPDX-License-Identifier: BSD-3-Clause
// Other settings while it runs: what the cache still says, and what becomes of queries that wait.
#include "change.h"

#define A_OF(addr) "NOERROR; www.ex. 3600 A " addr ";;"
#define DENIED     "NOERROR;; ex. 900 SOA 300;"

static const struct step www[STEPS] = {{"www.ex. AAAA", DENIED}, {"www.ex. A", A_OF("8.8.8.8")}};

// ---- the cache

#define WKP "NOERROR; www.ex. 300 AAAA 64:ff9b::808:808;;"
#define NSP "NOERROR; www.ex. 300 AAAA 2001:db8:64::808:808;;"

// Whatever was made with the old prefixes, be it kept as it was or made of its parts each time, is
// not said again (RFC 6147 §5.2).
static void
d64_other_prefixes_hold_at_once(void **state)
{
	static const struct step alias[STEPS] = {
		{"a.ex. AAAA", "NOERROR; a.ex. 600 CNAME www.ex.; ex. 900 SOA 300;"},
		{"www.ex. A", A_OF("8.8.8.8")}, {"www.ex. AAAA", DENIED}};
	struct fixture *f = fixture_started();

	assert_int_equal(play(f, "www.ex.", "AAAA", www, WKP), 2);
	assert_int_equal(play(f, "www.ex.", "AAAA", www, WKP), 0);
	play(f, "a.ex.", "AAAA", alias,
		"NOERROR; a.ex. 600 CNAME www.ex. | www.ex. 300 AAAA 64:ff9b::808:808;;");
	prefixes(f, "2001:db8:64::/96", NULL);
	change(f);
	assert_int_equal(play(f, "www.ex.", "AAAA", www, NSP), 2);
	assert_int_equal(play(f, "www.ex.", "AAAA", www, NSP), 0);
	play(f, "a.ex.", "AAAA", alias,
		"NOERROR; a.ex. 600 CNAME www.ex. | www.ex. 300 AAAA 2001:db8:64::808:808;;");
	prefixes(f, "2001:db8:64::/96", "64:ff9b::/96"); // in the order of preference
	change(f);
	play(f, "www.ex.", "AAAA", www,
		"NOERROR; www.ex. 300 AAAA 2001:db8:64::808:808 | www.ex. 300 AAAA "
		"64:ff9b::808:808;;");
	fixture_free(f);
}

// A reverse name below a prefix that is new was the upstream's before, and the other way round.
static void
d64_reverse_names_follow_the_prefixes(void **state)
{
	static const char name[] = "8.0.8.0.8.0.8.0.0.0.0.0.0.0.0.0.0.0.0.0.4.6.0.0.8.b.d.0.1.0.0."
				   "2.ip6.arpa.";
	static const char mapped[] =
		"NOERROR; "
		"8.0.8.0.8.0.8.0.0.0.0.0.0.0.0.0.0.0.0.0.4.6.0.0.8.b.d.0.1.0.0.2.ip6.arpa. "
		"600 CNAME 8.8.8.8.in-addr.arpa. | 8.8.8.8.in-addr.arpa. 900 PTR dns.ex.;;";
	const struct step steps[STEPS] = {{name, NULL},
		{"8.8.8.8.in-addr.arpa. PTR", "NOERROR; 8.8.8.8.in-addr.arpa. 900 PTR dns.ex.;;"}};
	const struct step passed[STEPS] = {
		{"8.0.8.0.8.0.8.0.0.0.0.0.0.0.0.0.0.0.0.0.4.6.0.0.8.b.d.0.1.0.0.2.ip6.arpa. PTR",
			"NXDOMAIN;; ip6.arpa. 900 SOA 300;"}};
	struct fixture *f = fixture_started();

	f->dns64.empty_zones = false; // the prefix is in one
	for (int i = 0; i < 2; i++) {
		prefixes(f, "64:ff9b::/96", NULL);
		change(f);
		play(f, name, "PTR", passed, "NXDOMAIN;; ip6.arpa. 300 SOA 300;");
		prefixes(f, "2001:db8:64::/96", NULL);
		change(f);
		play(f, name, "PTR", steps, mapped);
	}
	fixture_free(f);
}

static void
d64_p10_empty_zones_are_switched(void **state)
{
	const struct step asked[STEPS] = {
		{"1.10.in-addr.arpa. PTR", "NOERROR; 1.10.in-addr.arpa. 60 PTR www.ex.;;"}};
	struct fixture *f = fixture_started();

	for (int i = 0; i < 2; i++) {
		assert_int_equal(play(f, "1.10.in-addr.arpa.", "PTR", (struct step[STEPS]){{NULL}},
					 "NXDOMAIN +aa;; 10.in-addr.arpa. 10800 SOA 10800;"),
			0);
		f->dns64.empty_zones = false;
		change(f);
		play(f, "1.10.in-addr.arpa.", "PTR", asked,
			"NOERROR; 1.10.in-addr.arpa. 60 PTR www.ex.;;");
		f->dns64.empty_zones = true;
		change(f);
	}
	fixture_free(f);
}

static void
the_cache_is_kept_where_answers_stay_the_same(void **state)
{
	struct fixture *f = fixture_started();

	play(f, "www.ex.", "AAAA", www, WKP);
	f->dns64.allow[f->dns64.n_allow++] = f->dns64.allow[0];
	f->dns64.timeout_ms = 300;
	f->dns64.tries = 2;
	f->dns64.port_first = 50000;
	f->dns64.cache_max_ttl += 1;
	f->dns64.cache_max_negative_ttl += 1;
	f->source4 = "198.18.0.9";
	upstream(f, 0, UPSTREAM2, 5353); // the other order
	upstream(f, 1, UPSTREAM1, 53);
	f->dns64.n_listen = 1;
	change(f);
	assert_int_equal(play(f, "www.ex.", "AAAA", www, WKP), 0);
	fixture_free(f);
}

static void
other_servers_exclusions_and_times_outdate_the_cache(void **state)
{
	struct fixture *f = fixture_started();
	uint32_t cursor = 0;

	for (unsigned int i = 0; i < 6; i++) {
		assert_int_equal(play(f, "www.ex.", "AAAA", www, WKP), 2);
		assert_int_equal(play(f, "www.ex.", "AAAA", www, WKP), 0);
		switch (i) {
		case 0:
			upstream(f, 0, UPSTREAM3, 53);
			break;
		case 1:
			f->dns64.n_upstream = 1;
			break;
		case 2:
			f->dns64.n_exclude_aaaa = 0;
			break;
		case 3:
			f->nat64.wkp_allow = WKP_ALLOW_ALL;
			break;
		case 4:
			f->dns64.cache_max_ttl--;
			break;
		default:
			f->dns64.cache_max_negative_ttl--;
		}
		change(f);
	}
	assert_false(dns64_walk_cache(f->d, &cursor, UINT32_MAX, f->now, NULL, NULL));
	fixture_free(f);
}

// What is outdated takes no room from what is not.
static void
outdated_entries_give_way(void **state)
{
	struct fixture *f = fixture_new();
	struct dns64_gauges g;

	f->dns64.cache_entries = 64;
	fixture_start(f);
	for (unsigned int i = 0; i < 200; i++) {
		char name[16], question[32], text[64];
		const struct step steps[STEPS] = {{question, text}};

		snprintf(name, sizeof(name), "n%u.ex.", i);
		snprintf(question, sizeof(question), "%s A", name);
		snprintf(text, sizeof(text), "NOERROR; %s 600 A 8.8.8.8;;", name);
		if (i == 60) {
			f->nat64.wkp_allow = WKP_ALLOW_PRIVATE;
			change(f);
		}
		if (i == 124)
			break;
		play(f, name, "A", steps, text);
	}
	assert_int_equal(dns64_stats(f->d)->cache_evictions, 0);
	dns64_gauges(f->d, &g);
	assert_int_equal(g.cache_entries, 64);
	fixture_free(f);
}

// ---- who may ask, and where

static void
who_may_ask_changes(void **state)
{
	struct fixture *f = fixture_started();

	assert_int_equal(prefix6_parse("2001:db8:7::/64", &f->dns64.allow[0]), 0);
	change(f);
	ask(f, "ipv4only.arpa.", "A");
	assert_null(fixture_next(f));
	assert_int_equal(dns64_stats(f->d)->refused_acl, 1);
	assert_int_equal(prefix6_parse("2001:db8:1::/64", &f->dns64.allow[0]), 0);
	f->dns64.n_listen = 1;
	assert_int_equal(addr_parse_any(LISTEN_ADDR4, &f->dns64.listen[0]), 0);
	change(f);
	ask(f, "ipv4only.arpa.", "A");
	assert_null(fixture_next(f));
	assert_int_equal(dns64_stats(f->d)->ignored, 1);
	f->dns64.listen[f->dns64.n_listen++] = f->dns64.listen[0];
	assert_int_equal(addr_parse_any(LISTEN_ADDR, &f->dns64.listen[0]), 0);
	change(f);
	ask(f, "ipv4only.arpa.", "A");
	assert_non_null(fixture_next(f));
	fixture_free(f);
}

// ---- queries that wait

// The server that was asked is another now: the new one is asked at once, and an answer of the old
// one is not one any more.
static void
a_server_goes_while_it_is_asked(void **state)
{
	struct fixture *f = fixture_started();
	struct caught old, now;

	ask(f, "www.ex.", "A");
	old = expect_upstream(f, UPSTREAM1);
	upstream(f, 0, UPSTREAM3, 53);
	change(f);
	now = expect_upstream(f, UPSTREAM3);
	reply(f, &old, A_OF("6.6.6.6"));
	assert_null(fixture_next(f));
	assert_int_equal(dns64_stats(f->d)->upstream_mismatch, 1);
	reply(f, &now, A_OF("8.8.8.8"));
	expect_answer(f, A_OF("8.8.8.8"));
	assert_int_equal(pending(f), 0);
	assert_true(dns64_next_ms(f->d) == UINT64_MAX);
	fixture_free(f);
}

// Another order, and one more: what is open goes on, and so do the counters.
static void
a_server_stays_while_it_is_asked(void **state)
{
	struct fixture *f = fixture_started();
	struct dns64_upstream_row row;
	struct caught asked;

	ask(f, "www.ex.", "A");
	asked = expect_upstream(f, UPSTREAM1);
	upstream(f, 0, UPSTREAM2, 5353);
	upstream(f, 1, UPSTREAM3, 53);
	upstream(f, 2, UPSTREAM1, 53);
	f->dns64.n_upstream = 3;
	change(f);
	assert_null(fixture_next(f));
	reply(f, &asked, A_OF("8.8.8.8"));
	expect_answer(f, A_OF("8.8.8.8"));
	assert_true(dns64_upstream_row(f->d, 2, &row));
	assert_int_equal(row.queries, 1);
	assert_int_equal(row.answers, 1);
	assert_true(dns64_upstream_row(f->d, 0, &row));
	assert_int_equal(row.queries, 0);
	assert_int_equal(row.port, 5353);
	assert_false(dns64_upstream_row(f->d, 3, &row));
	assert_int_equal(pending(f), 0);
	ask(f, "new.ex.", "A");
	expect_upstream(f, UPSTREAM2); // the first one now
	fixture_free(f);
}

// The one before knew no EDNS; the new one is asked with it.
static void
edns_is_tried_with_the_new_server(void **state)
{
	struct fixture *f = fixture_started();
	struct caught c;
	struct edns e;
	struct wire refusal;

	ask(f, "www.ex.", "A");
	c = expect_upstream(f, UPSTREAM1);
	c.d.data = c.data;
	build_response(&refusal, c.data, c.d.len, "FORMERR;;;", 0);
	fixture_reply(f, &c, &refusal);
	c = expect_upstream(f, UPSTREAM1);
	assert_false(message_opt(c.data, c.d.len, &e));
	upstream(f, 0, UPSTREAM3, 53);
	change(f);
	c = expect_upstream(f, UPSTREAM3);
	assert_true(message_opt(c.data, c.d.len, &e));
	reply(f, &c, A_OF("8.8.8.8"));
	expect_answer(f, A_OF("8.8.8.8"));
	fixture_free(f);
}

// Our address or our ports change: an answer to the old ones would not arrive.
static void
we_ask_from_elsewhere(void **state)
{
	struct fixture *f = fixture_started();
	struct caught c;
	char text[ADDR_TEXT_LEN];

	ask(f, "www.ex.", "A");
	expect_upstream(f, UPSTREAM1);
	f->source4 = "198.18.0.9";
	change(f);
	c = expect_upstream(f, UPSTREAM1);
	assert_string_equal(addr6_text(&c.d.src, text), "198.18.0.9");
	f->dns64.port_first = 30000;
	f->dns64.port_last = 30255;
	change(f);
	c = expect_upstream(f, UPSTREAM1);
	assert_in_range(c.d.sport, 30000, 30255);
	reply(f, &c, A_OF("8.8.8.8"));
	expect_answer(f, A_OF("8.8.8.8"));
	assert_true(dns64_next_ms(f->d) == UINT64_MAX);
	fixture_free(f);
}

// The answer to a query that waited is made by the new settings, and none of it comes of what was
// found out before.
static void
d64_a_query_waits_over_a_change(void **state)
{
	static const char real[] = "NOERROR; www.ex. 300 AAAA 2001:db8:bad::1;;";
	struct fixture *f = fixture_new();
	struct caught c;

	assert_int_equal(prefix6_parse("2001:db8:bad::/48", &f->dns64.exclude_aaaa[0]), 0);
	fixture_start(f);
	ask(f, "www.ex.", "AAAA");
	c = expect_upstream(f, UPSTREAM1);
	reply(f, &c, real); // excluded: A is asked
	c = expect_upstream(f, UPSTREAM1);
	f->dns64.n_exclude_aaaa = 0;
	prefixes(f, "2001:db8:64::/96", NULL);
	change(f);
	reply(f, &c, A_OF("8.8.8.8"));
	c = expect_upstream(f, UPSTREAM1); // for AAAA, again
	reply(f, &c, real);
	expect_answer(f, real);
	assert_int_equal(play(f, "www.ex.", "AAAA", www, real), 0);
	fixture_free(f);
}

// Its prefix goes while the name of the IPv4 address is looked up.
static void
d64_a_reverse_query_waits_over_a_change(void **state)
{
	static const char name[] =
		"8.0.8.0.8.0.8.0.0.0.0.0.0.0.0.0.0.0.0.0.4.6.0.0.8.b.d.0.1.0.0.2.ip6.arpa.";
	struct fixture *f = fixture_new();
	struct caught c;

	fixture_prefix(f, "2001:db8:64::/96");
	f->dns64.empty_zones = false; // the prefix is in one
	fixture_start(f);
	ask(f, name, "PTR");
	c = expect_upstream(f, UPSTREAM1);
	prefixes(f, "2001:db8:65::/96", NULL);
	change(f);
	reply(f, &c, "NXDOMAIN;; in-addr.arpa. 900 SOA 300;");
	c = expect_upstream(f, UPSTREAM1);
	reply(f, &c, "NXDOMAIN;; ip6.arpa. 900 SOA 300;");
	expect_answer(f, "NXDOMAIN;; ip6.arpa. 300 SOA 300;");
	assert_int_equal(pending(f), 0);
	fixture_free(f);
}

// Shorter times hold for what waits already, longer ones too.
static void
times_hold_at_once(void **state)
{
	struct fixture *f = fixture_started();
	uint64_t begin = f->now;

	ask(f, "www.ex.", "A");
	expect_upstream(f, UPSTREAM1);
	f->dns64.timeout_ms = 200;
	change(f);
	ask(f, "b.ex.", "A");
	expect_upstream(f, UPSTREAM1);
	fixture_wait(f);
	assert_int_equal(f->now - begin, 200);
	expect_upstream(f, UPSTREAM2);
	expect_upstream(f, UPSTREAM2);
	f->dns64.timeout_ms = 1400;
	change(f);
	fixture_wait(f);
	assert_int_equal(f->now - begin, 1600);
	fixture_free(f);
}

// Sixteen places do for any number of changes, with one question open all the time.
static void
all_servers_change_again_and_again(void **state)
{
	struct fixture *f = fixture_started();
	struct caught c;

	f->dns64.timeout_ms = 10000;
	change(f);
	ask(f, "www.ex.", "A");
	expect_upstream(f, UPSTREAM1);
	for (unsigned int round = 0; round < 300; round++) {
		f->dns64.n_upstream = 1 + round % CONFIG_UPSTREAMS;
		for (unsigned int i = 0; i < f->dns64.n_upstream; i++)
			upstream(f, i, UPSTREAM3, (uint16_t)(1000 + 8 * (round % 5) + i));
		change(f);
		c = expect_upstream(f, UPSTREAM3);
		assert_int_equal(c.d.dport, 1000 + 8 * (round % 5));
		assert_null(fixture_next(f));
	}
	reply(f, &c, A_OF("8.8.8.8"));
	expect_answer(f, A_OF("8.8.8.8"));
	assert_true(dns64_next_ms(f->d) == UINT64_MAX);
	fixture_free(f);
}

// ---- refused

static void
what_cannot_change_is_refused(void **state)
{
	struct fixture *f = fixture_started();

	f->dns64.max_pending++;
	assert_non_null(strstr(fixture_change(f, 1), "restart"));
	f->dns64.max_pending--;
	f->dns64.edns_size++;
	assert_non_null(strstr(fixture_change(f, 1), "restart"));
	f->dns64.edns_size--;
	f->dns64.cache_entries++;
	assert_non_null(strstr(fixture_change(f, 1), "restart"));
	f->dns64.cache_entries--;
	f->source4 = "::";
	assert_non_null(strstr(fixture_change(f, 1), "source address"));
	f->source4 = SOURCE4;
	f->dns64.n_upstream = 0;
	assert_non_null(strstr(fixture_change(f, 1), "upstreams"));
	f->dns64.n_upstream = 2;
	play(f, "www.ex.", "AAAA", www, WKP);
	fixture_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(d64_other_prefixes_hold_at_once),
		cmocka_unit_test(d64_reverse_names_follow_the_prefixes),
		cmocka_unit_test(d64_p10_empty_zones_are_switched),
		cmocka_unit_test(the_cache_is_kept_where_answers_stay_the_same),
		cmocka_unit_test(other_servers_exclusions_and_times_outdate_the_cache),
		cmocka_unit_test(outdated_entries_give_way),
		cmocka_unit_test(who_may_ask_changes),
		cmocka_unit_test(a_server_goes_while_it_is_asked),
		cmocka_unit_test(a_server_stays_while_it_is_asked),
		cmocka_unit_test(edns_is_tried_with_the_new_server),
		cmocka_unit_test(we_ask_from_elsewhere),
		cmocka_unit_test(d64_a_query_waits_over_a_change),
		cmocka_unit_test(d64_a_reverse_query_waits_over_a_change),
		cmocka_unit_test(times_hold_at_once),
		cmocka_unit_test(all_servers_change_again_and_again),
		cmocka_unit_test(what_cannot_change_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
