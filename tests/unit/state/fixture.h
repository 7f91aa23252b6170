// SPDX-License-Identifier: BSD-3-Clause
// What the tests of state share: EAL, random numbers, a configuration, keys.
#ifndef TEST_STATE_FIXTURE_H
#define TEST_STATE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/hash.h"
#include "state/state.h"

#include <rte_eal.h>
#include <rte_memory.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define FIXTURE_POOL    0xcb007100u // 203.0.113.0
#define FIXTURE_SERVERS 0x08000000u // 8.0.0.0

#define FIN             RTE_TCP_FIN_FLAG
#define SYN             RTE_TCP_SYN_FLAG
#define RST             RTE_TCP_RST_FLAG
#define ACK             RTE_TCP_ACK_FLAG

#define TCP             IPPROTO_TCP
#define UDP             IPPROTO_UDP
#define ICMP            IPPROTO_ICMP

// ---- random numbers

// All that would come from the kernel, keys of hashes and ports included, comes from a seed
// instead, so that a run can be had again: it is printed, and taken from SEED in the environment.
static uint64_t fixture_seed; // 0: not chosen yet

static inline void
fixture_seed_init(void)
{
	const char *given = getenv("SEED");
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	fixture_seed = given ? strtoull(given, NULL, 10)
			     : (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
	fixture_seed += fixture_seed == 0; // of which nothing comes but zeros
	printf("SEED=%llu has this run again\n", (unsigned long long)fixture_seed);
	fflush(stdout);
}

ssize_t __wrap_getrandom(void *buf, size_t len, unsigned int flags);

ssize_t
__wrap_getrandom(void *buf, size_t len, unsigned int flags)
{
	uint8_t *out = (uint8_t *)buf;

	if (fixture_seed == 0)
		fixture_seed_init();
	for (size_t i = 0; i < len; i++) {
		fixture_seed ^= fixture_seed << 13;
		fixture_seed ^= fixture_seed >> 7;
		fixture_seed ^= fixture_seed << 17;
		out[i] = (uint8_t)(fixture_seed >> 32);
	}
	return (ssize_t)len;
}

static inline void
fixture_eal(const char *megabytes)
{
	char *argv[] = {"t", "--no-huge", "--no-shconf", "--no-pci", "--no-telemetry",
		"--iova-mode=va", "--log-level=lib.*:3", "-l", "0", "-m", (char *)megabytes};

	if (rte_eal_init(RTE_DIM(argv), argv) < 0)
		exit(1);
	hash_key_init();
	state_steer_init(&(struct config_quota){.subscriber_len = 64}, false);
}

// Pool 203.0.113.1-203.0.113.<n_addr>, every port.
static inline struct config_nat64
fixture_config(unsigned int n_addr)
{
	return (struct config_nat64){
		.n_prefix = 4,
		.pool4 = {{
			.first.s_addr = rte_cpu_to_be_32(FIXTURE_POOL + 1),
			.last.s_addr = rte_cpu_to_be_32(FIXTURE_POOL + n_addr),
			.port_first = 1,
			.port_last = 65535,
		}},
		.n_pool4 = 1,
		.timeout = {300, 60, 240, 7200, 6},
		.max_sessions = 65536,
		.max_bib = 65536,
		.max_stored_syns = 16,
		.max_inbound = 4096,
		.quota.subscriber_len = 64,
	};
}

static inline struct config_nat64
fixture_config_ports(unsigned int n_addr, uint16_t first, uint16_t last)
{
	struct config_nat64 c = fixture_config(n_addr);

	c.pool4[0].port_first = first;
	c.pool4[0].port_last = last;
	return c;
}

static inline struct state *
fixture_state(const struct config_nat64 *c)
{
	struct state_params p = {.nat64 = c, .n_workers = 1, .socket_id = SOCKET_ID_ANY};
	struct err err = {""};
	struct state *st = state_create(&p, &err);

	if (!st)
		fail_msg("%s", err.text);
	return st;
}

static inline struct in6_addr
fixture_src6(uint32_t client)
{
	struct in6_addr a = {.s6_addr = {0x20, 0x01, 0x0d, 0xb8}};

	client = rte_cpu_to_be_32(client);
	memcpy(&a.s6_addr[12], &client, sizeof(client));
	return a;
}

// For ICMP, sport is the identifier and dport 0.
static inline struct session_key6
fixture_key(uint8_t proto, uint32_t client, uint16_t sport, uint32_t server, uint16_t dport)
{
	return (struct session_key6){
		.src6 = fixture_src6(client),
		.dst4 = rte_cpu_to_be_32(FIXTURE_SERVERS + server),
		.sport = rte_cpu_to_be_16(sport),
		.dport = rte_cpu_to_be_16(proto == ICMP ? 0 : dport),
		.proto = proto,
	};
}

// One packet of the flow from inside, a SYN for TCP.
static inline struct session *
fixture_try(struct state *st, struct session_key6 key, uint32_t now_sec, enum drop_reason *why)
{
	uint8_t flags = key.proto == TCP ? SYN : 0;
	bool made;
	struct session *s = state_admit6(st, &key, flags, now_sec, &made, why);

	if (s)
		state_touch(st, s, flags, true, now_sec);
	return s;
}

static inline struct session *
fixture_admit(struct state *st, struct session_key6 key, uint32_t now_sec)
{
	enum drop_reason why = DROP_NONE;
	struct session *s = fixture_try(st, key, now_sec, &why);

	if (!s)
		fail_msg("not admitted: %s", drop_name[why]);
	return s;
}

static inline enum drop_reason
fixture_refused(struct state *st, struct session_key6 key)
{
	enum drop_reason why = DROP_NONE;

	assert_null(fixture_try(st, key, 0, &why));
	return why;
}

static inline struct session *
fixture_find6(struct state *st, struct session_key6 key)
{
	struct session *s;

	state_lookup6(st, &key, 1, &s);
	return s;
}

static inline struct session *
fixture_find4(struct state *st, const struct session *of)
{
	struct session_key4 key = {
		.dst4 = of->dst4,
		.src4 = of->src4,
		.dport = of->dport,
		.sport = of->sport4,
		.proto = of->proto,
	};
	struct session *s;

	state_lookup4(st, &key, 1, &s);
	return s;
}

static inline void
fixture_expire_all(struct state *st, uint32_t now_sec)
{
	while (state_expire(st, now_sec, 64, NULL, NULL))
		;
}

static inline void
fixture_check(const struct state *st)
{
	struct err err = {""};

	if (!state_check(st, &err))
		fail_msg("%s", err.text);
}

static inline uint32_t
fixture_sessions(const struct state *st)
{
	struct state_stats s;

	state_stats(st, &s);
	return s.sessions[STATE_UDP] + s.sessions[STATE_TCP] + s.sessions[STATE_ICMP];
}

static inline uint32_t
fixture_bibs(const struct state *st)
{
	struct state_stats s;

	state_stats(st, &s);
	return s.bibs[STATE_UDP] + s.bibs[STATE_TCP] + s.bibs[STATE_ICMP];
}

static inline uint16_t
fixture_port4(const struct session *s)
{
	return rte_be_to_cpu_16(s->sport4);
}

#endif
