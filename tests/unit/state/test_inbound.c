// SPDX-License-Identifier: BSD-3-Clause
// Sessions that begin on the IPv4 side, who may begin them, and static bindings.
#include "fixture.h"

#define ALL 0xffff // prefixes under which an outsider may be seen

// A packet from (server, dport) to the IPv4 side of session or binding (T, t).
static struct session *
outsider(struct state *st, const struct session *to, uint32_t server, uint16_t dport, uint8_t flags,
	enum drop_reason *why)
{
	const struct session_key4 key = {
		.dst4 = rte_cpu_to_be_32(FIXTURE_SERVERS + server),
		.src4 = to->src4,
		.dport = rte_cpu_to_be_16(to->proto == ICMP ? 0 : dport),
		.sport = to->sport4,
		.proto = to->proto,
	};
	bool made;
	struct session *s = state_admit4(st, &key, flags, ALL, 0, &made, why);

	if (s)
		state_touch(st, s, flags, false, 0);
	fixture_check(st);
	return s;
}

static enum drop_reason
outcome(struct state *st, const struct session *to, uint32_t server, uint16_t dport, uint8_t flags)
{
	enum drop_reason why = DROP_NONE;

	return outsider(st, to, server, dport, flags, &why) ? DROP_NONE : why;
}

static struct state *
state_with(enum config_filtering f)
{
	struct config_nat64 c = fixture_config(1);

	c.filtering = f;
	return fixture_state(&c);
}

static const uint8_t protos[] = {TCP, UDP, ICMP};

// N64-FILT-01, N64-FILT-05, N64-UDP-07, N64-ICMP-04, N64-TCP-C7
static void
endpoint_independent(void **state)
{
	struct state *st = state_with(FILTERING_ENDPOINT);

	for (unsigned int i = 0; i < RTE_DIM(protos); i++) {
		uint8_t flags = protos[i] == TCP ? SYN : 0;
		struct session *a = fixture_admit(st, fixture_key(protos[i], 1, 5000, 1, 80), 0);
		enum drop_reason why;
		struct session *b = outsider(st, a, 2, 7, flags, &why);

		assert_non_null(b);
		assert_ptr_not_equal(a, b);
		assert_memory_equal(&b->src6, &a->src6, sizeof(a->src6));
		assert_int_equal(b->sport6, a->sport6);
		assert_int_equal(b->bib, a->bib);
		assert_true(b->flags & SESSION_INBOUND);
		assert_int_equal(b->tcp, protos[i] == TCP ? TCP_V4_INIT : TCP_CLOSED);
		assert_int_equal(b->timer, protos[i] == TCP   ? TIMEOUT_TCP_TRANSITORY
					   : protos[i] == UDP ? TIMEOUT_UDP
							      : TIMEOUT_ICMP);
		// again: the same session
		assert_ptr_equal(outsider(st, a, 2, 7, flags, &why), b);
	}
	assert_int_equal(fixture_bibs(st), 3); // never a binding
	state_free(st);
}

// N64-UDP-06, N64-ICMP-03, N64-FILT-04, N64-TCP-12: known address, any port
static void
address_dependent(void **state)
{
	struct state *st = state_with(FILTERING_ADDRESS);

	for (unsigned int i = 0; i < 2; i++) {
		uint8_t flags = protos[i] == TCP ? SYN : 0;
		struct session *a = fixture_admit(st, fixture_key(protos[i], 1, 5000, 1, 80), 0);

		assert_int_equal(outcome(st, a, 1, 81, flags), DROP_NONE);
		assert_int_equal(outcome(st, a, 2, 80, flags), DROP_FILTERED);
		fixture_admit(st, fixture_key(protos[i], 1, 5000, 2, 1), 0);
		assert_int_equal(outcome(st, a, 2, 80, flags), DROP_NONE);
	}
	state_free(st);
}

static void
address_and_port_dependent(void **state)
{
	struct state *st = state_with(FILTERING_ADDRESS_PORT);

	for (unsigned int i = 0; i < 2; i++) {
		uint8_t flags = protos[i] == TCP ? SYN : 0;
		struct session *a = fixture_admit(st, fixture_key(protos[i], 1, 5000, 1, 80), 0);

		assert_int_equal(outcome(st, a, 1, 81, flags), DROP_FILTERED);
		assert_int_equal(outcome(st, a, 1, 80, flags), DROP_NONE);
	}
	state_free(st);
}

// The peers of a binding are known whatever their number, and as long as one session of theirs is.
static void
n64_filt_04_many_peers(void **state)
{
	struct state *st = state_with(FILTERING_ADDRESS);
	struct session *s[40], first;

	for (unsigned int n = 1; n <= RTE_DIM(s); n++) {
		for (uint32_t i = 0; i < n; i++) // each peer has two sessions, but for the last
			s[i] = fixture_admit(
				st, fixture_key(UDP, 1, 5000, i / 2, (uint16_t)(1000 + i)), 0);
		first = *s[0];
		for (uint32_t i = 0; i < n; i++)
			assert_int_equal(outcome(st, &first, 900 + i, 1, 0), DROP_FILTERED);
		for (uint32_t i = 0; i < n; i++) {
			state_end(st, s[i]);
			fixture_check(st);
			if (i + 1 == n)
				break;
			assert_int_equal(outcome(st, &first, i / 2, (uint16_t)(1000 + i), 0),
				i % 2 ? DROP_FILTERED : DROP_NONE);
			if (i % 2 == 0) {
				struct session_key6 k =
					fixture_key(UDP, 1, 5000, i / 2, (uint16_t)(1000 + i));

				state_end(st, fixture_find6(st, k));
			}
		}
		assert_int_equal(fixture_sessions(st), 0);
	}
	state_free(st);
}

// N64-TCP-C4, N64-TCP-C8, N64-TCP-C9, N64-TCP-14, N64-UDP-05
static void
what_does_not_open(void **state)
{
	struct state *st = state_with(FILTERING_ENDPOINT);
	struct session nobody = {.src4 = rte_cpu_to_be_32(FIXTURE_POOL + 1), .sport4 = 77};
	struct session *a = fixture_admit(st, fixture_key(TCP, 1, 5000, 1, 80), 0);

	assert_int_equal(outcome(st, a, 2, 80, SYN | ACK), DROP_TCP_NO_SESSION);
	assert_int_equal(outcome(st, a, 2, 80, ACK), DROP_TCP_NO_SESSION);
	assert_int_equal(outcome(st, a, 2, 80, RST), DROP_TCP_NO_SESSION);
	assert_int_equal(outcome(st, a, 2, 80, SYN | FIN), DROP_TCP_FLAGS);
	assert_int_equal(outcome(st, a, 2, 80, 0), DROP_TCP_FLAGS);
	nobody.proto = TCP;
	assert_int_equal(outcome(st, &nobody, 2, 80, SYN), DROP_TCP_NO_SESSION);
	nobody.proto = UDP;
	assert_int_equal(outcome(st, &nobody, 2, 80, 0), DROP_NO_SESSION4);
	nobody.proto = ICMP;
	assert_int_equal(outcome(st, &nobody, 2, 0, 0), DROP_NO_SESSION4);
	assert_int_equal(fixture_sessions(st), 1);
	state_free(st);
}

// N64-DOS-03, N64-UDP-04
static void
n64_dos_03_bound_of_a_binding(void **state)
{
	struct config_nat64 c = fixture_config(1);
	struct state *st;
	struct session *a, *b;

	c.filtering = FILTERING_ENDPOINT;
	c.max_inbound = 10;
	st = fixture_state(&c);
	a = fixture_admit(st, fixture_key(UDP, 1, 5000, 1, 80), 0);
	b = fixture_admit(st, fixture_key(UDP, 1, 5001, 1, 80), 0);
	for (uint32_t i = 0; i < 10; i++)
		assert_int_equal(outcome(st, a, 10 + i, 1, 0), DROP_NONE);
	assert_int_equal(outcome(st, a, 30, 1, 0), DROP_INBOUND_LIMIT);
	assert_int_equal(outcome(st, b, 30, 1, 0), DROP_NONE);
	fixture_admit(st, fixture_key(UDP, 1, 5000, 30, 1), 0); // the client itself may
	assert_int_equal(fixture_sessions(st), 14);
	fixture_expire_all(st, 301); // and it eases
	assert_int_equal(fixture_bibs(st), 0);
	a = fixture_admit(st, fixture_key(UDP, 1, 5000, 1, 80), 301);
	assert_int_equal(outcome(st, a, 30, 1, 0), DROP_NONE);
	state_free(st);
}

// Outsiders take of what the subscriber may have, and of no rate.
static void
quota_of_sessions_holds(void **state)
{
	struct config_nat64 c = fixture_config(1);
	struct state *st;
	struct session *a;

	c.filtering = FILTERING_ENDPOINT;
	c.quota.sessions = 5;
	c.quota.new_per_sec = 1;
	st = fixture_state(&c);
	a = fixture_admit(st, fixture_key(UDP, 1, 5000, 1, 80), 0);
	for (uint32_t i = 0; i < 4; i++)
		assert_int_equal(outcome(st, a, 10 + i, 1, 0), DROP_NONE);
	assert_int_equal(outcome(st, a, 30, 1, 0), DROP_QUOTA_SESSIONS);
	state_free(st);
}

static void
prefix_of_the_binding(void **state)
{
	struct state *st = state_with(FILTERING_ENDPOINT);
	struct session_key6 k = fixture_key(UDP, 1, 5000, 1, 80);
	struct session_key4 k4;
	struct session *a;
	enum drop_reason why;
	bool made;

	k.pref64 = 2;
	a = fixture_admit(st, k, 0);
	assert_int_equal(outsider(st, a, 2, 9, 0, &why)->pref64, 2);
	k4 = (struct session_key4){
		.dst4 = 1, .src4 = a->src4, .dport = 1, .sport = a->sport4, .proto = UDP};
	assert_null(state_admit4(st, &k4, 0, ALL & ~4, 0, &made, &why));
	assert_int_equal(why, DROP_WKP_NON_GLOBAL);
	assert_non_null(state_admit4(st, &k4, 0, 4, 0, &made, &why));
	state_free(st);
}

// ---- static bindings

// Port forwarding of ports 80-89 to ports 8080-8089 of the client, all protocols.
static struct config_nat64
config_static(uint32_t client)
{
	struct config_nat64 c = fixture_config(2);

	c.statics[0] = (struct config_static){
		.protocols = 7,
		.address.s_addr = rte_cpu_to_be_32(FIXTURE_POOL + 2),
		.port_first = 80,
		.port_last = 89,
		.client = fixture_src6(client),
		.client_port = 8080,
	};
	c.n_static = 1;
	return c;
}

static struct session
static_port(uint8_t proto, uint16_t port)
{
	return (struct session){
		.src4 = rte_cpu_to_be_32(FIXTURE_POOL + 2),
		.sport4 = rte_cpu_to_be_16(port),
		.proto = proto,
	};
}

// N64-BIB-07: there without a session, open to everybody, and never ending.
static void
n64_bib_07_static(void **state)
{
	struct config_nat64 c = config_static(1);
	struct state *st = fixture_state(&c);

	fixture_check(st);
	assert_int_equal(fixture_bibs(st), 30);
	for (unsigned int i = 0; i < RTE_DIM(protos); i++) {
		struct session to = static_port(protos[i], 85);
		enum drop_reason why;
		struct session *s = outsider(st, &to, 5, 1000, protos[i] == TCP ? SYN : 0, &why);

		assert_non_null(s);
		assert_int_equal(rte_be_to_cpu_16(s->sport6), 8085);
		to.sport4 = RTE_BE16(90);
		assert_null(outsider(st, &to, 5, 1000, protos[i] == TCP ? SYN : 0, &why));
	}
	assert_int_equal(fixture_sessions(st), 3);
	fixture_expire_all(st, 100000);
	assert_int_equal(fixture_sessions(st), 0);
	assert_int_equal(fixture_bibs(st), 30);
	fixture_check(st);
	state_free(st);
}

// What the client itself sends from the port uses the binding, and its other ports its address.
static void
n64_bib_07_static_outbound(void **state)
{
	struct config_nat64 c = config_static(1);
	struct state *st = fixture_state(&c);
	struct session *s = fixture_admit(st, fixture_key(UDP, 1, 8083, 9, 53), 0);

	assert_int_equal(fixture_port4(s), 83);
	assert_int_equal(rte_be_to_cpu_32(s->src4), FIXTURE_POOL + 2);
	s = fixture_admit(st, fixture_key(UDP, 1, 8090, 9, 53), 0);
	assert_int_not_equal(fixture_port4(s), 90);
	assert_int_equal(rte_be_to_cpu_32(s->src4), FIXTURE_POOL + 2); // N64-PORT-01
	fixture_check(st);
	state_free(st);
}

// Nobody else gets the ports: all others of a small pool are given out.
static void
static_ports_are_not_given_out(void **state)
{
	struct config_nat64 c = config_static(1);
	struct state *st;

	c.pool4[0].first = c.pool4[0].last;
	c.pool4[0].port_first = 70;
	c.pool4[0].port_last = 99;
	st = fixture_state(&c);
	for (unsigned int i = 0; i < RTE_DIM(protos); i++) {
		for (uint16_t k = 0; k < 20; k++) {
			struct session *s = fixture_admit(
				st, fixture_key(protos[i], 2, (uint16_t)(k + 1), 9, 53), 0);

			assert_false(fixture_port4(s) >= 80 && fixture_port4(s) <= 89);
		}
		assert_int_equal(
			fixture_refused(st, fixture_key(protos[i], 2, 999, 9, 53)), DROP_NO_PORT);
		fixture_check(st);
	}
	state_free(st);
}

static void
static_open_to_some(void **state)
{
	struct config_nat64 c = config_static(1);
	struct session to = static_port(UDP, 80);
	struct state *st;

	c.statics[0].allow[0] = (struct prefix4){
		.addr.s_addr = rte_cpu_to_be_32(FIXTURE_SERVERS + 0x100), .len = 24};
	c.statics[0].n_allow = 1;
	st = fixture_state(&c);
	assert_int_equal(outcome(st, &to, 0x1ff, 5, 0), DROP_NONE);
	assert_int_equal(outcome(st, &to, 0x200, 5, 0), DROP_FILTERED);
	state_free(st);
}

// An address of its own, without ports to give, and a client whom no entry of the pool serves.
static void
static_beside_the_pool(void **state)
{
	struct config_nat64 c = config_static(1);
	struct session to = static_port(TCP, 80);
	struct state *st;

	c.pool4[0].last = c.pool4[0].first;
	c.pool4[0].clients[0] = (struct prefix6){.addr = fixture_src6(7), .len = 128};
	c.pool4[0].n_clients = 1;
	c.pool4[1] = (struct config_pool4){
		.first.s_addr = to.src4, .last.s_addr = to.src4, .port_first = 1, .port_last = 0};
	c.n_pool4 = 2;
	st = fixture_state(&c);
	assert_int_equal(outcome(st, &to, 3, 5, SYN), DROP_NONE);
	assert_int_equal(fixture_refused(st, fixture_key(UDP, 1, 5000, 9, 53)), DROP_NO_PORT);
	assert_int_equal(fixture_refused(st, fixture_key(UDP, 2, 5000, 9, 53)), DROP_NO_POOL4);
	fixture_admit(st, fixture_key(UDP, 7, 5000, 9, 53), 0);
	fixture_check(st);
	state_free(st);
}

// Bindings of the operator have room of their own and count for no quota.
static void
static_takes_no_room(void **state)
{
	struct config_nat64 c = config_static(1);
	struct state *st;

	c.max_bib = 64;
	c.quota.bindings = 16;
	st = fixture_state(&c);
	for (uint16_t i = 0; i < 16; i++)
		fixture_admit(st, fixture_key(UDP, 1, i + 1, 9, 53), 0);
	assert_int_equal(fixture_refused(st, fixture_key(UDP, 1, 999, 9, 53)), DROP_QUOTA_BINDINGS);
	fixture_check(st);
	state_free(st);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(endpoint_independent),
		cmocka_unit_test(address_dependent),
		cmocka_unit_test(address_and_port_dependent),
		cmocka_unit_test(n64_filt_04_many_peers),
		cmocka_unit_test(what_does_not_open),
		cmocka_unit_test(n64_dos_03_bound_of_a_binding),
		cmocka_unit_test(quota_of_sessions_holds),
		cmocka_unit_test(prefix_of_the_binding),
		cmocka_unit_test(n64_bib_07_static),
		cmocka_unit_test(n64_bib_07_static_outbound),
		cmocka_unit_test(static_ports_are_not_given_out),
		cmocka_unit_test(static_open_to_some),
		cmocka_unit_test(static_beside_the_pool),
		cmocka_unit_test(static_takes_no_room),
	};

	fixture_eal("384");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
