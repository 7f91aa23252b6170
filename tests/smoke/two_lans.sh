#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Two LAN ports: both reach IPv4, and each other natively.
. "$(dirname "$0")/lib.sh"

topology
second_lan
config g
gate_start g
web_server
dns_server
for ns in "$C" "$D"; do
	expect "page for $ns" on "$ns" curl -sSf --max-time 10 http://v4.example.net/
done
expect "ping between the LANs" client ping -c 3 -i 0.01 -W 2 2001:db8:2::2
expect "ping back" on "$D" ping -c 3 -i 0.01 -W 2 2001:db8:1::2
hops=$(client traceroute -6 -n -q 1 -w 3 -m 4 2001:db8:2::2 | awk 'NR > 1 { print $2 }' | xargs)
[[ $hops == "$GATEWAY6 2001:db8:2::2" ]] || fail "the way between the LANs is '$hops'"
finish
