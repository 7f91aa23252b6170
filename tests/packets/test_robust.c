// SPDX-License-Identifier: BSD-3-Clause
// Anything may arrive: random frames, and valid ones with a few bytes changed. Every frame ends
// where its buffer ends, so that a sanitizer sees each byte that is read behind it.
#include "env.h"

#include <stdlib.h>

#define FRAMES 100000
#define CHECK  1000

static uint64_t rng;

static uint32_t
random32(void)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return (uint32_t)(rng >> 16);
}

static uint32_t
below(uint32_t n)
{
	return random32() % n;
}

// ---- what valid frames are made of

static const uint8_t ns_data[24] = {
	0x20, 1, 0x0d, 0xb8, 0, 1, [15] = 1, 1, 1, 2, 0xaa, 0, 0, 0, 0x10};
static const uint8_t na_data[24] = {
	0x20, 1, 0x0d, 0xb8, 0, 1, [15] = 0x10, 2, 1, 2, 0xaa, 0, 0, 0, 0x10};
static const uint8_t mld_data[20];
static const uint8_t alert[8] = {58, 0, 5, 2, 0, 0, 1, 0};
static const uint8_t hbh[8] = {60, 0, 1, 4, 0, 0, 0, 0};
static const uint8_t atomic[8] = {17, 0, 0, 0, 0, 0, 0x12, 0x34};
static const uint8_t chain[24] = {60, 0, 1, 4, 0, 0, 0, 0, 43, 0, 1, 4, 0, 0, 0, 0, 17};
static const uint8_t lsrr[8] = {131, 7, 4, 1, 2, 3, 4, 0};
static const uint8_t query[30] = {0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 'a', 7, 'e', 'x',
	'a', 'm', 'p', 'l', 'e', 3, 'o', 'r', 'g', 0, 0, 28, 0};

#define A6      UDP6("C", 40000, "@8.8.8.8", 53)
#define B4      UDP4("8.8.8.8", 53, "T", A_PORT(0))
#define TCP_B4  TCP4("1.2.3.4", 80, "T", A_PORT(1))
#define PONG_B4 PONG4("8.8.8.8", "T", A_PORT(2))

static const struct {
	uint8_t port;
	struct spec spec;
} valid[] = {
	{LAN, {A6, .payload = 20}},
	{LAN, {A6, .payload = 1400}},
	{LAN, {TCP6("C", 41000, "@1.2.3.4", 80), .payload = 4}},
	{LAN, {TCP6("C", 41000, "@1.2.3.4", 80), .tcp_flags = TCP_ACK}},
	{LAN, {PING6("C", "@8.8.8.8", 7), .payload = 56}},
	{LAN, {A6, .ext = hbh, .ext_len = 8}},
	{LAN, {A6, .ext = atomic, .ext_type = 44, .ext_len = 8}},
	{LAN, {A6, .ext = chain, .ext_len = 24}},
	{LAN, {A6, .ttl = 1}},
	{LAN2, {UDP6("D", 5, "@8.8.8.8", 53), .payload = 1}},
	{LAN2, {UDP6("D", 5, "C", 53), .payload = 1}},
	{LAN, {UDP6("C", 5, "2001:db8:2::77", 53), .payload = 1}},
	{WAN, {B4, .payload = 20}},
	{WAN, {B4, .payload = 1300}},
	{WAN, {B4, .payload = 9, .no_csum = true}},
	{WAN, {B4, .opt = lsrr, .opt_len = 8}},
	{WAN, {TCP_B4, .tcp_flags = TCP_SYN | TCP_ACK}},
	{WAN, {TCP_B4, .tcp_flags = TCP_FIN | TCP_ACK, .payload = 7}},
	{WAN, {PONG_B4, .payload = 56}},
	{WAN, {PING4("8.8.8.8", "GW4", 1), .payload = 5}},
	{WAN, {ERR4("9.9.9.1", "T", 11, 0),
		      QUOTE(UDP4("T", A_PORT(0), "8.8.8.8", 53), .payload = 40)}},
	{WAN, {ERR4("9.9.9.1", "T", 3, 4), .word = 1300,
		      QUOTE(TCP4("T", A_PORT(1), "1.2.3.4", 80), .payload = 1400), .quote_l4 = 8}},
	{WAN, {ERR4("9.9.9.1", "T", 3, 3), .word = 32u << 16,
		      QUOTE(PING4("T", "8.8.8.8", A_PORT(2)), .payload = 140)}},
	{WAN, {ERR4("9.9.9.1", "T", 12, 0), .word = 8u << 24,
		      QUOTE(UDP4("T", A_PORT(0), "8.8.8.8", 53), .opt = lsrr, .opt_len = 8)}},
	{LAN, {ERR6("C", "@8.8.8.8", 1, 4),
		      QUOTE(UDP6("@8.8.8.8", 53, "C", 40000), .payload = 40)}},
	{LAN, {ERR6("C", "@8.8.8.8", 2, 0), .word = 1300,
		      QUOTE(UDP6("@8.8.8.8", 53, "C", 40000), .payload = 1100)}},
	{LAN, {ERR6("C", "@8.8.8.8", 3, 0), .word = 16u << 24,
		      QUOTE(PONG6("@8.8.8.8", "C", 7), .payload = 140)}},
	{LAN, {ERR6("C", "@1.2.3.4", 1, 3),
		      QUOTE(TCP6("@1.2.3.4", 80, "C", 41000), .ext = hbh, .ext_len = 8)}},
	{LAN, {ERR6("C", "ff02::1:ff00:1", 135, 0), .ttl = 255, .payload = 24, .data = ns_data}},
	{LAN, {ERR6("C", "GW6", 136, 0), .ttl = 255, .payload = 24, .data = na_data, .id = 0x6000}},
	{LAN, {ERR6("fe80::1", "ff02::1", 130, 0), .ttl = 1, .payload = 20, .data = mld_data,
		      .id = 1000, .ext = alert, .ext_len = 8}},
	{LAN, {PING6("C", "GW6", 1), .payload = 5}},
	{LAN, {PING6("fe80::5", "ff02::2", 1), .payload = 5}},
	{LAN, {UDP6("C", 5353, "GW6", 53), .payload = 31, .data = query}},
	{LAN, {UDP6("C", 5353, "GW6", 54), .payload = 31}},
	{WAN, {UDP4("5.6.7.53", 53, "GW4", 50000), .payload = 31, .data = query}},
};

static uint16_t
make_arp(uint8_t *b, unsigned int port)
{
	static const uint8_t arp[28] = {0, 1, 8, 0, 6, 4, 0, 1, 2, 0xbb, 0, 0, 0, 1, 5, 6, 7, 1, 0,
		0, 0, 0, 0, 0, 5, 6, 7, 2};

	memcpy(b, env.f.gw.port[port].mac.addr_bytes, 6);
	memcpy(b + 6, env_mac_router, 6);
	put16(b + 12, 0x0806);
	memcpy(b + 14, arp, sizeof(arp));
	b[21] = (uint8_t)(1 + below(2));
	return 42;
}

static uint16_t
make_valid(struct frame *f, unsigned int *port)
{
	uint32_t i = below(RTE_DIM(valid) + 1);
	struct spec s;

	memset(f->b, 0xee, 1600);
	if (i == RTE_DIM(valid)) {
		*port = WAN;
		return f->len = make_arp(f->b, WAN);
	}
	*port = valid[i].port;
	s = valid[i].spec;
	env_frame(f, *port, &s);
	if (s.dst[0] == 'f') // to a group
		put16(f->b, 0x3333), memcpy(f->b + 2, f->b + 14 + 36, 4);
	return f->len;
}

// ---- changes

static void
change(struct frame *f)
{
	uint16_t at = (uint16_t)(14 + below(RTE_MIN(f->len - 14, 120)));

	switch (below(6)) {
	case 0:
		f->b[at] ^= (uint8_t)(1 << below(8));
		break;
	case 1:
		f->b[at] = (uint8_t)random32();
		break;
	case 2:
		put16(f->b + at, below(2) ? 0 : 0xffff);
		break;
	case 3:
		f->len = (uint16_t)(14 + below(f->len - 14) + 1);
		break;
	case 4:
		put16(f->b + at, (uint16_t)below(80));
		break;
	default:
		f->b[below(14)] ^= below(8) ? 0 : (uint8_t)random32();
	}
	if (f->len < 60 && below(2))
		f->len = 60;
}

// Checksums made right again: what is behind their check shall be reached too.
static void
repair(struct frame *f)
{
	uint8_t *ip = f->b + 14, *l4;
	uint16_t hdr, len;

	if (get16(f->b + 12) == 0x0800 && f->len >= 34) {
		hdr = (ip[0] & 15) * 4;
		len = get16(ip + 2);
		if (hdr < 20 || hdr > f->len - 14)
			return;
		build_ip4_csum(ip);
		if (ip[9] != 1 || len < hdr + 8 || len > f->len - 14)
			return;
		l4 = ip + hdr;
		put16(l4 + 2, 0);
		put16(l4 + 2, (uint16_t)~build_fold(build_sum(l4, len - hdr, 0)));
	} else if (get16(f->b + 12) == 0x86dd && f->len >= 62 && ip[6] == 58) {
		len = get16(ip + 4);
		if (len < 8 || len > f->len - 54)
			return;
		l4 = ip + 40;
		put16(l4 + 2, 0);
		put16(l4 + 2, (uint16_t)~build_fold(
				      build_sum(l4, len, build_pseudo(ip + 8, 32, 58, len))));
	}
}

static uint16_t
make_changed(struct frame *f, unsigned int *port)
{
	make_valid(f, port);
	for (unsigned int n = below(4); n > 0; n--)
		change(f);
	if (below(4))
		repair(f);
	if (!below(16))
		*port = below(3);
	return f->len;
}

static uint16_t
make_random(struct frame *f, unsigned int *port)
{
	static const uint16_t types[] = {0x0800, 0x86dd, 0x0806, 0x8100};

	*port = below(3);
	f->len = (uint16_t)(below(10) ? below(200) + 1 : below(1514) + 1);
	for (uint16_t i = 0; i < f->len; i++)
		f->b[i] = (uint8_t)random32();
	memcpy(f->b, env.f.gw.port[*port].mac.addr_bytes, 6);
	put16(f->b + 12, types[below(4)]);
	if (below(2)) { // a version and lengths that pass
		f->b[14] = get16(f->b + 12) == 0x0800 ? 0x45 : 0x60;
		put16(f->b + (f->b[14] == 0x45 ? 16 : 18),
			(uint16_t)(f->len - (f->b[14] == 0x45 ? 14 : 54)));
	}
	if (below(2))
		repair(f);
	return f->len;
}

// ---- the run

// The sessions of the valid frames, again and again since time passes.
static void
open_sessions(void)
{
	static const struct step rows[] = {
		{"", LAN, {A6}, WAN, {UDP4("T", A_PORT(0), "8.8.8.8", 53)}},
		{"", LAN, {TCP6("C", 41000, "@1.2.3.4", 80)}, WAN,
			{TCP4("T", A_PORT(1), "1.2.3.4", 80)}},
		{"", LAN, {PING6("C", "@8.8.8.8", 7)}, WAN, {PING4("T", "8.8.8.8", A_PORT(2))}},
	};

	fixture_turn(&env.f, below(20000));
	if (!below(8))
		fixture_turn(&env.f, 400000);
	fixture_neighbor(&env.f, LAN, "2001:db8:1::10", env_mac_client);
	fixture_neighbor(&env.f, WAN, "5.6.7.1", env_mac_router);
	for (unsigned int i = 0; i < RTE_DIM(rows); i++) {
		fixture_discard(&env.f);
		env_send(rows[i].in, &rows[i].send);
		if (env_take(WAN))
			env.port[i] = get16(env.last + (i == 2 ? 24 : 20));
	}
}

static struct worker_stats
run(const char *prefix, const char *workers, unsigned int frames,
	uint16_t (*make)(struct frame *, unsigned int *))
{
	const struct env_setup setup = {
		.extra = "dns64: {upstreams: [5.6.7.53]}\n", .workers = workers};
	static struct frame f;
	struct worker_stats stats;
	unsigned int port;

	rng = 0x9e3779b97f4a7c15;
	env_start(prefix, &setup);
	for (unsigned int i = 0; i < frames; i++) {
		if (i % 200 == 0)
			open_sessions();
		if (i % 20 == 0)
			fixture_turn(&env.f, below(100));
		make(&f, &port);
		env_input_exact(below(env.f.gw.n_worker), port, f.b, f.len);
		fixture_discard(&env.f);
		if (i % CHECK == CHECK - 1)
			env_check();
	}
	stats = fixture_stats(&env.f);
	env_stop();
	return stats;
}

static void
random_frames(void **state)
{
	run("64:ff9b::/96", "0", FRAMES, make_random);
}

static void
changed_frames(void **state)
{
	static const struct {
		const char *prefix, *workers;
	} runs[] = {{"64:ff9b::/96", "0"}, {"2001:db9:122:344::/64", "0, 1"}};

	for (unsigned int i = 0; i < RTE_DIM(runs); i++) {
		const struct worker_stats s =
			run(runs[i].prefix, runs[i].workers, FRAMES / 2, make_changed);

		// not all of them ended at the first check
		assert_true(s.xlat64 > FRAMES / 40);
		assert_true(s.xlat46 > FRAMES / 40);
		assert_true(s.consumed > FRAMES / 40);
	}
}

ENV_MAIN(cmocka_unit_test(random_frames), cmocka_unit_test(changed_frames))
