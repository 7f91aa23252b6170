#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# 200 connections at once, all open at the same time, as the server is slow on purpose.
# prefixes: both
. "$(dirname "$0")/lib.sh"

world
web_server
client curl -sS --max-time 60 -Z --parallel-max 200 --parallel-immediate \
	-o "$TMP/page-#1" "$WEB/slow/page?n=[1-200]" || fail "a connection failed"
for ((n = 1; n <= 200; n++)); do
	cmp "$TMP/page-$n" "$TMP/www/slow/page" || fail "page $n came out changed"
done
ports=$(awk '{ print $1, $2 }' "$TMP/nginx/access.log" | sort -u | wc -l)
((ports == 200)) || fail "the server saw $ports connections, not 200"
finish
