// SPDX-License-Identifier: BSD-3-Clause
#include "stats/drop.h"

const char *const drop_name[DROP__N] = {
#define X(symbol, name, text) [DROP_##symbol] = name,
	DROP_REASONS(X)
#undef X
};

const char *const drop_text[DROP__N] = {
#define X(symbol, name, text) [DROP_##symbol] = text,
	DROP_REASONS(X)
#undef X
};

const char *const handed_name[HANDED__N] = {
#define X(symbol, name, text) [HANDED_##symbol] = name,
	HANDED_KINDS(X)
#undef X
};

const char *const handed_text[HANDED__N] = {
#define X(symbol, name, text) [HANDED_##symbol] = text,
	HANDED_KINDS(X)
#undef X
};
