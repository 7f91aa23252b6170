// SPDX-License-Identifier: BSD-3-Clause
// Static bindings that come and go: their ports, and how many there may be.
#include "change.h"

#define FIRST 1024
#define PORTS 128 // of the pool's only address

static struct config_nat64
config_small(void)
{
	return fixture_config_ports(1, FIRST, FIRST + PORTS - 1);
}

static void
forward(struct config_nat64 *c, uint16_t first, uint16_t last, uint32_t client)
{
	c->statics[c->n_static++] = (struct config_static){
		.protocols = 1 << STATIC_UDP | 1 << STATIC_ICMP,
		.address.s_addr = rte_cpu_to_be_32(FIXTURE_POOL + 1),
		.port_first = first,
		.port_last = last,
		.client = fixture_src6(client),
		.client_port = 7000,
	};
}

static unsigned int
change(struct state *st, const struct config_nat64 *c)
{
	struct state_change *ch = prepare(st, c, true, 0);
	struct ends e = {.n = 0};

	assert_non_null(ch);
	begin(st, ch, NOW);
	return finish(st, ch, &e);
}

static unsigned int
all_ports(struct state *st, uint8_t proto, uint32_t client)
{
	enum drop_reason why = DROP_NONE;
	unsigned int n = 0;

	while (fixture_try(st, fixture_key(proto, client, (uint16_t)(1 + n), 1, 53), NOW, &why))
		n++;
	assert_int_equal(why, DROP_NO_PORT);
	return n;
}

// N64-BIB-07: kept out of dynamic allocation from the change on, and given out again after it.
static void
n64_bib_07_ports_come_and_go(void **state)
{
	struct config_nat64 c = config_small(), with = c;
	struct state *st = fixture_state(&c);

	forward(&with, FIRST, FIRST + 27, 1);
	change(st, &with);
	assert_int_equal(all_ports(st, UDP, 2), PORTS - 28);
	assert_int_equal(all_ports(st, ICMP, 2), PORTS - 28);
	assert_int_equal(all_ports(st, TCP, 2), PORTS);
	assert_int_equal(change(st, &c), 0);
	assert_int_equal(all_ports(st, UDP, 3), 28);
	assert_int_equal(all_ports(st, ICMP, 3), 28);
	// all of them are somebody's: those of client 3, and of some others
	assert_int_equal(change(st, &with), 2 * 28);
	for (uint16_t i = 0; i < 28; i++) {
		const struct bib *b = state_bib_find4(
			st, with.statics[0].address.s_addr, rte_cpu_to_be_16(FIRST + i), UDP);

		assert_true(b && b->flags & BIB_STATIC);
	}
	state_free(st);
}

// One range grows and another one shrinks by a port, over and over.
static void
ranges_move_by_a_port(void **state)
{
	struct config_nat64 c = config_small();
	struct state *st = fixture_state(&c);

	for (uint16_t i = 1; i < 60; i++) {
		struct config_nat64 next = config_small();

		forward(&next, FIRST, FIRST + i, 1);
		forward(&next, FIRST + i + 1, FIRST + 63, 2);
		assert_int_equal(change(st, &next), i == 1 ? 0 : 1);
		assert_int_equal(fixture_bibs(st), 128);
		// the port that moves next has a session
		fixture_admit(st, fixture_key(UDP, 2, 7000, 5, 53), NOW);
	}
	state_free(st);
}

// N64-PORT-05: what a binding that goes had, no other one gets before its sessions have ended.
// n_more: how many ports the pool has before, without those of the binding; 0: it has all.
static void
given_out_after_the_end(unsigned int n_more)
{
	struct config_nat64 c = config_small(), with = c;
	struct ends e = {.n = 0};
	const struct state_change_ops ops = {.keep = keep, .end = on_end, .arg = &e};
	struct state_change *ch;
	enum drop_reason why;
	struct state *st;
	unsigned int begun = 0;
	uint16_t sport = 1;
	bool more = true;

	forward(&with, FIRST, FIRST + 63, 1);
	if (n_more)
		with.pool4[0].port_first = FIRST + PORTS - (uint16_t)n_more;
	st = fixture_state(&with);
	assert_int_equal(all_ports(st, UDP, 3), n_more ? n_more : PORTS - 64);
	for (uint16_t i = 0; i < 64; i++)
		fixture_admit(st, fixture_key(UDP, 1, 7000 + i, 5, 53), NOW);
	ch = prepare(st, &c, true, 0);
	assert_non_null(ch);
	begin(st, ch, NOW);
	while (more) {
		more = state_change_step(st, 16, &ops);
		for (unsigned int i = 0; i < 8; i++, sport++) {
			const struct session *s =
				fixture_try(st, fixture_key(UDP, 2, sport, 5, 53), NOW, &why);

			if (!s)
				continue;
			assert_ptr_equal(fixture_find4(st, s), s);
			begun++;
		}
	}
	state_change_free(ch);
	assert_int_equal(e.n, 64);
	assert_true(begun > 0);
	fixture_check(st);
	state_free(st);
}

static void
n64_port_05_given_out_after_the_end(void **state)
{
	given_out_after_the_end(0);
	given_out_after_the_end(32); // the pool did not have them
}

// So many more than at the start, and not one more: found out before anything is changed.
static void
too_many_are_refused(void **state)
{
	struct config_nat64 c = fixture_config(1), more = c;
	struct state_change_params p = {
		.state = {.nat64 = &more, .n_workers = 1, .socket_id = SOCKET_ID_ANY},
		.pool = true};
	struct err err = {""};
	struct state *st;

	forward(&c, 100, 109, 1);
	st = fixture_state(&c);
	forward(&more, 100, 100 + 10 + STATE_STATICS_SPARE / 2, 1);
	assert_null(state_change_prepare(st, &p, &err));
	assert_non_null(strstr(err.text, "nat64.static"));
	more.statics[0].port_last--;
	change(st, &more);
	assert_int_equal(fixture_bibs(st), 20 + STATE_STATICS_SPARE);
	state_free(st);
}

// They take nothing from what dynamic bindings may have.
static void
dynamic_bindings_keep_their_room(void **state)
{
	struct config_nat64 c = fixture_config(1), with;
	struct state *st;

	c.max_bib = 64;
	st = fixture_state(&c);
	for (uint16_t i = 0; i < 64; i++)
		fixture_admit(st, fixture_key(UDP, 2, 1 + i, 1, 53), NOW);
	assert_int_equal(fixture_refused(st, fixture_key(UDP, 2, 99, 1, 53)), DROP_BIB_LIMIT);
	with = c;
	forward(&with, 40000, 40099, 1);
	change(st, &with);
	assert_int_equal(fixture_refused(st, fixture_key(UDP, 2, 99, 1, 53)), DROP_BIB_LIMIT);
	state_free(st);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(n64_bib_07_ports_come_and_go),
		cmocka_unit_test(ranges_move_by_a_port),
		cmocka_unit_test(n64_port_05_given_out_after_the_end),
		cmocka_unit_test(too_many_are_refused),
		cmocka_unit_test(dynamic_bindings_keep_their_room),
	};

	fixture_eal("512");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
