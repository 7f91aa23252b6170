# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# shellcheck disable=SC2086,SC2154 # lib.sh sets them
# What is checked of one boot, in the order that tests/nic/run says. Each check is a function
# check_NAME that fails by fail(), and may count on what the checks before it left. Here: binding,
# start and stop, traffic; nic_checks.sh has what is about the NICs themselves.

# --- binding, start and stop ---------------------------------------------------------------

# Python takes its time on an emulated CPU.
setup()
{
	GUEST_SECONDS=200 guest /gate64/scripts/gate64-setup "$@"
}

driver_of()
{
	guest "basename \$(readlink /sys/bus/pci/devices/$1/driver)"
}

bound_to()
{
	local address

	for address in "${pci[@]}"; do
		[[ $(driver_of "$address") == "$1" ]] || fail "not bound to $1: $(setup status)"
	done
}

check_bind()
{
	bound_to "$KERNEL_DRIVER"
	expect "bind" setup bind "${pci[@]}" --driver "$DRIVER"
	bound_to "$DRIVER"
	sed 's/^/log: /' "$TMP/expect"
}

# Not from under a gateway that runs; and then the kernel has its NICs back, and they work for it.
check_in_use()
{
	! setup undo >"$TMP/setup" 2>&1 || fail "a NIC was taken from gate64"
	grep -q 'is in use by gate64' "$TMP/setup" || fail "$(cat "$TMP/setup")"
	bound_to "$DRIVER"
}

check_give_back()
{
	expect "undo" setup undo
	bound_to "$KERNEL_DRIVER"
	guest "[ ! -e /etc/systemd/system/gate64-bind.service ]" || fail "a unit was left behind"
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
	goes_on "the restart"
}

# goes_on WHAT: traffic both ways, after it.
goes_on()
{
	expect "ping after $1" wait_for 30 client ping -c 1 -W 2 "$SERVER6"
	expect "page after $1" client curl -sSf --max-time 20 "$WEB/"
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
