// SPDX-License-Identifier: BSD-3-Clause
// Path MTU across the translator (RFC 7915 §4.2, §5.2). Pure functions.
#ifndef XLAT_MTU_H
#define XLAT_MTU_H

#include <stdbool.h>
#include <stdint.h>

#define MTU_MIN6 1280
#define MTU_MIN4 68

// MTU of the Packet Too Big for an ICMPv4 3/4 that says mtu (0: an old router that does not) about
// a packet of quoted_len bytes. mtu4, mtu6: of the next hops. 0: bogus, drop (MTU-08).
uint32_t mtu_to_ptb(uint16_t mtu, uint16_t quoted_len, uint16_t mtu4, uint16_t mtu6);

// MTU of the ICMPv4 3/4 for a Packet Too Big that says mtu. fragment_hdr: the packet it is about
// had a Fragment header, which takes room (MTU-02). 0: bogus, drop (MTU-08).
uint16_t mtu_to_frag_needed(uint32_t mtu, bool fragment_hdr, uint16_t mtu4, uint16_t mtu6);

#endif
