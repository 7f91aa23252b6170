// SPDX-License-Identifier: BSD-3-Clause
// Saving and restoring, for the tests of snapshots.
#ifndef TEST_STATE_SNAPSHOT_UTIL_H
#define TEST_STATE_SNAPSHOT_UTIL_H

#include "fixture.h"

#include "base/rand.h"
#include "state/internal.h"
#include "state/snapshot_format.h"

#include <arpa/inet.h>

#define WALL    UINT64_C(1800000000)
#define START   UINT32_C(1000000) // of the clock of the states
#define LATER   UINT32_C(5000000) // ... after the restart
#define WORKERS 3

struct shot {
	uint8_t *bytes;
	size_t len;
	struct snapshot snapshot;
};

static inline struct state *
worker_of(const struct config_nat64 *c, unsigned int i, unsigned int n)
{
	struct state_params p = {
		.nat64 = c, .worker = i, .n_workers = n, .socket_id = SOCKET_ID_ANY};
	struct err err = {""};
	struct state *st = state_create(&p, &err);

	if (!st)
		fail_msg("%s", err.text);
	return st;
}

static inline void
workers_open(struct state **st, const struct config_nat64 *c, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		st[i] = worker_of(c, i, n);
}

static inline void
workers_close(struct state **st, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		fixture_check(st[i]);
		state_free(st[i]);
	}
}

static inline void
check_right(struct shot *s)
{
	struct err err = {""};

	if (snapshot_check(&s->snapshot, s->bytes, s->len, &err))
		fail_msg("%s", err.text);
}

static inline struct shot
save(struct state **st, const struct config_nat64 *c, unsigned int n, uint32_t now_sec)
{
	const struct snapshot_times t = {.now_sec = now_sec, .wall_sec = WALL};
	struct shot s;

	assert_int_equal(snapshot_encode(st, n, c, &t, &s.bytes, &s.len), 0);
	check_right(&s);
	assert_int_equal(s.snapshot.saved_sec, WALL);
	assert_int_equal(s.snapshot.n_worker, n);
	assert_memory_equal(s.snapshot.hash_key, hash_key, sizeof(hash_key));
	return s;
}

static inline struct snapshot_report
restore(const struct shot *s, struct state **st, const struct config_nat64 *c, unsigned int n,
	uint64_t passed_sec)
{
	const struct snapshot_target to = {
		.nat64 = c, .st = st, .n_worker = n, .now_sec = LATER, .passed_sec = passed_sec};
	struct snapshot_report report;

	snapshot_restore(&s->snapshot, &to, &report);
	return report;
}

static inline uint64_t
left_sum(const struct snapshot_report *r)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < SNAPSHOT_LEFT__N; i++)
		sum += r->left[i];
	return sum;
}

static inline struct config_nat64
some_config(enum config_pairing pairing)
{
	struct config_nat64 c = fixture_config_ports(3, 1024, 5023);
	static const char *const prefix[] = {"64:ff9b::", "2001:db8:64::", "2001:db8:65::"};

	c.n_prefix = RTE_DIM(prefix);
	for (unsigned int i = 0; i < c.n_prefix; i++) {
		struct prefix6 p = {.len = 96};

		assert_int_equal(inet_pton(AF_INET6, prefix[i], &p.addr), 1);
		assert_int_equal(pref64_init(&c.prefix[i], &p), 0);
	}
	// a pool of its own for the last prefix
	c.pool4[1] = c.pool4[0];
	c.pool4[1].first.s_addr = c.pool4[1].last.s_addr = rte_cpu_to_be_32(FIXTURE_POOL + 9);
	c.pool4[1].prefixes = 4;
	c.n_pool4 = 2;
	c.pairing = pairing;
	c.max_sessions = c.max_bib = 4096;
	c.filtering = pairing == PAIRING_SOFT ? FILTERING_ENDPOINT : FILTERING_ADDRESS;
	c.port_hold_sec = 120;
	c.port_hold_max = 1024;
	return c;
}

// ---- random states

static inline uint8_t
some_flags(struct rand_pool *rand)
{
	static const uint8_t flags[] = {SYN, ACK, ACK, FIN | ACK, RST};

	return flags[rand_below(rand, RTE_DIM(flags))];
}

// Flows of few clients and ports to few servers, under the prefixes there are.
static inline struct session_key6
some_key(struct rand_pool *rand, const struct config_nat64 *c)
{
	static const uint8_t protos[] = {TCP, UDP, ICMP};
	struct session_key6 k = fixture_key(protos[rand_below(rand, 3)], rand_below(rand, 40) << 8,
		(uint16_t)(1000 + rand_below(rand, 60)), rand_below(rand, 20),
		(uint16_t)(80 + rand_below(rand, 2)));

	k.pref64 = (uint8_t)rand_below(rand, c->n_prefix);
	return k;
}

// Somebody else sends to the binding of s.
static inline void
outsider(struct state *st, const struct session *s, uint32_t server, uint32_t now_sec)
{
	const struct session_key4 key = {
		.dst4 = rte_cpu_to_be_32(FIXTURE_SERVERS + server),
		.src4 = s->src4,
		.dport = s->dport,
		.sport = s->sport4,
		.proto = s->proto,
	};
	enum drop_reason why;
	bool made;

	state_admit4(st, &key, s->proto == TCP ? SYN : 0, UINT16_MAX, now_sec, &made, &why);
}

static inline uint32_t
fill(struct state **st, const struct config_nat64 *c, unsigned int n_worker, unsigned int n)
{
	struct rand_pool rand = {.left = 0};
	uint32_t now = START;

	for (unsigned int i = 0; i < n; i++) {
		struct session_key6 k = some_key(&rand, c);
		struct state *own = st[state_owner_of_src6(&k.src6, n_worker)];
		enum drop_reason why;
		struct session *s = fixture_try(own, k, now, &why);

		for (unsigned int e = rand_below(&rand, 5); s && k.proto == TCP && e; e--)
			state_touch(own, s, some_flags(&rand), e & 1, now);
		if (s && rand_below(&rand, 4) == 0)
			outsider(own, s, 100 + rand_below(&rand, 3), now);
		if (s && rand_below(&rand, 10) == 0)
			state_end(own, s);
		if (rand_below(&rand, 50) == 0)
			now += rand_below(&rand, 10);
		for (unsigned int w = 0; w < n_worker; w++)
			state_expire(st[w], now, 16, NULL, NULL);
	}
	for (unsigned int w = 0; w < n_worker; w++)
		fixture_expire_all(st[w], now);
	return now;
}

#endif
