// SPDX-License-Identifier: BSD-3-Clause
// Another filtering while there are sessions from both sides: what outsiders began stays if it
// could begin now, and what clients began stays anyway.
#include "change.h"

#define SESSIONS 400

static struct session_key4
key4(const struct session *of, uint32_t server, uint16_t dport)
{
	return (struct session_key4){
		.dst4 = rte_cpu_to_be_32(FIXTURE_SERVERS + server),
		.src4 = of->src4,
		.dport = rte_cpu_to_be_16(dport),
		.sport = of->sport4,
		.proto = of->proto,
	};
}

// An outsider's packet; NULL with *why when it is refused.
static struct session *
from_outside(struct state *st, const struct session *to, uint32_t server, uint16_t dport,
	enum drop_reason *why)
{
	const struct session_key4 key = key4(to, server, dport);
	bool made;

	return state_admit4(st, &key, SYN, UINT16_MAX, NOW, &made, why);
}

static bool
gets_in(struct state *st, const struct session *to, uint32_t server, uint16_t dport)
{
	enum drop_reason why = DROP_NONE;

	return from_outside(st, to, server, dport, &why) != NULL;
}

static struct state *
state_with(struct config_nat64 *c, enum config_filtering filtering)
{
	*c = fixture_config(1);
	c->filtering = filtering;
	return fixture_state(c);
}

static unsigned int
filter_by(struct state *st, struct config_nat64 *c, enum config_filtering filtering)
{
	struct ends e = {.n = 0};
	struct state_change *ch;

	c->filtering = filtering;
	ch = prepare(st, c, false, 0);
	assert_non_null(ch);
	begin(st, ch, NOW);
	return finish(st, ch, &e);
}

// N64-FILT-04: few sessions, which the binding itself knows, and many, which a table knows.
static void
n64_filt_04_address_after_endpoint(void **state)
{
	static const unsigned int more[] = {0, 1, 20};

	for (unsigned int i = 0; i < RTE_DIM(more); i++) {
		struct config_nat64 c;
		struct state *st = state_with(&c, FILTERING_ENDPOINT);
		struct session *own = fixture_admit(st, fixture_key(UDP, 1, 5000, 1, 53), NOW);

		for (uint16_t k = 0; k < more[i]; k++)
			fixture_admit(st, fixture_key(UDP, 1, 5000, 10u + k, 53), NOW);
		assert_true(gets_in(st, own, 1, 7000));
		assert_true(gets_in(st, own, 2, 7000));
		if (more[i] == 20)
			assert_true(gets_in(st, own, 15, 9));
		assert_int_equal(filter_by(st, &c, FILTERING_ADDRESS), 1);
		assert_int_equal(fixture_sessions(st), 2 + more[i] + (more[i] == 20));
		assert_true(gets_in(st, own, 1, 7000)); // the same session
		assert_false(gets_in(st, own, 2, 7000));
		assert_true(gets_in(st, own, 1, 7001));
		fixture_check(st);
		state_free(st);
	}
}

static void
address_and_port_after_others(void **state)
{
	struct config_nat64 c;
	struct state *st = state_with(&c, FILTERING_ENDPOINT);
	struct session *own = fixture_admit(st, fixture_key(TCP, 1, 5000, 1, 80), NOW);

	assert_true(gets_in(st, own, 1, 7000));
	assert_true(gets_in(st, own, 2, 7000));
	assert_int_equal(filter_by(st, &c, FILTERING_ADDRESS), 1);
	assert_int_equal(filter_by(st, &c, FILTERING_ADDRESS_PORT), 1);
	assert_int_equal(fixture_sessions(st), 1);
	assert_false(gets_in(st, own, 1, 7000));
	state_free(st);
}

static void
a_looser_filtering_ends_nothing(void **state)
{
	struct config_nat64 c;
	struct state *st = state_with(&c, FILTERING_ADDRESS_PORT);
	struct session *own = fixture_admit(st, fixture_key(UDP, 1, 5000, 1, 53), NOW);

	assert_false(gets_in(st, own, 1, 7000));
	assert_int_equal(filter_by(st, &c, FILTERING_ADDRESS), 0);
	assert_true(gets_in(st, own, 1, 7000));
	assert_false(gets_in(st, own, 2, 7000));
	assert_int_equal(filter_by(st, &c, FILTERING_ENDPOINT), 0);
	assert_true(gets_in(st, own, 2, 7000));
	assert_int_equal(fixture_sessions(st), 3);
	fixture_check(st);
	state_free(st);
}

// A session that is about to end lets nobody in any more.
static void
between_the_slices_only_the_client_counts(void **state)
{
	struct config_nat64 c;
	struct state *st = state_with(&c, FILTERING_ENDPOINT);
	struct session *own = fixture_admit(st, fixture_key(UDP, 1, 5000, 1, 53), NOW);
	struct ends e = {.n = 0};
	enum drop_reason why;
	struct state_change *ch;

	assert_true(gets_in(st, own, 2, 7000));
	c.filtering = FILTERING_ADDRESS;
	ch = prepare(st, &c, false, 0);
	begin(st, ch, NOW);
	assert_null(from_outside(st, own, 2, 7001, &why));
	assert_int_equal(why, DROP_FILTERED);
	assert_true(gets_in(st, own, 1, 7001));
	assert_int_equal(finish(st, ch, &e), 1);
	state_free(st);
}

// N64-DOS-03
static void
n64_dos_03_max_inbound_holds_for_what_begins(void **state)
{
	struct config_nat64 c;
	struct state *st = state_with(&c, FILTERING_ENDPOINT);
	struct session *own = fixture_admit(st, fixture_key(UDP, 1, 5000, 1, 53), NOW);
	enum drop_reason why;

	for (uint16_t i = 0; i < 10; i++)
		assert_true(gets_in(st, own, 2, 7000 + i));
	c.max_inbound = 4;
	assert_int_equal(filter_by(st, &c, FILTERING_ENDPOINT), 0);
	assert_int_equal(fixture_sessions(st), 11);
	assert_null(from_outside(st, own, 2, 8000, &why));
	assert_int_equal(why, DROP_INBOUND_LIMIT);
	c.max_inbound = 11;
	filter_by(st, &c, FILTERING_ENDPOINT);
	assert_true(gets_in(st, own, 2, 8000));
	assert_null(from_outside(st, own, 2, 8001, &why));
	state_free(st);
}

// N64-TCP-C5, N64-TCP-10: SYNs wait from the change on, and what waits does so to its end.
static void
n64_tcp_c5_waiting_is_turned_on_and_off(void **state)
{
	struct config_nat64 c;
	struct state *st = state_with(&c, FILTERING_ADDRESS);
	struct session *own = fixture_admit(st, fixture_key(TCP, 1, 5000, 1, 80), NOW);
	struct session_key4 a = key4(own, 2, 80), b = key4(own, 3, 80);
	enum drop_reason why = DROP_FILTERED;
	int packet[2];

	assert_false(state_syn_store(st, &a, SYN, NOW, &packet[0], &why));
	c.tcp_incoming = TCP_INCOMING_WAIT;
	filter_by(st, &c, FILTERING_ADDRESS);
	assert_true(state_syn_store(st, &a, SYN, NOW, &packet[0], &why));
	c.tcp_incoming = TCP_INCOMING_DROP;
	filter_by(st, &c, FILTERING_ADDRESS);
	assert_false(state_syn_store(st, &b, SYN, NOW, &packet[1], &why));
	assert_null(state_syn_due(st, NOW + 6));
	assert_ptr_equal(state_syn_due(st, NOW + 7), &packet[0]);
	state_free(st);
}

static void
a_shorter_wait_holds_at_once(void **state)
{
	struct config_nat64 c;
	struct state *st;
	struct session *own;
	struct session_key4 a, b;
	enum drop_reason why = DROP_FILTERED;
	int packet[2];

	c = fixture_config(1);
	c.tcp_incoming = TCP_INCOMING_WAIT;
	c.timeout[TIMEOUT_TCP_SYN] = 60;
	st = fixture_state(&c);
	own = fixture_admit(st, fixture_key(TCP, 1, 5000, 1, 80), NOW);
	a = key4(own, 2, 80);
	b = key4(own, 3, 80);
	assert_true(state_syn_store(st, &a, SYN, NOW, &packet[0], &why));
	c.timeout[TIMEOUT_TCP_SYN] = 6;
	filter_by(st, &c, c.filtering);
	assert_true(state_syn_store(st, &b, SYN, NOW + 1, &packet[1], &why));
	fixture_check(st);
	assert_ptr_equal(state_syn_due(st, NOW + 7), &packet[0]);
	assert_ptr_equal(state_syn_due(st, NOW + 8), &packet[1]);
	state_free(st);
}

// Its sender tries again when it is let in: the SYN that waited is over, and nobody gets an error.
static void
what_waited_is_let_in(void **state)
{
	struct config_nat64 c;
	struct state *st = state_with(&c, FILTERING_ADDRESS);
	struct session *own = fixture_admit(st, fixture_key(TCP, 1, 5000, 1, 80), NOW);
	struct session_key4 a = key4(own, 2, 7000);
	enum drop_reason why = DROP_FILTERED;
	int packet;

	c.tcp_incoming = TCP_INCOMING_WAIT;
	filter_by(st, &c, FILTERING_ADDRESS);
	assert_true(state_syn_store(st, &a, SYN, NOW, &packet, &why));
	filter_by(st, &c, FILTERING_ENDPOINT);
	assert_true(gets_in(st, own, 2, 7000));
	assert_ptr_equal(state_syn_claimed(st), &packet);
	assert_null(state_syn_due(st, NOW + 100));
	fixture_check(st);
	state_free(st);
}

// ---- at random

static uint32_t seed;

static uint32_t
rnd(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

struct seen {
	struct session_key6 key;
	struct session session;
	bool alive;
};

static struct session_key6
random_key(void)
{
	static const uint8_t protos[] = {TCP, UDP, ICMP};

	return fixture_key(
		protos[rnd(3)], rnd(3), (uint16_t)(5000 + rnd(4)), rnd(12), (uint16_t)(1 + rnd(4)));
}

static void
random_session(struct state *st, struct seen *s)
{
	struct session_key6 key = random_key();
	const struct bib *b = state_bib_find6(st, &key.src6, key.sport, key.proto);
	enum drop_reason why;
	struct session *made;

	if (fixture_find6(st, key))
		return;
	if (b && rnd(2)) {
		const struct session to = {.src4 = b->src4, .sport4 = b->sport4, .proto = b->proto};

		made = from_outside(
			st, &to, ntohl(key.dst4) - FIXTURE_SERVERS, ntohs(key.dport), &why);
	} else {
		made = fixture_try(st, key, NOW, &why);
	}
	if (!made)
		return;
	s->key = key;
	s->session = *made;
	s->alive = true;
}

static bool
began_inside(const struct seen *all, const struct session *with)
{
	for (unsigned int i = 0; i < SESSIONS; i++) {
		const struct session *s = &all[i].session;

		if (all[i].alive && !(s->flags & SESSION_INBOUND) && s->bib == with->bib &&
			s->dst4 == with->dst4)
			return true;
	}
	return false;
}

static bool
lets_stay(const struct seen *all, const struct session *s, enum config_filtering is)
{
	if (!(s->flags & SESSION_INBOUND) || is == FILTERING_ENDPOINT)
		return true;
	return is == FILTERING_ADDRESS && began_inside(all, s);
}

static void
n64_random_filtering(void **state)
{
	static struct seen all[SESSIONS];
	struct config_nat64 c;
	struct state *st = state_with(&c, FILTERING_ENDPOINT);
	enum config_filtering is = FILTERING_ENDPOINT, next;

	seed = 7;
	for (unsigned int round = 0; round < 200; round++) {
		bool stay[SESSIONS], stricter;

		for (unsigned int i = 0; i < 100; i++) {
			struct seen *s = &all[rnd(SESSIONS)];

			if (s->alive)
				state_end(st, fixture_find6(st, s->key));
			s->alive = false;
			random_session(st, s);
		}
		next = (enum config_filtering)rnd(3);
		stricter = next != FILTERING_ENDPOINT && is != FILTERING_ADDRESS_PORT && next != is;
		for (unsigned int i = 0; i < SESSIONS; i++)
			stay[i] = all[i].alive &&
				  (!stricter || lets_stay(all, &all[i].session, next));
		filter_by(st, &c, next);
		is = next;
		for (unsigned int i = 0; i < SESSIONS; i++) {
			assert_true(!all[i].alive ||
				    (fixture_find6(st, all[i].key) != NULL) == stay[i]);
			all[i].alive = stay[i];
		}
	}
	state_free(st);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(n64_filt_04_address_after_endpoint),
		cmocka_unit_test(address_and_port_after_others),
		cmocka_unit_test(a_looser_filtering_ends_nothing),
		cmocka_unit_test(between_the_slices_only_the_client_counts),
		cmocka_unit_test(n64_dos_03_max_inbound_holds_for_what_begins),
		cmocka_unit_test(n64_tcp_c5_waiting_is_turned_on_and_off),
		cmocka_unit_test(a_shorter_wait_holds_at_once),
		cmocka_unit_test(what_waited_is_let_in),
		cmocka_unit_test(n64_random_filtering),
	};

	fixture_eal("512");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
