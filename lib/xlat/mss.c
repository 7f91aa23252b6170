// SPDX-License-Identifier: BSD-3-Clause
#include "xlat/mss.h"

#include "xlat/transport.h"

#include <rte_tcp.h>

#define OPT_END     0
#define OPT_NOP     1
#define OPT_MSS     2
#define OPT_MSS_LEN 4

// The option behind the header's fixed part, or NULL.
static uint8_t *
find_mss(uint8_t *tcp)
{
	const struct rte_tcp_hdr *h = (const void *)tcp;
	const unsigned int len = (h->data_off >> 4) * 4u;
	unsigned int i = sizeof(*h);

	while (i < len && tcp[i] != OPT_END) {
		if (tcp[i] == OPT_NOP) {
			i++;
			continue;
		}
		if (len - i < 2 || tcp[i + 1] < 2 || tcp[i + 1] > len - i)
			return NULL;
		if (tcp[i] == OPT_MSS)
			return tcp[i + 1] == OPT_MSS_LEN ? tcp + i : NULL;
		i += tcp[i + 1];
	}
	return NULL;
}

// An option at an odd offset straddles two words of the checksum: each of its bytes counts in the
// other half.
static uint16_t
as_summed(uint16_t value, const uint8_t *at, const uint8_t *tcp)
{
	return (at - tcp) % 2 == 0 ? value : rte_bswap16(value);
}

void
mss_clamp(uint8_t *tcp, uint16_t max)
{
	uint8_t *opt = find_mss(tcp);
	uint16_t was, is = rte_cpu_to_be_16(max);

	if (opt == NULL)
		return;
	was = transport_load(opt + 2);
	if (rte_be_to_cpu_16(was) <= max)
		return;
	transport_store(opt + 2, is);
	transport_store(tcp + TRANSPORT_TCP_CSUM,
		csum_apply(transport_load(tcp + TRANSPORT_TCP_CSUM),
			csum_delta(as_summed(was, opt, tcp), as_summed(is, opt, tcp))));
}
