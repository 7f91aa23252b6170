// SPDX-License-Identifier: BSD-3-Clause
#include "rows.h"

static const struct row nat64_rows[] = {
	{"ADR-01 length", PORTS "nat64: {prefixes: ['2001:db8::/80']}\n",
		"4:20: nat64.prefixes[0]: \"2001:db8::/80\" has a length that RFC 6052 does not "
		"have"},
	{"ADR-04 bits 64 to 71", PORTS "nat64: {prefixes: ['2001:db8:0:0:100::/96']}\n",
		"4:20: nat64.prefixes[0]: \"2001:db8:0:0:100::/96\" has bits 64 to 71 set (RFC "
		"6052 2.2)"},
	{"host bits", PORTS "nat64: {prefixes: ['2001:db8:0:1::/48']}\n",
		"4:20: nat64.prefixes[0]: \"2001:db8:0:1::/48\" has bits set behind its length"},
	{"multicast", PORTS "nat64: {prefixes: ['ff00::/96']}\n",
		"4:20: nat64.prefixes[0]: \"ff00::/96\" holds no addresses that a router forwards "
		"to"},
	{"IPv4", PORTS "nat64: {prefixes: [192.0.2.0/24]}\n",
		"4:20: nat64.prefixes[0]: \"192.0.2.0/24\" is no IPv6 prefix"},
	{"PFX-07 ambiguous discovery", PORTS "nat64: {prefixes: ['2001:db8:c000:aa::/96']}\n",
		"4:20: nat64.prefixes[0]: \"2001:db8:c000:aa::/96\" holds 192.0.0.170 or "
		"192.0.0.171, which clients search for (RFC 7050 3)"},
	{"prefix twice", PORTS "nat64: {prefixes: ['64:ff9b::/96', '64:ff9b::/96']}\n",
		"4:36: nat64.prefixes[1]: 64:ff9b::/96 overlaps 64:ff9b::/96"},
	{"prefix in a prefix",
		PORTS "nat64: {prefixes: ['2001:db8:64::/96', '2001:db8:64::/48']}\n",
		"4:40: nat64.prefixes[1]: 2001:db8:64::/48 overlaps 2001:db8:64::/96"},
	{"prefix of a port", PORTS "nat64: {prefixes: ['2001:db8:1::/96']}\n",
		"4:20: nat64.prefixes[0]: 2001:db8:1::/96 overlaps 2001:db8:1::1/64 of port lan"},
	{"N64-IN-03 no prefix", PORTS "nat64: {prefixes: []}\n", "4:19: nat64.prefixes: is empty"},
	{"too many prefixes",
		PORTS
		"nat64: {prefixes: ['2001:db8:64::/96', '2001:db8:65::/96', '2001:db8:66::/96', "
		"'2001:db8:67::/96', '2001:db8:68::/96', '2001:db8:69::/96', '2001:db8:6a::/96', "
		"'2001:db8:6b::/96', '2001:db8:6c::/96', '2001:db8:6d::/96', '2001:db8:6e::/96', "
		"'2001:db8:6f::/96', '2001:db8:70::/96', '2001:db8:71::/96', '2001:db8:72::/96', "
		"'2001:db8:73::/96', '2001:db8:74::/96']}\n",
		"4:340: nat64.prefixes[16]: is one entry too many"},
	{"MTU-09 a word", PORTS "nat64: {mss_clamp: on}\n",
		"4:20: nat64.mss_clamp: \"on\" is not known here, allowed: auto, off, or 536 to "
		"8960 "
		"bytes"},
	{"MTU-09 too small", PORTS "nat64: {mss_clamp: 535}\n",
		"4:20: nat64.mss_clamp: \"535\" is out of range, allowed: auto, off, or 536 to "
		"8960 bytes"},
	{"X64-02 a word", PORTS "nat64: {tos: keep}\n",
		"4:14: nat64.tos: \"keep\" is not known here, allowed: copy, or 0 to 255"},
	{"X46-01 too large", PORTS "nat64: {traffic_class: 256}\n",
		"4:24: nat64.traffic_class: \"256\" is out of range, allowed: copy, or 0 to 255"},
	{"XLT-05 a truth value", PORTS "nat64: {icmp_prohibited: true}\n",
		"4:26: nat64.icmp_prohibited: \"true\" is not known here, allowed: none, lan, wan, "
		"both"},
	{"N64-FRAG-02 below the minimum", PORTS "nat64: {fragments: {timeout_sec: 1}}\n",
		"4:34: nat64.fragments.timeout_sec: \"1\" is out of range, allowed: 2 to 60 "
		"seconds"},
	{"N64-FRAG-03 no datagrams", PORTS "nat64: {fragments: {max_datagrams: 0}}\n",
		"4:36: nat64.fragments.max_datagrams: \"0\" is out of range, allowed: 16 to 65536 "
		"datagrams"},
	{"N64-IN-03 no pool", PORTS "nat64: {pool4: []}\n", "4:16: nat64.pool4: is empty"},
	{"wan without IPv4, by default", WAN_WITH(""),
		"1:1: nat64.pool4: is empty, since no WAN port has an IPv4 address"},
	{"wan without IPv4", WAN_WITH("") "nat64: {pool4: [wan]}\n",
		"4:17: nat64.pool4[0]: is empty, since no WAN port has an IPv4 address"},
	{"pool entry no address", PORTS "nat64: {pool4: [lan]}\n",
		"4:17: nat64.pool4[0]: \"lan\" is no IPv4 address"},
	{"pool entry without address", PORTS "nat64: {pool4: [{ports: 1-5}]}\n",
		"4:17: nat64.pool4[0].address: is missing"},
	{"pool range backwards", PORTS "nat64: {pool4: [203.0.113.9-203.0.113.8]}\n",
		"4:17: nat64.pool4[0]: \"203.0.113.9-203.0.113.8\" begins after its end"},
	{"pool range broken", PORTS "nat64: {pool4: [203.0.113.9-]}\n",
		"4:17: nat64.pool4[0]: \"203.0.113.9-\" is no range of IPv4 addresses"},
	{"pool prefix with host bits", PORTS "nat64: {pool4: [203.0.113.1/28]}\n",
		"4:17: nat64.pool4[0]: \"203.0.113.1/28\" has bits set behind its length"},
	{"pool multicast", PORTS "nat64: {pool4: [224.0.0.1]}\n",
		"4:17: nat64.pool4[0]: 224.0.0.1 is no address of a host"},
	{"pool loopback", PORTS "nat64: {pool4: [127.0.0.1]}\n",
		"4:17: nat64.pool4[0]: 127.0.0.1 is no address of a host"},
	{"pool 0/8", PORTS "nat64: {pool4: [0.0.0.1]}\n",
		"4:17: nat64.pool4[0]: 0.0.0.1 is no address of a host"},
	{"pool 0.0.0.0", PORTS "nat64: {pool4: [0.0.0.0]}\n",
		"4:17: nat64.pool4[0]: \"0.0.0.0\" holds 0.0.0.0"},
	{"pool 240/4", PORTS "nat64: {pool4: [250.0.0.1]}\n",
		"4:17: nat64.pool4[0]: 250.0.0.1 is no address of a host"},
	{"pool runs into multicast", PORTS "nat64: {pool4: [223.255.255.250-224.0.0.5]}\n",
		"4:17: nat64.pool4[0]: 224.0.0.5 is no address of a host"},
	{"pool too large", PORTS "nat64: {pool4: [20.0.0.0/19]}\n",
		"4:9: nat64.pool4: has 8192 addresses"},
	{"pool entries overlap", PORTS "nat64: {pool4: [203.0.113.0/28, 203.0.113.15]}\n",
		"4:33: nat64.pool4[1]: 203.0.113.15 is in the pool already"},
	{"pool entry holds an earlier one",
		PORTS "nat64: {pool4: [203.0.113.15, 203.0.113.0/28]}\n",
		"4:31: nat64.pool4[1]: 203.0.113.15 is in the pool already"},
	{"wan twice", PORTS "nat64: {pool4: [wan, 198.51.100.2]}\n",
		"4:22: nat64.pool4[1]: 198.51.100.2 is in the pool already"},
	{"pool address of a LAN port",
		LAN_WITH(", addresses: [192.168.1.1/24]") "nat64: {pool4: [192.168.1.1]}\n",
		"4:17: nat64.pool4[0]: 192.168.1.1 is an address of a LAN port"},
	{"pool holds the gateway", PORTS "nat64: {pool4: [198.51.100.1]}\n",
		"4:17: nat64.pool4[0]: 198.51.100.1 is a default next hop"},
	{"pool holds the link's broadcast",
		PORTS "nat64: {pool4: [198.51.100.254-198.51.100.255]}\n",
		"4:17: nat64.pool4[0]: 198.51.100.255 is the broadcast address of a port's link"},
	{"pool holds the link's network address", PORTS "nat64: {pool4: [198.51.100.0]}\n",
		"4:17: nat64.pool4[0]: 198.51.100.0 is the network address of a port's link"},
	{"pool ports 0", PORTS "nat64: {pool4: [{address: 203.0.113.5, ports: 0-100}]}\n",
		"4:47: nat64.pool4[0].ports: \"0-100\" is out of range"},
	{"pool ports beyond", PORTS "nat64: {pool4: [{address: 203.0.113.5, ports: 1-65536}]}\n",
		"4:47: nat64.pool4[0].ports: \"1-65536\" is out of range"},
	{"pool ports backwards", PORTS "nat64: {pool4: [{address: 203.0.113.5, ports: 200-100}]}\n",
		"4:47: nat64.pool4[0].ports: \"200-100\" begins after its end"},
	{"pool ports no range", PORTS "nat64: {pool4: [{address: 203.0.113.5, ports: all}]}\n",
		"4:47: nat64.pool4[0].ports: \"all\" is no range of ports"},
	{"N64-PORT-10 pool ports against DNS",
		PORTS "nat64: {pool4: [{address: wan, ports: 1024-65535}]}\n" DNS,
		"4:27: nat64.pool4[0].address: ports 1024-65535 of the gateway's own address and "
		"dns64.upstream_ports 49152-65535 overlap"},
	{"N64-PORT-10 DNS ports against pool", PORTS DNS "  upstream_ports: 40000-65535\n",
		"6:19: dns64.upstream_ports: ports 1024-49151 of the gateway's own address and "
		"dns64.upstream_ports 40000-65535 overlap"},
	{"pool ports against the DNS service",
		PORTS "nat64: {pool4: [{address: wan, ports: 1-1023}]}\n" DNS
		      "  listen: [198.51.100.2]\n",
		"4:27: nat64.pool4[0].address: 198.51.100.2 answers DNS queries on port 53"},
};

static void
nat64(void **state)
{
	check_rows(nat64_rows, N(nat64_rows));
}

static void
more_pool_entries_than_room(void **state)
{
	struct row r = {"257 entries", NULL, "262:5: nat64.pool4[256]: is one entry too many"};
	char *yaml = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&yaml, &len);

	fputs(PORTS "nat64:\n  pool4:\n", f);
	for (unsigned int i = 0; i < 257; i++)
		fprintf(f, "  - 203.0.%u.%u\n", i / 256, i % 256);
	fclose(f);
	r.yaml = yaml;
	check_row(&r);
	free(yaml);
}

// The word wan may stand for more entries than there is room left.
static void
wan_does_not_fit(void **state)
{
	struct row r = {
		"255 entries and wan", NULL, "261:5: nat64.pool4[255]: is one entry too many"};
	char *yaml = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&yaml, &len);

	fputs(WAN_WITH(", addresses: [198.51.100.2/24, 198.51.100.3/24]") "nat64:\n  pool4:\n", f);
	for (unsigned int i = 0; i < 255; i++)
		fprintf(f, "  - 203.0.0.%u\n", i);
	fputs("  - wan\n", f);
	fclose(f);
	r.yaml = yaml;
	check_row(&r);
	free(yaml);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nat64),
		cmocka_unit_test(more_pool_entries_than_room),
		cmocka_unit_test(wan_does_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
