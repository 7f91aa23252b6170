// SPDX-License-Identifier: BSD-3-Clause
// Other settings at random while queries wait.
#include "change.h"

static uint32_t seed = 1;

static uint32_t
rnd(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

static void
random_settings(struct fixture *f)
{
	static const char *const prefix[] = {
		"64:ff9b::/96", "2001:db8:64::/96", "2001:db8:65::/64", "2001:db8:66::/48"};

	prefixes(f, prefix[rnd(2)], rnd(2) ? prefix[2 + rnd(2)] : NULL);
	f->nat64.wkp_allow = (enum wkp_allow)rnd(3);
	f->dns64.n_upstream = 1 + rnd(CONFIG_UPSTREAMS);
	for (unsigned int i = 0; i < f->dns64.n_upstream; i++)
		upstream(f, i, i % 2 ? UPSTREAM3 : UPSTREAM2, (uint16_t)(1000 + i + rnd(3) * 8));
	f->dns64.tries = 1 + rnd(3 * f->dns64.n_upstream);
	f->dns64.timeout_ms = 50 + rnd(1000);
	f->dns64.port_first = rnd(4) ? 49152 : 20000;
	f->dns64.n_exclude_aaaa = rnd(2);
	f->source4 = rnd(4) ? SOURCE4 : "198.18.0.9";
}

static void
random_reply(struct fixture *f, struct caught *c)
{
	static const char *const replies[] = {"NOERROR;; ex. 900 SOA 300;", "SERVFAIL;;;",
		"NXDOMAIN;; ex. 900 SOA 300;", "NOERROR +tc;;;", "NOERROR; ex. 60 A 8.8.8.8;;"};

	if (rnd(3))
		reply(f, c, replies[rnd(LEN(replies))]);
}

// Every query gets one answer, whatever changes while it waits.
static void
d64_random_changes(void **state)
{
	static const char *const types[] = {"A", "AAAA", "PTR", "MX"};
	struct fixture *f = fixture_new();
	unsigned int asked = 0;

	f->dns64.cache_entries = 64;
	fixture_start(f);
	for (unsigned int i = 0; i < 20000; i++) {
		char name[120];
		struct caught *c;

		if (rnd(20) == 0) {
			random_settings(f);
			assert_string_equal(fixture_change(f, 1 + rnd(40)), "");
		}
		snprintf(name, sizeof(name),
			"%x.0.8.0.8.0.8.0.0.0.0.0.0.0.0.0.0.0.0.0.4.6.0.0.8."
			"b.d.0.1.0.0.2.ip6.arpa.",
			rnd(16));
		if (rnd(2))
			snprintf(name, sizeof(name), "n%u.ex.", rnd(50));
		asked++;
		ask(f, name, types[rnd(LEN(types))]);
		for (unsigned int k = rnd(4); k && (c = fixture_next(f)); k--)
			if (c->d.sport != DNS64_PORT) {
				struct caught copy = *c;

				random_reply(f, &copy);
			}
		while (f->n > 20 || (pending(f) > 20 && rnd(2))) {
			if (!fixture_next(f))
				fixture_wait(f);
		}
	}
	while (pending(f)) {
		while (fixture_next(f))
			;
		fixture_wait(f);
	}
	assert_int_equal(asked, f->answers + dns64_stats(f->d)->dropped_full);
	assert_true(dns64_next_ms(f->d) == UINT64_MAX);
	fixture_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(d64_random_changes)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
