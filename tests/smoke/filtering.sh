#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Who may send to the UDP port of a client: by address, by address and port, anybody (RFC 4787 5).
# prefixes: both
. "$(dirname "$0")/lib.sh"

topology
address "$S" eth0 9.9.9.10/24
start "$S" "$PYTHON" "$SMOKE/udp.py" answer-from-all $SERVER4 7777 9.9.9.10 >"$TMP/udp.log" 2>&1
wait_for 10 listens -u $SERVER4:7777 || fail "the UDP server did not start"
declare -A words=([address]='port same' [address_port]='same' [endpoint]='host port same')
for filtering in address address_port endpoint; do
	MORE_NAT64="  filtering: $filtering"
	config "$filtering"
	gate_start "$filtering"
	# shellcheck disable=SC2086 # several words
	expect "filtering by $filtering" client "$PYTHON" "$SMOKE/udp.py" hears "$SERVER6" 7777 \
		${words[$filtering]}
	gate_stop "$filtering"
done
echo "ok $(basename "$0" .sh)"
