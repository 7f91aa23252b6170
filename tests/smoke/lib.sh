# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# A small world of network namespaces around a running gate64, for the smoke scenarios and the demo:
#
#   client (IPv6 only)  --  gateway (gate64)  --  router (IPv4 only)  --  server (IPv4 only)
#   2001:db8:1::2      lan0 2001:db8:1::1        5.6.7.1                 9.9.9.9
#                      wan0 5.6.7.2              9.9.9.1
#
# 5.6.7.0/24 and 9.9.9.0/24 look global because RFC 6052 3.1 forbids private IPv4 addresses behind
# the well-known prefix. No namespace has a way out to the host's network.
# shellcheck disable=SC2034 # scenarios use what is unused here
set -euo pipefail

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
SMOKE=$TOP/tests/smoke
GATE64=${GATE64:-$TOP/build/gcc/app/gate64}
GATE64_CLI=${GATE64_CLI:-$TOP/build/gcc/app/gate64-cli}
PREF64=${PREF64:-64:ff9b::/96}
SERVER4=9.9.9.9
SERVER6=${PREF64%/96}$SERVER4
GATEWAY6=2001:db8:1::1
WEB=http://[$SERVER6]
PYTHON=/usr/bin/python3

RUN=g64-$$-$RANDOM
C=$RUN-client G=$RUN-gateway R=$RUN-router S=$RUN-server
TMP=$(mktemp -d "/tmp/$RUN.XXXXXX")
chmod 755 "$TMP"
# Nobody's own settings, and no waiting for a gateway that is broken.
export CURL_HOME=$TMP
echo 'connect-timeout = 5' >"$TMP/.curlrc"

pids=()
at_end=true # a command that has to follow the end of all processes
declare -A gate_pid=()

say()
{
	echo "$*" >&2
}

fail()
{
	say "FAIL: $*"
	exit 1
}

# wait_for SECONDS COMMAND...: polls until the command succeeds; 1 when the time is up.
wait_for()
{
	local deadline=$((SECONDS + $1))

	shift
	until "$@" >/dev/null 2>&1; do
		((SECONDS <= deadline)) || return 1
		sleep 0.05
	done
}

# expect WHAT COMMAND...: the command must succeed.
expect()
{
	local what=$1

	shift
	"$@" >"$TMP/expect" 2>&1 || {
		cat "$TMP/expect" >&2
		fail "$what"
	}
}

on()
{
	ip netns exec "$@"
}

client()
{
	on "$C" "$@"
}

server()
{
	on "$S" "$@"
}

# start NAMESPACE COMMAND...: in the background until the cleanup; its process id is in $started.
start()
{
	# Not through on(): a function would put a shell between the process id and the command.
	ip netns exec "$@" &
	started=$!
	pids+=("$started")
}

gone()
{
	! kill -0 "$1"
}

nobody_in()
{
	[[ -z $(ip netns pids "$1" 2>/dev/null) ]]
}

# world_end RUN: ends what lives in the namespaces of a run, and removes all that the run made. Only
# the run's own processes live there.
world_end()
{
	local ns left spaces

	mapfile -t spaces < <(ip netns list | awk '{ print $1 }' | grep "^$1-")
	for ns in "${spaces[@]}"; do
		mapfile -t left < <(ip netns pids "$ns")
		[[ ${#left[@]} -eq 0 ]] || kill "${left[@]}" 2>/dev/null || true
	done
	for ns in "${spaces[@]}"; do
		if ! wait_for 10 nobody_in "$ns"; then
			mapfile -t left < <(ip netns pids "$ns")
			kill -KILL "${left[@]}" 2>/dev/null || true
		fi
		ip netns del "$ns" 2>/dev/null || true
		rm -rf "/etc/netns/$ns"
	done
	rmdir /etc/netns 2>/dev/null || true
	rm -rf "/tmp/$1".??????
}

cleanup()
{
	local status=$? pid

	trap '' INT TERM HUP
	trap - EXIT
	((status == 0 || status == 130 || status == 143)) || dump
	# One of them may not have entered its namespace yet.
	for pid in "${pids[@]}"; do
		kill "$pid" 2>/dev/null || true
	done
	world_end "$RUN"
	"$at_end" || true
	exit "$status"
}

trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

dump()
{
	local name what

	for name in "${!gate_pid[@]}"; do
		say "--- log of gate64 $name"
		tail -n 60 "$TMP/$name.log" >&2 || true
		gone "${gate_pid[$name]}" 2>/dev/null && continue
		for what in drops 'port stats' neighbors 'nat64 stats' 'dns64 stats'; do
			say "--- show $what"
			cli "$name" "show $what" >&2 || true
		done
	done
}

# --- namespaces and links ----------------------------------------------------------------------

# ns_add NAME FAMILY: only the kernel's IPv4 (4), only its IPv6 (6), or neither of them (0).
ns_add()
{
	local no6=1

	[[ $2 != 6 ]] || no6=0
	ip netns add "$1"
	on "$1" sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.accept_ra=0 \
		net.ipv6.conf.all.disable_ipv6=$no6 net.ipv6.conf.default.disable_ipv6=$no6 \
		net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 \
		net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
	[[ $2 != 0 ]] || on "$1" sysctl -qw net.ipv4.conf.all.arp_ignore=8 net.ipv4.ip_forward=0
	ip -n "$1" link set lo up
}

# link_add NS DEVICE NS DEVICE: a veth pair. Without offloads, as gate64 sees whole packets with
# finished checksums only.
link_add()
{
	ip -n "$1" link add "$2" type veth peer name "$4" netns "$3"
	link_ready "$1" "$2"
	link_ready "$3" "$4"
}

link_ready()
{
	on "$1" ethtool -K "$2" tx off tso off gso off gro off rx off >/dev/null 2>&1 || true
	ip -n "$1" link set "$2" up
}

address()
{
	case $3 in
	*:*) ip -n "$1" addr add "$3" dev "$2" nodad ;;
	*) ip -n "$1" addr add "$3" dev "$2" ;;
	esac
}

# client_add NAMESPACE LAN-DEVICE SUBNET: a host SUBNET::2 which asks the gateway for names.
client_add()
{
	ns_add "$1" 6
	link_add "$1" eth0 "$G" "$2"
	address "$1" eth0 "$3::2/64"
	ip -n "$1" route add default via "$3::1"
	# Twice: another run which ends now may take /etc/netns away in between.
	mkdir -p "/etc/netns/$1" 2>/dev/null || mkdir -p "/etc/netns/$1"
	echo "nameserver $3::1" >"/etc/netns/$1/resolv.conf"
}

topology()
{
	ns_add "$G" 0
	client_add "$C" lan0 2001:db8:1
	ns_add "$R" 4
	ns_add "$S" 4
	on "$R" sysctl -qw net.ipv4.ip_forward=1
	link_add "$R" r0 "$G" wan0
	link_add "$R" r1 "$S" eth0
	address "$R" r0 5.6.7.1/24
	address "$R" r1 9.9.9.1/24
	address "$S" eth0 $SERVER4/24
	ip -n "$S" route add default via 9.9.9.1
}

# second_lan: another client, $D, on a LAN port of its own. Before config.
second_lan()
{
	D=$RUN-client2
	client_add "$D" lan1 2001:db8:2
	MORE_PORTS='
  - name: lan2
    device: "net_af_packet2,iface=lan1"
    role: lan
    addresses: [2001:db8:2::1/64]'
}

# --- servers -------------------------------------------------------------------------------------

listens()
{
	server ss -Hln "$1" "src $2" | grep -q .
}

# A page, a file of 100 MB, /slow/ at 40 kB/s, and PUT below /upload/.
web_server()
{
	mkdir -p "$TMP/www/upload" "$TMP/www/slow" "$TMP/nginx"
	echo 'hello from the IPv4 side' >"$TMP/www/index.html"
	head -c 100000000 /dev/urandom >"$TMP/www/big"
	head -c 60000 /dev/urandom >"$TMP/www/slow/page"
	sed "s|@TMP@|$TMP|g; s|@ADDR@|$SERVER4|g" "$SMOKE/nginx.conf" >"$TMP/nginx.conf"
	start "$S" nginx -c "$TMP/nginx.conf" -e "$TMP/nginx/error.log" \
		>"$TMP/nginx.log" 2>&1
	wait_for 10 listens -t $SERVER4:80 || fail "nginx did not start"
}

# The zones of example.zone, as a recursive resolver would answer them.
dns_server()
{
	sed "s|@TMP@|$TMP|g; s|@SMOKE@|$SMOKE|g; s|@ADDR@|$SERVER4|g" "$SMOKE/unbound.conf" \
		>"$TMP/unbound.conf"
	start "$S" unbound -d -c "$TMP/unbound.conf" >"$TMP/unbound.log" 2>&1
	wait_for 10 listens -u $SERVER4:53 ||
		fail "unbound did not start: $(cat "$TMP/unbound.log")"
}

udp_echo_server()
{
	start "$S" "$PYTHON" "$SMOKE/udp.py" echo $SERVER4 7777 >"$TMP/udp.log" 2>&1
	wait_for 10 listens -u $SERVER4:7777 || fail "the UDP echo server did not start"
	start "$S" "$PYTHON" "$SMOKE/udp.py" echo-unsummed $SERVER4 7778 >>"$TMP/udp.log" 2>&1
	wait_for 10 listens -u $SERVER4:7778 || fail "the UDP echo server did not start"
}

# --- gate64 --------------------------------------------------------------------------------------

# config NAME: writes NAME.yaml. A scenario adds to it by these variables.
UPSTREAMS=$SERVER4
WAN_MTU=1500
MORE_PORTS='' ROUTES='' MORE_NAT64='' MORE_DNS64='' MORE=''
config()
{
	cat >"$TMP/$1.yaml" <<YAML
name: $1
ports:
  - name: lan
    device: "net_af_packet0,iface=lan0"
    role: lan
    addresses: [$GATEWAY6/64]
  - name: wan
    device: "net_af_packet1,iface=wan0"
    role: wan
    mtu: $WAN_MTU
    addresses: [5.6.7.2/24]
    gateway4: 5.6.7.1
$MORE_PORTS
$ROUTES
nat64:
  prefixes: [$PREF64]
  max_sessions: 16384
$MORE_NAT64
dns64:
  upstreams: [$UPSTREAMS]
$MORE_DNS64
cli: { socket: $TMP/$1.sock }
state_file: $TMP/$1.state
$MORE
YAML
}

gate_ready()
{
	gone "$2" || grep -q '^gate64: ready' "$TMP/$1.log"
}

# gate_start NAME: runs NAME.yaml until it says that it is ready.
gate_start()
{
	start "$G" "$GATE64" -c "$TMP/$1.yaml" >"$TMP/$1.log" 2>&1
	gate_pid[$1]=$started
	wait_for 30 gate_ready "$1" "$started" || fail "gate64 $1 is not ready"
	! gone "$started" 2>/dev/null || fail "gate64 $1 ended at its start"
}

# gate_ended NAME: it must end by itself, with status 0 and no packet buffer lost.
gate_ended()
{
	local pid=${gate_pid[$1]} status=0

	wait_for 20 gone "$pid" || fail "gate64 $1 does not stop"
	wait "$pid" || status=$?
	((status == 0)) || fail "gate64 $1 ended with status $status"
	grep -q 'all packet buffers are back' "$TMP/$1.log" || fail "gate64 $1 lost packet buffers"
}

gate_stop()
{
	kill -"${2:-TERM}" "${gate_pid[$1]}"
	gate_ended "$1"
}

# cli NAME COMMAND: one command, its answer on stdout.
cli()
{
	"$GATE64_CLI" -s "$TMP/$1.sock" -e "$2"
}

# What nearly every scenario begins with: the whole world and one gateway, named g.
world()
{
	topology
	config g
	gate_start g
}

finish()
{
	gate_stop g
	echo "ok $(basename "$0" .sh)"
}
