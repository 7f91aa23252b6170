// SPDX-License-Identifier: BSD-3-Clause
// A DNS query's way through the gateway: from a LAN port to the DNS lcore, upstream by the WAN port
// and back. What dns64 makes of messages is tested in tests/unit/dns64.
#include "dns_query.h"

static void
start(const char *prefix, const char *workers)
{
	const struct env_setup setup = {
		.extra = "dns64: {upstreams: [" DNS_UPSTREAM "]}\n", .workers = workers};

	env_start(prefix, &setup);
	fixture_neighbor(&env.f, WAN, DNS_UPSTREAM, env_mac_router);
	fixture_discard(&env.f);
}

// ADR-25: the answers hold the addresses that the translator takes for its own.
static void
d64_query_through_the_gateway(void **state)
{
	static const char *const workers[] = {"0", "0, 1", "0, 1, 2"};

	for (unsigned int i = 0; i < env_n_prefixes; i++) {
		uint8_t addr6[16];

		start(env_prefixes[i], workers[i % 3]);
		dns_ask(LAN, "C", "GW6", 0x1111, DNS_TYPE_AAAA);
		assert_int_equal(dns_take_upstream_query(), DNS_TYPE_AAAA);
		dns_answer_upstream(WAN, NULL);
		assert_int_equal(dns_take_upstream_query(), DNS_TYPE_A);
		dns_answer_upstream(WAN, "8.8.4.4");
		build_addr(6, "@8.8.4.4", addr6);
		dns_expect_answer(LAN, 0x1111, addr6, 16, 1);
		env_expect_none("D64");
		// from the cache, for the other LAN
		dns_ask(LAN2, "D", "2001:db8:2::1", 0x2222, DNS_TYPE_AAAA);
		dns_expect_answer(LAN2, 0x2222, addr6, 16, 1);
		env_expect_none("D64 cached");
		// over IPv4
		dns_ask(LAN, "192.168.1.10", "192.168.1.1", 0x3333, DNS_TYPE_A);
		dns_expect_answer(LAN, 0x3333, (const uint8_t[]){8, 8, 4, 4}, 4, 1);
		env_stop();
	}
}

static void
n64_in_05_pool_on_the_gateways_own_address(void **state)
{
	static const struct env_setup setup = {.extra = "dns64: {upstreams: [" DNS_UPSTREAM "]}\n",
		.nat64 = "  pool4: [wan]\n  max_sessions: 1024\n  max_bib: 512\n"};
	static const struct spec flow = {UDP6("C", 40000, "@8.8.8.8", 53)};
	static const struct spec ping = {PING4("8.8.8.8", "GW4", 9)};
	static const struct spec pong = {PONG4("GW4", "8.8.8.8", 9), .ttl = 64};
	uint8_t own[4];

	env_start(*state, &setup);
	fixture_neighbor(&env.f, WAN, DNS_UPSTREAM, env_mac_router);
	fixture_discard(&env.f);
	dns_ask(LAN, "C", "GW6", 0x1111, DNS_TYPE_A);
	assert_int_equal(dns_take_upstream_query(), DNS_TYPE_A);
	env_send(LAN, &flow);
	assert_true(env_take(WAN));
	build_addr(4, "GW4", own);
	assert_memory_equal(env.last + 12, own, 4);
	assert_in_range(get16(env.last + 20), 1024, 49151);
	dns_answer_upstream(WAN, "8.8.4.4");
	dns_expect_answer(LAN, 0x1111, (const uint8_t[]){8, 8, 4, 4}, 4, 1);
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
	dns_ask(LAN, "C", "GW6", 0x1111, DNS_TYPE_A);
	for (unsigned int i = 0; i < 100; i++) {
		tries += dns_take_upstream_query() != 0;
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
	dns_ask(WAN, "8.8.8.8", "GW4", 1, DNS_TYPE_A);
	dns_ask(WAN, "8.8.8.8", "192.168.1.1", 1, DNS_TYPE_A);
	dns_ask(WAN, "2001:db8:99::1", "GW6", 1, DNS_TYPE_A);
	dns_ask(WAN, "C", "GW6", 1, DNS_TYPE_A);
	dns_ask(WAN, "8.8.8.8", "5.6.7.64", 1, DNS_TYPE_A); // the pool's: unsolicited
	env_expect_none("DNS-MISC-01");
	assert_int_equal(env_drops(DROP_LOCAL_PROTO), 4);
	assert_int_equal(env_drops(DROP_NO_SESSION4), 1);
	env_stop();
}

static void
dns_checksum_is_looked_at(void **state)
{
	struct spec s = {UDP6("C", 5353, "GW6", 53), .data = dns_message, .bad_csum = true};

	start(*state, "0");
	s.payload = dns_make_query(1, DNS_TYPE_A);
	env_send(LAN, &s);
	env_expect_none("a wrong checksum");
	assert_int_equal(env_drops(DROP_CHECKSUM_L4), 1);
	env_stop();
}

ENV_MAIN(cmocka_unit_test(d64_query_through_the_gateway),
	WITH_BOTH(n64_in_05_pool_on_the_gateways_own_address), WITH_BOTH(upstream_is_silent),
	WITH_BOTH(dns_misc_01_not_for_the_wan), WITH_BOTH(dns_checksum_is_looked_at))
