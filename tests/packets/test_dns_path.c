// SPDX-License-Identifier: BSD-3-Clause
// A DNS query's way through the gateway: from a LAN port to the DNS lcore, upstream by the WAN port
// and back. What dns64 makes of messages is tested in tests/unit/dns64.
#include "env.h"

#define UPSTREAM  "5.6.7.53"
#define TYPE_A    1
#define TYPE_AAAA 28
#define HEADER    12

static const uint8_t question[] = {
	1, 'a', 7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 3, 'o', 'r', 'g', 0};
#define QUESTION_LEN (sizeof(question) + 4)

static uint8_t message[512];
static uint8_t asked[512]; // the last query upstream
static uint16_t asked_port;

static uint16_t
make_query(uint16_t id, uint16_t type)
{
	memset(message, 0, HEADER);
	put16(message, id);
	message[2] = 1; // RD
	message[5] = 1;
	memcpy(message + HEADER, question, sizeof(question));
	put16(message + HEADER + sizeof(question), type);
	put16(message + HEADER + sizeof(question) + 2, 1);
	return HEADER + QUESTION_LEN;
}

// The gateway asked upstream: for which type? 0: it did not.
static uint16_t
take_upstream_query(void)
{
	uint8_t upstream[4], own[4];

	if (!env_take(WAN))
		return 0;
	build_addr(4, UPSTREAM, upstream);
	build_addr(4, "GW4", own);
	assert_memory_equal(env.last + 12, own, 4);
	assert_memory_equal(env.last + 16, upstream, 4);
	assert_int_equal(get16(env.last + 22), 53);
	asked_port = get16(env.last + 20);
	assert_in_range(asked_port, 49152, 65535);
	assert_int_equal(build_fold(build_sum(env.last + 20, env.last_len - 20,
				 build_pseudo(env.last + 12, 8, 17, env.last_len - 20))),
		0xffff);
	memcpy(asked, env.last + 28, env.last_len - 28);
	return get16(asked + HEADER + sizeof(question));
}

// Answers it, from port: with one address, or none.
static void
answer_upstream(unsigned int port, const char *addr4)
{
	struct spec s = {UDP4(UPSTREAM, 53, "GW4", asked_port), .data = message,
		.payload = HEADER + QUESTION_LEN};

	memcpy(message, asked, HEADER + QUESTION_LEN); // the case of letters as it was asked
	message[2] = 0x81;
	message[3] = 0x80;
	memset(message + 6, 0, 6);
	if (addr4) {
		uint8_t *rr = message + s.payload;

		message[7] = 1;
		memcpy(rr, (const uint8_t[]){0xc0, 12, 0, TYPE_A, 0, 1, 0, 0, 1, 0, 0, 4}, 12);
		build_addr(4, addr4, rr + 12);
		s.payload += 16;
	}
	env_send(port, &s);
}

// The answer to a client is this address record.
static void
expect_answer(unsigned int port, uint16_t id, const uint8_t *addr, uint16_t len)
{
	unsigned int l4;

	assert_true(env_take(port));
	l4 = env.last[0] >> 4 == 6 ? 40 : 20;
	assert_int_equal(get16(env.last + l4), 53);
	assert_int_equal(get16(env.last + l4 + 2), 5353);
	assert_int_equal(get16(env.last + l4 + 8), id);
	assert_int_equal(env.last[l4 + 8 + 3] & 15, 0);
	assert_int_equal(get16(env.last + l4 + 8 + 6), 1);
	// behind name, type, class, TTL and length
	assert_memory_equal(env.last + l4 + 8 + HEADER + QUESTION_LEN + 12, addr, len);
}

static void
start(const char *prefix, const char *workers)
{
	const struct env_setup setup = {
		.extra = "dns64: {upstreams: [" UPSTREAM "]}\n", .workers = workers};

	env_start(prefix, &setup);
	fixture_neighbor(&env.f, WAN, UPSTREAM, env_mac_router);
	fixture_discard(&env.f);
}

static void
ask(unsigned int port, const char *src, const char *dst, uint16_t id, uint16_t type)
{
	const struct spec s = {.family = strchr(dst, '.') || strcmp(dst, "GW4") == 0 ? 4 : 6,
		.proto = 17,
		.src = src,
		.dst = dst,
		.sport = 5353,
		.dport = 53,
		.payload = make_query(id, type),
		.data = message};

	env_send(port, &s);
}

// ADR-25: the answers hold the addresses that the translator takes for its own.
static void
d64_query_through_the_gateway(void **state)
{
	static const char *const workers[] = {"0", "0, 1", "0, 1, 2"};

	for (unsigned int i = 0; i < env_n_prefixes; i++) {
		uint8_t addr6[16];

		start(env_prefixes[i], workers[i % 3]);
		ask(LAN, "C", "GW6", 0x1111, TYPE_AAAA);
		assert_int_equal(take_upstream_query(), TYPE_AAAA);
		answer_upstream(WAN, NULL);
		assert_int_equal(take_upstream_query(), TYPE_A);
		answer_upstream(WAN, "8.8.4.4");
		build_addr(6, "@8.8.4.4", addr6);
		expect_answer(LAN, 0x1111, addr6, 16);
		env_expect_none("D64");
		// from the cache, for the other LAN
		ask(LAN2, "D", "2001:db8:2::1", 0x2222, TYPE_AAAA);
		expect_answer(LAN2, 0x2222, addr6, 16);
		env_expect_none("D64 cached");
		// over IPv4
		ask(LAN, "192.168.1.10", "192.168.1.1", 0x3333, TYPE_A);
		expect_answer(LAN, 0x3333, (const uint8_t[]){8, 8, 4, 4}, 4);
		env_stop();
	}
}

static void
n64_in_05_pool_on_the_gateways_own_address(void **state)
{
	static const struct env_setup setup = {.extra = "dns64: {upstreams: [" UPSTREAM "]}\n",
		.nat64 = "  pool4: [wan]\n  max_sessions: 1024\n  max_bib: 512\n"};
	static const struct spec flow = {UDP6("C", 40000, "@8.8.8.8", 53)};
	static const struct spec ping = {PING4("8.8.8.8", "GW4", 9)};
	static const struct spec pong = {PONG4("GW4", "8.8.8.8", 9), .ttl = 64};
	uint8_t own[4];

	env_start(*state, &setup);
	fixture_neighbor(&env.f, WAN, UPSTREAM, env_mac_router);
	fixture_discard(&env.f);
	ask(LAN, "C", "GW6", 0x1111, TYPE_A);
	assert_int_equal(take_upstream_query(), TYPE_A);
	env_send(LAN, &flow);
	assert_true(env_take(WAN));
	build_addr(4, "GW4", own);
	assert_memory_equal(env.last + 12, own, 4);
	assert_in_range(get16(env.last + 20), 1024, 49151);
	answer_upstream(WAN, "8.8.4.4");
	expect_answer(LAN, 0x1111, (const uint8_t[]){8, 8, 4, 4}, 4);
	env_send(WAN, &ping);
	env_expect("N64-IN-05", WAN, &pong);
	env_expect_none("N64-IN-05");
	env_stop();
}

// Timers of the DNS lcore run: an upstream that is silent is asked again, then the client is told.
static void
upstream_is_silent(void **state)
{
	unsigned int tries = 0;

	start(*state, "0");
	ask(LAN, "C", "GW6", 0x1111, TYPE_A);
	for (unsigned int i = 0; i < 100; i++) {
		tries += take_upstream_query() != 0;
		fixture_turn(&env.f, 100);
	}
	assert_int_equal(tries, 3);
	assert_true(env_take(LAN));
	assert_int_equal(env.last[40 + 8 + 3] & 15, 2); // SERVFAIL
	env_stop();
}

static void
dns_misc_01_not_for_the_wan(void **state)
{
	start(*state, "0");
	ask(WAN, "8.8.8.8", "GW4", 1, TYPE_A);
	ask(WAN, "8.8.8.8", "192.168.1.1", 1, TYPE_A);
	ask(WAN, "2001:db8:99::1", "GW6", 1, TYPE_A);
	ask(WAN, "C", "GW6", 1, TYPE_A);
	ask(WAN, "8.8.8.8", "5.6.7.64", 1, TYPE_A); // the pool's: unsolicited
	env_expect_none("DNS-MISC-01");
	assert_int_equal(env_drops(DROP_LOCAL_PROTO), 4);
	assert_int_equal(env_drops(DROP_NO_SESSION4), 1);
	env_stop();
}

static void
dns_checksum_is_looked_at(void **state)
{
	struct spec s = {UDP6("C", 5353, "GW6", 53), .data = message, .bad_csum = true};

	start(*state, "0");
	s.payload = make_query(1, TYPE_A);
	env_send(LAN, &s);
	env_expect_none("a wrong checksum");
	assert_int_equal(env_drops(DROP_CHECKSUM_L4), 1);
	env_stop();
}

ENV_MAIN(cmocka_unit_test(d64_query_through_the_gateway),
	WITH_BOTH(n64_in_05_pool_on_the_gateways_own_address), WITH_BOTH(upstream_is_silent),
	WITH_BOTH(dns_misc_01_not_for_the_wan), WITH_BOTH(dns_checksum_is_looked_at))
