// SPDX-License-Identifier: BSD-3-Clause
#include "fixture.h"
#include "state/table.h"

#include <errno.h>
// The linker puts this in front of the real one: the call number fail_at fails, counted from 1.
static unsigned int add_calls, fail_at;

int __real_table_add(struct table *t, uint32_t hash, uint32_t index);
int __wrap_table_add(struct table *t, uint32_t hash, uint32_t index);

int
__wrap_table_add(struct table *t, uint32_t hash, uint32_t index)
{
	if (++add_calls == fail_at)
		return -ENOSPC;
	return __real_table_add(t, hash, index);
}

static void
assert_empty(const struct state *st)
{
	struct state_stats s;

	state_stats(st, &s);
	assert_int_equal(fixture_sessions(st), 0);
	assert_int_equal(fixture_bibs(st), 0);
	assert_int_equal(s.clients, 0);
	fixture_check(st);
}

// Each table that can be full, at each step of an admission.
static void
admission_rolls_back_when_a_table_is_full(void **state)
{
	struct config_nat64 c = fixture_config(1);
	struct state *st = fixture_state(&c);
	unsigned int steps;

	add_calls = fail_at = 0;
	state_end(st, fixture_admit(st, fixture_key(TCP, 1, 1, 1, 80), 0));
	steps = add_calls;
	assert_int_equal(steps, 6); // subscriber, client, BIB twice, session twice
	for (unsigned int i = 1; i <= steps; i++) {
		struct session_key6 key = fixture_key(TCP, 1, 1, 1, 80);
		enum drop_reason why;

		key.src6.s6_addr[7] = (uint8_t)i; // a new subscriber
		add_calls = 0;
		fail_at = i;
		why = fixture_refused(st, key);
		assert_int_equal(why, i <= 4 ? DROP_BIB_LIMIT : DROP_SESSION_LIMIT);
		fail_at = 0;
		assert_empty(st);
	}
	// an old binding survives a failed second session
	fixture_admit(st, fixture_key(TCP, 1, 1, 1, 80), 0);
	add_calls = 0;
	fail_at = 2;
	assert_int_equal(fixture_refused(st, fixture_key(TCP, 1, 1, 2, 80)), DROP_SESSION_LIMIT);
	fail_at = 0;
	assert_int_equal(fixture_bibs(st), 1);
	fixture_check(st);
	state_free(st);
}

static void
n64_tcp_c9_14_only_a_syn_opens(void **state)
{
	static const struct {
		uint8_t flags;
		enum drop_reason why;
	} row[] = {
		{ACK, DROP_TCP_NO_SESSION},
		{RST, DROP_TCP_NO_SESSION},
		{FIN | ACK, DROP_TCP_NO_SESSION},
		{0, DROP_TCP_FLAGS},
		{FIN, DROP_TCP_FLAGS},
		{SYN | FIN, DROP_TCP_FLAGS},
		{SYN | RST, DROP_TCP_FLAGS},
	};
	struct config_nat64 c = fixture_config(1);
	struct state *st = fixture_state(&c);
	struct session_key6 key = fixture_key(TCP, 1, 1, 1, 80);
	struct session *s;
	bool made;

	for (unsigned int i = 0; i < RTE_DIM(row); i++) {
		enum drop_reason why = DROP_NONE;

		assert_null(state_admit6(st, &key, row[i].flags, 0, &made, &why));
		assert_int_equal(why, row[i].why);
		assert_empty(st);
	}
	s = fixture_admit(st, key, 0);
	assert_int_equal(s->tcp, TCP_V6_INIT);
	assert_int_equal(s->timer, TIMEOUT_TCP_TRANSITORY);
	// N64-TCP-C8: the binding exists, the session does not
	key = fixture_key(TCP, 1, 1, 2, 80);
	assert_null(state_admit6(st, &key, ACK, 0, &made, &(enum drop_reason){DROP_NONE}));
	assert_int_equal(fixture_sessions(st), 1);
	state_free(st);
}

static void
n64_tcp_c1_c2_c3_admission(void **state)
{
	struct config_nat64 c = fixture_config_ports(1, 5000, 5000);
	struct state *st = fixture_state(&c);
	struct session *a = fixture_admit(st, fixture_key(TCP, 1, 1, 1, 80), 0); // C1
	struct session *b = fixture_admit(st, fixture_key(TCP, 1, 1, 2, 80), 0); // C2

	assert_int_equal(a->sport4, b->sport4);
	assert_int_equal(b->tcp, TCP_V6_INIT);
	assert_int_equal(fixture_refused(st, fixture_key(TCP, 1, 2, 1, 80)), DROP_NO_PORT); // C3
	assert_int_equal(fixture_refused(st, fixture_key(TCP, 2, 1, 1, 80)), DROP_NO_PORT);
	assert_int_equal(fixture_sessions(st), 2);
	fixture_check(st);
	state_free(st);
}

// A second packet of the flow in the same burst misses too, and is admitted after the first.
static void
admission_finds_what_was_made_meanwhile(void **state)
{
	struct config_nat64 c = fixture_config(1);
	struct state *st = fixture_state(&c);
	struct session_key6 key = fixture_key(UDP, 1, 1, 1, 80);
	enum drop_reason why;
	struct session *s;
	bool made;

	s = state_admit6(st, &key, 0, 0, &made, &why);
	assert_true(made);
	assert_ptr_equal(state_admit6(st, &key, 0, 0, &made, &why), s);
	assert_false(made);
	// an existing session takes any TCP flags
	key.proto = TCP;
	s = state_admit6(st, &key, SYN, 0, &made, &why);
	assert_ptr_equal(state_admit6(st, &key, SYN | FIN, 0, &made, &why), s);
	assert_int_equal(fixture_sessions(st), 2);
	state_free(st);
}

// The same flow by another prefix could not be told apart on the IPv4 side.
static void
session_clash_between_prefixes(void **state)
{
	struct config_nat64 c = fixture_config(1);
	struct state *st = fixture_state(&c);
	struct session_key6 key = fixture_key(UDP, 1, 1, 1, 80);
	struct session *s = fixture_admit(st, key, 0);

	key.pref64 = 1;
	assert_int_equal(fixture_refused(st, key), DROP_SESSION_CLASH);
	fixture_check(st);
	assert_int_equal(fixture_sessions(st), 1);
	state_end(st, s);
	fixture_admit(st, key, 0);
	fixture_check(st);
	state_free(st);
}

// N64-BIB-11, N64-DOS-01: up to the limit, and as many again after those ended.
static void
session_limit_is_exact(void **state)
{
	static const uint32_t limits[] = {1, 7, 64, 300, 4096, 52428};

	for (unsigned int l = 0; l < RTE_DIM(limits); l++) {
		struct config_nat64 c = fixture_config(4);
		struct state *st;

		c.max_sessions = limits[l];
		st = fixture_state(&c);
		for (unsigned int round = 0; round < 2; round++) {
			for (uint32_t i = 0; i < limits[l]; i++)
				fixture_admit(st, fixture_key(UDP, i / 9, 7, i, 53), round * 1000);
			assert_int_equal(fixture_refused(st, fixture_key(UDP, 1, 8, 0, 53)),
				DROP_SESSION_LIMIT);
			fixture_check(st);
			fixture_expire_all(st, round * 1000 + 500);
			assert_empty(st);
		}
		state_free(st);
	}
}

// Bursts with hits and misses mixed, of each length up to the largest.
static void
lookup_in_bulk(void **state)
{
	struct config_nat64 c = fixture_config(1);
	struct state *st = fixture_state(&c);
	struct session_key6 key6[64];
	struct session_key4 key4[64];
	struct session *want[64], *out[64];

	for (unsigned int i = 0; i < 64; i++) {
		key6[i] = fixture_key(UDP, i, 7, 1, 53);
		want[i] = i % 3 ? fixture_admit(st, key6[i], 0) : NULL;
		key4[i] = (struct session_key4){.proto = UDP};
		if (want[i])
			key4[i] = (struct session_key4){
				.dst4 = want[i]->dst4,
				.src4 = want[i]->src4,
				.dport = want[i]->dport,
				.sport = want[i]->sport4,
				.proto = UDP,
			};
	}
	for (unsigned int n = 0; n <= 64; n++) {
		state_lookup6(st, key6, n, out);
		assert_memory_equal(out, want, n * sizeof(*out));
		state_lookup4(st, key4, n, out);
		assert_memory_equal(out, want, n * sizeof(*out));
	}
	state_free(st);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(admission_rolls_back_when_a_table_is_full),
		cmocka_unit_test(n64_tcp_c9_14_only_a_syn_opens),
		cmocka_unit_test(n64_tcp_c1_c2_c3_admission),
		cmocka_unit_test(admission_finds_what_was_made_meanwhile),
		cmocka_unit_test(session_clash_between_prefixes),
		cmocka_unit_test(session_limit_is_exact),
		cmocka_unit_test(lookup_in_bulk),
	};

	fixture_eal("256");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
