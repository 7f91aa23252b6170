// SPDX-License-Identifier: BSD-3-Clause
// From a line to a command and its options, and from the beginning of a line to what may follow.
#include "app/cli/command.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>

// What a group of commands is about, for completion.
static const struct {
	const char *words, *help;
} groups[] = {
	{"show", "look at something"},
	{"clear", "forget or end something"},
	{"show port", "ports and their counters"},
	{"show nat64", "sessions, bindings, pool and counters of NAT64"},
	{"show dns64", "counters and cache of DNS64"},
	{"clear nat64", "end NAT64 sessions"},
	{"clear dns64", "cache or counters of DNS64"},
};

int
cli_line_split(struct cli_line *l, const char *text, struct err *err)
{
	size_t len = strlen(text);
	char *save, *word;

	l->n = 0;
	if (len > CLI_LINE_MAX)
		return err_set(err, -E2BIG, "the line is longer than %u bytes", CLI_LINE_MAX);
	memcpy(l->text, text, len + 1);
	l->text[strcspn(l->text, "#\r\n")] = '\0';
	word = strtok_r(l->text, " \t", &save);
	for (; word; word = strtok_r(NULL, " \t", &save)) {
		if (l->n == CLI_WORDS)
			return err_set(err, -E2BIG, "more than %u words", CLI_WORDS);
		l->word[l->n++] = word;
	}
	return 0;
}

// The i-th word of a list separated by blanks; NULL and a length of 0 behind the end.
static const char *
word_at(const char *list, unsigned int i, size_t *len)
{
	for (; i > 0 && *list != '\0'; i--) {
		list += strcspn(list, " ");
		list += strspn(list, " ");
	}
	*len = strcspn(list, " ");
	return *len > 0 ? list : NULL;
}

static bool
word_is(const char *list, unsigned int i, const char *word)
{
	size_t len;
	const char *w = word_at(list, i, &len);

	return w && strlen(word) == len && memcmp(w, word, len) == 0;
}

// How many words of the command the line begins with.
static unsigned int
match_depth(const struct cli_command *c, char *const *word, unsigned int n)
{
	unsigned int i = 0;

	while (i < n && word_is(c->words, i, word[i]))
		i++;
	return i;
}

static unsigned int
word_count(const char *list)
{
	unsigned int n = 0;
	size_t len;

	while (word_at(list, n, &len))
		n++;
	return n;
}

// The command the line names, or NULL; *depth is how many words made sense.
static const struct cli_command *
find_command(char *const *word, unsigned int n, unsigned int *depth)
{
	*depth = 0;
	for (unsigned int i = 0; i < cli_n_commands; i++) {
		const struct cli_command *c = &cli_commands[i];
		unsigned int d = match_depth(c, word, n);

		*depth = RTE_MAX(*depth, d);
		if (d == word_count(c->words))
			return c;
	}
	return NULL;
}

static bool
choice_add(struct cli_choice *out, unsigned int *n, const char *word, size_t len, const char *kind,
	const char *help)
{
	for (unsigned int i = 0; i < *n; i++) {
		if (strlen(out[i].word) == len && memcmp(out[i].word, word, len) == 0)
			return false;
	}
	if (*n == CLI_CHOICES || len >= sizeof(out->word))
		return false;
	memcpy(out[*n].word, word, len);
	out[*n].word[len] = '\0';
	out[*n].kind = kind;
	out[*n].help = help;
	(*n)++;
	return true;
}

// words: the command's words up to and with the offered one
static const char *
word_help(const struct cli_command *c, size_t words_len)
{
	if (c->words[words_len] == '\0')
		return c->help;
	for (unsigned int i = 0; i < RTE_DIM(groups); i++) {
		if (strlen(groups[i].words) == words_len &&
			memcmp(groups[i].words, c->words, words_len) == 0)
			return groups[i].help;
	}
	return "";
}

static unsigned int
choose_words(char *const *word, unsigned int n, struct cli_choice *out)
{
	unsigned int n_out = 0;

	for (unsigned int i = 0; i < cli_n_commands; i++) {
		const struct cli_command *c = &cli_commands[i];
		size_t len;
		const char *w = word_at(c->words, n, &len);

		if (w && match_depth(c, word, n) == n)
			choice_add(out, &n_out, w, len, "word",
				word_help(c, (size_t)(w - c->words) + len));
	}
	return n_out;
}

// The option of c with this name; json belongs to every command.
static const struct cli_option *
find_option(const struct cli_command *c, const char *name, unsigned int *bit)
{
	const struct cli_option *const *o = c->options;

	for (*bit = 0; o && *o; o++, (*bit)++) {
		if (strcmp((*o)->name, name) == 0)
			return *o;
	}
	return strcmp(name, cli_option_json.name) == 0 ? &cli_option_json : NULL;
}

static unsigned int
choose_options(const struct cli_command *c, unsigned int used, struct cli_choice *out)
{
	const struct cli_option *const *o = c->options;
	unsigned int n_out = 0;

	for (unsigned int bit = 0; o && *o; o++, bit++) {
		if (!(used & 1u << bit))
			choice_add(
				out, &n_out, (*o)->name, strlen((*o)->name), "option", (*o)->help);
	}
	choice_add(out, &n_out, "json", 4, "option", cli_option_json.help);
	return n_out;
}

static unsigned int
choose_values(const struct gateway *gw, const struct cli_option *o, struct cli_choice *out)
{
	unsigned int n_out = 0;
	const char *v;

	for (unsigned int i = 0; o->choice && (v = o->choice(gw, i)); i++)
		choice_add(out, &n_out, v, strlen(v), o->value, o->help);
	if (n_out == 0)
		choice_add(out, &n_out, "", 0, o->value, o->help);
	return n_out;
}

int
cli_choices(const struct gateway *gw, char *const *word, unsigned int n,
	struct cli_choice out[static CLI_CHOICES])
{
	unsigned int i, bit, used = 0;
	const struct cli_command *c = find_command(word, n, &i);

	if (!c)
		return i == n ? (int)choose_words(word, n, out) : -EINVAL;
	while (!c->takes_words && i < n) {
		const struct cli_option *o = find_option(c, word[i++], &bit);

		if (!o || (used & 1u << bit))
			return -EINVAL;
		if (o == &cli_option_json)
			return i == n ? 0 : -EINVAL;
		used |= 1u << bit;
		if (o->value && i++ == n)
			return (int)choose_values(gw, o, out);
	}
	return (int)choose_options(c, used, out);
}

// "NAME, proto tcp|udp|icmp, json"
static void
list_choices(
	const struct cli_command *c, const struct cli_choice *choice, int n, char *buf, size_t size)
{
	size_t used = 0;
	unsigned int bit;

	buf[0] = '\0';
	for (int i = 0; i < n && used < size; i++) {
		const struct cli_option *o = c ? find_option(c, choice[i].word, &bit) : NULL;
		const char *value = o ? o->value : NULL;

		used += (size_t)snprintf(buf + used, size - used, "%s%s%s%s", i > 0 ? ", " : "",
			choice[i].word, value ? " " : "", value ? value : "");
	}
}

// Says what is allowed behind the first n words of the line.
static int
refuse(const struct gateway *gw, const struct cli_line *l, const struct cli_command *c,
	unsigned int n, struct err *err)
{
	struct cli_choice choice[CLI_CHOICES];
	int n_choice = cli_choices(gw, l->word, n, choice);
	char before[160] = "", allowed[256];
	size_t used = 0;

	list_choices(c, choice, n_choice, allowed, sizeof(allowed));
	for (unsigned int i = 0; i < n && used < sizeof(before); i++)
		used += (size_t)snprintf(
			before + used, sizeof(before) - used, "%s%s", i > 0 ? " " : "", l->word[i]);
	if (n == 0)
		return err_set(
			err, -EINVAL, "unknown command '%.64s'; allowed: %s", l->word[0], allowed);
	if (n == l->n)
		return err_set(err, -EINVAL, "'%s' is incomplete; next: %s", before, allowed);
	if (n_choice <= 0)
		return err_set(err, -EINVAL, "'%.64s' is not allowed after '%s': json ends a line",
			l->word[n], before);
	return err_set(err, -EINVAL, "'%.64s' is not allowed after '%s'; allowed: %s", l->word[n],
		before, allowed);
}

static int
parse_options(const struct gateway *gw, const struct cli_line *l, const struct cli_command *c,
	unsigned int i, struct cli_args *args, struct err *err)
{
	unsigned int bit, used = 0;
	int rc;

	while (i < l->n) {
		const struct cli_option *o = find_option(c, l->word[i], &bit);
		const char *value = NULL;

		if (!o || (used & 1u << bit) || args->json)
			return refuse(gw, l, c, i, err);
		used |= 1u << bit;
		i++;
		if (o->value && i == l->n)
			return err_set(err, -EINVAL, "%s: a value is missing: %s %s (%s)", o->name,
				o->name, o->value, o->help);
		if (o->value)
			value = l->word[i++];
		rc = o->parse(gw, value, args, err);
		if (rc != 0)
			return rc;
	}
	return 0;
}

int
cli_line_parse(const struct gateway *gw, const struct cli_line *l,
	const struct cli_command **command, struct cli_args *args, struct err *err)
{
	unsigned int depth;
	const struct cli_command *c = find_command(l->word, l->n, &depth);

	*args = (struct cli_args){.limit = CLI_LIMIT_DEFAULT};
	if (!c)
		return refuse(gw, l, NULL, depth, err);
	*command = c;
	if (!c->takes_words)
		return parse_options(gw, l, c, depth, args, err);
	args->words = &l->word[depth];
	args->n_words = l->n - depth;
	args->json = args->n_words > 0 && strcmp(l->word[l->n - 1], "json") == 0;
	args->n_words -= args->json;
	return 0;
}
