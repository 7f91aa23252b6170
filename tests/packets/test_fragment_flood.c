// SPDX-License-Identifier: BSD-3-Clause
// Fragments of every kind in every order, right and wrong: whatever comes, nothing is lost from the
// count, nothing is read that is not there, the bounds hold, and what arrives complete is
// translated.
#include "datagram.h"

#include <stdlib.h>

#define FRAMES 60000
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

#define A6 UDP6("C", 40000, "@8.8.8.8", 53)
#define B4 UDP4("8.8.8.8", 53, "T", A_PORT(0))

static const struct {
	uint8_t port;
	struct spec s;
} kinds[] = {
	{LAN, {A6, .payload = 3000}},
	{LAN, {TCP6("C", 41000, "@1.2.3.4", 80), .payload = 3000}},
	{LAN, {PING6("C", "@8.8.8.8", 7), .payload = 3000}},
	{LAN, {ERR6("C", "@8.8.8.8", 1, 4), .payload = 3000}},
	{LAN, {A6, .payload = 200}},
	{WAN, {B4, .payload = 3000}},
	{WAN, {B4, .payload = 3000, .no_csum = true}},
	{WAN, {TCP4("1.2.3.4", 80, "T", A_PORT(1)), .tcp_flags = TCP_ACK, .payload = 3000}},
	{WAN, {PONG4("8.8.8.8", "T", A_PORT(2)), .payload = 3000}},
	{WAN, {UDP4("8.8.4.4", 53, "T", A_PORT(0)), .payload = 3000}},
};

static struct datagram_text text[RTE_DIM(kinds)];

// The sessions of the valid datagrams, again and again since time passes.
static void
open_sessions(void)
{
	static const struct spec rows[] = {
		{A6}, {TCP6("C", 41000, "@1.2.3.4", 80)}, {PING6("C", "@8.8.8.8", 7)}};

	fixture_neighbor(&env.f, LAN, "2001:db8:1::10", env_mac_client);
	fixture_neighbor(&env.f, WAN, "5.6.7.1", env_mac_router);
	for (unsigned int i = 0; i < RTE_DIM(rows); i++) {
		fixture_discard(&env.f);
		env_send(LAN, &rows[i]);
		if (env_take(WAN))
			env.port[i] = get16(env.last + (i == 2 ? 24 : 20));
	}
	for (unsigned int i = 0; i < RTE_DIM(kinds); i++)
		datagram_build(&text[i], &kinds[i].s, BUILD_TTL);
}

// Lengths and places that are likely to touch, and Identifications that live for a while.
static void
make(struct frame *f, unsigned int kind, unsigned int i)
{
	const struct datagram_text *d = &text[kind];
	const uint32_t all = datagram_payload(d);
	uint32_t size = 8 * (1 + below(below(4) ? 150 : 8));
	uint32_t off = below(3) ? size * below(all / size + 1) : 8 * below(all / 8);
	uint32_t left, len;

	if (off >= all)
		off = 0;
	left = all - off;
	len = left > size ? size : left;
	if (!below(20))
		len = 1 + below(len);
	fragment_frame(f, kinds[kind].port, d, i / 16 + below(3), off, (uint16_t)len, len < left);
	if (below(20))
		return;
	for (unsigned int n = 1 + below(4); n > 0; n--)
		f->b[14 + below(f->len - 14u > 80 ? 80 : f->len - 14u)] = (uint8_t)random32();
	if (f->b[12] == 0x08 && (f->b[14] & 15) == 5)
		build_ip4_csum(f->b + 14);
}

static void
check_bounds(void)
{
	uint64_t bytes = 0;
	uint32_t n = 0;

	for (unsigned int i = 0; i < env.f.gw.n_worker; i++) {
		const struct fragment_stats s = fragment_stats(env.f.gw.worker[i]->fragments);

		bytes += s.bytes;
		n += s.datagrams;
		assert_true(s.datagrams || !s.bytes);
	}
	assert_true(bytes <= 256 * 1024);
	assert_true(n <= 16 + 2 * env.f.gw.n_worker);
}

// All fragments of a datagram in some order, with others' between them.
static void
check_one_arrives(void)
{
	static const struct spec out6 = {A6, .payload = 3000};
	static const struct spec out4 = {UDP4("T", A_PORT(0), "8.8.8.8", 53), .payload = 3000};
	unsigned int first = below(3);

	fixture_discard(&env.f);
	datagram_build(&text[0], &out6, BUILD_TTL);
	for (unsigned int k = 0; k < 3; k++)
		fragment_send_nth(LAN, &text[0], 0x4711, 1232, (first + k) % 3);
	datagram_expect_any("in between", WAN, &out4);
}

static void
run(const char *prefix, const char *workers)
{
	const struct env_setup setup = {
		.nat64 = "  pool4: [{address: 5.6.7.64, ports: 1-65535}]\n"
			 "  fragments: {max_datagrams: 16, max_kbytes: 256}\n",
		.workers = workers};
	struct worker_stats s;
	struct frame f;

	rng = 0x9e3779b97f4a7c15;
	env_start(prefix, &setup);
	for (unsigned int i = 0; i < FRAMES; i++) {
		unsigned int kind = below(RTE_DIM(kinds));

		if (i % 200 == 0) {
			fixture_turn(&env.f, below(20) ? below(200) : below(300000));
			open_sessions();
		}
		if (i % 50 == 0)
			fixture_turn(&env.f, below(300));
		make(&f, kind, i);
		env_input_exact(below(env.f.gw.n_worker), kinds[kind].port, f.b, f.len);
		fixture_discard(&env.f);
		check_bounds();
		if (i % CHECK == CHECK / 2)
			env_check();
		if (i % CHECK == CHECK - 100)
			check_one_arrives();
	}
	s = fixture_stats(&env.f);
	// both ways and every reason
	assert_true(s.xlat64 > FRAMES / 40);
	assert_true(s.xlat46 > FRAMES / 100);
	assert_true(s.drop[DROP_FRAG_OVERLAP] && s.drop[DROP_FRAG_DUPLICATE]);
	assert_true(s.drop[DROP_FRAG_TINY] && s.drop[DROP_FRAG_INVALID]);
	assert_true(s.drop[DROP_FRAG_LIMIT] && s.drop[DROP_FRAG_TIMEOUT]);
	env_stop();
}

static void
n64_frag_03_flood(void **state)
{
	run("64:ff9b::/96", "0");
	run("2001:db9:122:344::/64", "0, 1");
	run("2001:db8:64::/96", "0, 1, 2, 3");
}

ENV_MAIN(cmocka_unit_test(n64_frag_03_flood))
