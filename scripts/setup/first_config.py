# SPDX-License-Identifier: BSD-3-Clause
"""A first configuration from the NICs that are there."""
import ipaddress

from setup import kernel
from setup.machine import Refused

HEAD = """\
# Written by `gate64-setup config`. Change what is marked, then: gate64 --check FILE
# Everything else has a default, see docs/config.md.
ports:
"""
PORT = """\
  - name: {name}
    device: {nic.address}              # {nic.model}, {nic.mac}{interface}
    role: {name}
"""
LAN = """\
    addresses: [2001:db8:1::1/64]      # change: what the clients use as router and DNS server
"""
WAN = """\
    addresses: [198.51.100.2/24]       # change: clients appear with this address
    gateway4: 198.51.100.1             # change: the provider's router
"""


def resolvers(machine):
    found = []
    for line in (machine.read("etc/resolv.conf") or "").splitlines():
        field = line.split()
        if len(field) < 2 or field[0] != "nameserver":
            continue
        try:
            address = ipaddress.ip_address(field[1])
        except ValueError:
            continue
        if not (address.is_loopback or address.is_link_local or address.is_unspecified):
            found.append(str(address))
    return found[:8]


def preference(nic):
    """Those that DPDK has come first, then those with a link; others are not taken."""
    return (not nic.is_bound, nic.link in ("down", "-"), nic.address)


def choose(found):
    usable = sorted((n for n in found if n.is_bound or not n.reasons), key=preference)
    if len(usable) >= 2:
        return usable
    taken = [f"{n.address} carries {' and '.join(n.reasons)}" for n in found if n not in usable]
    raise Refused(f"a gateway has two ports; NICs that are free for it: {len(usable)}"
                  f"{'; ' if taken else ''}{'; '.join(taken)}. Linux interfaces serve as ports, "
                  "too; configs/lab.yaml shows how. `scripts/demo` needs no NIC")


def text(machine, found):
    """The file, and which of its NICs still have to be bound."""
    lan, wan, *others = choose(found)
    out = [HEAD]
    for name, nic, rest in (("lan", lan, LAN), ("wan", wan, WAN)):
        interface = f", was {nic.interfaces[0]}" if nic.interfaces else ""
        out.append(PORT.format(name=name, nic=nic, interface=interface) + rest)
    out += [f"# free as well: {nic.address}, {nic.model}, {nic.mac}\n" for nic in others]
    servers = resolvers(machine)
    listed = ", ".join(f'"{s}"' for s in servers or ["9.9.9.9"])
    note = "" if servers else "             # change: this machine names no resolver"
    out.append(f"dns64:\n  upstreams: [{listed}]{note}\n")
    isolated = machine.value("sys/devices/system/cpu/isolated")
    if isolated:
        cpus = ", ".join(map(str, kernel.cpu_list(isolated)[:16]))
        out.append(f"lcores: {{ workers: [{cpus}] }}\n")
    return "".join(out), [nic.address for nic in (lan, wan) if not nic.is_bound]
