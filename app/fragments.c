// SPDX-License-Identifier: BSD-3-Clause
// Fragments on their way in (lib/net/fragment.h) and pieces on their way out.
#include "app/fragments.h"

#include "app/output.h"
#include "xlat/fragment.h"

#include <errno.h>
#include <rte_ip.h>

#define EXPIRE_BUDGET 32

// m->next chains the packets that passed the table; each has one segment.
static void
on_pass(void *ctx, struct rte_mbuf *m)
{
	struct worker *w = ctx;

	if (w->passed)
		w->passed_last->next = m;
	else
		w->passed = m;
	w->passed_last = m;
}

static void
on_drop(void *ctx, struct rte_mbuf *m, enum drop_reason why)
{
	drop(ctx, m, why);
}

static const struct fragment_ops ops = {.pass = on_pass, .drop = on_drop};

static uint64_t
max_bytes(const struct worker *w)
{
	return (uint64_t)w->plan->config.nat64.fragments.max_kbytes * 1024 / w->gw->n_worker;
}

void
fragments_limit(struct worker *w)
{
	fragment_limit(
		w->fragments, max_bytes(w), w->plan->config.nat64.fragments.timeout_sec * 1000);
}

int
fragments_create(struct worker *w, int socket, struct err *err)
{
	const struct config_fragments *c = &w->plan->config.nat64.fragments;
	const uint32_t n = w->gw->n_worker;
	const struct fragment_params p = {
		.max_datagrams = (c->max_datagrams + n - 1) / n + 1,
		.max_bytes = max_bytes(w),
		.timeout_ms = c->timeout_sec * 1000,
		.socket_id = socket,
	};

	w->fragments = fragment_create(&p, &ops, w, err);
	return w->fragments ? 0 : -ENOMEM;
}

unsigned int
owner_of_fragment(const struct worker *w, const struct rte_mbuf *m)
{
	const struct rte_ipv6_hdr *ip = rte_pktmbuf_mtod(m, const struct rte_ipv6_hdr *);
	const struct pkt *p = rte_mbuf_to_priv((struct rte_mbuf *)(uintptr_t)m);

	if (p->flags & PKT_LOCAL)
		return 0;
	if (p->family == 6)
		return state_owner_of_src6((const struct in6_addr *)&ip->src_addr, w->gw->n_worker);
	return fragment_hash(m) % w->gw->n_worker;
}

void
fragments_add(struct worker *w)
{
	for (unsigned int i = 0; i < w->fragment.n; i++)
		fragment_add(w->fragments, w->fragment.m[i], w->now_ms);
	w->fragment.n = 0;
}

bool
fragments_take(struct worker *w)
{
	unsigned int n = 0;

	for (; w->passed && n < WORKER_BURST; n++) {
		struct rte_mbuf *m = w->passed;

		w->passed = m->next;
		m->next = NULL;
		if (unlikely(pkt_of(m)->flags & PKT_LOCAL))
			lane_add(&w->local, m);
		else
			lane_add(pkt_of(m)->family == 6 ? &w->v6 : &w->v4, m);
	}
	return n != 0;
}

void
fragments_tick(struct worker *w)
{
	fragment_expire(w->fragments, w->now_ms, EXPIRE_BUDGET);
}

static void
output_pieces(struct worker *w, struct rte_mbuf *m, struct rte_mbuf **piece, unsigned int n,
	const struct hop *hop)
{
	if (n == 0) {
		drop(w, m, DROP_FRAG_NEEDED);
		return;
	}
	w->stats.originated += n - 1;
	for (unsigned int i = 0; i < n; i++)
		output_ip(w, piece[i], hop);
}

void
output_cut6(struct worker *w, struct rte_mbuf *m, uint16_t max_len, rte_be16_t id,
	const struct hop *hop)
{
	struct rte_mbuf *piece[XLAT_FRAGMENTS_MAX];

	output_pieces(w, m, piece,
		xlat_fragment6(m, max_len, rte_be_to_cpu_16(id), w->gw->pool, piece), hop);
}

void
output_cut4(struct worker *w, struct rte_mbuf *m, const struct hop *hop)
{
	struct rte_mbuf *piece[XLAT_FRAGMENTS_MAX];

	output_pieces(w, m, piece, xlat_fragment4(m, hop->mtu, w->gw->pool, piece), hop);
}
