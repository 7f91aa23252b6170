// SPDX-License-Identifier: BSD-3-Clause
// docs/cli.md from the table of commands.
#ifndef APP_CLI_DOCS_H
#define APP_CLI_DOCS_H

#include <stdio.h>

void cli_print_docs(FILE *out);

#endif
