#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The gateway is a hop, and so are the routers behind it, with UDP, ICMP and TCP probes.
# prefixes: both
. "$(dirname "$0")/lib.sh"

hops()
{
	client traceroute -6 -n -q 1 -w 3 -m 8 "$@" "$SERVER6" | awk 'NR > 1 { print $2 }' | xargs
}

world
web_server
want="$GATEWAY6 ${PREF64%/96}506:701 ${PREF64%/96}909:909"
for method in -U -I -T; do
	got=$(hops $method)
	[[ $got == "$want" ]] || fail "traceroute $method shows '$got', not '$want'"
done
finish
