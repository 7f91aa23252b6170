#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes each frame that comes in by a device as a line of hex digits, until it is ended:

    capture.py DEVICE FILE      FILE is there once it listens
"""
import socket
import sys

ETH_P_ALL, SOL_PACKET, PACKET_IGNORE_OUTGOING = 3, 263, 23

wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
wire.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
wire.bind((sys.argv[1], 0))
with open(sys.argv[2], "w", buffering=1) as out:
    while True:
        print(wire.recv(65536).hex(), file=out)
