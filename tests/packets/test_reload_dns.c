// SPDX-License-Identifier: BSD-3-Clause
// DNS64 over a reload: it and the translator have the same prefixes again, and what waited for an
// upstream gets its answer.
#include "dns_query.h"
#include "reloading.h"

#include <stdio.h>
#include <stdlib.h>

#define DNS64 "dns64: {upstreams: [" DNS_UPSTREAM "]}\n"

static struct reloading
begin(const char *prefix, const char *workers)
{
	struct reloading t = {.extra = DNS64, .workers = workers};

	reloading_start(prefix, &t);
	fixture_neighbor(&env.f, WAN, DNS_UPSTREAM, env_mac_router);
	fixture_neighbor(&env.f, WAN, "5.6.7.54", env_mac_router);
	fixture_discard(&env.f);
	return t;
}

// The same, and an upstream is asked by a client's query.
static struct reloading
begin_asking(const char *prefix, const char *workers)
{
	struct reloading t = begin(prefix, workers);

	dns_ask(LAN, "C", "GW6", 0x1111, DNS_TYPE_A);
	assert_int_equal(dns_take_upstream_query(), DNS_TYPE_A);
	return t;
}

// AAAA that are made up, from the cache or not: one, or two.
static void
expect_both(uint16_t id, const char *want, const char *second, bool cached)
{
	uint8_t addr[2][16];

	dns_ask(LAN, "C", "GW6", id, DNS_TYPE_AAAA);
	if (!cached) {
		assert_int_equal(dns_take_upstream_query(), DNS_TYPE_AAAA);
		dns_answer_upstream(WAN, NULL);
		assert_int_equal(dns_take_upstream_query(), DNS_TYPE_A);
		dns_answer_upstream(WAN, "8.8.4.4");
	}
	build_addr(6, want, addr[0]);
	if (second)
		build_addr(6, second, addr[1]);
	dns_expect_answer(LAN, id, addr[0], 16, second ? 2 : 1);
	env_expect_none("one answer");
}

static void
expect_aaaa(uint16_t id, const char *want, bool cached)
{
	expect_both(id, want, NULL, cached);
}

// ADR-25: what the names say is what is translated, before and after.
static void
d64_reload_changes_the_prefix(void **state)
{
	static const char *const workers[] = {"0", "0, 1, 2"};
	static const struct step other[] = {
		{"new", LAN, {UDP6("C", 40000, "2001:db8:65::808:404", 53)}, WAN,
			{UDP4("T", A_PORT(0), "8.8.4.4", 53)}},
	};

	for (unsigned int i = 0; i < RTE_DIM(workers); i++) {
		struct reloading t = begin(*state, workers[i]);
		char two[64];

		expect_aaaa(0x1111, "@8.8.4.4", false);
		expect_aaaa(0x1112, "@8.8.4.4", true);
		t.prefixes = "2001:db8:65::/96";
		reload_to(&t, "nat64.prefixes\n");
		expect_aaaa(0x1113, "2001:db8:65::808:404", false);
		env_run(other, RTE_DIM(other));
		// in the order that the file says, whatever places they have (app/plan.h)
		snprintf(two, sizeof(two), "%s', '2001:db8:65::/96", (const char *)*state);
		t.prefixes = two;
		reload_to(&t, "nat64.prefixes\n");
		expect_both(0x1114, "@8.8.4.4", "2001:db8:65::808:404", false);
		env_stop();
	}
}

static void
d64_reload_keeps_the_cache(void **state)
{
	struct reloading t = begin(*state, "0, 1");

	expect_aaaa(0x1111, "@8.8.4.4", false);
	t.extra = "dns64: {upstreams: [" DNS_UPSTREAM "], tries: 2, timeout_ms: 200}\n";
	t.nat64 = "  pool4: [{address: 5.6.7.64, ports: 1-65535}]\n"
		  "  max_sessions: 1024\n  max_bib: 512\n  mss_clamp: 1000\n";
	reload_to(&t, "nat64.mss_clamp\ndns64.timeout_ms\ndns64.tries\n");
	expect_aaaa(0x1112, "@8.8.4.4", true);
	env_stop();
}

// The upstream changes while it is asked.
static void
d64_reload_asks_another_upstream(void **state)
{
	struct reloading t = begin_asking(*state, "0, 1");
	uint8_t addr[4];

	t.extra = "dns64: {upstreams: [5.6.7.54]}\n";
	reload_to(&t, "dns64.upstreams\n");
	assert_true(env_take(WAN));
	build_addr(4, "5.6.7.54", addr);
	assert_memory_equal(env.last + 16, addr, 4);
	dns_answer_upstream(WAN, "6.6.6.6"); // the one before, too late
	env_expect_none("late");
	t.extra = DNS64;
	reload_to(&t, "dns64.upstreams\n");
	assert_int_equal(dns_take_upstream_query(), DNS_TYPE_A);
	dns_answer_upstream(WAN, "8.8.4.4");
	dns_expect_answer(LAN, 0x1111, (const uint8_t[]){8, 8, 4, 4}, 4, 1);
	env_stop();
}

// Our own address towards the upstreams is another one.
static void
d64_reload_asks_from_another_address(void **state)
{
	struct reloading t = begin_asking(*state, "0");
	struct spec answer;
	uint8_t addr[4];

	t.addresses = "5.6.7.3/24";
	reload_to(&t, "ports[1].addresses\n");
	do
		assert_true(env_take(WAN));
	while (env.last[9] != 17); // behind the announcement
	build_addr(4, "5.6.7.3", addr);
	assert_memory_equal(env.last + 12, addr, 4);
	answer = (struct spec){UDP4(DNS_UPSTREAM, 53, "5.6.7.3", get16(env.last + 20)),
		.data = dns_message, .payload = (uint16_t)(env.last_len - 28)};
	memcpy(dns_message, env.last + 28, answer.payload);
	dns_message[2] = 0x81;
	dns_message[3] = 0x82; // SERVFAIL
	for (unsigned int i = 0; i < 3; i++)
		env_send(WAN, &answer);
	fixture_turn(&env.f, 0);
	assert_int_equal(dns64_stats(dns_lcore_dns64(env.f.gw.dns))->upstream_mismatch, 2);
	env_stop();
}

static void
d64_reload_changes_who_may_ask(void **state)
{
	struct reloading t = begin(*state, "0, 1");

	t.extra = "dns64: {upstreams: [" DNS_UPSTREAM "], allow: ['2001:db8:2::/64'], "
		  "listen: ['2001:db8:2::1']}\n";
	reload_to(&t, "dns64.listen\ndns64.allow\n");
	dns_ask(LAN, "C", "GW6", 1, DNS_TYPE_A);
	dns_ask(LAN, "C", "2001:db8:2::1", 2, DNS_TYPE_A);
	env_expect_none("neither there nor from there");
	dns_ask(LAN2, "D", "2001:db8:2::1", 3, DNS_TYPE_A);
	assert_int_equal(dns_take_upstream_query(), DNS_TYPE_A);
	dns_answer_upstream(WAN, "8.8.4.4");
	dns_expect_answer(LAN2, 3, (const uint8_t[]){8, 8, 4, 4}, 4, 1);
	env_stop();
}

static void
d64_reload_refuses_as_a_whole(void **state)
{
	static const char *const restart[] = {
		"cache_entries: 128", "max_pending: 16", "edns_size: 1400", "enabled: false"};
	struct reloading t = begin(*state, "0, 1");

	expect_aaaa(0x1111, "@8.8.4.4", false);
	t.prefixes = "2001:db8:65::/96";
	for (unsigned int i = 0; i < RTE_DIM(restart); i++) {
		char extra[128], want[64];
		char *yaml;

		snprintf(extra, sizeof(extra), "dns64: {upstreams: [" DNS_UPSTREAM "], %s}\n",
			restart[i]);
		snprintf(want, sizeof(want), ": dns64.%.*s: needs a restart\n",
			(int)strcspn(restart[i], ":"), restart[i]);
		t.extra = extra;
		yaml = reloading_yaml(&t);
		reload_refused(yaml, want);
		free(yaml);
	}
	expect_aaaa(0x1112, "@8.8.4.4", true);
	env_stop();
}

ENV_MAIN(WITH_BOTH(d64_reload_changes_the_prefix), WITH_BOTH(d64_reload_keeps_the_cache),
	WITH_BOTH(d64_reload_asks_another_upstream),
	WITH_BOTH(d64_reload_asks_from_another_address), WITH_BOTH(d64_reload_changes_who_may_ask),
	WITH_BOTH(d64_reload_refuses_as_a_whole))
