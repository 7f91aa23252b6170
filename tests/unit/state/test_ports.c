// SPDX-License-Identifier: BSD-3-Clause
#include "fixture.h"
#include "state/ports.h"

struct ports {
	struct port_share share;
	struct port_range range;
	enum state_proto proto;
	struct port_set *set;
	struct rand_pool rand;
	uint32_t capacity;
};

static void
ports_open(struct ports *p, enum state_proto proto, uint16_t first, uint16_t last,
	unsigned int worker, unsigned int n_workers)
{
	*p = (struct ports){.proto = proto, .range = {first, last}};
	p->share = port_share_of(worker, n_workers);
	p->set = aligned_alloc(64, port_set_len(&p->share));
	memset(p->set, 0, port_set_len(&p->share));
	p->capacity = port_set_fill(p->set, &p->share, p->range, proto);
}

static bool
ports_take(struct ports *p, uint16_t sport, uint16_t *port)
{
	struct port_draw d;

	*port = 0;
	if (!port_set_draw(p->set, &p->rand, p->proto, sport, &d))
		return false;
	*port = port_set_choose(p->set, &p->share, &p->rand, &d);
	return port_set_take_port(p->set, &p->share, *port);
}

static void
ports_check(const struct ports *p, uint32_t n_free)
{
	uint32_t n;

	assert_true(port_set_check(p->set, &p->share, &n));
	assert_int_equal(n, n_free);
}

// While there is one of the client's kind, it is taken.
static void
n64_port_03_04_range_and_parity(void **state)
{
	static const struct {
		enum state_proto proto;
		uint16_t sport;
		bool parity, range;
	} row[] = {
		{STATE_UDP, 40000, true, true},
		{STATE_UDP, 40001, true, true},
		{STATE_UDP, 500, true, true},
		{STATE_UDP, 123, true, true},
		{STATE_UDP, 1023, true, true},
		{STATE_UDP, 1024, true, true},
		{STATE_TCP, 80, false, true},
		{STATE_TCP, 65535, false, true},
		{STATE_ICMP, 5, false, false},
	};

	for (unsigned int i = 0; i < RTE_DIM(row); i++) {
		unsigned int odd = 0, low = 0;
		struct ports p;

		ports_open(&p, row[i].proto, 1, 65535, 0, 1);
		for (unsigned int k = 0; k < 400; k++) {
			uint16_t port;

			assert_true(ports_take(&p, row[i].sport, &port));
			assert_true(port_set_is_taken(p.set, &p.share, p.range, p.proto, port));
			odd += port & 1;
			low += port < 1024;
		}
		if (row[i].parity)
			assert_int_equal(odd, row[i].sport & 1 ? 400 : 0);
		else
			assert_in_range(odd, 100, 300); // both kinds
		if (row[i].range)
			assert_int_equal(low, row[i].sport < 1024 ? 400 : 0);
		ports_check(&p, p.capacity - 400);
		free(p.set);
	}
}

// Each port can be taken by its number, once, and only where it belongs.
static void
port_set_take_port_by_number(void **state)
{
	struct ports p;
	uint32_t n = 0;

	ports_open(&p, STATE_UDP, 1000, 3000, 1, 3);
	for (uint32_t port = 0; port <= UINT16_MAX; port++) {
		bool own = port >= 1000 && port <= 3000 && state_owner_of_port(port, 3) == 1;

		assert_int_equal(port_set_take_port(p.set, &p.share, (uint16_t)port), own);
		assert_false(port_set_take_port(p.set, &p.share, (uint16_t)port));
		n += own;
	}
	assert_int_equal(n, p.capacity);
	ports_check(&p, 0);
	port_set_give(p.set, &p.share, 1030);
	assert_true(port_set_take_port(p.set, &p.share, 1030));
	free(p.set);
}

// Range before parity, and every port in the end. Exact counts at each change.
static void
n64_port_03_04_falls_over_in_order(void **state)
{
	static const struct {
		bool low;
		bool odd;
		unsigned int n;
	} phase[] = {{true, true, 12}, {true, false, 12}, {false, true, 20}, {false, false, 20}};
	struct ports p;
	uint16_t port;

	ports_open(&p, STATE_UDP, 1000, 1063, 0, 1);
	assert_int_equal(p.capacity, 64);
	for (unsigned int i = 0; i < RTE_DIM(phase); i++)
		for (unsigned int k = 0; k < phase[i].n; k++) {
			assert_true(ports_take(&p, 7, &port));
			assert_int_equal(port < 1024, phase[i].low);
			assert_int_equal(port & 1, phase[i].odd);
		}
	assert_false(ports_take(&p, 7, &port));
	assert_false(ports_take(&p, 5000, &port));
	ports_check(&p, 0);
	free(p.set);
}

static void
n64_port_08_zero_is_an_identifier_but_no_port(void **state)
{
	static const struct {
		enum state_proto proto;
		uint32_t capacity;
	} row[] = {{STATE_UDP, 9}, {STATE_TCP, 9}, {STATE_ICMP, 10}};

	for (unsigned int i = 0; i < RTE_DIM(row); i++) {
		bool zero = false;
		struct ports p;
		uint16_t port;

		ports_open(&p, row[i].proto, 0, 9, 0, 1);
		assert_int_equal(p.capacity, row[i].capacity);
		while (ports_take(&p, 0, &port)) {
			assert_in_range(port, 0, 9);
			zero |= port == 0;
		}
		assert_int_equal(zero, row[i].proto == STATE_ICMP);
		free(p.set);
	}
}

// N64-PORT-05, N64-PORT-11: the shares of all workers are disjoint, each port is handed out once,
// and together they are the whole range.
static void
n64_port_05_11_shares_partition_the_ports(void **state)
{
	static const unsigned int n_workers[] = {1, 2, 3, 7, 16};

	for (unsigned int i = 0; i < RTE_DIM(n_workers); i++) {
		static uint8_t owner[65536];

		memset(owner, 0xff, sizeof(owner));
		for (unsigned int w = 0; w < n_workers[i]; w++) {
			struct ports p;
			uint16_t port;

			ports_open(&p, STATE_UDP, 1, 65535, w, n_workers[i]);
			while (ports_take(&p, 4000, &port)) {
				assert_int_equal(owner[port], 0xff);
				assert_int_equal(state_owner_of_port(port, n_workers[i]), w);
				owner[port] = (uint8_t)w;
			}
			ports_check(&p, 0);
			free(p.set);
		}
		for (unsigned int port = 1; port < 65536; port++)
			assert_int_not_equal(owner[port], 0xff);
	}
}

// RFC 6056: ports of a run are spread over the range and do not follow one another.
static void
n64_port_07_unpredictable(void **state)
{
	static unsigned int eighth[8];
	unsigned int neighbours = 0;
	struct ports p;
	uint16_t port, last = 0;

	ports_open(&p, STATE_TCP, 20000, 20799, 0, 1);
	for (unsigned int i = 0; i < 400; i++) {
		assert_true(ports_take(&p, 50000, &port));
		eighth[(port - 20000) / 100]++;
		neighbours += port == last + 1;
		last = port;
	}
	for (unsigned int i = 0; i < RTE_DIM(eighth); i++)
		assert_in_range(eighth[i], 20, 80);
	assert_in_range(neighbours, 0, 40);
	free(p.set);
}

static void
n64_port_05_freed_port_is_found_again(void **state)
{
	static const uint16_t freed[] = {1, 63, 64, 1023, 1024, 40000, 65535};
	struct ports p;
	uint16_t port;

	ports_open(&p, STATE_UDP, 1, 65535, 0, 1);
	while (ports_take(&p, 1, &port))
		;
	for (unsigned int i = 0; i < RTE_DIM(freed); i++) {
		port_set_give(p.set, &p.share, freed[i]);
		ports_check(&p, 1);
		assert_true(ports_take(&p, 2, &port));
		assert_int_equal(port, freed[i]);
		assert_false(ports_take(&p, 2, &port));
	}
	free(p.set);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(port_set_take_port_by_number),
		cmocka_unit_test(n64_port_03_04_range_and_parity),
		cmocka_unit_test(n64_port_03_04_falls_over_in_order),
		cmocka_unit_test(n64_port_08_zero_is_an_identifier_but_no_port),
		cmocka_unit_test(n64_port_05_11_shares_partition_the_ports),
		cmocka_unit_test(n64_port_07_unpredictable),
		cmocka_unit_test(n64_port_05_freed_port_is_found_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
