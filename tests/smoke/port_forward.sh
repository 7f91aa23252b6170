#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# A web server on the IPv6 LAN: from the IPv4 side by a forwarded port, and from another client and
# from itself by the same address and port (hairpinning).
# prefixes: both
. "$(dirname "$0")/lib.sh"

topology
second_lan
MORE_NAT64='  static:
    - {protocols: [tcp], ports: 8080-8081, client: "2001:db8:1::2", client_port: 80}
    - {protocols: [tcp], ports: 8090, client: "2001:db8:1::2", client_port: 90,
       allow: [198.51.100.0/24]}'
config g
gate_start g
mkdir "$TMP/www"
head -c 20000000 /dev/urandom >"$TMP/www/file"
start "$C" "$PYTHON" -m http.server --bind 2001:db8:1::2 --directory "$TMP/www" 80 \
	>"$TMP/http.log" 2>&1
wait_for 10 client curl -sSf 'http://[2001:db8:1::2]/' || fail "the web server did not start"

outside=http://5.6.7.2 inside=http://[${PREF64%/96}5.6.7.2]
expect "the file from the IPv4 side" server curl -sSf --max-time 60 -o "$TMP/outside" \
	"$outside:8080/file"
expect "the same file" cmp "$TMP/www/file" "$TMP/outside"
expect "the file for another client" on "$D" curl -sSf --max-time 60 -o "$TMP/inside" \
	"$inside:8080/file"
expect "the same file" cmp "$TMP/www/file" "$TMP/inside"
expect "the file for itself" client curl -sSf --max-time 60 -o "$TMP/itself" "$inside:8080/file"
expect "the same file" cmp "$TMP/www/file" "$TMP/itself"
# closed NAMESPACE URL: nobody listens there, and a reset comes back.
closed()
{
	local status=0

	on "$1" curl -sS --max-time 10 "$2" >"$TMP/refused" 2>&1 || status=$?
	((status == 7)) || fail "the closed port ended with $status: $(cat "$TMP/refused")"
}
closed "$S" "$outside:8081/"
closed "$D" "$inside:8081/"
# The other port is not open to the server.
! server curl -sS --connect-timeout 1 "$outside:8090/" 2>/dev/null || fail "a port is not closed"
cli g 'show drops' | grep -q filtered || fail "nothing was filtered"
cli g 'show nat64 bib' | grep -q static || fail "no static binding is shown"
finish
