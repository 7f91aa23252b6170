// SPDX-License-Identifier: BSD-3-Clause
// show restart
#include "app/cli/commands.h"
#include "app/cli/doc.h"
#include "app/state_file.h"

#include <time.h>

static const char *const outcome_text[] = {
	[RESTART_OFF] = "off",
	[RESTART_NO_FILE] = "no file",
	[RESTART_REFUSED] = "refused",
	[RESTART_RESTORED] = "restored",
};

static json_t *
left_list(const struct snapshot_report *report)
{
	json_t *rows = json_array();

	for (unsigned int i = 0; i < SNAPSHOT_LEFT__N; i++)
		if (report->left[i])
			doc_append(rows,
				json_pack("{s:s, s:I}", "left_out", snapshot_left_text[i],
					"sessions", (json_int_t)report->left[i]),
				NULL);
	return rows;
}

static json_t *
time_text(uint64_t sec)
{
	time_t t = (time_t)sec;
	struct tm tm;
	char text[32];

	if (!gmtime_r(&t, &tm) || !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
		return json_null();
	return json_string(text);
}

CLI_HANDLER(cmd_show_restart)
{
	const struct restart *r = gw->restart;
	int rc = doc_update(doc,
		json_pack("{s:o, s:s}", "state_file",
			*gw->boot.state_file ? doc_text(gw->boot.state_file) : json_string("none"),
			"result", outcome_text[r->outcome]),
		err);

	if (rc == 0 && r->outcome == RESTART_REFUSED)
		rc = doc_set(doc, "reason", doc_text(r->why), err);
	if (rc != 0 || r->outcome != RESTART_RESTORED)
		return rc;
	rc = doc_update(doc,
		json_pack("{s:o, s:I, s:I, s:I, s:I, s:I}", "saved", time_text(r->saved_sec),
			"down_sec", (json_int_t)r->passed_sec, "clock_set_back_sec",
			(json_int_t)r->set_back_sec, "workers_before", (json_int_t)r->n_worker,
			"sessions", (json_int_t)r->report.sessions, "resting_ports",
			(json_int_t)r->report.resting),
		err);
	return rc ? rc : doc_set(doc, "not_restored", left_list(&r->report), err);
}
