// SPDX-License-Identifier: BSD-3-Clause
#include "fixture.h"

#define BIT(e)   (1u << TCP_##e)
#define SEGMENTS (BIT(TIMEOUT) - 1)
#define RSTS     (BIT(V6_RST) | BIT(V4_RST))

// The rows of conformance section 3.4. Events of "anything else" are spelt as all segments less
// those of the rows before.
static const struct row {
	const char *id;
	enum tcp_state state;
	unsigned int events;
	enum tcp_state next;
	enum tcp_timer timer;
	bool probe;
} rows[] = {
	{"N64-TCP-C1 C2", TCP_CLOSED, BIT(V6_SYN), TCP_V6_INIT, TCP_TIMER_TRANS, false},
	{"N64-TCP-C7", TCP_CLOSED, BIT(V4_SYN), TCP_V4_INIT, TCP_TIMER_TRANS, false},
	{"N64-TCP-C8 C9", TCP_CLOSED, SEGMENTS & ~(BIT(V6_SYN) | BIT(V4_SYN)), TCP_CLOSED,
		TCP_TIMER_KEEP, false},
	{"no session in CLOSED", TCP_CLOSED, BIT(TIMEOUT), TCP_CLOSED, TCP_TIMER_END, false},
	{"N64-TCP-D1", TCP_V4_INIT, BIT(V6_SYN), TCP_ESTABLISHED, TCP_TIMER_EST, false},
	{"N64-TCP-D3", TCP_V4_INIT, BIT(TIMEOUT), TCP_CLOSED, TCP_TIMER_END, false},
	{"N64-TCP-D4 16", TCP_V4_INIT, SEGMENTS & ~BIT(V6_SYN), TCP_V4_INIT, TCP_TIMER_KEEP, false},
	{"N64-TCP-E1 08", TCP_V6_INIT, BIT(V4_SYN), TCP_ESTABLISHED, TCP_TIMER_EST, false},
	{"N64-TCP-E2", TCP_V6_INIT, BIT(V6_SYN), TCP_V6_INIT, TCP_TIMER_TRANS, false},
	{"N64-TCP-E3", TCP_V6_INIT, SEGMENTS & ~(BIT(V4_SYN) | BIT(V6_SYN)), TCP_V6_INIT,
		TCP_TIMER_KEEP, false},
	{"N64-TCP-E4", TCP_V6_INIT, BIT(TIMEOUT), TCP_CLOSED, TCP_TIMER_END, false},
	{"N64-TCP-F1", TCP_ESTABLISHED, BIT(V4_FIN), TCP_V4_FIN_RCV, TCP_TIMER_KEEP, false},
	{"N64-TCP-F2", TCP_ESTABLISHED, BIT(V6_FIN), TCP_V6_FIN_RCV, TCP_TIMER_KEEP, false},
	{"N64-TCP-F3 03", TCP_ESTABLISHED, RSTS, TCP_TRANS, TCP_TIMER_TRANS, false},
	{"N64-TCP-F4", TCP_ESTABLISHED, SEGMENTS & ~(BIT(V4_FIN) | BIT(V6_FIN) | RSTS),
		TCP_ESTABLISHED, TCP_TIMER_EST, false},
	{"N64-TCP-F5", TCP_ESTABLISHED, BIT(TIMEOUT), TCP_TRANS, TCP_TIMER_TRANS, true},
	{"N64-TCP-G1", TCP_V4_FIN_RCV, BIT(V6_FIN), TCP_V6_FIN_V4_FIN_RCV, TCP_TIMER_TRANS, false},
	{"N64-TCP-04", TCP_V4_FIN_RCV, RSTS, TCP_TRANS, TCP_TIMER_TRANS, false},
	{"N64-TCP-G2 02", TCP_V4_FIN_RCV, SEGMENTS & ~(BIT(V6_FIN) | RSTS), TCP_V4_FIN_RCV,
		TCP_TIMER_EST, false},
	{"N64-TCP-G3", TCP_V4_FIN_RCV, BIT(TIMEOUT), TCP_CLOSED, TCP_TIMER_END, false},
	{"N64-TCP-H1", TCP_V6_FIN_RCV, BIT(V4_FIN), TCP_V6_FIN_V4_FIN_RCV, TCP_TIMER_TRANS, false},
	{"N64-TCP-04", TCP_V6_FIN_RCV, RSTS, TCP_TRANS, TCP_TIMER_TRANS, false},
	{"N64-TCP-H2 02", TCP_V6_FIN_RCV, SEGMENTS & ~(BIT(V4_FIN) | RSTS), TCP_V6_FIN_RCV,
		TCP_TIMER_EST, false},
	{"N64-TCP-H3", TCP_V6_FIN_RCV, BIT(TIMEOUT), TCP_CLOSED, TCP_TIMER_END, false},
	{"N64-TCP-I1", TCP_V6_FIN_V4_FIN_RCV, SEGMENTS, TCP_V6_FIN_V4_FIN_RCV, TCP_TIMER_KEEP,
		false},
	{"N64-TCP-I2", TCP_V6_FIN_V4_FIN_RCV, BIT(TIMEOUT), TCP_CLOSED, TCP_TIMER_END, false},
	{"N64-TCP-J1", TCP_TRANS, SEGMENTS & ~RSTS, TCP_ESTABLISHED, TCP_TIMER_EST, false},
	{"N64-TCP-J2", TCP_TRANS, RSTS, TCP_TRANS, TCP_TIMER_KEEP, false},
	{"N64-TCP-J3", TCP_TRANS, BIT(TIMEOUT), TCP_CLOSED, TCP_TIMER_END, false},
};

static void
n64_tcp_c1_to_j3_every_state_and_event(void **state)
{
	unsigned int seen[TCP_STATE__N] = {0};

	for (unsigned int i = 0; i < RTE_DIM(rows); i++) {
		const struct row *r = &rows[i];

		assert_int_equal(seen[r->state] & r->events, 0);
		seen[r->state] |= r->events;
		for (unsigned int e = 0; e < TCP_EVENT__N; e++) {
			const struct tcp_step *s = &tcp_machine[r->state][e];

			if ((r->events >> e & 1) && (s->next != r->next || s->timer != r->timer ||
							    s->probe != r->probe))
				fail_msg("%s: %s, event %u", r->id, tcp_state_name[r->state], e);
		}
	}
	for (unsigned int i = 0; i < TCP_STATE__N; i++)
		assert_int_equal(seen[i], SEGMENTS | BIT(TIMEOUT));
}

static const struct {
	uint8_t flags;
	bool from6;
	enum tcp_event event;
} events[] = {
	{SYN, true, TCP_V6_SYN},
	{SYN | ACK, false, TCP_V4_SYN},
	{FIN | ACK, true, TCP_V6_FIN},
	{FIN | ACK, false, TCP_V4_FIN},
	{RST, true, TCP_V6_RST},
	{RST | ACK, false, TCP_V4_RST},
	{RST | SYN | FIN, false, TCP_V4_RST}, // RST > SYN > FIN
	{SYN | FIN, true, TCP_V6_SYN},
	{ACK, true, TCP_V6_OTHER},
	{ACK | RTE_TCP_PSH_FLAG, false, TCP_V4_OTHER},
	{0, false, TCP_V4_OTHER},
};

static void
n64_tcp_14_precedence(void **state)
{
	for (unsigned int i = 0; i < RTE_DIM(events); i++)
		assert_int_equal(tcp_event_of(events[i].flags, events[i].from6), events[i].event);
}

static void
n64_tcp_14_bad_flags(void **state)
{
	const uint8_t ecn = RTE_TCP_ECE_FLAG | RTE_TCP_CWR_FLAG;
	const uint8_t bad[] = {0, ecn, SYN | FIN, SYN | FIN | ACK, SYN | RST, SYN | RST | ACK, FIN,
		FIN | RTE_TCP_PSH_FLAG, 0x3f};
	const uint8_t good[] = {SYN, SYN | ecn, SYN | ACK, ACK, FIN | ACK, RST, RST | ACK,
		FIN | ACK | RTE_TCP_PSH_FLAG | RTE_TCP_URG_FLAG};

	for (unsigned int i = 0; i < RTE_DIM(bad); i++)
		assert_true(tcp_flags_bad(bad[i]));
	for (unsigned int i = 0; i < RTE_DIM(good); i++)
		assert_false(tcp_flags_bad(good[i]));
}

static void
states_have_names(void **state)
{
	for (unsigned int i = 0; i < TCP_STATE__N; i++)
		assert_non_null(tcp_state_name[i]);
	assert_string_equal(tcp_state_name[TCP_V6_FIN_V4_FIN_RCV], "V6_FIN_V4_FIN_RCV");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(n64_tcp_c1_to_j3_every_state_and_event),
		cmocka_unit_test(n64_tcp_14_precedence),
		cmocka_unit_test(n64_tcp_14_bad_flags),
		cmocka_unit_test(states_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
