// SPDX-License-Identifier: BSD-3-Clause
// The table of datagrams, and which of their fragments wait.
#include "net/fragment_impl.h"

#include "addr/prefix.h"
#include "base/hash.h"

#include <errno.h>
#include <rte_ip.h>
#include <rte_malloc.h>
#include <stdio.h>

#define MIN_SLOTS     256
#define EXPIRE_AT_ADD 4

struct fragment_table {
	struct fragment_params p;
	const struct fragment_ops *ops;
	void *ctx;
	struct rte_hash *hash; // key to index
	struct datagram *datagram;
	struct datagram_list by_age;  // oldest first; all have the same lifetime
	struct datagram_list by_wait; // those that hold buffers, the first to begin first
	struct datagram_list unused;
	struct fragment_stats stats;
};

// ---- keys

static struct fragment_key
key_of(const struct rte_mbuf *m)
{
	const struct pkt *p = rte_mbuf_to_priv((struct rte_mbuf *)(uintptr_t)m);
	struct fragment_key k = {
		.id = p->frag.id, .family = p->family, .proto = p->proto, .pref64 = p->pref64};
	const struct rte_ipv4_hdr *ip4 = rte_pktmbuf_mtod(m, const struct rte_ipv4_hdr *);
	const struct rte_ipv6_hdr *ip6 = rte_pktmbuf_mtod(m, const struct rte_ipv6_hdr *);

	if (p->family == 6) {
		memcpy(&k.src, &ip6->src_addr, sizeof(k.src));
		k.dst4 = p->dst4;
	} else {
		addr_map4(&k.src, (struct in_addr){ip4->src_addr});
		k.dst4 = ip4->dst_addr;
		k.pref64 = 0;
	}
	return k;
}

uint32_t
fragment_hash(const struct rte_mbuf *m)
{
	const struct fragment_key k = key_of(m);

	return hash_keyed(&k, sizeof(k), 0);
}

// ---- datagrams come and go

// Takes what waits out of the datagram, for each to be dealt with by fn.
static void
let_go(struct fragment_table *t, struct datagram *d, enum drop_reason why,
	void (*fn)(struct fragment_table *, struct datagram *, struct rte_mbuf *, enum drop_reason))
{
	if (d->held == 0)
		return;
	TAILQ_REMOVE(&t->by_wait, d, by_wait);
	t->stats.bytes -= d->held;
	d->held = 0;
	for (unsigned int i = 0; i < d->n; i++) {
		struct rte_mbuf *m = d->piece[i].m;

		if (!m)
			continue;
		d->piece[i].m = NULL;
		t->stats.waiting--;
		fn(t, d, m, why);
	}
}

static void
drop_one(struct fragment_table *t, struct datagram *d, struct rte_mbuf *m, enum drop_reason why)
{
	t->ops->drop(t->ctx, m, why);
}

static void
pass_one(struct fragment_table *t, struct datagram *d, struct rte_mbuf *m, enum drop_reason why)
{
	datagram_tell(d, pkt_of(m));
	t->ops->pass(t->ctx, m);
}

static void
end(struct fragment_table *t, struct datagram *d, enum drop_reason why)
{
	let_go(t, d, why, drop_one);
	rte_hash_del_key_with_hash(t->hash, &d->key, d->hash);
	TAILQ_REMOVE(&t->by_age, d, by_age);
	TAILQ_INSERT_HEAD(&t->unused, d, by_age);
	t->stats.datagrams--;
}

unsigned int
fragment_expire(struct fragment_table *t, uint64_t now_ms, unsigned int budget)
{
	struct datagram *d;
	unsigned int n = 0;

	while (n < budget && (d = TAILQ_FIRST(&t->by_age)) != NULL && d->due_ms <= now_ms) {
		end(t, d, DROP_FRAG_TIMEOUT);
		n++;
	}
	return n;
}

static struct datagram *
begin(struct fragment_table *t, const struct fragment_key *k, uint32_t hash, uint64_t now_ms)
{
	struct datagram *d;

	if (TAILQ_EMPTY(&t->unused))
		end(t, TAILQ_FIRST(&t->by_age), DROP_FRAG_LIMIT);
	d = TAILQ_FIRST(&t->unused);
	if (rte_hash_add_key_with_hash_data(t->hash, k, hash, (void *)(uintptr_t)(d - t->datagram)))
		return NULL;
	TAILQ_REMOVE(&t->unused, d, by_age);
	memset(d, 0, offsetof(struct datagram, piece));
	d->key = *k;
	d->hash = hash;
	d->due_ms = now_ms + t->p.timeout_ms;
	d->refused = (uint8_t)DROP_NONE;
	TAILQ_INSERT_TAIL(&t->by_age, d, by_age);
	t->stats.datagrams++;
	return d;
}

static struct datagram *
find(struct fragment_table *t, const struct fragment_key *k, uint32_t hash)
{
	void *data;

	if (rte_hash_lookup_with_hash_data(t->hash, k, hash, &data) < 0)
		return NULL;
	return &t->datagram[(uintptr_t)data];
}

// ---- fragments wait and pass

// The key stays until it is due, so that no later fragment makes a datagram of the rest.
static void
refuse(struct fragment_table *t, struct datagram *d, struct rte_mbuf *m, enum drop_reason why)
{
	let_go(t, d, why, drop_one);
	d->refused = (uint8_t)why;
	t->ops->drop(t->ctx, m, why);
}

static void
hold(struct fragment_table *t, struct datagram *d, unsigned int at, struct rte_mbuf *m)
{
	struct datagram *oldest;

	while (t->stats.bytes + m->buf_len > t->p.max_bytes) {
		oldest = TAILQ_FIRST(&t->by_wait);
		if (!oldest || oldest == d) {
			refuse(t, d, m, DROP_FRAG_LIMIT);
			return;
		}
		end(t, oldest, DROP_FRAG_LIMIT);
	}
	if (d->held == 0)
		TAILQ_INSERT_TAIL(&t->by_wait, d, by_wait);
	d->piece[at].m = m;
	d->held += m->buf_len;
	t->stats.bytes += m->buf_len;
	t->stats.waiting++;
}

static void
finish(struct fragment_table *t, struct datagram *d)
{
	enum drop_reason why = d->whole ? datagram_sum_up(d) : DROP_NONE;

	if (why == DROP_NONE)
		let_go(t, d, DROP_NONE, pass_one);
	end(t, d, why);
}

// A fragment that fits to the others, at its place.
static void
take(struct fragment_table *t, struct datagram *d, unsigned int at, struct rte_mbuf *m)
{
	if (d->has_first && !d->whole)
		pass_one(t, d, m, DROP_NONE);
	else
		hold(t, d, at, m);
	if (d->refused != (uint8_t)DROP_NONE)
		return;
	if (d->has_first && !d->whole)
		let_go(t, d, DROP_NONE, pass_one);
	if (datagram_is_complete(d))
		finish(t, d);
}

void
fragment_add(struct fragment_table *t, struct rte_mbuf *m, uint64_t now_ms)
{
	const struct fragment_key k = key_of(m);
	const uint32_t hash = hash_keyed(&k, sizeof(k), 0);
	const struct pkt *p = pkt_of(m);
	struct datagram *d;
	enum drop_reason why;
	unsigned int at;

	fragment_expire(t, now_ms, EXPIRE_AT_ADD);
	d = find(t, &k, hash);
	if (!d)
		d = begin(t, &k, hash, now_ms);
	if (!d || d->refused != (uint8_t)DROP_NONE) {
		t->ops->drop(t->ctx, m, d ? d->refused : DROP_FRAG_LIMIT);
		return;
	}
	why = datagram_enter(d, p, &at);
	if (why == DROP_NONE && p->frag.off == 0)
		why = datagram_learn(d, p);
	if (why == DROP_NONE) {
		// of those that count only: what has passed cannot be held back any more
		d->whole |= (p->flags & PKT_WHOLE) != 0;
		take(t, d, at, m);
	} else if (why == DROP_FRAG_DUPLICATE) {
		t->ops->drop(t->ctx, m, why);
	} else {
		refuse(t, d, m, why);
	}
}

struct fragment_stats
fragment_stats(const struct fragment_table *t)
{
	return t->stats;
}

// ---- making and freeing

static struct rte_hash *
create_hash(uint32_t limit, int socket_id)
{
	static uint32_t serial; // names are unique in the process; several tables may live in it
	uint32_t slots = RTE_MAX(rte_align32pow2(limit + limit / 4 + 1), (uint32_t)MIN_SLOTS);
	char name[RTE_HASH_NAMESIZE];

	snprintf(name, sizeof(name), "g64_frag_%x",
		__atomic_fetch_add(&serial, 1, __ATOMIC_RELAXED));
	return rte_hash_create(&(struct rte_hash_parameters){
		.name = name,
		.entries = slots,
		.key_len = sizeof(struct fragment_key),
		.hash_func = hash_keyed,
		.socket_id = socket_id,
	});
}

struct fragment_table *
fragment_create(
	const struct fragment_params *p, const struct fragment_ops *ops, void *ctx, struct err *err)
{
	struct fragment_table *t =
		rte_zmalloc_socket("fragments", sizeof(*t), RTE_CACHE_LINE_SIZE, p->socket_id);

	if (t) {
		t->p = *p;
		t->ops = ops;
		t->ctx = ctx;
		TAILQ_INIT(&t->by_age);
		TAILQ_INIT(&t->by_wait);
		TAILQ_INIT(&t->unused);
		t->hash = create_hash(p->max_datagrams, p->socket_id);
		t->datagram = rte_zmalloc_socket("fragments",
			(size_t)p->max_datagrams * sizeof(*t->datagram), RTE_CACHE_LINE_SIZE,
			p->socket_id);
	}
	if (!t || !t->hash || !t->datagram) {
		err_set(err, -ENOMEM, "no memory for the fragments of %u datagrams",
			p->max_datagrams);
		fragment_free(t);
		return NULL;
	}
	for (uint32_t i = 0; i < p->max_datagrams; i++)
		TAILQ_INSERT_TAIL(&t->unused, &t->datagram[i], by_age);
	return t;
}

void
fragment_limit(struct fragment_table *t, uint64_t max_bytes, uint32_t timeout_ms)
{
	t->p.max_bytes = max_bytes;
	t->p.timeout_ms = timeout_ms;
}

void
fragment_free(struct fragment_table *t)
{
	if (!t)
		return;
	while (!TAILQ_EMPTY(&t->by_age))
		end(t, TAILQ_FIRST(&t->by_age), DROP_FRAG_TIMEOUT);
	rte_hash_free(t->hash);
	rte_free(t->datagram);
	rte_free(t);
}
