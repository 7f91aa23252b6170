#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# 100 MB arrive unchanged although the gateway is restarted twice meanwhile, with one worker and
# with two; a file of sessions that is broken does no harm.
# prefixes: both
. "$(dirname "$0")/lib.sh"

restored()
{
	cli g 'show restart json' | grep -qE '"result": *"restored"'
}

# under_way FILE: some of it is there, not all.
under_way()
{
	[[ -s $1 ]] && (($(stat -c %s "$1") < 100000000))
}

download()
{
	rm -f "$TMP/got"
	start "$C" curl -sS --limit-rate 12M --max-time 100 -o "$TMP/got" "$WEB/big" 2>"$TMP/curl"
	# shellcheck disable=SC2154 # start sets it
	curl=$started
	wait_for 10 under_way "$TMP/got" || fail "the download did not begin"
}

# goes_on WHAT: the download that runs survives two restarts.
goes_on()
{
	local n

	download
	for n in 1 2; do
		gate_stop g
		[[ $(stat -c %a "$TMP/g.state") == 600 ]] || fail "$1: the file is not private"
		gate_start g
		restored || fail "$1: nothing is restored: $(cat "$TMP/g.log")"
		[[ ! -e $TMP/g.state ]] || fail "$1: the file was not used up"
		under_way "$TMP/got" || fail "$1: the download was over before restart $n"
	done
	wait "$curl" || fail "$1: the download ended early: $(cat "$TMP/curl")"
	cmp "$TMP/got" "$TMP/www/big" || fail "$1: the download came out changed"
}

# ignored WHAT COMMAND...: after COMMAND the file is refused, and the gateway works.
ignored()
{
	local what=$1

	shift
	download
	gate_stop g
	"$@"
	gate_start g
	grep -q "$TMP/g.state is not used" "$TMP/g.log" || fail "$what: the file is not refused"
	expect "$what: a page" client curl -sSf --max-time 10 "$WEB/"
	kill "$curl"
	wait "$curl" || true
}

topology
web_server
config g
gate_start g
goes_on "one worker"
ignored "a changed byte" dd if=/dev/urandom of="$TMP/g.state" bs=1 seek=400 count=40 conv=notrunc \
	status=none
ignored "a short file" truncate -s -1 "$TMP/g.state"
gate_stop g
MORE='lcores: {workers: [0, 1]}'
config g
gate_start g
goes_on "two workers"
finish
