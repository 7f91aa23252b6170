// SPDX-License-Identifier: BSD-3-Clause
// Decision table of RFC 6147 §5.1 and the form of the answers: a client's query, what upstream
// says, the answer. The steps are all the questions that may go upstream, and each must.
#include "support.h"

#define NSP    "2001:db8:64::/96"
#define DENIED "NOERROR;; ex. 900 SOA 300;"

static const struct row {
	const char *id, *question, *type;
	struct step steps[STEPS];
	const char *answer;
	const char *prefix[2]; // default: the well-known one
	bool dnssec_ok, cd;
	uint16_t class;
	enum wkp_allow allow;
} rows[] = {
	{"D64-Q01 D64-A06", "www.ex.", "AAAA",
		{{"www.ex. AAAA", "NOERROR; www.ex. 300 AAAA 2001:db8::1;;"}},
		"NOERROR; www.ex. 300 AAAA 2001:db8::1;;"},
	{"D64-Q02 D64-A03 D64-A04", "www.ex.", "AAAA",
		{{"www.ex. AAAA", "NOERROR; www.ex. 300 AAAA ::ffff:1.2.3.4 | "
				  "www.ex. 300 AAAA 2001:db8::1;;"}},
		"NOERROR; www.ex. 300 AAAA 2001:db8::1;;"},
	{"D64-Q03 D64-S05", "www.ex.", "AAAA",
		{{"www.ex. AAAA", "NOERROR; www.ex. 300 AAAA ::ffff:1.2.3.4;;"},
			{"www.ex. A", "NOERROR; www.ex. 3600 A 8.8.8.8;;"}},
		"NOERROR; www.ex. 600 AAAA 64:ff9b::808:808;;"},
	{"D64-Q03 at the end of a chain", "www.ex.", "AAAA",
		{{"www.ex. AAAA",
			 "NOERROR; www.ex. 60 CNAME a.ex. | a.ex. 300 AAAA ::ffff:1.2.3.4;;"},
			{"a.ex. A", "NOERROR; a.ex. 3600 A 8.8.8.8;;"}},
		"NOERROR; www.ex. 60 CNAME a.ex. | a.ex. 600 AAAA 64:ff9b::808:808;;"},
	{"D64-Q04 D64-S01 D64-S03 A 3600, SOA 300", "www.ex.", "AAAA",
		{{"www.ex. AAAA", DENIED}, {"www.ex. A", "NOERROR; www.ex. 3600 A 8.8.8.8;;"}},
		"NOERROR; www.ex. 300 AAAA 64:ff9b::808:808;;"},
	{"D64-S03 A 60, SOA 3600", "www.ex.", "AAAA",
		{{"www.ex. AAAA", "NOERROR;; ex. 3600 SOA 3600;"},
			{"www.ex. A", "NOERROR; www.ex. 60 A 8.8.8.8;;"}},
		"NOERROR; www.ex. 60 AAAA 64:ff9b::808:808;;"},
	{"D64-S03 A 86400, no SOA", "www.ex.", "AAAA",
		{{"www.ex. AAAA", "NOERROR;;;"},
			{"www.ex. A", "NOERROR; www.ex. 86400 A 8.8.8.8;;"}},
		"NOERROR; www.ex. 600 AAAA 64:ff9b::808:808;;"},
	{"D64-S04 MINIMUM below the TTL of the SOA", "www.ex.", "AAAA",
		{{"www.ex. AAAA", "NOERROR;; ex. 3600 SOA 30;"},
			{"www.ex. A", "NOERROR; www.ex. 86400 A 8.8.8.8;;"}},
		"NOERROR; www.ex. 30 AAAA 64:ff9b::808:808;;"},
	{"D64-Q05", "www.ex.", "AAAA", {{"www.ex. AAAA", "NXDOMAIN;; ex. 900 SOA 300;"}},
		"NXDOMAIN;; ex. 300 SOA 300;"},
	{"D64-Q05 after a chain", "www.ex.", "AAAA",
		{{"www.ex. AAAA", "NXDOMAIN; www.ex. 60 CNAME a.ex.; ex. 900 SOA 300;"}},
		"NXDOMAIN; www.ex. 60 CNAME a.ex.; ex. 300 SOA 300;"},
	{"D64-Q06 D64-A07 SERVFAIL", "www.ex.", "AAAA",
		{{"www.ex. AAAA", "SERVFAIL;;;"},
			{"www.ex. A", "NOERROR; www.ex. 3600 A 8.8.8.8;;"}},
		"NOERROR; www.ex. 60 AAAA 64:ff9b::808:808;;"},
	{"D64-Q06 REFUSED", "www.ex.", "AAAA",
		{{"www.ex. AAAA", "REFUSED;;;"},
			{"www.ex. A", "NOERROR; www.ex. 3600 A 8.8.8.8;;"}},
		"NOERROR; www.ex. 60 AAAA 64:ff9b::808:808;;"},
	{"D64-Q06 NOTIMP", "www.ex.", "AAAA",
		{{"www.ex. AAAA", "NOTIMP;;;"}, {"www.ex. A", "NOERROR; www.ex. 3600 A 8.8.8.8;;"}},
		"NOERROR; www.ex. 60 AAAA 64:ff9b::808:808;;"},
	{"D64-Q06 FORMERR", "www.ex.", "AAAA",
		{{"www.ex. AAAA", "FORMERR;;;"},
			{"www.ex. A", "NOERROR; www.ex. 3600 A 8.8.8.8;;"}},
		"NOERROR; www.ex. 60 AAAA 64:ff9b::808:808;;"},
	{"D64-Q07 D64-A07", "www.ex.", "AAAA",
		{{"www.ex. AAAA", NULL}, {"www.ex. A", "NOERROR; www.ex. 3600 A 8.8.8.8;;"}},
		"NOERROR; www.ex. 60 AAAA 64:ff9b::808:808;;"},
	{"D64-Q08", "www.ex.", "AAAA",
		{{"www.ex. AAAA", "NOERROR; www.ex. 60 CNAME a.ex. | a.ex. 50 CNAME b.ex. | "
				  "b.ex. 40 AAAA 2001:db8::1;;"}},
		"NOERROR; www.ex. 60 CNAME a.ex. | a.ex. 50 CNAME b.ex. | b.ex. 40 AAAA "
		"2001:db8::1;;"},
	{"D64-Q09", "www.ex.", "AAAA",
		{{"www.ex. AAAA", "NOERROR; www.ex. 60 CNAME a.ex. | a.ex. 50 CNAME b.net.; net. "
				  "900 SOA 300;"},
			{"b.net. A", "NOERROR; b.net. 3600 A 8.8.8.8;;"}},
		"NOERROR; www.ex. 60 CNAME a.ex. | a.ex. 50 CNAME b.net. | b.net. 300 AAAA "
		"64:ff9b::808:808;;"},
	{"D64-Q09 D64-S17 the A has a chain as well", "www.ex.", "AAAA",
		{{"www.ex. AAAA", DENIED},
			{"www.ex. A", "NOERROR; www.ex. 60 CNAME a.ex. | a.ex. 50 A 8.8.8.8;;"}},
		"NOERROR; www.ex. 60 CNAME a.ex. | a.ex. 50 AAAA 64:ff9b::808:808;;"},
	{"D64-Q09 an alias at a time", "www.ex.", "AAAA",
		{{"www.ex. AAAA", "NOERROR; www.ex. 60 CNAME a.ex.;;"},
			{"a.ex. AAAA", "NOERROR; a.ex. 50 CNAME b.ex.;;"}, {"b.ex. AAAA", DENIED},
			{"b.ex. A", "NOERROR; b.ex. 3600 A 8.8.8.8;;"}},
		"NOERROR; www.ex. 60 CNAME a.ex. | a.ex. 50 CNAME b.ex. | b.ex. 300 AAAA "
		"64:ff9b::808:808;;"},
	{"D64-Q08 an alias at a time", "www.ex.", "AAAA",
		{{"www.ex. AAAA", "NOERROR; www.ex. 60 CNAME a.ex.;;"},
			{"a.ex. AAAA", "NOERROR; a.ex. 50 AAAA 2001:db8::1;;"}},
		"NOERROR; www.ex. 60 CNAME a.ex. | a.ex. 50 AAAA 2001:db8::1;;"},
	{"D64-Q09 the chain of A an alias at a time", "www.ex.", "AAAA",
		{{"www.ex. AAAA", DENIED}, {"www.ex. A", "NOERROR; www.ex. 60 CNAME a.ex.;;"},
			{"a.ex. A", "NOERROR; a.ex. 50 A 8.8.8.8;;"}},
		"NOERROR; www.ex. 60 CNAME a.ex. | a.ex. 50 AAAA 64:ff9b::808:808;;"},
	{"D64-S17 DNAME", "www.old.ex.", "AAAA",
		{{"www.old.ex. AAAA", "NOERROR; old.ex. 60 DNAME new.ex. | "
				      "www.old.ex. 60 CNAME www.new.ex.; ex. 900 SOA 300;"},
			{"www.new.ex. A", "NOERROR; www.new.ex. 3600 A 8.8.8.8;;"}},
		"NOERROR; old.ex. 60 DNAME new.ex. | www.old.ex. 60 CNAME www.new.ex. | "
		"www.new.ex. 300 AAAA 64:ff9b::808:808;;"},
	{"D64-S17 DNAME without its CNAME, records out of order", "www.old.ex.", "AAAA",
		{{"www.old.ex. AAAA", "NOERROR; www.new.ex. 40 AAAA 2001:db8::1 | "
				      "old.ex. 60 DNAME new.ex.;;"}},
		"NOERROR; old.ex. 60 DNAME new.ex. | www.old.ex. 60 CNAME www.new.ex. | "
		"www.new.ex. 40 AAAA 2001:db8::1;;"},
	{"D64-Q10", "www.ex.", "AAAA", {{"www.ex. AAAA", "NOERROR;;;"}}, "NOERROR;;;", .class = 3},
	{"D64-S02 order, several A", "www.ex.", "AAAA",
		{{"www.ex. AAAA", DENIED},
			{"www.ex. A", "NOERROR; www.ex. 60 A 9.9.9.9 | www.ex. 60 A 8.8.8.8;;"}},
		"NOERROR; www.ex. 60 AAAA 64:ff9b::909:909 | www.ex. 60 AAAA 64:ff9b::808:808;;"},
	{"D64-S02 D64-S07 two prefixes", "www.ex.", "AAAA",
		{{"www.ex. AAAA", DENIED},
			{"www.ex. A", "NOERROR; www.ex. 60 A 9.9.9.9 | www.ex. 60 A 8.8.8.8;;"}},
		"NOERROR; www.ex. 60 AAAA 2001:db8:64::909:909 | www.ex. 60 AAAA "
		"2001:db8:64::808:808 | www.ex. 60 AAAA 64:ff9b::909:909 | www.ex. 60 AAAA "
		"64:ff9b::808:808;;",
		.prefix = {NSP, "64:ff9b::/96"}},
	{"D64-S06 private addresses under the other prefix only", "www.ex.", "AAAA",
		{{"www.ex. AAAA", DENIED},
			{"www.ex. A", "NOERROR; www.ex. 60 A 10.0.0.1 | www.ex. 60 A 8.8.8.8;;"}},
		"NOERROR; www.ex. 60 AAAA 64:ff9b::808:808 | www.ex. 60 AAAA 2001:db8:64::a00:1 | "
		"www.ex. 60 AAAA 2001:db8:64::808:808;;",
		.prefix = {"64:ff9b::/96", NSP}},
	{"D64-S08 none usable", "www.ex.", "AAAA",
		{{"www.ex. AAAA", DENIED},
			{"www.ex. A", "NOERROR; www.ex. 60 A 10.0.0.1 | www.ex. 60 A 192.0.2.1;;"}},
		"NOERROR;; ex. 300 SOA 300;"},
	{"D64-S08 some usable", "www.ex.", "AAAA",
		{{"www.ex. AAAA", DENIED},
			{"www.ex. A", "NOERROR; www.ex. 60 A 10.0.0.1 | www.ex. 60 A 8.8.8.8;;"}},
		"NOERROR; www.ex. 60 AAAA 64:ff9b::808:808;;"},
	{"ADR-13 wkp_allow: private", "www.ex.", "AAAA",
		{{"www.ex. AAAA", DENIED},
			{"www.ex. A", "NOERROR; www.ex. 60 A 10.0.0.1 | www.ex. 60 A 192.0.2.1;;"}},
		"NOERROR; www.ex. 60 AAAA 64:ff9b::a00:1;;", .allow = WKP_ALLOW_PRIVATE},
	{"D64-S10", "www.ex.", "AAAA",
		{{"www.ex. AAAA", DENIED},
			{"www.ex. A", "NOERROR; www.ex. 60 A 0.0.0.0 | www.ex. 60 A 127.0.0.1 | "
				      "www.ex. 60 A 224.0.0.1 | www.ex. 60 A 255.255.255.255;;"}},
		"NOERROR;; ex. 300 SOA 300;", .prefix = {NSP}},
	{"D64-S11 /64", "www.ex.", "AAAA",
		{{"www.ex. AAAA", DENIED}, {"www.ex. A", "NOERROR; www.ex. 60 A 192.0.2.33;;"}},
		"NOERROR; www.ex. 60 AAAA 2001:db8:122:344:c0:2:2100:0;;",
		.prefix = {"2001:db8:122:344::/64"}},
	{"D64-S12 D64-S13 D64-A01", "www.ex.", "AAAA",
		{{"www.ex. AAAA", DENIED},
			{"www.ex. A", "NOERROR; www.ex. 60 A 8.8.8.8; ex. 100 NS ns.ex.; "
				      "ns.ex. 100 A 8.8.4.4"}},
		"NOERROR; www.ex. 60 AAAA 64:ff9b::808:808; ex. 100 NS ns.ex.; ns.ex. 100 A "
		"8.8.4.4"},
	{"D64-S14 A", "www.ex.", "A", {{"www.ex. A", "NOERROR; www.ex. 60 A 10.0.0.1;;"}},
		"NOERROR; www.ex. 60 A 10.0.0.1;;"},
	{"D64-S14 MX", "ex.", "MX",
		{{"ex. MX", "NOERROR; ex. 60 MX mail.ex.;; mail.ex. 60 A 8.8.8.8"}},
		"NOERROR; ex. 60 MX mail.ex.;; mail.ex. 60 A 8.8.8.8"},
	{"D64-S14 ANY", "ex.", "ANY",
		{{"ex. ANY", "NOERROR; ex. 60 MX mail.ex. | ex. 60 A 8.8.8.8;;"}},
		"NOERROR; ex. 60 MX mail.ex. | ex. 60 A 8.8.8.8;;"},
	{"DNS-EDNS-10 unknown type", "ex.", "TYPE65280",
		{{"ex. TYPE65280", "NOERROR; ex. 60 TYPE65280 opaque;;"}},
		"NOERROR; ex. 60 TYPE65280 opaque;;"},
	{"D64-S16 DO=1 CD=0 (D64-V6)", "www.ex.", "AAAA",
		{{"www.ex. AAAA", "NOERROR; www.ex. 60 CNAME a.ex. | www.ex. 60 RRSIG CNAME; "
				  "ex. 900 SOA 300 | ex. 900 RRSIG SOA | a.ex. 900 NSEC b.ex. | "
				  "a.ex. 900 RRSIG NSEC;"},
			{"a.ex. A", "NOERROR; a.ex. 60 A 8.8.8.8 | a.ex. 60 RRSIG A; "
				    "ex. 60 NS ns.ex. | ex. 60 RRSIG NS | a.ex. 60 NSEC b.ex. | "
				    "a.ex. 60 RRSIG NSEC;"}},
		"NOERROR; www.ex. 60 CNAME a.ex. | www.ex. 60 RRSIG CNAME | a.ex. 60 AAAA "
		"64:ff9b::808:808; ex. 60 NS ns.ex. | ex. 60 RRSIG NS;",
		.dnssec_ok = true},
	{"D64-S16 no signatures without DO", "www.ex.", "AAAA",
		{{"www.ex. AAAA", "NOERROR; www.ex. 60 CNAME a.ex. | www.ex. 60 RRSIG CNAME | "
				  "a.ex. 60 AAAA 2001:db8::1 | a.ex. 60 RRSIG AAAA;;"}},
		"NOERROR; www.ex. 60 CNAME a.ex. | a.ex. 60 AAAA 2001:db8::1;;"},
	{"D64-Q02 a cut set loses its signature", "www.ex.", "AAAA",
		{{"www.ex. AAAA", "NOERROR; www.ex. 60 AAAA ::ffff:1.2.3.4 | "
				  "www.ex. 60 AAAA 2001:db8::1 | www.ex. 60 RRSIG AAAA;;"}},
		"NOERROR; www.ex. 60 AAAA 2001:db8::1;;", .dnssec_ok = true},
	{"D64-S18 loop", "a.ex.", "AAAA",
		{{"a.ex. AAAA", "NOERROR; a.ex. 60 CNAME b.ex. | b.ex. 60 CNAME a.ex.;;"},
			{"a.ex. A", "NOERROR; a.ex. 60 CNAME b.ex. | b.ex. 60 CNAME a.ex.;;"}},
		"SERVFAIL;;;"},
	{"D64-S18 loop, an alias at a time", "a.ex.", "AAAA",
		{{"a.ex. AAAA", "NOERROR; a.ex. 60 CNAME b.ex.;;"},
			{"b.ex. AAAA", "NOERROR; b.ex. 60 CNAME a.ex.;;"}},
		"SERVFAIL;;;"},
	{"D64-V5 DO=0 CD=1", "www.ex.", "AAAA",
		{{"www.ex. AAAA", DENIED}, {"www.ex. A", "NOERROR; www.ex. 60 A 8.8.8.8;;"}},
		"NOERROR; www.ex. 60 AAAA 64:ff9b::808:808;;", .cd = true},
	{"D64-V5 D64-V8 D64-V12 AD is not passed on", "www.ex.", "AAAA",
		{{"www.ex. AAAA", "NOERROR +ad;; ex. 900 SOA 300;"},
			{"www.ex. A", "NOERROR +ad; www.ex. 60 A 8.8.8.8;;"}},
		"NOERROR; www.ex. 60 AAAA 64:ff9b::808:808;;"},
	{"D64-V7", "www.ex.", "AAAA",
		{{"www.ex. AAAA", "NOERROR;; ex. 900 SOA 300 | ex. 900 RRSIG SOA | a.ex. 900 NSEC "
				  "b.ex. | a.ex. 900 RRSIG NSEC;"}},
		"NOERROR;; ex. 300 SOA 300 | ex. 900 RRSIG SOA | a.ex. 900 NSEC b.ex. | a.ex. 900 "
		"RRSIG NSEC;",
		.dnssec_ok = true, .cd = true},
	{"DNS-FORGE-07 strangers in the answer", "www.ex.", "AAAA",
		{{"www.ex. AAAA", "NOERROR; bank.com. 9999 AAAA 2001:db8::bad | www.ex. 60 AAAA "
				  "2001:db8::1;;"}},
		"NOERROR; www.ex. 60 AAAA 2001:db8::1;;"},
	{"DNS-FORGE-07 SOA of a stranger", "www.ex.", "AAAA",
		{{"www.ex. AAAA", "NXDOMAIN;; com. 900 SOA 300;"}}, "NXDOMAIN;;;"},
	{"upstream's TC=1 is the client's", "www.ex.", "AAAA",
		{{"www.ex. AAAA", "NOERROR +tc; www.ex. 60 AAAA 2001:db8::1;;"}}, "NOERROR +tc;;;"},
	{"TC=1 on A", "www.ex.", "AAAA",
		{{"www.ex. AAAA", DENIED}, {"www.ex. A", "NOERROR +tc; www.ex. 60 A 8.8.8.8;;"}},
		"NOERROR +tc;;;"},
	{"DNS-CACHE-09 bit 31", "www.ex.", "A",
		{{"www.ex. A", "NOERROR; www.ex. 2147483649 A 8.8.8.8;;"}},
		"NOERROR; www.ex. 0 A 8.8.8.8;;"},
	{"DNS-CACHE-09 cap", "www.ex.", "A", {{"www.ex. A", "NOERROR; www.ex. 604800 A 8.8.8.8;;"}},
		"NOERROR; www.ex. 86400 A 8.8.8.8;;"},
	{"DNS-CACHE-09 negative cap", "www.ex.", "A",
		{{"www.ex. A", "NOERROR;; ex. 90000 SOA 86400;"}}, "NOERROR;; ex. 3600 SOA 86400;"},
};

static void
play_row(const struct row *row)
{
	struct fixture *f = fixture_new();
	unsigned int asked[STEPS] = {0};
	char answer[TEXT_LEN];
	struct wire q;

	for (int i = 0; i < 2 && row->prefix[i]; i++)
		fixture_prefix(f, row->prefix[i]);
	f->nat64.wkp_allow = row->allow;
	fixture_start(f);
	build_query(&q, row->question, row->type,
		(struct query_opts){.size = 1232,
			.dnssec_ok = row->dnssec_ok,
			.cd = row->cd,
			.class = row->class});
	fixture_play(f, &q, row->steps, answer, asked);
	if (strcmp(answer, row->answer) != 0)
		fail_msg("%s:\n got %s\nwant %s", row->id, answer, row->answer);
	for (unsigned int i = 0; i < STEPS && row->steps[i].question; i++)
		if (asked[i] == 0)
			fail_msg("%s: never asked %s", row->id, row->steps[i].question);
	fixture_free(f);
}

static void
d64_decision_table(void **state)
{
	for (unsigned int i = 0; i < LEN(rows); i++)
		play_row(&rows[i]);
}

enum kind {
	DATA,
	NODATA,
	NX,
	FAIL,
	TIMEOUT,
	KINDS,
};

static const char *
reply_of(enum kind k, bool a)
{
	switch (k) {
	case DATA:
		return a ? "NOERROR; www.ex. 60 A 8.8.8.8;;"
			 : "NOERROR; www.ex. 60 AAAA 2001:db8::1;;";
	case NODATA:
		return a ? "NOERROR;; ex. 70 SOA 70;" : "NOERROR;; ex. 80 SOA 80;";
	case NX:
		return a ? "NXDOMAIN;; ex. 71 SOA 71;" : "NXDOMAIN;; ex. 81 SOA 81;";
	case FAIL:
		return "SERVFAIL;;;";
	default:
		return NULL;
	}
}

// Each must come before the stub gives up, each is the same when asked again at once.
static void
d64_a02_matrix(void **state)
{
	static const char real[] = "NOERROR; www.ex. 60 AAAA 2001:db8::1;;";
	static const char synth[] = "NOERROR; www.ex. 60 AAAA 64:ff9b::808:808;;";
	static const char nodata[] = "NOERROR;; ex. 80 SOA 80;";
	static const char nx[] = "NXDOMAIN;; ex. 81 SOA 81;";
	static const char nx_a[] = "NXDOMAIN;; ex. 71 SOA 71;";
	static const char fail[] = "SERVFAIL;;;";
	static const char *const want[KINDS][KINDS] = {
		[DATA] = {real, real, real, real, real},
		[NODATA] = {synth, nodata, nx_a, fail, fail},
		[NX] = {nx, nx, nx, nx, nx},
		[FAIL] = {synth, fail, nx_a, fail, fail},
		[TIMEOUT] = {synth, fail, nx_a, fail, fail},
	};

	for (int aaaa = 0; aaaa < KINDS; aaaa++)
		for (int a = 0; a < KINDS; a++) {
			const struct step steps[STEPS] = {
				{"www.ex. AAAA", reply_of((enum kind)aaaa, false)},
				{"www.ex. A", reply_of((enum kind)a, true)}};
			struct fixture *f = fixture_new();
			unsigned int asked[STEPS] = {0};
			char answer[TEXT_LEN];
			struct wire q;
			uint64_t start;

			fixture_start(f);
			start = f->now;
			build_query(&q, "www.ex.", "AAAA", (struct query_opts){.size = 1232});
			fixture_play(f, &q, steps, answer, asked);
			assert_string_equal(answer, want[aaaa][a]);
			assert_true(f->now - start <= 4500);
			assert_int_equal(asked[1] > 0, aaaa != DATA && aaaa != NX);
			assert_int_equal(fixture_play(f, &q, steps, answer, NULL), 0);
			assert_string_equal(answer, want[aaaa][a]);
			fixture_free(f);
		}
}

// D64-S12: the question comes back as it was asked, owner names with it; ID and RD too, RA set.
static void
d64_s12_header_and_question(void **state)
{
	const struct step steps[STEPS] = {
		{"www.ex. AAAA", DENIED}, {"www.ex. A", "NOERROR; www.ex. 60 A 8.8.8.8;;"}};
	struct fixture *f = fixture_new();
	char answer[TEXT_LEN];
	struct wire q;

	fixture_start(f);
	for (int i = 0; i < 2; i++) { // composed, then from the cache
		build_query(&q, i ? "WwW.eX." : "wWw.Ex.", "AAAA",
			(struct query_opts){.id = 0xbeef, .no_rd = true});
		fixture_play(f, &q, steps, answer, NULL);
		assert_memory_equal(last_answer.data, "\xbe\xef\x80\x80\0\1\0\1\0\0\0\0", 12);
		assert_memory_equal(last_answer.data + 12, q.b + 12, q.len - 12);
		assert_string_equal(answer, i ? "NOERROR; WwW.eX. 60 AAAA 64:ff9b::808:808;;"
					      : "NOERROR; wWw.Ex. 60 AAAA 64:ff9b::808:808;;");
	}
	assert_int_equal(last_answer.d.in_port, 7);
	assert_int_equal(last_answer.d.dport, 40000);
	fixture_free(f);
}

// The bytes of RFC 6147 §7.2's h2.example.com, under 64:ff9b::/96 and a global address.
static void
d64_s01_golden_bytes(void **state)
{
	static const uint8_t want[] = {0x12, 0x34, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 1, //
		2, 'h', '2', 7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 3, 'c', 'o', 'm', 0, 0, 28, 0,
		1,                                                          //
		0xc0, 12, 0, 28, 0, 1, 0, 0, 0x02, 0x58, 0, 16,             //
		0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, 8, 8, 4, 4, //
		0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0};
	const struct step steps[STEPS] = {{"h2.example.com. AAAA", "NOERROR;;;"},
		{"h2.example.com. A", "NOERROR; h2.example.com. 3600 A 8.8.4.4;;"}};
	struct fixture *f = fixture_new();
	char answer[TEXT_LEN];
	struct wire q;

	fixture_start(f);
	build_query(&q, "h2.example.com.", "AAAA", (struct query_opts){.size = 4096});
	for (int i = 0; i < 2; i++) {
		fixture_play(f, &q, steps, answer, NULL);
		assert_int_equal(last_answer.d.len, sizeof(want));
		assert_memory_equal(last_answer.data, want, sizeof(want));
	}
	assert_int_equal(dns64_stats(f->d)->synthesised, 2);
	assert_int_equal(dns64_stats(f->d)->cache_hits, 1);
	fixture_free(f);
}

// D64-S18: a chain of 16 is followed, one of 17 is not.
static void
d64_s18_chain_length(void **state)
{
	for (unsigned int links = 16; links <= 17; links++) {
		struct fixture *f = fixture_new();
		char reply[TEXT_LEN] = "NOERROR;", answer[TEXT_LEN];
		const struct step steps[STEPS] = {{"n0.ex. AAAA", reply}, {"n0.ex. A", reply}};
		struct wire q;

		for (unsigned int i = 0; i < links; i++)
			text_add(reply, sizeof(reply), " n%u.ex. 60 CNAME n%u.ex. |", i, i + 1);
		text_add(reply, sizeof(reply), " n%u.ex. 60 AAAA 2001:db8::1;;", links);
		fixture_start(f);
		build_query(&q, "n0.ex.", "AAAA", (struct query_opts){.size = 1232});
		fixture_play(f, &q, steps, answer, NULL);
		assert_string_equal(answer, links == 16 ? reply : "SERVFAIL;;;");
		fixture_free(f);
	}
}

// D64-S15: the synthesised size counts. 20 A fit into 512 octets (20 * 16 + 24), 20 AAAA do not.
static void
d64_s15_truncation(void **state)
{
	char reply[TEXT_LEN] = "NOERROR;", answer[TEXT_LEN];
	const struct step steps[STEPS] = {{"www.ex. AAAA", DENIED}, {"www.ex. A", reply}};
	struct fixture *f = fixture_new();
	struct wire q;

	for (unsigned int i = 0; i < 20; i++)
		text_add(reply, sizeof(reply), "%s www.ex. 60 A 8.8.8.%u", i ? " |" : "", i);
	fixture_start(f);
	build_query(&q, "www.ex.", "AAAA", (struct query_opts){.size = 0});
	fixture_play(f, &q, steps, answer, NULL);
	assert_true(last_answer.d.len <= 512);
	assert_true(last_answer.data[2] & 0x02);
	assert_int_equal(wire_u16(last_answer.data + DNS_ANCOUNT), (512 - 24) / 28);
	build_query(&q, "www.ex.", "AAAA", (struct query_opts){.size = 1232});
	fixture_play(f, &q, steps, answer, NULL);
	assert_false(last_answer.data[2] & 0x02);
	assert_int_equal(wire_u16(last_answer.data + DNS_ANCOUNT), 20);
	assert_int_equal(dns64_stats(f->d)->truncated, 1);
	fixture_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(d64_decision_table),
		cmocka_unit_test(d64_a02_matrix),
		cmocka_unit_test(d64_s12_header_and_question),
		cmocka_unit_test(d64_s01_golden_bytes),
		cmocka_unit_test(d64_s18_chain_length),
		cmocka_unit_test(d64_s15_truncation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
