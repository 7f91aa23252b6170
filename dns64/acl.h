// SPDX-License-Identifier: BSD-3-Clause
// Who may ask, and which addresses an answer can go to.
#ifndef DNS64_ACL_H
#define DNS64_ACL_H

#include "config/config.h"

bool acl_allows(const struct config_dns64 *c, const struct in6_addr *src);
bool acl_is_listen(const struct config_dns64 *c, const struct in6_addr *dst);
// False for what no answer may be sent to: unspecified, multicast, broadcast, port 0.
bool acl_can_answer(const struct in6_addr *src, uint16_t sport);

#endif
