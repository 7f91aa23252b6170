// SPDX-License-Identifier: BSD-3-Clause
// Prints docs/config.md: build/tests/unit/config/gen_config_docs > docs/config.md
#include "config/config.h"

int
main(void)
{
	config_print_docs(stdout);
	return fflush(stdout) ? 1 : 0;
}
