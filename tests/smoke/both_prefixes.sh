#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# ADR-24: one gateway with the well-known prefix and one of our own, and a client on each LAN that
# uses one of them: ping, TCP, UDP and names. Private IPv4 is behind our own prefix only (ADR-13).
. "$(dirname "$0")/lib.sh"

WKP=64:ff9b:: NSP=2001:db8:64::
PREF64=$WKP/96,$NSP/96

# answer NAMESPACE NAME WANTED...: the AAAA records as they come.
answer()
{
	local ns=$1 name=$2 got

	shift 2
	got=$(on "$ns" dig +tries=1 +time=8 +short "$name" AAAA | xargs)
	[[ $got == "$*" ]] || fail "$name for $ns: '$got', not '$*'"
}

topology
second_lan
config g
gate_start g
web_server
dns_server
udp_echo_server
ip -n "$S" addr add 192.168.7.7/32 dev lo
ip -n "$R" route add 192.168.7.7 via $SERVER4
head -c 1000000 "$TMP/www/big" >"$TMP/www/file"

# use NAMESPACE PREFIX: all that a host does, under the prefix.
use()
{
	local file=$TMP/www/file TMP=$TMP/${1##*-} # files of its own: two run at once

	mkdir "$TMP"
	expect "ping of $1 by $2" on "$1" ping -c 3 -i 0.01 -W 2 "$2$SERVER4"
	expect "page for $1 by $2" on "$1" curl -sSf --max-time 10 -o "$TMP/file" \
		"http://[$2$SERVER4]/file"
	expect "the same file" cmp "$file" "$TMP/file"
	expect "UDP of $1 by $2" on "$1" "$PYTHON" "$SMOKE/udp.py" exchange "$2$SERVER4" 7777 \
		0 1 512 1231 1452
	expect "UDP without a checksum of $1 by $2" on "$1" "$PYTHON" "$SMOKE/udp.py" \
		exchange "$2$SERVER4" 7778 100 101
}
use "$C" $WKP &
wkp=$!
pids+=("$wkp")
use "$D" $NSP
wait "$wkp" || fail "the client of $WKP"
# The state says so too: each has sessions under its own prefix and no other.
for used in "2001:db8:1::2 $WKP/96" "2001:db8:2::2 $NSP/96"; do
	got=$(cli g "show nat64 sessions client ${used% *} json" | "$PYTHON" -c \
		'import json, sys; print(*{s["pref64"] for s in json.load(sys.stdin)["sessions"]})')
	[[ $got == "${used#* }" ]] || fail "the prefixes of ${used% *} are '$got'"
done

# Every A record under every prefix, in the order configured (RFC 6147 5.1.7), for everybody.
for ns in "$C" "$D"; do
	answer "$ns" v4.example.net ${WKP}909:909 ${NSP}909:909
	answer "$ns" v6.example.net 2001:db8:ffff::6
	answer "$ns" ipv4only.arpa ${WKP}c000:aa ${WKP}c000:ab ${NSP}c000:aa ${NSP}c000:ab
	answer "$ns" private.example.net ${NSP}c0a8:707
	for prefix in $WKP $NSP; do
		got=$(on "$ns" dig +short -x "${prefix}909:909" | xargs)
		[[ $got == '9.9.9.9.in-addr.arpa. v4.example.net.' ]] ||
			fail "PTR of $prefix: '$got'"
	done
	expect "page by name for $ns" on "$ns" curl -sSf --max-time 10 http://v4.example.net/
	expect "ping a private address by name" on "$ns" ping -c 1 -W 2 private.example.net
	expect "ping a private address" on "$ns" ping -c 1 -W 2 ${NSP}192.168.7.7
	# ADR-12: refused, and the program is told at once.
	status=0
	on "$ns" curl -sS --max-time 10 "http://[${WKP}192.168.7.7]/" 2>"$TMP/refused" || status=$?
	((status == 7)) || fail "a private address behind $WKP: $status: $(cat "$TMP/refused")"
done
refused=$(cli g 'show drops' | awk '/wkp_non_global/ { print $2 }')
((refused == 2)) || fail "$refused packets were refused for $WKP, not 2"
finish
