// SPDX-License-Identifier: BSD-3-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "addr/text.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

static struct prefix6
p6(const char *s)
{
	struct prefix6 p;

	assert_int_equal(prefix6_parse(s, &p), 0);
	return p;
}

static struct prefix4
p4(const char *s)
{
	struct prefix4 p;

	assert_int_equal(prefix4_parse(s, &p), 0);
	return p;
}

static struct in6_addr
a6(const char *s)
{
	struct in6_addr a;

	assert_int_equal(addr_parse_any(s, &a), 0);
	return a;
}

static void
prefix6_match_looks_at_len_bits(void **state)
{
	static const struct {
		const char *prefix, *addr;
		bool match;
	} rows[] = {
		{"::/0", "ffff::1", true}, {"8000::/1", "ffff::1", true},
		{"8000::/1", "7fff::1", false}, {"2001:db8::/32", "2001:db8:ffff::1", true},
		{"2001:db8::/32", "2001:db9::1", false},
		{"2001:db8:0:8000::/49", "2001:db8:0:ffff::1", true},
		{"2001:db8:0:8000::/49", "2001:db8:0:7fff::1", false},
		{"2001:db8::/127", "2001:db8::1", true}, {"2001:db8::/127", "2001:db8::2", false},
		{"2001:db8::1/128", "2001:db8::1", true}, {"2001:db8::1/128", "2001:db8::", false},
		{"2001:db8::99/64", "2001:db8::1", true}, // host bits do not count
	};

	for (size_t i = 0; i < N(rows); i++) {
		struct prefix6 p = p6(rows[i].prefix);
		struct in6_addr a = a6(rows[i].addr);

		if (prefix6_match(&p, &a) != rows[i].match)
			fail_msg("%s %s", rows[i].prefix, rows[i].addr);
	}
}

static void
prefix4_match_looks_at_len_bits(void **state)
{
	static const struct {
		const char *prefix, *addr;
		bool match;
	} rows[] = {
		{"0.0.0.0/0", "255.255.255.255", true},
		{"128.0.0.0/1", "127.255.255.255", false},
		{"192.0.2.0/24", "192.0.2.255", true},
		{"192.0.2.77/24", "192.0.2.255", true},
		{"192.0.2.0/25", "192.0.2.128", false},
		{"192.0.2.1/32", "192.0.2.1", true},
		{"192.0.2.1/32", "192.0.2.0", false},
	};

	for (size_t i = 0; i < N(rows); i++) {
		struct prefix4 p = p4(rows[i].prefix);
		struct in_addr a;

		assert_int_equal(addr4_parse(rows[i].addr, &a), 0);
		if (prefix4_match(&p, a) != rows[i].match)
			fail_msg("%s %s", rows[i].prefix, rows[i].addr);
	}
}

static void
overlap_is_symmetric(void **state)
{
	static const struct {
		const char *p, *q;
		bool overlap;
	} rows[] = {
		{"2001:db8::/32", "2001:db8:1::/48", true},
		{"2001:db8::/48", "2001:db8:1::/48", false},
		{"::/0", "ff00::/8", true},
		{"2001:db8::1/128", "2001:db8::1/128", true},
		{"2001:db8::1/128", "2001:db8::2/128", false},
		{"2001:db8::1/64", "2001:db8::2/64", true},
	};

	for (size_t i = 0; i < N(rows); i++) {
		struct prefix6 p = p6(rows[i].p), q = p6(rows[i].q);

		assert_int_equal(prefix6_overlap(&p, &q), rows[i].overlap);
		assert_int_equal(prefix6_overlap(&q, &p), rows[i].overlap);
	}
	struct prefix4 p = p4("10.0.0.0/8"), q = p4("10.9.0.0/16"), r = p4("11.0.0.0/8");

	assert_true(prefix4_overlap(&p, &q) && prefix4_overlap(&q, &p));
	assert_false(prefix4_overlap(&p, &r) || prefix4_overlap(&r, &q));
}

static void
network_clears_host_bits(void **state)
{
	static const char *const rows6[][2] = {
		{"2001:db8:ffff:ffff:ffff:ffff:ffff:ffff/0", "::/0"},
		{"2001:db8:ffff::1/33", "2001:db8:8000::/33"},
		{"2001:db8::1/64", "2001:db8::/64"},
		{"2001:db8::1/127", "2001:db8::/127"},
		{"2001:db8::1/128", "2001:db8::1/128"},
	};
	static const char *const rows4[][2] = {
		{"192.0.2.255/0", "0.0.0.0/0"},
		{"192.0.2.255/25", "192.0.2.128/25"},
		{"192.0.2.255/32", "192.0.2.255/32"},
	};
	char buf[PREFIX_TEXT_LEN];

	for (size_t i = 0; i < N(rows6); i++) {
		struct prefix6 p = p6(rows6[i][0]);
		struct prefix6 n = prefix6_network(&p);

		assert_string_equal(prefix6_text(&n, buf), rows6[i][1]);
	}
	for (size_t i = 0; i < N(rows4); i++) {
		struct prefix4 p = p4(rows4[i][0]);
		struct prefix4 n = prefix4_network(&p);

		assert_string_equal(prefix4_text(&n, buf), rows4[i][1]);
	}
}

// ADR-16 needs it for the WAN subnet.
static void
adr_16_broadcast(void **state)
{
	static const char *const rows[][2] = {
		{"192.0.2.1/24", "192.0.2.255"},
		{"192.0.2.1/30", "192.0.2.3"},
		{"192.0.2.1/31", "255.255.255.255"},
		{"192.0.2.1/32", "255.255.255.255"},
		{"10.1.2.3/8", "10.255.255.255"},
	};
	char buf[ADDR_TEXT_LEN];

	for (size_t i = 0; i < N(rows); i++) {
		struct prefix4 p = p4(rows[i][0]);

		assert_string_equal(addr4_text(prefix4_broadcast(&p), buf), rows[i][1]);
	}
}

static void
mapped_form_goes_and_comes_back(void **state)
{
	struct in6_addr want = a6("::ffff:192.0.2.33"), got;
	struct in_addr v4;

	assert_int_equal(addr4_parse("192.0.2.33", &v4), 0);
	addr_map4(&got, v4);
	assert_memory_equal(&got, &want, sizeof(got));
	assert_true(addr_is_mapped4(&got));
	assert_int_equal(addr_unmap4(&got).s_addr, v4.s_addr);
	got = a6("64:ff9b::192.0.2.33");
	assert_false(addr_is_mapped4(&got));
}

static void
solicited_node_address(void **state)
{
	struct in6_addr a = a6("4037::01:800:200e:8c6c"); // RFC 4291 §2.7.1
	struct in6_addr want = a6("ff02::1:ff0e:8c6c");

	addr_solicited_node(&a, &a);
	assert_memory_equal(&a, &want, sizeof(a));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prefix6_match_looks_at_len_bits),
		cmocka_unit_test(prefix4_match_looks_at_len_bits),
		cmocka_unit_test(overlap_is_symmetric),
		cmocka_unit_test(network_clears_host_bits),
		cmocka_unit_test(adr_16_broadcast),
		cmocka_unit_test(mapped_form_goes_and_comes_back),
		cmocka_unit_test(solicited_node_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
