"""``python -m tests.audit [SECTION…]``: measure all sections or some, and write docs/audit.md; ``--page``: write alone.

It takes hours. ``--limit N`` takes so many faults of a section, ``--seconds S`` is for the fuzz.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from typing import Any

from . import certified, fuzzed, layers, rooms
from .page import PAGE, RESULTS, page, results


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.audit", description=__doc__)
    parser.add_argument("sections", nargs="*", metavar="SECTION")
    parser.add_argument("--limit", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--page", action="store_true", help="write the page of what was measured last")
    given = parser.parse_args()
    sections: dict[str, Callable[[], dict[str, Any]]] = {
        "agreement": layers.agreement,
        "certificates": lambda: certified.measured(given.limit, given.seed),
        "forced": lambda: rooms.measured("kernel", 0, given.limit, given.seed),
        **{name: lambda name=name: rooms.measured(name, 1, given.limit, given.seed) for name in rooms.ROOMS},  # type: ignore[misc]
        "layers": lambda: layers.measured(1, given.seed),
        "fuzz": lambda: fuzzed.measured(given.seconds, given.seed),
    }
    unknown = set(given.sections) - set(sections)
    if unknown:
        parser.error(f"unknown section {min(unknown)}: one of {', '.join(sections)}")
    found = results() if RESULTS.exists() else {}
    for name in () if given.page else given.sections or sections:
        found[name] = sections[name]()
        RESULTS.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    PAGE.write_text(page(found), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
