// SPDX-License-Identifier: BSD-3-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "parse_util.h"

static void
n64_tup_01_fields_of_udp_and_tcp(void **state)
{
	struct packet p = udp6();

	assert_int_equal(parse(&p), DROP_NONE);
	assert_int_equal(view.family, 6);
	assert_int_equal(view.proto, IPPROTO_UDP);
	assert_int_equal(view.ttl, 64);
	assert_int_equal(view.l3_len, p.len);
	assert_int_equal(view.l4_off, 40);
	assert_int_equal(view.sport, RTE_BE16(40000));
	assert_int_equal(view.dport, RTE_BE16(53));
	assert_int_equal(view.flags, 0);

	p = tcp4();
	assert_int_equal(parse(&p), DROP_NONE);
	assert_int_equal(view.family, 4);
	assert_int_equal(view.proto, IPPROTO_TCP);
	assert_int_equal(view.ttl, 57);
	assert_int_equal(view.l4_off, 20);
	assert_int_equal(view.sport, RTE_BE16(443));
	assert_int_equal(view.dport, RTE_BE16(40000));
	assert_int_equal(view.tcp_flags, 0x12);
	assert_int_equal(view.flags, 0);

	p = udp4();
	assert_int_equal(parse(&p), DROP_NONE);
	assert_int_equal(view.flags, PKT_DF);
}

static void
n64_tup_01_fields_of_echo(void **state)
{
	static const struct {
		bool is6;
		uint8_t type, code;
		uint16_t flags;
	} row[] = {
		{true, 128, 0, PKT_ICMP_ECHO},
		{true, 129, 0, PKT_ICMP_ECHO},
		{true, 128, 1, 0},
		{true, 135, 0, 0}, // I64-04
		{false, 8, 0, PKT_ICMP_ECHO},
		{false, 0, 0, PKT_ICMP_ECHO},
		{false, 13, 0, 0}, // N64-TUP-04
		{false, 128, 0, 0},
	};

	for (unsigned int i = 0; i < RTE_DIM(row); i++) {
		struct packet p = row[i].is6 ? icmp6(row[i].type, row[i].code)
					     : icmp4(row[i].type, row[i].code);
		rte_be16_t id = row[i].is6 ? RTE_BE16(0x1111) : RTE_BE16(0x2222);

		assert_int_equal(parse(&p), DROP_NONE);
		assert_int_equal(view.flags, row[i].flags);
		assert_int_equal(view.icmp_type, row[i].type);
		assert_int_equal(view.icmp_code, row[i].code);
		assert_int_equal(view.sport, row[i].flags ? id : 0);
		assert_int_equal(view.dport, view.sport);
	}
}

// The ICMP of the other family is just some protocol.
static void
n64_tup_03_icmp_of_the_wrong_family(void **state)
{
	struct packet p = icmp6(128, 0);

	p.b[6] = IPPROTO_ICMP;
	assert_int_equal(parse(&p), DROP_NONE);
	assert_int_equal(view.flags, 0);
	p = icmp4(8, 0);
	p.b[9] = IPPROTO_ICMPV6;
	ref_seal_ip4(p.b);
	assert_int_equal(parse(&p), DROP_NONE);
	assert_int_equal(view.flags, 0);
}

static void
keeps_the_link_layer_flag_only(void **state)
{
	struct packet p = udp4();
	struct rte_mbuf *m = mbuf_exact(p.b, (uint16_t)p.len, 0);

	pkt_of(m)->flags = PKT_L2_GROUP | PKT_ICMP_ERROR | PKT_FRAGMENT;
	assert_int_equal(parse_ip4(m, pkt_of(m)), DROP_NONE);
	assert_int_equal(pkt_of(m)->flags, PKT_L2_GROUP | PKT_DF);
	rte_pktmbuf_free(m);
	p = udp6();
	m = mbuf_exact(p.b, (uint16_t)p.len, 0);
	pkt_of(m)->flags = PKT_L2_GROUP | PKT_DF;
	assert_int_equal(parse_ip6(m, pkt_of(m)), DROP_NONE);
	assert_int_equal(pkt_of(m)->flags, PKT_L2_GROUP);
	rte_pktmbuf_free(m);
}

static void
x64_16_x46_17_lengths(void **state)
{
	struct packet p = udp6();
	unsigned int len = p.len;

	append_zero(&p, 14); // Ethernet padding
	assert_int_equal(parse(&p), DROP_NONE);
	assert_int_equal(view.l3_len, len);
	p.len = len - 1; // longer than the frame
	assert_int_equal(parse(&p), DROP_MALFORMED);
	p.len = 39;
	assert_int_equal(parse(&p), DROP_MALFORMED);

	p = udp4();
	len = p.len;
	append_zero(&p, 6);
	assert_int_equal(parse(&p), DROP_NONE);
	assert_int_equal(view.l3_len, len);
	p.len = len - 1;
	assert_int_equal(parse(&p), DROP_MALFORMED);
	p.len = 19;
	assert_int_equal(parse(&p), DROP_MALFORMED);

	p = udp4();
	p.b[0] = 0x44; // IHL < 5
	assert_int_equal(parse(&p), DROP_MALFORMED);
	p = udp4();
	put16(p.b + 2, 19); // total length < header
	ref_seal_ip4(p.b);
	assert_int_equal(parse(&p), DROP_MALFORMED);
	p = udp4();
	p.b[0] = 0x4f; // header longer than the frame
	p.len = 32;
	assert_int_equal(parse(&p), DROP_MALFORMED);
}

static void
version_has_to_match(void **state)
{
	struct packet p = udp6();
	struct rte_mbuf *m = mbuf_exact(p.b, (uint16_t)p.len, 0);

	assert_int_equal(parse_ip4(m, pkt_of(m)), DROP_MALFORMED);
	rte_pktmbuf_free(m);
	p = udp4();
	m = mbuf_exact(p.b, (uint16_t)p.len, 0);
	assert_int_equal(parse_ip6(m, pkt_of(m)), DROP_MALFORMED);
	rte_pktmbuf_free(m);
}

static void
segmented_mbufs_are_refused(void **state)
{
	struct packet p = udp6();
	struct rte_mbuf *m = mbuf_pooled(p.b, 50);
	struct rte_mbuf *tail = mbuf_pooled(p.b + 50, (uint16_t)(p.len - 50));

	assert_int_equal(rte_pktmbuf_chain(m, tail), 0);
	assert_int_equal(parse_ip6(m, pkt_of(m)), DROP_MALFORMED);
	rte_pktmbuf_free(m);
}

static void
x64_13_x46_07_sources(void **state)
{
	static const struct {
		const char *src;
		enum drop_reason why;
	} row6[] =
		{
			{"::1", DROP_SRC6_ILLEGAL},
			{"::ffff:8.8.8.8", DROP_SRC6_ILLEGAL},
			{"::8.8.8.8", DROP_SRC6_ILLEGAL},
			{"ff02::1", DROP_SRC6_ILLEGAL},
			{"ff0e::1:2:3", DROP_SRC6_ILLEGAL},
			{"::", DROP_NONE}, // DAD; the pipeline judges
			{"fe80::1", DROP_NONE},
			{"::2", DROP_SRC6_ILLEGAL},
			{"2001:db8::1", DROP_NONE},
		},
	  row4[] = {
		  {"0.0.0.0", DROP_SRC4_ILLEGAL},
		  {"0.1.2.3", DROP_SRC4_ILLEGAL},
		  {"127.0.0.1", DROP_SRC4_ILLEGAL},
		  {"224.0.0.1", DROP_SRC4_ILLEGAL},
		  {"239.255.255.255", DROP_SRC4_ILLEGAL},
		  {"240.0.0.1", DROP_SRC4_ILLEGAL},
		  {"255.255.255.255", DROP_SRC4_ILLEGAL},
		  {"1.0.0.0", DROP_NONE},
		  {"126.255.255.255", DROP_NONE},
		  {"128.0.0.1", DROP_NONE},
		  {"223.255.255.255", DROP_NONE},
		  {"10.0.0.1", DROP_NONE},
	  };
	struct packet p;

	for (unsigned int i = 0; i < RTE_DIM(row6); i++) {
		p = udp6();
		assert_int_equal(inet_pton(AF_INET6, row6[i].src, p.b + 8), 1);
		assert_int_equal(parse(&p), row6[i].why);
	}
	for (unsigned int i = 0; i < RTE_DIM(row4); i++) {
		p = udp4();
		assert_int_equal(inet_pton(AF_INET, row4[i].src, p.b + 12), 1);
		ref_seal_ip4(p.b);
		assert_int_equal(parse(&p), row4[i].why);
	}
}

static void
xlt_07_bad_header_checksum(void **state)
{
	static const uint8_t opt[4] = {1, 1, 1, 0};
	struct ends e = ends_of(S4, P4);
	struct packet l4 = make_udp(&e, 53, 40000, DATA, sizeof(DATA));
	struct packet p = make_ip4_opt(&e, 0, 1, 0, IPPROTO_UDP, 57, opt, sizeof(opt), &l4);

	assert_int_equal(parse(&p), DROP_NONE);
	p.b[10] ^= 1;
	assert_int_equal(parse(&p), DROP_CHECKSUM4);
	p = udp4();
	p.b[8]--;
	assert_int_equal(parse(&p), DROP_CHECKSUM4);
}

// A bad transport checksum is not parse's business.
static void
xlt_07_transport_checksum_not_looked_at(void **state)
{
	struct packet p = tcp6();

	p.b[56] ^= 0x55;
	assert_int_equal(parse(&p), DROP_NONE);
	p = udp4();
	p.b[26] ^= 0x55;
	assert_int_equal(parse(&p), DROP_NONE);
}

static void
n64_tup_05_transport_lengths(void **state)
{
	static const struct {
		const char *what;
		struct packet (*make)(void);
		unsigned int at;
		uint16_t value; // two bytes there
		enum drop_reason why;
	} row[] = {
		{"tcp6 offset 4", tcp6, 52, 0x4012, DROP_L4_MALFORMED},
		{"tcp6 offset beyond packet", tcp6, 52, 0xf012, DROP_L4_MALFORMED},
		{"tcp6 offset in packet", tcp6, 52, 0xb012, DROP_NONE},
		{"udp6 length 7", udp6, 44, 7, DROP_L4_MALFORMED},
		{"udp6 length 8", udp6, 44, 8, DROP_NONE},
		{"udp6 length one more", udp6, 44, 9 + sizeof(DATA), DROP_L4_MALFORMED},
		{"udp6 checksum 0 (CSUM-07)", udp6, 46, 0, DROP_UDP6_CHECKSUM_ZERO},
		{"tcp4 offset 4", tcp4, 32, 0x4012, DROP_L4_MALFORMED},
		{"tcp4 offset beyond packet", tcp4, 32, 0xf012, DROP_L4_MALFORMED},
		{"udp4 length 7", udp4, 24, 7, DROP_L4_MALFORMED},
		{"udp4 length one more", udp4, 24, 9 + sizeof(DATA), DROP_L4_MALFORMED},
		{"udp4 checksum 0 (CSUM-04)", udp4, 26, 0, DROP_NONE},
	};

	for (unsigned int i = 0; i < RTE_DIM(row); i++) {
		struct packet p = row[i].make();

		put16(p.b + row[i].at, row[i].value);
		if (parse(&p) != row[i].why)
			fail_msg("%s", row[i].what);
	}
}

static void
n64_tup_05_truncated_transports(void **state)
{
	static const struct {
		uint8_t proto;
		unsigned int enough;
	} row[] = {{IPPROTO_TCP, 20}, {IPPROTO_UDP, 8}, {IPPROTO_ICMPV6, 8}, {IPPROTO_ICMP, 8}};

	for (unsigned int i = 0; i < RTE_DIM(row); i++) {
		bool is6 = row[i].proto != IPPROTO_ICMP;
		struct ends e = is6 ? ends_of(C6, S6) : ends_of(S4, P4);
		struct packet l4 = {.b = {135}, .len = row[i].enough - 1};
		struct packet p;

		l4.b[12] = 5 << 4;
		p = is6 ? make_ip6(&e, 0, row[i].proto, 64, &l4)
			: make_ip4(&e, 0, 1, 0, row[i].proto, 64, &l4);
		assert_int_equal(parse(&p), DROP_L4_MALFORMED);
	}
}

// CSUM-04: without a checksum, the UDP length must be that of the IP payload.
static void
csum_04_udp_length_agrees(void **state)
{
	struct packet p = udp4();

	put16(p.b + 24, 8 + sizeof(DATA) - 1);
	assert_int_equal(parse(&p), DROP_NONE);
	put16(p.b + 26, 0);
	assert_int_equal(parse(&p), DROP_L4_MALFORMED);
}

static void
x64_08_other_protocols_pass(void **state)
{
	static const uint8_t proto[] = {50, 51, 59, 132, 135, 4, 41};

	for (unsigned int i = 0; i < RTE_DIM(proto); i++) {
		struct packet p = udp6();

		p.b[6] = proto[i];
		assert_int_equal(parse(&p), DROP_NONE);
		assert_int_equal(view.proto, proto[i]);
		assert_int_equal(view.l4_off, 40);
		p = udp4();
		p.b[9] = proto[i];
		ref_seal_ip4(p.b);
		assert_int_equal(parse(&p), DROP_NONE);
		assert_int_equal(view.proto, proto[i]);
	}
}

static bool
checksum_ok(const struct packet *p)
{
	struct rte_mbuf *m = mbuf_exact(p->b, (uint16_t)p->len, 0);
	enum drop_reason why =
		p->b[0] >> 4 == 6 ? parse_ip6(m, pkt_of(m)) : parse_ip4(m, pkt_of(m));
	bool ok = parse_l4_checksum_ok(m, pkt_of(m));

	assert_int_equal(why, DROP_NONE);
	rte_pktmbuf_free(m);
	return ok;
}

static void
l4_checksum_of_packets_to_us(void **state)
{
	struct packet p[] = {udp6(), udp4(), tcp6(), tcp4(), icmp6(128, 0), icmp4(8, 0)};

	for (unsigned int i = 0; i < RTE_DIM(p); i++) {
		assert_true(checksum_ok(&p[i]));
		p[i].b[p[i].len - 2] ^= 1;
		assert_false(checksum_ok(&p[i]));
	}
	p[0] = udp4();
	put16(p[0].b + 26, 0); // the sender left it out
	assert_true(checksum_ok(&p[0]));
	p[0] = udp6();
	append_zero(&p[0], 3); // bytes behind the UDP datagram are not in its sum
	p[0].b[p[0].len - 1] = 77;
	put16(p[0].b + 4, p[0].len - 40);
	assert_true(checksum_ok(&p[0]));
	p[0] = udp6();
	p[0].b[6] = 99; // nothing known that could be wrong
	assert_true(checksum_ok(&p[0]));
	p[0] = udp4();
	put16(p[0].b + 6, 0x2000); // a fragment
	ref_seal_ip4(p[0].b);
	assert_false(checksum_ok(&p[0]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(n64_tup_01_fields_of_udp_and_tcp),
		cmocka_unit_test(n64_tup_01_fields_of_echo),
		cmocka_unit_test(n64_tup_03_icmp_of_the_wrong_family),
		cmocka_unit_test(keeps_the_link_layer_flag_only),
		cmocka_unit_test(x64_16_x46_17_lengths),
		cmocka_unit_test(version_has_to_match),
		cmocka_unit_test(segmented_mbufs_are_refused),
		cmocka_unit_test(x64_13_x46_07_sources),
		cmocka_unit_test(xlt_07_bad_header_checksum),
		cmocka_unit_test(xlt_07_transport_checksum_not_looked_at),
		cmocka_unit_test(n64_tup_05_transport_lengths),
		cmocka_unit_test(n64_tup_05_truncated_transports),
		cmocka_unit_test(csum_04_udp_length_agrees),
		cmocka_unit_test(x64_08_other_protocols_pass),
		cmocka_unit_test(l4_checksum_of_packets_to_us),
	};
	int failed;

	mbuf_util_init();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	return failed + !mbuf_util_all_back();
}
