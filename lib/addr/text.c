// SPDX-License-Identifier: BSD-3-Clause
#include "addr/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

int
addr6_parse(const char *s, struct in6_addr *out)
{
	return inet_pton(AF_INET6, s, out) == 1 ? 0 : -EINVAL;
}

int
addr4_parse(const char *s, struct in_addr *out)
{
	return inet_pton(AF_INET, s, out) == 1 ? 0 : -EINVAL;
}

int
addr_parse_any(const char *s, struct in6_addr *out)
{
	struct in_addr v4;

	if (addr4_parse(s, &v4))
		return addr6_parse(s, out);
	addr_map4(out, v4);
	return 0;
}

// Decimal without sign or leading zeros, 0..max (max < 1000).
static int
parse_len(const char *s, unsigned int max, uint8_t *out)
{
	unsigned int v = 0;

	if (s[0] == '\0' || strlen(s) > 3 || (s[0] == '0' && s[1] != '\0'))
		return -EINVAL;
	for (; *s; s++) {
		if (*s < '0' || *s > '9')
			return -EINVAL;
		v = v * 10 + (unsigned int)(*s - '0');
	}
	if (v > max)
		return -EINVAL;
	*out = (uint8_t)v;
	return 0;
}

// Copies the part before the slash into addr and returns the part behind it, or NULL.
static const char *
split_prefix(const char *s, char addr[static ADDR_TEXT_LEN])
{
	const char *slash = strchr(s, '/');

	if (!slash || slash - s >= ADDR_TEXT_LEN)
		return NULL;
	memcpy(addr, s, (size_t)(slash - s));
	addr[slash - s] = '\0';
	return slash + 1;
}

int
prefix6_parse(const char *s, struct prefix6 *out)
{
	char addr[ADDR_TEXT_LEN];
	const char *len = split_prefix(s, addr);

	if (!len || addr6_parse(addr, &out->addr))
		return -EINVAL;
	return parse_len(len, 128, &out->len);
}

int
prefix4_parse(const char *s, struct prefix4 *out)
{
	char addr[ADDR_TEXT_LEN];
	const char *len = split_prefix(s, addr);

	if (!len || addr4_parse(addr, &out->addr))
		return -EINVAL;
	return parse_len(len, 32, &out->len);
}

struct zero_run {
	unsigned int at, len; // in 16-bit fields; len 0: none
};

// The first longest run of at least two zero fields (RFC 5952 §4.2.2, §4.2.3).
static struct zero_run
longest_zero_run(const uint16_t w[static 8])
{
	struct zero_run best = {0, 0};

	for (unsigned int i = 0; i < 8; i++) {
		unsigned int n = 0;

		while (i + n < 8 && w[i + n] == 0)
			n++;
		if (n >= 2 && n > best.len)
			best = (struct zero_run){i, n};
		i += n;
	}
	return best;
}

static const char *
text6(const struct in6_addr *a, char buf[static ADDR_TEXT_LEN])
{
	uint16_t w[8];
	char *p = buf;
	struct zero_run z;

	for (unsigned int i = 0; i < 8; i++)
		w[i] = (uint16_t)(a->s6_addr[2 * i] << 8 | a->s6_addr[2 * i + 1]);
	z = longest_zero_run(w);
	for (unsigned int i = 0; i < 8; i++) {
		if (z.len && i == z.at) {
			*p++ = ':';
			*p++ = ':';
			i += z.len - 1;
			continue;
		}
		if (i > 0 && p[-1] != ':')
			*p++ = ':';
		p += snprintf(p, sizeof("ffff"), "%x", w[i]);
	}
	*p = '\0';
	return buf;
}

const char *
addr6_text(const struct in6_addr *a, char buf[static ADDR_TEXT_LEN])
{
	return addr_is_mapped4(a) ? addr4_text(addr_unmap4(a), buf) : text6(a, buf);
}

const char *
addr4_text(struct in_addr a, char buf[static ADDR_TEXT_LEN])
{
	return inet_ntop(AF_INET, &a, buf, ADDR_TEXT_LEN);
}

const char *
prefix6_text(const struct prefix6 *p, char buf[static PREFIX_TEXT_LEN])
{
	bool v4 = addr_is_mapped4(&p->addr) && p->len >= 96;
	char addr[ADDR_TEXT_LEN];

	snprintf(buf, PREFIX_TEXT_LEN, "%s/%u",
		v4 ? addr6_text(&p->addr, addr) : text6(&p->addr, addr),
		v4 ? p->len - 96u : p->len);
	return buf;
}

const char *
prefix4_text(const struct prefix4 *p, char buf[static PREFIX_TEXT_LEN])
{
	char addr[ADDR_TEXT_LEN];

	snprintf(buf, PREFIX_TEXT_LEN, "%s/%u", addr4_text(p->addr, addr), p->len);
	return buf;
}
