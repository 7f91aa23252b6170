// SPDX-License-Identifier: BSD-3-Clause
#include "app/nexthop.h"
#include "common/fixture.h"

// cmocka wants these first
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on

static struct nexthop_table t;

static struct in6_addr
addr(uint8_t last)
{
	return (struct in6_addr){.s6_addr = {0x20, 0x01, [15] = last}};
}

static void
apply(uint8_t op, uint32_t idx, uint16_t port, uint8_t last)
{
	const struct nexthop_update u = {.idx = idx, .op = op, .port = port, .addr = addr(last)};

	nexthop_apply(&t, &u, &(struct rte_ether_addr){{2}}, 1500);
}

static uint32_t
find(uint16_t port, uint8_t last)
{
	const struct in6_addr a = addr(last);

	return nexthop_find(&t, port, &a);
}

// Whatever was found last is found only where it stands.
static void
found_by_port_and_address(void **state)
{
	struct err err;

	assert_int_equal(nexthop_table_init(&t, "test", 16, SOCKET_ID_ANY, &err), 0);
	assert_int_equal(find(0, 1), NEXTHOP_NONE);
	apply(NEXTHOP_SET, 3, 0, 1);
	apply(NEXTHOP_SET, 4, 0, 2);
	apply(NEXTHOP_SET, 5, 1, 1);
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(find(0, 1), 3);
		assert_int_equal(find(0, 2), 4);
		assert_int_equal(find(1, 1), 5);
		assert_int_equal(find(1, 2), NEXTHOP_NONE);
	}
	assert_int_equal(find(0, 1), 3);
	apply(NEXTHOP_REMOVE, 3, 0, 1);
	assert_int_equal(find(0, 1), NEXTHOP_NONE);
	apply(NEXTHOP_SET, 3, 0, 9); // the place is another's
	assert_int_equal(find(0, 1), NEXTHOP_NONE);
	assert_int_equal(find(0, 9), 3);
	apply(NEXTHOP_REMOVE_ALL, 0, 0, 0);
	assert_int_equal(find(0, 9), NEXTHOP_NONE);
	nexthop_table_fini(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(found_by_port_and_address)};

	fixture_eal(64);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
