#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# DNS64 over reloads: other prefixes, other upstreams while one is asked, other clients; names and
# translation always agree, and a query that waits is answered.
# shellcheck disable=SC2154 # started: of lib.sh
. "$(dirname "$0")/lib.sh"

# want PREFIX: the name has its address there, and so does the page.
want()
{
	local got

	got=$(client dig +tries=1 +time=8 +short v4.example.net AAAA | xargs)
	[[ $got == "${1}909:909" ]] || fail "v4.example.net is '$got', not ${1}909:909"
	expect "a page by name below $1" client curl -sSf --max-time 10 http://v4.example.net/
}

reload()
{
	config g
	cli g reload >"$TMP/answer" 2>&1 || fail "not reloaded: $(cat "$TMP/answer")"
	grep -q -- "$1" "$TMP/answer" || fail "'$1' is not in the answer: $(cat "$TMP/answer")"
}

query_waits()
{
	cli g 'show dns64 stats' | grep -Eq '^pending: +1$'
}

world
web_server
dns_server
want 64:ff9b::
PREF64=2001:db8:64::/96
reload nat64.prefixes
want 2001:db8:64::

# asked of one that is dead; the one that comes for it answers
ip -n "$R" route add blackhole 9.9.9.12
UPSTREAMS=9.9.9.12 MORE_DNS64='  timeout_ms: 10000'
reload dns64.upstreams
start "$C" dig +tries=1 +time=15 +short dual.example.net A >"$TMP/dig" 2>&1
waiting=$started
wait_for 10 query_waits || fail "the dead upstream is not asked"
UPSTREAMS=$SERVER4 MORE_DNS64=''
reload dns64.upstreams
wait "$waiting" || fail "the query that waited got no answer"
[[ $(cat "$TMP/dig") == 9.9.9.9 ]] || fail "the query that waited got '$(cat "$TMP/dig")'"
want 2001:db8:64::

MORE_DNS64='  allow: [2001:db8:77::/64]'
reload dns64.allow
! client dig +tries=1 +time=1 v4.example.net AAAA >/dev/null || fail "who may not ask was answered"
MORE_DNS64=''
reload dns64.allow
want 2001:db8:64::
finish
