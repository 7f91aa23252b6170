// SPDX-License-Identifier: BSD-3-Clause
#include "datagram.h"

static void
note4(struct cut *c, const uint8_t *ip, uint16_t len)
{
	if (build_fold(build_sum(ip, 20, 0)) != 0xffff || ip[0] != 0x45 || get16(ip + 2) != len)
		fail_msg("a wrong IPv4 header");
	if (get16(ip + 6) & 0x4000 && get16(ip + 6) & 0x3fff)
		fail_msg("X64-F01: a fragment with DF");
	c->id = get16(ip + 4);
	c->off = (uint16_t)(get16(ip + 6) << 3);
	c->more = get16(ip + 6) & 0x2000;
	c->is_fragment = get16(ip + 6) & 0x3fff;
	c->ttl = ip[8];
}

static void
note6(struct cut *c, const uint8_t *ip, uint16_t len)
{
	if (ip[0] >> 4 != 6 || get16(ip + 4) + 40 != len)
		fail_msg("a wrong IPv6 header");
	c->is_fragment = ip[6] == 44;
	c->ttl = ip[7];
	if (!c->is_fragment)
		return;
	if (ip[41] != 0 || ip[43] & 6)
		fail_msg("X46-14: reserved bits that are not 0");
	c->off = get16(ip + 42) & 0xfff8;
	c->more = ip[43] & 1;
	c->id = (uint32_t)get16(ip + 44) << 16 | get16(ip + 46);
}

static void
collect_one(struct collected *c, const uint8_t *ip, uint16_t len)
{
	const bool is6 = ip[0] >> 4 == 6;
	struct cut *k = &c->cut[c->n++];
	unsigned int hdr = is6 ? 40 : 20, skip;

	assert_true(c->n < CUTS_MAX);
	memset(k, 0, sizeof(*k));
	if (is6)
		note6(k, ip, len);
	else
		note4(k, ip, len);
	skip = hdr + (is6 && k->is_fragment ? 8 : 0);
	k->ip_len = len;
	k->len = (uint16_t)(len - skip);
	memcpy(c->d.b + hdr + k->off, ip + skip, k->len);
	if (k->off == 0) {
		memcpy(c->d.b, ip, hdr);
		if (is6 && k->is_fragment)
			c->d.b[6] = ip[40];
	}
	if (!k->more)
		c->d.len = hdr + k->off + k->len;
}

void
datagram_collect(unsigned int port, struct collected *c)
{
	c->n = 0;
	c->d.len = 0;
	memset(c->d.b, 0, sizeof(c->d.b));
	while (env_take(port))
		collect_one(c, env.last, env.last_len);
	if (c->d.len == 0)
		return;
	if (c->d.b[0] >> 4 == 6) {
		put16(c->d.b + 4, (uint16_t)(c->d.len - 40));
		return;
	}
	put16(c->d.b + 2, (uint16_t)c->d.len);
	put16(c->d.b + 4, 0);
	put16(c->d.b + 6, 0);
	build_ip4_csum(c->d.b);
}

static void
check_cuts(const char *id, const struct collected *c, uint16_t max_len)
{
	uint32_t off = 0;

	for (unsigned int i = 0; i < c->n; i++) {
		const struct cut *k = &c->cut[i];

		if (k->ip_len > max_len)
			fail_msg("%s: %u bytes, at most %u fit", id, k->ip_len, max_len);
		if (k->off != off)
			fail_msg("%s: N64-FRAG-10: offset %u, not %u", id, k->off, off);
		if (k->more != (i + 1 < c->n) || (k->more && k->len % 8))
			fail_msg("%s: piece %u of %u: more %u, %u bytes", id, i, c->n, k->more,
				k->len);
		if (k->id != c->cut[0].id || k->ttl != c->cut[0].ttl)
			fail_msg("%s: pieces of different packets", id);
		off += k->len;
	}
}

static void
check_text(const char *id, struct collected *c, const struct spec *want)
{
	static struct datagram_text d;

	env_learn(want, c->d.b);
	datagram_build(&d, want, BUILD_TTL - 1);
	if (c->d.len != d.len)
		fail_msg("%s (%s): %u bytes, not %u", id, env.prefix, c->d.len, d.len);
	for (uint32_t i = 0; i < d.len; i++)
		if (c->d.b[i] != d.b[i])
			fail_msg("%s (%s): byte %u is %02x, not %02x", id, env.prefix, i, c->d.b[i],
				d.b[i]);
}

uint32_t
datagram_expect_any(const char *id, unsigned int port, const struct spec *want)
{
	static struct collected c;

	datagram_collect(port, &c);
	if (c.n == 0)
		fail_msg("%s (%s): nothing was sent on port %u", id, env.prefix, port);
	for (unsigned int i = 0; i < c.n; i++)
		if (c.cut[i].id != c.cut[0].id || !c.cut[i].is_fragment)
			fail_msg("%s (%s): pieces of different packets", id, env.prefix);
	check_text(id, &c, want);
	return c.cut[0].id;
}

uint32_t
datagram_expect(const char *id, unsigned int port, const struct spec *want, uint16_t max_len)
{
	static struct collected c;

	datagram_collect(port, &c);
	if (c.n == 0)
		fail_msg("%s (%s): nothing was sent on port %u", id, env.prefix, port);
	check_cuts(id, &c, max_len);
	check_text(id, &c, want);
	return c.cut[0].id;
}
