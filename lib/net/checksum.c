// SPDX-License-Identifier: BSD-3-Clause
#include "net/checksum.h"

uint64_t
csum_partial(const void *data, size_t len)
{
	const uint8_t *p = data;
	uint64_t sum = 0;
	uint32_t w;
	uint16_t h = 0;

	for (; len >= sizeof(w); len -= sizeof(w), p += sizeof(w)) {
		memcpy(&w, p, sizeof(w));
		sum += w;
	}
	if (len >= sizeof(h)) {
		memcpy(&h, p, sizeof(h));
		sum += h;
		p += sizeof(h);
	}
	if (len & 1) {
		h = 0;
		memcpy(&h, p, 1);
		sum += h;
	}
	return sum;
}

uint16_t
csum_settle_icmp4(uint16_t csum, const void *msg, size_t len)
{
	const uint8_t *p = msg;

	if (csum != 0)
		return csum;
	for (size_t i = 0; i < len; i++)
		if (p[i] != 0 && i != 2 && i != 3) // the old checksum
			return 0;
	return 0xffff;
}
