// SPDX-License-Identifier: BSD-3-Clause
// The tables of all keys: they drive loading, defaults, error texts, docs/config.md,
// docs/drivers.md. Internal to lib/config.
#ifndef CONFIG_SCHEMA_H
#define CONFIG_SCHEMA_H

#include "config/config.h"

#include <stddef.h>
#include <stdio.h>

struct config_key;

// A value on its way from text to field.
struct setting {
	const struct config *config; // as far as it is read
	const struct config_key *key;
	void *base;  // struct that holds the field
	void *field; // where the value goes; parse may move it to where it did go
};

struct config_type {
	const char *what; // it is, for messages and docs; NULL: describe does it
	void (*describe)(const struct config_key *k, char *buf, size_t len);
	// NULL, or what is wrong with text.
	const char *(*parse)(struct setting *s, const char *text);
	size_t used; // leading bytes of its field that count, the rest is padding; 0: all
};

enum config_kind {
	KEY_VALUE,
	KEY_VALUES,  // list of values
	KEY_SECTION, // mapping
	KEY_ITEMS,   // list of mappings
};

// What a change of the key takes. There is no default: each key has to say.
enum config_change {
	CHANGE_UNSAID,
	CHANGE_LIVE,    // a reload
	CHANGE_RESTART, // a restart
};

// Where a key's value is kept: a field, or the entries of a list.
struct config_place {
	size_t offset, size; // size of one entry; 0: nowhere
	size_t n_offset;     // of a list: its count
	size_t used;         // as struct config_type
};

struct config_key {
	const char *path; // [] stands for the number of a list's entry
	enum config_kind kind;
	const struct config_type *type;
	size_t offset, size;          // of the field, or of one entry of a list
	size_t n_offset, max;         // of a list: its count, its room
	struct config_place also;     // what the type fills besides
	enum config_change change;    // not of a section, not in driver_schema
	unsigned long long min, high; // of a number
	const char *choices[8];       // their index is the value, or their bit among flags
	const char *def;              // as one would write it
	const char *def_text;         // for the docs, when it depends on other settings
	const char *unit;
	const char *help;
	const char *word;      // of a list: may stand in place of it and leaves it empty
	const char *shorthand; // of KEY_ITEMS: the key that an entry without keys gives
	bool required;
	bool may_be_empty; // list
	bool self_placed;  // list whose type finds the place of each entry itself
};

// All keys of a file. Lists come before what refers to their entries.
struct schema {
	const struct config_key *key;
	unsigned int n;
};

extern const struct schema config_schema; // of struct config
extern const struct schema driver_schema; // of struct driver_cfg

// True when path names a key directly inside the section (or list entry) of that path.
bool config_path_is_in(const char *path, const char *section);
// Last part of a path.
const char *config_path_leaf(const char *path);
// "60 to 86400 seconds", "none | private | all", "an IPv6 address ..."
void config_describe(const struct config_key *k, char *buf, size_t len);
// A table of all keys, a chapter for each section.
void config_print_keys(const struct schema *s, FILE *out);

extern const struct config_type config_type_number, config_type_bool, config_type_choice,
	config_type_cpu, config_type_name, config_type_device, config_type_socket,
	config_type_port_ref, config_type_port_range, config_type_mss, config_type_text,
	config_type_flags, config_type_octet, config_type_static_proto;
extern const struct config_type config_type_state_file;
extern const struct config_type config_type_addr4, config_type_addr6, config_type_addr,
	config_type_port_addr, config_type_prefix, config_type_prefix6, config_type_pref64,
	config_type_pref64_ref, config_type_pool_addr, config_type_upstream, config_type_prefix4,
	config_type_static_addr, config_type_pref64_index;

// ---- for the tables

#define N(a)                  (sizeof(a) / sizeof((a)[0]))
#define SIZE_IN(type, member) sizeof(((type *)0)->member)
#define FIELD(type, member)   .offset = offsetof(type, member), .size = SIZE_IN(type, member)
#define ENTRIES(type, array, count) \
	.offset = offsetof(type, array), .size = SIZE_IN(type, array[0]), \
	.n_offset = offsetof(type, count), .max = N(((type *)0)->array)
#define TYPE(t)            .type = &config_type_##t
#define ALSO(type, member) .also = {.offset = offsetof(type, member), .size = SIZE_IN(type, member)}
#define LIVE               .change = CHANGE_LIVE
#define RESTART            .change = CHANGE_RESTART

#endif
