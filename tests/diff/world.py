# SPDX-License-Identifier: BSD-3-Clause
"""Links, settings, hosts and bindings of one run of the differential test."""
import ipaddress

from reference import Binding
from wire import ICMP4, ICMP6, TCP, UDP, WAN, Packet4, compose, finish, get16, header6

# every length of RFC 6052 at once
PREFIXES = ("64:ff9b::/96", "2001:db8:64::/96", "2001:dba::/32", "2001:dbb:100::/40",
            "2001:dbc:122::/48", "2001:dbd:122:300::/56", "2001:dbe:122:344::/64")
POOL = ("5.6.7.64", "5.6.7.65", "5.6.7.66", "5.6.7.67")
OWN = {"lan": "2001:db8:1::1", "lan2": "2001:db8:2::1", WAN: "5.6.7.2"}
LAN_MTUS = (1280, 1400, 1492, 1500, 1500, 1500, 1500, 9000)
WAN_MTUS = (400, 576, 1000, 1260, 1280, 1400, 1480, 1492, 1500, 1500, 1500, 1500, 9000)
HOSTS = 12
BINDINGS = 48
STATICS = 8
ALLOWED = "9.8.0.0/14"  # who may send to some of the static bindings
PAIRS = 12              # of bindings whose hosts reach each other by pool addresses


def address(text):
    return ipaddress.ip_address(text).packed


class World:
    def __init__(self, rng, index):
        self.texts = rng.sample(PREFIXES, len(PREFIXES))
        networks = [ipaddress.ip_network(text) for text in self.texts]
        self.prefixes = [(n.network_address.packed, n.prefixlen) for n in networks]
        self.mtu = {"lan": rng.choice(LAN_MTUS), "lan2": rng.choice(LAN_MTUS),
                    WAN: WAN_MTUS[index * 5 % len(WAN_MTUS)]}  # only small ones cut errors
        self.own = {port: address(text) for port, text in OWN.items()}
        self.lowest = rng.choice((1280, 1280, 1280, 1400, 1500, 9000))
        self.tos = rng.choice((None, None, 0, 0xb8))
        self.tc = rng.choice((None, None, 0, 0x2e))
        self.mss_max = rng.choice((0, 0, 536, 1300))
        self.workers = rng.randrange(1, 4)
        self.pool = [address(text) for text in POOL]
        self.filtering = rng.choice(("address", "address", "endpoint", "address_port"))
        self.host_port = {}
        for index in range(HOSTS):
            port, net = ("lan", "2001:db8:1::") if index % 3 else ("lan2", "2001:db8:2::")
            self.host_port[host(net, rng)] = port
        self.statics = [Static(rng, self, 2000 + index) for index in range(STATICS)]


def host(net, rng):
    return address(net)[:8] + (rng.getrandbits(62) | 1 << 62).to_bytes(8, "big")


class Static:
    """A forwarded port."""

    def __init__(self, rng, world, port4):
        self.proto = rng.choice((TCP, UDP, UDP, ICMP6))
        self.host = rng.choice(list(world.host_port))
        self.pool, self.port4 = rng.choice(POOL), port4
        self.port6 = rng.randrange(1, 1024) * 64 + port4 % 64
        self.prefix = rng.randrange(len(world.texts))
        self.allow = rng.choice(((), (), (ALLOWED,)))

    def text(self, world):
        proto = {TCP: "tcp", UDP: "udp", ICMP6: "icmp"}[self.proto]
        return (f"    - {{protocols: [{proto}], address: {self.pool}, ports: {self.port4}, "
                f"client: '{ipaddress.ip_address(self.host)}', client_port: {self.port6},\n"
                f"       prefix: '{world.texts[self.prefix]}', allow: [{', '.join(self.allow)}]}}")


def octet(value):
    return "copy" if value is None else str(value)


def configuration(world):
    prefixes = ", ".join(f"'{text}'" for text in world.texts)
    statics = "\n".join(static.text(world) for static in world.statics).replace(", allow: []", "")
    return f"""ports:
  - {{name: lan, device: net_null0, role: lan, mtu: {world.mtu['lan']},
     addresses: ['{OWN['lan']}/64']}}
  - {{name: wan, device: net_null1, role: wan, mtu: {world.mtu[WAN]},
     addresses: [{OWN[WAN]}/24], gateway4: 5.6.7.1}}
  - {{name: lan2, device: net_null2, role: lan, mtu: {world.mtu['lan2']},
     addresses: ['{OWN['lan2']}/64']}}
nat64:
  prefixes: [{prefixes}]
  pool4: [{{address: {POOL[0]}-{POOL[-1]}, ports: 1-65535}}]
  filtering: {world.filtering}
  static:
{statics}
  max_sessions: 4096
  max_bib: 1024
  lowest_ipv6_mtu: {world.lowest}
  tos: {octet(world.tos)}
  traffic_class: {octet(world.tc)}
  mss_clamp: {world.mss_max or 'auto'}
lcores: {{workers: [{', '.join(map(str, range(world.workers)))}]}}
memory: {{neighbors: 256}}
"""


def neighbors(world):
    numbers = {"lan": 0, "lan2": 2}
    return ["1=5.6.7.1"] + [f"{numbers[port]}={ipaddress.ip_address(addr)}"
                            for addr, port in world.host_port.items()]


class Remote:
    def __init__(self, rng, proto, prefix):
        # global addresses, since 64:ff9b::/96 is among the prefixes (RFC 6052 §3.1)
        self.address = bytes((rng.choice((1, 8, 11, 45, 93, 151, 185, 212)), rng.randrange(256),
                              rng.randrange(256), rng.randrange(1, 255)))
        self.port = 0 if proto == ICMP6 else rng.randrange(1, 65536)
        self.prefix = prefix


class Flow:
    """A binding and whom it talks to."""

    def __init__(self, rng, world):
        self.host, self.port = rng.choice(list(world.host_port.items()))
        self.proto = rng.choice((TCP, UDP, UDP, ICMP6))
        self.port6 = rng.randrange(0 if self.proto == ICMP6 else 1, 65536)
        prefixes = rng.sample(range(len(world.prefixes)), rng.randrange(1, 4))
        self.remotes = [Remote(rng, self.proto, prefix) for prefix in prefixes]
        self.pool = self.port4 = None

    def take(self, static):
        """The static binding in place of one of its own."""
        self.host, self.proto, self.port6 = static.host, static.proto, static.port6
        self.pool, self.port4 = address(static.pool), static.port4
        for remote in self.remotes:
            remote.port = 0 if self.proto == ICMP6 else remote.port or 7


def opening(world, flow, remote):
    """The packet that makes binding and session."""
    ports = flow.port6.to_bytes(2, "big") + remote.port.to_bytes(2, "big")
    upper = {TCP: ports + bytes(8) + b"\x50\x02\xff\xff\0\0\0\0",
             UDP: ports + b"\0\x08\0\0",
             ICMP6: b"\x80\0\0\0" + flow.port6.to_bytes(2, "big") + b"\0\1"}[flow.proto]
    src = flow.host
    dst = compose(*world.prefixes[remote.prefix], remote.address)
    upper = finish(upper, flow.proto, src, dst)
    return flow.port, header6(0, len(upper), flow.proto, 64, src, dst) + upper


def bind_statics(world, nat):
    for static in world.statics:
        nets = [ipaddress.ip_network(net) for net in static.allow]
        nat.bind(Binding(static.proto, static.host, static.port6, address(static.pool),
                         static.port4, static.prefix,
                         [(net.network_address.packed, net.prefixlen) for net in nets]))


def open_flows(rng, world, nat, gateway):
    """Which address and port a binding gets is the gateway's to choose; from then on the reference
    holds it to that."""
    bind_statics(world, nat)
    flows = []
    for index in range(BINDINGS + STATICS):
        flow = Flow(rng, world)
        if index < STATICS:
            flow.take(world.statics[index])
            flow.port = world.host_port[flow.host]
        if any((f.proto, f.host, f.port6) == (flow.proto, flow.host, flow.port6) for f in flows):
            continue
        for remote in flow.remotes:
            packet = opening(world, flow, remote)
            (got, drops), = gateway.run([[packet]])
            assert len(got) == 1 and got[0][0] == WAN, f"no binding: {drops}"
            learn(nat, flow, remote, Packet4(got[0][1]))
            nat.from6(packet[1], packet[0])
        flows.append(flow)
    pair_flows(rng, world, nat, gateway, flows)
    return flows


def pair_flows(rng, world, nat, gateway, flows):
    """Some become each other's remotes (RFC 6146 §3.8). Whoever is filtered at first has sent, so
    that the other gets in then. An identifier is the same on both sides, so that echo finds a
    binding with it at its own address only."""
    for _ in range(PAIRS):
        one = rng.choice(flows)
        two = one if one.proto == ICMP6 else rng.choice([f for f in flows if f.proto == one.proto])
        for a, b in (one, two), (two, one), (one, two):
            key = b.pool, 0 if a.proto == ICMP6 else b.port4
            proto = ICMP4 if a.proto == ICMP6 else a.proto
            sessions = nat.by_host[proto, a.host, a.port6].sessions
            known = [r for r in a.remotes if (r.address, r.port) == key]
            remote = known[0] if known else Remote(rng, a.proto, rng.choice(a.remotes).prefix)
            remote.address, remote.port = key
            # a session that the other began has a prefix, and stays under it
            remote.prefix = sessions.get(key, remote.prefix)
            packet = opening(world, a, remote)
            (got, drops), = gateway.run([[packet]])
            want = [(out.port, out.data) for out in nat.from6(packet[1], packet[0])]
            assert got == want, f"from host to host: {drops}, {got} instead of {want}"
            if not known:
                a.remotes.append(remote)


def learn(nat, flow, remote, packet):
    port = get16(packet.upper, 4 if packet.proto == ICMP4 else 0)
    if flow.pool is None:
        flow.pool, flow.port4 = packet.src, port
        nat.bind(Binding(flow.proto, flow.host, flow.port6, flow.pool, flow.port4, remote.prefix))
    assert (flow.pool, flow.port4) == (packet.src, port), "endpoint-independent mapping"
