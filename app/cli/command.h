// SPDX-License-Identifier: BSD-3-Clause
// The table of commands. Parsing, completion, help and docs/cli.md are made from it; a command is
// added by a line in command.c and a handler.
#ifndef APP_CLI_COMMAND_H
#define APP_CLI_COMMAND_H

#include "app/gateway.h"

#include <jansson.h>

#define CLI_LINE_MAX      500 // bytes; librte_cmdline cuts lines at 512
#define CLI_WORDS         32
#define CLI_CHOICES       32 // next words at any point
#define CLI_LIMIT_DEFAULT 100
#define CLI_LIMIT_MAX     100000

// What the words behind a command came to.
struct cli_args {
	char *const *words; // behind the command's own, for help
	unsigned int n_words;
	bool has_client;
	struct prefix6 client;
	uint8_t proto; // IPPROTO_*, 0: any
	uint32_t limit;
	const struct port *port; // NULL: any
	char name[256];          // empty: any
	bool all;
	bool json;
};

struct cli_option {
	const char *name;
	const char *value; // as help shows it; NULL: the option is a word of its own
	const char *help;
	// The i-th of the values there are, NULL behind the last. No function: any text.
	const char *(*choice)(const struct gateway *gw, unsigned int i);
	int (*parse)(
		const struct gateway *gw, const char *text, struct cli_args *args, struct err *err);
};

extern const struct cli_option cli_option_client, cli_option_proto, cli_option_limit,
	cli_option_port, cli_option_name, cli_option_all, cli_option_json;

// What becomes of the session, once the answer is out.
enum cli_after {
	CLI_GO_ON,
	CLI_QUIT,
	CLI_STOP, // the daemon is stopped
};

struct cli_command {
	const char *words;
	const char *help;
	// Fills doc, an empty object. 0, or -errno with err; without err, doc is shown as well.
	int (*run)(struct gateway *gw, const struct cli_args *args, json_t *doc, struct err *err);
	const struct cli_option *const *options; // NULL-terminated, json is not in it; NULL: none
	enum cli_after after;
	bool takes_words; // any words may follow
};

extern const struct cli_command cli_commands[];
extern const unsigned int cli_n_commands;

// One word that may come next.
struct cli_choice {
	char word[64];    // empty: any text
	const char *kind; // "word", "option", or the placeholder of a value
	const char *help;
};

// The words of a line; '#' starts a comment.
struct cli_line {
	char text[CLI_LINE_MAX + 1];
	char *word[CLI_WORDS];
	unsigned int n;
};

// -E2BIG: too long, too many words.
int cli_line_split(struct cli_line *l, const char *text, struct err *err);

// -EINVAL with a text that says what is allowed in place of the first wrong word.
int cli_line_parse(const struct gateway *gw, const struct cli_line *l,
	const struct cli_command **command, struct cli_args *args, struct err *err);

// What may follow the first n words; returns how many, or -EINVAL if they do not make sense.
int cli_choices(const struct gateway *gw, char *const *word, unsigned int n,
	struct cli_choice out[static CLI_CHOICES]);

// "show nat64 pool [limit N]", without json
void cli_command_syntax(const struct cli_command *c, char *buf, size_t size);

// Runs one line, one command at a time in the process. *text (free) is what to print, maybe empty.
// 0, or -errno when text is an error message.
int cli_execute(struct gateway *gw, const char *line, char **text, enum cli_after *after);
// No command runs until the release, which is to come soon, by the same thread. False: one is
// running.
bool cli_execute_hold(void);
void cli_execute_release(void);

#endif
