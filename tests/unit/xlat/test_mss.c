// SPDX-License-Identifier: BSD-3-Clause
// MTU-09 on headers of every shape, each in a buffer of its size.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "xlat/mss.h"

#include "../net/packet_util.h"

struct mss_row {
	const char *id;
	uint8_t opt[40];
	unsigned int len; // of the options, a multiple of 4
	int at;           // of the value that changes, or -1
};

static const struct mss_row rows[] = {
	{"MTU-09 alone", {2, 4, 0x05, 0xb4}, 4, 2},
	{"MTU-09 behind NOP", {1, 2, 4, 0x05, 0xb4, 0, 0, 0}, 8, 3},
	{"MTU-09 behind others", {1, 3, 3, 7, 4, 2, 2, 4, 0x05, 0xb4, 0, 0}, 12, 8},
	{"MTU-09 the end of 40", {[36] = 2, [37] = 4, [38] = 0x05, [39] = 0xb4}, 40, -1},
	{"no option", {0}, 0, -1},
	{"only NOP", {1, 1, 1, 1}, 4, -1},
	{"END in front", {0, 2, 4, 0x05, 0xb4, 0, 0, 0}, 8, -1},
	{"length 0", {2, 0, 0x05, 0xb4}, 4, -1},
	{"length 1", {3, 1, 2, 4, 0x05, 0xb4, 0, 0}, 8, -1},
	{"length 3", {2, 3, 0x05, 0xb4}, 4, -1},
	{"length 5", {2, 5, 0x05, 0xb4, 1, 0, 0, 0}, 8, -1},
	{"beyond the header", {1, 1, 2, 4}, 4, -1},
	{"no length", {1, 1, 1, 2}, 4, -1},
	{"another beyond the header", {3, 40, 2, 4}, 4, -1},
	{"not raised", {2, 4, 0x04, 0xb0}, 4, -1},
	{"equal", {2, 4, 0x05, 0x14}, 4, -1},
};

static uint16_t
sum(const uint8_t *p, unsigned int len)
{
	uint32_t s = 0;

	for (unsigned int i = 0; i < len; i++)
		s += i & 1 ? p[i] : (uint32_t)p[i] << 8;
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return (uint16_t)s;
}

static void
mtu_09_rows(void **state)
{
	for (unsigned int i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct mss_row *r = &rows[i];
		unsigned int len = 20 + r->len;
		uint8_t *tcp = calloc(1, len), *was = calloc(1, len);

		assert_non_null(tcp);
		assert_non_null(was);
		memcpy(tcp + 20, r->opt, r->len);
		put16(tcp, 41000);
		tcp[12] = (uint8_t)(len / 4 << 4);
		put16(tcp + 16, (uint16_t)~sum(tcp, len));
		memcpy(was, tcp, len);
		mss_clamp(tcp, 1300);
		if (sum(tcp, len) != 0xffff)
			fail_msg("%s: the checksum is wrong", r->id);
		if (r->at >= 0) {
			assert_int_equal(get16(tcp + 20 + r->at), 1300);
			put16(was + 20 + r->at, 1300);
			memcpy(was + 16, tcp + 16, 2);
		}
		if (memcmp(tcp, was, len))
			fail_msg("%s: something else has changed", r->id);
		free(tcp);
		free(was);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(mtu_09_rows)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
