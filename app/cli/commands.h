// SPDX-License-Identifier: BSD-3-Clause
// The handlers, one file a noun. Signature and meaning as struct cli_command.run.
#ifndef APP_CLI_COMMANDS_H
#define APP_CLI_COMMANDS_H

#include "app/cli/command.h"

#define CLI_HANDLER(name) \
	int name(struct gateway *gw, const struct cli_args *args, json_t *doc, struct err *err)

CLI_HANDLER(cmd_show_port_info);
CLI_HANDLER(cmd_show_port_stats);
CLI_HANDLER(cmd_show_sessions);
CLI_HANDLER(cmd_clear_sessions);
CLI_HANDLER(cmd_show_bib);
CLI_HANDLER(cmd_show_pool);
CLI_HANDLER(cmd_show_subscribers);
CLI_HANDLER(cmd_show_nat64_stats);
CLI_HANDLER(cmd_show_dns64_stats);
CLI_HANDLER(cmd_show_dns64_cache);
CLI_HANDLER(cmd_clear_dns64_cache);
CLI_HANDLER(cmd_clear_dns64_stats);
CLI_HANDLER(cmd_show_neighbors);
CLI_HANDLER(cmd_clear_neighbors);
CLI_HANDLER(cmd_show_drops);
CLI_HANDLER(cmd_show_workers);
CLI_HANDLER(cmd_clear_drops);
CLI_HANDLER(cmd_clear_counters);
CLI_HANDLER(cmd_show_routes);
CLI_HANDLER(cmd_show_config);
CLI_HANDLER(cmd_show_version);
CLI_HANDLER(cmd_show_restart);
CLI_HANDLER(cmd_reload);
CLI_HANDLER(cmd_help);
CLI_HANDLER(cmd_stop);
CLI_HANDLER(cmd_quit);

#endif
