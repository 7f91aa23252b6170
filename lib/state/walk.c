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

		if (bib_in_use(b))
			fn(arg, b);
	}
	return *cursor < st->bibs.top;
}

bool
state_walk_subscribers(struct state *st, uint32_t *cursor, unsigned int budget,
	void (*fn)(void *arg, const struct state_subscriber_row *row), void *arg)
{
	const struct subscribers *all = &st->subscribers;

	for (; budget && *cursor < all->slots.top; budget--) {
		const struct subscriber *s = &all->row[*cursor];
		const uint32_t *refused = all->limits[(*cursor)++].refused;
		const struct state_subscriber_row row = {
			.prefix = s->prefix,
			.clients = s->clients,
			.bindings = subscriber_bindings(s),
			.sessions = subscriber_sessions(s),
			.refused_bindings = refused[QUOTA_BINDINGS],
			.refused_sessions = refused[QUOTA_SESSIONS],
			.refused_rate = refused[QUOTA_RATE],
		};

		if (row.clients || row.refused_bindings || row.refused_sessions || row.refused_rate)
			fn(arg, &row);
	}
	return *cursor < all->slots.top;
}
