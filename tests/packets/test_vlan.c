// SPDX-License-Identifier: BSD-3-Clause
// VLAN tags (IEEE 802.1Q): several ports on one NIC, told apart by tag.
#include "env.h"

// Ports in the order of the configuration. The first NIC has an untagged port and VLANs, the second
// one VLANs only.
enum {
	PLAN = 0,  // net_null0, no tag
	P10 = 1,   // net_null0, VLAN 10
	P20 = 2,   // net_null0, VLAN 20: the WAN
	P30 = 3,   // net_null1, VLAN 30
	P4094 = 4, // net_null1, VLAN 4094
};

static const char yaml[] =
	"ports:\n"
	"  - {name: lan, device: net_null0, role: lan, addresses: ['2001:db8:1::1/64']}\n"
	"  - {name: l10, device: net_null0, vlan: 10, role: lan, "
	"addresses: ['2001:db8:10::1/64']}\n"
	"  - {name: wan, device: net_null0, vlan: 20, role: wan, addresses: [5.6.7.2/24], "
	"gateway4: 5.6.7.1}\n"
	"  - {name: l30, device: net_null1, vlan: 30, role: lan, mtu: 1400, "
	"addresses: ['2001:db8:30::1/64']}\n"
	"  - {name: l4094, device: net_null1, vlan: 4094, role: lan, "
	"addresses: ['2001:db8:40::1/64']}\n"
	"nat64: {prefixes: ['%s'], pool4: [{address: 5.6.7.64, ports: 1-65535}], "
	"max_sessions: 1024, max_bib: 512}\n"
	"lcores: {workers: [0, 1]}\n";

static const uint8_t mac[][6] = {{2, 0xaa, 0, 0, 0, 1}, {2, 0xaa, 0, 0, 0, 10},
	{2, 0xaa, 0, 0, 0, 20}, {2, 0xaa, 0, 0, 0, 30}, {2, 0xaa, 0, 0, 0, 94}};

static void
start(const char *prefix)
{
	char text[2048];

	snprintf(text, sizeof(text), yaml, prefix);
	env_start_yaml(prefix, text);
	fixture_neighbor(&env.f, PLAN, "2001:db8:1::10", mac[PLAN]);
	fixture_neighbor(&env.f, P10, "2001:db8:10::10", mac[P10]);
	fixture_neighbor(&env.f, P20, "5.6.7.1", mac[P20]);
	fixture_neighbor(&env.f, P30, "2001:db8:30::10", mac[P30]);
	fixture_neighbor(&env.f, P4094, "2001:db8:40::10", mac[P4094]);
	fixture_discard(&env.f);
}

// A frame to port from its neighbour, with the tags tci[0..n-1], received by the NIC.
static void
send_tags(unsigned int port, const struct spec *s, const uint16_t *tci, unsigned int n)
{
	uint8_t b[FRAME_ROOM], *p = b + 12;

	build_ether(b, env.f.gw.port[port].mac.addr_bytes, mac[port], 0);
	for (unsigned int i = 0; i < n; i++, p += 4) {
		put16(p, 0x8100);
		put16(p + 2, tci[i]);
	}
	put16(p, s->family == 6 ? 0x86dd : 0x0800);
	p += 2 + build_ip(p + 2, s, BUILD_TTL);
	fixture_input(&env.f, (unsigned int)(env.f.gw.port[port].nic - env.f.gw.port), b,
		(uint16_t)(p - b));
}

static void
send_tagged(unsigned int port, const struct spec *s, uint16_t tci)
{
	send_tags(port, s, &tci, 1);
}

// The next frame of the port is this packet with this tag; 0: none.
static void
expect(unsigned int port, uint16_t tci, const struct spec *want)
{
	uint8_t got[FRAME_ROOM], ip[FRAME_ROOM], *p = got + (tci ? 18 : 14);
	uint16_t len = fixture_take(&env.f, port, got, sizeof(got)), n;

	assert_true(len > p - got);
	assert_memory_equal(got, mac[port], 6);
	assert_memory_equal(got + 6, env.f.gw.port[port].mac.addr_bytes, 6);
	if (tci) {
		assert_int_equal(get16(got + 12), 0x8100);
		assert_int_equal(get16(got + 14), tci);
	}
	assert_int_equal(get16(p - 2), want->family == 6 ? 0x86dd : 0x0800);
	env_learn(want, p);
	n = build_ip(ip, want, BUILD_TTL - 1);
	if (want->family == 4) {
		put16(p + 4, 0);
		build_ip4_csum(p);
	}
	assert_int_equal(len - (p - got), n);
	assert_memory_equal(p, ip, n);
}

static void
translation_between_vlans(void **state)
{
	for (unsigned int i = 0; i < 2; i++) {
		start(env_prefixes[i]);
		send_tagged(P10, &(struct spec){UDP6("2001:db8:10::10", 1000, "@9.9.9.9", 53)}, 10);
		expect(P20, 20, &(struct spec){UDP4("T", A_PORT(0), "9.9.9.9", 53)});
		send_tagged(P20, &(struct spec){UDP4("9.9.9.9", 53, "T", A_PORT(0))}, 20);
		expect(P10, 10, &(struct spec){UDP6("@9.9.9.9", 53, "2001:db8:10::10", 1000)});
		// from the untagged port of the same NIC, and from another NIC; priority and DEI
		// of a tag do not count, and are not passed on
		send_tags(PLAN, &(struct spec){UDP6("2001:db8:1::10", 1, "@9.9.9.9", 2)}, NULL, 0);
		expect(P20, 20, &(struct spec){UDP4("T", A_PORT(1), "9.9.9.9", 2)});
		send_tagged(
			P4094, &(struct spec){UDP6("2001:db8:40::10", 3, "@9.9.9.9", 4)}, 0xfffe);
		expect(P20, 20, &(struct spec){UDP4("T", A_PORT(2), "9.9.9.9", 4)});
		send_tagged(P20, &(struct spec){UDP4("9.9.9.9", 2, "T", A_PORT(1))}, 0xe014);
		expect(PLAN, 0, &(struct spec){UDP6("@9.9.9.9", 2, "2001:db8:1::10", 1)});
		send_tagged(P20, &(struct spec){UDP4("9.9.9.9", 4, "T", A_PORT(2))}, 20);
		expect(P4094, 4094, &(struct spec){UDP6("@9.9.9.9", 4, "2001:db8:40::10", 3)});
		env_expect_none("more");
		env_stop();
	}
}

static void
native_between_vlans_of_a_nic(void **state)
{
	start(env_prefixes[0]);
	send_tagged(P30, &(struct spec){UDP6("2001:db8:30::10", 1, "2001:db8:40::10", 2)}, 30);
	expect(P4094, 4094, &(struct spec){UDP6("2001:db8:30::10", 1, "2001:db8:40::10", 2)});
	// each port has its own MTU, whatever the NIC takes
	send_tagged(P4094,
		&(struct spec){UDP6("2001:db8:40::10", 1, "2001:db8:30::10", 2), .payload = 1353},
		4094);
	expect(P4094, 4094,
		&(struct spec){ERR6("2001:db8:40::1", "2001:db8:40::10", 2, 0), .word = 1400,
			.ttl = 64, .quote_l4 = 1192,
			QUOTE(UDP6("2001:db8:40::10", 1, "2001:db8:30::10", 2), .payload = 1353,
				.ttl = 64)});
	env_stop();
}

// An address is its own VLAN's only.
static void
neighbour_discovery_stays_in_its_vlan(void **state)
{
	start(env_prefixes[0]);
	send_tagged(P10, &(struct spec){PING6("2001:db8:10::10", "2001:db8:10::1", 7)}, 10);
	expect(P10, 10, &(struct spec){PONG6("2001:db8:10::1", "2001:db8:10::10", 7), .ttl = 64});
	env_expect_none("more");
	// a neighbour that is not known is asked for with a tag
	send_tagged(P30, &(struct spec){UDP6("2001:db8:30::10", 1, "2001:db8:10::99", 2)}, 30);
	assert_true(env_take(P10));
	assert_int_equal(get16(env.last), 10); // behind 14 bytes stands the VID
	assert_int_equal(get16(env.last + 2), 0x86dd);
	env_expect_none("more");
	fixture_turn(&env.f, 10000);
	fixture_discard(&env.f);
	env_stop();
}

static void
frames_of_nobody_are_dropped(void **state)
{
	const struct spec s = {UDP6("2001:db8:1::10", 1, "@9.9.9.9", 2)};
	uint8_t runt[18] = {[12] = 0x81};

	start(env_prefixes[0]);
	send_tagged(PLAN, &s, 11); // a VLAN that no port has
	send_tagged(PLAN, &s, 30); // that a port of another NIC has
	send_tagged(PLAN, &s, 4095);
	send_tags(P30, &s, NULL, 0); // no tag where all ports have one
	send_tagged(P30, &s, 0);
	send_tags(P10, &s, (const uint16_t[]){10, 10}, 2); // two tags
	send_tags(PLAN, &s, (const uint16_t[]){0, 10}, 2);
	assert_int_equal(env_drops(DROP_VLAN), 7);
	memcpy(runt, env.f.gw.port[PLAN].mac.addr_bytes, 6);
	for (uint16_t len = 14; len < 18; len++) {
		env_input_exact(0, PLAN, runt, len);
		env_input_exact(0, P30, runt, len);
	}
	assert_int_equal(env_drops(DROP_VLAN), 15);
	env_expect_none("nothing");
	// a priority alone is no VLAN
	send_tagged(PLAN, &s, 0xe000);
	expect(P20, 20, &(struct spec){UDP4("T", A_PORT(0), "9.9.9.9", 2)});
	env_stop();
}

// A NIC without VLANs takes frames that bear a priority only.
static void
priority_tag_without_vlans(void **state)
{
	const struct spec s = {UDP6("C", 1, "@9.9.9.9", 2)};
	struct frame f;
	uint8_t b[FRAME_ROOM];

	env_start(env_prefixes[0], NULL);
	env_frame(&f, LAN, &s);
	for (uint16_t tci = 0; tci < 2; tci++) {
		memcpy(b, f.b, 12);
		put16(b + 12, 0x8100);
		put16(b + 14, tci);
		memcpy(b + 16, f.b + 12, f.len - 12u);
		fixture_input(&env.f, LAN, b, (uint16_t)(f.len + 4));
	}
	env_expect("priority", WAN, &(struct spec){UDP4("T", A_PORT(0), "9.9.9.9", 2)});
	env_expect_none("VLAN 1");
	assert_int_equal(env_drops(DROP_VLAN), 1);
	env_stop();
}

// The tag is put on once, by the worker that transmits.
static void
one_tag_after_a_hand_over(void **state)
{
	start(env_prefixes[0]);
	env.f.gw.port[P20].tx_worker[1] = 0;
	for (uint16_t i = 0; i < 8; i++) {
		char src[32];
		const struct spec s = {UDP6(src, 1000, "@9.9.9.9", 53)};

		snprintf(src, sizeof(src), "2001:db8:10::%x", i + 1);
		send_tagged(P10, &s, 10);
		env.port[0] = 0;
		expect(P20, 20, &(struct spec){UDP4("T", A_PORT(0), "9.9.9.9", 53)});
	}
	env_stop();
}

ENV_MAIN(cmocka_unit_test(translation_between_vlans),
	cmocka_unit_test(native_between_vlans_of_a_nic),
	cmocka_unit_test(neighbour_discovery_stays_in_its_vlan),
	cmocka_unit_test(frames_of_nobody_are_dropped),
	cmocka_unit_test(priority_tag_without_vlans), cmocka_unit_test(one_tag_after_a_hand_over))
