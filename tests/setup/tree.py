# SPDX-License-Identifier: BSD-3-Clause
"""A machine made of files below a temporary directory: sysfs, procfs, a kernel that binds drivers.

The attributes that bind and unbind are FIFOs; a thread reads them and does what the kernel would.
"""
import os
import select
import shutil
import struct
import tempfile
import threading

DEVICES = "sys/bus/pci/devices"
DRIVERS = "sys/bus/pci/drivers"


def address4(text):
    return f"{struct.unpack('=I', bytes(map(int, text.split('.'))))[0]:08X}"


class Tree:
    def __init__(self):
        self.root = tempfile.mkdtemp(prefix="gate64-setup-test.")
        self.nics, self.fifos = {}, {}
        self.stop_r, self.stop_w = os.pipe()
        self.thread = None
        self.write("proc/meminfo", "MemTotal:        8000000 kB\nHugePages_Total:       0\n"
                   "HugePages_Free:        0\nHugepagesize:       2048 kB\n")
        self.write("proc/cpuinfo", "vendor_id : GenuineIntel\nflags : fpu pdpe1gb\n")
        self.write("proc/cmdline", "BOOT_IMAGE=/vmlinuz root=/dev/sda1 quiet\n")
        self.write("proc/sys/vm/nr_hugepages", "0\n")
        self.write("proc/net/route", "Iface\tDestination\tGateway\n")
        self.write("proc/net/ipv6_route", "")
        self.write("proc/net/tcp", "head\n")
        self.write("proc/net/tcp6", "head\n")
        self.write("sys/devices/system/cpu/possible", "0-3\n")
        self.write("sys/devices/system/cpu/isolated", "\n")
        self.write("sys/kernel/security/lockdown", "[none] integrity confidentiality\n")
        self.write("etc/default/grub", "GRUB_CMDLINE_LINUX_DEFAULT=quiet\n")
        os.makedirs(self.path(DEVICES))
        os.makedirs(self.path(DRIVERS))
        self.fifo("sys/bus/pci/drivers_probe")
        # -R only asks
        self.program("modprobe", f'[ "$1" != -R ] || exit 1\ncd "{self.path(DRIVERS)}"\n'
                     'mkdir "$1"\nmkfifo "$1/unbind"\n')
        self.program("update-grub", f'echo run >>"{self.path("update-grub.log")}"\n')
        self.program("systemctl", f'echo "$@" >>"{self.path("systemctl.log")}"\n'
                     'wants="%s"\nmkdir -p "$wants"\ncase $1 in\n'
                     'enable) ln -sf "../$2" "$wants/$2" ;;\n'
                     'disable) rm -f "$wants/$2" ;;\nesac\n'
                     % self.path("etc/systemd/system/multi-user.target.wants"))

    # ---- files

    def path(self, *parts):
        return os.path.join(self.root, *parts)

    def write(self, path, text):
        os.makedirs(os.path.dirname(self.path(path)), exist_ok=True)
        with open(self.path(path), "w", encoding="utf-8") as f:
            f.write(text)

    def append(self, path, text):
        with open(self.path(path), "a", encoding="utf-8") as f:
            f.write(text)

    def read(self, path):
        try:
            with open(self.path(path), encoding="utf-8") as f:
                return f.read()
        except OSError:
            return None

    def program(self, name, body):
        self.write(f"bin/{name}", f"#!/bin/sh\n{body}")
        os.chmod(self.path("bin", name), 0o755)

    def snapshot(self):
        """Everything that is there, to see that nothing changed."""
        found = {}
        for base, folders, files in os.walk(self.root):
            for name in folders + files:
                path = os.path.join(base, name)
                key = os.path.relpath(path, self.root)
                if os.path.islink(path):
                    found[key] = "-> " + os.readlink(path)
                elif os.path.isfile(path):
                    found[key] = self.read(key)
                else:
                    found[key] = None
        return {k: v for k, v in found.items() if not k.endswith(".log")}

    # ---- NICs

    def driver(self, name):
        os.makedirs(self.path(DRIVERS, name), exist_ok=True)
        if f"{DRIVERS}/{name}/unbind" not in self.fifos:
            self.fifo(f"{DRIVERS}/{name}/unbind")

    def nic(self, address, ids, driver, interface, mac="02:00:00:00:00:01", link=True, speed=1000,
            group=None, pci_class="0x020000"):
        vendor, device = ids.split(":")
        base = f"{DEVICES}/{address}"
        self.write(f"{base}/class", pci_class + "\n")
        self.write(f"{base}/vendor", f"0x{vendor}\n")
        self.write(f"{base}/device", f"0x{device}\n")
        self.write(f"{base}/driver_override", "(null)\n")
        self.nics[address] = (driver, interface, mac, link, speed)
        if driver:
            self.attach(address, driver)
        if group is not None:
            folder = self.path(f"sys/kernel/iommu_groups/{group}")
            os.makedirs(f"{folder}/devices", exist_ok=True)
            os.symlink(self.path(base), f"{folder}/devices/{address}")
            os.symlink(folder, self.path(base, "iommu_group"))

    def attach(self, address, driver):
        _, interface, mac, link, speed = self.nics[address]
        self.driver(driver)
        os.symlink(self.path(DRIVERS, driver), self.path(DEVICES, address, "driver"))
        if driver == self.nics[address][0] and interface:
            net = f"{DEVICES}/{address}/net/{interface}"
            self.write(f"{net}/address", mac + "\n")
            self.write(f"{net}/carrier", f"{int(link)}\n")
            self.write(f"{net}/speed", f"{speed}\n")
            os.makedirs(self.path("sys/class/net"), exist_ok=True)
            os.symlink(self.path(net), self.path("sys/class/net", interface))

    def detach(self, address):
        if os.path.lexists(self.path(DEVICES, address, "driver")):
            os.unlink(self.path(DEVICES, address, "driver"))
        interface = self.nics[address][1]
        if interface and os.path.lexists(self.path("sys/class/net", interface)):
            os.unlink(self.path("sys/class/net", interface))
            shutil.rmtree(self.path(DEVICES, address, "net"))

    def driver_of(self, address):
        path = self.path(DEVICES, address, "driver")
        return os.path.basename(os.readlink(path)) if os.path.lexists(path) else None

    # ---- the kernel's part

    def fifo(self, path):
        if not os.path.exists(self.path(path)):
            os.mkfifo(self.path(path))
        self.fifos[path] = os.open(self.path(path), os.O_RDWR | os.O_NONBLOCK)

    def start(self):
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            ready, _, _ = select.select([self.stop_r] + list(self.fifos.values()), [], [])
            if self.stop_r in ready:
                return
            # what was unbound first is also seen first
            for path, fd in sorted(self.fifos.items(), key=lambda item: "probe" in item[0]):
                try:
                    addresses = os.read(fd, 4096).decode().split()
                except BlockingIOError:
                    continue
                for address in addresses:
                    (self.probe if "probe" in path else self.detach)(address)

    def probe(self, address):
        override = (self.read(f"{DEVICES}/{address}/driver_override") or "").strip()
        driver = self.nics[address][0] if override in ("", "(null)") else override
        if driver and os.path.isdir(self.path(DRIVERS, driver)) and not self.driver_of(address):
            self.attach(address, driver)

    def close(self):
        if self.thread:
            os.write(self.stop_w, b"s")
            self.thread.join()
        for fd in [*self.fifos.values(), self.stop_r, self.stop_w]:
            os.close(fd)
        shutil.rmtree(self.root)

    # ---- what else there is

    def route4(self, interface, network="0.0.0.0", mask="0.0.0.0"):
        self.append("proc/net/route", f"{interface}\t{address4(network)}\t00000000\t0003\t0\t0\t0\t"
                    f"{address4(mask)}\t0\t0\t0\n")

    def route6(self, interface, network="0" * 32, length=0):
        zero = "0" * 32
        self.append("proc/net/ipv6_route", f"{network} {length:02x} {zero} 00 {zero} 00000400 "
                    f"00000001 00000000 00000003 {interface:>8}\n")

    def ssh4(self, peer, mapped=False, port=22):
        words = ("0000000000000000FFFF0000" if mapped else "")
        local = f"{words}{address4('192.0.2.1')}:{port:04X}"
        self.append("proc/net/tcp6" if mapped else "proc/net/tcp",
                    f"   0: {local} {words}{address4(peer)}:C350 01 00000000:00000000\n")
