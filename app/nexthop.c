// SPDX-License-Identifier: BSD-3-Clause
#include "app/nexthop.h"

#include "base/hash.h"

#include <errno.h>
#include <rte_malloc.h>
#include <string.h>

struct nexthop_key {
	struct in6_addr addr;
	uint16_t port;
	uint8_t zero[14];
};
_Static_assert(sizeof(struct nexthop_key) == 32, "rte_hash has a fast compare for 32 bytes");

static struct nexthop_key
key_of(uint16_t port, const struct in6_addr *addr)
{
	struct nexthop_key k = {.addr = *addr, .port = port};

	return k;
}

int
nexthop_table_init(
	struct nexthop_table *t, const char *name, uint32_t size, int socket_id, struct err *err)
{
	const struct rte_hash_parameters hp = {
		.name = name,
		.entries = RTE_MAX(size + size / 4, 64u),
		.key_len = sizeof(struct nexthop_key),
		.hash_func = hash_keyed,
		.socket_id = socket_id,
		.extra_flag = RTE_HASH_EXTRA_FLAGS_EXT_TABLE,
	};

	t->size = size;
	t->hash = rte_hash_create(&hp);
	t->nh = rte_zmalloc_socket("nexthop", size * sizeof(*t->nh), 0, socket_id);
	t->key = rte_zmalloc_socket("nexthop_key", size * sizeof(*t->key), 0, socket_id);
	if (!t->hash || !t->nh || !t->key) {
		nexthop_table_fini(t);
		return err_set(err, -ENOMEM, "no memory for %u next hops", size);
	}
	for (uint32_t i = 0; i < size; i++)
		t->nh[i].gen = 1;
	return 0;
}

void
nexthop_table_fini(struct nexthop_table *t)
{
	rte_hash_free(t->hash);
	rte_free(t->nh);
	rte_free(t->key);
	memset(t, 0, sizeof(*t));
}

static void
renew_at(struct nexthop_table *t, uint32_t idx)
{
	struct nexthop *nh = &t->nh[idx];

	nh->gen = nh->gen == UINT8_MAX ? 1 : nh->gen + 1;
}

static void
remove_at(struct nexthop_table *t, uint32_t idx)
{
	struct nexthop *nh = &t->nh[idx];
	struct nexthop_key k = key_of(t->key[idx].port, &t->key[idx].addr);

	if (!nh->usable)
		return;
	rte_hash_del_key(t->hash, &k);
	nh->usable = false;
	renew_at(t, idx);
}

void
nexthop_apply(struct nexthop_table *t, const struct nexthop_update *u,
	const struct rte_ether_addr *port_mac, uint16_t mtu)
{
	struct nexthop_key k = key_of(u->port, &u->addr);
	struct nexthop *nh;

	if (u->op == NEXTHOP_REMOVE_ALL) {
		for (uint32_t i = 0; i < t->size; i++)
			remove_at(t, i);
		return;
	}
	if (u->idx >= t->size)
		return;
	nh = &t->nh[u->idx];
	if (u->op == NEXTHOP_REMOVE) {
		remove_at(t, u->idx);
		return;
	}
	if (!nh->usable) {
		if (rte_hash_add_key_data(t->hash, &k, (void *)(uintptr_t)u->idx))
			return; // its packets keep going to the first worker, which knows the way
		t->key[u->idx] = *u;
		nh->usable = true;
	}
	nh->mac = u->mac;
	nh->src = *port_mac;
	nh->port = u->port;
	nh->mtu = mtu;
	nh->stale = u->op == NEXTHOP_SET_STALE;
}

bool
nexthop_renew(struct nexthop_table *t, uint32_t *cursor, unsigned int budget)
{
	for (; budget && *cursor < t->size; budget--)
		renew_at(t, (*cursor)++);
	return *cursor < t->size;
}

static bool
is_at(const struct nexthop_table *t, uint32_t idx, uint16_t port, const struct in6_addr *addr)
{
	return t->nh[idx].usable && t->key[idx].port == port &&
	       IN6_ARE_ADDR_EQUAL(&t->key[idx].addr, addr);
}

uint32_t
nexthop_find(struct nexthop_table *t, uint16_t port, const struct in6_addr *addr)
{
	struct nexthop_key k;
	void *data;

	if (is_at(t, t->found, port, addr))
		return t->found;
	k = key_of(port, addr);
	if (rte_hash_lookup_data(t->hash, &k, &data) < 0)
		return NEXTHOP_NONE;
	t->found = (uint32_t)(uintptr_t)data;
	return t->found;
}
