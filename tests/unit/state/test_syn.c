// SPDX-License-Identifier: BSD-3-Clause
// SYNs from the IPv4 side that wait for the client.
#include "fixture.h"

static int packets[64]; // their addresses stand for packets

static struct config_nat64
config_wait(unsigned int n_addr)
{
	struct config_nat64 c = fixture_config(n_addr);

	c.tcp_incoming = TCP_INCOMING_WAIT;
	return c;
}

static struct session_key4
key4(rte_be32_t src4, uint16_t sport, uint32_t server, uint16_t dport)
{
	return (struct session_key4){
		.dst4 = rte_cpu_to_be_32(FIXTURE_SERVERS + server),
		.src4 = src4,
		.dport = rte_cpu_to_be_16(dport),
		.sport = rte_cpu_to_be_16(sport),
		.proto = TCP,
	};
}

static bool
store(struct state *st, const struct session_key4 *k, uint32_t now, int *packet,
	enum drop_reason *why)
{
	*why = DROP_NONE;
	return state_syn_store(st, k, SYN, now, packet, why);
}

static uint32_t
stored(struct state *st)
{
	struct state_stats s;

	fixture_check(st);
	state_stats(st, &s);
	return s.stored_syns;
}

static bool
has_binding(struct state *st, const struct session_key4 *k)
{
	return state_bib_find4(st, k->src4, k->sport, k->proto) != NULL;
}

// N64-TCP-C5, N64-TCP-D2, N64-TCP-07: no binding, no session; handed back after 6 s, not before.
static void
n64_tcp_c5_d2_timeout(void **state)
{
	struct config_nat64 c = config_wait(1);
	struct state *st = fixture_state(&c);
	struct session_key4 k = key4(rte_cpu_to_be_32(FIXTURE_POOL + 1), 4000, 1, 80);
	enum drop_reason why;

	assert_true(store(st, &k, 100, &packets[0], &why));
	assert_int_equal(stored(st), 1);
	assert_int_equal(fixture_sessions(st), 0);
	assert_false(has_binding(st, &k));
	assert_null(state_syn_due(st, 106));
	assert_ptr_equal(state_syn_due(st, 107), &packets[0]);
	assert_null(state_syn_due(st, 107));
	assert_int_equal(stored(st), 0);
	state_free(st);
}

// N64-TCP-C6, N64-TCP-D1, N64-TCP-08: the client, that has a binding, opens the same connection.
static void
n64_tcp_c6_d1_binding(void **state)
{
	struct config_nat64 c = config_wait(1);
	struct state *st = fixture_state(&c);
	struct session *a = fixture_admit(st, fixture_key(TCP, 1, 5000, 9, 80), 0), *s;
	struct session_key4 k = key4(a->src4, fixture_port4(a), 1, 80);
	enum drop_reason why;
	bool made;

	assert_null(state_admit4(st, &k, SYN, 0xffff, 0, &made, &why));
	assert_int_equal(why, DROP_FILTERED);
	assert_true(store(st, &k, 0, &packets[3], &why));
	// connections to others leave it where it is
	fixture_admit(st, fixture_key(TCP, 1, 5000, 1, 81), 0);
	fixture_admit(st, fixture_key(TCP, 1, 5000, 2, 80), 0);
	assert_null(state_syn_claimed(st));
	s = fixture_admit(st, fixture_key(TCP, 1, 5000, 1, 80), 3);
	assert_int_equal(s->tcp, TCP_ESTABLISHED);
	assert_int_equal(s->timer, TIMEOUT_TCP_ESTABLISHED);
	assert_ptr_equal(state_syn_claimed(st), &packets[3]);
	assert_null(state_syn_claimed(st));
	assert_int_equal(stored(st), 0);
	assert_null(state_syn_due(st, 1000));
	// the other's retransmission finds the session
	assert_ptr_equal(fixture_find4(st, s), s);
	state_free(st);
}

// N64-TCP-09: a new binding gets the (T, t) that the other side knows.
static void
n64_tcp_09_prefers_what_waits(void **state)
{
	for (uint32_t i = 0; i < 200; i++) {
		struct config_nat64 c = config_wait(3);
		struct state *st = fixture_state(&c);
		struct session_key4 k = key4(
			rte_cpu_to_be_32(FIXTURE_POOL + 1 + i % 3), (uint16_t)(40000 + i), 1, 80);
		enum drop_reason why;
		struct session *s;

		assert_true(store(st, &k, 0, &packets[0], &why));
		s = fixture_admit(st, fixture_key(TCP, i, 5000, 1, 80), 0);
		assert_int_equal(s->src4, k.src4);
		assert_int_equal(s->sport4, k.sport);
		assert_int_equal(s->tcp, TCP_ESTABLISHED);
		assert_ptr_equal(state_syn_claimed(st), &packets[0]);
		// taken: another client that wants the same gets another port
		assert_true(has_binding(st, &k));
		k.sport = s->sport4;
		assert_true(store(st, &k, 0, &packets[0], &why));
		s = fixture_admit(st, fixture_key(TCP, i + 1, 5000, 1, 80), 0);
		assert_false(s->src4 == k.src4 && s->sport4 == k.sport);
		assert_int_equal(s->tcp, TCP_V6_INIT);
		assert_int_equal(stored(st), 1);
		state_free(st);
	}
}

// N64-TCP-09: what waits at a port that is another client's is nothing to go by, and hides nothing.
static void
n64_tcp_09_free_ports_only(void **state)
{
	struct config_nat64 c = config_wait(1);
	struct state *st = fixture_state(&c);
	struct session *a = fixture_admit(st, fixture_key(TCP, 1, 5000, 9, 80), 0), *s;
	struct session_key4 taken = key4(a->src4, fixture_port4(a), 1, 80);
	struct session_key4 free = key4(a->src4, fixture_port4(a) == 5555 ? 5556 : 5555, 1, 80);
	enum drop_reason why;

	assert_true(store(st, &taken, 0, &packets[0], &why));
	assert_true(store(st, &free, 0, &packets[1], &why));
	s = fixture_admit(st, fixture_key(TCP, 2, 5000, 1, 80), 0);
	assert_int_equal(s->sport4, free.sport);
	assert_ptr_equal(state_syn_claimed(st), &packets[1]);
	assert_int_equal(stored(st), 1);
	state_free(st);
}

// N64-PORT-01 goes before: a client with another address keeps it.
static void
pairing_goes_before(void **state)
{
	struct config_nat64 c = config_wait(2);
	struct state *st = fixture_state(&c);
	struct session *a = fixture_admit(st, fixture_key(UDP, 1, 5000, 9, 80), 0), *s;
	struct session_key4 k = key4(a->src4 == rte_cpu_to_be_32(FIXTURE_POOL + 1)
					     ? rte_cpu_to_be_32(FIXTURE_POOL + 2)
					     : rte_cpu_to_be_32(FIXTURE_POOL + 1),
		40000, 1, 80);
	enum drop_reason why;

	assert_true(store(st, &k, 0, &packets[0], &why));
	s = fixture_admit(st, fixture_key(TCP, 1, 5000, 1, 80), 0);
	assert_int_equal(s->src4, a->src4);
	assert_int_equal(s->tcp, TCP_V6_INIT);
	assert_int_equal(stored(st), 1);
	state_free(st);
}

// N64-TCP-16, N64-TCP-10, N64-DOS-01
static void
n64_tcp_10_16_bounded(void **state)
{
	struct config_nat64 c = config_wait(1);
	struct state *st;
	rte_be32_t t = rte_cpu_to_be_32(FIXTURE_POOL + 1);
	struct session_key4 k;
	enum drop_reason why;

	c.max_stored_syns = 10;
	st = fixture_state(&c);
	for (uint16_t i = 0; i < 10; i++) {
		k = key4(t, 4000, 1, (uint16_t)(i + 1));
		assert_true(store(st, &k, i, &packets[i], &why));
		assert_false(store(st, &k, i + 1, &packets[60], &why));
		assert_int_equal(why, DROP_SYN_WAITING);
	}
	k = key4(t, 4000, 1, 99);
	assert_false(store(st, &k, 9, &packets[60], &why));
	assert_int_equal(why, DROP_SYN_LIMIT);
	assert_int_equal(stored(st), 10);
	for (uint32_t i = 0; i < 10; i++) { // in order, and each after its own 6 s
		assert_null(state_syn_due(st, i + 6));
		assert_ptr_equal(state_syn_due(st, i + 7), &packets[i]);
	}
	assert_true(store(st, &k, 20, &packets[1], &why));
	state_free(st);
}

// N64-TCP-C4, N64-TCP-11: what never waits
static void
n64_tcp_11_what_does_not_wait(void **state)
{
	const uint8_t bad[] = {ACK, SYN | ACK, RST, FIN | ACK, SYN | FIN, 0};
	struct config_nat64 c = config_wait(1);
	struct session_key4 k = key4(rte_cpu_to_be_32(FIXTURE_POOL + 1), 80, 1, 80), udp;
	struct state *st;
	enum drop_reason why = DROP_FILTERED;

	c.statics[0] = (struct config_static){
		.protocols = 1 << STATIC_TCP,
		.address.s_addr = k.src4,
		.port_first = 80,
		.port_last = 80,
		.client = fixture_src6(1),
		.client_port = 80,
		.allow = {{.addr.s_addr = RTE_BE32(0x01020304), .len = 32}},
		.n_allow = 1,
	};
	c.n_static = 1;
	st = fixture_state(&c);
	assert_false(state_syn_store(st, &k, SYN, 0, packets, &why)); // a rule says no
	k.sport = RTE_BE16(81);
	udp = k;
	udp.proto = UDP;
	assert_false(state_syn_store(st, &udp, 0, 0, packets, &why));
	for (unsigned int i = 0; i < RTE_DIM(bad); i++)
		assert_false(state_syn_store(st, &k, bad[i], 0, packets, &why));
	assert_int_equal(why, DROP_FILTERED); // as it was
	assert_int_equal(stored(st), 0);
	state_free(st);
	c.tcp_incoming = TCP_INCOMING_DROP;
	st = fixture_state(&c);
	assert_false(state_syn_store(st, &k, SYN, 0, packets, &why));
	state_free(st);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(n64_tcp_c5_d2_timeout),
		cmocka_unit_test(n64_tcp_c6_d1_binding),
		cmocka_unit_test(n64_tcp_09_prefers_what_waits),
		cmocka_unit_test(n64_tcp_09_free_ports_only),
		cmocka_unit_test(pairing_goes_before),
		cmocka_unit_test(n64_tcp_10_16_bounded),
		cmocka_unit_test(n64_tcp_11_what_does_not_wait),
	};

	fixture_eal("256");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
