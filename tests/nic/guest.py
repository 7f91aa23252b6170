#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Runs a command in the guest, through the serial line that tests/nic/init reads:

    guest.py SOCKET COMMAND...      its output, its status; 1 after GUEST_SECONDS (60)

The emulated serial line loses an interrupt now and then; then both ends wait until one more byte
comes. So an empty line follows where no answer does.
"""
import os
import re
import socket
import sys
import time

TAG = os.urandom(8).hex()
BEFORE = re.compile(rb"^@@ (?!%b)\w+ \d+\n" % TAG.encode(), re.MULTILINE)
END = re.compile(rb"^@@ %b (\d+)\n" % TAG.encode(), re.MULTILINE)

line = socket.socket(socket.AF_UNIX)
line.settimeout(2)
deadline = time.monotonic() + float(os.environ.get("GUEST_SECONDS", 60))


def receive():
    while True:
        try:
            return line.recv(65536)
        except TimeoutError:
            if time.monotonic() > deadline:
                raise
            line.sendall(b"\n")


try:
    line.connect(sys.argv[1])
    line.sendall(" ".join([TAG, *sys.argv[2:]]).encode() + b"\n")
    got = b""
    while not (end := END.search(got)):
        more = receive()
        if not more:
            sys.exit("guest.py: the guest is gone")
        got += more
except (TimeoutError, OSError) as error:
    sys.exit(f"guest.py: {error}")
answer = BEFORE.split(got[: end.start()])[-1]  # what others had given up waiting for
sys.stdout.buffer.write(answer)
sys.exit(int(end[1]))
