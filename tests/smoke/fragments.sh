#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Datagrams that need fragments on both sides, cut and put together by real kernels.
# prefixes: both
. "$(dirname "$0")/lib.sh"

world
udp_echo_server
dns_server
for size in 1453 2000 8000 65000; do
	expect "ping with $size bytes" client ping -M dont -c 3 -i 0.05 -W 2 -s $size "$SERVER6"
done
# The gateway answers by itself.
for size in 1453 8000 65000; do
	expect "ping of the gateway with $size bytes" \
		client ping -c 2 -i 0.05 -W 2 -s $size $GATEWAY6
	expect "ping of the WAN side with $size bytes" \
		on "$R" ping -c 2 -i 0.05 -W 2 -s $size 5.6.7.2
done
# The server's own MTU is learnt from what gets lost first: it sends with DF.
wait_for 20 client "$PYTHON" "$SMOKE/udp.py" exchange "$SERVER6" 7777 1453 ||
	fail "the server does not learn the path MTU"
# A DNS answer of 4 kB by UDP, from the server itself.
client dig +notcp +ignore +bufsize=4096 +tries=3 +time=3 "@$SERVER6" long.example.net TXT \
	>"$TMP/dig" 2>&1 || fail "dig: $(cat "$TMP/dig")"
grep -Eq 'flags:.* tc' "$TMP/dig" && fail "the DNS answer is cut off: $(cat "$TMP/dig")"
grep -Eq 'MSG SIZE  rcvd: (39|40)[0-9][0-9]' "$TMP/dig" ||
	fail "no DNS answer of 4 kB: $(cat "$TMP/dig")"
# Answers of 4 kB as DNS has them, 8 kB as NFS, the largest there are, and boundaries of fragments.
expect "UDP exchange" client "$PYTHON" "$SMOKE/udp.py" exchange "$SERVER6" 7777 \
	1453 1472 1473 2928 2929 4096 8192 8193 9000 16384 32768 65000 65507
for ((n = 0; n < 20; n++)); do
	expect "UDP exchange of socket $n" client "$PYTHON" "$SMOKE/udp.py" exchange "$SERVER6" \
		7777 4096 8192
done
# Without a checksum: only a datagram that is whole can get one.
expect "UDP answers without a checksum" client "$PYTHON" "$SMOKE/udp.py" exchange "$SERVER6" 7778 \
	100 4096 8192 65000
cli g 'show drops' >"$TMP/drops"
! grep -q 'frag_' "$TMP/drops" || fail "fragments were dropped: $(cat "$TMP/drops")"
finish
