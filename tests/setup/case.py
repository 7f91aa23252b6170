# SPDX-License-Identifier: BSD-3-Clause
"""What the tests of gate64-setup have in common."""
import os
import subprocess
import unittest

from tree import Tree

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
SETUP = os.path.join(TOP, "scripts", "gate64-setup")
BIND = os.path.join(TOP, "drivers-cfg", "bind")
GATE64 = os.path.join(TOP, "build", "gcc", "app", "gate64")

I210, I350, EM, STRANGE, OTHER = "0000:01:00.0", "0000:02:00.0", "0000:03:00.0", "0000:04:00.0", \
    "0000:05:00.0"
UNIT = "etc/systemd/system/gate64-bind.service"
GRUB_CFG = "etc/default/grub.d/gate64.cfg"
SYSCTL = "etc/sysctl.d/80-gate64.conf"
RECORD = "var/lib/gate64/setup.json"


class Case(unittest.TestCase):
    def setUp(self):
        self.tree = Tree()
        self.addCleanup(self.tree.close)

    def run_setup(self, *arguments, ok=True, environment=None):
        env = {"GATE64_SETUP_ROOT": self.tree.root, "PATH": os.environ["PATH"],
               **(environment or {})}
        out = subprocess.run([SETUP, *arguments], capture_output=True, text=True, env=env,
                             timeout=60, check=False)
        self.assertEqual(out.returncode == 0, ok, out.stdout + out.stderr)
        if not ok:
            self.assertNotIn("Traceback", out.stderr)
        return out.stdout if ok else out.stderr

    def refused(self, *arguments, says, **options):
        before = self.tree.snapshot()
        text = self.run_setup(*arguments, ok=False, **options)
        for part in says:
            self.assertIn(part, text)
        self.assertEqual(before, self.tree.snapshot(), "it was refused and changed something")

    def changes_nothing(self, *arguments):
        before = self.tree.snapshot()
        text = self.run_setup(*arguments)
        self.assertEqual(before, self.tree.snapshot())
        return text

    def tool_environment(self):
        return {"SYSFS": self.tree.path("sys"), "PROCFS": self.tree.path("proc"),
                "PATH": self.tree.path("bin") + ":" + os.environ["PATH"]}

    def one_nic(self):
        self.tree.nic(I210, "8086:1533", "igb", "eth0", mac="00:1b:21:00:00:01")
        self.tree.route4("eth0")
        self.tree.start()

    def four_nics(self):
        """Of three drivers; eth0 has the default route, eth3 a session of ssh."""
        self.tree.nic(I210, "8086:1533", "igb", "eth0", mac="00:1b:21:00:00:01", group=11)
        self.tree.nic(I350, "8086:1521", "igb", "eth1", mac="00:1b:21:00:00:02", group=12)
        self.tree.nic(EM, "8086:10d3", "e1000e", "eth2", mac="00:1b:21:00:00:03", link=False,
                      group=13)
        self.tree.nic(STRANGE, "1234:5678", "strange", "eth3", mac="00:1b:21:00:00:04", group=14)
        self.tree.route4("eth0")
        self.tree.route4("eth3", "192.0.2.0", "255.255.255.0")
        self.tree.ssh4("192.0.2.9")
        self.tree.start()
