#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Two workers that sleep when there is nothing to do, or never: packets that one hands to the other,
# and answers of the DNS lcore, find them asleep. DNS64 has a thread of its own, or the first
# worker's.
. "$(dirname "$0")/lib.sh"

topology
dns_server
for mode in sleep poll one_thread; do
	MORE_PORTS="lcores: { workers: [0, 1], dns: 1, idle: ${mode/one_thread/sleep} }"
	[[ $mode != one_thread ]] || MORE_PORTS="lcores: { workers: [0, 1], dns: 0 }"
	config "$mode"
	gate_start "$mode"
	for port in 1 2 3; do
		# identifiers differ, and with them the workers that own the way back
		expect "$mode: ping $port" client ping -n -c 10 -i 0.05 -W 5 "$SERVER6"
	done
	expect "$mode: ping to the gateway" client ping -n -c 10 -i 0.05 -W 5 $GATEWAY6
	expect "$mode: DNS" client dig +short +time=5 +tries=2 v4.example.net AAAA
	grep -q '^64:ff9b::909:909$' "$TMP/expect" || fail "$mode: $(cat "$TMP/expect")"
	expect "$mode: a mail to DNS64" cli "$mode" 'show dns64 stats'
	gate_stop "$mode"
done
echo "ok idle"
