// SPDX-License-Identifier: BSD-3-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "addr/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#define N(a) (sizeof(a) / sizeof((a)[0]))

static void
rfc5952_text(void **state)
{
	static const char *const rows[][2] = {
		{"2001:0db8::0001", "2001:db8::1"},              // §4.1
		{"2001:db8:0:0:0:0:2:1", "2001:db8::2:1"},       // §4.2.1
		{"2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"}, // §4.2.2
		{"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},         // §4.2.3
		{"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},   // the first of two
		{"2001:DB8::AbCd", "2001:db8::abcd"},            // §4.3
		{"0:0:0:0:0:0:0:0", "::"},
		{"0:0:0:0:0:0:0:1", "::1"},
		{"1:0:0:0:0:0:0:0", "1::"},
		{"ff02:0:0:0:0:1:ff00:1", "ff02::1:ff00:1"},
		{"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"},
		{"1:2:3:4:5:6:0:0", "1:2:3:4:5:6::"},
		{"0:0:3:4:5:6:7:8", "::3:4:5:6:7:8"},
		{"0:2:3:4:5:6:7:0", "0:2:3:4:5:6:7:0"},
		{"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
			"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
		{"64:ff9b::192.0.2.33", "64:ff9b::c000:221"}, // ADR-11
		{"2001:db8:122:344::192.0.2.33", "2001:db8:122:344::c000:221"},
		{"::ffff:192.0.2.33", "192.0.2.33"}, // mapped: an IPv4 address in our tables
		{"::192.0.2.33", "::c000:221"},
	};
	char buf[ADDR_TEXT_LEN];
	struct in6_addr a;

	for (size_t i = 0; i < N(rows); i++) {
		assert_int_equal(addr6_parse(rows[i][0], &a), 0);
		assert_string_equal(addr6_text(&a, buf), rows[i][1]);
	}
}

// What we print, another parser reads back as the same address.
static void
text_comes_back(void **state)
{
	uint32_t seed = 1;
	struct in6_addr a, b;
	char buf[ADDR_TEXT_LEN];

	for (unsigned int i = 0; i < 100000; i++) {
		for (unsigned int k = 0; k < 16; k++) {
			seed = seed * 1664525 + 1013904223;
			a.s6_addr[k] = seed >> 30 ? 0 : (uint8_t)(seed >> 16);
		}
		if (addr_is_mapped4(&a))
			continue;
		assert_int_equal(inet_pton(AF_INET6, addr6_text(&a, buf), &b), 1);
		assert_memory_equal(&a, &b, sizeof(a));
	}
}

static void
bad_addresses(void **state)
{
	static const char *const bad6[] = {"", ":", ":::", "1", "1::2::3", "1:2:3:4:5:6:7",
		"1:2:3:4:5:6:7:8:9", "12345::", "g::", "::1 ", " ::1", "::1%eth0", "::1/64",
		"1:2:3:4:5:6:7:1.2.3.4", "::256.1.1.1", "::1.2.3", "1.2.3.4"};
	static const char *const bad4[] = {"", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.04",
		"01.2.3.4", "1.2.3.4 ", " 1.2.3.4", "1..2.3", "0x1.2.3.4", "1.2.3.4/24",
		"-1.2.3.4"};
	struct in6_addr a;
	struct in_addr v4;

	for (size_t i = 0; i < N(bad6); i++)
		assert_int_equal(addr6_parse(bad6[i], &a), -EINVAL);
	for (size_t i = 0; i < N(bad4); i++) {
		assert_int_equal(addr4_parse(bad4[i], &v4), -EINVAL);
		assert_int_equal(addr_parse_any(bad4[i], &a), -EINVAL);
	}
}

static void
bad_prefixes(void **state)
{
	static const char *const bad6[] = {"", "/", "::", "::/", "::/129", "::/1000", "::/-1",
		"::/+1", "::/064", "::/6 4", "::/64 ", "::/64/64", "/64", "x::/64", "::/4294967360",
		"1111111111111111111111111111111111111111111111111111111111111111::/1"};
	static const char *const bad4[] = {
		"1.2.3.4", "1.2.3.4/", "1.2.3.4/33", "1.2.3/24", "1.2.3.4/08", "1.2.3.4/0x8"};
	struct prefix6 p6;
	struct prefix4 p4;

	for (size_t i = 0; i < N(bad6); i++)
		assert_int_equal(prefix6_parse(bad6[i], &p6), -EINVAL);
	for (size_t i = 0; i < N(bad4); i++)
		assert_int_equal(prefix4_parse(bad4[i], &p4), -EINVAL);
}

static void
prefixes_keep_host_bits(void **state)
{
	static const char *const rows6[] = {
		"2001:db8::1/64", "::/0", "2001:db8::1/128", "1:2:3:4:5:6:7:8/9"};
	static const char *const rows4[] = {"192.0.2.1/24", "0.0.0.0/0", "255.255.255.255/32"};
	char buf[PREFIX_TEXT_LEN];
	struct prefix6 p6;
	struct prefix4 p4;

	for (size_t i = 0; i < N(rows6); i++) {
		assert_int_equal(prefix6_parse(rows6[i], &p6), 0);
		assert_string_equal(prefix6_text(&p6, buf), rows6[i]);
	}
	for (size_t i = 0; i < N(rows4); i++) {
		assert_int_equal(prefix4_parse(rows4[i], &p4), 0);
		assert_string_equal(prefix4_text(&p4, buf), rows4[i]);
	}
}

static void
mapped_prefixes_print_as_ipv4(void **state)
{
	static const char *const rows[][2] = {
		{"::ffff:192.0.2.0/120", "192.0.2.0/24"},
		{"::ffff:0.0.0.0/96", "0.0.0.0/0"},
		{"::ffff:0.0.0.0/95", "::ffff:0:0/95"},
	};
	char buf[PREFIX_TEXT_LEN];
	struct prefix6 p;

	for (size_t i = 0; i < N(rows); i++) {
		assert_int_equal(prefix6_parse(rows[i][0], &p), 0);
		assert_string_equal(prefix6_text(&p, buf), rows[i][1]);
	}
}

static void
either_family_comes_back_in_one_form(void **state)
{
	struct in6_addr a, b;

	assert_int_equal(addr_parse_any("192.0.2.33", &a), 0);
	assert_int_equal(addr6_parse("::ffff:192.0.2.33", &b), 0);
	assert_memory_equal(&a, &b, sizeof(a));
	assert_int_equal(addr_parse_any("2001:db8::1", &a), 0);
	assert_int_equal(addr6_parse("2001:db8::1", &b), 0);
	assert_memory_equal(&a, &b, sizeof(a));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc5952_text),
		cmocka_unit_test(text_comes_back),
		cmocka_unit_test(bad_addresses),
		cmocka_unit_test(bad_prefixes),
		cmocka_unit_test(prefixes_keep_host_bits),
		cmocka_unit_test(mapped_prefixes_print_as_ipv4),
		cmocka_unit_test(either_family_comes_back_in_one_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
