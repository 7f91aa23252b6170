#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Two gateways on one machine do not get into each other's way.
. "$(dirname "$0")/lib.sh"

world
D=$RUN-client2
client_add "$D" lan1 2001:db8:2
link_add "$R" r2 "$G" wan1
address "$R" r2 5.6.8.1/24
sed "s|^name: g|name: h|; s|$TMP/g.sock|$TMP/h.sock|; s|lan0|lan1|; s|wan0|wan1|
	s|$GATEWAY6/64|2001:db8:2::1/64|; s|5\\.6\\.7\\.|5.6.8.|" "$TMP/g.yaml" >"$TMP/h.yaml"
gate_start h
web_server
dns_server
for ns in "$C" "$D"; do
	expect "page for $ns" on "$ns" curl -sSf --max-time 10 http://v4.example.net/
done
[[ $(cut -d' ' -f1 "$TMP/nginx/access.log" | xargs) == '5.6.7.2 5.6.8.2' ]] ||
	fail "the pages did not go through a gateway each"
expect "CLI of the first" cli g 'show nat64 sessions'
expect "CLI of the second" cli h 'show nat64 sessions'
gate_stop h
expect "the first after the second's end" client curl -sSf --max-time 10 "$WEB/"
finish
