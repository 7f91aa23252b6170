// SPDX-License-Identifier: BSD-3-Clause
#include "xlat/compose.h"

#include "xlat/transport.h"

#include "net/parse_icmp.h"

#include <assert.h>

#define EXT_ALIGN 4 // RFC 4884 §7: objects are 32-bit words

void
compose_start(struct composition *c, uint16_t ip_len, uint16_t max, uint16_t unit)
{
	c->head = ip_len + ICMP_HDR_LEN;
	c->unit = unit;
	c->room = max - c->head;
	c->ext_len = 0;
}

void
compose_extensions(struct composition *c, const uint8_t *icmp, const struct pkt *p)
{
	uint16_t attr = icmp_quote_attr(p->family, icmp);
	uint16_t len = p->l3_len - p->l4_off - ICMP_HDR_LEN;

	if (attr == 0 || attr >= len)
		return;
	c->ext = icmp + ICMP_HDR_LEN + attr;
	c->ext_len = RTE_MIN(len - attr, c->room - ICMP_QUOTE_MIN) & ~(EXT_ALIGN - 1);
	c->room = RTE_ALIGN_FLOOR(c->room - c->ext_len, c->unit);
}

uint8_t *
compose_payload(struct composition *c, uint16_t hdr_len, const uint8_t *l4, uint16_t *len)
{
	uint8_t *at = c->buf + c->head + hdr_len;

	*len = RTE_MIN(*len, c->room - hdr_len);
	memcpy(at, l4, *len);
	c->quote = hdr_len + *len;
	return at;
}

uint16_t
compose_end(struct composition *c, unsigned int attr_off)
{
	uint8_t *icmp = c->buf + c->head - ICMP_HDR_LEN;
	uint16_t padded;

	if (c->ext_len == 0)
		return ICMP_HDR_LEN + c->quote;
	padded = RTE_MAX(RTE_ALIGN_CEIL(c->quote, c->unit), ICMP_QUOTE_MIN);
	memset(c->buf + c->head + c->quote, 0, padded - c->quote);
	memcpy(c->buf + c->head + padded, c->ext, c->ext_len);
	icmp[attr_off] = padded / c->unit;
	return ICMP_HDR_LEN + padded + c->ext_len;
}

void
compose_icmp(struct composition *c, uint8_t type, uint8_t code, uint32_t word)
{
	uint8_t *icmp = c->buf + c->head - ICMP_HDR_LEN;
	rte_be32_t word_be = rte_cpu_to_be_32(word);

	icmp[0] = type;
	icmp[1] = code;
	memset(icmp + TRANSPORT_ICMP_CSUM, 0, sizeof(uint16_t));
	memcpy(icmp + 4, &word_be, sizeof(word_be));
}

void
compose_csum(struct composition *c, uint64_t pseudo, uint16_t len)
{
	uint8_t *icmp = c->buf + c->head - ICMP_HDR_LEN;

	transport_store(
		icmp + TRANSPORT_ICMP_CSUM, (uint16_t)~csum_fold(pseudo + csum_partial(icmp, len)));
}

void
compose_replace(struct rte_mbuf *m, const uint8_t *buf, uint16_t len)
{
	assert(len <= m->buf_len);
	m->data_off = RTE_MIN(m->data_off, m->buf_len - len);
	m->data_len = len;
	m->pkt_len = len;
	memcpy(rte_pktmbuf_mtod(m, uint8_t *), buf, len);
}
