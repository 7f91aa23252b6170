// SPDX-License-Identifier: BSD-3-Clause
// ICMPv6 messages from hex, changed a little, with the checksum made right again or not.
#ifndef TESTS_ND_UTIL_H
#define TESTS_ND_UTIL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "mbuf_util.h"
#include "net/parse.h"

#include <arpa/inet.h>
#include <stdio.h>

struct message {
	uint8_t b[512];
	uint16_t len;
	uint16_t l4_off;
};

static inline int
all_back(void **state)
{
	return mbuf_util_all_back() ? 0 : -1;
}

#define nd_test(f) cmocka_unit_test_setup_teardown(f, NULL, all_back)

static inline struct in6_addr
ip6(const char *text)
{
	struct in6_addr a;

	assert_int_equal(inet_pton(AF_INET6, text, &a), 1);
	return a;
}

static inline uint16_t
from_hex(uint8_t *out, const char *hex)
{
	uint16_t n = 0;
	unsigned int byte;

	for (; sscanf(hex, "%2x", &byte) == 1; hex += 2)
		out[n++] = (uint8_t)byte;
	return n;
}

static inline struct message
message_from(const char *hex)
{
	struct message msg = {.l4_off = 40};

	msg.len = from_hex(msg.b, hex);
	if (msg.b[6] == 0) // hop-by-hop header, 8 bytes
		msg.l4_off = 48;
	return msg;
}

// Length and checksum as a sender would have them, byte by byte.
static inline void
message_finish(struct message *msg)
{
	uint32_t sum = msg->len - msg->l4_off + IPPROTO_ICMPV6;

	msg->b[4] = (uint8_t)((msg->len - 40) >> 8);
	msg->b[5] = (uint8_t)(msg->len - 40);
	msg->b[msg->l4_off + 2] = msg->b[msg->l4_off + 3] = 0;
	for (unsigned int i = 8; i < 40; i++)
		sum += i % 2 ? msg->b[i] : msg->b[i] << 8;
	for (unsigned int i = msg->l4_off; i < msg->len; i++)
		sum += i % 2 ? msg->b[i] : msg->b[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	msg->b[msg->l4_off + 2] = (uint8_t)(~sum >> 8);
	msg->b[msg->l4_off + 3] = (uint8_t)~sum;
}

// A change to a good message: bytes from a hex string put at an offset, a length cut or extended.
struct change {
	uint16_t at;
	const char *hex; // NULL: none
	int grow;        // bytes more (those of hex, at the end) or fewer
};

static inline void
message_change(struct message *msg, const struct change *c)
{
	msg->len = (uint16_t)(msg->len + c->grow);
	if (c->hex != NULL)
		from_hex(msg->b + c->at, c->hex);
	message_finish(msg);
}

#endif
