// SPDX-License-Identifier: BSD-3-Clause
#include "icmp_rows.h"

void
icmp_rows_run(const struct step *rows, unsigned int n, const struct env_setup *setup)
{
	static const struct step open = {"open", LAN, {SENT6(4)}, WAN, {SENT4(4)}};

	for (unsigned int i = 0; i < env_n_prefixes; i++) {
		env_start(env_prefixes[i], setup);
		env_run(&open, 1);
		env_run(rows, n);
		assert_int_equal(env_sessions(), 1);
		assert_int_equal(env_bibs(), 1);
		env_run(&open, 1);
		env_stop();
	}
}
