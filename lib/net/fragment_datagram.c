// SPDX-License-Identifier: BSD-3-Clause
// One datagram: which of its bytes were there, and what is known of it.
#include "net/fragment_impl.h"

#include "net/checksum.h"

#include <rte_udp.h>

// RFC 5722 with RFC 8200 §4.5: exact duplicates do no harm, all else that does not fit together
// makes the datagram worthless. i: where the fragment would go.
static enum drop_reason
compare(const struct datagram *d, unsigned int i, uint16_t off, uint16_t len, bool more)
{
	const uint32_t end = (uint32_t)off + len;
	const struct piece *before = i > 0 ? &d->piece[i - 1] : NULL;

	if (before && before->off == off && before->len == len)
		return more == (end != d->total) ? DROP_FRAG_DUPLICATE : DROP_FRAG_OVERLAP;
	if (before && (uint32_t)before->off + before->len > off)
		return DROP_FRAG_OVERLAP;
	if (i < d->n && (end > d->piece[i].off || !more))
		return DROP_FRAG_OVERLAP;
	if (d->total != 0 && (!more || end >= d->total))
		return DROP_FRAG_OVERLAP;
	return d->n < FRAGMENT_PIECES ? DROP_NONE : DROP_FRAG_LIMIT;
}

enum drop_reason
datagram_enter(struct datagram *d, const struct pkt *p, unsigned int *at)
{
	uint16_t len = p->l3_len - p->l4_off;
	unsigned int i = d->n;
	enum drop_reason why;

	while (i > 0 && d->piece[i - 1].off > p->frag.off)
		i--;
	why = compare(d, i, p->frag.off, len, p->frag.more);
	if (why != DROP_NONE)
		return why;
	memmove(&d->piece[i + 1], &d->piece[i], (d->n - i) * sizeof(d->piece[0]));
	d->piece[i] = (struct piece){.off = p->frag.off, .len = len};
	d->n++;
	d->seen += len;
	if (!p->frag.more)
		d->total = (uint32_t)p->frag.off + len;
	*at = i;
	return DROP_NONE;
}

enum drop_reason
datagram_learn(struct datagram *d, const struct pkt *first)
{
	if ((first->proto == IPPROTO_ICMP || first->proto == IPPROTO_ICMPV6) &&
		!(first->flags & PKT_ICMP_ECHO))
		return DROP_ICMP_TYPE;
	d->has_first = true;
	d->whole |= (first->flags & PKT_WHOLE) != 0;
	d->flags = first->flags & PKT_ICMP_ECHO;
	d->icmp_type = first->icmp_type;
	d->sport = first->sport;
	d->dport = first->dport;
	return DROP_NONE;
}

void
datagram_tell(const struct datagram *d, struct pkt *p)
{
	p->flags |= d->flags | (d->whole ? PKT_WHOLE : 0);
	p->icmp_type = d->icmp_type;
	p->sport = d->sport;
	p->dport = d->dport;
}

static uint16_t
sum_all(const struct datagram *d)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < d->n; i++) {
		struct rte_mbuf *m = d->piece[i].m;

		// every offset is even, so the sums of the pieces add up
		sum += csum_fold(csum_partial(
			rte_pktmbuf_mtod_offset(m, void *, pkt_of(m)->l4_off), d->piece[i].len));
	}
	return csum_fold(sum);
}

enum drop_reason
datagram_sum_up(struct datagram *d)
{
	struct rte_mbuf *first = d->piece[0].m;
	struct pkt *p = pkt_of(first);
	const struct rte_udp_hdr *udp =
		rte_pktmbuf_mtod_offset(first, const struct rte_udp_hdr *, p->l4_off);

	p->frag.total = (uint16_t)d->total;
	p->frag.sum = 0;
	if (p->proto != IPPROTO_UDP)
		return DROP_NONE;
	p->frag.sum = sum_all(d);
	// CSUM-04
	return rte_be_to_cpu_16(udp->dgram_len) == d->total ? DROP_NONE : DROP_L4_MALFORMED;
}
