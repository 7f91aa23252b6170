// SPDX-License-Identifier: BSD-3-Clause
// show drops, show workers, clear drops, clear counters
#include "app/cli/ask.h"
#include "app/cli/commands.h"
#include "app/cli/doc.h"
#include "dns64/dns64.h"
#include "state/state.h"

#include <rte_ethdev.h>

struct worker_mail {
	struct mail mail;
	struct worker *w;
	uint64_t sessions;
};

static uint64_t
drop_total(const struct gateway *gw, enum drop_reason reason)
{
	uint64_t n = 0;

	for (unsigned int i = 0; i < gw->n_worker; i++)
		n += ask_counter(&worker_stats(gw->worker[i])->drop[reason]);
	return n;
}

static json_t *
drop_json(const struct gateway *gw, enum drop_reason reason, uint64_t n)
{
	json_t *row = json_pack("{s:s, s:I}", "reason", drop_name[reason], "count", (json_int_t)n);
	char key[16];

	for (unsigned int i = 0; i < gw->n_worker && gw->n_worker > 1; i++) {
		snprintf(key, sizeof(key), "worker%u", i);
		doc_set_count(
			row, key, ask_counter(&worker_stats(gw->worker[i])->drop[reason]), NULL);
	}
	if (json_object_set_new(row, "explanation", json_string(drop_text[reason])) == 0)
		return row;
	json_decref(row);
	return NULL;
}

static int
put_totals(json_t *doc, const struct gateway *gw, uint64_t dropped, struct err *err)
{
	uint64_t rx = 0, tx = 0, originated = 0, consumed = 0, no_mbuf = 0;

	for (unsigned int i = 0; i < gw->n_worker; i++) {
		const struct worker_stats *s = worker_stats(gw->worker[i]);

		rx += ask_counter(&s->rx);
		tx += ask_counter(&s->tx);
		originated += ask_counter(&s->originated);
		consumed += ask_counter(&s->consumed);
		no_mbuf += ask_counter(&s->no_mbuf);
	}
	return doc_update(doc,
		json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "received", (json_int_t)rx,
			"originated", (json_int_t)originated, "sent", (json_int_t)tx, "consumed",
			(json_int_t)consumed, "dropped", (json_int_t)dropped, "not_made_no_mbuf",
			(json_int_t)no_mbuf),
		err);
}

CLI_HANDLER(cmd_show_drops)
{
	json_t *rows = json_array();
	uint64_t dropped = 0;
	int rc = 0;

	for (unsigned int r = 0; r < DROP__N && rc == 0; r++) {
		uint64_t n = drop_total(gw, r);

		dropped += n;
		if (n > 0 || args->all)
			rc = doc_append(rows, drop_json(gw, r, n), err);
	}
	if (rc == 0)
		rc = put_totals(doc, gw, dropped, err);
	if (rc == 0)
		return doc_set(doc, "drops", rows, err);
	json_decref(rows);
	return rc;
}

static bool
worker_run(void *owner, struct mail *mail)
{
	struct worker_mail *m = (struct worker_mail *)mail;
	struct state_stats s;

	state_stats(worker_state(m->w), &s);
	m->sessions =
		(uint64_t)s.sessions[STATE_UDP] + s.sessions[STATE_TCP] + s.sessions[STATE_ICMP];
	return true;
}

static uint64_t
handed_total(const struct worker *w)
{
	uint64_t n = 0;

	for (unsigned int i = 0; i < HANDED__N; i++)
		n += ask_counter(&worker_stats(w)->handed[i]);
	return n;
}

// What the workers handed over, by kind; one worker has nobody to hand to.
static int
put_handed(json_t *doc, const struct gateway *gw, struct err *err)
{
	json_t *rows = json_array();
	int rc = doc_set(doc, "handed_over", rows, err);

	for (unsigned int k = 0; k < HANDED__N && rc == 0; k++) {
		json_t *row = json_pack("{s:s}", "kind", handed_name[k]);
		char key[16];

		rc = doc_append(rows, row, err);
		for (unsigned int i = 0; i < gw->n_worker && rc == 0; i++) {
			snprintf(key, sizeof(key), "by_worker%u", i);
			rc = doc_set_count(row, key,
				ask_counter(&worker_stats(gw->worker[i])->handed[k]), err);
		}
		if (rc == 0)
			rc = doc_set(row, "explanation", json_string(handed_text[k]), err);
	}
	return rc;
}

static json_t *
worker_json(const struct worker *w, unsigned int i, uint64_t sessions)
{
	const struct worker_stats *s = worker_stats(w);
	uint64_t polls = ask_counter(&s->polls), idle = ask_counter(&s->polls_idle);
	double idle_percent = polls > 0 ? 100.0 * (double)idle / (double)polls : 0;

	return json_pack("{s:i, s:i, s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:f, s:I}", "worker",
		i, "lcore", worker_lcore(w), "cpu", worker_cpu(w), "received",
		(json_int_t)ask_counter(&s->rx), "sent", (json_int_t)ask_counter(&s->tx),
		"translated_6to4", (json_int_t)ask_counter(&s->xlat64), "translated_4to6",
		(json_int_t)ask_counter(&s->xlat46), "forwarded",
		(json_int_t)ask_counter(&s->forward6), "handed_over", (json_int_t)handed_total(w),
		"polls", (json_int_t)polls, "idle_percent", idle_percent, "sessions",
		(json_int_t)sessions);
}

CLI_HANDLER(cmd_show_workers)
{
	json_t *rows = json_array();
	int rc = doc_set(doc, "workers", rows, err);

	for (unsigned int i = 0; i < gw->n_worker && rc == 0; i++) {
		struct worker_mail m = {.mail.run = worker_run, .w = gw->worker[i]};

		rc = ask_worker(gw, i, &m.mail, err);
		if (rc == 0)
			rc = doc_append(rows, worker_json(m.w, i, m.sessions), err);
	}
	return rc || gw->n_worker == 1 ? rc : put_handed(doc, gw, err);
}

static bool
clear_run(void *owner, struct mail *mail)
{
	worker_clear_stats(((struct worker_mail *)mail)->w);
	return true;
}

CLI_HANDLER(cmd_clear_drops)
{
	int rc = 0;

	for (unsigned int i = 0; i < gw->n_worker && rc == 0; i++) {
		struct worker_mail m = {.mail.run = clear_run, .w = gw->worker[i]};

		rc = ask_worker(gw, i, &m.mail, err);
	}
	return rc;
}

CLI_HANDLER(cmd_clear_counters)
{
	int rc = cmd_clear_drops(gw, args, doc, err);

	if (rc == 0 && gw->dns)
		rc = cmd_clear_dns64_stats(gw, args, doc, err);
	for (unsigned int i = 0; i < gw->n_port && rc == 0; i++) {
		rc = rte_eth_stats_reset(gw->port[i].ethdev);
		// a driver may be unable to: then the numbers go on
		if (rc == -ENOTSUP)
			rc = 0;
		if (rc != 0)
			err_set(err, rc, "port %s: its counters cannot be reset: %s",
				gw->port[i].name, rte_strerror(-rc));
	}
	return rc;
}
