// SPDX-License-Identifier: BSD-3-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "net/icmp.h"
#include "net/parse.h"

#include "mbuf_util.h"
#include "packet_util.h"

#define C6 "2001:db8:1::10"
#define S6 "2001:db8:64::8.8.8.8"
#define G6 "2001:db8:1::1"
#define P4 "203.0.113.1"
#define S4 "8.8.8.8"

static const uint8_t DATA[2000] = "the data of a request";

static struct rte_mbuf *
parsed(const struct packet *p)
{
	struct rte_mbuf *m = mbuf_exact(p->b, (uint16_t)p->len, 0);

	assert_int_equal(
		p->b[0] >> 4 == 6 ? parse_ip6(m, pkt_of(m)) : parse_ip4(m, pkt_of(m)), DROP_NONE);
	return m;
}

static struct packet
udp(const char *src, const char *dst, unsigned int len)
{
	struct ends e = ends_of(src, dst);
	struct packet l4 = make_udp(&e, 1000, 2000, DATA, len);

	return e.is6 ? make_ip6(&e, 0, IPPROTO_UDP, 64, &l4)
		     : make_ip4(&e, 0, 1, 0, IPPROTO_UDP, 64, &l4);
}

static struct packet
icmp(const char *src, const char *dst, uint8_t type, uint8_t code, unsigned int len)
{
	struct ends e = ends_of(src, dst);
	struct packet l4 = make_icmp(&e, type, code, 0x12340001, DATA, len);

	return e.is6 ? make_ip6(&e, 0x5a, IPPROTO_ICMPV6, 64, &l4)
		     : make_ip4(&e, 0x5a, 0x4321, 0, IPPROTO_ICMP, 64, &l4);
}

static bool
may_answer(const struct packet *p, uint16_t flags)
{
	struct rte_mbuf *m = parsed(p);
	bool may;

	pkt_of(m)->flags |= flags;
	may = icmp_may_answer(m, pkt_of(m));
	rte_pktmbuf_free(m);
	return may;
}

static void
gw_ip6_03_n64_dos_12_who_gets_no_error(void **state)
{
	struct packet p;

	p = udp(C6, S6, 10);
	assert_true(may_answer(&p, 0));
	assert_false(may_answer(&p, PKT_L2_GROUP));
	p = icmp(C6, S6, 128, 0, 10); // traceroute -I (XLT-06)
	assert_true(may_answer(&p, 0));
	p = icmp(C6, S6, 1, 4, 48);
	assert_false(may_answer(&p, 0));
	p = icmp(C6, S6, 127, 0, 48); // an error type nobody knows
	assert_false(may_answer(&p, 0));
	p = icmp(C6, S6, 137, 0, 48); // redirect
	assert_false(may_answer(&p, 0));
	p = udp(C6, "ff02::1", 10);
	assert_false(may_answer(&p, 0));
	p = udp("::", S6, 10);
	assert_false(may_answer(&p, 0));
	p = udp("fe80::1", S6, 10);
	assert_true(may_answer(&p, 0));

	p = udp(S4, P4, 10);
	assert_true(may_answer(&p, 0));
	assert_false(may_answer(&p, PKT_L2_GROUP));
	p = icmp(S4, P4, 8, 0, 10);
	assert_true(may_answer(&p, 0));
	p = icmp(S4, P4, 3, 3, 40);
	assert_false(may_answer(&p, 0));
	p = icmp(S4, P4, 5, 0, 40); // redirect
	assert_false(may_answer(&p, 0));
	p = udp(S4, "224.0.0.1", 10);
	assert_false(may_answer(&p, 0));
	p = udp(S4, "255.255.255.255", 10);
	assert_false(may_answer(&p, 0));
}

static void
n64_dos_12_fragments(void **state)
{
	struct packet p = udp(S4, P4, 64);

	put16(p.b + 6, 0x2000);
	ref_seal_ip4(p.b);
	assert_true(may_answer(&p, 0));
	put16(p.b + 6, 0x0001);
	ref_seal_ip4(p.b);
	assert_false(may_answer(&p, 0));
	p = icmp(S4, P4, 8, 0, 64);
	put16(p.b + 6, 0x2000);
	ref_seal_ip4(p.b);
	assert_false(may_answer(&p, 0));
}

// A routing header does not hide the error behind it.
static void
gw_ip6_03_error_behind_a_routing_header(void **state)
{
	struct ends e = ends_of(C6, S6);
	struct packet all = {.b = {IPPROTO_ICMPV6, 0, 0, 1}, .len = 8};
	struct packet l4 = make_icmp(&e, 1, 4, 0, DATA, 48);
	struct packet p;
	struct rte_mbuf *m;

	append(&all, l4.b, l4.len);
	p = make_ip6(&e, 0, IPPROTO_ROUTING, 64, &all);
	m = mbuf_exact(p.b, (uint16_t)p.len, 0);
	assert_int_equal(parse_ip6(m, pkt_of(m)), DROP_ROUTING_HEADER);
	assert_false(icmp_may_answer(m, pkt_of(m)));
	rte_pktmbuf_free(m);
}

static void
check_error6(const struct packet *in, uint8_t type, uint8_t code, uint32_t arg)
{
	struct rte_mbuf *m = parsed(in);
	struct ends e = ends_of(G6, C6);
	uint8_t *buf = malloc(ICMP_ERROR_MAX6);
	unsigned int quote = in->len < 1232 ? in->len : 1232;
	struct in6_addr src;
	uint16_t len;

	memcpy(&src, e.src, sizeof(src));
	len = icmp6_build_error(buf, m, &src, type, code, arg);
	assert_int_equal(len, 48 + quote);
	assert_int_equal(get32(buf), 0x60000000);
	assert_int_equal(get16(buf + 4), len - 40);
	assert_int_equal(buf[6], IPPROTO_ICMPV6);
	assert_int_equal(buf[7], 64);
	assert_memory_equal(buf + 8, e.src, 16);
	assert_memory_equal(buf + 24, e.dst, 16);
	assert_int_equal(buf[40], type);
	assert_int_equal(buf[41], code);
	assert_int_equal(get16(buf + 42), ref_csum(&e, buf + 40, len - 40, IPPROTO_ICMPV6));
	assert_int_equal(get32(buf + 44), arg);
	assert_memory_equal(buf + 48, in->b, quote);
	free(buf);
	rte_pktmbuf_free(m);
}

static void
gw_ip6_02_err_13_errors6(void **state)
{
	struct packet p = udp(C6, S6, 100);

	check_error6(&p, 3, 0, 0);
	check_error6(&p, 2, 0, 1400);
	check_error6(&p, 4, 0, 43);
	p = udp(C6, S6, 1232 - 48); // the longest that fits whole
	check_error6(&p, 1, 4, 0);
	p = udp(C6, S6, 1452);
	check_error6(&p, 2, 0, 1492);
}

static void
check_error4(const struct packet *in, uint8_t type, uint8_t code, uint32_t arg, uint32_t word)
{
	struct rte_mbuf *m = parsed(in);
	struct ends e = ends_of(P4, S4);
	uint8_t *buf = malloc(ICMP_ERROR_MAX4);
	unsigned int quote = in->len < 548 ? in->len : 548;
	uint32_t src;
	uint16_t len;

	memcpy(&src, e.src, sizeof(src));
	len = icmp4_build_error(buf, m, src, type, code, arg);
	assert_int_equal(len, 28 + quote);
	assert_int_equal(buf[0], 0x45);
	assert_int_equal(buf[1], 0xc0); // precedence 6, RFC 1812 §4.3.2.5
	assert_int_equal(get16(buf + 2), len);
	assert_int_equal(buf[8], 64);
	assert_int_equal(buf[9], IPPROTO_ICMP);
	assert_memory_equal(buf + 12, e.src, 4);
	assert_memory_equal(buf + 16, e.dst, 4);
	assert_int_equal(ref_sum(0, buf, 20), 0xffff);
	assert_int_equal(buf[20], type);
	assert_int_equal(buf[21], code);
	assert_int_equal(get16(buf + 22), ref_csum(&e, buf + 20, len - 20, IPPROTO_ICMP));
	assert_int_equal(get32(buf + 24), word);
	assert_memory_equal(buf + 28, in->b, quote);
	free(buf);
	rte_pktmbuf_free(m);
}

static void
err_13_errors4(void **state)
{
	struct packet p = udp(S4, P4, 100);

	check_error4(&p, 11, 0, 0, 0);
	check_error4(&p, 3, 4, 1400, 1400);
	check_error4(&p, 12, 0, 20, 20u << 24);
	p = udp(S4, P4, 548 - 28);
	check_error4(&p, 3, 2, 0, 0);
	p = udp(S4, P4, 1472);
	check_error4(&p, 3, 1, 0, 0);
}

// The reply to in, checked as a whole; the mbuf is the caller's.
static struct rte_mbuf *
reply(const struct packet *in, const char *from)
{
	struct rte_mbuf *m = parsed(in);
	struct in6_addr src;

	if (from != NULL)
		assert_int_equal(inet_pton(AF_INET6, from, &src), 1);
	icmp_echo_reply(m, pkt_of(m), from != NULL ? &src : NULL);
	return m;
}

static void
check_reply6(const struct packet *in, const char *from, unsigned int data_len)
{
	struct rte_mbuf *m = reply(in, from != NULL ? from : NULL);
	struct ends e = ends_of(from != NULL ? from : G6, C6);
	struct packet l4 = make_icmp(&e, 129, 0, 0x12340001, DATA, data_len);
	struct packet want = make_ip6(&e, 0x5a, IPPROTO_ICMPV6, 64, &l4);

	assert_int_equal(m->data_len, want.len);
	assert_int_equal(m->pkt_len, want.len);
	assert_memory_equal(rte_pktmbuf_mtod(m, void *), want.b, want.len);
	rte_pktmbuf_free(m);
}

static void
gw_ip6_01_echo_reply6(void **state)
{
	struct packet p = icmp(C6, G6, 128, 0, 33);

	put32(p.b, get32(p.b) | 0x12345); // the flow label is not ours to keep
	check_reply6(&p, NULL, 33);
	p = icmp(C6, G6, 128, 0, 0);
	check_reply6(&p, NULL, 0);
	p = icmp(C6, "ff02::1", 128, 0, 33);
	check_reply6(&p, G6, 33);
}

static void
gw_ip6_01_echo_reply6_without_extension_headers(void **state)
{
	struct ends e = ends_of(C6, G6);
	struct packet l4 = make_icmp(&e, 128, 0, 0x12340001, DATA, 9);
	struct packet all = {.b = {IPPROTO_ICMPV6, 0, 1, 4}, .len = 8};
	struct packet p;

	append(&all, l4.b, l4.len);
	p = make_ip6(&e, 0x5a, IPPROTO_DSTOPTS, 255, &all);
	check_reply6(&p, NULL, 9);
}

static void
check_reply4(const struct packet *in, unsigned int data_len)
{
	struct rte_mbuf *m = reply(in, NULL);
	struct ends e = ends_of(P4, S4);
	struct packet l4 =
		make_icmp(&e, 0, 0, get32(in->b + (in->b[0] & 15) * 4 + 4), DATA, data_len);
	struct packet want = make_ip4(&e, 0x5a, 0x4321, 0, IPPROTO_ICMP, 64, &l4);

	assert_int_equal(m->data_len, want.len);
	assert_memory_equal(rte_pktmbuf_mtod(m, void *), want.b, want.len);
	rte_pktmbuf_free(m);
}

static void
echo_reply4(void **state)
{
	static const uint8_t opt[8] = {7, 7, 4, 0, 0, 0, 0, 0};
	struct ends e = ends_of(S4, P4);
	struct packet p = icmp(S4, P4, 8, 0, 33);
	struct packet l4;

	check_reply4(&p, 33);
	l4 = make_icmp(&e, 8, 0, 0x12340001, DATA, 5);
	p = make_ip4_opt(&e, 0x5a, 0x4321, 0, IPPROTO_ICMP, 9, opt, sizeof(opt), &l4);
	check_reply4(&p, 5);
	// a reply of zeros only, whose checksum is 0xffff
	l4 = make_icmp(&e, 8, 0, 0, NULL, 0);
	p = make_ip4(&e, 0x5a, 0x4321, 0, IPPROTO_ICMP, 9, &l4);
	check_reply4(&p, 0);
}

static void
echo_reply_does_not_repair_a_checksum(void **state)
{
	struct packet p = icmp(C6, G6, 128, 0, 33);
	struct ends e = ends_of(G6, C6);
	struct rte_mbuf *m;
	uint8_t *at;

	p.b[60] ^= 1;
	m = reply(&p, NULL);
	at = rte_pktmbuf_mtod(m, uint8_t *);
	assert_int_not_equal(
		get16(at + 42), ref_csum(&e, at + 40, m->data_len - 40, IPPROTO_ICMPV6));
	rte_pktmbuf_free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gw_ip6_03_n64_dos_12_who_gets_no_error),
		cmocka_unit_test(n64_dos_12_fragments),
		cmocka_unit_test(gw_ip6_03_error_behind_a_routing_header),
		cmocka_unit_test(gw_ip6_02_err_13_errors6),
		cmocka_unit_test(err_13_errors4),
		cmocka_unit_test(gw_ip6_01_echo_reply6),
		cmocka_unit_test(gw_ip6_01_echo_reply6_without_extension_headers),
		cmocka_unit_test(echo_reply4),
		cmocka_unit_test(echo_reply_does_not_repair_a_checksum),
	};
	int failed;

	mbuf_util_init();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	return failed + !mbuf_util_all_back();
}
