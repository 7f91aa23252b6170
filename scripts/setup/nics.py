# SPDX-License-Identifier: BSD-3-Clause
"""The NICs of the machine, as the kernel's sysfs and drivers-cfg/ tell of them."""
import dataclasses
import glob
import os
import re

from setup import machine as m
from setup import routes

PCI = "sys/bus/pci/devices"
ADDRESS = re.compile(r"[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]")
SHORT_ADDRESS = re.compile(r"[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]")
HAND_OVER = ("vfio-pci", "uio_pci_generic", "igb_uio")

# Where there is no pci.ids: what is meant for such boxes.
MODELS = {
    "8086:100e": "82540EM", "8086:100f": "82545EM", "8086:10d3": "82574L", "8086:10c9": "82576",
    "8086:10e6": "82576 fibre", "8086:150e": "82580", "8086:1521": "I350",
    "8086:1522": "I350 fibre", "8086:1f41": "I354", "8086:1533": "I210", "8086:157b": "I210",
    "8086:1539": "I211", "8086:153a": "I217-LM", "8086:153b": "I217-V", "8086:15b7": "I219-LM",
    "8086:15b8": "I219-V", "8086:15f2": "I225-LM", "8086:15f3": "I225-V", "8086:125b": "I226-LM",
    "8086:125c": "I226-V", "8086:10fb": "82599ES", "8086:1528": "X540-AT2", "8086:1563": "X550T",
    "8086:15e4": "X553", "8086:1572": "X710", "8086:1583": "XL710", "1af4:1000": "virtio",
    "1af4:1041": "virtio",
}
PCI_IDS = ("usr/share/misc/pci.ids", "usr/share/hwdata/pci.ids")


@dataclasses.dataclass
class Nic:
    address: str
    ids: str                # vendor:device
    model: str
    driver: str             # of the kernel, None: nothing has it
    kernel_driver: str      # the one that has it or had it before DPDK
    dpdk: dict              # of drivers-cfg, None: no file
    interfaces: list
    link: str
    mac: str
    role: str               # in the configuration
    reasons: list           # not to take it

    @property
    def is_bound(self):
        return self.driver in HAND_OVER


def dpdk_drivers():
    """drivers-cfg/*.yaml by kernel driver. Only one-line lists and values are looked at."""
    found = {}
    for path in sorted(glob.glob(os.path.join(m.TOP, "drivers-cfg", "*.yaml"))):
        with open(path, encoding="utf-8") as f:
            text = f.read()
        keys = dict(re.findall(r"^(\w+): *(.+?) *(?:#.*)?$", text, re.M))
        entry = {key: re.findall(r"[\w-]+", keys.get(key, ""))
                 for key in ("names", "kernel", "bind")}
        entry["rx_queues"] = int(keys.get("rx_queues", 1))
        for kernel in entry["kernel"]:
            found[kernel] = entry
    return found


def pci_ids_name(machine, vendor, device):
    for path in PCI_IDS:
        text = machine.read(path)
        if text is None:
            continue
        block = re.search(rf"^{vendor}  .*\n((?:[\t#].*\n)*)", text, re.M)
        line = re.search(rf"^\t{device}  (.+)$", block[1], re.M) if block else None
        if line:
            return line[1]
    return None


def model_of(machine, ids):
    name = MODELS.get(ids) or pci_ids_name(machine, *ids.split(":"))
    return name or ids


def interfaces_of(machine, address):
    base = machine.path(PCI, address)
    return sorted(os.path.basename(p) for p in
                  glob.glob(f"{base}/net/*") + glob.glob(f"{base}/virtio*/net/*"))


def link_of(machine, interface):
    base = os.path.join("sys/class/net", interface)
    if machine.value(base, "carrier") != "1":
        return "down"
    speed = machine.value(base, "speed")
    return f"{speed} Mb/s" if speed.isdigit() else "up"


def roles(machine, path):
    """What the configuration says of each device: {"0000:03:00.0": "lan (lan)"}."""
    try:
        with open(path or machine.path("etc/gate64/gate64.yaml"), encoding="utf-8") as f:
            text = f.read()
    except OSError as error:
        if path:
            raise m.Refused(f"{path} cannot be read: {error.strerror}") from error
        return {}
    found = {}
    for entry in re.split(r"(?m)^\s*-\s", text):
        keys = dict(re.findall(r"\b(name|device|role):\s*\"?([^\s,\"}]+)", entry))
        if "device" in keys and "role" in keys:
            device = keys["device"]
            found["0000:" + device if SHORT_ADDRESS.fullmatch(device) else device] = keys["role"]
    return found


def kernel_driver(machine, address, driver):
    """Also of a NIC that DPDK has: as we wrote down, or as the kernel's table has it."""
    if driver and driver not in HAND_OVER:
        return driver
    before = machine.record.get("nics", {}).get(address, {}).get("kernel_driver")
    if before:
        return before
    modules = machine.ask("modprobe", "-R", machine.value(PCI, address, "modalias")).split()
    return modules[0] if modules else None


def find(machine, config=None):
    drivers, why, role = dpdk_drivers(), routes.reasons(machine), roles(machine, config)
    found = []
    for address in machine.names(PCI):
        # class 0x02....: network controllers
        if not machine.value(PCI, address, "class").startswith("0x02"):
            continue
        ids = ":".join(machine.value(PCI, address, part).removeprefix("0x")
                       for part in ("vendor", "device"))
        driver = machine.link_name(PCI, address, "driver")
        kernel = kernel_driver(machine, address, driver)
        interfaces = interfaces_of(machine, address)
        before = machine.record.get("nics", {}).get(address, {})
        found.append(Nic(
            address, ids, model_of(machine, ids), driver, kernel, drivers.get(kernel), interfaces,
            link_of(machine, interfaces[0]) if interfaces else "-",
            machine.value("sys/class/net", interfaces[0], "address") if interfaces
            else before.get("mac", "-"),
            role.get(address, "-"), sorted({r for i in interfaces for r in why.get(i, [])})))
    return found


def pick(found, name):
    """A NIC by PCI address, with or without its domain, or by its interface."""
    for nic in found:
        if name in (nic.address, nic.address.removeprefix("0000:")) or name in nic.interfaces:
            return nic
    there = ", ".join(nic.address for nic in found) or "none"
    is_address = ADDRESS.fullmatch(name) or SHORT_ADDRESS.fullmatch(name)
    what = "PCI address" if is_address else "interface"
    raise m.Refused(f"no NIC has the {what} {name}; there are: {there}. "
                    "`gate64-setup status` shows them")


def table(rows):
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()


def show(found):
    if not found:
        print("no PCI network card is there; Linux interfaces work without DPDK's drivers, with\n"
              'device: "net_af_packet0,iface=NAME"')
        return
    rows = [("PCI", "MODEL", "DRIVER", "DPDK", "QUEUES", "LINK", "MAC", "INTERFACE", "ROLE",
             "CARRIES")]
    for nic in found:
        rows.append((
            nic.address, nic.model, nic.driver or "none",
            nic.dpdk["names"][0] if nic.dpdk else "not known",
            f"up to {nic.dpdk['rx_queues']}" if nic.dpdk else "-", nic.link, nic.mac,
            " ".join(nic.interfaces) or "-", nic.role, ", ".join(nic.reasons) or "-"))
    for line in table(rows):
        print(line)
