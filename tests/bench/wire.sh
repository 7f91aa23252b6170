#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# gate64 on a wire, in the manner of RFC 8219 and RFC 9693: memif between two processes, beside a
# program that forwards each frame as it is; and veth with af_packet, beside such a program and
# beside TAYGA with masquerading by nftables. The same tester (wire.h) measures all of them, one
# after the other. Called by scripts/bench --wire, which sets BUILD; QUICK=yes: shorter.
#   bench wire_<wire> dut=<name> ...         as wire_main.c says
#   bench wire_<wire> sessions=<n> loss=<percent> gate64_vs_tayga=<x>
# Two CPUs: the tester's, and that of the worker, the forwarder or TAYGA. What the kernel does for a
# frame that is sent into a veth it does on the sender's CPU, for all alike.
BUILD=${BUILD:?}
GATE64=$BUILD/app/gate64 GATE64_CLI=$BUILD/app/gate64-cli TESTER=$BUILD/tests/bench/wire_tester
# shellcheck source=tests/smoke/lib.sh
. "$(dirname "$0")/../smoke/lib.sh"
# shellcheck source=tests/bench/cpus.sh
. "$(dirname "$0")/cpus.sh"

T=$RUN-tester K=$RUN-kernel
NSP=2001:2:0:64::/96 # a prefix of one's own, since 64:ff9b::/96 does not go with 198.18.0.0/15
wires=${WIRES:-memif veth} duts=${DUTS:-forward gate64 tayga}
sessions=${SESSIONS:-1000}
receive=${RECEIVE:-sender} # or own: who does the kernel's work of receiving (cpus.sh)
repeat=3 seconds=${SECONDS_EACH:-2}
[[ ${QUICK:-no} == no ]] || repeat=1 seconds=${SECONDS_EACH:-1}
[[ $seconds =~ ^[1-9][0-9]{0,2}$ ]] || fail "SECONDS_EACH=$seconds: allowed: 1 to 999"
limit=$((600 + 200 * seconds)) # for one device under test, on a machine however busy

# --- devices under test: dut_start_<name> WIRE, dut_stop NAME ----------------------------------

dut=

# Queues are long everywhere, or what the scheduler takes away (4 ms at a time) would be what is
# measured: of memif 16384 frames a ring, of a packet socket 4096, and 2048 for gate64 by its own
# default and for TAYGA.

# memif_device ROLE INDEX
memif_device()
{
	echo "net_memif$2,role=$1,id=$2,socket=$TMP/memif,socket-abstract=no,rsize=14"
}

# packet_device INDEX INTERFACE
packet_device()
{
	echo "net_af_packet$1,iface=$2,framecnt=4096"
}

dut_start_gate64()
{
	local lan=net_af_packet0,iface=lan0 wan=net_af_packet1,iface=wan0 pool=''

	[[ $1 == veth ]] || lan=$(memif_device server 0) wan=$(memif_device server 1)
	((sessions <= 32000)) || pool='pool4: [198.18.1.0/24]'
	cat >"$TMP/gate64.yaml" <<YAML
name: bench
ports:
  - { name: lan, device: "$lan", role: lan, addresses: [2001:2::1/64] }
  - { name: wan, device: "$wan", role: wan, addresses: [198.18.0.2/24],
      gateway4: 198.18.0.1 }
routes: [{ prefix: 2001:2:0:1000::/52, via: 2001:2::2, port: lan }]
nat64:
  prefixes: [$NSP]
  max_sessions: $((sessions + 1024))
  max_bib: $((sessions + 1024))
  timeouts: { udp: 3600 }
  quota: { bindings: 0, sessions: 0 }
  $pool
dns64: { enabled: false }
lcores: { control: $client_cpu, workers: [$server_cpu] }
cli: { socket: $TMP/gate64.sock }
state_file: none
YAML
	gate_start gate64
	dut=${gate_pid[gate64]}
}

dut_start_forward()
{
	local inside outside

	inside=$(packet_device 0 lan0) outside=$(packet_device 1 wan0)
	[[ $1 == veth ]] || inside=$(memif_device server 0) outside=$(memif_device server 1)
	start "$G" "$TESTER" --forward --cpu "$server_cpu" --inside "$inside" \
		--outside "$outside" >"$TMP/forward.log" 2>&1
	dut=$started
	wait_for 30 grep -q ready "$TMP/forward.log" || fail "$(cat "$TMP/forward.log")"
}

dut_start_tayga()
{
	cat >"$TMP/tayga.conf" <<CONF
tun-device nat64
ipv4-addr 192.168.255.1
prefix $NSP
dynamic-pool 192.168.0.0/17
data-dir $TMP
CONF
	on "$K" tayga --config "$TMP/tayga.conf" --mktun >/dev/null
	ip -n "$K" link set nat64 up txqueuelen 2048
	ip -n "$K" route replace 192.168.0.0/17 dev nat64
	ip -n "$K" route replace "$NSP" dev nat64
	start "$K" taskset -c "$server_cpu" tayga --config "$TMP/tayga.conf" --nodetach \
		>"$TMP/tayga.log" 2>&1
	dut=$started
}

# gate64 must end well, with every packet buffer.
dut_stop()
{
	if [[ $1 == gate64 ]]; then
		gate_stop gate64
		return
	fi
	kill "$dut"
	wait_for 20 gone "$dut" || fail "process $dut does not end"
	wait "$dut" || true
}

among()
{
	[[ " $duts " == *" $1 "* ]]
}

# --- measuring ---------------------------------------------------------------------------------

# measure WIRE DUT INSIDE OUTSIDE [OPTION...]: the devices of the tester.
measure()
{
	local tester

	"dut_start_$2" "$1"
	start "$T" "$TESTER" --cpu "$client_cpu" --inside "$3" --outside "$4" --name "wire_$1" \
		--dut "$2" --sessions "$sessions" --repeat "$repeat" --seconds "$seconds" \
		"${@:5}" >"$TMP/results" 2>"$TMP/tester.log"
	tester=$started
	pass_on "$1" "$2" "$tester" | tee "$TMP/$1.$2"
	dut_stop "$2" # first, as wire_main.c says
	kill "$tester"
	wait "$tester" || true
}

# pass_on WIRE DUT PID: the lines of the tester until it is done. Hardly ever looks up, since that
# takes a CPU from those who are measured.
pass_on()
{
	local line='' end=$((SECONDS + limit))

	until [[ $line == "done" ]]; do
		if read -r -t 5 line <&"$results"; then
			[[ $line != bench* ]] || echo "$line"
		elif gone "$3" 2>/dev/null; then
			fail "$1, $2: the tester ended: $(cat "$TMP/tester.log" "$TMP/$2.log")"
		elif ((SECONDS > end)); then
			fail "$1, $2: not measured within $limit seconds"
		fi
	done
}

# ratio LOSS: of the rates over veth.
ratio()
{
	awk -v loss="$1" -v sessions="$sessions" '
		!/ kpps=/ || !($0 ~ " loss=" loss " ") { next }
		{
			for (i = 3; i <= NF; i++) {
				split($i, field, "=")
				if (field[1] == "dut") dut = field[2]
				if (field[1] == "kpps") kpps[dut] = field[2]
			}
		}
		END {
			if (kpps["tayga"] > 0)
				printf "bench wire_veth sessions=%d loss=%s gate64_vs_tayga=%.2f\n",
					sessions, loss, kpps["gate64"] / kpps["tayga"]
		}' "$TMP/veth.gate64" "$TMP/veth.tayga"
}

# Packet sockets see a frame before this drops it: the kernel has nothing else to do with it.
deaf()
{
	on "$1" nft -f - <<NFT
table netdev deaf {
	chain $2 { type filter hook ingress device $2 priority 0; policy drop; }
}
NFT
}

wire_memif()
{
	local inside outside

	inside=$(memif_device client 0) outside=$(memif_device client 1)
	! among forward ||
		measure memif forward "$inside" "$outside" --mirror
	! among gate64 ||
		measure memif gate64 "$inside" "$outside"
}

wire_veth()
{
	local in0 in1 out0 out1 device

	in0=$(packet_device 0 in0) out0=$(packet_device 1 out0)
	in1=$(packet_device 0 in1) out1=$(packet_device 1 out1)
	link_add "$T" in0 "$G" lan0
	link_add "$T" out0 "$G" wan0
	link_add "$T" in1 "$K" lan0
	link_add "$T" out1 "$K" wan0
	for device in in0 in1 out0 out1; do
		deaf "$T" "$device"
	done
	if [[ $receive == own ]]; then
		receive_on "$client_cpu" "$T" in0 in1 out0 out1
		receive_on "$server_cpu" "$G" lan0 wan0
		receive_on "$server_cpu" "$K" lan0 wan0
	fi
	on "$K" sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	address "$K" lan0 2001:2::1/64
	address "$K" wan0 198.18.0.2/24
	ip -n "$K" route add 2001:2:0:1000::/52 via 2001:2::2 dev lan0
	ip -n "$K" route add default via 198.18.0.1
	on "$K" nft -f - <<NFT
table ip nat {
	chain out { type nat hook postrouting priority srcnat; oifname wan0 masquerade; }
}
NFT
	on "$K" sysctl -qw net.netfilter.nf_conntrack_udp_timeout=3600 \
		net.netfilter.nf_conntrack_udp_timeout_stream=3600
	! among forward || measure veth forward "$in0" "$out0" --mirror
	! among gate64 || measure veth gate64 "$in0" "$out0"
	! among tayga || measure veth tayga "$in1" "$out1"
	if among gate64 && among tayga; then
		ratio 0
		ratio 0.1
	fi
}

echo "# wire: tester on CPU $client_cpu, device under test on CPU $server_cpu;" \
	"load $(cut -d' ' -f1 /proc/loadavg)"
mkfifo "$TMP/results"
exec {results}<>"$TMP/results"
ns_add "$T" 0
ns_add "$G" 0
ns_add "$K" 6
on "$K" sysctl -qw net.ipv4.conf.all.arp_ignore=0 net.ipv4.conf.default.arp_ignore=0
for wire in $wires; do
	"wire_$wire"
done
