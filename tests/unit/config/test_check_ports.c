// SPDX-License-Identifier: BSD-3-Clause
#include "rows.h"

static const struct row ports_rows[] = {
	{"no WAN port", "ports:\n" LAN, "1:1: ports: has no port with role wan"},
	{"no LAN port", "ports:\n" WAN, "1:1: ports: has no port with role lan"},
	{"name twice",
		"ports:\n" LAN
		"  - {name: lan, device: net_b, role: wan, addresses: [198.51.100.2/24]}\n",
		"3:12: ports[1].name: \"lan\" is the name of another port as well"},
	{"vdev twice",
		"ports:\n" LAN
		"  - {name: wan, device: 'net_a,x=1', role: wan, addresses: [198.51.100.2/24]}\n",
		"3:25: ports[1].device: \"net_a,x=1\" is the device of port lan as well"},
	{"interface twice",
		"ports:\n  - {name: lan, device: 'net_af_packet0,iface=v0', role: lan}\n  - {name: "
		"wan, device: 'net_af_packet1,iface=v0,q=1', role: wan, addresses: "
		"[198.51.100.2/24]}\n",
		"3:25: ports[1].device: \"net_af_packet1,iface=v0,q=1\" is the device of port lan "
		"as well"},
	{"PCI device twice",
		"ports:\n  - {name: lan, device: 0000:0A:00.1, role: lan}\n  - {name: wan, device: "
		"'0a:00.1', role: wan, addresses: [198.51.100.2/24]}\n",
		"3:25: ports[1].device: \"0000:0a:00.1\" is the device of port lan as well"},
	{"VLAN twice",
		"ports:\n  - {name: lan, device: net_a, vlan: 5, role: lan}\n  - {name: wan, "
		"device: net_a, vlan: 5, role: wan, addresses: [198.51.100.2/24]}\n",
		"3:25: ports[1].device: \"net_a\" is the device of port lan as well, allowed: a "
		"device for each port, or a vlan for each port of a device"},
	{"VLANs of a device with other arguments",
		"ports:\n  - {name: lan, device: net_a, role: lan}\n  - {name: wan, device: "
		"'net_a,q=1', vlan: 5, role: wan, addresses: [198.51.100.2/24]}\n",
		"3:25: ports[1].device: \"net_a,q=1\" is the device of port lan with other "
		"arguments"},
	{"VLAN 0", LAN_WITH(", vlan: 0"),
		"2:49: ports[0].vlan: \"0\" is out of range, allowed: 1 to 4094"},
	{"VLAN 4095", LAN_WITH(", vlan: 4095"),
		"2:49: ports[0].vlan: \"4095\" is out of range, allowed: 1 to 4094"},
	{"LAN mtu", LAN_WITH(", mtu: 1279"),
		"2:48: ports[0].mtu: 1279 is too small for a LAN port"},
	{"WAN mtu with IPv6",
		WAN_WITH(", mtu: 1279, addresses: [198.51.100.2/24, 2001:db8:2::1/64]"),
		"3:48: ports[1].mtu: 1279 is too small for a port with IPv6 addresses"},
	{"prefixes overlap", LAN_WITH(", addresses: [2001:db8:1::1/64, 198.51.100.129/25]"),
		"3:55: ports[1].addresses[0]: 198.51.100.2/24 overlaps 198.51.100.129/25 of port "
		"lan"},
	{"the same address on two ports",
		WAN_WITH(", addresses: [198.51.100.2/24, 2001:db8:1::1/128]"),
		"3:72: ports[1].addresses[1]: 2001:db8:1::1/128 overlaps 2001:db8:1::1/64 of port "
		"lan"},
	{"address twice", LAN_WITH(", addresses: [2001:db8:1::1/64, 2001:db8:1::1/80]"),
		"2:73: ports[0].addresses[1]: 2001:db8:1::1/80 is given twice"},
	{"subnet router anycast", LAN_WITH(", addresses: ['2001:db8:1::/64']"),
		"2:55: ports[0].addresses[0]: 2001:db8:1::/64 is the address of all routers on the "
		"link (RFC 4291 2.6.1)"},
	{"multicast", LAN_WITH(", addresses: [ff02::1/64]"),
		"2:55: ports[0].addresses[0]: ff02::1/64 is no address of a host"},
	{"loopback", LAN_WITH(", addresses: ['::1/128']"),
		"2:55: ports[0].addresses[0]: ::1/128 is no address of a host"},
	{"link-local", LAN_WITH(", addresses: [fe80::1/64]"),
		"2:55: ports[0].addresses[0]: fe80::1/64 is link-local"},
	{"mapped", LAN_WITH(", addresses: ['::ffff:10.0.0.1/120']"),
		"2:55: ports[0].addresses[0]: 10.0.0.1/24 is an IPv4 address in IPv6 form"},
	{"length 0", LAN_WITH(", addresses: [2001:db8::1/0]"),
		"2:55: ports[0].addresses[0]: \"2001:db8::1/0\" is no address with the length of "
		"its prefix"},
	{"IPv4 network address", WAN_WITH(", addresses: [198.51.100.0/24]"),
		"3:55: ports[1].addresses[0]: 198.51.100.0/24 is the network's address"},
	{"IPv4 broadcast address", WAN_WITH(", addresses: [198.51.100.255/24]"),
		"3:55: ports[1].addresses[0]: 198.51.100.255/24 is the broadcast address"},
	{"IPv4 multicast", WAN_WITH(", addresses: [224.0.0.1/24]"),
		"3:55: ports[1].addresses[0]: 224.0.0.1/24 is no address of a host"},
	{"IPv4 loopback", WAN_WITH(", addresses: [127.0.0.2/8]"),
		"3:55: ports[1].addresses[0]: 127.0.0.2/8 is no address of a host"},
	{"IPv4 0/8", WAN_WITH(", addresses: [0.0.0.1/8]"),
		"3:55: ports[1].addresses[0]: 0.0.0.1/8 is no address of a host"},
	{"IPv4 240/4", WAN_WITH(", addresses: [240.0.0.1/32]"),
		"3:55: ports[1].addresses[0]: 240.0.0.1/32 is no address of a host"},
	{"gateway4 off-link", WAN_WITH(", addresses: [198.51.100.2/24], gateway4: 198.51.101.1"),
		"3:83: ports[1].gateway4: 198.51.101.1 is not on a link of this port"},
	{"gateway4 on a port without IPv4", LAN_WITH(", gateway4: 198.51.100.1"),
		"2:53: ports[0].gateway4: 198.51.100.1 is not on a link of this port"},
	{"gateway4 is our own", WAN_WITH(", addresses: [198.51.100.2/24], gateway4: 198.51.100.2"),
		"3:83: ports[1].gateway4: 198.51.100.2 is the gateway's own address"},
	{"gateway4 is the broadcast address",
		WAN_WITH(", addresses: [198.51.100.2/24], gateway4: 198.51.100.255"),
		"3:83: ports[1].gateway4: 198.51.100.255 is the network or broadcast address of "
		"the link"},
	{"gateway6 off-link",
		WAN_WITH(", addresses: [198.51.100.2/24, 2001:db8:2::2/64], gateway6: "
			 "2001:db8:3::1"),
		"3:101: ports[1].gateway6: 2001:db8:3::1 is not on a link of this port"},
	{"gateway6 is our own",
		WAN_WITH(", addresses: [198.51.100.2/24, 2001:db8:2::2/64], gateway6: "
			 "2001:db8:2::2"),
		"3:101: ports[1].gateway6: 2001:db8:2::2 is the gateway's own address"},
	{"gateway6 is multicast", WAN_WITH(", addresses: [198.51.100.2/24], gateway6: ff02::2"),
		"3:83: ports[1].gateway6: ff02::2 is no address of a host"},
	{"two default next hops",
		PORTS "  - {name: wan2, device: net_c, role: wan, addresses: [192.0.2.2/24], "
		      "gateway4: 192.0.2.1}\n",
		"4:81: ports[2].gateway4: is a second default next hop beside that of port wan"},
	{"two IPv6 default next hops",
		"ports:\n  - {name: lan, device: net_a, role: lan, gateway6: fe80::1}\n  - {name: "
		"wan, device: net_b, role: wan, addresses: [198.51.100.2/24], gateway6: fe80::2}\n",
		"3:83: ports[1].gateway6: is a second default next hop beside that of port lan"},
};

static void
ports(void **state)
{
	check_rows(ports_rows, N(ports_rows));
}

static const struct row routes_rows[] = {
	{"via off-link", PORTS "routes: [{prefix: 2001:db8:2::/48, via: 2001:db8:9::1}]\n",
		"4:41: routes[0].via: 2001:db8:9::1 is not on a link of any port"},
	{"via is our own", PORTS "routes: [{prefix: 2001:db8:2::/48, via: 2001:db8:1::1}]\n",
		"4:41: routes[0].via: 2001:db8:1::1 is the gateway's own address"},
	{"via link-local without port", PORTS "routes: [{prefix: 2001:db8:2::/48, via: fe80::9}]\n",
		"4:41: routes[0].via: fe80::9 is link-local, which does not tell the port"},
	{"via not on the port's link",
		PORTS "routes: [{prefix: 2001:db8:2::/48, via: 2001:db8:1::9, port: wan}]\n",
		"4:41: routes[0].via: 2001:db8:1::9 is not on a link of this port"},
	{"via of the other family",
		PORTS "routes: [{prefix: 2001:db8:2::/48, via: 198.51.100.9}]\n",
		"4:41: routes[0].via: 198.51.100.9 is not of the prefix's family"},
	{"IPv4 via IPv6", PORTS "routes: [{prefix: 192.0.2.0/24, via: 2001:db8:1::9}]\n",
		"4:38: routes[0].via: 2001:db8:1::9 is not of the prefix's family"},
	{"unknown port", PORTS "routes: [{prefix: 2001:db8:2::/48, via: fe80::9, port: dmz}]\n",
		"4:56: routes[0].port: \"dmz\" is no port of this file"},
	{"host bits", PORTS "routes: [{prefix: 2001:db8:2::1/48, via: 2001:db8:1::9}]\n",
		"4:19: routes[0].prefix: \"2001:db8:2::1/48\" has bits set behind its length"},
	{"IPv4 host bits", PORTS "routes: [{prefix: 192.0.2.1/24, via: 198.51.100.9}]\n",
		"4:19: routes[0].prefix: \"192.0.2.1/24\" has bits set behind its length"},
	{"no prefix", PORTS "routes: [{prefix: 2001:db8:2::1, via: 2001:db8:1::9}]\n",
		"4:19: routes[0].prefix: \"2001:db8:2::1\" is no IP prefix"},
	{"twice",
		PORTS "routes:\n- {prefix: 2001:db8:2::/48, via: 2001:db8:1::9}\n- {prefix: "
		      "2001:db8:2::/48, via: 2001:db8:1::8}\n",
		"6:12: routes[1].prefix: 2001:db8:2::/48 has a route already"},
	{"on-link prefix", PORTS "routes: [{prefix: 2001:db8:1::/64, via: 2001:db8:1::9}]\n",
		"4:19: routes[0].prefix: 2001:db8:1::/64 is on the link of port lan itself"},
	{"second IPv4 default", PORTS "routes: [{prefix: 0.0.0.0/0, via: 198.51.100.9}]\n",
		"4:19: routes[0].prefix: 0.0.0.0/0 is a second default route beside the gateway of "
		"port wan"},
	{"multicast", PORTS "routes: [{prefix: 'ff00::/8', via: 2001:db8:1::9}]\n",
		"4:19: routes[0].prefix: ff00::/8 is never routed"},
	{"IPv4 multicast", PORTS "routes: [{prefix: 224.0.0.0/8, via: 198.51.100.9}]\n",
		"4:19: routes[0].prefix: 224.0.0.0/8 is never routed"},
	{"XLT-01 inside a NAT64 prefix",
		PORTS "routes: [{prefix: '64:ff9b::1.2.3.0/120', via: 2001:db8:1::9}]\n",
		"4:19: routes[0].prefix: 64:ff9b::102:300/120 is inside a NAT64 prefix"},
};

static void
routes(void **state)
{
	check_rows(routes_rows, N(routes_rows));
}

static void
more_routes_than_room(void **state)
{
	struct row r = {"257 routes", NULL, "261:3: routes[256]: is one entry too many"};
	char *yaml = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&yaml, &len);

	fputs(PORTS "routes:\n", f);
	for (unsigned int i = 0; i < 257; i++)
		fprintf(f, "- {prefix: 10.%u.%u.0/24, via: 198.51.100.9}\n", i / 256, i % 256);
	fclose(f);
	r.yaml = yaml;
	check_row(&r);
	free(yaml);
}

static void
more_ports_than_room(void **state)
{
	struct row r = {"17 ports", NULL, "18:3: ports[16]: is one entry too many"};
	char *yaml = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&yaml, &len);

	fputs("ports:\n", f);
	for (unsigned int i = 0; i < 17; i++)
		fprintf(f, "- {name: p%u, device: net_null%u, role: %s}\n", i, i,
			i ? "lan" : "wan");
	fclose(f);
	r.yaml = yaml;
	check_row(&r);
	free(yaml);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ports),
		cmocka_unit_test(routes),
		cmocka_unit_test(more_routes_than_room),
		cmocka_unit_test(more_ports_than_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
