// SPDX-License-Identifier: BSD-3-Clause
// Small helpers to build the document of an answer. Everything that comes from outside goes through
// doc_text: what is not printable ASCII (escape sequences, bad UTF-8) becomes '?'.
#ifndef APP_CLI_DOC_H
#define APP_CLI_DOC_H

#include "app/cli/command.h"

// Cleans text in place.
void doc_clean(char *text);

// NULL when out of memory; json_pack, doc_set and doc_append fail on a NULL value, so only the last
// step has to be checked.
json_t *doc_text(const char *text);
json_t *doc_addr6(const struct in6_addr *a);  // mapped ones as dotted quads
json_t *doc_prefix6(const struct prefix6 *p); // the same, with the length
json_t *doc_addr4(rte_be32_t a);
json_t *doc_endpoint6(const struct in6_addr *a, uint16_t port); // [addr]:port, port in host order
json_t *doc_endpoint4(rte_be32_t a, uint16_t port);
const char *doc_proto(uint8_t proto);

// Take value over. 0 or -ENOMEM.
int doc_set(json_t *doc, const char *key, json_t *value, struct err *err);
int doc_append(json_t *array, json_t *value, struct err *err);
int doc_set_count(json_t *doc, const char *key, uint64_t n, struct err *err);
int doc_update(json_t *doc, json_t *from, struct err *err); // adds all members of from

// Rows gathered on an lcore, at most limit of them; the rest is counted.
struct doc_list {
	void *rows;
	size_t row_size;
	uint32_t n, max;
	uint64_t total;
};

int doc_list_init(struct doc_list *l, size_t row_size, uint32_t max, struct err *err);
void doc_list_fini(struct doc_list *l);

// A zeroed row to fill, or NULL beyond the limit. Does not allocate: for lcores.
static inline void *
doc_list_push(struct doc_list *l)
{
	l->total++;
	return l->n < l->max ? (char *)l->rows + l->row_size * l->n++ : NULL;
}

// Puts the rows as key, and "shown" and "total", into doc.
int doc_set_list(json_t *doc, const char *key, const struct doc_list *l,
	json_t *(*to_json)(const void *row, const struct gateway *gw), const struct gateway *gw,
	struct err *err);

#endif
