# SPDX-License-Identifier: BSD-3-Clause
"""Random packets for the differential test: valid ones of every kind, with the sizes around which
the rules turn, and some of each kind that must not pass. A case is one packet, or the fragments of
one datagram in some order."""
from quotes import Quotes
from wire import (AH, CHECKSUM_AT, DSTOPTS, FRAGMENT, HOPOPTS, ICMP4, ICMP6, ROUTING, TCP, UDP, WAN,
                  checksum, compose, finish, fragment_header, get16, header4, header6, put16)

ACK, SYN, RST, FIN, PSH = 16, 2, 4, 1, 8
FLAGS = (ACK, ACK, PSH | ACK, SYN, SYN, SYN | ACK, FIN | ACK, RST, RST | ACK)
UNKNOWN = (4, 41, 50, 51, 59, 132)


class Generator(Quotes):
    def __init__(self, rng, world, flows):
        self.rng, self.w, self.flows = rng, world, flows
        self.noise = rng.randbytes(200000)
        self.ident = rng.getrandbits(16)
        self.kinds = (self.plain6, self.plain4, self.error4, self.error6, self.fragments6,
                      self.fragments4)
        self.weights = (36, 32, 12, 11, 4, 5)

    def case(self):
        """(kind, [(port, packet)])"""
        make = self.rng.choices(self.kinds, self.weights)[0]
        return make.__name__, make()

    # ---- parts

    def chance(self, percent):
        return self.rng.random() * 100 < percent

    def payload(self, size):
        at = self.rng.randrange(len(self.noise) - 70000)
        return self.noise[at:at + size]

    def flow(self):
        flow = self.rng.choice(self.flows)
        return flow, self.rng.choice(flow.remotes)

    def dst6(self, remote):
        """The remote address in its prefix; what RFC 6052 §2.2 calls suffix need not be zero."""
        prefix, length = self.w.prefixes[remote.prefix]
        address = compose(prefix, length, remote.address)
        if length == 96 or not self.chance(10):
            return address
        used = length // 8 + 4 + (1 if length < 72 else 0)
        return address[:used] + self.rng.randbytes(16 - used)

    def mss_options(self):
        rng = self.rng
        mss = rng.choice((536, 1220, 1240, 1380, 1420, 1440, 1460, 1461, 8940, 65535))
        option = b"\x02\x04" + mss.to_bytes(2, "big")
        options = b"\x01" * rng.randrange(5) + option + rng.choice(
            (b"", b"\x03\x03\x07", b"\x04\x02\x08\x0a" + rng.randbytes(8)))
        return options + b"\x00" * (-len(options) % 4)

    def tcp(self, sport, dport, size):
        rng = self.rng
        flags = rng.choice(FLAGS)
        options = b""
        if flags & SYN and self.chance(80):
            options = self.mss_options()
        elif self.chance(20):
            options = b"\x01\x01\x08\x0a" + rng.randbytes(8)
        head = sport.to_bytes(2, "big") + dport.to_bytes(2, "big") + rng.randbytes(8) + bytes(
            ((20 + len(options)) // 4 << 4, flags)) + rng.randbytes(2) + b"\0\0" + rng.randbytes(2)
        return head + options + self.payload(max(0, size - 20 - len(options)))

    def udp(self, sport, dport, size):
        size = max(8, size)
        head = sport.to_bytes(2, "big") + dport.to_bytes(2, "big") + size.to_bytes(2, "big")
        return head + b"\0\0" + self.payload(size - 8)

    def echo(self, kind, ident, size):
        data = self.payload(max(0, size - 8))
        if self.chance(2):
            data = bytes(len(data))
        seq = b"\0\0" if self.chance(5) else self.rng.randbytes(2)
        return bytes((kind, 0, 0, 0)) + ident.to_bytes(2, "big") + seq + data

    def upper(self, proto, sport, dport, size):
        """sport: of a host of ours, or its identifier for echo."""
        if proto == TCP:
            return self.tcp(sport, dport, size)
        if proto == UDP:
            return self.udp(sport, dport, size)
        return self.echo(self.rng.choice((128, 129) if proto == ICMP6 else (8, 0)), sport, size)

    def close(self, segment, proto, src, dst, wrong=3):
        """With its checksum, which is wrong now and then."""
        segment = finish(segment, proto, src, dst)
        if self.chance(wrong):
            at = CHECKSUM_AT[proto]
            segment = put16(segment, at, self.rng.randrange(1, 65535))
        return segment

    def aim_wrong(self, upper, was, now, ports):
        """UDP with a wrong checksum, which is updated to 0 (CSUM-03). was, now: (source,
        destination); ports: the new ones."""
        if not self.chance(2):
            return upper
        new = ports[0].to_bytes(2, "big") + ports[1].to_bytes(2, "big") + upper[4:]
        value = (get16(upper, 6) - get16(finish(new, UDP, *now), 6)) % 0xffff
        return put16(upper, 6, value or 0xffff)

    def aim_at_zero(self, upper, src, dst, sport, dport):
        """UDP whose checksum is computed as 0 once it has these addresses and ports (CSUM-03)."""
        if len(upper) < 12 or not self.chance(3):
            return upper
        new = sport.to_bytes(2, "big") + dport.to_bytes(2, "big") + upper[4:8] + b"\0\0" + \
            upper[10:]
        return upper[:8] + finish(new, UDP, src, dst)[6:8] + upper[10:]

    def size4(self, port, most):
        """Length of an upper layer: small, or near where a rule turns."""
        rng = self.rng
        if self.chance(45):
            return rng.randrange(8, 300)
        turn = rng.choice((1260 - 20, 1280 - 40, self.w.mtu[WAN] - 20, self.w.mtu[port] - 40,
                           self.w.lowest - 40, 1232, 1480))
        size = turn + rng.randrange(-9, 10) if self.chance(80) else rng.randrange(8, 1480)
        return max(8, min(size, most))

    # ---- IPv6

    def hops(self):
        return self.rng.choice((0, 1)) if self.chance(2) else self.rng.randrange(2, 256)

    def extensions(self, proto):
        """(type of the first header, bytes) of some headers in front of proto."""
        rng, chain, kinds = self.rng, b"", []
        if self.chance(50):
            kinds.append(HOPOPTS)
        kinds += rng.choices((DSTOPTS, ROUTING), k=rng.randrange(0 if kinds else 1, 3))
        for at, kind in enumerate(kinds):
            after = kinds[at + 1] if at + 1 < len(kinds) else proto
            size = rng.choice((8, 8, 16, 24))
            if kind == ROUTING:
                left = rng.randrange(1, 4) if self.chance(15) else 0
                chain += bytes((after, size // 8 - 1, 4, left)) + bytes(size - 4)
            else:
                chain += bytes((after, size // 8 - 1, 1, size - 4)) + bytes(size - 4)
        return kinds[0], chain

    def ip6(self, proto, src, dst, upper, atomic=4):
        first, chain = proto, b""
        if self.chance(atomic):
            behind = self.rng.choice((DSTOPTS, AH)) if self.chance(3) else proto
            chain = fragment_header(behind, 0, 0, self.rng.getrandbits(32))
            first = FRAGMENT
        if self.chance(8):
            first, front = self.extensions(first)
            chain = front + chain
        return header6(self.rng.getrandbits(8), len(chain) + len(upper), first, self.hops(), src,
                       dst, self.rng.getrandbits(20)) + chain + upper

    def plain6(self):
        flow, remote = self.flow()
        rng = self.rng
        src, dst = flow.host, self.dst6(remote)
        if self.chance(1):
            src = compose(*self.w.prefixes[0], rng.randbytes(4))
        size = self.size4(flow.port, self.w.mtu[flow.port] - 40)
        if self.chance(1.5):
            upper = self.payload(size)
            return [(flow.port, self.ip6(rng.choice(UNKNOWN), src, dst, upper, 0))]
        if self.chance(1) and flow.proto == ICMP6:
            upper = bytes((rng.choice((130, 131, 133, 135, 139, 143, 160, 255)), 0, 0, 0)) + \
                self.payload(size)
            return [(flow.port, self.ip6(ICMP6, src, dst, finish(upper, ICMP6, src, dst), 0))]
        upper = self.upper(flow.proto, flow.port6, remote.port, size)
        if flow.proto == UDP:
            upper = self.aim_at_zero(upper, flow.pool, remote.address, flow.port4, remote.port)
        upper = self.close(upper, flow.proto, src, dst)
        if flow.proto == UDP:
            upper = self.aim_wrong(upper, (src, dst), (flow.pool, remote.address),
                                   (flow.port4, remote.port))
        if flow.proto == UDP and self.chance(1):
            upper = put16(upper, 6, 0)
        packet = self.ip6(flow.proto, src, dst, upper)
        # as long as its link allows
        return [(flow.port, packet)] if len(packet) <= self.w.mtu[flow.port] else self.plain6()

    # ---- IPv4

    def options4(self):
        rng = self.rng
        kind = rng.choice((7, 68, 148, 131, 137)) if self.chance(70) else 7
        size = rng.choice((7, 11, 15))
        pointer = size + 1
        if kind in (131, 137) and self.chance(50):
            pointer = rng.randrange(4, size + 1)
        options = b"\x01" * rng.randrange(3) + bytes((kind, size, pointer)) + bytes(size - 3)
        return options + b"\0" * (-len(options) % 4)

    def ip4(self, proto, src, dst, upper, field=None, ident=None, options=6, ttl=None):
        """field: flags and offset."""
        rng = self.rng
        chosen = self.options4() if self.chance(options) else b""
        if field is None:
            field = rng.choice((0, 0x4000))
        ident = rng.getrandbits(16) if ident is None else ident
        ttl = self.hops() if ttl is None else ttl
        head = header4(rng.getrandbits(8), 20 + len(chosen) + len(upper), ident, field, ttl,
                       proto, src, dst)
        if chosen:
            head = put16(bytes((0x45 + len(chosen) // 4,)) + head[1:] + chosen, 10, 0)
            head = put16(head, 10, checksum(head))
        return head + upper

    def plain4(self):
        flow, remote = self.flow()
        rng = self.rng
        proto = ICMP4 if flow.proto == ICMP6 else flow.proto
        src, dst, sport = remote.address, flow.pool, remote.port
        size = self.size4(flow.port, self.w.mtu[WAN] - 60)
        if self.chance(1.5):
            return [(WAN, self.ip4(rng.choice(UNKNOWN + (2,)), src, dst, self.payload(size)))]
        if self.chance(1):
            src = bytes((rng.choice((0, 127, 224, 240, 255)),)) + src[1:]
        elif self.chance(4):  # nobody asked it
            src = bytes((9, rng.randrange(6, 14), rng.randrange(256), rng.randrange(1, 255)))
        elif self.chance(2):
            src, sport = self.rng.choice(flow.remotes).address, rng.randrange(65536)
        elif self.chance(1):
            src = rng.choice(self.w.pool + [self.w.own[WAN]])
        if proto == ICMP4 and self.chance(4):
            upper = bytes((rng.choice((9, 10, 13, 14, 15, 16, 17, 18, 40)), 0, 0, 0)) + \
                self.payload(size)
            return [(WAN, self.ip4(ICMP4, src, dst, finish(upper, ICMP4, src, dst)))]
        if proto == ICMP4:
            upper = self.echo(rng.choice((8, 0)), flow.port4, size)
        else:
            upper = self.upper(proto, sport, flow.port4, size)
        if proto == UDP:
            to = compose(*self.w.prefixes[remote.prefix], src)
            upper = self.aim_at_zero(upper, to, flow.host, sport, flow.port6)
        upper = self.close(upper, proto, src, dst)
        if proto == UDP:
            upper = self.aim_wrong(upper, (src, dst), (to, flow.host), (sport, flow.port6))
        if proto == UDP and self.chance(8):
            upper = put16(upper, 6, 0)
        if proto == UDP and self.chance(1):
            upper += self.payload(4)  # behind the length in the UDP header
        packet = self.ip4(proto, src, dst, upper)
        if self.chance(0.5):
            packet = put16(packet, 10, rng.getrandbits(16))
        return [(WAN, packet)]

    # ---- fragments

    def pieces(self, upper, most):
        """[offset, end] of each, sizes of at most most bytes."""
        size = max(8, self.rng.choice((most, most, self.rng.randrange(24, most + 1))) // 8 * 8)
        size = max(size, (len(upper) + 79) // 80 // 8 * 8 + 8)
        return [(at, min(at + size, len(upper))) for at in range(0, len(upper), size)]

    def disorder(self, frames):
        rng = self.rng
        if self.chance(50):
            rng.shuffle(frames)
        elif self.chance(20):
            frames.reverse()
        if self.chance(8):
            del frames[rng.randrange(len(frames))]
        elif self.chance(8):
            frames.insert(rng.randrange(len(frames) + 1), rng.choice(frames))
        return frames

    def spans(self, upper, most):
        """Now and then two of them overlap."""
        spans = self.pieces(upper, most)
        if len(spans) > 1 and self.chance(5):
            at = self.rng.randrange(1, len(spans))
            start, end = spans[at]
            spans.insert(self.rng.randrange(len(spans) + 1), (start - 8, end))
        return spans

    def datagram_size(self):
        return self.rng.choice((600, 1300, 1500, 2000, 4096, 8192)) + self.rng.randrange(60)

    def fragments6(self):
        flow, remote = self.flow()
        src, dst = flow.host, self.dst6(remote)
        upper = self.upper(flow.proto, flow.port6, remote.port, self.datagram_size())
        upper = self.close(upper, flow.proto, src, dst)
        self.ident += 1
        hops, tc = self.rng.randrange(2, 256), self.rng.getrandbits(8)
        front, chain = FRAGMENT, b""
        if self.chance(8):
            front, chain = DSTOPTS, bytes((FRAGMENT, 0, 1, 4, 0, 0, 0, 0))
        frames = []
        for start, end in self.spans(upper, self.w.mtu[flow.port] - 48 - len(chain)):
            more = 1 if end < len(upper) else 0
            behind = chain + fragment_header(flow.proto, start, more, self.ident) + \
                upper[start:end]
            frames.append((flow.port, header6(tc, len(behind), front, hops, src, dst) + behind))
        return self.disorder(frames)

    def fragments4(self):
        flow, remote = self.flow()
        proto = ICMP4 if flow.proto == ICMP6 else flow.proto
        src, dst = remote.address, flow.pool
        if proto == ICMP4:
            upper = self.echo(self.rng.choice((8, 0)), flow.port4, self.datagram_size())
        else:
            upper = self.upper(proto, remote.port, flow.port4, self.datagram_size())
        upper = self.close(upper, proto, src, dst)
        if proto == UDP and self.chance(25):
            upper = put16(upper, 6, 0)
        self.ident += 1
        ttl, df = self.rng.randrange(2, 256), 0x4000 if self.chance(20) else 0
        frames = []
        for start, end in self.spans(upper, self.w.mtu[WAN] - 24):
            field = start // 8 | (0x2000 if end < len(upper) else 0) | df
            frames.append((WAN, self.ip4(proto, src, dst, upper[start:end], field,
                                         self.ident & 0xffff, 0, ttl)))
        return self.disorder(frames)
