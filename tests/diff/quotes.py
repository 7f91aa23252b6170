# SPDX-License-Identifier: BSD-3-Clause
"""Random ICMP errors with random quotes."""
from wire import (FRAGMENT, ICMP4, ICMP6, UDP, WAN, checksum, compose, fragment_header, header6,
                  put16)

CODES4 = [(3, code) for code in range(17)] + [(11, 0), (11, 1), (12, 0), (12, 1), (12, 2), (4, 0),
                                              (5, 1), (3, 4), (3, 4), (12, 0)]
CODES6 = [(1, code) for code in range(7)] + [(2, 0), (2, 0), (2, 7), (3, 0), (3, 1), (4, 0),
                                             (4, 0), (4, 1), (4, 2), (4, 3), (100, 0)]
MTUS4 = (0, 0, 67, 68, 296, 576, 1006, 1260, 1280, 1400, 1480, 1492, 1500, 8166)
MTUS6 = (1279, 1280, 1300, 1400, 1480, 1492, 1500, 9000, 65536)


class Quotes:
    """What Generator has for errors."""

    def cut(self, quote, header):
        """As much of the quote as some router shows."""
        shown = self.rng.choice((len(quote), len(quote), header + 8, header + 8, header + 28,
                                 header + self.rng.randrange(0, 9), 128, 548))
        return quote[:max(shown, 20)]

    def with_extensions(self, quote, unit):
        """RFC 4884: (length attribute, quote with padding and extensions)."""
        if not self.chance(20):
            return 0, quote
        size = max(128, (len(quote) + unit - 1) // unit * unit)
        size = min(size, 255 * unit)
        attribute = size // unit
        if self.chance(5):
            attribute = self.rng.randrange(256)
        extensions = b"\x20\0" + self.rng.randbytes(2) + self.payload(
            self.rng.choice((4, 8, 16, 64, 400)))
        return attribute, quote[:size].ljust(size, b"\0") + extensions

    def quoted(self, proto, family, flow, remote, src, dst, ports):
        """The upper layer of a quoted packet."""
        size = self.rng.choice((8, 40, 100, 600, 1240, 1440)) + self.rng.randrange(8)
        if proto in (ICMP4, ICMP6) and self.chance(4):  # an error about an error
            upper = bytes((3 if family == 4 else 1, 1, 0, 0, 0, 0, 0, 0)) + self.payload(60)
        else:
            upper = self.upper(proto, *ports, size)
        upper = self.close(upper, proto, src, dst)
        if family == 4 and proto == UDP and self.chance(10):
            upper = put16(upper, 6, 0)
        return upper

    def mtu(self, choices, sent, least):
        """Some MTU: of a well-known link, near the length of the quoted packet, or any."""
        how = self.rng.randrange(3)
        if how == 0:
            return self.rng.choice(choices)
        return max(0, sent + self.rng.randrange(-21, 22)) if how == 1 else \
            self.rng.randrange(least, 1600)

    def error4(self):
        rng = self.rng
        flow, remote = self.flow()
        proto = ICMP4 if flow.proto == ICMP6 else flow.proto
        port = flow.port4 if not self.chance(3) else flow.port4 ^ 0x7f3
        ports = (port, remote.port if proto != ICMP4 else port)
        upper = self.quoted(proto, 4, flow, remote, flow.pool, remote.address, ports)
        field = rng.choice((0, 0x4000, 0x4000, 0x2000)) if not self.chance(1) else 5
        inner = self.ip4(proto, flow.pool, remote.address, upper, field,
                         ttl=rng.randrange(256))
        if self.chance(2):
            inner = put16(inner, 10, rng.getrandbits(16))
        quote = self.cut(inner, (inner[0] & 15) * 4)
        kind, code = rng.choice(CODES4)
        word = 0
        attribute, quote = self.with_extensions(quote, 4)
        if (kind, code) == (3, 4):
            word = self.mtu(MTUS4, int.from_bytes(inner[2:4], "big"), 68)
        if kind == 12:
            word = rng.randrange(24) << 24
        message = bytes((kind, code, 0, 0)) + word.to_bytes(4, "big") + quote
        message = message[:5] + bytes((attribute,)) + message[6:]
        message = put16(message, 2, checksum(message))
        if self.chance(1):
            message = put16(message, 2, rng.getrandbits(16))
        src = rng.choice((remote.address, bytes((7, 7, 7, rng.randrange(256))), b"\x0a\1\1\1",
                          b"\x7f\0\0\1", b"\x64\x40\0\1"))
        return [(WAN, self.ip4(ICMP4, src, flow.pool, message, 0))]

    def error6(self):
        rng = self.rng
        flow, remote = self.flow()
        prefix, length = self.w.prefixes[remote.prefix]
        src, dst = compose(prefix, length, remote.address), flow.host
        port = flow.port6 if not self.chance(3) else flow.port6 ^ 0x7f3
        ports = (remote.port, port) if flow.proto != ICMP6 else (port, port)
        upper = self.quoted(flow.proto, 6, flow, remote, src, dst, ports)
        inner = self.ip6(flow.proto, src, dst, upper)
        if self.chance(5):
            behind = fragment_header(flow.proto, 8 if self.chance(10) else 0, 1,
                                     rng.getrandbits(32)) + upper
            inner = header6(rng.getrandbits(8), len(behind), FRAGMENT, 60, src, dst) + behind
        quote = self.cut(inner, len(inner) - len(upper))[:1232]
        kind, code = rng.choice(CODES6)
        word = 0
        attribute, quote = self.with_extensions(quote, 8)
        if kind == 2:
            word = self.mtu(MTUS6, len(inner), 1280)
        elif kind == 4:
            word = rng.randrange(44)
        message = bytes((kind, code, 0, 0)) + word.to_bytes(4, "big") + quote
        if kind in (1, 3):
            message = message[:4] + bytes((attribute,)) + message[5:]
        source = rng.choice((flow.host, flow.host[:8] + rng.randbytes(8)))
        to = self.dst6(remote)
        message = self.close(message, ICMP6, source, to, 1)
        packet = self.ip6(ICMP6, source, to, message)
        return [(flow.port, packet)] if len(packet) <= self.w.mtu[flow.port] else self.error6()
