// SPDX-License-Identifier: BSD-3-Clause
#include "fixture.h"

static void
n64_bib_03_one_port_for_all_destinations(void **state)
{
	struct config_nat64 c = fixture_config(4);
	struct state *st = fixture_state(&c);
	struct session *a = fixture_admit(st, fixture_key(UDP, 1, 5000, 1, 53), 0);
	struct session *b = fixture_admit(st, fixture_key(UDP, 1, 5000, 2, 53), 0);
	struct session *d = fixture_admit(st, fixture_key(UDP, 1, 5000, 1, 123), 0);

	assert_int_equal(a->sport4, b->sport4);
	assert_int_equal(a->sport4, d->sport4);
	assert_int_equal(a->src4, b->src4);
	assert_int_equal(fixture_bibs(st), 1);
	assert_int_equal(fixture_sessions(st), 3);
	assert_int_equal(state_bib_find6(st, &a->src6, a->sport6, UDP)->sessions, 3);
	fixture_check(st);
	state_free(st);
}

// N64-BIB-01, N64-BIB-04: the same (X', x) has a binding of its own in each protocol.
static void
n64_bib_01_04_protocols_are_apart(void **state)
{
	struct config_nat64 c = fixture_config(4);
	struct state *st = fixture_state(&c);
	static const uint8_t protos[] = {TCP, UDP, ICMP};
	struct in6_addr src6 = fixture_src6(1);
	struct state_stats s;

	for (unsigned int i = 0; i < RTE_DIM(protos); i++) {
		assert_null(state_bib_find6(st, &src6, rte_cpu_to_be_16(5000), protos[i]));
		fixture_admit(st, fixture_key(protos[i], 1, 5000, 1, 80), 0);
	}
	state_stats(st, &s);
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(s.bibs[i], 1);
		assert_int_equal(s.sessions[i], 1);
		assert_int_equal(s.created[i], 1);
	}
	fixture_check(st);
	state_free(st);
}

// N64-BIB-02, N64-BIB-05, N64-PORT-05: one address, one port range, all of it used: each (T, t)
// once in a protocol; the same ports again in the next.
static void
n64_bib_02_05_no_port_twice(void **state)
{
	struct config_nat64 c = fixture_config_ports(1, 2000, 2099);
	struct state *st = fixture_state(&c);
	static const uint8_t protos[] = {TCP, UDP, ICMP};

	for (unsigned int p = 0; p < RTE_DIM(protos); p++) {
		bool taken[100] = {false};

		for (unsigned int i = 0; i < 100; i++) {
			struct session *s =
				fixture_admit(st, fixture_key(protos[p], i, 7, 1, 80), 0);
			unsigned int at = fixture_port4(s) - 2000u;

			assert_in_range(at, 0, 99);
			assert_false(taken[at]);
			taken[at] = true;
			assert_ptr_equal(state_bib_find4(st, s->src4, s->sport4, protos[p]),
				state_bib_find6(st, &s->src6, s->sport6, protos[p]));
		}
	}
	fixture_check(st);
	state_free(st);
}

static void
n64_bib_06_ends_with_its_last_session(void **state)
{
	struct config_nat64 c = fixture_config(1);
	struct state *st = fixture_state(&c);
	struct session *a = fixture_admit(st, fixture_key(UDP, 1, 5000, 1, 53), 0);
	struct session *b = fixture_admit(st, fixture_key(UDP, 1, 5000, 2, 53), 0);
	struct in6_addr src6 = a->src6;
	rte_be16_t sport = a->sport6;
	struct state_stats s;

	state_end(st, a);
	assert_non_null(state_bib_find6(st, &src6, sport, UDP));
	fixture_check(st);
	state_end(st, b);
	assert_null(state_bib_find6(st, &src6, sport, UDP));
	state_stats(st, &s);
	assert_int_equal(s.clients, 0);
	assert_int_equal(s.ended[STATE_UDP], 2);
	fixture_check(st);
	state_free(st);
}

// N64-BIB-08, N64-BIB-09: the fields, and that both keys lead to the session. The remote side is
// as the client named it.
static void
n64_bib_08_09_session_fields(void **state)
{
	struct config_nat64 c = fixture_config(1);
	struct state *st = fixture_state(&c);
	struct session_key6 key = fixture_key(TCP, 9, 40000, 77, 443);
	struct session *s;

	key.pref64 = 3;
	s = fixture_admit(st, key, 5);
	assert_memory_equal(&s->src6, &key.src6, sizeof(key.src6));
	assert_int_equal(s->dst4, key.dst4);
	assert_int_equal(s->src4, c.pool4[0].first.s_addr);
	assert_int_equal(s->sport6, key.sport);
	assert_int_equal(s->dport, key.dport);
	assert_int_equal(s->pref64, 3);
	assert_int_equal(s->delta, 0);
	assert_int_equal(s->nexthop4_gen, 0);
	assert_int_equal(s->nexthop6_gen, 0);
	assert_int_equal(s->last_sec, 5);
	assert_ptr_equal(fixture_find6(st, key), s);
	assert_ptr_equal(fixture_find4(st, s), s);
	key.pref64 = 0;
	assert_null(fixture_find6(st, key));
	state_free(st);
}

// N64-BIB-10, N64-BIB-11: a full table turns new flows away and keeps every old one.
static void
n64_bib_11_nothing_is_evicted(void **state)
{
	struct config_nat64 c = fixture_config(1);
	struct state *st;

	c.max_bib = 50;
	st = fixture_state(&c);
	for (unsigned int i = 0; i < 50; i++)
		fixture_admit(st, fixture_key(UDP, i, 1111, 1, 53), 0);
	for (unsigned int i = 50; i < 100; i++)
		assert_int_equal(
			fixture_refused(st, fixture_key(UDP, i, 1111, 1, 53)), DROP_BIB_LIMIT);
	for (unsigned int i = 0; i < 50; i++)
		assert_non_null(fixture_find6(st, fixture_key(UDP, i, 1111, 1, 53)));
	fixture_admit(st, fixture_key(UDP, 7, 1111, 2, 53), 0); // an old binding's new session
	fixture_check(st);
	state_free(st);
}

// N64-PORT-01, N64-ICMP-06: all bindings of a client, of whatever protocol, on one address; many
// clients use all addresses.
static void
n64_port_01_icmp_06_address_pairing(void **state)
{
	static const uint8_t protos[] = {TCP, UDP, ICMP};
	struct config_nat64 c = fixture_config(16);
	struct state *st = fixture_state(&c);
	struct state_pool_row row;

	for (unsigned int client = 0; client < 500; client++) {
		struct session *first =
			fixture_admit(st, fixture_key(protos[client % 3], client, 100, 1, 80), 0);

		for (unsigned int i = 0; i < 9; i++)
			assert_int_equal(
				fixture_admit(
					st, fixture_key(protos[i % 3], client, 200 + i, i, 80), 0)
					->src4,
				first->src4);
	}
	for (unsigned int i = 0; i < 16; i++) {
		assert_true(state_pool_row(st, i, &row));
		assert_in_range(row.clients, 8, 80); // 31 on average
	}
	assert_false(state_pool_row(st, 16, &row));
	fixture_check(st);
	state_free(st);
}

// N64-PORT-02, N64-BIB-10: the client's address is full, others are not; its bindings serve on.
static void
n64_port_02_strict_pairing(void **state)
{
	struct config_nat64 c = fixture_config_ports(2, 3000, 3031);
	struct state *st = fixture_state(&c);
	struct state_stats s;

	for (unsigned int i = 0; i < 32; i++)
		fixture_admit(st, fixture_key(UDP, 1, (uint16_t)(4000 + i), 1, 53), 0);
	assert_int_equal(fixture_refused(st, fixture_key(UDP, 1, 5000, 1, 53)), DROP_NO_PORT);
	state_stats(st, &s);
	assert_int_equal(s.no_port[STATE_UDP], 1);
	assert_int_equal(s.no_port[STATE_TCP], 0);
	fixture_admit(st, fixture_key(UDP, 1, 4000, 2, 53), 0); // an old binding
	fixture_admit(st, fixture_key(TCP, 1, 5000, 1, 53), 0); // another BIB
	fixture_check(st);
	state_free(st);
}

// New clients go where there is room; at last every port of every address is used, and then one
// that is freed is used again.
static void
n64_port_05_exhaustion_of_the_pool(void **state)
{
	struct config_nat64 c = fixture_config_ports(5, 3000, 3063);
	struct state *st = fixture_state(&c);
	struct session *one = NULL;
	struct state_pool_row row;
	rte_be16_t port;
	rte_be32_t addr;

	for (unsigned int i = 0; i < 5 * 64; i++) {
		struct session *s = fixture_admit(st, fixture_key(UDP, i, 9, 1, 53), 0);

		if (i == 123)
			one = s;
	}
	for (unsigned int i = 0; state_pool_row(st, i, &row); i++) {
		assert_int_equal(row.used[STATE_UDP], 64);
		assert_int_equal(row.capacity, 64);
		assert_int_equal(row.port_first, 3000);
		assert_int_equal(row.port_last, 3063);
	}
	assert_int_equal(fixture_refused(st, fixture_key(UDP, 999, 9, 1, 53)), DROP_NO_PORT);
	fixture_check(st);
	port = one->sport4;
	addr = one->src4;
	state_end(st, one);
	one = fixture_admit(st, fixture_key(UDP, 999, 8, 1, 53), 0);
	assert_int_equal(one->sport4, port);
	assert_int_equal(one->src4, addr);
	fixture_check(st);
	state_free(st);
}

// Every port of one whole address, 1 to 65535, in each protocol.
static void
n64_port_08_whole_address(void **state)
{
	struct config_nat64 c = fixture_config(1);
	struct state *st;

	c.max_sessions = c.max_bib = 200000;
	st = fixture_state(&c);
	for (uint32_t i = 1; i < 65536; i++) {
		struct session *s = fixture_admit(st, fixture_key(UDP, 1, (uint16_t)i, 1, 53), 0);

		assert_int_not_equal(s->sport4, 0);
	}
	assert_int_equal(fixture_refused(st, fixture_key(UDP, 2, 1, 1, 53)), DROP_NO_PORT);
	fixture_admit(st, fixture_key(TCP, 2, 1, 1, 53), 0);
	fixture_admit(st, fixture_key(ICMP, 2, 0, 1, 0), 0); // identifier 0 is legal
	fixture_check(st);
	state_free(st);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(n64_bib_03_one_port_for_all_destinations),
		cmocka_unit_test(n64_bib_01_04_protocols_are_apart),
		cmocka_unit_test(n64_bib_02_05_no_port_twice),
		cmocka_unit_test(n64_bib_06_ends_with_its_last_session),
		cmocka_unit_test(n64_bib_08_09_session_fields),
		cmocka_unit_test(n64_bib_11_nothing_is_evicted),
		cmocka_unit_test(n64_port_01_icmp_06_address_pairing),
		cmocka_unit_test(n64_port_02_strict_pairing),
		cmocka_unit_test(n64_port_05_exhaustion_of_the_pool),
		cmocka_unit_test(n64_port_08_whole_address),
	};

	fixture_eal("512");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
