// SPDX-License-Identifier: BSD-3-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "addr/pref64.h"
#include "addr/text.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

enum kind {
	GLOBAL,
	PRIVATE,
	SPECIAL,
	NEVER,
};

// First and last address of each block, and what lies beside it.
static const struct {
	const char *id, *addr;
	enum kind kind;
} rows[] = {
	{"ADR-16", "0.0.0.0", NEVER},
	{"ADR-16", "0.255.255.255", NEVER},
	{"ADR-12", "1.0.0.0", GLOBAL},
	{"ADR-12", "8.8.8.8", GLOBAL},
	{"ADR-12", "9.255.255.255", GLOBAL},
	{"ADR-14", "10.0.0.0", PRIVATE},
	{"ADR-14", "10.255.255.255", PRIVATE},
	{"ADR-12", "11.0.0.0", GLOBAL},
	{"ADR-12", "100.63.255.255", GLOBAL},
	{"ADR-14", "100.64.0.0", PRIVATE},
	{"ADR-14", "100.127.255.255", PRIVATE},
	{"ADR-12", "100.128.0.0", GLOBAL},
	{"ADR-12", "126.255.255.255", GLOBAL},
	{"ADR-16", "127.0.0.0", NEVER},
	{"ADR-16", "127.255.255.255", NEVER},
	{"ADR-12", "128.0.0.0", GLOBAL},
	{"ADR-12", "169.253.255.255", GLOBAL},
	{"ADR-14", "169.254.0.0", SPECIAL},
	{"ADR-14", "169.254.255.255", SPECIAL},
	{"ADR-12", "169.255.0.0", GLOBAL},
	{"ADR-12", "172.15.255.255", GLOBAL},
	{"ADR-14", "172.16.0.0", PRIVATE},
	{"ADR-14", "172.31.255.255", PRIVATE},
	{"ADR-12", "172.32.0.0", GLOBAL},
	{"ADR-12", "191.255.255.255", GLOBAL},
	{"ADR-14", "192.0.0.0", SPECIAL},
	{"ADR-14", "192.0.0.8", SPECIAL},
	{"ADR-14", "192.0.0.9", GLOBAL},
	{"ADR-14", "192.0.0.10", GLOBAL},
	{"ADR-14", "192.0.0.11", SPECIAL},
	{"PFX-09", "192.0.0.170", SPECIAL},
	{"PFX-09", "192.0.0.171", SPECIAL},
	{"ADR-14", "192.0.0.255", SPECIAL},
	{"ADR-12", "192.0.1.0", GLOBAL},
	{"ADR-14", "192.0.2.0", SPECIAL},
	{"ADR-14", "192.0.2.255", SPECIAL},
	{"ADR-12", "192.0.3.0", GLOBAL},
	{"ADR-14", "192.31.196.1", GLOBAL},
	{"ADR-14", "192.52.193.1", GLOBAL},
	{"ADR-12", "192.88.98.255", GLOBAL},
	{"ADR-14", "192.88.99.0", SPECIAL},
	{"ADR-14", "192.88.99.255", SPECIAL},
	{"ADR-12", "192.88.100.0", GLOBAL},
	{"ADR-12", "192.167.255.255", GLOBAL},
	{"ADR-14", "192.168.0.0", PRIVATE},
	{"ADR-14", "192.168.255.255", PRIVATE},
	{"ADR-12", "192.169.0.0", GLOBAL},
	{"ADR-14", "192.175.48.1", GLOBAL},
	{"ADR-12", "198.17.255.255", GLOBAL},
	{"ADR-14", "198.18.0.0", SPECIAL},
	{"ADR-14", "198.19.255.255", SPECIAL},
	{"ADR-12", "198.20.0.0", GLOBAL},
	{"ADR-14", "198.51.100.0", SPECIAL},
	{"ADR-14", "198.51.100.255", SPECIAL},
	{"ADR-12", "198.51.101.0", GLOBAL},
	{"ADR-14", "203.0.113.0", SPECIAL},
	{"ADR-14", "203.0.113.255", SPECIAL},
	{"ADR-12", "203.0.114.0", GLOBAL},
	{"ADR-12", "223.255.255.255", GLOBAL},
	{"ADR-15", "224.0.0.0", NEVER},
	{"ADR-15", "239.255.255.255", NEVER},
	{"ADR-16", "240.0.0.0", NEVER},
	{"ADR-16", "255.255.255.254", NEVER},
	{"ADR-16", "255.255.255.255", NEVER},
};

static void
check_rows(const char *prefix, enum wkp_allow allow, const enum v4_usable want[static 4])
{
	struct prefix6 p6;
	struct pref64 p;
	struct in_addr a;

	assert_int_equal(prefix6_parse(prefix, &p6), 0);
	assert_int_equal(pref64_init(&p, &p6), 0);
	for (size_t i = 0; i < N(rows); i++) {
		assert_int_equal(addr4_parse(rows[i].addr, &a), 0);
		if (v4_usable(&p, allow, a) != want[rows[i].kind])
			fail_msg("%s: %s under %s", rows[i].id, rows[i].addr, prefix);
	}
}

static void
adr_14_non_global_set(void **state)
{
	struct in_addr a;

	for (size_t i = 0; i < N(rows); i++) {
		assert_int_equal(addr4_parse(rows[i].addr, &a), 0);
		if (v4_is_non_global(a) != (rows[i].kind != GLOBAL))
			fail_msg("%s: %s", rows[i].id, rows[i].addr);
	}
}

static void
adr_12_well_known_prefix(void **state)
{
	static const enum v4_usable want[] = {
		[GLOBAL] = V4_USABLE,
		[PRIVATE] = V4_NON_GLOBAL,
		[SPECIAL] = V4_NON_GLOBAL,
		[NEVER] = V4_UNUSABLE,
	};

	check_rows("64:ff9b::/96", WKP_ALLOW_NONE, want);
}

static void
adr_13_knob_private(void **state)
{
	static const enum v4_usable want[] = {
		[GLOBAL] = V4_USABLE,
		[PRIVATE] = V4_USABLE,
		[SPECIAL] = V4_NON_GLOBAL,
		[NEVER] = V4_UNUSABLE,
	};

	check_rows("64:ff9b::/96", WKP_ALLOW_PRIVATE, want);
}

// ADR-15, ADR-16 and ADR-21: under other prefixes, and with the knob open, only what no packet may
// be sent to is refused.
static void
adr_15_16_21_every_prefix(void **state)
{
	static const enum v4_usable want[] = {
		[GLOBAL] = V4_USABLE,
		[PRIVATE] = V4_USABLE,
		[SPECIAL] = V4_USABLE,
		[NEVER] = V4_UNUSABLE,
	};

	check_rows("64:ff9b::/96", WKP_ALLOW_ALL, want);
	check_rows("2001:db8:64::/96", WKP_ALLOW_NONE, want);
	check_rows("64:ff9b:1::/48", WKP_ALLOW_NONE, want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(adr_14_non_global_set),
		cmocka_unit_test(adr_12_well_known_prefix),
		cmocka_unit_test(adr_13_knob_private),
		cmocka_unit_test(adr_15_16_21_every_prefix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
