// SPDX-License-Identifier: BSD-3-Clause
// ICMP errors with their quoted packet (conformance 2.6 to 2.9).
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "error_util.h"

static const uint8_t DATA[1500] = {1, 2, 3, 250, 251, 252, 99};
static const uint8_t protos[] = {IPPROTO_UDP, IPPROTO_TCP, IPPROTO_ICMP};

// ERR-01 TTL of the quote, ERR-02 swapped tuple, ERR-03 lengths, ERR-04 length in the quote,
// ERR-07 from 8 bytes on, ERR-10 its checksum, ERR-12 echo, ERR-22 destination: the result is
// compared with the packet that the client sent, cut where the quote ends.
static void
err_01_02_03_04_07_10_12_22_quotes_4to6(void **state)
{
	static const unsigned int len[] = {8, 9, 15, 16, 18, 19, 20, 28, 100, 520};

	for (unsigned int i = 0; i < RTE_DIM(protos); i++)
		for (unsigned int k = 0; k < RTE_DIM(len); k++) {
			struct session s = session_nsp(protos[i]);
			struct packet q4 = cut(sent4(&s, DATA, 600), 20 + len[k]);
			struct packet q6 = cut(sent6(&s, DATA, 600), 40 + len[k]);
			struct packet in = error4_in(11, 0, 0, &q4);
			struct packet want = error6_out(3, 0, 0, &q6);

			check_error_4to6(&s, &in, DROP_NONE, &want);
		}
}

static void
err_01_02_03_04_07_10_12_22_quotes_6to4(void **state)
{
	static const unsigned int len[] = {8, 9, 15, 16, 18, 19, 20, 28, 100, 520};

	for (unsigned int i = 0; i < RTE_DIM(protos); i++)
		for (unsigned int k = 0; k < RTE_DIM(len); k++) {
			struct session s = session_nsp(protos[i]);
			struct packet q6 = cut(back6(&s, DATA, 600), 40 + len[k]);
			struct packet q4 = cut(back4(&s, DATA, 600, 0x1234), 20 + len[k]);
			struct packet in = error6_in(1, 4, 0, &q6);
			struct packet want = error4_out(3, 3, 0, 0x1234, &q4);

			check_error_6to4(&s, &in, DROP_NONE, &want);
		}
}

// Four bytes of TCP or UDP make a tuple, three do not; of ICMP it takes eight.
static void
err_06_shortest_quotes(void **state)
{
	for (unsigned int i = 0; i < RTE_DIM(protos); i++) {
		struct session s = session_nsp(protos[i]);
		unsigned int need = protos[i] == IPPROTO_ICMP ? 8 : 4;

		for (unsigned int n = 0; n <= need; n++) {
			struct packet q4 = cut(sent4(&s, DATA, 60), 20 + n);
			struct packet q6 = cut(sent6(&s, DATA, 60), 40 + n);
			struct packet in = error4_in(11, 0, 0, &q4),
				      want = error6_out(3, 0, 0, &q6);

			assert_int_equal(parse_error(&in), n < need ? DROP_ICMP_INNER : DROP_NONE);
			if (n == need)
				check_error_4to6(&s, &in, DROP_NONE, &want);
			q6 = cut(back6(&s, DATA, 60), 40 + n);
			q4 = cut(back4(&s, DATA, 60, 0x1234), 20 + n);
			in = error6_in(3, 0, 0, &q6);
			want = error4_out(11, 0, 0, 0x1234, &q4);
			assert_int_equal(parse_error(&in), n < need ? DROP_ICMP_INNER : DROP_NONE);
			if (n == need)
				check_error_6to4(&s, &in, DROP_NONE, &want);
		}
	}
}

static void
err_05_error_about_an_error(void **state)
{
	struct session s = session_nsp(IPPROTO_UDP);
	struct packet q = sent4(&s, DATA, 8), in;

	q = error4_in(3, 3, 0, &q);
	in = error4_in(11, 0, 0, &q);
	assert_int_equal(parse_error(&in), DROP_ICMP_INNER);
	q = back6(&s, DATA, 8);
	q = error6_in(1, 4, 0, &q);
	in = error6_in(3, 0, 0, &q);
	assert_int_equal(parse_error(&in), DROP_ICMP_INNER);
}

static void
err_06_fragments_in_the_quote(void **state)
{
	static const uint8_t ext[] = {IPPROTO_UDP, 0, 0x00, 0x09, 0, 0, 0, 1};
	struct session s = session_nsp(IPPROTO_UDP);
	struct packet q = sent4(&s, DATA, 100), in, all = {.len = 0};
	struct ends e = session_ends6(&s);

	put16(q.b + 6, 0x2001); // not the first one
	ref_seal_ip4(q.b);
	in = error4_in(11, 1, 0, &q);
	assert_int_equal(parse_error(&in), DROP_ICMP_INNER);
	q = back6(&s, DATA, 100);
	append(&all, ext, sizeof(ext));
	append(&all, q.b + 40, q.len - 40);
	q = make_ip6(&e, 0, IPPROTO_FRAGMENT, 64, &all);
	in = error6_in(3, 1, 0, &q);
	assert_int_equal(parse_error(&in), DROP_ICMP_INNER);
}

// ERR-03: the first fragment of a packet gets a Fragment header in the quote, or loses it.
static void
err_03_first_fragment_in_the_quote(void **state)
{
	static const uint8_t fh[] = {IPPROTO_UDP, 0, 0x00, 0x01, 0, 0, 0x77, 0x77};
	struct session s = session_nsp(IPPROTO_UDP);
	struct packet q4 = sent4(&s, DATA, 100), q6 = sent6(&s, DATA, 100), in, want;
	struct packet all = {.len = 0};
	struct ends e = session_ends6(&s);

	put16(q4.b + 6, 0x2000);
	ref_seal_ip4(q4.b);
	append(&all, fh, sizeof(fh));
	append(&all, q6.b + 40, q6.len - 40);
	q6 = make_ip6(&e, 0x12, IPPROTO_FRAGMENT, 58, &all);
	in = error4_in(11, 1, 0, &q4);
	want = error6_out(3, 1, 0, &q6);
	check_error_4to6(&s, &in, DROP_NONE, &want);

	q6 = back6(&s, DATA, 100);
	all.len = 0;
	append(&all, fh, sizeof(fh));
	append(&all, q6.b + 40, q6.len - 40);
	e = ends_swap(e);
	q6 = make_ip6(&e, 0x34, IPPROTO_FRAGMENT, 55, &all);
	q4 = back4(&s, DATA, 100, 0x7777);
	put16(q4.b + 6, 0x2000);
	ref_seal_ip4(q4.b);
	in = error6_in(3, 1, 0, &q6);
	want = error4_out(11, 1, 0, 0x1234, &q4);
	check_error_6to4(&s, &in, DROP_NONE, &want);
}

static void
err_08_options_and_extension_headers_in_the_quote(void **state)
{
	static const uint8_t opt[12] = {1, 131, 7, 4, 1, 2, 3, 4};
	static const uint8_t ext[] = {IPPROTO_DSTOPTS, 0, 1, 4, 0, 0, 0, 0, //
		IPPROTO_UDP, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
	struct session s = session_nsp(IPPROTO_UDP);
	struct ends e4 = session_ends4(&s), e6 = session_ends6(&s);
	struct packet l4 = message_of(&s, &e4, false, DATA, 40), all = {.len = 0};
	struct packet q4 =
		make_ip4_opt(&e4, 0x12, 0x7777, 0x4000, IPPROTO_UDP, 58, opt, sizeof(opt), &l4);
	struct packet q6 = sent6(&s, DATA, 40), in, want;

	in = error4_in(3, 3, 0, &q4);
	want = error6_out(1, 4, 0, &q6);
	check_error_4to6(&s, &in, DROP_NONE, &want);

	q6 = back6(&s, DATA, 40);
	append(&all, ext, sizeof(ext));
	append(&all, q6.b + 40, q6.len - 40);
	e6 = ends_swap(e6);
	q6 = make_ip6(&e6, 0x34, IPPROTO_HOPOPTS, 55, &all);
	q4 = back4(&s, DATA, 40, 0x1234);
	in = error6_in(1, 4, 0, &q6);
	want = error4_out(3, 3, 0, 0x1234, &q4);
	check_error_6to4(&s, &in, DROP_NONE, &want);
}

static void
err_09_checksums(void **state)
{
	struct session s = session_nsp(IPPROTO_UDP);
	struct packet q = sent4(&s, DATA, 40), in = error4_in(11, 0, 0, &q);

	in.b[22] ^= 1;
	assert_int_equal(parse_error(&in), DROP_CHECKSUM_L4);
	q.b[10] ^= 1;
	in = error4_in(11, 0, 0, &q);
	assert_int_equal(parse_error(&in), DROP_ICMP_INNER);
	q = back6(&s, DATA, 40);
	in = error6_in(3, 0, 0, &q);
	in.b[42] ^= 1;
	assert_int_equal(parse_error(&in), DROP_CHECKSUM_L4);
}

// A wrong quoted transport checksum is passed on as wrong as it is.
static void
err_10_quoted_checksum_not_verified(void **state)
{
	struct session s = session_nsp(IPPROTO_TCP);
	struct packet q4 = sent4(&s, DATA, 40), q6 = sent6(&s, DATA, 40), in, want;

	q4.b[50] ^= 0x10;
	q6.b[70] ^= 0x10;
	in = error4_in(11, 0, 0, &q4);
	want = error6_out(3, 0, 0, &q6);
	check_error_4to6(&s, &in, DROP_NONE, &want);
}

static void
err_11_quoted_udp_without_checksum(void **state)
{
	struct session s = session_nsp(IPPROTO_UDP);
	struct packet q4 = sent4(&s, DATA, 40), q6 = sent6(&s, DATA, 40), in, want;

	put16(q4.b + 26, 0);
	put16(q6.b + 46, 0);
	in = error4_in(11, 0, 0, &q4);
	want = error6_out(3, 0, 0, &q6);
	check_error_4to6(&s, &in, DROP_NONE, &want);
}

static void
err_13_longest_results(void **state)
{
	struct session s = session_nsp(IPPROTO_UDP);
	struct packet q4 = sent4(&s, DATA, 1400), q6 = sent6(&s, DATA, 1400), in, want;

	in = error4_in(11, 0, 0, &q4);
	q6 = cut(q6, 1280 - 48);
	want = error6_out(3, 0, 0, &q6);
	assert_int_equal(want.len, 1280);
	check_error_4to6(&s, &in, DROP_NONE, &want);

	q6 = cut(back6(&s, DATA, 1400), 1232);
	q4 = cut(back4(&s, DATA, 1400, 0x1234), 576 - 28);
	in = error6_in(3, 0, 0, &q6);
	want = error4_out(11, 0, 0, 0x1234, &q4);
	assert_int_equal(want.len, 576);
	check_error_6to4(&s, &in, DROP_NONE, &want);
}

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

// A client's error about a hairpinned packet is translated to IPv4 and back (RFC 5508 REQ-7).
static void
err_26_translated_twice(void **state)
{
	struct session b = session_nsp(IPPROTO_UDP); // of the client that answers
	struct session a = session_of(IPPROTO_UDP, "2001:db8:1::a", NSP_DNS);
	struct xlat_error_64 x64;
	struct xlat_error_46 x46;
	struct packet q6, in, want;
	struct rte_mbuf *m;
	struct ends e;

	// a sees b at T:1025 through the prefix and b sees a at T:2000
	assert_int_equal(inet_pton(AF_INET, "203.0.113.1", &a.dst4), 1);
	assert_int_equal(inet_pton(AF_INET6, "2001:db8:64::203.0.113.1", &a.dst6), 1);
	a.port6 = 4444;
	a.port4 = 2000;
	a.rport = b.port4;
	b.dst4 = a.dst4;
	b.dst6 = a.dst6;
	b.rport = a.port4;

	q6 = back6(&b, DATA, 30);
	in = error6(CLIENT, "2001:db8:64::203.0.113.1", 1, 4, 0, &q6);
	m = parsed(&in, ICMP_ERROR_ROOM);
	x64 = error_64(&b, 0x1234);
	assert_int_equal(xlat_error_6to4(m, pkt_of(m), &x64), DROP_NONE);
	assert_int_equal(parse_ip4(m, pkt_of(m)), DROP_NONE);
	assert_int_equal(parse_icmp_error(m, pkt_of(m)), DROP_NONE);
	assert_int_equal(pkt_of(m)->inner.sport, htons(2000));
	assert_int_equal(pkt_of(m)->inner.dport, htons(1025));
	x46 = error_46(&a);
	x46.src = a.dst6;
	assert_int_equal(xlat_error_4to6(m, pkt_of(m), &x46), DROP_NONE);

	e = session_ends6(&a); // what a sent, with the hop limit and class of the quote
	q6 = make_udp(&e, 4444, 1025, DATA, 30);
	q6 = make_ip6(&e, 0x34, IPPROTO_UDP, 55, &q6);
	want = error6("2001:db8:64::203.0.113.1", "2001:db8:1::a", 1, 4, 0, &q6);
	want.b[7] = 62;
	assert_packet(m, &want);
	rte_pktmbuf_free(m);
}

static void
x46_07_error_from_an_odd_router(void **state)
{
	static const char *const src[] = {"0.0.0.0", "127.0.0.1", "240.0.0.1", "10.0.0.1"};
	struct session s = session_nsp(IPPROTO_UDP);
	struct packet q = sent4(&s, DATA, 30), in;

	for (unsigned int i = 0; i < RTE_DIM(src); i++) {
		in = error4(src[i], "203.0.113.1", 11, 0, 0, &q);
		assert_int_equal(parse_error(&in), DROP_NONE);
	}
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

// A quoted length that no IPv4 packet can have.
static void
err_04_quoted_length_too_large(void **state)
{
	struct session s = session_nsp(IPPROTO_UDP);
	struct packet q6 = back6(&s, DATA, 100), in;

	put16(q6.b + 4, 65516);
	in = error6_in(3, 0, 0, &q6);
	check_error_6to4(&s, &in, DROP_ICMP_INNER, NULL);
}

// An mbuf as the ports deliver it keeps its headroom for the link header.
static void
err_03_pool_mbuf_keeps_headroom(void **state)
{
	struct session s = session_nsp(IPPROTO_UDP);
	struct packet q4 = sent4(&s, DATA, 500), q6 = sent6(&s, DATA, 500);
	struct packet in = error4_in(11, 0, 0, &q4), want = error6_out(3, 0, 0, &q6);
	struct rte_mbuf *m = mbuf_pooled(in.b, (uint16_t)in.len);
	struct xlat_error_46 x = error_46(&s);

	assert_int_equal(parse_ip4(m, pkt_of(m)), DROP_NONE);
	assert_int_equal(parse_icmp_error(m, pkt_of(m)), DROP_NONE);
	assert_int_equal(xlat_error_4to6(m, pkt_of(m), &x), DROP_NONE);
	assert_packet(m, &want);
	assert_int_equal(rte_pktmbuf_headroom(m), RTE_PKTMBUF_HEADROOM);
	rte_pktmbuf_free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(err_01_02_03_04_07_10_12_22_quotes_4to6),
		cmocka_unit_test(err_01_02_03_04_07_10_12_22_quotes_6to4),
		cmocka_unit_test(err_06_shortest_quotes),
		cmocka_unit_test(err_05_error_about_an_error),
		cmocka_unit_test(err_06_fragments_in_the_quote),
		cmocka_unit_test(err_03_first_fragment_in_the_quote),
		cmocka_unit_test(err_08_options_and_extension_headers_in_the_quote),
		cmocka_unit_test(err_09_checksums),
		cmocka_unit_test(err_10_quoted_checksum_not_verified),
		cmocka_unit_test(err_11_quoted_udp_without_checksum),
		cmocka_unit_test(err_13_longest_results),
		cmocka_unit_test(err_14_15_extensions_4to6),
		cmocka_unit_test(err_14_15_extensions_6to4),
		cmocka_unit_test(err_16_19_extensions_are_stripped),
		cmocka_unit_test(err_17_too_long_with_extensions),
		cmocka_unit_test(err_18_length_attribute),
		cmocka_unit_test(err_26_translated_twice),
		cmocka_unit_test(x46_07_error_from_an_odd_router),
		cmocka_unit_test(i46_08_22_24_26_second_word),
		cmocka_unit_test(i64_12_14_second_word),
		cmocka_unit_test(mtu_02_atomic_fragment_in_the_quote),
		cmocka_unit_test(err_04_quoted_length_too_large),
		cmocka_unit_test(err_03_pool_mbuf_keeps_headroom),
	};
	int failed;

	mbuf_util_init();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	return failed + !mbuf_util_all_back();
}
