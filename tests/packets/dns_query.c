// SPDX-License-Identifier: BSD-3-Clause
#include "dns_query.h"

#define HEADER 12

static const uint8_t question[] = {
	1, 'a', 7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 3, 'o', 'r', 'g', 0};
#define QUESTION_LEN (sizeof(question) + 4)

uint8_t dns_message[512];
static uint8_t asked[512]; // the last query upstream
static uint16_t asked_port;

uint16_t
dns_make_query(uint16_t id, uint16_t type)
{
	memset(dns_message, 0, HEADER);
	put16(dns_message, id);
	dns_message[2] = 1; // RD
	dns_message[5] = 1;
	memcpy(dns_message + HEADER, question, sizeof(question));
	put16(dns_message + HEADER + sizeof(question), type);
	put16(dns_message + HEADER + sizeof(question) + 2, 1);
	return HEADER + QUESTION_LEN;
}

uint16_t
dns_take_upstream_query(void)
{
	uint8_t upstream[4], own[4];

	if (!env_take(WAN))
		return 0;
	build_addr(4, DNS_UPSTREAM, upstream);
	build_addr(4, "GW4", own);
	assert_memory_equal(env.last + 12, own, 4);
	assert_memory_equal(env.last + 16, upstream, 4);
	assert_int_equal(get16(env.last + 22), 53);
	asked_port = get16(env.last + 20);
	assert_in_range(asked_port, 49152, 65535);
	assert_int_equal(build_fold(build_sum(env.last + 20, env.last_len - 20,
				 build_pseudo(env.last + 12, 8, 17, env.last_len - 20))),
		0xffff);
	memcpy(asked, env.last + 28, env.last_len - 28);
	return get16(asked + HEADER + sizeof(question));
}

void
dns_answer_upstream(unsigned int port, const char *addr4)
{
	struct spec s = {UDP4(DNS_UPSTREAM, 53, "GW4", asked_port), .data = dns_message,
		.payload = HEADER + QUESTION_LEN};

	memcpy(dns_message, asked, HEADER + QUESTION_LEN); // the case of letters as it was asked
	dns_message[2] = 0x81;
	dns_message[3] = 0x80;
	memset(dns_message + 6, 0, 6);
	if (addr4) {
		uint8_t *rr = dns_message + s.payload;

		dns_message[7] = 1;
		memcpy(rr, (const uint8_t[]){0xc0, 12, 0, DNS_TYPE_A, 0, 1, 0, 0, 1, 0, 0, 4}, 12);
		build_addr(4, addr4, rr + 12);
		s.payload += 16;
	}
	env_send(port, &s);
}

void
dns_expect_answer(unsigned int port, uint16_t id, const uint8_t *addr, uint16_t len, unsigned int n)
{
	const uint8_t *dns, *rr;

	assert_true(env_take(port));
	dns = env.last + (env.last[0] >> 4 == 6 ? 40 : 20) + 8;
	assert_int_equal(get16(dns - 8), 53);
	assert_int_equal(get16(dns - 8 + 2), 5353);
	assert_int_equal(get16(dns), id);
	assert_int_equal(dns[3] & 15, 0);
	assert_int_equal(get16(dns + 6), n);
	rr = dns + HEADER + QUESTION_LEN;
	for (unsigned int i = 0; i < n; i++, rr += 12 + len) // name, type, class, TTL, length
		assert_memory_equal(rr + 12, addr + i * len, len);
}

void
dns_ask(unsigned int port, const char *src, const char *dst, uint16_t id, uint16_t type)
{
	const struct spec s = {.family = strchr(dst, '.') || strcmp(dst, "GW4") == 0 ? 4 : 6,
		.proto = 17,
		.src = src,
		.dst = dst,
		.sport = 5353,
		.dport = 53,
		.payload = dns_make_query(id, type),
		.data = dns_message};

	env_send(port, &s);
}
