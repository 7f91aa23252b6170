// SPDX-License-Identifier: BSD-3-Clause
// ICMP errors with any quote, from both sides, through the whole gateway. The input: a byte (bit 0:
// from the client; bit 1: from a router between), type, code, the second word, and the quote. The
// checksum of the message is right.
#include "gateway.h"

#define OUTER_MAX 54 // link, IPv6

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	gateway_start();
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const sources[] = {"8.8.8.8", "C", "9.9.9.1", "2001:db8:1::77"};
	static struct frame f;
	bool from6;
	struct spec s;
	uint8_t *icmp;

	if (size < 7 || size > FRAME_MAX - OUTER_MAX)
		return 0;
	from6 = data[0] & 1;
	s = (struct spec){.family = from6 ? 6 : 4,
		.proto = from6 ? 58 : 1,
		.src = sources[data[0] & 3],
		.dst = from6 ? "@8.8.8.8" : "T",
		.type = from6 ? 128 : 8, // of the length wanted; written over below
		.payload = (uint16_t)(size - 7)};
	gateway_ready();
	env_frame(&f, from6 ? LAN : WAN, &s);
	icmp = f.b + f.len - (size - 7) - 8;
	icmp[0] = data[1];
	icmp[1] = data[2];
	memcpy(icmp + 4, data + 3, 4);
	memcpy(icmp + 8, data + 7, size - 7);
	build_repair(&f);
	env_input_exact(0, from6 ? LAN : WAN, f.b, f.len);
	gateway_done();
	return 0;
}
