// SPDX-License-Identifier: BSD-3-Clause
#include "gateway.h"

#include <stdlib.h>

#define CHECK_EVERY 1024

void
gateway_start(void)
{
	static const struct env_setup setup = {
		.nat64 = "  pool4: [{address: 5.6.7.64, ports: 5000-5000}]\n"
			 "  max_sessions: 64\n  max_bib: 64\n  max_inbound: 16\n"
			 "  filtering: endpoint\n  port_hold: 0\n"
			 "  static:\n"
			 "    - {protocols: [tcp, udp, icmp], address: 5.6.7.64, ports: 8080, "
			 "client: '2001:db8:2::10', client_port: 80}\n"
			 "    - {protocols: [udp], address: 5.6.7.64, ports: 8090, "
			 "client: '2001:db8:2::10', client_port: 90, allow: [9.9.0.0/16]}\n",
		.extra = "dns64: {upstreams: [5.6.7.53]}\n"};

	fixture_eal(256);
	env_start("64:ff9b::/96", &setup);
	atexit(env_stop);
}

void
gateway_ready(void)
{
	static const struct spec specs[] = {{UDP6("C", 40000, "@8.8.8.8", 53)},
		{TCP6("C", 41000, "@8.8.8.8", 80)}, {PING6("C", "@8.8.8.8", 7)}};

	fixture_neighbor(&env.f, LAN, "2001:db8:1::10", env_mac_client);
	fixture_neighbor(&env.f, WAN, "5.6.7.1", env_mac_router);
	fixture_neighbor(&env.f, LAN2, "2001:db8:2::10", env_mac_client2);
	for (unsigned int i = 0; i < RTE_DIM(specs); i++)
		env_send(LAN, &specs[i]);
	fixture_discard(&env.f);
}

void
gateway_done(void)
{
	static unsigned int runs;

	fixture_turn(&env.f, 1000);
	fixture_discard(&env.f);
	if (++runs % CHECK_EVERY == 0)
		env_check();
}
