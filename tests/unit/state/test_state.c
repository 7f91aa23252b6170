// SPDX-License-Identifier: BSD-3-Clause
#include "fixture.h"

#include "net/rss.h"

#include <rte_malloc.h>

// N64-MC-04: the workers' limits and ports add up to those of the whole.
static void
n64_mc_04_shares_add_up(void **state)
{
	static const unsigned int n_workers[] = {1, 2, 3, 16};
	struct config_nat64 c = fixture_config(2);
	struct err err;

	c.max_sessions = 1003;
	c.max_bib = 517;
	for (unsigned int i = 0; i < RTE_DIM(n_workers); i++) {
		uint32_t sessions = 0, bibs = 0, ports = 0;

		for (unsigned int w = 0; w < n_workers[i]; w++) {
			struct state_params p = {.nat64 = &c,
				.worker = w,
				.n_workers = n_workers[i],
				.socket_id = SOCKET_ID_ANY};
			struct state *st = state_create(&p, &err);
			struct state_pool_row row;
			struct state_stats s;

			assert_non_null(st);
			state_stats(st, &s);
			assert_true(state_pool_row(st, 1, &row));
			sessions += s.max_sessions;
			bibs += s.max_bib;
			ports += row.capacity;
			state_free(st);
		}
		assert_int_equal(sessions, 1003);
		assert_int_equal(bibs, 517);
		assert_int_equal(ports, 65535);
	}
}

// A failure of the tests with random steps can be had again: what is random follows from the seed.
static void
a_seed_has_all_again(void **state)
{
	struct config_nat64 c = fixture_config(1);
	const uint64_t seed = fixture_seed;
	uint16_t port[2][20];

	for (unsigned int round = 0; round < 2; round++) {
		struct state *st;

		fixture_seed = 4711;
		st = fixture_state(&c);
		for (uint32_t i = 0; i < 20; i++)
			port[round][i] = fixture_port4(
				fixture_admit(st, fixture_key(UDP, i, 1000, 1, 80), 0));
		state_free(st);
	}
	fixture_seed = seed;
	assert_memory_equal(port[0], port[1], sizeof(port[0]));
}

// What docs/performance.md says a session takes that has a binding, client and subscriber of its
// own, beside what the pool and the wheel take.
static void
memory_of_a_session(void **state)
{
	struct config_nat64 c = fixture_config(1);
	struct state_stats few, many;
	struct state *st;

	c.max_sessions = c.max_bib = 100;
	st = fixture_state(&c);
	state_stats(st, &few);
	state_free(st);
	c.max_sessions = c.max_bib = 100100;
	st = fixture_state(&c);
	state_stats(st, &many);
	state_free(st);
	assert_in_range((many.memory_bytes - few.memory_bytes) / 100000, 0, 291);
}

// N64-PORT-11: what each worker hands out is its own.
static void
n64_port_11_ports_are_the_workers_own(void **state)
{
	struct config_nat64 c = fixture_config(2);
	struct state_params p = {.nat64 = &c, .n_workers = 3, .socket_id = SOCKET_ID_ANY};
	static const uint8_t protos[] = {TCP, UDP, ICMP};
	struct err err;

	for (p.worker = 0; p.worker < 3; p.worker++) {
		struct state *st = state_create(&p, &err);

		assert_non_null(st);
		for (uint32_t i = 0; i < 3000; i++) {
			struct session *s = fixture_admit(
				st, fixture_key(protos[i % 3], i, (uint16_t)(i * 7), 1, 80), 0);

			assert_int_equal(state_owner_of_port(fixture_port4(s), 3), p.worker);
		}
		fixture_check(st);
		state_free(st);
	}
}

static void
owner_of_src6_is_spread_and_in_range(void **state)
{
	unsigned int count[5] = {0};

	state_steer_init(&(struct config_quota){.subscriber_len = 64}, false);
	for (uint32_t i = 0; i < 5000; i++) {
		struct in6_addr a = fixture_src6(i);
		unsigned int w = state_owner_of_src6(&a, 5);

		assert_in_range(w, 0, 4);
		assert_int_equal(state_owner_of_src6(&a, 5), w);
		assert_int_equal(state_owner_of_src6(&a, 1), 0);
		count[w]++;
	}
	for (unsigned int i = 0; i < 5; i++)
		assert_in_range(count[i], 800, 1200);
}

// What a NIC can find by a table of 128 entries (net/rss.h): exact for 1, 2, 4, 8 and 16 workers.
static void
n64_mc_01_owners_as_a_nic_finds_them(void **state)
{
	for (unsigned int n = 1; n <= 16; n *= 2) {
		for (uint32_t port = 0; port < 65536; port++)
			assert_int_equal(state_owner_of_port((uint16_t)port, n),
				rss_bucket_port((uint16_t)port) % n);
		for (uint32_t i = 0; i < 1000; i++) {
			struct in6_addr a = fixture_src6(i);

			assert_int_equal(state_owner_of_src6(&a, n), rss_bucket_src6(&a) % n);
		}
	}
}

static void
create_refuses(void **state)
{
	struct config_nat64 c = fixture_config(1);
	struct state_params p = {.nat64 = &c, .n_workers = 1, .socket_id = SOCKET_ID_ANY};
	struct err err = {""};

	c.n_pool4 = 0; // N64-IN-03
	assert_null(state_create(&p, &err));
	assert_string_not_equal(err.text, "");
	c = fixture_config_ports(1, 0, 0); // nothing but an ICMP identifier
	assert_null(state_create(&p, &err));
	c = fixture_config(4);
	c.pool4[1] = c.pool4[0]; // an address twice
	c.n_pool4 = 2;
	assert_null(state_create(&p, &err));
	c = fixture_config_ports(1, 1024, 1087); // one block, two workers
	p.n_workers = 2;
	p.worker = state_owner_of_port(1024, 2) ^ 1;
	assert_null(state_create(&p, &err));
	c = fixture_config(1);
	c.max_bib = 1;
	p.worker = 1;
	assert_null(state_create(&p, &err));
	c = fixture_config(1);
	c.max_sessions = 1 << 29; // no memory
	assert_null(state_create(&p, &err));
}

static uint64_t
heap_in_use(void)
{
	struct rte_malloc_socket_stats s;

	rte_malloc_get_socket_stats(0, &s);
	return s.heap_allocsz_bytes;
}

static void
memory_is_reported_and_given_back(void **state)
{
	struct config_nat64 c = fixture_config(16);
	struct state_params p = {.nat64 = &c, .n_workers = 1, .socket_id = SOCKET_ID_ANY};
	uint64_t before = heap_in_use();
	struct state *st = fixture_state(&c);
	struct state_stats s;
	struct err err;

	state_stats(st, &s);
	assert_int_equal(s.memory_bytes, heap_in_use() - before);
	assert_in_range(s.memory_bytes, 65536 * 200, 65536 * 800);
	state_free(st);
	assert_int_equal(heap_in_use(), before);
	c.max_sessions = 1 << 29;
	assert_null(state_create(&p, &err)); // half made
	assert_int_equal(heap_in_use(), before);
	state_free(NULL);
}

struct walk {
	struct state *st;
	unsigned int n;
	bool seen[100];
};

static void
see_and_end(void *arg, struct session *s)
{
	struct walk *w = arg;
	unsigned int i = rte_be_to_cpu_16(s->sport6);

	assert_false(w->seen[i]);
	w->seen[i] = true;
	w->n++;
	if (i % 2)
		state_end(w->st, s);
}

static void
see_bib(void *arg, const struct bib *b)
{
	assert_int_equal(rte_be_to_cpu_16(b->sport6) % 2, 0);
	++*(unsigned int *)arg;
}

static void
walks_see_each_once(void **state)
{
	struct config_nat64 c = fixture_config(1);
	struct walk w = {.st = fixture_state(&c)};
	unsigned int calls = 0, n = 0;
	uint32_t cursor = 0;

	assert_false(state_walk_sessions(w.st, &cursor, 10, see_and_end, &w));
	for (uint16_t i = 0; i < 100; i++)
		fixture_admit(w.st, fixture_key(UDP, 1, i, 1, 53), 0);
	do
		calls++;
	while (state_walk_sessions(w.st, &cursor, 7, see_and_end, &w));
	assert_int_equal(calls, 15);
	assert_int_equal(w.n, 100);
	assert_int_equal(fixture_sessions(w.st), 50);
	fixture_check(w.st);
	cursor = 0;
	while (state_walk_bib(w.st, &cursor, 7, see_bib, &n))
		;
	assert_int_equal(n, 50);
	state_free(w.st);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(n64_mc_04_shares_add_up),
		cmocka_unit_test(a_seed_has_all_again),
		cmocka_unit_test(memory_of_a_session),
		cmocka_unit_test(n64_port_11_ports_are_the_workers_own),
		cmocka_unit_test(owner_of_src6_is_spread_and_in_range),
		cmocka_unit_test(n64_mc_01_owners_as_a_nic_finds_them),
		cmocka_unit_test(create_refuses),
		cmocka_unit_test(memory_is_reported_and_given_back),
		cmocka_unit_test(walks_see_each_once),
	};

	fixture_eal("256");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
