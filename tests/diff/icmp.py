# SPDX-License-Identifier: BSD-3-Clause
"""ICMP errors of the reference translator (RFC 7915 §4.2, §4.3, §5.2, §5.3, RFC 4884)."""
from wire import (DF, ECHO, EXTENSION, FRAGMENT, FREE_ID, FREE_QUOTED_ID, ICMP4, ICMP6, MF, TCP,
                  UDP, WAN, Out, Packet4, Packet6, adjust, checksum, extract, finish,
                  fragment_header, get16, header4, header6, is_right, put16)

ERRORS4 = (3, 4, 5, 11, 12)
MTU, POINTER, NEXT_HEADER = "mtu", "pointer", "next header"

# RFC 7915 §4.2: (type, code) -> (type, code, what the second word is)
TABLE_4TO6 = {(3, 0): (1, 0, 0), (3, 1): (1, 0, 0), (3, 2): (4, 1, NEXT_HEADER),
              (3, 3): (1, 4, 0), (3, 4): (2, 0, MTU), (3, 5): (1, 0, 0), (3, 6): (1, 0, 0),
              (3, 7): (1, 0, 0), (3, 8): (1, 0, 0), (3, 9): (1, 1, 0), (3, 10): (1, 1, 0),
              (3, 11): (1, 0, 0), (3, 12): (1, 0, 0), (3, 13): (1, 1, 0), (3, 15): (1, 1, 0),
              (12, 0): (4, 0, POINTER), (12, 2): (4, 0, POINTER)}
# RFC 7915 §5.2
TABLE_6TO4 = {(1, 0): (3, 1, 0), (1, 1): (3, 10, 0), (1, 2): (3, 1, 0), (1, 3): (3, 1, 0),
              (1, 4): (3, 3, 0), (4, 0): (12, 0, POINTER), (4, 1): (3, 2, 0)}
# RFC 7915 figure 3 and figure 6
POINTER_4TO6 = {0: 0, 1: 1, 2: 4, 3: 4, 8: 7, 9: 6, 12: 8, 13: 8, 14: 8, 15: 8, 16: 24, 17: 24,
                18: 24, 19: 24}
POINTER_6TO4 = {0: 0, 1: 1, 4: 2, 5: 2, 6: 9, 7: 8}
POINTER_6TO4.update({at: 12 for at in range(8, 24)})
POINTER_6TO4.update({at: 16 for at in range(24, 40)})
PLATEAUS = (65535, 32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296, 68)  # RFC 1191 §7.1


def split(message, attribute_at, unit):
    """(quote, extensions) of an ICMP error (RFC 4884 §4); None: impossible (ERR-18)."""
    body = message[8:]
    size = message[attribute_at] * unit
    if size == 0:
        return body, b""
    if size < 128 or size > len(body):
        return None
    return body[:size], body[size:]


def join(head, quote, extensions, attribute_at, unit, room):
    """The ICMP message in at most room bytes; the quote gives way to the extensions down to 128
    bytes, then these do (ERR-17)."""
    room -= 8
    if not extensions:
        return head + quote[:room]
    extensions = extensions[:min(len(extensions), room - 128) // 4 * 4]
    quote = quote[:(room - len(extensions)) // unit * unit]
    padded = max(128, (len(quote) + unit - 1) // unit * unit)
    head = head[:attribute_at] + bytes((padded // unit,)) + head[attribute_at + 1:]
    return head + quote.ljust(padded, b"\0") + extensions


def fix_quoted(upper, proto, to, was, now, at, port, length):
    """The quoted upper layer, as much as is there: a port or identifier, the checksum if it is
    there (ERR-07, ERR-10), an echo type. was, now: (source, destination)."""
    if proto in ECHO:
        new = bytes((ECHO[to][ECHO[proto].index(upper[0])],)) + put16(upper, 4, port)[1:]
        pseudo4, tail = b"", length.to_bytes(4, "big") + b"\0\0\0" + bytes((ICMP6,))
        pseudo6 = tail + (was[0] + was[1] if proto == ICMP6 else now[0] + now[1])
        old, fresh = (pseudo6, pseudo4) if proto == ICMP6 else (pseudo4, pseudo6)
        return put16(new, 2, adjust(get16(upper, 2), old + put16(upper, 2, 0)[:6],
                                    fresh + put16(new, 2, 0)[:6], to))
    new = put16(upper, at, port)
    field = 16 if proto == TCP else 6
    if len(upper) < field + 2 or proto == UDP and get16(upper, 6) == 0:  # ERR-11
        return new
    value = adjust(get16(upper, field), was[0] + was[1] + upper[at:at + 2],
                   now[0] + now[1] + new[at:at + 2], to)
    return put16(new, field, value)


def has_tuple(proto, upper):
    """RFC 6146 §3.4."""
    if proto in (TCP, UDP):
        return len(upper) >= 4
    return proto in ECHO and len(upper) >= 8 and upper[0] in ECHO[proto]


# ---- IPv4 to IPv6

def mtu_4to6(said, quoted, mtu4, mtu6):
    """RFC 7915 §4.2; None: nobody can mean it (MTU-08)."""
    if said and (said < 68 or said > quoted):
        return None
    if said == 0:  # MTU-03, MTU-04
        said = next((p for p in PLATEAUS if 1280 <= p < quoted), None)
    value = 1280 if said is None else max(1280, min(said + 20, mtu6, mtu4 + 20))
    return 1280 if value >= quoted + 20 else value  # MTU-06


def error_4to6(nat, packet):
    message = packet.upper
    if checksum(message) != 0 or len(message) < 28:
        return []
    parts = split(message, 5, 4) if message[0] in (3, 11, 12) else (message[8:], b"")
    if parts is None:
        return []
    quote, extensions = parts
    inner = Packet4(quote)
    shown = min(len(quote), inner.length)  # ERR-19
    inner.upper = quote[inner.ihl:shown]
    if inner.ihl > shown or not inner.header_is_right() or inner.offset or \
            not has_tuple(inner.proto, inner.upper) or inner.src != packet.dst:
        return []
    found = quoted_session4(nat, inner)
    kind, code = message[0], message[1]
    rule = (3, code, 0) if kind == 11 else TABLE_4TO6.get((kind, code))
    if found is None or rule is None or packet.ttl <= 1:
        return []
    binding, index = found
    port = nat.w.host_port[binding.host]
    word = 0
    if rule[2] == MTU:
        word = mtu_4to6(get16(message, 6), inner.length, nat.mtu_to(inner.dst), nat.w.mtu[port])
    elif rule[2] == POINTER:
        word = POINTER_4TO6.get(message[4])
    elif rule[2] == NEXT_HEADER:
        word = 6
    if word is None:
        return []
    body = quote_4to6(nat, inner, binding, index)
    if rule[0] not in (1, 3):
        extensions = b""  # ERR-16
    head = bytes((rule[0], rule[1], 0, 0)) + word.to_bytes(4, "big")
    src, dst = nat.remote6(index, packet.src), binding.host  # ERR-20
    message = finish(join(head, body, extensions, 4, 8, 1280 - 40), ICMP6, src, dst)
    return [Out(port, header6(nat.tc(packet.tos), len(message), ICMP6, packet.ttl - 1, src, dst) +
                message)]


def quoted_session4(nat, inner):
    """The quoted packet went from a pool address to the IPv4 side (RFC 6146 §3.4)."""
    sport, dport = nat.ports_of(inner.proto, inner.upper)
    binding = nat.by_pool.get((inner.proto, inner.src, sport))
    remote = inner.dst, 0 if inner.proto == ICMP4 else dport
    if binding is None or remote not in binding.sessions:
        return None
    return binding, binding.sessions[remote]


def quote_4to6(nat, inner, binding, index):
    proto = ICMP6 if inner.proto == ICMP4 else inner.proto
    length = inner.length - inner.ihl
    src, dst = binding.host, nat.remote6(index, inner.dst)
    upper = fix_quoted(inner.upper, inner.proto, proto, (inner.src, inner.dst), (src, dst), 0,
                       binding.port6, length)
    if inner.more:
        upper = fragment_header(proto, 0, 1, inner.ident) + upper
        return header6(nat.tc(inner.tos), length + 8, FRAGMENT, inner.ttl, src, dst) + upper
    return header6(nat.tc(inner.tos), length, proto, inner.ttl, src, dst) + upper


# ---- IPv6 to IPv4

def mtu_6to4(said, fragmented, mtu4, mtu6):
    """RFC 7915 §5.2, and 8 less for a Fragment header (MTU-02)."""
    if said < 1280:
        return None  # MTU-08
    return min(said - 20 - (8 if fragmented else 0), mtu4, mtu6 - 20)


def error_6to4(nat, packet):
    message = packet.upper
    if not is_right(message, ICMP6, packet.src, packet.dst) or len(message) < 48:
        return []
    parts = split(message, 4, 8) if message[0] in (1, 3) else (message[8:], b"")
    if parts is None:
        return []
    quote, extensions = parts
    shown = min(len(quote), 40 + get16(quote, 4))
    inner = Packet6(quote[:shown])
    if inner.broken or inner.offset or not has_tuple(inner.proto, inner.upper):
        return []
    if inner.is_atomic() and inner.proto in EXTENSION:
        return []
    found = quoted_session6(nat, inner)
    kind, code = message[0], message[1]
    rule = {2: (3, 4, MTU), 3: (11, code, 0)}.get(kind) or TABLE_6TO4.get((kind, code))
    if found is None or rule is None:
        return []
    binding, remote = found
    word = 0
    said = int.from_bytes(message[4:8], "big")
    if rule[2] == MTU:
        word = mtu_6to4(said, inner.is_fragment, nat.mtu_to(remote),
                        nat.w.mtu[nat.w.host_port[binding.host]])
    elif rule[2] == POINTER:
        word = POINTER_6TO4.get(said)
        word = None if word is None else word << 24
    if word is None:
        return []
    body = quote_6to4(nat, inner, binding, remote)
    head = bytes((rule[0], rule[1], 0, 0)) + word.to_bytes(4, "big")
    # RFC 4884 §4: these three have a length attribute in IPv4
    message = join(head, body, extensions, 5, 4, 576 - 20)
    message = put16(message, 2, checksum(message))
    field, ident, free = 0, 0, FREE_ID
    if packet.is_fragment:
        ident, free = packet.ident & 0xffff, 0
    if not inner.is_fragment:
        free |= FREE_QUOTED_ID
    data = header4(nat.tos(packet.tc), 20 + len(message), ident, field, packet.hops - 1, ICMP4,
                   binding.pool, remote) + message  # ERR-21
    return [Out(WAN, piece, free) for piece in nat.cut4(data)]


def quoted_session6(nat, inner):
    """The quoted packet went from the IPv4 side to a host; ports the other way round."""
    index = nat.prefix_of(inner.src)
    if index is None:
        return None
    remote = extract(nat.w.prefixes[index][1], inner.src)
    sport, dport = nat.ports_of(inner.proto, inner.upper)
    proto = ICMP4 if inner.proto == ICMP6 else inner.proto
    binding = nat.by_host.get((proto, inner.dst, dport))
    key = remote, 0 if proto == ICMP4 else sport
    if binding is None or binding.sessions.get(key) != index:
        return None
    return binding, remote


def quote_6to4(nat, inner, binding, remote):
    proto = ICMP4 if inner.proto == ICMP6 else inner.proto
    length = inner.length - (inner.at - 40)
    upper = fix_quoted(inner.upper, inner.proto, proto, (inner.src, inner.dst),
                       (remote, binding.pool), 2, binding.port4, length)
    field, ident = 0 if 20 + length <= 1260 else DF, 0
    if inner.is_fragment:
        field, ident = MF if inner.more else 0, inner.ident & 0xffff
    return header4(nat.tos(inner.tc), 20 + length, ident, field, inner.hops, proto, remote,
                   binding.pool) + upper
