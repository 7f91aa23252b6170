// SPDX-License-Identifier: BSD-3-Clause
// Who floods: a client is held to its quota, others go on, nothing grows, and counters tell who.
#include "env.h"

#include <stdio.h>

#define PACKETS 20000
#define QUOTA \
	"  pool4: [5.6.7.64]\n" \
	"  max_sessions: 4096\n  max_bib: 2048\n" \
	"  quota: {bindings: 200, sessions: 500, new_per_sec: 400}\n" \
	"  icmp_error_rate: 50\n"

// The flooder is behind a router, so that nobody has to be asked for its addresses.
#define ROUTE "routes: [{prefix: 2001:db8:f::/64, via: 2001:db8:1::10}]\n"

static const struct env_setup with_quota = {.nat64 = QUOTA, .extra = ROUTE};
static const struct env_setup two_workers = {.nat64 = QUOTA, .extra = ROUTE, .workers = "0, 1"};

struct flood {
	const char *id;
	void (*packet)(unsigned int i); // fills flood_spec
	enum drop_reason first; // what the quota says once it is reached in the first second
};

static struct spec flood_spec;
static char flood_src[64], flood_dst[64];

static void
syn_of_one_host(unsigned int i)
{
	snprintf(flood_dst, sizeof(flood_dst), "@9.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);
	flood_spec = (struct spec){TCP6("2001:db8:f::10", (uint16_t)(1024 + i), flood_dst, 80)};
}

// Over the whole of IPv4, from one port.
static void
scan_of_one_port(unsigned int i)
{
	uint32_t v4 = (i * 2654435761u & 0x1fffffff) + 0x20000000; // 32/3: all global

	snprintf(flood_dst, sizeof(flood_dst), "@%u.%u.%u.%u", v4 >> 24, v4 >> 16 & 255,
		v4 >> 8 & 255, v4 & 255);
	flood_spec = (struct spec){UDP6("2001:db8:f::10", 4444, flood_dst, 161), .payload = 4};
}

static void
host_with_many_addresses(unsigned int i)
{
	snprintf(flood_src, sizeof(flood_src), "2001:db8:f::dead:%x:%x", i * 40503 & 0xffff,
		i & 0xffff);
	flood_spec = (struct spec){UDP6(flood_src, 4444, "@8.8.8.8", 53), .payload = 4};
}

static void
ping_of_many_addresses(unsigned int i)
{
	snprintf(flood_src, sizeof(flood_src), "2001:db8:f::beef:%x", i);
	flood_spec = (struct spec){PING6(flood_src, "@8.8.8.8", (uint16_t)i), .payload = 4};
}

static uint64_t
quota_drops(void)
{
	return env_drops(DROP_QUOTA_BINDINGS) + env_drops(DROP_QUOTA_SESSIONS) +
	       env_drops(DROP_QUOTA_RATE);
}

// A client of another /64 opens and uses a session.
static void
other_client_works(const char *id, uint16_t port)
{
	const struct step steps[] = {
		{id, LAN2, {UDP6("D", port, "@8.8.4.4", 53), .payload = 20}, WAN,
			{UDP4("T", A_PORT(0), "8.8.4.4", 53), .payload = 20}},
		{id, WAN, {UDP4("8.8.4.4", 53, "T", A_PORT(0)), .payload = 20}, LAN2,
			{UDP6("@8.8.4.4", 53, "D", port), .payload = 20}},
	};

	env.port[0] = 0;
	env_run(steps, RTE_DIM(steps));
}

static uint64_t
memory_bytes(void)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < env.f.gw.n_worker; i++) {
		struct state_stats s;

		state_stats(env.f.gw.worker[i]->state, &s);
		sum += s.memory_bytes;
	}
	return sum;
}

static void
add_refused(void *arg, const struct state_subscriber_row *row)
{
	static const uint8_t flooder[8] = {0x20, 0x01, 0x0d, 0xb8, 0, 0xf};
	uint64_t *refused = arg;
	uint64_t n = row->refused_bindings + row->refused_sessions + row->refused_rate;

	if (n == 0)
		return;
	assert_memory_equal(&row->prefix, flooder, sizeof(flooder)); // it and nobody else
	*refused += n;
}

static uint64_t
refused_of_flooder(void)
{
	uint64_t refused = 0;

	for (unsigned int i = 0; i < env.f.gw.n_worker; i++) {
		uint32_t cursor = 0;

		while (state_walk_subscribers(
			env.f.gw.worker[i]->state, &cursor, 100, add_refused, &refused))
			;
	}
	return refused;
}

static void
run_flood(const struct flood *f)
{
	uint64_t memory = memory_bytes();

	for (unsigned int i = 0; i < PACKETS; i++) {
		f->packet(i);
		env_send(LAN, &flood_spec);
		if (i % 500 == 0)
			fixture_discard(&env.f);
		if (i % 4000 == 0) {
			fixture_turn(&env.f, 1000);
			fixture_discard(&env.f);
			other_client_works(f->id, (uint16_t)(6000 + i / 4000));
		}
	}
	fixture_discard(&env.f);
	other_client_works(f->id, 6100);
	assert_true(env_drops(f->first) > 0);
	assert_in_range(env_sessions(), 1, 500 + 10);
	assert_in_range(env_bibs(), 1, 200 + 10);
	assert_int_equal(memory_bytes(), memory);
	assert_int_equal(refused_of_flooder(), quota_drops());
	assert_true(quota_drops() > PACKETS - 2000);
	// N64-DOS-04, N64-DOS-05: told 1/3, within the rate; a second's worth first, six turns
	assert_true(fixture_stats(&env.f).icmp_limited > quota_drops() * 9 / 10);
}

static void
n64_dos_01_02_floods(void **state)
{
	static const struct flood floods[] = {
		{"SYN flood", syn_of_one_host, DROP_QUOTA_BINDINGS},
		{"scan", scan_of_one_port, DROP_QUOTA_RATE},
		{"many addresses", host_with_many_addresses, DROP_QUOTA_BINDINGS},
		{"many pings", ping_of_many_addresses, DROP_QUOTA_BINDINGS},
	};
	static const struct env_setup *const setups[] = {&with_quota, &two_workers};

	for (unsigned int i = 0; i < RTE_DIM(floods) * RTE_DIM(setups); i++) {
		env_start(env_prefixes[i / RTE_DIM(floods)], setups[i / RTE_DIM(floods)]);
		run_flood(&floods[i % RTE_DIM(floods)]);
		env_stop();
	}
}

// The refusal as the client sees it, for each limit; what it has goes on (N64-DOS-04).
static void
refusal(const char *nat64, enum drop_reason why, unsigned int granted, bool one_port)
{
	const struct env_setup setup = {.nat64 = nat64};

	for (unsigned int p = 0; p < env_n_prefixes; p++) {
		env_start(env_prefixes[p], &setup);
		for (unsigned int i = 0; i <= granted; i++) {
			uint16_t port = one_port ? 3000 : (uint16_t)(3000 + i);
			const struct spec syn = {TCP6("C", port, "@8.8.8.8", (uint16_t)(80 + i))};
			const struct spec quote = {
				TCP6("C", port, "@8.8.8.8", (uint16_t)(80 + i)), .ttl = 64};
			const struct spec told = {
				ERR6("GW6", "C", 1, 3), .ttl = 64, .quote = &quote};

			env_send(LAN, &syn);
			if (i == granted)
				env_expect("refused", LAN, &told);
			else
				assert_true(env_take(WAN));
		}
		assert_int_equal(env_drops(why), 1);
		env_send(LAN, &(struct spec){TCP6("C", 3000, "@8.8.8.8", 80)});
		assert_true(env_take(WAN));
		assert_int_equal(env_sessions(), granted);
		env_stop();
	}
}

static void
n64_dos_04_refusals_are_told(void **state)
{
	refusal("  quota: {bindings: 20}\n", DROP_QUOTA_BINDINGS, 20, false);
	refusal("  quota: {sessions: 20}\n", DROP_QUOTA_SESSIONS, 20, true);
	refusal("  quota: {new_per_sec: 20}\n", DROP_QUOTA_RATE, 20, true);
}

// The pool is exhausted: counted, told, and over when a session ends (N64-PORT-06).
static void
n64_port_06_exhausted_and_eased(void **state)
{
	refusal("  pool4: [{address: 5.6.7.64, ports: 1024-1043}]\n", DROP_NO_PORT, 20, false);

	for (unsigned int p = 0; p < env_n_prefixes; p++) {
		const struct env_setup setup = {
			.nat64 = "  pool4: [{address: 5.6.7.64, ports: 1024-1043}]\n"};
		struct spec udp = {UDP6("C", 0, "@8.8.8.8", 53), .payload = 4};

		env_start(env_prefixes[p], &setup);
		for (unsigned int i = 0; i < 40; i++) {
			udp.sport = (uint16_t)(2000 + i);
			env_send(LAN, &udp);
			assert_int_equal(env_take(WAN), i < 20);
		}
		assert_int_equal(env_drops(DROP_NO_PORT), 20);
		fixture_turn(&env.f, 302 * 1000); // UDP sessions end
		fixture_neighbor(&env.f, WAN, "5.6.7.1", env_mac_router);
		fixture_discard(&env.f);
		env_send(LAN, &udp);
		assert_true(env_take(WAN));
		env_stop();
	}
}

ENV_MAIN(cmocka_unit_test(n64_dos_01_02_floods), cmocka_unit_test(n64_dos_04_refusals_are_told),
	cmocka_unit_test(n64_port_06_exhausted_and_eased))
