// SPDX-License-Identifier: BSD-3-Clause
// gate64-cli: asks a running gate64.
#include "app/cli/client.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct options {
	const char *name, *socket;
	const char **commands;
	int n_commands;
};

static void
usage(FILE *out)
{
	fputs("Usage: gate64-cli [-n NAME | -s SOCKET] [-e COMMAND]...\n"
	      "Asks a running gate64.\n"
	      "  -n NAME     the instance of this name; not needed if only one runs\n"
	      "  -s SOCKET   the instance that listens on this socket\n"
	      "  -e COMMAND  run COMMAND and leave; 'help' lists the commands, 'json' as last\n"
	      "              word gives a JSON document\n"
	      "  -V, --version\n"
	      "  -h, --help\n"
	      "Without -e: a prompt, or, if stdin is no terminal, a command a line from there.\n"
	      "Exit status: 0, 1 a command failed, 2 no gate64 could be asked.\n",
		out);
}

// It ends a session, be it typed, piped or given by -e.
static bool
is_quit(const char *line)
{
	size_t len;

	line += strspn(line, " \t");
	len = strcspn(line, " \t");
	return len == 4 && strncmp(line, "quit", 4) == 0 &&
	       line[len + strspn(line + len, " \t")] == '\0';
}

static enum client_exit
worse(enum client_exit a, enum client_exit b)
{
	return a > b ? a : b;
}

static bool
is_blank(const char *line)
{
	line += strspn(line, " \t");
	return *line == '\0' || *line == '#';
}

static enum client_exit
run_stdin(const char *path)
{
	enum client_exit status = CLIENT_OK;
	char *line = NULL;
	size_t size = 0;

	while (status != CLIENT_UNREACHABLE && getline(&line, &size, stdin) > 0) {
		line[strcspn(line, "\r\n")] = '\0';
		if (is_quit(line))
			break;
		if (!is_blank(line))
			status = worse(status, client_exec(path, line));
	}
	free(line);
	return status;
}

static enum client_exit
run(const struct options *o)
{
	const char *path = o->socket ? o->socket : client_find_socket(o->name);
	enum client_exit status = CLIENT_OK;

	if (!path)
		return CLIENT_UNREACHABLE;
	for (int i = 0; i < o->n_commands && status != CLIENT_UNREACHABLE; i++) {
		status = worse(status, client_exec(path, o->commands[i]));
		if (is_quit(o->commands[i]))
			break;
	}
	if (o->n_commands > 0)
		return status;
	return isatty(STDIN_FILENO) ? client_tty(path) : run_stdin(path);
}

static enum client_exit
misused(const char *why)
{
	fprintf(stderr, "gate64-cli: %s\n", why);
	usage(stderr);
	return CLIENT_UNREACHABLE;
}

// An exit status, or -1: go on.
static int
parse(int argc, char **argv, struct options *o)
{
	static const struct option longopts[] = {
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{0},
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "n:s:e:Vh", longopts, NULL)) != -1) {
		switch (opt) {
		case 'n':
			o->name = optarg;
			break;
		case 's':
			o->socket = optarg;
			break;
		case 'e':
			o->commands[o->n_commands++] = optarg;
			break;
		case 'V':
			puts("gate64-cli " GATE64_VERSION);
			return CLIENT_OK;
		case 'h':
			usage(stdout);
			return CLIENT_OK;
		default:
			usage(stderr);
			return CLIENT_UNREACHABLE;
		}
	}
	if (optind < argc)
		return misused("a command goes behind -e, in quotes");
	if (o->name && o->socket)
		return misused("-n and -s do not go together");
	return -1;
}

int
main(int argc, char **argv)
{
	struct options o = {.commands = calloc((size_t)argc, sizeof(char *))};
	int status;

	if (!o.commands)
		return CLIENT_UNREACHABLE;
	signal(SIGPIPE, SIG_IGN);
	status = parse(argc, argv, &o);
	if (status < 0)
		status = (int)run(&o);
	free(o.commands);
	return status;
}
