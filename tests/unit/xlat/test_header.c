// SPDX-License-Identifier: BSD-3-Clause
// The network header of TCP, UDP and echo packets (conformance 2.2, 2.4).
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "session_util.h"

#define CLIENT  "2001:db8:1::10"
#define NSP_DNS "2001:db8:64::8.8.8.8"

static struct session
udp_session(void)
{
	return session_of(IPPROTO_UDP, CLIENT, NSP_DNS);
}

static struct packet
udp6(const struct session *s, unsigned int len)
{
	struct ends e = session_ends6(s);

	return make_udp(&e, s->port6, s->rport, NULL, len);
}

static struct packet
udp4(const struct session *s, unsigned int len)
{
	struct ends e = session_ends4(s);

	return make_udp(&e, s->port4, s->rport, NULL, len);
}

// The answer to it.
static struct packet
answer4(const struct session *s, unsigned int len)
{
	struct ends e = session_ends4(s);

	e = ends_swap(e);
	return make_udp(&e, s->rport, s->port4, NULL, len);
}

static struct packet
answer6(const struct session *s, unsigned int len)
{
	struct ends e = session_ends6(s);

	e = ends_swap(e);
	return make_udp(&e, s->rport, s->port6, NULL, len);
}

// X64-01 version and IHL, X64-02 traffic class, X64-03 length, X64-07 TTL, X64-08 protocol,
// X64-11 header checksum, X64-12 addresses, X64-17 flow label: the whole header is compared.
static void
x64_01_02_03_07_08_11_12_17_header(void **state)
{
	static const struct {
		uint8_t tc, hop_limit;
		uint32_t flow;
		unsigned int len;
	} row[] = {
		{0x00, 64, 0, 0},
		{0xff, 2, 0xfffff, 1},
		{0xb9, 255, 0x12345, 100},
		{0x03, 64, 1, 1232},
		{0xfc, 64, 0x80000, 1400},
	};
	struct session s = udp_session();
	struct ends e6 = session_ends6(&s), e4 = session_ends4(&s);

	for (unsigned int i = 0; i < RTE_DIM(row); i++) {
		struct packet l6 = udp6(&s, row[i].len), l4 = udp4(&s, row[i].len);
		struct packet in = make_ip6(&e6, row[i].tc, IPPROTO_UDP, row[i].hop_limit, &l6);
		uint16_t df = row[i].len + 28 > 1260 ? 0x4000 : 0;
		struct packet want = make_ip4(&e4, row[i].tc, 0xbeef, df, IPPROTO_UDP,
			(uint8_t)(row[i].hop_limit - 1), &l4);

		put32(in.b, get32(in.b) | row[i].flow);
		check_6to4(&s, 0xbeef, &in, &want);
	}
}

static void
x64_04_df_by_resulting_length(void **state)
{
	struct session s = udp_session();
	struct ends e6 = session_ends6(&s), e4 = session_ends4(&s);

	for (unsigned int total = 1259; total <= 1262; total++) {
		struct packet l6 = udp6(&s, total - 28), l4 = udp4(&s, total - 28);
		struct packet in = make_ip6(&e6, 0, IPPROTO_UDP, 64, &l6);
		struct packet want =
			make_ip4(&e4, 0, 1, total <= 1260 ? 0 : 0x4000, IPPROTO_UDP, 63, &l4);

		check_6to4(&s, 1, &in, &want);
	}
}

static void
x64_09_extension_headers_go(void **state)
{
	static const uint8_t ext[] = {
		IPPROTO_ROUTING,
		0,
		1,
		4,
		0,
		0,
		0,
		0, // HBH
		IPPROTO_DSTOPTS,
		2,
		2,
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
		0, // Routing, SL 0
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		IPPROTO_UDP,
		0,
		1,
		4,
		0,
		0,
		0,
		0,
	};
	struct session s = udp_session();
	struct ends e6 = session_ends6(&s), e4 = session_ends4(&s);
	struct packet l6 = udp6(&s, 11), l4 = udp4(&s, 11), all = {.len = 0}, in, want;

	append(&all, ext, sizeof(ext));
	append(&all, l6.b, l6.len);
	in = make_ip6(&e6, 0, IPPROTO_HOPOPTS, 64, &all);
	want = make_ip4(&e4, 0, 7, 0, IPPROTO_UDP, 63, &l4);
	check_6to4(&s, 7, &in, &want);
}

// Atomic fragments: Identification out of the header, DF 0 whatever the length.
static void
x64_f04_atomic_fragment(void **state)
{
	static const uint8_t ext[] = {IPPROTO_FRAGMENT, 0, 1, 4, 0, 0, 0, 0, IPPROTO_UDP, 0, 0, 0,
		0x12, 0x34, 0x56, 0x78};
	struct session s = udp_session();
	struct ends e6 = session_ends6(&s), e4 = session_ends4(&s);

	for (unsigned int len = 8; len <= 1400; len += 1392) {
		struct packet l6 = udp6(&s, len), l4 = udp4(&s, len), all = {.len = 0}, in, want;

		append(&all, ext, sizeof(ext));
		append(&all, l6.b, l6.len);
		in = make_ip6(&e6, 0x20, IPPROTO_HOPOPTS, 64, &all);
		want = make_ip4(&e4, 0x20, 0x5678, 0, IPPROTO_UDP, 63, &l4);
		check_6to4(&s, 0x9999, &in, &want);
	}
}

// Ethernet padding is not translated.
static void
x64_16_x46_17_padding_stays_behind(void **state)
{
	struct session s = udp_session();
	struct ends e6 = session_ends6(&s), e4 = session_ends4(&s);
	struct packet l6 = udp6(&s, 3), l4 = udp4(&s, 3);
	struct packet in = make_ip6(&e6, 0, IPPROTO_UDP, 64, &l6);
	struct packet want = make_ip4(&e4, 0, 7, 0, IPPROTO_UDP, 63, &l4);

	append(&in, "padding", 7);
	check_6to4(&s, 7, &in, &want);
	e6 = ends_swap(e6);
	e4 = ends_swap(e4);
	l6 = answer6(&s, 3);
	l4 = answer4(&s, 3);
	in = make_ip4(&e4, 0, 7, 0, IPPROTO_UDP, 64, &l4);
	want = make_ip6(&e6, 0, IPPROTO_UDP, 63, &l6);
	append(&in, "padding", 7);
	check_4to6(&s, &in, &want);
}

// X46-01 traffic class and flow label, X46-02 length, X46-03 next header, X46-04 hop limit,
// X46-05 options, X46-09 never a Fragment header, X46-13 at 1260, X46-16 addresses.
static void
x46_01_02_03_04_05_09_13_16_header(void **state)
{
	static const struct {
		uint8_t tos, ttl;
		uint16_t frag; // DF, reserved bit
		unsigned int n_opt, len;
	} row[] = {
		{0x00, 64, 0x4000, 0, 0},
		{0xff, 2, 0x0000, 0, 1},
		{0xb9, 255, 0x4000, 4, 100},
		{0x01, 64, 0x8000, 20, 7},
		{0x00, 64, 0x0000, 40, 1172},
		{0x00, 64, 0x0000, 0, 1232},
		{0x00, 64, 0x4000, 0, 1452},
	};
	static const uint8_t nop[40] = {1, 1, 1, 1};
	struct session s = udp_session();
	struct ends e6 = session_ends6(&s), e4 = session_ends4(&s);

	e6 = ends_swap(e6);
	e4 = ends_swap(e4);
	for (unsigned int i = 0; i < RTE_DIM(row); i++) {
		struct packet l6 = answer6(&s, row[i].len), l4 = answer4(&s, row[i].len);
		struct packet in = make_ip4_opt(&e4, row[i].tos, 0xbeef, row[i].frag, IPPROTO_UDP,
			row[i].ttl, nop, row[i].n_opt, &l4);
		struct packet want =
			make_ip6(&e6, row[i].tos, IPPROTO_UDP, (uint8_t)(row[i].ttl - 1), &l6);

		check_4to6(&s, &in, &want);
	}
}

// p describes the packet as it came, also after translation; a pool mbuf behaves like an exact one.
static void
view_stays_as_parsed(void **state)
{
	struct session s = udp_session();
	struct ends e6 = session_ends6(&s);
	struct packet l6 = udp6(&s, 11);
	struct packet in = make_ip6(&e6, 0, IPPROTO_UDP, 64, &l6);
	struct rte_mbuf *m = mbuf_pooled(in.b, (uint16_t)in.len);
	struct xlat_64 x = session_64(&s, 1);
	struct pkt before;

	assert_int_equal(parse_ip6(m, pkt_of(m)), DROP_NONE);
	before = *pkt_of(m);
	xlat_6to4(m, pkt_of(m), &x);
	assert_memory_equal(&before, pkt_of(m), sizeof(before));
	assert_int_equal(rte_pktmbuf_headroom(m), RTE_PKTMBUF_HEADROOM + 20);
	rte_pktmbuf_free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(x64_01_02_03_07_08_11_12_17_header),
		cmocka_unit_test(x64_04_df_by_resulting_length),
		cmocka_unit_test(x64_09_extension_headers_go),
		cmocka_unit_test(x64_f04_atomic_fragment),
		cmocka_unit_test(x64_16_x46_17_padding_stays_behind),
		cmocka_unit_test(x46_01_02_03_04_05_09_13_16_header),
		cmocka_unit_test(view_stays_as_parsed),
	};
	int failed;

	mbuf_util_init();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	return failed + !mbuf_util_all_back();
}
