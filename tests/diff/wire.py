# SPDX-License-Identifier: BSD-3-Clause
"""Bytes of IP, ICMP and transport headers: what the reference and the generator both need.

Written from RFC 791, 792, 768, 1071, 4443, 8200 and 9293; plain rather than fast.
"""
import struct

TCP, UDP, ICMP4, ICMP6, FRAGMENT = 6, 17, 1, 58, 44
HOPOPTS, ROUTING, DSTOPTS, AH = 0, 43, 60, 51
EXTENSION = (HOPOPTS, ROUTING, DSTOPTS, FRAGMENT, AH)
ECHO = {ICMP4: (8, 0), ICMP6: (128, 129)}  # request, reply
DF, MF = 0x4000, 0x2000
WAN = "wan"  # the port towards IPv4
FREE_ID, FREE_QUOTED_ID = 1, 2
CHECKSUM_AT = {TCP: 16, UDP: 6, ICMP4: 2, ICMP6: 2}


def ones_sum(data):
    """One's complement sum of the 16-bit words (RFC 1071): a remainder modulo 65535, where a sum
    of words that are not all zero is never +0."""
    if len(data) % 2:
        data = data + b"\0"
    number = int.from_bytes(data, "big")
    return number % 0xffff or (0xffff if number else 0)


def checksum(data):
    return 0xffff - ones_sum(data)


def put16(data, at, value):
    return data[:at] + value.to_bytes(2, "big") + data[at + 2:]


def get16(data, at):
    return data[at] << 8 | data[at + 1]


def pseudo(src, dst, length, proto):
    """RFC 8200 §8.1 and RFC 9293 §3.1: the sums are the same numbers in both families. ICMPv4 has
    no pseudo-header."""
    if proto == ICMP4:
        return b""
    return src + dst + struct.pack("!IHBB", length, 0, 0, proto)


def header4(tos, length, ident, frag, ttl, proto, src, dst):
    head = struct.pack("!BBHHHBBH", 0x45, tos, length, ident, frag, ttl, proto, 0) + src + dst
    return put16(head, 10, checksum(head))


def header6(tc, length, proto, hops, src, dst, flow=0):
    return struct.pack("!IHBB", 6 << 28 | tc << 20 | flow, length, proto, hops) + src + dst


def fragment_header(proto, offset, more, ident):
    return struct.pack("!BBHI", proto, 0, offset | more, ident)


def finish(segment, proto, src, dst):
    """The segment with its checksum computed afresh (RFC 768: a UDP checksum of 0 is sent as all
    ones)."""
    at = CHECKSUM_AT[proto]
    segment = put16(segment, at, 0)
    length = get16(segment, 4) if proto == UDP else len(segment)
    value = checksum(pseudo(src, dst, length, proto) + segment[:length])
    if proto == UDP and value == 0:
        value = 0xffff
    return put16(segment, at, value)


def is_right(segment, proto, src, dst):
    length = get16(segment, 4) if proto == UDP else len(segment)
    return ones_sum(pseudo(src, dst, length, proto) + segment[:length]) == 0xffff


def adjust(value, was, now, proto):
    """RFC 1624 equation 3: HC' = ~(~HC + ~m + m')."""
    total = (0xffff - value) + (0xffff - ones_sum(was)) + ones_sum(now)
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    value = 0xffff - total
    return 0xffff if proto == UDP and value == 0 else value


class Out:
    """A packet that leaves, by which port, and whether an IPv4 Identification in it is the
    translator's to choose; then it is 0 here. That of a quoted header is FREE_QUOTED_ID."""

    __slots__ = ("port", "data", "free")

    def __init__(self, port, data, free=0):
        self.port, self.data, self.free = port, data, free


def compose(prefix, length, addr4):
    """RFC 6052 §2.2: the IPv4 address behind the prefix, around octet 8, which is zero."""
    rest = length // 8
    head, tail = prefix[:rest], addr4
    if rest < 8:
        before = 8 - rest
        tail = addr4[:before] + b"\0" + addr4[before:]
    elif rest == 8:
        tail = b"\0" + addr4
    return (head + tail).ljust(16, b"\0")


def extract(length, addr6):
    rest = length // 8
    if rest == 12:
        return addr6[12:16]
    return (addr6[:8] + addr6[9:])[rest:rest + 4]


class Packet6:
    """An IPv6 packet taken apart: its extension headers are walked to the upper layer."""

    def __init__(self, data):
        self.data = data
        self.tc = (data[0] << 4 | data[1] >> 4) & 0xff
        self.length = get16(data, 4)
        self.hops = data[7]
        self.src, self.dst = data[8:24], data[24:40]
        self.segments_left_at = 0  # of the first routing header with segments left
        self.is_fragment = False   # has a Fragment header
        self.offset, self.more, self.ident = 0, 0, 0
        self.broken = False
        proto, at = data[6], 40
        while proto in (HOPOPTS, ROUTING, DSTOPTS, FRAGMENT):
            if len(data) - at < 8:
                self.broken = True
                break
            if proto == FRAGMENT:
                self.is_fragment = True
                field = get16(data, at + 2)
                self.offset, self.more = field & 0xfff8, field & 1
                self.ident = int.from_bytes(data[at + 4:at + 8], "big")
                proto, at = data[at], at + 8
                break
            size = (data[at + 1] + 1) * 8
            if size > len(data) - at:
                self.broken = True
                break
            if proto == ROUTING and data[at + 3] and not self.segments_left_at:
                self.segments_left_at = at + 3
            proto, at = data[at], at + size
        self.proto, self.at = proto, at
        self.upper = data[at:]

    def is_atomic(self):
        return self.is_fragment and not self.offset and not self.more


class Packet4:
    """An IPv4 packet taken apart."""

    def __init__(self, data):
        self.data = data
        self.ihl = (data[0] & 15) * 4
        self.tos = data[1]
        self.length = get16(data, 2)
        self.ident = get16(data, 4)
        field = get16(data, 6)
        self.df, self.more, self.offset = field >> 14 & 1, field >> 13 & 1, (field & 0x1fff) * 8
        self.is_fragment = bool(self.more or self.offset)
        self.ttl, self.proto = data[8], data[9]
        self.src, self.dst = data[12:16], data[16:20]
        self.upper = data[self.ihl:]

    def header_is_right(self):
        return ones_sum(self.data[:self.ihl]) == 0xffff

    def source_route_unexpired(self):
        """RFC 791 §3.1: loose or strict source route whose pointer is not behind its end."""
        options = self.data[20:self.ihl]
        at = 0
        while at < len(options) and options[at] != 0:
            if options[at] == 1:
                at += 1
                continue
            if options[at] in (131, 137) and options[at + 2] <= options[at + 1]:
                return True
            at += options[at + 1]
        return False
