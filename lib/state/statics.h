// SPDX-License-Identifier: BSD-3-Clause
// The configured static bindings of a state. Internal to lib/state.
#ifndef STATE_STATICS_H
#define STATE_STATICS_H

#include "config/config.h"
#include "state/state.h"

extern const uint8_t static_ip_proto[STATIC__N];

struct statics {
	unsigned int n;
	struct config_static *entry;
};

// 0 or -ENOMEM; statics_fini also after a failure.
int statics_copy(struct statics *s, const struct config_nat64 *c, int socket_id);
void statics_fini(struct statics *s);

// One port for one protocol: a binding.
struct static_port {
	const struct config_static *entry;
	uint16_t config;       // its index
	uint8_t proto;         // IPPROTO_*
	uint16_t port4, port6; // t and x
};
struct static_walk {
	uint32_t entry, proto, port;
};
// The next one; all 0 is the beginning. False: there are no more.
bool static_next(const struct statics *all, struct static_walk *w, struct static_port *out);

// How many bindings the worker has of them.
uint32_t statics_count(const struct state_params *p);
bool static_is_own(const struct state *st, const struct config_static *s);
// Makes the binding. 0 or -errno.
int static_make(struct state *st, const struct static_port *p);
// All of this worker's clients. 0 or -errno with err filled.
int statics_init(struct state *st, const struct state_params *p, struct err *err);

#endif
