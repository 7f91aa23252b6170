#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# A neighbour that changes its MAC address is found again (RFC 4861 7.3, ARP likewise).
. "$(dirname "$0")/lib.sh"

alive()
{
	client ping -c 1 -W 1 "$SERVER6"
}

world
expect "ping before" alive
ip -n "$C" link set eth0 address 02:00:00:00:00:c1
wait_for 60 alive || fail "lost the client when its MAC changed"
# Nothing arrives from the router any more, so only our own probes can tell.
ip -n "$R" link set r0 address 02:00:00:00:00:a1
wait_for 60 alive || fail "lost the router when its MAC changed"
finish
