// SPDX-License-Identifier: BSD-3-Clause
// show nat64 subscribers
#include "app/cli/ask.h"
#include "app/cli/commands.h"
#include "app/cli/doc.h"
#include "state/state.h"

#include <stdlib.h>

struct subscriber_mail {
	struct mail mail;
	struct worker *w;
	struct doc_list *rows; // NULL: count only
	uint32_t cursor;
	uint32_t n;
};

static void
subscriber_copy(void *arg, const struct state_subscriber_row *row)
{
	struct subscriber_mail *m = arg;
	struct state_subscriber_row *to = m->rows ? doc_list_push(m->rows) : NULL;

	if (to)
		*to = *row;
	m->n++;
}

static bool
subscriber_run(void *owner, struct mail *mail)
{
	struct subscriber_mail *m = (struct subscriber_mail *)mail;

	return !state_walk_subscribers(
		worker_state(m->w), &m->cursor, MAIL_BUDGET, subscriber_copy, m);
}

// Every worker's rows, or only how many there are.
static int
ask_all(struct gateway *gw, struct doc_list *rows, uint32_t *n, struct err *err)
{
	for (unsigned int i = 0; i < gw->n_worker; i++) {
		struct subscriber_mail m = {
			.mail.run = subscriber_run,
			.w = gw->worker[i],
			.rows = rows,
		};
		int rc = ask_worker(gw, i, &m.mail, err);

		if (rc != 0)
			return rc;
		*n += m.n;
	}
	return 0;
}

static int
by_prefix(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct in6_addr));
}

static uint64_t
refused(const struct state_subscriber_row *r)
{
	return r->refused_bindings + r->refused_sessions + r->refused_rate;
}

static int
by_trouble(const void *a, const void *b)
{
	const struct state_subscriber_row *x = a, *y = b;

	if (refused(x) != refused(y))
		return refused(x) < refused(y) ? 1 : -1;
	if (x->sessions != y->sessions)
		return x->sessions < y->sessions ? 1 : -1;
	return by_prefix(a, b);
}

static void
add(struct state_subscriber_row *sum, const struct state_subscriber_row *r)
{
	sum->clients += r->clients;
	sum->bindings += r->bindings;
	sum->sessions += r->sessions;
	sum->refused_bindings += r->refused_bindings;
	sum->refused_sessions += r->refused_sessions;
	sum->refused_rate += r->refused_rate;
}

// A subscriber may have addresses on several workers.
static void
merge(struct doc_list *rows)
{
	struct state_subscriber_row *r = rows->rows;
	uint32_t n = 0;

	qsort(r, rows->n, sizeof(*r), by_prefix);
	for (uint32_t i = 0; i < rows->n; i++) {
		if (n && by_prefix(&r[n - 1], &r[i]) == 0)
			add(&r[n - 1], &r[i]);
		else
			r[n++] = r[i];
	}
	rows->n = n;
	rows->total = n;
	qsort(r, n, sizeof(*r), by_trouble);
}

static json_t *
subscriber_json(const void *row, const struct gateway *gw)
{
	const struct state_subscriber_row *r = row;
	const struct prefix6 p = {
		.addr = r->prefix, .len = gw->plan->config.nat64.quota.subscriber_len};

	return json_pack("{s:o, s:I, s:I, s:I, s:I, s:I, s:I}", "subscriber", doc_prefix6(&p),
		"sessions", (json_int_t)r->sessions, "bindings", (json_int_t)r->bindings, "clients",
		(json_int_t)r->clients, "refused_sessions", (json_int_t)r->refused_sessions,
		"refused_bindings", (json_int_t)r->refused_bindings, "refused_rate",
		(json_int_t)r->refused_rate);
}

CLI_HANDLER(cmd_show_subscribers)
{
	struct doc_list rows = {.rows = NULL};
	uint32_t n = 0, now = 0;
	int rc = ask_all(gw, NULL, &n, err);

	if (rc == 0)
		rc = doc_list_init(&rows, sizeof(struct state_subscriber_row), n + n / 8 + 16, err);
	if (rc == 0)
		rc = ask_all(gw, &rows, &now, err);
	if (rc == 0) {
		merge(&rows);
		rows.n = RTE_MIN(rows.n, args->limit);
		rc = doc_set_list(doc, "subscribers", &rows, subscriber_json, gw, err);
	}
	doc_list_fini(&rows);
	return rc;
}
