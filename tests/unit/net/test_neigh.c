// SPDX-License-Identifier: BSD-3-Clause
// The state machine, its timers and the packets that wait.
#include "neigh_env.h"

#include "addr/text.h"

static const struct neigh_params params = {
	.max_entries = 64,
	.max_incomplete = 32,
	.queue_len = 3,
	.max_waiting = 8,
	.socket_id = SOCKET_ID_ANY,
};

enum event {
	ADVERT,
	SEEN,
	PACKET,
	TIMER,
};
#define SAME  &mac_a
#define OTHER &mac_b

// RFC 4861 appendix C: state x event. mac: what the entry has after; NULL: no MAC yet.
static const struct row {
	const char *id;
	enum neigh_state from;
	enum event event;
	const struct rte_ether_addr *heard;
	bool s, o, create;
	enum neigh_state to;
	const struct rte_ether_addr *mac;
	unsigned int multicast, unicast; // solicitations of this event
} rows[] = {
	{"GW-ND-06 packet", NEIGH_FREE, PACKET, .to = NEIGH_INCOMPLETE, .multicast = 1},
	{"GW-ND-07 no entry", NEIGH_FREE, ADVERT, SAME, .s = true, .to = NEIGH_FREE},
	{"GW-ND-12 create", NEIGH_FREE, ADVERT, SAME, .create = true, .to = NEIGH_STALE,
		.mac = SAME},
	{"GW-ND-12 S=1", NEIGH_FREE, ADVERT, SAME, true, true, true, NEIGH_STALE, SAME},
	{"GW-ND-12 no TLLA", NEIGH_FREE, ADVERT, NULL, .create = true, .to = NEIGH_FREE},
	{"GW-ND-05 create", NEIGH_FREE, SEEN, SAME, .create = true, .to = NEIGH_STALE, .mac = SAME},
	{"GW-ARP-03 not to us", NEIGH_FREE, SEEN, SAME, .to = NEIGH_FREE},

	{"GW-ND-07 S=1", NEIGH_INCOMPLETE, ADVERT, SAME, .s = true, .to = NEIGH_REACHABLE,
		.mac = SAME},
	{"GW-ND-07 S=0", NEIGH_INCOMPLETE, ADVERT, SAME, .to = NEIGH_STALE, .mac = SAME},
	{"GW-ND-07 O ignored", NEIGH_INCOMPLETE, ADVERT, SAME, .o = true, .to = NEIGH_STALE,
		.mac = SAME},
	{"GW-ND-07 no TLLA", NEIGH_INCOMPLETE, ADVERT, NULL, true, true, .to = NEIGH_INCOMPLETE},
	{"GW-ND-05 resolves", NEIGH_INCOMPLETE, SEEN, SAME, .to = NEIGH_STALE, .mac = SAME},
	{"GW-ND-10 packet", NEIGH_INCOMPLETE, PACKET, .to = NEIGH_INCOMPLETE},
	{"GW-ND-06 retry", NEIGH_INCOMPLETE, TIMER, .to = NEIGH_INCOMPLETE, .multicast = 1},

	{"GW-ND-07 confirm", NEIGH_REACHABLE, ADVERT, SAME, .s = true, .to = NEIGH_REACHABLE,
		.mac = SAME},
	{"GW-ND-07 same S=0", NEIGH_REACHABLE, ADVERT, SAME, .o = true, .to = NEIGH_REACHABLE,
		.mac = SAME},
	{"GW-ND-07 O=0 other", NEIGH_REACHABLE, ADVERT, OTHER, .to = NEIGH_STALE, .mac = SAME},
	{"GW-ND-07 S=1 O=0 other", NEIGH_REACHABLE, ADVERT, OTHER, .s = true, .to = NEIGH_STALE,
		.mac = SAME},
	{"GW-ND-07 S=0 O=1 other", NEIGH_REACHABLE, ADVERT, OTHER, .o = true, .to = NEIGH_STALE,
		.mac = OTHER},
	{"GW-ND-07 S=1 O=1 other", NEIGH_REACHABLE, ADVERT, OTHER, true, true,
		.to = NEIGH_REACHABLE, .mac = OTHER},
	{"GW-ND-07 no TLLA S=1", NEIGH_REACHABLE, ADVERT, NULL, .s = true, .to = NEIGH_REACHABLE,
		.mac = SAME},
	{"GW-ND-07 no TLLA S=0", NEIGH_REACHABLE, ADVERT, NULL, .to = NEIGH_REACHABLE, .mac = SAME},
	{"GW-ND-05 same", NEIGH_REACHABLE, SEEN, SAME, .to = NEIGH_REACHABLE, .mac = SAME},
	{"GW-ARP-02 moved", NEIGH_REACHABLE, SEEN, OTHER, .to = NEIGH_STALE, .mac = OTHER},
	{"GW-ND-08 packet", NEIGH_REACHABLE, PACKET, .to = NEIGH_REACHABLE, .mac = SAME},
	{"GW-ND-08 ages", NEIGH_REACHABLE, TIMER, .to = NEIGH_STALE, .mac = SAME},

	{"GW-ND-07 S=1", NEIGH_STALE, ADVERT, SAME, .s = true, .to = NEIGH_REACHABLE, .mac = SAME},
	{"GW-ND-07 O=0 other", NEIGH_STALE, ADVERT, OTHER, .s = true, .to = NEIGH_STALE,
		.mac = SAME},
	{"GW-ND-07 S=0 O=1 other", NEIGH_STALE, ADVERT, OTHER, .o = true, .to = NEIGH_STALE,
		.mac = OTHER},
	{"GW-ND-07 S=1 O=1 other", NEIGH_STALE, ADVERT, OTHER, true, true, .to = NEIGH_REACHABLE,
		.mac = OTHER},
	{"GW-ND-07 no TLLA S=1", NEIGH_STALE, ADVERT, NULL, .s = true, .to = NEIGH_REACHABLE,
		.mac = SAME},
	{"GW-ND-05 same", NEIGH_STALE, SEEN, SAME, .to = NEIGH_STALE, .mac = SAME},
	{"GW-ARP-02 moved", NEIGH_STALE, SEEN, OTHER, .to = NEIGH_STALE, .mac = OTHER},
	{"GW-ND-08 packet", NEIGH_STALE, PACKET, .to = NEIGH_DELAY, .mac = SAME},
	{"GW-ARP-04 out of date", NEIGH_STALE, TIMER, .to = NEIGH_FREE},

	{"GW-ND-07 S=1", NEIGH_DELAY, ADVERT, SAME, .s = true, .to = NEIGH_REACHABLE, .mac = SAME},
	{"GW-ND-07 same S=0", NEIGH_DELAY, ADVERT, SAME, .o = true, .to = NEIGH_DELAY, .mac = SAME},
	{"GW-ND-07 O=0 other", NEIGH_DELAY, ADVERT, OTHER, .to = NEIGH_DELAY, .mac = SAME},
	{"GW-ND-07 S=0 O=1 other", NEIGH_DELAY, ADVERT, OTHER, .o = true, .to = NEIGH_STALE,
		.mac = OTHER},
	{"GW-ARP-02 moved", NEIGH_DELAY, SEEN, OTHER, .to = NEIGH_STALE, .mac = OTHER},
	{"GW-ND-08 packet", NEIGH_DELAY, PACKET, .to = NEIGH_DELAY, .mac = SAME},
	{"GW-ND-08 probe", NEIGH_DELAY, TIMER, .to = NEIGH_PROBE, .mac = SAME, .unicast = 1},

	{"GW-ND-07 S=1", NEIGH_PROBE, ADVERT, SAME, .s = true, .to = NEIGH_REACHABLE, .mac = SAME},
	{"GW-ND-07 S=1 O=1 other", NEIGH_PROBE, ADVERT, OTHER, true, true, .to = NEIGH_REACHABLE,
		.mac = OTHER},
	{"GW-ND-07 S=1 O=0 other", NEIGH_PROBE, ADVERT, OTHER, .s = true, .to = NEIGH_PROBE,
		.mac = SAME},
	{"GW-ND-07 no TLLA S=0", NEIGH_PROBE, ADVERT, NULL, .to = NEIGH_PROBE, .mac = SAME},
	{"GW-ARP-02 moved", NEIGH_PROBE, SEEN, OTHER, .to = NEIGH_STALE, .mac = OTHER},
	{"GW-ND-08 packet", NEIGH_PROBE, PACKET, .to = NEIGH_PROBE, .mac = SAME},
	{"GW-ND-08 retry", NEIGH_PROBE, TIMER, .to = NEIGH_PROBE, .mac = SAME, .unicast = 1},
};

static void
happen(struct bench *b, const struct row *r)
{
	struct in6_addr a = host(1);

	switch (r->event) {
	case ADVERT:
		neigh_advert(b->t, 0, &a, r->heard, r->s, r->o, false, r->create, b->now);
		return;
	case SEEN:
		neigh_seen(b->t, 0, &a, r->heard, r->create, b->now);
		return;
	case PACKET:
		assert_int_equal(bench_send(b, 1, 0), 0);
		return;
	case TIMER:
		bench_advance(b, bench_get(b, 1)->due_ms - b->now);
		return;
	}
}

static void
check_row(const struct row *r)
{
	struct bench b;
	struct in6_addr a = host(1);
	const struct neigh *n;
	unsigned int multicast, unicast, updates;
	bool usable;

	bench_open(&b, &params);
	bench_bring_to(&b, 1, r->from);
	multicast = b.multicast;
	unicast = b.unicast;
	updates = b.updates;
	happen(&b, r);
	if (bench_state(&b, 1) != r->to)
		print_error("%s in %s: now %s\n", r->id, neigh_state_name[r->from],
			neigh_state_name[bench_state(&b, 1)]);
	assert_int_equal(bench_state(&b, 1), r->to);
	assert_int_equal(b.multicast - multicast, r->multicast);
	assert_int_equal(b.unicast - unicast, r->unicast);
	usable = r->to != NEIGH_FREE && r->to != NEIGH_INCOMPLETE;
	n = bench_get(&b, 1);
	if (usable)
		assert_memory_equal(&n->mac, r->mac, sizeof(*r->mac));
	// update is called when the state or the MAC is another one, and only then.
	assert_int_equal(b.updates - updates, usable && (r->to != r->from || r->mac == &mac_b));
	assert_int_equal(b.removed, r->to == NEIGH_FREE && r->from != NEIGH_FREE);
	assert_int_equal(neigh_find(b.t, 1, &a), NEIGH_NONE);
	bench_close(&b);
}

static void
gw_nd_07_08_state_by_event(void **state)
{
	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_row(&rows[i]);
}

// Three tries one second apart, then every waiting packet fails and the entry is gone.
static void
gw_nd_06_gw_nd_10_resolution_fails(void **state)
{
	struct bench b;

	bench_open(&b, &params);
	assert_int_equal(bench_send(&b, 1, 1), 0);
	assert_int_equal(bench_send(&b, 1, 2), 0);
	for (unsigned int ms = 1; ms < 3000; ms++) {
		bench_advance(&b, 1);
		assert_int_equal(b.multicast, 1 + ms / 1000);
	}
	assert_int_equal(b.failed, 0);
	bench_advance(&b, 1);
	assert_int_equal(b.multicast, 3);
	assert_int_equal(b.failed, 2);
	assert_int_equal(b.failed_tag, 2);
	assert_int_equal(b.removed, 1);
	assert_int_equal(neigh_count(b.t), 0);
	bench_close(&b);
}

// A new packet starts again at once, and yet one solicitation a second is all there ever is.
static void
gw_nd_10_gw_arp_05_one_a_second(void **state)
{
	struct bench b;

	bench_open(&b, &params);
	for (unsigned int ms = 0; ms < 60000; ms += 10) {
		assert_int_equal(bench_send(&b, 1, ms), 0);
		bench_advance(&b, 10);
	}
	assert_in_range(b.multicast, 60, 61);
	bench_close(&b);
}

// Traffic goes on to the cached MAC all the way; three unicast polls; then deleted.
static void
gw_nd_08_gw_nd_11_unreachability(void **state)
{
	struct bench b;
	unsigned int sent = 0;

	bench_open(&b, &params);
	bench_resolve(&b, 1, &mac_a);
	bench_advance(&b, 45000);
	assert_int_equal(bench_state(&b, 1), NEIGH_STALE);
	bench_advance(&b, 60000);
	assert_int_equal(bench_state(&b, 1), NEIGH_STALE); // nobody asks, nothing is probed
	assert_int_equal(b.unicast, 0);
	for (unsigned int ms = 0; ms < 8000; ms += 100, sent++) {
		assert_int_equal(bench_send(&b, 1, ms), 0);
		assert_int_equal(bench_state(&b, 1), ms < 5000 ? NEIGH_DELAY : NEIGH_PROBE);
		assert_int_equal(b.unicast, ms < 5000 ? 0 : 1 + (ms - 5000) / 1000);
		bench_advance(&b, 100);
	}
	assert_int_equal(b.delivered, sent);
	assert_int_equal(bench_state(&b, 1), NEIGH_FREE);
	assert_int_equal(b.multicast, 1);
	// Back to the group, at once.
	assert_int_equal(bench_send(&b, 1, 0), 0);
	assert_int_equal(b.multicast, 2);
	bench_answer(&b, 1, &mac_b);
	assert_memory_equal(&b.delivered_mac, &mac_b, sizeof(mac_b));
	bench_close(&b);
}

// REACHABLE_TIME is 30 s x 0.5..1.5, each time another.
static void
gw_nd_08_reachable_time_is_random(void **state)
{
	struct bench b;
	uint64_t least = UINT64_MAX, most = 0;

	bench_open(&b, &params);
	for (unsigned int i = 0; i < 500; i++) {
		uint64_t ms;

		bench_resolve(&b, 1, &mac_a);
		ms = bench_get(&b, 1)->due_ms - b.now;
		assert_in_range(ms, 15000, 45000);
		least = ms < least ? ms : least;
		most = ms > most ? ms : most;
	}
	assert_true(least < 18000 && most > 42000);
	bench_close(&b);
}

static void
gw_nd_06_gw_arp_06_newest_replaces_oldest(void **state)
{
	struct bench b;

	bench_open(&b, &params);
	for (uint32_t tag = 1; tag <= 5; tag++)
		assert_int_equal(bench_send(&b, 1, tag), 0);
	assert_int_equal(b.displaced, 2);
	assert_int_equal(b.failed_tag, 2);
	assert_int_equal(bench_get(&b, 1)->n_waiting, 3);
	bench_answer(&b, 1, &mac_a);
	assert_int_equal(b.delivered, 3);
	assert_int_equal(b.delivered_tag, 5); // in order
	assert_int_equal(bench_get(&b, 1)->n_waiting, 0);
	assert_int_equal(b.failed, 0);
	bench_close(&b);
}

// What waited goes out when the MAC is hearsay too, which is a use of it: DELAY follows.
static void
gw_nd_05_gw_arp_06_hearsay_delivers_and_is_probed(void **state)
{
	struct bench b;

	bench_open(&b, &params);
	assert_int_equal(bench_send(&b, 1, 7), 0);
	bench_hear(&b, 1, &mac_a);
	assert_int_equal(b.delivered_tag, 7);
	assert_int_equal(bench_state(&b, 1), NEIGH_DELAY);
	assert_int_equal(b.updated_state, NEIGH_DELAY);
	bench_advance(&b, 5000);
	assert_int_equal(b.unicast, 1);
	bench_close(&b);
}

static void
gw_nd_07_is_router_follows_r(void **state)
{
	struct bench b;
	struct in6_addr a = host(1);

	bench_open(&b, &params);
	bench_resolve(&b, 1, &mac_a);
	assert_false(bench_get(&b, 1)->is_router);
	neigh_advert(b.t, 0, &a, NULL, false, false, true, false, b.now);
	assert_true(bench_get(&b, 1)->is_router);
	bench_hear(&b, 1, &mac_b); // GW-ND-05: unchanged
	assert_true(bench_get(&b, 1)->is_router);
	neigh_advert(b.t, 0, &a, &mac_a, false, false, false, false, b.now); // O=0: ignored whole
	assert_true(bench_get(&b, 1)->is_router);
	neigh_advert(b.t, 0, &a, &mac_b, false, false, false, false, b.now);
	assert_false(bench_get(&b, 1)->is_router);
	bench_close(&b);
}

static void
gw_arp_03_gw_nd_05_no_such_neighbour(void **state)
{
	static const struct rte_ether_addr macs[] = {
		{{0}}, {{1, 0, 0x5e, 0, 0, 1}}, {{255, 255, 255, 255, 255, 255}}};
	static const char *const addrs[] = {
		"::", "ff02::1", "0.0.0.0", "224.0.0.1", "255.255.255.255"};
	struct bench b;

	bench_open(&b, &params);
	for (unsigned int i = 0; i < 3; i++) {
		bench_hear(&b, 1, &macs[i]);
		bench_resolve(&b, 2, &mac_a);
		bench_answer(&b, 2, &macs[i]);
		assert_memory_equal(&bench_get(&b, 2)->mac, &mac_a, sizeof(mac_a));
	}
	for (unsigned int i = 0; i < 5; i++) {
		struct in6_addr a;

		assert_int_equal(addr_parse_any(addrs[i], &a), 0);
		neigh_seen(b.t, 0, &a, &mac_a, true, b.now);
		neigh_advert(b.t, 0, &a, &mac_a, true, true, false, true, b.now);
	}
	assert_int_equal(neigh_count(b.t), 1);
	bench_close(&b);
}

static void
same_address_on_two_ports(void **state)
{
	struct in6_addr a = {.s6_addr = {0xfe, 0x80, [15] = 1}};
	struct bench b;
	uint32_t i, j;

	bench_open(&b, &params);
	neigh_seen(b.t, 0, &a, &mac_a, true, b.now);
	neigh_seen(b.t, 1, &a, &mac_b, true, b.now);
	i = neigh_find(b.t, 0, &a);
	j = neigh_find(b.t, 1, &a);
	assert_int_not_equal(i, j);
	assert_memory_equal(&neigh_get(b.t, i)->mac, &mac_a, sizeof(mac_a));
	assert_memory_equal(&neigh_get(b.t, j)->mac, &mac_b, sizeof(mac_b));
	assert_int_equal(neigh_get(b.t, j)->port, 1);
	assert_null(neigh_get(b.t, NEIGH_NONE));
	bench_close(&b);
}

static void
count_visit(void *arg, uint32_t idx, const struct neigh *n)
{
	unsigned int *seen = arg;

	seen[host_number(&n->addr)]++;
}

static void
walk_visits_each_once(void **state)
{
	unsigned int seen[20] = {0};
	uint32_t cursor = 0;
	struct bench b;

	bench_open(&b, &params);
	for (uint32_t i = 0; i < 20; i++)
		bench_hear(&b, i, &mac_a);
	while (neigh_walk(b.t, &cursor, 7, count_visit, seen))
		;
	for (uint32_t i = 0; i < 20; i++)
		assert_int_equal(seen[i], 1);
	bench_close(&b);
}

// Neighbours in use come back between the slices, and are not removed again.
static void
flush_removes_each_once(void **state)
{
	static const struct neigh_params big = {.max_entries = 1024,
		.max_incomplete = 256,
		.queue_len = 1,
		.max_waiting = 64,
		.socket_id = SOCKET_ID_ANY};
	uint32_t cursor = 0, removed = 0;
	struct bench b;

	bench_open(&b, &big);
	for (uint32_t i = 0; i < 50; i++)
		bench_resolve(&b, i, &mac_a);
	assert_int_equal(bench_send(&b, 50, 0), 0);
	b.multicast = 0;
	while (neigh_flush(b.t, &cursor, 16, &removed))
		for (uint32_t i = 0; i < 50; i++)
			bench_send(&b, i, 0);
	assert_int_equal(removed, 50);
	assert_int_equal(b.removed, 50);
	assert_int_equal(b.failed, 0);
	assert_int_equal(b.multicast, 50);
	assert_int_equal(neigh_count(b.t), 51);
	bench_close(&b);
}

static void
free_takes_what_waits_along(void **state)
{
	struct bench b;

	bench_open(&b, &params);
	for (uint32_t i = 0; i < 4; i++)
		assert_int_equal(bench_send(&b, i, 0), 0);
	bench_close(&b); // the teardown counts the packets
	assert_int_equal(b.failed + b.delivered, 0);
}

static void
tick_keeps_to_its_budget_and_order(void **state)
{
	struct bench b;

	bench_open(&b, &params);
	for (uint32_t i = 0; i < 20; i++) {
		bench_resolve(&b, i, &mac_a);
		b.now += 7;
	}
	b.now += 45000;
	for (uint32_t i = 1; i <= 20; i++) {
		unsigned int updates = b.updates;

		neigh_tick(b.t, b.now, 1);
		assert_int_equal(b.updates, updates + 1);
	}
	for (uint32_t i = 0; i < 20; i++)
		assert_int_equal(bench_state(&b, i), NEIGH_STALE);
	bench_close(&b);
}

static void
create_refuses_nonsense(void **state)
{
	static const struct neigh_params bad[] = {
		{.max_entries = 0, .max_incomplete = 1, .queue_len = 1},
		{.max_entries = NEIGH_ENTRIES_MAX + 1, .max_incomplete = 1, .queue_len = 1},
		{.max_entries = 1, .max_incomplete = 0, .queue_len = 1},
		{.max_entries = 1, .max_incomplete = 1, .queue_len = 0},
		{.max_entries = 1, .max_incomplete = 1, .queue_len = NEIGH_QUEUE_MAX + 1},
	};
	struct err err;

	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		err.text[0] = '\0';
		assert_null(neigh_create(&bad[i], &bench_ops, NULL, &err));
		assert_true(err.text[0] != '\0');
	}
	neigh_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		neigh_test(gw_nd_07_08_state_by_event),
		neigh_test(gw_nd_06_gw_nd_10_resolution_fails),
		neigh_test(gw_nd_10_gw_arp_05_one_a_second),
		neigh_test(gw_nd_08_gw_nd_11_unreachability),
		neigh_test(gw_nd_08_reachable_time_is_random),
		neigh_test(gw_nd_06_gw_arp_06_newest_replaces_oldest),
		neigh_test(gw_nd_05_gw_arp_06_hearsay_delivers_and_is_probed),
		neigh_test(gw_nd_07_is_router_follows_r),
		neigh_test(gw_arp_03_gw_nd_05_no_such_neighbour),
		neigh_test(same_address_on_two_ports),
		neigh_test(walk_visits_each_once),
		neigh_test(flush_removes_each_once),
		neigh_test(free_takes_what_waits_along),
		neigh_test(tick_keeps_to_its_budget_and_order),
		neigh_test(create_refuses_nonsense),
	};

	hash_key_init();
	mbuf_util_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
