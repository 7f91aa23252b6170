// SPDX-License-Identifier: BSD-3-Clause
// MLD messages of a listener (RFC 3810). Bytes only: no state, no clock, no random delay.
// There is no MLDv1 host mode: a version 1 query is answered with a version 2 report as well, which
// MLD-snooping switches understand. Querier and multicast routing are not here (GW-MLD-06).
#ifndef NET_MLD_H
#define NET_MLD_H

#include "net/pkt.h"

#define MLD_MAX_GROUPS 32
#define MLD_MAX_LEN    1280 // longest report

// MLDv2 report (type 143, hop limit 1, router alert, to ff02::16) with CHANGE_TO_EXCLUDE {} for
// each group, or MODE_IS_EXCLUDE {} when it answers a query. src: link-local, or :: while there is
// none. n <= MLD_MAX_GROUPS, buf of MLD_MAX_LEN bytes. Groups that nobody reports (ff02::1, scopes
// 0 and 1) are left out; 0 when none is left.
uint16_t mld_build_report(uint8_t *buf, const struct in6_addr *src, const struct in6_addr *groups,
	unsigned int n, bool answers_query);

// The MAC the report goes to: that of ff02::16.
extern const struct rte_ether_addr mld_report_mac;

// A query (130) of either version: true when valid (RFC 3810 §6.2: hop limit 1, link-local source,
// router alert); fills the group (:: for a general query) and the longest delay of the answer.
bool mld_parse_query(
	struct rte_mbuf *m, const struct pkt *p, struct in6_addr *group, uint32_t *max_delay_ms);

#endif
