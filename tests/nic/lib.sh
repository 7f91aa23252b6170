# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# The world of the smoke scenarios, with gate64 in a guest that QEMU emulates in software, on NICs
# whose wires end in the client (eth0) and in the router (r0).
# shellcheck disable=SC1091,SC2034,SC2154 # checks use what is unused, smoke/lib.sh sets the rest
. "$(dirname "${BASH_SOURCE[0]}")/../smoke/lib.sh"

NIC=$TOP/tests/nic
CACHE=${GATE64_NIC_CACHE:-$TOP/build/nic}
MODEL=${MODEL:-igb}
DRIVER=${DRIVER:-vfio-pci}
declare -A lan_wire=() wan_wire=()
pci=()

case $MODEL in
igb) QEMU=("$CACHE/qemu/root/usr/bin/qemu-system-x86_64"
	-L "$CACHE/qemu/root/usr/share/seabios" -L "$CACHE/qemu/root/usr/share/qemu") ;;
*) QEMU=(qemu-system-x86_64) ;;
esac
case $MODEL in
igb) PMD=net_e1000_igb KERNEL_DRIVER=igb CRC='0 0' ;;
e1000e) PMD=net_e1000_em KERNEL_DRIVER=e1000e CRC='4 0' ;; # QEMU's sends without
*) PMD=net_e1000_em KERNEL_DRIVER=$MODEL CRC='4 4' ;;
esac

# What wakes a worker: drivers-cfg/em.yaml says why nothing does on the others.
WAKE=none
[[ $DRIVER != vfio-pci || $MODEL != igb ]] || WAKE=interrupt

# Instead of a veth pair: a tap device in the namespace beside the gateway, a wire of the guest.
link_add()
{
	if [[ $3 != "$G" ]]; then
		ip -n "$1" link add "$2" type veth peer name "$4" netns "$3"
		link_ready "$3" "$4"
	else
		ip -n "$1" tuntap add dev "$2" mode tap
		wires+=("$1:$2")
	fi
	link_ready "$1" "$2"
}
wires=()

guest()
{
	"$NIC/guest.py" "$TMP/guest.sock" "$@"
}

# monitor COMMAND: in QEMU's own prompt.
monitor()
{
	echo "$*" | socat -t 1 - "UNIX-CONNECT:$TMP/monitor.sock" >/dev/null
}

guest_up()
{
	grep -q '^guest: up' "$TMP/console"
}

guest_up_or_gone()
{
	guest_up || gone "$qemu_pid"
}

# Each wire is a NIC, in that order; e1000 is no PCIe device, the others get a port of their own.
nic_options()
{
	local i bus slot

	for ((i = 0; i < ${#wires[@]}; i++)); do
		slot=$((i + 1))
		bus=bus=pcie.0,addr=$((4 + i))
		if [[ $MODEL != e1000 ]]; then
			bus=bus=port$i
			echo -device "pcie-root-port,id=port$i,chassis=$slot,slot=$slot"
		fi
		echo -netdev "tap,id=net$i,fd={$i},vhost=off"
		echo -device "$MODEL,netdev=net$i,id=nic$i,mac=52:54:00:00:00:0$slot,romfile=,$bus"
	done
}

# QEMU 10 fails an assertion of its own now and then while two emulated CPUs boot.
guest_start()
{
	local n

	for n in 1 2 3; do
		guest_boot
		! wait_for 240 guest_up_or_gone || ! guest_up || return 0
		gone "$qemu_pid" 2>/dev/null || break
		say "boot $n: $(tail -n 1 "$TMP/qemu.log")"
	done
	tail -n 20 "$TMP/qemu.log" "$TMP/console" >&2
	fail "the guest does not start"
}

guest_boot()
{
	local iommu=(-device 'intel-iommu,caching-mode=on') kernel nics
	local append='console=ttyS0 quiet panic=-1 tsc=reliable mitigations=off nokaslr'

	# An emulated CPU on a busy machine fails the kernel's look at its timer.
	append+=' no_timer_check hugepages=192 intel_iommu=on'
	[[ $DRIVER == vfio-pci ]] || iommu=() append=${append/iommu=on/iommu=off}
	kernel=$(echo "$CACHE"/kernel/vmlinuz-*)
	mapfile -t nics < <(nic_options | xargs -n 1)
	start "$G" "$NIC/wires.py" "${wires[@]}" -- "${QEMU[@]}" \
		-machine q35,accel=tcg -cpu max -smp 2 -m 1024 \
		-nodefaults -display none -no-reboot \
		-serial "file:$TMP/console" -serial chardev:guest -mon chardev=monitor \
		-chardev "socket,id=guest,path=$TMP/guest.sock,server=on,wait=off" \
		-chardev "socket,id=monitor,path=$TMP/monitor.sock,server=on,wait=off" \
		"${iommu[@]}" "${nics[@]}" \
		-kernel "$kernel" -initrd "$CACHE/initramfs" \
		-append "$append" >"$TMP/qemu.log" 2>&1
	qemu_pid=$started
}

# --- gate64 in the guest -------------------------------------------------------------------

# The ports of config() are NICs here.
WAN_OPTIONS='' MORE_MEMORY='' NIC_CONFIG=''
config()
{
	cat >"$TMP/$1.yaml" <<YAML
name: $1
ports:
  - name: lan
    device: "${pci[0]}"
    role: lan
    mtu: ${LAN_MTU:-1500}
    addresses: [$GATEWAY6/64]
  - name: wan
    device: "${pci[1]}"
    role: wan
    mtu: $WAN_MTU
    addresses: [5.6.7.2/24]
    gateway4: 5.6.7.1
    $WAN_OPTIONS
$MORE_PORTS
nat64:
  prefixes: [$PREF64]
  max_sessions: 16384
  max_bib: 8192
$MORE_NAT64
dns64:
  upstreams: [$UPSTREAMS]
memory: { hugepages: require$MORE_MEMORY }
lcores: { control: 0, dns: 0, workers: [$WORKERS] }
$NIC_CONFIG
YAML
}
WORKERS='1, 0'

# guest_soon COMMAND: until it succeeds. Asks again before the time is over if a question got lost
# on the serial line.
guest_soon()
{
	GUEST_SECONDS=10 wait_for 60 guest "$@"
}

gate_start()
{
	local yaml

	yaml=$(base64 -w 0 "$TMP/$1.yaml")
	guest "echo $yaml | base64 -d >/tmp/$1.yaml"
	guest "rm -f /tmp/$1.status; run_gate64 $1 &"
	guest_soon "grep -q '^gate64: ready' /tmp/$1.log || [ -e /tmp/$1.status ]" ||
		fail "gate64 is not ready"
	guest "grep -q '^gate64: ready' /tmp/$1.log" ||
		fail "gate64 ended: $(guest "cat /tmp/$1.log")"
}

gate_stop()
{
	guest "kill -TERM \$(cat /tmp/$1.pid)"
	# Not kill -0, which takes a process that its parent has not waited for yet for a live one.
	guest_soon "[ -e /tmp/$1.status ]" || {
		guest "cat /tmp/$1.log /proc/\$(cat /tmp/$1.pid)/task/*/stack"
		fail "gate64 does not end"
	}
	guest "grep -q 'all packet buffers are back' /tmp/$1.log" ||
		fail "gate64 lost packet buffers: $(guest "cat /tmp/$1.log")"
	guest "grep -qx 0 /tmp/$1.status" || fail "gate64 did not end with status 0"
}

cli()
{
	guest gate64-cli -s "/run/gate64/$1.sock" -e "'$2'"
}

dump()
{
	local what

	guest "tail -n 40 /tmp/g.log" >&2 || true
	for what in drops 'port info' 'port stats' neighbors workers; do
		say "--- show $what"
		cli g "show $what" >&2 || true
	done
}

# field PORT COMMAND KEY: one value of what the CLI says of a port.
field()
{
	cli g "show port $2 json" | "$PYTHON" -c '
import json, sys
ports = json.load(sys.stdin)["ports"]
print(next(p for p in ports if p["port"] == sys.argv[1]).get(sys.argv[2]))' "$1" "$3"
}
