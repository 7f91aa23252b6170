// SPDX-License-Identifier: BSD-3-Clause
// The list of drop reasons and the counters of a worker. A reason is added by a line here and
// nowhere else; the CLI and the docs read this table.
// Counters are written by the worker that owns them only; others read them relaxed.
#ifndef STATS_DROP_H
#define STATS_DROP_H

#include <stdint.h>

// X(symbol, name in the CLI, what happened)
#define DROP_REASONS(X) \
	X(L2_NOT_OURS, "l2_not_ours", "destination MAC is neither ours nor a group we joined") \
	X(L2_ETHERTYPE, "l2_ethertype", "neither IPv4, IPv6 nor ARP") \
	X(VLAN, "vlan", "VLAN tag that no port has, or none where all ports of the NIC have one") \
	X(MALFORMED, "malformed", "lengths or versions that contradict each other") \
	X(CHECKSUM4, "checksum4", "bad IPv4 header checksum (RFC 1812 5.2.2)") \
	X(CHECKSUM_L4, "checksum_l4", \
		"bad checksum of a packet to the gateway or of an ICMP error") \
	X(EXT_CHAIN, "ext_chain", "IPv6 extension headers truncated, too many or too long") \
	X(ROUTING_HEADER, "routing_header", \
		"IPv6 routing header with segments left (RFC 7915 5.1)") \
	X(SOURCE_ROUTE, "source_route", "unexpired IPv4 source route (RFC 7915 4.1)") \
	X(SRC6_ILLEGAL, "src6_illegal", "IPv6 source ::, ::1, multicast or link-local") \
	X(SRC4_ILLEGAL, "src4_illegal", "IPv4 source no host may use (RFC 1812 5.3.7)") \
	X(SRC_IN_PREF64, "src_in_pref64", "IPv6 source inside a NAT64 prefix (RFC 6146 3.5)") \
	X(SRC_NO_ROUTE, "src_no_route", "IPv6 source is not behind a LAN port") \
	X(WKP_NON_GLOBAL, "wkp_non_global", \
		"64:ff9b::/96 with a non-global IPv4 address (RFC 6052 3.1)") \
	X(DST4_UNUSABLE, "dst4_unusable", "embedded IPv4 address no packet may be sent to") \
	X(TTL, "ttl", "hop limit or TTL ran out") \
	X(PROTO, "proto", "transport that NAT64 does not translate (RFC 6146 3.4)") \
	X(L4_MALFORMED, "l4_malformed", "TCP, UDP or ICMP header truncated or inconsistent") \
	X(PORT_ZERO, "port_zero", "source or destination port 0") \
	X(UDP6_CHECKSUM_ZERO, "udp6_checksum_zero", \
		"UDP over IPv6 without a checksum (RFC 8200 8.1)") \
	X(ICMP_TYPE, "icmp_type", "ICMP type that is not translated (RFC 7915 4.2, 5.2)") \
	X(ICMP_POINTER, "icmp_pointer", "parameter problem whose pointer has no counterpart") \
	X(ICMP_MTU, "icmp_mtu", "packet too big with an impossible MTU") \
	X(ICMP_INNER, "icmp_inner", \
		"ICMP error whose quoted packet cannot be used (RFC 6146 3.4)") \
	X(ICMP_NO_SESSION, "icmp_no_session", "ICMP error about no session of ours") \
	X(FRAG_INVALID, "frag_invalid", \
		"fragment with an impossible length or offset (RFC 8200 4.5)") \
	X(FRAG_TINY, "frag_tiny", \
		"first fragment without the whole transport header (RFC 1858, RFC 6146 3.4)") \
	X(FRAG_OVERLAP, "frag_overlap", \
		"fragments that contradict each other: all of their datagram (RFC 5722)") \
	X(FRAG_DUPLICATE, "frag_duplicate", "fragment that has been there already") \
	X(FRAG_LIMIT, "frag_limit", "no room for more fragments (nat64.fragments)") \
	X(FRAG_TIMEOUT, "frag_timeout", "the rest of the datagram did not come in time") \
	X(FRAG_NO_SESSION, "frag_no_session", "fragment whose first one opened no session") \
	X(FRAG_LOCAL, "frag_local", "fragment to the gateway itself") \
	X(FRAG_NEEDED, "frag_needed", \
		"does not fit the link and cannot be cut: our own, or no buffer left") \
	X(TOO_BIG, "too_big", "larger than the next hop's MTU, sender told") \
	X(HAIRPIN, "hairpin", "to a pool address from inside, with hairpinning off") \
	X(NO_SESSION4, "no_session4", "unsolicited from the IPv4 side") \
	X(FILTERED, "filtered", "from the IPv4 side to a binding that is not open to the sender") \
	X(SYN_WAITING, "syn_waiting", \
		"SYN from the IPv4 side that waits already, or that the client opened itself") \
	X(SYN_LIMIT, "syn_limit", "no room for one more SYN that waits for a client") \
	X(SYN_TIMEOUT, "syn_timeout", "SYN that waited for a client in vain") \
	X(INBOUND_LIMIT, "inbound_limit", \
		"outsiders began as many sessions with the binding as they may") \
	X(TCP_NO_SESSION, "tcp_no_session", "TCP segment without a session that may not open one") \
	X(TCP_FLAGS, "tcp_flags", "TCP flags no segment may carry together") \
	X(SESSION_CLASH, "session_clash", "same flow already lives under another NAT64 prefix") \
	X(SESSION_LIMIT, "session_limit", "session table full") \
	X(BIB_LIMIT, "bib_limit", "BIB or client table full") \
	X(NO_PORT, "no_port", "no free port on the client's pool address") \
	X(QUOTA_BINDINGS, "quota_bindings", "subscriber has as many bindings as it may") \
	X(QUOTA_SESSIONS, "quota_sessions", "subscriber has as many sessions as it may") \
	X(QUOTA_RATE, "quota_rate", "subscriber began as many sessions in this second as it may") \
	X(NO_POOL4, "no_pool4", "no IPv4 pool address for this client and prefix") \
	X(NO_ROUTE, "no_route", "no route to the destination") \
	X(NOT_FORWARDED, "not_forwarded", "destination the gateway does not forward to") \
	X(NEIGH_UNREACHABLE, "neigh_unreachable", "next hop did not answer ARP or ND") \
	X(NEIGH_QUEUE, "neigh_queue", "too many packets wait for one next hop") \
	X(NEIGH_LIMIT, "neigh_limit", "neighbour table full") \
	X(LOCAL_PROTO, "local_proto", "to the gateway itself, nothing listens there") \
	X(ND_INVALID, "nd_invalid", "ND or MLD message that fails validation (RFC 4861 7.1)") \
	X(ARP_INVALID, "arp_invalid", "ARP message that fails validation") \
	X(DNS_ACL, "dns_acl", "DNS query from outside the networks that may ask") \
	X(DNS_QUEUE, "dns_queue", "DNS lcore did not keep up") \
	X(STEER_QUEUE, "steer_queue", "owning worker did not keep up") \
	X(TX_FULL, "tx_full", "port took no more packets") \
	X(LINK_DOWN, "link_down", "output port has no link")

enum drop_reason {
#define X(symbol, name, text) DROP_##symbol,
	DROP_REASONS(X)
#undef X
		DROP__N,
	DROP_NONE = 0xff, // verdict of a stage that lets the packet go on
};

// Indexed by enum drop_reason.
extern const char *const drop_name[DROP__N];
extern const char *const drop_text[DROP__N];

// Why a packet goes from the worker that has it to another one. Only the first kind is one that a
// NIC with our hash key and as many queues as workers can spare them.
// X(symbol, name in the CLI, what it is)
#define HANDED_KINDS(X) \
	X(SESSION, "sessions", \
		"TCP, UDP and ICMPv6 echo to translate; none where the NIC spreads by our key") \
	X(ECHO4, "echo4", "ICMP echo from the IPv4 side, whose identifier no NIC reads") \
	X(HAIRPIN, "hairpin", "from a client to a client: the second pass of a packet") \
	X(FRAGMENT, "fragments", "fragments and what becomes of them; only the first has ports") \
	X(ICMP_ERROR, "icmp_errors", "ICMP errors: the quoted packet says whose they are") \
	X(LOCAL, "local", "to the gateway itself: ARP, ND, echo, DNS; the first worker's") \
	X(NEXT_HOP, "next_hop", "to a neighbour that is not resolved yet; the first worker does") \
	X(TRANSMIT, "transmit", "ready to send, for a worker that has a transmit queue")

enum handed_kind {
#define X(symbol, name, text) HANDED_##symbol,
	HANDED_KINDS(X)
#undef X
		HANDED__N,
};

// Indexed by enum handed_kind.
extern const char *const handed_name[HANDED__N];
extern const char *const handed_text[HANDED__N];

// rx + originated = tx + consumed + sum(drop), once no packet is in flight.
struct worker_stats {
	uint64_t rx;             // frames received from ports
	uint64_t tx;             // frames handed to ports
	uint64_t originated;     // frames that we made ourselves (ARP, ND, ICMP, DNS, probes)
	uint64_t consumed;       // frames that ended here as meant (ARP, ND, echo, DNS queries ...)
	uint64_t xlat64;         // packets translated IPv6 to IPv4
	uint64_t xlat46;         // packets translated IPv4 to IPv6
	uint64_t forward6;       // native IPv6 packets routed between LAN ports
	uint64_t polls;          // loop turns
	uint64_t polls_idle;     // loop turns that found nothing
	uint64_t no_mbuf;        // packets of our own that were not made: pool empty
	uint64_t icmp_limited;   // ICMP errors not sent because of the rate limit
	uint64_t tcp_probes;     // keep-alive probes of N64-TCP-05, of a reload too
	uint64_t tcp_resets;     // to inside hosts whose session a reload has ended
	uint64_t reload_ended;   // sessions that reloads have ended
	uint64_t suffix_nonzero; // IPv6 destinations whose RFC 6052 suffix or u octet was not zero
	uint64_t drop[DROP__N];
	uint64_t handed[HANDED__N]; // to other workers; a full ring drops some (steer_queue)
};

#endif
