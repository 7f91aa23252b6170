#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Lines of scripts/bench on stdin, which are passed on.

report.py [--json FILE] [--compare OLD.json]

--json writes {"about": [lines that begin with #], "cases": [{field: value}]}. --compare prints for
each case that both have by how much its figure has changed: the first of FIGURES that it has.
"""
import argparse
import json
import sys

WHICH = ("name", "sessions", "order", "burst", "pool", "workers", "names", "share", "receive",
         "server", "dut", "frame", "loss", "load", "bindings")
FIGURES = ("vs_forward", "gate64_vs_unbound", "gate64_vs_tayga", "us_p50", "kpps", "kqps", "cycles",
           "instructions", "extra_cycles", "scaling", "heap_mib", "us_worst")


def parse(line):
    words = line.split()
    case = {"name": words[1]}
    for field in words[2:]:
        key, _, value = field.partition("=")
        try:
            case[key] = float(value) if "." in value else int(value)
        except ValueError:
            case[key] = value
    return case


def key_of(case):
    kind = [k for k in FIGURES if k in case][:1]
    return tuple((k, case[k]) for k in WHICH if k in case) + tuple(("figure", k) for k in kind)


def compare(old, new):
    known = {key_of(c): c for c in old["cases"]}
    for case in new["cases"]:
        was = known.get(key_of(case), {})
        for field in FIGURES:
            if was.get(field) and field in case:
                name = " ".join(str(v) for k, v in key_of(case) if k != "figure")
                change = (case[field] / was[field] - 1) * 100
                print(f"compare {name}: {field} {was[field]} -> {case[field]} ({change:+.0f} %)")
                break


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--json")
    options.add_argument("--compare")
    options = options.parse_args()
    old = json.load(open(options.compare, encoding="utf-8")) if options.compare else None
    new = {"about": [], "cases": []}
    for line in sys.stdin:
        print(line, end="", flush=True)
        if line.startswith("# "):
            new["about"].append(line[2:].strip())
        elif line.startswith("bench "):
            new["cases"].append(parse(line))
    if options.json:
        with open(options.json, "w", encoding="utf-8") as out:
            json.dump(new, out, indent=1)
            out.write("\n")
    if old:
        compare(old, new)


try:
    main()
except KeyboardInterrupt:
    sys.exit(130)
