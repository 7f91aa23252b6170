// SPDX-License-Identifier: BSD-3-Clause
// Checksums that a NIC computes: the same frames as without (CSUM-11). The NIC's part is played by
// DPDK's own helpers.
#include "dns_query.h"

#include "app/offload.h"

#include <rte_ip.h>
#include <rte_net.h>
#include <rte_udp.h>

#define UDP_BIT (1u << DRIVER_OFFLOAD_UDP_CHECKSUM)
#define ANSWERS 64

static uint16_t (*collect)(struct port *p, uint16_t queue, struct rte_mbuf **m, uint16_t n);
static unsigned int by_nic;

// What a NIC does: the sum over the UDP packet, in which the sum of the pseudo-header stands.
static uint16_t
nic_tx(struct port *p, uint16_t queue, struct rte_mbuf **m, uint16_t n)
{
	for (uint16_t i = 0; i < n; i++) {
		struct rte_udp_hdr *udp;
		uint16_t sum;

		if ((m[i]->ol_flags & RTE_MBUF_F_TX_L4_MASK) != RTE_MBUF_F_TX_UDP_CKSUM)
			continue;
		udp = rte_pktmbuf_mtod_offset(
			m[i], struct rte_udp_hdr *, m[i]->l2_len + m[i]->l3_len);
		sum = rte_raw_cksum(udp, rte_pktmbuf_data_len(m[i]) - m[i]->l2_len - m[i]->l3_len);
		udp->dgram_cksum = sum == 0xffff ? 0xffff : (uint16_t)~sum;
		by_nic++;
	}
	return collect(p, queue, m, n);
}

static void
start(const char *prefix, bool nic)
{
	static const struct env_setup setup = {.extra = "dns64: {upstreams: [" DNS_UPSTREAM "]}\n"};

	env_start(prefix, &setup);
	fixture_neighbor(&env.f, WAN, DNS_UPSTREAM, env_mac_router);
	env.f.gw.udp_later = nic;
	collect = env.f.gw.port[LAN].tx;
	by_nic = 0;
	for (unsigned int i = 0; i < env.f.gw.n_port; i++)
		env.f.gw.port[i].tx = nic_tx;
}

// Queries until one answer's checksum is that of a sum of 0; the identifiers are the same each
// time.
static unsigned int
ask(uint8_t answer[ANSWERS][256])
{
	uint16_t id = 0x1111;
	unsigned int n = 0;

	dns_ask(LAN, "C", "GW6", id, DNS_TYPE_A);
	assert_int_equal(dns_take_upstream_query(), DNS_TYPE_A);
	dns_answer_upstream(WAN, "8.8.4.4");
	for (; n < ANSWERS; n++) {
		uint16_t sum;

		assert_true(env_take(LAN));
		assert_in_range(env.last_len, 48, sizeof(answer[n]));
		memset(answer[n], 0, sizeof(answer[n]));
		memcpy(answer[n], env.last, env.last_len);
		sum = get16(env.last + 46);
		if (sum == 0xffff)
			return n + 1;
		// the identifier counts as any word does
		id = build_fold((uint32_t)id + sum);
		dns_ask(LAN, "C", "GW6", id, DNS_TYPE_A);
	}
	return 0;
}

// The first answer, behind a tag.
static void
expect_tagged(const uint8_t *want)
{
	uint8_t frame[512];
	uint16_t len;

	dns_ask(LAN, "C", "GW6", 0x1111, DNS_TYPE_A);
	assert_int_equal(dns_take_upstream_query(), DNS_TYPE_A);
	dns_answer_upstream(WAN, "8.8.4.4");
	len = fixture_take(&env.f, LAN, frame, sizeof(frame));
	assert_in_range(len, 18 + 48, sizeof(frame));
	assert_int_equal(get16(frame + 12), 0x8100);
	assert_memory_equal(frame + 18, want, len - 18u);
	assert_int_equal(by_nic, 1);
}

static void
csum_11_the_same_frames(void **state)
{
	static uint8_t want[ANSWERS][256], got[ANSWERS][256];
	unsigned int n;

	start(*state, false);
	n = ask(want);
	assert_int_equal(by_nic, 0);
	assert_true(n > 1);
	env_stop();

	start(*state, true);
	for (unsigned int i = 0; i < env.f.gw.n_port; i++)
		env.f.gw.port[i].offload_tx = UDP_BIT;
	assert_int_equal(ask(got), n);
	assert_int_equal(by_nic, n + 1); // and the query upstream
	assert_memory_equal(got, want, sizeof(want));
	env_stop();

	start(*state, true); // the tag is in front of what is summed
	env.f.gw.port[LAN].vlan = 10;
	env.f.gw.port[LAN].offload_tx = UDP_BIT;
	expect_tagged(want[0]);
	env_stop();

	start(*state, true); // only the WAN's can: the LAN's answers are settled in software
	env.f.gw.port[WAN].offload_tx = UDP_BIT;
	assert_int_equal(ask(got), n);
	assert_int_equal(by_nic, 1);
	assert_memory_equal(got, want, sizeof(want));
	env_stop();
}

// A query as it comes from a NIC that says something of its checksum.
static bool
answered(uint64_t flags, bool trusted, bool right)
{
	const struct spec s = {UDP6("C", 5353, "GW6", 53), .data = dns_message,
		.payload = dns_make_query(0x2222, DNS_TYPE_A), .bad_csum = !right};
	struct rte_mbuf *m = rte_pktmbuf_alloc(env.f.gw.pool);
	struct frame f;

	env_frame(&f, LAN, &s);
	memcpy(rte_pktmbuf_append(m, f.len), f.b, f.len);
	m->ol_flags |= flags;
	env.f.gw.port[LAN].offload_rx = trusted ? UDP_BIT : 0;
	fixture_input_mbuf(&env.f, 0, LAN, m);
	return env_take(LAN);
}

static void
csum_11_what_was_received(void **state)
{
	static const struct {
		uint64_t flags;
		bool trusted, right, answered;
	} rows[] = {
		{RTE_MBUF_F_RX_L4_CKSUM_GOOD, true, false, true}, // it is taken at its word
		{RTE_MBUF_F_RX_L4_CKSUM_GOOD, true, true, true},
		{RTE_MBUF_F_RX_L4_CKSUM_GOOD, false, false, false},
		{RTE_MBUF_F_RX_L4_CKSUM_GOOD, false, true, true},
		{RTE_MBUF_F_RX_L4_CKSUM_BAD, true, true, true}, // but not when it complains
		{RTE_MBUF_F_RX_L4_CKSUM_BAD, true, false, false},
		{RTE_MBUF_F_RX_L4_CKSUM_NONE, true, false, false},
		{RTE_MBUF_F_RX_L4_CKSUM_UNKNOWN, true, false, false},
		{RTE_MBUF_F_RX_L4_CKSUM_UNKNOWN, true, true, true},
	};

	start(*state, false);
	dns_ask(LAN, "C", "GW6", 0x1111, DNS_TYPE_A);
	assert_int_equal(dns_take_upstream_query(), DNS_TYPE_A);
	dns_answer_upstream(WAN, "8.8.4.4");
	fixture_discard(&env.f);
	for (unsigned int i = 0; i < RTE_DIM(rows); i++)
		if (answered(rows[i].flags, rows[i].trusted, rows[i].right) != rows[i].answered)
			fail_msg("row %u", i);
	env_stop();
}

ENV_MAIN(WITH_BOTH(csum_11_the_same_frames), WITH_BOTH(csum_11_what_was_received))
