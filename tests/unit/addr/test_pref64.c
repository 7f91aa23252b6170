// SPDX-License-Identifier: BSD-3-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "addr/pref64.h"
#include "addr/text.h"

#include <errno.h>

#define N(a) (sizeof(a) / sizeof((a)[0]))

// One prefix of each length.
static const char *const lengths[] = {"2001:db8::/32", "2001:db8:100::/40", "2001:db8:122::/48",
	"2001:db8:122:300::/56", "2001:db8:122:344::/64", "2001:db8:122:344::/96", "64:ff9b::/96"};

static int
try_init(struct pref64 *out, const char *s)
{
	struct prefix6 p;

	assert_int_equal(prefix6_parse(s, &p), 0);
	return pref64_init(out, &p);
}

static struct pref64
pref(const char *s)
{
	struct pref64 p;

	if (try_init(&p, s))
		fail_msg("%s", s);
	return p;
}

static struct in_addr
a4(const char *s)
{
	struct in_addr a;

	assert_int_equal(addr4_parse(s, &a), 0);
	return a;
}

static uint32_t
next_random(uint32_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 17;
	*x ^= *x << 5;
	return *x;
}

static void
adr_e1_to_e20_examples(void **state)
{
	static const struct {
		const char *id, *prefix, *v4, *v6;
	} rows[] = {
		{"ADR-E1", "2001:db8::/32", "192.0.2.33", "2001:db8:c000:221::"},
		{"ADR-E2", "2001:db8:100::/40", "192.0.2.33", "2001:db8:1c0:2:21::"},
		{"ADR-E3", "2001:db8:122::/48", "192.0.2.33", "2001:db8:122:c000:2:2100::"},
		{"ADR-E4", "2001:db8:122:300::/56", "192.0.2.33", "2001:db8:122:3c0:0:221::"},
		{"ADR-E5", "2001:db8:122:344::/64", "192.0.2.33", "2001:db8:122:344:c0:2:2100::"},
		{"ADR-E6", "2001:db8:122:344::/96", "192.0.2.33", "2001:db8:122:344::c000:221"},
		{"ADR-E7", "64:ff9b::/96", "192.0.2.33", "64:ff9b::c000:221"},
		{"ADR-E8", "2001:db8::/32", "1.2.3.4", "2001:db8:102:304::"},
		{"ADR-E9", "2001:db8:100::/40", "1.2.3.4", "2001:db8:101:203:4::"},
		{"ADR-E10", "2001:db8:122::/48", "1.2.3.4", "2001:db8:122:102:3:400::"},
		{"ADR-E11", "2001:db8:122:300::/56", "1.2.3.4", "2001:db8:122:301:2:304::"},
		{"ADR-E12", "2001:db8:122:344::/64", "1.2.3.4", "2001:db8:122:344:1:203:400:0"},
		{"ADR-E13", "2001:db8:122:344::/96", "1.2.3.4", "2001:db8:122:344::102:304"},
		{"ADR-E14", "64:ff9b::/96", "8.8.8.8", "64:ff9b::808:808"},
		{"ADR-E15", "2001:db8::/32", "255.255.255.255", "2001:db8:ffff:ffff::"},
		{"ADR-E16", "2001:db8:100::/40", "255.255.255.255", "2001:db8:1ff:ffff:ff::"},
		{"ADR-E17", "2001:db8:122::/48", "255.255.255.255", "2001:db8:122:ffff:ff:ff00::"},
		{"ADR-E18", "2001:db8:122:300::/56", "255.255.255.255",
			"2001:db8:122:3ff:ff:ffff::"},
		{"ADR-E19", "2001:db8:122:344::/64", "255.255.255.255",
			"2001:db8:122:344:ff:ffff:ff00:0"},
		{"ADR-E20", "2001:db8:100::/40", "198.51.100.2", "2001:db8:1c6:3364:2::"},
	};

	for (size_t i = 0; i < N(rows); i++) {
		struct pref64 p = pref(rows[i].prefix);
		struct in_addr v4 = a4(rows[i].v4);
		struct in6_addr want, got;

		assert_int_equal(addr6_parse(rows[i].v6, &want), 0);
		pref64_compose(&p, v4, &got);
		if (memcmp(&got, &want, sizeof(got)))
			fail_msg("%s: composed", rows[i].id);
		if (pref64_extract(&p, &want).s_addr != v4.s_addr)
			fail_msg("%s: extracted", rows[i].id);
		if (!pref64_match(&p, &got) || !pref64_is_canonical(&p, &got)) // ADR-05, ADR-08
			fail_msg("%s: not canonical", rows[i].id);
	}
}

static void
adr_01_lengths(void **state)
{
	struct prefix6 p;
	struct pref64 out;

	assert_int_equal(prefix6_parse("2001:db8::/32", &p), 0);
	for (unsigned int len = 0; len <= 128; len++) {
		bool ok =
			len == 32 || len == 40 || len == 48 || len == 56 || len == 64 || len == 96;

		p.len = (uint8_t)len;
		assert_int_equal(pref64_init(&out, &p), ok ? 0 : -EINVAL);
	}
}

static void
adr_04_prefixes_that_are_refused(void **state)
{
	static const struct {
		const char *prefix;
		int rc;
	} rows[] = {
		{"2001:db8:122:344:100::/96", -EDOM}, // ADR-04
		{"2001:db8:122:344:ff00::/96", -EDOM}, {"2001:db8:122:344:ff::/96", 0},
		{"2001:db8:122:344:100::/64", -EDOM}, {"2001:db8:122:344::1/96", -ERANGE},
		{"2001:db8:122:344::/56", -ERANGE}, {"2001:db8:1::/32", -ERANGE},
		{"ff00::/32", -EADDRNOTAVAIL}, {"ff0e::/96", -EADDRNOTAVAIL},
		{"::/96", -EADDRNOTAVAIL}, {"::/32", -EADDRNOTAVAIL},
		{"::ffff:0:0/96", -EADDRNOTAVAIL}, {"fe80::/64", -EADDRNOTAVAIL},
		{"fd00:64::/96", 0}, {"64:ff9b:1::/48", 0}, // ADR-21
	};
	struct pref64 out;

	for (size_t i = 0; i < N(rows); i++) {
		if (try_init(&out, rows[i].prefix) != rows[i].rc)
			fail_msg("%s", rows[i].prefix);
	}
}

static void
only_the_well_known_prefix_is_one(void **state)
{
	static const char *const others[] = {
		"64:ff9b::/64", "64:ff9b::/32", "64:ff9b:1::/96", "64:ff9b:0:0:1::/96"};

	assert_true(pref("64:ff9b::/96").is_wkp);
	for (size_t i = 0; i < N(others); i++)
		assert_false(pref(others[i]).is_wkp);
}

// ADR-02, ADR-03 and ADR-10; each length with the values named there and 100,000 others.
static void
adr_10_round_trip(void **state)
{
	static const char *const fixed[] = {
		"0.0.0.0", "1.2.3.4", "127.0.0.1", "192.0.2.33", "255.255.255.255"};
	uint32_t x = 0x6052;

	for (size_t i = 0; i < N(lengths); i++) {
		struct pref64 p = pref(lengths[i]);

		for (unsigned int k = 0; k < N(fixed) + 100000; k++) {
			struct in_addr v4 = {.s_addr = next_random(&x)};
			struct in6_addr a;

			if (k < N(fixed))
				v4 = a4(fixed[k]);
			pref64_compose(&p, v4, &a);
			if (pref64_extract(&p, &a).s_addr != v4.s_addr || a.s6_addr[8] != 0)
				fail_msg("%s %08x", lengths[i], v4.s_addr);
		}
	}
}

// The u octet and the suffix do not count on receipt, and are noticed.
static void
adr_06_07_random_suffixes(void **state)
{
	uint32_t x = 0x6052;

	for (size_t i = 0; i < N(lengths); i++) {
		struct pref64 p = pref(lengths[i]);
		unsigned int end = p.len / 8 + 5; // first octet of the suffix

		for (unsigned int k = 0; k < 10000 && p.len != 96; k++) {
			struct in_addr v4 = {.s_addr = next_random(&x)};
			struct in6_addr a;
			bool dirty = false;

			pref64_compose(&p, v4, &a);
			for (unsigned int o = 8; o < 16; o = o == 8 && end > 9 ? end : o + 1) {
				a.s6_addr[o] = next_random(&x) % 4 ? 0 : (uint8_t)next_random(&x);
				dirty |= a.s6_addr[o] != 0;
			}
			assert_int_equal(pref64_extract(&p, &a).s_addr, v4.s_addr);
			assert_int_equal(pref64_is_canonical(&p, &a), !dirty);
			assert_true(pref64_match(&p, &a));
		}
	}
}

// Each bit of the prefix counts and no bit behind it.
static void
adr_09_match_compares_len_bits(void **state)
{
	for (size_t i = 0; i < N(lengths); i++) {
		struct pref64 p = pref(lengths[i]);

		for (unsigned int bit = 0; bit < 128; bit++) {
			struct in6_addr a;

			pref64_compose(&p, a4("192.0.2.33"), &a);
			a.s6_addr[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
			assert_int_equal(pref64_match(&p, &a), bit >= p.len);
		}
	}
}

static void
adr_11_dotted_tail(void **state)
{
	struct pref64 p = pref("64:ff9b::/96");
	struct in6_addr a;

	assert_int_equal(addr6_parse("64:ff9b::192.0.2.33", &a), 0);
	assert_true(pref64_match(&p, &a));
	assert_int_equal(pref64_extract(&p, &a).s_addr, a4("192.0.2.33").s_addr);
}

static void
adr_18_20_neutrality(void **state)
{
	static const struct {
		const char *prefix;
		bool neutral;
	} rows[] = {
		{"64:ff9b::/96", true}, // ADR-18
		{"64:ff9b:1:fffe::/96", true}, {"64:ff9b:1:fffd:1::/96", true},
		{"64:ff9b:1:fffc:2::/96", true}, {"64:ff9b:1:abcd:0:5431::/96", true},
		{"64:ff9b:1::/96", false}, {"2001:db8:122:344::/96", false}, {"64:ff9b::/32", true},
		{"64:ff9b::/64", false}, // octets of the address change place within a word
	};

	for (size_t i = 0; i < N(rows); i++) {
		struct pref64 p = pref(rows[i].prefix);

		if (pref64_is_neutral(&p) != rows[i].neutral)
			fail_msg("%s", rows[i].prefix);
	}
}

// What the predicate promises: the sum of the composed address is that of the IPv4 address.
static void
adr_18_sums_are_equal_where_neutral(void **state)
{
	static const char *const extra[] = {"64:ff9b::/32", "64:ff9b:1:fffe::/96"};
	uint32_t x = 18;

	for (size_t i = 0; i < N(lengths) + N(extra); i++) {
		struct pref64 p = pref(i < N(lengths) ? lengths[i] : extra[i - N(lengths)]);
		unsigned int equal = 0;

		for (unsigned int k = 0; k < 1000; k++) {
			struct in_addr v4 = {.s_addr = next_random(&x)};
			uint32_t sum6 = 0, sum4 = 0;
			struct in6_addr a;
			uint16_t w[8];

			pref64_compose(&p, v4, &a);
			memcpy(w, &a, sizeof(w));
			for (unsigned int o = 0; o < 8; o++)
				sum6 += w[o];
			memcpy(w, &v4, sizeof(v4));
			sum4 = (uint32_t)w[0] + w[1];
			equal += sum6 % 0xffff == sum4 % 0xffff;
		}
		assert_int_equal(pref64_is_neutral(&p), equal == 1000);
	}
}

static void
pfx_07_discovery_must_be_unambiguous(void **state)
{
	static const struct {
		const char *prefix;
		bool ok;
	} rows[] = {
		{"64:ff9b::/96", true},
		{"2001:db8::/32", true},
		{"2001:db8:100::/40", true},
		{"2001:db8:122::/48", true},
		{"2001:db8:122:300::/56", true},
		{"2001:db8:122:344::/64", true},
		{"2001:db8:c000:aa::/64", false}, // 192.0.0.170 where a /32 has it
		{"2001:db8:c000:aa::/96", false},
		{"2001:db8:c0:0:ab::/96", false},       // 192.0.0.171 where a /40 has it
		{"2001:db8:0:c000:0:aa00::/96", false}, // /48
		{"2001:db8:0:c0:0:aa::/96", false},     // /56
		{"2001:db8:0:0:c0:aa::/96", true},
		{"2001:db8:c000:ac::/96", true},
	};

	for (size_t i = 0; i < N(rows); i++) {
		struct pref64 p = pref(rows[i].prefix);

		if (pref64_is_discoverable(&p) != rows[i].ok)
			fail_msg("%s", rows[i].prefix);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(adr_e1_to_e20_examples),
		cmocka_unit_test(adr_01_lengths),
		cmocka_unit_test(adr_04_prefixes_that_are_refused),
		cmocka_unit_test(only_the_well_known_prefix_is_one),
		cmocka_unit_test(adr_10_round_trip),
		cmocka_unit_test(adr_06_07_random_suffixes),
		cmocka_unit_test(adr_09_match_compares_len_bits),
		cmocka_unit_test(adr_11_dotted_tail),
		cmocka_unit_test(adr_18_20_neutrality),
		cmocka_unit_test(adr_18_sums_are_equal_where_neutral),
		cmocka_unit_test(pfx_07_discovery_must_be_unambiguous),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
