// SPDX-License-Identifier: BSD-3-Clause
// show nat64 stats
#include "app/cli/ask.h"
#include "app/cli/commands.h"
#include "app/cli/doc.h"
#include "state/state.h"

#include <stddef.h>

struct stats_mail {
	struct mail mail;
	struct worker *w;
	struct state_stats stats;
};

static const struct {
	enum state_proto index;
	const char *name;
} protos[] = {
	{STATE_TCP, "tcp"},
	{STATE_UDP, "udp"},
	{STATE_ICMP, "icmp"},
};

static bool
stats_run(void *owner, struct mail *mail)
{
	struct stats_mail *m = (struct stats_mail *)mail;

	state_stats(worker_state(m->w), &m->stats);
	return true;
}

static void
stats_add(struct state_stats *sum, const struct state_stats *s)
{
	for (unsigned int p = 0; p < RTE_DIM(protos); p++) {
		sum->sessions[p] += s->sessions[p];
		sum->bibs[p] += s->bibs[p];
		sum->created[p] += s->created[p];
		sum->ended[p] += s->ended[p];
		sum->no_port[p] += s->no_port[p];
	}
	sum->clients += s->clients;
	sum->subscribers += s->subscribers;
	sum->stored_syns += s->stored_syns;
	sum->ports_resting += s->ports_resting;
	sum->ports_rested_less += s->ports_rested_less;
	sum->max_sessions += s->max_sessions;
	sum->max_bib += s->max_bib;
	sum->memory_bytes += s->memory_bytes;
}

static int
stats_sum(struct gateway *gw, struct state_stats *sum, struct err *err)
{
	for (unsigned int i = 0; i < gw->n_worker; i++) {
		struct stats_mail m = {.mail.run = stats_run, .w = gw->worker[i]};
		int rc = ask_worker(gw, i, &m.mail, err);

		if (rc != 0)
			return rc;
		stats_add(sum, &m.stats);
	}
	return 0;
}

static int
put_protocols(json_t *doc, const struct state_stats *s, struct err *err)
{
	json_t *rows = json_array();
	int rc = doc_set(doc, "protocols", rows, err);

	for (unsigned int i = 0; i < RTE_DIM(protos) && rc == 0; i++) {
		enum state_proto p = protos[i].index;

		rc = doc_append(rows,
			json_pack("{s:s, s:I, s:I, s:I, s:I, s:I}", "proto", protos[i].name,
				"sessions", (json_int_t)s->sessions[p], "bindings",
				(json_int_t)s->bibs[p], "created", (json_int_t)s->created[p],
				"ended", (json_int_t)s->ended[p], "no_port",
				(json_int_t)s->no_port[p]),
			err);
	}
	return rc;
}

static const struct {
	const char *name;
	size_t offset; // in struct worker_stats
} counters[] = {
	{"translated_6to4", offsetof(struct worker_stats, xlat64)},
	{"translated_4to6", offsetof(struct worker_stats, xlat46)},
	{"icmp_errors_limited", offsetof(struct worker_stats, icmp_limited)},
	{"suffix_nonzero", offsetof(struct worker_stats, suffix_nonzero)},
	{"tcp_probes", offsetof(struct worker_stats, tcp_probes)},
	{"tcp_resets", offsetof(struct worker_stats, tcp_resets)},
	{"ended_by_reload", offsetof(struct worker_stats, reload_ended)},
};

// What the workers counted beside drops.
static int
put_packets(json_t *doc, const struct gateway *gw, struct err *err)
{
	int rc = 0;

	for (unsigned int c = 0; c < RTE_DIM(counters) && rc == 0; c++) {
		uint64_t sum = 0;

		for (unsigned int i = 0; i < gw->n_worker; i++)
			sum += ask_counter(
				(const uint64_t *)((const char *)worker_stats(gw->worker[i]) +
						   counters[c].offset));
		rc = doc_set_count(doc, counters[c].name, sum, err);
	}
	return rc;
}

CLI_HANDLER(cmd_show_nat64_stats)
{
	struct state_stats s = {.clients = 0};
	uint64_t sessions = 0, bibs = 0;
	int rc = stats_sum(gw, &s, err);

	if (rc != 0)
		return rc;
	for (unsigned int p = 0; p < RTE_DIM(protos); p++) {
		sessions += s.sessions[p];
		bibs += s.bibs[p];
	}
	rc = doc_update(doc,
		json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "sessions",
			(json_int_t)sessions, "sessions_max", (json_int_t)s.max_sessions,
			"bindings", (json_int_t)bibs, "bindings_max", (json_int_t)s.max_bib,
			"clients", (json_int_t)s.clients, "subscribers", (json_int_t)s.subscribers,
			"ports_resting", (json_int_t)s.ports_resting, "ports_rested_less",
			(json_int_t)s.ports_rested_less, "stored_syns", (json_int_t)s.stored_syns,
			"memory_bytes", (json_int_t)s.memory_bytes),
		err);
	if (rc == 0)
		rc = put_packets(doc, gw, err);
	return rc != 0 ? rc : put_protocols(doc, &s, err);
}
