# SPDX-License-Identifier: BSD-3-Clause
"""Which interfaces carry what must not be lost: the default route, sessions of ssh."""
import ipaddress
import os
import struct

ESTABLISHED = "01"
SSH_PORT = 22
RTF_UP = 1
RTF_REJECT = 0x200


def kernel_address4(text):
    """As /proc writes it: a number in the order of this machine."""
    return ipaddress.IPv4Address(struct.pack("=I", int(text, 16)))


def kernel_address6(text):
    words = (int(text[i:i + 8], 16) for i in range(0, 32, 8))
    return ipaddress.IPv6Address(struct.pack("=IIII", *words))


def routes4(machine):
    for line in (machine.read("proc/net/route") or "").splitlines()[1:]:
        field = line.split()
        if len(field) >= 8 and int(field[3], 16) & RTF_UP:
            mask = bin(int(field[7], 16)).count("1")
            yield ipaddress.ip_network((kernel_address4(field[1]), mask), False), field[0]


def routes6(machine):
    for line in (machine.read("proc/net/ipv6_route") or "").splitlines():
        field = line.split()
        if len(field) == 10 and field[9] != "lo" and not int(field[8], 16) & RTF_REJECT:
            address = ipaddress.IPv6Address(int(field[0], 16))
            yield ipaddress.ip_network((address, int(field[1], 16)), False), field[9]


def routes(machine):
    return list(routes4(machine)) + list(routes6(machine))


def default_interfaces(machine):
    return {interface for network, interface in routes(machine) if network.prefixlen == 0}


def interface_towards(table, address):
    """The one that the longest matching prefix names."""
    best = None
    for network, interface in table:
        if network.version == address.version and address in network:
            if best is None or network.prefixlen > best[0].prefixlen:
                best = (network, interface)
    return best[1] if best else None


def ssh_of_parents(machine):
    """SSH_CONNECTION of the first ancestor that has it: sudo takes it out of the environment."""
    if not machine.real:
        return ""
    pid = os.getpid()
    while pid > 1:
        try:
            with open(f"/proc/{pid}/environ", "rb") as f:
                for entry in f.read().split(b"\0"):
                    if entry.startswith(b"SSH_CONNECTION="):
                        return entry[15:].decode()
            with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as f:
                pid = int(f.read().rsplit(")", 1)[1].split()[1])
        except OSError:
            break
    return ""


def plain(address):
    """An IPv4 client of a socket for both families appears mapped."""
    return getattr(address, "ipv4_mapped", None) or address


def ssh_peers(machine):
    """Addresses of those who are logged in."""
    peers, ports = set(), {SSH_PORT}
    own = (os.environ.get("SSH_CONNECTION") or ssh_of_parents(machine)).split()
    if len(own) == 4:
        peers.add(plain(ipaddress.ip_address(own[0].split("%")[0])))
        ports.add(int(own[3]))
    for name, decode in (("tcp", kernel_address4), ("tcp6", kernel_address6)):
        for line in (machine.read("proc/net", name) or "").splitlines()[1:]:
            field = line.split()
            if field[3] == ESTABLISHED and int(field[1].split(":")[1], 16) in ports:
                peers.add(plain(decode(field[2].split(":")[0])))
    return {peer for peer in peers if not peer.is_loopback}


def ssh_interfaces(machine):
    table = routes(machine)
    found = {interface_towards(table, peer) for peer in ssh_peers(machine)}
    # A neighbour by link-local address may be on any link; no route tells which.
    return found - {None}


def with_lower(machine, interface):
    """The interface and those below it: a bridge or bond has ports, a VLAN has its device."""
    found, todo = set(), [interface]
    while todo:
        name = todo.pop()
        if name in found:
            continue
        found.add(name)
        todo += [n[len("lower_"):] for n in machine.names("sys/class/net", name)
                 if n.startswith("lower_")]
    return found


def reasons(machine):
    """What each interface carries: {"eth0": ["the default route", "an ssh session"]}."""
    found = {}
    for what, interfaces in (("the default route", default_interfaces(machine)),
                             ("an ssh session", ssh_interfaces(machine))):
        for interface in interfaces:
            for name in with_lower(machine, interface):
                if what not in found.setdefault(name, []):
                    found[name].append(what)
    return found
