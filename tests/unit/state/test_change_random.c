// SPDX-License-Identifier: BSD-3-Clause
// Changes at random while flows come and go, against a model.
#include "change.h"

struct flow {
	struct session_key6 key;
	rte_be32_t src4;
	rte_be16_t sport4;
	bool alive;
};

static uint32_t seed;

static uint32_t
rnd(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

static void
random_entry(struct config_pool4 *e, unsigned int k)
{
	uint32_t first = 1 + rnd(6);

	*e = (struct config_pool4){
		.first.s_addr = rte_cpu_to_be_32(FIXTURE_POOL + first),
		.last.s_addr = rte_cpu_to_be_32(FIXTURE_POOL + first + rnd(3)),
		.port_first = (uint16_t)(1024 + 64 * rnd(200)),
		.prefixes = rnd(2) ? (uint16_t)rnd(16) : 0,
	};
	e->port_last = (uint16_t)(e->port_first + 64 * (1 + rnd(400)));
	if (rnd(2))
		e->clients[e->n_clients++] = (struct prefix6){
			.addr = fixture_src6(rnd(CLIENTS) & ~7u), .len = (uint8_t)(120 + rnd(6))};
	if (e->n_clients)
		e->clients[0] = prefix6_network(&e->clients[0]);
}

static struct config_nat64
random_config(void)
{
	struct config_nat64 c = fixture_config(1);

	c.n_pool4 = 1 + rnd(4);
	for (unsigned int i = 0; i < c.n_pool4; i++)
		random_entry(&c.pool4[i], i);
	c.timeout[TIMEOUT_UDP] = 120 + rnd(600);
	return c;
}

// As the documentation of pool4[].clients and prefixes says it.
static bool
serves(const struct config_nat64 *c, const struct in6_addr *src6, unsigned int p, uint32_t addr,
	uint16_t port)
{
	int best = 0, rank[CONFIG_POOL4];

	for (unsigned int i = 0; i < c->n_pool4; i++) {
		const struct config_pool4 *e = &c->pool4[i];

		rank[i] = e->prefixes && !(e->prefixes >> p & 1)                 ? 0
			  : e->n_clients && !prefix6_match(&e->clients[0], src6) ? 0
										 : 1;
		if (rank[i])
			rank[i] +=
				(e->prefixes != 0) + 2 * (e->n_clients ? e->clients[0].len + 1 : 0);
		best = RTE_MAX(best, rank[i]);
	}
	for (unsigned int i = 0; i < c->n_pool4; i++)
		if (best && rank[i] == best && addr >= ntohl(c->pool4[i].first.s_addr) &&
			addr <= ntohl(c->pool4[i].last.s_addr) && port >= c->pool4[i].port_first &&
			port <= c->pool4[i].port_last)
			return true;
	return false;
}

static bool
allowed(const struct config_nat64 *c, uint16_t gone, const struct flow *f)
{
	if (gone >> f->key.pref64 & 1)
		return false;
	for (unsigned int p = 0; p < c->n_prefix; p++)
		if (!(gone >> p & 1) &&
			serves(c, &f->key.src6, p, ntohl(f->src4), ntohs(f->sport4)))
			return true;
	return false;
}

static uint16_t prefixes_gone; // which the caller of state never asks for

static void
random_flow(struct state *st, struct flow *f)
{
	static const uint8_t protos[] = {TCP, UDP, ICMP};
	enum drop_reason why;
	struct session *s;

	f->key = fixture_key(protos[rnd(3)], rnd(CLIENTS), (uint16_t)(5000 + rnd(30)), rnd(3), 53);
	f->key.pref64 = (uint8_t)rnd(4);
	s = fixture_find6(st, f->key);
	f->alive = false;
	if (s || prefixes_gone >> f->key.pref64 & 1) // another flow of the model is the same
		return;
	s = fixture_try(st, f->key, NOW, &why);
	if (!s)
		return;
	f->alive = true;
	f->src4 = s->src4;
	f->sport4 = s->sport4;
}

// Not one that began with the same key after this one had ended.
static struct session *
find_flow(struct state *st, const struct flow *f)
{
	struct session *s = f->alive ? fixture_find6(st, f->key) : NULL;

	return s && s->src4 == f->src4 && s->sport4 == f->sport4 ? s : NULL;
}

static void
end_flow(struct state *st, struct flow *f)
{
	struct session *s = find_flow(st, f);

	if (s) // else a change has ended it
		state_end(st, s);
	f->alive = false;
}

static void
some_traffic(struct state *st, struct flow *flow, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		struct flow *f = &flow[rnd(FLOWS)];

		if (f->alive)
			end_flow(st, f);
		else
			random_flow(st, f);
	}
}

static void
check_flows(struct state *st, const struct config_nat64 *c, uint16_t gone, struct flow *flow)
{
	unsigned int alive = 0;

	for (unsigned int i = 0; i < FLOWS; i++) {
		struct session *s = find_flow(st, &flow[i]);

		if (!flow[i].alive)
			continue;
		if (allowed(c, gone, &flow[i]) != (s != NULL))
			fail_msg("flow %u %s", i, s ? "goes on" : "has ended");
		flow[i].alive = s != NULL;
		if (!s)
			continue;
		alive++;
		assert_int_equal(s->src4, flow[i].src4);
		assert_int_equal(s->sport4, flow[i].sport4);
	}
	assert_int_equal(fixture_sessions(st), alive);
}

// Packets come and go between the slices. Nothing may be there at the end that the new
// configuration does not allow, and nothing may be missing that it does.
static void
one_change(struct state *st, struct flow *flow)
{
	struct config_nat64 c = random_config();
	uint16_t gone = rnd(3) ? 0 : (uint16_t)rnd(15);
	struct state_change *ch = prepare(st, &c, true, gone);
	struct ends e = {.n = 0};
	const struct state_change_ops ops = {.keep = keep, .end = on_end, .arg = &e};
	unsigned int budget = 1 + rnd(64);

	if (!ch) // overlapping entries, or none with a port
		return;
	state_change_begin(st, ch, NOW);
	prefixes_gone = gone;
	do {
		if (rnd(4) == 0)
			some_traffic(st, flow, 1 + rnd(4));
	} while (state_change_step(st, 16 + budget, &ops));
	state_change_free(ch);
	fixture_check(st);
	check_flows(st, &c, gone, flow);
}

static void
n64_random_changes(void **state)
{
	static struct flow flow[FLOWS];
	struct config_nat64 c = fixture_config(3);

	for (unsigned int round = 0; round < 12; round++) {
		struct state *st;

		seed = round + 1;
		memset(flow, 0, sizeof(flow));
		prefixes_gone = 0;
		c.port_hold_sec = round % 2 ? 50 : 0;
		c.port_hold_max = 256;
		st = fixture_state(&c);
		for (unsigned int i = 0; i < 30; i++) {
			some_traffic(st, flow, 200);
			one_change(st, flow);
		}
		state_free(st);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(n64_random_changes)};

	fixture_eal("512");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
