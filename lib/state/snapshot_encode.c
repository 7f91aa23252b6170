// SPDX-License-Identifier: BSD-3-Clause
#include "state/internal.h"
#include "state/snapshot_format.h"

#include <assert.h>
#include <stdlib.h>

struct encoder {
	const struct state *st; // that is being walked
	unsigned int n_prefix;
	uint32_t now_sec;
	uint8_t *at; // behind the last record
	struct snapshot_block *block;
	uint32_t index, n; // of the block, and its records so far
};

static void
block_end(struct encoder *e, size_t record_len)
{
	if (!e->block)
		return;
	e->block->index = rte_cpu_to_le_32(e->index++);
	e->block->n = rte_cpu_to_le_32(e->n);
	e->block->crc = snapshot_block_crc(e->block, record_len);
	e->block = NULL;
}

static void *
next_record(struct encoder *e, size_t record_len)
{
	void *record;

	if (e->block && e->n == SNAPSHOT_RECORDS)
		block_end(e, record_len);
	if (!e->block) {
		e->block = (struct snapshot_block *)e->at;
		e->at += sizeof(*e->block);
		e->n = 0;
	}
	record = e->at;
	e->at += record_len;
	e->n++;
	return record;
}

// One of the prefixes under which the client has the addresses that it has.
static uint8_t
client_pref64(const struct encoder *e, const struct client *c)
{
	const unsigned int n = RTE_MIN(e->n_prefix, e->st->pool.client_sets.n_prefix);

	for (unsigned int i = 0; i < n; i++)
		if (client_key_for(e->st, &c->src6, i).set == c->set)
			return (uint8_t)i;
	return 0;
}

static void
put_session(void *arg, struct session *s)
{
	struct encoder *e = arg;
	const struct bib *b = &e->st->bib[s->bib];
	const struct client *c = &e->st->client[b->client];
	struct snapshot_session *out = next_record(e, sizeof(*out));
	uint32_t idle_sec = e->now_sec > s->last_sec ? e->now_sec - s->last_sec : 0;

	*out = (struct snapshot_session){
		.dst4 = s->dst4,
		.src4 = s->src4,
		.client4 = c->set == CLIENT_RETIRED ? s->src4
						    : e->st->pool.addr[c->pool_addr].addr.s_addr,
		.sport6 = s->sport6,
		.sport4 = s->sport4,
		.dport = s->dport,
		.proto = s->proto,
		.pref64 = s->pref64,
		.bib_pref64 = b->pref64,
		.client_pref64 = client_pref64(e, c),
		.tcp = s->tcp,
		.timer = s->timer,
		.flags = s->flags,
		.idle_sec = rte_cpu_to_le_32(idle_sec),
	};
	memcpy(out->src6, &s->src6, sizeof(out->src6));
}

// One that rests for an address that is gone is of no use to anybody.
static bool
is_of_pool(const struct state *st, const struct hold_port *p)
{
	return p->addr < st->pool.n_addr;
}

static const struct hold_port *
resting_at(const struct hold *h, uint32_t i)
{
	return &h->ring[((uint64_t)h->first + i) % h->max];
}

static uint32_t
count_resting(const struct state *st)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < st->pool.hold.n; i++)
		n += is_of_pool(st, resting_at(&st->pool.hold, i));
	return n;
}

static void
put_resting(struct encoder *e)
{
	static const uint8_t proto[] = {[STATE_UDP] = IPPROTO_UDP, [STATE_ICMP] = IPPROTO_ICMP};
	const struct hold *h = &e->st->pool.hold;

	for (uint32_t i = 0; i < h->n; i++) {
		const struct hold_port *p = resting_at(h, i);
		uint32_t left_sec = p->due_sec > e->now_sec ? p->due_sec - e->now_sec : 0;
		struct snapshot_resting *out;

		if (!is_of_pool(e->st, p))
			continue;
		out = next_record(e, sizeof(*out));
		*out = (struct snapshot_resting){
			.src4 = e->st->pool.addr[p->addr].addr.s_addr,
			.port = rte_cpu_to_be_16(p->port),
			.proto = proto[p->proto],
			.left_sec = rte_cpu_to_le_32(left_sec),
		};
	}
}

static void
put_header(struct encoder *e, const struct config_nat64 *c, unsigned int n_worker,
	uint64_t wall_sec, uint64_t n_session, uint64_t n_resting)
{
	struct snapshot_header *h = (struct snapshot_header *)e->at;

	*h = (struct snapshot_header){
		.version = rte_cpu_to_le_32(SNAPSHOT_VERSION),
		.header_len = rte_cpu_to_le_32(sizeof(*h)),
		.saved_sec = rte_cpu_to_le_64(wall_sec),
		.n_session = rte_cpu_to_le_64(n_session),
		.n_resting = rte_cpu_to_le_64(n_resting),
		.n_worker = rte_cpu_to_le_32(n_worker),
		.n_prefix = rte_cpu_to_le_32(e->n_prefix),
	};
	memcpy(h->magic, SNAPSHOT_MAGIC, sizeof(h->magic));
	for (unsigned int i = 0; i < HASH_KEY_WORDS; i++)
		h->hash_key[i] = rte_cpu_to_le_64(hash_key[i]);
	for (unsigned int i = 0; i < e->n_prefix; i++) {
		memcpy(h->prefix[i].addr, &c->prefix[i].prefix, sizeof(h->prefix[i].addr));
		h->prefix[i].len = c->prefix[i].len;
	}
	h->crc = snapshot_header_crc(h, sizeof(*h));
	e->at += sizeof(*h);
}

static uint32_t
count_sessions(const struct state *st)
{
	struct state_stats s;

	state_stats(st, &s);
	return s.sessions[STATE_UDP] + s.sessions[STATE_TCP] + s.sessions[STATE_ICMP];
}

int
snapshot_encode(struct state *const *st, unsigned int n_worker, const struct config_nat64 *c,
	const struct snapshot_times *t, uint8_t **bytes, size_t *len)
{
	struct encoder e = {.n_prefix = c->n_prefix, .now_sec = t->now_sec};
	uint64_t n_session = 0, n_resting = 0;

	for (unsigned int i = 0; i < n_worker; i++) {
		n_session += count_sessions(st[i]);
		n_resting += count_resting(st[i]);
	}
	*len = snapshot_len(n_session, n_resting);
	*bytes = e.at = malloc(*len);
	if (!e.at)
		return -ENOMEM;
	put_header(&e, c, n_worker, t->wall_sec, n_session, n_resting);
	for (unsigned int i = 0; i < n_worker; i++) {
		uint32_t cursor = 0;

		e.st = st[i];
		state_walk_sessions(st[i], &cursor, UINT32_MAX, put_session, &e);
	}
	block_end(&e, sizeof(struct snapshot_session));
	for (unsigned int i = 0; i < n_worker; i++) {
		e.st = st[i];
		put_resting(&e);
	}
	block_end(&e, sizeof(struct snapshot_resting));
	assert(e.at == *bytes + *len);
	return 0;
}
