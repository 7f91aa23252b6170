// SPDX-License-Identifier: BSD-3-Clause
// Fragments to the gateway itself: echo of any size is answered, in the fragments it came in; the
// rest is dropped and counted.
#include "datagram.h"

static struct datagram_text d;

struct ping {
	const char *what;
	unsigned int port;
	struct spec request, reply;
	uint16_t size; // of the fragments
};

#define BOTH6(gw, n) \
	.request = {PING6("C", gw, 7), .seq = 3, .payload = n}, \
	.reply = {PONG6(gw, "C", 7), .seq = 3, .payload = n, .ttl = 64}
#define BOTH4(port_, gw, from, n) \
	.port = port_, .request = {PING4(from, gw, 7), .seq = 3, .payload = n, .tos = 4}, \
	.reply = {PONG4(gw, from, 7), .seq = 3, .payload = n, .tos = 4, .ttl = 64}

static const struct ping pings[] = {
	{"IPv6", LAN, BOTH6("GW6", 8000), .size = 1448},
	{"IPv6 in small pieces", LAN, BOTH6("GW6", 3000), .size = 80},
	{"IPv6, the largest", LAN, BOTH6("GW6", 65000), .size = 1448},
	{"IPv4 on the WAN", BOTH4(WAN, "GW4", "8.8.8.8", 8000), .size = 1480},
	{"IPv4 on the WAN, the largest", BOTH4(WAN, "GW4", "8.8.8.8", 65507), .size = 1480},
	{"IPv4 on the LAN", BOTH4(LAN, "192.168.1.1", "192.168.1.10", 2000), .size = 1480},
};

static void
send_all(const struct ping *p, uint32_t id, bool backwards)
{
	const unsigned int n = fragment_count(&d, p->size);

	for (unsigned int i = 0; i < n; i++) {
		env_expect_none(p->what); // not before all are there
		fragment_send_nth(p->port, &d, id, p->size, backwards ? n - 1 - i : i);
	}
}

static void
run_pings(const struct env_setup *setup)
{
	env_start("2001:db8:64::/96", setup);
	for (unsigned int i = 0; i < RTE_DIM(pings); i++) {
		const struct ping *p = &pings[i];

		datagram_build(&d, &p->request, BUILD_TTL);
		for (unsigned int back = 0; back < 2; back++) {
			send_all(p, 0x100 + 2 * i + back, back);
			assert_int_equal(datagram_expect(p->what, p->port, &p->reply, 1500),
				0x100 + 2 * i + back);
			env_expect_none(p->what);
		}
	}
	assert_int_equal(env_sessions(), 0);
	env_stop();
}

// ping -s 8000 to the gateway, whichever worker gets its fragments.
static void
gw_ip6_01_echo_in_fragments(void **state)
{
	static const struct env_setup workers = {.workers = "0, 1, 2"};
	// the WAN's address is the pool's as well, as in a home
	static const struct env_setup shared = {.workers = "0, 1",
		.nat64 = "  pool4: [wan]\n  max_sessions: 1024\n  max_bib: 512\n"};

	run_pings(NULL);
	run_pings(&workers);
	run_pings(&shared);
}

// A wrong checksum is not made right.
static void
echo_with_a_wrong_checksum(void **state)
{
	struct spec request = {PING6("C", "GW6", 7), .payload = 2000, .bad_csum = true};
	struct spec reply = {PONG6("GW6", "C", 7), .payload = 2000, .bad_csum = true, .ttl = 64};

	env_start(*state, NULL);
	datagram_build(&d, &request, BUILD_TTL);
	datagram_send(LAN, &d, 5, 1448);
	datagram_expect("a wrong checksum", LAN, &reply, 1500);
	env_stop();
}

// What is not answered: everything but echo requests, and what is not complete.
static void
frag_local_dropped(void **state)
{
	static const struct {
		unsigned int port;
		struct spec s;
		enum drop_reason why;
		unsigned int n; // of two fragments
	} rows[] = {
		{LAN, {UDP6("C", 5000, "GW6", 53), .payload = 1800}, DROP_FRAG_LOCAL, 2},
		{LAN, {TCP6("C", 5000, "GW6", 53), .payload = 1800}, DROP_FRAG_LOCAL, 2},
		{LAN, {PONG6("C", "GW6", 7), .payload = 1800}, DROP_FRAG_LOCAL, 2},
		{LAN, {ERR6("C", "GW6", 1, 4), .payload = 1800}, DROP_ICMP_TYPE, 2},
		{LAN, {PING6("C", "ff02::1", 7), .payload = 1800}, DROP_FRAG_LOCAL, 2},
		{LAN, {PING6("GW6", "GW6", 7), .payload = 1800}, DROP_SRC6_ILLEGAL, 2},
		{WAN, {UDP4("8.8.8.8", 53, "GW4", 5000), .payload = 1800}, DROP_FRAG_LOCAL, 2},
		{WAN, {PONG4("8.8.8.8", "GW4", 7), .payload = 1800}, DROP_FRAG_LOCAL, 2},
		{WAN, {PING4("GW4", "GW4", 7), .payload = 1800}, DROP_SRC4_ILLEGAL, 2},
		{LAN, {PING6("C", "GW6", 7), .payload = 1800}, DROP_FRAG_TIMEOUT, 1},
		{WAN, {PING4("8.8.8.8", "GW4", 7), .payload = 1800}, DROP_FRAG_TIMEOUT, 1},
	};

	for (unsigned int i = 0; i < RTE_DIM(rows); i++) {
		env_start(*state, NULL);
		datagram_build(&d, &rows[i].s, BUILD_TTL);
		for (unsigned int k = 0; k < rows[i].n; k++)
			fragment_send_nth(rows[i].port, &d, 9, 1440, k);
		fixture_turn(&env.f, 3000);
		env_expect_none("to ourselves");
		assert_int_equal(env_drops(rows[i].why), rows[i].n);
		env_stop();
	}
}

ENV_MAIN(cmocka_unit_test(gw_ip6_01_echo_in_fragments), WITH_BOTH(echo_with_a_wrong_checksum),
	WITH_BOTH(frag_local_dropped))
