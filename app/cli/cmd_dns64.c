// SPDX-License-Identifier: BSD-3-Clause
// show dns64 stats|cache, clear dns64 cache|stats
#include "app/cli/ask.h"
#include "app/cli/commands.h"
#include "app/cli/doc.h"
#include "dns64/dns64.h"

#include <stdio.h>
#include <strings.h>

struct dns_mail {
	struct mail mail;
	struct dns_lcore *d;
	const struct cli_args *args;
	struct doc_list *rows;
	uint32_t cursor;
	struct dns64_stats stats;
	struct dns64_gauges gauges;
	struct dns64_upstream_row upstream[CONFIG_UPSTREAMS];
	unsigned int n_upstream;
};

static bool
stats_run(void *owner, struct mail *mail)
{
	struct dns_mail *m = (struct dns_mail *)mail;
	const struct dns64 *d = dns_lcore_dns64(m->d);

	m->stats = *dns64_stats(d);
	dns64_gauges(d, &m->gauges);
	while (m->n_upstream < CONFIG_UPSTREAMS &&
		dns64_upstream_row(d, m->n_upstream, &m->upstream[m->n_upstream]))
		m->n_upstream++;
	return true;
}

static int
put_counters(json_t *doc, const struct dns64_stats *s, struct err *err)
{
	const struct {
		const char *name, *text;
		uint64_t count;
	} counters[] = {
#define X(symbol, text) {#symbol, text, s->symbol},
		DNS64_COUNTERS(X)
#undef X
	};
	json_t *rows = json_array();
	int rc = doc_set(doc, "counters", rows, err);

	for (unsigned int i = 0; i < RTE_DIM(counters) && rc == 0; i++)
		rc = doc_append(rows,
			json_pack("{s:s, s:I, s:s}", "counter", counters[i].name, "count",
				(json_int_t)counters[i].count, "explanation", counters[i].text),
			err);
	return rc;
}

static int
put_upstreams(json_t *doc, const struct dns_mail *m, struct err *err)
{
	json_t *rows = json_array();
	int rc = doc_set(doc, "upstreams", rows, err);

	for (unsigned int i = 0; i < m->n_upstream && rc == 0; i++) {
		const struct dns64_upstream_row *u = &m->upstream[i];

		rc = doc_append(rows,
			json_pack("{s:o, s:I, s:I, s:I, s:b}", "server",
				doc_endpoint6(&u->addr, u->port), "queries", (json_int_t)u->queries,
				"answers", (json_int_t)u->answers, "timeouts",
				(json_int_t)u->timeouts, "alive", u->alive),
			err);
	}
	return rc;
}

CLI_HANDLER(cmd_show_dns64_stats)
{
	struct dns_mail m = {.mail.run = stats_run, .d = gw->dns};
	int rc = ask_dns(gw, &m.mail, err);

	if (rc == 0)
		rc = doc_update(doc,
			json_pack("{s:I, s:I, s:I, s:I, s:I}", "cache_entries",
				(json_int_t)m.gauges.cache_entries, "cache_entries_max",
				(json_int_t)m.gauges.cache_capacity, "pending",
				(json_int_t)m.gauges.pending, "pending_max",
				(json_int_t)m.gauges.pending_max, "not_sent",
				(json_int_t)dns_lcore_not_sent(gw->dns)),
			err);
	if (rc == 0)
		rc = put_upstreams(doc, &m, err);
	if (rc == 0)
		rc = put_counters(doc, &m.stats, err);
	return rc;
}

// Presentation form of names of the cache may end in a dot.
static size_t
name_len(const char *name)
{
	size_t len = strlen(name);

	return len > 1 && name[len - 1] == '.' ? len - 1 : len;
}

// The name itself, or one below it.
static bool
name_matches(const char *filter, const char *name)
{
	size_t want = strlen(filter), len = name_len(name);

	if (want == 0 || strcmp(filter, ".") == 0)
		return true;
	if (len < want || strncasecmp(name + len - want, filter, want) != 0)
		return false;
	return len == want || name[len - want - 1] == '.';
}

static void
cache_copy(void *arg, const struct dns64_cache_row *r)
{
	struct dns_mail *m = arg;
	struct dns64_cache_row *row;

	if (!name_matches(m->args->name, r->name))
		return;
	row = doc_list_push(m->rows);
	if (row)
		*row = *r;
}

static bool
cache_run(void *owner, struct mail *mail)
{
	struct dns_mail *m = (struct dns_mail *)mail;

	return !dns64_walk_cache(dns_lcore_dns64(m->d), &m->cursor, MAIL_BUDGET,
		dns_lcore_now_ms(m->d), cache_copy, m);
}

static json_t *
type_json(uint16_t type)
{
	static const struct {
		uint16_t type;
		const char *name;
	} types[] = {
		{1, "A"},
		{2, "NS"},
		{5, "CNAME"},
		{6, "SOA"},
		{12, "PTR"},
		{15, "MX"},
		{16, "TXT"},
		{28, "AAAA"},
		{33, "SRV"},
		{43, "DS"},
		{48, "DNSKEY"},
		{64, "SVCB"},
		{65, "HTTPS"},
		{255, "ANY"},
	};

	for (unsigned int i = 0; i < RTE_DIM(types); i++) {
		if (types[i].type == type)
			return json_string(types[i].name);
	}
	return json_sprintf("TYPE%u", type); // RFC 3597 §5
}

static json_t *
rcode_json(uint8_t rcode)
{
	static const char *const names[] = {
		"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"};

	return rcode < RTE_DIM(names) ? json_string(names[rcode]) : json_sprintf("RCODE%u", rcode);
}

static json_t *
cache_json(const void *row, const struct gateway *gw)
{
	const struct dns64_cache_row *r = row;

	return json_pack("{s:o, s:o, s:o, s:b, s:I, s:i}", "name", doc_text(r->name), "type",
		type_json(r->qtype), "rcode", rcode_json(r->rcode), "negative", r->negative, "ttl",
		(json_int_t)r->ttl, "records", r->records);
}

CLI_HANDLER(cmd_show_dns64_cache)
{
	struct doc_list rows;
	struct dns_mail m = {.mail.run = cache_run, .d = gw->dns, .args = args, .rows = &rows};
	int rc = doc_list_init(&rows, sizeof(struct dns64_cache_row), args->limit, err);

	if (rc == 0)
		rc = ask_dns(gw, &m.mail, err);
	if (rc == 0)
		rc = doc_set_list(doc, "cache", &rows, cache_json, gw, err);
	doc_list_fini(&rows);
	return rc;
}

static bool
clear_cache_run(void *owner, struct mail *mail)
{
	dns64_clear_cache(dns_lcore_dns64(((struct dns_mail *)mail)->d));
	return true;
}

static bool
clear_stats_run(void *owner, struct mail *mail)
{
	dns64_clear_stats(dns_lcore_dns64(((struct dns_mail *)mail)->d));
	return true;
}

CLI_HANDLER(cmd_clear_dns64_cache)
{
	struct dns_mail m = {.mail.run = clear_cache_run, .d = gw->dns};

	return ask_dns(gw, &m.mail, err);
}

CLI_HANDLER(cmd_clear_dns64_stats)
{
	struct dns_mail m = {.mail.run = clear_stats_run, .d = gw->dns};

	return ask_dns(gw, &m.mail, err);
}
