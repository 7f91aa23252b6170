// SPDX-License-Identifier: BSD-3-Clause
#include "rows.h"

#include "addr/text.h"

static struct config c; // large

static void
load(const char *yaml)
{
	int rc;
	char *got = load_row(yaml, &c, &rc);

	if (rc)
		fail_msg("%s", got);
	assert_string_equal(got, "");
	free(got);
}

static void
assert_addr(const struct in6_addr *a, const char *want)
{
	char buf[ADDR_TEXT_LEN];

	assert_string_equal(addr6_text(a, buf), want);
}

static void
assert_prefix(const struct prefix6 *p, const char *want)
{
	char buf[PREFIX_TEXT_LEN];

	assert_string_equal(prefix6_text(p, buf), want);
}

static void
assert_pool(unsigned int i, const char *first, const char *last, uint16_t p0, uint16_t p1)
{
	const struct config_pool4 *e = &c.nat64.pool4[i];
	char buf[ADDR_TEXT_LEN];

	assert_true(i < c.nat64.n_pool4);
	assert_string_equal(addr4_text(e->first, buf), first);
	assert_string_equal(addr4_text(e->last, buf), last);
	assert_int_equal(e->port_first, p0);
	assert_int_equal(e->port_last, p1);
}

static void
defaults_of_ports_and_nat64(void **state)
{
	load(PORTS);
	assert_string_equal(c.name, "t");
	assert_string_equal(c.cli.socket, "/run/gate64/t.sock");
	assert_string_equal(c.state_file, "/var/lib/gate64/t.state");
	assert_int_equal(c.n_port, 2);
	assert_int_equal(c.port[0].mtu, 1500);
	assert_false(c.port[0].has_gateway4 || c.port[0].has_gateway6 || c.port[1].has_gateway6);
	assert_true(c.port[1].has_gateway4);
	assert_int_equal(c.n_route, 0);
	assert_int_equal(c.nat64.n_prefix, 1);
	assert_true(c.nat64.prefix[0].is_wkp);
	assert_int_equal(c.nat64.n_pool4, 1);
	assert_pool(0, "198.51.100.2", "198.51.100.2", 1024, 49151);
	assert_int_equal(c.nat64.wkp_allow, WKP_ALLOW_NONE);
	assert_int_equal(c.nat64.lowest_ipv6_mtu, 1280);
	assert_int_equal(c.nat64.max_sessions, 262144);
	assert_int_equal(c.nat64.max_bib, 131072);
	assert_int_equal(c.nat64.icmp_error_rate, 100);
	assert_int_equal(c.nat64.timeout[TIMEOUT_UDP], 300); // N64-UDP-02
	assert_int_equal(c.nat64.timeout[TIMEOUT_ICMP], 60);
	assert_int_equal(c.nat64.timeout[TIMEOUT_TCP_TRANSITORY], 240);
	assert_int_equal(c.nat64.timeout[TIMEOUT_TCP_ESTABLISHED], 7200);
	assert_int_equal(c.nat64.timeout[TIMEOUT_TCP_SYN], 6);
}

static void
defaults_of_the_rest(void **state)
{
	load(PORTS);
	assert_false(c.dns64.enabled);
	assert_int_equal(c.dns64.port_first, 49152);
	assert_int_equal(c.dns64.port_last, 65535);
	assert_int_equal(c.dns64.n_exclude_aaaa, 1);
	assert_prefix(&c.dns64.exclude_aaaa[0], "0.0.0.0/0"); // ::ffff:0:0/96
	assert_int_equal(c.dns64.cache_entries, 65536);
	assert_int_equal(c.dns64.cache_max_ttl, 86400);
	assert_int_equal(c.dns64.cache_max_negative_ttl, 3600);
	assert_int_equal(c.dns64.timeout_ms, 1000);
	assert_int_equal(c.dns64.tries, 3);
	assert_int_equal(c.dns64.max_pending, 4096);
	assert_int_equal(c.dns64.edns_size, 1232);
	assert_int_equal(c.lcores.control, CONFIG_CPU_AUTO);
	assert_int_equal(c.lcores.dns, CONFIG_CPU_AUTO);
	assert_int_equal(c.lcores.n_worker, 0);
	assert_true(c.lcores.idle_sleep);
	assert_int_equal(c.memory.hugepages, HUGEPAGES_AUTO);
	assert_int_equal(c.memory.mbufs, 0);
	assert_int_equal(c.memory.neighbors, 4096);
	assert_int_equal(c.memory.neighbor_queue, 16);
}

// A section or list with nothing behind it is as good as none.
static void
empty_sections_are_defaults(void **state)
{
	static struct config plain;

	load(PORTS);
	plain = c;
	load(PORTS "name:  t\nroutes:\nnat64:\ndns64: ~\nlcores: {}\nmemory: null\ncli:\n");
	assert_memory_equal(&c, &plain, sizeof(c));
	load(PORTS "nat64: {timeouts: , pool4: , prefixes: ~}\nlcores: {workers: auto}\n");
	assert_memory_equal(&c, &plain, sizeof(c));
}

// The keys of a file may stand in any order.
static void
order_does_not_count(void **state)
{
	static struct config plain;

	load(PORTS "routes: [{prefix: 2001:db8:2::/48, via: fe80::9, port: lan}]\n" DNS);
	plain = c;
	load(DNS "routes: [{port: lan, via: fe80::9, prefix: 2001:db8:2::/48}]\n" PORTS);
	assert_memory_equal(&c, &plain, sizeof(c));
}

static void
dns64_defaults_follow_the_ports(void **state)
{
	load("ports:\n"
	     "  - {name: a, device: net_a, role: lan, addresses: [2001:db8:1::1/64, 10.0.0.1/8]}\n"
	     "  - {name: b, device: net_c, role: lan, addresses: [fd00::1/64]}\n" GW "routes:\n"
	     "  - {prefix: 2001:db8:2::/48, via: 2001:db8:1::9}\n"
	     "  - {prefix: 172.16.0.0/12, via: 198.51.100.9}\n"
	     "  - {prefix: '::/0', via: fe80::1, port: a}\n" DNS);
	assert_true(c.dns64.enabled);
	assert_int_equal(c.dns64.n_listen, 3);
	assert_addr(&c.dns64.listen[0], "2001:db8:1::1");
	assert_addr(&c.dns64.listen[1], "10.0.0.1");
	assert_addr(&c.dns64.listen[2], "fd00::1");
	assert_int_equal(c.dns64.n_allow, 5);
	assert_prefix(&c.dns64.allow[0], "2001:db8:1::/64");
	assert_prefix(&c.dns64.allow[1], "10.0.0.0/8");
	assert_prefix(&c.dns64.allow[2], "fd00::/64");
	assert_prefix(&c.dns64.allow[3], "2001:db8:2::/48");
	assert_prefix(&c.dns64.allow[4], "fe80::/10");
}

static void
upstream_forms(void **state)
{
	static const struct {
		const char *addr;
		uint16_t port;
	} want[] = {{"192.0.2.53", 53}, {"192.0.2.53", 5353}, {"2001:db8::53", 53},
		{"2001:db8::53", 5353}, {"2001:db8::54", 53}, {"2001:db8::5:53", 53}};

	load(WAN_WITH(", addresses: [198.51.100.2/24, 2001:db8:2::2/64]") "dns64: {upstreams: "
									  "[192.0.2.53, "
									  "'192.0.2.53:5353', "
									  "2001:db8::53, "
									  "'[2001:db8::53]:5353', "
									  "'[2001:db8::54]', "
									  "'2001:db8::5:53']}\n");
	assert_int_equal(c.dns64.n_upstream, N(want));
	for (size_t i = 0; i < N(want); i++) {
		assert_addr(&c.dns64.upstream[i].addr, want[i].addr);
		assert_int_equal(c.dns64.upstream[i].port, want[i].port);
	}
}

static void
dns64_can_be_switched_off(void **state)
{
	load(PORTS DNS "  enabled: false\n");
	assert_false(c.dns64.enabled);
	load(PORTS DNS "  exclude_aaaa: []\n");
	assert_int_equal(c.dns64.n_exclude_aaaa, 0);
}

static void
device_forms(void **state)
{
	static const struct {
		const char *yaml, *device;
		bool is_pci;
	} rows[] = {
		{LAN_DEV("0000:03:00.0"), "0000:03:00.0", true},
		{LAN_DEV("03:00.0"), "0000:03:00.0", true},
		{LAN_DEV("\"0A:1f.7\""), "0000:0a:1f.7", true},
		{LAN_DEV("10000:e1:00.0"), "10000:e1:00.0", true},
		{LAN_DEV("net_tap0"), "net_tap0", false},
		{LAN_DEV("'net_af_packet0,iface=veth-lan'"), "net_af_packet0,iface=veth-lan",
			false},
		{LAN_DEV("'net_memif,id=0,socket=/run/m.sock'"),
			"net_memif,id=0,socket=/run/m.sock", false},
	};

	for (size_t i = 0; i < N(rows); i++) {
		load(rows[i].yaml);
		assert_string_equal(c.port[0].device, rows[i].device);
		assert_int_equal(c.port[0].is_pci, rows[i].is_pci);
	}
}

static void
routes_find_their_port(void **state)
{
	load(PORTS "routes:\n"
		   "  - {prefix: 192.0.2.0/24, via: 198.51.100.9}\n"
		   "  - {prefix: 2001:db8:2::/48, via: 2001:db8:1::9}\n"
		   "  - {prefix: 2001:db8:3::/48, via: fe80::9, port: wan}\n"
		   "  - {prefix: '::/0', via: 2001:db8:1::9}\n");
	assert_int_equal(c.n_route, 4);
	assert_int_equal(c.route[0].port, 1);
	assert_int_equal(c.route[0].dst.len, 120);
	assert_prefix(&c.route[0].dst, "192.0.2.0/24");
	assert_addr(&c.route[0].via, "198.51.100.9");
	assert_int_equal(c.route[1].port, 0);
	assert_int_equal(c.route[2].port, 1);
	assert_addr(&c.route[2].via, "fe80::9");
	assert_int_equal(c.route[3].dst.len, 0);
}

// N64-DOS-11: ranges of addresses and ports that have nothing to do with each other.
static void
pool_forms(void **state)
{
	load(WAN_WITH(
		", addresses: [198.51.100.2/24, 198.51.100.3/24]") "nat64:\n"
								   "  pool4:\n"
								   "    - 203.0.113.5\n"
								   "    - wan\n"
								   "    - {address: "
								   "203.0.113.8-203.0.113.15, "
								   "ports: 1024-65535}\n"
								   "    - {ports: 5000, address: "
								   "203.0.113.16/28}\n"
								   "    - 203.0.113.32/32\n");
	assert_int_equal(c.nat64.n_pool4, 6);
	assert_pool(0, "203.0.113.5", "203.0.113.5", 1, 65535);
	assert_pool(1, "198.51.100.2", "198.51.100.2", 1024, 49151);
	assert_pool(2, "198.51.100.3", "198.51.100.3", 1024, 49151);
	assert_pool(3, "203.0.113.8", "203.0.113.15", 1024, 65535);
	assert_pool(4, "203.0.113.16", "203.0.113.31", 5000, 5000);
	assert_pool(5, "203.0.113.32", "203.0.113.32", 1, 65535);
	load(PORTS "nat64: {pool4: [{address: wan, ports: 2000-3000}]}\n");
	assert_pool(0, "198.51.100.2", "198.51.100.2", 2000, 3000);
	load(PORTS "nat64: {pool4: [198.51.100.2-198.51.100.9]}\n");
	assert_pool(0, "198.51.100.2", "198.51.100.9", 1024, 49151);
}

static void
values_reach_their_fields(void **state)
{
	load(PORTS "name: Box-1.a\n"
		   "nat64: {prefixes: ['2001:db8:64::/96', '64:ff9b::/96'], wkp_allow: private,\n"
		   "  lowest_ipv6_mtu: 1500, max_sessions: 64, icmp_error_rate: 7,\n"
		   "  timeouts: {udp: 120, icmp: 61, tcp_transitory: 62, tcp_established: 7201,\n"
		   "    tcp_syn: 8}}\n"
		   "lcores: {control: 0, dns: 1, workers: [2, 3], idle: poll}\n"
		   "memory: {hugepages: require, mbufs: 4096, neighbors: 64, neighbor_queue: 1}\n"
		   "cli: {socket: /tmp/x}\nstate_file: /tmp/y\n");
	assert_string_equal(c.name, "Box-1.a");
	assert_int_equal(c.nat64.n_prefix, 2);
	assert_false(c.nat64.prefix[0].is_wkp);
	assert_true(c.nat64.prefix[1].is_wkp);
	assert_int_equal(c.nat64.wkp_allow, WKP_ALLOW_PRIVATE);
	assert_int_equal(c.nat64.lowest_ipv6_mtu, 1500);
	assert_int_equal(c.nat64.max_sessions, 64);
	assert_int_equal(c.nat64.max_bib, 64);
	assert_int_equal(c.nat64.icmp_error_rate, 7);
	assert_int_equal(c.nat64.timeout[TIMEOUT_UDP], 120);
	assert_int_equal(c.nat64.timeout[TIMEOUT_ICMP], 61);
	assert_int_equal(c.nat64.timeout[TIMEOUT_TCP_TRANSITORY], 62);
	assert_int_equal(c.nat64.timeout[TIMEOUT_TCP_ESTABLISHED], 7201);
	assert_int_equal(c.nat64.timeout[TIMEOUT_TCP_SYN], 8);
	assert_int_equal(c.lcores.control, 0);
	assert_int_equal(c.lcores.dns, 1);
	assert_int_equal(c.lcores.n_worker, 2);
	assert_int_equal(c.lcores.worker[1], 3);
	assert_false(c.lcores.idle_sleep);
	assert_int_equal(c.memory.hugepages, HUGEPAGES_REQUIRE);
	assert_int_equal(c.memory.mbufs, 4096);
	assert_int_equal(c.memory.neighbors, 64);
	assert_int_equal(c.memory.neighbor_queue, 1);
	assert_string_equal(c.cli.socket, "/tmp/x");
	assert_string_equal(c.state_file, "/tmp/y");
	load(PORTS "name: x\nstate_file: none\n");
	assert_string_equal(c.state_file, "");
}

static void
names_come_from_the_file(void **state)
{
	static const char *const rows[][2] = {
		{"/etc/gate64/home.yaml", "home"},
		{"lab.test.yml", "lab.test"},
		{"plain", "plain"},
		{"a b$.yaml", "a-b-"},
		{".yaml", "yaml"},
		{"/etc/---", "gate64"},
		{"", "gate64"},
	};

	for (size_t i = 0; i < N(rows); i++) {
		assert_int_equal(config_load_text(rows[i][0], PORTS, strlen(PORTS), &c, stderr), 0);
		assert_string_equal(c.name, rows[i][1]);
	}
}

static void
long_file_names_are_cut(void **state)
{
	char path[300];

	memset(path, 'n', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(config_load_text(path, PORTS, strlen(PORTS), &c, stderr), 0);
	assert_int_equal(strlen(c.name), sizeof(c.name) - 1);
	assert_true(strlen(c.cli.socket) < sizeof(c.cli.socket));
}

static void
samples_load(void **state)
{
	static const char *const names[] = {"minimal", "home", "lab", "isp"};
	char path[512];

	for (size_t i = 0; i < N(names); i++) {
		snprintf(path, sizeof(path), SOURCE_ROOT "/configs/%s.yaml", names[i]);
		assert_int_equal(config_load(path, &c, stderr), 0);
		assert_string_equal(c.name, names[i]);
		assert_true(c.dns64.enabled);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_of_ports_and_nat64),
		cmocka_unit_test(defaults_of_the_rest),
		cmocka_unit_test(empty_sections_are_defaults),
		cmocka_unit_test(order_does_not_count),
		cmocka_unit_test(dns64_defaults_follow_the_ports),
		cmocka_unit_test(upstream_forms),
		cmocka_unit_test(dns64_can_be_switched_off),
		cmocka_unit_test(device_forms),
		cmocka_unit_test(routes_find_their_port),
		cmocka_unit_test(pool_forms),
		cmocka_unit_test(values_reach_their_fields),
		cmocka_unit_test(names_come_from_the_file),
		cmocka_unit_test(long_file_names_are_cut),
		cmocka_unit_test(samples_load),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
