// SPDX-License-Identifier: BSD-3-Clause
// Resting ports, alarms, soft pairing, pools by prefix and client, and many clients.
#include "fixture.h"

#include "state/internal.h"

#define HOLD 120

static void
end_flow(struct state *st, struct session_key6 key)
{
	state_end(st, fixture_find6(st, key));
}

static void
end_session(void *arg, struct session *s)
{
	state_end(arg, s);
}

static void
end_all(struct state *st)
{
	uint32_t cursor = 0;

	while (state_walk_sessions(st, &cursor, 1000, end_session, st))
		;
	assert_int_equal(fixture_sessions(st), 0);
}

static struct state_pool_row
pool_row(const struct state *st, unsigned int i)
{
	struct state_pool_row row;

	assert_true(state_pool_row(st, i, &row));
	return row;
}

// ---- N64-PORT-09

// A pool of one port: it comes back when its rest is over, not a second before.
static void
n64_port_09_freed_port_rests(void **state)
{
	static const struct {
		uint8_t proto;
		uint32_t hold_sec, until;
	} row[] = {
		{UDP, HOLD, 1000 + HOLD + 1},
		{ICMP, HOLD, 1000 + HOLD + 1},
		{UDP, 7, 1008},
		{TCP, HOLD, 1000}, // followed to its end (RFC 6888 REQ-8A)
		{UDP, 0, 1000},
	};

	for (unsigned int i = 0; i < RTE_DIM(row); i++) {
		struct config_nat64 c = fixture_config_ports(1, 5000, 5000);
		struct session_key6 a = fixture_key(row[i].proto, 1, 77, 1, 80);
		struct session_key6 b = fixture_key(row[i].proto, 2, 78, 1, 80);
		enum drop_reason why;
		struct state *st;

		c.port_hold_sec = row[i].hold_sec;
		c.port_hold_max = 16;
		st = fixture_state(&c);
		fixture_admit(st, a, 1000);
		end_flow(st, a);
		assert_int_equal(fixture_bibs(st), 0);
		fixture_check(st);
		if (row[i].until > 1000) {
			fixture_expire_all(st, row[i].until - 1);
			assert_null(fixture_try(st, b, row[i].until - 1, &why));
			assert_int_equal(why, DROP_NO_PORT);
			assert_null(fixture_try(st, a, row[i].until - 1, &why)); // nor its old user
			assert_int_equal(pool_row(st, 0).resting[state_proto_of(row[i].proto)], 1);
			fixture_check(st);
		}
		fixture_expire_all(st, row[i].until);
		fixture_admit(st, b, row[i].until);
		fixture_check(st);
		state_free(st);
	}
}

// A session that expires lets its port rest from that second on.
static void
n64_port_09_rest_begins_at_the_end(void **state)
{
	struct config_nat64 c = fixture_config_ports(1, 5000, 5000);
	struct session_key6 key = fixture_key(UDP, 1, 77, 1, 80);
	enum drop_reason why;
	struct state *st;

	c.port_hold_sec = HOLD;
	c.port_hold_max = 16;
	st = fixture_state(&c);
	fixture_admit(st, key, 0);
	fixture_expire_all(st, 301);
	assert_int_equal(fixture_sessions(st), 0);
	fixture_expire_all(st, 301 + HOLD);
	assert_null(fixture_try(st, key, 301 + HOLD, &why));
	fixture_expire_all(st, 301 + HOLD + 1);
	fixture_admit(st, key, 301 + HOLD + 1);
	state_free(st);
}

// What rests is bounded; the one that has rested longest makes room. Memory stays as it was.
static void
n64_port_09_resting_ports_are_bounded(void **state)
{
	struct config_nat64 c = fixture_config_ports(1, 5000, 5099);
	rte_be16_t port[60];
	struct state_stats s;
	struct state *st;

	c.port_hold_sec = HOLD;
	c.port_hold_max = 40;
	st = fixture_state(&c);
	for (unsigned int i = 0; i < 60; i++)
		port[i] = fixture_admit(st, fixture_key(UDP, i, 7, 1, 80), 0)->sport4;
	for (unsigned int i = 0; i < 60; i++)
		end_flow(st, fixture_key(UDP, i, 7, 1, 80));
	state_stats(st, &s);
	assert_int_equal(s.ports_resting, 40);
	assert_int_equal(s.ports_rested_less, 20);
	fixture_check(st);
	for (unsigned int i = 0; i < 60; i++) { // none of the last 40
		rte_be16_t got = fixture_admit(st, fixture_key(UDP, i, 7, 1, 80), 1)->sport4;

		for (unsigned int k = 20; k < 60; k++)
			assert_int_not_equal(got, port[k]);
	}
	assert_int_equal(fixture_refused(st, fixture_key(UDP, 99, 7, 1, 80)), DROP_NO_PORT);
	fixture_check(st);
	state_free(st);
}

// Ports whose rest is over come back a bounded number at a time (N64-DOS-09).
static void
n64_dos_09_rests_end_within_the_budget(void **state)
{
	struct config_nat64 c = fixture_config_ports(1, 5000, 5999);
	struct state_stats s;
	struct state *st;

	c.port_hold_sec = HOLD;
	c.port_hold_max = 1000;
	st = fixture_state(&c);
	for (unsigned int i = 0; i < 1000; i++)
		fixture_admit(st, fixture_key(UDP, i, 7, 1, 80), 0);
	for (unsigned int i = 0; i < 1000; i++)
		end_flow(st, fixture_key(UDP, i, 7, 1, 80));
	for (unsigned int i = 1; i <= 1000 / 50; i++) {
		state_expire(st, HOLD + 1, 50, NULL, NULL);
		state_stats(st, &s);
		assert_int_equal(s.ports_resting, 1000 - 50 * i);
	}
	fixture_check(st);
	state_free(st);
}

// ---- N64-PORT-12

static void
n64_port_12_alarm_before_exhaustion(void **state)
{
	struct config_nat64 c = fixture_config_ports(1, 5000, 5099);
	struct state *st;

	c.pool4_alarm = 80;
	st = fixture_state(&c);
	for (unsigned int i = 0; i < 100; i++) {
		fixture_admit(st, fixture_key(UDP, i, 7, 1, 80), 0);
		assert_int_equal(pool_row(st, 0).alarms, i >= 79);
	}
	for (unsigned int i = 0; i < 25; i++) // 75: a little less is no end of it
		end_flow(st, fixture_key(UDP, i, 7, 1, 80));
	for (unsigned int i = 0; i < 25; i++)
		fixture_admit(st, fixture_key(UDP, i, 7, 1, 80), 0);
	assert_int_equal(pool_row(st, 0).alarms, 1);
	for (unsigned int i = 0; i < 31; i++)
		end_flow(st, fixture_key(UDP, i, 7, 1, 80));
	for (unsigned int i = 0; i < 31; i++)
		fixture_admit(st, fixture_key(UDP, i, 7, 1, 80), 0);
	assert_int_equal(pool_row(st, 0).alarms, 2);
	state_free(st);
}

// ---- N64-PORT-02

static void
n64_port_02_soft_pairing(void **state)
{
	struct config_nat64 c = fixture_config_ports(3, 3000, 3031);
	rte_be32_t own;
	struct state *st;

	c.pairing = PAIRING_SOFT;
	st = fixture_state(&c);
	own = fixture_admit(st, fixture_key(UDP, 1, 4000, 1, 53), 0)->src4;
	for (unsigned int i = 1; i < 96; i++) {
		struct session *s =
			fixture_admit(st, fixture_key(UDP, 1, (uint16_t)(4000 + i), 1, 53), 0);

		assert_int_equal(s->src4 == own, i < 32);
	}
	assert_int_equal(fixture_refused(st, fixture_key(UDP, 1, 5000, 1, 53)), DROP_NO_PORT);
	// another protocol still has ports on the client's own address
	assert_int_equal(fixture_admit(st, fixture_key(TCP, 1, 4000, 1, 53), 0)->src4, own);
	fixture_check(st);
	for (unsigned int i = 0; i < 96; i++)
		end_flow(st, fixture_key(UDP, 1, (uint16_t)(4000 + i), 1, 53));
	fixture_check(st);
	state_free(st);
}

// ---- pools by prefix and client

static void
put_entry(struct config_nat64 *c, unsigned int i, uint32_t first, uint32_t last, uint16_t prefixes)
{
	c->pool4[i] = (struct config_pool4){
		.first.s_addr = rte_cpu_to_be_32(FIXTURE_POOL + first),
		.last.s_addr = rte_cpu_to_be_32(FIXTURE_POOL + last),
		.port_first = 1024,
		.port_last = 65535,
		.prefixes = prefixes,
	};
	c->n_pool4 = i + 1;
}

static void
put_client(struct config_nat64 *c, unsigned int i, uint32_t client, uint8_t len)
{
	struct config_pool4 *e = &c->pool4[i];

	e->clients[e->n_clients].addr = fixture_src6(client);
	e->clients[e->n_clients++].len = len;
}

// 1-2: everybody else; 3: prefix 1; 4-7 and, apart from it, 9: clients 0x1000/116;
// 8: of these, 0x1f00/120 under prefix 2.
static struct config_nat64
many_pools(void)
{
	struct config_nat64 c = fixture_config(1);

	put_entry(&c, 0, 1, 2, 0);
	put_entry(&c, 1, 3, 3, 1 << 1);
	put_entry(&c, 2, 4, 7, 0);
	put_client(&c, 2, 0x1000, 116);
	put_entry(&c, 3, 8, 8, 1 << 2);
	put_client(&c, 3, 0x1f00, 120);
	put_entry(&c, 4, 9, 9, 0);
	put_client(&c, 4, 0x777000, 116);
	put_client(&c, 4, 0x1000, 116);
	return c;
}

static void
adr_24_pool_of_the_prefix_and_the_client(void **state)
{
	static const struct {
		uint32_t client;
		uint8_t pref64;
		uint16_t addrs; // bits
	} row[] = {
		{0x0001, 0, 0x006}, // nobody names it
		{0x0001, 1, 0x008}, // the prefix is named
		{0x0001, 2, 0x006},
		{0x1000, 0, 0x2f0},
		{0x1fff, 0, 0x2f0},
		{0x1000, 1, 0x2f0}, // the client goes before the prefix
		{0x1f00, 0, 0x2f0}, // its longer network is not for this prefix
		{0x1f00, 2, 0x100}, // ... but for this
		{0x1e00, 2, 0x2f0},
		{0x777001, 3, 0x200},
		{0x2000, 0, 0x006},
	};
	struct config_nat64 c = many_pools();
	struct state *st = fixture_state(&c);

	for (unsigned int i = 0; i < RTE_DIM(row); i++) {
		uint16_t seen = 0;

		for (unsigned int k = 0; k < 256; k++) {
			struct session_key6 key =
				fixture_key(UDP, row[i].client, (uint16_t)(2000 + k), k, 53);
			struct session *s;

			key.pref64 = row[i].pref64;
			s = fixture_admit(st, key, 0);
			seen |= (uint16_t)(1 << (rte_be_to_cpu_32(s->src4) - FIXTURE_POOL));
		}
		if ((seen & row[i].addrs) != seen || (seen & (seen - 1)))
			fail_msg("row %u: %#x", i, seen); // one address, of those
		fixture_check(st);
		end_all(st);
	}
	state_free(st);
}

// Many clients use every address of their pool about alike, also over a gap in it.
static void
n64_dos_11_clients_spread_over_the_pool(void **state)
{
	struct config_nat64 c = many_pools();
	unsigned int by_addr[16] = {0};
	struct state *st = fixture_state(&c);

	for (unsigned int i = 0; i < 1000; i++)
		by_addr[rte_be_to_cpu_32(
				fixture_admit(st, fixture_key(TCP, 0x1000 + i, 7, 1, 80), 0)
					->src4) -
			FIXTURE_POOL]++;
	for (unsigned int i = 0; i < RTE_DIM(by_addr); i++)
		if (i == 9 || (i >= 4 && i <= 7))
			assert_in_range(by_addr[i], 140, 260);
		else
			assert_int_equal(by_addr[i], 0);
	fixture_check(st);
	state_free(st);
}

// Pairing is of a client with the pool of its prefix. What it sends from one port keeps the address
// that it had first: the mapping does not depend on the destination (N64-BIB-03).
static void
n64_port_01_pairing_under_two_prefixes(void **state)
{
	struct config_nat64 c = many_pools();
	struct state *st = fixture_state(&c);
	struct session_key6 key = fixture_key(UDP, 5, 1000, 1, 80);
	rte_be32_t first, second;
	struct state_stats s;

	first = fixture_admit(st, key, 0)->src4;
	key.pref64 = 1;
	key.sport = rte_cpu_to_be_16(1001);
	second = fixture_admit(st, key, 0)->src4;
	assert_int_equal(second, rte_cpu_to_be_32(FIXTURE_POOL + 3));
	assert_int_not_equal(first, second);
	for (unsigned int i = 0; i < 50; i++) {
		key.sport = rte_cpu_to_be_16((uint16_t)(2000 + i));
		key.pref64 = i % 2;
		assert_int_equal(fixture_admit(st, key, 0)->src4, i % 2 ? second : first);
	}
	key.sport = rte_cpu_to_be_16(1000);
	key.pref64 = 1;
	key.dst4 = rte_cpu_to_be_32(FIXTURE_SERVERS + 2);
	assert_int_equal(fixture_admit(st, key, 0)->src4, first);
	state_stats(st, &s);
	assert_int_equal(s.clients, 2); // one for each pool
	assert_int_equal(s.subscribers, 1);
	fixture_check(st);
	end_all(st);
	fixture_check(st);
	state_free(st);
}

static void
n64_in_03_nobody_serves_the_client(void **state)
{
	struct config_nat64 c = fixture_config(1);
	struct session_key6 key = fixture_key(UDP, 0x2000, 1, 1, 80);
	struct state *st;

	put_entry(&c, 0, 1, 1, 1 << 0);
	put_client(&c, 0, 0x1000, 116);
	st = fixture_state(&c);
	assert_int_equal(fixture_refused(st, key), DROP_NO_POOL4);
	key.src6 = fixture_src6(0x1000);
	fixture_admit(st, key, 0);
	key.pref64 = 1;
	key.sport = rte_cpu_to_be_16(2);
	assert_int_equal(fixture_refused(st, key), DROP_NO_POOL4);
	fixture_check(st);
	state_free(st);
}

// A pool too small for the worker to have a port of is refused at start, not at the first packet.
static void
n64_port_11_worker_without_a_port_of_a_pool(void **state)
{
	struct config_nat64 c = fixture_config(1);
	struct state_params p = {
		.nat64 = &c, .worker = 1, .n_workers = 2, .socket_id = SOCKET_ID_ANY};
	struct err err = {""};

	put_entry(&c, 1, 2, 2, 1 << 1);
	c.pool4[1].port_first = 2048; // block 32: of worker 0
	c.pool4[1].port_last = 2111;
	assert_null(state_create(&p, &err));
	assert_non_null(strstr(err.text, "no port for worker 1 of 2"));
	p.worker = 0;
	state_free(state_create(&p, &err));
}

// ---- many clients

#define CLIENTS 65536u
#define EACH    4u

static void
admit_each(struct state *st, uint32_t client, rte_be32_t addr[])
{
	for (unsigned int k = 0; k < EACH; k++) {
		struct session *s =
			fixture_admit(st, fixture_key(UDP, client, (uint16_t)(9000 + k), 1, 53), 0);

		assert_int_equal((fixture_port4(s) ^ k) & 1, 0); // N64-PORT-04
		if (k == 0)
			addr[client] = s->src4;
		assert_int_equal(s->src4, addr[client]); // N64-PORT-01
	}
}

static void
n64_port_01_04_65k_clients_on_16_addresses(void **state)
{
	static rte_be32_t addr[CLIENTS];
	struct config_nat64 c = fixture_config(16);
	struct state_pool_row row;
	struct state *st;

	c.max_sessions = c.max_bib = CLIENTS * EACH;
	st = fixture_state(&c);
	for (uint32_t i = 0; i < CLIENTS; i++)
		admit_each(st, i, addr);
	for (unsigned int i = 0; i < 16; i++) {
		row = pool_row(st, i);
		assert_in_range(row.clients, CLIENTS / 16 - 400, CLIENTS / 16 + 400);
		assert_int_equal(row.used[STATE_UDP], row.clients * EACH);
	}
	assert_int_equal(
		fixture_refused(st, fixture_key(UDP, CLIENTS, 9000, 1, 53)), DROP_SESSION_LIMIT);
	fixture_check(st);
	state_free(st);
}

// Each of 65536 clients wants a port, and there are fewer: as many as there are get one, nobody
// loses what it has (N64-BIB-11), and what is given back is given out again.
static void
n64_port_06_exhaustion_and_recovery(void **state)
{
	struct config_nat64 c = fixture_config_ports(16, 1024, 4023);
	const uint32_t ports = 16 * 3000;
	struct state_stats s;
	struct state *st;

	c.max_sessions = c.max_bib = CLIENTS;
	st = fixture_state(&c);
	for (uint32_t i = 0; i < CLIENTS; i++) {
		enum drop_reason why = DROP_NONE;
		bool made = fixture_try(st, fixture_key(UDP, i, 5000, 1, 53), 0, &why);

		assert_int_equal(made, i < ports);
		if (!made)
			assert_int_equal(why, DROP_NO_PORT);
	}
	state_stats(st, &s);
	assert_int_equal(s.no_port[STATE_UDP], CLIENTS - ports);
	for (uint32_t i = 0; i < ports; i++)
		assert_non_null(fixture_find6(st, fixture_key(UDP, i, 5000, 1, 53)));
	for (uint32_t i = 0; i < 1000; i++)
		end_flow(st, fixture_key(UDP, i * 40, 5000, 1, 53));
	for (uint32_t i = 0; i < 1000; i++)
		fixture_admit(st, fixture_key(UDP, ports + i, 5000, 1, 53), 0);
	assert_int_equal(fixture_refused(st, fixture_key(UDP, 0, 5000, 1, 53)), DROP_NO_PORT);
	fixture_check(st);
	state_free(st);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(n64_port_09_freed_port_rests),
		cmocka_unit_test(n64_port_09_rest_begins_at_the_end),
		cmocka_unit_test(n64_port_09_resting_ports_are_bounded),
		cmocka_unit_test(n64_dos_09_rests_end_within_the_budget),
		cmocka_unit_test(n64_port_12_alarm_before_exhaustion),
		cmocka_unit_test(n64_port_02_soft_pairing),
		cmocka_unit_test(adr_24_pool_of_the_prefix_and_the_client),
		cmocka_unit_test(n64_dos_11_clients_spread_over_the_pool),
		cmocka_unit_test(n64_port_01_pairing_under_two_prefixes),
		cmocka_unit_test(n64_in_03_nobody_serves_the_client),
		cmocka_unit_test(n64_port_11_worker_without_a_port_of_a_pool),
		cmocka_unit_test(n64_port_01_04_65k_clients_on_16_addresses),
		cmocka_unit_test(n64_port_06_exhaustion_and_recovery),
	};

	fixture_eal("512");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
