// SPDX-License-Identifier: BSD-3-Clause
// reload
#include "app/cli/commands.h"
#include "app/cli/doc.h"
#include "app/reload.h"

#include <string.h>

// A list of the lines of text.
static json_t *
line_list(const char *text)
{
	json_t *list = json_array();

	while (text && *text) {
		size_t len = strcspn(text, "\n");

		doc_append(list, json_stringn(text, len), NULL);
		text += len + (text[len] == '\n');
	}
	return list;
}

CLI_HANDLER(cmd_reload)
{
	struct reload_report r;
	int rc = gateway_reload(gw, &r), ret;

	if (rc != 0)
		ret = doc_update(doc,
			json_pack("{s:s, s:o}", "result", "not reloaded, nothing has changed",
				"problems", line_list(r.problems)),
			err);
	else
		ret = doc_update(doc,
			json_pack("{s:s, s:I, s:o}", "result",
				r.n_changed ? "reloaded" : "the file says nothing new",
				"sessions_ended", (json_int_t)r.ended, "changed",
				line_list(r.changed)),
			err);
	reload_report_free(&r);
	return rc != 0 ? rc : ret;
}
