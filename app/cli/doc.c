// SPDX-License-Identifier: BSD-3-Clause
#include "app/cli/doc.h"

#include "addr/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

void
doc_clean(char *text)
{
	for (; *text != '\0'; text++) {
		if (*text < ' ' || *text > '~')
			*text = '?';
	}
}

json_t *
doc_text(const char *text)
{
	char *copy = strdup(text);
	json_t *j;

	if (!copy)
		return NULL;
	doc_clean(copy);
	j = json_string(copy);
	free(copy);
	return j;
}

json_t *
doc_addr6(const struct in6_addr *a)
{
	char buf[ADDR_TEXT_LEN];

	return json_string(addr6_text(a, buf));
}

json_t *
doc_prefix6(const struct prefix6 *p)
{
	struct prefix4 p4 = {.addr = addr_unmap4(&p->addr), .len = (uint8_t)(p->len - 96)};
	char buf[PREFIX_TEXT_LEN];

	if (addr_is_mapped4(&p->addr) && p->len >= 96)
		return json_string(prefix4_text(&p4, buf));
	return json_string(prefix6_text(p, buf));
}

json_t *
doc_addr4(rte_be32_t a)
{
	char buf[ADDR_TEXT_LEN];

	return json_string(addr4_text((struct in_addr){a}, buf));
}

json_t *
doc_endpoint6(const struct in6_addr *a, uint16_t port)
{
	char buf[ADDR_TEXT_LEN];

	if (addr_is_mapped4(a))
		return doc_endpoint4(addr_unmap4(a).s_addr, port);
	return json_sprintf("[%s]:%u", addr6_text(a, buf), port);
}

json_t *
doc_endpoint4(rte_be32_t a, uint16_t port)
{
	char buf[ADDR_TEXT_LEN];

	return json_sprintf("%s:%u", addr4_text((struct in_addr){a}, buf), port);
}

const char *
doc_proto(uint8_t proto)
{
	switch (proto) {
	case IPPROTO_TCP:
		return "tcp";
	case IPPROTO_UDP:
		return "udp";
	case IPPROTO_ICMP:
		return "icmp";
	default:
		return "?";
	}
}

static int
no_memory(struct err *err)
{
	return err_set(err, -ENOMEM, "not enough memory for the answer");
}

int
doc_set(json_t *doc, const char *key, json_t *value, struct err *err)
{
	return json_object_set_new(doc, key, value) == 0 ? 0 : no_memory(err);
}

int
doc_append(json_t *array, json_t *value, struct err *err)
{
	return json_array_append_new(array, value) == 0 ? 0 : no_memory(err);
}

int
doc_set_count(json_t *doc, const char *key, uint64_t n, struct err *err)
{
	return doc_set(doc, key, json_integer((json_int_t)n), err);
}

int
doc_update(json_t *doc, json_t *from, struct err *err)
{
	return json_object_update_new(doc, from) == 0 ? 0 : no_memory(err);
}

int
doc_list_init(struct doc_list *l, size_t row_size, uint32_t max, struct err *err)
{
	*l = (struct doc_list){.row_size = row_size, .max = max};
	l->rows = calloc(max, row_size);
	return l->rows ? 0 : no_memory(err);
}

void
doc_list_fini(struct doc_list *l)
{
	free(l->rows);
}

int
doc_set_list(json_t *doc, const char *key, const struct doc_list *l,
	json_t *(*to_json)(const void *row, const struct gateway *gw), const struct gateway *gw,
	struct err *err)
{
	json_t *array = json_array();
	int rc = doc_set(doc, key, array, err);

	for (uint32_t i = 0; i < l->n && rc == 0; i++)
		rc = doc_append(array, to_json((char *)l->rows + i * l->row_size, gw), err);
	if (rc == 0)
		rc = doc_set_count(doc, "shown", l->n, err);
	if (rc == 0)
		rc = doc_set_count(doc, "total", l->total, err);
	return rc;
}
