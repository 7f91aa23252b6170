#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Whether the NICs counted what the host did:

    counts.py RX TX BEFORE AFTER    each four lines: the NICs' counters, then the host's, of lan
                                    and wan; RX, TX: bytes of the CRC that the NIC counts
                                    with each frame

An ARP frame of the host has 42 bytes, and 60 where the NIC counts it; a few may be among them.
"""
import sys

rx_crc, tx_crc = map(int, sys.argv[1:3])
before, after = ([[int(n) for n in line.split()] for line in text.splitlines()]
                 for text in sys.argv[3:])
diff = [[b - a for a, b in zip(*lines)] for lines in zip(before, after)]
for port, nic, host in zip(("lan", "wan"), diff[:2], diff[2:]):
    for what, n, m in zip(("rx packets", "rx bytes", "tx packets", "tx bytes"), nic, host):
        print(f"log: {port} {what}: the NIC counted {n}, the host {m}")

PADDING = range(0, 4 * 18, 18)
for nic, host in zip(diff[:2], diff[2:]):
    padded = nic[1] - host[1] - rx_crc * nic[0]
    sent = host[3] + tx_crc * host[2]
    if min(nic) <= 0 or padded not in PADDING or [nic[0], *nic[2:]] != [host[0], host[2], sent]:
        sys.exit(1)
