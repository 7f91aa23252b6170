// SPDX-License-Identifier: BSD-3-Clause
// Fragments of both families in any order, through the whole gateway. The input is a list: a byte
// (bit 0: from the client; bit 1: more follow; bits 2-3: which datagram; bits 4-5: TCP, UDP, echo
// or another protocol; bit 6: time passes; bit 7: the ports of an open session in front), a byte
// for the offset in 8 bytes, a byte for the length, and what the fragment holds.
#include "gateway.h"

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	gateway_start();
	return 0;
}

static const uint8_t protos[2][4] = {{6, 17, 1, 50}, {6, 17, 58, 50}};

// What a transport header begins with in a first fragment of an open session.
static void
put_ports(uint8_t *l4, uint16_t len, uint8_t proto, bool from6)
{
	uint16_t inside = proto == 6 ? 41000 : 40000, outside = proto == 6 ? 80 : 53;

	if (len < 8)
		return;
	if (proto == 1 || proto == 58) {
		l4[0] = proto == 1 ? 0 : 128;
		l4[1] = 0;
		put16(l4 + 4, from6 ? 7 : 5000);
		return;
	}
	put16(l4, from6 ? inside : outside);
	put16(l4 + 2, from6 ? outside : 5000);
}

static void
fragment(uint8_t control, uint8_t off, const uint8_t *data, uint16_t len)
{
	const bool from6 = control & 1, more = control & 2;
	const uint8_t proto = protos[from6][control >> 4 & 3];
	const uint32_t id = 77 + (control >> 2 & 3);
	const struct spec s = {.family = from6 ? 6 : 4,
		.proto = proto == 6 || proto == 50 ? 17 : proto,
		.src = from6 ? "C" : "8.8.8.8",
		.dst = from6 ? "@8.8.8.8" : "T",
		.payload = 0};
	const unsigned int port = from6 ? LAN : WAN, hdr = from6 ? 48 : 20;
	static struct frame f;
	uint8_t *ip = f.b + 14;

	env_frame(&f, port, &s);
	if (from6) {
		put16(ip + 4, (uint16_t)(8 + len));
		ip[6] = 44;
		ip[40] = proto;
		ip[41] = 0;
		put16(ip + 42, (uint16_t)(off << 3 | more));
		put32(ip + 44, id);
	} else {
		put16(ip + 2, (uint16_t)(20 + len));
		put16(ip + 4, (uint16_t)id);
		put16(ip + 6, (uint16_t)(off | more << 13));
		ip[9] = proto;
		build_ip4_csum(ip);
	}
	memcpy(ip + hdr, data, len);
	if (control & 0x80)
		put_ports(ip + hdr, len, proto, from6);
	env_input_exact(0, port, f.b, (uint16_t)(14 + hdr + len));
	fixture_turn(&env.f, control & 0x40 ? 700 : 0);
	fixture_discard(&env.f);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	gateway_ready();
	while (size >= 3) {
		uint16_t len = (uint16_t)RTE_MIN((size_t)data[2] * 8, size - 3);

		fragment(data[0], data[1], data + 3, (uint16_t)RTE_MIN(len, 1400));
		data += 3 + len;
		size -= 3 + (size_t)len;
	}
	gateway_done();
	return 0;
}
