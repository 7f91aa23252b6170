#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# One interface with an untagged LAN, a LAN in VLAN 10 and the WAN in VLAN 20.
# shellcheck disable=SC2154 # lib.sh sets started
. "$(dirname "$0")/lib.sh"

# The router and a second client reach lan0 through a switch that tags their frames.
W=$RUN-switch D=$RUN-client2
ns_add "$G" 0
ns_add "$W" 0
client_add "$C" c0 2001:db8:1
client_add "$D" d0 2001:db8:10
ns_add "$R" 4
ns_add "$S" 4
on "$R" sysctl -qw net.ipv4.ip_forward=1
link_add "$R" r0 "$G" router0
link_add "$R" r1 "$S" eth0
link_add "$W" trunk "$G" lan0
address "$R" r0 5.6.7.1/24
address "$R" r1 9.9.9.1/24
address "$S" eth0 $SERVER4/24
ip -n "$S" route add default via 9.9.9.1
for device in c0 d0 router0; do
	ip -n "$G" link set "$device" netns "$W"
	ip -n "$W" link set dev "$device" up
done
start "$W" "$PYTHON" "$SMOKE/vlan_switch.py" trunk c0:0 d0:10 router0:20
switch=$started
cat >"$TMP/g.yaml" <<YAML
ports:
  - { name: lan, device: "net_af_packet0,iface=lan0", role: lan, addresses: [$GATEWAY6/64] }
  - name: lan10
    device: "net_af_packet0,iface=lan0"
    vlan: 10
    role: lan
    addresses: [2001:db8:10::1/64]
  - name: wan
    device: "net_af_packet0,iface=lan0"
    vlan: 20
    role: wan
    addresses: [5.6.7.2/24]
    gateway4: 5.6.7.1
nat64: { prefixes: [$PREF64], max_sessions: 16384 }
dns64: { upstreams: [$SERVER4] }
cli: { socket: $TMP/g.sock }
YAML
gate_start g
web_server
dns_server
for ns in "$C" "$D"; do
	expect "page for $ns" on "$ns" curl -sSf --max-time 10 http://v4.example.net/
	expect "full-sized ping of $ns" on "$ns" ping -c 3 -i 0.01 -W 2 -s 1452 "$SERVER6"
done
expect "ping between the VLANs" client ping -c 3 -i 0.01 -W 2 -s 1452 2001:db8:10::2
expect "upload" client curl -sSf --max-time 60 -T "$TMP/www/slow/page" "$WEB/upload/page"
cmp "$TMP/www/slow/page" "$TMP/www/upload/page" || fail "the upload came out changed"
# A VLAN that no port has.
kill "$switch"
start "$W" "$PYTHON" "$SMOKE/vlan_switch.py" trunk d0:30
! on "$D" ping -c 2 -W 1 2001:db8:10::1 >/dev/null || fail "the gateway answers in VLAN 30"
cli g 'show drops' | grep -q '^vlan ' || fail "no drop is counted: $(cli g 'show drops')"
cli g 'show port info' | grep -q 'vlan: *20' || fail "no VLAN: $(cli g 'show port info')"
finish
