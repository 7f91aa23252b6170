// SPDX-License-Identifier: BSD-3-Clause
// docs/config.md from the schema table.
#include "config/schema.h"

#include <stdbool.h>
#include <string.h>

static const char head[] =
	"<!-- Generated from lib/config/schema.c. Do not edit. -->\n"
	"# Configuration\n"
	"\n"
	"gate64 reads one YAML file: `gate64 -c FILE`. `gate64 --check FILE` only says what is\n"
	"wrong with it, a line each: `file:line:col: key: what is wrong, what is allowed`.\n"
	"Unknown keys are errors. `configs/` holds complete files to start from;\n"
	"`configs/minimal.yaml` is the shortest.\n"
	"\n"
	"`gate64-cli -e reload` applies a changed file while the gateway runs. What is marked\n"
	"*Restart* cannot change that way; a file that asks for it is refused as a whole.\n"
	"\n"
	"A list is written `[one, two]`, or an entry a line with `- ` before it. Inside `[]` and\n"
	"`{}`, an address that begins or ends with a colon needs quotes: `[\"2001:db8::\"]`.\n"
	"YAML's anchors, aliases and tags are not supported.\n";

static void
print_default(const struct config_key *k, FILE *out)
{
	if (k->required)
		fprintf(out, "*required*");
	else if (k->def_text)
		fprintf(out, "%s", k->def_text);
	else
		fprintf(out, "`%s`", k->def ? k->def : "");
}

static void
print_key(const struct config_key *k, FILE *out)
{
	char allowed[256] = "entries, see below";

	if (k->type)
		config_describe(k, allowed, sizeof(allowed));
	fprintf(out, "| `%s` | %s%s | ", config_path_leaf(k->path),
		k->kind == KEY_VALUES ? "list: " : "", allowed);
	print_default(k, out);
	fprintf(out, " | %s%s |\n", k->help, k->change == CHANGE_RESTART ? " *Restart.*" : "");
}

// Keys directly inside section; those with keys of their own get a chapter instead.
static void
print_keys(const struct schema *s, const char *section, FILE *out)
{
	bool any = false;

	for (unsigned int i = 0; i < s->n; i++) {
		const struct config_key *k = &s->key[i];

		if (!config_path_is_in(k->path, section) || k->kind == KEY_SECTION)
			continue;
		if (!any)
			fprintf(out,
				"\n| key | allowed | default | meaning |\n|---|---|---|---|\n");
		any = true;
		print_key(k, out);
	}
}

void
config_print_keys(const struct schema *s, FILE *out)
{
	print_keys(s, "", out);
	for (unsigned int i = 0; i < s->n; i++) {
		const struct config_key *k = &s->key[i];
		char section[64];

		if (k->kind != KEY_SECTION && k->kind != KEY_ITEMS)
			continue;
		snprintf(section, sizeof(section), "%s%s", k->path,
			k->kind == KEY_ITEMS ? "[]" : "");
		fprintf(out, "\n## `%s`\n\n%s\n", section, k->help);
		print_keys(s, section, out);
	}
}

void
config_print_docs(FILE *out)
{
	fputs(head, out);
	config_print_keys(&config_schema, out);
}
