// SPDX-License-Identifier: BSD-3-Clause
// Virtual reassembly: TCP and UDP fragments through the whole pipeline (RFC 6146 §3.4, RFC 7915
// §4.1, §5.1.1).
#include "datagram.h"

#include "app/pipeline.h"

#define OUT6(n) UDP6("C", 40000, "@8.8.8.8", 53), .payload = n
#define OUT4(n) UDP4("T", A_PORT(0), "8.8.8.8", 53), .payload = n
#define IN4(n)  UDP4("8.8.8.8", 53, "T", A_PORT(0)), .payload = n
#define IN6(n)  UDP6("@8.8.8.8", 53, "C", 40000), .payload = n

static struct datagram_text d;

static const struct step open_udp = {"open", LAN, {OUT6(4)}, WAN, {OUT4(4)}};

// What must never be seen to change: balance, and nothing that waits.
static void
stop_empty(void)
{
	fixture_turn(&env.f, 3000);
	for (unsigned int i = 0; i < env.f.gw.n_worker; i++)
		assert_int_equal(fragment_stats(env.f.gw.worker[i]->fragments).datagrams, 0);
	env_stop();
}

static void
start(const char *prefix, const char *workers)
{
	const struct env_setup setup = {.workers = workers};

	env_start(prefix, &setup);
	env_run(&open_udp, 1);
}

// Order of arrival of the fragments of one datagram; the first is 0.
struct order {
	const char *id;
	unsigned int n;
	uint8_t at[4];
};
static const struct order orders[] = {
	{"N64-FRAG-06 in order", 4, {0, 1, 2, 3}},
	{"N64-FRAG-01 the first one last", 4, {1, 2, 3, 0}},
	{"N64-FRAG-01 backwards", 4, {3, 2, 1, 0}},
	{"N64-FRAG-01 mixed", 4, {2, 0, 3, 1}},
	{"N64-FRAG-01 two, the last one first", 2, {1, 0}},
};

// X64-F01, X64-F02, X46-14, CSUM-09, N64-FRAG-07
static void
n64_frag_01_any_order(void **state)
{
	static const char *const workers[] = {"0", "0, 1", "0, 1, 2, 3"};
	const struct spec out6 = {OUT6(0)}, in4 = {IN4(0)};

	for (unsigned int p = 0; p < env_n_prefixes; p++) {
		start(env_prefixes[p], workers[p % RTE_DIM(workers)]);
		for (unsigned int i = 0; i < RTE_DIM(orders); i++) {
			const uint16_t len = (uint16_t)(1232 * orders[i].n - 8 - 5);
			struct spec s = out6, want = {OUT4(len)};

			s.payload = len;
			datagram_build(&d, &s, BUILD_TTL);
			for (unsigned int k = 0; k < orders[i].n; k++)
				fragment_send_nth(LAN, &d, 0x12340000 + i, 1232, orders[i].at[k]);
			assert_int_equal(datagram_expect_any(orders[i].id, WAN, &want), i);
			s = in4;
			s.payload = len;
			want = (struct spec){IN6(len)};
			datagram_build(&d, &s, BUILD_TTL);
			for (unsigned int k = 0; k < orders[i].n; k++)
				fragment_send_nth(WAN, &d, 0xbe00 + i, 1232, orders[i].at[k]);
			assert_int_equal(datagram_expect_any(orders[i].id, LAN, &want), 0xbe00 + i);
		}
		env_check();
		assert_int_equal(env_sessions(), 1);
		stop_empty();
	}
}

// N64-FRAG-09: each fragment comes by another queue, for flows of every owner; they go on in order.
static void
n64_frag_09_other_queues(void **state)
{
	static const char *const workers[] = {"0, 1", "0, 1, 2, 3"};
	struct frame f;

	for (unsigned int p = 0; p < env_n_prefixes; p++) {
		const struct env_setup setup = {.workers = workers[p % 2]};
		const unsigned int n = p % 2 ? 4 : 2;

		env_start(env_prefixes[p], &setup);
		for (unsigned int i = 0; i < 24; i++) {
			const uint16_t port = (uint16_t)(40000 + i);
			struct spec out6 = {UDP6("C", port, "@8.8.8.8", 53), .payload = 4000};
			struct spec in4 = {IN4(4000)};
			struct spec in6 = {UDP6("@8.8.8.8", 53, "C", port), .payload = 4000};

			env.port[0] = 0;
			datagram_build(&d, &out6, BUILD_TTL);
			for (unsigned int k = 0; k < 4; k++) {
				fragment_frame(&f, LAN, &d, i, k * 1232,
					k < 3 ? 1232 : 4008 - 3 * 1232, k < 3);
				env_input_exact((i + k) % n, LAN, f.b, f.len);
			}
			assert_int_equal(datagram_expect("N64-FRAG-09", WAN,
						 &(struct spec){OUT4(4000)}, 1500),
				i);
			datagram_build(&d, &in4, BUILD_TTL);
			for (unsigned int k = 0; k < 4; k++) {
				fragment_frame(&f, WAN, &d, i, k * 1232,
					k < 3 ? 1232 : 4008 - 3 * 1232, k < 3);
				env_input_exact((i / 4 + k) % n, WAN, f.b, f.len);
			}
			assert_int_equal(datagram_expect("N64-FRAG-09", LAN, &in6, 1280), i);
		}
		assert_true(fixture_stats(&env.f).handed[HANDED_FRAGMENT] > 24 * 4);
		stop_empty();
	}
}

// The first fragment opens the session as any packet would; N64-FRAG-13 for UDP.
static void
n64_frag_06_the_first_opens(void **state)
{
	for (unsigned int p = 0; p < env_n_prefixes; p++) {
		const struct spec s = {OUT6(4000)}, want = {OUT4(4000)};

		env_start(env_prefixes[p], NULL);
		datagram_build(&d, &s, BUILD_TTL);
		fragment_send_nth(LAN, &d, 7, 1232, 1);
		fragment_send_nth(LAN, &d, 7, 1232, 3);
		assert_int_equal(env_sessions(), 0);
		env_expect_none("waits");
		fragment_send_nth(LAN, &d, 7, 1232, 0);
		assert_int_equal(env_sessions(), 1);
		fragment_send_nth(LAN, &d, 7, 1232, 2);
		assert_int_equal(datagram_expect_any("N64-FRAG-06", WAN, &want), 7);
		stop_empty();
	}
}

// All in one burst, where the lookup of the later ones comes before the first one's admission.
static void
n64_frag_06_one_burst(void **state)
{
	const struct spec s = {OUT6(4000)}, want = {OUT4(4000)};
	struct rte_mbuf *m[4];
	struct frame f;

	env_start(*state, NULL);
	datagram_build(&d, &s, BUILD_TTL);
	for (unsigned int i = 0; i < 4; i++) {
		fragment_frame(&f, LAN, &d, 9, i * 1232, i == 3 ? 4008 - 3 * 1232 : 1232, i < 3);
		m[i] = rte_pktmbuf_alloc(env.f.gw.pool);
		memcpy(rte_pktmbuf_append(m[i], f.len), f.b, f.len);
	}
	pipeline_run(env.f.gw.worker[0], &(struct rx_burst){&env.f.gw.port[LAN], m, 4}, 1);
	datagram_expect("N64-FRAG-06", WAN, &want, 1500);
	stop_empty();
}

// X46-11, X46-13, X46-14: fragments that do not fit IPv6 are cut again and keep their places.
static void
x46_11_fragments_of_fragments(void **state)
{
	static const struct {
		uint16_t payload, size;
		unsigned int pieces;
	} rows[] = {
		{2948, 1480, 4},  // 1480 are 1232 and 248
		{8000, 1480, 11}, // NFS-like; the last is 608
		{4096, 1232, 4},  // fits as it is
		{4096, 1240, 7},  // X46-15: 8 too many
	};

	for (unsigned int p = 0; p < env_n_prefixes; p++) {
		start(env_prefixes[p], NULL);
		for (unsigned int i = 0; i < RTE_DIM(rows); i++) {
			const struct spec s = {IN4(rows[i].payload)}, want = {IN6(rows[i].payload)};
			const struct worker_stats before = fixture_stats(&env.f);

			datagram_build(&d, &s, BUILD_TTL);
			datagram_send(WAN, &d, 0xabcd, rows[i].size);
			assert_int_equal(datagram_expect("X46-11", LAN, &want, 1280), 0xabcd);
			assert_int_equal(fixture_stats(&env.f).tx - before.tx, rows[i].pieces);
		}
		stop_empty();
	}
}

static void
x46_12_raised(void **state)
{
	static const struct env_setup setup = {.nat64 = "  pool4: [{address: 5.6.7.64}]\n"
							"  lowest_ipv6_mtu: 1500\n"};
	const struct spec s = {IN4(4000)}, want = {IN6(4000)};
	static const struct step rows[] = {
		{"X46-12 1480", WAN, {IN4(1480 - 28)}, LAN, {IN6(1480 - 28)}},
	};

	env_start(*state, &setup);
	env_run(&open_udp, 1);
	env_run(rows, RTE_DIM(rows));
	datagram_build(&d, &(struct spec){IN4(1481 - 28)}, BUILD_TTL);
	fixture_discard(&env.f);
	env_send(WAN, &(struct spec){IN4(1481 - 28), .ip_id = 5});
	assert_int_equal(
		datagram_expect("X46-12 1481", LAN, &(struct spec){IN6(1481 - 28)}, 1500), 5);
	datagram_build(&d, &s, BUILD_TTL);
	datagram_send(WAN, &d, 6, 1480); // 1480 + 48 do not fit
	assert_int_equal(datagram_expect("X46-12 X46-15", LAN, &want, 1500), 6);
	datagram_send(WAN, &d, 7, 1448); // 1448 + 48 do
	assert_int_equal(datagram_expect("X46-12 X46-15", LAN, &want, 1496), 7);
	stop_empty();
}

// Boundary of one packet; X46-09: no Fragment header, whatever DF is.
static void
x46_13_boundary(void **state)
{
	static const struct step rows[] = {
		{"X46-13 1260", WAN, {IN4(1260 - 28)}, LAN, {IN6(1260 - 28)}},
		{"X46-09 DF", WAN, {IN4(1400 - 28), .df = true}, LAN, {IN6(1400 - 28)}},
		{"X46-09 no DF", WAN, {IN4(100)}, LAN, {IN6(100)}},
	};
	static struct collected c;

	start(*state, NULL);
	env_run(rows, RTE_DIM(rows));
	env_send(WAN, &(struct spec){IN4(1261 - 28), .ip_id = 0xbeef});
	datagram_collect(LAN, &c);
	assert_int_equal(c.n, 2);
	assert_int_equal(c.cut[0].ip_len, 1280);
	assert_int_equal(c.cut[0].id, 0xbeef);
	assert_int_equal(c.cut[1].off, 1232);
	stop_empty();
}

// X64-F06, X64-F07 for fragments, and DF of the other side.
static void
x64_f06_fragments_too_big(void **state)
{
	static const struct env_setup setup = {.wan_mtu = 1400, .lan_mtu = 1400};
	const struct spec s = {OUT6(4000)}, in4 = {IN4(4000)};
	struct frame f;

	env_start(*state, &setup);
	env_run(&open_udp, 1);
	datagram_build(&d, &s, BUILD_TTL);
	fragment_send(LAN, &d, 1, 0, 1384, true); // 1404 bytes of IPv4
	assert_true(env_take(LAN));
	assert_int_equal(env.last[40], 2);
	assert_int_equal(get16(env.last + 46), 1420);
	assert_int_equal(env_drops(DROP_TOO_BIG), 1);
	fragment_send(LAN, &d, 2, 0, 1376, true);
	assert_true(env_take(WAN));
	assert_int_equal(env.last_len, 1396);
	// DF on a fragment: the sender is told of 28 bytes that it loses
	datagram_build(&d, &in4, BUILD_TTL);
	fragment_frame(&f, WAN, &d, 3, 0, 1376, true);
	f.b[20] |= 0x40;
	build_ip4_csum(f.b + 14);
	fixture_input(&env.f, WAN, f.b, f.len);
	assert_true(env_take(WAN));
	assert_int_equal(env.last[20], 3);
	assert_int_equal(env.last[21], 4);
	assert_int_equal(get16(env.last + 26), 1372);
	stop_empty();
}

// X64-F05: 1280 bytes and less pass any link.
static void
x64_f05_fragment_of_1280(void **state)
{
	static const struct env_setup setup = {.wan_mtu = 1000};
	const struct spec s = {OUT6(4000)}, want = {OUT4(4000)};

	for (unsigned int p = 0; p < env_n_prefixes; p++) {
		env_start(env_prefixes[p], &setup);
		datagram_build(&d, &s, BUILD_TTL);
		datagram_send(LAN, &d, 0x10042, 1232);
		assert_int_equal(datagram_expect("X64-F05", WAN, &want, 1000), 0x42);
		stop_empty();
	}
}

// ---- TCP

static void
n64_frag_13_one_segment(void **state)
{
	const struct spec syn6 = {TCP6("C", 41000, "@1.2.3.4", 80), .payload = 2000};
	const struct spec syn4 = {TCP4("T", A_PORT(0), "1.2.3.4", 80), .payload = 2000};
	static const struct step rows[] = {
		{"answer", WAN,
			{TCP4("1.2.3.4", 80, "T", A_PORT(0)), .tcp_flags = TCP_SYN | TCP_ACK}, LAN,
			{TCP6("@1.2.3.4", 80, "C", 41000), .tcp_flags = TCP_SYN | TCP_ACK}},
		{"ack", LAN, {TCP6("C", 41000, "@1.2.3.4", 80), .tcp_flags = TCP_ACK}, WAN,
			{TCP4("T", A_PORT(0), "1.2.3.4", 80), .tcp_flags = TCP_ACK}},
	};
	const struct spec rst4 = {
		TCP4("1.2.3.4", 80, "T", A_PORT(0)), .tcp_flags = TCP_RST, .payload = 2000};
	const struct spec rst6 = {
		TCP6("@1.2.3.4", 80, "C", 41000), .tcp_flags = TCP_RST, .payload = 2000};
	struct state_stats st;

	for (unsigned int p = 0; p < env_n_prefixes; p++) {
		env_start(env_prefixes[p], NULL);
		datagram_build(&d, &syn6, BUILD_TTL);
		datagram_send(LAN, &d, 1, 1232);
		datagram_expect("N64-FRAG-13 SYN", WAN, &syn4, 1500);
		env_run(rows, RTE_DIM(rows));
		datagram_build(&d, &rst4, BUILD_TTL);
		datagram_send(WAN, &d, 2, 1000);
		datagram_expect("N64-FRAG-13 RST", LAN, &rst6, 1280);
		// TRANS: the rest of the segment did not make it ESTABLISHED again
		fixture_turn(&env.f, 250000);
		state_stats(env.f.gw.worker[0]->state, &st);
		assert_int_equal(st.sessions[STATE_TCP], 0);
		stop_empty();
	}
}

// N64-FRAG-04: the whole transport header, or nothing.
static void
n64_frag_04_tiny(void **state)
{
	const struct spec s = {TCP6("C", 41000, "@1.2.3.4", 80), .payload = 2000};
	const struct spec u = {IN4(2000)};

	start(*state, NULL);
	datagram_build(&d, &s, BUILD_TTL);
	fragment_send(LAN, &d, 1, 0, 16, true);
	assert_int_equal(env_drops(DROP_FRAG_TINY), 1);
	fragment_send(LAN, &d, 2, 8, 8, true); // RFC 3128: flags to come behind
	fragment_send(LAN, &d, 2, 0, 24, true);
	assert_int_equal(env_drops(DROP_FRAG_OVERLAP), 2);
	fragment_send(LAN, &d, 3, 0, 24, true); // 20 are enough
	assert_true(env_take(WAN));
	datagram_build(&d, &u, BUILD_TTL);
	fragment_send(WAN, &d, 4, 0, 8, true);
	assert_true(env_take(LAN));
	env_expect_none("tiny");
	stop_empty();
}

ENV_MAIN(cmocka_unit_test(n64_frag_01_any_order), cmocka_unit_test(n64_frag_09_other_queues),
	cmocka_unit_test(n64_frag_06_the_first_opens), WITH_BOTH(n64_frag_06_one_burst),
	cmocka_unit_test(x46_11_fragments_of_fragments), WITH_BOTH(x46_12_raised),
	WITH_BOTH(x46_13_boundary), WITH_BOTH(x64_f06_fragments_too_big),
	cmocka_unit_test(x64_f05_fragment_of_1280), cmocka_unit_test(n64_frag_13_one_segment),
	WITH_BOTH(n64_frag_04_tiny))
