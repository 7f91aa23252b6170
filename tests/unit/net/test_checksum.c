// SPDX-License-Identifier: BSD-3-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "net/checksum.h"

#include "packet_util.h"

// csum_* take words as they lie in memory; the tests think in wire order.
static uint16_t
wire(uint16_t v)
{
	return htons(v);
}

static void
csum_02_rfc1624_example(void **state)
{
	uint16_t delta = csum_delta(wire(0x5555), wire(0x3285));

	assert_int_equal(csum_apply(wire(0xdd2f), delta), 0x0000);
}

static void
csum_02_negate_undoes(void **state)
{
	uint64_t s = 1;

	for (unsigned int i = 0; i < 10000; i++) {
		uint16_t csum =
			(uint16_t)(noise(&s) % 0xffff); // never 0xffff, as a sender computes
		uint16_t delta = csum_delta((uint32_t)noise(&s), (uint32_t)noise(&s));

		assert_int_equal(csum_apply(csum_apply(csum, delta), csum_negate(delta)), csum);
	}
}

// An unchanged sum leaves every checksum that a sender computes as it is.
static void
csum_02_equal_sums_change_nothing(void **state)
{
	uint16_t delta = csum_delta(0x12345678, 0x12345678);

	for (unsigned int c = 0; c < 0xffff; c++)
		assert_int_equal(csum_apply((uint16_t)c, delta), c);
}

static void
csum_10_partial_is_the_plain_sum(void **state)
{
	uint8_t b[300];
	uint64_t s = 7;

	for (unsigned int i = 0; i < 2000; i++) {
		unsigned int len = noise(&s) % sizeof(b);

		noise_fill(&s, b, sizeof(b));
		assert_int_equal(
			csum_fold(csum_partial(b, len)), wire((uint16_t)ref_sum(0, b, len)));
	}
}

static void
csum_10_partial_of_ones_does_not_overflow(void **state)
{
	static uint8_t b[65535];

	memset(b, 0xff, sizeof(b));
	assert_int_equal(csum_fold(csum_partial(b, 65534)), 0xffff);
	assert_int_equal(csum_fold(csum_partial(b, 65535)), wire(0xff00));
	assert_int_equal(csum_fold(UINT64_MAX), 0xffff);
}

static void
csum_10_pseudo_headers(void **state)
{
	struct ends e6 = ends_of("2001:db8::1", "64:ff9b::8.8.8.8");
	struct ends e4 = ends_of("203.0.113.1", "8.8.8.8");

	assert_int_equal(csum_fold(csum_pseudo6(e6.src, e6.dst, 1234, 17)),
		wire((uint16_t)ref_pseudo(&e6, 1234, 17)));
	assert_int_equal(csum_fold(csum_pseudo4(e4.src, e4.dst, 1234, 6)),
		wire((uint16_t)ref_pseudo(&e4, 1234, 6)));
}

// Only a message of zeros has the checksum 0xffff (RFC 1071: +0).
static void
csum_10_settle_icmp4(void **state)
{
	uint8_t zeros[64] = {0};
	uint8_t other[64] = {[63] = 1};

	zeros[2] = 0xab; // the old checksum does not count
	assert_int_equal(csum_settle_icmp4(0, zeros, sizeof(zeros)), 0xffff);
	assert_int_equal(csum_settle_icmp4(0, other, sizeof(other)), 0);
	assert_int_equal(csum_settle_icmp4(0x1234, zeros, sizeof(zeros)), 0x1234);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(csum_02_rfc1624_example),
		cmocka_unit_test(csum_02_negate_undoes),
		cmocka_unit_test(csum_02_equal_sums_change_nothing),
		cmocka_unit_test(csum_10_partial_is_the_plain_sum),
		cmocka_unit_test(csum_10_partial_of_ones_does_not_overflow),
		cmocka_unit_test(csum_10_pseudo_headers),
		cmocka_unit_test(csum_10_settle_icmp4),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
