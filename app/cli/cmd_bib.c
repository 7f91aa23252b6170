// SPDX-License-Identifier: BSD-3-Clause
// show nat64 bib
#include "app/cli/ask.h"
#include "app/cli/commands.h"
#include "app/cli/doc.h"
#include "state/state.h"

struct bib_row {
	struct bib b;
	uint16_t worker;
};

struct bib_mail {
	struct mail mail;
	struct worker *w;
	const struct cli_args *args;
	struct doc_list *rows;
	uint32_t cursor;
	uint16_t worker;
};

static void
bib_copy(void *arg, const struct bib *b)
{
	struct bib_mail *m = arg;
	struct bib_row *row;

	if (m->args->proto != 0 && m->args->proto != b->proto)
		return;
	if (m->args->has_client && !prefix6_match(&m->args->client, &b->src6))
		return;
	row = doc_list_push(m->rows);
	if (row)
		*row = (struct bib_row){.b = *b, .worker = m->worker};
}

static bool
bib_run(void *owner, struct mail *mail)
{
	struct bib_mail *m = (struct bib_mail *)mail;

	return !state_walk_bib(worker_state(m->w), &m->cursor, MAIL_BUDGET, bib_copy, m);
}

static json_t *
bib_json(const void *row, const struct gateway *gw)
{
	const struct bib_row *r = row;
	const struct bib *b = &r->b;

	return json_pack("{s:s, s:o, s:o, s:s, s:I, s:I, s:i}", "proto", doc_proto(b->proto),
		"client", doc_endpoint6(&b->src6, rte_be_to_cpu_16(b->sport6)), "pool",
		doc_endpoint4(b->src4, rte_be_to_cpu_16(b->sport4)), "type",
		b->flags & BIB_STATIC ? "static" : "dynamic", "sessions", (json_int_t)b->sessions,
		"inbound", (json_int_t)b->inbound, "worker", r->worker);
}

CLI_HANDLER(cmd_show_bib)
{
	struct doc_list rows;
	int rc = doc_list_init(&rows, sizeof(struct bib_row), args->limit, err);

	for (unsigned int i = 0; i < gw->n_worker && rc == 0; i++) {
		struct bib_mail m = {
			.mail.run = bib_run,
			.w = gw->worker[i],
			.args = args,
			.rows = &rows,
			.worker = (uint16_t)i,
		};

		rc = ask_worker(gw, i, &m.mail, err);
	}
	if (rc == 0)
		rc = doc_set_list(doc, "bib", &rows, bib_json, gw, err);
	doc_list_fini(&rows);
	return rc;
}
