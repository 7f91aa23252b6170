# SPDX-License-Identifier: BSD-3-Clause
"""Taking NICs from the kernel and giving them back, now and at each boot."""
import os
import re

from setup import kernel, nics
from setup.machine import MARK, TOP, Refused

BIND = os.path.join(TOP, "drivers-cfg", "bind")
INSTALLED = "usr/local/sbin/gate64-bind"
UNIT_NAME = "gate64-bind.service"
UNIT = "etc/systemd/system/" + UNIT_NAME
WANTED = "etc/systemd/system/multi-user.target.wants/" + UNIT_NAME
MODULES = "etc/modules-load.d/gate64.conf"

UNIT_TEXT = """[Unit]
Description=Gives network cards to gate64
DefaultDependencies=no
After=systemd-modules-load.service local-fs.target
Before=network-pre.target gate64.service shutdown.target
Wants=network-pre.target
Conflicts=shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
{commands}
[Install]
WantedBy=multi-user.target
"""

# ---- reasons against it


def refuse_cut_off(machine, nic):
    if nic.reasons and not machine.force and not nic.is_bound:
        raise Refused(f"{nic.interfaces[0]} ({nic.address}) carries {' and '.join(nic.reasons)}: "
                      "taking it cuts the machine off. Use another NIC, or work at the console and "
                      "say --force")


def refuse_override(machine, nic):
    for name in machine.names("etc/driverctl.d"):
        if name.endswith(nic.address):
            raise Refused(f"driverctl has an override for {nic.address} and would undo this at "
                          f"each boot; end it with: driverctl unset-override {nic.address}")


def refuse_driver(machine, nic, driver):
    if nic.dpdk and not nic.dpdk["bind"]:
        raise Refused(f"{nic.address}: {nic.dpdk['names'][0]} works beside the kernel's driver; "
                      "there is nothing to bind")
    if driver == "uio_pci_generic" and kernel.show_lockdown(machine) != "none":
        raise Refused("the kernel is locked down (Secure Boot) and refuses uio_pci_generic; use "
                      "the IOMMU: gate64-setup iommu, reboot, and bind without --driver; or switch "
                      "Secure Boot off in the BIOS")
    if driver == "vfio-pci" and not machine.exists(nics.PCI, nic.address, "iommu_group"):
        raise Refused(f"{nic.address} has no IOMMU group, without which vfio-pci takes no NIC. "
                      "Switch the IOMMU on: gate64-setup iommu, and reboot. Where there is none: "
                      "--driver uio_pci_generic")


def refuse_group(machine, nic, chosen):
    """vfio gives a group of devices to one user only, whole."""
    group = machine.link_name(nics.PCI, nic.address, "iommu_group")
    for other in machine.names("sys/kernel/iommu_groups", group, "devices"):
        driver = machine.link_name(nics.PCI, other, "driver")
        if other in chosen or driver in (None, "vfio-pci", "pcieport"):
            continue
        raise Refused(f"{nic.address} shares IOMMU group {group} with {other}, which {driver} has: "
                      "vfio would call the group not viable. Bind both, or unbind the other, or "
                      "put the card into another slot")


def users_of(machine, nic):
    """Processes that have the device open. The kernel would make us wait for them."""
    group = machine.link_name(nics.PCI, nic.address, "iommu_group")
    files = [f"/dev/{name}" for name in machine.names(nics.PCI, nic.address, "uio")]
    files.append(f"/dev/vfio/{group}")
    for pid in filter(str.isdigit, machine.names("proc")):
        for fd in machine.names("proc", pid, "fd"):
            try:
                target = os.readlink(machine.path("proc", pid, "fd", fd))
            except OSError:
                continue
            if target in files:
                yield pid
                break


def refuse_in_use(machine, nic):
    for pid in users_of(machine, nic):
        name = machine.value("proc", pid, "comm") or "a process"
        raise Refused(f"{nic.address} is in use by {name} (process {pid}); stop it first: "
                      "systemctl stop gate64")


# ---- boot


def unit_text(machine):
    force = {True: "--force ", False: ""}
    commands = "".join(
        f"ExecStart=/{INSTALLED} {force[entry.get('force', False)]}{address} {entry['driver']}\n"
        for address, entry in sorted(machine.record["nics"].items()))
    return MARK + UNIT_TEXT.format(commands=commands)


def write_boot(machine):
    bound = machine.record.get("nics", {})
    if not bound:
        remove_boot(machine)
        return
    drivers = sorted({entry["driver"] for entry in bound.values()})
    machine.write_file(MODULES, MARK + "".join(f"{d}\n" for d in drivers))
    with open(BIND, encoding="utf-8") as f:
        first, rest = f.read().split("\n", 1)
    machine.write_file(INSTALLED, f"{first}\n{MARK}{rest}", 0o755)
    changed = machine.write_file(UNIT, unit_text(machine))
    if changed or not os.path.lexists(machine.path(WANTED)):
        if not machine.run("systemctl", "daemon-reload") or \
                not machine.run("systemctl", "enable", UNIT_NAME):
            print(f"no systemd is here: run /{INSTALLED} at each boot yourself, as /{UNIT} has it")


def remove_boot(machine):
    machine.record.pop("nics", None)
    if machine.exists(UNIT):
        machine.run("systemctl", "disable", UNIT_NAME)
    changed = machine.remove_file(UNIT)
    machine.remove_file(INSTALLED)
    machine.remove_file(MODULES)
    if changed:
        machine.run("systemctl", "daemon-reload")


# ---- commands


def bind(machine, names, driver):
    found = nics.find(machine)
    chosen = [nics.pick(found, name) for name in names]
    for nic in chosen:
        refuse_cut_off(machine, nic)
        refuse_override(machine, nic)
        refuse_driver(machine, nic, driver)
        if driver == "vfio-pci":
            refuse_group(machine, nic, {n.address for n in chosen})
        if not nic.dpdk:
            print(f"{nic.address}: gate64 has no file about {nic.kernel_driver or 'this NIC'}; if "
                  "DPDK has no driver for it either, gate64 says so when it starts")
    for nic in chosen:
        take(machine, nic, driver)
    write_boot(machine)


def tell_leftovers(machine, nic):
    """Linux' own network set-up would wait for the interface at each boot."""
    where = ["etc/network/interfaces"] + [
        f"{d}/{n}" for d in ("etc/network/interfaces.d", "etc/systemd/network", "etc/netplan")
        for n in machine.names(d)]
    for path in where:
        for name in nic.interfaces:
            if re.search(rf"(?<![\w.]){re.escape(name)}(?![\w.])", machine.read(path) or ""):
                print(f"/{path} names {name}, which Linux no longer has: take it out there")


def take(machine, nic, driver):
    if nic.driver != driver:
        refuse_in_use(machine, nic)
        tell_leftovers(machine, nic)
        # What it carries was looked at above, and further than the small tool can.
        machine.run(BIND, "--force", nic.address, driver)
    entry = machine.record.setdefault("nics", {}).setdefault(nic.address, {"mac": nic.mac})
    entry.update(driver=driver, kernel_driver=nic.kernel_driver)
    if machine.force and nic.reasons:
        entry["force"] = True


def unbind(machine, names):
    found = nics.find(machine)
    for nic in [nics.pick(found, name) for name in names]:
        release(machine, nic)
    write_boot(machine)


def release(machine, nic):
    if nic.is_bound:
        refuse_in_use(machine, nic)
        machine.run(BIND, nic.address, "kernel")
    machine.record.get("nics", {}).pop(nic.address, None)


def undo(machine):
    bound = machine.record.get("nics", {})
    for nic in [n for n in nics.find(machine) if n.address in bound]:
        release(machine, nic)
    remove_boot(machine)
    kernel.give_back(machine)
    machine.record.pop("kernel", None)
    kernel.write_command_line(machine)
    machine.remove_file(kernel.CPUS_CONF)


def show_vfio(machine):
    if machine.exists("sys/bus/pci/drivers/vfio-pci"):
        return "loaded"
    return "not loaded; `gate64-setup bind` loads it"


def is_reference(name):
    """What names a NIC on the command line."""
    return re.fullmatch(r"[\w.:@-]{1,64}", name) is not None
