// SPDX-License-Identifier: BSD-3-Clause
// What the parts of dns64 share. Everything is linked by index into pools taken at the start.
#ifndef DNS64_INTERNAL_H
#define DNS64_INTERNAL_H

#include "base/rand.h"
#include "dns64/cache.h"
#include "dns64/dns64.h"
#include "dns64/request.h"
#include "dns64/scrub.h"

#define DNS64_NONE UINT32_MAX
// Places of servers: those that are asked, and those that were until a change.
#define DNS64_SERVERS (2 * CONFIG_UPSTREAMS)

// Doubly linked list by index; each pool says where its links are.
struct link {
	uint32_t prev, next;
};
struct list {
	uint32_t head, tail;
};
#define LIST_EMPTY ((struct list){DNS64_NONE, DNS64_NONE})

// What a client's query waits for (query.c).
enum stage {
	STAGE_PASS, // the answer itself
	STAGE_AAAA, // whether there is a real AAAA
	STAGE_A,    // what to synthesise from
	STAGE_PTR,  // the name of the embedded IPv4 address
};

struct client {
	struct request request;
	struct name ask; // what is looked up now, in lower case
	uint16_t ask_type;
	enum stage stage;
	unsigned int links;    // of the chain so far
	bool waited;           // an upstream query was needed
	uint16_t failed_rcode; // of the AAAA lookup; 0: it did not fail
	uint32_t synth_ttl;    // bound on the TTL of what is synthesised (RFC 6147 §5.1.7)
	uint32_t epoch;        // of the cache, when this began or began again
	uint64_t since_ms;     // the stub gives up budget_ms later
	uint32_t lookup;       // waited for, or DNS64_NONE
	struct link by_age, waiter;
	struct msg acc; // the answer so far: the chain, then the AAAA denial
};

// One question upstream, for all clients that wait for its answer (upstream.c).
struct lookup {
	struct scrub_question q; // name in lower case
	uint8_t flags;           // CACHE_DO, CACHE_CD
	bool plain;              // without EDNS, after a server refused that
	uint32_t hash;
	struct link by_age;
	uint32_t bucket_next;
	struct list waiters;
	uint64_t since_ms; // of the try under way
	uint8_t tries, tries_max;
	uint8_t server;         // of the try under way
	uint16_t open, gave_up; // bit per server: may still answer; answered with a failure
	uint8_t sent[DNS64_SERVERS];
	uint16_t port[DNS64_SERVERS], id[DNS64_SERVERS]; // valid where open
};

struct server {
	struct in6_addr addr, source;
	uint16_t port;
};

struct upstream {
	struct server server;
	bool missed;       // the last try got no answer
	uint64_t probe_ms; // when a dead one is tried again
	uint64_t queries, answers, timeouts;
};

// A client's query on its way to the cache, with the hashes of what is looked for there.
enum query_key {
	KEY_ANSWER,
	KEY_NXDOMAIN,
	KEY_DENIAL, // of AAAA
	KEY_A,
	KEY__COUNT,
};
struct query {
	struct request r;
	enum dns_rcode rcode;
	unsigned int n_key;
	uint32_t hash[KEY__COUNT];
};
#define DNS64_GROUP 16 // queries that wait for memory at once

// What it is told to do. Never changes; dns64_change exchanges it as a whole.
struct dns64_settings {
	struct config_dns64 config;
	// The configured prefixes; behind them, for reverse names only, the well-known one
	struct pref64 prefix[CONFIG_PREF64 + 1];
	unsigned int n_prefix, n_reverse;
	enum wkp_allow wkp_allow;
	uint32_t budget_ms; // for a client's query
	struct server server[CONFIG_UPSTREAMS];
	uint8_t place[CONFIG_UPSTREAMS]; // of each, in dns64.upstream
	bool same_answers;               // as those before would have given
};

struct dns64 {
	struct dns64_settings *settings;
	dns64_send_fn send;
	void *ctx;
	struct rand_pool rand;
	struct cache *cache;
	struct dns64_stats stats;

	struct client *client;
	uint8_t *client_wire; // config.edns_size octets each
	uint32_t client_free, pending;
	struct list client_age;

	struct upstream upstream[DNS64_SERVERS];
	uint16_t gone; // bits of these: no longer asked, what is open with them is to be closed
	struct lookup *lookup;
	uint32_t lookup_free, lookup_mask;
	uint32_t *lookup_bucket;
	struct list lookup_age;
	// Open (port, ID) pairs: node = lookup * DNS64_SERVERS + server
	uint32_t *pair_bucket, *pair_next;
	uint16_t *port_used; // how many pairs use each of our ports

	// Scratch for one answer each, MSG_BUF_LEN.
	struct msg result; // of the lookup that ended
	struct msg cached; // out of the cache
	struct msg out;    // being made
	uint8_t scratch[3][MSG_BUF_LEN];
	struct query query[DNS64_GROUP];
};

// Of the cache's key and of an upstream query.
static inline uint8_t
request_flags(const struct request *r)
{
	return (uint8_t)((r->edns.dnssec_ok ? CACHE_DO : 0) | (r->flags & DNS_CD ? CACHE_CD : 0));
}

// intake.c: reads a query, asks for the memory that it needs, answers it or hands it to
// query_start. Three steps, so that many queries can wait for memory at once.
void intake_read(struct dns64 *d, const struct dns64_datagram *in, struct query *q);
void intake_prefetch(const struct dns64 *d, const struct query *q);
void intake_take(struct dns64 *d, const struct query *q, uint64_t now_ms);
struct cache_key intake_key(const struct request *r, enum query_key which);
// What a synthetic answer to r is made of stands in the cache in a form that makes it quickly.
bool intake_has_parts(struct dns64 *d, const struct request *r, uint64_t now_ms);

// settings.c: which place of dns64.upstream is asked; bits.
uint16_t settings_places(const struct dns64_settings *s);
// Those of the start; NULL with err filled.
struct dns64_settings *settings_first(const struct dns64_params *p, struct err *err);
// Puts the servers of d->settings into their places; old: the settings before, or NULL.
void settings_seat(struct dns64 *d, const struct dns64_settings *old);

// query.c
void query_start(struct dns64 *d, const struct request *r, uint64_t now_ms);
// Gives up the oldest client if its time is over. False: it is not.
bool query_expire(struct dns64 *d, uint64_t now_ms);
// The lookup that the client waited for has ended with this; flags are the lookup's.
void query_resume(
	struct dns64 *d, uint32_t client, const struct msg *m, uint8_t flags, uint64_t now_ms);

// upstream.c
// Joins the client to a lookup of what it asks, or starts one. True when it was under way.
bool upstream_wait(struct dns64 *d, uint32_t client, uint64_t now_ms);
// The client no longer waits.
void upstream_leave(struct dns64 *d, uint32_t client, uint64_t now_ms);
void upstream_input(struct dns64 *d, const struct dns64_datagram *in, uint64_t now_ms);
// Ends the oldest try if it took too long. False: it did not.
bool upstream_expire(struct dns64 *d, uint64_t now_ms);
bool upstream_is_ours(const struct dns64 *d, const struct dns64_datagram *in);
// Asks others what the servers that are gone were asked. As dns64_change_step.
bool upstream_leave_gone(struct dns64 *d, uint32_t *cursor, unsigned int budget, uint64_t now_ms);

// answer.c: sends; m->wire is used up.
void answer_send(struct dns64 *d, const struct request *r, struct msg *m);
void answer_error(struct dns64 *d, const struct request *r, uint16_t rcode);

// synth.c
bool synth_wanted(const struct request *r); // RFC 6147 §5.5
// The reply from the chain so far and the answer to A. False: no A of it is usable.
bool synth_aaaa(
	const struct dns64 *d, const struct client *c, const struct msg *a, struct msg *out);
// The same where neither the denial nor the answer to A (cache_is_plain) has an alias.
bool synth_plain(const struct dns64 *d, const struct request *r, const struct msg *a,
	uint32_t max_ttl, struct msg *out);
void synth_ptr(
	const struct dns64 *d, const struct client *c, const struct msg *ptr, struct msg *out);
// Chain of acc, then what m says.
void synth_append(const struct client *c, const struct msg *m, struct msg *out);

// local.c
// Answers without upstream: ipv4only.arpa (RFC 8880) and the reverse names of its addresses.
bool local_answer(const struct dns64 *d, const struct request *r, struct msg *out);
enum local_reverse {
	REVERSE_OTHER,   // not below one of the prefixes
	REVERSE_MAPPED,  // v4 is the address
	REVERSE_INVALID, // below a prefix, but no address that is composed with it
};
enum local_reverse local_reverse(const struct dns64 *d, const struct name *lower,
	struct in_addr *v4, const struct pref64 **prefix);
// What remains of the reverse names of its addresses when only the prefix's nibbles are left.
void local_prefix_zone(const struct pref64 *p, struct name *out);
void local_reverse_name(struct in_addr v4, struct name *out);
// A denial of a name that we speak for.
#define REVERSE_DENIAL_TTL 600
void local_denial(const struct request *r, uint16_t rcode, const struct name *zone, uint32_t ttl,
	struct msg *out);
// Answers a question for the name of a zone in which nothing else is.
void local_apex(const struct request *r, uint32_t ttl, struct msg *out);

// empty_zones.c: answers for the reverse names of private addresses and the like (RFC 6303), also
// where one stands behind a NAT64 prefix. False: the name is none of them.
bool empty_zone_answer(const struct dns64 *d, const struct request *r, struct msg *out);

// list.c
void list_push(struct list *l, void *base, size_t stride, size_t offset, uint32_t i);
void list_remove(struct list *l, void *base, size_t stride, size_t offset, uint32_t i);
#define LIST_PUSH(l, pool, field, i) \
	list_push(l, pool, sizeof((pool)[0]), (size_t)((char *)&(pool)->field - (char *)(pool)), i)
#define LIST_REMOVE(l, pool, field, i) \
	list_remove( \
		l, pool, sizeof((pool)[0]), (size_t)((char *)&(pool)->field - (char *)(pool)), i)

#endif
