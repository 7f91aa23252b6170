#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Opens tap devices in other network namespaces and runs a command with them:

    wires.py NAMESPACE:DEVICE... -- COMMAND...   {0}, {1} ... in it become their file descriptors
"""
import ctypes
import fcntl
import os
import struct
import sys

TUNSETIFF, IFF_TAP, IFF_NO_PI, CLONE_NEWNET = 0x400454CA, 2, 0x1000, 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


def enter(namespace):
    if libc.setns(namespace.fileno(), CLONE_NEWNET):
        sys.exit(f"wires.py: {namespace.name}: {os.strerror(ctypes.get_errno())}")


def tap(name):
    fd = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
    os.set_inheritable(fd, True)
    return fd


split = sys.argv.index("--")
fds = []
home = open("/proc/self/ns/net", "rb")
for wire in sys.argv[1:split]:
    netns, device = wire.split(":")
    with open(f"/run/netns/{netns}", "rb") as there:
        enter(there)
    fds.append(tap(device))
enter(home)
command = [word.format(*fds) if "{" in word else word for word in sys.argv[split + 1 :]]
os.execvp(command[0], command)
