// SPDX-License-Identifier: BSD-3-Clause
// What is translated only when all of it is there (ERR-27, CSUM-05), and what never is: overlaps,
// datagrams that are too late, and more than there is room for.
#include "datagram.h"

#define PING_OUT6(n) PING6("C", "@8.8.8.8", 0x1111), .seq = 3, .payload = n
#define PING_OUT4(n) PING4("T", "8.8.8.8", A_PORT(0)), .seq = 3, .payload = n
#define PONG_IN4(n)  PONG4("8.8.8.8", "T", A_PORT(0)), .seq = 3, .payload = n
#define PONG_IN6(n)  PONG6("@8.8.8.8", "C", 0x1111), .seq = 3, .payload = n
#define OUT6(n)      UDP6("C", 40000, "@8.8.8.8", 53), .payload = n
#define OUT4(n)      UDP4("T", A_PORT(0), "8.8.8.8", 53), .payload = n
#define IN4(n)       UDP4("8.8.8.8", 53, "T", A_PORT(0)), .payload = n
#define IN6(n)       UDP6("@8.8.8.8", 53, "C", 40000), .payload = n

static struct datagram_text d;

static const struct step open_udp = {"open", LAN, {OUT6(4)}, WAN, {OUT4(4)}};

static unsigned int
datagrams(void)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < env.f.gw.n_worker; i++)
		n += fragment_stats(env.f.gw.worker[i]->fragments).datagrams;
	return n;
}

static unsigned int
waiting(void)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < env.f.gw.n_worker; i++)
		n += fragment_stats(env.f.gw.worker[i]->fragments).waiting;
	return n;
}

static void
send_backwards(unsigned int port, uint32_t id, uint16_t size)
{
	for (unsigned int i = fragment_count(&d, size); i-- > 0;)
		fragment_send_nth(port, &d, id, size, i);
}

// ping -s 8000 and others, with one worker and more, in order and backwards.
static void
err_27_echo(void **state)
{
	static const uint16_t sizes[] = {1453, 2000, 2001, 4096, 8000, 8192, 65000, 65507};
	static const char *const workers[] = {"0", "0, 1", "0, 1, 2, 3"};

	for (unsigned int p = 0; p < env_n_prefixes; p++) {
		const struct env_setup setup = {.workers = workers[p % RTE_DIM(workers)]};

		env_start(env_prefixes[p], &setup);
		for (unsigned int i = 0; i < RTE_DIM(sizes); i++) {
			const struct spec out6 = {PING_OUT6(sizes[i])},
					  out4 = {PING_OUT4(sizes[i])};
			const struct spec in4 = {PONG_IN4(sizes[i])}, in6 = {PONG_IN6(sizes[i])};
			unsigned int n;

			datagram_build(&d, &out6, BUILD_TTL);
			n = fragment_count(&d, 1448);
			for (unsigned int k = 1; k < n; k++)
				fragment_send_nth(LAN, &d, 0x70000 + i, 1448, k);
			env_expect_none("ERR-27 not before all are there");
			assert_int_equal(waiting(), n - 1);
			fragment_send_nth(LAN, &d, 0x70000 + i, 1448, 0);
			assert_int_equal(datagram_expect("ERR-27", WAN, &out4, 1500), i);
			datagram_build(&d, &in4, BUILD_TTL);
			send_backwards(WAN, 0xff00 + i, 1480);
			assert_int_equal(datagram_expect("ERR-27", LAN, &in6, 1280), 0xff00 + i);
		}
		assert_int_equal(datagrams(), 0);
		assert_int_equal(env_sessions(), 1);
		env_stop();
	}
}

// N64-FRAG-12: cut again where the next link is smaller, whatever the size of the fragments.
static void
n64_frag_12_smaller_link(void **state)
{
	static const unsigned int mtus[] = {1492, 1400, 1280, 1000, 576};

	for (unsigned int i = 0; i < RTE_DIM(mtus); i++) {
		const struct env_setup setup = {.wan_mtu = mtus[i]};
		const struct spec out6 = {PING_OUT6(8000)}, out4 = {PING_OUT4(8000)};

		env_start(*state, &setup);
		datagram_build(&d, &out6, BUILD_TTL);
		datagram_send(LAN, &d, 0x50001, 1448);
		assert_int_equal(datagram_expect("N64-FRAG-12", WAN, &out4, (uint16_t)mtus[i]), 1);
		env_stop();
	}
}

static void
csum_05_udp_without_checksum(void **state)
{
	static const uint16_t sizes[] = {2000, 2001, 4096, 8192, 65000, 65507};
	static const char *const workers[] = {"0", "0, 1", "0, 1, 2, 3"};

	for (unsigned int p = 0; p < env_n_prefixes; p++) {
		const struct env_setup setup = {.workers = workers[p % RTE_DIM(workers)]};

		env_start(env_prefixes[p], &setup);
		env_run(&open_udp, 1);
		for (unsigned int i = 0; i < RTE_DIM(sizes); i++) {
			const struct spec in4 = {IN4(sizes[i]), .no_csum = true};
			const struct spec in6 = {IN6(sizes[i])};

			datagram_build(&d, &in4, BUILD_TTL);
			if (i % 2)
				send_backwards(WAN, i, 1480);
			else
				datagram_send(WAN, &d, i, 1480);
			assert_int_equal(
				datagram_expect("CSUM-05 N64-FRAG-05", LAN, &in6, 1280), i);
		}
		assert_int_equal(datagrams(), 0);
		env_stop();
	}
}

// CSUM-04: the length in the UDP header has to be that of the datagram.
static void
csum_05_wrong_length(void **state)
{
	const struct spec in4 = {IN4(2000), .no_csum = true};

	env_start(*state, NULL);
	env_run(&open_udp, 1);
	datagram_build(&d, &in4, BUILD_TTL);
	put16(d.b + 24, 2000);
	datagram_send(WAN, &d, 1, 1480);
	env_expect_none("CSUM-05");
	assert_int_equal(env_drops(DROP_L4_MALFORMED), 2);
	assert_int_equal(datagrams(), 0);
	env_stop();
}

// Errors are no echo: neither translated nor kept (ERR-27).
static void
err_27_errors_are_refused(void **state)
{
	const struct spec s = {ERR6("C", "@8.8.8.8", 1, 4), .payload = 2000};

	env_start(*state, NULL);
	datagram_build(&d, &s, BUILD_TTL);
	datagram_send(LAN, &d, 1, 1232);
	env_expect_none("ERR-27");
	assert_int_equal(env_drops(DROP_ICMP_TYPE), 2);
	assert_int_equal(waiting(), 0);
	env_stop();
}

// ---- overlaps and duplicates

struct range {
	uint16_t off, len;
	bool more;
};

struct overlap {
	const char *id;
	struct range r[3];
	unsigned int dropped; // of the three
	enum drop_reason why;
};

static const struct overlap overlaps[] = {
	{"tail", {{0, 1232, true}, {1232, 800, true}, {2024, 80, true}}, 1, DROP_FRAG_OVERLAP},
	{"head", {{800, 800, true}, {1600, 80, true}, {0, 808, true}}, 3, DROP_FRAG_OVERLAP},
	{"inside", {{1600, 800, true}, {0, 80, true}, {1608, 8, true}}, 1, DROP_FRAG_OVERLAP},
	{"around", {{1600, 80, true}, {1760, 80, true}, {1520, 800, true}}, 3, DROP_FRAG_OVERLAP},
	{"behind the last", {{1600, 80, false}, {800, 80, true}, {1680, 80, true}}, 3,
		DROP_FRAG_OVERLAP},
	{"another last", {{1600, 80, false}, {800, 80, true}, {2400, 80, false}}, 3,
		DROP_FRAG_OVERLAP},
	{"last before others", {{1600, 80, true}, {2400, 80, true}, {800, 80, false}}, 3,
		DROP_FRAG_OVERLAP},
	{"the same one, but the last", {{1600, 80, true}, {800, 80, true}, {1600, 80, false}}, 3,
		DROP_FRAG_OVERLAP},
	{"duplicate", {{1600, 80, true}, {800, 80, true}, {1600, 80, true}}, 1,
		DROP_FRAG_DUPLICATE},
	{"duplicate of the last", {{1600, 80, false}, {800, 80, true}, {1600, 80, false}}, 1,
		DROP_FRAG_DUPLICATE},
};

static void
check_overlap(const struct overlap *o, unsigned int port, uint32_t id)
{
	const uint64_t before = env_drops(o->why);
	const bool refused = o->why == DROP_FRAG_OVERLAP;

	for (unsigned int i = 0; i < 3; i++)
		fragment_send(port, &d, id, o->r[i].off, o->r[i].len, o->r[i].more);
	if (env_drops(o->why) - before != o->dropped)
		fail_msg("%s: %lu dropped", o->id, env_drops(o->why) - before);
	fixture_discard(&env.f);
	// N64-FRAG-08: the key is remembered until its time is over
	fragment_send(port, &d, id, 0, 8, true);
	fragment_send(port, &d, id, 4000, 80, true);
	assert_int_equal(env_drops(o->why) - before, o->dropped + 2 * refused);
	if (refused)
		env_expect_none("N64-FRAG-08");
	fixture_turn(&env.f, 1990);
	fragment_send(port, &d, id, 4080, 80, true);
	assert_int_equal(env_drops(o->why) - before, o->dropped + 3 * refused);
	fixture_turn(&env.f, 100);
	assert_int_equal(datagrams(), 0);
	fixture_neighbor(&env.f, LAN, "2001:db8:1::10", env_mac_client);
	fixture_neighbor(&env.f, WAN, "5.6.7.1", env_mac_router);
	fixture_discard(&env.f);
	fragment_send(port, &d, id, 0, 80, true);
	assert_true(env_take(port == LAN ? WAN : LAN));
	fixture_turn(&env.f, 2100);
}

static void
n64_frag_08_overlaps(void **state)
{
	const struct spec out6 = {OUT6(6000)}, in4 = {IN4(6000)};

	for (unsigned int p = 0; p < 2; p++) {
		env_start(env_prefixes[p], NULL);
		env_run(&open_udp, 1);
		for (uint32_t i = 0; i < RTE_DIM(overlaps); i++) {
			datagram_build(&d, &out6, BUILD_TTL);
			check_overlap(&overlaps[i], LAN, 0x99990000 + i); // X64-F08
			datagram_build(&d, &in4, BUILD_TTL);
			check_overlap(&overlaps[i], WAN, i);
		}
		env_stop();
	}
}

// X64-F08, and the same for IPv4: the reassembled packet would be too long, or has a hole.
static void
x64_f08_impossible(void **state)
{
	static const struct range rows[] = {{65528, 8, false}, {65000, 600, true}, {0, 1231, true},
		{8, 12, true}, {1232, 0, true}};
	const struct spec out6 = {OUT6(6000)}, in4 = {IN4(6000)};

	env_start(*state, NULL);
	env_run(&open_udp, 1);
	for (unsigned int i = 0; i < RTE_DIM(rows); i++) {
		datagram_build(&d, &out6, BUILD_TTL);
		fragment_send(LAN, &d, i, rows[i].off, rows[i].len, rows[i].more);
		datagram_build(&d, &in4, BUILD_TTL);
		fragment_send(WAN, &d, i, rows[i].off, rows[i].len, rows[i].more);
		assert_int_equal(env_drops(DROP_FRAG_INVALID), 2 * (i + 1));
	}
	assert_int_equal(datagrams(), 0);
	env_expect_none("X64-F08");
	env_stop();
}

// X64-F04: an atomic fragment has nothing to do with fragments of the same Identification.
static void
x64_f04_atomic_is_alone(void **state)
{
	static const uint8_t atomic[8] = {17, 0, 0, 0, 0, 0, 0x12, 0x34};
	const struct spec out6 = {OUT6(2000)}, out4 = {OUT4(2000)};
	static const struct step row = {"X64-F04", LAN,
		{OUT6(16), .ext = atomic, .ext_type = 44, .ext_len = 8}, WAN, {OUT4(16)}};

	env_start(*state, NULL);
	env_run(&open_udp, 1);
	datagram_build(&d, &out6, BUILD_TTL);
	fragment_send_nth(LAN, &d, 0x1234, 1232, 1);
	env_run(&row, 1);
	fragment_send_nth(LAN, &d, 0x1234, 1232, 0);
	datagram_expect("X64-F04", WAN, &out4, 1500);
	env_stop();
}

static void
x64_f03_extension_behind(void **state)
{
	static const uint8_t protos[] = {0, 43, 44, 51, 60};
	const struct spec out6 = {OUT6(2000)};

	env_start(*state, NULL);
	for (unsigned int i = 0; i < RTE_DIM(protos); i++) {
		datagram_build(&d, &out6, BUILD_TTL);
		d.b[6] = protos[i];
		fragment_send_nth(LAN, &d, i, 1232, 0);
		fragment_send_nth(LAN, &d, i, 1232, 1);
		assert_int_equal(env_drops(DROP_EXT_CHAIN), 2 * (i + 1));
	}
	env_expect_none("X64-F03");
	env_stop();
}

// ---- time and room

static void
n64_frag_02_timeout(void **state)
{
	static const struct env_setup slower = {
		.nat64 = "  pool4: [{address: 5.6.7.64}]\n  fragments: {timeout_sec: 5}\n"};
	const struct spec out6 = {OUT6(2000)}, out4 = {OUT4(2000)};

	for (unsigned int i = 0; i < 2; i++) {
		const uint32_t ms = i ? 5000 : 2000;

		env_start(*state, i ? &slower : NULL);
		datagram_build(&d, &out6, BUILD_TTL);
		fragment_send_nth(LAN, &d, 1, 1232, 1);
		fixture_turn(&env.f, ms - 1);
		assert_int_equal(waiting(), 1);
		fragment_send_nth(LAN, &d, 1, 1232, 0);
		datagram_expect("N64-FRAG-02", WAN, &out4, 1500);
		fragment_send_nth(LAN, &d, 2, 1232, 1);
		fixture_turn(&env.f, ms);
		assert_int_equal(waiting(), 0);
		assert_int_equal(env_drops(DROP_FRAG_TIMEOUT), 1);
		env_expect_none("N64-FRAG-11 silently");
		env_stop();
	}
}

// Later fragments of what opened no session are nobody's, and open nothing.
static void
n64_frag_03_refused_first(void **state)
{
	const struct spec tcp6 = {
		TCP6("C", 41000, "@1.2.3.4", 80), .tcp_flags = TCP_ACK, .payload = 2000};
	const struct spec in4 = {IN4(2000)};

	env_start(*state, NULL);
	env.port[0] = 4711;
	datagram_build(&d, &tcp6, BUILD_TTL);
	datagram_send(LAN, &d, 1, 1232);
	assert_int_equal(env_drops(DROP_TCP_NO_SESSION), 1);
	assert_int_equal(env_drops(DROP_FRAG_NO_SESSION), 1);
	datagram_build(&d, &in4, BUILD_TTL);
	datagram_send(WAN, &d, 1, 1232);
	assert_int_equal(env_drops(DROP_NO_SESSION4), 2);
	assert_int_equal(env_sessions(), 0);
	assert_int_equal(datagrams(), 0);
	env_stop();
}

// A full table: the oldest gives way, other packets do not notice, the newest works.
static void
n64_frag_03_bounded(void **state)
{
	static const struct env_setup setup = {
		.nat64 = "  pool4: [{address: 5.6.7.64}]\n"
			 "  fragments: {max_datagrams: 16, max_kbytes: 256}\n"};
	const struct spec out6 = {OUT6(6000)}, out4 = {OUT4(6000)};
	const struct spec ping6 = {PING6("C", "@9.9.9.9", 5), .payload = 2000};
	const uint64_t max = 256 * 1024;

	env_start(*state, &setup);
	env_run(&open_udp, 1);
	for (uint32_t i = 0; i < 3000; i++) {
		datagram_build(&d, i % 2 ? &out6 : &ping6, BUILD_TTL);
		for (unsigned int k = 1; k < fragment_count(&d, 200) && k < 1 + i % 40; k++)
			fragment_send_nth(LAN, &d, 0x1000 + i, 200, k);
		assert_true(datagrams() <= 17);
		assert_true(fragment_stats(env.f.gw.worker[0]->fragments).bytes <= max);
		if (i % 100)
			continue;
		env_check();
		env_expect_none("N64-FRAG-03");
		env_send(LAN, &open_udp.send);
		env_expect("N64-FRAG-03 whole packets", WAN, &open_udp.want);
		datagram_build(&d, &out6, BUILD_TTL);
		send_backwards(LAN, 0x10, 1232);
		datagram_expect_any("N64-FRAG-03 the newest", WAN, &out4);
	}
	assert_true(env_drops(DROP_FRAG_LIMIT) > 1000);
	env_stop();
}

// One datagram that alone is too much.
static void
n64_frag_03_too_many_pieces(void **state)
{
	const struct spec out6 = {OUT6(6000)};

	env_start(*state, NULL);
	datagram_build(&d, &out6, BUILD_TTL);
	for (unsigned int i = FRAGMENT_PIECES; i > 0; i--)
		fragment_send_nth(LAN, &d, 1, 8, i);
	assert_int_equal(waiting(), FRAGMENT_PIECES);
	fragment_send_nth(LAN, &d, 1, 8, 0);
	assert_int_equal(env_drops(DROP_FRAG_LIMIT), FRAGMENT_PIECES + 1);
	assert_int_equal(waiting(), 0);
	env_expect_none("N64-FRAG-03");
	env_stop();
}

ENV_MAIN(cmocka_unit_test(err_27_echo), WITH_BOTH(n64_frag_12_smaller_link),
	cmocka_unit_test(csum_05_udp_without_checksum), WITH_BOTH(csum_05_wrong_length),
	WITH_BOTH(err_27_errors_are_refused), cmocka_unit_test(n64_frag_08_overlaps),
	WITH_BOTH(x64_f08_impossible), WITH_BOTH(x64_f04_atomic_is_alone),
	WITH_BOTH(x64_f03_extension_behind), WITH_BOTH(n64_frag_02_timeout),
	WITH_BOTH(n64_frag_03_refused_first), WITH_BOTH(n64_frag_03_bounded),
	WITH_BOTH(n64_frag_03_too_many_pieces))
