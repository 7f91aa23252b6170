// SPDX-License-Identifier: BSD-3-Clause
// Domain names in uncompressed wire form (RFC 1035 §3.1). Length octets are below 64 and letters
// above, so that a whole name can be put into lower case byte by byte (RFC 4343 §3).
#ifndef DNS64_NAME_H
#define DNS64_NAME_H

#include <stdbool.h>
#include <stdint.h>

#define NAME_WIRE_MAX 255
#define NAME_TEXT_LEN 256 // longer presentation forms are cut

struct name {
	uint8_t len; // with the root label, >= 1
	uint8_t b[NAME_WIRE_MAX];
};

extern const uint8_t name_lower_table[256];

// Reads a possibly compressed name. Offset behind it in the message, or -1: it leaves the message,
// is longer than 255, has a label type of no meaning, or a pointer that does not point back.
int name_read(const uint8_t *msg, unsigned int len, unsigned int off, struct name *out);
// Offset behind the name; what a pointer points to is not looked at.
int name_skip(const uint8_t *msg, unsigned int len, unsigned int off);
// From a C string with embedded length octets, whose terminator is the root label.
void name_set(struct name *out, const char *wire);

// As an assignment, but for what follows the name.
void name_copy(struct name *to, const struct name *from);
void name_lower(struct name *n);
bool name_equal(const struct name *a, const struct name *b);
// n is zone itself or below it.
bool name_within(const struct name *n, const struct name *zone);
// Cuts the first label off; false for the root.
bool name_parent(const struct name *n, struct name *out);
// n with its suffix owner replaced by target (RFC 6672 §2.2); false when n is not below owner or
// the result is too long.
bool name_substitute(const struct name *n, const struct name *owner, const struct name *target,
	struct name *out);
// Keyed hash (base/hash.h); n must be in lower case.
uint32_t name_hash(const struct name *n, uint32_t init);
// Presentation form with the escapes of RFC 1035 §5.1.
void name_print(const struct name *n, char out[static NAME_TEXT_LEN]);

#endif
