// SPDX-License-Identifier: BSD-3-Clause
#include "support.h"

struct caught last_answer;

struct fixture *
fixture_new(void)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct config_dns64 *c = &f->dns64;

	dns_setup_init(c);
	c->listen[1] = dns_setup_address(LISTEN_ADDR4);
	c->n_listen = 2;
	c->allow[1] = (struct prefix6){dns_setup_address("192.168.1.0"), 120};
	c->n_allow = 2;
	f->now = 1000000;
	f->source4 = SOURCE4;
	return f;
}

void
fixture_prefix(struct fixture *f, const char *prefix)
{
	dns_setup_prefix(&f->nat64, prefix);
}

static void
catch_datagram(void *ctx, const struct dns64_datagram *d)
{
	struct fixture *f = ctx;
	struct caught *c = &f->q[(f->head + f->n) % CAUGHT_MAX];

	assert_true(f->n < CAUGHT_MAX);
	assert_true(d->len <= f->dns64.edns_size);
	c->d = *d;
	memcpy(c->data, d->data, d->len);
	c->d.data = c->data;
	f->n++;
	f->answers += d->sport == DNS64_PORT;
}

static struct dns64_params
params(struct fixture *f)
{
	return (struct dns64_params){
		.dns64 = &f->dns64,
		.nat64 = &f->nat64,
		.source4 = dns_setup_address(f->source4),
		.source6 = dns_setup_address(SOURCE6),
		.send = catch_datagram,
		.ctx = f,
	};
}

const char *
fixture_change(struct fixture *f, unsigned int budget)
{
	struct dns64_params p = params(f);
	static struct err err;
	struct dns64_settings *s = dns64_change_prepare(f->d, &p, &err);
	uint32_t cursor = 0;

	if (!s)
		return err.text;
	dns64_change_begin(f->d, &s);
	dns64_settings_free(s);
	while (dns64_change_step(f->d, &cursor, budget, f->now))
		;
	return "";
}

void
fixture_start(struct fixture *f)
{
	struct dns64_params p = params(f);
	struct err err = {{0}};

	if (f->nat64.n_prefix == 0)
		fixture_prefix(f, "64:ff9b::/96");
	f->d = dns64_create(&p, &err);
	assert_string_equal(err.text, "");
	assert_non_null(f->d);
}

struct fixture *
fixture_started(void)
{
	struct fixture *f = fixture_new();

	fixture_start(f);
	return f;
}

void
fixture_free(struct fixture *f)
{
	dns64_free(f->d);
	free(f);
}

struct caught *
fixture_next(struct fixture *f)
{
	if (f->n == 0)
		return NULL;
	f->n--;
	return &f->q[f->head++ % CAUGHT_MAX];
}

void
expect_answer(struct fixture *f, const char *want)
{
	struct caught *c = fixture_next(f);
	char text[TEXT_LEN];

	assert_non_null(c);
	assert_int_equal(c->d.sport, DNS64_PORT);
	message_text(c->data, c->d.len, text);
	assert_string_equal(text, want);
}

// An exact allocation, so that a read behind the end is seen.
void
fixture_send(struct fixture *f, const char *src, uint16_t sport, const char *dst, uint16_t dport,
	const uint8_t *data, unsigned int len)
{
	uint8_t *copy = malloc(len ? len : 1);
	struct dns64_datagram in = {
		.src = dns_setup_address(src),
		.dst = dns_setup_address(dst),
		.sport = sport,
		.dport = dport,
		.in_port = 7,
		.data = copy,
		.len = (uint16_t)len,
	};

	memcpy(copy, data, len);
	dns64_input(f->d, &in, f->now);
	free(copy);
}

void
fixture_query(struct fixture *f, const struct wire *w)
{
	fixture_send(f, CLIENT_ADDR, 40000, LISTEN_ADDR, 53, w->b, w->len);
}

void
fixture_reply(struct fixture *f, const struct caught *q, const struct wire *w)
{
	char src[ADDR_TEXT_LEN], dst[ADDR_TEXT_LEN];

	fixture_send(f, addr6_text(&q->d.dst, src), q->d.dport, addr6_text(&q->d.src, dst),
		q->d.sport, w->b, w->len);
}

void
fixture_reply_text(struct fixture *f, const struct caught *q, const char *text)
{
	struct wire w;

	build_response(&w, q->data, q->d.len, text, 1232);
	fixture_reply(f, q, &w);
}

void
fixture_wait(struct fixture *f)
{
	uint64_t next = dns64_next_ms(f->d);

	assert_true(next != UINT64_MAX);
	if (next > f->now)
		f->now = next;
	dns64_tick(f->d, f->now);
}

static unsigned int
find_step(const struct caught *q, const struct step *steps)
{
	char question[QUESTION_LEN];

	question_text(q->data, q->d.len, question);
	for (unsigned int i = 0; i < STEPS && steps[i].question; i++)
		if (strcmp(steps[i].question, question) == 0)
			return i;
	fail_msg("unforeseen question upstream: %s", question);
	return 0;
}

unsigned int
fixture_play(struct fixture *f, const struct wire *query, const struct step *steps,
	char answer[static TEXT_LEN], unsigned int *asked)
{
	unsigned int upstream = 0;

	fixture_query(f, query);
	for (int i = 0; i < 100; i++) {
		struct caught *c = fixture_next(f);
		unsigned int s;

		if (!c) {
			fixture_wait(f);
			continue;
		}
		if (c->d.sport == DNS64_PORT) {
			last_answer = *c;
			last_answer.d.data = last_answer.data;
			message_text(c->data, c->d.len, answer);
			return upstream;
		}
		upstream++;
		s = find_step(c, steps);
		if (asked)
			asked[s]++;
		if (steps[s].reply)
			fixture_reply_text(f, c, steps[s].reply);
	}
	fail_msg("no answer");
	return 0;
}
