#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Hosts behind a router on the LAN side: translated, answered by DNS64, and reached natively.
. "$(dirname "$0")/lib.sh"

topology
L=$RUN-inner H=$RUN-behind
ns_add "$L" 6
ns_add "$H" 6
on "$L" sysctl -qw net.ipv6.conf.all.forwarding=1
link_add "$L" outside "$G" lan1
link_add "$L" inside "$H" eth0
address "$L" outside 2001:db8:2::99/64
address "$L" inside 2001:db8:99::1/64
address "$H" eth0 2001:db8:99::2/64
ip -n "$L" route add default via 2001:db8:2::1
ip -n "$H" route add default via 2001:db8:99::1
MORE_PORTS='
  - name: lan2
    device: "net_af_packet2,iface=lan1"
    role: lan
    addresses: [2001:db8:2::1/64]'
ROUTES='
routes:
  - { prefix: 2001:db8:99::/64, via: 2001:db8:2::99 }'
config g
gate_start g
web_server
dns_server
got=$(on "$H" dig +tries=1 +time=8 +short @2001:db8:2::1 v4.example.net AAAA)
[[ $got == 64:ff9b::909:909 ]] || fail "DNS64 answers '$got' behind the router"
expect "page" on "$H" curl -sSf --max-time 10 "$WEB/"
expect "ping from the other LAN" client ping -c 3 -i 0.01 -W 2 2001:db8:99::2
finish
