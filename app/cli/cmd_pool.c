// SPDX-License-Identifier: BSD-3-Clause
// show nat64 pool
#include "app/cli/ask.h"
#include "app/cli/commands.h"
#include "app/cli/doc.h"
#include "state/state.h"

struct pool_mail {
	struct mail mail;
	struct worker *w;
	struct doc_list *rows;
	bool first;    // makes the rows; the others add to them
	uint32_t next; // pool address
};

static void
pool_add(struct state_pool_row *sum, const struct state_pool_row *r)
{
	sum->capacity += r->capacity;
	for (unsigned int p = 0; p < RTE_DIM(sum->used); p++) {
		sum->used[p] += r->used[p];
		sum->resting[p] += r->resting[p];
	}
	sum->alarms += r->alarms;
	sum->clients += r->clients;
}

// Pool addresses have the same numbers on all workers.
static bool
pool_run(void *owner, struct mail *mail)
{
	struct pool_mail *m = (struct pool_mail *)mail;
	struct state_pool_row r, *sum;

	for (unsigned int budget = MAIL_BUDGET; budget > 0; budget--, m->next++) {
		if (!state_pool_row(worker_state(m->w), m->next, &r))
			return true;
		sum = NULL;
		if (m->first)
			sum = doc_list_push(m->rows);
		else if (m->next < m->rows->n)
			sum = (struct state_pool_row *)m->rows->rows + m->next;
		if (sum && m->first)
			*sum = r;
		else if (sum)
			pool_add(sum, &r);
	}
	return false;
}

// Of the protocol that uses most of them.
static uint32_t
percent_used(const struct state_pool_row *r)
{
	uint64_t most = 0;

	for (unsigned int p = 0; p < RTE_DIM(r->used); p++)
		most = RTE_MAX(most, (uint64_t)r->used[p] + r->resting[p]);
	return r->capacity ? (uint32_t)(most * 100 / r->capacity) : 0;
}

static json_t *
pool_json(const void *row, const struct gateway *gw)
{
	const struct state_pool_row *r = row;

	return json_pack("{s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "address",
		doc_addr4(r->addr.s_addr), "ports",
		json_sprintf("%u-%u", r->port_first, r->port_last), "capacity",
		(json_int_t)r->capacity, "tcp", (json_int_t)r->used[STATE_TCP], "udp",
		(json_int_t)r->used[STATE_UDP], "icmp", (json_int_t)r->used[STATE_ICMP], "resting",
		(json_int_t)r->resting[STATE_UDP] + r->resting[STATE_ICMP], "percent",
		(json_int_t)percent_used(r), "alarms", (json_int_t)r->alarms, "clients",
		(json_int_t)r->clients);
}

CLI_HANDLER(cmd_show_pool)
{
	struct doc_list rows;
	int rc = doc_list_init(&rows, sizeof(struct state_pool_row), args->limit, err);

	for (unsigned int i = 0; i < gw->n_worker && rc == 0; i++) {
		struct pool_mail m = {
			.mail.run = pool_run,
			.w = gw->worker[i],
			.rows = &rows,
			.first = i == 0,
		};

		rc = ask_worker(gw, i, &m.mail, err);
	}
	if (rc == 0)
		rc = doc_set_list(doc, "pool", &rows, pool_json, gw, err);
	doc_list_fini(&rows);
	return rc;
}
