# SPDX-License-Identifier: BSD-3-Clause
"""UDP for the smoke scenarios.

udp.py echo ADDRESS PORT              answers every datagram with itself, for ever
udp.py echo-unsummed ADDRESS PORT     the same without a UDP checksum
udp.py exchange ADDRESS PORT SIZE...  sends one datagram of each size and checks what comes back
udp.py exchange-from ADDRESS PORT SOURCE...
                                      the same, a few of 100 bytes from several ports of each source
udp.py refused ADDRESS PORT           succeeds when the port is reported closed
udp.py answer-from-all ADDRESS PORT OTHER
                                      answers every datagram three times, for ever: "host" comes
                                      from the address OTHER, "port" from the port behind,
                                      "same" from where it was sent to
udp.py hears ADDRESS PORT WORD...     sends a datagram and gets these answers, in this order
"""
import os
import socket
import sys


def connect(address, port):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.settimeout(3)
    sock.connect((address, port))
    return sock


SO_NO_CHECK = 11


def echo(address, port, unsummed=0):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, SO_NO_CHECK, unsummed)
    sock.bind((address, port))
    while True:
        data, peer = sock.recvfrom(65536)
        sock.sendto(data, peer)


def echo_unsummed(address, port):
    echo(address, port, 1)


def exchange(address, port, *sizes):
    sock = connect(address, port)
    for size in map(int, sizes):
        sent = os.urandom(size)
        sock.send(sent)
        if sock.recv(65536) != sent:
            sys.exit(f"a datagram of {size} bytes came back changed")


def exchange_from(address, port, *sources):
    for source in sources:
        for _ in range(8):
            with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
                sock.settimeout(10)
                sock.bind((source, 0))
                sock.connect((address, port))
                sent = os.urandom(100)
                sock.send(sent)
                if sock.recv(65536) != sent:
                    sys.exit(f"a datagram from {source} came back changed")


def refused(address, port):
    sock = connect(address, port)
    sock.send(b"anybody there?")
    try:
        sock.recv(65536)
    except ConnectionRefusedError:
        return
    sys.exit("the port answered")


def answer_from_all(address, port, other):
    bound = {}
    for word, where in ("host", (other, port)), ("port", (address, port + 1)), \
            ("same", (address, port)):
        bound[word] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        bound[word].bind(where)
    while True:
        _, peer = bound["same"].recvfrom(65536)
        for word, sock in bound.items():
            sock.sendto(word.encode(), peer)


def hears(address, port, *words):
    sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    sock.settimeout(3)
    sock.sendto(b"anybody there?", (address, port))
    heard = []
    while "same" not in heard:  # the last one
        heard.append(sock.recv(65536).decode())
    if heard != list(words):
        sys.exit(f"heard {heard} instead of {list(words)}")


MODES = {"echo": echo, "echo-unsummed": echo_unsummed, "exchange": exchange,
         "exchange-from": exchange_from, "refused": refused,
         "answer-from-all": answer_from_all, "hears": hears}
MODES[sys.argv[1]](sys.argv[2], int(sys.argv[3]), *sys.argv[4:])
