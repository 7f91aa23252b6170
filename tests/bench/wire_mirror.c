// SPDX-License-Identifier: BSD-3-Clause
#include "wire.h"

#include <rte_ethdev.h>
#include <signal.h>

static volatile sig_atomic_t stop;

static void
on_signal(int sig)
{
	stop = 1;
}

void
wire_mirror(const struct wire *w)
{
	struct rte_mbuf *m[WIRE_BURST];

	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);
	while (!stop) {
		for (enum wire_side side = 0; side < WIRE_SIDES; side++) {
			uint16_t n = rte_eth_rx_burst(w->port[side], 0, m, WIRE_BURST);
			uint16_t sent = n ? rte_eth_tx_burst(w->port[!side], 0, m, n) : 0;

			rte_pktmbuf_free_bulk(m + sent, n - sent);
		}
	}
}
