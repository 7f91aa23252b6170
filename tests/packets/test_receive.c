// SPDX-License-Identifier: BSD-3-Clause
// What a turn takes from the receive queues, and how often it runs the stages over it.
#include "env.h"

#include "app/pipeline.h"
#include "app/receive.h"

#define POLLS 12

// Frames that a queue has when it is looked at for the first time, the second time, and so on.
static struct queue {
	uint8_t has[POLLS];
	unsigned int polls;
	struct rte_mbuf *(*make)(void);
} queues[2];
static unsigned int sent_bursts, sent_frames; // that left by the WAN

static uint16_t
rx(struct port *p, uint16_t queue, struct rte_mbuf **m, uint16_t n)
{
	struct queue *q = &queues[queue];
	unsigned int has = q->polls < POLLS ? q->has[q->polls] : 0;

	q->polls++;
	assert_true(has <= n);
	for (unsigned int i = 0; i < has; i++)
		m[i] = q->make();
	return (uint16_t)has;
}

// The payload says which packet it is.
static uint16_t
count(struct port *p, uint16_t queue, struct rte_mbuf **m, uint16_t n)
{
	sent_bursts++;
	for (uint16_t i = 0; i < n; i++)
		assert_int_equal(rte_pktmbuf_pkt_len(m[i]), 14 + 28 + ++sent_frames);
	rte_pktmbuf_free_bulk(m, n);
	return n;
}

static struct rte_mbuf *
frame_of(unsigned int port, const struct spec *s)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(env.f.gw.pool);
	struct frame f;

	env_frame(&f, port, s);
	memcpy(rte_pktmbuf_append(m, f.len), f.b, f.len);
	return m;
}

static unsigned int made;

static struct rte_mbuf *
next_of_flow(void)
{
	const struct spec s = {UDP6("C", 40000, "@8.8.8.8", 53), .payload = (uint16_t)++made};

	return frame_of(LAN, &s);
}

static void
start(const char *prefix)
{
	struct worker *w;

	env_start(prefix, NULL);
	w = env.f.gw.worker[0];
	for (unsigned int i = 0; i < RTE_DIM(queues); i++) {
		queues[i] = (struct queue){.make = next_of_flow};
		w->rxq[i] = (struct rx_queue){.port = &env.f.gw.port[LAN], .queue = (uint16_t)i};
	}
	w->n_rxq = RTE_DIM(queues);
	env.f.gw.port[LAN].rx = rx;
	env.f.gw.port[WAN].tx = count;
	made = sent_bursts = sent_frames = 0;
}

static void
stop(void)
{
	env.f.gw.worker[0]->n_rxq = 0;
	env_stop();
}

static const struct {
	const char *name;
	uint8_t first[POLLS], second[POLLS];
	unsigned int received, bursts, polls;
} rows[] = {
	{"nothing", {0}, {0}, 0, 0, 1},
	{"one packet", {1}, {0}, 1, 1, 2},
	{"both queues together", {4}, {3}, 7, 1, 2},
	{"again until there is nothing", {4, 4}, {0, 2, 0}, 10, 1, 3},
	{"not after an empty round", {4, 0, 4}, {0}, 4, 1, 2},
	{"until a burst is full", {8, 8, 8}, {4, 4, 4}, 36, 2, 3},
	{"not more than eight times", {1, 1, 1, 1, 1, 1, 1, 1, 1}, {0}, 8, 1, 8},
	{"a full queue", {32, 32}, {0}, 32, 1, 1},
	{"full queues", {32, 32}, {32, 32}, 64, 2, 1},
	{"as many as fit", {31}, {32}, 63, 2, 1},
	{"a run between", {20, 12}, {11, 32}, 31 + 44, 3, 2},
};

// A flow over two queues keeps the order in which it was received.
static void
receive_gathers_small_bursts(void **state)
{
	for (unsigned int i = 0; i < RTE_DIM(rows); i++) {
		unsigned int n;

		start(*state);
		memcpy(queues[0].has, rows[i].first, POLLS);
		memcpy(queues[1].has, rows[i].second, POLLS);
		n = receive(env.f.gw.worker[0]);
		if (n != rows[i].received || sent_frames != n || sent_bursts != rows[i].bursts ||
			queues[0].polls != rows[i].polls || queues[1].polls != rows[i].polls)
			fail_msg("%s: %u received, %u sent, %u bursts, %u polls", rows[i].name, n,
				sent_frames, sent_bursts, queues[0].polls);
		assert_int_equal(
			env.f.gw.worker[0]->rxq[0].packets + env.f.gw.worker[0]->rxq[1].packets, n);
		stop();
	}
}

// One rest that was over by itself counts a queue's packets once, whatever comes while they are
// taken.
static void
receive_counts_an_interrupt_once(void **state)
{
	struct idle *idle;

	start(*state);
	idle = &env.f.gw.worker[0]->idle;
	idle->n_queue = RTE_DIM(queues);
	for (unsigned int i = 0; i < RTE_DIM(queues); i++)
		idle->queue[i] = (struct idle_queue){.nic = &env.f.gw.port[LAN], .socket = -1};
	idle->expired = true;
	memset(queues[0].has, 1, POLLS);
	receive(env.f.gw.worker[0]);
	assert_int_equal(queues[0].polls, 8);
	assert_int_equal(idle->queue[0].unheard, 1);
	assert_int_equal(idle->queue[1].unheard, 0);
	stop();
}

// Every packet of a run may be of any kind: each lane takes all that there are at most.
static struct rte_mbuf *
next_client(void)
{
	const struct spec s = {UDP6("C", (uint16_t)(1024 + made++), "@8.8.8.8", 53)};

	return frame_of(LAN, &s);
}

static struct rte_mbuf *
next_hairpin(void)
{
	const struct spec s = {UDP6("C", (uint16_t)(1024 + made++), "@5.6.7.64", 53)};

	return frame_of(LAN, &s);
}

static struct rte_mbuf *
next_local(void)
{
	const struct spec s = {PING6("C", "GW6", (uint16_t)made++)};

	return frame_of(LAN, &s);
}

static struct rte_mbuf *
next_transit(void)
{
	const struct spec s = {UDP6("C", (uint16_t)(1024 + made++), "D", 53)};

	return frame_of(LAN, &s);
}

static struct rte_mbuf *
next_outside(void)
{
	const struct spec s = {UDP4("8.8.8.8", 53, "T", (uint16_t)(1024 + made++))};

	return frame_of(WAN, &s);
}

// The first of a datagram whose others do not come.
static struct rte_mbuf *
next_fragment6(void)
{
	const uint8_t ext[8] = {IPPROTO_UDP, [3] = 1, [7] = (uint8_t)made++};
	const struct spec s = {UDP6("C", 40000, "@8.8.8.8", 53), .payload = 8, .ext = ext,
		.ext_type = IPPROTO_FRAGMENT, .ext_len = sizeof(ext)};

	return frame_of(LAN, &s);
}

static struct rte_mbuf *
next_fragment4(void)
{
	const struct spec s = {UDP4("8.8.8.8", 53, "T", A_PORT(0)), .payload = 8, .mf = true,
		.ip_id = (uint16_t)++made};

	return frame_of(WAN, &s);
}

static struct rte_mbuf *
next_error6(void)
{
	const struct spec s = {
		ERR6("C", "@8.8.8.8", 1, 4), QUOTE(UDP6("@8.8.8.8", 53, "C", 40000))};

	return frame_of(LAN, &s);
}

static struct rte_mbuf *
next_error4(void)
{
	const struct spec s = {
		ERR4("9.9.9.1", "T", 3, 1), QUOTE(UDP4("T", A_PORT(0), "8.8.8.8", 53))};

	return frame_of(WAN, &s);
}

static struct rte_mbuf *
next_local4(void)
{
	const struct spec s = {PING4("8.8.8.8", "GW4", (uint16_t)made++)};

	return frame_of(WAN, &s);
}

static void
receive_takes_a_full_run_of_each_kind(void **state)
{
	static const struct {
		unsigned int port;
		struct rte_mbuf *(*make)(void);
		bool gone; // not forwarded, not answered
	} kinds[] = {
		{LAN, next_client},
		{LAN, next_hairpin, .gone = true},
		{LAN, next_local},
		{LAN, next_transit},
		{LAN, next_fragment6},
		{LAN, next_error6},
		{WAN, next_outside, .gone = true},
		{WAN, next_fragment4},
		{WAN, next_error4},
		{WAN, next_local4},
	};
	// what fragments and errors are about
	static const struct step session = {"session", LAN, {UDP6("C", 40000, "@8.8.8.8", 53)}, WAN,
		{UDP4("T", A_PORT(0), "8.8.8.8", 53)}};

	for (unsigned int i = 0; i < RTE_DIM(kinds); i++) {
		env_start(*state, NULL);
		env_run(&session, 1);
		made = 0;
		for (unsigned int round = 0; round < 3; round++) {
			struct rte_mbuf *m[PIPELINE_MAX];
			struct port *in = &env.f.gw.port[kinds[i].port];

			for (unsigned int k = 0; k < PIPELINE_MAX; k++)
				m[k] = kinds[i].make();
			pipeline_run(
				env.f.gw.worker[0], &(struct rx_burst){in, m, PIPELINE_MAX}, 1);
			fixture_turn(&env.f, 0);
			fixture_discard(&env.f);
		}
		assert_int_equal(fixture_stats(&env.f).rx, 1 + 3 * PIPELINE_MAX);
		assert_int_equal(
			fixture_stats(&env.f).tx, 1 + (kinds[i].gone ? 0 : 3 * PIPELINE_MAX));
		env_stop();
	}
}

ENV_MAIN(WITH_BOTH(receive_gathers_small_bursts), WITH_BOTH(receive_counts_an_interrupt_once),
	WITH_BOTH(receive_takes_a_full_run_of_each_kind))
