// SPDX-License-Identifier: BSD-3-Clause
// DNS messages as text, and a DNS64 whose datagrams are caught. A message reads
// "RCODE +flag; answer; authority; additional", records are parted by " | ":
// "NOERROR +tc; www.ex. 300 CNAME a.ex. | a.ex. 60 A 8.8.8.8; ex. 900 SOA 300;".
// Data: SOA has its MINIMUM alone, RRSIG the type it covers, NSEC and DNAME a name.
#ifndef TEST_DNS64_SUPPORT_H
#define TEST_DNS64_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "addr/text.h"
#include "common/dns_setup.h"
#include "dns64/dns64.h"
#include "dns64/edns.h"
#include "dns64/msg.h"

#include <stdio.h>
#include <stdlib.h>

#define LEN(a)       (sizeof(a) / sizeof((a)[0]))
#define TEXT_LEN     8192
#define QUESTION_LEN 300

#define CLIENT_ADDR  "2001:db8:1::77"
#define LISTEN_ADDR  DNS_SETUP_LISTEN
#define LISTEN_ADDR4 "192.168.1.1"
#define UPSTREAM1    DNS_SETUP_UPSTREAM1
#define UPSTREAM2    DNS_SETUP_UPSTREAM2
#define SOURCE4      DNS_SETUP_SOURCE4
#define SOURCE6      DNS_SETUP_SOURCE6

struct wire {
	uint8_t b[DNS64_MSG_MAX + 64];
	unsigned int len;
};

// Appends to a string; fails the test when it does not fit.
void text_add(char *buf, size_t cap, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void text_name(const char *text, struct name *out);
uint16_t text_type(const char *text);
// A query as a client sends it. size 0: no OPT.
struct query_opts {
	uint16_t id, size;
	bool dnssec_ok, cd, no_rd;
	uint16_t class; // 0: IN
};
void build_query(struct wire *w, const char *qname, const char *qtype, struct query_opts o);
// A response to the query whose header and question stand in q; OPT when size is not 0.
void build_response(
	struct wire *w, const uint8_t *q, unsigned int qlen, const char *text, uint16_t size);
// The inverse of build_response; OPT is left out. Fails the test when b is malformed.
void message_text(const uint8_t *b, unsigned int len, char out[static TEXT_LEN]);
// "name. TYPE" of the question.
void question_text(const uint8_t *b, unsigned int len, char out[static QUESTION_LEN]);
bool message_opt(const uint8_t *b, unsigned int len, struct edns *e);

#define CAUGHT_MAX 256
struct caught {
	struct dns64_datagram d;
	uint8_t data[DNS64_MSG_MAX];
};

struct fixture {
	struct config_dns64 dns64;
	struct config_nat64 nat64;
	struct dns64 *d;
	uint64_t now;
	const char *source4;         // our address for IPv4 upstreams
	struct caught q[CAUGHT_MAX]; // in order of sending
	unsigned int head, n;        // q[head % CAUGHT_MAX] is the oldest of n
	unsigned int answers;
};

struct fixture *fixture_new(void); // with defaults, not created yet
void fixture_start(struct fixture *f);
struct fixture *fixture_started(void);                      // both
void fixture_prefix(struct fixture *f, const char *prefix); // replaces the list at first, then adds
void fixture_free(struct fixture *f);
// What f says now holds, after slices of budget lookups. "", or why not.
const char *fixture_change(struct fixture *f, unsigned int budget);
// The oldest datagram not looked at yet; NULL: none.
struct caught *fixture_next(struct fixture *f);
// It is an answer to a client, and this text.
void expect_answer(struct fixture *f, const char *want);
void fixture_send(struct fixture *f, const char *src, uint16_t sport, const char *dst,
	uint16_t dport, const uint8_t *data, unsigned int len);
void fixture_query(struct fixture *f, const struct wire *w); // from the client
// Answers a caught upstream query.
void fixture_reply(struct fixture *f, const struct caught *q, const struct wire *w);
void fixture_reply_text(struct fixture *f, const struct caught *q, const char *text);
// To when the next tick is due, and ticks.
void fixture_wait(struct fixture *f);

// What upstream says to each question; a NULL reply is none at all.
struct step {
	const char *question, *reply;
};
#define STEPS 20
// Plays the query until its answer, given as text. A question that no step foresees fails.
// Returns how many queries went upstream; asked counts per step when not NULL.
unsigned int fixture_play(struct fixture *f, const struct wire *query, const struct step *steps,
	char answer[static TEXT_LEN], unsigned int *asked);
// The answer to the last play, as bytes.
extern struct caught last_answer;

#endif
