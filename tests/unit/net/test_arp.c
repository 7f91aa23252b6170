// SPDX-License-Identifier: BSD-3-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/rand.h"
#include "net/arp.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

// Who has 198.18.0.1? Tell 198.18.0.2.
static const uint8_t request[ARP_LEN] = {0, 1, 8, 0, 6, 4, 0, 1,
	/* sender */ 2, 0, 0, 0, 0, 1, 198, 18, 0, 2,
	/* target */ 0, 0, 0, 0, 0, 0, 198, 18, 0, 1};
// 198.18.0.1 is at 02:00:00:00:00:09.
static const uint8_t reply[ARP_LEN] = {0, 1, 8, 0, 6, 4, 0, 2,
	/* sender */ 2, 0, 0, 0, 0, 9, 198, 18, 0, 1,
	/* target */ 2, 0, 0, 0, 0, 1, 198, 18, 0, 2};
static const struct rte_ether_addr mac_1 = {{2, 0, 0, 0, 0, 1}};
static const struct rte_ether_addr mac_9 = {{2, 0, 0, 0, 0, 9}};

// Parses from a buffer of the exact size.
static enum drop_reason
parse(const uint8_t *bytes, uint16_t len, struct arp_msg *out)
{
	uint8_t *exact = malloc(len > 0 ? len : 1);
	enum drop_reason why;

	assert_non_null(exact);
	memcpy(exact, bytes, len);
	why = arp_parse(exact, len, out);
	free(exact);
	return why;
}

static void
gw_arp_02_build(void **state)
{
	struct in_addr us = {inet_addr("198.18.0.2")}, peer = {inet_addr("198.18.0.1")};
	static const struct rte_ether_addr nobody;
	uint8_t buf[ARP_LEN];

	arp_build(buf, true, &mac_1, us, &nobody, peer);
	assert_memory_equal(buf, request, ARP_LEN);
	arp_build(buf, false, &mac_9, peer, &mac_1, us);
	assert_memory_equal(buf, reply, ARP_LEN);
}

static void
gw_arp_01_parse(void **state)
{
	uint8_t padded[46] = {0};
	struct arp_msg a;

	assert_int_equal(parse(request, ARP_LEN, &a), DROP_NONE);
	assert_true(a.request);
	assert_memory_equal(&a.sender_mac, &mac_1, sizeof(mac_1));
	assert_int_equal(a.sender.s_addr, inet_addr("198.18.0.2"));
	assert_int_equal(a.target.s_addr, inet_addr("198.18.0.1"));
	memcpy(padded, reply, ARP_LEN); // as short Ethernet frames are
	assert_int_equal(parse(padded, sizeof(padded), &a), DROP_NONE);
	assert_false(a.request);
	assert_memory_equal(&a.sender_mac, &mac_9, sizeof(mac_9));
}

// One byte changed in a good request.
static const struct row {
	const char *id;
	uint8_t at, value;
	enum drop_reason want;
} rows[] = {
	{"GW-ARP-01 hrd", 1, 6, DROP_ARP_INVALID},
	{"GW-ARP-01 hrd high", 0, 1, DROP_ARP_INVALID},
	{"GW-ARP-01 pro", 2, 0x86, DROP_ARP_INVALID},
	{"GW-ARP-01 hln", 4, 8, DROP_ARP_INVALID},
	{"GW-ARP-01 pln", 5, 16, DROP_ARP_INVALID},
	{"GW-ARP-01 op 0", 7, 0, DROP_ARP_INVALID},
	{"GW-ARP-01 op 3", 7, 3, DROP_ARP_INVALID},
	{"GW-ARP-01 op high", 6, 1, DROP_ARP_INVALID},
	{"GW-ARP-03 multicast sender", 8, 1, DROP_ARP_INVALID},
	{"GW-ARP-03 group address", 14, 224, DROP_ARP_INVALID},
	{"GW-ARP-03 class E", 14, 255, DROP_ARP_INVALID},
	{"GW-ARP-02 reply", 7, 2, DROP_NONE},
	{"GW-ARP-01 target MAC means nothing", 18, 0xff, DROP_NONE},
};

static void
gw_arp_01_gw_arp_03_validation(void **state)
{
	struct arp_msg a;

	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t bytes[ARP_LEN];

		memcpy(bytes, request, ARP_LEN);
		bytes[rows[i].at] = rows[i].value;
		if (parse(bytes, ARP_LEN, &a) != rows[i].want)
			fail_msg("%s", rows[i].id);
	}
}

static void
gw_arp_03_zero_sender_mac(void **state)
{
	uint8_t bytes[ARP_LEN];
	struct arp_msg a;

	memcpy(bytes, request, ARP_LEN);
	memset(bytes + 8, 0, 6);
	assert_int_equal(parse(bytes, ARP_LEN, &a), DROP_ARP_INVALID);
	memset(bytes + 8, 0xff, 6);
	assert_int_equal(parse(bytes, ARP_LEN, &a), DROP_ARP_INVALID);
}

// A probe (RFC 5227 §1.1) is valid: it is to be answered.
static void
gw_arp_03_probe(void **state)
{
	uint8_t bytes[ARP_LEN];
	struct arp_msg a;

	memcpy(bytes, request, ARP_LEN);
	memset(bytes + 14, 0, 4);
	assert_int_equal(parse(bytes, ARP_LEN, &a), DROP_NONE);
	assert_int_equal(a.sender.s_addr, 0);
}

static void
gw_arp_01_too_short(void **state)
{
	struct arp_msg a;

	for (uint16_t len = 0; len < ARP_LEN; len++)
		assert_int_equal(parse(request, len, &a), DROP_ARP_INVALID);
}

static void
arp_random_bytes(void **state)
{
	struct rand_pool r = {.left = 0};
	uint8_t bytes[64];
	struct arp_msg a;

	for (unsigned int i = 0; i < 20000; i++) {
		rand_bytes(&r, bytes, sizeof(bytes));
		if (i % 2)
			memcpy(bytes, request, 8);
		parse(bytes, rand_below(&r, sizeof(bytes) + 1), &a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gw_arp_02_build),
		cmocka_unit_test(gw_arp_01_parse),
		cmocka_unit_test(gw_arp_01_gw_arp_03_validation),
		cmocka_unit_test(gw_arp_03_zero_sender_mac),
		cmocka_unit_test(gw_arp_03_probe),
		cmocka_unit_test(gw_arp_01_too_short),
		cmocka_unit_test(arp_random_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
