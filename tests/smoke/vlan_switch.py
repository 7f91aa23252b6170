# SPDX-License-Identifier: BSD-3-Clause
"""A switch in user space, as not every kernel knows VLANs:

vlan_switch.py TRUNK DEVICE:VID...   frames of DEVICE go out by TRUNK with that tag, what TRUNK
                                     receives with it goes out by DEVICE without; VID 0: no tag
"""
import select
import socket
import struct
import sys

ETH_P_ALL, ETH_P_8021Q, SOL_PACKET, PACKET_AUXDATA, PACKET_OUTGOING = 3, 0x8100, 263, 8, 4
AUXDATA = struct.Struct("IIIHHHH")  # status, len, snaplen, mac, net, vlan_tci, vlan_tpid
TP_STATUS_VLAN_VALID = 1 << 4


def attach(device):
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    sock.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    sock.bind((device, ETH_P_ALL))
    return sock


def receive(sock):
    """The frame without its tag, and the VID; the kernel keeps the tag beside the frame."""
    frame, extra, _, sender = sock.recvmsg(65536, socket.CMSG_SPACE(AUXDATA.size))
    if sender[2] == PACKET_OUTGOING:
        return None, 0
    for level, kind, data in extra:
        if level == SOL_PACKET and kind == PACKET_AUXDATA:
            status, *_, tci, _ = AUXDATA.unpack(data)
            if status & TP_STATUS_VLAN_VALID:
                return frame, tci & 0xFFF
    if frame[12:14] == b"\x81\0":
        return frame[:12] + frame[16:], struct.unpack("!H", frame[14:16])[0] & 0xFFF
    return frame, 0


trunk = attach(sys.argv[1])
access = {int(vid): attach(device) for device, vid in (a.split(":") for a in sys.argv[2:])}
vid_of = {sock: vid for vid, sock in access.items()}
while True:
    for ready in select.select([trunk, *vid_of], [], [])[0]:
        packet, tag = receive(ready)
        if packet is None:
            continue
        if ready is not trunk and vid_of[ready]:
            tci = struct.pack("!HH", ETH_P_8021Q, vid_of[ready])
            trunk.send(packet[:12] + tci + packet[12:])
        elif ready is not trunk:
            trunk.send(packet)
        elif tag in access:
            access[tag].send(packet)
