#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Echo in every size that needs no fragment: 1452 bytes of data fill an IPv6 packet of 1500.
# prefixes: both
. "$(dirname "$0")/lib.sh"

world
for size in 0 1 7 56 57 511 512 1232 1451 1452; do
	expect "ping with $size bytes" client ping -c 2 -i 0.01 -W 2 -s $size "$SERVER6"
done
expect "ping without a loss" client ping -c 100 -i 0.005 -W 2 "$SERVER6"
grep -q ' 0% packet loss' "$TMP/expect" || fail "echo replies are missing"
expect "ping to the gateway" client ping -c 2 -i 0.01 -W 2 $GATEWAY6
expect "ping to the gateway from outside" on "$R" ping -c 2 -i 0.01 -W 2 5.6.7.2
finish
