// SPDX-License-Identifier: BSD-3-Clause
// RFC 2308, 8020, 9520 as seen by clients, then the bounds of the store itself.
#include "support.h"

#include "base/hash.h"
#include "dns64/cache.h"

static void
play(struct fixture *f, const char *name, const char *type, const struct step *steps,
	unsigned int upstream, const char *want)
{
	unsigned int n;
	char answer[TEXT_LEN];
	struct wire q;

	build_query(&q, name, type, (struct query_opts){.size = 1232});
	n = fixture_play(f, &q, steps, answer, NULL);
	assert_string_equal(answer, want);
	assert_int_equal(n, upstream);
}

static void
ttl_counts_down(void **state)
{
	const struct step steps[STEPS] = {
		{"www.ex. A", "NOERROR; www.ex. 60 CNAME a.ex. | a.ex. 30 A 8.8.8.8;;"}};
	struct fixture *f = fixture_started();

	play(f, "www.ex.", "A", steps, 1, steps[0].reply);
	f->now += 12999;
	play(f, "www.ex.", "A", steps, 0, "NOERROR; www.ex. 48 CNAME a.ex. | a.ex. 18 A 8.8.8.8;;");
	f->now += 17000;
	play(f, "www.ex.", "A", steps, 0, "NOERROR; www.ex. 31 CNAME a.ex. | a.ex. 1 A 8.8.8.8;;");
	f->now += 1;
	play(f, "www.ex.", "A", steps, 1, steps[0].reply);
	assert_int_equal(dns64_stats(f->d)->cache_hits, 2);
	assert_int_equal(dns64_stats(f->d)->cache_misses, 2);
	fixture_free(f);
}

// DNS-CACHE-01, -03: NODATA for the type, NXDOMAIN for all, the SOA counted down.
static void
dns_cache_01_negative(void **state)
{
	const struct step steps[STEPS] = {{"a.ex. A", "NOERROR;; ex. 900 SOA 300;"},
		{"a.ex. MX", "NOERROR; a.ex. 60 MX m.ex.;;"},
		{"b.ex. A", "NXDOMAIN;; ex. 100 SOA 300;"}};
	struct fixture *f = fixture_started();

	play(f, "a.ex.", "A", steps, 1, "NOERROR;; ex. 300 SOA 300;");
	f->now += 100000;
	play(f, "a.ex.", "A", steps, 0, "NOERROR;; ex. 200 SOA 300;");
	play(f, "a.ex.", "MX", steps, 1, "NOERROR; a.ex. 60 MX m.ex.;;");
	play(f, "b.ex.", "A", steps, 1, "NXDOMAIN;; ex. 100 SOA 300;");
	f->now += 10000;
	play(f, "b.ex.", "MX", steps, 0, "NXDOMAIN;; ex. 90 SOA 300;");
	play(f, "B.ex.", "AAAA", steps, 0, "NXDOMAIN;; ex. 90 SOA 300;");
	f->now += 90000;
	play(f, "b.ex.", "A", steps, 1, "NXDOMAIN;; ex. 100 SOA 300;");
	fixture_free(f);
}

static void
dns_cache_02_no_soa(void **state)
{
	const struct step steps[STEPS] = {{"a.ex. A", "NXDOMAIN;;;"}, {"b.ex. A", "NOERROR;;;"}};
	struct fixture *f = fixture_started();

	for (int i = 0; i < 2; i++) {
		play(f, "a.ex.", "A", steps, 1, "NXDOMAIN;;;");
		play(f, "b.ex.", "A", steps, 1, "NOERROR;;;");
	}
	fixture_free(f);
}

// DNS-CACHE-04: at least 1 s, longer when it comes again, at most 5 min.
static void
dns_cache_04_failures(void **state)
{
	const struct step steps[STEPS] = {{"a.ex. A", "SERVFAIL;;;"}};
	struct fixture *f = fixture_started();
	uint64_t wait = 1000;

	for (int i = 0; i < 10; i++) {
		play(f, "a.ex.", "A", steps, 2, "SERVFAIL;;;");
		f->now += wait - 1;
		play(f, "a.ex.", "A", steps, 0, "SERVFAIL;;;");
		f->now += 1;
		wait = wait * 2 > 60000 ? 60000 : wait * 2;
	}
	f->now += 700000;
	play(f, "a.ex.", "A", steps, 2, "SERVFAIL;;;");
	f->now += 1000;
	play(f, "a.ex.", "A", steps, 2, "SERVFAIL;;;");
	fixture_free(f);
}

// DNS-CACHE-04: a time-out is a failure too.
static void
dns_cache_04_timeout(void **state)
{
	const struct step steps[STEPS] = {{"a.ex. A", NULL}};
	struct fixture *f = fixture_started();

	play(f, "a.ex.", "A", steps, 3, "SERVFAIL;;;");
	play(f, "a.ex.", "A", steps, 0, "SERVFAIL;;;");
	fixture_free(f);
}

// DNS-CACHE-06: a denied name denies what is below it; the end of a chain is another name.
static void
dns_cache_06_nxdomain_cut(void **state)
{
	const struct step steps[STEPS] = {{"no.ex. A", "NXDOMAIN;; ex. 100 SOA 300;"},
		{"alias.ex. A", "NXDOMAIN; alias.ex. 60 CNAME gone.net.; net. 100 SOA 300;"},
		{"a.alias.ex. A", "NOERROR; a.alias.ex. 60 A 8.8.8.8;;"},
		{"alias.ex. MX", "NXDOMAIN; alias.ex. 60 CNAME gone.net.; net. 100 SOA 300;"},
		{"xno.ex. A", "NOERROR; xno.ex. 60 A 8.8.8.8;;"}};
	struct fixture *f = fixture_started();

	play(f, "no.ex.", "A", steps, 1, "NXDOMAIN;; ex. 100 SOA 300;");
	f->now += 40000;
	play(f, "deep.below.No.ex.", "TXT", steps, 0, "NXDOMAIN;; ex. 60 SOA 300;");
	play(f, "deep.below.No.ex.", "AAAA", steps, 0, "NXDOMAIN;; ex. 60 SOA 300;");
	play(f, "xno.ex.", "A", steps, 1, "NOERROR; xno.ex. 60 A 8.8.8.8;;");
	play(f, "alias.ex.", "A", steps, 1, steps[1].reply);
	play(f, "a.alias.ex.", "A", steps, 1, steps[2].reply);
	play(f, "alias.ex.", "MX", steps, 1, steps[3].reply);
	fixture_free(f);
}

// DNS-CACHE-08, D64-S04: what is synthesised lives as long as its parts, which are shared.
static void
dns_cache_08_parts(void **state)
{
	const struct step steps[STEPS] = {{"www.ex. AAAA", "NOERROR;; ex. 100 SOA 100;"},
		{"www.ex. A", "NOERROR; www.ex. 60 A 8.8.8.8;;"}};
	struct fixture *f = fixture_started();

	play(f, "www.ex.", "A", steps, 1, steps[1].reply);
	f->now += 20000;
	play(f, "www.ex.", "AAAA", steps, 1, "NOERROR; www.ex. 40 AAAA 64:ff9b::808:808;;");
	f->now += 10000;
	play(f, "www.ex.", "AAAA", steps, 0, "NOERROR; www.ex. 30 AAAA 64:ff9b::808:808;;");
	f->now += 30000;
	// A is over, the denial of AAAA has 60 s left and bounds the new A.
	play(f, "www.ex.", "AAAA", steps, 1, "NOERROR; www.ex. 60 AAAA 64:ff9b::808:808;;");
	f->now += 50000;
	play(f, "www.ex.", "AAAA", steps, 0, "NOERROR; www.ex. 10 AAAA 64:ff9b::808:808;;");
	play(f, "www.ex.", "A", steps, 0, "NOERROR; www.ex. 10 A 8.8.8.8;;");
	fixture_free(f);
}

// D64-S02, D64-S06, D64-S08, D64-A01: what is made of parts in the cache is what was made at first,
// and no part takes the place of the whole where there is an alias, a signature or no address.
static void
d64_s02_from_the_cache(void **state)
{
	const struct step steps[STEPS] = {
		{"www.ex. AAAA", "NOERROR;; ex. 100 SOA 100;"},
		{"www.ex. A", "NOERROR; www.ex. 60 A 10.0.0.1 | www.ex. 50 A 9.9.9.9 | "
			      "www.ex. 60 A 8.8.8.8;;"},
		{"lan.ex. AAAA", "NOERROR;; ex. 90 SOA 90;"},
		{"lan.ex. A", "NOERROR; lan.ex. 60 A 10.0.0.1;;"},
		{"ns.ex. AAAA", "NOERROR;; ex. 90 SOA 90;"},
		{"ns.ex. A", "NOERROR; ns.ex. 60 A 8.8.8.8; ex. 60 NSEC ns.ex.;"},
		{"alias.ex. AAAA", "NOERROR; alias.ex. 70 CNAME www.ex.; ex. 100 SOA 100;"},
	};
	static const char *const answers[][2] = {
		{"www.ex.", "NOERROR; www.ex. 50 AAAA 64:ff9b::909:909 | "
			    "www.ex. 60 AAAA 64:ff9b::808:808 | "
			    "www.ex. 60 AAAA 2001:db8:64::a00:1 | "
			    "www.ex. 50 AAAA 2001:db8:64::909:909 | "
			    "www.ex. 60 AAAA 2001:db8:64::808:808;;"},
		{"lan.ex.", "NOERROR; lan.ex. 60 AAAA 2001:db8:64::a00:1;;"},
		{"ns.ex.", "NOERROR; ns.ex. 60 AAAA 64:ff9b::808:808 | "
			   "ns.ex. 60 AAAA 2001:db8:64::808:808;;"},
		{"alias.ex.", "NOERROR; alias.ex. 70 CNAME www.ex. | "
			      "www.ex. 50 AAAA 64:ff9b::909:909 | "
			      "www.ex. 60 AAAA 64:ff9b::808:808 | "
			      "www.ex. 60 AAAA 2001:db8:64::a00:1 | "
			      "www.ex. 50 AAAA 2001:db8:64::909:909 | "
			      "www.ex. 60 AAAA 2001:db8:64::808:808;;"},
	};
	static const unsigned int upstream[] = {2, 2, 2, 1};
	struct fixture *f = fixture_new();

	fixture_prefix(f, "64:ff9b::/96");
	fixture_prefix(f, "2001:db8:64::/96");
	fixture_start(f);
	for (unsigned int i = 0; i < LEN(answers); i++) {
		play(f, answers[i][0], "AAAA", steps, upstream[i], answers[i][1]);
		play(f, answers[i][0], "AAAA", steps, 0, answers[i][1]);
	}
	fixture_free(f);
	// Without a usable address the denial stands, from the cache as well.
	f = fixture_started();
	play(f, "lan.ex.", "AAAA", steps, 2, "NOERROR;; ex. 90 SOA 90;");
	play(f, "lan.ex.", "AAAA", steps, 0, "NOERROR;; ex. 90 SOA 90;");
	fixture_free(f);
}

static void
dns_cache_09_ttl_0(void **state)
{
	const struct step steps[STEPS] = {{"www.ex. A", "NOERROR; www.ex. 0 A 8.8.8.8;;"}};
	struct fixture *f = fixture_started();

	play(f, "www.ex.", "A", steps, 1, "NOERROR; www.ex. 0 A 8.8.8.8;;");
	play(f, "www.ex.", "A", steps, 1, "NOERROR; www.ex. 0 A 8.8.8.8;;");
	fixture_free(f);
}

static void
count_row(void *arg, const struct dns64_cache_row *row)
{
	unsigned int *n = arg;

	(*n)++;
	assert_true(row->ttl > 0);
	if (strcmp(row->name, "www.ex.") == 0 && row->qtype == DNS_A) {
		assert_int_equal(row->records, 1);
		assert_int_equal(row->ttl, 60);
		assert_false(row->negative);
	}
	if (strcmp(row->name, "no.ex.") == 0) {
		assert_int_equal(row->rcode, DNS_NXDOMAIN);
		assert_true(row->negative);
	}
}

static void
walk_and_clear(void **state)
{
	const struct step steps[STEPS] = {{"www.ex. A", "NOERROR; www.ex. 60 A 8.8.8.8;;"},
		{"no.ex. A", "NXDOMAIN;; ex. 100 SOA 300;"}};
	struct fixture *f = fixture_started();
	struct dns64_gauges g;
	uint32_t cursor = 0;
	unsigned int n = 0;

	play(f, "www.ex.", "A", steps, 1, steps[0].reply);
	play(f, "no.ex.", "A", steps, 1, steps[1].reply);
	while (dns64_walk_cache(f->d, &cursor, 100, f->now, count_row, &n))
		;
	assert_int_equal(n, 2);
	dns64_gauges(f->d, &g);
	assert_int_equal(g.cache_entries, 2);
	assert_int_equal(g.cache_capacity, 1024);
	dns64_clear_cache(f->d);
	dns64_gauges(f->d, &g);
	assert_int_equal(g.cache_entries, 0);
	play(f, "www.ex.", "A", steps, 1, steps[0].reply);
	dns64_clear_stats(f->d);
	assert_int_equal(dns64_stats(f->d)->queries, 0);
	fixture_free(f);
}

struct store {
	struct cache *c;
	struct dns64_stats stats;
	uint8_t in[MSG_BUF_LEN], out[MSG_BUF_LEN];
};

static struct store *
store_new(uint32_t entries)
{
	struct store *s = calloc(1, sizeof(*s));

	hash_key_init();
	s->c = cache_create(entries, &s->stats, NULL);
	assert_non_null(s->c);
	return s;
}

static void
store_free(struct store *s)
{
	cache_free(s->c);
	free(s);
}

static struct name
numbered(unsigned int i)
{
	char text[32];
	struct name n;

	snprintf(text, sizeof(text), "n%u.ex.", i);
	text_name(text, &n);
	return n;
}

// n records of 200 octets under a numbered name
static void
store_put(struct store *s, unsigned int i, unsigned int records, uint64_t now)
{
	struct name n = numbered(i);
	struct cache_key k = {&n, 16, DNS_IN, 0};
	struct msg m = {.wire = s->in, .cap = 4096};
	uint8_t data[200];
	struct wire_out o;

	memset(data, (int)i, sizeof(data));
	msg_begin(&m, &o, &n, 16, DNS_IN);
	for (unsigned int r = 0; r < records; r++)
		msg_count(&m, MSG_ANSWER, wire_put_rr(&o, &n, 16, 100, data, sizeof(data)));
	msg_end(&m, &o);
	cache_insert(s->c, &k, &m, 100, now);
}

static bool
store_has(struct store *s, unsigned int i, uint64_t now)
{
	struct name n = numbered(i);
	struct cache_key k = {&n, 16, DNS_IN, 0};
	struct msg m = {.wire = s->out, .cap = 4096};
	struct cache_entry *e = cache_find(s->c, &k, now);
	struct msg_iter it;
	struct wire_rr rr;

	if (!e)
		return false;
	cache_load(s->c, e, now, &m);
	msg_iter_begin(&m, &it);
	while (msg_next(&m, &it, &rr))
		for (unsigned int b = 0; b < 200; b++)
			assert_int_equal(m.wire[rr.rdata + b], (uint8_t)i);
	assert_int_equal(it.off, m.len);
	return true;
}

// Ten times as many as there is room for: never more than the capacity, the newest is there.
static void
store_is_bounded_in_entries(void **state)
{
	struct store *s = store_new(100);

	for (unsigned int i = 0; i < 1000; i++) {
		store_put(s, i, 1, i);
		assert_true(store_has(s, i, i));
		assert_true(cache_used(s->c) <= 100);
	}
	assert_int_equal(cache_used(s->c), 100);
	assert_int_equal(s->stats.cache_evictions, 900);
	store_free(s);
}

// Long answers run out of memory before they run out of entries.
static void
store_is_bounded_in_memory(void **state)
{
	struct store *s = store_new(100);

	for (unsigned int i = 0; i < 1000; i++) {
		store_put(s, i, 1 + i % 18, i);
		assert_true(store_has(s, i, i));
	}
	assert_true(cache_used(s->c) < 50);
	for (unsigned int i = 0; i < 1000; i++)
		store_put(s, i % 100, 1, 2000 + i);
	assert_int_equal(cache_used(s->c), 100);
	store_free(s);
}

// What is asked for again and again survives a flood of names that nobody asks for twice.
static void
store_keeps_what_is_used(void **state)
{
	struct store *s = store_new(100);

	store_put(s, 7, 1, 0);
	for (unsigned int i = 1000; i < 3000; i++) {
		assert_true(store_has(s, 7, 10));
		store_put(s, i, 1, 10);
	}
	assert_true(store_has(s, 7, 10));
	store_free(s);
}

static void
store_replaces(void **state)
{
	struct store *s = store_new(100);

	for (unsigned int i = 0; i < 500; i++)
		store_put(s, 3, 1 + i % 10, i);
	assert_int_equal(cache_used(s->c), 1);
	assert_int_equal(s->stats.cache_evictions, 0);
	store_free(s);
}

// What was there is not found, not counted, and makes room for what comes without being evicted.
static void
store_outdated(void **state)
{
	struct store *s = store_new(100);

	for (unsigned int i = 0; i < 100; i++)
		store_put(s, i, 1 + i % 2, 0);
	assert_int_equal(cache_used(s->c), 100);
	cache_outdate(s->c);
	assert_int_equal(cache_used(s->c), 0);
	for (unsigned int i = 0; i < 100; i++)
		assert_false(store_has(s, i, 1));
	for (unsigned int i = 0; i < 60; i++) // some under the same name, some not
		store_put(s, 70 + i, 1, 1);
	assert_int_equal(cache_used(s->c), 60);
	for (unsigned int i = 0; i < 60; i++)
		assert_true(store_has(s, 70 + i, 1));
	for (unsigned int i = 0; i < 100; i++)
		store_put(s, 1000 + i, 1, 1);
	assert_int_equal(cache_used(s->c), 100);
	assert_int_equal(s->stats.cache_evictions, 60);
	store_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ttl_counts_down),
		cmocka_unit_test(dns_cache_01_negative),
		cmocka_unit_test(dns_cache_02_no_soa),
		cmocka_unit_test(dns_cache_04_failures),
		cmocka_unit_test(dns_cache_04_timeout),
		cmocka_unit_test(dns_cache_06_nxdomain_cut),
		cmocka_unit_test(dns_cache_08_parts),
		cmocka_unit_test(d64_s02_from_the_cache),
		cmocka_unit_test(dns_cache_09_ttl_0),
		cmocka_unit_test(walk_and_clear),
		cmocka_unit_test(store_is_bounded_in_entries),
		cmocka_unit_test(store_is_bounded_in_memory),
		cmocka_unit_test(store_keeps_what_is_used),
		cmocka_unit_test(store_replaces),
		cmocka_unit_test(store_outdated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
