// SPDX-License-Identifier: BSD-3-Clause
#include "app/cli/command.h"
#include "app/cli/doc.h"
#include "app/cli/render.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

// ethdev's control functions may not run side by side, and one large listing in memory is enough.
// Sending the answer happens outside.
static pthread_mutex_t execute_lock = PTHREAD_MUTEX_INITIALIZER;

bool
cli_execute_hold(void)
{
	return pthread_mutex_trylock(&execute_lock) == 0;
}

void
cli_execute_release(void)
{
	pthread_mutex_unlock(&execute_lock);
}

static int
answer(struct gateway *gw, const struct cli_command *c, const struct cli_args *args, FILE *out,
	struct err *err)
{
	json_t *doc = json_object();
	int rc = doc ? c->run(gw, args, doc, err) : err_set(err, -ENOMEM, "out of memory");

	// a failure without a text has put what there is to say into doc
	if ((rc == 0 || !err->text[0]) && args->json)
		render_json(doc, out);
	else if (rc == 0 || !err->text[0])
		render_text(doc, out);
	json_decref(doc);
	return rc;
}

static int
run_line(struct gateway *gw, const char *text, FILE *out, enum cli_after *after, struct err *err)
{
	const struct cli_command *c = NULL;
	struct cli_args args;
	struct cli_line line;
	int rc = cli_line_split(&line, text, err);

	if (rc != 0 || line.n == 0)
		return rc;
	rc = cli_line_parse(gw, &line, &c, &args, err);
	if (rc != 0)
		return rc;
	pthread_mutex_lock(&execute_lock);
	rc = answer(gw, c, &args, out, err);
	pthread_mutex_unlock(&execute_lock);
	if (rc == 0)
		*after = c->after;
	return rc;
}

int
cli_execute(struct gateway *gw, const char *line, char **text, enum cli_after *after)
{
	struct err err = {""};
	size_t len = 0;
	FILE *out;
	int rc;

	*text = NULL;
	*after = CLI_GO_ON;
	out = open_memstream(text, &len);
	if (!out)
		return -ENOMEM;
	rc = run_line(gw, line, out, after, &err);
	if (rc != 0 && err.text[0]) {
		doc_clean(err.text);
		fprintf(out, "error: %s\n", err.text);
	}
	if (fclose(out) != 0 && rc == 0)
		rc = -ENOMEM;
	return rc;
}
