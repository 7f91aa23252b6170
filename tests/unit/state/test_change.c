// SPDX-License-Identifier: BSD-3-Clause
// Another configuration for a state in use: what goes on, what ends, and that nothing is lost.
#include "change.h"

// Returns the number of sessions that ended.
static unsigned int
change(struct state *st, const struct config_nat64 *c, bool pool)
{
	struct state_change *ch = prepare(st, c, pool, 0);
	struct ends e = {.n = 0};

	assert_non_null(ch);
	begin(st, ch, NOW);
	return finish(st, ch, &e);
}

// ---- one thing after the other

static void
lifetimes_hold_at_once(void **state)
{
	struct config_nat64 c = fixture_config(1);
	struct state *st = fixture_state(&c);
	struct session *udp = fixture_admit(st, fixture_key(UDP, 1, 5000, 1, 53), NOW);
	struct session *icmp = fixture_admit(st, fixture_key(ICMP, 1, 7, 1, 0), NOW);

	c.timeout[TIMEOUT_UDP] = 120;
	c.timeout[TIMEOUT_ICMP] = 600;
	assert_int_equal(change(st, &c, false), 0);
	assert_int_equal(state_expires_in(st, udp, NOW), 120);
	assert_int_equal(state_expires_in(st, icmp, NOW), 600);
	fixture_expire_all(st, NOW + 120);
	assert_int_equal(fixture_sessions(st), 2);
	fixture_expire_all(st, NOW + 121);
	assert_int_equal(fixture_sessions(st), 1);
	fixture_expire_all(st, NOW + 601);
	assert_int_equal(fixture_sessions(st), 0);
	fixture_check(st);
	state_free(st);
}

static void
quotas_hold_for_what_begins(void **state)
{
	struct config_nat64 c = fixture_config(1);
	struct state *st = fixture_state(&c);

	for (uint16_t i = 0; i < 20; i++)
		fixture_admit(st, fixture_key(UDP, 1, 5000 + i, 1, 53), NOW);
	c.quota.bindings = 16;
	assert_int_equal(change(st, &c, false), 0);
	assert_int_equal(fixture_sessions(st), 20);
	assert_int_equal(
		fixture_refused(st, fixture_key(UDP, 1, 6000, 1, 53)), DROP_QUOTA_BINDINGS);
	c.quota.bindings = 0;
	c.quota.sessions = 20;
	change(st, &c, false);
	assert_int_equal(
		fixture_refused(st, fixture_key(UDP, 1, 6000, 1, 53)), DROP_QUOTA_SESSIONS);
	state_free(st);
}

// The flows of an address that goes end, the others keep their ports, and a client whose address
// went gets another.
static void
an_address_goes(void **state)
{
	struct config_nat64 c = fixture_config(4);
	struct state *st = fixture_state(&c);
	struct session *s[FLOWS], was[FLOWS];
	unsigned int gone = 0;

	for (uint16_t i = 0; i < FLOWS; i++) {
		s[i] = fixture_admit(
			st, fixture_key(i % 3 ? UDP : TCP, i % 50, 5000 + i, 1, 53), NOW);
		was[i] = *s[i];
		gone += s[i]->src4 == rte_cpu_to_be_32(FIXTURE_POOL + 1);
	}
	assert_true(gone > 0 && gone < FLOWS);
	c.pool4[0].first.s_addr = rte_cpu_to_be_32(FIXTURE_POOL + 2);
	assert_int_equal(change(st, &c, true), gone);
	assert_int_equal(fixture_sessions(st), FLOWS - gone);
	for (uint16_t i = 0; i < FLOWS; i++) {
		struct session_key6 key = fixture_key(i % 3 ? UDP : TCP, i % 50, 5000 + i, 1, 53);

		if (was[i].src4 == rte_cpu_to_be_32(FIXTURE_POOL + 1)) {
			assert_null(fixture_find6(st, key));
			assert_int_not_equal(fixture_admit(st, key, NOW)->src4, was[i].src4);
		} else {
			assert_ptr_equal(fixture_find6(st, key), s[i]);
			assert_ptr_equal(fixture_find4(st, &was[i]), s[i]);
			assert_int_equal(s[i]->sport4, was[i].sport4);
		}
	}
	fixture_check(st);
	state_free(st);
}

// All of one client on one address, before and after (N64-PORT-01).
static void
clients_stay_paired(void **state)
{
	struct config_nat64 c = fixture_config(8);
	struct state *st = fixture_state(&c);
	rte_be32_t addr[CLIENTS];

	for (unsigned int i = 0; i < CLIENTS; i++)
		addr[i] = fixture_admit(st, fixture_key(UDP, i, 5000, 1, 53), NOW)->src4;
	// the same addresses by other entries, and more in front
	c.pool4[1] = c.pool4[0];
	c.pool4[1].first.s_addr = rte_cpu_to_be_32(FIXTURE_POOL + 4);
	c.pool4[0].last.s_addr = rte_cpu_to_be_32(FIXTURE_POOL + 3);
	c.pool4[2] = c.pool4[0];
	c.pool4[0].first.s_addr = c.pool4[0].last.s_addr = rte_cpu_to_be_32(FIXTURE_POOL + 100);
	c.n_pool4 = 3;
	assert_int_equal(change(st, &c, true), 0);
	for (unsigned int i = 0; i < CLIENTS; i++)
		assert_int_equal(
			fixture_admit(st, fixture_key(UDP, i, 5001, 1, 53), NOW)->src4, addr[i]);
	fixture_check(st);
	state_free(st);
}

static void
a_port_range_narrows(void **state)
{
	struct config_nat64 c = fixture_config_ports(1, 1024, 65535);
	struct state *st = fixture_state(&c);
	struct session *s[FLOWS];
	unsigned int outside = 0;

	for (uint16_t i = 0; i < FLOWS; i++) {
		s[i] = fixture_admit(st, fixture_key(UDP, 1, 5000 + i, 1, 53), NOW);
		outside += fixture_port4(s[i]) > 30000;
	}
	c.pool4[0].port_last = 30000;
	assert_int_equal(change(st, &c, true), outside);
	for (uint16_t i = 0; i < FLOWS; i++)
		assert_true(fixture_port4(fixture_admit(
				    st, fixture_key(UDP, 1, 5000 + i, 1, 53), NOW)) <= 30000);
	fixture_check(st);
	state_free(st);
}

static void
a_prefix_goes(void **state)
{
	struct config_nat64 c = fixture_config(1);
	struct state *st = fixture_state(&c);
	struct session_key6 a = fixture_key(UDP, 1, 5000, 1, 53), b = a;
	struct ends e = {.n = 0};
	struct state_change *ch;

	b.pref64 = 1;
	b.dst4 ^= 1;
	fixture_admit(st, a, NOW);
	fixture_admit(st, b, NOW);
	ch = prepare(st, &c, true, 1 << 1);
	begin(st, ch, NOW);
	assert_int_equal(finish(st, ch, &e), 1);
	assert_non_null(fixture_find6(st, a));
	assert_null(fixture_find6(st, b));
	assert_int_equal(fixture_bibs(st), 1);
	b.sport ^= 1;
	assert_int_equal(fixture_refused(st, b), DROP_NO_POOL4);
	state_free(st);
}

static void
the_caller_may_end_sessions(void **state)
{
	struct config_nat64 c = fixture_config(1);
	struct state *st = fixture_state(&c);
	struct session_key6 a = fixture_key(UDP, 1, 5000, 1, 53),
			    b = fixture_key(UDP, 1, 5000, 2, 53);
	struct ends e = {.not_to = b.dst4};
	struct state_change *ch;

	fixture_admit(st, a, NOW);
	fixture_admit(st, b, NOW);
	ch = prepare(st, &c, false, 0);
	begin(st, ch, NOW);
	assert_int_equal(finish(st, ch, &e), 1);
	assert_non_null(fixture_find6(st, a));
	assert_null(fixture_find6(st, b));
	state_free(st);
}

static uint32_t
resting(const struct state *st)
{
	struct state_stats stats;

	state_stats(st, &stats);
	return stats.ports_resting;
}

// Something happens between the slices.
static void
change_while(struct state *st, const struct config_nat64 *c, bool pool, uint32_t now,
	void (*happens)(struct state *st))
{
	struct state_change *ch = prepare(st, c, pool, 0);
	struct ends e = {.n = 0};
	const struct state_change_ops ops = {.keep = keep, .end = on_end, .arg = &e};

	begin(st, ch, now);
	while (state_change_step(st, 64, &ops))
		happens(st);
	state_change_free(ch);
	fixture_check(st);
}

static void
some_expire(struct state *st, uint32_t now)
{
	for (unsigned int i = 0; i < 10; i++)
		state_expire(st, now, 64, NULL, NULL);
}

// Ports at rest go on resting, and no longer than the new time.
static void
resting_ports_rest_on(void **state)
{
	struct config_nat64 c = fixture_config_ports(2, 1024, 1151);
	struct state *st;

	c.port_hold_sec = 100;
	c.port_hold_max = 1024;
	st = fixture_state(&c);
	for (uint16_t i = 0; i < 40; i++)
		state_end(st, fixture_admit(st, fixture_key(UDP, i, 5000, 1, 53), NOW));
	c.port_hold_sec = 10;
	change(st, &c, true);
	assert_int_equal(resting(st), 40);
	fixture_expire_all(st, NOW + 10);
	assert_int_equal(resting(st), 40);
	fixture_expire_all(st, NOW + 11);
	assert_int_equal(resting(st), 0);
	fixture_check(st);
	// none at all; then again
	c.port_hold_sec = 0;
	change(st, &c, false);
	state_end(st, fixture_admit(st, fixture_key(UDP, 1, 5000, 1, 53), NOW + 20));
	assert_int_equal(resting(st), 0);
	c.port_hold_sec = 5;
	change(st, &c, true);
	state_end(st, fixture_admit(st, fixture_key(UDP, 1, 5000, 1, 53), NOW + 20));
	c.pool4[0].first = c.pool4[0].last; // an address of resting ports goes
	change(st, &c, true);
	fixture_expire_all(st, NOW + 40);
	assert_int_equal(resting(st), 0);
	fixture_check(st);
	state_free(st);
}

#define RESTING 300

static uint32_t later; // than NOW; a port more comes to rest each second

static void
one_comes_to_rest(struct state *st)
{
	uint16_t client = (uint16_t)(RESTING + later);
	uint32_t now = NOW + 101 + later++;

	state_expire(st, now, 64, NULL, NULL);
	state_end(st, fixture_admit(st, fixture_key(UDP, client, 5000, 1, 53), now));
}

// Also when the pool stays, and whatever comes to rest meanwhile.
static void
a_shorter_rest_holds_at_once(void **state)
{
	struct config_nat64 c = fixture_config_ports(2, 1024, 2047);
	struct state *st;

	c.port_hold_sec = 300;
	c.port_hold_max = 1024;
	st = fixture_state(&c);
	for (uint16_t i = 0; i < RESTING; i++)
		state_end(st, fixture_admit(st, fixture_key(UDP, i, 5000, 1, 53), NOW + i / 3));
	c.port_hold_sec = 10;
	later = 0;
	change_while(st, &c, false, NOW + 100, one_comes_to_rest);
	assert_int_equal(resting(st), RESTING + later);
	some_expire(st, NOW + 100 + 11);
	assert_int_equal(resting(st), later);
	fixture_expire_all(st, NOW + 100 + later + 11);
	assert_int_equal(resting(st), 0);
	fixture_check(st);
	state_free(st);
}

static void
some_leave(struct state *st)
{
	state_expire(st, NOW + 101, 10, NULL, NULL);
}

// The oldest leave while the others are still being taken over.
static void
resting_ports_may_leave_between_slices(void **state)
{
	struct config_nat64 c = fixture_config_ports(2, 1024, 2047);
	struct state *st;

	c.port_hold_sec = 100;
	c.port_hold_max = 1024;
	st = fixture_state(&c);
	for (uint16_t i = 0; i < 400; i++) {
		uint32_t at = i < 150 ? NOW : NOW + 50;

		state_end(st, fixture_admit(st, fixture_key(UDP, i, 5000, 1, 53), at));
	}
	c.pool4[0].first = c.pool4[0].last;
	change_while(st, &c, true, NOW + 60, some_leave);
	assert_true(resting(st) >= 250);
	some_expire(st, NOW + 151);
	assert_int_equal(resting(st), 0);
	fixture_check(st);
	state_free(st);
}

// A full address: what is in use must not be given out again while it is carried over.
static void
nothing_is_given_out_twice(void **state)
{
	struct config_nat64 c = fixture_config_ports(1, 1024, 2047);
	struct state *st = fixture_state(&c);
	struct ends e = {.n = 0};
	struct state_change *ch;

	for (uint16_t i = 0; i < 1024; i++)
		fixture_admit(st, fixture_key(ICMP, i, 7, 1, 0), NOW);
	ch = prepare(st, &c, true, 0);
	begin(st, ch, NOW);
	assert_int_equal(fixture_refused(st, fixture_key(ICMP, 5000, 7, 1, 0)), DROP_NO_PORT);
	assert_int_equal(finish(st, ch, &e), 0);
	assert_int_equal(fixture_sessions(st), 1024);
	state_free(st);
}

static void
a_pool_without_ports_is_refused(void **state)
{
	struct config_nat64 c = fixture_config(2), bad = c;
	struct state *st = fixture_state(&c);

	bad.pool4[0].port_first = bad.pool4[0].port_last = 0;
	assert_null(prepare(st, &bad, true, 0));
	fixture_admit(st, fixture_key(UDP, 1, 5000, 1, 53), NOW);
	fixture_check(st);
	state_free(st);
}

// A stop between begin and the end of it loses no memory (sanitizers look).
static void
a_stop_comes_first(void **state)
{
	struct config_nat64 c = fixture_config(2);
	struct state *st = fixture_state(&c);

	fixture_admit(st, fixture_key(UDP, 1, 5000, 1, 53), NOW);
	begin(st, prepare(st, &c, true, 0), NOW);
	state_free(st);
}

// Nor one while ports are still being looked at; and the pool goes on alone.
static void
a_stop_comes_before_it_begins(void **state)
{
	struct config_nat64 c = fixture_config(4);
	struct state *st = fixture_state(&c);
	struct session *s = fixture_admit(st, fixture_key(UDP, 1, 5000, 1, 53), NOW);
	struct state_change *ch = prepare(st, &c, true, 0);

	assert_true(state_change_survey(st, ch, 1));
	state_change_free(ch);
	state_end(st, s);
	fixture_admit(st, fixture_key(UDP, 1, 5000, 1, 53), NOW);
	fixture_check(st);
	state_free(st);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lifetimes_hold_at_once),
		cmocka_unit_test(quotas_hold_for_what_begins),
		cmocka_unit_test(an_address_goes),
		cmocka_unit_test(clients_stay_paired),
		cmocka_unit_test(a_port_range_narrows),
		cmocka_unit_test(a_prefix_goes),
		cmocka_unit_test(the_caller_may_end_sessions),
		cmocka_unit_test(resting_ports_rest_on),
		cmocka_unit_test(a_shorter_rest_holds_at_once),
		cmocka_unit_test(resting_ports_may_leave_between_slices),
		cmocka_unit_test(nothing_is_given_out_twice),
		cmocka_unit_test(a_pool_without_ports_is_refused),
		cmocka_unit_test(a_stop_comes_first),
		cmocka_unit_test(a_stop_comes_before_it_begins),
	};

	fixture_eal("512");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
