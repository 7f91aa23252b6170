// SPDX-License-Identifier: BSD-3-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "xlat/mtu.h"

#define DIM(a) (sizeof(a) / sizeof((a)[0]))

static void
packet_too_big(void **state)
{
	static const struct {
		const char *id;
		uint16_t mtu, quoted, mtu4, mtu6;
		uint32_t ptb;
	} row[] = {
		{"MTU-01 1500", 1500, 1600, 1500, 1500, 1500},
		{"MTU-01 1492", 1492, 1500, 1500, 1500, 1500},
		{"MTU-01 1400", 1400, 1480, 1500, 1500, 1420},
		{"MTU-01 1260", 1260, 1480, 1500, 1500, 1280},
		{"MTU-01 576", 576, 1480, 1500, 1500, 1280},
		{"MTU-01 own IPv4 MTU", 1400, 1480, 1300, 1500, 1320},
		{"MTU-01 own IPv6 MTU", 1400, 1480, 1500, 1380, 1380},
		{"MTU-07 own IPv6 MTU below 1280", 1400, 1480, 1500, 1000, 1280},
		{"MTU-03 no plateau below 1280", 0, 1280, 9000, 9000, 1280},
		{"MTU-03 1492", 0, 1500, 9000, 9000, 1512},
		{"MTU-03 1492 is not below 1492", 0, 1492, 9000, 9000, 1280},
		{"MTU-03 2002", 0, 2003, 9000, 9000, 2022},
		{"MTU-03 4352", 0, 8166, 9000, 9000, 4372},
		{"MTU-03 17914", 0, 32000, 65535, 65535, 17934},
		{"MTU-03 32000", 0, 65535, 65535, 65535, 32020},
		{"MTU-04 20 is added to a plateau", 0, 8980, 9000, 9000, 8186},
		{"MTU-05 1480", 0, 1480, 1500, 1500, 1280},
		{"MTU-06 not below the original", 1480, 1480, 1500, 1500, 1280},
		{"MTU-06 one below the original", 1479, 1480, 1500, 1500, 1499},
		{"MTU-06 own MTU gives it anyway", 1490, 1500, 1500, 1520, 1510},
		{"MTU-08 larger than the packet", 1481, 1480, 1500, 1500, 0},
		{"MTU-08 below 68", 67, 1480, 1500, 1500, 0},
		{"MTU-08 68 is legal", 68, 1480, 1500, 1500, 1280},
		{"no overflow", 65535, 65535, 65535, 65535, 65535},
	};

	for (unsigned int i = 0; i < DIM(row); i++)
		if (mtu_to_ptb(row[i].mtu, row[i].quoted, row[i].mtu4, row[i].mtu6) != row[i].ptb)
			fail_msg("%s", row[i].id);
}

static void
mtu_07_never_below_1280(void **state)
{
	for (uint32_t mtu = 0; mtu <= UINT16_MAX; mtu += 13)
		for (uint32_t quoted = 20; quoted <= UINT16_MAX; quoted += 977) {
			uint32_t ptb = mtu_to_ptb((uint16_t)mtu, (uint16_t)quoted, 1500, 9000);

			assert_true(ptb == 0 || (ptb >= 1280 && ptb <= 1520));
		}
}

static void
fragmentation_needed(void **state)
{
	static const struct {
		const char *id;
		uint32_t mtu;
		bool fragment_hdr;
		uint16_t mtu4, mtu6;
		uint16_t want;
	} row[] = {
		{"MTU-02 1500", 1500, false, 1500, 1500, 1480},
		{"MTU-02 1280", 1280, false, 1500, 1500, 1260},
		{"MTU-02 1400 with Fragment header", 1400, true, 1500, 1500, 1372},
		{"MTU-02 own IPv4 MTU", 1500, false, 1400, 1500, 1400},
		{"MTU-02 own IPv6 MTU", 1500, false, 1500, 1400, 1380},
		{"MTU-02 larger than 16 bits", 0xffffffff, false, 1500, 1500, 1480},
		{"MTU-02 all large", 0xffffffff, false, 65535, 65535, 65515},
		{"MTU-08 below 1280", 1279, false, 1500, 1500, 0},
		{"MTU-08 zero", 0, true, 1500, 1500, 0},
	};

	for (unsigned int i = 0; i < DIM(row); i++)
		if (mtu_to_frag_needed(row[i].mtu, row[i].fragment_hdr, row[i].mtu4, row[i].mtu6) !=
			row[i].want)
			fail_msg("%s", row[i].id);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packet_too_big),
		cmocka_unit_test(mtu_07_never_below_1280),
		cmocka_unit_test(fragmentation_needed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
