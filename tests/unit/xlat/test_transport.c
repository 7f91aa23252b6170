// SPDX-License-Identifier: BSD-3-Clause
// Transport headers and checksums (conformance 2.5, echo of 2.6 and 2.7).
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "session_util.h"

#define CLIENT  "2001:db8:1::10"
#define NSP_DNS "2001:db8:64::8.8.8.8"

#define ROUNDS  20000

static uint64_t seed = 0x64646464;

// One packet in the four shapes it has on its way out and back, all computed from scratch.
struct exchange {
	struct session s;
	struct packet out6, out4;   // client to remote
	struct packet back4, back6; // remote to client; back4 has options
};

static struct packet
message(const struct session *s, struct ends e, bool back, const uint8_t *data, unsigned int len)
{
	unsigned int port = e.is6 ? s->port6 : s->port4;
	uint8_t request = e.is6 ? 128 : 8, reply = e.is6 ? 129 : 0;

	if (back)
		e = ends_swap(e);
	if (s->proto == IPPROTO_ICMP)
		return make_icmp(&e, back ? reply : request, 0, port << 16 | 77, data, len);
	if (s->proto == IPPROTO_UDP)
		return make_udp(&e, back ? s->rport : port, back ? port : s->rport, data, len);
	return make_tcp(&e, back ? s->rport : port, back ? port : s->rport, 0x10, data, len);
}

static void
make_exchange(struct exchange *x, const uint8_t *data, unsigned int len, unsigned int n_opt)
{
	static const uint8_t opt[40] = {1, 1};
	struct ends e6 = session_ends6(&x->s), e4 = session_ends4(&x->s);
	uint8_t proto = x->s.proto, proto6 = proto == IPPROTO_ICMP ? IPPROTO_ICMPV6 : proto;
	struct packet l4;

	l4 = message(&x->s, e6, false, data, len);
	x->out6 = make_ip6(&e6, 0, proto6, 64, &l4);
	l4 = message(&x->s, e4, false, data, len);
	x->out4 = make_ip4(&e4, 0, 0x1234, l4.len + 20 > 1260 ? 0x4000 : 0, proto, 63, &l4);
	l4 = message(&x->s, e6, true, data, len);
	e6 = ends_swap(e6);
	e4 = ends_swap(e4);
	x->back6 = make_ip6(&e6, 0, proto6, 56, &l4);
	l4 = message(&x->s, session_ends4(&x->s), true, data, len);
	x->back4 = make_ip4_opt(&e4, 0, 1, 0, proto, 57, opt, n_opt, &l4);
}

static struct session
random_session(uint8_t proto, bool neutral)
{
	static const uint8_t wkp[12] = {0, 0x64, 0xff, 0x9b};
	struct session s = {.proto = proto};

	noise_fill(&seed, &s.src6, 16);
	s.src6.s6_addr[0] = 0x20;
	noise_fill(&seed, &s.dst6, 16);
	if (neutral)
		memcpy(&s.dst6, wkp, sizeof(wkp));
	noise_fill(&seed, &s.src4, 4);
	noise_fill(&seed, &s.dst4, 4);
	((uint8_t *)&s.dst4)[0] = 8;
	memcpy(s.dst6.s6_addr + 12, &s.dst4, 4);
	s.port6 = (uint16_t)noise(&seed);
	s.port4 = noise(&seed) % 2 ? s.port6 : (uint16_t)noise(&seed);
	s.rport = (uint16_t)noise(&seed);
	return s;
}

// Lengths with weight on the short and odd ones.
static unsigned int
random_len(void)
{
	switch (noise(&seed) % 4) {
	case 0:
		return 0;
	case 1:
		return noise(&seed) % 8;
	default:
		return noise(&seed) % 1400;
	}
}

// Every second session has a checksum-neutral prefix, whose sum changes nevertheless (ADR-19).
static void
check_random(uint8_t proto)
{
	static struct exchange x;
	uint8_t data[1400];

	for (unsigned int i = 0; i < ROUNDS; i++) {
		unsigned int len = random_len();

		noise_fill(&seed, data, len);
		x.s = random_session(proto, i % 2);
		make_exchange(&x, data, len, 4 * (noise(&seed) % 11));
		check_6to4(&x.s, 0x1234, &x.out6, &x.out4);
		check_4to6(&x.s, &x.back4, &x.back6);
	}
}

static void
csum_10_udp(void **state)
{
	check_random(IPPROTO_UDP);
}

static void
csum_10_tcp(void **state)
{
	check_random(IPPROTO_TCP);
}

static void
csum_08_csum_10_i46_01_02_i64_01_02_echo(void **state)
{
	check_random(IPPROTO_ICMP);
}

// Fills the two bytes of data so that the checksum of the result would be 0.
static void
aim_at_zero(struct exchange *x, bool out)
{
	uint8_t data[2] = {0, 0};

	make_exchange(x, data, 2, 0);
	put16(data, get16((out ? x->out4.b + 20 : x->back6.b + 40) + ref_csum_off(x->s.proto)));
	make_exchange(x, data, 2, 0);
}

// CSUM-03: UDP turns a computed 0 into 0xffff, TCP and ICMP do not.
static void
csum_03_result_of_zero(void **state)
{
	static const uint8_t proto[] = {IPPROTO_UDP, IPPROTO_TCP, IPPROTO_ICMP};
	static struct exchange x;

	for (unsigned int i = 0; i < RTE_DIM(proto); i++) {
		unsigned int want = proto[i] == IPPROTO_UDP ? 0xffff : 0;

		x.s = session_of(proto[i], CLIENT, NSP_DNS);
		x.s.port4 = 1025;
		aim_at_zero(&x, true);
		assert_int_equal(get16(x.out4.b + 20 + ref_csum_off(proto[i])), want);
		check_6to4(&x.s, 0x1234, &x.out6, &x.out4);
		aim_at_zero(&x, false);
		assert_int_equal(get16(x.back6.b + 40 + ref_csum_off(proto[i])), want);
		check_4to6(&x.s, &x.back4, &x.back6);
	}
}

// A UDP checksum of 0xffff is a sum like any other.
static void
csum_03_incoming_ffff(void **state)
{
	static struct exchange x;
	uint8_t data[2] = {0, 0};

	x.s = session_of(IPPROTO_UDP, CLIENT, NSP_DNS);
	make_exchange(&x, data, 2, 0);
	put16(data, get16(x.out6.b + 46));
	make_exchange(&x, data, 2, 0);
	assert_int_equal(get16(x.out6.b + 46), 0xffff);
	check_6to4(&x.s, 0x1234, &x.out6, &x.out4);
	put16(data, 0);
	make_exchange(&x, data, 2, 0);
	put16(data, get16(x.back4.b + 26));
	make_exchange(&x, data, 2, 0);
	assert_int_equal(get16(x.back4.b + 26), 0xffff);
	check_4to6(&x.s, &x.back4, &x.back6);
}

static void
csum_04_udp_without_checksum(void **state)
{
	static struct exchange x;
	uint8_t data[1400];

	for (unsigned int i = 0; i < 2000; i++) {
		unsigned int len = i < 32 ? i : random_len(), n_opt = 4 * (i % 11);

		noise_fill(&seed, data, len);
		x.s = random_session(IPPROTO_UDP, i % 2);
		make_exchange(&x, data, len, n_opt);
		put16(x.back4.b + 20 + n_opt + 6, 0);
		check_4to6(&x.s, &x.back4, &x.back6);
	}
	// the computed sum is 0
	x.s = session_of(IPPROTO_UDP, CLIENT, NSP_DNS);
	aim_at_zero(&x, false);
	put16(x.back4.b + 26, 0);
	assert_int_equal(get16(x.back6.b + 46), 0xffff);
	check_4to6(&x.s, &x.back4, &x.back6);
}

// Bytes behind the UDP datagram are carried along, outside of its checksum.
static void
csum_01_bytes_behind_udp(void **state)
{
	static struct exchange x;

	x.s = session_of(IPPROTO_UDP, CLIENT, NSP_DNS);
	make_exchange(&x, (const uint8_t *)"data", 4, 0);
	append(&x.out6, "more", 4);
	put16(x.out6.b + 4, x.out6.len - 40);
	append(&x.out4, "more", 4);
	put16(x.out4.b + 2, x.out4.len);
	ref_seal_ip4(x.out4.b);
	check_6to4(&x.s, 0x1234, &x.out6, &x.out4);
}

// XLT-07: the error in a wrong checksum stays exactly as it was; nothing is repaired.
static void
xlt_07_bad_checksum_stays_bad(void **state)
{
	static const uint8_t proto[] = {IPPROTO_UDP, IPPROTO_TCP, IPPROTO_ICMP};
	static struct exchange x;

	for (unsigned int i = 0; i < RTE_DIM(proto); i++) {
		unsigned int off = i == 1 ? 20 : 8; // of the data

		x.s = session_of(proto[i], CLIENT, NSP_DNS);
		x.s.port4 = 1025;
		make_exchange(&x, (const uint8_t *)"data", 4, 0);
		x.out6.b[40 + off] ^= 0x40;
		x.out4.b[20 + off] ^= 0x40;
		check_6to4(&x.s, 0x1234, &x.out6, &x.out4);
		x.back4.b[20 + off] ^= 0x40;
		x.back6.b[40 + off] ^= 0x40;
		check_4to6(&x.s, &x.back4, &x.back6);
	}
}

// The one ICMPv4 message whose checksum is 0xffff: an echo reply of zeros.
static void
csum_10_echo_reply_of_zeros(void **state)
{
	struct session s = session_of(IPPROTO_ICMP, CLIENT, NSP_DNS);
	struct ends e6 = session_ends6(&s), e4 = session_ends4(&s);

	s.port6 = 0x1111;
	s.port4 = 0;
	for (unsigned int len = 0; len < 8; len++) {
		struct packet l6, l4, in, want;
		static const uint8_t zeros[8];

		l6 = make_icmp(&e6, 129, 0, 0x11110000, zeros, len);
		l4 = make_icmp(&e4, 0, 0, 0, zeros, len);
		assert_int_equal(get16(l4.b + 2), 0xffff);
		in = make_ip6(&e6, 0, IPPROTO_ICMPV6, 64, &l6);
		want = make_ip4(&e4, 0, 1, 0, IPPROTO_ICMP, 63, &l4);
		check_6to4(&s, 1, &in, &want);
	}
}

// Both types in both directions: either side may ask (N64-ICMP-03).
static void
i46_01_02_i64_01_02_types(void **state)
{
	struct session s = session_of(IPPROTO_ICMP, CLIENT, NSP_DNS);
	struct ends e6 = session_ends6(&s), e4 = session_ends4(&s);
	struct ends b6 = ends_swap(e6), b4 = ends_swap(e4);
	static const uint8_t type6[] = {128, 129}, type4[] = {8, 0};

	s.port6 = 0x1111;
	s.port4 = 0x2222;
	for (unsigned int i = 0; i < 2; i++) {
		struct packet l6 = make_icmp(&e6, type6[i], 0, 0x11110001, "abc", 3);
		struct packet l4 = make_icmp(&e4, type4[i], 0, 0x22220001, "abc", 3);
		struct packet p6 = make_ip6(&e6, 0, IPPROTO_ICMPV6, 64, &l6);
		struct packet p4 = make_ip4(&e4, 0, 1, 0, IPPROTO_ICMP, 63, &l4);

		check_6to4(&s, 1, &p6, &p4);
		l6 = make_icmp(&b6, type6[i], 0, 0x11110001, "abc", 3);
		p6 = make_ip6(&b6, 0, IPPROTO_ICMPV6, 62, &l6);
		p4 = make_ip4(&b4, 0, 1, 0, IPPROTO_ICMP, 63, &l4);
		check_4to6(&s, &p4, &p6);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(csum_10_udp),
		cmocka_unit_test(csum_10_tcp),
		cmocka_unit_test(csum_08_csum_10_i46_01_02_i64_01_02_echo),
		cmocka_unit_test(csum_03_result_of_zero),
		cmocka_unit_test(csum_03_incoming_ffff),
		cmocka_unit_test(csum_04_udp_without_checksum),
		cmocka_unit_test(csum_01_bytes_behind_udp),
		cmocka_unit_test(xlt_07_bad_checksum_stays_bad),
		cmocka_unit_test(csum_10_echo_reply_of_zeros),
		cmocka_unit_test(i46_01_02_i64_01_02_types),
	};
	int failed;

	mbuf_util_init();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	return failed + !mbuf_util_all_back();
}
