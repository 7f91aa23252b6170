#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# With a prefix of our own the well-known one is not ours, and private IPv4 may be reached.
. "$(dirname "$0")/lib.sh"

PREF64=2001:db8:64::/96
SERVER6=2001:db8:64::$SERVER4
world
dns_server
ip -n "$S" addr add 192.168.7.7/32 dev lo
ip -n "$R" route add 192.168.7.7 via $SERVER4
expect "ping" client ping -c 1 -W 2 "$SERVER6"
expect "ping a private address by name" client ping -c 1 -W 2 private.example.net
! client ping -c 1 -W 1 64:ff9b::$SERVER4 >/dev/null || fail "64:ff9b::/96 was translated"
finish
