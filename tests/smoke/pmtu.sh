#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# A link of 1400 bytes far behind the gateway is found by TCP and by ping.
# prefixes: both
. "$(dirname "$0")/lib.sh"

world
Q=$RUN-far
ip -n "$R" link del r1
ns_add "$Q" 4
on "$Q" sysctl -qw net.ipv4.ip_forward=1
link_add "$R" r1 "$Q" q0
link_add "$Q" q1 "$S" eth0
address "$R" r1 9.9.8.1/24
address "$Q" q0 9.9.8.2/24
address "$Q" q1 9.9.9.1/24
address "$S" eth0 $SERVER4/24
ip -n "$R" link set r1 mtu 1400
ip -n "$Q" link set q0 mtu 1400
ip -n "$R" route add 9.9.9.0/24 via 9.9.8.2
ip -n "$Q" route add default via 9.9.8.1
ip -n "$S" route add default via 9.9.9.1
web_server

path_mtu()
{
	client ip -6 route get "$SERVER6" | grep -o 'mtu [0-9]*' || echo none
}

[[ $(path_mtu) == none ]] || fail "the client knows the path MTU already"
# 1500 bytes with the IPv6 header are 1480 as IPv4: too big for the link. 1400 + 20 come back.
! client ping -M 'do' -c 1 -W 2 -s 1452 "$SERVER6" >"$TMP/ping" 2>&1 ||
	fail "ping passed a link that is too small"
grep -q 'mtu[=:] *1420' "$TMP/ping" || fail "no packet too big with 1420: $(cat "$TMP/ping")"
[[ $(path_mtu) == 'mtu 1420' ]] || fail "the client learnt $(path_mtu), not 1420"
expect "ping that just fits" client ping -M 'do' -c 1 -W 2 -s 1372 "$SERVER6"

client ip -6 route flush cache
expect "upload" client curl -sSf --max-time 60 -T "$TMP/www/slow/page" "$WEB/upload/page"
cmp "$TMP/www/slow/page" "$TMP/www/upload/page" || fail "the upload came out changed"
client curl -sS --max-time 60 "$WEB/big" | cmp - "$TMP/www/big" || fail "download"
finish
