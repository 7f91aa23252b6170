# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# shellcheck disable=SC2034,SC2086,SC2154 # lib.sh sets and uses them
# Checks as in checks.sh: links, counters, filters, MACs, MTUs, offloads, VLANs.

# --- the link -----------------------------------------------------------------------------

# set_link PORT on|off: the wire of lan (nic0) or wan (nic1).
set_link()
{
	local nic=nic0

	[[ $1 == lan ]] || nic=nic1
	monitor "set_link $nic $2"
}

link_off()
{
	set_link "$1" off
	wait_for 20 link_is "$1" down || fail "$(cli g "show port info")"
}

neighbours()
{
	cli g 'show neighbors json' | "$PYTHON" -c '
import json, sys
for n in json.load(sys.stdin)["neighbors"]:
    if n["state"] != "incomplete":
        print(n["port"], n["address"], n["mac"])' | sort
}

drops()
{
	cli g 'show drops json' | "$PYTHON" -c '
import json, sys
print({d["reason"]: d["count"] for d in json.load(sys.stdin)["drops"]}.get(sys.argv[1], 0))' "$1"
}

# Both links go while a page is on its way; the page, the sessions and the neighbours survive it.
check_link()
{
	local port before pid captures=()

	client curl -sS --max-time 100 -o "$TMP/page" "$WEB/slow/page" &
	pid=$!
	wait_for 20 test -s "$TMP/page" || fail "the page does not begin"
	before=$(neighbours)
	link_off wan
	! client ping -c 2 -i 0.1 -W 1 "$SERVER6" >/dev/null || fail "ping without a wire"
	(($(drops link_down) > 0)) || fail "no frame is lost: $(cli g 'show drops')"
	link_off lan
	for port in lan wan; do
		start "$(far_end $port)" "$NIC/capture.py" "$(far_device $port)" "$TMP/$port.frames"
		captures+=("$started")
		wait_for 10 test -e "$TMP/$port.frames" || fail "no capture"
	done
	[[ $(comm -23 <(echo "$before") <(neighbours)) == '' ]] ||
		fail "neighbours went with the link: before: $before, now: $(neighbours)"
	for port in lan wan; do
		set_link $port on
		wait_for 20 link_is $port up || fail "$(cli g "show port info")"
	done
	wait "$pid" || fail "the page does not end"
	cmp "$TMP/page" "$TMP/www/slow/page" || fail "the page came out changed"
	wait_for 20 grep -q "^ffffffffffff5254000000020806.*05060702.*05060702" \
		"$TMP/wan.frames" || fail "no gratuitous ARP"
	wait_for 20 grep -q "^33330000000152540000000186dd.*8800....a000000020010db80001" \
		"$TMP/lan.frames" || fail "no NA to all nodes about the LAN's address"
	kill "${captures[@]}"
	guest "grep 'gate64: port .*: link' /tmp/g.log" | sed 's/^/log: /'
}

far_end()
{
	if [[ $1 == lan ]]; then echo "$C"; else echo "$R"; fi
}

far_device()
{
	if [[ $1 == lan ]]; then echo eth0; else echo r0; fi
}

# --- sleeping -----------------------------------------------------------------------------

polls()
{
	cli g 'show workers json' | "$PYTHON" -c '
import json, sys
print(*(worker["polls"] for worker in json.load(sys.stdin)["workers"]))'
}

# Some 250 turns a second are those of who sleeps for 8 ms at a time; who naps has thousands.
workers_sleep()
{
	local before after worker

	read -ra before <<<"$(polls)"
	sleep 2
	read -ra after <<<"$(polls)"
	echo "log: turns of the workers in 2 s without traffic: from ${before[*]} to ${after[*]}" \
		>"$TMP/polls"
	for worker in "${!before[@]}"; do
		((after[worker] - before[worker] < 1500)) || return 1
	done
}

# single NAMESPACE HOST: packets that come alone, each once the workers have gone to sleep.
single()
{
	expect "single packets to $2" on "$1" ping -n -c 15 -i 0.2 -W 5 "$2"
	grep -q ' 0% packet loss' "$TMP/expect" || fail "$(cat "$TMP/expect")"
	sed -n "s|^rtt|log: $2: &|p" "$TMP/expect"
}

# Workers sleep when there is nothing to do, and an interrupt wakes them. Had it not for some
# packets in a row, gate64 would not rely on interrupts any more, and say so.
check_idle()
{
	local port

	single "$C" "$SERVER6"
	single "$R" 5.6.7.2
	for port in lan wan; do
		[[ $(field $port info wake) == "$WAKE" ]] || fail "$(cli g 'show port info')"
	done
	if [[ $WAKE == interrupt ]]; then
		wait_for 20 workers_sleep || fail "a worker does not sleep: $(cat "$TMP/polls")"
		cat "$TMP/polls"
		check_dns64
	elif [[ $MODEL == igb ]]; then
		expect "what the log says" guest "grep 'port lan: .*; its workers nap' /tmp/g.log"
		sed 's/^/log: /' "$TMP/expect"
	fi
}

# --- counters and filters -----------------------------------------------------------------

# What the NIC counts is what went over the wire. Something that nobody asked for may come while
# the counters are read, thus two tries.
check_stats()
{
	! counts_agree || return 0
	! counts_agree || return 0
	fail "the NIC counts otherwise: $(cat "$TMP/counts")"
}

counts_agree()
{
	local before after

	wait_for 20 counts_stand || fail "the counters do not come to rest"
	before=$(all_counts)
	expect "ping" client ping -c 50 -i 0.02 -s 200 -W 5 "$SERVER6"
	expect "UDP" client "$PYTHON" "$SMOKE/udp.py" exchange "$SERVER6" 7777 100 500 1000 1400
	wait_for 20 counts_stand || fail "the counters do not come to rest"
	after=$(all_counts)
	"$PYTHON" "$NIC/counts.py" $CRC "$before" "$after" >"$TMP/counts" || return 1
	cat "$TMP/counts"
}

# NIC, then host, whose directions are the others.
all_counts()
{
	local port

	cli g 'show port stats json' | "$PYTHON" -c '
import json, sys
for p in json.load(sys.stdin)["ports"]:
    print(p["rx_packets"], p["rx_bytes"], p["tx_packets"], p["tx_bytes"])'
	for port in lan wan; do
		on "$(far_end $port)" sh -c 'cd "/sys/class/net/$1/statistics"
			cat tx_packets tx_bytes rx_packets rx_bytes' - "$(far_device $port)" | xargs
	done
}

counts_stand()
{
	[[ $(all_counts) == "$(all_counts)" ]]
}

# frames PORT DESTINATION-MAC TYPE: three of them, from the host's end.
frames()
{
	on "$(far_end "$1")" "$PYTHON" "$NIC/frames.py" "$(far_device "$1")" "$2" "$3"
}

received()
{
	field "$1" stats rx_packets
}

received_since()
{
	(($(received "$1") > $2))
}

# The NIC lets in what is for us, broadcast, and the groups that ND needs, and nothing else.
check_filter()
{
	local port n mac

	for port in lan wan; do
		[[ $(field $port info promiscuous) == False ]] || fail "$port is promiscuous"
		wait_for 20 counts_stand || fail "the counters do not come to rest"
		n=$(received $port)
		frames $port 525400000077 88b5
		frames $port 3333ff123456 88b5
		frames $port 01005e00000d 88b5
		wait_for 20 counts_stand || fail "the counters do not come to rest"
		(($(received $port) < n + 3)) || fail "$port receives what is not for it"
	done
	(($(drops l2_not_ours) == 0)) || fail "frames for others came in: $(cli g 'show drops')"
	# ff02::1, ff02::2, the solicited-node groups of the global and of the link-local address
	for mac in 525400000001 ffffffffffff 333300000001 333300000002 3333ff000001; do
		n=$(received lan)
		frames lan $mac 88b5
		wait_for 20 received_since lan $((n + 2)) || fail "the LAN port does not hear $mac"
	done
	(($(drops l2_ethertype) >= 15)) || fail "$(cli g 'show drops')"
	ip -n "$C" neigh flush dev eth0
	expect "ping once the client forgot the gateway" client ping -c 2 -i 0.1 -W 5 "$SERVER6"
	ip -n "$R" neigh flush dev r0
	expect "ping once the router forgot it" client ping -c 2 -i 0.1 -W 5 "$SERVER6"
}

# --- MAC, MTU, VLANs ----------------------------------------------------------------------

# Neighbours get another network card; they say so, as hosts do.
check_mac()
{
	local mac port
	local -A was=()

	for port in lan wan; do
		was[$port]=$(on "$(far_end $port)" cat "/sys/class/net/$(far_device $port)/address")
	done
	on "$C" sysctl -qw net.ipv6.conf.eth0.ndisc_notify=1
	on "$R" sysctl -qw net.ipv4.conf.r0.arp_notify=1
	for mac in 0a 0b; do
		ip -n "$C" link set eth0 address 02:00:00:00:01:$mac
		ip -n "$R" link set r0 address 02:00:00:00:02:$mac
		goes_on "the neighbours' new MAC"
	done
	neighbours | grep -qi "lan .* 02:00:00:00:01:0b" || fail "$(neighbours)"
	neighbours | grep -qi "wan .* 02:00:00:00:02:0b" || fail "$(neighbours)"
	ip -n "$C" link set eth0 address "${was[lan]}"
	ip -n "$R" link set r0 address "${was[wan]}"
}

# mtu_everywhere MTU: on the whole way.
mtu_everywhere()
{
	ip -n "$C" link set eth0 mtu "$1"
	ip -n "$R" link set r0 mtu "$1"
	ip -n "$R" link set r1 mtu "$1"
	ip -n "$S" link set eth0 mtu "$1"
	client ip -6 route flush cache
	on "$R" ip route flush cache
	server ip route flush cache
}

# Another MTU, twice: jumbo frames, and less than usual.
check_mtu()
{
	local mtu

	for mtu in 9000 1400; do
		gate_stop g
		LAN_MTU=$mtu WAN_MTU=$mtu MORE_MEMORY=', mbufs: 8192' config g
		gate_start g
		[[ $(field lan info mtu) == "$mtu" ]] || fail "$(cli g 'show port info')"
		mtu_everywhere $mtu
		goes_on "MTU $mtu"
		expect "pings of $mtu bytes" client ping -M 'do' -c 3 -i 0.1 -W 5 -s $((mtu - 48)) \
			"$SERVER6"
		check_upload
		check_download
	done
	(($(drops malformed) == 0)) || fail "frames came in parts: $(cli g 'show drops')"
	mtu_everywhere 1500
	config g
}

# --- offloads ------------------------------------------------------------------------------

# The DNS answers of a gateway whose NICs compute checksums are those of one that does it itself,
# byte for byte. By a file of our own about the driver: the one in the binary asks for none of it.
check_offloads()
{
	local way yaml
	local -A expect_offloads=(
		[off]='[]' [on]="['rx-udp-checksum', 'tx-udp-checksum']")

	for way in off on; do
		gate_stop g
		NIC_CONFIG='' WAN_OPTIONS='offloads: false'
		if [[ $way == on ]]; then
			yaml=$(sed 's/^offloads:/&\n  tx: [udp-checksum]\n  rx: [udp-checksum]/' \
				"$TOP/drivers-cfg/${PMD#net_e1000_}.yaml" | base64 -w 0)
			guest "mkdir -p /tmp/drivers; echo $yaml | base64 -d >/tmp/drivers/own.yaml"
			NIC_CONFIG='drivers: /tmp/drivers' WAN_OPTIONS=''
		fi
		config g
		gate_start g
		[[ $(field lan info offloads) == "${expect_offloads[$way]}" ]] ||
			fail "$(cli g 'show port info')"
		goes_on "offloads are $way"
		client "$PYTHON" "$NIC/dns.py" eth0 2001:db8:1::2 $GATEWAY6 >"$TMP/dns.$way" ||
			fail "DNS with offloads $way"
		check_dns64
	done
	cmp "$TMP/dns.off" "$TMP/dns.on" ||
		fail "the frames differ: $(diff "$TMP/dns.off" "$TMP/dns.on")"
	echo "log: $(wc -l <"$TMP/dns.on") answers, the same $(wc -c <"$TMP/dns.on") hex digits"
	NIC_CONFIG='' WAN_OPTIONS='' config g
}

# to_switch NAMESPACE DEVICE WIRE: what was the device becomes a wire of the switch, and a new one
# of that name leads there, by the port that is called as the namespace's last word.
to_switch()
{
	ip -n "$1" link set "$2" netns "$W" name "$3"
	ip -n "$W" link set "$3" up
	link_add "$1" "$2" "$W" "${1##*-}"
}

# Two LANs on one NIC, untagged and in VLAN 10, and on the other one the WAN in VLAN 20. A switch
# at the wires' ends has the tags. The last check of a boot: the wires stay there.
check_vlan()
{
	local W=$RUN-switch D=$RUN-second ns

	gate_stop g
	MORE_PORTS="  - { name: lan10, device: '${pci[0]}', vlan: 10, role: lan,
      addresses: [2001:db8:10::1/64] }" WAN_OPTIONS='vlan: 20' config g
	gate_start g
	ns_add "$W" 0
	ns_add "$D" 6
	to_switch "$C" eth0 wire0
	to_switch "$R" r0 wire1
	link_add "$D" eth0 "$W" second
	address "$C" eth0 2001:db8:1::2/64
	address "$D" eth0 2001:db8:10::2/64
	address "$R" r0 5.6.7.1/24
	ip -n "$C" route add default via $GATEWAY6
	ip -n "$D" route add default via 2001:db8:10::1
	start "$W" "$PYTHON" "$SMOKE/vlan_switch.py" wire0 client:0 second:10
	start "$W" "$PYTHON" "$SMOKE/vlan_switch.py" wire1 router:20
	goes_on "the move into VLANs"
	for ns in "$C" "$D"; do
		expect "page for $ns" on "$ns" curl -sSf --max-time 30 "$WEB/"
		expect "full-sized pings of $ns" on "$ns" ping -c 3 -i 0.1 -W 5 -s 1452 "$SERVER6"
	done
	expect "ping between the LANs" client ping -c 3 -i 0.1 -W 5 -s 1452 2001:db8:10::2
	[[ $(field lan10 info vlan) == 10 && $(field lan info promiscuous) == False ]] ||
		fail "$(cli g 'show port info')"
	# a tag that no port has, and none where the WAN's NIC has only tagged ones
	on "$W" "$PYTHON" "$NIC/frames.py" wire0 ffffffffffff 8100001e86dd
	on "$W" "$PYTHON" "$NIC/frames.py" wire1 ffffffffffff 0800
	wait_for 20 drops_are vlan 6 || fail "$(cli g 'show drops')"
}

drops_are()
{
	(($(drops "$1") >= $2))
}
