// SPDX-License-Identifier: BSD-3-Clause
// What is left out of a snapshot: what the configuration does not allow any more; and ports at
// rest.
#include "snapshot_util.h"

static bool
not_for_server_1(void *arg, const struct session_key6 *key)
{
	return key->dst4 != rte_cpu_to_be_32(FIXTURE_SERVERS + 1);
}

static void
set_delta(void *arg, struct session *s)
{
	s->delta = 0x1234;
	++*(unsigned int *)arg;
}

static void
pool_moves(struct config_nat64 *c)
{
	c->pool4[0].first.s_addr = c->pool4[0].last.s_addr = rte_cpu_to_be_32(FIXTURE_POOL + 77);
	c->n_pool4 = 1;
}

static void
ports_move(struct config_nat64 *c)
{
	for (unsigned int i = 0; i < c->n_pool4; i++) {
		c->pool4[i].port_first = 30000;
		c->pool4[i].port_last = 40000;
	}
}

static void
pool_for_others(struct config_nat64 *c)
{
	for (unsigned int i = 0; i < c->n_pool4; i++) {
		c->pool4[i].n_clients = 1;
		c->pool4[i].clients[0] = (struct prefix6){.addr = fixture_src6(0), .len = 16};
		c->pool4[i].clients[0].addr.s6_addr[0] = 0x26;
	}
}

static void
prefixes_gone(struct config_nat64 *c)
{
	c->prefix[0] = c->prefix[1] = c->prefix[2];
	pref64_init(&c->prefix[0], &(struct prefix6){.addr = {.s6_addr = {0x26}}, .len = 96});
	c->n_prefix = 1;
	c->pool4[1].prefixes = 0;
}

static void
prefixes_in_another_order(struct config_nat64 *c)
{
	struct pref64 first = c->prefix[0];

	c->prefix[0] = c->prefix[2];
	c->prefix[2] = first;
	c->pool4[1].prefixes = 1;
}

static void
less_room(struct config_nat64 *c)
{
	c->max_sessions = 100;
}

static void
fewer_bindings(struct config_nat64 *c)
{
	c->max_bib = 64;
}

static void
quota_of_one(struct config_nat64 *c)
{
	c->quota.bindings = c->quota.sessions = 1;
	c->quota.new_per_sec = 1;
}

// Of the sessions, those that the configuration does not allow any more are left out, and counted
// for the reason.
static void
another_configuration(void **state)
{
	static const struct {
		void (*change)(struct config_nat64 *c);
		enum snapshot_left why;
		unsigned int left; // 2: all, 1: some, 0: none
	} row[] = {
		{pool_moves, SNAPSHOT_POOL, 2},
		{ports_move, SNAPSHOT_POOL, 2},
		{pool_for_others, SNAPSHOT_POOL, 2},
		{prefixes_gone, SNAPSHOT_PREFIX, 2},
		{prefixes_in_another_order, SNAPSHOT_PREFIX, 0},
		{less_room, SNAPSHOT_ROOM, 1},
		{fewer_bindings, SNAPSHOT_ROOM, 1},
		{quota_of_one, SNAPSHOT_ROOM, 0},
	};

	for (unsigned int i = 0; i < RTE_DIM(row); i++) {
		const struct config_nat64 before = some_config(PAIRING_STRICT);
		struct config_nat64 after = before;
		struct state *st = fixture_state(&before), *to;
		uint32_t now = fill(&st, &before, 1, 1000);
		struct snapshot_report r;
		struct shot s = save(&st, &before, 1, now);

		row[i].change(&after);
		to = fixture_state(&after);
		r = restore(&s, &to, &after, 1, 0);
		assert_int_equal(r.sessions + left_sum(&r), s.snapshot.n_session);
		assert_int_equal(left_sum(&r), r.left[row[i].why]);
		assert_int_equal(r.sessions > 0, row[i].left < 2);
		assert_int_equal(left_sum(&r) > 0, row[i].left > 0);
		assert_int_equal(r.sessions, fixture_sessions(to));
		workers_close(&st, 1);
		workers_close(&to, 1);
		free(s.bytes);
	}
}

// What the caller says, and what it keeps in sessions.
static void
the_caller_decides(void **state)
{
	const struct config_nat64 c = some_config(PAIRING_STRICT);
	struct state *st = fixture_state(&c), *to = fixture_state(&c);
	unsigned int n = 0;
	const struct snapshot_target target = {.nat64 = &c,
		.st = &to,
		.n_worker = 1,
		.now_sec = LATER,
		.allowed = not_for_server_1,
		.restored = set_delta,
		.arg = &n};
	struct snapshot_report r;
	struct session *found;
	struct shot s;

	fixture_admit(st, fixture_key(UDP, 1, 2000, 1, 53), START);
	fixture_admit(st, fixture_key(UDP, 1, 2000, 2, 53), START);
	s = save(&st, &c, 1, START);
	snapshot_restore(&s.snapshot, &target, &r);
	assert_int_equal(r.sessions, 1);
	assert_int_equal(n, 1);
	assert_int_equal(r.left[SNAPSHOT_POLICY], 1);
	found = fixture_find6(to, fixture_key(UDP, 1, 2000, 2, 53));
	assert_int_equal(found->delta, 0x1234);
	assert_int_equal(found->nexthop6_gen, 0);
	assert_int_equal(found->nexthop4_gen, 0);
	workers_close(&st, 1);
	workers_close(&to, 1);
	free(s.bytes);
}

// Sessions of a static binding come back to the binding that the configuration makes, if that is
// still the same client's.
static void
n64_bib_07_static_bindings(void **state)
{
	for (uint32_t client = 1; client <= 2; client++) {
		struct config_nat64 c = some_config(PAIRING_STRICT);
		struct state *st, *to;
		struct snapshot_report r;
		struct shot s;

		c.statics[0] = (struct config_static){.protocols = 7,
			.address = c.pool4[0].first,
			.port_first = 2000,
			.port_last = 2000,
			.client = fixture_src6(1),
			.client_port = 8080};
		c.n_static = 1;
		st = fixture_state(&c);
		outsider(st,
			&(struct session){.src4 = c.pool4[0].first.s_addr,
				.sport4 = RTE_BE16(2000),
				.dport = RTE_BE16(999),
				.proto = TCP},
			7, START);
		assert_int_equal(fixture_sessions(st), 1);
		s = save(&st, &c, 1, START);
		c.statics[0].client = fixture_src6(client);
		to = fixture_state(&c);
		r = restore(&s, &to, &c, 1, 1);
		assert_int_equal(r.sessions, client == 1);
		assert_int_equal(r.left[SNAPSHOT_POOL], client == 2);
		assert_int_equal(fixture_bibs(to), 3);
		workers_close(&st, 1);
		workers_close(&to, 1);
		free(s.bytes);
	}
}

// Strict pairing does not take over what soft pairing gave.
static void
soft_pairing_becomes_strict(void **state)
{
	struct config_nat64 c = fixture_config_ports(2, 1024, 1024 + 19);
	struct state *st, *to;
	struct snapshot_report r;
	struct shot s;

	c.n_prefix = 1;
	pref64_init(&c.prefix[0],
		&(struct prefix6){.addr = {.s6_addr = {0, 0x64, 0xff, 0x9b}}, .len = 96});
	c.pairing = PAIRING_SOFT;
	st = fixture_state(&c);
	for (uint16_t i = 0; i < 30; i++)
		fixture_admit(st, fixture_key(TCP, 1, 2000 + i, 1, 80), START);
	s = save(&st, &c, 1, START);
	c.pairing = PAIRING_STRICT;
	to = fixture_state(&c);
	r = restore(&s, &to, &c, 1, 0);
	assert_int_equal(r.sessions, 20);
	assert_int_equal(r.left[SNAPSHOT_POOL], 10);
	workers_close(&st, 1);
	workers_close(&to, 1);
	free(s.bytes);
}

// ---- ports at rest

static bool
is_free(const struct state *st, uint16_t port)
{
	return !pool4_is_taken(&st->pool, 0, STATE_UDP, port);
}

// A port that rested goes on, for what was left; one whose session ended meanwhile, or was left
// out, rests from then on.
static void
n64_port_09_rest_goes_on(void **state)
{
	static const struct {
		uint32_t rested, passed; // before, and while the gateway was down
		bool live;               // the session was there when it stopped
		uint32_t left;           // seconds of rest; 0: it is free
	} row[] = {
		{0, 0, false, 121},
		{100, 10, false, 11},
		{100, 21, false, 0},
		{100, 5000, false, 0},
		{0, 301, true, 121},
		{0, 400, true, 22},
		{0, 421, true, 1},
		{0, 422, true, 0},
	};

	for (unsigned int i = 0; i < RTE_DIM(row); i++) {
		struct config_nat64 c = some_config(PAIRING_STRICT);
		struct session_key6 key = fixture_key(UDP, 1, 2000, 1, 53);
		struct state *st, *to;
		struct session *was;
		struct shot s;
		uint16_t port;

		c.pool4[0].last = c.pool4[0].first;
		st = fixture_state(&c);
		to = fixture_state(&c);
		was = fixture_admit(st, key, START);
		port = fixture_port4(was);
		if (!row[i].live)
			state_end(st, was);
		s = save(&st, &c, 1, START + row[i].rested);
		assert_int_equal(s.snapshot.n_resting, !row[i].live);
		restore(&s, &to, &c, 1, row[i].passed);
		assert_int_equal(is_free(to, port), row[i].left == 0);
		if (row[i].left) {
			fixture_expire_all(to, LATER + row[i].left - 1);
			assert_false(is_free(to, port));
			fixture_expire_all(to, LATER + row[i].left);
			assert_true(is_free(to, port));
		}
		workers_close(&st, 1);
		workers_close(&to, 1);
		free(s.bytes);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_configuration),
		cmocka_unit_test(the_caller_decides),
		cmocka_unit_test(n64_bib_07_static_bindings),
		cmocka_unit_test(soft_pairing_becomes_strict),
		cmocka_unit_test(n64_port_09_rest_goes_on),
	};

	fixture_eal("384");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
