// SPDX-License-Identifier: BSD-3-Clause
// Native IPv6 between LAN ports, and static routes behind LAN-side routers.
#include "env.h"

#include <stdio.h>

#define OWN6(to, t, c) ERR6("GW6", to, t, c), .ttl = 64

static const uint8_t jump[8] = {17, 0, 1, 4, 0, 0, 0, 0};
static const uint8_t frag[8] = {17, 0, 0, 1, 0, 0, 0, 1};
static const uint8_t rh[8] = {17, 0, 0, 1, 0, 0, 0, 0};

static const struct step rows[] = {
	{"XLT-01 GW-IP6-11", LAN, {UDP6("C", 1, "D", 2), .payload = 8, .tos = 0xb8}, LAN2,
		{UDP6("C", 1, "D", 2), .payload = 8, .tos = 0xb8}},
	{"and back", LAN2, {UDP6("D", 2, "C", 1)}, LAN, {UDP6("D", 2, "C", 1)}},
	{"back out of the same port", LAN, {UDP6("2001:db8:1::77", 1, "C", 2)}, LAN,
		{UDP6("2001:db8:1::77", 1, "C", 2)}},
	{"any transport", LAN, {.family = 6, .proto = 132, .src = "C", .dst = "D", .payload = 30},
		LAN2, {.family = 6, .proto = 132, .src = "C", .dst = "D", .payload = 30}},
	{"any extension header", LAN,
		{UDP6("C", 1, "D", 2), .ext = jump, .ext_type = 60, .ext_len = 8}, LAN2,
		{UDP6("C", 1, "D", 2), .ext = jump, .ext_type = 60, .ext_len = 8}},
	{"fragments", LAN, {UDP6("C", 1, "D", 2), .ext = frag, .ext_type = 44, .ext_len = 8}, LAN2,
		{UDP6("C", 1, "D", 2), .ext = frag, .ext_type = 44, .ext_len = 8}},
	{"an ICMPv6 error", LAN, {ERR6("C", "D", 1, 4), QUOTE(UDP6("D", 2, "C", 1))}, LAN2,
		{ERR6("C", "D", 1, 4), QUOTE(UDP6("D", 2, "C", 1))}},
	{"XLT-07 a wrong checksum", LAN, {UDP6("C", 1, "D", 2), .bad_csum = true}, LAN2,
		{UDP6("C", 1, "D", 2), .bad_csum = true}},
	{"hop limit 2", LAN, {UDP6("C", 1, "D", 2), .ttl = 2}, LAN2,
		{UDP6("C", 1, "D", 2), .ttl = 1}},
	{"GW-IP6-04 hop limit", LAN, {UDP6("C", 1, "D", 2), .ttl = 1}, LAN,
		{OWN6("C", 3, 0), QUOTE(UDP6("C", 1, "D", 2), .ttl = 1)}, DROPS(TTL)},
	{"GW-IP6-04 no route", LAN, {UDP6("C", 1, "2001:db8:77::1", 2)}, LAN,
		{OWN6("C", 1, 0), QUOTE(UDP6("C", 1, "2001:db8:77::1", 2), .ttl = 64)},
		DROPS(NO_ROUTE)},
	{"GW-IP6-03 about an error", LAN,
		{ERR6("C", "2001:db8:77::1", 1, 4), QUOTE(UDP6("D", 2, "C", 1))}, NOWHERE,
		DROPS(NO_ROUTE)},
	{"GW-IP6-06 link-local destination", LAN, {UDP6("C", 1, "fe80::5", 2)}, NOWHERE,
		DROPS(NOT_FORWARDED)},
	{"GW-IP6-06 ::", LAN, {UDP6("::", 1, "D", 2)}, NOWHERE, DROPS(NOT_FORWARDED)},
	{"GW-IP6-06 to ::1", LAN, {UDP6("C", 1, "::1", 2)}, NOWHERE, DROPS(NOT_FORWARDED)},
	{"GW-IP6-06 from ::1", LAN, {UDP6("::1", 1, "D", 2)}, NOWHERE, DROPS(SRC6_ILLEGAL)},
	{"GW-IP6-06 multicast", LAN, {UDP6("C", 1, "ff05::5", 2)}, NOWHERE, DROPS(NOT_FORWARDED)},
	{"ADR-22", LAN, {UDP6("@1.2.3.4", 1, "D", 2)}, NOWHERE, DROPS(SRC_IN_PREF64)},
	{"GW-IP6-07 RH0", LAN, {UDP6("C", 1, "D", 2), .ext = rh, .ext_type = 43, .ext_len = 8}, LAN,
		{OWN6("C", 4, 0), .word = 43,
			QUOTE(UDP6("C", 1, "D", 2), .ext = rh, .ext_type = 43, .ext_len = 8,
				.ttl = 64)},
		DROPS(ROUTING_HEADER)},
	{"not from the WAN", WAN, {UDP6("2001:db8:99::1", 1, "D", 2)}, NOWHERE,
		DROPS(NOT_FORWARDED)},
};

static void
gw_ip6_forwarding(void **state)
{
	RUN(rows);
}

// GW-IP6-05: routers never fragment.
static void
gw_ip6_05_too_big(void **state)
{
	const struct env_setup setup = {.lan_mtu = 1400};
	const struct step steps[] = {
		{"GW-IP6-05 1401", LAN2, {UDP6("D", 1, "C", 2), .payload = 1401 - 48}, LAN2,
			{ERR6("2001:db8:2::1", "D", 2, 0), .ttl = 64, .word = 1400,
				QUOTE(UDP6("D", 1, "C", 2), .payload = 1401 - 48, .ttl = 64),
				.quote_l4 = 1280 - 48 - 40},
			DROPS(TOO_BIG)},
		{"GW-IP6-05 1400", LAN2, {UDP6("D", 1, "C", 2), .payload = 1400 - 48}, LAN,
			{UDP6("D", 1, "C", 2), .payload = 1400 - 48}},
	};

	env_start(*state, &setup);
	env_run(steps, RTE_DIM(steps));
	env_stop();
}

// Beyond the scope of its source: to any LAN, its own among them.
static void
gw_ip6_04_06_from_a_link_local_address(void **state)
{
#define SCOPE ERR6("fe80::ff:fe00:0", "fe80::5", 1, 2), .ttl = 64
	const struct step steps[] = {
		{"GW-IP6-04", LAN, {UDP6("fe80::5", 1, "D", 2)}, LAN,
			{SCOPE, QUOTE(UDP6("fe80::5", 1, "D", 2), .ttl = 64)},
			DROPS(NOT_FORWARDED)},
		{"GW-IP6-06", LAN, {UDP6("fe80::5", 1, "C", 2)}, LAN,
			{SCOPE, QUOTE(UDP6("fe80::5", 1, "C", 2), .ttl = 64)},
			DROPS(NOT_FORWARDED)},
		{"GW-IP6-06 to one as well", LAN, {UDP6("fe80::5", 1, "fe80::6", 2)}, NOWHERE,
			DROPS(NOT_FORWARDED)},
		{"GW-IP6-03 an error", LAN,
			{ERR6("fe80::5", "D", 1, 4), QUOTE(UDP6("D", 2, "C", 1))}, NOWHERE,
			DROPS(NOT_FORWARDED)},
	};

	env_start(*state, NULL);
	fixture_neighbor(&env.f, LAN, "fe80::5", env_mac_client);
	env_run(steps, RTE_DIM(steps));
	env_stop();
}

// A default route of the WAN does not make it a way out for native packets.
static void
gw_ce_03_not_to_the_wan(void **state)
{
	char yaml[1024];
	const struct step steps[] = {
		{"GW-CE-03", LAN, {UDP6("C", 1, "2001:db8:99::1", 2)}, LAN,
			{OWN6("C", 1, 0), QUOTE(UDP6("C", 1, "2001:db8:99::1", 2), .ttl = 64)},
			DROPS(NO_ROUTE)},
		{"GW-CE-03 on the WAN's link", LAN, {UDP6("C", 1, "2001:db8:ff::1", 2)}, LAN,
			{OWN6("C", 1, 0), QUOTE(UDP6("C", 1, "2001:db8:ff::1", 2), .ttl = 64)},
			DROPS(NO_ROUTE)},
	};

	snprintf(yaml, sizeof(yaml),
		"ports:\n  - {name: lan, device: net_null0, role: lan, "
		"addresses: ['2001:db8:1::1/64']}\n"
		"  - {name: wan, device: net_null1, role: wan, "
		"addresses: [5.6.7.2/24, '2001:db8:ff::2/64'], gateway6: '2001:db8:ff::1'}\n"
		"nat64: {prefixes: ['%s'], pool4: [{address: 5.6.7.64}]}\n",
		(const char *)*state);
	env_start_yaml(*state, yaml);
	fixture_neighbor(&env.f, LAN, "2001:db8:1::10", env_mac_client);
	env_run(steps, RTE_DIM(steps));
	env_stop();
}

// ---- static routes: the clients are behind a router, which is the neighbour

#define FAR "2001:db8:40::5"
static const char routes[] = "routes:\n"
			     "  - {prefix: '2001:db8:40::/48', via: '2001:db8:1::10'}\n"
			     "  - {prefix: '2001:db8:40:1::/64', via: '2001:db8:2::10'}\n";
static const struct step routed[] = {
	{"out", LAN, {UDP6(FAR, 1, "@8.8.8.8", 2)}, WAN, {UDP4("T", A_PORT(0), "8.8.8.8", 2)}},
	{"back by the router", WAN, {UDP4("8.8.8.8", 2, "T", A_PORT(0))}, LAN,
		{UDP6("@8.8.8.8", 2, FAR, 1)}},
	{"the longest prefix", LAN2, {UDP6("2001:db8:40:1::5", 1, "@8.8.8.8", 2)}, WAN,
		{UDP4("T", A_PORT(1), "8.8.8.8", 2)}},
	{"back by the other", WAN, {UDP4("8.8.8.8", 2, "T", A_PORT(1))}, LAN2,
		{UDP6("@8.8.8.8", 2, "2001:db8:40:1::5", 1)}},
	{"native", LAN2, {UDP6("D", 1, FAR, 2)}, LAN, {UDP6("D", 1, FAR, 2)}},
	{"an error to it", LAN, {UDP6(FAR, 1, "@8.8.8.8", 2), .ttl = 1}, LAN,
		{OWN6(FAR, 3, 0), QUOTE(UDP6(FAR, 1, "@8.8.8.8", 2), .ttl = 1)}, DROPS(TTL)},
	{"an echo reply to it", LAN, {PING6(FAR, "GW6", 3)}, LAN,
		{PONG6("GW6", FAR, 3), .ttl = 64}},
	{"GW-CE-10 beside it", LAN, {UDP6("2001:db8:41::5", 1, "@8.8.8.8", 2)}, NOWHERE,
		DROPS(SRC_NO_ROUTE)},
};

static void
static_routes(void **state)
{
	const struct env_setup setup = {.extra = routes};

	for (unsigned int i = 0; i < env_n_prefixes; i++) {
		env_start(env_prefixes[i], &setup);
		env_run(routed, RTE_DIM(routed));
		env_stop();
	}
}

ENV_MAIN(cmocka_unit_test(gw_ip6_forwarding), WITH_BOTH(gw_ip6_04_06_from_a_link_local_address),
	WITH_BOTH(gw_ip6_05_too_big), WITH_BOTH(gw_ce_03_not_to_the_wan),
	cmocka_unit_test(static_routes))
