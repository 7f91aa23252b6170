// SPDX-License-Identifier: BSD-3-Clause
#include "fixture.h"

// Lifetimes are measured in whole seconds: a session is there when its lifetime has passed to the
// second, and ends with the next one.
static void
assert_lives_until(struct state *st, struct session_key6 key, uint32_t end_sec)
{
	fixture_expire_all(st, end_sec);
	assert_non_null(fixture_find6(st, key));
	fixture_check(st);
	fixture_expire_all(st, end_sec + 1);
	assert_null(fixture_find6(st, key));
	assert_int_equal(fixture_sessions(st), 0);
	fixture_check(st);
}

static const struct {
	const char *id;
	uint8_t proto;
	uint32_t lifetime;
} lifetimes[] = {
	{"N64-UDP-01 02 09", UDP, 300},
	{"N64-ICMP-01 02", ICMP, 60},
	{"N64-TCP-E4", TCP, 240},
};

static void
n64_udp_02_09_icmp_02_lifetimes(void **state)
{
	for (unsigned int i = 0; i < RTE_DIM(lifetimes); i++) {
		struct session_key6 key = fixture_key(lifetimes[i].proto, 1, 5000, 1, 53);
		struct config_nat64 c = fixture_config(1);
		struct state *st = fixture_state(&c);
		struct session *s = fixture_admit(st, key, 1000);

		assert_int_equal(state_expires_in(st, s, 1000), lifetimes[i].lifetime);
		assert_int_equal(state_expires_in(st, s, 1010), lifetimes[i].lifetime - 10);
		assert_int_equal(state_expires_in(st, s, 9999), 0);
		assert_lives_until(st, key, 1000 + lifetimes[i].lifetime);
		state_free(st);
	}
}

// N64-UDP-03: a packet of either side; touched every minute it lives on.
static void
n64_udp_03_packets_restart_the_lifetime(void **state)
{
	static const uint8_t protos[] = {UDP, ICMP};

	for (unsigned int i = 0; i < RTE_DIM(protos); i++) {
		struct session_key6 key = fixture_key(protos[i], 1, 5000, 1, 53);
		struct config_nat64 c = fixture_config(1);
		struct state *st = fixture_state(&c);
		struct session *s = fixture_admit(st, key, 0);
		uint32_t now;

		for (now = 50; now <= 1000; now += 50) {
			fixture_expire_all(st, now);
			assert_ptr_equal(fixture_find6(st, key), s);
			state_touch(st, s, 0, now % 100 == 0, now);
		}
		assert_lives_until(st, key, 1000 + (protos[i] == UDP ? 300 : 60));
		state_free(st);
	}
}

static void
n64_udp_02_lifetimes_are_configured(void **state)
{
	struct session_key6 key = fixture_key(UDP, 1, 5000, 1, 53);
	struct config_nat64 c = fixture_config(1);
	struct state *st;

	c.timeout[TIMEOUT_UDP] = 100000; // beyond the wheel
	st = fixture_state(&c);
	fixture_admit(st, key, 5);
	for (uint32_t now = 0; now <= 100005; now += 777)
		fixture_expire_all(st, now);
	assert_lives_until(st, key, 100005);
	state_free(st);
}

#define PATH_LEN 3

// How to get from V6_INIT to each state, and the lifetime there.
static const struct path {
	enum tcp_state state;
	enum config_timeout timer;
	unsigned int n;
	struct {
		uint8_t flags;
		bool from6;
	} segment[PATH_LEN];
} paths[] = {
	{TCP_V6_INIT, TIMEOUT_TCP_TRANSITORY, 0, {{0}}},
	{TCP_ESTABLISHED, TIMEOUT_TCP_ESTABLISHED, 1, {{SYN | ACK, false}}},
	{TCP_V4_FIN_RCV, TIMEOUT_TCP_ESTABLISHED, 2, {{SYN | ACK, false}, {FIN | ACK, false}}},
	{TCP_V6_FIN_RCV, TIMEOUT_TCP_ESTABLISHED, 2, {{SYN | ACK, false}, {FIN | ACK, true}}},
	{TCP_V6_FIN_V4_FIN_RCV, TIMEOUT_TCP_TRANSITORY, 3,
		{{SYN | ACK, false}, {FIN | ACK, true}, {FIN | ACK, false}}},
	{TCP_TRANS, TIMEOUT_TCP_TRANSITORY, 2, {{SYN | ACK, false}, {RST, false}}},
};

static struct session *
tcp_in_state(struct state *st, const struct path *p, struct session_key6 key)
{
	struct session *s = fixture_admit(st, key, 0);

	for (unsigned int i = 0; i < p->n; i++)
		state_touch(st, s, p->segment[i].flags, p->segment[i].from6, 0);
	assert_int_equal(s->tcp, p->state);
	assert_int_equal(s->timer, p->timer);
	return s;
}

static const uint8_t event_flags[] = {
	SYN, FIN | ACK, RST, ACK, SYN | ACK, FIN | ACK, RST | ACK, ACK};

// One segment at second 100 in each state that a session can be in; then left alone. The state and
// the second of the end are as the table says: the lists of the wheel follow shorter lifetimes.
static void
n64_tcp_e1_to_j3_touch_and_end(void **state)
{
	static const enum config_timeout class[] = {[TCP_TIMER_TRANS] = TIMEOUT_TCP_TRANSITORY,
		[TCP_TIMER_EST] = TIMEOUT_TCP_ESTABLISHED};
	struct config_nat64 c = fixture_config(1);
	struct session_key6 key = fixture_key(TCP, 1, 5000, 1, 80);

	for (unsigned int i = 0; i < RTE_DIM(paths); i++)
		for (unsigned int e = TCP_V6_SYN; e < TCP_TIMEOUT; e++) {
			const struct tcp_step *step = &tcp_machine[paths[i].state][e];
			bool keep = step->timer == TCP_TIMER_KEEP;
			struct state *st = fixture_state(&c);
			struct session *s = tcp_in_state(st, &paths[i], key);
			uint32_t end = c.timeout[paths[i].timer];

			state_touch(st, s, event_flags[e], e < TCP_V4_SYN, 100);
			if (!keep)
				end = 100 + c.timeout[class[step->timer]];
			assert_int_equal(s->tcp, step->next);
			assert_int_equal(state_expires_in(st, s, 100), end - 100);
			fixture_check(st);
			if (s->tcp == TCP_ESTABLISHED) { // F5, J3
				fixture_expire_all(st, end);
				assert_int_equal(s->tcp, TCP_ESTABLISHED);
				fixture_expire_all(st, end + 1);
				assert_int_equal(s->tcp, TCP_TRANS);
				end += 1 + 240;
			}
			assert_lives_until(st, key, end);
			state_free(st);
		}
}

static void
count_probe(void *arg, const struct session *s)
{
	assert_int_equal(s->tcp, TCP_TRANS);
	assert_true(s->flags & SESSION_PROBED);
	++*(unsigned int *)arg;
}

// N64-TCP-01, N64-TCP-05, N64-TCP-06: two hours idle, one probe, and what follows an answer.
static void
n64_tcp_f5_05_probe_after_two_hours(void **state)
{
	struct session_key6 key = fixture_key(TCP, 1, 5000, 1, 80);
	struct config_nat64 c = fixture_config(1);
	struct state *st = fixture_state(&c);
	struct session *s = tcp_in_state(st, &paths[1], key);
	unsigned int probes = 0;

	for (uint32_t now = 0; now <= 7200; now++)
		state_expire(st, now, 64, count_probe, &probes);
	assert_int_equal(probes, 0);
	state_expire(st, 7201, 64, count_probe, &probes);
	assert_int_equal(probes, 1);
	assert_int_equal(state_expires_in(st, s, 7201), 240);
	fixture_check(st);
	state_touch(st, s, ACK, true, 7300); // J1: the answer
	assert_int_equal(s->tcp, TCP_ESTABLISHED);
	assert_false(s->flags & SESSION_PROBED);
	assert_int_equal(state_expires_in(st, s, 7300), 7200);
	for (uint32_t now = 7202; now <= 14500; now++)
		state_expire(st, now, 64, count_probe, &probes);
	assert_int_equal(probes, 1);
	state_expire(st, 14501, 64, count_probe, &probes);
	assert_int_equal(probes, 2);
	assert_lives_until(st, key, 14501 + 240); // no answer: 2 h 4 min
	state_free(st);
}

// A session that ends while it waits in the list of due ones, and its neighbours.
static void
sessions_leave_any_place_of_a_list(void **state)
{
	struct config_nat64 c = fixture_config(1);

	for (unsigned int victim = 0; victim < 5; victim++)
		for (unsigned int looked = 0; looked < 3; looked++) {
			struct state *st = fixture_state(&c);
			struct session *s[5];

			for (unsigned int i = 0; i < 5; i++)
				s[i] = fixture_admit(st, fixture_key(UDP, i, 1, 1, 53), 0);
			state_expire(st, 301, looked, NULL, NULL);
			fixture_check(st);
			if (s[victim]->proto)
				state_end(st, s[victim]);
			fixture_check(st);
			fixture_expire_all(st, 301);
			assert_int_equal(fixture_sessions(st), 0);
			fixture_check(st);
			state_free(st);
		}
}

// N64-DOS-09: no call looks at more than its budget, and nothing is left over. Half of the
// sessions were used meanwhile and stay.
static void
n64_dos_09_a_million_at_once(void **state)
{
	const uint32_t n = 1 << 20;
	struct config_nat64 c = fixture_config(1);
	struct state *st;
	uint32_t looked = 0, got;
	struct state_stats s;

	c.max_sessions = n;
	c.max_bib = 1024;
	st = fixture_state(&c);
	for (uint32_t i = 0; i < n; i++) {
		struct session *one =
			fixture_admit(st, fixture_key(UDP, i % 1024, 7, i / 1024, 53), 10);

		if (i % 2)
			state_touch(st, one, 0, true, 100);
	}
	assert_int_equal(state_expire(st, 310, 64, NULL, NULL), 0);
	while ((got = state_expire(st, 311, 64, NULL, NULL))) {
		assert_in_range(got, 1, 64);
		looked += got;
	}
	assert_int_equal(looked, n);
	assert_int_equal(fixture_sessions(st), n / 2);
	fixture_check(st);
	fixture_expire_all(st, 401);
	state_stats(st, &s);
	assert_int_equal(s.ended[STATE_UDP], n);
	assert_int_equal(s.bibs[STATE_UDP], 0);
	fixture_check(st);
	state_free(st);
}

// The clock stands still for longer than the wheel is, or starts late.
static void
n64_udp_09_catches_up_when_the_clock_jumps(void **state)
{
	static const uint32_t jumps[] = {301, 8191, 8192, 8193, 100000, 4000000000};

	for (unsigned int i = 0; i < RTE_DIM(jumps); i++) {
		struct config_nat64 c = fixture_config(1);
		struct state *st = fixture_state(&c);
		struct session_key6 old = fixture_key(UDP, 1, 1, 1, 53);
		struct session_key6 fresh = fixture_key(UDP, 1, 2, 1, 53);

		fixture_admit(st, old, 0);
		fixture_admit(st, fresh, jumps[i]); // while the wheel lags
		fixture_check(st);
		fixture_expire_all(st, jumps[i]);
		assert_null(fixture_find6(st, old));
		assert_non_null(fixture_find6(st, fresh));
		fixture_check(st);
		assert_lives_until(st, fresh, jumps[i] + 300);
		state_free(st);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(n64_udp_02_09_icmp_02_lifetimes),
		cmocka_unit_test(n64_udp_03_packets_restart_the_lifetime),
		cmocka_unit_test(n64_udp_02_lifetimes_are_configured),
		cmocka_unit_test(n64_tcp_e1_to_j3_touch_and_end),
		cmocka_unit_test(n64_tcp_f5_05_probe_after_two_hours),
		cmocka_unit_test(sessions_leave_any_place_of_a_list),
		cmocka_unit_test(n64_dos_09_a_million_at_once),
		cmocka_unit_test(n64_udp_09_catches_up_when_the_clock_jumps),
	};

	fixture_eal("1024");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
