// SPDX-License-Identifier: BSD-3-Clause
// Steps of config_load. Internal to lib/config.
#ifndef CONFIG_LOAD_H
#define CONFIG_LOAD_H

#include "config/config.h"
#include "config/report.h"
#include "config/tree.h"

// What is read so far, on its way to being complete.
struct draft {
	struct config *config;
	struct report report;
};

struct schema;

// Fills what the file says and the defaults of the table. base is the struct that the table is
// about, c what references in it mean (NULL: it has none).
void config_read(const struct schema *schema, struct report *r, const struct config *c,
	const struct tree_node *root, void *base);
// The same from text; what is no YAML is reported, too.
void config_read_text(const struct schema *schema, struct report *r, const struct config *c,
	const char *text, size_t len, void *base);
// A whole file of at most TREE_BYTES in *text, to be freed. -errno, said on errors.
int config_read_file(const char *path, char **text, size_t *len, FILE *errors);

// Key stands in a section that has no such key.
void config_report_unknown(struct report *r, const struct schema *schema, const char *path,
	const struct tree_node *key, const char *section);

// Fills the defaults that depend on other settings, and checks what no table can.
void config_check(struct draft *d, const char *file);
void config_check_ports(struct draft *d);
void config_check_routes(struct draft *d);
void config_check_pref64(struct draft *d);
void config_check_pool4(struct draft *d); // needs dns64.enabled
void config_check_pool4_clients(struct draft *d);
void config_check_statics(struct draft *d); // needs the pool, routes and dns64.enabled
void config_fill_dns64(struct draft *d);    // needs the ports of routes
void config_check_dns64(struct draft *d);   // needs the pool

// Address i of a port, IPv6 ones first, IPv4 ones mapped; false behind the last.
bool config_port_prefix(const struct config_port *p, unsigned int i, struct prefix6 *out);
const void *config_port_prefix_field(const struct config_port *p, unsigned int i);
// The port that has a as its own address, or NULL.
const struct config_port *config_port_of_addr(const struct config *c, const struct in6_addr *a);
// a is a neighbour on port p: in the prefix of one of its addresses, or link-local.
bool config_is_on_link(const struct config_port *p, const struct in6_addr *a);
// What keeps a from being a next hop on port p, or NULL.
const char *config_wrong_next_hop(
	const struct config *c, const struct config_port *p, const struct in6_addr *a);
// Neither unspecified, loopback nor multicast; for IPv4 not in 0/8, 127/8 and 224/3.
bool config_is_unicast(const struct in6_addr *a);

#endif
