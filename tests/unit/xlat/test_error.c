// SPDX-License-Identifier: BSD-3-Clause
// ICMP errors with their quoted packet (conformance 2.8).
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
		cmocka_unit_test(err_26_translated_twice),
		cmocka_unit_test(x46_07_error_from_an_odd_router),
		cmocka_unit_test(err_04_quoted_length_too_large),
		cmocka_unit_test(err_03_pool_mbuf_keeps_headroom),
	};
	int failed;

	mbuf_util_init();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	return failed + !mbuf_util_all_back();
}
