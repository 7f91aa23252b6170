// SPDX-License-Identifier: BSD-3-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "net/parse.h"

#include "mbuf_util.h"
#include "packet_util.h"

#define C6 "2001:db8:1::10"
#define S6 "2001:db8:64::8.8.8.8"
#define P4 "203.0.113.1"
#define S4 "8.8.8.8"

static const uint8_t DATA[] = "some payload of odd length";
static struct pkt view; // of the last packet

// Parses a frame in a buffer of its exact size; leaves the view in view.
static enum drop_reason
parse(const struct packet *p)
{
	struct rte_mbuf *m = mbuf_exact(p->b, (uint16_t)p->len, 0);
	enum drop_reason why =
		p->b[0] >> 4 == 6 ? parse_ip6(m, pkt_of(m)) : parse_ip4(m, pkt_of(m));

	if (why == DROP_NONE && (pkt_of(m)->flags & PKT_ICMP_ERROR))
		why = parse_icmp_error(m, pkt_of(m));
	if (why == DROP_NONE) {
		assert_int_equal(m->data_len, pkt_of(m)->l3_len);
		assert_int_equal(m->pkt_len, pkt_of(m)->l3_len);
	}
	view = *pkt_of(m);
	rte_pktmbuf_free(m);
	return why;
}

static struct packet
udp6(void)
{
	struct ends e = ends_of(C6, S6);
	struct packet l4 = make_udp(&e, 40000, 53, DATA, sizeof(DATA));

	return make_ip6(&e, 0, IPPROTO_UDP, 64, &l4);
}

static struct packet
udp4(void)
{
	struct ends e = ends_of(S4, P4);
	struct packet l4 = make_udp(&e, 53, 40000, DATA, sizeof(DATA));

	return make_ip4(&e, 0, 1, 0x4000, IPPROTO_UDP, 57, &l4);
}

static struct packet
tcp6(void)
{
	struct ends e = ends_of(C6, S6);
	struct packet l4 = make_tcp(&e, 40000, 443, 0x12, DATA, sizeof(DATA));

	return make_ip6(&e, 0, IPPROTO_TCP, 64, &l4);
}

static struct packet
tcp4(void)
{
	struct ends e = ends_of(S4, P4);
	struct packet l4 = make_tcp(&e, 443, 40000, 0x12, DATA, sizeof(DATA));

	return make_ip4(&e, 0, 1, 0, IPPROTO_TCP, 57, &l4);
}

static struct packet
icmp6(uint8_t type, uint8_t code)
{
	struct ends e = ends_of(C6, S6);
	struct packet l4 = make_icmp(&e, type, code, 0x11110001, DATA, sizeof(DATA));

	return make_ip6(&e, 0, IPPROTO_ICMPV6, 64, &l4);
}

static struct packet
icmp4(uint8_t type, uint8_t code)
{
	struct ends e = ends_of(S4, P4);
	struct packet l4 = make_icmp(&e, type, code, 0x22220001, DATA, sizeof(DATA));

	return make_ip4(&e, 0, 1, 0, IPPROTO_ICMP, 57, &l4);
}

// An IPv6 packet with these bytes of extension headers in front of the UDP of udp6.
static struct packet
udp6_ext(uint8_t first, const uint8_t *ext, unsigned int len)
{
	struct packet u = udp6();
	struct packet all = {.len = 0};
	struct ends e = ends_of(C6, S6);

	append(&all, ext, len);
	append(&all, u.b + 40, u.len - 40);
	return make_ip6(&e, 0, first, 64, &all);
}

static void
n64_tup_01_fields_of_udp_and_tcp(void **state)
{
	struct packet p = udp6();

	assert_int_equal(parse(&p), DROP_NONE);
	assert_int_equal(view.family, 6);
	assert_int_equal(view.proto, IPPROTO_UDP);
	assert_int_equal(view.ttl, 64);
	assert_int_equal(view.l3_len, p.len);
	assert_int_equal(view.l4_off, 40);
	assert_int_equal(view.sport, RTE_BE16(40000));
	assert_int_equal(view.dport, RTE_BE16(53));
	assert_int_equal(view.flags, 0);

	p = tcp4();
	assert_int_equal(parse(&p), DROP_NONE);
	assert_int_equal(view.family, 4);
	assert_int_equal(view.proto, IPPROTO_TCP);
	assert_int_equal(view.ttl, 57);
	assert_int_equal(view.l4_off, 20);
	assert_int_equal(view.sport, RTE_BE16(443));
	assert_int_equal(view.dport, RTE_BE16(40000));
	assert_int_equal(view.tcp_flags, 0x12);
	assert_int_equal(view.flags, 0);

	p = udp4();
	assert_int_equal(parse(&p), DROP_NONE);
	assert_int_equal(view.flags, PKT_DF);
}

static void
n64_tup_01_fields_of_echo(void **state)
{
	static const struct {
		bool is6;
		uint8_t type, code;
		uint16_t flags;
	} row[] = {
		{true, 128, 0, PKT_ICMP_ECHO},
		{true, 129, 0, PKT_ICMP_ECHO},
		{true, 128, 1, 0},
		{true, 135, 0, 0}, // I64-04
		{false, 8, 0, PKT_ICMP_ECHO},
		{false, 0, 0, PKT_ICMP_ECHO},
		{false, 13, 0, 0}, // N64-TUP-04
		{false, 128, 0, 0},
	};

	for (unsigned int i = 0; i < RTE_DIM(row); i++) {
		struct packet p = row[i].is6 ? icmp6(row[i].type, row[i].code)
					     : icmp4(row[i].type, row[i].code);
		rte_be16_t id = row[i].is6 ? RTE_BE16(0x1111) : RTE_BE16(0x2222);

		assert_int_equal(parse(&p), DROP_NONE);
		assert_int_equal(view.flags, row[i].flags);
		assert_int_equal(view.icmp_type, row[i].type);
		assert_int_equal(view.icmp_code, row[i].code);
		assert_int_equal(view.sport, row[i].flags ? id : 0);
		assert_int_equal(view.dport, view.sport);
	}
}

// The ICMP of the other family is just some protocol.
static void
n64_tup_03_icmp_of_the_wrong_family(void **state)
{
	struct packet p = icmp6(128, 0);

	p.b[6] = IPPROTO_ICMP;
	assert_int_equal(parse(&p), DROP_NONE);
	assert_int_equal(view.flags, 0);
	p = icmp4(8, 0);
	p.b[9] = IPPROTO_ICMPV6;
	ref_seal_ip4(p.b);
	assert_int_equal(parse(&p), DROP_NONE);
	assert_int_equal(view.flags, 0);
}

static void
keeps_the_link_layer_flag_only(void **state)
{
	struct packet p = udp4();
	struct rte_mbuf *m = mbuf_exact(p.b, (uint16_t)p.len, 0);

	pkt_of(m)->flags = PKT_L2_GROUP | PKT_ICMP_ERROR | PKT_FRAGMENT;
	assert_int_equal(parse_ip4(m, pkt_of(m)), DROP_NONE);
	assert_int_equal(pkt_of(m)->flags, PKT_L2_GROUP | PKT_DF);
	rte_pktmbuf_free(m);
	p = udp6();
	m = mbuf_exact(p.b, (uint16_t)p.len, 0);
	pkt_of(m)->flags = PKT_L2_GROUP | PKT_DF;
	assert_int_equal(parse_ip6(m, pkt_of(m)), DROP_NONE);
	assert_int_equal(pkt_of(m)->flags, PKT_L2_GROUP);
	rte_pktmbuf_free(m);
}

static void
x64_16_x46_17_lengths(void **state)
{
	struct packet p = udp6();
	unsigned int len = p.len;

	append_zero(&p, 14); // Ethernet padding
	assert_int_equal(parse(&p), DROP_NONE);
	assert_int_equal(view.l3_len, len);
	p.len = len - 1; // longer than the frame
	assert_int_equal(parse(&p), DROP_MALFORMED);
	p.len = 39;
	assert_int_equal(parse(&p), DROP_MALFORMED);

	p = udp4();
	len = p.len;
	append_zero(&p, 6);
	assert_int_equal(parse(&p), DROP_NONE);
	assert_int_equal(view.l3_len, len);
	p.len = len - 1;
	assert_int_equal(parse(&p), DROP_MALFORMED);
	p.len = 19;
	assert_int_equal(parse(&p), DROP_MALFORMED);

	p = udp4();
	p.b[0] = 0x44; // IHL < 5
	assert_int_equal(parse(&p), DROP_MALFORMED);
	p = udp4();
	put16(p.b + 2, 19); // total length < header
	ref_seal_ip4(p.b);
	assert_int_equal(parse(&p), DROP_MALFORMED);
	p = udp4();
	p.b[0] = 0x4f; // header longer than the frame
	p.len = 32;
	assert_int_equal(parse(&p), DROP_MALFORMED);
}

static void
x64_16_jumbogram(void **state)
{
	static const uint8_t jumbo[] = {IPPROTO_UDP, 0, 0xc2, 4, 0, 1, 0, 0};
	struct packet p = udp6_ext(IPPROTO_HOPOPTS, jumbo, sizeof(jumbo));

	put16(p.b + 4, 0);
	assert_int_equal(parse(&p), DROP_EXT_CHAIN);
}

static void
version_has_to_match(void **state)
{
	struct packet p = udp6();
	struct rte_mbuf *m = mbuf_exact(p.b, (uint16_t)p.len, 0);

	assert_int_equal(parse_ip4(m, pkt_of(m)), DROP_MALFORMED);
	rte_pktmbuf_free(m);
	p = udp4();
	m = mbuf_exact(p.b, (uint16_t)p.len, 0);
	assert_int_equal(parse_ip6(m, pkt_of(m)), DROP_MALFORMED);
	rte_pktmbuf_free(m);
}

static void
segmented_mbufs_are_refused(void **state)
{
	struct packet p = udp6();
	struct rte_mbuf *m = mbuf_pooled(p.b, 50);
	struct rte_mbuf *tail = mbuf_pooled(p.b + 50, (uint16_t)(p.len - 50));

	assert_int_equal(rte_pktmbuf_chain(m, tail), 0);
	assert_int_equal(parse_ip6(m, pkt_of(m)), DROP_MALFORMED);
	rte_pktmbuf_free(m);
}

static void
x64_13_x46_07_sources(void **state)
{
	static const struct {
		const char *src;
		enum drop_reason why;
	} row6[] =
		{
			{"::1", DROP_SRC6_ILLEGAL},
			{"ff02::1", DROP_SRC6_ILLEGAL},
			{"ff0e::1:2:3", DROP_SRC6_ILLEGAL},
			{"::", DROP_NONE}, // DAD; the pipeline judges
			{"fe80::1", DROP_NONE},
			{"::2", DROP_NONE},
			{"2001:db8::1", DROP_NONE},
		},
	  row4[] = {
		  {"0.0.0.0", DROP_SRC4_ILLEGAL},
		  {"0.1.2.3", DROP_SRC4_ILLEGAL},
		  {"127.0.0.1", DROP_SRC4_ILLEGAL},
		  {"224.0.0.1", DROP_SRC4_ILLEGAL},
		  {"239.255.255.255", DROP_SRC4_ILLEGAL},
		  {"240.0.0.1", DROP_SRC4_ILLEGAL},
		  {"255.255.255.255", DROP_SRC4_ILLEGAL},
		  {"1.0.0.0", DROP_NONE},
		  {"126.255.255.255", DROP_NONE},
		  {"128.0.0.1", DROP_NONE},
		  {"223.255.255.255", DROP_NONE},
		  {"10.0.0.1", DROP_NONE},
	  };
	struct packet p;

	for (unsigned int i = 0; i < RTE_DIM(row6); i++) {
		p = udp6();
		assert_int_equal(inet_pton(AF_INET6, row6[i].src, p.b + 8), 1);
		assert_int_equal(parse(&p), row6[i].why);
	}
	for (unsigned int i = 0; i < RTE_DIM(row4); i++) {
		p = udp4();
		assert_int_equal(inet_pton(AF_INET, row4[i].src, p.b + 12), 1);
		ref_seal_ip4(p.b);
		assert_int_equal(parse(&p), row4[i].why);
	}
}

static void
xlt_07_bad_header_checksum(void **state)
{
	static const uint8_t opt[4] = {1, 1, 1, 0};
	struct ends e = ends_of(S4, P4);
	struct packet l4 = make_udp(&e, 53, 40000, DATA, sizeof(DATA));
	struct packet p = make_ip4_opt(&e, 0, 1, 0, IPPROTO_UDP, 57, opt, sizeof(opt), &l4);

	assert_int_equal(parse(&p), DROP_NONE);
	p.b[10] ^= 1;
	assert_int_equal(parse(&p), DROP_CHECKSUM4);
	p = udp4();
	p.b[8]--;
	assert_int_equal(parse(&p), DROP_CHECKSUM4);
}

// A bad transport checksum is not parse's business.
static void
xlt_07_transport_checksum_not_looked_at(void **state)
{
	struct packet p = tcp6();

	p.b[56] ^= 0x55;
	assert_int_equal(parse(&p), DROP_NONE);
	p = udp4();
	p.b[26] ^= 0x55;
	assert_int_equal(parse(&p), DROP_NONE);
}

static void
n64_tup_05_transport_lengths(void **state)
{
	static const struct {
		const char *what;
		struct packet (*make)(void);
		unsigned int at;
		uint16_t value; // two bytes there
		enum drop_reason why;
	} row[] = {
		{"tcp6 offset 4", tcp6, 52, 0x4012, DROP_L4_MALFORMED},
		{"tcp6 offset beyond packet", tcp6, 52, 0xf012, DROP_L4_MALFORMED},
		{"tcp6 offset in packet", tcp6, 52, 0xb012, DROP_NONE},
		{"udp6 length 7", udp6, 44, 7, DROP_L4_MALFORMED},
		{"udp6 length 8", udp6, 44, 8, DROP_NONE},
		{"udp6 length one more", udp6, 44, 9 + sizeof(DATA), DROP_L4_MALFORMED},
		{"udp6 checksum 0 (CSUM-07)", udp6, 46, 0, DROP_UDP6_CHECKSUM_ZERO},
		{"tcp4 offset 4", tcp4, 32, 0x4012, DROP_L4_MALFORMED},
		{"tcp4 offset beyond packet", tcp4, 32, 0xf012, DROP_L4_MALFORMED},
		{"udp4 length 7", udp4, 24, 7, DROP_L4_MALFORMED},
		{"udp4 length one more", udp4, 24, 9 + sizeof(DATA), DROP_L4_MALFORMED},
		{"udp4 checksum 0 (CSUM-04)", udp4, 26, 0, DROP_NONE},
	};

	for (unsigned int i = 0; i < RTE_DIM(row); i++) {
		struct packet p = row[i].make();

		put16(p.b + row[i].at, row[i].value);
		if (parse(&p) != row[i].why)
			fail_msg("%s", row[i].what);
	}
}

static void
n64_tup_05_truncated_transports(void **state)
{
	static const struct {
		uint8_t proto;
		unsigned int enough;
	} row[] = {{IPPROTO_TCP, 20}, {IPPROTO_UDP, 8}, {IPPROTO_ICMPV6, 8}, {IPPROTO_ICMP, 8}};

	for (unsigned int i = 0; i < RTE_DIM(row); i++) {
		bool is6 = row[i].proto != IPPROTO_ICMP;
		struct ends e = is6 ? ends_of(C6, S6) : ends_of(S4, P4);
		struct packet l4 = {.b = {135}, .len = row[i].enough - 1};
		struct packet p;

		l4.b[12] = 5 << 4;
		p = is6 ? make_ip6(&e, 0, row[i].proto, 64, &l4)
			: make_ip4(&e, 0, 1, 0, row[i].proto, 64, &l4);
		assert_int_equal(parse(&p), DROP_L4_MALFORMED);
	}
}

// CSUM-04: without a checksum, the UDP length must be that of the IP payload.
static void
csum_04_udp_length_agrees(void **state)
{
	struct packet p = udp4();

	put16(p.b + 24, 8 + sizeof(DATA) - 1);
	assert_int_equal(parse(&p), DROP_NONE);
	put16(p.b + 26, 0);
	assert_int_equal(parse(&p), DROP_L4_MALFORMED);
}

static void
x64_09_extension_headers_are_skipped(void **state)
{
	static const uint8_t ext[] = {
		IPPROTO_DSTOPTS, 0, 5, 2, 0, 0, 1, 0,              // HBH with router alert
		IPPROTO_ROUTING, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, // DestOpt of 16 bytes
		0, 0, 0, 0, IPPROTO_DSTOPTS, 0, 0, 0, 0, 0, 0, 0,  // Routing, SL 0
		IPPROTO_UDP, 0, 1, 4, 0, 0, 0, 0,                  // DestOpt
	};
	struct packet p = udp6_ext(IPPROTO_HOPOPTS, ext, sizeof(ext));

	assert_int_equal(parse(&p), DROP_NONE);
	assert_int_equal(view.proto, IPPROTO_UDP);
	assert_int_equal(view.l4_off, 40 + sizeof(ext));
	assert_int_equal(view.sport, RTE_BE16(40000));
	assert_int_equal(view.flags, PKT_ROUTER_ALERT);
	put16(p.b + 40 + sizeof(ext) + 6, 0);
	assert_int_equal(parse(&p), DROP_UDP6_CHECKSUM_ZERO);
	p.b[44] = 1; // router alert for something else than MLD
	put16(p.b + 40 + sizeof(ext) + 6, 1);
	assert_int_equal(parse(&p), DROP_NONE);
	assert_int_equal(view.flags, 0);
}

static void
x64_10_routing_header(void **state)
{
	static const uint8_t ext[] = {
		IPPROTO_ROUTING,
		0,
		1,
		4,
		0,
		0,
		0,
		0,
		IPPROTO_UDP,
		2,
		0,
		1,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
	};
	struct packet p = udp6_ext(IPPROTO_ROUTING, ext + 8, sizeof(ext) - 8);

	assert_int_equal(parse(&p), DROP_ROUTING_HEADER);
	assert_int_equal(view.l4_off, 43);
	p = udp6_ext(IPPROTO_HOPOPTS, ext, sizeof(ext));
	assert_int_equal(parse(&p), DROP_ROUTING_HEADER);
	assert_int_equal(view.l4_off, 51);
	// the message behind it is known, so that no error answers an error
	assert_int_equal(view.proto, IPPROTO_UDP);
}

static void
x64_15_bounds_of_the_chain(void **state)
{
	uint8_t ext[400] = {0};
	struct packet p;

	// as many destination options of 8 bytes as allowed, then one more
	for (unsigned int n = PARSE_MAX_EXT_HEADERS; n <= PARSE_MAX_EXT_HEADERS + 1; n++) {
		for (unsigned int i = 0; i < n; i++)
			ext[i * 8] = i + 1 < n ? IPPROTO_DSTOPTS : IPPROTO_UDP;
		p = udp6_ext(IPPROTO_DSTOPTS, ext, n * 8);
		assert_int_equal(
			parse(&p), n <= PARSE_MAX_EXT_HEADERS ? DROP_NONE : DROP_EXT_CHAIN);
	}
	// one header of 256 bytes, then of 264
	memset(ext, 0, sizeof(ext));
	ext[0] = IPPROTO_UDP;
	for (uint8_t words = 31; words <= 32; words++) {
		ext[1] = words;
		p = udp6_ext(IPPROTO_DSTOPTS, ext, (words + 1) * 8);
		assert_int_equal(parse(&p), words == 31 ? DROP_NONE : DROP_EXT_CHAIN);
	}
}

static void
x64_15_truncated_chains(void **state)
{
	static const uint8_t dst[] = {IPPROTO_UDP, 0, 1, 4, 0, 0, 0, 0};
	static const uint8_t dst_hbh[] = {
		IPPROTO_HOPOPTS, 0, 1, 4, 0, 0, 0, 0, IPPROTO_UDP, 0, 1, 4, 0, 0, 0, 0};
	static const uint8_t overrun[] = {IPPROTO_UDP, 0, 5, 5, 0, 0, 0, 0};
	struct packet p = udp6_ext(IPPROTO_DSTOPTS, dst, sizeof(dst));

	for (unsigned int left = 0; left < 8; left++) {
		put16(p.b + 4, left);
		assert_int_equal(parse(&p), DROP_EXT_CHAIN);
	}
	p = udp6_ext(IPPROTO_DSTOPTS, dst, sizeof(dst));
	p.b[41] = 200;
	assert_int_equal(parse(&p), DROP_EXT_CHAIN);
	p = udp6_ext(IPPROTO_DSTOPTS, dst_hbh, sizeof(dst_hbh)); // HBH comes first or not at all
	assert_int_equal(parse(&p), DROP_EXT_CHAIN);
	p = udp6_ext(IPPROTO_HOPOPTS, overrun, sizeof(overrun));
	assert_int_equal(parse(&p), DROP_EXT_CHAIN);
}

static void
x64_f04_fragment_headers(void **state)
{
	static const struct {
		uint8_t next;
		uint16_t data;
		enum drop_reason why;
		uint16_t flags;
	} row[] = {
		{IPPROTO_UDP, 0x0000, DROP_NONE, PKT_ATOMIC},
		{IPPROTO_UDP, 0x0006, DROP_NONE, PKT_ATOMIC}, // reserved bits
		{IPPROTO_UDP, 0x0001, DROP_NONE, PKT_FRAGMENT},
		{IPPROTO_UDP, 0x0008, DROP_NONE, PKT_FRAGMENT},
		{IPPROTO_DSTOPTS, 0x0001, DROP_NONE, PKT_FRAGMENT},
		{IPPROTO_DSTOPTS, 0x0000, DROP_EXT_CHAIN, 0}, // X64-F03
		{IPPROTO_AH, 0x0000, DROP_EXT_CHAIN, 0},
		{IPPROTO_ESP, 0x0000, DROP_NONE, PKT_ATOMIC},
	};

	for (unsigned int i = 0; i < RTE_DIM(row); i++) {
		uint8_t ext[8] = {row[i].next, 0, (uint8_t)(row[i].data >> 8), (uint8_t)row[i].data,
			0, 0, 0xbe, 0xef};
		struct packet p = udp6_ext(IPPROTO_FRAGMENT, ext, sizeof(ext));

		assert_int_equal(parse(&p), row[i].why);
		if (row[i].why != DROP_NONE)
			continue;
		assert_int_equal(view.flags, row[i].flags);
		assert_int_equal(view.proto, row[i].next);
		assert_int_equal(view.l4_off, 48);
		assert_int_equal(view.sport,
			row[i].flags == PKT_ATOMIC && row[i].next == IPPROTO_UDP ? RTE_BE16(40000)
										 : 0);
	}
}

static void
fragments4_stop_at_the_header(void **state)
{
	static const uint16_t frag[] = {0x2000, 0x0001, 0x20b9};

	for (unsigned int i = 0; i < RTE_DIM(frag); i++) {
		struct packet p = udp4();

		put16(p.b + 6, frag[i]);
		put16(p.b + 24, 0); // a UDP length that would not do
		ref_seal_ip4(p.b);
		assert_int_equal(parse(&p), DROP_NONE);
		assert_int_equal(view.flags, PKT_FRAGMENT);
		assert_int_equal(view.proto, IPPROTO_UDP);
		assert_int_equal(view.l4_off, 20);
		assert_int_equal(view.sport, 0);
	}
}

static void
x46_05_x46_06_options(void **state)
{
	static const struct {
		const char *what;
		uint8_t opt[12];
		enum drop_reason why;
		uint16_t flags;
	} row[] = {
		{"no operation", {1, 1, 1, 1}, DROP_NONE, 0},
		{"end, then anything", {0, 131, 1, 9}, DROP_NONE, 0},
		{"router alert", {148, 4, 0, 0}, DROP_NONE, 0},
		{"LSRR unexpired", {131, 7, 4, 1, 2, 3, 4}, DROP_NONE, PKT_SRC_ROUTE},
		{"SSRR unexpired", {1, 137, 7, 4, 1, 2, 3, 4}, DROP_NONE, PKT_SRC_ROUTE},
		{"LSRR expired", {131, 7, 8, 1, 2, 3, 4}, DROP_NONE, 0},
		{"LSRR without pointer", {131, 2}, DROP_MALFORMED, 0},
		{"length 0", {7, 0}, DROP_MALFORMED, 0},
		{"length 1", {7, 1}, DROP_MALFORMED, 0},
		{"length beyond the header", {7, 13}, DROP_MALFORMED, 0},
		{"cut at the end", {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 7}, DROP_MALFORMED, 0},
	};
	struct ends e = ends_of(S4, P4);
	struct packet l4 = make_udp(&e, 53, 40000, DATA, sizeof(DATA));

	for (unsigned int i = 0; i < RTE_DIM(row); i++) {
		struct packet p = make_ip4_opt(
			&e, 0, 1, 0, IPPROTO_UDP, 57, row[i].opt, sizeof(row[i].opt), &l4);

		if (parse(&p) != row[i].why)
			fail_msg("%s", row[i].what);
		if (row[i].why != DROP_NONE)
			continue;
		assert_int_equal(view.flags, row[i].flags);
		assert_int_equal(view.l4_off, 32);
		assert_int_equal(view.dport, RTE_BE16(40000));
	}
}

// Every header length, with the transport found behind it.
static void
x46_05_all_header_lengths(void **state)
{
	static const uint8_t nop[40] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
		1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
	struct ends e = ends_of(S4, P4);
	struct packet l4 = make_tcp(&e, 443, 40000, 0x10, NULL, 0);

	for (unsigned int words = 5; words <= 15; words++) {
		struct packet p =
			make_ip4_opt(&e, 0, 1, 0, IPPROTO_TCP, 57, nop, (words - 5) * 4, &l4);

		assert_int_equal(parse(&p), DROP_NONE);
		assert_int_equal(view.l4_off, words * 4);
		assert_int_equal(view.sport, RTE_BE16(443));
	}
}

static void
x64_08_other_protocols_pass(void **state)
{
	static const uint8_t proto[] = {50, 51, 59, 132, 135, 4, 41};

	for (unsigned int i = 0; i < RTE_DIM(proto); i++) {
		struct packet p = udp6();

		p.b[6] = proto[i];
		assert_int_equal(parse(&p), DROP_NONE);
		assert_int_equal(view.proto, proto[i]);
		assert_int_equal(view.l4_off, 40);
		p = udp4();
		p.b[9] = proto[i];
		ref_seal_ip4(p.b);
		assert_int_equal(parse(&p), DROP_NONE);
		assert_int_equal(view.proto, proto[i]);
	}
}

static bool
checksum_ok(const struct packet *p)
{
	struct rte_mbuf *m = mbuf_exact(p->b, (uint16_t)p->len, 0);
	enum drop_reason why =
		p->b[0] >> 4 == 6 ? parse_ip6(m, pkt_of(m)) : parse_ip4(m, pkt_of(m));
	bool ok = parse_l4_checksum_ok(m, pkt_of(m));

	assert_int_equal(why, DROP_NONE);
	rte_pktmbuf_free(m);
	return ok;
}

static void
l4_checksum_of_packets_to_us(void **state)
{
	struct packet p[] = {udp6(), udp4(), tcp6(), tcp4(), icmp6(128, 0), icmp4(8, 0)};

	for (unsigned int i = 0; i < RTE_DIM(p); i++) {
		assert_true(checksum_ok(&p[i]));
		p[i].b[p[i].len - 2] ^= 1;
		assert_false(checksum_ok(&p[i]));
	}
	p[0] = udp4();
	put16(p[0].b + 26, 0); // the sender left it out
	assert_true(checksum_ok(&p[0]));
	p[0] = udp6();
	append_zero(&p[0], 3); // bytes behind the UDP datagram are not in its sum
	p[0].b[p[0].len - 1] = 77;
	put16(p[0].b + 4, p[0].len - 40);
	assert_true(checksum_ok(&p[0]));
	p[0] = udp6();
	p[0].b[6] = 99; // nothing known that could be wrong
	assert_true(checksum_ok(&p[0]));
	p[0] = udp4();
	put16(p[0].b + 6, 0x2000); // a fragment
	ref_seal_ip4(p[0].b);
	assert_false(checksum_ok(&p[0]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(n64_tup_01_fields_of_udp_and_tcp),
		cmocka_unit_test(n64_tup_01_fields_of_echo),
		cmocka_unit_test(n64_tup_03_icmp_of_the_wrong_family),
		cmocka_unit_test(keeps_the_link_layer_flag_only),
		cmocka_unit_test(x64_16_x46_17_lengths),
		cmocka_unit_test(x64_16_jumbogram),
		cmocka_unit_test(version_has_to_match),
		cmocka_unit_test(segmented_mbufs_are_refused),
		cmocka_unit_test(x64_13_x46_07_sources),
		cmocka_unit_test(xlt_07_bad_header_checksum),
		cmocka_unit_test(xlt_07_transport_checksum_not_looked_at),
		cmocka_unit_test(n64_tup_05_transport_lengths),
		cmocka_unit_test(n64_tup_05_truncated_transports),
		cmocka_unit_test(csum_04_udp_length_agrees),
		cmocka_unit_test(x64_09_extension_headers_are_skipped),
		cmocka_unit_test(x64_10_routing_header),
		cmocka_unit_test(x64_15_bounds_of_the_chain),
		cmocka_unit_test(x64_15_truncated_chains),
		cmocka_unit_test(x64_f04_fragment_headers),
		cmocka_unit_test(fragments4_stop_at_the_header),
		cmocka_unit_test(x46_05_x46_06_options),
		cmocka_unit_test(x46_05_all_header_lengths),
		cmocka_unit_test(x64_08_other_protocols_pass),
		cmocka_unit_test(l4_checksum_of_packets_to_us),
	};
	int failed;

	mbuf_util_init();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	return failed + !mbuf_util_all_back();
}
