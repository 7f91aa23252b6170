// SPDX-License-Identifier: BSD-3-Clause
// Which ICMP error becomes which (RFC 7915 §4.2, §5.2), as tables. The two directions are not the
// inverse of each other (I64-18). Pure functions.
#ifndef XLAT_ICMP_MAP_H
#define XLAT_ICMP_MAP_H

#include <stdint.h>

enum icmp_arg {
	ICMP_ARG_NONE,        // the second word is 0 (or a length attribute)
	ICMP_ARG_MTU,         // by xlat/mtu.h
	ICMP_ARG_POINTER,     // by icmp_pointer_*
	ICMP_ARG_NEXT_HEADER, // pointer to the Next Header field of the quoted IPv6 header
};

#define ICMP_CODE_KEEP 0xff

struct icmp_rule {
	uint8_t type, code_first, code_last; // as it came
	uint8_t to_type, to_code;            // ICMP_CODE_KEEP: the code stays
	uint8_t arg;                         // enum icmp_arg
};

// NULL: not translated.
const struct icmp_rule *icmp_map_6to4(uint8_t type, uint8_t code);
const struct icmp_rule *icmp_map_4to6(uint8_t type, uint8_t code);

static inline uint8_t
icmp_map_code(const struct icmp_rule *r, uint8_t code)
{
	return r->to_code == ICMP_CODE_KEEP ? code : r->to_code;
}

// Parameter problem pointers. -1: the field has no counterpart.
int icmp_pointer_6to4(uint32_t pointer);
int icmp_pointer_4to6(uint8_t pointer);

#endif
