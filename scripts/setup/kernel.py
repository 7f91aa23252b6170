# SPDX-License-Identifier: BSD-3-Clause
"""What the kernel has to give: hugepages, the IOMMU, CPUs of its own; now and at the next boot."""
import re

from setup.machine import MARK, Refused

GRUB = "etc/default/grub"
GRUB_CFG = "etc/default/grub.d/gate64.cfg"
SYSCTL = "etc/sysctl.d/80-gate64.conf"
CPUS_CONF = "etc/systemd/system/gate64.service.d/cpus.conf"
NR_HUGEPAGES = "proc/sys/vm/nr_hugepages"
NR_1G = "sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages"
CPUS = "sys/devices/system/cpu/possible"

# ---- the kernel's command line


def words(machine):
    return " ".join(w for _, w in sorted(machine.record.get("kernel", {}).items()))


def pending(machine):
    """Words that the next boot brings."""
    there = machine.value("proc/cmdline").split()
    return [w for w in words(machine).split() if w not in there]


def write_command_line(machine):
    text = words(machine)
    if not text:
        changed = machine.remove_file(GRUB_CFG)
    elif machine.exists(GRUB):
        changed = machine.write_file(
            GRUB_CFG, f'{MARK}GRUB_CMDLINE_LINUX_DEFAULT="$GRUB_CMDLINE_LINUX_DEFAULT {text}"\n')
    elif pending(machine):
        raise Refused("this machine does not boot with GRUB; add this to the kernel's command line "
                      f"by the means of its boot loader, and reboot: {text}")
    else:
        changed = False
    if changed:
        machine.run("update-grub")
        print("the kernel takes it at the next boot: reboot when it suits you")


def set_words(machine, topic, text):
    before = machine.record.get("kernel", {})
    after = {key: value for key, value in {**before, topic: text}.items() if value}
    machine.record["kernel"] = after
    try:
        write_command_line(machine)
    except Refused:
        machine.record["kernel"] = before
        raise


# ---- hugepages


def hugepages(machine, megabytes, page):
    total = machine.meminfo("MemTotal") // 1024
    if megabytes > total * 3 // 4:
        raise Refused(f"{megabytes} MB of hugepages would leave Linux too little of {total} MB; "
                      f"allowed: 0 to {total * 3 // 4}")
    if page == "1G":
        huge_1g(machine, megabytes)
    else:
        huge_2m(machine, megabytes)


def huge_2m(machine, megabytes):
    size_kb = machine.meminfo("Hugepagesize") or 2048
    set_words(machine, "hugepages", "")
    if not megabytes:
        give_back(machine)
        return
    # What others reserved stays.
    pages = max(-(-megabytes * 1024 // size_kb),
                machine.record.setdefault("hugepages_before", machine.number(NR_HUGEPAGES)))
    machine.write_file(SYSCTL, f"{MARK}vm.nr_hugepages = {pages}\n")
    reserve(machine, NR_HUGEPAGES, pages)


def reserve(machine, path, pages):
    have = machine.number(path)
    if have == pages:
        return
    machine.set_value(pages, path)
    have = machine.number(path)
    if not machine.dry_run and have < pages:
        print(f"memory is in use: {have} of {pages} pages are there now, all of them after a boot")


def huge_1g(machine, megabytes):
    if "pdpe1gb" not in (machine.read("proc/cpuinfo") or ""):
        raise Refused("the CPU has no pages of 1 GB (no pdpe1gb in /proc/cpuinfo); "
                      "leave --page out to use 2 MB")
    pages = -(-megabytes // 1024)
    if machine.exists(SYSCTL):
        give_back(machine)
    set_words(machine, "hugepages",
              f"default_hugepagesz=1G hugepagesz=1G hugepages={pages}" if pages else "")
    # The default size changes with the boot, and DPDK takes what is there.
    if machine.exists(NR_1G) and pages:
        machine.record.setdefault("hugepages_1g_before", machine.number(NR_1G))
        reserve(machine, NR_1G, pages)


def give_back(machine):
    machine.remove_file(SYSCTL)
    for key, path in (("hugepages_before", NR_HUGEPAGES), ("hugepages_1g_before", NR_1G)):
        before = machine.record.pop(key, None)
        if before is not None and machine.number(path) != before:
            machine.set_value(before, path)


def show_hugepages(machine):
    total, free = machine.meminfo("HugePages_Total"), machine.meminfo("HugePages_Free")
    size = machine.meminfo("Hugepagesize") // 1024
    if not total:
        return "none; `gate64-setup hugepages 1024` reserves 1024 MB"
    last = "" if machine.exists(SYSCTL) or "hugepages=" in machine.value("proc/cmdline") else \
        "; the next boot forgets them, `gate64-setup hugepages` makes them last"
    return f"{total} of {size} MB, {free} free{last}"


# ---- IOMMU


def iommu_groups(machine):
    return machine.names("sys/kernel/iommu_groups")


def iommu_words(machine):
    amd = "AuthenticAMD" in (machine.read("proc/cpuinfo") or "")
    # AMD's is on unless it is switched off.
    return "iommu=pt" if amd else "intel_iommu=on iommu=pt"


def iommu(machine):
    if iommu_groups(machine):
        print(f"the IOMMU is on, with {len(iommu_groups(machine))} groups")
        return
    text = iommu_words(machine)
    if text.split()[0] in machine.value("proc/cmdline").split():
        raise Refused("the kernel was told to use the IOMMU and found none: switch VT-d (AMD: "
                      "AMD-Vi, IOMMU) on in the BIOS. A box that has none uses "
                      "`gate64-setup bind --driver uio_pci_generic`")
    set_words(machine, "iommu", text)


def show_iommu(machine):
    if iommu_groups(machine):
        return f"on, {len(iommu_groups(machine))} groups"
    if "iommu" in machine.record.get("kernel", {}):
        return "on after the next boot"
    return "off; `gate64-setup iommu` switches it on"


# ---- CPUs


def cpu_list(text):
    """1,3-5 as numbers."""
    found = set()
    for part in text.split(","):
        match = re.fullmatch(r"(\d+)(?:-(\d+))?", part)
        if not match or int(match[2] or match[1]) < int(match[1]) or int(match[2] or 0) > 4095:
            raise Refused(f"{text} is no list of CPUs such as 2,3 or 2-5")
        found |= set(range(int(match[1]), int(match[2] or match[1]) + 1))
    return sorted(found)


def possible_cpus(machine):
    return cpu_list(machine.value(CPUS) or "0")


def isolate(machine, text):
    if text == "none":
        set_words(machine, "isolate", "")
        machine.remove_file(CPUS_CONF)
        return
    cpus, there = cpu_list(text), possible_cpus(machine)
    if set(cpus) - set(there):
        raise Refused(f"CPU {min(set(cpus) - set(there))} is not there; there are "
                      f"{machine.value(CPUS)}")
    if 0 in cpus or len(cpus) == len(there):
        others = ", ".join(map(str, there[1:]))
        raise Refused("CPU 0 stays with Linux, which needs it for interrupts and its own work; "
                      f"allowed: {'some of ' + others if others else 'none, there is but one CPU'}")
    listed = ",".join(map(str, cpus))
    set_words(machine, "isolate", f"isolcpus={listed} nohz_full={listed} rcu_nocbs={listed}")
    # Isolated CPUs are not among those that a process may use by itself.
    machine.write_file(CPUS_CONF, f"{MARK}[Service]\nCPUAffinity={machine.value(CPUS)}\n")
    print(f"put them into the configuration: lcores: {{ workers: [{', '.join(map(str, cpus))}] }}")


def show_isolated(machine):
    now = machine.value("sys/devices/system/cpu/isolated")
    return now or ("after the next boot" if "isolate" in machine.record.get("kernel", {})
                   else "none; `gate64-setup isolate CPUS` keeps other work off the workers' CPUs")


def show_lockdown(machine):
    found = re.search(r"\[(\w+)\]", machine.value("sys/kernel/security/lockdown"))
    if not found or found[1] == "none":
        return "none"
    return f"{found[1]} (Secure Boot): vfio-pci works, with the IOMMU; uio_pci_generic does not"
