// SPDX-License-Identifier: BSD-3-Clause
// DNS64 forwarder with a cache (RFC 6147, 6303, 8880, 2308, 6891, 5452, 9520): UDP payloads in, UDP
// payloads out, a clock handed in. No sockets, no threads, no DPDK. One struct belongs to one
// thread (the DNS lcore); nothing here may be called from another unless it says so. All memory is
// taken in dns64_create and dns64_change_prepare.
#ifndef DNS64_DNS64_H
#define DNS64_DNS64_H

#include "config/config.h"

#define DNS64_PORT    53
#define DNS64_MSG_MAX 4096 // longest payload sent or accepted

// One UDP datagram. IPv4 addresses are mapped; ports in host order.
struct dns64_datagram {
	struct in6_addr src, dst;
	uint16_t sport, dport;
	uint16_t in_port; // opaque to dns64: an answer carries the value its query came with;
			  // upstream queries carry DNS64_NO_PORT
	const uint8_t *data;
	uint16_t len;
};
#define DNS64_NO_PORT 0xffff

// Sends one datagram; data is valid during the call only. Must not call back into dns64.
typedef void (*dns64_send_fn)(void *ctx, const struct dns64_datagram *d);

struct dns64_params {
	const struct config_dns64 *dns64;
	const struct config_nat64
		*nat64;          // prefixes and wkp_allow: the same as the translator's (ADR-25)
	struct in6_addr source4; // our address for IPv4 upstreams, mapped; unspecified: none
	struct in6_addr source6; // for IPv6 upstreams
	dns64_send_fn send;
	void *ctx;
};

struct dns64;

// NULL with err filled: -ENOMEM, an upstream without a source address of its family.
struct dns64 *dns64_create(const struct dns64_params *p, struct err *err);
void dns64_free(struct dns64 *d);

// Something else to do while it runs: all that dns64_params says but send, ctx, and what tables are
// made from (cache_entries, max_pending, edns_size), which must be the same.
struct dns64_settings;

// Any thread, while no other change is under way. NULL with err filled, as for dns64_create.
struct dns64_settings *dns64_change_prepare(
	const struct dns64 *d, const struct dns64_params *p, struct err *err);
void dns64_settings_free(struct dns64_settings *s);
// *s holds from here on, and becomes what held before. Queries that wait are answered by the new
// settings. The cache is kept unless answers may be others now: with other prefixes, wkp_allow,
// exclude_aaaa or servers, or a shorter stay.
void dns64_change_begin(struct dns64 *d, struct dns64_settings **s);
// A slice of what follows: asks other servers what those that are no longer there were asked. To be
// called until it returns false; *cursor starts at 0.
bool dns64_change_step(struct dns64 *d, uint32_t *cursor, unsigned int budget, uint64_t now_ms);

// A datagram to port 53 of a listen address is a query, one to our upstream source address and a
// port of the upstream range is a response; anything else is ignored and counted.
void dns64_input(struct dns64 *d, const struct dns64_datagram *in, uint64_t now_ms);
// The same for many, which wait for memory together.
void dns64_input_burst(
	struct dns64 *d, const struct dns64_datagram *in, unsigned int n, uint64_t now_ms);

// Time-outs and retries; call at least every 10 ms while dns64_next_ms says so. Ends no more than
// DNS64_TICK_BUDGET tries and as many queries in a call, and returns how many it did; dns64_next_ms
// says that it is due again at once where that was not all.
#define DNS64_TICK_BUDGET 64
unsigned int dns64_tick(struct dns64 *d, uint64_t now_ms);
// When dns64_tick is next needed; UINT64_MAX when nothing is pending.
uint64_t dns64_next_ms(const struct dns64 *d);

// X(symbol, text)
#define DNS64_COUNTERS(X) \
	X(queries, "client queries received") \
	X(answers, "answers sent to clients") \
	X(cache_hits, "answered from the cache alone") \
	X(cache_misses, "needed an upstream query") \
	X(coalesced, "waited for the same question of another client") \
	X(synthesised, "answers with synthetic AAAA records") \
	X(passed, "answers passed through") \
	X(ipv4only_arpa, "answered as RFC 8880 says") \
	X(empty_zone, "reverse names of private addresses, answered as RFC 6303 says") \
	X(nxdomain, "NXDOMAIN answers") \
	X(servfail, "SERVFAIL answers") \
	X(formerr, "FORMERR answers to malformed queries") \
	X(notimp, "NOTIMP answers") \
	X(badvers, "BADVERS answers") \
	X(truncated, "answers cut with TC=1") \
	X(refused_acl, "queries from outside the networks that may ask") \
	X(ignored, "datagrams that are no query and no expected response") \
	X(dropped_full, "queries dropped because too many are in flight") \
	X(upstream_queries, "queries sent upstream, retries included") \
	X(upstream_retries, "of these, retries") \
	X(upstream_timeouts, "tries that got no answer in time") \
	X(upstream_mismatch, "responses that match no query of ours (RFC 5452 9.1)") \
	X(upstream_malformed, "responses that could not be parsed") \
	X(upstream_truncated, "responses with TC=1") \
	X(cache_inserts, "entries put into the cache") \
	X(cache_evictions, "entries that gave way to newer ones")

struct dns64_stats {
#define X(symbol, text) uint64_t symbol;
	DNS64_COUNTERS(X)
#undef X
};
// Read-only view; the owner writes the fields, others may read them relaxed.
const struct dns64_stats *dns64_stats(const struct dns64 *d);
struct dns64_gauges {
	uint32_t cache_entries, cache_capacity, pending, pending_max;
};
void dns64_gauges(const struct dns64 *d, struct dns64_gauges *out);

// Per upstream: index < n_upstream.
struct dns64_upstream_row {
	struct in6_addr addr;
	uint16_t port;
	uint64_t queries, answers, timeouts;
	bool alive; // answered last
};
bool dns64_upstream_row(const struct dns64 *d, unsigned int i, struct dns64_upstream_row *out);

// Walk over the cache; as the walks in state/state.h.
struct dns64_cache_row {
	char name[256]; // presentation format, escaped (RFC 4343)
	uint16_t qtype;
	uint8_t rcode;
	bool negative;
	uint32_t ttl;     // seconds left
	uint16_t records; // in the answer section
};
bool dns64_walk_cache(const struct dns64 *d, uint32_t *cursor, unsigned int budget, uint64_t now_ms,
	void (*fn)(void *arg, const struct dns64_cache_row *row), void *arg);
// What is in the cache is found no more. Takes the same time whatever its size.
void dns64_clear_cache(struct dns64 *d);
void dns64_clear_stats(struct dns64 *d);

#endif
