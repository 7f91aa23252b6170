// SPDX-License-Identifier: BSD-3-Clause
// Every command against a gateway with real state.
#include "answer.h"

#include <rte_string_fns.h>

static void
every_command_answers(void **state)
{
	fake_sessions(gw, 0, 1, 3);
	fake_tcp_session(gw, 1, 2);
	for (unsigned int i = 0; i < cli_n_commands; i++) {
		enum cli_after after;
		char *text;

		json_decref(ask(cli_commands[i].words));
		assert_int_equal(cli_execute(gw, cli_commands[i].words, &text, &after), 0);
		assert_null(strchr(text, '\033'));
		assert_int_equal(after, cli_commands[i].after);
		free(text);
	}
	// The table is data: running a command does nothing to the process.
	assert_false(gw->stop);
}

static void
sessions_are_listed(void **state)
{
	json_t *doc, *s;

	fake_tcp_session(gw, 1, 2);
	doc = ask("show nat64 sessions");
	assert_int_equal(number(doc, "shown"), 1);
	assert_int_equal(number(doc, "total"), 1);
	s = row(doc, "sessions", 0);
	assert_string_equal(string(s, "proto"), "tcp");
	assert_string_equal(string(s, "client"), "[2001:db8:1::2]:40000");
	assert_string_equal(string(s, "pref64"), "64:ff9b::/96");
	assert_string_equal(string(s, "remote"), "198.51.100.7:443");
	assert_memory_equal(string(s, "pool"), "203.0.113.5:", 12);
	assert_string_equal(string(s, "state"), "V6_INIT");
	assert_int_equal(number(s, "expires_in"), 290);
	assert_int_equal(number(s, "worker"), 1);
	json_decref(doc);
}

static void
sessions_are_filtered_and_counted(void **state)
{
	static const struct {
		const char *filter;
		json_int_t shown, total;
	} rows[] = {
		{"", 100, 551},
		{"limit 7", 7, 551},
		{"limit 550", 550, 551},
		{"limit 1000", 551, 551},
		{"client 2001:db8:1::1", 100, 500},
		{"client 2001:db8:1::2", 51, 51},
		{"client 2001:db8:1::2 proto tcp", 1, 1},
		{"proto udp client 2001:db8:1::/126 limit 600", 550, 550},
		{"proto icmp", 0, 0},
		{"client 2001:db8:2::/48", 0, 0},
	};

	fake_sessions(gw, 0, 1, 500);
	fake_sessions(gw, 1, 2, 50);
	fake_tcp_session(gw, 1, 2);
	for (unsigned int i = 0; i < RTE_DIM(rows); i++) {
		char line[128];
		json_t *doc;

		snprintf(line, sizeof(line), "show nat64 sessions %s", rows[i].filter);
		doc = ask(line);
		assert_int_equal(number(doc, "shown"), rows[i].shown);
		assert_int_equal(number(doc, "total"), rows[i].total);
		assert_int_equal(json_array_size(json_object_get(doc, "sessions")), rows[i].shown);
		json_decref(doc);
	}
	assert_text("show nat64 sessions", 0, "100 of 551 shown; limit N shows more\n");
}

static void
sessions_are_ended(void **state)
{
	json_t *doc;

	fake_sessions(gw, 0, 1, 200);
	fake_sessions(gw, 1, 2, 50);
	fake_tcp_session(gw, 1, 2);
	doc = ask("clear nat64 sessions client 2001:db8:1::2 proto udp");
	assert_int_equal(number(doc, "sessions_ended"), 50);
	json_decref(doc);
	doc = ask("show nat64 bib");
	assert_int_equal(number(doc, "total"), 2);
	assert_int_equal(number(row(doc, "bib", 0), "sessions"), 200);
	json_decref(doc);
	doc = ask("clear nat64 sessions");
	assert_int_equal(number(doc, "sessions_ended"), 201);
	json_decref(doc);
	doc = ask("show nat64 stats");
	assert_int_equal(number(doc, "sessions"), 0);
	assert_int_equal(number(row(doc, "protocols", 1), "ended"), 250);
	json_decref(doc);
}

static void
pool_adds_up_over_workers(void **state)
{
	json_t *doc, *p;

	fake_sessions(gw, 0, 1, 3);
	fake_sessions(gw, 1, 2, 3);
	fake_tcp_session(gw, 1, 2);
	doc = ask("show nat64 pool");
	assert_int_equal(number(doc, "total"), 1);
	p = row(doc, "pool", 0);
	assert_string_equal(string(p, "address"), "203.0.113.5");
	assert_string_equal(string(p, "ports"), "1024-65535");
	assert_int_equal(number(p, "capacity"), 64512);
	assert_int_equal(number(p, "udp"), 2);
	assert_int_equal(number(p, "tcp"), 1);
	assert_int_equal(number(p, "clients"), 2);
	assert_int_equal(number(p, "resting"), 0);
	assert_int_equal(number(p, "percent"), 0);
	assert_int_equal(number(p, "alarms"), 0);
	json_decref(doc);
}

// N64-DOS-02: of all workers together; who was refused comes first.
static void
n64_dos_02_subscribers_add_up_over_workers(void **state)
{
	json_t *doc, *p;

	fake_sessions(gw, 0, 0x300, 30);
	fake_refused(gw, 0, 0x100, 3);
	fake_refused(gw, 1, 0x1ff, 2);
	fake_sessions(gw, 1, 0x200, 9);
	doc = ask("show nat64 subscribers");
	assert_int_equal(number(doc, "total"), 3);
	p = row(doc, "subscribers", 0);
	assert_string_equal(string(p, "subscriber"), "2001:db8:1::100/120");
	assert_int_equal(number(p, "sessions"), FAKE_QUOTA_BINDINGS);
	assert_int_equal(number(p, "bindings"), FAKE_QUOTA_BINDINGS);
	assert_int_equal(number(p, "clients"), 2);
	assert_int_equal(number(p, "refused_sessions"), 0);
	assert_int_equal(number(p, "refused_bindings"), 5);
	assert_int_equal(number(p, "refused_rate"), 0);
	p = row(doc, "subscribers", 1);
	assert_string_equal(string(p, "subscriber"), "2001:db8:1::300/120");
	assert_int_equal(number(p, "sessions"), 30);
	p = row(doc, "subscribers", 2);
	assert_string_equal(string(p, "subscriber"), "2001:db8:1::200/120");
	assert_int_equal(number(p, "sessions"), 9);
	json_decref(doc);
	doc = ask("show nat64 subscribers limit 1");
	assert_int_equal(number(doc, "shown"), 1);
	assert_int_equal(number(doc, "total"), 3);
	json_decref(doc);
}

static void
neighbors_are_listed_and_forgotten(void **state)
{
	json_t *doc, *n;

	doc = ask("show neighbors port wan");
	assert_int_equal(number(doc, "total"), 1);
	n = row(doc, "neighbors", 0);
	assert_string_equal(string(n, "address"), "198.18.0.1");
	assert_string_equal(string(n, "mac"), "02:00:00:00:00:07");
	assert_string_equal(string(n, "state"), neigh_state_name[NEIGH_STALE]);
	json_decref(doc);
	doc = ask("show neighbors port lan");
	n = row(doc, "neighbors", 0);
	assert_string_equal(string(n, "address"), "2001:db8:1::77");
	assert_true(json_is_null(json_object_get(n, "mac")));
	json_decref(doc);
	doc = ask("clear neighbors");
	assert_int_equal(number(doc, "neighbors_removed"), 1);
	json_decref(doc);
	assert_text("show neighbors port wan", 0, "neighbors: none\n");
	doc = ask("show neighbors port lan"); // it is being resolved anyway
	assert_int_equal(number(doc, "total"), 1);
	json_decref(doc);
}

static void
fill_cache(void)
{
	struct dns64 *d = fake_dns64(gw);

	d->n_row = FAKE_CACHE_ROWS;
	for (unsigned int i = 0; i < d->n_row; i++) {
		d->row[i] = (struct dns64_cache_row){.qtype = 28, .ttl = i, .records = 2};
		snprintf(d->row[i].name, sizeof(d->row[i].name), "host%u.example.com.", i);
	}
	rte_strlcpy(d->row[0].name, "Example.com", sizeof(d->row[0].name));
	rte_strlcpy(d->row[1].name, "notexample.com", sizeof(d->row[1].name));
	rte_strlcpy(d->row[2].name, "evil\033[2J.test", sizeof(d->row[2].name));
	d->row[2].qtype = 4711;
	d->row[2].rcode = 3;
	d->row[2].negative = true;
}

static void
cache_is_listed(void **state)
{
	json_t *doc;

	fill_cache();
	doc = ask("show dns64 cache");
	assert_int_equal(number(doc, "shown"), 100);
	assert_int_equal(number(doc, "total"), FAKE_CACHE_ROWS);
	assert_string_equal(string(row(doc, "cache", 0), "type"), "AAAA");
	assert_string_equal(string(row(doc, "cache", 2), "name"), "evil?[2J.test");
	assert_string_equal(string(row(doc, "cache", 2), "type"), "TYPE4711");
	assert_string_equal(string(row(doc, "cache", 2), "rcode"), "NXDOMAIN");
	json_decref(doc);
	doc = ask("show dns64 cache name eXample.com. limit 1000");
	assert_int_equal(number(doc, "total"), FAKE_CACHE_ROWS - 2);
	json_decref(doc);
	doc = ask("show dns64 cache name host7.example.com");
	assert_int_equal(number(doc, "total"), 1);
	json_decref(doc);
	assert_text("clear dns64 cache", 0, "");
	assert_text("show dns64 cache", 0, "cache: none\n");
}

static void
dns64_counters_are_shown_and_cleared(void **state)
{
	json_t *doc;

	fake_dns64(gw)->stats.queries = 42;
	doc = ask("show dns64 stats");
	assert_string_equal(string(row(doc, "counters", 0), "counter"), "queries");
	assert_int_equal(number(row(doc, "counters", 0), "count"), 42);
	assert_string_equal(string(row(doc, "upstreams", 0), "server"), "198.18.0.53:53");
	json_decref(doc);
	assert_text("clear counters", 0, "");
	doc = ask("show dns64 stats");
	assert_int_equal(number(row(doc, "counters", 0), "count"), 0);
	json_decref(doc);
}

static void
ports_are_shown(void **state)
{
	json_t *doc = ask("show port info"), *p = row(doc, "ports", 1);

	assert_int_equal(json_array_size(json_object_get(doc, "ports")), 2);
	assert_string_equal(string(p, "port"), "wan");
	assert_string_equal(string(p, "role"), "wan");
	assert_string_equal(string(p, "mac"), "02:00:00:00:00:01");
	assert_string_equal(string(p, "gateway4"), "198.18.0.1");
	assert_non_null(json_object_get(p, "link"));
	assert_string_equal(string(p, "wake"), "none");
	json_decref(doc);
	doc = ask("show port stats port lan");
	assert_int_equal(json_array_size(json_object_get(doc, "ports")), 1);
	assert_non_null(json_object_get(row(doc, "ports", 0), "rx_missed"));
	json_decref(doc);
	gw->port[0].ethdev = 77;
	assert_text("show port stats", -ENODEV, "error: port lan: no counters: ");
	assert_text("show port info", 0, "link:        -\n");
}

static void
help_finds_commands(void **state)
{
	json_t *doc = ask("help");

	assert_int_equal(json_array_size(json_object_get(doc, "commands")), cli_n_commands);
	json_decref(doc);
	doc = ask("help show nat64");
	assert_int_equal(json_array_size(json_object_get(doc, "commands")), 5);
	json_decref(doc);
	assert_text("help show nat64 bib", 0, "limit N");
	assert_text("help nonsense", -ENOENT, "error: no command begins with 'nonsense'");
}

static void
stopped_lcores_are_an_error(void **state)
{
	fake_lcores_stop(gw);
	assert_text("show nat64 sessions", -ESHUTDOWN, "error: worker 0 has stopped\n");
	assert_text("clear nat64 sessions", -ESHUTDOWN, "worker 0 has stopped");
	assert_text("show neighbors", -ESHUTDOWN, "worker 0 has stopped");
	assert_text("show dns64 cache", -ESHUTDOWN, "the DNS64 lcore has stopped");
	// counters need no answer
	assert_text("show drops", 0, "received:");
}

static void
the_last_run_is_told(void **state)
{
	struct restart *r = fake_restart();
	json_t *doc;

	assert_text("show restart", 0, "no file");
	r->outcome = RESTART_REFUSED;
	rte_strlcpy(r->why, "its header is damaged", sizeof(r->why));
	rte_strlcpy(gw->boot.state_file, "/x/y.state", sizeof(gw->boot.state_file));
	doc = ask("show restart");
	assert_string_equal(string(doc, "state_file"), "/x/y.state");
	assert_string_equal(string(doc, "result"), "refused");
	assert_string_equal(string(doc, "reason"), "its header is damaged");
	json_decref(doc);
	*r = (struct restart){.outcome = RESTART_RESTORED,
		.saved_sec = 1800000000,
		.passed_sec = 7,
		.report = {.sessions = 5, .resting = 3, .left = {[SNAPSHOT_POOL] = 2}}};
	doc = ask("show restart");
	assert_string_equal(string(doc, "saved"), "2027-01-15T08:00:00Z");
	assert_int_equal(number(doc, "down_sec"), 7);
	assert_int_equal(number(doc, "sessions"), 5);
	assert_int_equal(number(doc, "resting_ports"), 3);
	assert_int_equal(json_array_size(json_object_get(doc, "not_restored")), 1);
	assert_int_equal(number(row(doc, "not_restored", 0), "sessions"), 2);
	json_decref(doc);
}

static void
dns64_off_is_said(void **state)
{
	struct dns_lcore *dns = gw->dns;

	gw->dns = NULL;
	assert_text("show dns64 stats", -ENOENT, "error: DNS64 is off");
	assert_text("clear counters", 0, "");
	gw->dns = dns;
}

static void
reload_says_what_it_did(void **state)
{
	json_t *doc;

	fake_reload = FAKE_RELOAD_NOTHING;
	assert_text("reload", 0, "the file says nothing new");
	fake_reload = FAKE_RELOAD_DONE;
	doc = ask("reload");
	assert_string_equal(json_string_value(json_object_get(doc, "result")), "reloaded");
	assert_int_equal(json_array_size(json_object_get(doc, "changed")), 2);
	json_decref(doc);
	fake_reload = FAKE_RELOAD_REFUSED;
	assert_text("reload", -EINVAL, "fake.yaml: ports: needs a restart");
	assert_text("reload json", -EINVAL, "\"problems\": [");
	fake_reload = FAKE_RELOAD_NOTHING;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(every_command_answers),
		T(sessions_are_listed),
		T(sessions_are_filtered_and_counted),
		T(sessions_are_ended),
		T(pool_adds_up_over_workers),
		T(n64_dos_02_subscribers_add_up_over_workers),
		T(neighbors_are_listed_and_forgotten),
		T(cache_is_listed),
		T(dns64_counters_are_shown_and_cleared),
		T(ports_are_shown),
		T(help_finds_commands),
		T(stopped_lcores_are_an_error),
		T(the_last_run_is_told),
		T(dns64_off_is_said),
		T(reload_says_what_it_did),
	};

	fake_eal();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
