// SPDX-License-Identifier: BSD-3-Clause
// Extension headers of IPv6, options of IPv4, fragments.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "parse_util.h"

// An IPv6 packet with these bytes of extension headers in front of the UDP of udp6.
static struct packet
udp6_ext(uint8_t first, const uint8_t *ext, unsigned int len)
{
	struct packet u = udp6();
	struct packet all = {.len = 0};
	struct ends e = ends_of(C6, S6);

	append(&all, ext, len);
	append(&all, u.b + 40, u.len - 40);
	return make_ip6(&e, 0, first, 64, &all);
}

static void
x64_09_extension_headers_are_skipped(void **state)
{
	static const uint8_t ext[] = {
		IPPROTO_DSTOPTS, 0, 5, 2, 0, 0, 1, 0,              // HBH with router alert
		IPPROTO_ROUTING, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, // DestOpt of 16 bytes
		0, 0, 0, 0, IPPROTO_DSTOPTS, 0, 0, 0, 0, 0, 0, 0,  // Routing, SL 0
		IPPROTO_UDP, 0, 1, 4, 0, 0, 0, 0,                  // DestOpt
	};
	struct packet p = udp6_ext(IPPROTO_HOPOPTS, ext, sizeof(ext));

	assert_int_equal(parse(&p), DROP_NONE);
	assert_int_equal(view.proto, IPPROTO_UDP);
	assert_int_equal(view.l4_off, 40 + sizeof(ext));
	assert_int_equal(view.sport, RTE_BE16(40000));
	assert_int_equal(view.flags, PKT_ROUTER_ALERT);
	put16(p.b + 40 + sizeof(ext) + 6, 0);
	assert_int_equal(parse(&p), DROP_UDP6_CHECKSUM_ZERO);
	p.b[44] = 1; // router alert for something else than MLD
	put16(p.b + 40 + sizeof(ext) + 6, 1);
	assert_int_equal(parse(&p), DROP_NONE);
	assert_int_equal(view.flags, 0);
}

static void
x64_10_routing_header(void **state)
{
	static const uint8_t ext[] = {
		IPPROTO_ROUTING,
		0,
		1,
		4,
		0,
		0,
		0,
		0,
		IPPROTO_UDP,
		2,
		0,
		1,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
	};
	struct packet p = udp6_ext(IPPROTO_ROUTING, ext + 8, sizeof(ext) - 8);

	assert_int_equal(parse(&p), DROP_ROUTING_HEADER);
	assert_int_equal(view.l4_off, 43);
	p = udp6_ext(IPPROTO_HOPOPTS, ext, sizeof(ext));
	assert_int_equal(parse(&p), DROP_ROUTING_HEADER);
	assert_int_equal(view.l4_off, 51);
	// the message behind it is known, so that no error answers an error
	assert_int_equal(view.proto, IPPROTO_UDP);
}

static void
x64_15_bounds_of_the_chain(void **state)
{
	uint8_t ext[400] = {0};
	struct packet p;

	// as many destination options of 8 bytes as allowed, then one more
	for (unsigned int n = PARSE_MAX_EXT_HEADERS; n <= PARSE_MAX_EXT_HEADERS + 1; n++) {
		for (unsigned int i = 0; i < n; i++)
			ext[i * 8] = i + 1 < n ? IPPROTO_DSTOPTS : IPPROTO_UDP;
		p = udp6_ext(IPPROTO_DSTOPTS, ext, n * 8);
		assert_int_equal(
			parse(&p), n <= PARSE_MAX_EXT_HEADERS ? DROP_NONE : DROP_EXT_CHAIN);
	}
	// one header of 256 bytes, then of 264
	memset(ext, 0, sizeof(ext));
	ext[0] = IPPROTO_UDP;
	for (uint8_t words = 31; words <= 32; words++) {
		ext[1] = words;
		p = udp6_ext(IPPROTO_DSTOPTS, ext, (words + 1) * 8);
		assert_int_equal(parse(&p), words == 31 ? DROP_NONE : DROP_EXT_CHAIN);
	}
}

static void
x64_15_truncated_chains(void **state)
{
	static const uint8_t dst[] = {IPPROTO_UDP, 0, 1, 4, 0, 0, 0, 0};
	static const uint8_t dst_hbh[] = {
		IPPROTO_HOPOPTS, 0, 1, 4, 0, 0, 0, 0, IPPROTO_UDP, 0, 1, 4, 0, 0, 0, 0};
	static const uint8_t overrun[] = {IPPROTO_UDP, 0, 5, 5, 0, 0, 0, 0};
	struct packet p = udp6_ext(IPPROTO_DSTOPTS, dst, sizeof(dst));

	for (unsigned int left = 0; left < 8; left++) {
		put16(p.b + 4, left);
		assert_int_equal(parse(&p), DROP_EXT_CHAIN);
	}
	p = udp6_ext(IPPROTO_DSTOPTS, dst, sizeof(dst));
	p.b[41] = 200;
	assert_int_equal(parse(&p), DROP_EXT_CHAIN);
	p = udp6_ext(IPPROTO_DSTOPTS, dst_hbh, sizeof(dst_hbh)); // HBH comes first or not at all
	assert_int_equal(parse(&p), DROP_EXT_CHAIN);
	p = udp6_ext(IPPROTO_HOPOPTS, overrun, sizeof(overrun));
	assert_int_equal(parse(&p), DROP_EXT_CHAIN);
}

static void
x64_16_jumbogram(void **state)
{
	static const uint8_t jumbo[] = {IPPROTO_UDP, 0, 0xc2, 4, 0, 1, 0, 0};
	struct packet p = udp6_ext(IPPROTO_HOPOPTS, jumbo, sizeof(jumbo));

	put16(p.b + 4, 0);
	assert_int_equal(parse(&p), DROP_EXT_CHAIN);
}

static void
x64_f04_fragment_headers(void **state)
{
	static const struct {
		uint8_t next;
		uint16_t data;
		enum drop_reason why;
		uint16_t flags;
	} row[] = {
		{IPPROTO_UDP, 0x0000, DROP_NONE, PKT_ATOMIC},
		{IPPROTO_UDP, 0x0006, DROP_NONE, PKT_ATOMIC}, // reserved bits
		{IPPROTO_UDP, 0x0001, DROP_NONE, PKT_FRAGMENT},
		{IPPROTO_UDP, 0x0008, DROP_NONE, PKT_FRAGMENT},
		{IPPROTO_DSTOPTS, 0x0001, DROP_NONE, PKT_FRAGMENT},
		{IPPROTO_DSTOPTS, 0x0000, DROP_EXT_CHAIN, 0}, // X64-F03
		{IPPROTO_AH, 0x0000, DROP_EXT_CHAIN, 0},
		{IPPROTO_ESP, 0x0000, DROP_NONE, PKT_ATOMIC},
	};

	for (unsigned int i = 0; i < RTE_DIM(row); i++) {
		uint8_t ext[8] = {row[i].next, 0, (uint8_t)(row[i].data >> 8), (uint8_t)row[i].data,
			0, 0, 0xbe, 0xef};
		struct packet p = udp6_ext(IPPROTO_FRAGMENT, ext, sizeof(ext));

		assert_int_equal(parse(&p), row[i].why);
		if (row[i].why != DROP_NONE)
			continue;
		assert_int_equal(view.flags, row[i].flags);
		assert_int_equal(view.proto, row[i].next);
		assert_int_equal(view.l4_off, 48);
		assert_int_equal(view.sport,
			row[i].flags == PKT_ATOMIC && row[i].next == IPPROTO_UDP ? RTE_BE16(40000)
										 : 0);
	}
}

static void
fragments4_stop_at_the_header(void **state)
{
	static const uint16_t frag[] = {0x2000, 0x0001, 0x20b9};

	for (unsigned int i = 0; i < RTE_DIM(frag); i++) {
		struct packet p = udp4();

		put16(p.b + 6, frag[i]);
		put16(p.b + 24, 0); // a UDP length that would not do
		ref_seal_ip4(p.b);
		assert_int_equal(parse(&p), DROP_NONE);
		assert_int_equal(view.flags, PKT_FRAGMENT);
		assert_int_equal(view.proto, IPPROTO_UDP);
		assert_int_equal(view.l4_off, 20);
		assert_int_equal(view.sport, 0);
	}
}

static void
x46_05_x46_06_options(void **state)
{
	static const struct {
		const char *what;
		uint8_t opt[12];
		enum drop_reason why;
		uint16_t flags;
	} row[] = {
		{"no operation", {1, 1, 1, 1}, DROP_NONE, 0},
		{"end, then anything", {0, 131, 1, 9}, DROP_NONE, 0},
		{"router alert", {148, 4, 0, 0}, DROP_NONE, 0},
		{"LSRR unexpired", {131, 7, 4, 1, 2, 3, 4}, DROP_NONE, PKT_SRC_ROUTE},
		{"SSRR unexpired", {1, 137, 7, 4, 1, 2, 3, 4}, DROP_NONE, PKT_SRC_ROUTE},
		{"LSRR expired", {131, 7, 8, 1, 2, 3, 4}, DROP_NONE, 0},
		{"LSRR without pointer", {131, 2}, DROP_MALFORMED, 0},
		{"length 0", {7, 0}, DROP_MALFORMED, 0},
		{"length 1", {7, 1}, DROP_MALFORMED, 0},
		{"length beyond the header", {7, 13}, DROP_MALFORMED, 0},
		{"cut at the end", {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 7}, DROP_MALFORMED, 0},
	};
	struct ends e = ends_of(S4, P4);
	struct packet l4 = make_udp(&e, 53, 40000, DATA, sizeof(DATA));

	for (unsigned int i = 0; i < RTE_DIM(row); i++) {
		struct packet p = make_ip4_opt(
			&e, 0, 1, 0, IPPROTO_UDP, 57, row[i].opt, sizeof(row[i].opt), &l4);

		if (parse(&p) != row[i].why)
			fail_msg("%s", row[i].what);
		if (row[i].why != DROP_NONE)
			continue;
		assert_int_equal(view.flags, row[i].flags);
		assert_int_equal(view.l4_off, 32);
		assert_int_equal(view.dport, RTE_BE16(40000));
	}
}

// Every header length, with the transport found behind it.
static void
x46_05_all_header_lengths(void **state)
{
	static const uint8_t nop[40] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
		1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
	struct ends e = ends_of(S4, P4);
	struct packet l4 = make_tcp(&e, 443, 40000, 0x10, NULL, 0);

	for (unsigned int words = 5; words <= 15; words++) {
		struct packet p =
			make_ip4_opt(&e, 0, 1, 0, IPPROTO_TCP, 57, nop, (words - 5) * 4, &l4);

		assert_int_equal(parse(&p), DROP_NONE);
		assert_int_equal(view.l4_off, words * 4);
		assert_int_equal(view.sport, RTE_BE16(443));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(x64_09_extension_headers_are_skipped),
		cmocka_unit_test(x64_10_routing_header),
		cmocka_unit_test(x64_15_bounds_of_the_chain),
		cmocka_unit_test(x64_15_truncated_chains),
		cmocka_unit_test(x64_16_jumbogram),
		cmocka_unit_test(x64_f04_fragment_headers),
		cmocka_unit_test(fragments4_stop_at_the_header),
		cmocka_unit_test(x46_05_x46_06_options),
		cmocka_unit_test(x46_05_all_header_lengths),
	};
	int failed;

	mbuf_util_init();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	return failed + !mbuf_util_all_back();
}
