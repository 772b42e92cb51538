"""Fuzz: ``python -m tests.fuzz --seconds 600 --seed 1 [PROPERTY…]``; exits with 1 at a finding.

``--count N`` tries each property N times instead: ``python -m tests.fuzz --count 100000 finite_networks_agree``.
"""

from __future__ import annotations

import argparse
import sys
import time
from itertools import count

from .properties import PROPERTIES


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("properties", nargs="*", metavar="PROPERTY", help=f"among {', '.join(PROPERTIES)}")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--count", type=int, default=0, metavar="N", help="so many of each property, however long")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    unknown = set(arguments.properties) - set(PROPERTIES)
    if unknown:
        parser.error(f"unknown property {min(unknown)}")
    chosen = {name: PROPERTIES[name] for name in arguments.properties or PROPERTIES}
    stop = time.monotonic() + (float("inf") if arguments.count else arguments.seconds)
    tried, found = dict.fromkeys(chosen, 0), 0
    for seed in count(arguments.seed * 10_000_000):
        for name, holds in chosen.items():
            if time.monotonic() > stop or (arguments.count and tried[name] >= arguments.count):
                print(", ".join(f"{n}: {k} tried" for n, k in tried.items()) + f"; {found} findings")
                return 1 if found else 0
            tried[name] += 1
            wrong = holds(seed)
            if wrong:
                found += 1
                print(f"{name}({seed}): {wrong}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
