// SPDX-License-Identifier: BSD-3-Clause
// The interactive session on librte_cmdline: line editing, history and completion are its, the
// commands come from the table through one instruction with dynamic tokens (cmdline_parse.h).
// A word is never refused by librte_cmdline itself: its messages do not say what is allowed.
#include "app/cli/session.h"

#include <cmdline.h>
#include <cmdline_parse.h>
#include <cmdline_rdline.h>
#include <errno.h>
#include <fcntl.h>
#include <rte_string_fns.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define CTRL_C 3

struct tty {
	struct session *session;
	struct cmdline *cl;
	struct cmdline_inst *inst;
	cmdline_parse_ctx_t ctx[2];
	size_t n_typed; // bytes since the last end of line
	int out;        // what librte_cmdline wrote, a byte at a time, to be sent on
	enum cli_after after;

	// The words of the line that is being parsed or completed.
	struct cmdline_token_hdr token; // the only one: it stands for whatever word is next
	char text[2 * CLI_LINE_MAX];
	size_t n_text;
	char *word[CLI_WORDS];
	unsigned int n_word;
	bool line_ended;
	struct cli_choice choice[CLI_CHOICES];
	int n_choice, current;
};

// librte_cmdline's callbacks for tokens get no context of ours; a session has its own thread.
static _Thread_local struct tty *tty_self;

static void
tty_drain(struct tty *t)
{
	char buf[1024];
	ssize_t n;

	while ((n = read(t->out, buf, sizeof(buf))) > 0)
		session_send(t->session, buf, (size_t)n);
}

static void
tty_add_word(struct tty *t, const char *word, size_t len)
{
	if (t->n_word == CLI_WORDS || t->n_text + len + 1 > sizeof(t->text))
		return;
	t->word[t->n_word++] = memcpy(t->text + t->n_text, word, len);
	t->text[t->n_text + len] = '\0';
	t->n_text += len + 1;
}

static int
token_parse(cmdline_parse_token_hdr_t *token, const char *buf, void *result, unsigned int size)
{
	struct tty *t = tty_self;
	unsigned int len = 0, end;

	while (!cmdline_isendoftoken(buf[len]))
		len++;
	if (len == 0)
		return -1;
	// The handler gets the line as it stands.
	end = len + (unsigned int)strcspn(buf + len, "#\r\n");
	if (result && t->n_word == 0) {
		if (end >= size)
			return -1;
		memcpy(result, buf, end);
		((char *)result)[end] = '\0';
	}
	t->line_ended = buf[end] != '\0' && buf[len + strspn(buf + len, " \t")] == buf[end];
	tty_add_word(t, buf, len);
	return (int)len;
}

static int
token_choices(cmdline_parse_token_hdr_t *token)
{
	struct tty *t = tty_self;

	t->n_choice = cli_choices(t->session->gw, t->word, t->n_word, t->choice);
	t->current = 0;
	if (t->n_choice <= 0 || t->choice[0].word[0] == '\0')
		return 0;
	return t->n_choice;
}

static int
token_choice(cmdline_parse_token_hdr_t *token, int i, char *dst, unsigned int size)
{
	struct tty *t = tty_self;

	if (i < 0 || i >= t->n_choice)
		return -1;
	t->current = i;
	rte_strlcpy(dst, t->choice[i].word, size);
	return 0;
}

static int
token_help(cmdline_parse_token_hdr_t *token, char *dst, unsigned int size)
{
	struct tty *t = tty_self;

	if (t->n_choice > 0) {
		rte_strlcpy(dst, t->choice[t->current].kind, size);
		t->inst->help_str = t->choice[t->current].help;
		return 0;
	}
	rte_strlcpy(dst, t->n_choice == 0 ? "RETURN" : "?", size);
	t->inst->help_str =
		t->n_choice == 0 ? "the command is complete" : "there is no such command";
	return 0;
}

static struct cmdline_token_ops token_ops = {
	.parse = token_parse,
	.complete_get_nb = token_choices,
	.complete_get_elt = token_choice,
	.get_help = token_help,
};

static void
tty_command(struct tty *t, const char *line)
{
	char *text;

	tty_drain(t);
	cli_execute(t->session->gw, line, &text, &t->after);
	if (text)
		session_send(t->session, text, strlen(text));
	free(text);
	if (t->after != CLI_GO_ON)
		cmdline_quit(t->cl);
}

// Either a line to run, or (cl is NULL) the question for the token that arg stands for.
static void
tty_inst_f(void *parsed, struct cmdline *cl, void *arg)
{
	struct tty *t = tty_self;
	cmdline_parse_token_hdr_t **token = parsed;

	if (cl) {
		tty_command(t, parsed);
		return;
	}
	if (arg == &t->inst->tokens[0]) {
		t->n_word = 0;
		t->n_text = 0;
		t->line_ended = false;
	}
	*token = t->line_ended ? NULL : &t->token;
}

// librte_cmdline would cut a line that is too long, and run what is left: it gets ^C in place of
// the end of such a line.
static char
tty_guard(struct tty *t, char c)
{
	static const char text[] = "\r\nerror: the line is too long\n";
	size_t typed = t->n_typed++;

	if (c != '\r' && c != '\n' && c != CTRL_C)
		return c;
	t->n_typed = 0;
	if (typed <= CLI_LINE_MAX)
		return c;
	session_send(t->session, text, strlen(text));
	return CTRL_C;
}

static bool
tty_feed(struct tty *t, const char *buf, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char c = tty_guard(t, buf[i]);

		if (cmdline_in(t->cl, &c, 1) < 0 || t->session->broken)
			return false;
		tty_drain(t);
	}
	return true;
}

static void
tty_loop(struct tty *t, const char *early, size_t n_early)
{
	char buf[256];
	ssize_t n;

	tty_drain(t); // the first prompt
	if (!tty_feed(t, early, n_early))
		return;
	do {
		n = recv(t->session->fd, buf, sizeof(buf), 0);
	} while ((n > 0 && tty_feed(t, buf, (size_t)n)) || (n < 0 && errno == EINTR));
}

static int
tty_init(struct tty *t, struct session *s)
{
	int fds[2];

	*t = (struct tty){.session = s, .token.ops = &token_ops};
	// tokens[0] must be there, and NULL
	t->inst = calloc(1, sizeof(*t->inst) + sizeof(t->inst->tokens[0]));
	if (!t->inst)
		return -ENOMEM;
	t->inst->f = tty_inst_f;
	t->ctx[0] = t->inst;
	tty_self = t;
	// A socket buffer would hold a few hundred single bytes only, a pipe holds 64 KiB.
	if (pipe2(fds, O_NONBLOCK | O_CLOEXEC) != 0)
		goto free_inst;
	t->out = fds[0];
	t->cl = cmdline_new(t->ctx, SESSION_PROMPT, -1, fds[1]);
	if (t->cl)
		return 0;
	close(fds[0]);
	close(fds[1]);
free_inst:
	free(t->inst);
	return -ENOMEM;
}

enum cli_after
session_tty(struct session *s, const char *early, size_t n_early)
{
	struct tty *t = malloc(sizeof(*t));
	enum cli_after after;

	if (!t || tty_init(t, s) != 0) {
		free(t);
		session_trailer(s, true);
		return CLI_GO_ON;
	}
	tty_loop(t, early, n_early);
	tty_drain(t);
	after = t->after;
	cmdline_free(t->cl); // closes the pipe's other end
	close(t->out);
	free(t->inst);
	free(t);
	session_trailer(s, false);
	return after;
}
