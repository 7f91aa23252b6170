// SPDX-License-Identifier: BSD-3-Clause
// Names and records: limits, pointers, compression, the types whose data holds names.
#include "support.h"

#include "base/hash.h"

#define BYTES(s) (const uint8_t *)s, sizeof(s) - 1

static void
dns_misc_02_names(void **state)
{
	static const struct {
		const char *what;
		const uint8_t *msg;
		size_t len;
		unsigned int off;
		int end; // -1: refused
		const char *text;
	} rows[] = {
		{"root", BYTES("\0"), 0, 1, "."},
		{"plain", BYTES("\3www\2ex\0"), 0, 8, "www.ex."},
		{"pointer", BYTES("\2ex\0\3www\xc0\0"), 4, 10, "www.ex."},
		{"pointer to pointer", BYTES("\2ex\0\1b\xc0\0\1a\xc0\4"), 8, 12, "a.b.ex."},
		{"to itself", BYTES("\xc0\0"), 0, -1, ""},
		{"forward", BYTES("\xc0\2\0"), 0, -1, ""},
		{"into its own labels", BYTES("\1a\1b\xc0\2"), 0, -1, ""},
		{"loop of two", BYTES("\1a\xc0\4\1b\xc0\0"), 4, -1, ""},
		{"half a pointer", BYTES("\0\xc0"), 1, -1, ""},
		{"label leaves", BYTES("\3ww"), 0, -1, ""},
		{"no root", BYTES("\3www"), 0, -1, ""},
		{"label type 10", BYTES("\x80\0"), 0, -1, ""},
		{"label of 64",
			BYTES("\x40"
			      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\0"),
			0, -1, ""},
		{"empty", BYTES(""), 0, -1, ""},
		{"escapes", BYTES("\6a.b\\c\x01\0"), 0, 8, "a\\.b\\\\c\\001."},
	};

	for (unsigned int i = 0; i < LEN(rows); i++) {
		uint8_t *copy = malloc(rows[i].len + 1);
		char text[NAME_TEXT_LEN];
		struct name n;
		int end;

		memcpy(copy, rows[i].msg, rows[i].len);
		end = name_read(copy, (unsigned int)rows[i].len, rows[i].off, &n);
		if (end != rows[i].end)
			fail_msg("%s: ends at %d", rows[i].what, end);
		if (end >= 0) {
			name_print(&n, text);
			assert_string_equal(text, rows[i].text);
		}
		free(copy);
	}
}

// 255 octets are a name, 256 are not; printing one of the longest stays within its buffer.
static void
dns_misc_02_longest_name(void **state)
{
	uint8_t msg[300] = {0};
	char text[NAME_TEXT_LEN];
	struct name n;

	for (unsigned int i = 0; i < 127; i++) {
		msg[2 * i] = 1;
		msg[2 * i + 1] = 0xff;
	}
	assert_int_equal(name_read(msg, sizeof(msg), 0, &n), 255);
	name_print(&n, text);
	assert_true(strlen(text) < NAME_TEXT_LEN);
	msg[0] = 2;
	memmove(msg + 3, msg + 2, 253);
	msg[2] = 'x';
	assert_int_equal(name_read(msg, sizeof(msg), 0, &n), -1);
}

static void
name_relations(void **state)
{
	static const struct {
		const char *name, *zone;
		bool within;
	} rows[] = {
		{"a.ex.", "ex.", true},
		{"EX.", "ex.", true},
		{"ex.", ".", true},
		{"aex.", "ex.", false},
		{"ex.", "a.ex.", false},
		{"a.ex.com.", "ex.", false},
	};
	struct name n, zone, target, out;
	char text[NAME_TEXT_LEN];

	for (unsigned int i = 0; i < LEN(rows); i++) {
		text_name(rows[i].name, &n);
		text_name(rows[i].zone, &zone);
		assert_int_equal(name_within(&n, &zone), rows[i].within);
	}
	text_name("x.y.old.ex.", &n);
	text_name("Old.ex.", &zone);
	text_name("new.net.", &target);
	assert_true(name_substitute(&n, &zone, &target, &out));
	name_print(&out, text);
	assert_string_equal(text, "x.y.new.net.");
	assert_false(name_substitute(&zone, &zone, &target, &out));
}

// Every octet at every place, as the table has it, and nothing behind the name.
static void
name_lowers(void **state)
{
	struct name n;

	for (unsigned int len = 1; len <= NAME_WIRE_MAX; len += len < 20 ? 1 : 47)
		for (unsigned int c = 0; c < 256; c++) {
			for (unsigned int i = 0; i < NAME_WIRE_MAX; i++)
				n.b[i] = (uint8_t)(c + i);
			n.len = (uint8_t)len;
			name_lower(&n);
			for (unsigned int i = 0; i < len; i++)
				assert_int_equal(n.b[i], name_lower_table[(uint8_t)(c + i)]);
			for (unsigned int i = len; i < NAME_WIRE_MAX; i++)
				assert_int_equal(n.b[i], (uint8_t)(c + i));
		}
}

// Length, case and every octet count.
static void
name_hashes(void **state)
{
	struct name a, b;

	hash_key_init();
	text_name("www.example.com.", &a);
	text_name("WWW.example.com.", &b);
	name_lower(&b);
	assert_int_equal(name_hash(&a, 1), name_hash(&b, 1));
	assert_int_not_equal(name_hash(&a, 1), name_hash(&a, 2));
	for (unsigned int i = 1; i + 1 < a.len; i++) {
		b = a;
		b.b[i] ^= 1;
		assert_int_not_equal(name_hash(&a, 1), name_hash(&b, 1));
	}
	for (unsigned int i = 0; i < 255; i++)
		a.b[i] = (uint8_t)(i % 64 ? 'a' : 63);
	a.len = 255;
	b = a;
	b.b[200] = 'b';
	assert_int_not_equal(name_hash(&a, 1), name_hash(&b, 1));
}

// RFC 3597 §4: compressed data comes out decompressed, and compressed again for old types only.
static void
record_data_with_names(void **state)
{
	static const uint8_t in[] = "\2ex\0"                                  // 0
				    "\xc0\0\0\x0f\0\1\0\0\0\1\0\4\0\12\xc0\0" // 4: MX 10 ex.
				    "\xc0\0\0\x21\0\1\0\0\0\1\0\10\0\1\0\2\0\3\xc0\0" // 20: SRV
				    "\xc0\0\0\x23\0\1\0\0\0\1\0\14\0\1\0\2\1u\1s\1r\xc0\0"; // 40
	static const uint8_t want[] = "\xc0\x0c\0\x0f\0\1\0\0\0\7\0\4\0\12\xc0\x0c"
				      "\xc0\x0c\0\x21\0\1\0\0\0\7\0\12\0\1\0\2\0\3\2ex\0"
				      "\xc0\x0c\0\x23\0\1\0\0\0\7\0\16\0\1\0\2\1u\1s\1r\2ex\0";
	uint8_t buf[512];
	struct wire_rr rr;
	struct wire_out o;
	struct name n;
	int off = 4;

	text_name("ex.", &n);
	wire_begin(&o, buf, sizeof(buf), &n, 1, 1);
	for (int i = 0; i < 3; i++) {
		off = wire_read_rr(in, sizeof(in) - 1, (unsigned int)off, &rr);
		assert_true(off > 0);
		assert_int_equal(wire_copy_rr(&o, in, sizeof(in) - 1, &rr, 7), WIRE_OK);
	}
	assert_int_equal(off, sizeof(in) - 1);
	assert_int_equal(o.len, 20 + sizeof(want) - 1);
	assert_memory_equal(buf + 20, want, sizeof(want) - 1);
}

static void
record_data_malformed(void **state)
{
	static const struct {
		const char *what;
		const uint8_t *rr;
		size_t len;
	} rows[] = {
		{"A of 3", BYTES("\0\0\1\0\1\0\0\0\1\0\3abc")},
		{"AAAA of 15", BYTES("\0\0\x1c\0\1\0\0\0\1\0\x0f"
				     "abcdefghijklmno")},
		{"CNAME with a rest", BYTES("\0\0\5\0\1\0\0\0\1\0\2\0x")},
		{"CNAME cut", BYTES("\0\0\5\0\1\0\0\0\1\0\2\3x")},
		{"CNAME empty", BYTES("\0\0\5\0\1\0\0\0\1\0\0")},
		{"MX of 1", BYTES("\0\0\x0f\0\1\0\0\0\1\0\1x")},
		{"SOA short", BYTES("\0\0\6\0\1\0\0\0\1\0\6\0\0abcd")},
		{"NAPTR string leaves", BYTES("\0\0\x23\0\1\0\0\0\1\0\6\0\1\0\2\x20u")},
	};
	uint8_t buf[512];
	struct wire_rr rr;
	struct wire_out o;
	struct name n;

	text_name("ex.", &n);
	wire_begin(&o, buf, sizeof(buf), &n, 1, 1);
	for (unsigned int i = 0; i < LEN(rows); i++) {
		assert_int_equal(
			wire_read_rr(rows[i].rr, (unsigned int)rows[i].len, 0, &rr), rows[i].len);
		if (wire_copy_rr(&o, rows[i].rr, (unsigned int)rows[i].len, &rr, 1) != WIRE_BAD)
			fail_msg("%s accepted", rows[i].what);
		assert_int_equal(o.len, 20);
		assert_int_equal(
			wire_read_rr(rows[i].rr, (unsigned int)rows[i].len - 1, 0, &rr), -1);
	}
}

static void
repeated_name(struct name *n, const char label[3], unsigned int labels)
{
	n->len = (uint8_t)(labels * 4 + 1);
	for (unsigned int i = 0; i < labels; i++) {
		n->b[i * 4] = 3;
		memcpy(n->b + i * 4 + 1, label, 3);
	}
	n->b[labels * 4] = 0;
}

// A name that is being written is no target of its own labels, whatever the buffer held before:
// among so many names the short hash of some suffix is that of the next.
static void
name_does_not_point_to_itself(void **state)
{
	uint8_t buf[512] = {0};
	struct wire_out o;
	struct name less, n, back;

	for (unsigned int k = 0; k < 26 * 26 * 26; k++) {
		const char label[3] = {
			(char)('a' + k % 26), (char)('a' + k / 26 % 26), (char)('a' + k / 676)};

		repeated_name(&less, label, 59);
		repeated_name(&n, label, 60);
		wire_begin(&o, buf, sizeof(buf), &less, 1, 1);
		wire_begin(&o, buf, sizeof(buf), &n, 1, 1);
		assert_int_equal(name_read(buf, o.len, 12, &back), 12 + n.len);
		assert_true(name_equal(&n, &back));
	}
}

// What does not fit leaves nothing behind, not even a name to point to.
static void
full_message(void **state)
{
	uint8_t buf[64];
	struct wire_out o;
	struct name n, far;
	struct wire_rr rr;

	text_name("ex.", &n);
	text_name("a.long.name.ex.", &far);
	wire_begin(&o, buf, sizeof(buf), &n, 1, 1);
	assert_int_equal(wire_put_rr(&o, &n, DNS_A, 1, "\1\2\3\4", 4), WIRE_OK);
	assert_int_equal(o.len, 20 + 16);
	assert_int_equal(wire_put_rr(&o, &far, DNS_AAAA, 1, "0123456789abcdef", 16), WIRE_FULL);
	assert_true(o.full);
	assert_int_equal(o.len, 20 + 16);
	assert_int_equal(wire_put_rr(&o, &far, DNS_A, 1, "", 0), WIRE_OK);
	assert_int_equal(wire_read_rr(buf, o.len, 36, &rr), o.len);
	assert_true(wire_owner_is(buf, o.len, &rr, &far));
	assert_int_equal(o.len, 36 + 12 + 2 + 10); // three labels and a pointer
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dns_misc_02_names),
		cmocka_unit_test(dns_misc_02_longest_name),
		cmocka_unit_test(name_lowers),
		cmocka_unit_test(name_relations),
		cmocka_unit_test(name_hashes),
		cmocka_unit_test(record_data_with_names),
		cmocka_unit_test(record_data_malformed),
		cmocka_unit_test(name_does_not_point_to_itself),
		cmocka_unit_test(full_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
