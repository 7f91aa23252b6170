# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# shellcheck disable=SC2086,SC2154 # lib.sh sets them
# What is checked of one boot, in the order that tests/nic/run says. Each check is a function
# check_NAME that fails by fail(), and may count on what the checks before it left.

# --- binding, start and stop ---------------------------------------------------------------

driver_of()
{
	guest bind status | awk -v address="$1" '$1 == address { sub("driver=", "", $2); print $2 }'
}

check_bind()
{
	local address

	for address in "${pci[@]}"; do
		[[ $(driver_of "$address") == "$KERNEL_DRIVER" ]] ||
			fail "before: $(guest bind status)"
		expect "bind $address" guest bind "$address" "$DRIVER"
		[[ $(driver_of "$address") == "$DRIVER" ]] || fail "after: $(guest bind status)"
		guest bind "$address" "$DRIVER" | grep -q already || fail "it is bound twice"
	done
}

# The kernel has its NICs back, and they work for it.
check_give_back()
{
	local address

	for address in "${pci[@]}"; do
		expect "give $address back" guest bind "$address" kernel
		[[ $(driver_of "$address") == "$KERNEL_DRIVER" ]] || fail "$(guest bind status)"
	done
	expect "the kernel's interface" guest 'ip link set eth0 up && ip link show eth0'
}

link_is()
{
	[[ $(field "$1" info link) == "$2" ]]
}

check_start()
{
	local port

	config g
	gate_start g
	for port in lan wan; do
		[[ $(field $port info driver) == "$PMD" ]] || fail "$(cli g 'show port info')"
		wait_for 30 link_is $port up || fail "no link: $(cli g 'show port info')"
	done
	[[ $(field lan info mac) == 52:54:00:00:00:01 ]] || fail "the MAC is another one"
	expect "the first ping" wait_for 30 client ping -c 1 -W 2 "$SERVER6"
}

check_stop()
{
	gate_stop g
}

# The same NICs, without binding them again.
check_restart()
{
	gate_stop g
	gate_start g
	expect "ping after the restart" wait_for 30 client ping -c 1 -W 2 "$SERVER6"
	expect "page after the restart" client curl -sSf --max-time 20 "$WEB/"
}

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
	local port before pid

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
	"$PYTHON" "$NIC/counts.py" "$before" "$after" >"$TMP/counts" || return 1
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
	on "$(far_end "$1")" "$PYTHON" -c '
import socket, sys
device, mac, kind = sys.argv[1:]
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
wire.bind((device, 0))
for _ in range(3):
    wire.send(bytes.fromhex(mac + "020000000009" + kind) + bytes(60))' \
		"$(far_device "$1")" "$2" "$3"
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

# --- traffic ------------------------------------------------------------------------------

check_ping()
{
	local size

	for size in 0 1 56 1451 1452; do
		expect "ping with $size bytes" client ping -c 2 -i 0.1 -W 5 -s $size "$SERVER6"
	done
	expect "pings" client ping -c 50 -i 0.02 -W 5 "$SERVER6"
	grep -q ' 0% packet loss' "$TMP/expect" || fail "echo replies are missing"
	expect "ping to the gateway" client ping -c 2 -i 0.1 -W 5 $GATEWAY6
	expect "ping to the gateway from outside" on "$R" ping -c 2 -i 0.1 -W 5 5.6.7.2
}

check_dns64()
{
	local got

	got=$(client dig +tries=2 +time=8 +short v4.example.net AAAA)
	[[ $got == "${PREF64%/96}909:909" ]] || fail "AAAA: '$got'"
	got=$(client dig +tries=2 +time=8 +short v4.example.net A)
	[[ $got == 9.9.9.9 ]] || fail "A: '$got'"
	expect "a page by name" client curl -sSf --max-time 20 http://v4.example.net/
}

check_download()
{
	client curl -sS --max-time 100 "$WEB/ten" >"$TMP/got" || fail "the download ended early"
	[[ $(sha256sum <"$TMP/got") == "$(sha256sum <"$TMP/www/ten")" ]] ||
		fail "the download came out changed"
}

check_upload()
{
	expect "upload" client curl -sSf --max-time 100 -T "$TMP/www/ten" "$WEB/upload/ten"
	[[ $(sha256sum <"$TMP/www/upload/ten") == "$(sha256sum <"$TMP/www/ten")" ]] ||
		fail "the upload came out changed"
}

check_parallel()
{
	local n

	client curl -sS --max-time 100 -Z --parallel-max 200 --parallel-immediate \
		-o "$TMP/page-#1" "$WEB/slow/page?n=[1-200]" || fail "a connection failed"
	for ((n = 1; n <= 200; n++)); do
		cmp "$TMP/page-$n" "$TMP/www/slow/page" || fail "page $n came out changed"
	done
}

# Clients enough that each worker has some, over everything that is spread by ports and addresses.
check_queues()
{
	local n clients=()

	for n in {16..39}; do
		clients+=("2001:db8:1::$(printf %x "$n")")
		address "$C" eth0 "${clients[-1]}/64"
	done
	for n in "${clients[@]}"; do
		expect "page for $n" client curl -sSf --max-time 60 --interface "$n" \
			-o /dev/null "$WEB/slow/page" &
	done
	for n in "${clients[@]}"; do
		wait -n || fail "a client got no page"
	done
	expect "UDP of each" client "$PYTHON" "$SMOKE/udp.py" exchange-from \
		"$SERVER6" 7777 "${clients[@]}"
	wait_for 20 workers_agree || fail "$(cat "$TMP/workers")"
	cat "$TMP/workers"
}

# Once nothing is on its way.
workers_agree()
{
	"$NIC/workers.py" "$(cli g 'show port info json')" "$(cli g 'show port stats json')" \
		"$(cli g 'show workers json')" "$(cli g 'show drops json')" >"$TMP/workers" 2>&1
}

check_fragments()
{
	wait_for 30 client "$PYTHON" "$SMOKE/udp.py" exchange "$SERVER6" 7777 1453 ||
		fail "the server does not learn the path MTU"
	expect "UDP exchange" client "$PYTHON" "$SMOKE/udp.py" exchange "$SERVER6" 7777 \
		1 1452 1453 2928 2929 4096 8192 16384 65000
	expect "UDP answers without a checksum" client "$PYTHON" "$SMOKE/udp.py" exchange \
		"$SERVER6" 7778 100 4096 8192
}

# A link of 1400 bytes behind the router.
check_pmtu()
{
	ip -n "$R" link set r1 mtu 1400
	! client ping -M 'do' -c 1 -W 5 -s 1452 "$SERVER6" >"$TMP/ping" 2>&1 ||
		fail "ping passed a link that is too small"
	grep -q 'mtu[=:] *1420' "$TMP/ping" ||
		fail "no packet too big with 1420: $(cat "$TMP/ping")"
	client ip -6 route flush cache
	check_upload
	ip -n "$R" link set r1 mtu 1500
	client ip -6 route flush cache
}
