#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Sends three frames with nothing in them by a device:

    frames.py DEVICE DESTINATION-MAC TYPE       in hex digits; TYPE with all that comes before it
"""
import socket
import sys

device, mac, kind = sys.argv[1:]
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
wire.bind((device, 0))
for _ in range(3):
    wire.send(bytes.fromhex(mac + "020000000009" + kind) + bytes(60))
