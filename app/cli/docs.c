// SPDX-License-Identifier: BSD-3-Clause
#include "app/cli/docs.h"

#include "app/cli/command.h"

#include <ctype.h>

static const char intro[] =
	"# The command line\n"
	"\n"
	"<!-- Made from the table in app/cli/command.c. To make it anew:\n"
	"     build/gcc/tests/unit/cli/test_cli_docs --print > docs/cli.md -->\n"
	"\n"
	"`gate64-cli` talks to a running `gate64` over a Unix socket (`cli: socket:` in the\n"
	"configuration, `/run/gate64/NAME.sock` by default). Who may ask is who may write to the\n"
	"socket: root, and the group of the daemon.\n"
	"\n"
	"```\n"
	"gate64-cli [-n NAME | -s SOCKET] [-e COMMAND]...\n"
	"```\n"
	"\n"
	"- Without `-n` and `-s` it takes the only socket in `/run/gate64` (or in\n"
	"  `$GATE64_RUN_DIR`); if several daemons run, it lists their names.\n"
	"- Without `-e` it gives a prompt. TAB completes, `?` lists what may come next with a line "
	"of\n"
	"  help, the arrow keys go through the history, `quit` or `Ctrl-D` leaves. `Ctrl-\\` "
	"leaves "
	"at\n"
	"  once, also when the daemon does not answer.\n"
	"- If its input is no terminal, each line of it is a command; `#` starts a comment.\n"
	"- Answers go to the standard output, errors to the standard error.\n"
	"- Exit status: 0; 1 when a command failed; 2 when no daemon could be asked,\n"
	"  or did not answer within 30 s.\n"
	"\n"
	"`json` as last word gives the same answer as one JSON document. Options come in any "
	"order.\n"
	"Listings show at most 100 rows unless `limit` says otherwise; what is left out is "
	"counted:\n"
	"`100 of 12345 shown; limit N shows more`, or `\"shown\"` and `\"total\"` in JSON.\n"
	"\n"
	"Commands never lock or read the tables of a worker. It gets a message, and looks at a "
	"few\n"
	"entries between two bursts of packets; a listing is therefore no snapshot of one moment.\n"
	"\n"
	"## Commands\n";

static void
print_option(const struct cli_option *o, FILE *out)
{
	fprintf(out, "- `%s%s%s`: %s\n", o->name, o->value ? " " : "", o->value ? o->value : "",
		o->help);
}

static void
print_command(const struct cli_command *c, FILE *out)
{
	const struct cli_option *const *o = c->options;
	char syntax[128];

	cli_command_syntax(c, syntax, sizeof(syntax));
	fprintf(out, "\n### %s\n\n`%s`\n\n%c%s.\n", c->words, syntax, toupper(c->help[0]),
		c->help + 1);
	if (o)
		fputc('\n', out);
	for (; o && *o; o++)
		print_option(*o, out);
}

void
cli_print_docs(FILE *out)
{
	fputs(intro, out);
	for (unsigned int i = 0; i < cli_n_commands; i++)
		print_command(&cli_commands[i], out);
}
