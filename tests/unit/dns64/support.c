// SPDX-License-Identifier: BSD-3-Clause
#include "support.h"

#include <arpa/inet.h>

struct caught last_answer;

static const struct {
	const char *text;
	uint16_t type;
} types[] = {
	{"A", 1},
	{"NS", 2},
	{"CNAME", 5},
	{"SOA", 6},
	{"PTR", 12},
	{"MX", 15},
	{"TXT", 16},
	{"SIG", 24},
	{"AAAA", 28},
	{"SRV", 33},
	{"DNAME", 39},
	{"OPT", 41},
	{"DS", 43},
	{"RRSIG", 46},
	{"NSEC", 47},
	{"NSEC3", 50},
	{"HTTPS", 65},
	{"TSIG", 250},
	{"AXFR", 252},
	{"ANY", 255},
};

static const char *const rcodes[] = {
	"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"};

uint16_t
text_type(const char *text)
{
	for (unsigned int i = 0; i < LEN(types); i++)
		if (strcmp(types[i].text, text) == 0)
			return types[i].type;
	return (uint16_t)atoi(text + 4); // TYPEn
}

static void
type_text(uint16_t type, char out[static 12])
{
	snprintf(out, 12, "TYPE%u", type);
	for (unsigned int i = 0; i < LEN(types); i++)
		if (types[i].type == type)
			snprintf(out, 12, "%s", types[i].text);
}

void
text_name(const char *text, struct name *out)
{
	unsigned int n = 0;

	while (*text && strcmp(text, ".") != 0) {
		size_t l = strcspn(text, ".");

		out->b[n++] = (uint8_t)l;
		memcpy(out->b + n, text, l);
		n += (unsigned int)l;
		text += l + (text[l] == '.');
	}
	out->b[n++] = 0;
	out->len = (uint8_t)n;
}

static void
put(struct wire *w, const void *p, unsigned int n)
{
	assert_true(w->len + n <= sizeof(w->b));
	memcpy(w->b + w->len, p, n);
	w->len += n;
}

static void
put16(struct wire *w, uint16_t v)
{
	uint8_t b[2];

	wire_set16(b, v);
	put(w, b, 2);
}

static void
put32(struct wire *w, uint32_t v)
{
	put16(w, (uint16_t)(v >> 16));
	put16(w, (uint16_t)v);
}

static void
put_name(struct wire *w, const char *text)
{
	struct name n;

	text_name(text, &n);
	put(w, n.b, n.len);
}

static void
put_opt(struct wire *w, uint16_t size, bool dnssec_ok)
{
	uint8_t opt[EDNS_OPT_LEN];

	edns_write(opt, size, 0, dnssec_ok);
	put(w, opt, sizeof(opt));
	wire_set16(w->b + DNS_ARCOUNT, (uint16_t)(wire_u16(w->b + DNS_ARCOUNT) + 1));
}

void
build_query(struct wire *w, const char *qname, const char *qtype, struct query_opts o)
{
	w->len = 0;
	put16(w, o.id ? o.id : 0x1234);
	put16(w, (uint16_t)((o.no_rd ? 0 : DNS_RD) | (o.cd ? DNS_CD : 0)));
	put16(w, 1);
	put(w, "\0\0\0\0\0\0", 6);
	put_name(w, qname);
	put16(w, text_type(qtype));
	put16(w, o.class ? o.class : DNS_IN);
	if (o.size)
		put_opt(w, o.size, o.dnssec_ok);
}

static void
put_rdata(struct wire *w, uint16_t type, char *save)
{
	char *text = strtok_r(NULL, "", &save);
	struct in_addr a4;
	struct in6_addr a6;

	switch (type) {
	case DNS_A:
		assert_int_equal(addr4_parse(text, &a4), 0);
		put(w, &a4, 4);
		break;
	case DNS_AAAA:
		assert_int_equal(addr6_parse(text, &a6), 0);
		put(w, &a6, 16);
		break;
	case DNS_SOA:
		put_name(w, "ns.invalid.");
		put_name(w, "root.invalid.");
		put(w, "\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4", 16);
		put32(w, (uint32_t)atol(text));
		break;
	case DNS_RRSIG:
		put16(w, text_type(text));
		put(w, "\10\2\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
		put_name(w, ".");
		put(w, "signature", 9);
		break;
	case 15: // MX
		put16(w, 10);
		put_name(w, text);
		break;
	case 33: // SRV
		put(w, "\0\1\0\2\0\3", 6);
		put_name(w, text);
		break;
	case 2:
	case DNS_CNAME:
	case DNS_PTR:
	case DNS_DNAME:
	case DNS_NSEC:
		put_name(w, text);
		break;
	default:
		put(w, text ? text : "", text ? (unsigned int)strlen(text) : 0);
	}
}

static void
put_record(struct wire *w, char *text)
{
	char *save;
	const char *owner = strtok_r(text, " ", &save);
	uint32_t ttl = (uint32_t)strtoul(strtok_r(NULL, " ", &save), NULL, 10);
	uint16_t type = text_type(strtok_r(NULL, " ", &save));
	unsigned int at;

	put_name(w, owner);
	put16(w, type);
	put16(w, DNS_IN);
	put32(w, ttl);
	put16(w, 0);
	at = w->len;
	put_rdata(w, type, save);
	wire_set16(w->b + at - 2, (uint16_t)(w->len - at));
}

static void
put_section(struct wire *w, char *text, unsigned int count)
{
	char *end;

	while (text && text[strspn(text, " ")]) {
		text += strspn(text, " ");
		end = strstr(text, " | ");
		if (end) {
			*end = '\0';
			end += 3;
		}
		put_record(w, text);
		wire_set16(w->b + count, (uint16_t)(wire_u16(w->b + count) + 1));
		text = end;
	}
}

static uint16_t
flags_of(const char *head)
{
	uint16_t flags = DNS_QR | DNS_RD | DNS_RA;

	for (unsigned int i = 0; i < LEN(rcodes); i++)
		if (strncmp(head, rcodes[i], strlen(rcodes[i])) == 0)
			flags |= (uint16_t)i;
	flags |= strstr(head, "+tc") ? DNS_TC : 0;
	flags |= strstr(head, "+ad") ? 0x20 : 0;
	flags |= strstr(head, "+aa") ? DNS_AA : 0;
	return flags;
}

void
build_response(struct wire *w, const uint8_t *q, unsigned int qlen, const char *text, uint16_t size)
{
	static char copy[TEXT_LEN];
	char *part = copy, *section;
	int end = name_skip(q, qlen, DNS_HEADER_LEN) + 4;

	w->len = 0;
	put(w, q, (unsigned int)end);
	memset(w->b + DNS_ANCOUNT, 0, 6);
	snprintf(copy, sizeof(copy), "%s", text);
	wire_set16(w->b + 2, flags_of(strsep(&part, ";")));
	for (unsigned int count = DNS_ANCOUNT; count <= DNS_ARCOUNT; count += 2) {
		section = strsep(&part, ";");
		put_section(w, section, count);
	}
	if (size)
		put_opt(w, size, false);
}

static char *
print_name(const uint8_t *b, unsigned int len, unsigned int off, char *out)
{
	struct name n;

	assert_true(name_read(b, len, off, &n) > 0);
	name_print(&n, out);
	return out + strlen(out);
}

static char *
print_rdata(const uint8_t *b, unsigned int len, const struct wire_rr *rr, char *out)
{
	char text[ADDR_TEXT_LEN];
	struct in6_addr a6;
	struct in_addr a4;

	switch (rr->type) {
	case DNS_A:
		assert_int_equal(rr->rdlen, 4);
		memcpy(&a4, b + rr->rdata, 4);
		return out + sprintf(out, "%s", addr4_text(a4, text));
	case DNS_AAAA:
		assert_int_equal(rr->rdlen, 16);
		memcpy(&a6, b + rr->rdata, 16);
		return out + sprintf(out, "%s", addr6_text(&a6, text));
	case DNS_SOA:
		return out + sprintf(out, "%u", wire_u32(b + rr->rdata + rr->rdlen - 4));
	case DNS_RRSIG:
		type_text(wire_u16(b + rr->rdata), out);
		return out + strlen(out);
	case 15:
		return print_name(b, len, rr->rdata + 2u, out);
	case 33:
		return print_name(b, len, rr->rdata + 6u, out);
	case 2:
	case DNS_CNAME:
	case DNS_PTR:
	case DNS_DNAME:
	case DNS_NSEC:
		return print_name(b, len, rr->rdata, out);
	default:
		return out + sprintf(out, "%.*s", rr->rdlen, (const char *)b + rr->rdata);
	}
}

static char *
print_record(const uint8_t *b, unsigned int len, const struct wire_rr *rr, char *out)
{
	char type[12];

	type_text(rr->type, type);
	out = print_name(b, len, rr->owner, out);
	out += sprintf(out, " %u %s ", rr->ttl, type);
	return print_rdata(b, len, rr, out);
}

void
message_text(const uint8_t *b, unsigned int len, char out[static TEXT_LEN])
{
	uint16_t flags = wire_u16(b + 2);
	int off = name_skip(b, len, DNS_HEADER_LEN) + 4;
	struct wire_rr rr;

	out += sprintf(out, "%s%s%s%s", (flags & 0xf) < LEN(rcodes) ? rcodes[flags & 0xf] : "?",
		flags & DNS_TC ? " +tc" : "", flags & DNS_AA ? " +aa" : "",
		flags & 0x20 ? " +ad" : "");
	if (wire_u16(b + DNS_QDCOUNT) == 0)
		off = DNS_HEADER_LEN;
	for (unsigned int count = DNS_ANCOUNT; count <= DNS_ARCOUNT; count += 2) {
		const char *sep = " ";

		out += sprintf(out, ";");
		for (unsigned int i = wire_u16(b + count); i > 0; i--) {
			off = wire_read_rr(b, len, (unsigned int)off, &rr);
			assert_true(off > 0);
			if (rr.type == DNS_OPT)
				continue;
			out += sprintf(out, "%s", sep);
			out = print_record(b, len, &rr, out);
			sep = " | ";
		}
	}
	assert_int_equal(off, len);
}

void
question_text(const uint8_t *b, unsigned int len, char out[static 1200])
{
	struct name n;
	int off = name_read(b, len, DNS_HEADER_LEN, &n);
	char type[12];

	assert_true(off > 0 && (unsigned int)off + 4 <= len);
	type_text(wire_u16(b + off), type);
	name_print(&n, out);
	sprintf(out + strlen(out), " %s", type);
}

bool
message_opt(const uint8_t *b, unsigned int len, struct edns *e)
{
	int off = DNS_HEADER_LEN;
	struct wire_rr rr;
	unsigned int n = wire_u16(b + DNS_ANCOUNT) + wire_u16(b + DNS_NSCOUNT);

	if (wire_u16(b + DNS_QDCOUNT))
		off = name_skip(b, len, DNS_HEADER_LEN) + 4;
	for (unsigned int i = 0; i < n + wire_u16(b + DNS_ARCOUNT); i++) {
		off = wire_read_rr(b, len, (unsigned int)off, &rr);
		assert_true(off > 0);
		if (rr.type == DNS_OPT)
			return edns_read(b, &rr, e);
	}
	return false;
}

static struct in6_addr
address(const char *text)
{
	struct in6_addr a;

	assert_int_equal(addr_parse_any(text, &a), 0);
	return a;
}

static struct prefix6
network(const char *text)
{
	struct prefix6 p;

	assert_int_equal(prefix6_parse(text, &p), 0);
	return p;
}

struct fixture *
fixture_new(void)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct config_dns64 *c = &f->dns64;

	c->enabled = true;
	c->listen[0] = address(LISTEN_ADDR);
	c->listen[1] = address(LISTEN_ADDR4);
	c->n_listen = 2;
	c->upstream[0].addr = address(UPSTREAM1);
	c->upstream[0].port = 53;
	c->upstream[1].addr = address(UPSTREAM2);
	c->upstream[1].port = 5353;
	c->n_upstream = 2;
	c->port_first = 49152;
	c->port_last = 65535;
	c->allow[0] = network("2001:db8:1::/64");
	c->allow[1] = (struct prefix6){address("192.168.1.0"), 120};
	c->n_allow = 2;
	c->exclude_aaaa[0] = (struct prefix6){address("0.0.0.0"), 96};
	c->n_exclude_aaaa = 1;
	c->cache_entries = 1024;
	c->cache_max_ttl = 86400;
	c->cache_max_negative_ttl = 3600;
	c->timeout_ms = 1000;
	c->tries = 3;
	c->max_pending = 32;
	c->edns_size = 1232;
	f->now = 1000000;
	return f;
}

void
fixture_prefix(struct fixture *f, const char *prefix)
{
	struct prefix6 p = network(prefix);

	assert_int_equal(pref64_init(&f->nat64.prefix[f->nat64.n_prefix++], &p), 0);
}

static void
catch_datagram(void *ctx, const struct dns64_datagram *d)
{
	struct fixture *f = ctx;
	struct caught *c = &f->q[(f->head + f->n) % CAUGHT_MAX];

	assert_true(f->n < CAUGHT_MAX);
	assert_true(d->len <= f->dns64.edns_size);
	c->d = *d;
	memcpy(c->data, d->data, d->len);
	c->d.data = c->data;
	f->n++;
	f->answers += d->sport == DNS64_PORT;
}

void
fixture_start(struct fixture *f)
{
	struct dns64_params p = {
		.dns64 = &f->dns64,
		.nat64 = &f->nat64,
		.source4 = address(SOURCE4),
		.source6 = address(SOURCE6),
		.send = catch_datagram,
		.ctx = f,
	};
	struct err err = {{0}};

	if (f->nat64.n_prefix == 0)
		fixture_prefix(f, "64:ff9b::/96");
	f->d = dns64_create(&p, &err);
	assert_string_equal(err.text, "");
	assert_non_null(f->d);
}

void
fixture_free(struct fixture *f)
{
	dns64_free(f->d);
	free(f);
}

struct caught *
fixture_next(struct fixture *f)
{
	if (f->n == 0)
		return NULL;
	f->n--;
	return &f->q[f->head++ % CAUGHT_MAX];
}

// An exact allocation, so that a read behind the end is seen.
void
fixture_send(struct fixture *f, const char *src, uint16_t sport, const char *dst, uint16_t dport,
	const uint8_t *data, unsigned int len)
{
	uint8_t *copy = malloc(len ? len : 1);
	struct dns64_datagram in = {
		.src = address(src),
		.dst = address(dst),
		.sport = sport,
		.dport = dport,
		.in_port = 7,
		.data = copy,
		.len = (uint16_t)len,
	};

	memcpy(copy, data, len);
	dns64_input(f->d, &in, f->now);
	free(copy);
}

void
fixture_query(struct fixture *f, const struct wire *w)
{
	fixture_send(f, CLIENT_ADDR, 40000, LISTEN_ADDR, 53, w->b, w->len);
}

void
fixture_reply(struct fixture *f, const struct caught *q, const struct wire *w)
{
	char src[ADDR_TEXT_LEN], dst[ADDR_TEXT_LEN];

	fixture_send(f, addr6_text(&q->d.dst, src), q->d.dport, addr6_text(&q->d.src, dst),
		q->d.sport, w->b, w->len);
}

void
fixture_reply_text(struct fixture *f, const struct caught *q, const char *text)
{
	struct wire w;

	build_response(&w, q->data, q->d.len, text, 1232);
	fixture_reply(f, q, &w);
}

void
fixture_wait(struct fixture *f)
{
	uint64_t next = dns64_next_ms(f->d);

	assert_true(next != UINT64_MAX);
	if (next > f->now)
		f->now = next;
	dns64_tick(f->d, f->now);
}

static unsigned int
find_step(const struct caught *q, const struct step *steps)
{
	char question[1200];

	question_text(q->data, q->d.len, question);
	for (unsigned int i = 0; i < STEPS && steps[i].question; i++)
		if (strcmp(steps[i].question, question) == 0)
			return i;
	fail_msg("unforeseen question upstream: %s", question);
	return 0;
}

unsigned int
fixture_play(struct fixture *f, const struct wire *query, const struct step *steps,
	char answer[static TEXT_LEN], unsigned int *asked)
{
	unsigned int upstream = 0;

	fixture_query(f, query);
	for (int i = 0; i < 100; i++) {
		struct caught *c = fixture_next(f);
		unsigned int s;

		if (!c) {
			fixture_wait(f);
			continue;
		}
		if (c->d.sport == DNS64_PORT) {
			last_answer = *c;
			last_answer.d.data = last_answer.data;
			message_text(c->data, c->d.len, answer);
			return upstream;
		}
		upstream++;
		s = find_step(c, steps);
		if (asked)
			asked[s]++;
		if (steps[s].reply)
			fixture_reply_text(f, c, steps[s].reply);
	}
	fail_msg("no answer");
	return 0;
}
