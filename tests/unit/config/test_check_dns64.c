// SPDX-License-Identifier: BSD-3-Clause
#include "rows.h"

static const struct row dns64_rows[] = {
	{"enabled without upstreams", PORTS "dns64: {enabled: true}\n",
		"4:1: dns64.upstreams: is empty"},
	{"listen on a stranger", PORTS DNS "  listen: [2001:db8:1::2]\n",
		"6:12: dns64.listen[0]: 2001:db8:1::2 is no address of any port"},
	{"listen twice", PORTS DNS "  listen: [2001:db8:1::1, 2001:db8:1::1]\n",
		"6:27: dns64.listen[1]: 2001:db8:1::1 is given twice"},
	{"nothing to listen on", LAN_WITH("") DNS,
		"4:1: dns64.listen: is empty, since no LAN port has an address"},
	{"listen with no entry", PORTS DNS "  listen: []\n", "6:11: dns64.listen: is empty"},
	{"upstream is the gateway", PORTS "dns64: {upstreams: ['2001:db8:1::1']}\n",
		"4:21: dns64.upstreams[0]: 2001:db8:1::1 is the gateway's own address"},
	{"upstream twice", PORTS "dns64: {upstreams: [192.0.2.53, '192.0.2.53:53']}\n",
		"4:33: dns64.upstreams[1]: 192.0.2.53 is given twice"},
	{"upstream without a source", WAN_WITH("") "nat64: {pool4: [203.0.113.5]}\n" DNS,
		"6:15: dns64.upstreams[0]: 192.0.2.53 cannot be asked, since no port has an "
		"address of its family"},
	{"upstream inside a NAT64 prefix", PORTS "dns64: {upstreams: ['64:ff9b::1.1.1.1']}\n",
		"4:21: dns64.upstreams[0]: 64:ff9b::101:101 is inside a NAT64 prefix"},
	{"upstream in the pool",
		PORTS "nat64: {pool4: [203.0.113.5]}\ndns64: {upstreams: [203.0.113.5]}\n",
		"5:21: dns64.upstreams[0]: 203.0.113.5 is an address of nat64.pool4"},
	{"upstream multicast", PORTS "dns64: {upstreams: [224.0.0.251]}\n",
		"4:21: dns64.upstreams[0]: 224.0.0.251 is no address of a host"},
	{"upstream link-local", PORTS "dns64: {upstreams: ['fe80::1']}\n",
		"4:21: dns64.upstreams[0]: fe80::1 is link-local"},
	{"upstream by name", PORTS "dns64: {upstreams: [dns.example]}\n",
		"4:21: dns64.upstreams[0]: \"dns.example\" is no server address"},
	{"upstream port 0", PORTS "dns64: {upstreams: ['192.0.2.53:0']}\n",
		"4:21: dns64.upstreams[0]: \"192.0.2.53:0\" has a bad port"},
	{"upstream port too large", PORTS "dns64: {upstreams: ['[2001:db8::53]:65536']}\n",
		"4:21: dns64.upstreams[0]: \"[2001:db8::53]:65536\" has a bad port"},
	{"upstream bracket open", PORTS "dns64: {upstreams: ['[2001:db8::53']}\n",
		"4:21: dns64.upstreams[0]: \"[2001:db8::53\" is no server address"},
	{"upstream port missing", PORTS "dns64: {upstreams: ['192.0.2.53:']}\n",
		"4:21: dns64.upstreams[0]: \"192.0.2.53:\" is no server address"},
	{"nine upstreams",
		PORTS "dns64: {upstreams: [192.0.2.1, 192.0.2.2, 192.0.2.3, 192.0.2.4, 192.0.2.5, "
		      "192.0.2.6, 192.0.2.7, 192.0.2.8, 192.0.2.9]}\n",
		"4:109: dns64.upstreams[8]: is one entry too many"},
	{"upstream_ports too few", PORTS DNS "  upstream_ports: 60000-60254\n",
		"6:19: dns64.upstream_ports: 60000-60254 is too small a range or begins too low"},
	{"upstream_ports too low", PORTS DNS "  upstream_ports: 1000-1023\n",
		"6:19: dns64.upstream_ports: 1000-1023 is too small a range or begins too low"},
	{"DNS-CACHE-05 tries", PORTS DNS "  tries: 4\n",
		"6:10: dns64.tries: 4 is more than 3 for each upstream (RFC 9520 3.1)"},
	{"edns_size above the MTU", PORTS DNS "  edns_size: 1453\n",
		"6:14: dns64.edns_size: 1453 does not fit the MTU of port "},
	{"allow with host bits", PORTS DNS "  allow: [2001:db8::1/64]\n",
		"6:11: dns64.allow[0]: \"2001:db8::1/64\" has bits set behind its length"},
	{"allow no prefix", PORTS DNS "  allow: [2001:db8::1]\n",
		"6:11: dns64.allow[0]: \"2001:db8::1\" is no IP prefix"},
	{"exclude_aaaa IPv4", PORTS DNS "  exclude_aaaa: [10.0.0.0/8]\n",
		"6:18: dns64.exclude_aaaa[0]: \"10.0.0.0/8\" is no IPv6 prefix"},
	{"workers on one CPU", PORTS "lcores: {workers: [1, 2, 1]}\n",
		"4:26: lcores.workers[2]: CPU 1 is given twice"},
};

// The size is held against the smallest MTU, and the usual one fits any.
static void
dns_edns_08_fits_the_links(void **state)
{
	static const struct {
		unsigned int lan, wan, size;
		const char *wrong;
	} cases[] = {
		{1500, 1500, 1452, NULL},
		{9000, 9000, 4096, NULL},
		{9000, 1500, 4096, "4096 does not fit the MTU of port wan, allowed: 512 to 1452"},
		{1280, 1500, 1233, "1233 does not fit the MTU of port lan, allowed: 512 to 1232"},
		{1500, 400, 1232, NULL},
		{1500, 400, 1233, "1233 does not fit the MTU of port wan, allowed: 512 to 1232"},
	};

	for (unsigned int i = 0; i < N(cases); i++) {
		char yaml[512], errors[512] = "";
		FILE *f = fmemopen(errors, sizeof(errors), "w");
		static struct config c;
		int ret;

		snprintf(yaml, sizeof(yaml),
			"ports:\n"
			"  - {name: lan, device: net_null0, role: lan, mtu: %u, "
			"addresses: ['2001:db8:1::1/64']}\n"
			"  - {name: wan, device: net_null1, role: wan, mtu: %u, "
			"addresses: [192.0.2.2/24]}\n"
			"nat64: {pool4: [wan]}\n"
			"dns64: {upstreams: [192.0.2.53], edns_size: %u}\n",
			cases[i].lan, cases[i].wan, cases[i].size);
		ret = config_load_text("t.yaml", yaml, strlen(yaml), &c, f);
		fclose(f);
		assert_int_equal(ret, cases[i].wrong ? -EINVAL : 0);
		if (cases[i].wrong)
			assert_non_null(strstr(errors, cases[i].wrong));
	}
}

static void
dns64(void **state)
{
	check_rows(dns64_rows, N(dns64_rows));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dns64),
		cmocka_unit_test(dns_edns_08_fits_the_links),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
