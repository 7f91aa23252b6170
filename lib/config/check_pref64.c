// SPDX-License-Identifier: BSD-3-Clause
// NAT64 prefixes, beside each other and beside the ports.
#include "config/load.h"

#include "addr/text.h"

static struct prefix6
prefix_of(const struct pref64 *p)
{
	return (struct prefix6){.addr = p->prefix, .len = p->len};
}

static void
check_pref64_beside_ports(struct draft *d, const struct pref64 *p)
{
	const struct config *c = d->config;
	struct prefix6 a = prefix_of(p), b;
	char text[2][PREFIX_TEXT_LEN];

	for (unsigned int i = 0; i < c->n_port; i++) {
		for (unsigned int k = 0; config_port_prefix(&c->port[i], k, &b); k++) {
			if (prefix6_overlap(&a, &b))
				report_field(&d->report, p, "nat64.prefixes",
					"%s overlaps %s of port %s, allowed: a prefix that no "
					"port uses",
					prefix6_text(&a, text[0]), prefix6_text(&b, text[1]),
					c->port[i].name);
		}
	}
}

void
config_check_pref64(struct draft *d)
{
	const struct config_nat64 *n = &d->config->nat64;
	char text[2][PREFIX_TEXT_LEN];

	for (unsigned int i = 0; i < n->n_prefix; i++) {
		struct prefix6 a = prefix_of(&n->prefix[i]);

		check_pref64_beside_ports(d, &n->prefix[i]);
		for (unsigned int k = 0; k < i; k++) {
			struct prefix6 b = prefix_of(&n->prefix[k]);

			if (prefix6_overlap(&a, &b))
				report_field(&d->report, &n->prefix[i], "nat64.prefixes",
					"%s overlaps %s, allowed: prefixes that have no address in "
					"common",
					prefix6_text(&a, text[0]), prefix6_text(&b, text[1]));
		}
	}
}
