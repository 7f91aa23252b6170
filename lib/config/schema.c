// SPDX-License-Identifier: BSD-3-Clause
#include "config/schema.h"

#include <string.h>

static const struct config_key config_key[] = {
	// clang-format off
	{"name", KEY_VALUE, RESTART, TYPE(name), FIELD(struct config, name),
		.def = "", .def_text = "the file's name without its suffix",
		.help = "Names this instance; `gate64-cli -n NAME` finds it by that."},
	{"drivers", KEY_VALUE, RESTART, TYPE(socket), FIELD(struct config, drivers), .def = "",
		.def_text = "none",
		.help = "Directory of files about DPDK's drivers (docs/drivers.md), which add to "
			"those that gate64 has, or replace them."},
	{"ports", KEY_ITEMS, RESTART, ENTRIES(struct config, port, n_port), .required = true,
		.help = "The network ports that gate64 owns, at least one of each role."},
	{"ports[].name", KEY_VALUE, RESTART,
		TYPE(name), FIELD(struct config_port, name), .required = true,
		.help = "What the CLI and routes call the port."},
	{"ports[].device", KEY_VALUE, RESTART, TYPE(device), FIELD(struct config_port, device),
		.required = true,
		.help = "The NIC, by PCI address (`gate64-setup` shows them), or a virtual DPDK "
			"device."},
	{"ports[].role", KEY_VALUE, RESTART, TYPE(choice), FIELD(struct config_port, role),
		.required = true, .choices = {"lan", "wan"},
		.help = "`lan`: towards the IPv6-only clients. `wan`: towards the internet."},
	{"ports[].vlan", KEY_VALUE, RESTART, TYPE(number), FIELD(struct config_port, vlan),
		.min = 1, .high = 4094, .def_text = "none, frames have no tag",
		.help = "VLAN tag (IEEE 802.1Q) of the port's frames. Several ports may share a "
			"device when each has a VLAN of its own; one of them may have none."},
	{"ports[].mtu", KEY_VALUE, RESTART, TYPE(number), FIELD(struct config_port, mtu),
		.min = 68, .high = 9000, .def = "1500", .unit = "bytes",
		.help = "Longest IP packet. At least 1280 where the port speaks IPv6."},
	{"ports[].offloads", KEY_VALUE, RESTART, TYPE(bool), FIELD(struct config_port, offloads),
		.def = "true",
		.help = "Whether the NIC may compute what its driver's file lists as offloads; "
			"frames are the same either way. All ports of a device have to allow it."},
	{"ports[].addresses", KEY_VALUES, LIVE, TYPE(port_addr),
		ENTRIES(struct config_port, addr6, n_addr6),
		.also = {offsetof(struct config_port, addr4), sizeof(struct prefix4),
			offsetof(struct config_port, n_addr4), offsetof(struct prefix4, len) + 1},
		.self_placed = true, .may_be_empty = true, .def_text = "none",
		.help = "The gateway's own addresses there, with the length of the link's prefix; "
			"both families, 8 of each. A link-local address is added by itself."},
	{"ports[].gateway4", KEY_VALUE, LIVE, TYPE(addr4), FIELD(struct config_port, gateway4),
		.def_text = "none", .help = "Default next hop for IPv4, a neighbour on this port."},
	{"ports[].gateway6", KEY_VALUE, LIVE, TYPE(addr6), FIELD(struct config_port, gateway6),
		.def_text = "none", .help = "Default next hop for IPv6, a neighbour on this port."},
	{"routes", KEY_ITEMS, LIVE, ENTRIES(struct config, route, n_route), .may_be_empty = true,
		.def_text = "none", .help = "Networks behind another router on one of the ports."},
	{"routes[].prefix", KEY_VALUE, LIVE, TYPE(prefix), FIELD(struct config_route, dst),
		.required = true, .help = "The network."},
	{"routes[].via", KEY_VALUE, LIVE,
		TYPE(addr), FIELD(struct config_route, via), .required = true,
		.help = "The router, a neighbour on one of the ports."},
	{"routes[].port", KEY_VALUE, LIVE, TYPE(port_ref), FIELD(struct config_route, port),
		.def = "", .def_text = "the port whose link `via` is on",
		.help = "Needed only where `via` is link-local."},
	{"nat64", KEY_SECTION, .help = "Translation between IPv6 and IPv4 (RFC 6146, RFC 7915)."},
	{"nat64.prefixes", KEY_VALUES, LIVE, TYPE(pref64),
		ENTRIES(struct config, nat64.prefix, nat64.n_prefix), .def = "64:ff9b::/96",
		.help = "Prefixes that stand for the IPv4 internet (RFC 6052), preferred ones "
			"first. DNS64 uses the same."},
	{"nat64.pool4", KEY_ITEMS, LIVE, ENTRIES(struct config, nat64.pool4, nat64.n_pool4),
		.def = "wan", .shorthand = "nat64.pool4[].address",
		.help = "IPv4 addresses that clients appear with. An entry is an address alone, or "
			"`{address: ..., ports: ...}`. At most 4096 addresses together."},
	{"nat64.pool4[].address", KEY_VALUE, LIVE, TYPE(pool_addr),
		FIELD(struct config_pool4, first),
		ALSO(struct config_pool4, last), .required = true,
		.help = "`wan` stands for every IPv4 address of the WAN ports."},
	{"nat64.pool4[].ports", KEY_VALUE, LIVE, TYPE(port_range),
		FIELD(struct config_pool4, port_first),
		ALSO(struct config_pool4, port_last), .def_text =
			"1-65535; 1024-49151 where the addresses include one of a port",
		.help = "Ports, and ICMP identifiers, that may be given to clients."},
	{"nat64.pool4[].prefixes", KEY_VALUES, LIVE, TYPE(pref64_ref),
		FIELD(struct config_pool4, prefixes), .max = CONFIG_PREF64,
		.self_placed = true, .def_text = "all of them",
		.help = "Entries of `nat64.prefixes` that these addresses serve. Where entries of "
			"the pool that name a client's prefix and others would do, the former "
			"are used."},
	{"nat64.pool4[].clients", KEY_VALUES, LIVE, TYPE(prefix6),
		ENTRIES(struct config_pool4, clients, n_clients), .def_text = "all",
		.help = "Networks of clients that these addresses serve. Of several entries of the "
			"pool that would do for a client, those that name it by the longest prefix "
			"are used; this goes before what `prefixes` says."},
	{"nat64.pool4_gaps", KEY_VALUE, LIVE, TYPE(bool), FIELD(struct config, nat64.pool4_gaps),
		.def = "false",
		.help = "Whether there may be a prefix, or clients on the LAN, for which no entry "
			"of the pool does. Their packets are refused."},
	{"nat64.pool4_alarm", KEY_VALUE, LIVE,
		TYPE(number), FIELD(struct config, nat64.pool4_alarm),
		.min = 0, .high = 100, .def = "80", .unit = "percent",
		.help = "An address whose ports are in use to this part is marked in `show nat64 "
			"pool`, and counted; 0: none is."},
	{"nat64.pairing", KEY_VALUE, LIVE, TYPE(choice), FIELD(struct config, nat64.pairing),
		.choices = {"strict", "soft"}, .def = "strict",
		.help = "A client has one pool address for all its ports. When that has no port "
			"left: `strict` refuses the client more, `soft` uses other addresses (RFC "
			"7857 4)."},
	{"nat64.port_hold", KEY_VALUE, LIVE,
		TYPE(number), FIELD(struct config, nat64.port_hold_sec),
		.min = 0, .high = 3600, .unit = "seconds",
		.def_text = "120 where `filtering` is `endpoint`, else 0",
		.help = "How long a UDP port or ICMP identifier rests that is no longer in use, so "
			"that late packets do not reach its next user (RFC 6888 REQ-8). TCP ports "
			"need not rest."},
	{"nat64.port_hold_max", KEY_VALUE, RESTART, TYPE(number),
		FIELD(struct config, nat64.port_hold_max), .min = 16, .high = 33554432,
		.def_text = "an eighth of max_bib", .unit = "ports",
		.help = "So many rest at a time, over all workers; the oldest make room."},
	{"nat64.wkp_allow", KEY_VALUE, LIVE, TYPE(choice), FIELD(struct config, nat64.wkp_allow),
		.choices = {"none", "private", "all"}, .def = "none",
		.help = "Which IPv4 addresses that are not global may be reached through "
			"64:ff9b::/96: none, as RFC 6052 3.1 says; private ones (RFC 1918 and "
			"100.64.0.0/10); all. Other prefixes are not restricted."},
	{"nat64.lowest_ipv6_mtu", KEY_VALUE, LIVE, TYPE(number),
		FIELD(struct config, nat64.lowest_ipv6_mtu), .min = 1280, .high = 9000,
		.def = "1280", .unit = "bytes",
		.help = "Longest IPv6 packet that is sent for an IPv4 packet that may be "
			"fragmented (RFC 7915 4)."},
	{"nat64.filtering", KEY_VALUE, LIVE, TYPE(choice), FIELD(struct config, nat64.filtering),
		.choices = {"address", "endpoint", "address_port"}, .def = "address",
		.help = "Who may send to a client's port from the IPv4 side. `address`: addresses "
			"that the client talks to from that port. `address_port`: only from the "
			"port that it talks to. `endpoint`: anybody, for peer-to-peer applications "
			"(RFC 4787 5). What is refused is dropped silently."},
	{"nat64.tcp_incoming", KEY_VALUE, LIVE,
		TYPE(choice), FIELD(struct config, nat64.tcp_incoming),
		.choices = {"drop", "wait", "wait_silent"}, .def = "drop",
		.help = "A TCP connection from the IPv4 side that `filtering` does not let in. "
			"`drop`: silently. `wait`: it waits `timeouts.tcp_syn` for the client to "
			"open the same connection, as peers do that traverse NATs; then its sender "
			"gets an ICMP error (RFC 5382 REQ-4). `wait_silent`: without the error."},
	{"nat64.max_stored_syns", KEY_VALUE, RESTART, TYPE(number),
		FIELD(struct config, nat64.max_stored_syns), .min = 1, .high = 1024,
		.def = "64", .unit = "packets",
		.help = "So many connections wait at a time, over all workers."},
	{"nat64.max_inbound", KEY_VALUE, LIVE,
		TYPE(number), FIELD(struct config, nat64.max_inbound),
		.min = 1, .high = 33554432, .def = "4096", .unit = "sessions",
		.help = "Sessions that outsiders may begin with one port of a client."},
	{"nat64.hairpinning", KEY_VALUE, LIVE, TYPE(bool), FIELD(struct config, nat64.hairpinning),
		.def = "true",
		.help = "Whether clients reach each other by their IPv4 addresses and ports, such "
			"as a server behind `static`."},
	{"nat64.static", KEY_ITEMS, LIVE, ENTRIES(struct config, nat64.statics, nat64.n_static),
		.may_be_empty = true, .def_text = "none",
		.help = "Port forwarding: ports of an IPv4 address that always belong to a client. "
			"They are open to everybody, are never given to others, and what the "
			"client sends from its port uses them too."},
	{"nat64.static[].protocols", KEY_VALUES, LIVE, TYPE(static_proto),
		FIELD(struct config_static, protocols), .max = STATIC__N,
		.self_placed = true, .required = true,
		.help = "For `icmp`, ports are identifiers of echo messages."},
	{"nat64.static[].address", KEY_VALUE, LIVE, TYPE(static_addr),
		FIELD(struct config_static, address), .def = "wan",
		.help = "An address of the pool or of a WAN port. `wan`: the IPv4 address of the "
			"WAN ports, which must be a single one."},
	{"nat64.static[].ports", KEY_VALUE, LIVE, TYPE(port_range),
		FIELD(struct config_static, port_first),
		ALSO(struct config_static, port_last), .required = true,
		.help = "Ports of that address."},
	{"nat64.static[].client", KEY_VALUE, LIVE,
		TYPE(addr6), FIELD(struct config_static, client),
		.required = true, .help = "The host on the LAN that they belong to."},
	{"nat64.static[].client_port", KEY_VALUE, LIVE, TYPE(number),
		FIELD(struct config_static, client_port), .min = 1, .high = 65535,
		.def_text = "the first of `ports`",
		.help = "The client's port for the first of `ports`; the others follow it."},
	{"nat64.static[].prefix", KEY_VALUE, LIVE, TYPE(pref64_index),
		FIELD(struct config_static, pref64), .def_text = "the first of `prefixes`",
		.help = "The NAT64 prefix that the client sees outsiders under."},
	{"nat64.static[].allow", KEY_VALUES, LIVE, TYPE(prefix4),
		ENTRIES(struct config_static, allow, n_allow), .def_text = "everybody",
		.help = "Networks that may send to it from the IPv4 side."},
	{"nat64.max_sessions", KEY_VALUE, RESTART,
		TYPE(number), FIELD(struct config, nat64.max_sessions),
		.min = 64, .high = 33554432, .def = "262144", .unit = "sessions",
		.help = "Room for sessions, over all workers; about 110 bytes each."},
	{"nat64.max_bib", KEY_VALUE, RESTART, TYPE(number), FIELD(struct config, nat64.max_bib),
		.min = 64, .high = 33554432, .def_text = "half of max_sessions",
		.unit = "bindings",
		.help = "Room for bindings of a client's port to one of the pool, over all "
			"workers, about 190 bytes each; also bounds the number of clients."},
	{"nat64.mss_clamp", KEY_VALUE, LIVE, TYPE(mss), FIELD(struct config, nat64.mss_clamp),
		ALSO(struct config, nat64.mss_max),
		.min = 536, .high = 8960, .def = "auto", .unit = "bytes",
		.help = "TCP's maximum segment size, both ways. `auto`: lowered to what fits the "
			"links of the gateway. A number: to that as well."},
	{"nat64.fragments", KEY_SECTION,
		.help = "Datagrams that are not complete yet; the oldest give way where there is "
			"no room."},
	{"nat64.fragments.max_datagrams", KEY_VALUE, RESTART, TYPE(number),
		FIELD(struct config, nat64.fragments.max_datagrams),
		.min = 16, .high = 65536, .def = "1024", .unit = "datagrams",
		.help = "How many, over all workers; about 2 kB each."},
	{"nat64.fragments.max_kbytes", KEY_VALUE, LIVE, TYPE(number),
		FIELD(struct config, nat64.fragments.max_kbytes),
		.min = 256, .high = 1048576, .def = "4096", .unit = "kB",
		.help = "Packet buffers that may wait for the rest of a datagram, over all "
			"workers. Fragments of TCP and UDP wait for the first one only."},
	{"nat64.fragments.timeout_sec", KEY_VALUE, LIVE, TYPE(number),
		FIELD(struct config, nat64.fragments.timeout_sec),
		.min = 2, .high = 60, .def = "2", .unit = "seconds",
		.help = "How long one is waited for (RFC 6146 4, FRAGMENT_MIN)."},
	{"nat64.tos", KEY_VALUE, LIVE, TYPE(octet), FIELD(struct config, nat64.tos), .high = 255,
		.def = "copy",
		.help = "TOS octet of what goes to IPv4: a copy of the traffic class, or always "
			"this number (RFC 7915 5.1). A number takes ECN away from the clients."},
	{"nat64.traffic_class", KEY_VALUE, LIVE, TYPE(octet),
		FIELD(struct config, nat64.traffic_class), .high = 255, .def = "copy",
		.help = "Traffic class of what comes from IPv4: a copy of the TOS octet, or always "
			"this number (RFC 7915 4.1)."},
	{"nat64.icmp_prohibited", KEY_VALUE, LIVE, TYPE(choice),
		FIELD(struct config, nat64.icmp_prohibited),
		.choices = {"none", "lan", "wan", "both"}, .def = "lan",
		.help = "Who is told, by an ICMP error of the kind administratively prohibited, "
			"that a packet was refused by policy: on the LAN, packets to IPv4 "
			"addresses that nobody may send to or that `wkp_allow` leaves out; on the "
			"WAN, UDP and echo that no session lets in (RFC 7915 4.4, 5.4). Sent at "
			"most at `icmp_error_rate`."},
	{"nat64.icmp_error_rate", KEY_VALUE, LIVE, TYPE(number),
		FIELD(struct config, nat64.icmp_error_rate), .min = 1, .high = 1000000,
		.def = "100", .unit = "packets a second",
		.help = "ICMP errors that the gateway itself sends, per worker."},
	{"nat64.quota", KEY_SECTION,
		.help = "What one subscriber may have; 0 is no limit, and limits are at least 16. "
			"Who asks for more is refused, and keeps what there is; `show nat64 "
			"subscribers` tells who."},
	{"nat64.quota.subscriber_len", KEY_VALUE, RESTART, TYPE(number),
		FIELD(struct config, nat64.quota.subscriber_len), .min = 48, .high = 128,
		.def = "64", .unit = "bits",
		.help = "IPv6 addresses with so many leading bits in common are one subscriber. A "
			"host may have any address of its /64; with 128 it can evade every limit."},
	{"nat64.quota.bindings", KEY_VALUE, LIVE, TYPE(number),
		FIELD(struct config, nat64.quota.bindings), .min = 0, .high = 33554432,
		.def = "16384", .unit = "bindings",
		.help = "Ports and ICMP identifiers, all protocols together."},
	{"nat64.quota.sessions", KEY_VALUE, LIVE, TYPE(number),
		FIELD(struct config, nat64.quota.sessions), .min = 0, .high = 33554432,
		.def = "65536", .unit = "sessions", .help = "Sessions."},
	{"nat64.quota.new_per_sec", KEY_VALUE, LIVE, TYPE(number),
		FIELD(struct config, nat64.quota.new_per_sec), .min = 0, .high = 33554432,
		.def = "0", .unit = "sessions a second",
		.help = "New sessions that the subscriber begins, with a second's worth at once."},
	{"nat64.quota.steering", KEY_VALUE, RESTART, TYPE(choice),
		FIELD(struct config, nat64.quota.steering), .choices = {"address", "subscriber"},
		.def = "address",
		.help = "With several workers. `address`: the addresses of a subscriber are spread "
			"over the workers, and each worker has its share of the quota. "
			"`subscriber`: one worker has all of a subscriber, so that the quota is "
			"exact; for many subscribers, such as those behind a CLAT."},
	{"nat64.timeouts", KEY_SECTION, .help = "How long idle sessions live (RFC 6146 4)."},
	{"nat64.timeouts.udp", KEY_VALUE, LIVE, TYPE(number),
		FIELD(struct config, nat64.timeout[TIMEOUT_UDP]),
		.min = 120, .high = 86400, .def = "300", .unit = "seconds", .help = "UDP."},
	{"nat64.timeouts.icmp", KEY_VALUE, LIVE, TYPE(number),
		FIELD(struct config, nat64.timeout[TIMEOUT_ICMP]),
		.min = 60, .high = 86400, .def = "60", .unit = "seconds", .help = "ICMP echo."},
	{"nat64.timeouts.tcp_transitory", KEY_VALUE, LIVE, TYPE(number),
		FIELD(struct config, nat64.timeout[TIMEOUT_TCP_TRANSITORY]),
		.min = 60, .high = 86400, .def = "240", .unit = "seconds",
		.help = "TCP that is being set up or has ended. RFC 6146 asks for 240."},
	{"nat64.timeouts.tcp_established", KEY_VALUE, LIVE, TYPE(number),
		FIELD(struct config, nat64.timeout[TIMEOUT_TCP_ESTABLISHED]),
		.min = 7200, .high = 604800, .def = "7200", .unit = "seconds",
		.help = "TCP in use."},
	{"nat64.timeouts.tcp_syn", KEY_VALUE, LIVE, TYPE(number),
		FIELD(struct config, nat64.timeout[TIMEOUT_TCP_SYN]),
		.min = 6, .high = 60, .def = "6", .unit = "seconds",
		.help = "TCP opened from the IPv4 side, until the client answers."},
	{"dns64", KEY_SECTION, .help = "The DNS service for the clients (RFC 6147)."},
	{"dns64.enabled", KEY_VALUE, RESTART, TYPE(bool), FIELD(struct config, dns64.enabled),
		.def_text = "true when there are upstreams", .help = "Whether it runs."},
	{"dns64.listen", KEY_VALUES, LIVE, TYPE(addr),
		ENTRIES(struct config, dns64.listen, dns64.n_listen),
		.def_text = "every address of the LAN ports",
		.help = "Addresses of the gateway that answer on UDP port 53."},
	{"dns64.upstreams", KEY_VALUES, LIVE, TYPE(upstream),
		ENTRIES(struct config, dns64.upstream, dns64.n_upstream), .def_text = "none",
		.may_be_empty = true,
		.help = "Recursive DNS servers to ask, preferred ones first."},
	{"dns64.upstream_ports", KEY_VALUE, LIVE, TYPE(port_range),
		FIELD(struct config, dns64.port_first),
		ALSO(struct config, dns64.port_last), .def = "49152-65535",
		.help = "Source ports of queries to the upstreams, at least 256 from 1024 up. No "
			"pool entry may hold them on an address of the gateway."},
	{"dns64.allow", KEY_VALUES, LIVE, TYPE(prefix),
		ENTRIES(struct config, dns64.allow, dns64.n_allow),
		.def_text = "the LAN ports' prefixes, routes behind LAN ports, fe80::/10",
		.help = "Networks that may ask."},
	{"dns64.exclude_aaaa", KEY_VALUES, LIVE, TYPE(prefix6),
		ENTRIES(struct config, dns64.exclude_aaaa, dns64.n_exclude_aaaa),
		.def = "::ffff:0:0/96", .may_be_empty = true,
		.help = "AAAA records in these prefixes count as missing (RFC 6147 5.1.4)."},
	{"dns64.empty_zones", KEY_VALUE, LIVE, TYPE(bool),
		FIELD(struct config, dns64.empty_zones), .def = "true",
		.help = "Reverse names of private and documentation addresses are answered here, "
			"as not existing (RFC 6303). `false`: the upstreams are asked, which is "
			"right where they know the names of these addresses."},
	{"dns64.cache_entries", KEY_VALUE, RESTART, TYPE(number),
		FIELD(struct config, dns64.cache_entries), .min = 16, .high = 16777216,
		.def = "65536", .unit = "answers", .help = "Room in the cache."},
	{"dns64.cache_max_ttl", KEY_VALUE, LIVE, TYPE(number),
		FIELD(struct config, dns64.cache_max_ttl), .min = 0, .high = 604800,
		.def = "86400", .unit = "seconds", .help = "Longest stay of an answer."},
	{"dns64.cache_max_negative_ttl", KEY_VALUE, LIVE, TYPE(number),
		FIELD(struct config, dns64.cache_max_negative_ttl), .min = 0, .high = 86400,
		.def = "3600", .unit = "seconds",
		.help = "Longest stay of the answer that something does not exist."},
	{"dns64.timeout_ms", KEY_VALUE, LIVE,
		TYPE(number), FIELD(struct config, dns64.timeout_ms),
		.min = 50, .high = 10000, .def = "1000", .unit = "milliseconds",
		.help = "How long one try waits for an upstream."},
	{"dns64.tries", KEY_VALUE, LIVE, TYPE(number), FIELD(struct config, dns64.tries),
		.min = 1, .high = 3 * CONFIG_UPSTREAMS, .def = "3",
		.help = "Tries over all upstreams; at most 3 for each (RFC 9520 3.1)."},
	{"dns64.max_pending", KEY_VALUE, RESTART,
		TYPE(number), FIELD(struct config, dns64.max_pending),
		.min = 1, .high = 65536, .def = "4096", .unit = "queries",
		.help = "Client queries that may wait for an upstream at a time."},
	{"dns64.edns_size", KEY_VALUE, RESTART, TYPE(number), FIELD(struct config, dns64.edns_size),
		.min = 512, .high = 4096, .def = "1232", .unit = "bytes",
		.help = "Longest UDP answer, offered and accepted (RFC 6891): one that fits the "
			"smallest MTU of the ports, since answers are neither sent nor taken in "
			"fragments."},
	{"lcores", KEY_SECTION,
		.help = "Which CPUs do what. `auto` fills in the CPUs that no key names: the first "
			"for control, the second for DNS64 if it is on, the rest for workers, 8 at "
			"most. Workers come first where CPUs are few: with two, control and DNS64 "
			"share one. docs/operations.md has a table."},
	{"lcores.control", KEY_VALUE, RESTART, TYPE(cpu), FIELD(struct config, lcores.control),
		.high = 1023, .def = "auto", .help = "CLI, logs, start and stop."},
	{"lcores.dns", KEY_VALUE, RESTART, TYPE(cpu), FIELD(struct config, lcores.dns),
		.high = 1023, .def = "auto", .help = "DNS64."},
	{"lcores.workers", KEY_VALUES, RESTART, TYPE(cpu),
		ENTRIES(struct config, lcores.worker, lcores.n_worker), .high = 1023,
		.word = "auto", .def_text = "auto", .help = "The data path, a worker each."},
	{"lcores.idle", KEY_VALUE, RESTART, TYPE(choice), FIELD(struct config, lcores.idle_sleep),
		.choices = {"poll", "sleep"}, .def = "sleep",
		.help = "What an lcore without work does. `sleep`: it waits for the next packet "
			"where the driver can tell it, or looks every 50 to 150 microseconds. "
			"`poll` keeps its CPU busy and has the shortest delays."},
	{"memory", KEY_SECTION, .help = "Memory."},
	{"memory.hugepages", KEY_VALUE, RESTART,
		TYPE(choice), FIELD(struct config, memory.hugepages),
		.choices = {"auto", "never", "require"}, .def = "auto",
		.help = "`auto`: when enough are free, else ordinary pages."},
	{"memory.mbufs", KEY_VALUE, RESTART, TYPE(number), FIELD(struct config, memory.mbufs),
		.min = 0, .high = 16777216, .def = "0", .unit = "packets",
		.help = "Packet buffers, at least 1024; 0: chosen from ports and queues."},
	{"memory.neighbors", KEY_VALUE, RESTART,
		TYPE(number), FIELD(struct config, memory.neighbors),
		.min = 16, .high = 1048576, .def = "4096", .unit = "entries",
		.help = "Room in the ARP and ND table."},
	{"memory.neighbor_queue", KEY_VALUE, RESTART, TYPE(number),
		FIELD(struct config, memory.neighbor_queue), .min = 1, .high = 64,
		.def = "16", .unit = "packets",
		.help = "Packets that wait for one neighbour that is being looked for."},
	{"state_file", KEY_VALUE, RESTART, TYPE(state_file), FIELD(struct config, state_file),
		.def_text = "/var/lib/gate64/NAME.state",
		.help = "The file in which sessions outlive a restart. `none`: they do not."},
	{"cli", KEY_SECTION, .help = "The command line, `gate64-cli`."},
	{"cli.socket", KEY_VALUE, RESTART, TYPE(socket), FIELD(struct config, cli.socket),
		.def = "", .def_text = "/run/gate64/NAME.sock",
		.help = "Its Unix socket."},
	// clang-format on
};
const struct schema config_schema = {config_key, N(config_key)};

bool
config_path_is_in(const char *path, const char *section)
{
	size_t len = strlen(section);

	if (len) {
		if (strncmp(path, section, len) || path[len] != '.')
			return false;
		path += len + 1;
	}
	return strpbrk(path, ".[") == NULL;
}

const char *
config_path_leaf(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot ? dot + 1 : path;
}

void
config_describe(const struct config_key *k, char *buf, size_t len)
{
	if (k->type->describe)
		k->type->describe(k, buf, len);
	else
		snprintf(buf, len, "%s", k->type->what);
}
