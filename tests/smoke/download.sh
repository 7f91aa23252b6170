#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# 100 MB from the IPv4 side arrive unchanged.
# prefixes: both
. "$(dirname "$0")/lib.sh"

world
web_server
client curl -sS --max-time 100 "$WEB/big" >"$TMP/got" || fail "the download ended early"
cmp "$TMP/got" "$TMP/www/big" || fail "the download came out changed"
finish
