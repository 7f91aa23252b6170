// SPDX-License-Identifier: BSD-3-Clause
// Changes at random while flows come and go, against a model.
#include "change.h"

#include "state/internal.h"

struct flow {
	struct session_key6 key;
	rte_be32_t src4;
	rte_be16_t sport4;
	bool alive;
	bool on_static; // on a static binding
};

static uint32_t seed;
static uint32_t now; // not so much later than NOW that a flow ends by itself

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

// ---- static bindings

#define STATICS 12

static bool
meet(uint32_t a, uint32_t b, uint32_t n)
{
	return a < b + n && b < a + n;
}

// As config_check_statics wants it.
static bool
fits(const struct config_static *list, unsigned int n, const struct config_static *s)
{
	for (unsigned int i = 0; i < n; i++) {
		const struct config_static *o = &list[i];

		if ((s->address.s_addr == o->address.s_addr &&
			    meet(s->port_first, o->port_first, 4)) ||
			(IN6_ARE_ADDR_EQUAL(&s->client, &o->client) &&
				meet(s->client_port, o->client_port, 4)))
			return false;
	}
	return true;
}

static uint8_t
random_prefix(uint16_t gone)
{
	uint8_t p = (uint8_t)rnd(4);

	while (gone >> p & 1)
		p = (p + 1) % 4;
	return p;
}

static struct config_static
random_static(uint16_t gone)
{
	uint16_t first = (uint16_t)(1024 + 4 * rnd(800));

	return (struct config_static){
		.protocols = (uint8_t)(1 + rnd(7)),
		.pref64 = random_prefix(gone),
		.address.s_addr = rte_cpu_to_be_32(FIXTURE_POOL + 1 + rnd(6)),
		.port_first = first,
		.port_last = (uint16_t)(first + rnd(4)),
		.client = fixture_src6(rnd(CLIENTS)),
		.client_port = (uint16_t)(5000 + rnd(26)),
	};
}

// The state knows addresses of the pool only.
static void
join_pool(struct config_nat64 *c, struct in_addr a)
{
	for (unsigned int i = 0; i < c->n_pool4; i++)
		if (ntohl(c->pool4[i].first.s_addr) <= ntohl(a.s_addr) &&
			ntohl(a.s_addr) <= ntohl(c->pool4[i].last.s_addr))
			return;
	c->pool4[c->n_pool4++] =
		(struct config_pool4){.first = a, .last = a, .port_first = 1, .port_last = 0};
}

// Some of those before, in another order, and some new ones.
static void
random_statics(struct config_nat64 *c, const struct config_nat64 *was, uint16_t gone)
{
	for (unsigned int i = was->n_static; i-- > 0;) {
		c->statics[c->n_static] = was->statics[i];
		c->statics[c->n_static].pref64 = random_prefix(gone);
		c->n_static += rnd(3) != 0;
	}
	for (unsigned int i = 0; i < 4 && c->n_static < STATICS; i++) {
		struct config_static s = random_static(gone);

		if (fits(c->statics, c->n_static, &s))
			c->statics[c->n_static++] = s;
	}
	for (unsigned int i = 0; i < c->n_static; i++)
		join_pool(c, c->statics[i].address);
}

static unsigned int
proto_bit(uint8_t proto)
{
	return 1u << (proto == TCP ? STATIC_TCP : proto == UDP ? STATIC_UDP : STATIC_ICMP);
}

static const struct config_static *
static_of_client(const struct config_nat64 *c, const struct session_key6 *key)
{
	for (unsigned int i = 0; i < c->n_static; i++) {
		const struct config_static *s = &c->statics[i];
		unsigned int k = ntohs(key->sport) - s->client_port;

		if ((s->protocols & proto_bit(key->proto)) &&
			IN6_ARE_ADDR_EQUAL(&s->client, &key->src6) &&
			k <= (unsigned int)(s->port_last - s->port_first))
			return s;
	}
	return NULL;
}

static bool
is_reserved(const struct config_nat64 *c, const struct flow *f)
{
	for (unsigned int i = 0; i < c->n_static; i++) {
		const struct config_static *s = &c->statics[i];

		if ((s->protocols & proto_bit(f->key.proto)) && s->address.s_addr == f->src4 &&
			ntohs(f->sport4) >= s->port_first && ntohs(f->sport4) <= s->port_last)
			return true;
	}
	return false;
}

// Each is there, and no other.
static void
check_statics(struct state *st, const struct config_nat64 *c)
{
	struct state_stats stats;
	unsigned int n = 0;

	for (unsigned int i = 0; i < c->n_static; i++) {
		const struct config_static *s = &c->statics[i];

		for (unsigned int k = 0; k <= (unsigned int)(s->port_last - s->port_first); k++)
			for (unsigned int p = 0; p < 3; p++) {
				static const uint8_t protos[] = {TCP, UDP, ICMP};
				const struct bib *b;

				if (!(s->protocols & proto_bit(protos[p])))
					continue;
				b = state_bib_find4(st, s->address.s_addr,
					htons((uint16_t)(s->port_first + k)), protos[p]);
				assert_non_null(b);
				assert_true(b->flags & BIB_STATIC);
				assert_memory_equal(&b->src6, &s->client, sizeof(b->src6));
				assert_int_equal(ntohs(b->sport6), s->client_port + k);
				assert_int_equal(b->pref64, s->pref64);
				assert_int_equal(b->config, i);
				n++;
			}
	}
	state_stats(st, &stats);
	assert_int_equal(stats.max_bib, 65536 + n);
}

static struct config_nat64
random_config(const struct config_nat64 *was, uint16_t gone)
{
	struct config_nat64 c = fixture_config(1);

	c.n_pool4 = 1 + rnd(4);
	for (unsigned int i = 0; i < c.n_pool4; i++)
		random_entry(&c.pool4[i], i);
	random_statics(&c, was, gone);
	c.timeout[TIMEOUT_UDP] = 120 + rnd(600);
	c.port_hold_sec = rnd(4) ? 1 + rnd(50) : 0;
	c.port_hold_max = was->port_hold_max;
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

		rank[i] = e->port_first > e->port_last                           ? 0
			  : e->prefixes && !(e->prefixes >> p & 1)               ? 0
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
	const struct config_static *s = static_of_client(c, &f->key);

	if (gone >> f->key.pref64 & 1)
		return false;
	if (s)
		return f->on_static && s->address.s_addr == f->src4 &&
		       ntohs(f->sport4) - s->port_first == ntohs(f->key.sport) - s->client_port;
	if (f->on_static || is_reserved(c, f))
		return false;
	for (unsigned int p = 0; p < c->n_prefix; p++)
		if (!(gone >> p & 1) &&
			serves(c, &f->key.src6, p, ntohl(f->src4), ntohs(f->sport4)))
			return true;
	return false;
}

static uint16_t prefixes_gone; // which the caller of state never asks for

// N64-PORT-05: no other one has its address and port, at no moment of a change.
static const struct bib *
only_binding(const struct state *st, const struct session *s)
{
	const struct bib *is = &st->bib[s->bib];

	for (uint32_t i = 0; i < st->bibs.top; i++) {
		const struct bib *b = &st->bib[i];

		if (b != is && bib_in_use(b) && b->src4 == is->src4 && b->sport4 == is->sport4 &&
			b->proto == is->proto)
			fail_msg("%08x port %u is bound twice", ntohl(b->src4), ntohs(b->sport4));
	}
	return is;
}

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
	s = fixture_try(st, f->key, now, &why);
	if (!s)
		return;
	f->alive = true;
	f->on_static = only_binding(st, s)->flags & BIB_STATIC;
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
			fail_msg("flow %u of protocol %u%s from %08x port %u %s", i,
				flow[i].key.proto, flow[i].on_static ? ", static," : "",
				ntohl(flow[i].src4), ntohs(flow[i].sport4),
				s ? "goes on" : "has ended");
		flow[i].alive = s != NULL;
		if (!s)
			continue;
		alive++;
		assert_int_equal(s->src4, flow[i].src4);
		assert_int_equal(s->sport4, flow[i].sport4);
	}
	assert_int_equal(fixture_sessions(st), alive);
}

static void
meanwhile(struct state *st, struct flow *flow)
{
	if (rnd(4) == 0)
		some_traffic(st, flow, 1 + rnd(4));
	now += now < NOW + 50 && rnd(16) == 0;
	state_expire(st, now, rnd(8), NULL, NULL);
}

// Packets come and go between the slices. Nothing may be there at the end that the new
// configuration does not allow, and nothing may be missing that it does.
static void
one_change(struct state *st, struct config_nat64 *is, struct flow *flow)
{
	uint16_t gone = rnd(3) ? 0 : (uint16_t)rnd(15);
	struct config_nat64 c = random_config(is, gone);
	struct state_change *ch = prepare(st, &c, true, gone);
	struct ends e = {.n = 0};
	const struct state_change_ops ops = {.keep = keep, .end = on_end, .arg = &e};
	unsigned int budget = 1 + rnd(64);

	if (!ch) // overlapping entries, or none with a port
		return;
	while (state_change_survey(st, ch, budget))
		meanwhile(st, flow);
	state_change_begin(st, ch, now);
	*is = c;
	prefixes_gone = gone;
	do
		meanwhile(st, flow);
	while (state_change_step(st, 16 + budget, &ops));
	state_change_free(ch);
	fixture_check(st);
	check_flows(st, &c, gone, flow);
	check_statics(st, &c);
}

static void
n64_random_changes(void **state)
{
	static struct flow flow[FLOWS];
	for (unsigned int round = 0; round < 12; round++) {
		struct config_nat64 c = fixture_config(3);
		struct state *st;

		seed = round + 1;
		memset(flow, 0, sizeof(flow));
		prefixes_gone = 0;
		now = NOW;
		c.port_hold_sec = round % 2 ? 50 : 0;
		c.port_hold_max = 256;
		st = fixture_state(&c);
		for (unsigned int i = 0; i < 30; i++) {
			some_traffic(st, flow, 200);
			one_change(st, &c, flow);
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
