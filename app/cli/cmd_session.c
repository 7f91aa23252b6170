// SPDX-License-Identifier: BSD-3-Clause
// show nat64 sessions, clear nat64 sessions
#include "app/cli/ask.h"
#include "app/cli/commands.h"
#include "app/cli/doc.h"
#include "state/state.h"

#include <errno.h>

struct session_row {
	struct session s;
	uint32_t expires_in;
	uint16_t worker;
};

struct session_mail {
	struct mail mail;
	struct worker *w;
	const struct cli_args *args;
	struct doc_list *rows; // NULL: end what matches
	uint32_t cursor;
	uint32_t now_sec;
	uint16_t worker;
	uint64_t ended;
};

static bool
session_matches(const struct cli_args *args, const struct session *s)
{
	if (args->proto != 0 && args->proto != s->proto)
		return false;
	return !args->has_client || prefix6_match(&args->client, &s->src6);
}

static void
session_copy(void *arg, struct session *s)
{
	struct session_mail *m = arg;
	struct session_row *row;

	if (!session_matches(m->args, s))
		return;
	row = doc_list_push(m->rows);
	if (!row)
		return;
	row->s = *s;
	row->expires_in = state_expires_in(worker_state(m->w), s, m->now_sec);
	row->worker = m->worker;
}

static void
session_end(void *arg, struct session *s)
{
	struct session_mail *m = arg;

	if (!session_matches(m->args, s))
		return;
	state_end(worker_state(m->w), s);
	m->ended++;
}

static bool
session_run(void *owner, struct mail *mail)
{
	struct session_mail *m = (struct session_mail *)mail;

	m->now_sec = worker_now_sec(m->w);
	return !state_walk_sessions(worker_state(m->w), &m->cursor, MAIL_BUDGET,
		m->rows ? session_copy : session_end, m);
}

static int
session_ask(struct gateway *gw, const struct cli_args *args, unsigned int worker,
	struct session_mail *m, struct err *err)
{
	m->mail.run = session_run;
	m->w = gw->worker[worker];
	m->worker = (uint16_t)worker;
	m->args = args;
	m->cursor = 0;
	return ask_worker(gw, worker, &m->mail, err);
}

static json_t *
session_pref64(const struct gateway *gw, const struct session *s)
{
	const struct config_nat64 *n = &gw->plan->config.nat64;
	struct prefix6 p;

	if (s->pref64 >= n->n_prefix)
		return json_null();
	p = (struct prefix6){.addr = n->prefix[s->pref64].prefix, .len = n->prefix[s->pref64].len};
	return doc_prefix6(&p);
}

static json_t *
session_json(const void *row, const struct gateway *gw)
{
	const struct session_row *r = row;
	const struct session *s = &r->s;
	bool is_icmp = s->proto == IPPROTO_ICMP, is_tcp = s->proto == IPPROTO_TCP;

	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:s?, s:I, s:i}", "proto", doc_proto(s->proto),
		"client", doc_endpoint6(&s->src6, rte_be_to_cpu_16(s->sport6)), "pref64",
		session_pref64(gw, s), "remote",
		is_icmp ? doc_addr4(s->dst4) : doc_endpoint4(s->dst4, rte_be_to_cpu_16(s->dport)),
		"pool", doc_endpoint4(s->src4, rte_be_to_cpu_16(s->sport4)), "state",
		is_tcp && s->tcp < TCP_STATE__N ? tcp_state_name[s->tcp] : NULL, "expires_in",
		(json_int_t)r->expires_in, "worker", r->worker);
}

CLI_HANDLER(cmd_show_sessions)
{
	struct doc_list rows;
	struct session_mail m = {.rows = &rows};
	int rc = doc_list_init(&rows, sizeof(struct session_row), args->limit, err);

	for (unsigned int i = 0; i < gw->n_worker && rc == 0; i++)
		rc = session_ask(gw, args, i, &m, err);
	if (rc == 0)
		rc = doc_set_list(doc, "sessions", &rows, session_json, gw, err);
	doc_list_fini(&rows);
	return rc;
}

CLI_HANDLER(cmd_clear_sessions)
{
	struct session_mail m = {.rows = NULL};
	int rc = 0;

	for (unsigned int i = 0; i < gw->n_worker && rc == 0; i++)
		rc = session_ask(gw, args, i, &m, err);
	if (rc != 0)
		return rc;
	return doc_set_count(doc, "sessions_ended", m.ended, err);
}
