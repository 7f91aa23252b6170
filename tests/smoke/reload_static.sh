#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Port forwarding over reloads: a port is forwarded while the gateway runs, a download through it
# goes on while others come and go, and is reset when it is no longer forwarded.
# prefixes: both
# shellcheck disable=SC2154 # started: of lib.sh
. "$(dirname "$0")/lib.sh"

# forward LINES: writes the file anew and has it read.
forward()
{
	MORE_NAT64=$1
	config g
	cli g reload >"$TMP/answer" 2>&1 || fail "not reloaded: $(cat "$TMP/answer")"
	grep -q nat64.static "$TMP/answer" || fail "nothing has changed: $(cat "$TMP/answer")"
}

world
mkdir "$TMP/www"
head -c 20000000 /dev/urandom >"$TMP/www/file"
start "$C" "$PYTHON" -m http.server --bind 2001:db8:1::2 --directory "$TMP/www" 80 \
	>"$TMP/http.log" 2>&1
wait_for 10 client curl -sSf 'http://[2001:db8:1::2]/' || fail "the web server did not start"
! server curl -sS --connect-timeout 1 http://5.6.7.2:8080/ 2>/dev/null || fail "it is open already"

web='{protocols: [tcp], ports: 8080, client: "2001:db8:1::2", client_port: 80}'
other='{protocols: [tcp, udp], ports: 9000-9099, client: "2001:db8:1::2"}'
forward "  static: [$web]"
expect "the file by the forwarded port" server curl -sSf --max-time 60 -o "$TMP/got" \
	http://5.6.7.2:8080/file
expect "the same file" cmp "$TMP/www/file" "$TMP/got"

start "$S" curl -sS --max-time 60 --limit-rate 5M -o "$TMP/slow" http://5.6.7.2:8080/file
download=$started
wait_for 10 test -s "$TMP/slow" || fail "the download did not begin"
forward "  static: [$other, $web]"
forward "  static: [$web]"
wait "$download" || fail "the download ended early"
expect "the same file" cmp "$TMP/www/file" "$TMP/slow"

start "$S" curl -sS --max-time 60 --limit-rate 1M -o "$TMP/part" http://5.6.7.2:8080/file
download=$started
wait_for 10 test -s "$TMP/part" || fail "the last download did not begin"
forward "  static: [$other]"
reset_inside()
{
	! client ss -Htn state established sport = :80 | grep -q .
}
wait_for 10 reset_inside || fail "the web server still has the connection"
kill "$download" 2>/dev/null || true
! server curl -sS --connect-timeout 1 http://5.6.7.2:8080/ 2>/dev/null || fail "it is still open"
finish
