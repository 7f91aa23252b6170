// SPDX-License-Identifier: BSD-3-Clause
// Random packets from both sides and times against a model that is an array of flows: what is
// admitted, why not, which (T, t), and when it ends must agree after every step; so must the SYNs
// that wait. Client 0 has static bindings.
#include "model.h"

#define BURST 3

static uint8_t
some_flags(struct model *m)
{
	static const uint8_t flags[] = {
		SYN, SYN, SYN, SYN | ACK, ACK, ACK, FIN | ACK, RST, RST | ACK, FIN, SYN | FIN, 0};

	return flags[rand_below(&m->rand, RTE_DIM(flags))];
}

static void
admit(struct model *m, struct flow *f, const struct session_key6 *key)
{
	uint8_t flags = some_flags(m);
	enum drop_reason want = f->alive ? DROP_NONE : verdict(m, f, flags), why = DROP_NONE;
	bool made;
	struct session *s = state_admit6(m->st, key, flags, m->now, &made, &why);

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
step_outbound(struct model *m)
{
	struct flow *f = some_flow(m);

	admit(m, f, &f->key);
}

// Some of which are of one flow or one binding, so that what was prepared is not right any more.
static void
step_burst(struct model *m)
{
	struct session_key6 key[BURST];
	struct flow *f[BURST];

	for (unsigned int i = 0; i < BURST; i++) {
		f[i] = some_flow(m);
		key[i] = f[i]->key;
	}
	state_prepare6(m->st, key, BURST);
	for (unsigned int i = 0; i < BURST; i++) {
		if (rand_below(&m->rand, 8) == 0) { // the array is used again
			f[i] = some_flow(m);
			key[i] = f[i]->key;
		}
		admit(m, f[i], &key[i]);
	}
}

static struct session_key4
inbound_key(const struct flow *f, rte_be32_t src4, rte_be16_t sport4)
{
	return (struct session_key4){
		.dst4 = f->key.dst4,
		.src4 = src4,
		.dport = f->key.dport,
		.sport = sport4,
		.proto = f->key.proto,
	};
}

static enum drop_reason
inbound_verdict(const struct model *m, const struct flow *f, uint8_t flags)
{
	unsigned int from = 0, inbound = 0;

	if (f->key.proto == TCP && tcp_flags_bad(flags))
		return DROP_TCP_FLAGS;
	if (f->key.proto == TCP && (flags & (SYN | ACK | RST | FIN)) != SYN)
		return DROP_TCP_NO_SESSION;
	for (unsigned int i = 0; i < FLOWS; i++) {
		const struct flow *o = &m->flow[i];

		if (!o->alive || o->endpoint != f->endpoint)
			continue;
		from += o->key.dst4 == f->key.dst4;
		inbound += o->inbound;
	}
	if (!is_static(f) && m->config->filtering != FILTERING_ENDPOINT &&
		(m->config->filtering != FILTERING_ADDRESS || !from))
		return DROP_FILTERED;
	if (inbound >= m->config->max_inbound)
		return DROP_INBOUND_LIMIT;
	return n_alive(m) == m->config->max_sessions ? DROP_SESSION_LIMIT : DROP_NONE;
}

// What is refused may wait.
static void
step_store(struct model *m, const struct session_key4 *k, uint8_t flags, bool stays_out)
{
	struct waiting *w = malloc(sizeof(*w));
	enum drop_reason want = DROP_NONE, why = DROP_NONE;
	bool may = k->proto == TCP && (flags & (SYN | ACK | RST | FIN)) == SYN && !stays_out &&
		   m->config->tcp_incoming != TCP_INCOMING_DROP;

	for (unsigned int i = 0; i < m->n_syn && may; i++)
		if (memcmp(&m->syn[i]->key, k, sizeof(*k)) == 0)
			want = DROP_SYN_WAITING;
	if (may && want == DROP_NONE && m->n_syn == SYNS)
		want = DROP_SYN_LIMIT;
	if (want != DROP_NONE)
		m->refused[want]++;
	assert_int_equal(
		state_syn_store(m->st, k, flags, m->now, w, &why), may && want == DROP_NONE);
	assert_int_equal(why, want);
	if (!may || want != DROP_NONE) {
		free(w);
		return;
	}
	*w = (struct waiting){.key = *k, .due_sec = m->now + 7};
	m->syn[m->n_syn++] = w;
	m->stored++;
}

// A SYN to a port that may be nobody's, new or once more.
static void
step_stray(struct model *m)
{
	const struct flow *f = some_flow(m);
	struct session_key4 k = inbound_key(f, pool_addr(rand_below(&m->rand, POOL_ADDRS)),
		rte_cpu_to_be_16((uint16_t)(1021 + rand_below(&m->rand, m->ports))));
	enum drop_reason why;
	bool made;

	if (m->n_syn && rand_below(&m->rand, 4) == 0)
		k = m->syn[rand_below(&m->rand, m->n_syn)]->key;
	if (k.proto != TCP || is_bound(m, k.src4, k.sport))
		return;
	assert_null(state_admit4(m->st, &k, SYN, UINT16_MAX, m->now, &made, &why));
	assert_int_equal(why, DROP_TCP_NO_SESSION);
	step_store(m, &k, SYN, false);
}

static struct flow *
alive_under_any(struct model *m, struct flow *f)
{
	struct flow *pair = &m->flow[(unsigned int)(f - m->flow) & ~1u];

	return pair[0].alive ? &pair[0] : pair[1].alive ? &pair[1] : NULL;
}

// From the other side of some flow, whether that lives or not, to its binding.
static void
step_inbound(struct model *m)
{
	struct flow *f = some_flow(m), *hit = alive_under_any(m, f);
	const struct flow *endpoint = same_endpoint(m, f);
	uint8_t flags = some_flags(m);
	enum drop_reason want, why = DROP_NONE;
	struct session_key4 k;
	struct session *s;
	bool made;

	if (!endpoint && !is_static(f))
		return;
	if (is_static(f))
		k = inbound_key(
			f, pool_addr(1), rte_cpu_to_be_16((uint16_t)(2000 + f->endpoint % SPORTS)));
	else
		k = inbound_key(f, endpoint->s->src4, endpoint->s->sport4);
	want = hit ? DROP_NONE : inbound_verdict(m, f, flags);
	s = state_admit4(m->st, &k, flags, UINT16_MAX, m->now, &made, &why);
	assert_int_equal(made, !hit && want == DROP_NONE);
	if (want != DROP_NONE) {
		assert_null(s);
		assert_int_equal(why, want);
		m->refused[want]++;
		if (want == DROP_FILTERED)
			step_store(m, &k, flags, false);
		return;
	}
	if (made) {
		hit = &m->flow[((unsigned int)(f - m->flow) & ~1u) +
			       (is_static(f) ? 0 : m->pref64[f->endpoint])];
		begin(m, hit, s, true);
		model_claim(m, hit);
		m->made4++;
	}
	assert_ptr_equal(s, hit->s);
	assert_int_equal(s->pref64, hit->key.pref64);
	model_touch(m, hit, flags, false);
}

static void
step_end(struct model *m)
{
	struct flow *f = some_flow(m);

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
	while (m->n_syn && m->syn[0]->due_sec <= m->now) {
		struct waiting *w = syn_remove(m, 0);

		assert_ptr_equal(state_syn_due(m->st, m->now), w);
		free(w);
	}
	assert_null(state_syn_due(m->st, m->now));
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

		if (f->key.proto == ICMP && i / PREFIXES % DPORTS)
			continue; // as the one before
		assert_ptr_equal(s, f->alive ? f->s : NULL);
		assert_int_equal(b != NULL, same_endpoint(m, f) || is_static(f));
		if (!s)
			continue;
		assert_int_equal(s->tcp, f->tcp);
		assert_int_equal(s->last_sec, f->last_sec);
		assert_int_equal(s->timer, f->timer);
		assert_ptr_equal(state_bib_find4(m->st, s->src4, s->sport4, s->proto), b);
	}
	assert_int_equal(fixture_sessions(m->st), n_alive(m));
	assert_int_equal(fixture_bibs(m->st), n_bindings(m, 0, 0) + PROTOS * STATICS);
	fixture_check(m->st);
}

static void
run(struct model *m)
{
	m->st = fixture_state(m->config);
	for (unsigned int i = 0; i < 20000; i++) {
		uint32_t what = rand_below(&m->rand, 100);

		if (what < 58)
			step_outbound(m);
		else if (what < 60)
			step_burst(m);
		else if (what < 87)
			step_inbound(m);
		else if (what < 90)
			step_stray(m);
		else if (what < 92)
			step_end(m);
		else if (rand_below(&m->rand, 8) == 0)
			step_time(m);
		if (i % 50 == 0)
			compare(m);
	}
	while (m->n_syn)
		free(syn_remove(m, 0));
	m->now += 20000;
	fixture_expire_all(m->st, m->now); // the established go to TRANS
	fixture_expire_all(m->st, m->now + 241);
	assert_int_equal(fixture_sessions(m->st), 0);
	assert_int_equal(fixture_bibs(m->st), PROTOS * STATICS);
	fixture_check(m->st);
	state_free(m->st);
}

// A limit of each kind is the one that is reached, and each kind of filtering has its turn.
static const struct limits {
	uint32_t sessions, bibs;
	unsigned int ports;
	enum config_filtering filtering;
	enum config_tcp_incoming tcp_incoming;
	uint32_t inbound;
} limits[] = {
	{30, 500, 30, FILTERING_ADDRESS, TCP_INCOMING_WAIT, 500},
	{900, 20, 30, FILTERING_ENDPOINT, TCP_INCOMING_DROP, 2},
	{900, 500, 4, FILTERING_ADDRESS_PORT, TCP_INCOMING_WAIT, 500},
	{60, 40, 8, FILTERING_ADDRESS, TCP_INCOMING_DROP, 3},
	{900, 500, 30, FILTERING_ADDRESS, TCP_INCOMING_WAIT, 500},
	{60, 500, 30, FILTERING_ENDPOINT, TCP_INCOMING_WAIT, 500},
};

// The first sports of client 0, on the second address and beside the range of the pool.
static void
add_statics(struct config_nat64 *c, const struct model *m)
{
	for (unsigned int i = 0; i < STATICS; i++)
		c->statics[i] = (struct config_static){
			.protocols = 7,
			.address.s_addr = pool_addr(1),
			.port_first = (uint16_t)(2000 + i),
			.port_last = (uint16_t)(2000 + i),
			.client = m->flow[0].key.src6,
			.client_port = rte_be_to_cpu_16(
				m->flow[i * SERVERS * DPORTS * PREFIXES].key.sport),
		};
	c->n_static = STATICS;
}

static void
random_events_agree_with_the_model(void **state)
{
	static struct model m;

	for (unsigned int i = 0; i < RTE_DIM(limits); i++) {
		struct config_nat64 c =
			fixture_config_ports(POOL_ADDRS, 1021, (uint16_t)(1020 + limits[i].ports));

		c.max_sessions = limits[i].sessions;
		c.max_bib = limits[i].bibs;
		c.filtering = limits[i].filtering;
		c.tcp_incoming = limits[i].tcp_incoming;
		c.max_inbound = limits[i].inbound;
		c.max_stored_syns = SYNS;
		m.config = &c;
		m.ports = limits[i].ports;
		memset(m.flow, 0, sizeof(m.flow));
		m.now = 0;
		model_init(&m);
		add_statics(&c, &m);
		run(&m);
	}
	// each outcome came up
	assert_true(m.refused[DROP_TCP_FLAGS] && m.refused[DROP_TCP_NO_SESSION]);
	assert_true(m.refused[DROP_SESSION_LIMIT] && m.refused[DROP_SESSION_CLASH]);
	assert_true(m.refused[DROP_BIB_LIMIT] && m.refused[DROP_NO_PORT]);
	assert_true(m.refused[DROP_FILTERED] && m.refused[DROP_INBOUND_LIMIT]);
	assert_true(m.refused[DROP_SYN_WAITING] && m.refused[DROP_SYN_LIMIT]);
	assert_true(m.made > 500 && m.made4 > 500 && m.ended > 500);
	assert_true(m.stored > 50 && m.claimed > 5 && m.wanted > 2);
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
