// SPDX-License-Identifier: BSD-3-Clause
#include "dns64/acl.h"

bool
acl_allows(const struct config_dns64 *c, const struct in6_addr *src)
{
	for (unsigned int i = 0; i < c->n_allow; i++)
		if (prefix6_match(&c->allow[i], src))
			return true;
	return false;
}

bool
acl_is_listen(const struct config_dns64 *c, const struct in6_addr *dst)
{
	for (unsigned int i = 0; i < c->n_listen; i++)
		if (IN6_ARE_ADDR_EQUAL(&c->listen[i], dst))
			return true;
	return false;
}

// 0/8, 224/4, 240/4 with the limited broadcast
static bool
can_answer4(struct in_addr a)
{
	uint8_t first = (uint8_t)(ntohl(a.s_addr) >> 24);

	return first != 0 && first < 224;
}

bool
acl_can_answer(const struct in6_addr *src, uint16_t sport)
{
	if (sport == 0)
		return false;
	if (addr_is_mapped4(src))
		return can_answer4(addr_unmap4(src));
	return !IN6_IS_ADDR_UNSPECIFIED(src) && !IN6_IS_ADDR_MULTICAST(src);
}
