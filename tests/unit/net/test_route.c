// SPDX-License-Identifier: BSD-3-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "addr/text.h"
#include "net/route.h"

#include <string.h>

static struct prefix6
prefix_any(const char *text)
{
	struct prefix6 p6;
	struct prefix4 p4;

	if (prefix6_parse(text, &p6) == 0)
		return p6;
	assert_int_equal(prefix4_parse(text, &p4), 0);
	p6.len = 96 + p4.len;
	addr_map4(&p6.addr, p4.addr);
	return p6;
}

static struct in6_addr
addr_any(const char *text)
{
	struct in6_addr a;

	assert_int_equal(addr_parse_any(text, &a), 0);
	return a;
}

static void
add_port(struct config *c, const char *a6, const char *a4, const char *gw6, const char *gw4)
{
	struct config_port *p = &c->port[c->n_port++];

	if (a6 != NULL)
		assert_int_equal(prefix6_parse(a6, &p->addr6[p->n_addr6++]), 0);
	if (a4 != NULL)
		assert_int_equal(prefix4_parse(a4, &p->addr4[p->n_addr4++]), 0);
	p->has_gateway6 = gw6 != NULL && addr6_parse(gw6, &p->gateway6) == 0;
	p->has_gateway4 = gw4 != NULL && addr4_parse(gw4, &p->gateway4) == 0;
}

static void
add_route(struct config *c, const char *dst, const char *via, unsigned int port)
{
	c->route[c->n_route++] = (struct config_route){prefix_any(dst), addr_any(via), port};
}

static struct config config;
static struct route_table table;

// lan 0 and 1, wan 2 and 3; the routes are the shorter ones first.
static int
build(void **state)
{
	memset(&config, 0, sizeof(config));
	add_port(&config, "2001:db8:1::1/64", "192.168.1.1/24", NULL, NULL);
	add_port(&config, "2001:db8:2::1/64", NULL, NULL, NULL);
	add_port(&config, "2001:db8:ffff::2/64", "198.18.0.2/24", "2001:db8:ffff::1", "198.18.0.1");
	add_port(&config, NULL, "198.19.0.2/24", "fe80::9", "198.19.0.1");
	prefix6_parse("fe80::1/64", &config.port[0].addr6[config.port[0].n_addr6++]);
	add_route(&config, "2001:db8::/32", "2001:db8:2::99", 1);
	add_route(&config, "2001:db8:3::/48", "2001:db8:1::99", 0);
	add_route(&config, "2001:db8:3:4::/64", "2001:db8:2::99", 1);
	add_route(&config, "10.0.0.0/8", "192.168.1.99", 0);
	add_route(&config, "10.9.0.0/16", "198.18.0.9", 2);
	route_build(&table, &config);
	return 0;
}

static const struct row {
	const char *dst, *via; // via "::": on-link
	unsigned int port;
} rows[] = {
	{"2001:db8:1::1234", "::", 0},
	{"2001:db8:2::1", "::", 1},
	{"2001:db8:ffff::1", "::", 2},
	{"2001:db8:1:1::1", "2001:db8:2::99", 1}, // the /32
	{"2001:db8:3::1", "2001:db8:1::99", 0},
	{"2001:db8:3:4::1", "2001:db8:2::99", 1}, // the /64 behind the /48
	{"2001:db9::1", "2001:db8:ffff::1", 2},   // default of the first port that has one
	{"::1.2.3.4", "2001:db8:ffff::1", 2},
	{"192.168.1.77", "::", 0},
	{"198.18.0.1", "::", 2},
	{"198.19.0.77", "::", 3},
	{"10.1.2.3", "192.168.1.99", 0},
	{"10.9.2.3", "198.18.0.9", 2},
	{"8.8.8.8", "198.18.0.1", 2},
	{"0.0.0.0", "198.18.0.1", 2},
	{"255.255.255.255", "198.18.0.1", 2},
};

static void
route_longest_match(void **state)
{
	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct in6_addr dst = addr_any(rows[i].dst), via = addr_any(rows[i].via);
		const struct route *r = route_lookup(&table, &dst);

		assert_non_null(r);
		assert_int_equal(r->port, rows[i].port);
		assert_memory_equal(&r->via, &via, sizeof(via));
	}
}

static void
route_longest_first(void **state)
{
	// 3 + 3 on-link without the link-local one, 5 static, 4 defaults
	assert_int_equal(table.n, 15);
	for (unsigned int i = 1; i < table.n; i++)
		assert_true(table.route[i - 1].dst.len >= table.route[i].dst.len);
}

static void
route_families_stay_apart(void **state)
{
	struct in6_addr v6 = addr_any("2001:db9::1"), v4 = addr_any("8.8.8.8");

	for (unsigned int i = 0; i < 4; i++)
		config.port[i].has_gateway4 = false;
	route_build(&table, &config);
	assert_null(route_lookup(&table, &v4));
	assert_non_null(route_lookup(&table, &v6));
	add_route(&config, "::/8", "2001:db8:1::99", 0); // covers ::ffff:0:0/96, and must not
	route_build(&table, &config);
	assert_null(route_lookup(&table, &v4));

	build(NULL);
	config.port[2].has_gateway6 = config.port[3].has_gateway6 = false;
	route_build(&table, &config);
	assert_null(route_lookup(&table, &v6));
	assert_non_null(route_lookup(&table, &v4));
}

// A static route is asked for by name; it comes before the default of a port.
static void
route_static_before_default(void **state)
{
	struct in6_addr v6 = addr_any("2001:db9::1"), v4 = addr_any("8.8.8.8");

	add_route(&config, "::/0", "2001:db8:1::99", 0);
	add_route(&config, "0.0.0.0/0", "192.168.1.99", 0);
	route_build(&table, &config);
	assert_int_equal(route_lookup(&table, &v6)->port, 0);
	assert_int_equal(route_lookup(&table, &v4)->port, 0);
}

static void
route_table_holds_the_largest_config(void **state)
{
	memset(&config, 0, sizeof(config));
	for (unsigned int i = 0; i < CONFIG_PORTS; i++) {
		add_port(&config, NULL, NULL, "2001:db8::1", "198.18.0.1");
		config.port[i].n_addr4 = config.port[i].n_addr6 = CONFIG_PORT_ADDR;
	}
	config.n_route = CONFIG_ROUTES;
	route_build(&table, &config);
	assert_int_equal(table.n, ROUTE_MAX);
}

static void
route_none(void **state)
{
	struct in6_addr v6 = addr_any("2001:db8::1");

	memset(&config, 0, sizeof(config));
	route_build(&table, &config);
	assert_null(route_lookup(&table, &v6));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(route_longest_match, build),
		cmocka_unit_test_setup(route_longest_first, build),
		cmocka_unit_test_setup(route_families_stay_apart, build),
		cmocka_unit_test_setup(route_static_before_default, build),
		cmocka_unit_test(route_table_holds_the_largest_config),
		cmocka_unit_test(route_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
