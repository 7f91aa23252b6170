// SPDX-License-Identifier: BSD-3-Clause
// Random and mutated frames through everything that reads a packet. The buffers end where the frame
// ends, so that a sanitizer sees a read too far; what comes out has to be a packet again.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "error_util.h"

#define RANDOM_FRAMES  100000
#define MUTATED_FRAMES 100000

static uint64_t seed = 0x1234567;
static unsigned int reached; // frames that got as far as a translation

static void
check_result(struct rte_mbuf *m, unsigned int max)
{
	struct pkt *p = pkt_of(m);
	const uint8_t *b = rte_pktmbuf_mtod(m, const uint8_t *);
	unsigned int len = b[0] >> 4 == 6 ? 40 + get16(b + 4) : get16(b + 2);

	reached++;
	assert_int_equal(m->data_len, len);
	assert_int_equal(m->pkt_len, len);
	assert_true(len <= max);
	assert_true(m->data_off + len <= m->buf_len);
	if (b[0] >> 4 == 4)
		assert_int_equal(ref_sum(0, b, 20), 0xffff);
	// what we emit, we accept, also as an error with its quote
	memset(p, 0, sizeof(*p));
	p->flags = 0;
	if (b[0] >> 4 == 6)
		assert_int_equal(parse_ip6(m, p), DROP_NONE);
	else
		assert_int_not_equal(parse_ip4(m, p), DROP_CHECKSUM4);
	if (max < PACKET_MAX)
		assert_int_equal(parse_icmp_error(m, p), DROP_NONE);
}

static void
build_errors(struct rte_mbuf *m)
{
	struct in6_addr src = {.s6_addr = {0x20, 1}};
	uint8_t *buf;
	uint16_t len;

	if (pkt_of(m)->family == 6) {
		buf = malloc(ICMP_ERROR_MAX6);
		len = icmp6_build_error(buf, m, &src, 3, 0, 0);
		assert_in_range(len, 88, ICMP_ERROR_MAX6);
	} else {
		buf = malloc(ICMP_ERROR_MAX4);
		len = icmp4_build_error(buf, m, 1, 11, 0, 0);
		assert_in_range(len, 48, ICMP_ERROR_MAX4);
	}
	icmp_may_answer(m, pkt_of(m));
	parse_l4_checksum_ok(m, pkt_of(m));
	free(buf);
}

static bool
translatable(const struct pkt *p)
{
	if (p->flags & PKT_FRAGMENT)
		return false;
	return p->proto == IPPROTO_TCP || p->proto == IPPROTO_UDP || (p->flags & PKT_ICMP_ECHO);
}

static void
translate_error(struct rte_mbuf *m)
{
	static const struct session s = {
		.proto = IPPROTO_UDP, .src4 = 0x01010101, .dst4 = 0x08080808};
	struct xlat_error_64 x64 = error_64(&s, 7);
	struct xlat_error_46 x46 = error_46(&s);
	struct pkt *p = pkt_of(m);
	enum drop_reason why;

	if (parse_icmp_error(m, p) != DROP_NONE)
		return;
	assert_true(p->inner.l4_off <= p->inner.l3_off + p->inner.len);
	assert_true(p->inner.l3_off + p->inner.len <= p->l3_len);
	why = p->family == 6 ? xlat_error_6to4(m, p, &x64) : xlat_error_4to6(m, p, &x46);
	if (why == DROP_NONE)
		check_result(m, p->family == 6 ? ICMP_ERROR_MAX4 : ICMP_ERROR_MAX6);
}

static void
translate(struct rte_mbuf *m)
{
	static const struct session s = {
		.proto = IPPROTO_UDP, .src4 = 0x01010101, .dst4 = 0x08080808};
	struct xlat_64 x64 = session_64(&s, 7);
	struct xlat_46 x46 = session_46(&s);
	struct pkt *p = pkt_of(m);

	x46.src.s6_addr[0] = 0x20;
	if (!translatable(p)) {
		if (p->flags & PKT_ICMP_ERROR)
			translate_error(m);
		return;
	}
	if (p->family == 6)
		xlat_6to4(m, p, &x64);
	else
		xlat_4to6(m, p, &x46);
	check_result(m, PACKET_MAX);
}

// Both parsers see every frame, whatever its version.
static void
run_frame(const uint8_t *b, uint16_t len)
{
	for (unsigned int family = 4; family <= 6; family += 2)
		for (unsigned int echo = 0; echo < 2; echo++) {
			struct rte_mbuf *m = mbuf_exact(b, len, ICMP_ERROR_ROOM);
			struct pkt *p = pkt_of(m);
			enum drop_reason why = family == 6 ? parse_ip6(m, p) : parse_ip4(m, p);

			if (why == DROP_NONE) {
				assert_true(p->l4_off <= p->l3_len && p->l3_len == m->data_len);
				build_errors(m);
				if (!echo)
					translate(m);
				else if (p->flags & PKT_ICMP_ECHO)
					icmp_echo_reply(m, p, NULL);
			} else {
				assert_true((unsigned int)why < DROP__N);
			}
			rte_pktmbuf_free(m);
		}
}

static void
random_frames(void **state)
{
	uint8_t b[200];

	for (unsigned int i = 0; i < RANDOM_FRAMES; i++) {
		uint16_t len = noise(&seed) % sizeof(b);

		noise_fill(&seed, b, len);
		if (len > 0 && i % 4 != 0)
			b[0] = i % 2 ? 0x60 : 0x45; // past the first check
		run_frame(b, len);
	}
}

// A good packet of each kind.
static struct packet
sample(unsigned int i)
{
	static const uint8_t ext[] = {IPPROTO_ROUTING, 0, 5, 2, 0, 0, 1, 0, //
		IPPROTO_FRAGMENT, 0, 1, 0, 0, 0, 0, 0,                      //
		IPPROTO_UDP, 0, 0, 0, 0, 0, 0, 9};
	static const uint8_t opt[8] = {1, 131, 7, 8};
	static const uint8_t data[200] = {1, 2, 3};
	static const uint8_t proto[] = {IPPROTO_UDP, IPPROTO_TCP, IPPROTO_ICMP};
	struct session s = session_nsp(proto[i % 3]);
	struct ends e = session_ends6(&s);
	struct packet p = {.len = 0}, q;

	switch (i / 3) {
	case 0:
		return sent6(&s, data, 40);
	case 1:
		return back4(&s, data, 40, 1);
	case 2:
		q = cut(back6(&s, data, 150), 100 + i);
		return error6_in(1, 4, 0, &q);
	case 3:
		q = cut(sent4(&s, data, 150), 100 + i);
		return error4_in(3, 4, 160, &q);
	case 4:
		q = with_ext(cut(sent4(&s, data, 150), 128), 128, data, 40);
		return error4_in(11, 0, 32 << 16, &q);
	case 5:
		q = with_ext(cut(back6(&s, data, 150), 128), 128, data, 40);
		return error6_in(3, 0, 16u << 24, &q);
	case 6:
		q = message_of(&s, &e, false, data, 20);
		append(&p, ext, sizeof(ext));
		append(&p, q.b, q.len);
		return make_ip6(&e, 0, IPPROTO_HOPOPTS, 64, &p);
	default:
		e = session_ends4(&s);
		q = message_of(&s, &e, false, data, 20);
		return make_ip4_opt(&e, 0, 1, 0, s.proto, 64, opt, sizeof(opt), &q);
	}
}

// Without right checksums no mutation would get far.
static void
seal(struct packet *p)
{
	struct ends e = {.is6 = p->b[0] >> 4 == 6};

	if (e.is6 && p->len >= 48 && p->b[6] == IPPROTO_ICMPV6) {
		memcpy(e.src, p->b + 8, 16);
		memcpy(e.dst, p->b + 24, 16);
		ref_seal(&e, p->b + 40, p->len - 40, IPPROTO_ICMPV6);
	} else if (p->b[0] == 0x45 && p->len >= 28) {
		if (p->b[9] == IPPROTO_ICMP && p->len >= 48 && p->b[28] == 0x45)
			ref_seal_ip4(p->b + 28);
		if (p->b[9] == IPPROTO_ICMP)
			ref_seal(&e, p->b + 20, p->len - 20, IPPROTO_ICMP);
		ref_seal_ip4(p->b);
	}
}

static void
mutate(struct packet *p)
{
	unsigned int n = 1 + noise(&seed) % 4;

	for (unsigned int i = 0; i < n; i++) {
		unsigned int at = noise(&seed) % p->len;

		switch (noise(&seed) % 4) {
		case 0:
			p->b[at] ^= (uint8_t)(1 << noise(&seed) % 8);
			break;
		case 1:
			p->b[at] = (uint8_t)noise(&seed);
			break;
		case 2:
			p->b[at] = noise(&seed) % 2 ? 0xff : 0;
			break;
		default:
			p->len = RTE_MAX(1u, p->len - (unsigned int)(noise(&seed) % 8));
		}
	}
	if (noise(&seed) % 4 == 0) // so that cut packets pass the length check
		put16(p->b + (p->b[0] >> 4 == 6 ? 4 : 2),
			p->b[0] >> 4 == 6 ? RTE_MAX(p->len, 40u) - 40 : p->len);
	if (noise(&seed) % 4 != 0)
		seal(p);
}

static void
mutated_frames(void **state)
{
	reached = 0;
	for (unsigned int i = 0; i < MUTATED_FRAMES; i++) {
		struct packet p = sample(i % 24);

		mutate(&p);
		run_frame(p.b, (uint16_t)p.len);
	}
	assert_true(reached > MUTATED_FRAMES / 10); // else nothing was tested
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_frames),
		cmocka_unit_test(mutated_frames),
	};
	int failed;

	mbuf_util_init();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	return failed + !mbuf_util_all_back();
}
