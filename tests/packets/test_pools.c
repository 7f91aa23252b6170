// SPDX-License-Identifier: BSD-3-Clause
// Several NAT64 prefixes and pools at once: which pool address a client has, and which prefix an
// answer comes back under.
#include "env.h"

#include <stdio.h>

static const char *const prefixes[] = {
	"64:ff9b::/96",
	"2001:db8:64::/96",
	"2001:db9::/32",
	"2001:dba:100::/40",
	"2001:dbb:122::/48",
	"2001:dbc:122:300::/56",
	"2001:dbd:122:344::/64",
};

static void
start(const char *pool4)
{
	char yaml[2048], list[512] = "";

	for (unsigned int i = 0; i < RTE_DIM(prefixes); i++)
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s'%s'", i ? ", " : "",
			prefixes[i]);
	snprintf(yaml, sizeof(yaml),
		"ports:\n"
		"  - {name: lan, device: net_null0, role: lan, addresses: ['2001:db8:1::1/64']}\n"
		"  - {name: wan, device: net_null1, role: wan, addresses: [5.6.7.2/24], "
		"gateway4: 5.6.7.1}\n"
		"  - {name: lan2, device: net_null2, role: lan, addresses: ['2001:db8:2::1/64']}\n"
		"memory: {neighbors: 256}\n"
		"nat64:\n  max_sessions: 1024\n  prefixes: [%s]\n%s",
		list, pool4);
	env_start_yaml(prefixes[0], yaml);
	fixture_neighbor(&env.f, LAN, "2001:db8:1::10", env_mac_client);
	fixture_neighbor(&env.f, WAN, "5.6.7.1", env_mac_router);
	fixture_neighbor(&env.f, LAN2, "2001:db8:2::10", env_mac_client2);
	fixture_discard(&env.f);
}

// A packet of the client's port out to the server and one back, under prefix i; i names the
// allocated port.
static void
there_and_back(unsigned int lan, const char *client, uint16_t port, const char *server,
	const char *pool, unsigned int i)
{
	const struct step steps[] = {
		{"there", lan, {UDP6(client, port, server, 53), .payload = 30}, WAN,
			{UDP4(pool, A_PORT(i), server + 1, 53), .payload = 30}},
		{"back", WAN, {UDP4(server + 1, 53, pool, A_PORT(i)), .payload = 30}, lan,
			{UDP6(server, 53, client, port), .payload = 30}},
	};

	env.prefix = prefixes[i];
	env_run(steps, RTE_DIM(steps));
}

// All lengths at once; each session answers under the prefix that it began with, also when they
// are of the same port to different servers.
static void
adr_24_x46_16_all_lengths_at_once(void **state)
{
	static const char *const servers[] = {
		"@8.8.8.1", "@8.8.8.2", "@8.8.8.3", "@8.8.8.4", "@8.8.8.5", "@8.8.8.6", "@8.8.8.7"};

	start("  pool4: [5.6.7.64]\n");
	for (unsigned int i = 0; i < RTE_DIM(prefixes); i++)
		there_and_back(LAN, "C", (uint16_t)(5000 + i), "@8.8.8.8", "T", i);
	for (unsigned int i = 0; i < RTE_DIM(prefixes); i++)
		env.port[i] = env.port[0];
	for (unsigned int i = 0; i < RTE_DIM(prefixes); i++)
		there_and_back(LAN, "C", 5000, servers[i], "T", i);
	assert_int_equal(env_bibs(), RTE_DIM(prefixes));
	env_stop();
}

static void
adr_24_a_pool_for_each_prefix(void **state)
{
	char pool[1024] = "  pool4:\n", addr[16];

	for (unsigned int i = 0; i < RTE_DIM(prefixes); i++)
		snprintf(pool + strlen(pool), sizeof(pool) - strlen(pool),
			"  - {address: 5.6.7.%u, prefixes: ['%s']}\n", 70 + i, prefixes[i]);
	start(pool);
	for (unsigned int turn = 0; turn < 2; turn++) {
		memset(env.port, 0, sizeof(env.port));
		for (unsigned int i = 0; i < RTE_DIM(prefixes); i++) {
			snprintf(addr, sizeof(addr), "5.6.7.%u", 70 + i);
			there_and_back(
				LAN, "C", (uint16_t)(5000 + 10 * turn + i), "@8.8.8.8", addr, i);
		}
	}
	env_stop();
}

// The clients of one LAN have addresses of their own; others have the rest.
static void
adr_24_a_pool_for_some_clients(void **state)
{
	start("  pool4:\n"
	      "  - {address: 5.6.7.70, clients: ['2001:db8:2::/64']}\n"
	      "  - 5.6.7.71\n"
	      "  - {address: 5.6.7.72, prefixes: ['2001:db8:64::/96']}\n");
	there_and_back(LAN, "C", 5000, "@8.8.8.8", "5.6.7.71", 0);
	there_and_back(LAN, "C", 5001, "@8.8.8.8", "5.6.7.72", 1);
	there_and_back(LAN2, "D", 5000, "@8.8.8.8", "5.6.7.70", 2);
	env.port[1] = 0;
	there_and_back(LAN2, "D", 5001, "@8.8.8.8", "5.6.7.70", 1);
	env_stop();
}

static const struct step no_pool[] = {
	{"refused", LAN2, {UDP6("D", 5000, "@8.8.8.8", 53), .payload = 30}, LAN2,
		{ERR6("2001:db8:2::1", "D", 1, 3), .ttl = 64,
			QUOTE(UDP6("D", 5000, "@8.8.8.8", 53), .payload = 30, .ttl = 64)},
		DROPS(NO_POOL4)},
};

// A client that no entry serves is told, and the one beside it is served.
static void
n64_port_06_no_pool_for_the_client(void **state)
{
	start("  pool4_gaps: true\n"
	      "  pool4: [{address: 5.6.7.70, clients: ['2001:db8:1::/64']}]\n");
	env_run(no_pool, RTE_DIM(no_pool));
	there_and_back(LAN, "C", 5000, "@8.8.8.8", "5.6.7.70", 0);
	env_stop();
}

ENV_MAIN(cmocka_unit_test(adr_24_x46_16_all_lengths_at_once),
	cmocka_unit_test(adr_24_a_pool_for_each_prefix),
	cmocka_unit_test(adr_24_a_pool_for_some_clients),
	cmocka_unit_test(n64_port_06_no_pool_for_the_client))
