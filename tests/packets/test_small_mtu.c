// SPDX-License-Identifier: BSD-3-Clause
// Links of all sizes, and TCP's maximum segment size (RFC 7915 §1.4, §5.1.1).
#include "datagram.h"

#define OUT6(n) UDP6("C", 40000, "@8.8.8.8", 53), .payload = n
#define OUT4(n) UDP4("T", A_PORT(0), "8.8.8.8", 53), .payload = n
#define IN4(n)  UDP4("8.8.8.8", 53, "T", A_PORT(0)), .payload = n
#define IN6(n)  UDP6("@8.8.8.8", 53, "C", 40000), .payload = n

// ICMPv6 packet too big for the client, with this MTU.
static void
expect_ptb(const char *id, unsigned int mtu)
{
	if (!env_take(LAN) || env.last[6] != 58 || env.last[40] != 2)
		fail_msg("%s: no packet too big", id);
	if (get16(env.last + 44) != 0 || get16(env.last + 46) != mtu)
		fail_msg("%s: MTU %u, not %u", id, get16(env.last + 46), mtu);
}

// Every length around what the rules turn on, for one link: nothing disappears (XLT-03).
static void
check_link(unsigned int mtu)
{
	const struct env_setup setup = {.wan_mtu = mtu,
		.nat64 = "  pool4: [{address: 5.6.7.64}]\n"
			 "  icmp_error_rate: 100000\n"};
	const unsigned int first[] = {mtu, mtu + 20, 1260, 1280, 1500};
	char id[64];

	env_start("2001:db8:64::/96", &setup);
	for (unsigned int i = 0; i < RTE_DIM(first); i++) {
		for (unsigned int len6 = first[i] - 9; len6 <= first[i] + 9; len6++) {
			const uint16_t payload = (uint16_t)(len6 - 48);
			const struct spec want = {OUT4(payload)};

			if (len6 > 1500)
				continue;
			snprintf(id, sizeof(id), "link %u, packet %u", mtu, len6);
			fixture_turn(&env.f, 10);
			env_send(LAN, &(struct spec){OUT6(payload)});
			if (len6 > 1280 && len6 - 20 > mtu)
				expect_ptb(id, mtu + 20 > 1280 ? mtu + 20 : 1280); // X64-F06
			else
				datagram_expect(id, WAN, &want, (uint16_t)mtu); // X64-F05
			env_expect_none(id);
		}
	}
	env_stop();
}

static void
x64_f05_x64_f06_links(void **state)
{
	static const unsigned int mtus[] = {
		1492, 1480, 1400, 1280, 1279, 1260, 1259, 1000, 576, 68};

	for (unsigned int i = 0; i < RTE_DIM(mtus); i++)
		check_link(mtus[i]);
}

// The example of X64-F06, with the bit that says whether more may be cut (X64-04).
static void
x64_f06_pppoe(void **state)
{
	static const struct env_setup setup = {.wan_mtu = 1492, .lan_mtu = 9000};
	static const struct step rows[] = {
		{"X64-F06 1512", LAN, {OUT6(1512 - 48)}, WAN, {OUT4(1512 - 48), .df = true}},
	};

	for (unsigned int p = 0; p < env_n_prefixes; p++) {
		env_start(env_prefixes[p], &setup);
		env_run(rows, RTE_DIM(rows));
		env_send(LAN, &(struct spec){OUT6(1513 - 48)});
		expect_ptb("X64-F06 1513", 1512);
		env_stop();
	}
}

static void
xlt_03_jumbo(void **state)
{
	static const struct env_setup setup = {.wan_mtu = 9000, .lan_mtu = 9000};
	static const struct env_setup raised = {.wan_mtu = 9000,
		.lan_mtu = 9000,
		.nat64 = "  pool4: [{address: 5.6.7.64}]\n  lowest_ipv6_mtu: 9000\n"};
	static const struct step rows[] = {
		{"open", LAN, {OUT6(9000 - 48)}, WAN, {OUT4(9000 - 48), .df = true}},
		{"with DF", WAN, {IN4(8980 - 28), .df = true}, LAN, {IN6(8980 - 28)}},
	};
	static struct datagram_text d;

	for (unsigned int i = 0; i < 2; i++) {
		const struct spec out6 = {OUT6(30000)}, out4 = {OUT4(30000)};
		const struct spec in4 = {IN4(30000)}, in6 = {IN6(30000)};
		const uint16_t max = i ? 9000 : 1280;

		env_start(*state, i ? &raised : &setup);
		env_run(rows, RTE_DIM(rows));
		env_send(WAN, &(struct spec){IN4(8980 - 28)});
		if (i)
			env_expect("X46-12 jumbo", LAN, &(struct spec){IN6(8980 - 28)});
		else
			datagram_expect("X46-11 jumbo", LAN, &(struct spec){IN6(8980 - 28)}, 1280);
		env_send(WAN, &(struct spec){IN4(9000 - 28)});
		datagram_expect("X46-11 jumbo", LAN, &(struct spec){IN6(9000 - 28)}, max);
		datagram_build(&d, &out6, BUILD_TTL);
		datagram_send(LAN, &d, 0x77, 8952);
		datagram_expect("X64-F01 jumbo", WAN, &out4, 9000);
		datagram_build(&d, &in4, BUILD_TTL);
		datagram_send(WAN, &d, 0x77, 8976);
		datagram_expect("X46-14 jumbo", LAN, &in6, max);
		env_stop();
	}
}

// A packet of 9000 bytes for a link of 1280, by echo, whose fragments may be cut again.
static void
n64_frag_12_jumbo_to_small(void **state)
{
	static const struct env_setup setup = {.wan_mtu = 1280, .lan_mtu = 9000};
	const struct spec ping6 = {PING6("C", "@8.8.8.8", 5), .payload = 20000};
	const struct spec ping4 = {PING4("T", "8.8.8.8", A_PORT(0)), .payload = 20000};
	static struct datagram_text d;

	env_start(*state, &setup);
	datagram_build(&d, &ping6, BUILD_TTL);
	datagram_send(LAN, &d, 3, 8952);
	datagram_expect("N64-FRAG-12", WAN, &ping4, 1280);
	env_stop();
}

// An error of our translation that is longer than the link (576 bytes at most) is cut as well.
static void
xlt_03_errors_on_a_tiny_link(void **state)
{
	static const struct env_setup setup = {.wan_mtu = 400};
	static struct collected c;

	env_start(*state, &setup);
	env_send(LAN, &(struct spec){OUT6(4)});
	assert_true(env_take(WAN));
	env.port[0] = get16(env.last + 20);
	env_send(LAN, &(struct spec){ERR6("C", "@8.8.8.8", 1, 4), QUOTE(IN6(800))});
	datagram_collect(WAN, &c);
	assert_true(c.n == 2);
	assert_int_equal(c.d.len, 576);
	assert_int_equal(build_fold(build_sum(c.d.b + 20, c.d.len - 20, 0)), 0xffff);
	env_stop();
}

// So is one of our own; it has DF, and therefore quotes less.
static void
err_13_own_errors_on_a_tiny_link(void **state)
{
	static const uint16_t mtus[] = {68, 300, 575, 576, 577};

	for (unsigned int i = 0; i < RTE_DIM(mtus); i++) {
		const struct env_setup setup = {.wan_mtu = mtus[i]};
		const uint16_t max = RTE_MIN(mtus[i], 576);
		const struct spec unknown = {.family = 4,
			.proto = 132,
			.src = "8.8.8.8",
			.dst = "T",
			.payload = 1000,
			.ttl = 64};
		const struct step row = {"ERR-13", WAN, unknown, WAN,
			{ERR4("GW4", "8.8.8.8", 3, 2), .ttl = 64, .tos = 0xc0, .df = true,
				.quote = &unknown, .quote_l4 = max - 28 - 20},
			DROPS(PROTO)};

		env_start(*state, &setup);
		env_run(&row, 1);
		env_stop();
	}
}

// ---- MTU-09

struct mss_row {
	const char *id, *key; // value of nat64.mss_clamp
	unsigned int lan_mtu, wan_mtu;
	uint16_t offered, becomes;
};

static const struct mss_row mss_rows[] = {
	{"fits", "auto", 1500, 1500, 1440, 1440},
	{"one too many", "auto", 1500, 1500, 1441, 1440},
	{"never raised", "auto", 1500, 1500, 536, 536},
	{"zero", "auto", 1500, 1500, 0, 0},
	{"the largest", "auto", 1500, 1500, 65535, 1440},
	{"PPPoE", "auto", 1500, 1492, 1440, 1440},
	{"1400 on the WAN", "auto", 1500, 1400, 1440, 1360},
	{"1280 on the LAN", "auto", 1280, 1500, 1440, 1220},
	{"1000 on the WAN", "auto", 1500, 1000, 1220, 960},
	{"jumbo", "auto", 9000, 9000, 8940, 8940},
	{"jumbo, one side", "auto", 9000, 1500, 8940, 1460},
	{"number", "1300", 1500, 1500, 1440, 1300},
	{"number above the link", "1400", 1500, 1400, 1440, 1360},
	{"number, never raised", "1300", 1500, 1500, 1200, 1200},
	{"off", "off", 1500, 1000, 1440, 1440},
};

// A SYN with NOP, NOP..., MSS: shift puts the option at an odd offset.
static uint16_t
syn(struct frame *f, const struct spec *s, unsigned int port, uint16_t mss, unsigned int shift)
{
	uint8_t *ip, *tcp;
	uint16_t len;

	f->len = env_frame(f, port, s);
	ip = f->b + 14;
	tcp = ip + (s->family == 6 ? 40 : 20);
	len = (uint16_t)(f->b + f->len - tcp);
	memset(tcp + 20, 1, 8);
	tcp[20 + shift] = 2;
	tcp[21 + shift] = 4;
	put16(tcp + 22 + shift, mss);
	tcp[12] = 7 << 4;
	put16(tcp + 16, 0);
	put16(tcp + 16, (uint16_t)~build_fold(build_sum(tcp, len,
				build_pseudo(s->family == 6 ? ip + 8 : ip + 12,
					s->family == 6 ? 32 : 8, 6, len))));
	return f->len;
}

static void
check_mss(const char *id, unsigned int hdr, unsigned int shift, uint16_t want)
{
	const uint8_t *ip = env.last, *tcp = ip + hdr;
	uint16_t len = (uint16_t)(env.last_len - hdr);
	const uint8_t *addr = hdr == 40 ? ip + 8 : ip + 12;

	if (get16(tcp + 22 + shift) != want)
		fail_msg("MTU-09 %s: MSS %u, not %u", id, get16(tcp + 22 + shift), want);
	if (build_fold(build_sum(tcp, len, build_pseudo(addr, hdr == 40 ? 32 : 8, 6, len))) !=
		0xffff)
		fail_msg("MTU-09 %s: the checksum is wrong", id);
}

static void
mtu_09_mss(void **state)
{
	for (unsigned int i = 0; i < RTE_DIM(mss_rows); i++) {
		const struct mss_row *r = &mss_rows[i];
		char nat64[128];
		struct env_setup setup = {
			.nat64 = nat64, .lan_mtu = r->lan_mtu, .wan_mtu = r->wan_mtu};
		struct frame f;

		snprintf(nat64, sizeof(nat64), "  pool4: [{address: 5.6.7.64}]\n  mss_clamp: %s\n",
			r->key);
		env_start(env_prefixes[i % env_n_prefixes], &setup);
		for (unsigned int shift = 0; shift < 4; shift++) {
			const struct spec out = {
				TCP6("C", (uint16_t)(41000 + shift), "@1.2.3.4", 80), .payload = 8};
			const struct spec in = {TCP4("1.2.3.4", 80, "T", A_PORT(0)),
				.tcp_flags = TCP_SYN | TCP_ACK, .payload = 8};

			syn(&f, &out, LAN, r->offered, shift);
			fixture_input(&env.f, LAN, f.b, f.len);
			assert_true(env_take(WAN));
			env.port[0] = get16(env.last + 20);
			check_mss(r->id, 20, shift, r->becomes);
			syn(&f, &in, WAN, r->offered, shift);
			fixture_input(&env.f, WAN, f.b, f.len);
			assert_true(env_take(LAN));
			check_mss(r->id, 40, shift, r->becomes);
		}
		env_stop();
	}
}

// What is no SYN is not looked at.
static void
mtu_09_only_syn(void **state)
{
	const struct spec out = {TCP6("C", 41000, "@1.2.3.4", 80), .payload = 8};
	struct spec data = out;
	struct frame f;

	env_start(*state, NULL);
	syn(&f, &out, LAN, 1440, 0);
	fixture_input(&env.f, LAN, f.b, f.len);
	data.tcp_flags = TCP_ACK;
	syn(&f, &data, LAN, 9000, 0);
	fixture_discard(&env.f);
	fixture_input(&env.f, LAN, f.b, f.len);
	assert_true(env_take(WAN));
	check_mss("no SYN", 20, 0, 9000);
	env_stop();
}

ENV_MAIN(cmocka_unit_test(x64_f05_x64_f06_links), cmocka_unit_test(x64_f06_pppoe),
	WITH_BOTH(xlt_03_jumbo), WITH_BOTH(n64_frag_12_jumbo_to_small),
	WITH_BOTH(xlt_03_errors_on_a_tiny_link), WITH_BOTH(err_13_own_errors_on_a_tiny_link),
	cmocka_unit_test(mtu_09_mss), WITH_BOTH(mtu_09_only_syn))
