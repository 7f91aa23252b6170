// SPDX-License-Identifier: BSD-3-Clause
// Types, codes and pointers: every value of each direction is in a row or has to be dropped.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "xlat/icmp_map.h"

#define DIM(a) (sizeof(a) / sizeof((a)[0]))
#define ANY    (-1)

struct row {
	const char *id;
	uint8_t type;
	int code; // ANY: all, and kept or made to_code
	uint8_t to_type;
	int to_code; // ANY: the same
	uint8_t arg;
};

// Rows of 7915 §4.2 by item; what is not here is dropped: I46-03..06, 16, 18..20, 23, 25.
static const struct row from4[] = {
	{"I46-07", 3, 0, 1, 0, ICMP_ARG_NONE},
	{"I46-07", 3, 1, 1, 0, ICMP_ARG_NONE},
	{"I46-08", 3, 2, 4, 1, ICMP_ARG_NEXT_HEADER},
	{"I46-09", 3, 3, 1, 4, ICMP_ARG_NONE},
	{"I46-10", 3, 4, 2, 0, ICMP_ARG_MTU},
	{"I46-11", 3, 5, 1, 0, ICMP_ARG_NONE},
	{"I46-12", 3, 6, 1, 0, ICMP_ARG_NONE},
	{"I46-12", 3, 7, 1, 0, ICMP_ARG_NONE},
	{"I46-12", 3, 8, 1, 0, ICMP_ARG_NONE},
	{"I46-13", 3, 9, 1, 1, ICMP_ARG_NONE},
	{"I46-13", 3, 10, 1, 1, ICMP_ARG_NONE},
	{"I46-14", 3, 11, 1, 0, ICMP_ARG_NONE},
	{"I46-14", 3, 12, 1, 0, ICMP_ARG_NONE},
	{"I46-15", 3, 13, 1, 1, ICMP_ARG_NONE},
	{"I46-17", 3, 15, 1, 1, ICMP_ARG_NONE},
	{"I46-21", 11, ANY, 3, ANY, ICMP_ARG_NONE},
	{"I46-22", 12, 0, 4, 0, ICMP_ARG_POINTER},
	{"I46-24", 12, 2, 4, 0, ICMP_ARG_POINTER},
};

// Rows of 7915 §5.2; dropped: I64-03..05, 11, 16, 17.
static const struct row from6[] = {
	{"I64-06", 1, 0, 3, 1, ICMP_ARG_NONE},
	{"I64-07", 1, 1, 3, 10, ICMP_ARG_NONE},
	{"I64-08", 1, 2, 3, 1, ICMP_ARG_NONE},
	{"I64-09", 1, 3, 3, 1, ICMP_ARG_NONE},
	{"I64-10", 1, 4, 3, 3, ICMP_ARG_NONE},
	{"I64-12", 2, ANY, 3, 4, ICMP_ARG_MTU},
	{"I64-13", 3, ANY, 11, ANY, ICMP_ARG_NONE},
	{"I64-14", 4, 0, 12, 0, ICMP_ARG_POINTER},
	{"I64-15", 4, 1, 3, 2, ICMP_ARG_NONE},
};

static const struct row *
row_of(const struct row *r, unsigned int n, unsigned int type, unsigned int code)
{
	for (unsigned int i = 0; i < n; i++)
		if (r[i].type == type && (r[i].code == ANY || r[i].code == (int)code))
			return &r[i];
	return NULL;
}

static void
check_all(const struct row *r, unsigned int n,
	const struct icmp_rule *(*map)(uint8_t type, uint8_t code))
{
	for (unsigned int type = 0; type < 256; type++)
		for (unsigned int code = 0; code < 256; code++) {
			const struct row *want = row_of(r, n, type, code);
			const struct icmp_rule *got = map((uint8_t)type, (uint8_t)code);

			if (want == NULL) {
				if (got != NULL)
					fail_msg("%u/%u is translated", type, code);
				continue;
			}
			if (got == NULL || got->to_type != want->to_type || got->arg != want->arg ||
				icmp_map_code(got, (uint8_t)code) !=
					(want->to_code == ANY ? code : (unsigned int)want->to_code))
				fail_msg("%s: %u/%u", want->id, type, code);
		}
}

static void
i46_03_to_25_every_type_and_code(void **state)
{
	check_all(from4, DIM(from4), icmp_map_4to6);
}

static void
i64_03_to_18_every_type_and_code(void **state)
{
	check_all(from6, DIM(from6), icmp_map_6to4);
}

static void
i46_p1_p2_pointers(void **state)
{
	static const int want[20] = {
		0, 1, 4, 4, -1, -1, -1, -1, 7, 6, -1, -1, 8, 8, 8, 8, 24, 24, 24, 24};

	for (unsigned int p = 0; p < 256; p++)
		assert_int_equal(icmp_pointer_4to6((uint8_t)p), p < 20 ? want[p] : -1);
}

static void
i64_p1_p2_pointers(void **state)
{
	static const int want[8] = {0, 1, -1, -1, 2, 2, 9, 8};

	for (uint32_t p = 0; p < 300; p++) {
		int w = p < 8 ? want[p] : p < 24 ? 12 : p < 40 ? 16 : -1;

		assert_int_equal(icmp_pointer_6to4(p), w);
	}
	assert_int_equal(icmp_pointer_6to4(0x01000000), -1); // 32 bits, not one octet
	assert_int_equal(icmp_pointer_6to4(UINT32_MAX), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(i46_03_to_25_every_type_and_code),
		cmocka_unit_test(i64_03_to_18_every_type_and_code),
		cmocka_unit_test(i46_p1_p2_pointers),
		cmocka_unit_test(i64_p1_p2_pointers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
