// SPDX-License-Identifier: BSD-3-Clause
// ipv4only.arpa (RFC 8880, RFC 7050) and reverse names (RFC 6147 §5.3.1).
#include "support.h"

#include "dns64/internal.h"

#define NSP      "2001:db8:64::/96"
#define WKP_ZONE "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.b.9.f.f.4.6.0.0.ip6.arpa."
#define REV_1234 "4.0.3.0.2.0.1.0." WKP_ZONE
#define REV_WKA  "a.a.0.0.0.0.0.c." WKP_ZONE

static void
play_in(struct fixture *f, const char *name, const char *type, struct query_opts o,
	const struct step *steps, const char *want)
{
	unsigned int asked[STEPS] = {0};
	char answer[TEXT_LEN];
	struct wire q;

	build_query(&q, name, type, o);
	fixture_play(f, &q, steps, answer, asked);
	assert_string_equal(answer, want);
	for (unsigned int i = 0; i < STEPS && steps[i].question; i++)
		assert_true(asked[i] > 0);
}

static void
play(const char *prefix, const char *name, const char *type, const struct step *steps,
	const char *want)
{
	struct fixture *f = fixture_new();

	if (prefix)
		fixture_prefix(f, prefix);
	fixture_start(f);
	play_in(f, name, type, (struct query_opts){.size = 1232}, steps, want);
	fixture_free(f);
}

static const struct step nothing[STEPS];

// PFX-01, -02, -03, -04: at once, from here, AA=1; DS goes upstream.
static void
pfx_01_ipv4only_arpa(void **state)
{
	static const char denial[] = "NOERROR +aa;; ipv4only.arpa. 3600 SOA 3600;";
	static const char nx[] = "NXDOMAIN +aa;; ipv4only.arpa. 3600 SOA 3600;";
	static const char aaaa[] = "NOERROR +aa; ipv4only.arpa. 3600 AAAA 64:ff9b::c000:aa | "
				   "ipv4only.arpa. 3600 AAAA 64:ff9b::c000:ab;;";
	const struct step ds[STEPS] = {{"ipv4only.arpa. DS", "NXDOMAIN;; arpa. 900 SOA 900;"}};
	struct fixture *f = fixture_new();

	play(NULL, "ipv4only.arpa.", "A", nothing,
		"NOERROR +aa; ipv4only.arpa. 3600 A 192.0.0.170 | ipv4only.arpa. 3600 A "
		"192.0.0.171;;");
	play(NULL, "ipv4only.arpa.", "AAAA", nothing, aaaa);
	play(NULL, "ipv4only.arpa.", "NS", nothing, denial);
	play(NULL, "ipv4only.arpa.", "SOA", nothing, denial);
	play(NULL, "www.ipv4only.arpa.", "A", nothing, nx);
	play(NULL, "ds.ipv4only.arpa.", "DS", nothing, nx);
	play(NULL, "IPv4Only.ARPA.", "A", nothing,
		"NOERROR +aa; IPv4Only.ARPA. 3600 A 192.0.0.170 | IPv4Only.ARPA. 3600 A "
		"192.0.0.171;;");
	fixture_start(f);
	// A denial of DS that says too much has no effect on the name.
	play_in(f, "ipv4only.arpa.", "DS", (struct query_opts){0}, ds,
		"NXDOMAIN;; arpa. 900 SOA 900;");
	play_in(f, "ipv4only.arpa.", "AAAA", (struct query_opts){0}, nothing, aaaa);
	play_in(f, "ipv4only.arpa.", "AAAA",
		(struct query_opts){.size = 1232, .dnssec_ok = true, .cd = true}, nothing, aaaa);
	assert_int_equal(dns64_stats(f->d)->ipv4only_arpa, 2);
	fixture_free(f);
}

// PFX-03: class IN only; names that only look like it.
static void
pfx_03_others(void **state)
{
	const struct step ch[STEPS] = {{"ipv4only.arpa. A", "NOERROR;;;"}};
	const struct step other[STEPS] = {{"xipv4only.arpa. A", "NOERROR;;;"}};
	struct fixture *f = fixture_new();

	fixture_start(f);
	play_in(f, "ipv4only.arpa.", "A", (struct query_opts){.class = 3}, ch, "NOERROR;;;");
	play_in(f, "xipv4only.arpa.", "A", (struct query_opts){0}, other, "NOERROR;;;");
	fixture_free(f);
}

// PFX-06, D64-S09: all prefixes in the order of the configuration, the WKP although 192.0.0.0/24 is
// not global.
static void
pfx_06_order(void **state)
{
	struct fixture *f = fixture_new();

	fixture_prefix(f, NSP);
	fixture_prefix(f, "64:ff9b::/96");
	fixture_start(f);
	for (int i = 0; i < 3; i++)
		play_in(f, "ipv4only.arpa.", "AAAA", (struct query_opts){0}, nothing,
			"NOERROR +aa; ipv4only.arpa. 3600 AAAA 2001:db8:64::c000:aa | "
			"ipv4only.arpa. 3600 AAAA 2001:db8:64::c000:ab | "
			"ipv4only.arpa. 3600 AAAA 64:ff9b::c000:aa | "
			"ipv4only.arpa. 3600 AAAA 64:ff9b::c000:ab;;");
	fixture_free(f);
}

static const struct {
	unsigned int len;
	uint8_t at[4]; // RFC 6052 table: octets of the address
} layouts[] = {
	{32, {4, 5, 6, 7}},
	{40, {5, 6, 7, 9}},
	{48, {6, 7, 9, 10}},
	{56, {7, 9, 10, 11}},
	{64, {9, 10, 11, 12}},
	{96, {12, 13, 14, 15}},
};

// The client's side of RFC 7050 §3: where the well-known address stands. 0: nowhere or twice.
static unsigned int
discover(const uint8_t *aaaa)
{
	unsigned int found = 0, n = 0;

	for (unsigned int i = 0; i < LEN(layouts); i++) {
		const uint8_t *at = layouts[i].at;

		if (aaaa[at[0]] == 192 && aaaa[at[1]] == 0 && aaaa[at[2]] == 0 &&
			(aaaa[at[3]] == 170 || aaaa[at[3]] == 171)) {
			found = layouts[i].len;
			n++;
		}
	}
	return n == 1 ? found : 0;
}

static void
pfx_07_client_algorithm(void **state)
{
	static const char *const prefixes[] = {"2001:db8::/32", "2001:db8:100::/40",
		"2001:db8:122::/48", "2001:db8:122:300::/56", "2001:db8:122:344::/64",
		"2001:db8:122:344::/96"};

	for (unsigned int i = 0; i < LEN(prefixes); i++) {
		struct fixture *f = fixture_new();
		char answer[TEXT_LEN];
		struct wire_rr rr;
		struct wire q;

		fixture_prefix(f, prefixes[i]);
		fixture_start(f);
		build_query(&q, "ipv4only.arpa.", "AAAA", (struct query_opts){0});
		fixture_play(f, &q, nothing, answer, NULL);
		assert_true(wire_read_rr(last_answer.data, last_answer.d.len, q.len, &rr) > 0);
		assert_int_equal(discover(last_answer.data + rr.rdata), layouts[i].len);
		fixture_free(f);
	}
}

// D64-P02, -P03, -P09
static void
d64_p03_cname(void **state)
{
	const struct step steps[STEPS] = {
		{"4.3.2.1.in-addr.arpa. PTR", "NOERROR; 4.3.2.1.in-addr.arpa. 3600 PTR www.ex.;;"}};
	const struct step brief[STEPS] = {
		{"4.3.2.1.in-addr.arpa. PTR", "NOERROR; 4.3.2.1.in-addr.arpa. 60 PTR www.ex. | "
					      "4.3.2.1.in-addr.arpa. 60 PTR w.ex.;;"}};

	play(NULL, REV_1234, "PTR", steps,
		"NOERROR; " REV_1234 " 600 CNAME 4.3.2.1.in-addr.arpa. | "
		"4.3.2.1.in-addr.arpa. 3600 PTR www.ex.;;");
	// D64-P01: the well-known prefix counts when another is configured.
	play(NSP, REV_1234, "PTR", brief,
		"NOERROR; " REV_1234 " 60 CNAME 4.3.2.1.in-addr.arpa. | "
		"4.3.2.1.in-addr.arpa. 60 PTR www.ex. | 4.3.2.1.in-addr.arpa. 60 PTR w.ex.;;");
}

// D64-P04: no CNAME to nothing and none to a CNAME (RFC 2317): its end is named instead.
static void
d64_p04_target(void **state)
{
	const struct step nx[STEPS] = {
		{"4.3.2.1.in-addr.arpa. PTR", "NXDOMAIN;; 1.in-addr.arpa. 900 SOA 300;"}};
	const struct step nodata[STEPS] = {
		{"4.3.2.1.in-addr.arpa. PTR", "NOERROR;; 1.in-addr.arpa. 900 SOA 300;"}};
	const struct step alias[STEPS] = {{"4.3.2.1.in-addr.arpa. PTR",
		"NOERROR; 4.3.2.1.in-addr.arpa. 60 CNAME 4.0-7.3.2.1.in-addr.arpa. | "
		"4.0-7.3.2.1.in-addr.arpa. 50 PTR www.ex.;;"}};
	const struct step fail[STEPS] = {{"4.3.2.1.in-addr.arpa. PTR", "SERVFAIL;;;"}};

	play(NULL, REV_1234, "PTR", nx, "NXDOMAIN +aa;; " WKP_ZONE " 300 SOA 300;");
	play(NULL, REV_1234, "PTR", nodata, "NOERROR +aa;; " WKP_ZONE " 300 SOA 300;");
	play(NULL, REV_1234, "PTR", alias,
		"NOERROR; " REV_1234 " 50 CNAME 4.0-7.3.2.1.in-addr.arpa. | "
		"4.0-7.3.2.1.in-addr.arpa. 50 PTR www.ex.;;");
	play(NULL, REV_1234, "PTR", fail, "SERVFAIL;;;");
}

// D64-P06: other addresses, other types, who validates himself.
static void
d64_p06_others(void **state)
{
	static const char other[] =
		"4.0.3.0.2.0.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.8.4.1.0.0.2.ip6.arpa.";
	char question[128], reply[128];
	const struct step steps[STEPS] = {{question, reply}};
	struct fixture *f = fixture_new();

	snprintf(question, sizeof(question), "%s PTR", other);
	snprintf(reply, sizeof(reply), "NOERROR; %s 60 PTR www.ex.;;", other);
	play(NULL, other, "PTR", steps, reply);
	snprintf(question, sizeof(question), "%s TXT", REV_1234);
	snprintf(reply, sizeof(reply), "NOERROR;;;");
	play(NULL, REV_1234, "TXT", steps, reply);
	snprintf(question, sizeof(question), "%s PTR", REV_1234);
	fixture_start(f);
	play_in(f, REV_1234, "PTR",
		(struct query_opts){.size = 1232, .dnssec_ok = true, .cd = true}, steps, reply);
	fixture_free(f);
}

static void
reverse_text(const struct in6_addr *a, char out[static 80])
{
	out[0] = '\0';
	for (int i = 15; i >= 0; i--)
		text_add(out, 80, "%x.%x.", a->s6_addr[i] & 15, a->s6_addr[i] >> 4);
	text_add(out, 80, "ip6.arpa.");
}

// D64-P07: all lengths there and back; a suffix or u octet denies; too few or too many labels, or
// what is no nibble, is another name.
static void
d64_p07_all_lengths(void **state)
{
	static const char *const prefixes[] = {"2001:db8::/32", "2001:db8:100::/40",
		"2001:db8:122::/48", "2001:db8:122:300::/56", "2001:db8:122:344::/64",
		"2001:db8:122:344::/96"};
	static const char *const others[] = {"ip6.arpa.", "0.0.ip6.arpa.", "x." REV_1234, ".",
		"arpa.", "0.3.0.2.0.1.0." WKP_ZONE, "g.0.3.0.2.0.1.0." WKP_ZONE,
		"44.03.0.2.0.1.0." WKP_ZONE};
	const struct pref64 *p;
	struct in_addr v4 = {htonl(0x01020304)}, got;
	struct name n;

	for (unsigned int i = 0; i < LEN(prefixes); i++) {
		struct fixture *f = fixture_new();
		struct in6_addr a;
		char text[80];

		fixture_prefix(f, prefixes[i]);
		fixture_start(f);
		pref64_compose(&f->nat64.prefix[0], v4, &a);
		reverse_text(&a, text);
		text_name(text, &n);
		assert_int_equal(local_reverse(f->d, &n, &got, &p), REVERSE_MAPPED);
		assert_int_equal(got.s_addr, v4.s_addr);
		if (layouts[i].len < 96) {
			a.s6_addr[15] = 1;
			reverse_text(&a, text);
			text_name(text, &n);
			assert_int_equal(local_reverse(f->d, &n, &got, &p), REVERSE_INVALID);
			a.s6_addr[15] = 0;
			a.s6_addr[8] = 1;
			reverse_text(&a, text);
			text_name(text, &n);
			assert_int_equal(local_reverse(f->d, &n, &got, &p), REVERSE_INVALID);
		}
		for (unsigned int k = 0; k < LEN(others); k++) {
			text_name(others[k], &n);
			assert_int_equal(local_reverse(f->d, &n, &got, &p), REVERSE_OTHER);
		}
		fixture_free(f);
	}
	play("2001:db8::/32",
		"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.4.0.3.0.2.0.1.0.8.b.d.0.1.0.0.2.ip6.arpa.", "PTR",
		nothing, "NXDOMAIN +aa;; 8.b.d.0.1.0.0.2.ip6.arpa. 600 SOA 600;");
}

// D64-P08
static void
d64_p08_well_known_addresses(void **state)
{
	play(NULL, REV_WKA, "PTR", nothing, "NOERROR +aa; " REV_WKA " 3600 PTR ipv4only.arpa.;;");
}

#define SOA3(zone, rcode) rcode " +aa;; " zone " 10800 SOA 10800;"
#define DOC6              "8.b.d.0.1.0.0.2.ip6.arpa."
#define REV_10_1          "1.0.0.0.0.0.a.0." WKP_ZONE

// D64-P10, RFC 6303: what is below is not there, the name itself is and has SOA and NS.
static const struct {
	const char *name, *type, *want;
} empty[] = {
	{"10.in-addr.arpa.", "SOA", "NOERROR +aa; 10.in-addr.arpa. 10800 SOA 10800;;"},
	{"10.in-addr.arpa.", "NS", "NOERROR +aa; 10.in-addr.arpa. 10800 NS 10.in-addr.arpa.;;"},
	{"10.in-addr.arpa.", "ANY", "NOERROR +aa; 10.in-addr.arpa. 10800 SOA 10800;;"},
	{"10.in-addr.arpa.", "PTR", SOA3("10.in-addr.arpa.", "NOERROR")},
	{"4.3.2.10.in-addr.arpa.", "PTR", SOA3("10.in-addr.arpa.", "NXDOMAIN")},
	{"4.3.2.10.IN-ADDR.arpa.", "TXT", SOA3("10.IN-ADDR.arpa.", "NXDOMAIN")},
	{"2.10.in-addr.arpa.", "NS", SOA3("10.in-addr.arpa.", "NXDOMAIN")},
	{"_x.10.in-addr.arpa.", "PTR", SOA3("10.in-addr.arpa.", "NXDOMAIN")},
	{"1.0.0.0.in-addr.arpa.", "PTR", SOA3("0.in-addr.arpa.", "NXDOMAIN")},
	{"1.0.64.100.in-addr.arpa.", "PTR", SOA3("64.100.in-addr.arpa.", "NXDOMAIN")},
	{"1.0.127.100.in-addr.arpa.", "PTR", SOA3("127.100.in-addr.arpa.", "NXDOMAIN")},
	{"1.0.0.127.in-addr.arpa.", "PTR", SOA3("127.in-addr.arpa.", "NXDOMAIN")},
	{"1.1.254.169.in-addr.arpa.", "PTR", SOA3("254.169.in-addr.arpa.", "NXDOMAIN")},
	{"1.1.16.172.in-addr.arpa.", "PTR", SOA3("16.172.in-addr.arpa.", "NXDOMAIN")},
	{"1.1.31.172.in-addr.arpa.", "PTR", SOA3("31.172.in-addr.arpa.", "NXDOMAIN")},
	{"9.2.0.192.in-addr.arpa.", "PTR", SOA3("2.0.192.in-addr.arpa.", "NXDOMAIN")},
	{"7.7.168.192.in-addr.arpa.", "PTR", SOA3("168.192.in-addr.arpa.", "NXDOMAIN")},
	{"9.100.51.198.in-addr.arpa.", "PTR", SOA3("100.51.198.in-addr.arpa.", "NXDOMAIN")},
	{"9.113.0.203.in-addr.arpa.", "PTR", SOA3("113.0.203.in-addr.arpa.", "NXDOMAIN")},
	{"255.255.255.255.in-addr.arpa.", "PTR", SOA3("255.255.255.255.in-addr.arpa.", "NOERROR")},
	{"1.d.f.ip6.arpa.", "PTR", SOA3("d.f.ip6.arpa.", "NXDOMAIN")},
	{"1.8.e.f.ip6.arpa.", "PTR", SOA3("8.e.f.ip6.arpa.", "NXDOMAIN")},
	{"1.b.e.f.ip6.arpa.", "PTR", SOA3("b.e.f.ip6.arpa.", "NXDOMAIN")},
	{"1." DOC6, "PTR", SOA3(DOC6, "NXDOMAIN")},
	{"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa.", "PTR",
		SOA3("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa.",
			"NOERROR")},
	// behind a NAT64 prefix: nothing is at the end of the alias
	{REV_10_1, "PTR", SOA3(WKP_ZONE, "NXDOMAIN")},
};

static void
d64_p10_empty_zones(void **state)
{
	for (unsigned int i = 0; i < LEN(empty); i++)
		play(NULL, empty[i].name, empty[i].type, nothing, empty[i].want);
}

// D64-P10: what lies beside them, the parent's record about them, another class, and all of them
// when it is switched off, is asked upstream.
static void
d64_p10_others_are_asked(void **state)
{
	static const char *const names[] = {"9.in-addr.arpa. PTR", "1.15.172.in-addr.arpa. PTR",
		"1.32.172.in-addr.arpa. PTR", "1.63.100.in-addr.arpa. PTR",
		"1.128.100.in-addr.arpa. PTR", "1.010.in-addr.arpa. PTR", "168.192.example. PTR",
		"10.in-addr.arpa.example. PTR", "10in-addr.arpa. PTR", "192.in-addr.arpa. PTR",
		"in-addr.arpa. SOA", "ip6.arpa. SOA", "1.c.e.f.ip6.arpa. PTR",
		"1.c.f.ip6.arpa. PTR", "f.ip6.arpa. PTR", "10.in-addr.arpa. DS",
		"256.255.255.255.in-addr.arpa. PTR"};
	const struct step off[STEPS] = {{"1.10.in-addr.arpa. PTR", "NOERROR;;;"}};
	struct fixture *f = fixture_new();

	for (unsigned int i = 0; i < LEN(names); i++) {
		const struct step steps[STEPS] = {{names[i], "NOERROR;;;"}};
		char name[80], *type;

		snprintf(name, sizeof(name), "%s", names[i]);
		type = strchr(name, ' ');
		*type++ = '\0';
		play(NULL, name, type, steps, "NOERROR;;;");
	}
	f->dns64.empty_zones = false;
	fixture_start(f);
	play_in(f, "1.10.in-addr.arpa.", "PTR", (struct query_opts){0}, off, "NOERROR;;;");
	fixture_free(f);
}

// D64-P10: our own prefix in such a zone is not denied, nor what it hangs below (RFC 8020).
static void
d64_p10_a_prefix_inside(void **state)
{
	static const char own[] = "4.6.0.0." DOC6;
	const struct step steps[STEPS] = {
		{"4.3.2.1.in-addr.arpa. PTR", "NOERROR; 4.3.2.1.in-addr.arpa. 60 PTR www.ex.;;"}};
	char name[160], want[400];

	snprintf(name, sizeof(name), "4.0.3.0.2.0.1.0.0.0.0.0.0.0.0.0.0.0.0.0.%s", own);
	snprintf(want, sizeof(want),
		"NOERROR; %s 60 CNAME 4.3.2.1.in-addr.arpa. | 4.3.2.1.in-addr.arpa. 60 PTR "
		"www.ex.;;",
		name);
	play(NSP, name, "PTR", steps, want);
	play(NSP, own, "PTR", nothing, SOA3(DOC6, "NOERROR"));
	play(NSP, "0.0." DOC6, "PTR", nothing, SOA3(DOC6, "NOERROR"));
	play(NSP, "2.0.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.4.6.0.0." DOC6, "PTR", nothing,
		SOA3(DOC6, "NOERROR"));
	play(NSP, "1.0." DOC6, "PTR", nothing, SOA3(DOC6, "NXDOMAIN"));
}

// D64-P10: of the reverse names of such a prefix nothing but PTR is asked upstream; an address that
// is there has nothing else, one that is not, or is a private one's, has nothing at all.
static void
d64_p10_other_types_below_a_prefix(void **state)
{
#define BELOW(nibbles) nibbles "4.6.0.0." DOC6
#define DOTTED0        "0.0.0.0.0.0.0.0.0.0.0.0."
#define PREFIX_ZONE    BELOW(DOTTED0)
	static const struct {
		const char *prefix, *name, *want;
	} rows[] = {
		{NSP, BELOW("4.0.3.0.2.0.1.0." DOTTED0), SOA3(PREFIX_ZONE, "NOERROR")},
		{NSP, BELOW("1.0.0.0.0.0.a.0." DOTTED0), SOA3(PREFIX_ZONE, "NXDOMAIN")},
		{"2001:db8::/32", "1.0.0.0." DOTTED0 "4.0.3.0.2.0.1.0." DOC6,
			SOA3(DOC6, "NXDOMAIN")},
	};
	static const char *const types[] = {"TXT", "AAAA", "ANY", "DS", "SOA"};

	for (unsigned int i = 0; i < LEN(rows); i++)
		for (unsigned int k = 0; k < LEN(types); k++)
			play(rows[i].prefix, rows[i].name, types[k], nothing, rows[i].want);
	play("2001:db8::/32", rows[2].name, "PTR", nothing, "NXDOMAIN +aa;; " DOC6 " 600 SOA 600;");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pfx_01_ipv4only_arpa),
		cmocka_unit_test(pfx_03_others),
		cmocka_unit_test(pfx_06_order),
		cmocka_unit_test(pfx_07_client_algorithm),
		cmocka_unit_test(d64_p03_cname),
		cmocka_unit_test(d64_p04_target),
		cmocka_unit_test(d64_p06_others),
		cmocka_unit_test(d64_p07_all_lengths),
		cmocka_unit_test(d64_p08_well_known_addresses),
		cmocka_unit_test(d64_p10_empty_zones),
		cmocka_unit_test(d64_p10_others_are_asked),
		cmocka_unit_test(d64_p10_a_prefix_inside),
		cmocka_unit_test(d64_p10_other_types_below_a_prefix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
