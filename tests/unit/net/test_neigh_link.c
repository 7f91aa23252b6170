// SPDX-License-Identifier: BSD-3-Clause
// Neighbours behind a link that goes and comes.
#include "neigh_env.h"

static const struct neigh_params params = {
	.max_entries = 64,
	.max_incomplete = 32,
	.queue_len = 3,
	.max_waiting = 8,
	.socket_id = SOCKET_ID_ANY,
};

// A link that is away says nothing about the neighbour: it is kept, and asked when it is back.
static void
gw_nd_08_a_link_away_keeps_neighbours(void **state)
{
	struct bench b;

	bench_open(&b, &params);
	bench_resolve(&b, 1, &mac_a);
	neigh_set_link(b.t, 0, false);
	bench_advance(&b, 45000);
	assert_int_equal(bench_state(&b, 1), NEIGH_STALE);
	assert_int_equal(bench_send(&b, 1, 0), 0);
	bench_advance(&b, 60000);
	assert_int_equal(bench_state(&b, 1), NEIGH_DELAY);
	assert_int_equal(b.unicast, 0);
	assert_int_equal(bench_send(&b, 2, 0), 0); // resolving fails as with any silent host
	for (unsigned int i = 0; i < 4; i++)
		bench_advance(&b, 1000);
	assert_int_equal(bench_state(&b, 2), NEIGH_FREE);
	neigh_set_link(b.t, 0, true);
	bench_advance(&b, 5000);
	assert_int_equal(bench_state(&b, 1), NEIGH_PROBE);
	assert_int_equal(b.unicast, 1);
	neigh_set_link(b.t, 0, false);
	bench_advance(&b, 30000);
	assert_int_equal(bench_state(&b, 1), NEIGH_PROBE);
	assert_int_equal(b.unicast, 1);
	neigh_set_link(b.t, 0, true);
	for (unsigned int i = 0; i < 4; i++)
		bench_advance(&b, 1000);
	assert_int_equal(bench_state(&b, 1), NEIGH_FREE);
	bench_close(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		neigh_test(gw_nd_08_a_link_away_keeps_neighbours),
	};

	hash_key_init();
	mbuf_util_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
