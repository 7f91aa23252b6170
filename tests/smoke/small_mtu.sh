#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Links of 1492, 1400, 1280 and 1000 bytes on the IPv4 side: nothing disappears, TCP has an MSS that
# fits, and what is not longer than 1280 bytes passes the smallest one in fragments.
# prefixes: both
. "$(dirname "$0")/lib.sh"

topology
web_server
udp_echo_server
for mtu in 1492 1400 1280 1000; do
	ip -n "$G" link set wan0 mtu $mtu
	ip -n "$R" link set r0 mtu $mtu
	client ip -6 route flush cache
	on "$R" ip route flush cache
	WAN_MTU=$mtu config g
	gate_start g
	# The first one may teach the client the MTU; what is not lost is what comes behind it.
	client ping -c 1 -W 1 -s 1452 "$SERVER6" >"$TMP/ping" 2>&1 || true
	expect "MTU $mtu: ping" client ping -c 3 -i 0.05 -W 2 -s 1452 "$SERVER6"
	expect "MTU $mtu: ping of 1280 bytes" client ping -M 'do' -c 1 -W 2 -s 1232 "$SERVER6"
	expect "MTU $mtu: ping of 8000" client ping -c 2 -i 0.05 -W 2 -s 8000 "$SERVER6"
	# A datagram with DF gets lost while its sender learns the MTU, no other.
	wait_for 20 client "$PYTHON" "$SMOKE/udp.py" exchange "$SERVER6" 7777 1452 ||
		fail "MTU $mtu: the path MTU is not learnt"
	wait_for 20 client "$PYTHON" "$SMOKE/udp.py" exchange "$SERVER6" 7777 1200 ||
		fail "MTU $mtu: the path MTU is not learnt"
	expect "MTU $mtu: UDP" client "$PYTHON" "$SMOKE/udp.py" exchange "$SERVER6" 7777 \
		100 980 1200 1232 4096 8192
	client curl -sS --max-time 60 "$WEB/big" | cmp - "$TMP/www/big" ||
		fail "MTU $mtu: download"
	expect "MTU $mtu: upload" client curl -sSf --max-time 60 -T "$TMP/www/slow/page" \
		"$WEB/upload/page"
	cmp "$TMP/www/slow/page" "$TMP/www/upload/page" ||
		fail "MTU $mtu: the upload came out changed"
	cli g 'show drops' >"$TMP/drops"
	! grep -q 'frag_' "$TMP/drops" ||
		fail "MTU $mtu: fragments were dropped: $(cat "$TMP/drops")"
	gate_stop g
done
echo "ok $(basename "$0" .sh)"
