// SPDX-License-Identifier: BSD-3-Clause
#include "state/internal.h"

#include <rte_prefetch.h>

#define TOGETHER 16u // sessions whose memory is asked for at once

void
expiry_init(struct expiry *e)
{
	for (unsigned int i = 0; i < RTE_DIM(e->head); i++)
		e->head[i] = INDEX_NONE;
}

uint64_t
expiry_due_sec(const struct state *st, const struct session *s)
{
	return (uint64_t)s->last_sec + st->timeout[s->timer] + 1;
}

// The list of a second; too late and too far seconds go to the nearest that there is.
static uint32_t
slot_of(const struct expiry *e, uint64_t sec)
{
	sec = RTE_MAX(sec, e->sec);
	sec = RTE_MIN(sec, (uint64_t)e->sec + EXPIRY_SLOTS - 1);
	return sec % EXPIRY_SLOTS;
}

void
expiry_insert(struct state *st, struct session *s)
{
	uint32_t slot = slot_of(&st->expiry, expiry_due_sec(st, s));
	uint32_t *head = &st->expiry.head[slot];
	uint32_t i = (uint32_t)(s - st->session);

	s->wheel_next = *head;
	s->wheel_prev = EXPIRY_HEAD | slot;
	if (*head != INDEX_NONE)
		st->session[*head].wheel_prev = i;
	*head = i;
}

void
expiry_remove(struct state *st, struct session *s)
{
	if (s->wheel_next != INDEX_NONE)
		st->session[s->wheel_next].wheel_prev = s->wheel_prev;
	if (s->wheel_prev & EXPIRY_HEAD)
		st->expiry.head[s->wheel_prev & ~EXPIRY_HEAD] = s->wheel_next;
	else
		st->session[s->wheel_prev].wheel_next = s->wheel_next;
}

void
expiry_renew(struct state *st, struct session *s)
{
	expiry_remove(st, s);
	expiry_insert(st, s);
}

void
expiry_restart(struct state *st, struct session *s, enum config_timeout timer, uint32_t now_sec)
{
	bool shorter = st->timeout[timer] < st->timeout[s->timer];

	if (s->timer != timer)
		s->timer = timer;
	if (s->last_sec != now_sec)
		s->last_sec = now_sec;
	if (shorter)
		expiry_renew(st, s);
}

// Moves the next list whose second has come to the empty EXPIRY_DUE. False: none. After a jump of
// the clock each list is looked at once, whatever the length of the jump.
static bool
next_due(struct state *st, uint32_t now_sec)
{
	struct expiry *e = &st->expiry;

	if (now_sec >= e->sec && now_sec - e->sec >= EXPIRY_SLOTS)
		e->sec = now_sec - EXPIRY_SLOTS + 1;
	while (e->sec <= now_sec) {
		uint32_t *head = &e->head[e->sec++ % EXPIRY_SLOTS];

		if (*head == INDEX_NONE)
			continue;
		st->session[*head].wheel_prev = EXPIRY_HEAD | EXPIRY_DUE;
		e->head[EXPIRY_DUE] = *head;
		*head = INDEX_NONE;
		return true;
	}
	return false;
}

static void
look_at(struct state *st, struct session *s, uint32_t now_sec,
	void (*probe)(void *arg, const struct session *s), void *arg)
{
	const struct tcp_step *step = &tcp_machine[s->tcp][TCP_TIMEOUT];

	if (expiry_due_sec(st, s) > now_sec) {
		expiry_remove(st, s);
		expiry_insert(st, s);
		return;
	}
	if (s->proto != IPPROTO_TCP || !step->probe) {
		state_end(st, s);
		return;
	}
	s->tcp = step->next;
	s->flags |= SESSION_PROBED;
	s->timer = TIMEOUT_TCP_TRANSITORY;
	s->last_sec = now_sec;
	expiry_remove(st, s);
	expiry_insert(st, s);
	if (probe)
		probe(arg, s);
}

// The first ones of the due list, with those in between fetched.
static unsigned int
collect(const struct state *st, uint32_t *session, unsigned int max)
{
	uint32_t i = st->expiry.head[EXPIRY_DUE];
	unsigned int n = 0;

	for (; n < max && i != INDEX_NONE; i = st->session[i].wheel_next)
		session[n++] = i;
	if (i != INDEX_NONE) // the next one's neighbour in the list
		rte_prefetch0(&st->session[i]);
	return n;
}

unsigned int
state_expire(struct state *st, uint32_t now_sec, unsigned int budget,
	void (*probe)(void *arg, const struct session *s), void *arg)
{
	const uint32_t *due = &st->expiry.head[EXPIRY_DUE];
	unsigned int n = 0;

	pool4_tick(&st->pool, now_sec, budget);
	while (n < budget && (*due != INDEX_NONE || next_due(st, now_sec))) {
		uint32_t session[TOGETHER];
		unsigned int k = collect(st, session, RTE_MIN(budget - n, TOGETHER));

		prepare_ends(st, session, k);
		for (unsigned int i = 0; i < k; i++)
			look_at(st, &st->session[session[i]], now_sec, probe, arg);
		n += k;
	}
	return n;
}

uint32_t
state_expires_in(const struct state *st, const struct session *s, uint32_t now_sec)
{
	uint64_t end = (uint64_t)s->last_sec + st->timeout[s->timer];

	return end > now_sec ? (uint32_t)(end - now_sec) : 0;
}
