// SPDX-License-Identifier: BSD-3-Clause
// What dns64 is told to do, and how it takes up something else while it runs.
#include "dns64/internal.h"

#include <errno.h>
#include <stdlib.h>

// Stubs give up after 5 s (resolv.conf's default); an answer must be there before.
#define CLIENT_BUDGET_MS 4500

static uint32_t
client_budget(const struct config_dns64 *c)
{
	// All tries for AAAA, one for A, and a bit
	uint64_t want = (uint64_t)c->timeout_ms * (c->tries + 1) + c->timeout_ms / 2;

	if ((uint64_t)c->timeout_ms * (c->tries + 1) <= CLIENT_BUDGET_MS)
		return CLIENT_BUDGET_MS;
	return want > UINT32_MAX ? UINT32_MAX : (uint32_t)want;
}

// config_check has looked at the ranges; what would break the tables here is looked at again.
static int
check(const struct config_dns64 *c, struct err *err)
{
	if (c->edns_size < EDNS_MIN_SIZE || c->edns_size > DNS64_MSG_MAX)
		return err_set(err, -EINVAL, "dns64 edns_size %u is not 512 to 4096", c->edns_size);
	if (c->max_pending == 0 || c->max_pending > 1u << 24)
		return err_set(err, -EINVAL, "dns64 max_pending is 0 or above 2^24");
	if (c->port_first == 0 || c->port_last < c->port_first)
		return err_set(err, -EINVAL, "dns64 upstream_ports is no range");
	if (c->timeout_ms == 0 || c->tries == 0)
		return err_set(err, -EINVAL, "dns64 timeout_ms or tries is 0");
	if (c->n_upstream == 0 || c->n_upstream > CONFIG_UPSTREAMS)
		return err_set(err, -EINVAL, "dns64 needs 1 to %d upstreams", CONFIG_UPSTREAMS);
	return 0;
}

static int
init_servers(struct dns64_settings *s, const struct dns64_params *p, struct err *err)
{
	const struct config_dns64 *c = &s->config;

	for (unsigned int i = 0; i < c->n_upstream; i++) {
		bool v4 = addr_is_mapped4(&c->upstream[i].addr);

		s->server[i] = (struct server){
			.addr = c->upstream[i].addr,
			.source = v4 ? p->source4 : p->source6,
			.port = c->upstream[i].port,
		};
		if (IN6_IS_ADDR_UNSPECIFIED(&s->server[i].source))
			return err_set(err, -EADDRNOTAVAIL,
				"dns64 upstream %u has no source address for IPv%d", i, v4 ? 4 : 6);
	}
	return 0;
}

// The prefixes of the translator, the well-known one without any (RFC 6147 §5.2). For reverse names
// the well-known one counts in any case (§5.3.1).
static void
init_prefixes(struct dns64_settings *s, const struct config_nat64 *n)
{
	static const struct prefix6 wkp = {.addr.s6_addr = {0x00, 0x64, 0xff, 0x9b}, .len = 96};
	struct pref64 well_known;
	bool has_wkp = false;

	pref64_init(&well_known, &wkp);
	s->wkp_allow = n->wkp_allow;
	for (unsigned int i = 0; i < n->n_prefix; i++) {
		s->prefix[i] = n->prefix[i];
		has_wkp |= n->prefix[i].is_wkp;
	}
	s->n_prefix = s->n_reverse = n->n_prefix;
	if (!has_wkp)
		s->prefix[s->n_reverse++] = well_known;
	if (s->n_prefix == 0)
		s->n_prefix = 1;
}

// ---- beside those that they follow

static bool
same_server(const struct server *a, const struct server *b)
{
	return IN6_ARE_ADDR_EQUAL(&a->addr, &b->addr) && a->port == b->port;
}

static const struct server *
find_server(const struct dns64_settings *s, const struct server *of)
{
	for (unsigned int i = 0; i < s->config.n_upstream; i++)
		if (same_server(&s->server[i], of))
			return &s->server[i];
	return NULL;
}

// What is open with it may be answered: it is asked from the same address and ports.
static bool
may_go_on(const struct dns64_settings *s, const struct dns64_settings *old, const struct server *is,
	const struct server *was)
{
	return was && IN6_ARE_ADDR_EQUAL(&is->source, &was->source) &&
	       s->config.port_first == old->config.port_first &&
	       s->config.port_last == old->config.port_last;
}

uint16_t
settings_places(const struct dns64_settings *s)
{
	uint16_t places = 0;

	for (unsigned int i = 0; i < s->config.n_upstream; i++)
		places |= (uint16_t)(1u << s->place[i]);
	return places;
}

// A server that goes on keeps its place, others get one that nobody has.
static void
place_servers(struct dns64_settings *s, const struct dns64_settings *old)
{
	uint32_t taken = old ? settings_places(old) : 0;

	for (unsigned int i = 0; i < s->config.n_upstream; i++) {
		const struct server *was = old ? find_server(old, &s->server[i]) : NULL;

		if (was && may_go_on(s, old, &s->server[i], was))
			s->place[i] = old->place[was - old->server];
		else
			s->place[i] = (uint8_t)__builtin_ctz(~taken);
		taken |= 1u << s->place[i];
	}
}

static bool
same_prefixes(const struct dns64_settings *a, const struct dns64_settings *b)
{
	if (a->n_prefix != b->n_prefix)
		return false;
	for (unsigned int i = 0; i < a->n_prefix; i++)
		if (!pref64_equal(&a->prefix[i], &b->prefix[i]))
			return false;
	return true;
}

static bool
same_exclusions(const struct config_dns64 *a, const struct config_dns64 *b)
{
	if (a->n_exclude_aaaa != b->n_exclude_aaaa)
		return false;
	for (unsigned int i = 0; i < a->n_exclude_aaaa; i++)
		if (!prefix6_equal(&a->exclude_aaaa[i], &b->exclude_aaaa[i]))
			return false;
	return true;
}

static bool
same_servers(const struct dns64_settings *a, const struct dns64_settings *b)
{
	if (a->config.n_upstream != b->config.n_upstream)
		return false;
	for (unsigned int i = 0; i < a->config.n_upstream; i++)
		if (!find_server(b, &a->server[i]))
			return false;
	return true;
}

static bool
same_answers(const struct dns64_settings *s, const struct dns64_settings *old)
{
	const struct config_dns64 *is = &s->config, *was = &old->config;

	return same_prefixes(s, old) && s->wkp_allow == old->wkp_allow &&
	       same_exclusions(is, was) && same_servers(s, old) &&
	       is->cache_max_ttl >= was->cache_max_ttl &&
	       is->cache_max_negative_ttl >= was->cache_max_negative_ttl;
}

static struct dns64_settings *
settings_create(const struct dns64_params *p, const struct dns64_settings *old, struct err *err)
{
	struct dns64_settings *s = calloc(1, sizeof(*s));

	if (!s) {
		err_set(err, -ENOMEM, "no memory for dns64");
		return NULL;
	}
	s->config = *p->dns64;
	if (check(&s->config, err) < 0 || init_servers(s, p, err) < 0) {
		dns64_settings_free(s);
		return NULL;
	}
	init_prefixes(s, p->nat64);
	place_servers(s, old);
	s->budget_ms = client_budget(&s->config);
	s->same_answers = old && same_answers(s, old);
	return s;
}

struct dns64_settings *
settings_first(const struct dns64_params *p, struct err *err)
{
	return settings_create(p, NULL, err);
}

void
dns64_settings_free(struct dns64_settings *s)
{
	free(s);
}

// ---- the change

struct dns64_settings *
dns64_change_prepare(const struct dns64 *d, const struct dns64_params *p, struct err *err)
{
	const struct config_dns64 *is = p->dns64, *was = &d->settings->config;

	if (is->cache_entries != was->cache_entries || is->max_pending != was->max_pending ||
		is->edns_size != was->edns_size) {
		err_set(err, -EINVAL, "dns64: the sizes of its tables need a restart");
		return NULL;
	}
	return settings_create(p, d->settings, err);
}

// What was counted of a server goes with it, wherever its place is now.
void
settings_seat(struct dns64 *d, const struct dns64_settings *old)
{
	const struct dns64_settings *s = d->settings;
	uint16_t seated = old ? settings_places(old) : 0;

	for (unsigned int i = 0; i < s->config.n_upstream; i++) {
		const struct server *was = old ? find_server(old, &s->server[i]) : NULL;
		struct upstream *u = &d->upstream[s->place[i]];

		if (seated >> s->place[i] & 1)
			continue;
		*u = was ? d->upstream[old->place[was - old->server]] : (struct upstream){0};
		u->server = s->server[i];
	}
	d->gone = seated & (uint16_t)~settings_places(s);
}

void
dns64_change_begin(struct dns64 *d, struct dns64_settings **s)
{
	struct dns64_settings *old = d->settings;

	d->settings = *s;
	*s = old;
	settings_seat(d, old);
	if (!d->settings->same_answers)
		cache_outdate(d->cache);
}

bool
dns64_change_step(struct dns64 *d, uint32_t *cursor, unsigned int budget, uint64_t now_ms)
{
	if (d->gone && upstream_leave_gone(d, cursor, budget, now_ms))
		return true;
	d->gone = 0;
	return false;
}
