#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The CLI tells what goes on, as text and as JSON, and its exit status tells failure.
. "$(dirname "$0")/lib.sh"

world
web_server
dns_server
expect "page" client curl -sSf --max-time 10 http://v4.example.net/
for what in 'port info' 'port stats' 'nat64 sessions' 'nat64 bib' 'nat64 pool' 'nat64 stats' \
	'dns64 stats' 'dns64 cache' neighbors drops workers; do
	expect "show $what" cli g "show $what"
	[[ -s $TMP/expect ]] || fail "show $what says nothing"
	expect "show $what json" cli g "show $what json"
	"$PYTHON" -m json.tool "$TMP/expect" /dev/null || fail "show $what json is no JSON"
done
cli g 'show nat64 sessions' | grep -q '2001:db8:1::2' || fail "the session is not shown"
! cli g 'show nat64 sessions proto udp' | grep -q $SERVER4 || fail "a TCP session shown as UDP"
! cli g 'show me the way' >/dev/null 2>&1 || fail "an unknown command succeeds"
! "$GATE64_CLI" -s "$TMP/nowhere.sock" -e help >/dev/null 2>&1 || fail "no socket, no failure"
finish
