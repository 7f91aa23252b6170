// SPDX-License-Identifier: BSD-3-Clause
// libFuzzer through the whole pipeline. The input is a list of frames: a byte (port, whether the
// checksums are made right, whether time passes), two bytes of length, and the packet from its IP
// header on (or ARP, when neither version is there).
#include "gateway.h"

#include <rte_ether.h>

#define PORT_BITS  3
#define REPAIR_BIT 4
#define RAW_BIT    8
#define WAIT_SHIFT 4

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	gateway_start();
	return 0;
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
	gateway_ready();
	while (size >= 3) {
		uint16_t len = (uint16_t)RTE_MIN(get16(data + 1), RTE_MIN(size - 3, FRAME_MAX));

		input(data[0], data + 3, len);
		data += 3 + len;
		size -= 3 + (size_t)len;
	}
	gateway_done();
	return 0;
}
