// SPDX-License-Identifier: BSD-3-Clause
// The ICMP header of a translated error and its extensions (conformance 2.6 to 2.9).
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "error_util.h"

static const uint8_t DATA[1500] = {1, 2, 3, 250, 251, 252, 99};

// ERR-14, ERR-15: length attribute and padding in each family's unit; the structure is opaque.
static void
err_14_15_extensions_4to6(void **state)
{
	static const uint8_t ext[] = "\x20\x00\xaa\xbb\x00\x08\x01\x01MPLS"; // 12 bytes and a NUL
	static const struct {
		unsigned int data; // of the quoted UDP
		unsigned int room4, room6;
	} row[] = {
		{0, 128, 128}, // 28 and 48 bytes, padded
		{80, 128, 128},
		{81, 132, 136},  // 109 and 129
		{100, 128, 152}, // 128 and 148
		{200, 228, 248},
		{203, 232, 256},
	};

	for (unsigned int i = 0; i < RTE_DIM(row); i++) {
		struct session s = session_nsp(IPPROTO_UDP);
		struct packet q4 = sent4(&s, DATA, row[i].data), q6 = sent6(&s, DATA, row[i].data);
		struct packet in, want;

		q4 = with_ext(q4, row[i].room4, ext, 12);
		q6 = with_ext(q6, row[i].room6, ext, 12);
		in = error4_in(11, 0, row[i].room4 / 4 << 16, &q4);
		want = error6_out(3, 0, row[i].room6 / 8 << 24, &q6);
		check_error_4to6(&s, &in, DROP_NONE, &want);
	}
}

static void
err_14_15_extensions_6to4(void **state)
{
	static const uint8_t ext[] = "\x20\x00\xaa\xbb\x00\x08\x01\x01MPLS";
	static const struct {
		unsigned int data;
		unsigned int room6, room4;
	} row[] = {
		{0, 128, 128},
		{80, 128, 128},
		{101, 152, 132}, // 149 and 129
		{200, 248, 228},
		{203, 256, 232},
	};

	for (unsigned int i = 0; i < RTE_DIM(row); i++) {
		struct session s = session_nsp(IPPROTO_UDP);
		struct packet q6 = back6(&s, DATA, row[i].data);
		struct packet q4 = back4(&s, DATA, row[i].data, 0x1234), in, want;

		q6 = with_ext(q6, row[i].room6, ext, 12);
		q4 = with_ext(q4, row[i].room4, ext, 12);
		in = error6_in(1, 0, row[i].room6 / 8 << 24, &q6);
		want = error4_out(3, 1, row[i].room4 / 4 << 16, 0x1234, &q4);
		check_error_6to4(&s, &in, DROP_NONE, &want);
	}
}

// Targets without a length attribute get the quote only (ERR-19: without its padding).
static void
err_16_19_extensions_are_stripped(void **state)
{
	static const struct {
		uint8_t type, code;
		uint32_t word;
		uint8_t to_type, to_code;
		uint32_t to_word;
	} row[] = {
		{3, 2, 32 << 16, 4, 1, 6},
		{3, 4, 32 << 16 | 1300, 2, 0, 1320},
		{12, 0, 9u << 24 | 32 << 16, 4, 0, 6},
	};

	for (unsigned int i = 0; i < RTE_DIM(row); i++) {
		struct session s = session_nsp(IPPROTO_UDP);
		struct packet q4 = cut(sent4(&s, DATA, 1400), 128), q6, in, want;

		q4 = with_ext(q4, 128, DATA, 20);
		q6 = cut(sent6(&s, DATA, 1400), 148);
		in = error4_in(row[i].type, row[i].code, row[i].word, &q4);
		want = error6_out(row[i].to_type, row[i].to_code, row[i].to_word, &q6);
		check_error_4to6(&s, &in, DROP_NONE, &want);
	}
}

// The quote gives way down to 128 bytes, then the extensions do.
static void
err_17_too_long_with_extensions(void **state)
{
	struct session s = session_nsp(IPPROTO_UDP);
	struct packet q4, q6, in, want;

	// 1000 bytes of quote and 300 of extensions: 1232 - 300 = 932, in units of 8: 928
	q4 = with_ext(cut(sent4(&s, DATA, 1400), 1000), 1000, DATA, 300);
	q6 = with_ext(cut(sent6(&s, DATA, 1400), 928), 928, DATA, 300);
	in = error4_in(11, 0, 1000 / 4 << 16, &q4);
	want = error6_out(3, 0, 928u / 8 << 24, &q6);
	check_error_4to6(&s, &in, DROP_NONE, &want);
	// 1204 bytes of extensions
	q4 = with_ext(cut(sent4(&s, DATA, 1400), 128), 128, DATA, 1204);
	q6 = with_ext(cut(sent6(&s, DATA, 1400), 128), 128, DATA, 1104);
	in = error4_in(11, 0, 128 / 4 << 16, &q4);
	want = error6_out(3, 0, 128u / 8 << 24, &q6);
	check_error_4to6(&s, &in, DROP_NONE, &want);
	// to 576 bytes: 548 for both
	q6 = with_ext(cut(back6(&s, DATA, 1400), 512), 512, DATA, 200);
	q4 = with_ext(cut(back4(&s, DATA, 1400, 0x1234), 348), 348, DATA, 200);
	in = error6_in(3, 0, 512u / 8 << 24, &q6);
	want = error4_out(11, 0, 348 / 4 << 16, 0x1234, &q4);
	check_error_6to4(&s, &in, DROP_NONE, &want);
	q6 = with_ext(cut(back6(&s, DATA, 1400), 512), 512, DATA, 600);
	q4 = with_ext(cut(back4(&s, DATA, 1400, 0x1234), 128), 128, DATA, 420);
	in = error6_in(3, 0, 512u / 8 << 24, &q6);
	want = error4_out(11, 0, 128 / 4 << 16, 0x1234, &q4);
	check_error_6to4(&s, &in, DROP_NONE, &want);
}

static void
err_18_length_attribute(void **state)
{
	struct session s = session_nsp(IPPROTO_UDP);
	struct packet q4 = with_ext(sent4(&s, DATA, 0), 128, DATA, 20), q6, in, want;

	in = error4_in(11, 0, 38 << 16, &q4); // 152 of 148 bytes
	assert_int_equal(parse_error(&in), DROP_ICMP_INNER);
	in = error4_in(11, 0, 31 << 16, &q4); // 124 bytes
	assert_int_equal(parse_error(&in), DROP_ICMP_INNER);
	q6 = with_ext(back6(&s, DATA, 0), 128, DATA, 20);
	in = error6_in(1, 0, 19u << 24, &q6);
	assert_int_equal(parse_error(&in), DROP_ICMP_INNER);
	in = error6_in(1, 0, 15u << 24, &q6);
	assert_int_equal(parse_error(&in), DROP_ICMP_INNER);
	// 0: all of it is quote, of which the quoted packet's length says what counts
	in = error4_in(11, 0, 0, &q4);
	q6 = sent6(&s, DATA, 0);
	want = error6_out(3, 0, 0, &q6);
	check_error_4to6(&s, &in, DROP_NONE, &want);
	// nothing behind the quote
	q4 = with_ext(sent4(&s, DATA, 0), 128, NULL, 0);
	in = error4_in(11, 0, 32 << 16, &q4);
	check_error_4to6(&s, &in, DROP_NONE, &want);
}

static void
i46_08_22_24_26_second_word(void **state)
{
	static const struct {
		uint8_t type, code;
		uint32_t word;
		enum drop_reason why;
		uint8_t to_type, to_code;
		uint32_t to_word;
	} row[] = {
		{3, 2, 0xffffffff, DROP_NONE, 4, 1, 6},
		{3, 3, 0x0000ffff, DROP_NONE, 1, 4, 0}, // unused bits are not copied
		{12, 0, 0x010000ff, DROP_NONE, 4, 0, 1}, {12, 0, 0x080000ff, DROP_NONE, 4, 0, 7},
		{12, 2, 0x10000000, DROP_NONE, 4, 0, 24},
		{12, 0, 0x04000000, DROP_ICMP_POINTER, 0, 0, 0},
		{12, 2, 0x14000000, DROP_ICMP_POINTER, 0, 0, 0},
		{12, 1, 0x08000000, DROP_ICMP_TYPE, 0, 0, 0}, {3, 14, 0, DROP_ICMP_TYPE, 0, 0, 0},
		{4, 0, 0, DROP_ICMP_TYPE, 0, 0, 0}, {5, 1, 0, DROP_ICMP_TYPE, 0, 0, 0},
		{3, 4, 1400, DROP_NONE, 2, 0, 1420}, {3, 4, 0, DROP_NONE, 2, 0, 1280}, // MTU-05
		{3, 4, 1481, DROP_ICMP_MTU, 0, 0, 0},                                  // MTU-08
		{3, 4, 67, DROP_ICMP_MTU, 0, 0, 0},                                    // MTU-08
		{3, 4, 1480, DROP_NONE, 2, 0, 1280},                                   // MTU-06
	};
	struct session s = session_nsp(IPPROTO_UDP);
	struct packet q4 = cut(sent4(&s, DATA, 1452), 80), q6 = cut(sent6(&s, DATA, 1452), 100);

	for (unsigned int i = 0; i < RTE_DIM(row); i++) {
		struct packet in, want;
		uint32_t word = row[i].word;

		if (row[i].type == 3 && row[i].code != 4)
			word &= 0x0000ffff; // the length attribute is there
		in = error4_in(row[i].type, row[i].code, word, &q4);
		want = error6_out(row[i].to_type, row[i].to_code, row[i].to_word, &q6);
		check_error_4to6(&s, &in, row[i].why, &want);
	}
}

static void
i64_12_14_second_word(void **state)
{
	static const struct {
		uint8_t type, code;
		uint32_t word;
		enum drop_reason why;
		uint8_t to_type, to_code;
		uint32_t to_word;
	} row[] = {
		{1, 4, 0x00ffffff, DROP_NONE, 3, 3, 0},
		{2, 0, 1400, DROP_NONE, 3, 4, 1380},
		{2, 9, 1280, DROP_NONE, 3, 4, 1260},
		{2, 0, 1279, DROP_ICMP_MTU, 0, 0, 0}, // MTU-08
		{2, 0, 0x10000, DROP_NONE, 3, 4, 1480},
		{3, 7, 0, DROP_NONE, 11, 7, 0},
		{4, 0, 6, DROP_NONE, 12, 0, 9u << 24},
		{4, 0, 39, DROP_NONE, 12, 0, 16u << 24},
		{4, 0, 40, DROP_ICMP_POINTER, 0, 0, 0},
		{4, 0, 3, DROP_ICMP_POINTER, 0, 0, 0},
		{4, 0, 0x100, DROP_ICMP_POINTER, 0, 0, 0},
		{4, 1, 40, DROP_NONE, 3, 2, 0},
		{4, 2, 40, DROP_ICMP_TYPE, 0, 0, 0},
		{1, 5, 0, DROP_ICMP_TYPE, 0, 0, 0},
		{100, 0, 0, DROP_ICMP_TYPE, 0, 0, 0},
	};
	struct session s = session_nsp(IPPROTO_UDP);
	struct packet q6 = cut(back6(&s, DATA, 1400), 100);
	struct packet q4 = cut(back4(&s, DATA, 1400, 0x1234), 80);

	for (unsigned int i = 0; i < RTE_DIM(row); i++) {
		struct packet in = error6_in(row[i].type, row[i].code, row[i].word, &q6);
		struct packet want =
			error4_out(row[i].to_type, row[i].to_code, row[i].to_word, 0x1234, &q4);

		check_error_6to4(&s, &in, row[i].why, &want);
	}
}

// MTU-02: 28 when the quoted packet had a Fragment header; its Identification comes back.
static void
mtu_02_atomic_fragment_in_the_quote(void **state)
{
	static const uint8_t fh[] = {IPPROTO_UDP, 0, 0, 0, 0xab, 0xcd, 0x56, 0x78};
	struct session s = session_nsp(IPPROTO_UDP);
	struct packet q6 = back6(&s, DATA, 1400), q4 = back4(&s, DATA, 1400, 0x5678);
	struct packet all = {.len = 0}, in, want;
	struct ends e = session_ends6(&s);

	append(&all, fh, sizeof(fh));
	append(&all, q6.b + 40, q6.len - 40);
	e = ends_swap(e);
	q6 = cut(make_ip6(&e, 0x34, IPPROTO_FRAGMENT, 55, &all), 148);
	put16(q4.b + 6, 0);
	ref_seal_ip4(q4.b);
	q4 = cut(q4, 120);
	in = error6_in(2, 0, 1400, &q6);
	want = error4_out(3, 4, 1372, 0x1234, &q4);
	check_error_6to4(&s, &in, DROP_NONE, &want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(err_14_15_extensions_4to6),
		cmocka_unit_test(err_14_15_extensions_6to4),
		cmocka_unit_test(err_16_19_extensions_are_stripped),
		cmocka_unit_test(err_17_too_long_with_extensions),
		cmocka_unit_test(err_18_length_attribute),
		cmocka_unit_test(i46_08_22_24_26_second_word),
		cmocka_unit_test(i64_12_14_second_word),
		cmocka_unit_test(mtu_02_atomic_fragment_in_the_quote),
	};
	int failed;

	mbuf_util_init();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	return failed + !mbuf_util_all_back();
}
