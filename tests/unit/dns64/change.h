// SPDX-License-Identifier: BSD-3-Clause
// What the tests of other settings share.
#ifndef TEST_DNS64_CHANGE_H
#define TEST_DNS64_CHANGE_H

#include "support.h"

#define UPSTREAM3 "198.18.0.54"

static inline void
change(struct fixture *f)
{
	assert_string_equal(fixture_change(f, 7), "");
}

static inline void
prefixes(struct fixture *f, const char *a, const char *b)
{
	f->nat64.n_prefix = 0;
	fixture_prefix(f, a);
	if (b)
		fixture_prefix(f, b);
}

static inline void
upstream(struct fixture *f, unsigned int i, const char *addr, uint16_t port)
{
	assert_int_equal(addr_parse_any(addr, &f->dns64.upstream[i].addr), 0);
	f->dns64.upstream[i].port = port;
}

static inline unsigned int
play(struct fixture *f, const char *name, const char *type, const struct step *steps,
	const char *want)
{
	char answer[TEXT_LEN];
	struct wire q;
	unsigned int n;

	build_query(&q, name, type, (struct query_opts){.id = 7, .size = 1232});
	n = fixture_play(f, &q, steps, answer, NULL);
	assert_string_equal(answer, want);
	return n;
}

static inline void
ask(struct fixture *f, const char *name, const char *type)
{
	struct wire q;

	build_query(&q, name, type, (struct query_opts){.id = 7, .size = 1232});
	fixture_query(f, &q);
}

static inline struct caught
expect_upstream(struct fixture *f, const char *server)
{
	struct caught *c = fixture_next(f), out;
	char text[ADDR_TEXT_LEN];

	assert_non_null(c);
	assert_int_not_equal(c->d.sport, DNS64_PORT);
	assert_string_equal(addr6_text(&c->d.dst, text), server);
	out = *c;
	return out;
}

static inline void
reply(struct fixture *f, struct caught *to, const char *text)
{
	to->d.data = to->data;
	fixture_reply_text(f, to, text);
}

static inline uint32_t
pending(const struct fixture *f)
{
	struct dns64_gauges g;

	dns64_gauges(f->d, &g);
	return g.pending;
}

#endif
