// SPDX-License-Identifier: BSD-3-Clause
// The life of a burst. Read pipeline_run first.
#include "app/pipeline.h"

#include "app/fragments.h"
#include "app/hairpin.h"
#include "app/neighbor.h"
#include "app/output.h"
#include "app/reject.h"
#include "net/checksum.h"
#include "state/static_map.h"
#include "xlat/mss.h"
#include "xlat/xlat.h"

#include <rte_ip.h>

// State has one owner: packets of another worker's state go there.
static void
steer(struct worker *w, struct lane *l,
	unsigned int (*owner)(const struct worker *, const struct rte_mbuf *),
	enum pkt_resume resume)
{
	unsigned int kept = 0;

	if (w->gw->n_worker == 1)
		return;
	for (unsigned int i = 0; i < l->n; i++) {
		unsigned int to = owner(w, l->m[i]);

		if (to == w->index) {
			l->m[kept++] = l->m[i];
			continue;
		}
		pkt_of(l->m[i])->resume = resume;
		output_hand_over(w, l->m[i], to);
	}
	l->n = kept;
}

static unsigned int
owner6(const struct worker *w, const struct rte_mbuf *m)
{
	const struct rte_ipv6_hdr *ip = rte_pktmbuf_mtod(m, const struct rte_ipv6_hdr *);

	return state_owner_of_src6((const struct in6_addr *)&ip->src_addr, w->gw->n_worker);
}

static unsigned int
owner4(const struct worker *w, const struct rte_mbuf *m)
{
	const struct pkt *p = rte_mbuf_to_priv((struct rte_mbuf *)(uintptr_t)m);

	return state_owner_of_port(rte_be_to_cpu_16(p->dport), w->gw->n_worker);
}

static unsigned int
owner4_static(const struct worker *w, const struct rte_mbuf *m)
{
	const struct pkt *p = rte_mbuf_to_priv((struct rte_mbuf *)(uintptr_t)m);
	const struct rte_ipv4_hdr *ip = rte_pktmbuf_mtod(m, const struct rte_ipv4_hdr *);

	return static_map_owner(w->plan->statics, p->proto, ip->dst_addr,
		rte_be_to_cpu_16(p->dport), w->gw->n_worker);
}

// The quoted packet was on its way to the inside host.
static unsigned int
owner_error6(const struct worker *w, const struct rte_mbuf *m)
{
	const struct pkt *p = rte_mbuf_to_priv((struct rte_mbuf *)(uintptr_t)m);
	const struct rte_ipv6_hdr *quote =
		rte_pktmbuf_mtod_offset(m, const struct rte_ipv6_hdr *, p->inner.l3_off);

	return state_owner_of_src6((const struct in6_addr *)&quote->dst_addr, w->gw->n_worker);
}

static unsigned int
owner_error4(const struct worker *w, const struct rte_mbuf *m)
{
	const struct pkt *p = rte_mbuf_to_priv((struct rte_mbuf *)(uintptr_t)m);
	const struct rte_ipv4_hdr *quote =
		rte_pktmbuf_mtod_offset(m, const struct rte_ipv4_hdr *, p->inner.l3_off);
	uint16_t port = rte_be_to_cpu_16(p->inner.sport);

	if (w->plan->statics)
		return static_map_owner(
			w->plan->statics, p->inner.proto, quote->src_addr, port, w->gw->n_worker);
	return state_owner_of_port(port, w->gw->n_worker);
}

static void
steer_v4(struct worker *w)
{
	steer(w, &w->v4, w->plan->statics ? owner4_static : owner4, RESUME_LOOKUP);
}

static void
steer_errors(struct worker *w)
{
	steer(w, &w->error6, owner_error6, RESUME_ICMP_ERROR);
	steer(w, &w->error4, owner_error4, RESUME_ICMP_ERROR);
}

// Sessions of the lane; packets without one move to miss6.
static void
lookup6(struct worker *w)
{
	struct lane *l = &w->v6;
	unsigned int hits = 0;

	for (unsigned int i = 0; i < l->n; i++)
		pipeline_key6(l->m[i], &w->key6[i]);
	state_lookup6(w->state, w->key6, l->n, l->session);
	for (unsigned int i = 0; i < l->n; i++) {
		if (likely(l->session[i])) {
			l->session[hits] = l->session[i];
			l->m[hits++] = l->m[i];
		} else {
			lane_add(&w->miss6, l->m[i]);
		}
	}
	l->n = hits;
}

static void
lookup4(struct worker *w)
{
	struct lane *l = &w->v4;
	unsigned int hits = 0;

	for (unsigned int i = 0; i < l->n; i++) {
		const struct rte_ipv4_hdr *ip =
			rte_pktmbuf_mtod(l->m[i], const struct rte_ipv4_hdr *);
		const struct pkt *p = pkt_of(l->m[i]);
		struct session_key4 *k = &w->key4[i];

		k->dst4 = ip->src_addr;
		k->src4 = ip->dst_addr;
		k->dport = p->flags & PKT_ICMP_ECHO ? 0 : p->sport;
		k->sport = p->dport;
		k->proto = p->proto;
	}
	state_lookup4(w->state, w->key4, l->n, l->session);
	for (unsigned int i = 0; i < l->n; i++) {
		if (likely(l->session[i])) {
			l->session[hits] = l->session[i];
			l->m[hits++] = l->m[i];
		} else {
			l->session[hits] = admit4(w, l->m[i]);
			if (l->session[hits])
				l->m[hits++] = l->m[i];
		}
	}
	l->n = hits;
}

// Flows share a counter by hash: an observer of one flow learns little of the others (X64-06).
static rte_be16_t
next_ipid(struct worker *w, const struct session *s)
{
	uint32_t h = (s->dst4 ^ s->src4) * 0x9e3779b1u + s->proto;
	uint16_t *next = &w->ipid[(h >> 16) % IPID_COUNTERS];
	uint16_t v = *next;

	*next = v == w->ipid_last ? 0 : (uint16_t)(v + 1);
	// workers never meet on a number (X64-05)
	return rte_cpu_to_be_16((uint16_t)(v * w->gw->n_worker + w->index));
}

// MTU-09: what fits both links goes into both SYN segments.
static void
clamp_mss(struct worker *w, struct rte_mbuf *m, struct session *s)
{
	const struct config_nat64 *c = &w->plan->config.nat64;
	const struct pkt *p = pkt_of(m);
	struct hop hop6, hop4;
	uint16_t max;

	if (!c->mss_clamp || !output_hop6(w, s, &hop6) || !output_hop4(w, s, &hop4))
		return;
	max = RTE_MIN(hop6.mtu - 60, hop4.mtu - 40);
	if (c->mss_max)
		max = RTE_MIN(max, c->mss_max);
	mss_clamp(rte_pktmbuf_mtod_offset(m, uint8_t *, p->l4_off), max);
}

// The TCP machine sees a segment once, by its first fragment (N64-FRAG-13).
static inline void
touch(struct worker *w, struct rte_mbuf *m, struct session *s, bool from6)
{
	const struct pkt *p = pkt_of(m);

	if (unlikely(pkt_is_later_fragment(p)))
		return;
	if (unlikely(p->tcp_flags & RTE_TCP_SYN_FLAG))
		clamp_mss(w, m, s);
	state_touch(w->state, s, p->tcp_flags, from6, w->now_sec);
}

// A destination with a non-zero suffix or u octet is handled as if they were zero (RFC 6052 §2.2,
// ADR-06..08). Only now, since an error about the packet quotes it as it was sent.
static __rte_noinline void
canonicalise(struct worker *w, struct rte_mbuf *m)
{
	static const uint8_t csum_off[256] = {
		[IPPROTO_TCP] = 16, [IPPROTO_UDP] = 6, [IPPROTO_ICMPV6] = 2};
	struct rte_ipv6_hdr *ip = rte_pktmbuf_mtod(m, struct rte_ipv6_hdr *);
	const struct pkt *p = pkt_of(m);
	struct in6_addr was, is;
	uint16_t sum;
	uint8_t *at;

	if (pkt_is_later_fragment(p))
		return;
	memcpy(&was, &ip->dst_addr, sizeof(was));
	pref64_compose(&w->plan->config.nat64.prefix[p->pref64], (struct in_addr){p->dst4}, &is);
	at = rte_pktmbuf_mtod_offset(m, uint8_t *, p->l4_off + csum_off[p->proto]);
	memcpy(&sum, at, sizeof(sum));
	sum = csum_apply(sum, csum_delta(csum_add6(&was), csum_add6(&is)));
	memcpy(at, &sum, sizeof(sum));
}

// X64-F05; what was reassembled may be cut again in any case (N64-FRAG-12).
static inline bool
may_cut4(const struct pkt *p)
{
	return p->l3_len <= 1280 || (p->flags & PKT_WHOLE);
}

static void
translate64(struct worker *w)
{
	struct lane *l = &w->v6;

	for (unsigned int i = 0; i < l->n; i++) {
		struct rte_mbuf *m = l->m[i];
		struct session *s = l->session[i];
		const struct pkt *p = pkt_of(m);
		struct hop hop;
		bool fits;

		if (unlikely(!output_hop4(w, s, &hop))) {
			reject6(w, m, DROP_NO_ROUTE, ICMP6_UNREACH, ICMP6_UNREACH_NO_ROUTE, 0);
			continue;
		}
		fits = xlat_len64(p) <= hop.mtu;
		if (unlikely(!fits && !may_cut4(p))) { // X64-F06
			reject6(w, m, DROP_TOO_BIG, ICMP6_PACKET_TOO_BIG, 0,
				RTE_MAX(1280, hop.mtu + 20));
			continue;
		}
		touch(w, m, s, true);
		if (unlikely(p->flags & PKT_SUFFIX))
			canonicalise(w, m);
		xlat_6to4(m, p,
			&(struct xlat_64){
				.src = s->src4,
				.dst = s->dst4,
				.sport = s->sport4,
				.id = next_ipid(w, s),
				.tos = w->plan->config.nat64.tos,
				.delta = s->delta,
			});
		w->stats.xlat64++;
		if (likely(fits))
			output_ip(w, m, &hop);
		else
			output_cut4(w, m, &hop);
	}
	l->n = 0;
}

// What an IPv4 packet meets before it may pass. False: it is gone.
static bool
check46(struct worker *w, struct rte_mbuf *m, struct session *s, struct hop *hop)
{
	const struct pkt *p = pkt_of(m);

	if (unlikely(w->gw->port[p->in_port].role != PORT_WAN) && !(p->flags & PKT_HAIRPIN))
		drop(w, m, DROP_NOT_FORWARDED);
	else if (unlikely(p->ttl <= 1))
		reject4(w, m, DROP_TTL, ICMP4_TIME_EXCEEDED, 0, 0);
	else if (unlikely(!output_hop6(w, s, hop)))
		reject4(w, m, DROP_NO_ROUTE, ICMP4_UNREACH, ICMP4_UNREACH_HOST, 0);
	else if (unlikely(xlat_len46(p) > hop->mtu && (p->flags & PKT_DF)))
		reject4(w, m, DROP_TOO_BIG, ICMP4_UNREACH, ICMP4_UNREACH_FRAG,
			hop->mtu - 20u - (p->flags & PKT_FRAGMENT ? 8 : 0));
	else
		return true;
	return false;
}

static void
translate46(struct worker *w)
{
	const struct config_nat64 *cfg = &w->plan->config.nat64;
	struct lane *l = &w->v4;

	for (unsigned int i = 0; i < l->n; i++) {
		struct rte_mbuf *m = l->m[i];
		struct session *s = l->session[i];
		const struct pkt *p = pkt_of(m);
		rte_be16_t id = rte_pktmbuf_mtod(m, const struct rte_ipv4_hdr *)->packet_id;
		struct xlat_46 x = {
			.dst = s->src6,
			.dport = s->sport6,
			.tc = cfg->traffic_class,
			.delta = (uint16_t)~s->delta,
		};
		struct hop hop;
		uint16_t limit;

		if (unlikely(!check46(w, m, s, &hop)))
			continue;
		limit = p->flags & PKT_DF ? hop.mtu : RTE_MIN(cfg->lowest_ipv6_mtu, hop.mtu);
		touch(w, m, s, false);
		pref64_compose(&cfg->prefix[s->pref64], (struct in_addr){s->dst4}, &x.src);
		xlat_4to6(m, p, &x);
		w->stats.xlat46++;
		if (likely(rte_pktmbuf_pkt_len(m) <= limit))
			output_ip(w, m, &hop);
		else
			output_cut6(w, m, limit, id, &hop);
	}
	l->n = 0;
}

static void
run_stages(struct worker *w)
{
	lookup6(w);
	lookup4(w);
	if (w->miss6.n)
		admit6(w); // RFC 6146 §3.5; what it lets in joins w->v6
	translate64(w);
	translate46(w);
	if (w->error6.n + w->error4.n)
		translate_errors(w);
	if (w->local.n)
		local_deliver(w);
	if (w->forward.n)
		forward6(w);
}

// What may go on of the fragments takes the same way as any packet.
static void
run_fragments(struct worker *w)
{
	steer(w, &w->fragment, owner_of_fragment, RESUME_FRAGMENT);
	fragments_add(w);
	while (fragments_take(w)) {
		steer_v4(w);
		run_stages(w);
	}
}

// What was looped goes through the stages once more.
static bool
take_looped(struct worker *w)
{
	if (likely(!w->looped))
		return false;
	hairpin_take(w);
	steer_v4(w);
	steer_errors(w);
	return true;
}

static void
run_all(struct worker *w)
{
	do {
		run_stages(w);
		if (w->fragment.n)
			run_fragments(w);
	} while (take_looped(w));
}

void
pipeline_run(struct worker *w, const struct rx_burst *burst, unsigned int n_burst)
{
	for (unsigned int i = 0; i < n_burst; i++)
		classify(w, &burst[i]); // parse once -> lanes
	steer(w, &w->v6, owner6, RESUME_LOOKUP);
	steer_v4(w);
	steer_errors(w);
	run_all(w);
	output_flush(w);
}

void
pipeline_loop_error(struct worker *w, struct rte_mbuf *m)
{
	classify_own_error(w, m);
	steer_errors(w);
}

static void
resume_one(struct worker *w, struct rte_mbuf *m)
{
	const struct pkt *p = pkt_of(m);

	switch (p->resume) {
	case RESUME_LOOKUP:
		lane_add(p->family == 6 ? &w->v6 : &w->v4, m);
		break;
	case RESUME_ICMP_ERROR:
		lane_add(p->family == 6 ? &w->error6 : &w->error4, m);
		break;
	case RESUME_FRAGMENT:
		lane_add(&w->fragment, m);
		break;
	case RESUME_LOCAL:
		lane_add(&w->local, m);
		break;
	case RESUME_OUTPUT:
		neighbor_resolve(w, m);
		break;
	default:
		output_frame(w, m, p->out.port);
	}
}

void
pipeline_resume(struct worker *w, struct rte_mbuf **pkts, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		resume_one(w, pkts[i]);
	run_all(w);
	output_flush(w);
}
