#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Instructions that a packet costs, counted by callgrind, beside the bounds of instructions.txt.

count.py [--update] PROGRAM       PROGRAM: bench_count of a build

scripts/bench --instructions and scripts/test call it. A line a case:
  bench count_<case> instructions=<x> bound=<y> change_percent=<z>
then "N passed, N failed": a case fails that costs MARGIN more than its bound. The count depends on
the compiler and its options, not on the machine or what else it does; bounds are those of
build/gcc. --update writes what is counted as the new bounds.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile

BOUNDS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "instructions.txt")
MARGIN = 1.05


def read_bounds():
    with open(BOUNDS, encoding="utf-8") as f:
        rows = [line.split() for line in f if not line.startswith("#")]
    return {name: float(value) for name, value in rows}


def write_bounds(counted):
    with open(BOUNDS, encoding="utf-8") as f:
        head = [line for line in f if line.startswith("#")]
    with open(BOUNDS, "w", encoding="utf-8") as f:
        f.writelines(head)
        f.writelines(f"{name} {value:.1f}\n" for name, value in counted.items())


def count(program, names):
    """Instructions a packet of each case."""
    with tempfile.TemporaryDirectory() as tmp:
        out = os.path.join(tmp, "callgrind")
        ran = subprocess.run(
            ["valgrind", "--quiet", "--tool=callgrind", "--collect-atstart=no",
             f"--callgrind-out-file={out}"] +
            [f"--toggle-collect=count_{name}" for name in names] + [program],
            check=True, capture_output=True, text=True)
        packets = int(re.search(r"^packets (\d+)$", ran.stdout, re.M).group(1))
        listed = subprocess.run(
            ["callgrind_annotate", "--inclusive=yes", "--threshold=100", "--auto=no", out],
            check=True, capture_output=True, text=True).stdout
    found = {}
    for name in names:
        row = re.search(rf"^\s*([\d,]+).*:count_{name}(?:\s|$)", listed, re.M)
        if not row:
            sys.exit(f"count.py: callgrind does not list count_{name}")
        found[name] = int(row.group(1).replace(",", "")) / packets
    return found


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--update", action="store_true")
    options.add_argument("program")
    options = options.parse_args()
    bounds = read_bounds()
    try:
        counted = count(options.program, list(bounds))
    except subprocess.CalledProcessError as e:
        sys.exit(f"count.py: {e.cmd[0]} failed:\n{e.stderr}")
    failed = 0
    for name, value in counted.items():
        change = (value / bounds[name] - 1) * 100
        print(f"bench count_{name} instructions={value:.1f} bound={bounds[name]:.1f} "
              f"change_percent={change:+.1f}")
        failed += value > bounds[name] * MARGIN
    if options.update:
        write_bounds(counted)
    print(f"{len(counted) - failed} passed, {failed} failed")
    sys.exit(failed > 0 and not options.update)


main()
