#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Two processes with shared memory between them: a thousand sessions of the bench's tester, which
# looks at the addresses and ports of each frame that comes back.
. "$(dirname "$0")/lib.sh"

TESTER=$(dirname "$GATE64")/../tests/bench/wire_tester
memif()
{
	echo "net_memif$2,role=$1,id=$2,socket=$TMP/memif,socket-abstract=no"
}

# It stays until the gateway has left, as wire_main.c says.
tester_ready()
{
	gone "$tester" || grep -qx 'done' "$TMP/tester.log"
}

ns_add "$G" 0
cat >"$TMP/g.yaml" <<YAML
ports:
  - { name: lan, device: "$(memif server 0)", role: lan, addresses: [2001:2::1/64] }
  - { name: wan, device: "$(memif server 1)", role: wan, addresses: [198.18.0.2/24],
      gateway4: 198.18.0.1 }
routes: [{ prefix: 2001:2:0:1000::/52, via: 2001:2::2, port: lan }]
nat64: { prefixes: [2001:2:0:64::/96], max_sessions: 4096 }
dns64: { enabled: false }
cli: { socket: $TMP/g.sock }
state_file: none
YAML
gate_start g
start "$G" "$TESTER" --check --sessions 1000 --inside "$(memif client 0)" \
	--outside "$(memif client 1)" >"$TMP/tester.log" 2>&1
# shellcheck disable=SC2154 # start sets it
tester=$started
wait_for 120 tester_ready || fail "the tester is not done: $(cat "$TMP/tester.log")"
expect "frames of 1000 sessions" grep -q '^ok' "$TMP/tester.log"
finish
