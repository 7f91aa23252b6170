#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# A closed port says so at once: TCP by a RST, UDP by an ICMP port unreachable.
# prefixes: both
. "$(dirname "$0")/lib.sh"

world
status=0
client curl -sS --max-time 5 "http://[$SERVER6]:81/" >"$TMP/curl" 2>&1 || status=$?
# 7: failed to connect; a connection that only times out is 28
((status == 7)) || fail "curl ended with $status: $(cat "$TMP/curl")"
expect "UDP port unreachable" client "$PYTHON" "$SMOKE/udp.py" refused "$SERVER6" 7778
finish
