// SPDX-License-Identifier: BSD-3-Clause
// Random packets and times against a model that is an array of flows: what is admitted, why not,
// which (T, t), and when it ends must agree after every step.
#include "base/rand.h"
#include "fixture.h"

#define CLIENTS    6
#define SPORTS     5
#define SERVERS    3
#define PREFIXES   2
#define PROTOS     3
#define FLOWS      (PROTOS * CLIENTS * SPORTS * SERVERS * PREFIXES)
#define POOL_ADDRS 2

struct flow {
	struct session_key6 key;
	unsigned int client, endpoint; // endpoint: of (proto, client, sport)
	bool alive;
	enum tcp_state tcp;
	enum config_timeout timer;
	uint32_t last_sec;
	struct session *s;
};

struct model {
	struct state *st;
	const struct config_nat64 *config;
	unsigned int ports; // of each pool address
	struct flow flow[FLOWS];
	uint32_t now;
	unsigned int refused[DROP__N], made, ended, probes;
	struct rand_pool rand;
};

static const uint8_t protos[PROTOS] = {TCP, UDP, ICMP};

static void
model_init(struct model *m)
{
	static const uint16_t sports[SPORTS] = {0, 999, 1024, 1025, 50000};

	for (unsigned int i = 0; i < FLOWS; i++) {
		struct flow *f = &m->flow[i];
		unsigned int rest = i / PREFIXES / SERVERS;

		f->endpoint = rest;
		f->client = rest / SPORTS % CLIENTS;
		f->key = fixture_key(protos[rest / SPORTS / CLIENTS], f->client,
			sports[rest % SPORTS], i / PREFIXES % SERVERS, 80);
		f->key.pref64 = i % PREFIXES;
	}
}

// A living flow of the same endpoint or client, or NULL.
static const struct flow *
same_endpoint(const struct model *m, const struct flow *of)
{
	for (unsigned int i = 0; i < FLOWS; i++)
		if (m->flow[i].alive && m->flow[i].endpoint == of->endpoint)
			return &m->flow[i];
	return NULL;
}

static const struct flow *
same_client(const struct model *m, const struct flow *of)
{
	for (unsigned int i = 0; i < FLOWS; i++)
		if (m->flow[i].alive && m->flow[i].client == of->client)
			return &m->flow[i];
	return NULL;
}

static bool
clashes(const struct model *m, const struct flow *of)
{
	const struct flow *f = &m->flow[(unsigned int)(of - m->flow) ^ 1]; // the other prefix

	return f->alive;
}

static unsigned int
n_alive(const struct model *m)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < FLOWS; i++)
		n += m->flow[i].alive;
	return n;
}

// Bindings of the protocol (0: of all) on the address (0: on all).
static unsigned int
n_bindings(const struct model *m, uint8_t proto, rte_be32_t src4)
{
	bool seen[FLOWS] = {false};
	unsigned int n = 0;

	for (unsigned int i = 0; i < FLOWS; i++) {
		const struct flow *f = &m->flow[i];

		if (!f->alive || seen[f->endpoint] || (proto && f->key.proto != proto) ||
			(src4 && f->s->src4 != src4))
			continue;
		seen[f->endpoint] = true;
		n++;
	}
	return n;
}

static enum drop_reason
port_verdict(const struct model *m, const struct flow *f)
{
	const struct flow *pair = same_client(m, f);

	if (pair)
		return n_bindings(m, f->key.proto, pair->s->src4) == m->ports ? DROP_NO_PORT
									      : DROP_NONE;
	return n_bindings(m, f->key.proto, 0) == POOL_ADDRS * m->ports ? DROP_NO_PORT : DROP_NONE;
}

static enum drop_reason
verdict(const struct model *m, const struct flow *f, uint8_t flags)
{
	if (f->key.proto == TCP && tcp_flags_bad(flags))
		return DROP_TCP_FLAGS;
	if (f->key.proto == TCP && tcp_event_of(flags, true) != TCP_V6_SYN)
		return DROP_TCP_NO_SESSION;
	if (n_alive(m) == m->config->max_sessions)
		return DROP_SESSION_LIMIT;
	if (same_endpoint(m, f))
		return clashes(m, f) ? DROP_SESSION_CLASH : DROP_NONE;
	if (n_bindings(m, 0, 0) == m->config->max_bib)
		return DROP_BIB_LIMIT;
	return port_verdict(m, f);
}

static void
model_restart(struct model *m, struct flow *f, enum config_timeout timer)
{
	f->timer = timer;
	f->last_sec = m->now;
}

static void
model_event(struct model *m, struct flow *f, enum tcp_event e)
{
	const struct tcp_step *step = &tcp_machine[f->tcp][e];

	f->tcp = step->next;
	if (step->timer == TCP_TIMER_TRANS)
		model_restart(m, f, TIMEOUT_TCP_TRANSITORY);
	if (step->timer == TCP_TIMER_EST)
		model_restart(m, f, TIMEOUT_TCP_ESTABLISHED);
	if (step->timer == TCP_TIMER_END) {
		f->alive = false;
		m->ended++;
	}
}

static void
model_begin(struct model *m, struct flow *f, struct session *s)
{
	const struct flow *endpoint = same_endpoint(m, f), *client = same_client(m, f);

	if (endpoint)
		assert_int_equal(s->sport4, endpoint->s->sport4);
	if (client)
		assert_int_equal(s->src4, client->s->src4);
	f->alive = true;
	f->s = s;
	f->tcp = f->key.proto == TCP ? TCP_V6_INIT : TCP_CLOSED;
	f->timer = f->key.proto == UDP ? TIMEOUT_UDP : TIMEOUT_ICMP;
	f->last_sec = m->now;
	m->made++;
}

static void
model_touch(struct model *m, struct flow *f, uint8_t flags, bool from6)
{
	state_touch(m->st, f->s, flags, from6, m->now);
	if (f->key.proto == TCP)
		model_event(m, f, tcp_event_of(flags, from6));
	else
		f->last_sec = m->now;
}

static uint8_t
some_flags(struct model *m)
{
	static const uint8_t flags[] = {
		SYN, SYN, SYN, SYN | ACK, ACK, ACK, FIN | ACK, RST, RST | ACK, FIN, SYN | FIN, 0};

	return flags[rand_below(&m->rand, RTE_DIM(flags))];
}

static void
step_outbound(struct model *m)
{
	struct flow *f = &m->flow[rand_below(&m->rand, FLOWS)];
	uint8_t flags = some_flags(m);
	enum drop_reason want = f->alive ? DROP_NONE : verdict(m, f, flags), why = DROP_NONE;
	bool made;
	struct session *s = state_admit6(m->st, &f->key, flags, m->now, &made, &why);

	assert_int_equal(made, !f->alive && want == DROP_NONE);
	if (want != DROP_NONE) {
		assert_null(s);
		assert_int_equal(why, want);
		m->refused[want]++;
		return;
	}
	if (made)
		model_begin(m, f, s);
	assert_ptr_equal(s, f->s);
	model_touch(m, f, flags, true);
}

static void
step_inbound(struct model *m)
{
	struct flow *f = &m->flow[rand_below(&m->rand, FLOWS)];

	if (!f->alive)
		return;
	assert_ptr_equal(fixture_find4(m->st, f->s), f->s);
	model_touch(m, f, some_flags(m), false);
}

static void
step_end(struct model *m)
{
	struct flow *f = &m->flow[rand_below(&m->rand, FLOWS)];

	if (!f->alive)
		return;
	state_end(m->st, f->s);
	f->alive = false;
	m->ended++;
}

static void
count_probe(void *arg, const struct session *s)
{
	((struct model *)arg)->probes++;
}

static void
step_time(struct model *m)
{
	static const uint32_t jumps[] = {1, 1, 5, 30, 61, 200, 241, 3000, 7201, 10000};
	unsigned int probes = 0;

	m->now += jumps[rand_below(&m->rand, RTE_DIM(jumps))];
	m->probes = 0;
	while (state_expire(m->st, m->now, 1 + rand_below(&m->rand, 9), count_probe, m))
		;
	for (unsigned int i = 0; i < FLOWS; i++) {
		struct flow *f = &m->flow[i];

		if (!f->alive || m->now <= f->last_sec + m->config->timeout[f->timer])
			continue;
		probes += f->tcp == TCP_ESTABLISHED;
		model_event(m, f, TCP_TIMEOUT);
	}
	assert_int_equal(m->probes, probes);
}

static void
compare(struct model *m)
{
	for (unsigned int i = 0; i < FLOWS; i++) {
		const struct flow *f = &m->flow[i];
		struct session *s = fixture_find6(m->st, f->key);
		const struct bib *b =
			state_bib_find6(m->st, &f->key.src6, f->key.sport, f->key.proto);

		assert_ptr_equal(s, f->alive ? f->s : NULL);
		assert_int_equal(b != NULL, same_endpoint(m, f) != NULL);
		if (!s)
			continue;
		assert_int_equal(s->tcp, f->tcp);
		assert_int_equal(s->last_sec, f->last_sec);
		assert_int_equal(s->timer, f->timer);
		assert_ptr_equal(state_bib_find4(m->st, s->src4, s->sport4, s->proto), b);
	}
	assert_int_equal(fixture_sessions(m->st), n_alive(m));
	assert_int_equal(fixture_bibs(m->st), n_bindings(m, 0, 0));
	fixture_check(m->st);
}

static void
run(struct model *m)
{
	m->st = fixture_state(m->config);
	for (unsigned int i = 0; i < 20000; i++) {
		uint32_t what = rand_below(&m->rand, 100);

		if (what < 60)
			step_outbound(m);
		else if (what < 90)
			step_inbound(m);
		else if (what < 92)
			step_end(m);
		else if (rand_below(&m->rand, 8) == 0)
			step_time(m);
		if (i % 50 == 0)
			compare(m);
	}
	m->now += 20000;
	fixture_expire_all(m->st, m->now); // the established go to TRANS
	fixture_expire_all(m->st, m->now + 241);
	assert_int_equal(fixture_sessions(m->st), 0);
	assert_int_equal(fixture_bibs(m->st), 0);
	fixture_check(m->st);
	state_free(m->st);
}

// A limit of each kind is the one that is reached.
static const struct limits {
	uint32_t sessions, bibs;
	unsigned int ports;
} limits[] = {{30, 500, 30}, {500, 20, 30}, {500, 500, 4}, {60, 40, 8}};

static void
random_events_agree_with_the_model(void **state)
{
	static struct model m;

	for (unsigned int i = 0; i < RTE_DIM(limits); i++) {
		struct config_nat64 c =
			fixture_config_ports(POOL_ADDRS, 1021, (uint16_t)(1020 + limits[i].ports));

		c.max_sessions = limits[i].sessions;
		c.max_bib = limits[i].bibs;
		m.config = &c;
		m.ports = limits[i].ports;
		memset(m.flow, 0, sizeof(m.flow));
		m.now = 0;
		model_init(&m);
		run(&m);
	}
	// each outcome came up
	assert_true(m.refused[DROP_TCP_FLAGS] && m.refused[DROP_TCP_NO_SESSION]);
	assert_true(m.refused[DROP_SESSION_LIMIT] && m.refused[DROP_SESSION_CLASH]);
	assert_true(m.refused[DROP_BIB_LIMIT] && m.refused[DROP_NO_PORT]);
	assert_true(m.made > 500 && m.ended > 500);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_events_agree_with_the_model),
	};

	fixture_eal("256");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
