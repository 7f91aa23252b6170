// SPDX-License-Identifier: BSD-3-Clause
// The configuration loader: any text is taken or refused with messages, and what is taken passes
// its own rules.
#include "config/config.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct config c;
	char *messages = NULL;
	size_t len = 0;
	FILE *errors = open_memstream(&messages, &len);
	int rc = config_load_text("fuzz.yaml", (const char *)data, size, &c, errors);

	fclose(errors);
	if ((rc == 0) != (len == 0)) // a refusal says why, and nothing else says anything
		abort();
	if (rc == 0 && (c.n_port == 0 || c.nat64.n_prefix == 0 || c.nat64.n_pool4 == 0))
		abort();
	free(messages);
	return 0;
}
