#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# DNS64 over veth with dnsperf, beside unbound with dns64, in turns: the same names from the same
# upstream server. One thread each: of unbound, and of gate64, whose worker runs DNS64 as well; both
# on the same CPU, with dnsperf and the upstream server on another. Names have only A, so that every
# answer is synthetic. Called by scripts/bench --dns, which sets BUILD.
#   bench dns_wire_<case> share=<percent> receive=<sender|own> server=<name> kqps=<median> min=<x>
#     max=<x> cpu_us=<x> lost=<percent> client_cpu=<percent>
#   bench dns_wire_<case> share=<percent> receive=<...> gate64_vs_unbound=<x> cpu=<x>
# share: that each server may use of its CPU. dnsperf with a whole CPU cannot keep another whole one
# busy: at 100 it is the limit, and servers that wait for it answer one query at a time, which costs
# each of them more. receive: who does the kernel's work of receiving (cpus.sh).
# cpu_us: of all the server's threads for an answer, the median; lost: the most of a round;
# client_cpu: what dnsperf used of its CPU, the median. The last line has the ratio of the medians
# of kqps, and of what a second of CPU time answers.
BUILD=${BUILD:?}
GATE64=$BUILD/app/gate64 GATE64_CLI=$BUILD/app/gate64-cli
# shellcheck source=tests/smoke/lib.sh
. "$(dirname "$0")/../smoke/lib.sh"
# shellcheck source=tests/bench/cpus.sh
. "$(dirname "$0")/cpus.sh"

seconds=${SECONDS_EACH:-3} rounds=${ROUNDS:-5}
U=$RUN-unbound
declare -A at=([gate64]=$GATEWAY6 [unbound]=2001:db8:2::1) pid=()

unbound_dns64()
{
	cat >"$TMP/unbound.conf" <<CONF
server:
	directory: "$TMP"
	chroot: ""
	username: ""
	pidfile: ""
	use-syslog: no
	num-threads: 1
	interface: ${at[unbound]}
	access-control: ::/0 allow
	do-ip6: yes
	prefer-ip6: no
	module-config: "dns64 iterator"
	dns64-prefix: $PREF64
	so-rcvbuf: 4m
	outgoing-range: 8192
	num-queries-per-thread: 4096
	msg-cache-size: 256m
	rrset-cache-size: 256m
	qname-minimisation: no
	root-hints: ""
remote-control:
	control-enable: no
forward-zone:
	name: "."
	forward-addr: 5.6.8.1
CONF
	start "$U" taskset -c "$server_cpu" unbound -d -c "$TMP/unbound.conf" \
		>"$TMP/unbound.log" 2>&1
	pid[unbound]=$started
	wait_for 10 answers unbound || fail "unbound: $(cat "$TMP/unbound.log")"
}

answers()
{
	client dig +short +tries=1 +time=1 "@${at[$1]}" first.bench.example AAAA |
		grep -qx 64:ff9b::909:909
}

names()
{
	seq -f "n$1-%06.0f.bench.example AAAA" "$2"
}

# CPU time of all its threads, in ticks of 10 ms.
used_cpu()
{
	awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/${pid[$1]}/stat"
}

# ask SERVER FILE [OPTION...]: queries a second, the percentage lost, microseconds of CPU a query,
# and the percentage of its CPU that dnsperf used.
ask()
{
	local before client TIMEFORMAT='%U %S %R'

	before=$(used_cpu "$1")
	client=$({
		time taskset -c "$client_cpu" ip netns exec "$C" dnsperf -f inet6 -s "${at[$1]}" \
			-d "$2" -T 1 -c 8 -q 1000 -t 2 "${@:3}" >"$TMP/dnsperf" 2>&1
	} 2>&1) || fail "dnsperf: $(tail -n 3 "$TMP/dnsperf")"
	awk -v cpu="$(($(used_cpu "$1") - before))" -v client="$client" '
		/Queries completed:/ { n = $3 }
		/Queries lost:/ { gsub(/[(%)]/, "", $4); lost = $4 }
		/Queries per second:/ {
			split(client, t)
			print $4, lost, cpu * 1e4 / n, (t[1] + t[2]) * 100 / t[3]
		}' "$TMP/dnsperf"
}

# The median of a column of CASE.SERVER.
median()
{
	awk -v n="$2" '{ print $n }' "$TMP/$1" | sort -n |
		awk '{ x[NR] = $1 } END { print x[int((NR + 1) / 2)] }'
}

report()
{
	sort -n "$TMP/$1.$2" | awk -v head="bench dns_wire_${1/./ } server=$2" \
		-v kqps="$(median "$1.$2" 1)" -v cpu="$(median "$1.$2" 3)" \
		-v client="$(median "$1.$2" 4)" '
		{ q[NR] = $1 / 1e3; if ($2 > lost) lost = $2 }
		END {
			printf "%s kqps=%.1f min=%.1f max=%.1f", head, kqps / 1e3, q[1], q[NR]
			printf " cpu_us=%.2f lost=%.2f client_cpu=%.0f\n", cpu, lost, client
		}'
}

each_receives()
{
	local client=none server=none

	[[ $1 == sender ]] || client=$client_cpu server=$server_cpu
	receive_on "$client" "$C" eth0 eth1
	receive_on "$client" "$R" r0 r2
	receive_on "$server" "$G" lan0 wan0
	receive_on "$server" "$U" u0 u1
}

# compare CASE SHARE RECEIVE
compare()
{
	local of="$1.share=$2 receive=$3" server round

	groups_share "$2"
	each_receives "$3"
	for ((round = 0; round < rounds; round++)); do
		[[ $1 == cached ]] || names "$round" 999999 >"$TMP/$1"
		for server in gate64 unbound; do
			ask "$server" "$TMP/$1" -l "$seconds" >>"$TMP/$of.$server"
		done
	done
	report "$of" gate64
	report "$of" unbound
	awk -v what="${of/./ }" -v g="$(median "$of.gate64" 1)" -v u="$(median "$of.unbound" 1)" \
		-v gc="$(median "$of.gate64" 3)" -v uc="$(median "$of.unbound" 3)" 'BEGIN {
			printf "bench dns_wire_%s gate64_vs_unbound=%.2f", what, g / u
			printf " cpu=%.2f\n", uc / gc
		}'
}

topology
ns_add "$U" 6
on "$U" sysctl -qw net.ipv6.conf.all.forwarding=0
link_add "$C" eth1 "$U" u0
link_add "$U" u1 "$R" r2
address "$C" eth1 2001:db8:2::2/64
address "$U" u0 "${at[unbound]}/64"
address "$U" u1 5.6.8.2/24
address "$R" r2 5.6.8.1/24
start "$R" taskset -c "$client_cpu" "$BUILD/tests/bench/dns_upstream" 5.6.7.1 5.6.8.1
unbound_dns64
UPSTREAMS=5.6.7.1
MORE="lcores: { control: $server_cpu, dns: $server_cpu, workers: [$server_cpu] }"
echo "# dns_wire: dnsperf and upstream on CPU $client_cpu, server on CPU $server_cpu;" \
	"load $(cut -d' ' -f1 /proc/loadavg)"
config g
gate_start g
pid[gate64]=${gate_pid[g]}
wait_for 10 answers gate64 || fail "gate64 does not answer"

if ! group_add "${pid[gate64]}" || ! group_add "${pid[unbound]}"; then
	fail "no control groups of CPU time"
fi

names cached 10000 >"$TMP/cached"
for server in gate64 unbound; do
	ask "$server" "$TMP/cached" -n 1 >/dev/null
done
compare cached 100 sender
compare cached 30 sender
compare cached 30 own
compare uncached 30 sender
gate_stop g
