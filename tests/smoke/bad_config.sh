#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# A wrong file is refused, by --check and by -c, with file, line, column, key and reason.
. "$(dirname "$0")/lib.sh"

config good
expect "check of a good file" "$GATE64" --check "$TMP/good.yaml"

# refuse TEXT EDIT: after the sed EDIT the complaint must name the line that holds TEXT.
refuse()
{
	local bad=$TMP/bad.yaml line status=0

	sed "$2" "$TMP/good.yaml" >"$bad"
	! cmp -s "$bad" "$TMP/good.yaml" || fail "'$2' changes nothing"
	line=$(grep -nF -- "$1" "$bad" | tail -n 1 | cut -d: -f1)
	timeout 10 "$GATE64" --check "$bad" >"$TMP/said" 2>&1 || status=$?
	((status > 0 && status < 124)) || fail "'$2' ended with $status: $(cat "$TMP/said")"
	grep -qE "bad\\.yaml:$line:[0-9]+: " "$TMP/said" ||
		fail "'$2' should be a complaint about line $line: $(cat "$TMP/said")"
}

refuse 'roll: lan' 's/role: lan/roll: lan/'
refuse 'role: moon' 's/role: lan/role: moon/'
refuse '64:ff9b::/95' 's|prefixes: .*|prefixes: [64:ff9b::/95]|'
refuse 'iface=lan0' 's/net_af_packet1,iface=wan0/net_af_packet0,iface=lan0/'
refuse '5.6.7.2/33' 's|5.6.7.2/24|5.6.7.2/33|'
refuse '5.6.7.300' 's|5.6.7.2/24|5.6.7.300/24|'
refuse '5.6.7.2/24, 5.6.7.2/24' 's|5.6.7.2/24|5.6.7.2/24, 5.6.7.2/24|'
refuse 'pool4' 's|max_sessions.*|pool4: []|'
refuse 'many' 's|max_sessions.*|max_sessions: many|'
refuse 'max_sessions: -1' 's|max_sessions.*|max_sessions: -1|'
refuse 'upstreams: [here]' 's|upstreams.*|upstreams: [here]|'
refuse 'lanes: 4' 's|^nat64:|lanes: 4\nnat64:|'

! "$GATE64" --check "$TMP/nowhere.yaml" >"$TMP/said" 2>&1 || fail "a missing file passed"
grep -q nowhere.yaml "$TMP/said" || fail "a missing file is not named: $(cat "$TMP/said")"
! timeout 10 "$GATE64" -c "$TMP/bad.yaml" >"$TMP/said" 2>&1 || fail "started with a bad file"
grep -qE 'bad\.yaml:[0-9]+:[0-9]+: ' "$TMP/said" || fail "-c says: $(cat "$TMP/said")"
echo "ok $(basename "$0" .sh)"
