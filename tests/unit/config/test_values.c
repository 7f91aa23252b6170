// SPDX-License-Identifier: BSD-3-Clause
#include "rows.h"

static const struct row value_rows[] = {
	{"name with a space", PORTS "name: a b\n", "4:7: name: \"a b\" is no name"},
	{"name that begins with a dot", PORTS "name: .a\n", "4:7: name: \".a\" is no name"},
	{"name too long",
		PORTS "name: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
		"4:7: name: \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\" is "
		"too long"},
	{"port name too long",
		"ports:\n  - {name: pppppppppppppppppppppppppppppppp, device: net_a, role: "
		"lan}\n" WAN,
		"2:12: ports[0].name: \"pppppppppppppppppppppppppppppppp\" is too long"},
	{"role", "ports:\n  - {name: lan, device: net_a, role: inside}\n" WAN,
		"2:38: ports[0].role: \"inside\" is not known here"},
	{"device is a Linux name", LAN_DEV("eth0"),
		"2:25: ports[0].device: \"eth0\" is neither a PCI address nor a DPDK device"},
	{"vdev without a name", LAN_DEV("net_"),
		"2:25: ports[0].device: \"net_\" is neither a PCI address nor a DPDK device"},
	{"PCI slot too large", LAN_DEV("0000:03:20.0"),
		"2:25: ports[0].device: \"0000:03:20.0\" is neither a PCI address nor a DPDK "
		"device"},
	{"PCI function too large", LAN_DEV("0000:03:00.8"),
		"2:25: ports[0].device: \"0000:03:00.8\" is neither a PCI address nor a DPDK "
		"device"},
	{"PCI bus too large", LAN_DEV("0000:103:00.0"),
		"2:25: ports[0].device: \"0000:103:00.0\" is neither a PCI address nor a DPDK "
		"device"},
	{"PCI half an address", LAN_DEV("'03:00'"),
		"2:25: ports[0].device: \"03:00\" is neither a PCI address nor a DPDK device"},
	{"PCI with more behind", LAN_DEV("0000:03:00.0x"),
		"2:25: ports[0].device: \"0000:03:00.0x\" is neither a PCI address nor a DPDK "
		"device"},
	{"device with a space", LAN_DEV("'net_tap0,a b'"),
		"2:25: ports[0].device: \"net_tap0,a b\" is neither a PCI address nor a DPDK "
		"device"},
	{"device too long",
		LAN_DEV("'net_tap0,"
			"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
			"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
			"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
			"xxxxxxxxxxxxxxxxxxxxxxxxxxxx'"),
		"2:25: ports[0].device: "
		"\"net_tap0,xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\" is too long"},
	{"mtu of no port", LAN_WITH(", mtu: 10000"),
		"2:48: ports[0].mtu: \"10000\" is out of range"},
	{"mtu not a number", LAN_WITH(", mtu: big"), "2:48: ports[0].mtu: \"big\" is not a number"},
	{"mtu negative", LAN_WITH(", mtu: -1"), "2:48: ports[0].mtu: \"-1\" is not a number"},
	{"mtu in hexadecimal", LAN_WITH(", mtu: 0x600"),
		"2:48: ports[0].mtu: \"0x600\" is not a number"},
	{"number with a fraction", PORTS "nat64: {max_bib: 1.5e3}\n",
		"4:18: nat64.max_bib: \"1.5e3\" is not a number"},
	{"number beyond 64 bits", PORTS "nat64: {max_bib: 99999999999999999999999}\n",
		"4:18: nat64.max_bib: \"99999999999999999999999\" is not a number"},
	{"N64-UDP-02 below two minutes", PORTS "nat64: {timeouts: {udp: 119}}\n",
		"4:25: nat64.timeouts.udp: \"119\" is out of range"},
	{"N64-ICMP-02 icmp below a minute", PORTS "nat64: {timeouts: {icmp: 59}}\n",
		"4:26: nat64.timeouts.icmp: \"59\" is out of range"},
	{"N64-TCP-01 tcp_established below two hours",
		PORTS "nat64: {timeouts: {tcp_established: 7199}}\n",
		"4:37: nat64.timeouts.tcp_established: \"7199\" is out of range"},
	{"tcp_transitory too short", PORTS "nat64: {timeouts: {tcp_transitory: 59}}\n",
		"4:36: nat64.timeouts.tcp_transitory: \"59\" is out of range"},
	{"tcp_syn too short", PORTS "nat64: {timeouts: {tcp_syn: 5}}\n",
		"4:29: nat64.timeouts.tcp_syn: \"5\" is out of range"},
	{"lowest_ipv6_mtu", PORTS "nat64: {lowest_ipv6_mtu: 1279}\n",
		"4:26: nat64.lowest_ipv6_mtu: \"1279\" is out of range"},
	{"sessions beyond the limit", PORTS "nat64: {max_sessions: 33554433}\n",
		"4:23: nat64.max_sessions: \"33554433\" is out of range"},
	{"wkp_allow", PORTS "nat64: {wkp_allow: some}\n",
		"4:20: nat64.wkp_allow: \"some\" is not known here"},
	{"truth value", PORTS "dns64: {enabled: yes}\n",
		"4:18: dns64.enabled: \"yes\" is not a truth value"},
	{"edns_size", PORTS "dns64: {edns_size: 511}\n",
		"4:20: dns64.edns_size: \"511\" is out of range"},
	{"address without length", LAN_WITH(", addresses: [2001:db8:1::1]"),
		"2:55: ports[0].addresses[0]: \"2001:db8:1::1\" is no address with the length of "
		"its prefix"},
	{"address length", LAN_WITH(", addresses: [2001:db8:1::1/129]"),
		"2:55: ports[0].addresses[0]: \"2001:db8:1::1/129\" is no address with the length "
		"of its prefix"},
	{"IPv4 address length", LAN_WITH(", addresses: [198.51.100.2/33]"),
		"2:55: ports[0].addresses[0]: \"198.51.100.2/33\" is no address with the length of "
		"its prefix"},
	{"nine addresses",
		LAN_WITH(", addresses: [2001:db8:1::1/64, 2001:db8:1::2/64, 2001:db8:1::3/64, "
			 "2001:db8:1::4/64, 2001:db8:1::5/64, 2001:db8:1::6/64, 2001:db8:1::7/64, "
			 "2001:db8:1::8/64, 2001:db8:1::9/64]"),
		"2:199: ports[0].addresses[8]: \"2001:db8:1::9/64\" is one too many of its family"},
	{"gateway4 of the other family", WAN_WITH(", gateway4: 2001:db8::1"),
		"3:53: ports[1].gateway4: \"2001:db8::1\" is no IPv4 address"},
	{"gateway6 in mapped form", WAN_WITH(", gateway6: '::ffff:1.2.3.4'"),
		"3:53: ports[1].gateway6: \"::ffff:1.2.3.4\" is no IPv6 address"},
	{"CPU out of range", PORTS "lcores: {control: 1024}\n",
		"4:19: lcores.control: \"1024\" is out of range"},
	{"CPU auto among numbers", PORTS "lcores: {workers: [1, auto]}\n",
		"4:23: lcores.workers[1]: \"auto\" is no number of a CPU"},
	{"workers with no entry", PORTS "lcores: {workers: []}\n",
		"4:19: lcores.workers: is empty"},
	{"too many workers",
		PORTS
		"lcores: {workers: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]}\n",
		"4:74: lcores.workers[16]: is one entry too many"},
	{"idle", PORTS "lcores: {idle: spin}\n", "4:16: lcores.idle: \"spin\" is not known here"},
	{"hugepages", PORTS "memory: {hugepages: on}\n",
		"4:21: memory.hugepages: \"on\" is not known here"},
	{"mbufs", PORTS "memory: {mbufs: 1023}\n", "4:17: memory.mbufs: 1023 is out of range"},
	{"neighbor_queue", PORTS "memory: {neighbor_queue: 65}\n",
		"4:26: memory.neighbor_queue: \"65\" is out of range"},
	{"state file relative", PORTS "state_file: var/g.state\n",
		"4:13: state_file: \"var/g.state\" is no absolute path"},
	{"socket relative", PORTS "cli: {socket: run/g.sock}\n",
		"4:15: cli.socket: \"run/g.sock\" is no absolute path"},
	{"socket too long",
		PORTS "cli: {socket: "
		      "/sssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssss"
		      "ssssssssssssssssssssssssssssssss}\n",
		"4:15: cli.socket: "
		"\"/sssssssssssssssssssssssssssssssssssssssssssssssssssssssssss\" is too long"},
};

static void
values(void **state)
{
	check_rows(value_rows, N(value_rows));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
