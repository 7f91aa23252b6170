// SPDX-License-Identifier: BSD-3-Clause
#include "config/tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

struct build {
	struct tree *tree;
	struct tree_error *error;
	struct tree_node *open[TREE_DEPTH]; // lists and mappings around the next node
	unsigned int depth;
	struct tree_node *key; // read, its value comes next
	unsigned int documents;
};

static int
fail(struct build *b, const yaml_mark_t *at, const char *what)
{
	b->error->line = (unsigned int)at->line + 1;
	b->error->col = (unsigned int)at->column + 1;
	return err_set(&b->error->err, -EINVAL, "%s", what);
}

static struct tree_node *
node_new(struct build *b, enum tree_kind kind, const yaml_event_t *ev, const char *text, size_t len)
{
	struct tree_node *n = calloc(1, sizeof(*n) + len + 1);

	if (!n)
		return NULL;
	n->kind = kind;
	n->line = (unsigned int)ev->start_mark.line + 1;
	n->col = (unsigned int)ev->start_mark.column + 1;
	if (len)
		memcpy(n->text, text, len);
	n->all = b->tree->all;
	b->tree->all = n;
	return n;
}

static int
append(struct build *b, struct tree_node *parent, struct tree_node *n, const yaml_event_t *ev)
{
	if (parent->kind == TREE_MAP && ++parent->n > TREE_KEYS)
		return fail(b, &ev->start_mark, "more keys than any mapping here has");
	if (parent->last)
		parent->last->next = n;
	else
		parent->child = n;
	parent->last = n;
	return 0;
}

static int
attach(struct build *b, struct tree_node *n, const yaml_event_t *ev)
{
	struct tree_node *parent = b->depth ? b->open[b->depth - 1] : NULL;

	if (!n)
		return -ENOMEM;
	if (!parent) {
		b->tree->root = n;
		return 0;
	}
	if (parent->kind == TREE_LIST)
		return append(b, parent, n, ev);
	if (b->key) {
		n->key = b->key;
		b->key = NULL;
		return append(b, parent, n, ev);
	}
	if (n->kind != TREE_SCALAR)
		return fail(b, &ev->start_mark, "a key is not a list or a mapping");
	b->key = n;
	return 0;
}

static int
open_node(struct build *b, enum tree_kind kind, const yaml_event_t *ev)
{
	struct tree_node *n = node_new(b, kind, ev, NULL, 0);
	int rc = attach(b, n, ev);

	if (rc)
		return rc;
	if (b->depth == TREE_DEPTH)
		return fail(b, &ev->start_mark, "nested too deeply");
	b->open[b->depth++] = n;
	return 0;
}

static bool
is_printable(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)s[i] < ' ' || s[i] == 0x7f)
			return false;
	}
	return true;
}

static int
scalar(struct build *b, const yaml_event_t *ev)
{
	const char *text = (const char *)ev->data.scalar.value;
	size_t len = ev->data.scalar.length;
	struct tree_node *n;

	if (!is_printable(text, len))
		return fail(b, &ev->start_mark, "a value is one line without control characters");
	n = node_new(b, TREE_SCALAR, ev, text, len);
	if (n && ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
		n->is_null = len == 0 || !strcmp(n->text, "~") || !strcmp(n->text, "null");
	return attach(b, n, ev);
}

// What YAML has beyond plain trees: refused, so that a short text cannot stand for a huge one.
static const char *
refused(const yaml_event_t *ev)
{
	const yaml_char_t *anchor = NULL, *tag = NULL;

	switch (ev->type) {
	case YAML_ALIAS_EVENT:
		return "aliases (*name) are not supported, write the value again";
	case YAML_SCALAR_EVENT:
		anchor = ev->data.scalar.anchor;
		tag = ev->data.scalar.tag;
		break;
	case YAML_SEQUENCE_START_EVENT:
		anchor = ev->data.sequence_start.anchor;
		tag = ev->data.sequence_start.tag;
		break;
	case YAML_MAPPING_START_EVENT:
		anchor = ev->data.mapping_start.anchor;
		tag = ev->data.mapping_start.tag;
		break;
	default:
		break;
	}
	if (anchor)
		return "anchors (&name) are not supported";
	return tag ? "tags (!name) are not supported" : NULL;
}

static int
take_event(struct build *b, const yaml_event_t *ev)
{
	const char *why = refused(ev);

	if (why)
		return fail(b, &ev->start_mark, why);
	switch (ev->type) {
	case YAML_DOCUMENT_START_EVENT:
		if (b->documents++)
			return fail(b, &ev->start_mark, "a second document, only one is allowed");
		return 0;
	case YAML_SCALAR_EVENT:
		return scalar(b, ev);
	case YAML_SEQUENCE_START_EVENT:
		return open_node(b, TREE_LIST, ev);
	case YAML_MAPPING_START_EVENT:
		return open_node(b, TREE_MAP, ev);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		b->depth--;
		return 0;
	default:
		return 0;
	}
}

static void
place_of_offset(const char *text, size_t len, size_t offset, yaml_mark_t *at)
{
	memset(at, 0, sizeof(*at));
	for (size_t i = 0; i < offset && i < len; i++) {
		at->column++;
		if (text[i] == '\n') {
			at->line++;
			at->column = 0;
		}
	}
}

static bool
line_has_address(const char *text, size_t len, size_t line)
{
	const char *p = text;
	const char *end = text + len;

	while (line-- && (p = memchr(p, '\n', (size_t)(end - p))))
		p++;
	if (!p)
		return false;
	if (memchr(p, '\n', (size_t)(end - p)))
		end = memchr(p, '\n', (size_t)(end - p));
	return memmem(p, (size_t)(end - p), "::", 2) != NULL;
}

static int
syntax_error(struct build *b, const yaml_parser_t *p, const char *text, size_t len)
{
	yaml_mark_t at = p->problem_mark;
	const char *hint = "";

	if (p->error == YAML_MEMORY_ERROR)
		return -ENOMEM;
	if (p->error == YAML_READER_ERROR) // such an error has an offset instead of a mark
		place_of_offset(text, len, p->problem_offset, &at);
	else if (line_has_address(text, len, at.line))
		hint = "; inside [] and {} put an address that begins or ends with : in quotes";
	fail(b, &at, "");
	return err_set(&b->error->err, -EINVAL, "no valid YAML: %s%s%s%s",
		p->context ? p->context : "", p->context ? ", " : "",
		p->problem ? p->problem : "unknown problem", hint);
}

static int
take_events(struct build *b, yaml_parser_t *p, const char *text, size_t len)
{
	for (;;) {
		yaml_event_t ev;
		bool end;
		int rc;

		if (!yaml_parser_parse(p, &ev))
			return syntax_error(b, p, text, len);
		rc = take_event(b, &ev);
		end = ev.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&ev);
		if (rc || end)
			return rc;
	}
}

int
tree_parse(struct tree *t, const char *text, size_t len, struct tree_error *e)
{
	struct build b = {.tree = t, .error = e};
	yaml_mark_t start = {0};
	yaml_parser_t parser;
	int rc;

	memset(t, 0, sizeof(*t));
	memset(e, 0, sizeof(*e));
	if (len > TREE_BYTES)
		return fail(&b, &start, "longer than 256 KiB");
	if (!yaml_parser_initialize(&parser))
		return -ENOMEM;
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	rc = take_events(&b, &parser, text, len);
	yaml_parser_delete(&parser);
	return rc;
}

void
tree_free(struct tree *t)
{
	while (t->all) {
		struct tree_node *n = t->all;

		t->all = n->all;
		free(n);
	}
	t->root = NULL;
}
