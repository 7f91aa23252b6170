// SPDX-License-Identifier: BSD-3-Clause
#include "state/internal.h"

bool
state_walk_sessions(struct state *st, uint32_t *cursor, unsigned int budget,
	void (*fn)(void *arg, struct session *s), void *arg)
{
	for (; budget && *cursor < st->sessions.top; budget--) {
		struct session *s = &st->session[(*cursor)++];

		if (s->proto)
			fn(arg, s);
	}
	return *cursor < st->sessions.top;
}

bool
state_walk_bib(struct state *st, uint32_t *cursor, unsigned int budget,
	void (*fn)(void *arg, const struct bib *b), void *arg)
{
	for (; budget && *cursor < st->bibs.top; budget--) {
		const struct bib *b = &st->bib[(*cursor)++];

		if (b->sessions)
			fn(arg, b);
	}
	return *cursor < st->bibs.top;
}
