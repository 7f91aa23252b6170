# SPDX-License-Identifier: BSD-3-Clause
"""The machine that is set up: reads, and every change there is.

GATE64_SETUP_ROOT names another root directory than /, for tests; programs then come from its bin/.
"""
import json
import os
import re
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
MARK = "# Written by gate64-setup; `gate64-setup undo` removes it.\n"
RECORD = "var/lib/gate64/setup.json"


class Refused(Exception):
    """What is wrong, and what to do."""


class Machine:
    def __init__(self, dry_run=False, force=False):
        self.root = os.environ.get("GATE64_SETUP_ROOT", "/")
        self.real = os.path.realpath(self.root) == "/"
        self.dry_run = dry_run
        self.force = force
        self.changes = 0
        # What was before, and what undo has to know.
        self.record = json.loads(self.read(RECORD) or "{}")

    # ---- looking

    def path(self, *parts):
        return os.path.join(self.root, *(p.lstrip("/") for p in parts))

    def read(self, *parts):
        """The text of a file; None when there is none, or no value of an interface that is down."""
        try:
            with open(self.path(*parts), encoding="utf-8", errors="replace") as f:
                return f.read()
        except OSError:
            return None

    def value(self, *parts):
        return (self.read(*parts) or "").strip()

    def number(self, *parts):
        text = self.value(*parts)
        return int(text) if text.isdigit() else 0

    def exists(self, *parts):
        return os.path.exists(self.path(*parts))

    def names(self, *parts):
        try:
            return sorted(os.listdir(self.path(*parts)))
        except OSError:
            return []

    def link_name(self, *parts):
        """The last part of what a symbolic link leads to."""
        path = self.path(*parts)
        return os.path.basename(os.path.realpath(path)) if os.path.exists(path) else None

    def command_path(self, name):
        """Where a program is, or None."""
        if not self.real:
            path = self.path("bin", name)
            return path if os.path.exists(path) else None
        for directory in ("/usr/sbin", "/usr/bin", "/sbin", "/bin"):
            if os.path.exists(os.path.join(directory, name)):
                return os.path.join(directory, name)
        return None

    def ask(self, name, *arguments):
        """What a program prints, "" if it cannot say."""
        path = self.command_path(name)
        if not path:
            return ""
        out = subprocess.run([path, *arguments], capture_output=True, text=True, check=False)
        return out.stdout if out.returncode == 0 else ""

    def meminfo(self, key):
        found = re.search(rf"^{key}:\s+(\d+)", self.read("proc/meminfo") or "", re.M)
        return int(found[1]) if found else 0

    # ---- changing

    def need_root(self):
        if self.real and not self.dry_run and os.geteuid() != 0:
            raise Refused("only root may change this; run it with sudo, or look with --dry-run")

    def change(self, what):
        """Says what is done, or would be. True: do it."""
        self.changes += 1
        if self.dry_run:
            print(f"would {what}")
            return False
        self.need_root()
        print(what)
        return True

    def set_value(self, value, *parts):
        """Writes to a file of the kernel."""
        if self.change(f"write {value} to /{os.path.join(*parts)}"):
            try:
                with open(self.path(*parts), "w", encoding="ascii") as f:
                    f.write(str(value))
            except OSError as error:
                raise Refused(f"the kernel does not take {value} in /{os.path.join(*parts)}: "
                              f"{error.strerror}; `dmesg | tail` may say why") from error

    def write_file(self, path, text, mode=0o644):
        """A file of ours, unless it is as it should be. True when it changed."""
        if self.read(path) == text:
            return False
        if not self.is_ours(path):
            raise Refused(f"/{path} is there and not from gate64-setup; move it away first")
        if self.change(f"write /{path}"):
            self.write_quietly(path, text, mode)
        return True

    def write_quietly(self, path, text, mode=0o644):
        full = self.path(path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full + ".new", "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(full + ".new", mode)
        os.rename(full + ".new", full)

    def is_ours(self, path):
        text = self.read(path)
        return text is None or MARK in text

    def remove_file(self, path):
        """True when it was there."""
        if not self.exists(path):
            return False
        if not self.is_ours(path):
            print(f"/{path} was changed by somebody else and stays", file=sys.stderr)
            return False
        if self.change(f"remove /{path}"):
            os.unlink(self.path(path))
        return True

    def run(self, name, *arguments):
        """A program that changes something. True: it went well (or would be run)."""
        shown = " ".join((os.path.basename(name),) + arguments)
        path = name if "/" in name else self.command_path(name)
        if not path:
            return False
        if not self.change(f"run {shown}"):
            return True
        environment = dict(os.environ)
        if not self.real:
            environment["SYSFS"] = self.path("sys")
            environment["PROCFS"] = self.path("proc")
            environment["PATH"] = self.path("bin") + ":" + environment["PATH"]
        out = subprocess.run([path, *arguments], capture_output=True, text=True, check=False,
                             env=environment)
        if out.returncode != 0:
            raise Refused(f"{shown} failed: {(out.stderr or out.stdout).strip()}")
        return True

    def save_record(self):
        self.record = {key: value for key, value in self.record.items() if value not in ({}, None)}
        if self.dry_run or self.record == json.loads(self.read(RECORD) or "{}"):
            return
        if self.record:
            self.write_quietly(RECORD, json.dumps(self.record, indent=1) + "\n")
        elif self.exists(RECORD):
            os.unlink(self.path(RECORD))
