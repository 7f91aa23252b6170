// SPDX-License-Identifier: BSD-3-Clause
#include "dns64/name.h"

#include "base/hash.h"

#include <string.h>

#define POINTER 0xc0

#define ROW(x) \
	x, x + 1, x + 2, x + 3, x + 4, x + 5, x + 6, x + 7, x + 8, x + 9, x + 10, x + 11, x + 12, \
		x + 13, x + 14, x + 15

const uint8_t name_lower_table[256] = {
	ROW(0x00),
	ROW(0x10),
	ROW(0x20),
	ROW(0x30),
	'@',
	'a',
	'b',
	'c',
	'd',
	'e',
	'f',
	'g',
	'h',
	'i',
	'j',
	'k',
	'l',
	'm',
	'n',
	'o',
	'p',
	'q',
	'r',
	's',
	't',
	'u',
	'v',
	'w',
	'x',
	'y',
	'z',
	'[',
	'\\',
	']',
	'^',
	'_',
	ROW(0x60),
	ROW(0x70),
	ROW(0x80),
	ROW(0x90),
	ROW(0xa0),
	ROW(0xb0),
	ROW(0xc0),
	ROW(0xd0),
	ROW(0xe0),
	ROW(0xf0),
};

int
name_read(const uint8_t *msg, unsigned int len, unsigned int off, struct name *out)
{
	unsigned int limit = off; // a pointer must point before the part that it stands in
	unsigned int n = 0;
	int end = -1;

	for (;;) {
		unsigned int l;

		if (off >= len)
			return -1;
		l = msg[off];
		if ((l & POINTER) == POINTER) {
			if (off + 1 >= len)
				return -1;
			if (end < 0)
				end = (int)off + 2;
			off = (l & 0x3f) << 8 | msg[off + 1];
			if (off >= limit)
				return -1;
			limit = off;
			continue;
		}
		if (l > 63 || off + 1 + l > len || n + 1 + l > NAME_WIRE_MAX)
			return -1;
		memcpy(out->b + n, msg + off, 1 + l);
		n += 1 + l;
		off += 1 + l;
		if (l == 0)
			break;
	}
	out->len = (uint8_t)n;
	return end < 0 ? (int)off : end;
}

int
name_skip(const uint8_t *msg, unsigned int len, unsigned int off)
{
	while (off < len) {
		unsigned int l = msg[off];

		if ((l & POINTER) == POINTER)
			return off + 2 <= len ? (int)off + 2 : -1;
		if (l > 63)
			return -1;
		off += 1 + l;
		if (l == 0)
			return (int)off;
	}
	return -1;
}

void
name_set(struct name *out, const char *wire)
{
	size_t n = strlen(wire) + 1;

	memcpy(out->b, wire, n);
	out->len = (uint8_t)n;
}

void
name_copy(struct name *to, const struct name *from)
{
	to->len = from->len;
	memcpy(to->b, from->b, from->len);
}

// Eight octets at once: those from 'A' to 'Z' have bit 7 of exactly one of the sums set.
static uint64_t
lower8(uint64_t w)
{
	const uint64_t ones = 0x0101010101010101u, low = w & 0x7f * ones;
	uint64_t from_a = low + (0x80 - 'A') * ones, above_z = low + (0x7f - 'Z') * ones;

	return w | ((from_a ^ above_z) & ~w & 0x80 * ones) >> 2;
}

void
name_lower(struct name *n)
{
	unsigned int i = 0;
	uint64_t w;

	for (; i + sizeof(w) <= n->len; i += sizeof(w)) {
		memcpy(&w, n->b + i, sizeof(w));
		w = lower8(w);
		memcpy(n->b + i, &w, sizeof(w));
	}
	for (; i < n->len; i++)
		n->b[i] = name_lower_table[n->b[i]];
}

static bool
bytes_equal(const uint8_t *a, const uint8_t *b, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		if (name_lower_table[a[i]] != name_lower_table[b[i]])
			return false;
	return true;
}

bool
name_equal(const struct name *a, const struct name *b)
{
	return a->len == b->len && bytes_equal(a->b, b->b, a->len);
}

// Where the last `tail` octets of n begin, if a label begins there; -1 otherwise.
static int
suffix_start(const struct name *n, unsigned int tail)
{
	unsigned int off = 0;

	while ((unsigned int)n->len - off > tail)
		off += 1u + n->b[off];
	return (unsigned int)n->len - off == tail ? (int)off : -1;
}

bool
name_within(const struct name *n, const struct name *zone)
{
	int off = n->len >= zone->len ? suffix_start(n, zone->len) : -1;

	return off >= 0 && bytes_equal(n->b + off, zone->b, zone->len);
}

bool
name_parent(const struct name *n, struct name *out)
{
	unsigned int skip = 1u + n->b[0];

	if (n->len <= 1)
		return false;
	memmove(out->b, n->b + skip, n->len - skip);
	out->len = (uint8_t)(n->len - skip);
	return true;
}

bool
name_substitute(
	const struct name *n, const struct name *owner, const struct name *target, struct name *out)
{
	unsigned int head;

	if (n->len <= owner->len || !name_within(n, owner))
		return false;
	head = (unsigned int)n->len - owner->len;
	if (head + target->len > NAME_WIRE_MAX)
		return false;
	memcpy(out->b, n->b, head);
	memcpy(out->b + head, target->b, target->len);
	out->len = (uint8_t)(head + target->len);
	return true;
}

uint32_t
name_hash(const struct name *n, uint32_t init)
{
	uint8_t block[64];
	uint32_t h = init;

	for (unsigned int off = 0; off < n->len; off += sizeof(block)) {
		unsigned int part = n->len - off < 64u ? n->len - off : 64u;
		unsigned int padded = (part + 15) & ~15u;

		memset(block + padded - 16, 0, 16);
		memcpy(block, n->b + off, part);
		h = hash_keyed(block, padded, h);
	}
	return h;
}

// One octet of a label, as at most 4 characters.
static unsigned int
print_octet(uint8_t c, char out[static 4])
{
	bool special = c == '.' || c == '\\' || c == '"' || c == ';' || c == '@' || c == '$';

	out[0] = '\\';
	if (special) {
		out[1] = (char)c;
		return 2;
	}
	if (c > 0x20 && c < 0x7f) {
		out[0] = (char)c;
		return 1;
	}
	out[1] = (char)('0' + c / 100);
	out[2] = (char)('0' + c / 10 % 10);
	out[3] = (char)('0' + c % 10);
	return 4;
}

void
name_print(const struct name *n, char out[static NAME_TEXT_LEN])
{
	unsigned int pos = 0;

	for (unsigned int off = 0; n->b[off] != 0; off += 1u + n->b[off]) {
		for (unsigned int i = 1; i <= n->b[off]; i++) {
			if (pos + 6 > NAME_TEXT_LEN)
				goto cut;
			pos += print_octet(n->b[off + i], out + pos);
		}
		out[pos++] = '.';
	}
	if (pos == 0)
		out[pos++] = '.';
cut:
	out[pos] = '\0';
}
