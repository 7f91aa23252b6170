#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Asks the gateway for ipv4only.arpa from one port, until the checksum of an answer is that of a
sum of 0 (which has to be sent as ffff), and prints the frames that came, in hex digits:

    dns.py DEVICE SOURCE GATEWAY

The identifiers are the same each time, so the answers have to be.
"""
import socket
import struct
import sys

ETH_P_IPV6, UDP = 0x86DD, 17
device, source, gateway = sys.argv[1:]
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_IPV6))
wire.bind((device, 0))
wire.settimeout(10)
ask = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
ask.bind((source, 5353))
question = b"\x08ipv4only\x04arpa\0" + struct.pack("!HH", 28, 1)
number = 0x1111
for _ in range(8):
    ask.sendto(struct.pack("!6H", number, 0x100, 1, 0, 0, 0) + question, (gateway, 53))
    frame = b""
    while frame[20:21] != bytes([UDP]) or frame[54:58] != struct.pack("!HH", 53, 5353):
        frame = wire.recv(2048)
    print(frame.hex())
    checksum = struct.unpack("!H", frame[60:62])[0]
    if checksum == 0xFFFF:
        sys.exit()
    number += checksum
    number = (number & 0xFFFF) + (number >> 16)
sys.exit("no checksum was ffff")
