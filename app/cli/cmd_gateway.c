// SPDX-License-Identifier: BSD-3-Clause
// show version, show config, show routes, help, quit, stop
#include "app/cli/commands.h"
#include "app/cli/doc.h"

#include <rte_version.h>
#include <time.h>
#include <unistd.h>

static uint64_t
uptime_sec(const struct gateway *gw)
{
	struct timespec ts;
	uint64_t now;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	now = (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
	return now > gw->start_ns ? (now - gw->start_ns) / 1000000000 : 0;
}

CLI_HANDLER(cmd_show_version)
{
	return doc_update(doc,
		json_pack("{s:s, s:s, s:o, s:i, s:I, s:b, s:i, s:b}", "gate64", GATE64_VERSION,
			"dpdk", rte_version(), "name", doc_text(gw->boot.name), "pid",
			(int)getpid(), "uptime_sec", (json_int_t)uptime_sec(gw), "hugepages",
			gw->hugepages, "workers", (int)gw->n_worker, "dns64", gw->dns != NULL),
		err);
}

static json_t *
pref64_list(const struct config_nat64 *n)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < n->n_prefix; i++) {
		struct prefix6 p = {.addr = n->prefix[i].prefix, .len = n->prefix[i].len};

		doc_append(list, doc_prefix6(&p), NULL);
	}
	return list;
}

static json_t *
pool4_list(const struct config_nat64 *n)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < n->n_pool4; i++) {
		const struct config_pool4 *p = &n->pool4[i];

		if (p->port_first > p->port_last) // for static bindings only
			continue;
		doc_append(list,
			json_pack("{s:o, s:o, s:i, s:i}", "first", doc_addr4(p->first.s_addr),
				"last", doc_addr4(p->last.s_addr), "port_first", p->port_first,
				"port_last", p->port_last),
			NULL);
	}
	return list;
}

static json_t *
static_list(const struct config_nat64 *n)
{
	static const char *const name[] = {"tcp", "udp", "icmp"};
	json_t *list = json_array();

	for (unsigned int i = 0; i < n->n_static; i++) {
		const struct config_static *s = &n->statics[i];
		json_t *protocols = json_array();

		for (unsigned int k = 0; k < STATIC__N; k++)
			if (s->protocols >> k & 1)
				doc_append(protocols, json_string(name[k]), NULL);
		doc_append(list,
			json_pack("{s:o, s:o, s:i, s:i, s:o, s:i}", "protocols", protocols,
				"address", doc_addr4(s->address.s_addr), "port_first",
				s->port_first, "port_last", s->port_last, "client",
				doc_addr6(&s->client), "client_port", s->client_port),
			NULL);
	}
	return list;
}

static json_t *
listen_list(const struct config_dns64 *d)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < d->n_listen; i++)
		doc_append(list, doc_addr6(&d->listen[i]), NULL);
	return list;
}

static json_t *
upstream_list(const struct config_dns64 *d)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < d->n_upstream; i++)
		doc_append(list, doc_endpoint6(&d->upstream[i].addr, d->upstream[i].port), NULL);
	return list;
}

static json_t *
allow_list(const struct config_dns64 *d)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < d->n_allow; i++)
		doc_append(list, doc_prefix6(&d->allow[i]), NULL);
	return list;
}

static json_t *
nat64_config(const struct config_nat64 *n)
{
	static const char *const allow[] = {
		[WKP_ALLOW_NONE] = "none",
		[WKP_ALLOW_PRIVATE] = "private",
		[WKP_ALLOW_ALL] = "all",
	};
	static const char *const filtering[] = {
		[FILTERING_ADDRESS] = "address",
		[FILTERING_ENDPOINT] = "endpoint",
		[FILTERING_ADDRESS_PORT] = "address_port",
	};

	return json_pack(
		"{s:o, s:s, s:s, s:b, s:I, s:I, s:i, s:I, s:{s:I, s:I, s:I, s:I, s:I}, s:o, "
		"s:o}",
		"prefixes", pref64_list(n), "wkp_allow", allow[n->wkp_allow], "filtering",
		filtering[n->filtering], "hairpinning", n->hairpinning, "max_sessions",
		(json_int_t)n->max_sessions, "max_bib", (json_int_t)n->max_bib, "lowest_ipv6_mtu",
		n->lowest_ipv6_mtu, "icmp_error_rate", (json_int_t)n->icmp_error_rate, "timeouts",
		"udp", (json_int_t)n->timeout[TIMEOUT_UDP], "icmp",
		(json_int_t)n->timeout[TIMEOUT_ICMP], "tcp_transitory",
		(json_int_t)n->timeout[TIMEOUT_TCP_TRANSITORY], "tcp_established",
		(json_int_t)n->timeout[TIMEOUT_TCP_ESTABLISHED], "tcp_syn",
		(json_int_t)n->timeout[TIMEOUT_TCP_SYN], "pool4", pool4_list(n), "static",
		static_list(n));
}

CLI_HANDLER(cmd_show_config)
{
	const struct config_dns64 *d = &gw->plan->config.dns64;
	int rc = doc_update(doc,
		json_pack("{s:o, s:o, s:o}", "name", doc_text(gw->boot.name), "cli_socket",
			doc_text(gw->boot.cli.socket), "nat64",
			nat64_config(&gw->plan->config.nat64)),
		err);

	if (rc != 0 || !gw->dns)
		return rc;
	return doc_set(doc, "dns64",
		json_pack("{s:o, s:o, s:o, s:I, s:I, s:I, s:I}", "listen", listen_list(d),
			"upstreams", upstream_list(d), "allow", allow_list(d), "cache_entries",
			(json_int_t)d->cache_entries, "timeout_ms", (json_int_t)d->timeout_ms,
			"tries", (json_int_t)d->tries, "max_pending", (json_int_t)d->max_pending),
		err);
}

static json_t *
route_json(const struct gateway *gw, const struct route *r)
{
	bool on_link = IN6_IS_ADDR_UNSPECIFIED(&r->via);

	return json_pack("{s:o, s:o, s:o}", "prefix", doc_prefix6(&r->dst), "via",
		on_link ? json_string("on-link") : doc_addr6(&r->via), "port",
		r->port < gw->n_port ? doc_text(gw->port[r->port].name) : json_null());
}

CLI_HANDLER(cmd_show_routes)
{
	json_t *rows = json_array();
	int rc = doc_set(doc, "routes", rows, err);

	for (unsigned int i = 0; i < gw->plan->routes.n && rc == 0; i++)
		rc = doc_append(rows, route_json(gw, &gw->plan->routes.route[i]), err);
	return rc;
}

static bool
help_matches(const struct cli_command *c, const struct cli_args *args)
{
	const char *w = c->words;

	for (unsigned int i = 0; i < args->n_words; i++) {
		size_t len = strcspn(w, " ");

		if (strlen(args->words[i]) != len || memcmp(args->words[i], w, len) != 0)
			return false;
		w += len + (w[len] == ' ');
	}
	return true;
}

static json_t *
help_options(const struct cli_command *c)
{
	const struct cli_option *const *o = c->options;
	json_t *rows = json_array();

	for (; o && *o; o++)
		doc_append(rows,
			json_pack("{s:o, s:s}", "option",
				(*o)->value ? json_sprintf("%s %s", (*o)->name, (*o)->value)
					    : json_string((*o)->name),
				"help", (*o)->help),
			NULL);
	doc_append(rows,
		json_pack(
			"{s:s, s:s}", "option", cli_option_json.name, "help", cli_option_json.help),
		NULL);
	return rows;
}

CLI_HANDLER(cmd_help)
{
	json_t *rows = json_array();
	const struct cli_command *last = NULL;
	char syntax[128];
	int rc = doc_set(doc, "commands", rows, err);

	for (unsigned int i = 0; i < cli_n_commands && rc == 0; i++) {
		const struct cli_command *c = &cli_commands[i];

		if (!help_matches(c, args))
			continue;
		last = c;
		cli_command_syntax(c, syntax, sizeof(syntax));
		rc = doc_append(
			rows, json_pack("{s:s, s:s}", "command", syntax, "help", c->help), err);
	}
	if (rc == 0 && !last)
		return err_set(err, -ENOENT, "no command begins with '%.64s'; 'help' lists all",
			args->words[0]);
	if (rc == 0 && json_array_size(rows) == 1 && !last->takes_words)
		rc = doc_set(doc, "options", help_options(last), err);
	return rc;
}

CLI_HANDLER(cmd_stop)
{
	return doc_set(doc, "result", json_string("stopping"), err);
}

CLI_HANDLER(cmd_quit)
{
	return 0;
}
