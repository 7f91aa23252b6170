// SPDX-License-Identifier: BSD-3-Clause
// libFuzzer through the whole pipeline. The input is a list of frames: a byte (port, whether the
// checksums are made right, whether time passes), two bytes of length, and the packet from its IP
// header on (or ARP, when neither version is there). UDP, TCP and echo sessions of the client are
// open on port 5000 of the pool address.
#include "packets/env.h"

#include <rte_ether.h>
#include <stdlib.h>

#define FRAME_MAX   1514
#define CHECK_EVERY 4096

#define PORT_BITS   3
#define REPAIR_BIT  4
#define RAW_BIT     8
#define WAIT_SHIFT  4

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const struct env_setup setup = {
		.nat64 = "  pool4: [{address: 5.6.7.64, ports: 5000-5000}]\n"
			 "  max_sessions: 64\n  max_bib: 64\n",
		.extra = "dns64: {upstreams: [5.6.7.53]}\n"};

	fixture_eal(256);
	env_start("64:ff9b::/96", &setup);
	atexit(env_stop);
	return 0;
}

static void
open_sessions(void)
{
	static const struct spec specs[] = {{UDP6("C", 40000, "@8.8.8.8", 53)},
		{TCP6("C", 41000, "@8.8.8.8", 80)}, {PING6("C", "@8.8.8.8", 7)}};

	fixture_neighbor(&env.f, LAN, "2001:db8:1::10", env_mac_client);
	fixture_neighbor(&env.f, WAN, "5.6.7.1", env_mac_router);
	for (unsigned int i = 0; i < RTE_DIM(specs); i++)
		env_send(LAN, &specs[i]);
	fixture_discard(&env.f);
}

// A frame of len bytes behind the link header that the packet wants.
static void
input(uint8_t control, const uint8_t *data, uint16_t len)
{
	unsigned int port = (control & PORT_BITS) % env.f.gw.n_port;
	static struct frame f;
	uint16_t type = 0x0806;

	if (len && data[0] >> 4 == 6)
		type = 0x86dd;
	else if (len && data[0] >> 4 == 4)
		type = 0x0800;
	f.len = 0;
	if (!(control & RAW_BIT))
		f.len = build_ether(f.b, env.f.gw.port[port].mac.addr_bytes, env_mac_client, type);
	memcpy(f.b + f.len, data, len);
	f.len = (uint16_t)(f.len + len);
	if (control & REPAIR_BIT)
		build_repair(&f);
	if (f.len)
		env_input_exact(0, port, f.b, f.len);
	fixture_turn(&env.f, control >> WAIT_SHIFT);
	fixture_discard(&env.f);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static unsigned int runs;

	open_sessions();
	while (size >= 3) {
		uint16_t len = RTE_MIN(get16(data + 1), RTE_MIN(size - 3, FRAME_MAX));

		input(data[0], data + 3, len);
		data += 3 + len;
		size -= 3 + (size_t)len;
	}
	fixture_turn(&env.f, 1000);
	fixture_discard(&env.f);
	if (++runs % CHECK_EVERY == 0)
		env_check();
	return 0;
}
