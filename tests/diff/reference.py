# SPDX-License-Identifier: BSD-3-Clause
"""A stateful NAT64 as the RFCs describe it, one packet at a time, slow and plain.

RFC 6052 addresses, RFC 7915 translation, RFC 6146 §3.4 and §3.6, RFC 4443 and 1812 for errors of
the gateway's own. Bindings are not chosen here: whoever drives it tells which there are. It has
no code in common with the gateway. Where an RFC leaves room, the choice is said by its number in
docs/conformance.md.

Results are lists of wire.Out.
"""
import icmp
from wire import (CHECKSUM_AT, DF, ECHO, EXTENSION, FRAGMENT, FREE_ID, ICMP4, ICMP6, MF, TCP, UDP,
                  WAN, Out, Packet4, Packet6, adjust, checksum, compose, extract, finish,
                  fragment_header, get16, header4, header6, is_right, pseudo, put16)

LOWEST6 = 1280
OUR_HOPS = 64


class Binding:
    """A BIB entry (RFC 6146 §3.1), with the sessions that it has. prefix: index of the one that
    outsiders are seen under. allow: of a static one, the networks [(4 bytes, length)] that may
    send to it, none: all; None: it is not static."""

    def __init__(self, proto, host, port6, pool, port4, prefix, allow=None):
        self.proto, self.host, self.port6, self.pool, self.port4 = proto, host, port6, pool, port4
        self.prefix, self.allow = prefix, allow
        self.sessions = {}  # (remote IPv4 address, remote port) -> index of the prefix

    def lets_in(self, address, filtering):
        """RFC 6146 §3.5.1.2, RFC 4787 REQ-8; a static one has its own rule."""
        if self.allow is not None:
            return not self.allow or any(is_within(address, net) for net in self.allow)
        if filtering == "address":
            return any(remote == address for remote, _ in self.sessions)
        return filtering == "endpoint"


def is_within(address, net):
    shift = 32 - net[1]
    return int.from_bytes(address, "big") >> shift == int.from_bytes(net[0], "big") >> shift


class Nat64:
    """world: prefixes [(16 bytes, length)], mtu {port: bytes}, own {port: address}, host_port
    (a host's address -> its port), lowest (lowest-ipv6-mtu), tos and tc (None: copy), mss_max,
    pool [4 bytes], filtering."""

    def __init__(self, world):
        self.w = world
        self.by_host, self.by_pool = {}, {}
        self.datagrams = {}

    # ---- state, by whoever drives it

    def bind(self, binding):
        proto = ICMP4 if binding.proto == ICMP6 else binding.proto
        self.by_host[proto, binding.host, binding.port6] = binding
        self.by_pool[proto, binding.pool, binding.port4] = binding

    def prefix_of(self, addr6):
        for index, (prefix, length) in enumerate(self.w.prefixes):
            if addr6[:length // 8] == prefix[:length // 8]:
                return index
        return None

    def remote6(self, index, addr4):
        return compose(*self.w.prefixes[index], addr4)

    # ---- from host to host (RFC 6146 §3.8)

    def mtu_to(self, address):
        """What fits on the IPv4 side; there is no link on the way to ourselves."""
        return 65535 if address in self.w.pool else self.w.mtu[WAN]

    def loop(self, outs):
        """What goes to a pool address comes in again, as if from the IPv4 side."""
        result = []
        for out in outs:
            if out.port == WAN and out.data[16:20] in self.w.pool:
                result += self.from4(out.data, True)
            else:
                result.append(out)
        return result

    # ---- errors of our own (RFC 4443 §2.4, §3; RFC 1812 §4.3.2)

    def error6(self, packet, port, kind, code, word):
        quote = packet.data[:LOWEST6 - 48]
        message = bytes((kind, code, 0, 0)) + word.to_bytes(4, "big") + quote
        src, dst = self.w.own[port], packet.src
        message = finish(message, ICMP6, src, dst)
        return [Out(port, header6(0, len(message), ICMP6, OUR_HOPS, src, dst) + message)]

    def error4(self, packet, kind, code, word=0):
        looped = packet.src in self.w.pool
        if packet.offset:
            return []  # RFC 1812 §4.3.2.7: not about a fragment that is not the first
        if packet.proto == ICMP4 and (packet.is_fragment or packet.upper[0] in icmp.ERRORS4):
            return []
        quote = packet.data[:min(576, self.mtu_to(packet.src)) - 28]
        message = bytes((kind, code, 0, 0)) + word.to_bytes(4, "big") + quote
        message = put16(message, 2, checksum(message))
        # N64-HAIR-07: of the address that was asked, since a host cannot tell it from outside
        source = packet.dst if looped else self.w.own[WAN]
        head = header4(0xc0, 20 + len(message), 0, DF, OUR_HOPS, ICMP4, source, packet.src)
        return [Out(WAN, head + message)]

    # ---- upper layers

    def mss(self, port, remote):
        """MTU-09: what fits both links."""
        fits = min(self.w.mtu[port] - 60, self.mtu_to(remote) - 40)
        return min(fits, self.w.mss_max) if self.w.mss_max else fits

    def clamp(self, segment, limit):
        """The segment with a smaller MSS (RFC 9293 §3.2) if it is a SYN with a larger one."""
        if not segment[13] & 2:
            return segment
        at, end = 20, (segment[12] >> 4) * 4
        while at < end and segment[at] != 0:
            if segment[at] == 1:
                at += 1
                continue
            if segment[at] == 2 and get16(segment, at + 2) > limit:
                return put16(segment, at + 2, limit)
            at += segment[at + 1]
        return segment

    def rewrite(self, segment, was, now, ports, mss):
        """The upper-layer packet with other addresses and ports (CSUM-01, CSUM-08, ADR-19); was,
        now: (protocol, source, destination); mss: what TCP may have at most. A checksum that was
        wrong stays wrong by as much (XLT-07)."""
        proto, to = was[0], now[0]
        new = segment
        if proto in ECHO:
            kind = ECHO[to][ECHO[proto].index(segment[0])]
            new = bytes((kind,)) + put16(segment, 4, ports)[1:]
        else:
            new = ports[0].to_bytes(2, "big") + ports[1].to_bytes(2, "big") + segment[4:]
        if proto == TCP:
            new = self.clamp(new, mss)
        if proto == UDP and get16(segment, 6) == 0:
            return finish(new, to, *now[1:])
        if is_right(segment, proto, *was[1:]):
            return finish(new, to, *now[1:])
        at = CHECKSUM_AT[proto]
        length = get16(segment, 4) if proto == UDP else len(segment)
        value = adjust(get16(segment, at),
                       pseudo(*was[1:], length, proto) + put16(segment, at, 0),
                       pseudo(*now[1:], length, to) + put16(new, at, 0), to)
        return put16(new, at, value)

    @staticmethod
    def ports_of(proto, upper):
        """(source, destination), or the identifier twice; None if there are none."""
        if proto in (TCP, UDP):
            return get16(upper, 0), get16(upper, 2)
        return (get16(upper, 4),) * 2

    # ---- IPv6 to IPv4 (RFC 7915 §5)

    def is_error6(self, packet):
        return packet.proto == ICMP6 and packet.upper[0] < 128

    def from6(self, data, port):
        return self.loop(self.pass6(data, port))

    def pass6(self, data, port):
        packet = Packet6(data)
        if self.prefix_of(packet.src) is not None:
            return []  # RFC 6146 §3.5
        if packet.is_fragment and packet.proto in EXTENSION:
            return []  # RFC 7915 §5.1.1
        error = self.is_error6(packet)
        if packet.segments_left_at:
            if error:
                return []
            return self.error6(packet, port, 4, 0, packet.segments_left_at)
        if packet.proto == UDP and packet.offset == 0 and get16(packet.upper, 6) == 0:
            return []  # RFC 8200 §8.1
        if packet.hops <= 1:
            if error or packet.proto == ICMP6 and packet.is_fragment and not packet.is_atomic():
                return []
            return self.error6(packet, port, 3, 0, 0)
        if packet.proto not in (TCP, UDP, ICMP6):
            return self.error6(packet, port, 1, 4, 0)  # RFC 6146 §3.4
        if packet.is_fragment and not packet.is_atomic():
            return self.collect(packet, port)
        if error:
            return icmp.error_6to4(self, packet)
        if packet.proto == ICMP6 and packet.upper[0] not in ECHO[ICMP6]:
            return []
        return self.whole6(packet, port)

    def session6(self, packet, upper):
        """The binding, the remote address, and (source, destination) ports."""
        index = self.prefix_of(packet.dst)
        remote = extract(self.w.prefixes[index][1], packet.dst)
        ports = self.ports_of(packet.proto, upper)
        proto = ICMP4 if packet.proto == ICMP6 else packet.proto
        binding = self.by_host[proto, packet.src, ports[0]]
        binding.sessions[remote, 0 if proto == ICMP4 else ports[1]] = index
        return binding, remote, ports

    def upper_6to4(self, packet, upper, port):
        binding, remote, ports = self.session6(packet, upper)
        proto = ICMP4 if packet.proto == ICMP6 else packet.proto
        new = binding.port4 if proto == ICMP4 else (binding.port4, ports[1])
        return binding, remote, self.rewrite(
            upper, (packet.proto, packet.src, packet.dst), (proto, binding.pool, remote), new,
            self.mss(port, remote))

    def tos(self, tc):
        return tc if self.w.tos is None else self.w.tos

    def tc(self, tos):
        return tos if self.w.tc is None else self.w.tc

    def too_big6(self, packet, port):
        return self.error6(packet, port, 2, 0, max(LOWEST6, self.w.mtu[WAN] + 20))

    def whole6(self, packet, port):
        binding, remote, upper = self.upper_6to4(packet, packet.upper, port)
        proto = ICMP4 if packet.proto == ICMP6 else packet.proto
        length = 20 + len(upper)
        if length > self.mtu_to(remote) and len(packet.data) > LOWEST6:
            return self.too_big6(packet, port)
        ident, field, free = 0, 0 if length <= 1260 else DF, FREE_ID
        if packet.is_fragment:  # RFC 7915 §5.1.1
            ident, field, free = packet.ident & 0xffff, 0, 0
        head = header4(self.tos(packet.tc), length, ident, field, packet.hops - 1, proto,
                       binding.pool, remote)
        return [Out(WAN, p, free) for p in self.cut4(head + upper)]

    def cut4(self, data):
        """RFC 791 §3.2."""
        packet = Packet4(data)
        limit = self.mtu_to(packet.dst)
        if len(data) <= limit:
            return [data]
        room = (limit - 20) // 8 * 8
        pieces = []
        for at in range(0, len(packet.upper), room):
            part = packet.upper[at:at + room]
            more = packet.more or at + room < len(packet.upper)
            field = (packet.offset + at) // 8 | (MF if more else 0)
            pieces.append(header4(packet.tos, 20 + len(part), packet.ident, field, packet.ttl,
                                  packet.proto, packet.src, packet.dst) + part)
        return pieces

    # ---- IPv4 to IPv6 (RFC 7915 §4)

    def from4(self, data, looped=False):
        return self.loop(self.pass4(data, looped))

    def pass4(self, data, looped):
        packet = Packet4(data)
        if not packet.header_is_right():
            return []
        error = packet.proto == ICMP4 and not packet.is_fragment and \
            packet.upper[0] in icmp.ERRORS4
        if (packet.src[0] in (0, 127) or packet.src[0] >= 224) and not error:
            return []
        if not looped and not error and packet.src in (self.w.own[WAN], *self.w.pool):
            return []  # X46-07
        if packet.proto == UDP and not packet.is_fragment and get16(packet.upper, 6) == 0 and \
                get16(packet.upper, 4) != len(packet.upper):
            return []  # CSUM-04
        if packet.source_route_unexpired():
            return self.error4(packet, 3, 5)
        if packet.proto not in (TCP, UDP, ICMP4):
            return [] if packet.proto == 2 else self.error4(packet, 3, 2)
        if packet.is_fragment:
            return self.collect(packet, WAN)
        if error:
            return icmp.error_4to6(self, packet)
        if packet.proto == ICMP4 and packet.upper[0] not in ECHO[ICMP4]:
            return []
        return self.piece4(packet, self.session4(packet, packet.upper), packet.upper)

    def session4(self, packet, upper):
        """(binding, index of the prefix, ports), or None: nobody asked for it."""
        ports = self.ports_of(packet.proto, upper)
        binding = self.by_pool.get((packet.proto, packet.dst, ports[1]))
        remote = packet.src, 0 if packet.proto == ICMP4 else ports[0]
        if binding is None:
            return None
        if remote not in binding.sessions:
            if packet.proto == TCP and upper[13] & 0x17 != 2:
                return None  # N64-TCP-C7: a SYN alone begins
            if not binding.lets_in(packet.src, self.w.filtering):
                return None
            binding.sessions[remote] = binding.prefix
        return binding, binding.sessions[remote], ports

    def piece4(self, packet, session, upper, whole=None):
        """One packet or fragment; whole: all of the datagram's upper layer, for the checksum of
        its first fragment."""
        if session is None:
            return []
        if packet.ttl <= 1:
            return self.error4(packet, 11, 0)
        binding, index, ports = session
        port = self.w.host_port[binding.host]
        mtu = self.w.mtu[port]
        extra = 8 if packet.is_fragment else 0  # X46-15
        size = 40 + extra + len(upper)
        if packet.df and size > mtu:
            return self.error4(packet, 3, 4, mtu - 20 - extra)
        proto = ICMP6 if packet.proto == ICMP4 else packet.proto
        src = self.remote6(index, packet.src)
        if packet.offset == 0:
            new = binding.port6 if proto == ICMP6 else (ports[0], binding.port6)
            upper = self.rewrite(whole or upper, (packet.proto, packet.src, packet.dst),
                                 (proto, src, binding.host), new,
                                 self.mss(port, packet.src))[:len(upper)]
        return [Out(port, data) for data in self.cut6(packet, proto, src, binding.host, upper,
                                                      mtu if packet.df else
                                                      min(self.w.lowest, mtu))]

    def cut6(self, packet, proto, src, dst, upper, limit):
        """RFC 7915 §4.1: one packet, or fragments of at most limit bytes (RFC 8200 §4.5)."""
        tc, hops = self.tc(packet.tos), packet.ttl - 1
        extra = 8 if packet.is_fragment else 0
        if 40 + extra + len(upper) <= limit and not packet.is_fragment:
            return [header6(tc, len(upper), proto, hops, src, dst) + upper]
        room = (limit - 48) // 8 * 8
        if 48 + len(upper) <= limit:
            room = len(upper)
        pieces = []
        for at in range(0, len(upper), room):
            part = upper[at:at + room]
            more = 1 if packet.more or at + room < len(upper) else 0
            pieces.append(header6(tc, 8 + len(part), FRAGMENT, hops, src, dst) +
                          fragment_header(proto, packet.offset + at, more, packet.ident) + part)
        return pieces

    # ---- fragments (RFC 6146 §3.4, RFC 5722)

    def collect(self, packet, port):
        """A fragment: waits for the first one of its datagram, which knows the ports, or for all
        of them where the checksum needs all; then each is translated as it came."""
        key = (packet.src, packet.dst, packet.ident, packet.proto)
        size = len(packet.upper)
        if size == 0 or packet.more and size % 8 or packet.offset + size > 65515:
            return []
        first = packet.offset == 0
        if first and not self.header_fits(packet):
            return []
        if first and packet.proto == UDP and get16(packet.upper, 6) == 0 and port != WAN:
            return []
        datagram = self.datagrams.setdefault(key, Datagram())
        result = [out for ready in datagram.add(packet)
                  for out in self.fragment(datagram, ready, port)]
        if datagram.is_complete() and not datagram.refused:
            del self.datagrams[key]  # N64-FRAG-07
        return result

    @staticmethod
    def header_fits(packet):
        upper = packet.upper
        if packet.proto == TCP:
            return len(upper) >= 20 and (upper[12] >> 4) * 4 <= len(upper)
        return len(upper) >= 8

    def fragment(self, datagram, packet, port):
        whole = datagram.whole() if datagram.needs_all else None
        first = datagram.pieces[0].upper
        if port == WAN:
            return self.piece4(packet, self.session4(packet, first), packet.upper,
                               whole or packet.upper)
        binding, remote, upper = self.upper_6to4(packet, whole or first, port)
        upper = upper[:len(packet.upper)] if packet.offset == 0 else packet.upper
        length = 20 + len(upper)
        if length > self.mtu_to(remote) and len(packet.data) > LOWEST6 and not whole:
            return self.too_big6(packet, port)
        field = packet.offset // 8 | (MF if packet.more else 0)
        proto = ICMP4 if packet.proto == ICMP6 else packet.proto
        head = header4(self.tos(packet.tc), length, packet.ident & 0xffff, field,
                       packet.hops - 1, proto, binding.pool, remote)
        return [Out(WAN, p) for p in self.cut4(head + upper)]


class Datagram:
    """Fragments of one datagram."""

    def __init__(self):
        self.pieces = {}   # offset -> packet
        self.waiting = []
        self.end = None
        self.refused = False
        self.needs_all = False

    def fits(self, packet):
        """False: it overlaps another (RFC 5722) or contradicts the end."""
        start, end = packet.offset, packet.offset + len(packet.upper)
        for other in self.pieces.values():
            if start < other.offset + len(other.upper) and other.offset < end:
                return False
            if not packet.more and other.offset >= end:
                return False
        return self.end is None or packet.more and end < self.end

    def is_repeated(self, packet):
        """N64-FRAG-08: the same again does no harm."""
        other = self.pieces.get(packet.offset)
        return other is not None and len(other.upper) == len(packet.upper) and \
            other.more == packet.more

    def add(self, packet):
        """The fragments that may go on now."""
        if self.refused or self.is_repeated(packet):
            return []
        if not self.fits(packet):
            self.refused, self.waiting = True, []
            return []
        self.pieces[packet.offset] = packet
        if not packet.more:
            self.end = packet.offset + len(packet.upper)
        if packet.proto in ECHO or packet.offset == 0 and packet.proto == UDP and \
                get16(packet.upper, 6) == 0:
            self.needs_all = True
        self.waiting.append(packet)
        if 0 not in self.pieces or self.needs_all and not self.is_complete():
            return []
        if self.needs_all and not self.is_usable():
            self.refused = True
            return []
        ready, self.waiting = self.waiting, []
        return ready

    def is_complete(self):
        return self.end is not None and \
            sum(len(p.upper) for p in self.pieces.values()) == self.end

    def is_usable(self):
        first = self.pieces[0]
        if first.proto == UDP:
            return get16(first.upper, 4) == self.end  # CSUM-04
        return first.upper[0] in ECHO[first.proto]

    def whole(self):
        return b"".join(self.pieces[at].upper for at in sorted(self.pieces))
