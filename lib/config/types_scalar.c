// SPDX-License-Identifier: BSD-3-Clause
// Numbers, words and names.
#include "config/schema.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

// False unless text is decimal digits only and fits.
static bool
read_number(const char *text, unsigned long long *out)
{
	size_t len = strlen(text);

	if (len == 0 || len > 18 || strspn(text, "0123456789") != len)
		return false;
	*out = strtoull(text, NULL, 10);
	return true;
}

static void
store(struct setting *s, unsigned long long v)
{
	uint8_t v8 = (uint8_t)v;
	uint16_t v16 = (uint16_t)v;
	uint32_t v32 = (uint32_t)v;

	switch (s->key->size) {
	case 1:
		memcpy(s->field, &v8, 1);
		break;
	case 2:
		memcpy(s->field, &v16, 2);
		break;
	default:
		memcpy(s->field, &v32, 4);
		break;
	}
}

static const char *
parse_number(struct setting *s, const char *text)
{
	unsigned long long v;

	if (!read_number(text, &v))
		return "is not a number";
	if (v < s->key->min || v > s->key->high)
		return "is out of range";
	store(s, v);
	return NULL;
}

static void
describe_number(const struct config_key *k, char *buf, size_t len)
{
	snprintf(buf, len, "%llu to %llu%s%s", k->min, k->high, k->unit ? " " : "",
		k->unit ? k->unit : "");
}

const struct config_type config_type_number = {.parse = parse_number, .describe = describe_number};

static const char *
parse_cpu(struct setting *s, const char *text)
{
	if (strcmp(text, "auto"))
		return parse_number(s, text);
	if (s->key->kind == KEY_VALUES)
		return "is no number of a CPU";
	store(s, (unsigned long long)CONFIG_CPU_AUTO);
	return NULL;
}

static void
describe_cpu(const struct config_key *k, char *buf, size_t len)
{
	snprintf(buf, len,
		k->word ? "CPU numbers from 0 to %llu, or the word %s"
			: "a CPU number from 0 to %llu, or auto",
		k->high, k->word);
}

const struct config_type config_type_cpu = {.parse = parse_cpu, .describe = describe_cpu};

static const char *
parse_choice(struct setting *s, const char *text)
{
	for (unsigned int i = 0; i < N(s->key->choices) && s->key->choices[i]; i++) {
		if (!strcmp(text, s->key->choices[i])) {
			store(s, i);
			return NULL;
		}
	}
	return "is not known here";
}

static void
describe_choice(const struct config_key *k, char *buf, size_t len)
{
	size_t n = 0;

	for (unsigned int i = 0; i < N(k->choices) && k->choices[i] && n < len; i++)
		n += (size_t)snprintf(buf + n, len - n, "%s%s", i ? ", " : "", k->choices[i]);
}

const struct config_type config_type_choice = {.parse = parse_choice, .describe = describe_choice};

// An entry of a list each, a bit each of the key's field.
static const char *
parse_flags(struct setting *s, const char *text)
{
	uint32_t *flags = (uint32_t *)((char *)s->base + s->key->offset);

	for (unsigned int i = 0; i < N(s->key->choices) && s->key->choices[i]; i++) {
		if (!strcmp(text, s->key->choices[i])) {
			*flags |= 1u << i;
			return NULL;
		}
	}
	return "is not known here";
}

const struct config_type config_type_flags = {.parse = parse_flags, .describe = describe_choice};

static const char *
parse_bool(struct setting *s, const char *text)
{
	if (strcmp(text, "true") && strcmp(text, "false"))
		return "is not a truth value";
	store(s, text[0] == 't');
	return NULL;
}

const struct config_type config_type_bool = {.what = "true, false", .parse = parse_bool};

static bool
is_name(const char *s)
{
	for (const char *p = s; *p; p++) {
		bool first = p == s;

		if (!isascii(*p) || (!isalnum(*p) && (first || !strchr("._-", *p))))
			return false;
	}
	return true;
}

static const char *
copy_text(struct setting *s, char *out, size_t size, const char *text)
{
	if (strlen(text) >= size)
		return "is too long";
	memcpy(out, text, strlen(text) + 1);
	return NULL;
}

static const char *
parse_name(struct setting *s, const char *text)
{
	if (!is_name(text))
		return "is no name";
	return copy_text(s, s->field, s->key->size, text);
}

static void
describe_name(const struct config_key *k, char *buf, size_t len)
{
	snprintf(buf, len, "up to %zu letters, digits and . _ -", k->size - 1);
}

const struct config_type config_type_name = {.parse = parse_name, .describe = describe_name};

static const char *
parse_text(struct setting *s, const char *text)
{
	return copy_text(s, s->field, s->key->size, text);
}

static void
describe_text(const struct config_key *k, char *buf, size_t len)
{
	snprintf(buf, len, "up to %zu bytes of text", k->size - 1);
}

const struct config_type config_type_text = {.parse = parse_text, .describe = describe_text};

static const char *
parse_socket(struct setting *s, const char *text)
{
	if (*text && *text != '/')
		return "is no absolute path";
	return copy_text(s, s->field, s->key->size, text);
}

static void
describe_socket(const struct config_key *k, char *buf, size_t len)
{
	snprintf(buf, len, "an absolute path of up to %zu bytes", k->size - 1);
}

static const char *
parse_state_file(struct setting *s, const char *text)
{
	return parse_socket(s, strcmp(text, "none") ? text : "");
}

static void
describe_state_file(const struct config_key *k, char *buf, size_t len)
{
	snprintf(buf, len, "none, or an absolute path of up to %zu bytes", k->size - 1);
}

const struct config_type config_type_state_file = {
	.parse = parse_state_file, .describe = describe_state_file};

const struct config_type config_type_socket = {.parse = parse_socket, .describe = describe_socket};

// Index of the port, UINT_MAX for the empty default.
static const char *
parse_port_ref(struct setting *s, const char *text)
{
	const struct config *c = s->config;

	if (*text == '\0') {
		store(s, UINT32_MAX);
		return NULL;
	}
	for (unsigned int i = 0; i < c->n_port; i++) {
		if (!strcmp(c->port[i].name, text)) {
			store(s, i);
			return NULL;
		}
	}
	return "is no port of this file";
}

const struct config_type config_type_port_ref = {
	.what = "the name of an entry of ports", .parse = parse_port_ref};

// first-last, or one port; written to two uint16_t in a row.
static const char *
parse_port_range(struct setting *s, const char *text)
{
	const char *dash = strchr(text, '-');
	unsigned long long first, last;
	uint16_t range[2];
	char head[8];

	if (dash && (size_t)(dash - text) < sizeof(head))
		snprintf(head, sizeof(head), "%.*s", (int)(dash - text), text);
	else
		snprintf(head, sizeof(head), "%.7s", text);
	if (!read_number(head, &first) || !read_number(dash ? dash + 1 : text, &last))
		return "is no range of ports";
	if (first < 1 || last > 65535)
		return "is out of range";
	if (first > last)
		return "begins after its end";
	range[0] = (uint16_t)first;
	range[1] = (uint16_t)last;
	memcpy(s->field, range, sizeof(range));
	return NULL;
}

_Static_assert(offsetof(struct config_pool4, port_last) ==
		       offsetof(struct config_pool4, port_first) + sizeof(uint16_t),
	"parse_port_range");
_Static_assert(offsetof(struct config_static, port_last) ==
		       offsetof(struct config_static, port_first) + sizeof(uint16_t),
	"parse_port_range");
_Static_assert(offsetof(struct config_dns64, port_last) ==
		       offsetof(struct config_dns64, port_first) + sizeof(uint16_t),
	"parse_port_range");

const struct config_type config_type_port_range = {
	.what = "a port, or a range such as 1024-65535, within 1-65535", .parse = parse_port_range};

// Writes both fields that the key stands for.
static const char *
parse_mss(struct setting *s, const char *text)
{
	struct config_nat64 *c = &((struct config *)s->base)->nat64;
	unsigned long long v = 0;

	if (strcmp(text, "auto") && strcmp(text, "off")) {
		if (!read_number(text, &v))
			return "is not known here";
		if (v < s->key->min || v > s->key->high)
			return "is out of range";
	}
	c->mss_clamp = strcmp(text, "off") != 0;
	c->mss_max = (uint16_t)v;
	return NULL;
}

static void
describe_mss(const struct config_key *k, char *buf, size_t len)
{
	snprintf(buf, len, "auto, off, or %llu to %llu %s", k->min, k->high, k->unit);
}

const struct config_type config_type_mss = {.parse = parse_mss, .describe = describe_mss};

static const char *
parse_octet(struct setting *s, const char *text)
{
	struct config_octet o = {.lost = 0};
	unsigned long long v;

	if (strcmp(text, "copy")) {
		if (!read_number(text, &v))
			return "is not known here";
		if (v > s->key->high)
			return "is out of range";
		o = (struct config_octet){.lost = 0xff, .set = (uint8_t)v};
	}
	memcpy(s->field, &o, sizeof(o));
	return NULL;
}

static void
describe_octet(const struct config_key *k, char *buf, size_t len)
{
	snprintf(buf, len, "copy, or %llu to %llu", k->min, k->high);
}

const struct config_type config_type_octet = {.parse = parse_octet, .describe = describe_octet};

// A bit of struct config_static.protocols.
static const char *
parse_static_proto(struct setting *s, const char *text)
{
	static const char *const name[] = {
		[STATIC_TCP] = "tcp", [STATIC_UDP] = "udp", [STATIC_ICMP] = "icmp"};
	struct config_static *e = s->base;

	for (unsigned int i = 0; i < STATIC__N; i++) {
		if (strcmp(text, name[i]))
			continue;
		e->protocols |= (uint8_t)(1 << i);
		s->field = &e->protocols;
		return NULL;
	}
	return "is not known here";
}

const struct config_type config_type_static_proto = {
	.what = "tcp, udp, icmp", .parse = parse_static_proto};
