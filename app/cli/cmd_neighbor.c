// SPDX-License-Identifier: BSD-3-Clause
// show neighbors, clear neighbors
#include "app/cli/ask.h"
#include "app/cli/commands.h"
#include "app/cli/doc.h"

struct neigh_row {
	struct neigh n;
	int64_t age_sec; // since the last confirmation; -1: there was none
};

struct neigh_mail {
	struct mail mail;
	struct worker *w;
	const struct cli_args *args;
	struct doc_list *rows;
	uint32_t cursor;
	uint64_t now_ms;
	uint32_t removed;
};

static void
neigh_copy(void *arg, uint32_t idx, const struct neigh *n)
{
	struct neigh_mail *m = arg;
	struct neigh_row *row;

	if (m->args->port && m->args->port->index != n->port)
		return;
	row = doc_list_push(m->rows);
	if (!row)
		return;
	row->n = *n;
	row->age_sec = n->since_ms == 0 ? -1 : (int64_t)((m->now_ms - n->since_ms) / 1000);
}

static bool
neigh_run(void *owner, struct mail *mail)
{
	struct neigh_mail *m = (struct neigh_mail *)mail;

	m->now_ms = worker_now_ms(m->w);
	return !neigh_walk(worker_neigh(m->w), &m->cursor, MAIL_BUDGET, neigh_copy, m);
}

static bool
neigh_run_flush(void *owner, struct mail *mail)
{
	struct neigh_mail *m = (struct neigh_mail *)mail;

	return !neigh_flush(worker_neigh(m->w), &m->cursor, MAIL_BUDGET, &m->removed);
}

static json_t *
neigh_json(const void *row, const struct gateway *gw)
{
	const struct neigh_row *r = row;
	const struct neigh *n = &r->n;
	bool resolved = n->state != NEIGH_INCOMPLETE;
	char mac[RTE_ETHER_ADDR_FMT_SIZE];

	rte_ether_format_addr(mac, sizeof(mac), &n->mac);
	return json_pack("{s:o, s:o, s:s?, s:s, s:b, s:o, s:i}", "port",
		n->port < gw->n_port ? doc_text(gw->port[n->port].name) : json_null(), "address",
		doc_addr6(&n->addr), "mac", resolved ? mac : NULL, "state",
		neigh_state_name[n->state], "router", n->is_router, "age_sec",
		r->age_sec >= 0 ? json_integer(r->age_sec) : json_null(), "waiting", n->n_waiting);
}

// The table lives on the first worker.
static int
neigh_ask(struct gateway *gw, struct neigh_mail *m, struct err *err)
{
	if (gw->n_worker == 0)
		return err_set(err, -ENOENT, "there is no worker");
	m->w = gw->worker[0];
	return ask_worker(gw, 0, &m->mail, err);
}

CLI_HANDLER(cmd_show_neighbors)
{
	struct doc_list rows;
	struct neigh_mail m = {.mail.run = neigh_run, .args = args, .rows = &rows};
	int rc = doc_list_init(&rows, sizeof(struct neigh_row), args->limit, err);

	if (rc == 0)
		rc = neigh_ask(gw, &m, err);
	if (rc == 0)
		rc = doc_set_list(doc, "neighbors", &rows, neigh_json, gw, err);
	doc_list_fini(&rows);
	return rc;
}

CLI_HANDLER(cmd_clear_neighbors)
{
	struct neigh_mail m = {.mail.run = neigh_run_flush};
	int rc = neigh_ask(gw, &m, err);

	return rc != 0 ? rc : doc_set_count(doc, "neighbors_removed", m.removed, err);
}
