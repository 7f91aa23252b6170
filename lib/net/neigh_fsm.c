// SPDX-License-Identifier: BSD-3-Clause
// The state machine of RFC 4861 §7.3.2 and appendix C. ARP entries go through the same states.
#include "net/neigh_impl.h"

#include "addr/prefix.h"

#include <assert.h>

const char *const neigh_state_name[] = {
	[NEIGH_FREE] = "free",
	[NEIGH_INCOMPLETE] = "incomplete",
	[NEIGH_REACHABLE] = "reachable",
	[NEIGH_STALE] = "stale",
	[NEIGH_DELAY] = "delay",
	[NEIGH_PROBE] = "probe",
};

static uint32_t
timeout_ms(struct neigh_table *t, enum neigh_state state)
{
	switch (state) {
	case NEIGH_REACHABLE:
		return NEIGH_REACHABLE_MS / 2 + rand_below(&t->rand, NEIGH_REACHABLE_MS + 1);
	case NEIGH_STALE:
		return NEIGH_STALE_MS;
	case NEIGH_DELAY:
		return NEIGH_DELAY_MS;
	default:
		return NEIGH_RETRANS_MS;
	}
}

static void
count_incomplete(struct neigh_table *t, struct neigh_entry *e, enum neigh_state state)
{
	int step = (state == NEIGH_INCOMPLETE) - (e->n.state == NEIGH_INCOMPLETE);

	t->n_incomplete += step;
	t->port_incomplete[e->n.port] += step;
}

static bool
set_mac(struct neigh_entry *e, const struct rte_ether_addr *mac)
{
	if (mac == NULL || rte_is_same_ether_addr(&e->n.mac, mac))
		return false;
	e->n.mac = *mac;
	e->confirmed = false;
	return true;
}

void
neigh_enter(struct neigh_table *t, struct neigh_entry *e, enum neigh_state state,
	const struct rte_ether_addr *mac, uint64_t now_ms)
{
	bool changed = set_mac(e, mac) || e->n.state != state;

	count_incomplete(t, e, state);
	e->n.state = state;
	e->n.tries = 0;
	if (state == NEIGH_REACHABLE) {
		e->confirmed = true;
		e->n.since_ms = now_ms;
	}
	neigh_slot_relist(t, e);
	neigh_timer_set(t, e, now_ms + timeout_ms(t, state));
	if (changed && state != NEIGH_INCOMPLETE)
		t->ops->update(t->ctx, neigh_idx(t, e), &e->n);
}

void
neigh_solicit(struct neigh_table *t, struct neigh_entry *e, uint64_t now_ms)
{
	e->n.tries++;
	e->solicited_ms = now_ms;
	neigh_timer_set(t, e, now_ms + NEIGH_RETRANS_MS);
	t->ops->solicit(t->ctx, &e->n, e->n.state == NEIGH_PROBE);
}

static void
use(struct neigh_table *t, struct neigh_entry *e, uint64_t now_ms)
{
	if (e->n.state == NEIGH_STALE)
		neigh_enter(t, e, NEIGH_DELAY, NULL, now_ms);
}

void
neigh_used(struct neigh_table *t, uint32_t idx, uint64_t now_ms)
{
	if (idx < t->p.max_entries)
		use(t, &t->entry[idx], now_ms);
}

// A MAC was heard: what waits for it goes out, and that is a use (RFC 4861 §7.3.3).
static void
learn(struct neigh_table *t, struct neigh_entry *e, enum neigh_state state,
	const struct rte_ether_addr *mac, uint64_t now_ms)
{
	neigh_enter(t, e, state, mac, now_ms);
	if (e->n.n_waiting == 0)
		return;
	use(t, e, now_ms);
	neigh_queue_deliver(t, e);
}

// GW-ND-05, GW-ARP-03
static bool
is_learnable(const struct in6_addr *addr, const struct rte_ether_addr *mac)
{
	if (!rte_is_valid_assigned_ether_addr(mac))
		return false;
	if (addr_is_mapped4(addr))
		return addr->s6_addr[12] != 0 && addr->s6_addr[12] < 224;
	return !IN6_IS_ADDR_MULTICAST(addr) && !IN6_IS_ADDR_UNSPECIFIED(addr);
}

void
neigh_seen(struct neigh_table *t, uint16_t port, const struct in6_addr *addr,
	const struct rte_ether_addr *mac, bool create, uint64_t now_ms)
{
	struct neigh_entry *e;

	if (!is_learnable(addr, mac))
		return;
	e = neigh_slot_find(t, port, addr);
	if (e == NULL && create)
		e = neigh_slot_take(t, port, addr, now_ms);
	if (e != NULL && !rte_is_same_ether_addr(&e->n.mac, mac))
		learn(t, e, NEIGH_STALE, mac, now_ms);
}

// RFC 9131 §6.1
static void
create_from_advert(struct neigh_table *t, uint16_t port, const struct in6_addr *addr,
	const struct rte_ether_addr *mac, bool router, uint64_t now_ms)
{
	struct neigh_entry *e = neigh_slot_take(t, port, addr, now_ms);

	if (e == NULL)
		return;
	e->n.is_router = router;
	learn(t, e, NEIGH_STALE, mac, now_ms);
}

void
neigh_advert(struct neigh_table *t, uint16_t port, const struct in6_addr *addr,
	const struct rte_ether_addr *mac, bool solicited, bool override, bool router, bool create,
	uint64_t now_ms)
{
	struct neigh_entry *e = neigh_slot_find(t, port, addr);
	bool differs;

	if (mac != NULL && !is_learnable(addr, mac))
		return;
	if (e == NULL) {
		if (create && mac != NULL)
			create_from_advert(t, port, addr, mac, router, now_ms);
		return;
	}
	differs = mac != NULL && !rte_is_same_ether_addr(&e->n.mac, mac);
	if (e->n.state == NEIGH_INCOMPLETE) {
		if (mac == NULL)
			return;
	} else if (differs && !override) {
		if (e->n.state == NEIGH_REACHABLE)
			neigh_enter(t, e, NEIGH_STALE, NULL, now_ms);
		return;
	}
	e->n.is_router = router;
	if (solicited)
		learn(t, e, NEIGH_REACHABLE, mac, now_ms);
	else if (differs)
		learn(t, e, NEIGH_STALE, mac, now_ms);
}

void
neigh_set_link(struct neigh_table *t, uint16_t port, bool up)
{
	t->port_down[port] = !up;
}

static void
fire(struct neigh_table *t, struct neigh_entry *e, uint64_t now_ms)
{
	if (t->port_down[e->n.port] && e->n.state >= NEIGH_STALE) {
		neigh_timer_set(t, e, now_ms + timeout_ms(t, e->n.state));
		return;
	}
	switch ((enum neigh_state)e->n.state) {
	case NEIGH_REACHABLE:
		neigh_enter(t, e, NEIGH_STALE, NULL, now_ms);
		return;
	case NEIGH_DELAY:
		neigh_enter(t, e, NEIGH_PROBE, NULL, now_ms);
		neigh_solicit(t, e, now_ms);
		return;
	case NEIGH_INCOMPLETE:
	case NEIGH_PROBE:
		if (e->n.tries < NEIGH_MAX_SOLICIT) {
			neigh_solicit(t, e, now_ms);
			return;
		}
		neigh_slot_release(t, e);
		return;
	case NEIGH_STALE:
		neigh_slot_release(t, e);
		return;
	case NEIGH_FREE:
		assert(!"a free slot has no timer");
	}
}

void
neigh_tick(struct neigh_table *t, uint64_t now_ms, unsigned int budget)
{
	struct neigh_entry *e;

	while (budget-- > 0 && (e = neigh_timer_due(t, now_ms)) != NULL)
		fire(t, e, now_ms);
}
