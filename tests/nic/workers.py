#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Whether the counters of NICs, queues and workers agree, and which worker got what:

    workers.py "show port info" "show port stats" "show workers" "show drops"   answers, as JSON

Prints what it compared as lines "log: ...". 1 if something does not fit.
"""
import json
import re
import sys

info, stats, workers, drops = (json.loads(text) for text in sys.argv[1:])
QUEUE = re.compile(r"rx_queue(\d+)_worker(\d+)")
wrong = []


def same(what, one, other):
    print(f"log: {what}: {one} {'=' if one == other else 'IS NOT'} {other}")
    if one != other:
        wrong.append(what)


def must(what, is_so):
    if not is_so:
        wrong.append(what)


received = {worker["worker"]: [] for worker in workers["workers"]}
for port in stats["ports"]:
    queues = {QUEUE.fullmatch(key): n for key, n in port.items() if QUEUE.fullmatch(key)}
    for name, n in queues.items():
        print(f"log: {port['port']} queue {name[1]}: worker {name[2]} took {n} packets")
        received[int(name[2])].append(n)
    total = sum(queues.values())
    same(f"{port['port']}: the NIC's packets and its queues'", port["rx_packets"], total)

for worker in workers["workers"]:
    i = worker["worker"]
    same(f"worker {i}: its queues' packets and received", sum(received[i]), worker["received"])
    to4, to6 = worker["translated_6to4"], worker["translated_4to6"]
    print(f"log: worker {i}: {worker['sessions']} sessions, {to4} packets 6 to 4, {to6} 4 to 6")
    must(f"worker {i} has no sessions", worker["sessions"] > 0)
    must(f"worker {i} translated one way only", to4 and to6)

handed = {}
for kind in workers["handed_over"]:
    counts = [n for key, n in kind.items() if key.startswith("by_worker")]
    handed[kind["kind"]] = sum(counts)
    print(f"log: handed over, {kind['kind']}: {' and '.join(map(str, counts))}")
modes = {port["rss"] for port in info["ports"]}
must("a NIC spreads packets by a key of its own", modes <= {"owner", "none"})
if modes == {"owner"}:
    must("packets of a session came to another worker than its owner", handed["sessions"] == 0)
else:
    must("one queue, and nothing was handed over", handed["sessions"] > 0)
same(
    "received + originated and sent + consumed + dropped",
    drops["received"] + drops["originated"],
    drops["sent"] + drops["consumed"] + drops["dropped"],
)
sys.exit("; ".join(wrong) or 0)
