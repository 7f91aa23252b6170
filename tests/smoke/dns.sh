#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# DNS64 as an ordinary host sees it: every kind of name.
# prefixes: both
. "$(dirname "$0")/lib.sh"

P=${PREF64%/96}

# want NAME TYPE STATUS [ANSWER...]: the status, and the answer as TYPE=DATA in the order received.
want()
{
	local name=$1 type=$2 status=$3 got

	shift 3
	client dig +tries=1 +time=8 +noall +comments +answer "$name" "$type" >"$TMP/dig" 2>&1 ||
		fail "$name $type: $(cat "$TMP/dig")"
	got=$(awk '
		/status:/ { sub(",", "", $6); printf "%s", $6 }
		!/^;/ && NF >= 5 { printf " %s=%s", $4, $5 }' "$TMP/dig")
	[[ $got == "$status${*:+ $*}" ]] || fail "$name $type: '$got', not '$status${*:+ $*}'"
}

world
dns_server
want v4.example.net AAAA NOERROR "AAAA=${P}909:909"
want v4.example.net A NOERROR A=9.9.9.9
want V4.eXample.NET AAAA NOERROR "AAAA=${P}909:909"
want many.example.net AAAA NOERROR "AAAA=${P}909:909" "AAAA=${P}909:90a" "AAAA=${P}909:90b"
want v6.example.net AAAA NOERROR AAAA=2001:db8:ffff::6
want v6.example.net A NOERROR
want dual.example.net AAAA NOERROR AAAA=2001:db8:ffff::46
want dual.example.net A NOERROR A=9.9.9.9
want alias.example.net AAAA NOERROR CNAME=alias2.example.net. CNAME=v4.example.net. \
	"AAAA=${P}909:909"
want alias6.example.net AAAA NOERROR CNAME=v6.example.net. AAAA=2001:db8:ffff::6
want missing.example.net AAAA NXDOMAIN
want missing.example.net A NXDOMAIN
want bare.example.net AAAA NOERROR
want bare.example.net TXT NOERROR 'TXT="nothing'
want example.net MX NOERROR MX=10
want example.net SOA NOERROR SOA=ns.example.net.
want ipv4only.arpa AAAA NOERROR "AAAA=${P}c000:aa" "AAAA=${P}c000:ab"
want ipv4only.arpa A NOERROR A=192.0.0.170 A=192.0.0.171
want ipv4only.arpa TXT NOERROR
want below.ipv4only.arpa AAAA NXDOMAIN
# RFC 6052 3.1: a private address has no business behind the well-known prefix.
if [[ $PREF64 == 64:ff9b::/96 ]]; then
	want private.example.net AAAA NOERROR
else
	want private.example.net AAAA NOERROR "AAAA=${P}c0a8:707"
fi
reverse=$(client dig +short -x "${P}909:909" | xargs)
[[ $reverse == '9.9.9.9.in-addr.arpa. v4.example.net.' ]] || fail "PTR: '$reverse'"
ttl=$(client dig +noall +answer v4.example.net AAAA | awk '{ print $2 }')
((ttl > 0 && ttl <= 300)) || fail "a TTL of $ttl, though the zone's negative TTL is 300"
expect "an ordinary program's look-up" client getent ahostsv6 alias.example.net
finish
