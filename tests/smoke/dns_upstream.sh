#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Upstream servers that are dead, slow or lying (tests/smoke/fake_dns.py says how).
. "$(dirname "$0")/lib.sh"

ask()
{
	client dig +tries=1 +time=15 +short "$1.lies.example.net" AAAA 2>&1 | xargs || true
}

topology
# .12 is dead without a word, .11 refuses by ICMP, .10 answers.
ip -n "$S" addr add 9.9.9.10/24 dev eth0
ip -n "$S" addr add 9.9.9.11/24 dev eth0
ip -n "$R" route add blackhole 9.9.9.12
start "$S" "$PYTHON" "$SMOKE/fake_dns.py" 9.9.9.10 $SERVER4 >"$TMP/dns.log" 2>&1
wait_for 10 listens -u 9.9.9.10:53 || fail "the fake DNS server did not start"
truth=64:ff9b::909:909

UPSTREAMS='9.9.9.12, 9.9.9.11, 9.9.9.10'
config failover
gate_start failover
for name in one two three; do
	got=$(ask $name)
	[[ $got == "$truth" ]] || fail "behind dead upstreams $name is '$got'"
done
gate_stop failover

UPSTREAMS=9.9.9.10
config g
gate_start g
for name in plain slow lost-once wrong-id wrong-source wrong-port wrong-question wrong-type; do
	got=$(ask $name)
	[[ $got == "$truth" ]] || fail "$name: '$got', not $truth"
done
# Nothing but lies: no answer may come of them.
got=$(client dig +tries=1 +time=15 +noall +comments +answer only-lies.lies.example.net AAAA)
grep -q 'status: SERVFAIL' <<<"$got" || fail "only-lies: $got"
[[ $(ask again) == "$truth" ]] || fail "no answer after the lies"
finish
