// SPDX-License-Identifier: BSD-3-Clause
#include "state/subscriber.h"

#include "state/internal.h"

#include <rte_malloc.h>

static uint32_t
quota_of(uint32_t limit, const struct state_params *p)
{
	if (limit == 0)
		return UINT32_MAX;
	return p->nat64->quota.steering == STEERING_SUBSCRIBER ? limit : state_share(limit, p);
}

struct quota_share
quota_share_of(const struct state_params *p)
{
	const struct config_quota *q = &p->nat64->quota;

	return (struct quota_share){
		.bindings = quota_of(q->bindings, p),
		.sessions = quota_of(q->sessions, p),
		.new_per_sec = quota_of(q->new_per_sec, p),
	};
}

static bool
has_prefix(const void *rows, uint32_t i, const void *key)
{
	return IN6_ARE_ADDR_EQUAL(
		&((const struct subscriber *)rows + i)->prefix, (const struct in6_addr *)key);
}

int
subscribers_init(struct subscribers *s, const struct state_params *p, uint32_t max)
{
	s->quota = quota_share_of(p);
	prefix6_mask(s->mask, p->nat64->quota.subscriber_len);
	s->idle_first = s->idle_last = INDEX_NONE;
	s->row = rte_zmalloc_socket(
		"subscriber", sizeof(*s->row) * (size_t)max, RTE_CACHE_LINE_SIZE, p->socket_id);
	s->limits = rte_zmalloc_socket(
		"limits", sizeof(*s->limits) * (size_t)max, RTE_CACHE_LINE_SIZE, p->socket_id);
	if (!s->row || !s->limits ||
		table_init(&s->index, max, has_prefix, s->row, p->socket_id) < 0)
		return -ENOMEM;
	slots_init(&s->slots, s->row, sizeof(*s->row), max);
	return 0;
}

void
subscribers_fini(struct subscribers *s)
{
	table_fini(&s->index);
	rte_free(s->limits);
	rte_free(s->row);
}

// ---- idle ones, in the order in which they became idle or were last asked for

static void
idle_add(struct subscribers *s, uint32_t i)
{
	s->row[i].idle_next = INDEX_NONE;
	s->row[i].idle_prev = s->idle_last;
	if (s->idle_last == INDEX_NONE)
		s->idle_first = i;
	else
		s->row[s->idle_last].idle_next = i;
	s->idle_last = i;
	s->n_idle++;
}

static void
idle_remove(struct subscribers *s, uint32_t i)
{
	uint32_t next = s->row[i].idle_next, prev = s->row[i].idle_prev;

	if (next == INDEX_NONE)
		s->idle_last = prev;
	else
		s->row[next].idle_prev = prev;
	if (prev == INDEX_NONE)
		s->idle_first = next;
	else
		s->row[prev].idle_next = next;
	s->n_idle--;
}

// A free place, or that of the one that has been idle longest.
static uint32_t
take_place(struct subscribers *s)
{
	uint32_t i = slots_take(&s->slots);

	if (i != INDEX_NONE || s->idle_first == INDEX_NONE)
		return i;
	i = s->idle_first;
	idle_remove(s, i);
	table_del(&s->index, prefix_hash(&s->row[i].prefix), i);
	s->limits[i] = (struct subscriber_limits){.tokens = 0};
	return i;
}

static uint32_t
subscriber_make(struct subscribers *s, const struct in6_addr *prefix, uint32_t hash)
{
	uint32_t i = take_place(s);

	if (i == INDEX_NONE)
		return INDEX_NONE;
	if (table_add(&s->index, hash, i) < 0) {
		slots_give(&s->slots, i);
		return INDEX_NONE;
	}
	s->row[i] = (struct subscriber){.prefix = *prefix};
	idle_add(s, i);
	return i;
}

uint32_t
subscriber_admit(struct subscribers *s, const struct in6_addr *src6)
{
	struct in6_addr prefix = prefix6_masked(src6, s->mask);
	uint32_t hash = prefix_hash(&prefix);
	uint32_t i = table_find(&s->index, &prefix, hash);

	if (i == INDEX_NONE)
		return subscriber_make(s, &prefix, hash);
	if (s->row[i].clients == 0) {
		idle_remove(s, i);
		idle_add(s, i);
	}
	return i;
}

void
subscriber_client_begin(struct subscribers *s, uint32_t i)
{
	struct subscriber *sub = &s->row[i];

	if (sub->clients++ > 0)
		return;
	idle_remove(s, i);
	sub->bindings = sub->sessions = 0;
}

void
subscriber_client_end(struct subscribers *s, uint32_t i)
{
	if (--s->row[i].clients == 0)
		idle_add(s, i);
}

// ---- limits

static void
count_refusal(struct subscribers *s, uint32_t i, enum quota q)
{
	if (s->limits[i].refused[q] != UINT32_MAX)
		s->limits[i].refused[q]++;
}

bool
quota_allows_binding(struct subscribers *s, uint32_t i)
{
	if (subscriber_bindings(&s->row[i]) < s->quota.bindings)
		return true;
	count_refusal(s, i, QUOTA_BINDINGS);
	return false;
}

// Clocks are whole seconds: each brings a second's worth.
static bool
take_token(struct subscribers *s, uint32_t i, uint32_t now_sec)
{
	struct subscriber_limits *sub = &s->limits[i];

	if (s->quota.new_per_sec == UINT32_MAX)
		return true;
	if (sub->token_sec != now_sec + 1) {
		sub->token_sec = now_sec + 1;
		sub->tokens = s->quota.new_per_sec;
	}
	if (sub->tokens == 0)
		return false;
	sub->tokens--;
	return true;
}

enum drop_reason
quota_allows_inbound(struct subscribers *s, uint32_t i)
{
	if (subscriber_sessions(&s->row[i]) < s->quota.sessions)
		return DROP_NONE;
	count_refusal(s, i, QUOTA_SESSIONS);
	return DROP_QUOTA_SESSIONS;
}

enum drop_reason
quota_allows_session(struct subscribers *s, uint32_t i, uint32_t now_sec)
{
	if (quota_allows_inbound(s, i) != DROP_NONE)
		return DROP_QUOTA_SESSIONS;
	if (!take_token(s, i, now_sec)) {
		count_refusal(s, i, QUOTA_RATE);
		return DROP_QUOTA_RATE;
	}
	return DROP_NONE;
}
