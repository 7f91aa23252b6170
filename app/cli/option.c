// SPDX-License-Identifier: BSD-3-Clause
// The options of commands.
#include "addr/text.h"
#include "app/cli/command.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

static const struct {
	const char *name;
	uint8_t proto;
} protos[] = {
	{"tcp", IPPROTO_TCP},
	{"udp", IPPROTO_UDP},
	{"icmp", IPPROTO_ICMP},
};

static int
parse_client(const struct gateway *gw, const char *text, struct cli_args *args, struct err *err)
{
	struct prefix6 p = {.len = 128};

	if (addr6_parse(text, &p.addr) != 0 && prefix6_parse(text, &p) != 0)
		return err_set(err, -EINVAL,
			"client: '%s' is neither an IPv6 address nor a prefix such as "
			"2001:db8::/64",
			text);
	args->client = prefix6_network(&p);
	args->has_client = true;
	return 0;
}

static const char *
choose_proto(const struct gateway *gw, unsigned int i)
{
	return i < RTE_DIM(protos) ? protos[i].name : NULL;
}

static int
parse_proto(const struct gateway *gw, const char *text, struct cli_args *args, struct err *err)
{
	for (unsigned int i = 0; i < RTE_DIM(protos); i++) {
		if (strcmp(protos[i].name, text) == 0) {
			args->proto = protos[i].proto;
			return 0;
		}
	}
	return err_set(err, -EINVAL, "proto: '%s' is not one of tcp, udp, icmp", text);
}

static int
parse_limit(const struct gateway *gw, const char *text, struct cli_args *args, struct err *err)
{
	unsigned long n = 0;
	char *end = NULL;

	// strtoul would take a sign and blanks
	if (isdigit((unsigned char)text[0])) {
		errno = 0;
		n = strtoul(text, &end, 10);
	}
	if (!end || *end != '\0' || errno != 0 || n < 1 || n > CLI_LIMIT_MAX)
		return err_set(err, -EINVAL, "limit: '%s' is not a number from 1 to %u", text,
			CLI_LIMIT_MAX);
	args->limit = (uint32_t)n;
	return 0;
}

static const char *
choose_port(const struct gateway *gw, unsigned int i)
{
	return i < gw->n_port ? gw->port[i].name : NULL;
}

static int
parse_port(const struct gateway *gw, const char *text, struct cli_args *args, struct err *err)
{
	for (unsigned int i = 0; i < gw->n_port; i++) {
		if (strcmp(gw->port[i].name, text) == 0) {
			args->port = &gw->port[i];
			return 0;
		}
	}
	return err_set(
		err, -EINVAL, "port: there is no port '%s'; 'show port info' lists them", text);
}

static int
parse_name(const struct gateway *gw, const char *text, struct cli_args *args, struct err *err)
{
	size_t len = strlen(text);

	while (len > 1 && text[len - 1] == '.')
		len--;
	if (len >= sizeof(args->name))
		return err_set(err, -EINVAL, "name: longer than a DNS name can be");
	memcpy(args->name, text, len);
	args->name[len] = '\0';
	return 0;
}

static int
parse_all(const struct gateway *gw, const char *text, struct cli_args *args, struct err *err)
{
	args->all = true;
	return 0;
}

static int
parse_json(const struct gateway *gw, const char *text, struct cli_args *args, struct err *err)
{
	args->json = true;
	return 0;
}

const struct cli_option cli_option_client = {
	"client",
	"ADDR",
	"only of this IPv6 address, or of the addresses in this prefix",
	NULL,
	parse_client,
};
const struct cli_option cli_option_proto = {
	"proto",
	"tcp|udp|icmp",
	"only of this protocol",
	choose_proto,
	parse_proto,
};
const struct cli_option cli_option_limit = {
	"limit",
	"N",
	"show at most N rows, 1 to 100000; default 100",
	NULL,
	parse_limit,
};
const struct cli_option cli_option_port = {
	"port",
	"NAME",
	"only on the port of this name",
	choose_port,
	parse_port,
};
const struct cli_option cli_option_name = {
	"name",
	"NAME",
	"only this DNS name and names below it",
	NULL,
	parse_name,
};
const struct cli_option cli_option_all = {
	"all",
	NULL,
	"zeros as well",
	NULL,
	parse_all,
};
const struct cli_option cli_option_json = {
	"json",
	NULL,
	"answer with one JSON document; the last word of the line",
	NULL,
	parse_json,
};
