// SPDX-License-Identifier: BSD-3-Clause
// Prints what is generated of docs/:
//   build/gcc/tests/unit/config/gen_config_docs > docs/config.md
//   build/gcc/tests/unit/config/gen_config_docs drivers > docs/drivers.md
#include "config/config.h"
#include "config/driver.h"

int
main(int argc, char **argv)
{
	if (argc > 1)
		driver_print_docs(stdout);
	else
		config_print_docs(stdout);
	return fflush(stdout) ? 1 : 0;
}
