"""``python -m tests.mutate_specs PATH… [--count N] [--seed S] [-v]``: exits with 1 if one that differs is proved."""

from __future__ import annotations

import argparse
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

from verifier.commands.files import spec_files

from .judge import FAILED, SAME, Fate, fate
from .mutants import CHANGES, chosen

BAD = ("proved", FAILED)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutate_specs", description=__doc__)
    parser.add_argument("paths", nargs="+", metavar="PATH")
    parser.add_argument("--count", type=int, default=24, help="mutants of each backward pass (24)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("-v", "--verbose", action="store_true", help="print the mutants that stay unknown")
    arguments = parser.parse_args()
    fates: list[Fate] = []
    with ProcessPoolExecutor(arguments.workers) as pool:
        for path in spec_files(arguments.paths):
            for f in pool.map(fate, chosen(path, arguments.count, arguments.seed)):
                fates.append(f)
                if f.verdict in BAD or (arguments.verbose and f.verdict == "unknown"):
                    print(f"{f.verdict}  {path}: {f.mutant}  {f.confirmed}", flush=True)
    print(table(fates))
    return 1 if any(f.verdict in BAD for f in fates) else 0


def table(fates: list[Fate]) -> str:
    """How many mutants of each kind ended how."""
    columns = ("proved", "refuted", "unknown", SAME, FAILED)
    counts = Counter((f.mutant.kind, f.verdict) for f in fates)
    rows = [f"{'kind of change':16}" + "".join(f"{c:>12}" for c in columns)]
    rows += [f"{kind:16}" + "".join(f"{counts[kind, c]:12}" for c in columns) for kind in CHANGES]
    total = [sum(counts[kind, c] for kind in CHANGES) for c in columns]
    rows.append(f"{'all':16}" + "".join(f"{n:12}" for n in total))
    differ = sum(total[:3])
    if differ:
        rows.append(f"of {differ} that differ: {total[0]} proved, {100 * total[2] / differ:.1f} % unknown")
    return "\n".join(rows)


if __name__ == "__main__":
    raise SystemExit(main())
