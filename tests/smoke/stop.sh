#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Every way to stop is clean, with traffic under way too, and a restart works.
. "$(dirname "$0")/lib.sh"

page()
{
	expect "page $1" client curl -sSf --max-time 10 "$WEB/"
}

world
web_server
page "at first"
gate_stop g TERM
gate_start g
page "after SIGTERM"
gate_stop g INT
gate_start g
page "after SIGINT"
cli g stop || fail "the CLI refuses to stop"
gate_ended g
gate_start g
start "$C" curl -sS --max-time 30 -o "$TMP/part" "$WEB/big" 2>"$TMP/curl"
wait_for 10 test -s "$TMP/part" || fail "the download did not begin"
gate_stop g
[[ ! -e $TMP/g.sock ]] || fail "the CLI's socket is left over"
echo "ok $(basename "$0" .sh)"
