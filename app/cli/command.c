// SPDX-License-Identifier: BSD-3-Clause
#include "app/cli/command.h"

#include "app/cli/commands.h"

#include <stdio.h>

#define OPTIONS(...) \
	(const struct cli_option *const[]) \
	{ \
		__VA_ARGS__, NULL \
	}

// No command is the beginning of another.
const struct cli_command cli_commands[] = {
	{"show version", "version, up time, huge pages", cmd_show_version},
	{"show config", "what the gateway was configured to do", cmd_show_config},
	{"show routes", "on-link prefixes, static routes and next hops", cmd_show_routes},
	{"show port info", "ports with their device, link and addresses", cmd_show_port_info,
		OPTIONS(&cli_option_port)},
	{"show port stats", "packets, bytes and errors as the ports count them",
		cmd_show_port_stats, OPTIONS(&cli_option_port)},
	{"show nat64 sessions", "NAT64 sessions, one a row", cmd_show_sessions,
		OPTIONS(&cli_option_client, &cli_option_proto, &cli_option_limit)},
	{"show nat64 bib", "bindings of inside to pool addresses and ports", cmd_show_bib,
		OPTIONS(&cli_option_client, &cli_option_proto, &cli_option_limit)},
	{"show nat64 pool", "IPv4 pool addresses and how many of their ports are in use",
		cmd_show_pool, OPTIONS(&cli_option_limit)},
	{"show nat64 subscribers",
		"who has how much: refused most often first, then with most sessions",
		cmd_show_subscribers, OPTIONS(&cli_option_limit)},
	{"show nat64 stats", "how full the tables are, and what was translated",
		cmd_show_nat64_stats},
	{"show dns64 stats", "DNS64 counters, cache size and upstream servers",
		cmd_show_dns64_stats},
	{"show dns64 cache", "entries of the DNS64 cache", cmd_show_dns64_cache,
		OPTIONS(&cli_option_name, &cli_option_limit)},
	{"show neighbors", "ARP and neighbour discovery entries", cmd_show_neighbors,
		OPTIONS(&cli_option_port, &cli_option_limit)},
	{"show drops", "why packets were dropped, and how many", cmd_show_drops,
		OPTIONS(&cli_option_all)},
	{"show workers", "workers with their CPU, load and share of the work", cmd_show_workers},
	{"show restart", "what is left of the sessions of the last run, and why not more",
		cmd_show_restart},
	{"clear drops", "set the packet and drop counters of the workers to zero", cmd_clear_drops},
	{"clear counters", "set the counters of workers, ports and DNS64 to zero",
		cmd_clear_counters},
	{"clear nat64 sessions", "end sessions, all unless a filter is given", cmd_clear_sessions,
		OPTIONS(&cli_option_client, &cli_option_proto)},
	{"clear neighbors", "forget all neighbours; they are resolved anew", cmd_clear_neighbors},
	{"clear dns64 cache", "empty the DNS64 cache", cmd_clear_dns64_cache},
	{"clear dns64 stats", "set the DNS64 counters to zero", cmd_clear_dns64_stats},
	{"reload", "read the configuration again and apply what changed, all or nothing",
		cmd_reload},
	{"help", "the commands there are; 'help show nat64' says more", cmd_help, NULL, CLI_GO_ON,
		true},
	{"quit", "end this session of the command line", cmd_quit, NULL, CLI_QUIT},
	{"stop", "stop the daemon", cmd_stop, NULL, CLI_STOP},
};
const unsigned int cli_n_commands = RTE_DIM(cli_commands);

void
cli_command_syntax(const struct cli_command *c, char *buf, size_t size)
{
	const struct cli_option *const *o = c->options;
	int n = snprintf(buf, size, "%s%s", c->words, c->takes_words ? " [WORDS]" : "");

	for (; o && *o && n > 0 && (size_t)n < size; o++)
		n += snprintf(buf + n, size - (size_t)n, (*o)->value ? " [%s %s]" : " [%s]",
			(*o)->name, (*o)->value);
}
