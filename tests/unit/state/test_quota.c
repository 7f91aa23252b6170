// SPDX-License-Identifier: BSD-3-Clause
// What a subscriber may have, and that others keep what is theirs.
#include "fixture.h"

#include "state/internal.h"

#include <rte_hash.h>
#include <rte_hash_crc.h>

// As fixture_key, from host `host` of /64 number `site`.
static struct session_key6
site_key(uint8_t proto, uint32_t site, uint32_t host, uint16_t sport, uint32_t server)
{
	struct session_key6 key = fixture_key(proto, host, sport, server, 443);
	uint32_t wire = rte_cpu_to_be_32(site);

	memcpy(&key.src6.s6_addr[4], &wire, sizeof(wire));
	return key;
}

static struct config_nat64
quota_config(uint32_t bindings, uint32_t sessions, uint32_t new_per_sec)
{
	struct config_nat64 c = fixture_config(4);

	c.max_sessions = 8192;
	c.max_bib = 4096;
	c.quota = (struct config_quota){
		.subscriber_len = 64,
		.bindings = bindings,
		.sessions = sessions,
		.new_per_sec = new_per_sec,
	};
	return c;
}

struct find {
	struct in6_addr prefix;
	struct state_subscriber_row row;
	unsigned int n, all;
};

static void
find_row(void *arg, const struct state_subscriber_row *row)
{
	struct find *f = arg;

	f->all++;
	if (memcmp(&row->prefix, &f->prefix, sizeof(f->prefix)) == 0) {
		f->row = *row;
		f->n++;
	}
}

static struct find
walk_rows(struct state *st, uint32_t site)
{
	struct find f = {.prefix = site_key(UDP, site, 0, 0, 0).src6};
	uint32_t cursor = 0;

	memset(&f.prefix.s6_addr[8], 0, 8);
	while (state_walk_subscribers(st, &cursor, 7, find_row, &f))
		;
	return f;
}

static struct state_subscriber_row
row_of(struct state *st, uint32_t site)
{
	struct find f = walk_rows(st, site);

	assert_int_equal(f.n, 1);
	return f.row;
}

// The limit is of the /64, whichever of its addresses asks (N64-IN-06), and all protocols together.
static void
n64_dos_02_in_06_bindings_of_a_subscriber(void **state)
{
	static const uint8_t protos[] = {TCP, UDP, ICMP};
	struct config_nat64 c = quota_config(100, 0, 0);
	struct state *st = fixture_state(&c);

	for (uint32_t i = 0; i < 100; i++)
		fixture_admit(st, site_key(protos[i % 3], 1, i, 1000, 1), 0);
	for (uint32_t i = 0; i < 10; i++)
		assert_int_equal(
			fixture_refused(st, site_key(protos[i % 3], 1, 50 + 10 * i, 2000, 1)),
			DROP_QUOTA_BINDINGS);
	fixture_admit(st, site_key(TCP, 1, 0, 1000, 2), 0); // an old binding's new session
	fixture_admit(st, site_key(TCP, 2, 0, 1000, 1), 0); // another subscriber
	assert_int_equal(row_of(st, 1).bindings, 100);
	assert_int_equal(row_of(st, 1).sessions, 101);
	assert_int_equal(row_of(st, 1).clients, 100);
	assert_int_equal(row_of(st, 1).refused_bindings, 10);
	assert_int_equal(row_of(st, 2).refused_bindings, 0);
	fixture_check(st);
	state_end(st, fixture_find6(st, site_key(UDP, 1, 1, 1000, 1)));
	fixture_admit(st, site_key(UDP, 1, 999, 3000, 1), 0); // and again there is room
	fixture_check(st);
	state_free(st);
}

// N64-DOS-03: also where all sessions are of one binding.
static void
n64_dos_03_sessions_of_a_subscriber(void **state)
{
	struct config_nat64 c = quota_config(0, 100, 0);
	struct state *st = fixture_state(&c);

	for (uint32_t i = 0; i < 100; i++)
		fixture_admit(st, site_key(UDP, 1, 1, 1000, i), 0);
	assert_int_equal(fixture_refused(st, site_key(UDP, 1, 1, 1000, 100)), DROP_QUOTA_SESSIONS);
	assert_int_equal(fixture_refused(st, site_key(UDP, 1, 2, 1000, 1)), DROP_QUOTA_SESSIONS);
	assert_int_equal(row_of(st, 1).refused_sessions, 2);
	assert_int_equal(fixture_bibs(st), 1); // nothing is left of what was refused
	// N64-DOS-04: what is there stays
	for (uint32_t i = 0; i < 100; i++)
		assert_non_null(fixture_find6(st, site_key(UDP, 1, 1, 1000, i)));
	fixture_check(st);
	state_free(st);
}

// A second's worth of sessions at once, and another each second; what is refused takes no port and
// lets none rest.
static void
n64_dos_02_new_sessions_per_second(void **state)
{
	struct config_nat64 c = quota_config(0, 0, 20);
	enum drop_reason why = DROP_NONE;
	struct state_stats s;
	struct state *st;

	c.port_hold_sec = 120;
	c.port_hold_max = 1000;
	st = fixture_state(&c);
	for (uint32_t now = 50; now < 55; now++) {
		for (uint32_t i = 0; i < 30; i++) {
			uint16_t sport = (uint16_t)(1000 * (now - 49) + i);
			bool made = fixture_try(st, site_key(UDP, 1, i, sport, now), now, &why);

			assert_int_equal(made, i < 20);
			if (!made)
				assert_int_equal(why, DROP_QUOTA_RATE);
		}
		fixture_admit(st, site_key(UDP, 2, 1, 1000, now), now);
	}
	assert_int_equal(row_of(st, 1).refused_rate, 50);
	assert_int_equal(row_of(st, 1).sessions, 100);
	state_stats(st, &s);
	assert_int_equal(s.ports_resting, 0);
	fixture_check(st);
	state_free(st);
}

// The parts of the workers add up to the limit; steered by subscriber, each has all of it.
static void
n64_mc_04_quota_over_workers(void **state)
{
	for (unsigned int exact = 0; exact < 2; exact++) {
		uint32_t sum = 0;

		for (unsigned int w = 0; w < 3; w++) {
			struct config_nat64 c = quota_config(100, 0, 0);
			struct state_params p = {.nat64 = &c,
				.worker = w,
				.n_workers = 3,
				.socket_id = SOCKET_ID_ANY};
			enum drop_reason why;
			struct state *st;

			c.quota.steering = exact ? STEERING_SUBSCRIBER : STEERING_ADDRESS;
			st = state_create(&p, NULL);
			for (uint32_t i = 0; i < 120; i++)
				fixture_try(st, site_key(UDP, 1, i, 1000, 1), 0, &why);
			sum += row_of(st, 1).bindings;
			assert_int_equal(row_of(st, 1).bindings, exact ? 100 : 33 + (w == 0));
			fixture_check(st);
			state_free(st);
		}
		assert_int_equal(sum, exact ? 300 : 100);
	}
}

static void
n64_mc_04_steering(void **state)
{
	struct config_quota q = {.subscriber_len = 56};
	unsigned int by_worker[4] = {0}, by_site[4] = {0};
	struct in6_addr a;

	state_steer_init(&q, false);
	for (uint32_t i = 0; i < 4000; i++) {
		a = site_key(UDP, 1, i, 0, 0).src6;
		by_worker[state_owner_of_src6(&a, 4)]++;
	}
	for (unsigned int i = 0; i < 4; i++)
		assert_in_range(by_worker[i], 800, 1200);
	q.steering = STEERING_SUBSCRIBER;
	state_steer_init(&q, false);
	for (uint32_t i = 0; i < 4000; i++) {
		struct in6_addr first = site_key(UDP, i * 256, 0, 0, 0).src6;

		a = site_key(UDP, i * 256 + i % 256, i, 0, 0).src6;
		assert_int_equal(state_owner_of_src6(&a, 4), state_owner_of_src6(&first, 4));
		by_site[state_owner_of_src6(&a, 4)]++;
	}
	for (unsigned int i = 0; i < 4; i++)
		assert_in_range(by_site[i], 800, 1200);
	state_steer_init(&(struct config_quota){.subscriber_len = 64}, false);
}

// ---- floods

static void
others_work(struct state *st, uint32_t round)
{
	for (uint32_t site = 900; site < 910; site++)
		for (uint32_t k = 0; k < 20; k++)
			fixture_admit(st,
				site_key(k % 2 ? UDP : TCP, site, 1, (uint16_t)(1000 + k), round),
				round / 100000);
}

// One host uses 2^20 addresses of its /64, a port or two from each.
static void
n64_dos_02_client_rotates_through_2_20_addresses(void **state)
{
	struct config_nat64 c = quota_config(1000, 2000, 0);
	struct state *st = fixture_state(&c);
	struct state_stats before, after;

	state_stats(st, &before);
	for (uint32_t i = 0; i < 1u << 20; i++) {
		enum drop_reason why;

		fixture_try(st, site_key(UDP, 1, i, (uint16_t)(1000 + i % 7), i), 0, &why);
		if (i % 200000 == 0)
			others_work(st, i);
	}
	assert_int_equal(row_of(st, 1).bindings, 1000);
	assert_int_equal(row_of(st, 1).refused_bindings, (1u << 20) - 1000);
	assert_int_equal(walk_rows(st, 1).all, 11);
	state_stats(st, &after);
	assert_int_equal(after.memory_bytes, before.memory_bytes);
	assert_int_equal(after.subscribers, 11);
	fixture_check(st);
	state_free(st);
}

// The same through as many /64s: places of idle subscribers are used again, those of others not.
static void
n64_dos_01_table_of_subscribers_is_bounded(void **state)
{
	struct config_nat64 c = quota_config(1000, 2000, 1000);
	struct state *st = fixture_state(&c);
	uint32_t now = 0;

	c.max_bib = 4096;
	others_work(st, 0);
	for (uint32_t i = 0; i < 200000; i++) {
		struct session *s;

		now = i / 1000;
		s = fixture_admit(st, site_key(UDP, 0x100000 + i, 1, 1000, 1), now);
		if (i % 3)
			state_end(st, s);
		if (i % 3000 == 2999)
			fixture_expire_all(st, now);
		if (fixture_bibs(st) > 3000) // those that are left expire
			fixture_expire_all(st, now + 301);
	}
	others_work(st, 1);
	assert_in_range(walk_rows(st, 900).all, 10, 4096);
	assert_int_equal(row_of(st, 900).bindings, 20);
	fixture_check(st);
	state_free(st);
}

// A subscriber that was refused is remembered after it has nothing any more, until its place is
// needed.
static void
counters_tell_who_it_was(void **state)
{
	struct config_nat64 c = quota_config(16, 0, 0);
	const uint32_t places = 64 + CONFIG_STATICS;
	struct state *st;

	c.max_bib = 64;
	st = fixture_state(&c);
	for (uint32_t i = 0; i < 20; i++) {
		enum drop_reason why;

		fixture_try(st, site_key(UDP, 1, 1, (uint16_t)(1000 + i), 1), 0, &why);
	}
	fixture_expire_all(st, 301);
	assert_int_equal(fixture_bibs(st), 0);
	assert_int_equal(row_of(st, 1).refused_bindings, 4);
	for (uint32_t i = 0; i < places - 1; i++)
		state_end(st, fixture_admit(st, site_key(UDP, 100 + i, 1, 1000, 1), 301));
	assert_int_equal(row_of(st, 1).refused_bindings, 4);
	assert_int_equal(walk_rows(st, 1).n, 1); // and of the others there is nothing to tell
	for (uint32_t i = 0; i < 64; i++)
		fixture_admit(st, site_key(UDP, 5000 + i, 1, 1000, 1), 301);
	assert_int_equal(walk_rows(st, 1).n, 0);
	fixture_check(st);
	state_free(st);
}

// N64-DOS-08: keys that all have one CRC fill two buckets of a table with rte_hash's own function;
// with the keyed hash they are keys like any other.
#define CRAFTED 4096

static uint32_t
crc_of(const struct session_key6 *key)
{
	return rte_hash_crc(key, sizeof(*key), 0x1234); // a seed does not help, since CRC is linear
}

// What to exclusive-or into 32 bits of the address, so that the CRC changes by diff.
static uint32_t
solve_crc(const struct session_key6 *base, uint32_t diff)
{
	uint32_t effect[32], cause[32], out = 0;

	for (unsigned int i = 0; i < 32; i++) {
		struct session_key6 k = *base;

		k.src6.s6_addr[12 + i / 8] ^= (uint8_t)(1 << i % 8);
		effect[i] = crc_of(&k) ^ crc_of(base);
		cause[i] = UINT32_C(1) << i;
	}
	for (unsigned int bit = 0; bit < 32; bit++) {
		unsigned int p = bit;

		while (p < 32 && !(effect[p] >> bit & 1))
			p++;
		assert_in_range(p, bit, 31);
		RTE_SWAP(effect[p], effect[bit]);
		RTE_SWAP(cause[p], cause[bit]);
		for (unsigned int k = bit + 1; k < 32; k++)
			if (effect[k] >> bit & 1) {
				effect[k] ^= effect[bit];
				cause[k] ^= cause[bit];
			}
	}
	for (unsigned int bit = 0; bit < 32; bit++)
		if (diff >> bit & 1) {
			diff ^= effect[bit];
			out ^= cause[bit];
		}
	assert_int_equal(diff, 0);
	return out;
}

// Flow i of a set whose CRCs are all the same.
static struct session_key6
crafted_key(uint32_t i)
{
	const struct session_key6 first = site_key(UDP, 7, 0, 1000, 0);
	struct session_key6 key = site_key(UDP, 7, 0, 1000, i);
	uint32_t x = solve_crc(&key, crc_of(&key) ^ crc_of(&first));

	for (unsigned int b = 0; b < 4; b++)
		key.src6.s6_addr[12 + b] ^= (uint8_t)(x >> 8 * b);
	assert_int_equal(crc_of(&key), crc_of(&first));
	return key;
}

static void
n64_dos_08_crafted_collisions(void **state)
{
	struct config_nat64 c = quota_config(0, 0, 0);
	struct state *st = fixture_state(&c);
	struct rte_hash *crc = rte_hash_create(&(struct rte_hash_parameters){
		.name = "crc",
		.entries = 2 * CRAFTED,
		.key_len = sizeof(struct session_key6),
		.hash_func = rte_hash_crc,
		.hash_func_init_val = 0x1234,
		.socket_id = SOCKET_ID_ANY,
	});
	unsigned int in_crc = 0;

	assert_non_null(crc);
	for (uint32_t i = 0; i < CRAFTED; i++) {
		struct session_key6 key = crafted_key(i);

		in_crc += rte_hash_add_key(crc, &key) >= 0;
		fixture_admit(st, key, 0);
	}
	assert_in_range(in_crc, 1, 16);
	assert_int_equal(fixture_sessions(st), CRAFTED);
	fixture_check(st);
	rte_hash_free(crc);
	state_free(st);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(n64_dos_02_in_06_bindings_of_a_subscriber),
		cmocka_unit_test(n64_dos_03_sessions_of_a_subscriber),
		cmocka_unit_test(n64_dos_02_new_sessions_per_second),
		cmocka_unit_test(n64_mc_04_quota_over_workers),
		cmocka_unit_test(n64_mc_04_steering),
		cmocka_unit_test(n64_dos_02_client_rotates_through_2_20_addresses),
		cmocka_unit_test(n64_dos_01_table_of_subscribers_is_bounded),
		cmocka_unit_test(counters_tell_who_it_was),
		cmocka_unit_test(n64_dos_08_crafted_collisions),
	};

	fixture_eal("512");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
