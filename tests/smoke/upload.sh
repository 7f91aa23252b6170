#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# 100 MB to the IPv4 side arrive unchanged.
# prefixes: both
. "$(dirname "$0")/lib.sh"

world
web_server
expect "upload" client curl -sSf --max-time 100 -T "$TMP/www/big" "$WEB/upload/big"
cmp "$TMP/www/big" "$TMP/www/upload/big" || fail "the upload came out changed"
finish
