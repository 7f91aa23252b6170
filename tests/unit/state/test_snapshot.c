// SPDX-License-Identifier: BSD-3-Clause
// Saved and restored state is the same state, whatever time passes and however many workers
// there are.
#include "snapshot_util.h"

struct compare {
	struct state *from, *to;
	uint32_t from_now;
	uint64_t passed_sec;
	uint32_t same;
};

static void
bib_same(struct compare *x, const struct session *a, const struct session *b)
{
	const struct bib *p = &x->from->bib[a->bib], *q = &x->to->bib[b->bib];
	const struct client *c = &x->from->client[p->client], *d = &x->to->client[q->client];

	assert_memory_equal(&p->src6, &q->src6, sizeof(p->src6));
	assert_int_equal(p->src4, q->src4);
	assert_int_equal(p->sport6, q->sport6);
	assert_int_equal(p->sport4, q->sport4);
	assert_int_equal(p->proto, q->proto);
	assert_int_equal(p->flags & BIB_STATIC, q->flags & BIB_STATIC);
	assert_int_equal(p->pool_addr, q->pool_addr);
	assert_int_equal(p->pref64, q->pref64);
	assert_true(p->inbound >= q->inbound); // some may have ended
	assert_int_equal(c->pool_addr, d->pool_addr);
	assert_int_equal(c->set, d->set);
}

static void
session_same(void *arg, struct session *a)
{
	struct compare *x = arg;
	struct session *b = fixture_find6(x->to, session_key6_of(a));
	uint64_t idle = x->from_now - a->last_sec + x->passed_sec;

	if (idle >= x->from->timeout[a->timer] + UINT64_C(1)) {
		assert_true(!b || a->tcp == TCP_ESTABLISHED);
		return;
	}
	assert_non_null(b);
	assert_ptr_equal(fixture_find4(x->to, a), b);
	assert_int_equal(a->src4, b->src4);
	assert_int_equal(a->sport4, b->sport4);
	assert_int_equal(a->pref64, b->pref64);
	assert_int_equal(a->tcp, b->tcp);
	assert_int_equal(a->timer, b->timer);
	assert_int_equal(a->flags, b->flags);
	assert_int_equal(b->last_sec, LATER - idle);
	assert_int_equal(a->delta, 0); // the caller's
	bib_same(x, a, b);
	x->same++;
}

static uint32_t
resting(struct state *const *st, unsigned int n)
{
	uint32_t sum = 0;

	for (unsigned int i = 0; i < n; i++)
		sum += st[i]->pool.hold.n;
	return sum;
}

static void
round_trip(const struct config_nat64 *c, unsigned int n, uint64_t passed_sec)
{
	struct state *from[WORKERS], *to[WORKERS];
	struct snapshot_report r;
	uint32_t now, same = 0;
	struct shot s;

	workers_open(from, c, n);
	now = fill(from, c, n, 3000);
	s = save(from, c, n, now);
	workers_open(to, c, n);
	r = restore(&s, to, c, n, passed_sec);
	for (unsigned int i = 0; i < n; i++) {
		struct compare x = {
			.from = from[i], .to = to[i], .from_now = now, .passed_sec = passed_sec};
		uint32_t cursor = 0;

		state_walk_sessions(from[i], &cursor, UINT32_MAX, session_same, &x);
		assert_true(x.same <= fixture_sessions(to[i]));
		same += x.same;
	}
	assert_int_equal(r.sessions + r.left[SNAPSHOT_EXPIRED], s.snapshot.n_session);
	assert_int_equal(left_sum(&r), r.left[SNAPSHOT_EXPIRED]);
	assert_int_equal(r.resting, resting(to, n));
	assert_true(same > 20);
	if (passed_sec == 0) {
		assert_int_equal(same, s.snapshot.n_session);
		assert_true(r.resting >= s.snapshot.n_resting * 9 / 10 && r.resting > 10);
	}
	workers_close(from, n);
	workers_close(to, n);
	free(s.bytes);
}

static void
what_is_restored_is_what_was_saved(void **state)
{
	static const uint64_t passed[] = {0, 1, 59, 61, 100, 241, 301, 3600};

	for (unsigned int i = 0; i < RTE_DIM(passed); i++) {
		const struct config_nat64 strict = some_config(PAIRING_STRICT);
		const struct config_nat64 soft = some_config(PAIRING_SOFT);

		round_trip(&strict, 1 + i % WORKERS, passed[i]);
		round_trip(&soft, 1 + i % WORKERS, passed[i]);
	}
}

// ---- lifetimes

static struct session *
tcp_session(struct state *st, bool established)
{
	struct session *s = fixture_admit(st, fixture_key(TCP, 1, 2000, 1, 80), START);

	if (established)
		state_touch(st, s, SYN | ACK, false, START);
	return s;
}

// Down to the second: what ended while the gateway was down is not there, all else ends when it
// would have ended.
static void
lifetimes_go_on(void **state)
{
	static const struct {
		uint8_t proto;
		uint32_t lifetime;
	} row[] = {{UDP, 300}, {ICMP, 60}, {TCP, 240}};

	for (unsigned int i = 0; i < RTE_DIM(row) * 3; i++) {
		const struct config_nat64 c = some_config(PAIRING_STRICT);
		struct session_key6 k = fixture_key(row[i / 3].proto, 1, 2000, 1, 80);
		uint32_t lifetime = row[i / 3].lifetime;
		struct state *st = fixture_state(&c), *to = fixture_state(&c);
		struct snapshot_report r;
		struct shot s;

		fixture_admit(st, k, START);
		s = save(&st, &c, 1, START + 10);
		// the last second in which it is there, and the next ones
		r = restore(&s, &to, &c, 1, lifetime - 10 + i % 3);
		assert_int_equal(r.left[SNAPSHOT_EXPIRED], i % 3 > 0);
		fixture_expire_all(to, LATER);
		assert_int_equal(fixture_sessions(to), i % 3 == 0);
		if (i % 3 == 0)
			assert_int_equal(state_expires_in(to, fixture_find6(to, k), LATER), 0);
		fixture_expire_all(to, LATER + 1);
		assert_int_equal(fixture_sessions(to), 0);
		workers_close(&st, 1);
		workers_close(&to, 1);
		free(s.bytes);
	}
}

static void
count_probe(void *arg, const struct session *s)
{
	++*(unsigned int *)arg;
}

// N64-TCP-05: a connection that got idle while the gateway was down is probed like any other.
static void
n64_tcp_05_idle_connections_are_probed(void **state)
{
	static const struct {
		uint64_t passed;
		unsigned int sessions, probes;
	} row[] = {{7000, 1, 0}, {7201, 1, 1}, {7440, 1, 1}, {7441, 0, 0}, {UINT32_MAX, 0, 0}};

	for (unsigned int i = 0; i < RTE_DIM(row); i++) {
		const struct config_nat64 c = some_config(PAIRING_STRICT);
		struct state *st = fixture_state(&c), *to = fixture_state(&c);
		unsigned int probes = 0;
		struct shot s;

		tcp_session(st, true);
		s = save(&st, &c, 1, START);
		restore(&s, &to, &c, 1, row[i].passed);
		while (state_expire(to, LATER, 64, count_probe, &probes))
			;
		assert_int_equal(fixture_sessions(to), row[i].sessions);
		assert_int_equal(probes, row[i].probes);
		workers_close(&st, 1);
		workers_close(&to, 1);
		free(s.bytes);
	}
}

// A clock that has not run for as long as the session is idle.
static void
the_clock_may_begin_anew(void **state)
{
	const struct config_nat64 c = some_config(PAIRING_STRICT);
	struct state *st = fixture_state(&c), *to = fixture_state(&c);
	struct snapshot_target target = {
		.nat64 = &c, .st = &to, .n_worker = 1, .now_sec = 5, .passed_sec = 100};
	struct snapshot_report r;
	struct shot s;

	tcp_session(st, true);
	s = save(&st, &c, 1, START);
	snapshot_restore(&s.snapshot, &target, &r);
	assert_int_equal(r.sessions, 1);
	fixture_expire_all(to, 6);
	assert_int_equal(fixture_sessions(to), 1);
	fixture_check(to);
	fixture_expire_all(to, 7202);
	fixture_expire_all(to, 7202 + 241);
	assert_int_equal(fixture_sessions(to), 0);
	workers_close(&st, 1);
	workers_close(&to, 1);
	free(s.bytes);
}

// ---- another number of workers

static void
is_owned(void *arg, struct session *s)
{
	const unsigned int *at = arg;

	assert_int_equal(state_owner_of_src6(&s->src6, at[1]), at[0]);
	assert_int_equal(state_owner_of_port(rte_be_to_cpu_16(s->sport4), at[1]), at[0]);
}

static void
other_workers(unsigned int before, unsigned int after)
{
	const struct config_nat64 c = some_config(PAIRING_STRICT);
	struct state *from[WORKERS], *to[WORKERS];
	struct snapshot_report r;
	struct shot s;

	workers_open(from, &c, before);
	fill(from, &c, before, 3000);
	s = save(from, &c, before, START + 1000);
	workers_open(to, &c, after);
	r = restore(&s, to, &c, after, 0);
	assert_int_equal(r.sessions + left_sum(&r), s.snapshot.n_session);
	assert_int_equal(left_sum(&r), r.left[SNAPSHOT_EXPIRED] + r.left[SNAPSHOT_WORKER]);
	// one worker has everything; of several each has what is its own by client and by port
	assert_int_equal(r.left[SNAPSHOT_WORKER] > 0, after > 1 && after != before);
	assert_true(r.sessions > 0);
	for (unsigned int i = 0; i < after; i++) {
		unsigned int at[] = {i, after};
		uint32_t cursor = 0;

		state_walk_sessions(to[i], &cursor, UINT32_MAX, is_owned, at);
	}
	workers_close(from, before);
	workers_close(to, after);
	free(s.bytes);
}

// N64-MC-01
static void
n64_mc_01_other_numbers_of_workers(void **state)
{
	for (unsigned int before = 1; before <= WORKERS; before++)
		for (unsigned int after = 1; after <= WORKERS; after++)
			other_workers(before, after);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_restored_is_what_was_saved),
		cmocka_unit_test(lifetimes_go_on),
		cmocka_unit_test(n64_tcp_05_idle_connections_are_probed),
		cmocka_unit_test(the_clock_may_begin_anew),
		cmocka_unit_test(n64_mc_01_other_numbers_of_workers),
	};

	fixture_eal("384");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
