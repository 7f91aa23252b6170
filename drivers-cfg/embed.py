#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Makes the C source that holds the files of drivers-cfg: embed.py OUT.c FILE.yaml..."""
import os
import sys


def literal(data):
    return "".join(f"\\{byte:03o}" if byte in b'"\\?' or not 32 <= byte < 127 else chr(byte)
                   for byte in data)


def lines(path):
    with open(path, "rb") as f:
        for line in f.read().splitlines(True):
            yield f'\t\t"{literal(line)}"\n'


with open(sys.argv[1], "w", encoding="ascii") as out:
    out.write('#include "config/driver.h"\n\nconst struct driver_file driver_file[] = {\n')
    for path in sys.argv[2:]:
        text = "".join(lines(path))
        out.write(f'\t{{"drivers-cfg/{os.path.basename(path)}",\n{text}'
                  f'\t\t, {os.path.getsize(path)}}},\n')
    out.write("};\nconst unsigned int driver_n_file = "
              "sizeof(driver_file) / sizeof(driver_file[0]);\n")
