#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Datagrams of many sizes go and come back unchanged, checksums of odd lengths included.
# prefixes: both
. "$(dirname "$0")/lib.sh"

world
udp_echo_server
expect "UDP exchange" client "$PYTHON" "$SMOKE/udp.py" exchange "$SERVER6" 7777 \
	0 1 2 3 8 63 64 65 511 512 1231 1232 1233 1400 1451 1452
for ((n = 0; n < 20; n++)); do
	expect "UDP exchange of socket $n" client "$PYTHON" "$SMOKE/udp.py" exchange "$SERVER6" \
		7777 100 200
done
finish
