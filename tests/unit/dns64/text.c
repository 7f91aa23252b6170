// SPDX-License-Identifier: BSD-3-Clause
#include "support.h"

#include <arpa/inet.h>

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
	return (uint16_t)strtoul(text + 4, NULL, 10); // TYPEn
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
		put32(w, (uint32_t)strtoul(text, NULL, 10));
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

void
text_add(char *buf, size_t cap, const char *fmt, ...)
{
	size_t at = strlen(buf);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf + at, cap - at, fmt, ap);
	va_end(ap);
	assert_true(strlen(buf) + 1 < cap);
}

static void
print_name(const uint8_t *b, unsigned int len, unsigned int off, char out[static TEXT_LEN])
{
	char text[NAME_TEXT_LEN];
	struct name n;

	assert_true(name_read(b, len, off, &n) > 0);
	name_print(&n, text);
	text_add(out, TEXT_LEN, "%s", text);
}

static void
print_address(const uint8_t *b, const struct wire_rr *rr, char out[static TEXT_LEN])
{
	char text[ADDR_TEXT_LEN];
	struct in6_addr a6;
	struct in_addr a4;

	if (rr->type == DNS_A) {
		assert_int_equal(rr->rdlen, 4);
		memcpy(&a4, b + rr->rdata, 4);
		addr4_text(a4, text);
	} else {
		assert_int_equal(rr->rdlen, 16);
		memcpy(&a6, b + rr->rdata, 16);
		addr6_text(&a6, text);
	}
	text_add(out, TEXT_LEN, "%s", text);
}

static void
print_rdata(const uint8_t *b, unsigned int len, const struct wire_rr *rr, char out[static TEXT_LEN])
{
	char type[12];

	switch (rr->type) {
	case DNS_A:
	case DNS_AAAA:
		print_address(b, rr, out);
		break;
	case DNS_SOA:
		text_add(out, TEXT_LEN, "%u", wire_u32(b + rr->rdata + rr->rdlen - 4));
		break;
	case DNS_RRSIG:
		type_text(wire_u16(b + rr->rdata), type);
		text_add(out, TEXT_LEN, "%s", type);
		break;
	case 15: // MX
		print_name(b, len, rr->rdata + 2u, out);
		break;
	case 33: // SRV
		print_name(b, len, rr->rdata + 6u, out);
		break;
	case 2: // NS
	case DNS_CNAME:
	case DNS_PTR:
	case DNS_DNAME:
	case DNS_NSEC:
		print_name(b, len, rr->rdata, out);
		break;
	default:
		text_add(out, TEXT_LEN, "%.*s", rr->rdlen, (const char *)b + rr->rdata);
	}
}

static void
print_record(
	const uint8_t *b, unsigned int len, const struct wire_rr *rr, char out[static TEXT_LEN])
{
	char type[12];

	type_text(rr->type, type);
	print_name(b, len, rr->owner, out);
	text_add(out, TEXT_LEN, " %u %s ", rr->ttl, type);
	print_rdata(b, len, rr, out);
}

static int
print_section(
	const uint8_t *b, unsigned int len, unsigned int count, int off, char out[static TEXT_LEN])
{
	const char *sep = " ";
	struct wire_rr rr;

	text_add(out, TEXT_LEN, ";");
	for (unsigned int i = wire_u16(b + count); i > 0; i--) {
		off = wire_read_rr(b, len, (unsigned int)off, &rr);
		assert_true(off > 0);
		if (rr.type == DNS_OPT)
			continue;
		text_add(out, TEXT_LEN, "%s", sep);
		print_record(b, len, &rr, out);
		sep = " | ";
	}
	return off;
}

void
message_text(const uint8_t *b, unsigned int len, char out[static TEXT_LEN])
{
	uint16_t flags = wire_u16(b + 2);
	int off = name_skip(b, len, DNS_HEADER_LEN) + 4;

	out[0] = '\0';
	text_add(out, TEXT_LEN, "%s%s%s%s", (flags & 0xf) < LEN(rcodes) ? rcodes[flags & 0xf] : "?",
		flags & DNS_TC ? " +tc" : "", flags & DNS_AA ? " +aa" : "",
		flags & 0x20 ? " +ad" : "");
	if (wire_u16(b + DNS_QDCOUNT) == 0)
		off = DNS_HEADER_LEN;
	for (unsigned int count = DNS_ANCOUNT; count <= DNS_ARCOUNT; count += 2)
		off = print_section(b, len, count, off, out);
	assert_int_equal(off, len);
}

void
question_text(const uint8_t *b, unsigned int len, char out[static QUESTION_LEN])
{
	struct name n;
	int off = name_read(b, len, DNS_HEADER_LEN, &n);
	char type[12];

	assert_true(off > 0 && (unsigned int)off + 4 <= len);
	type_text(wire_u16(b + off), type);
	name_print(&n, out);
	text_add(out, QUESTION_LEN, " %s", type);
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
