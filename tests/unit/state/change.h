// SPDX-License-Identifier: BSD-3-Clause
// What the tests of changes share.
#ifndef TEST_STATE_CHANGE_H
#define TEST_STATE_CHANGE_H

#include "fixture.h"

#include "state/change.h"

#define NOW     1000
#define FLOWS   600
#define CLIENTS 24

struct ends {
	unsigned int n;
	rte_be32_t not_to; // sessions with this remote address may not stay
};

static inline bool
keep(void *arg, const struct session *s)
{
	return s->dst4 != ((struct ends *)arg)->not_to;
}

static inline void
on_end(void *arg, const struct session *s)
{
	((struct ends *)arg)->n++;
}

static inline struct state_change *
prepare(const struct state *st, const struct config_nat64 *c, bool pool, uint16_t gone)
{
	const struct state_change_params p = {
		.state = {.nat64 = c,
			.n_workers = 1,
			.socket_id = SOCKET_ID_ANY,
			.prefixes_gone = gone},
		.pool = pool,
		.all_sessions = true,
	};
	struct err err = {""};

	return state_change_prepare(st, &p, &err);
}

static inline void
begin(struct state *st, struct state_change *c, uint32_t now)
{
	while (state_change_survey(st, c, 64))
		;
	state_change_begin(st, c, now);
}

static inline unsigned int
finish(struct state *st, struct state_change *c, struct ends *e)
{
	const struct state_change_ops ops = {.keep = keep, .end = on_end, .arg = e};

	while (state_change_step(st, 64, &ops))
		;
	state_change_free(c);
	fixture_check(st);
	return e->n;
}

#endif
