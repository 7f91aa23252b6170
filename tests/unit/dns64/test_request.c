// SPDX-License-Identifier: BSD-3-Clause
// What is answered before anybody looks at the question: EDNS, malformed queries, other opcodes,
// and what is not answered at all.
#include "support.h"

#include "dns64/request.h"

#define HEADER   "\x12\x34\x01\x00\0\1\0\0\0\0\0"
#define WWW_A    "\3www\2ex\0\0\1\0\1"
#define OPT      "\0\0\x29\x04\xd0\0\0\0\0\0\0"
#define BYTES(s) s, sizeof(s) - 1

static const struct row {
	const char *id;
	const char *bytes;
	size_t len;
	enum dns_rcode rcode;
	bool opt;
} rows[] = {
	{"plain", BYTES(HEADER "\0" WWW_A), DNS_NOERROR, false},
	{"DNS-EDNS-01", BYTES(HEADER "\1" WWW_A OPT), DNS_NOERROR, true},
	{"DNS-EDNS-02", BYTES(HEADER "\2" WWW_A OPT OPT), DNS_FORMERR, true},
	{"DNS-EDNS-03", BYTES(HEADER "\1" WWW_A "\0\0\x29\x04\xd0\0\1\0\0\0\0"), DNS_BADVERS, true},
	{"DNS-EDNS-05 unknown option, Z bits",
		BYTES(HEADER "\1" WWW_A "\0\0\x29\x04\xd0\0\0\x7f\xff\0\6\xff\xfe\0\2ab"),
		DNS_NOERROR, true},
	{"DNS-EDNS-05 cookie, client subnet",
		BYTES(HEADER "\1" WWW_A "\0\0\x29\x04\xd0\0\0\0\0\0\x17\0\12\0\10abcdefgh"
			     "\0\10\0\7\0\1\30\0\300\0\2"),
		DNS_NOERROR, true},
	{"DNS-EDNS-07 option too long",
		BYTES(HEADER "\1" WWW_A "\0\0\x29\x04\xd0\0\0\0\0\0\6\xff\xfe\0\3ab"), DNS_FORMERR,
		true},
	{"DNS-EDNS-07 half an option",
		BYTES(HEADER "\1" WWW_A "\0\0\x29\x04\xd0\0\0\0\0\0\3\xff\xfe\0"), DNS_FORMERR,
		true},
	{"DNS-EDNS-07 RDLENGTH leaves the message",
		BYTES(HEADER "\1" WWW_A "\0\0\x29\x04\xd0\0\0\0\0\0\7\xff\xfe\0\2ab"), DNS_FORMERR,
		true},
	{"DNS-EDNS-07 ends within the OPT", BYTES(HEADER "\1" WWW_A "\0\0\x29\x04\xd0\0"),
		DNS_FORMERR, true},
	{"DNS-EDNS-07 owner not the root",
		BYTES(HEADER "\1" WWW_A "\1a\0\0\x29\x04\xd0\0\0\0\0\0\0"), DNS_FORMERR, true},
	{"OPT in the answer section", BYTES("\x12\x34\x01\x00\0\1\0\1\0\0\0\0" WWW_A OPT),
		DNS_FORMERR, true},
	{"DNS-EDNS-09 no question", BYTES("\x12\x34\x01\x00\0\0\0\0\0\0\0\0"), DNS_FORMERR, false},
	{"DNS-EDNS-09 two questions", BYTES("\x12\x34\x01\x00\0\2\0\0\0\0\0\0" WWW_A WWW_A),
		DNS_FORMERR, false},
	{"DNS-EDNS-10 opcode NOTIFY", BYTES("\x12\x34\x21\x00\0\1\0\0\0\0\0\0" WWW_A), DNS_NOTIMP,
		false},
	{"DNS-EDNS-10 opcode 15 and noise",
		BYTES("\x12\x34\x78\x00\xff\xff\xff\xff\xff\xff\xff\xff"), DNS_NOTIMP, false},
	{"opcode UPDATE with OPT", BYTES("\x12\x34\x28\x00\0\1\0\0\0\0\0\1" WWW_A OPT), DNS_NOTIMP,
		true},
	{"AXFR", BYTES(HEADER "\0\3www\2ex\0\0\xfc\0\1"), DNS_NOTIMP, false},
	{"type 0", BYTES(HEADER "\0\3www\2ex\0\0\0\0\1"), DNS_FORMERR, false},
	{"DNS-MISC-02 no question behind the header", BYTES(HEADER "\0"), DNS_FORMERR, false},
	{"DNS-MISC-02 cut name", BYTES(HEADER "\0\3ww"), DNS_FORMERR, false},
	{"DNS-MISC-02 cut type", BYTES(HEADER "\0\3www\2ex\0\0\1\0"), DNS_FORMERR, false},
	{"DNS-MISC-02 pointer to itself", BYTES(HEADER "\0\xc0\x0c\0\1\0\1"), DNS_FORMERR, false},
	{"DNS-MISC-02 pointer into the header", BYTES(HEADER "\0\xc0\x00\0\1\0\1"), DNS_FORMERR,
		false},
	{"DNS-MISC-02 label type 01", BYTES(HEADER "\0\x40www\0\0\1\0\1"), DNS_FORMERR, false},
	{"DNS-MISC-02 count of additional lies", BYTES(HEADER "\1" WWW_A), DNS_FORMERR, false},
	{"DNS-MISC-02 octets behind the end", BYTES(HEADER "\0" WWW_A "x"), DNS_FORMERR, false},
};

static void
reads_rows(void **state)
{
	for (unsigned int i = 0; i < LEN(rows); i++) {
		uint8_t *copy = malloc(rows[i].len);
		struct dns64_datagram in = {.data = copy, .len = (uint16_t)rows[i].len};
		struct request r;
		enum dns_rcode rcode;

		memcpy(copy, rows[i].bytes, rows[i].len);
		rcode = request_read(&in, &r);
		if (rcode != rows[i].rcode || r.edns.present != rows[i].opt)
			fail_msg("%s: rcode %d, OPT %d", rows[i].id, rcode, r.edns.present);
		free(copy);
	}
}

// The same rows through the whole: one answer each with that code, OPT as said.
static void
dns_edns_01_answers(void **state)
{
	for (unsigned int i = 0; i < LEN(rows); i++) {
		struct fixture *f = fixture_new();
		struct caught *c;
		struct edns e = {.present = false};

		fixture_start(f);
		fixture_send(f, CLIENT_ADDR, 40000, LISTEN_ADDR, 53, (const uint8_t *)rows[i].bytes,
			(unsigned int)rows[i].len);
		c = fixture_next(f);
		assert_non_null(c);
		if (rows[i].rcode != DNS_NOERROR) {
			assert_int_equal(c->d.sport, DNS64_PORT);
			message_opt(c->data, c->d.len, &e);
			assert_int_equal(e.ext_rcode << 4 | (c->data[3] & 0xf), rows[i].rcode);
			assert_int_equal(e.present, rows[i].opt);
			assert_int_equal(e.version, 0);
			assert_memory_equal(c->data, "\x12\x34", 2);
			assert_int_equal(c->data[2] & 0x78, rows[i].bytes[2] & 0x78);
		}
		fixture_free(f);
	}
}

// DNS-MISC-01, -03: silence.
static void
dns_misc_03_silence(void **state)
{
	static const struct {
		const char *what, *src, *dst;
		uint16_t sport, dport;
		unsigned int len;
		uint8_t flags;
		bool refused;
	} cases[] = {
		{"11 octets", CLIENT_ADDR, LISTEN_ADDR, 40000, 53, 11, 1, false},
		{"nothing", CLIENT_ADDR, LISTEN_ADDR, 40000, 53, 0, 1, false},
		{"QR=1", CLIENT_ADDR, LISTEN_ADDR, 40000, 53, 24, 0x81, false},
		{"port 0", CLIENT_ADDR, LISTEN_ADDR, 0, 53, 24, 1, false},
		{"from ::", "::", LISTEN_ADDR, 40000, 53, 24, 1, false},
		{"from multicast", "ff02::1", LISTEN_ADDR, 40000, 53, 24, 1, false},
		{"from 0.0.0.0", "0.0.0.0", LISTEN_ADDR4, 40000, 53, 24, 1, false},
		{"from 224.0.0.1", "224.0.0.1", LISTEN_ADDR4, 40000, 53, 24, 1, false},
		{"from 255.255.255.255", "255.255.255.255", LISTEN_ADDR4, 40000, 53, 24, 1, false},
		{"to another address", CLIENT_ADDR, "2001:db8:1::2", 40000, 53, 24, 1, false},
		{"to another port", CLIENT_ADDR, LISTEN_ADDR, 40000, 54, 24, 1, false},
		{"DNS-MISC-01 WAN, IPv6", "2001:db8:bad::1", LISTEN_ADDR, 40000, 53, 24, 1, true},
		{"DNS-MISC-01 WAN, IPv4", "198.18.0.9", LISTEN_ADDR4, 40000, 53, 24, 1, true},
		{"DNS-MISC-01 to the WAN address", "198.18.0.9", SOURCE4, 40000, 53, 24, 1, false},
	};
	struct fixture *f = fixture_new();

	fixture_start(f);
	for (unsigned int i = 0; i < LEN(cases); i++) {
		uint64_t ignored = dns64_stats(f->d)->ignored;
		uint64_t refused = dns64_stats(f->d)->refused_acl;
		struct wire q;

		build_query(&q, "www.ex.", "A", (struct query_opts){0});
		q.b[2] = cases[i].flags;
		fixture_send(f, cases[i].src, cases[i].sport, cases[i].dst, cases[i].dport, q.b,
			cases[i].len);
		if (fixture_next(f))
			fail_msg("%s: not silent", cases[i].what);
		assert_int_equal(dns64_stats(f->d)->ignored - ignored, !cases[i].refused);
		assert_int_equal(dns64_stats(f->d)->refused_acl - refused, cases[i].refused);
	}
	assert_int_equal(dns64_stats(f->d)->queries, 0);
	fixture_free(f);
}

// IPv4 clients are served as well, from the address they asked.
static void
ipv4_client(void **state)
{
	struct fixture *f = fixture_new();
	char text[ADDR_TEXT_LEN];
	struct caught *c;
	struct wire q;

	fixture_start(f);
	build_query(&q, "ipv4only.arpa.", "A", (struct query_opts){0});
	fixture_send(f, "192.168.1.9", 40000, LISTEN_ADDR4, 53, q.b, q.len);
	c = fixture_next(f);
	assert_non_null(c);
	assert_string_equal(addr6_text(&c->d.src, text), LISTEN_ADDR4);
	assert_string_equal(addr6_text(&c->d.dst, text), "192.168.1.9");
	fixture_free(f);
}

// DNS-EDNS-04, -08: which size counts. The answer has 40 A: 664 octets and 11 of OPT.
static void
dns_edns_04_sizes(void **state)
{
	static const struct {
		uint16_t client, max;
		bool cut;
	} cases[] = {
		{0, 512, true},
		{1, 512, true},
		{512, 512, true},
		{674, 674, true},
		{675, 675, false},
		{4096, 1232, false},
		{65535, 1232, false},
	};
	char reply[TEXT_LEN] = "NOERROR;", answer[TEXT_LEN];
	const struct step steps[STEPS] = {{"www.ex. A", reply}};

	for (unsigned int i = 0; i < 40; i++)
		text_add(reply, sizeof(reply), "%s www.ex. 60 A 8.8.8.%u", i ? " |" : "", i);
	for (unsigned int i = 0; i < LEN(cases); i++) {
		struct fixture *f = fixture_new();
		struct edns e = {.present = false};
		struct wire q;

		fixture_start(f);
		build_query(&q, "www.ex.", "A", (struct query_opts){.size = cases[i].client});
		fixture_play(f, &q, steps, answer, NULL);
		assert_int_equal(last_answer.data[2] >> 1 & 1, cases[i].cut);
		assert_true(last_answer.d.len <= cases[i].max);
		assert_int_equal(
			message_opt(last_answer.data, last_answer.d.len, &e), cases[i].client != 0);
		assert_true(!e.present || e.size == 1232);
		fixture_free(f);
	}
}

// DNS-EDNS-08: our own limit bounds the client's, synthesised answers too.
static void
dns_edns_08_own_limit(void **state)
{
	char reply[TEXT_LEN] = "NOERROR;", answer[TEXT_LEN];
	const struct step steps[STEPS] = {{"www.ex. AAAA", "NOERROR;;;"}, {"www.ex. A", reply}};
	struct fixture *f = fixture_new();
	struct wire q;

	for (unsigned int i = 0; i < 30; i++)
		text_add(reply, sizeof(reply), "%s www.ex. 60 A 8.8.8.%u", i ? " |" : "", i);
	f->dns64.edns_size = 800;
	fixture_start(f);
	build_query(&q, "www.ex.", "AAAA", (struct query_opts){.size = 4096});
	fixture_play(f, &q, steps, answer, NULL);
	assert_true(last_answer.data[2] & 0x02);
	assert_true(last_answer.d.len <= 800);
	fixture_free(f);
}

// Additional records give way without TC (RFC 2181 §9).
static void
additional_gives_way(void **state)
{
	char reply[TEXT_LEN] = "NOERROR; ex. 60 MX m.ex.;;", answer[TEXT_LEN];
	const struct step steps[STEPS] = {{"ex. MX", reply}};
	struct fixture *f = fixture_new();
	struct wire q;

	for (unsigned int i = 0; i < 40; i++)
		text_add(reply, sizeof(reply), "%s m.ex. 60 A 8.8.8.%u", i ? " |" : "", i);
	fixture_start(f);
	build_query(&q, "ex.", "MX", (struct query_opts){.size = 0});
	fixture_play(f, &q, steps, answer, NULL);
	assert_false(last_answer.data[2] & 0x02);
	assert_int_equal(wire_u16(last_answer.data + DNS_ANCOUNT), 1);
	assert_in_range(wire_u16(last_answer.data + DNS_ARCOUNT), 20, 35);
	fixture_free(f);
}

// DNS-EDNS-06: options of the client do not go upstream, those of upstream not to the client or
// into the cache.
static void
dns_edns_06_hop_by_hop(void **state)
{
	static const uint8_t opt[] = "\0\0\x29\x04\xd0\0\0\0\0\0\6\xff\xfe\0\2ab";
	struct fixture *f = fixture_new();
	const struct caught *c;
	struct wire q, w;

	fixture_start(f);
	build_query(&q, "www.ex.", "A", (struct query_opts){0});
	memcpy(q.b + q.len, opt, sizeof(opt) - 1);
	q.len += sizeof(opt) - 1;
	wire_set16(q.b + DNS_ARCOUNT, 1);
	for (int i = 0; i < 2; i++) {
		fixture_query(f, &q);
		c = fixture_next(f);
		if (c->d.sport != DNS64_PORT) {
			assert_int_equal(c->d.len, q.len - 6);
			build_response(&w, c->data, c->d.len, "NOERROR; www.ex. 60 A 8.8.8.8;;", 0);
			memcpy(w.b + w.len, opt, sizeof(opt) - 1);
			w.len += sizeof(opt) - 1;
			wire_set16(w.b + DNS_ARCOUNT, 1);
			fixture_reply(f, c, &w);
			c = fixture_next(f);
		}
		assert_int_equal(c->d.len, 12 + 12 + 16 + EDNS_OPT_LEN);
	}
	fixture_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_rows),
		cmocka_unit_test(dns_edns_01_answers),
		cmocka_unit_test(dns_misc_03_silence),
		cmocka_unit_test(ipv4_client),
		cmocka_unit_test(dns_edns_04_sizes),
		cmocka_unit_test(dns_edns_08_own_limit),
		cmocka_unit_test(additional_gives_way),
		cmocka_unit_test(dns_edns_06_hop_by_hop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
