// SPDX-License-Identifier: BSD-3-Clause
// More than one NAT64 prefix, and packets to a prefix that is none.
#include "env.h"

// Three prefixes as the one of env_start: it stands between quotes there.
#define THREE WKP "', '" NSP "', '2001:db9:122:344::/64"

#define W(a)  "64:ff9b::" a
#define N(a)  "2001:db8:64::" a
#define SHORT "2001:db9:122:344:1:102:300:0" // 1.1.2.3

static const struct step several[] = {
	{"ADR-24", LAN, {UDP6("C", 40000, W("8.8.8.8"), 53)}, WAN,
		{UDP4("T", A_PORT(0), "8.8.8.8", 53)}},
	{"ADR-24 N64-BIB-03", LAN, {UDP6("C", 40000, N("9.9.9.9"), 53)}, WAN,
		{UDP4("T", A_PORT(0), "9.9.9.9", 53)}},
	{"ADR-24", LAN, {UDP6("C", 40000, SHORT, 53)}, WAN, {UDP4("T", A_PORT(0), "1.1.2.3", 53)}},
	{"X46-16", WAN, {UDP4("9.9.9.9", 53, "T", A_PORT(0))}, LAN,
		{UDP6(N("9.9.9.9"), 53, "C", 40000)}},
	{"X46-16", WAN, {UDP4("8.8.8.8", 53, "T", A_PORT(0))}, LAN,
		{UDP6(W("8.8.8.8"), 53, "C", 40000)}},
	{"X46-16", WAN, {UDP4("1.1.2.3", 53, "T", A_PORT(0))}, LAN, {UDP6(SHORT, 53, "C", 40000)}},
	{"X46-16 an error", WAN,
		{ERR4("7.7.7.7", "T", 11, 0), QUOTE(UDP4("T", A_PORT(0), "9.9.9.9", 53))}, LAN,
		{ERR6(N("7.7.7.7"), "C", 3, 0), QUOTE(UDP6("C", 40000, N("9.9.9.9"), 53))}},
	{"ERR-02 an error from inside", LAN,
		{ERR6("C", SHORT, 1, 4), QUOTE(UDP6(SHORT, 53, "C", 40000))}, WAN,
		{ERR4("T", "1.1.2.3", 3, 3), QUOTE(UDP4("1.1.2.3", 53, "T", A_PORT(0)))}},
	{"N64-TCP-C1", LAN, {TCP6("C", 41000, SHORT, 80)}, WAN,
		{TCP4("T", A_PORT(1), "1.1.2.3", 80)}},
	{"N64-TCP-E1", WAN, {TCP4("1.1.2.3", 80, "T", A_PORT(1)), .tcp_flags = TCP_SYN | TCP_ACK},
		LAN, {TCP6(SHORT, 80, "C", 41000), .tcp_flags = TCP_SYN | TCP_ACK}},
	{"ADR-13 for one of them only", LAN, {UDP6("C", 40000, W("10.1.2.3"), 53)}, LAN,
		{ERR6("GW6", "C", 1, 1), .ttl = 64,
			QUOTE(UDP6("C", 40000, W("10.1.2.3"), 53), .ttl = 64)},
		DROPS(WKP_NON_GLOBAL)},
	{"ADR-13 for one of them only", LAN, {UDP6("C", 40000, N("10.1.2.3"), 53)}, WAN,
		{UDP4("T", A_PORT(0), "10.1.2.3", 53)}},
	{"N64-IN-01 from each to each", LAN, {UDP6(SHORT, 1, W("8.8.8.8"), 2)}, NOWHERE,
		DROPS(SRC_IN_PREF64)},
	{"N64-IN-01 from each to each", LAN, {UDP6(W("8.8.8.8"), 1, N("8.8.8.8"), 2)}, NOWHERE,
		DROPS(SRC_IN_PREF64)},
};

static void
adr_24_several_prefixes(void **state)
{
	static const char *const workers[] = {"0", "0, 1"};

	for (unsigned int i = 0; i < RTE_DIM(workers); i++) {
		const struct env_setup setup = {.workers = workers[i]};

		env_start(THREE, &setup);
		env_run(several, RTE_DIM(several));
		env_stop();
	}
}

// A route to the WAN would take them: what is native does not leave by the WAN.
static void
adr_17_well_known_prefix_is_not_routed(void **state)
{
	static const struct env_setup setup = {
		.extra = "routes: [{prefix: '64:ff9b::/96', via: 'fe80::1', port: wan}]\n"};
	const struct step rows[] = {
		{"ADR-17", LAN, {UDP6("C", 1, W("8.8.8.8"), 2)}, LAN,
			{ERR6("GW6", "C", 1, 0), .ttl = 64,
				QUOTE(UDP6("C", 1, W("8.8.8.8"), 2), .ttl = 64)},
			DROPS(NO_ROUTE), ONE_PREFIX("where it is a NAT64 prefix it is translated")},
	};

	env_start(NSP, &setup);
	env_run(rows, RTE_DIM(rows));
	env_stop();
}

ENV_MAIN(cmocka_unit_test(adr_24_several_prefixes),
	cmocka_unit_test(adr_17_well_known_prefix_is_not_routed))
