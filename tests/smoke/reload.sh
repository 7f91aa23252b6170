#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# A changed file while packets flow: a download goes on over several reloads, a file with a mistake
# changes nothing, and a download whose pool address is taken away is reset at once.
# prefixes: both
# shellcheck disable=SC2154 # started, gate_pid: of lib.sh
. "$(dirname "$0")/lib.sh"

hup()
{
	kill -HUP "${gate_pid[g]}"
}

# pool ADDRESSES LINES: writes the file anew.
pool()
{
	MORE_NAT64="  pool4: [$1]
$2"
	config g
}

reload()
{
	cli g reload >"$TMP/answer" 2>&1 || fail "not reloaded: $(cat "$TMP/answer")"
	grep -q -- "$1" "$TMP/answer" || fail "'$1' is not in the answer: $(cat "$TMP/answer")"
}

logged()
{
	grep -q -- "$1" "$TMP/g.log"
}

udp_lifetime()
{
	cli g 'show config json' | "$PYTHON" -c \
		'import json, sys; print(json.load(sys.stdin)["nat64"]["timeouts"]["udp"])'
}

# The pool address of the client's sessions.
pool_address()
{
	cli g 'show nat64 sessions proto tcp json' | "$PYTHON" -c \
		'import json, sys; print(json.load(sys.stdin)["sessions"][0]["pool"].split(":")[0])'
}

pool '5.6.7.64, 5.6.7.65' ''
topology
gate_start g
web_server
reload 'nothing new'

start "$C" curl -sS --max-time 100 --limit-rate 20M -o "$TMP/got" "$WEB/big"
download=$started
wait_for 10 test -s "$TMP/got" || fail "the download did not begin"
pool '5.6.7.66, 5.6.7.64, 5.6.7.65' '  timeouts: {udp: 120}'
reload nat64.timeouts.udp
[[ $(udp_lifetime) == 120 ]] || fail "the lifetime is not the new one"
pool '5.6.7.64/31, 5.6.7.66' '  mss_clamp: 1300'
reload nat64.pool4
ROUTES='routes: [{prefix: 9.9.9.0/24, via: 5.6.7.1}]'
pool '5.6.7.64/31' ''
hup
wait_for 10 logged '3 keys changed' || wait_for 1 logged 'reloaded' || fail "SIGHUP does nothing"

cp "$TMP/g.yaml" "$TMP/good.yaml"
echo 'nonsense: 1' >>"$TMP/g.yaml"
hup
wait_for 10 logged 'g.yaml:[0-9]*:1: nonsense: unknown key' || fail "the mistake is not in the log"
! cli g reload >"$TMP/answer" 2>&1 || fail "a wrong file is taken"
grep -q 'g.yaml:[0-9]*:1: nonsense: unknown key' "$TMP/answer" || fail "the mistake is not said"
sed 's/max_sessions: 16384/max_sessions: 8192/' "$TMP/good.yaml" >"$TMP/g.yaml"
! cli g reload >"$TMP/answer" 2>&1 || fail "a smaller table is taken"
grep -q 'g.yaml: nat64.max_sessions: needs a restart' "$TMP/answer" || fail "restart is not said"
cp "$TMP/good.yaml" "$TMP/g.yaml"
reload 'nothing new'

wait "$download" || fail "the download ended early"
cmp "$TMP/got" "$TMP/www/big" || fail "the download came out changed"

start "$C" curl -sS --max-time 60 --limit-rate 1M -o "$TMP/part" "$WEB/big" 2>"$TMP/curl"
download=$started
wait_for 10 test -s "$TMP/part" || fail "the second download did not begin"
case $(pool_address) in
5.6.7.64) pool 5.6.7.65 '' ;;
*) pool 5.6.7.64 '' ;;
esac
reload nat64.pool4
wait_for 10 gone "$download" || fail "the download whose address went is still there"
! wait "$download" || fail "the download whose address went succeeded"
grep -q 'reset by peer' "$TMP/curl" || fail "it was not reset: $(cat "$TMP/curl")"
expect "a page by the other address" client curl -sSf --max-time 10 "$WEB/"
finish
