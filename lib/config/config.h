// SPDX-License-Identifier: BSD-3-Clause
// The configuration as one plain struct, filled from one YAML file. No pointers inside: it can be
// copied and compared. Any thread that was handed one which does not change.
// Addresses in wire order, ports in host order, times in seconds unless the name says otherwise.
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include "addr/pref64.h"
#include "base/err.h"

#include <stdio.h>

#define CONFIG_PORTS     16
#define CONFIG_PORT_ADDR 8
#define CONFIG_ROUTES    256
#define CONFIG_PREF64    16
#define CONFIG_POOL4     256
#define CONFIG_UPSTREAMS 8
#define CONFIG_EXCLUDE   32
#define CONFIG_WORKERS   16
// Room for the defaults: every address of the ports; every on-link prefix, every route, fe80::/10.
#define CONFIG_POOL4_CLIENTS 16
#define CONFIG_STATICS       512
#define CONFIG_STATIC_ALLOW  16
#define CONFIG_STATIC_PORTS  196608 // of all static entries and their protocols together
#define CONFIG_LISTEN        (CONFIG_PORTS * 2 * CONFIG_PORT_ADDR)
#define CONFIG_ACL           (CONFIG_PORTS * 2 * CONFIG_PORT_ADDR + CONFIG_ROUTES + 1)

#define CONFIG_POOL4_ADDR    4096 // addresses in all entries of pool4 together

#define CONFIG_CPU_AUTO      (-1)

enum port_role {
	PORT_LAN,
	PORT_WAN,
};

struct config_port {
	char name[32];    // unique; the CLI and routes refer to it
	char device[256]; // PCI address (0000:03:00.0) or DPDK vdev (net_af_packet0,iface=veth0)
	bool is_pci;
	enum port_role role;
	uint16_t vlan; // IEEE 802.1Q VID of its frames; 0: they have no tag
	uint16_t mtu;  // L3 bytes, 1280..9000 on the LAN, 68..9000 on the WAN
	bool offloads; // the NIC may do what the driver's file lists
	struct prefix6 addr6[CONFIG_PORT_ADDR]; // with host bits; a link-local one is added by app
	unsigned int n_addr6;
	struct prefix4 addr4[CONFIG_PORT_ADDR];
	unsigned int n_addr4;
	bool has_gateway4, has_gateway6;
	struct in_addr gateway4; // default next hop, on-link on this port
	struct in6_addr gateway6;
};

// A static route through a router on one of the ports. IPv4 prefixes are v4-mapped (len + 96).
struct config_route {
	struct prefix6 dst; // no host bits
	struct in6_addr via;
	unsigned int port; // index into ports
};

// A run of pool addresses with one port range. "wan" is resolved by config_check.
struct config_pool4 {
	struct in_addr first, last; // inclusive
	// inclusive; ICMP identifiers use the same range. first > last: an address that is not in
	// the pool but has static entries
	uint16_t port_first, port_last;
	uint16_t prefixes; // bit i: for clients of prefix[i]; 0: for all prefixes
	struct prefix6 clients[CONFIG_POOL4_CLIENTS]; // for these; none: for all clients
	unsigned int n_clients;
};

// Who may send to a dynamic binding from the IPv4 side (RFC 6146 §1.2.3, RFC 4787 §5).
enum config_filtering {
	FILTERING_ADDRESS,      // addresses that the binding has a session with
	FILTERING_ENDPOINT,     // anybody
	FILTERING_ADDRESS_PORT, // addresses and ports that the binding has a session with
};

// A TCP SYN from the IPv4 side that filtering does not let in (RFC 6146 §3.5.2.2, CLOSED).
enum config_tcp_incoming {
	TCP_INCOMING_DROP,        // silently, no state
	TCP_INCOMING_WAIT,        // stored for TIMEOUT_TCP_SYN, for a simultaneous open; then 3/3
	TCP_INCOMING_WAIT_SILENT, // the same without the ICMP error at the end
};

// Bits of struct config_static.protocols are 1 << one of these.
enum config_static_proto {
	STATIC_TCP,
	STATIC_UDP,
	STATIC_ICMP,
	STATIC__N,
};

// Static BIB entries (N64-BIB-07): port forwarding. One binding for each port and protocol.
struct config_static {
	uint8_t protocols;
	uint8_t pref64;                 // index of the prefix that outsiders are seen under
	struct in_addr address;         // T; "wan" is resolved by the checks
	uint16_t port_first, port_last; // t, or the identifier; inclusive
	struct in6_addr client;         // X'
	uint16_t client_port;           // x that belongs to port_first; the others follow
	struct prefix4 allow[CONFIG_STATIC_ALLOW]; // who may send; none: everybody
	unsigned int n_allow;
};

// How inside addresses are spread over the workers.
enum config_steering {
	STEERING_ADDRESS,    // each for itself; a worker has its share of every quota
	STEERING_SUBSCRIBER, // those of one subscriber go to one worker
};

// What one subscriber may have (N64-DOS-02); 0: no limit.
struct config_quota {
	uint8_t subscriber_len; // 48..128: addresses with these bits in common are one subscriber
	uint32_t bindings;      // BIB entries, that is ports and identifiers
	uint32_t sessions;
	uint32_t new_per_sec; // new sessions a second, with a second's worth of burst
	enum config_steering steering;
};

// A client whose pool address has no port left (RFC 7857 §4).
enum config_pairing {
	PAIRING_STRICT, // is refused
	PAIRING_SOFT,   // gets one of another address
};

// The octet that is TOS in IPv4 and traffic class in IPv6, when it goes from one to the other.
struct config_octet {
	uint8_t lost; // its bits that are not copied: none or all
	uint8_t set;  // what they become
};

// Whose senders are told that policy refused a packet (RFC 7915 §4.4, §5.4): bits.
enum config_tell {
	TELL_NONE,
	TELL_LAN, // ICMPv6 1/1
	TELL_WAN, // ICMPv4 3/13
	TELL_BOTH,
};

struct config_fragments {
	uint32_t max_datagrams; // incomplete ones, over all workers
	uint32_t max_kbytes;    // held in them, over all workers
	uint32_t timeout_sec;   // FRAGMENT_MIN, >= 2
};

// Index of struct config_nat64.timeout; the order is that of the classes of RFC 6146 §4.
enum config_timeout {
	TIMEOUT_UDP,             // UDP_DEFAULT, >= 120
	TIMEOUT_ICMP,            // ICMP_DEFAULT, >= 60
	TIMEOUT_TCP_TRANSITORY,  // TCP_TRANS, default 240
	TIMEOUT_TCP_ESTABLISHED, // TCP_EST, >= 7200
	TIMEOUT_TCP_SYN,         // TCP_INCOMING_SYN, 6
	TIMEOUT__N,
};

struct config_nat64 {
	struct pref64 prefix[CONFIG_PREF64]; // default: 64:ff9b::/96
	unsigned int n_prefix;
	struct config_pool4 pool4[CONFIG_POOL4];
	unsigned int n_pool4;
	enum wkp_allow wkp_allow;
	uint32_t timeout[TIMEOUT__N];
	uint32_t max_sessions;    // over all workers
	uint32_t max_bib;         // over all workers; also bounds the clients
	uint16_t lowest_ipv6_mtu; // RFC 7915 §4: 1280..9000, default 1280
	enum config_filtering filtering;
	enum config_tcp_incoming tcp_incoming;
	uint32_t max_stored_syns; // over all workers (N64-TCP-10)
	uint32_t max_inbound;     // sessions that outsiders begin with one binding (N64-DOS-03)
	struct config_static statics[CONFIG_STATICS];
	unsigned int n_static;
	bool hairpinning;
	struct config_quota quota;
	enum config_pairing pairing;
	bool pool4_gaps;        // some clients or prefixes may have no entry of pool4
	uint8_t pool4_alarm;    // N64-PORT-12: percent of an address's ports; 0: none
	uint32_t port_hold_sec; // N64-PORT-09: a freed UDP port or identifier rests; 0: it does not
	uint32_t port_hold_max; // so many at a time, over all workers
	struct config_fragments fragments;
	bool mss_clamp;                    // MTU-09: TCP MSS to what fits the links, both ways
	uint16_t mss_max;                  // and never above this; 0: no such limit
	struct config_octet tos;           // of IPv4, out of the traffic class
	struct config_octet traffic_class; // of IPv6, out of TOS
	enum config_tell icmp_prohibited;
	uint32_t icmp_error_rate; // ICMP errors a second that we originate, per worker
};

struct config_dns64 {
	bool enabled;
	struct in6_addr listen[CONFIG_LISTEN]; // default: every address of the LAN ports
	unsigned int n_listen;
	struct {
		struct in6_addr addr; // IPv4 is mapped
		uint16_t port;
	} upstream[CONFIG_UPSTREAMS];
	unsigned int n_upstream;
	uint16_t port_first,
		port_last; // source ports upstream; never in a pool4 range of own addresses
	struct prefix6
		allow[CONFIG_ACL]; // who may ask; default: LAN prefixes and routes behind LAN
	unsigned int n_allow;
	struct prefix6 exclude_aaaa[CONFIG_EXCLUDE]; // default ::ffff:0:0/96 (RFC 6147 §5.1.4)
	unsigned int n_exclude_aaaa;
	bool empty_zones; // reverse names of private addresses are answered here (RFC 6303)
	uint32_t cache_entries;
	uint32_t timeout_ms;  // of one try upstream
	uint32_t tries;       // over all upstreams, at most 3 to one server (RFC 9520 §3.1)
	uint32_t max_pending; // client queries in flight
	uint32_t cache_max_ttl;
	uint32_t cache_max_negative_ttl;
	uint16_t edns_size; // advertised and accepted, 512..4096, default 1232
};

enum config_hugepages {
	HUGEPAGES_AUTO, // when enough are free, else without
	HUGEPAGES_NEVER,
	HUGEPAGES_REQUIRE,
};

struct config {
	char name[64];     // instance; names the CLI socket. Default: base name of the file
	char drivers[108]; // directory of more drivers-cfg; "": none
	struct config_port port[CONFIG_PORTS];
	unsigned int n_port;
	struct config_route route[CONFIG_ROUTES];
	unsigned int n_route;
	struct config_nat64 nat64;
	struct config_dns64 dns64;
	struct {
		int control; // CPU numbers, or CONFIG_CPU_AUTO
		int dns;
		int worker[CONFIG_WORKERS];
		unsigned int n_worker; // 0: chosen at start from the CPUs there are
		bool idle_sleep;       // back off when there is nothing to do
	} lcores;
	struct {
		enum config_hugepages hugepages;
		uint32_t mbufs;          // packet buffers, 0: chosen from ports and queues
		uint32_t neighbors;      // entries of the neighbour table
		uint32_t neighbor_queue; // packets that wait for one unresolved next hop
	} memory;
	char state_file[256]; // BIB and sessions outlive a restart in it; "": they do not
	struct {
		char socket[108]; // default /run/gate64/<name>.sock
	} cli;
};

// Reads and checks a file. Every problem found is a line "file:line:col: key: what is wrong, what
// is allowed" on errors. 0, or -EINVAL (or -errno when the file cannot be read), with c undefined.
int config_load(const char *path, struct config *c, FILE *errors);
// The same from memory; path is for the messages.
int config_load_text(
	const char *path, const char *text, size_t len, struct config *c, FILE *errors);

// Calls fn for each key whose value is not the same in two loaded files, "nat64.pool4[1].ports" for
// instance. live: a reload can change it; else it takes a restart. Returns how many.
typedef void (*config_diff_fn)(void *arg, const char *path, bool live);
unsigned int config_diff(
	const struct config *a, const struct config *b, config_diff_fn fn, void *arg);

// Writes docs/config.md from the schema table.
void config_print_docs(FILE *out);

#endif
